"""Two nodes that get the same bytes: the embedded one, and whatever listens on a socket.

A case is bins that a record starts with and the operations of one command on it. Its outcome
is all that must be equal: the result code, the results, the bins afterwards. Payloads are given
packed, so that nothing between a test and a node can improve them.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from aerodbapi.protocol import particles
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, OpType
from aerodbapi.protocol.frame import HEADER_SIZE
from aerodbapi.protocol.message import (
    Message,
    Operation,
    decode_message,
    encode_field,
    encode_op,
    request_frame,
)

__all__ = ["Case", "Outcome", "Peer", "Receiver", "outcome", "read_op", "stored_before", "write_op"]

_TIMEOUT = 10.0  # seconds
_KEY = "k"
_BLOB = 4


class Receiver(Protocol):
    """Takes a request frame and gives the frames of the reply, as EmbeddedNode does."""

    def receive(self, request: bytes) -> Iterator[bytes]: ...


class Peer:
    """A node on a socket; replies of one frame."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._connection = socket.create_connection(address, timeout=_TIMEOUT)
        self._stream = self._connection.makefile("rb")

    def receive(self, request: bytes) -> Iterator[bytes]:
        self._connection.sendall(request)
        head = self._stream.read(HEADER_SIZE)
        yield head + self._stream.read(int.from_bytes(head[2:], "big"))

    def close(self) -> None:
        self._stream.close()
        self._connection.close()


def read_op(payload: bytes, bin: str = "b", op: int = OpType.CDT_READ) -> Operation:
    """Make a reading operation of a packed payload."""
    return Operation(op, bin, _BLOB, payload)


def write_op(payload: bytes, bin: str = "b", op: int = OpType.CDT_MODIFY) -> Operation:
    """Make a modifying operation of a packed payload."""
    return Operation(op, bin, _BLOB, payload)


@dataclass(frozen=True)
class Case:
    """`bins`: of the record before the command, as Python values or particles (type, bytes).

    Without any there is no record. `writes`: whether the command is sent as a write.
    """

    id: str
    bins: Mapping[str, Any]
    ops: tuple[Operation, ...]
    writes: bool = True
    respond_all: bool = False
    fields: tuple[tuple[int, bytes], ...] = field(default=())

    def __str__(self) -> str:
        return self.id


class Outcome(NamedTuple):
    """`results`: (op, bin, particle type, bytes in hex); `stored`: bin → (type, hex)."""

    code: int
    results: tuple[tuple[int, str, int, str], ...]
    stored: dict[str, tuple[int, str]]

    @classmethod
    def of(cls, plain: Any) -> Outcome:
        """Read what `json` makes of an outcome."""
        code, results, stored = plain
        return cls(
            code,
            tuple((op, name, kind, value) for op, name, kind, value in results),
            {name: (kind, value) for name, (kind, value) in stored.items()},
        )


def outcome(node: Receiver, namespace: str, set_name: str, case: Case) -> Outcome:
    """Send a case to a node; its record is removed before, and stays afterwards."""
    record = _Record(node, namespace, set_name)
    record.send((), info2=Info2.WRITE | Info2.DELETE)
    if case.bins:
        start = [_bin(name, value) for name, value in case.bins.items()]
        written = record.send(start, info2=Info2.WRITE)
        assert written.result_code == 0, f"the bins of {case.id}: code {written.result_code}"
    reads = any(op.op in _READS for op in case.ops)
    answer = record.send(
        case.ops,
        info1=Info1.READ if reads or not case.writes else 0,
        info2=(Info2.WRITE if case.writes else 0)
        | (Info2.RESPOND_ALL_OPS if case.respond_all else 0),
        fields=case.fields,
    )
    kept = record.send((), info1=Info1.READ | Info1.GET_ALL)
    return Outcome(
        answer.result_code,
        tuple((op.op, op.name, op.particle_type, op.value.hex()) for op in answer.ops),
        {op.name: (op.particle_type, op.value.hex()) for op in kept.ops},
    )


def stored_before(case: Case) -> dict[str, tuple[int, str]]:
    """Give a case's bins as an outcome shows them."""
    bins = (_bin(name, value) for name, value in case.bins.items())
    return {op.name: (op.particle_type, op.value.hex()) for op in bins}


_READS = (OpType.READ, OpType.CDT_READ, OpType.BITS_READ, OpType.HLL_READ, OpType.EXP_READ)


def _bin(name: str, value: Any) -> Operation:
    is_particle = isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], bytes)
    kind, data = value if is_particle else particles.encode(value)
    return Operation(OpType.WRITE, name, kind, data)


@dataclass(frozen=True)
class _Record:
    node: Receiver
    namespace: str
    set_name: str

    def send(
        self,
        ops: Iterable[Operation],
        *,
        info1: int = 0,
        info2: int = 0,
        fields: tuple[tuple[int, bytes], ...] = (),
    ) -> Message:
        named = (
            (FieldType.NAMESPACE, self.namespace.encode()),
            (FieldType.SET, self.set_name.encode()),
            (FieldType.DIGEST, digest(self.set_name, _KEY)),
            *fields,
        )
        packed = [encode_op(*op) for op in ops]
        request = request_frame(
            info1,
            info2,
            0,
            0,
            0,
            0,
            1000,
            len(named),
            b"".join(encode_field(*one) for one in named),
            len(packed),
            b"".join(packed),
        )
        (reply,) = self.node.receive(request)
        return decode_message(reply, HEADER_SIZE)[0]
