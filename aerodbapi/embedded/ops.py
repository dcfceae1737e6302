"""Bin operations: one table from operation type to the function that does it.

A function gets the record's bins as they are at this point of the command, changes them or
not, and gives a result particle or None. Lists, maps, bits, HLL and expressions plug into
`MODIFY` and `READ`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.particles import check_type, stored
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import OpType, ParticleType
from aerodbapi.protocol.packed_ops import PackedOps

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle, Record
    from aerodbapi.protocol.message import Operation

__all__ = [
    "CONCATENATE_OR_ADD",
    "MAX_OPS",
    "MODIFY",
    "READ",
    "Bins",
    "OpFunction",
    "State",
    "packed_writes",
    "plain_writes",
]

Bins = dict[str, "Particle"]

MAX_OPS: Final = 32768

_UNKNOWN: Final = 1
_INCOMPATIBLE_TYPE: Final = 12
_NUMBERS: Final = frozenset((ParticleType.INTEGER, ParticleType.DOUBLE))
_BYTES_TYPES: Final = frozenset((ParticleType.STRING, ParticleType.BLOB, 7, 8, 9, 10, 11, 12))
_DOUBLE = struct.Struct(">d")
_OP = struct.Struct(">IBBxB")  # size without itself, operation, particle type, name's size
_NAMES: Final[set[bytes]] = set()  # of bins, seen lately
_MAX_NAMES: Final = 4096

#: Operations that change a value in place; on a missing bin they store their own value.
CONCATENATE_OR_ADD: Final = frozenset((OpType.INCR, OpType.APPEND, OpType.PREPEND))


@dataclass(slots=True)
class State:
    """What an operation sees: the bins so far, and the record before the command (or None).

    `now`: seconds since 2010.
    """

    bins: Bins
    record: Record | None
    now: int


OpFunction = Callable[[State, "Operation"], "Particle | None"]


def write(state: State, op: Operation) -> None:
    """Set the bin; the NULL particle removes it."""
    if op.particle_type == ParticleType.NULL:
        _remove(state.bins, op.name)
    else:
        state.bins[op.name] = stored(op.particle_type, op.value)


def packed_writes(ops: Sequence[Operation]) -> bytes | None:
    """Give a batch's plain writes as a record stores bins; None when `ops` may be anything else.

    The two forms differ in the operation's number alone, so nothing is taken apart: this is
    twice as fast as `plain_writes`, and for the bins of a whole record only.
    """
    if type(ops) is not PackedOps:
        return None
    packed, unpack = ops.packed, _OP.unpack_from
    made = bytearray(packed)
    names = set()
    at, end = 0, len(made)
    while at < end:
        size, op, kind, name_size = unpack(packed, at)
        value_at = at + 8 + name_size
        name = packed[at + 8 : value_at]
        made[at + 4] = OpType.READ
        at += 4 + size
        if op != OpType.WRITE or (name not in _NAMES and not _known(name)):
            return None
        if kind in _NUMBERS:
            if at - value_at != 8:
                return None
        elif kind != ParticleType.STRING and kind != ParticleType.BLOB:
            return None
        names.add(name)
    whole = len(names) == ops.size and 0 < ops.size <= MAX_OPS
    return bytes(made) if whole else None


def _known(name: bytes) -> bool:
    """Tell whether a bin's name needs no further look, and remember it."""
    if len(name) > 15 or not name.isascii() or b"\0" in name:
        return False
    if len(_NAMES) >= _MAX_NAMES:
        _NAMES.clear()
    _NAMES.add(name)
    return True


def plain_writes(ops: Sequence[Operation]) -> Bins | None:
    """Do what most commands are in one short loop: set bins to numbers, strings and blobs.

    Gives the bins that are set, or None when `ops` are, or may be, anything else; then they
    go through the checks and the table. A quarter of the time of a put of 19 bins goes here.
    """
    bins: Bins = {}
    for op in ops:
        name, kind, value = op.name, op.particle_type, op.value
        if op.op != OpType.WRITE or len(name) > 15 or not name.isascii() or "\0" in name:
            return None
        if kind in _NUMBERS:
            if len(value) != 8:
                return None
        elif kind != ParticleType.STRING and kind != ParticleType.BLOB:
            return None
        bins[name] = (kind, value)
    return bins if 0 < len(ops) <= MAX_OPS else None


def _remove(bins: Bins, name: str) -> None:
    """Remove a bin; the last one takes its place, as in the server's array of bins."""
    if name not in bins:
        return
    items = list(bins.items())
    place = next(i for i, (found, _) in enumerate(items) if found == name)
    items[place] = items[-1]
    bins.clear()
    bins.update(items[:-1])


def increment(state: State, op: Operation) -> None:
    """Add within 64 bits with wrap-around, or in doubles; both sides must be of one type."""
    value = _same_type(state, op, _NUMBERS)
    if value is None:
        return
    kind, addend = stored(op.particle_type, op.value)
    if kind == ParticleType.DOUBLE:
        total = _DOUBLE.unpack(value)[0] + _DOUBLE.unpack(addend)[0]
        state.bins[op.name] = (kind, _DOUBLE.pack(total))
        return
    wrapped = (int.from_bytes(value, "big") + int.from_bytes(addend, "big")) & (1 << 64) - 1
    state.bins[op.name] = (kind, wrapped.to_bytes(8, "big"))


def append(state: State, op: Operation) -> None:
    """Put the sent bytes behind a string's or blob's."""
    found = _same_type(state, op, _BYTES_TYPES)
    if found is not None:
        state.bins[op.name] = (op.particle_type, found + op.value)


def prepend(state: State, op: Operation) -> None:
    """Put the sent bytes before a string's or blob's."""
    found = _same_type(state, op, _BYTES_TYPES)
    if found is not None:
        state.bins[op.name] = (op.particle_type, op.value + found)


def _same_type(state: State, op: Operation, types: frozenset[int]) -> bytes | None:
    """Give the bin's bytes, of the operation's own type; a missing bin takes its value."""
    found = state.bins.get(op.name)
    if found is None:
        state.bins[op.name] = stored(op.particle_type, op.value)
        return None
    check_type(op.particle_type)
    kind, value = found
    if kind == ParticleType.GEOJSON:
        raise Refused(_UNKNOWN)
    if kind != op.particle_type or kind not in types:
        raise Refused(_INCOMPATIBLE_TYPE)
    return value


def delete_all(state: State, op: Operation) -> None:
    """Remove every bin."""
    state.bins.clear()


def touch(state: State, op: Operation) -> None:
    """Change no bin: that the command succeeds moves generation and void-time."""


def read(state: State, op: Operation) -> Particle | None:
    """Give the bin's value."""
    return state.bins.get(op.name)


def _deferred(module: str, name: str) -> OpFunction:
    """A function of embedded.`module`, imported by its first use: many programs have none."""

    def function(state: State, op: Operation) -> Particle | None:
        found = import_module(f"aerodbapi.embedded.{module}")
        result: Particle | None = getattr(found, name)(state, op)
        return result

    return function


#: Operations that may change bins.
MODIFY: Final[dict[int, OpFunction]] = {
    OpType.WRITE: write,
    OpType.INCR: increment,
    OpType.APPEND: append,
    OpType.PREPEND: prepend,
    OpType.DELETE_ALL: delete_all,
    OpType.TOUCH: touch,
    OpType.CDT_MODIFY: _deferred("cdt", "modify"),
    OpType.BITS_MODIFY: _deferred("bits", "modify"),
    OpType.HLL_MODIFY: _deferred("hll", "modify"),
    OpType.EXP_MODIFY: _deferred("expression_ops", "modify"),
    OpType.STRING_MODIFY: _deferred("strings", "modify"),
}

#: Operations that only read. All but EXP_READ need their bin, else there is no result.
READ: Final[dict[int, OpFunction]] = {
    OpType.READ: read,
    OpType.CDT_READ: _deferred("cdt", "read"),
    OpType.BITS_READ: _deferred("bits", "read"),
    OpType.HLL_READ: _deferred("hll", "read"),
    OpType.EXP_READ: _deferred("expression_ops", "read"),
    OpType.STRING_READ: _deferred("strings", "read"),
    OpType.TO_STRING: _deferred("strings", "to_string"),
}
