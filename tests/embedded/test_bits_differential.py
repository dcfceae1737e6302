"""Random bit commands: the node answers, and leaves blobs, as the tests' peer does.

With `--hosts` that is a real server, without it the node itself on TCP. Left out is what a real
server does not survive or answers by chance: empty buffers, and CUT_WRONGLY.
"""

from __future__ import annotations

import random

import pytest

from aerodbapi.embedded.packed import list_header, pack_int, pack_typed
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, OpType
from aerodbapi.protocol.message import encode_op
from tests.embedded.test_differential import answer, get_all, pair, remove, request, same

__all__ = ["pair"]

COMMANDS = 400
BIN = "b"
#: Reading commands, and the modifying ones.
READS = range(50, 55)
MODIFIES = range(13)
SHIFTS = (8, 9)
#: OR, XOR, AND and shifts of a range that PARTIAL cuts write behind the blob when the range
#: does not start in its first byte: a real server ends, sooner or later.
CUT_WRONGLY = (4, 5, 6, *SHIFTS)
PARTIAL = 8


def packed(*values: int | bool | bytes) -> bytes:
    parts = []
    for value in values:
        if isinstance(value, bytes):
            parts.append(pack_typed(4, value))
        else:
            parts.append(b"\xc2\xc3"[value:][:1] if isinstance(value, bool) else pack_int(value))
    return list_header(len(values)) + b"".join(parts)


def arguments(choice: random.Random, command: int) -> list[int | bool | bytes]:
    """Give a command's arguments, mostly good ones."""
    offset = choice.choice((0, 1, 7, 8, 9, 15, 23, choice.randrange(80), -1, -8, -13))
    size = choice.choice((1, 2, 7, 8, 9, 16, 33, choice.randrange(100)))
    buffer = choice.randbytes(choice.choice((1, 2, 3, 9)))
    if choice.random() < 0.05:
        offset, size = choice.choice(((-200, 8), (2**40, 8), (0, 0), (0, -1), (0, 2**33)))
    good = {0: (0, 1, 2, 4, 5, 6), 1: (0, 1, 2, 4, 5, 6)}.get(command, (0, 2, 4, 6, 8, 12))
    flags = choice.choice(good if choice.random() < 0.95 else (3, 16, -1, 1, 8))
    extra = choice.choice((0, 1, 2, 3, 4, 5) if choice.random() < 0.95 else (6, 8, -1))
    if flags & PARTIAL and command in CUT_WRONGLY:
        offset %= 8
    integers = (0, 1, -1, 127, 128, 255, -128, 2**63 - 1, -(2**63), choice.getrandbits(62))
    integer = choice.choice(integers)
    if command == 0:
        found = [choice.randrange(12), flags, extra]
    elif command == 1:
        found = [choice.randrange(-3, 12), buffer, flags]
    elif command == 2:
        found = [choice.randrange(-3, 10), choice.randrange(6), flags]
    elif command in (3, 4, 5, 6):
        size = choice.choice((size, min(size, 8 * len(buffer))))
        found = [offset, size, buffer, flags]
    elif command == 7:
        found = [offset, size, flags]
    elif command in SHIFTS:
        shift = choice.choice((0, 1, 4, 7, 8, 9, 17, 63, -1, 2**31))
        found = [offset, size, shift, flags]
    elif command in (10, 11):
        found = [offset, choice.choice((1, 2, 8, 8, 13, 63, 64, 65)), integer, flags & ~9, extra]
    elif command == 12:
        found = [offset, choice.choice((1, 2, 8, 13, 63, 64, 65)), integer, flags & ~9]
    elif command in (52, 53):
        found = [offset, size, choice.choice((True, False))]
    else:
        found = [offset, size, choice.choice((0, 1, 1, 2))][: 2 if command < 54 else 3]
    if choice.random() < 0.1:
        found = found[: choice.randrange(1, len(found) + 1)]
    return found


def command(choice: random.Random, set_name: str, found: bytes) -> bytes:
    """Make a request of some operations on one bin."""
    ops = []
    for _ in range(choice.choice((1, 1, 2, 3))):
        number = choice.choice((*MODIFIES, *READS))
        kind = OpType.BITS_READ if number >= 50 else OpType.BITS_MODIFY
        payload = packed(number, *arguments(choice, number))
        if choice.random() < 0.03:
            kind, payload = choice.choice(
                ((kind, b"\x90"), (OpType.BITS_READ, payload), (OpType.BITS_MODIFY, payload))
            )
        particle_type = 3 if choice.random() < 0.02 else 4
        ops.append(encode_op(kind, BIN, particle_type, payload))
    if choice.random() < 0.3:
        blob = (4, choice.randbytes(9))
        kind, value = choice.choice((*[blob] * 5, (1, bytes(8)), (4, b""), (0, b""), (0, b"")))
        ops.insert(0, encode_op(OpType.WRITE, BIN, kind, value))
    fields = [
        (FieldType.NAMESPACE, b"test"),
        (FieldType.SET, set_name.encode()),
        (FieldType.DIGEST, found),
    ]
    info2 = choice.choice((1, 1, 0x81))
    return request((Info1.READ, info2, 0, 0, 0, 0, 1000), fields, ops)


@pytest.mark.parametrize("seed", range(4))
def test_random_commands(pair, fresh_set, seed):
    choice = random.Random(seed)
    node, peer = pair
    found = digest(fresh_set, "k")
    for _ in range(COMMANDS):
        sent = command(choice, fresh_set, found)
        ours, theirs = answer(node, sent), answer(peer, sent)
        assert same(ours, theirs), (sent.hex(" "), ours, theirs)
        kept, theirs = answer(node, get_all(found)), answer(peer, get_all(found))
        assert same(kept, theirs), (sent.hex(" "), kept, theirs)
    assert same(answer(node, remove(found)), answer(peer, remove(found)))
