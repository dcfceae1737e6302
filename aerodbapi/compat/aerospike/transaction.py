"""Transaction and ConfigProvider: objects that policies and configurations hold."""

from __future__ import annotations

from typing import Any

from aerodbapi.native import transactions

__all__ = ["ConfigProvider", "Transaction"]

_U32_MAX = (1 << 32) - 1


def unsigned(value: Any) -> int:
    """Return an integer of 32 bits; raise TypeError, OverflowError or ValueError."""
    if not isinstance(value, int):
        raise TypeError(f"{value} must be an integer")
    if value < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if value > _U32_MAX:
        raise ValueError(f"{value} exceeds {_U32_MAX}")
    return value


class ConfigProvider:
    """A YAML file of options that is looked at again every `interval` ms (`dynamic`)."""

    __slots__ = ("_interval", "_path")

    def __init__(self, path: str, interval: int = 5000) -> None:
        if not isinstance(path, str):
            raise TypeError(f"argument 1 must be str, not {type(path).__name__}")
        self._path = path
        self._interval = unsigned(interval)

    @property
    def path(self) -> str:
        return self._path

    @property
    def interval(self) -> int:
        return self._interval


class Transaction:
    """A transaction: pass it as policy "txn" of commands, then commit() or abort() it."""

    __slots__ = ("_engine",)

    def __init__(self, reads_capacity: int = 128, writes_capacity: int = 128) -> None:
        unsigned(reads_capacity)
        unsigned(writes_capacity)
        self._engine = transactions.Transaction()

    @property
    def id(self) -> int:
        """A random number of 64 bits."""
        return self._engine.id

    @property
    def in_doubt(self) -> bool:
        """Whether a commit that failed may have been done."""
        return self._engine.in_doubt

    @property
    def state(self) -> int:
        """TXN_STATE_*."""
        return self._engine.state

    @property
    def timeout(self) -> int:
        """Seconds that it may last from its first write; 0: the server's default."""
        return self._engine.timeout

    @timeout.setter
    def timeout(self, value: int) -> None:
        self._engine.timeout = unsigned(value)
