"""Names, constants, exceptions, signatures and bases are the original's."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import aerospike
import aerospike_helpers
import pytest

import aerodbapi.compat.aerospike as ours
import aerodbapi.compat.aerospike_helpers as our_helpers

CONSTANTS = [name for name in dir(aerospike) if type(getattr(aerospike, name)) in (int, str)]
#: Private names of the helpers that programs import all the same.
_PRIVATE = ("_BaseExpr", "_Types", "_cdt_ctx")


def test_constants_have_the_originals_values() -> None:
    public = [name for name in CONSTANTS if not name.startswith("__")]
    assert len(public) > 440
    assert {name: getattr(ours, name, None) for name in public} == {
        name: getattr(aerospike, name) for name in public
    }


@pytest.mark.parametrize("name", [n for n in dir(aerospike) if not n.startswith("_")])
def test_module_has(name: str) -> None:
    assert callable(getattr(ours, name)) == callable(getattr(aerospike, name))


EXCEPTIONS = [
    name
    for name in dir(aerospike.exception)
    if isinstance(getattr(aerospike.exception, name), type)
]


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_exception(name: str) -> None:
    theirs, mine = getattr(aerospike.exception, name), getattr(ours.exception, name)
    assert [c.__name__ for c in mine.__mro__] == [c.__name__ for c in theirs.__mro__]
    # The original keeps in its base class what was raised last.
    assert mine.code == theirs.code or name == "AerospikeError"
    error = mine(9, "text", "file", 1, False)
    assert (error.code, error.msg, error.file, error.line, error.in_doubt) == error.args


@pytest.mark.parametrize("name", ["Client", "Query", "Scan", "GeoJSON", "Transaction"])
def test_class_has_the_originals_members(name: str) -> None:
    members = {m for m in dir(getattr(aerospike, name)) if not m.startswith("_")}
    assert members - set(dir(getattr(ours, name))) == set()


MODULES = [
    found.name.removeprefix("aerospike_helpers.")
    for found in pkgutil.walk_packages(aerospike_helpers.__path__, "aerospike_helpers.")
]


@pytest.mark.parametrize("path", MODULES)
def test_helpers(path: str) -> None:
    theirs = importlib.import_module(f"aerospike_helpers.{path}")
    mine = importlib.import_module(f"{our_helpers.__name__}.{path}")
    for name, value in vars(theirs).items():
        own = getattr(value, "__module__", "") == theirs.__name__
        if not own or (name.startswith("_") and name not in _PRIVATE):
            continue
        twin = getattr(mine, name)
        if inspect.isfunction(value) or inspect.isclass(value):
            assert _parameters(twin) == _parameters(value), name


def _parameters(thing: Any) -> list[tuple[str, Any]]:
    """Names and defaults, which are what a call depends on."""
    if inspect.isclass(thing) and thing.__init__ is object.__init__:
        return []
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return []
    return [
        (p.name, None if p.default is p.empty or isinstance(p.default, dict) else p.default)
        for p in signature.parameters.values()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
