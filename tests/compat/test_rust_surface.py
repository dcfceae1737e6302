"""aerospike-py's surface: the same names, values, signatures, dictionaries and exceptions."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from types import ModuleType
from typing import Any

import aerospike_py as original
import pytest

import aerodbapi.compat.aerospike_py as ours

HELPERS = ["list_operations", "map_operations", "hll_operations", "bit_operations"]
CONSTANTS = sorted(name for name in original.__all__ if name.isupper())
EXCEPTIONS = sorted(
    name
    for name in original.__all__
    if isinstance(getattr(original, name), type) and issubclass(getattr(original, name), Exception)
)
#: Classes of both clients whose methods are compared.
CLASSES = ["Client", "AsyncClient", "Query", "AsyncQuery"]


def test_every_public_name_is_there() -> None:
    assert [name for name in original.__all__ if not hasattr(ours, name)] == []
    assert set(original.__all__) <= set(ours.__all__)


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants(name: str) -> None:
    assert getattr(ours, name) == getattr(original, name)


def test_there_are_no_other_constants() -> None:
    assert sorted(ours.constants.__all__) == CONSTANTS


def tree(exception: type[Exception]) -> list[str]:
    """The names of an exception's classes, from itself to Exception."""
    return [cls.__name__ for cls in exception.__mro__ if issubclass(cls, Exception)]


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_exceptions(name: str) -> None:
    mine, theirs = getattr(ours, name), getattr(original, name)
    assert tree(mine) == tree(theirs)
    assert mine.__module__ == theirs.__module__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert getattr(ours.exception, name) is mine


@pytest.mark.parametrize("name", ["TimeoutError", "IndexError"])
def test_old_names_of_exceptions_are_deprecated(name: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"Aerospike{name}"):
        assert getattr(ours.exception, name) is getattr(ours, name)
    with pytest.raises(AttributeError):
        _ = ours.exception.Nope  # type: ignore[attr-defined]


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    """What a caller may pass: names, kinds and defaults."""
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def methods() -> list[tuple[str, str]]:
    names = []
    for cls in CLASSES:
        for name, value in vars(getattr(original, cls)).items():
            if callable(value) and not name.startswith("_"):
                names.append((cls, name))
    return names


@pytest.mark.parametrize(("cls", "name"), methods())
def test_methods(cls: str, name: str) -> None:
    theirs = parameters(getattr(getattr(original, cls), name))
    mine = parameters(getattr(getattr(ours, cls), name))
    if name == "batch_read":  # versions before 0.14 had one more
        assert mine.pop()[0] == "_dtype"
    assert mine == theirs
    is_coroutine = inspect.iscoroutinefunction(getattr(getattr(original, cls), name))
    assert inspect.iscoroutinefunction(getattr(getattr(ours, cls), name)) == is_coroutine


def test_both_clients_have_the_same_methods() -> None:
    sync = {name for name in dir(ours.Client) if not name.startswith("_")}
    assert sync == {name for name in dir(ours.AsyncClient) if not name.startswith("_")}


def helper_functions() -> list[tuple[str, str]]:
    return [
        (module, name)
        for module in HELPERS
        for name in getattr(original, module).__all__
        if inspect.isfunction(getattr(getattr(original, module), name))
    ]


@pytest.mark.parametrize(("module", "name"), helper_functions())
def test_helpers_build_the_same_dictionaries(module: str, name: str) -> None:
    theirs, mine = (getattr(getattr(client, module), name) for client in (original, ours))
    assert parameters(mine) == parameters(theirs)
    names = list(inspect.signature(theirs).parameters)
    for count in range(len(names) + 1):
        given = {name: f"<{name}>" for name in names[:count]}
        try:
            expected = theirs(**given)
        except TypeError:
            with pytest.raises(TypeError):
                mine(**given)
        else:
            assert mine(**given) == expected


@pytest.mark.parametrize("name", [name for name in original.exp.__all__ if name.islower()])
def test_expressions_are_the_same_dictionaries(name: str) -> None:
    theirs, mine = getattr(original.exp, name), getattr(ours.exp, name)
    assert parameters(mine) == parameters(theirs)
    arguments = [{"some": argument} for argument in inspect.signature(theirs).parameters]
    assert mine(*arguments) == theirs(*arguments)


def test_expression_types() -> None:
    names = [name for name in original.exp.__all__ if name.isupper()]
    assert {name: getattr(ours.exp, name) for name in names} == {
        name: getattr(original.exp, name) for name in names
    }
    assert original.exp._VALID_OPS == ours.exp._VALID_OPS


@pytest.mark.parametrize("name", original.predicates.__all__)
def test_predicates(name: str) -> None:
    theirs, mine = getattr(original.predicates, name), getattr(ours.predicates, name)
    assert parameters(mine) == parameters(theirs)
    arguments = list(inspect.signature(theirs).parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # theirs do not work; ours do
        assert mine(*arguments) == theirs(*arguments)


def typed_dictionaries() -> list[str]:
    return [name for name in vars(original.types) if hasattr(_type(original, name), "__total__")]


def _type(module: ModuleType, name: str) -> Any:
    return getattr(module.types, name)


@pytest.mark.parametrize("name", typed_dictionaries())
def test_typed_dictionaries(name: str) -> None:
    assert set(_type(ours, name).__annotations__) == set(_type(original, name).__annotations__)


@pytest.mark.parametrize(
    "name", [name for name in vars(original.types) if hasattr(_type(original, name), "_fields")]
)
def test_named_tuples(name: str) -> None:
    assert _type(ours, name)._fields == _type(original, name)._fields
    assert _type(ours, name)._field_defaults == _type(original, name)._field_defaults


def test_metadata_reads_in_every_way() -> None:
    meta = ours.RecordMetadata(3, 100)
    assert (meta.gen, meta.ttl) == (meta["gen"], meta["ttl"]) == tuple(meta) == (meta[0], meta[1])
    assert meta == (3, 100)
    assert dict(meta) == {"gen": 3, "ttl": 100} == dict(meta.items())
    assert "gen" in meta
    assert 100 in meta
    assert "other" not in meta
    assert (meta.get("gen"), meta.get("other", 7)) == (3, 7)
    assert list(meta.keys()) == ["gen", "ttl"]
    assert list(meta.values()) == [3, 100]
    with pytest.raises(KeyError):
        _ = meta["other"]


@pytest.mark.parametrize("level", [-1, 0, 1, 2, 3, 4])
def test_log_levels(level: int) -> None:
    import logging

    loggers = [logging.getLogger(name) for name in ("aerospike_py", "aerospike")]
    try:
        original.set_log_level(level)
        theirs = [logger.level for logger in loggers]
        ours.set_log_level(ours.LOG_LEVEL_WARN)
        ours.set_log_level(level)
        assert [logger.level for logger in loggers] == theirs
    finally:
        for logger in loggers:
            logger.setLevel(logging.NOTSET)


def test_unknown_log_level() -> None:
    with pytest.raises(ValueError, match="Invalid log level"):
        ours.set_log_level(9)


def test_numpy_is_imported_late() -> None:
    program = "import sys, aerodbapi.compat.aerospike_py; print('numpy' in sys.modules)"
    done = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
