"""Reply frames of record commands: a header, then operations that are bytes already."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = [
    "Outcome",
    "Refused",
    "Result",
    "batch_message",
    "frame",
    "last_message",
    "message_frame",
    "pack_nothing",
    "pack_results",
]

_FRAME = struct.Struct(">QBBBBBBIIIHH")  # frame header and message header together
_MESSAGE = struct.Struct(">BBBBBBIIIHH")
_FRAME_HEADER = struct.Struct(">Q")
_VERSION_MESSAGE: Final = 2 << 56 | 3 << 48
_HEADER_SIZE: Final = 22
_LAST: Final = 1


_OP = struct.Struct(">IBBBB")  # size without itself, op, particle type, 0, name length
_OP_OVERHEAD: Final = 4

#: An operation of a reply: its code, the bin's name, the value (None: the null particle).
Result = tuple[int, str, "tuple[int, bytes] | None"]


class Refused(Exception):
    """A command ends here with a result code: never leaves the package."""

    def __init__(self, result_code: int) -> None:
        super().__init__(result_code)
        self.result_code = result_code


class Outcome(NamedTuple):
    """What one record's command came to; `ops`: `n_ops` operations of the reply, packed.

    `fields`: `n_fields` fields of the reply, encoded; only transactions have any.
    """

    result_code: int
    generation: int = 0
    void_time: int = 0
    n_ops: int = 0
    ops: bytes = b""
    n_fields: int = 0
    fields: bytes = b""


def pack_results(results: list[Result]) -> bytes:
    """Pack operations of a reply, in order."""
    parts: list[bytes] = []
    for op, name, particle in results:
        if particle is None:
            parts.append(pack_nothing(op, name))
            continue
        kind, value = particle
        raw = name.encode("utf-8", "surrogateescape")
        size = len(raw)
        parts += (_OP.pack(_OP_OVERHEAD + size + len(value), op, kind, 0, size), raw, value)
    return b"".join(parts)


@lru_cache(maxsize=4096)
def pack_nothing(op: int, name: str) -> bytes:
    """Pack an operation without a result: what every operation of a batched write answers."""
    raw = name.encode("utf-8", "surrogateescape")
    return _OP.pack(_OP_OVERHEAD + len(raw), op, 0, 0, len(raw)) + raw


def message_frame(outcome: Outcome) -> bytes:
    """Build the whole reply frame of a single-record command."""
    result_code, generation, void_time, n_ops, ops, n_fields, fields = outcome
    size = _VERSION_MESSAGE | _HEADER_SIZE + len(fields) + len(ops)
    head = _FRAME.pack(
        size, _HEADER_SIZE, 0, 0, 0, 0, result_code, generation, void_time, 0, n_fields, n_ops
    )
    return head + fields + ops


def batch_message(index: int, outcome: Outcome) -> bytes:
    """Build one key's message of a batch reply, without frame header."""
    result_code, generation, void_time, n_ops, ops, n_fields, fields = outcome
    head = _MESSAGE.pack(
        _HEADER_SIZE, 0, 0, 0, 0, result_code, generation, void_time, index, n_fields, n_ops
    )
    return head + fields + ops


def last_message(result_code: int = 0) -> bytes:
    """Build the message that ends a reply of many messages, without frame header."""
    return _MESSAGE.pack(_HEADER_SIZE, 0, 0, _LAST, 0, result_code, 0, 0, 0, 0, 0)


def frame(body: bytes) -> bytes:
    """Put the frame header of a message before `body`."""
    return _FRAME_HEADER.pack(_VERSION_MESSAGE | len(body)) + body
