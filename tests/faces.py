"""One way to drive all faces in tests: asynchronous objects are made to look synchronous.

A test written against `Connection`, `Cursor` or `Client` then runs against their asynchronous
twins too, so that whatever one does the other has to do.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.dbapi.aio import AsyncConnection, AsyncCursor, connect_async
from aerodbapi.dbapi.connection import connect
from aerodbapi.native.aio import AsyncClient
from aerodbapi.native.client import Client

__all__ = ["Blocking", "Opener", "opener"]

_FACES = (AsyncConnection, AsyncCursor, AsyncClient)


class Blocking:
    """An asynchronous object whose methods wait in `loop`."""

    def __init__(self, face: Any, loop: asyncio.AbstractEventLoop) -> None:
        object.__setattr__(self, "_face", face)
        object.__setattr__(self, "_loop", loop)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._face, name)
        if not inspect.ismethod(value):
            return self._dressed(value)
        return lambda *given, **named: self._waited(value(*given, **named))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._face, name, value)

    def __iter__(self) -> Iterator[Any]:
        return self._iterated(self._face.__aiter__())

    def __next__(self) -> Any:
        raise TypeError("an asynchronous cursor is iterated by async for")

    def __enter__(self) -> Any:
        return self._waited(self._face.__aenter__())

    def __exit__(self, *exc: Any) -> Any:
        return self._waited(self._face.__aexit__(*exc))

    def __repr__(self) -> str:
        return repr(self._face)

    def _waited(self, value: Any) -> Any:
        if inspect.isasyncgen(value):
            return self._iterated(value)
        if inspect.isawaitable(value):
            value = self._loop.run_until_complete(value)
        return self._dressed(value)

    def _dressed(self, value: Any) -> Any:
        if value is self._face:
            return self
        return Blocking(value, self._loop) if isinstance(value, _FACES) else value

    def _iterated(self, source: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._loop.run_until_complete(anext(source))
                except StopAsyncIteration:
                    return
        finally:
            self._loop.run_until_complete(source.aclose())


KINDS = ("sync-memory", "sync-tcp", "async-memory", "async-tcp")


class Opener:
    """Opens connections and clients of one kind, and closes them."""

    def __init__(self, kind: str, address: tuple[str, int]) -> None:
        self.kind = kind
        self.tcp = kind.endswith("tcp")
        self.asynchronous = kind.startswith("async")
        self._host = address if self.tcp else None
        self._loop = asyncio.new_event_loop() if self.asynchronous else None
        self._opened: list[Any] = []

    def connection(self, **options: Any) -> Any:
        """Open a Connection, or an AsyncConnection that looks like one."""
        options = self._options(options)
        if self._loop is None:
            return self._kept(connect(**options))
        return self._kept(
            Blocking(self._loop.run_until_complete(connect_async(**options)), self._loop)
        )

    def client(self, **options: Any) -> Any:
        """Open a Client, or an AsyncClient that looks like one."""
        options = self._options(options)
        if self._loop is None:
            return self._kept(Client(options).connect())
        return self._kept(Blocking(AsyncClient(options), self._loop).connect())

    def close(self) -> None:
        for face in self._opened:
            face.close()
        if self._loop is not None:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        return options if self._host is None else {"hosts": [self._host], **options}

    def _kept(self, face: Any) -> Any:
        self._opened.append(face)
        return face


@pytest.fixture(params=KINDS)
def opener(request: pytest.FixtureRequest, node_address: tuple[str, int]) -> Iterator[Opener]:
    """Give what opens faces: synchronous and not, in the process and on TCP."""
    made = Opener(request.param, node_address)
    yield made
    made.close()
