"""A transaction's monitor: the record that lists what it writes, and the writes it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.storage import MONITOR_SET, Record, now_ms_2010
from aerodbapi.errors import Error
from aerodbapi.protocol import cdt, particles
from aerodbapi.protocol.flags import OpType, ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.records import Command
    from aerodbapi.protocol.message import Operation

__all__ = ["Monitor", "MonitorWrite", "parse_write"]

_T = TypeVar("_T")

_PARAMETER: Final = 4
_LIST_APPEND: Final = 1
_LIST_APPEND_ITEMS: Final = 2
_DIGEST_SIZE: Final = 20


@dataclass(slots=True)
class MonitorWrite:
    """What a write to a monitor asks for. `id`: sent by a transaction's first one."""

    id: int | None = None
    keys: tuple[bytes, ...] = ()
    forward: bool = False


@dataclass(slots=True, eq=False)
class Monitor:
    """One transaction. `deadline`: seconds since 2010. `held`: digests that it has locked.

    `closed`: 0 while it may write, then the result code that says why not. `forward`: it is
    committed, whatever happens.
    """

    id: int
    digest: bytes
    deadline: int
    keys: set[bytes] = field(default_factory=set)
    held: set[bytes] = field(default_factory=set)
    closed: int = 0
    forward: bool = False
    _lock: Lock = field(default_factory=Lock)

    def close(self, why: int) -> bool:
        """Take no more writes; False when the transaction is committed already."""
        with self._lock:
            if self.forward or (self.closed and self.closed != why):
                return False
            self.closed = why
            return True

    def hold(self, digest: bytes, locked: dict[bytes, _T], version: _T) -> None:
        """Lock a record with its provisional version; refused once the transaction is closed."""
        with self._lock:
            if self.closed:
                raise Refused(self.closed)
            self.held.add(digest)
            locked[digest] = version

    def record(self, old: Record | None) -> Record:
        """Build the monitor's record as anybody can read it."""
        signed = self.id - (1 << 64) if self.id >> 63 else self.id
        bins: dict[str, Any] = {"id": signed, "keyds": sorted(self.keys)}
        if self.forward:
            bins["fwd"] = True
        return Record.of(
            self.digest,
            MONITOR_SET,
            {name: particles.encode(value) for name, value in bins.items()},
            generation=1 if old is None else old.generation % 65535 + 1,
            last_update_ms=now_ms_2010(),
        )


def parse_write(command: Command) -> MonitorWrite:
    """Read a write to a monitor; Refused(4) for all that is not a transaction's bookkeeping."""
    write = MonitorWrite()
    for op in command.ops:
        take = _OPS.get((op.op, op.name))
        if take is None:
            raise Refused(_PARAMETER)
        take(write, op)
    if write.forward is bool(write.keys):
        raise Refused(_PARAMETER)
    return write


def _take_id(write: MonitorWrite, op: Operation) -> None:
    if op.particle_type != ParticleType.INTEGER or len(op.value) != 8:
        raise Refused(_PARAMETER)
    write.id = int.from_bytes(op.value, "big")


def _take_keys(write: MonitorWrite, op: Operation) -> None:
    try:
        call = cdt.unpack(op.value)
    except Error:
        raise Refused(_PARAMETER) from None
    if not isinstance(call, list) or len(call) < 2:
        raise Refused(_PARAMETER)
    if call[0] == _LIST_APPEND:
        keys = [call[1]]
    elif call[0] == _LIST_APPEND_ITEMS and isinstance(call[1], list):
        keys = call[1]
    else:
        raise Refused(_PARAMETER)
    if not all(isinstance(key, bytes) and len(key) == _DIGEST_SIZE for key in keys):
        raise Refused(_PARAMETER)
    write.keys += tuple(keys)


def _take_mark(write: MonitorWrite, op: Operation) -> None:
    if op.particle_type != ParticleType.BOOL or op.value != b"\1":
        raise Refused(_PARAMETER)
    write.forward = True


_OPS: Final = {
    (OpType.WRITE, "id"): _take_id,
    (OpType.CDT_MODIFY, "keyds"): _take_keys,
    (OpType.WRITE, "fwd"): _take_mark,
}
