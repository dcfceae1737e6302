"""What must hold before a write: header flags, generation, key, TTL, names.

Each function refuses with the server's result code (server source: write.c
`write_master_policies`, rw_utils.c, rw_utils_ce.c, record.c `as_record_advance_void_time`,
read_touch.c).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from aerodbapi.embedded.ops import CONCATENATE_OR_ADD, MAX_OPS, READ
from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.storage import partition_of
from aerodbapi.protocol.flags import (
    TTL_DEFAULT,
    TTL_KEEP,
    TTL_NEVER,
    Info1,
    Info2,
    Info3,
    OpType,
    ParticleType,
)

if TYPE_CHECKING:
    from aerodbapi.embedded.records import Command
    from aerodbapi.embedded.storage import Namespace, Record
    from aerodbapi.protocol.message import Operation

__all__ = [
    "Policies",
    "check_bin_name",
    "check_durability",
    "check_generation",
    "check_policies",
    "check_set_name",
    "key_differs",
    "key_to_keep",
    "policies_of",
    "read_touch",
    "void_time_for",
]

MAX_SET_NAME: Final = 63
MAX_TTL: Final = 10 * 365 * 86400  # seconds

_OK: Final = 0
_GENERATION: Final = 3
_PARAMETER: Final = 4
_UNSUPPORTED: Final = 16
_KEY_MISMATCH: Final = 19
_BIN_NAME: Final = 21
_FORBIDDEN: Final = 22
_ENTERPRISE_ONLY: Final = 25

_MODIFY_FLAVOURS: Final = (
    frozenset((OpType.CDT_MODIFY, OpType.BITS_MODIFY, OpType.HLL_MODIFY, OpType.DELETE_ALL))
    | CONCATENATE_OR_ADD
)
_ANSWERING: Final = frozenset(READ) | {OpType.CDT_MODIFY, OpType.HLL_MODIFY}


class Policies(NamedTuple):
    """What the flags and operations of a write ask for together."""

    must_exist: bool
    replace: bool


def policies_of(info3: int) -> Policies:
    """Give what the flags alone ask for."""
    return Policies(
        bool(info3 & (Info3.UPDATE_ONLY | Info3.REPLACE_ONLY)),
        bool(info3 & (Info3.CREATE_OR_REPLACE | Info3.REPLACE_ONLY)),
    )


def check_policies(command: Command) -> Policies:
    """Check a write's flags against its operations; Refused(4), or (21) for a bin's name."""
    if not 0 < len(command.ops) <= MAX_OPS:
        raise Refused(_PARAMETER)
    must_exist, replaces = policies_of(command.info3)
    get_all = bool(command.info1 & Info1.GET_ALL)
    reads = answers = False
    read_all = False
    for op in command.ops:
        kind = op.op
        if kind == OpType.TOUCH:
            must_exist = True
        else:
            check_bin_name(op.name)
        if replaces and _forbids_replace(op):
            raise Refused(_PARAMETER)
        if kind == OpType.READ and get_all and not op.name:
            if read_all or command.info2 & Info2.RESPOND_ALL_OPS:
                raise Refused(_PARAMETER)
            reads = read_all = True
        elif kind in _ANSWERING:
            answers = True
            reads = reads or kind in READ
    if (reads and not command.info1 & Info1.READ) or get_all != read_all or (read_all and answers):
        raise Refused(_PARAMETER)
    return Policies(must_exist, replaces)


def _forbids_replace(op: Operation) -> bool:
    if op.op == OpType.WRITE:
        return op.particle_type == ParticleType.NULL
    return op.op == OpType.TOUCH or op.op in _MODIFY_FLAVOURS


def check_bin_name(name: str) -> None:
    """Refuse (21) names over 15 bytes and names with a zero byte."""
    if len(name) > 15 or "\0" in name:
        raise Refused(_BIN_NAME)
    if not name.isascii() and len(name.encode("utf-8", "surrogateescape")) > 15:
        raise Refused(_BIN_NAME)


def check_set_name(name: str) -> None:
    """Refuse (4) to make a set whose name is longer than 63 bytes."""
    if len(name) > MAX_SET_NAME or len(name.encode()) > MAX_SET_NAME:
        raise Refused(_PARAMETER)


def check_durability(namespace: Namespace, command: Command) -> None:
    """Hold a delete's durability against the namespace.

    Without strong consistency a durable delete needs another edition (25); with it any other
    delete is forbidden (22).
    """
    durable = bool(command.info2 & Info2.DURABLE_DELETE)
    if durable and namespace.transactions is None:
        raise Refused(_ENTERPRISE_ONLY)
    if not durable and namespace.transactions is not None:
        raise Refused(_FORBIDDEN)


def check_generation(command: Command, live: Record | None) -> None:
    """Hold the generation policy (3) against the record; a missing one counts as 0."""
    current = 0 if live is None else live.generation
    if command.info2 & Info2.GENERATION:
        if command.generation != current:
            raise Refused(_GENERATION)
    elif command.info2 & Info2.GENERATION_GT and command.generation <= current:
        raise Refused(_GENERATION)


def key_differs(command: Command, record: Record) -> int:
    """Give 19 when a key was sent and another one is stored, else 0."""
    if command.key is None or record.key is None or command.key == record.key:
        return _OK
    return _KEY_MISMATCH


def key_to_keep(command: Command, live: Record | None) -> bytes | None:
    """Give the user key that the next record stores: a stored key stays for good."""
    if live is not None and live.key is not None:
        if key_differs(command, live):
            raise Refused(_KEY_MISMATCH)
        return live.key
    key = command.key
    if key is not None and (not key or (key[0] == ParticleType.INTEGER and len(key) != 9)):
        raise Refused(_UNSUPPORTED)
    return key


def void_time_for(ttl: int, live: Record | None, now: int, default_ttl: int) -> int:
    """Give the void-time (seconds since 2010, 0 never) that a write with `ttl` leads to."""
    if ttl == TTL_KEEP:
        if live is not None:
            return live.void_time
        ttl = TTL_DEFAULT
    if ttl == TTL_NEVER:
        return 0
    if ttl > MAX_TTL:
        raise Refused(_PARAMETER)
    if ttl == TTL_DEFAULT:
        return now + default_ttl if default_ttl else 0
    return now + ttl


def read_touch(namespace: Namespace, record: Record, percent: int, now: int) -> Record:
    """Renew a record's time when a read finds less than `percent` of it left.

    `percent`: 0 (the namespace's default, which is off) and 0xFFFFFFFF never touch; over 100 is
    refused (4). The renewed record keeps its generation.
    """
    if percent in (0, 0xFFFFFFFF):
        return record
    if percent > 100:
        raise Refused(_PARAMETER)
    lifetime = record.void_time - record.last_update_ms // 1000
    if now < record.void_time - lifetime * percent // 100:
        return record
    with namespace.locks[partition_of(record.digest)]:
        current = namespace.find(record.set_name, record.digest)
        if current is not record or now + lifetime <= record.void_time:
            return record
        touched = replace(record, void_time=now + lifetime, last_update_ms=now * 1000)
        namespace.put(touched, record)
    return touched
