"""Random HLL commands: the node answers, and leaves registers, as the tests' peer does.

With `--hosts` that is a real server, and estimates have to be equal to the last bit; without
it the node itself on TCP.
"""

from __future__ import annotations

import random
import struct

import pytest

from aerodbapi.embedded.hll.sketch import Sketch
from aerodbapi.embedded.packed import list_header, pack_int, pack_typed
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, OpType
from aerodbapi.protocol.message import encode_op
from tests.embedded.test_differential import answer, get_all, pair, remove, request, same

__all__ = ["pair"]

COMMANDS = 150
BIN = "h"
INDEX_BITS = (4, 4, 5, 6, 7, 10)
MINHASH_BITS = (0, 0, 0, 4, 4, 5, 11, 51)


def element(choice: random.Random) -> bytes:
    """Pack an element; sometimes in a longer form than the smallest."""
    number = choice.randrange(300)
    forms = [
        pack_int(number),
        pack_int(-number),
        pack_int(choice.getrandbits(63)),
        pack_typed(3, b"%d" % number),
        pack_typed(4, bytes(number)),
        pack_typed(3, b"x" * number),
        struct.pack(">Bd", 0xCB, number / 3),
        struct.pack(">Bf", 0xCA, number),
        struct.pack(">Bh", 0xD1, -number),
        struct.pack(">Bi", 0xD2, number),
        struct.pack(">Bq", 0xD3, -number),
        struct.pack(">BH", 0xCD, number),
        struct.pack(">BQ", 0xCF, number),
        struct.pack(">BQ", 0xCF, 2**64 - 1 - number),
        struct.pack(">BB", 0xC4, number % 64) + bytes(number % 64),
        struct.pack(">BH", 0xC5, number) + bytes(number),
        struct.pack(">BH", 0xDA, number) + bytes(number),
        struct.pack(">BI", 0xDB, number) + bytes(number),
        *(b"\xc0", b"\xc2", b"\xc3", b"\xa0", b"\xd4\xff\x00", b"\xd4\xff\x01"),
        *(b"\xc7\x01\x07a", b"\xc7\x03\x07abc", b"\xc8\x00\x02\x07ab", b"\xc9\0\0\0\x05\x07abcde"),
    ]
    return choice.choice(forms if choice.random() < 0.4 else forms[:4])


def elements(choice: random.Random) -> bytes:
    count = choice.choice((1, 1, 2, 5, 20, 100))
    packed = [element(choice) for _ in range(count)]
    if choice.random() < 0.02:
        packed = choice.choice(([], [b"\x90"], [b"\x80"], [b"\xc1"]))
    return list_header(len(packed)) + b"".join(packed)


def sketch(choice: random.Random, bits: tuple[int, int] | None = None) -> bytes:
    """Make an HLL's bytes, filled as by adding, at random, or badly."""
    index_bits, minhash_bits = bits or (choice.choice(INDEX_BITS), choice.choice(MINHASH_BITS))
    made = Sketch.empty(index_bits, minhash_bits)
    kind = choice.random()
    if kind < 0.05:
        made.registers[:] = choice.randbytes(len(made.registers))
    elif kind < 0.07:
        made.registers[:] = bytes([255]) * len(made.registers)
    elif kind < 0.9:
        for _ in range(choice.choice((1, 10, 100))):
            made.add(pack_int(choice.randrange(300)))
    if choice.random() < 0.1:
        made.cache = choice.choice((1, 50, 2**63, 2**64 - 1))
    return made.pack()


def sketches(choice: random.Random) -> bytes:
    bits = (choice.choice(INDEX_BITS), choice.choice(MINHASH_BITS))
    count = choice.choice((1, 1, 2, 2, 3, 4))
    alike = choice.random() < 0.5
    made = [sketch(choice, bits if alike else None) for _ in range(count)]
    if choice.random() < 0.05:
        made[-1] = choice.choice((b"", b"abc", made[0][:-1], b"\1" + made[0][1:]))
    packed = [pack_typed(choice.choice((18, 18, 4)), one) for one in made]
    if len(packed) == 1 and choice.random() < 0.5:
        return packed[0]
    return list_header(len(packed)) + b"".join(packed)


def payload(choice: random.Random, number: int) -> bytes:
    index_bits = choice.choice((*INDEX_BITS, -1, -1, 3, 17))
    minhash_bits = choice.choice((*MINHASH_BITS, -1, -1, -1, 3, 52))
    flags = choice.choice((0, 0, 0, 8, 8) if number == 2 else (0, 0, 0, 0, 1))
    if choice.random() < 0.15:
        flags = choice.choice((1, 2, 3, 4, 5, 6, 8, 16, -1))
    bits = [pack_int(index_bits), pack_int(minhash_bits), pack_int(flags)]
    if number == 0:
        found = bits
    elif number == 1:
        found = [elements(choice), *bits]
    elif number == 2:
        found = [sketches(choice), pack_int(flags)]
    elif number == 4:
        found = bits[:1]
    elif number in (51, 52, 53, 54):
        found = [sketches(choice)]
    else:
        found = [elements(choice)] if number == 56 else []
    if choice.random() < 0.2:
        found = found[: choice.randrange(len(found) + 1)]
    return list_header(1 + len(found)) + pack_int(number) + b"".join(found)


def command(choice: random.Random, set_name: str, found: bytes) -> bytes:
    """Make a request of some operations on one bin."""
    ops = []
    for _ in range(choice.choice((1, 1, 2, 3))):
        number = choice.choice((0, 1, 1, 1, 2, 2, 3, 4, *range(50, 57)))
        kind = OpType.HLL_READ if number >= 50 else OpType.HLL_MODIFY
        if choice.random() < 0.02:
            kind = choice.choice((OpType.HLL_READ, OpType.HLL_MODIFY))
        ops.append(encode_op(kind, BIN, choice.choice((4, 4, 4, 20)), payload(choice, number)))
    if choice.random() < 0.4:
        good = (18, sketch(choice))
        kind, value = choice.choice((*[good] * 7, (1, bytes(8)), (0, b""), (0, b"")))
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
