"""The asynchronous twins have the same attributes, methods and parameters, only awaited."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from aerodbapi.dbapi.aio import AsyncConnection, AsyncCursor, connect_async
from aerodbapi.dbapi.connection import Connection, connect
from aerodbapi.dbapi.cursor import Cursor
from aerodbapi.native.aio import AsyncClient
from aerodbapi.native.client import Client

PAIRS = [(Connection, AsyncConnection), (Cursor, AsyncCursor), (Client, AsyncClient)]
#: Names that differ because the language's protocols do.
TWINS = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}
#: No twin: `__next__` would await in disguise, and a destructor cannot await.
#: An Arrow stream is pulled by code that cannot await.
ALONE = {"__next__", "__del__", "__arrow_c_stream__"}
#: What answers at once in both.
AT_ONCE = {
    "cursor",
    "disable_metrics",
    "enable_metrics",
    "get_metrics",
    "get_key_partition_id",
    "get_node_names",
    "get_nodes",
    "get_stats",
    "is_connected",
    "nextset",
    "query",
    "scan",
    "setinputsizes",
    "setoutputsize",
}


def members(cls: type) -> dict[str, Any]:
    """The class's public names and special methods, with those of its bases."""
    found = {}
    for base in reversed(cls.__mro__[:-1]):
        found |= {
            name: value
            for name, value in vars(base).items()
            if not name.startswith("_") or inspect.isfunction(value)
        }
    return {name: value for name, value in found.items() if name in TWINS or name[0] != "_"}


def shape(function: Any) -> list[tuple[str, Any, Any]]:
    """A function's parameters: names, kinds, defaults."""
    parameters = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default) for each in parameters]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda cls: cls.__name__)
def test_the_same_names(one: type, other: type) -> None:
    expected = {TWINS.get(name, name) for name in members(one)} - ALONE
    found = {name for name in (*members(other), *vars(other)) if name in expected}
    assert found == expected
    assert set(members(other)) <= expected | set(TWINS.values())


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda cls: cls.__name__)
def test_the_same_parameters(one: type, other: type) -> None:
    compared = 0
    for name, value in members(one).items():
        if inspect.isfunction(value) and name not in ALONE:
            twin = getattr(other, TWINS.get(name, name))
            assert shape(value) == shape(twin), name
            compared += 1
    assert compared > 5


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda cls: cls.__name__)
def test_what_waits_is_awaited(one: type, other: type) -> None:
    for name, value in members(one).items():
        if not inspect.isfunction(value) or name in ALONE or name in AT_ONCE:
            continue
        twin = getattr(other, TWINS.get(name, name))
        assert inspect.iscoroutinefunction(twin) or inspect.isasyncgenfunction(twin), name


def test_the_functions_that_connect_are_twins() -> None:
    assert shape(connect) == shape(connect_async)
    assert inspect.iscoroutinefunction(connect_async)


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda cls: cls.__name__)
def test_every_public_method_says_what_it_does(one: type, other: type) -> None:
    for cls in (one, other):
        for name, value in members(cls).items():
            if inspect.isfunction(value) and name[0] != "_":
                assert value.__doc__, f"{cls.__name__}.{name}"
