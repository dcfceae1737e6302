"""Transaction and ConfigProvider: objects that policies and configurations hold."""

from __future__ import annotations

import secrets
from typing import Any

from aerodbapi.compat.aerospike import constants as a

__all__ = ["ConfigProvider", "Transaction", "aborted", "committed", "unsigned"]

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
    """A YAML file of options that is read again every `interval` ms. Not taken into account."""

    __slots__ = ("_interval", "_path")

    def __init__(self, path: str, interval: int = 60000) -> None:
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

    __slots__ = ("_id", "_state", "_timeout")

    def __init__(self, reads_capacity: int = 128, writes_capacity: int = 128) -> None:
        unsigned(reads_capacity)
        unsigned(writes_capacity)
        self._id = secrets.randbits(63) | 1
        self._state = a.TXN_STATE_OPEN
        self._timeout = 0

    @property
    def id(self) -> int:
        """A random number of 64 bits."""
        return self._id

    @property
    def in_doubt(self) -> bool:
        """Whether a commit that failed may have been done."""
        return False

    @property
    def state(self) -> int:
        """TXN_STATE_*."""
        return self._state

    @property
    def timeout(self) -> int:
        """Seconds that it may last from its first write; 0: the server's default."""
        return self._timeout

    @timeout.setter
    def timeout(self, value: int) -> None:
        self._timeout = unsigned(value)


def committed(client: Any, transaction: Transaction) -> int:
    """Commit; answers with COMMIT_*."""
    transaction._state = a.TXN_STATE_COMMITTED
    return a.COMMIT_OK


def aborted(client: Any, transaction: Transaction) -> int:
    """Abort; answers with ABORT_*."""
    transaction._state = a.TXN_STATE_ABORTED
    return a.ABORT_OK
