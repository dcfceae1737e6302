"""Every test runs with both clients, over TCP and against a node in the process.

With `--hosts` the tests over TCP go to that server; the others stay with the embedded node.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.native.aio import AsyncClient
from aerodbapi.native.client import Client
from aerodbapi.native.query_objects import AsyncQuery

_numbers = itertools.count()
CLIENTS = ["tcp", "tcp-async", "memory", "memory-async"]


class Blocking:
    """An AsyncClient or AsyncQuery whose coroutines are awaited at once, in a loop of its own."""

    def __init__(self, target: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.__dict__.update(target=target, loop=loop)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.target, name)
        if not callable(value):
            return value

        def call(*args: Any, **keywords: Any) -> Any:
            return self._plain(value(*args, **keywords))

        return call

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.target, name, value)

    def __iter__(self) -> Iterator[Any]:
        iterator = self.target.__aiter__()
        try:
            while True:
                try:
                    yield self.loop.run_until_complete(iterator.__anext__())
                except StopAsyncIteration:
                    return
        finally:
            self.loop.run_until_complete(iterator.aclose())

    def _plain(self, answer: Any) -> Any:
        if inspect.isawaitable(answer):
            answer = self.loop.run_until_complete(answer)
        if answer is self.target:
            return self
        return Blocking(answer, self.loop) if isinstance(answer, AsyncQuery) else answer


def _opened(kind: str, address: tuple[str, int] | None) -> Iterator[Any]:
    config = {"hosts": [address], "timeout": 10_000} if address is not None else None
    if "async" not in kind:
        with Client(config) as client:
            yield client
        return
    loop = asyncio.new_event_loop()
    client = Blocking(AsyncClient(config), loop)
    client.connect()
    try:
        yield client
    finally:
        client.close()
        loop.close()


@pytest.fixture(scope="module", params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give a connected client, or one of the same methods."""
    over_tcp = request.param.startswith("tcp")
    yield from _opened(request.param, request.getfixturevalue("node_address") if over_tcp else None)


@pytest.fixture
def set_name(client: Any, fresh_set: str) -> str:
    """Give the name of an empty set. Sets of a node in the process are new each time."""
    return f"{fresh_set}_{next(_numbers)}" if client.conninfo.embedded else fresh_set


@pytest.fixture
def key(set_name: str, namespace: str) -> tuple[str, str, str]:
    """Give the key of a record that does not exist."""
    return namespace, set_name, "key"
