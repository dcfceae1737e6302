"""Client and AsyncClient, Query and AsyncQuery have the same methods with the same signatures."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from aerodbapi.native.aio import AsyncClient
from aerodbapi.native.client import Client
from aerodbapi.native.query_objects import AsyncQuery, Query

PAIRS = [(Client, AsyncClient), (Query, AsyncQuery)]
#: The same under other names.
TWINS = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}


def methods(cls: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_") or name in TWINS or name in TWINS.values()
    }


@pytest.mark.parametrize(("sync", "aio"), PAIRS)
def test_same_methods(sync: type, aio: type) -> None:
    expected = {TWINS.get(name, name) for name in methods(sync)}
    assert set(methods(aio)) == expected


@pytest.mark.parametrize(("sync", "aio"), PAIRS)
def test_same_signatures(sync: type, aio: type) -> None:
    others = methods(aio)
    for name, method in methods(sync).items():
        mine = inspect.signature(method)
        other = inspect.signature(others[TWINS.get(name, name)])
        assert list(mine.parameters.values()) == list(other.parameters.values()), name
        returned = str(other.return_annotation).replace("Async", "")
        assert returned == mine.return_annotation.replace("Async", ""), name


@pytest.mark.parametrize(("sync", "aio"), PAIRS)
def test_everything_is_described(sync: type, aio: type) -> None:
    for cls in (sync, aio):
        for name, method in methods(cls).items():
            assert name.startswith("__") or method.__doc__, f"{cls.__name__}.{name}"
