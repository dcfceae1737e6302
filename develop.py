"""The two commands of the README: set up a virtual environment here, then `demo` or `check`.

Needs nothing but a Python of 3.10 or newer and a package index.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
STAMP = ENVIRONMENT / ".installed"

#: What `check` runs, in order: (name, command). The first failure does not hide the others.
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("form", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("mypy",)),
    ("layers", ("lint-imports",)),
    ("tests", ("pytest", "-n", "auto", "--dist", "loadfile")),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="develop.py", description=__doc__)
    parser.add_argument("command", choices=("demo", "check"))
    parser.add_argument("rest", nargs="*", help="check: only these checks; demo: nothing")
    arguments = parser.parse_args()
    set_up()
    if arguments.command == "demo":
        return run((str(BIN / "python"), str(ROOT / "examples" / "flights.py")))
    return check(arguments.rest)


def set_up() -> None:
    """Make `.venv` with the package and all that its tests use, unless it is up to date."""
    sources = (ROOT / "pyproject.toml", ROOT / "hatch_build.py", *ROOT.glob("aerodbapi/**/*.pyx"))
    contents = b"".join(source.read_bytes() for source in sources)
    wanted = hashlib.sha256(contents + sys.version.encode())
    if STAMP.exists() and STAMP.read_text() == wanted.hexdigest():
        return
    print(f"setting up {ENVIRONMENT.name} (once)", flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    pip = (str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run((*pip, "--editable", f"{ROOT}[dev]"), check=True)
    STAMP.write_text(wanted.hexdigest())


def check(names: list[str]) -> int:
    """Run the checks (all, or those named) and say which failed."""
    failed = []
    for name, command in CHECKS:
        if names and name not in names:
            continue
        print(f"== {name}: {' '.join(command)}", flush=True)
        if run((str(BIN / command[0]), *command[1:])):
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def run(command: tuple[str, ...]) -> int:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    if sys.version_info < (3, 10):
        sys.exit("aerodbapi needs Python 3.10 or newer")
    sys.exit(main())
