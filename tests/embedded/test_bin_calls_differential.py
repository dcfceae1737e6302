"""Random bit and HLL commands inside expressions: the node answers as the tests' peer does.

With `--hosts` that is a real server, without it the node itself on TCP. Reading commands get no
NIL to work on: a real server does not survive that.
"""

from __future__ import annotations

import random

import pytest

from aerodbapi.embedded.packed import (
    LIST,
    PackedError,
    Reader,
    list_header,
    pack_int,
    pack_typed,
    spans,
)
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, OpType
from aerodbapi.protocol.message import encode_op
from tests.embedded import test_bits_differential as bits
from tests.embedded import test_hll_differential as hll
from tests.embedded.test_differential import answer, get_all, pair, remove, request, same

__all__ = ["pair"]

COMMANDS = 200
BITS, HLL = 1, 2
MODIFY = 0x40
#: Static types: NIL, INT, LIST, BLOB, FLOAT, HLL.
TYPES = (0, 2, 4, 6, 7, 9)
OWN_TYPE = {BITS: 6, HLL: 9}
#: Reading commands that give no integer → the type that they give.
GIVES = {(BITS, 50): 6, (HLL, 51): 9, (HLL, 54): 7, (HLL, 55): 4}
READ_BIN, CALL, QUOTE = 81, 127, 126


def packed_list(*parts: bytes) -> bytes:
    return list_header(len(parts)) + b"".join(parts)


def raw(name: bytes) -> bytes:
    return bytes((0xA0 | len(name),)) + name


def bin_of(type: int, name: bytes) -> bytes:
    return packed_list(pack_int(READ_BIN), pack_int(type), raw(name))


def quoted(payload: bytes) -> bytes:
    """Quote the lists among a command's arguments: others would be expressions."""
    try:
        parts = spans(payload)
    except PackedError:
        return payload
    quote = pack_int(QUOTE)
    return packed_list(
        *(packed_list(quote, part) if Reader(part).peek() == LIST else part for part in parts)
    )


def call(choice: random.Random, system: int, depth: int = 0) -> bytes:
    """Make a call; what it works on may be a call in turn."""
    modifies = choice.random() < 0.5 or depth > 0
    if system == BITS:
        number = choice.choice(bits.MODIFIES if modifies else bits.READS)
        payload = bits.packed(number, *bits.arguments(choice, number))
    else:
        number = choice.choice((0, 1, 1, 2, 3, 4) if modifies else range(50, 57))
        payload = hll.payload(choice, number)
    type = OWN_TYPE[system] if modifies else GIVES.get((system, number), 2)
    if choice.random() < 0.05:
        type = choice.choice((*TYPES, 10))
    if choice.random() < 0.02:
        modifies, number = True, 99
    own = OWN_TYPE[system]
    name = (
        choice.choice((b"b", b"h", b"missing"))
        if choice.random() < 0.2
        else b"bh"[system - 1 :][:1]
    )
    target = bin_of(own, name)
    if depth < 2 and choice.random() < 0.3:
        target = call(choice, system, depth + 1)
    elif choice.random() < 0.1 and modifies:
        target = b"\xc0"
    elif choice.random() < 0.1:
        target = pack_typed(4, b"constant") if system == BITS else bin_of(6, b"b")
    elif choice.random() < 0.05:
        target = pack_typed(18, hll.sketch(choice))
    flags = MODIFY if modifies else 0
    command = quoted(payload)
    return packed_list(pack_int(CALL), pack_int(type), pack_int(system | flags), command, target)


def command(choice: random.Random, set_name: str, found: bytes) -> bytes:
    ops = [
        encode_op(OpType.WRITE, "b", 4, choice.randbytes(9)),
        encode_op(OpType.WRITE, "h", 18, hll.sketch(choice)),
    ]
    for _ in range(choice.choice((1, 1, 2))):
        kind = choice.choice((OpType.EXP_READ, OpType.EXP_MODIFY))
        flags = choice.choice((0, 16, 16, 16))
        payload = packed_list(call(choice, choice.choice((BITS, HLL))), pack_int(flags))
        ops.append(encode_op(kind, choice.choice("bhr"), 4, payload))
    fields = [
        (FieldType.NAMESPACE, b"test"),
        (FieldType.SET, set_name.encode()),
        (FieldType.DIGEST, found),
    ]
    return request((Info1.READ, choice.choice((1, 0x81)), 0, 0, 0, 0, 1000), fields, ops)


@pytest.mark.parametrize("seed", range(3))
def test_random_calls(pair, fresh_set, seed):
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
