"""Programs for the two existing Python clients run on this package.

`aerospike` and `aerospike_helpers` are the official client's modules (19.3), `aerospike_py` is
aerospike-py's (0.14). Either change a program's import::

    from aerodbapi.compat import aerospike

or, where it cannot be edited, make the plain imports mean these modules::

    import aerodbapi.compat

    aerodbapi.compat.install()
    import aerospike

which `python -m aerodbapi.compat program.py` does before it runs a program.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from types import ModuleType

__all__ = ["PACKAGES", "install", "uninstall"]

#: The modules that install() puts in place.
PACKAGES = ("aerospike", "aerospike_helpers", "aerospike_py")
#: What was in place before, by name.
_before: dict[str, ModuleType | None] = {}


def install(packages: Iterable[str] = PACKAGES) -> None:
    """Make `import aerospike`, `aerospike_helpers` and `aerospike_py` mean our packages.

    What is imported from then on is ours; modules that hold the originals already keep them.
    """
    for name in packages:
        if name not in PACKAGES:
            raise ValueError(f"install() knows {', '.join(PACKAGES)}, not {name!r}")
        for module in _modules(importlib.import_module(f"{__name__}.{name}")):
            public = module.__name__.removeprefix(f"{__name__}.")
            if sys.modules.get(public) is not module:
                _before[public] = sys.modules.get(public)
                sys.modules[public] = module


def uninstall() -> None:
    """Undo install(): the plain imports mean again what they did."""
    while _before:
        name, module = _before.popitem()
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module


def _modules(package: ModuleType) -> Iterable[ModuleType]:
    """A package and all modules in it, imported."""
    yield package
    paths = getattr(package, "__path__", None)
    if paths is None:
        return
    for found in pkgutil.iter_modules(paths):
        if found.name != "__main__":
            yield from _modules(importlib.import_module(f"{package.__name__}.{found.name}"))
