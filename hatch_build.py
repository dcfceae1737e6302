"""Compiles what is worth it (`aerodbapi/protocol/_bins.pyx`) where there is a C compiler.

Without one, or with AERODBAPI_PURE set, the package is plain Python and does the same, slower.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("aerodbapi/protocol/_bins.pyx",)


class CustomBuildHook(BuildHookInterface):
    """Puts the compiled modules beside their sources, and into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or os.environ.get("AERODBAPI_PURE"):
            return
        try:
            compiled = compile_all(Path(self.root))
        except (Exception, SystemExit) as problem:  # setuptools exits when a compiler fails
            self.app.display_warning(f"nothing was compiled, plain Python it is: {problem}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].extend(compiled)


def compile_all(root: Path) -> list[str]:
    """Compile SOURCES in place; return the paths of what was made, below `root`."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    before = Path.cwd()
    os.chdir(root)
    try:
        extensions = [Extension(name_of(source), [source]) for source in SOURCES]
        modules = cythonize(extensions, quiet=True, build_dir="build/cython")
        command = build_ext(Distribution({"ext_modules": modules}))
        command.inplace = True
        command.build_temp = "build/temporary"
        command.ensure_finalized()
        command.run()
        return [Path(path).as_posix() for path in command.get_outputs()]
    finally:
        os.chdir(before)


def name_of(source: str) -> str:
    return source.removesuffix(".pyx").replace("/", ".")
