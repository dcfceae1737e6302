"""A single-record command ready to go: its frame, where it goes, and how its reply is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from aerodbapi.cluster.policy import Policy
    from aerodbapi.native.results import Key

__all__ = ["NOT_FOUND", "OK", "Call"]

_T = TypeVar("_T")

OK: Final = frozenset({0})
#: For commands to which a missing record is an answer.
NOT_FOUND: Final = frozenset({0, 2})


class Call(Generic[_T]):
    """What a facade hands to its carrier. `read` makes the result of the reply's body.

    `accept`: the result codes that are answers; the others raise. `txn`: the transaction that it
    belongs to (`transactions`), or None.
    """

    __slots__ = ("accept", "frame", "key", "policy", "read", "txn", "write")

    def __init__(
        self,
        key: Key,
        frame: bytes,
        policy: Policy,
        read: Callable[[bytes, Key], _T],
        *,
        write: bool = False,
        accept: frozenset[int] = OK,
        txn: Any = None,
    ) -> None:
        self.key = key
        self.frame = frame
        self.policy = policy
        self.read = read
        self.write = write
        self.accept = accept
        self.txn = txn

    @property
    def partition(self) -> int:
        digest = self.key[3]
        return (digest[0] | digest[1] << 8) & 4095
