"""Bit and HLL commands, and the recorder of what a real server makes of them.

`python -m tests.embedded.record_bin_cases HOST:PORT` writes `vectors/bin_cases.json`: rows of
what the bin holds ([] for a record without that bin), the operation's kind and packed command,
and then the result code, the operations of the reply, and what the bin holds afterwards. It
needs a namespace `test`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from aerodbapi.embedded.hll.sketch import Sketch
from aerodbapi.embedded.packed import list_header, pack_int, pack_typed
from aerodbapi.protocol.flags import OpType
from tests.conftest import parse_hosts
from tests.embedded.bin_cases import VECTORS, Case, outcome
from tests.embedded.test_differential import Peer


class Hll(bytes):
    """An argument that is an HLL."""


def packed(value: Any) -> bytes:
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return pack_int(value)
    if isinstance(value, bytes):
        return pack_typed(18 if isinstance(value, Hll) else 4, value)
    if isinstance(value, str):
        return pack_typed(3, value.encode())
    return list_header(len(value)) + b"".join(map(packed, value))


#: (bytes held or None, command, arguments). Flags: 1 create only, 2 update only, 4 no fail,
#: 8 partial; of resizing: 1 from front, 2 grow only, 4 shrink only; of arithmetic: 1 signed,
#: 2 saturate, 4 wrap.
BITS = [
    # resize
    *((hex, 0, args) for hex in ("0102ff", None) for args in ([5], [2], [0], [3], [-1])),
    *(("0102ff", 0, [5, 0, extra]) for extra in (1, 2, 4, 6, 8)),
    *(("0102ff", 0, [2, 0, extra]) for extra in (1, 2, 4)),
    *(("0102ff", 0, [2, flags, 2]) for flags in (0, 1, 2, 4, 5, 6, 3, 8)),
    *((None, 0, [2, flags]) for flags in (1, 2, 6)),
    *(("0102ff", 0, args) for args in ([], [1, 0, 0, 0], [1 << 27], [(1 << 27) + 1], [True])),
    # insert
    *(("0102ff", 1, [at, b"\xaa\xbb"]) for at in (0, 1, 3, 5, -1, -3, -4)),
    *((None, 1, [at, b"\xaa"]) for at in (0, 2, -1)),
    *(("0102ff", 1, [0, b"\xaa", flags]) for flags in (1, 2, 4, 5, 8)),
    *((None, 1, [0, b"\xaa", flags]) for flags in (1, 2, 6)),
    *(("0102ff", 1, args) for args in ([0], [0, 5], [0, "text"], [(1 << 27) + 1, b"a"])),
    # remove
    *(("0102ff", 2, args) for args in ([0, 1], [1, 2], [0, 3], [-1, 1], [-3, 3], [2, 1])),
    *(("0102ff", 2, args) for args in ([3, 1], [2, 2], [-4, 1], [0, 0], [0, -1])),
    *(("0102ff", 2, [2, 2, flags]) for flags in (4, 8, 12, 2, 1)),
    *(("0102ff", 2, [3, 1, flags]) for flags in (4, 8, 12)),
    *((None, 2, [0, 1, flags]) for flags in (0, 4)),
    # set, or, xor, and, not
    *(
        ("0102ff0f", command, [offset, size, b"\xa5\x5a\xff"])
        for command in (3, 4, 5, 6)
        for offset, size in ((0, 8), (3, 7), (5, 17), (-8, 8), (-13, 5), (31, 1), (0, 25))
    ),
    *(("0102ff0f", 7, args) for args in ([0, 8], [3, 7], [5, 17], [-13, 5], [0, 32])),
    *(("0102ff0f", 3, [30, 8, b"\xff", flags]) for flags in (0, 4, 8, 12, 2, 1)),
    *(("0102ff0f", 3, [32, 1, b"\xff", flags]) for flags in (0, 4, 8, 12)),
    *(("0102ff0f", 3, args) for args in ([-33, 1, b"a"], [-33, 1, b"a", 4], [0, 0, b"a"])),
    *((None, 3, [0, 1, b"\xff", flags]) for flags in (0, 2, 4, 6)),
    *(("0102", command, [4, 20, b"\xff\xff\xff", 8]) for command in (3, 4, 5, 6)),
    ("0102", 7, [4, 20, 8]),
    ("0102ff", 7, [20, 20, 8]),
    # shifts
    *(
        ("0102ff0f", command, [offset, size, shift])
        for command in (8, 9)
        for offset, size in ((0, 32), (3, 7), (5, 17), (-13, 13))
        for shift in (0, 1, 5, 8, 16, 40)
    ),
    *(("0102", command, [4, 20, 3, 8]) for command in (8, 9)),
    *(("0102", 8, [0, 8, shift]) for shift in (-1, 1 << 30, (1 << 30) + 1)),
    # add, subtract, set integer
    *(
        (hex, command, [offset, size, value, 0, extra])
        for command in (10, 11)
        for hex in ("7f80ff00",)
        for offset, size in ((0, 8), (8, 8), (16, 8), (24, 8), (4, 9))
        for value in (1, 127, 128, 255, -1)
        for extra in (0, 1, 2, 3, 4, 5)
    ),
    *(("7f80", 10, [0, 8, 129, 4, extra]) for extra in (0, 1)),
    *(("ff" * 9, command, [3, 64, 1, 0, 4]) for command in (10, 11)),
    *(("7f80", 10, args) for args in ([0, 65, 1], [0, 0, 1], [0, 8, 1, 8], [0, 8, 1, 0, 6])),
    *(("7f80", 10, [10, 8, 1, flags]) for flags in (0, 4)),
    *(("00" * 9, 12, [offset, size, -2]) for offset, size in ((0, 64), (3, 64), (9, 5), (71, 1))),
    ("0000", 12, [9, 8, 1]),
    # get, count, scans, get integer
    *(
        ("0102ff0f80", command, [offset, size])
        for command in (50, 51, 54)
        for offset, size in ((0, 8), (3, 7), (5, 17), (-8, 8), (-13, 5), (39, 1), (0, 40), (5, 35))
    ),
    *(("0102ff0f80", 50, args) for args in ([40, 1], [33, 8], [-41, 1], [0, 0], [0], [0, 1, 0])),
    *(
        (hex, command, [offset, size, wanted])
        for hex in ("0102ff0f80", "8000000001")
        for command in (52, 53)
        for offset, size in ((0, 40), (3, 5), (4, 4), (1, 20), (9, 14), (17, 3), (33, 7))
        for wanted in (True, False)
    ),
    *(("80", 53, [offset, 4, True]) for offset in (1, 4)),
    ("80", 53, [0, 4, 1]),
    *(("ff7f", 54, [offset, size, extra]) for offset, size in ((0, 8), (8, 8)) for extra in (0, 1)),
    *(("ff" * 9, 54, [3, 64, extra]) for extra in (0, 1, 2)),
    # no such commands
    *(("01", command, [0, 1]) for command in (13, 49, 55, -1)),
]


WORDS = [f"word-{number}" for number in range(60)]


def filled(index_bits: int, minhash_bits: int, words: list[str], cache: int = 0) -> Hll:
    sketch = Sketch.empty(index_bits, minhash_bits)
    for word in words:
        sketch.add(packed(word))
    sketch.cache = cache
    return Hll(sketch.pack())


SIZES = ((4, 0), (6, 0), (4, 4), (5, 8), (4, 51))
HELD = [
    *(filled(*bits, WORDS[:40]) for bits in SIZES),
    filled(4, 0, []),
    filled(4, 4, []),
    filled(6, 0, WORDS[:9], cache=5),
]
GIVEN = [
    *(filled(*bits, WORDS[20:]) for bits in SIZES),
    filled(5, 0, []),
    filled(5, 4, []),
    filled(5, 8, WORDS[:3], cache=1000),
]

#: (HLL held or None, command, arguments). Flags as above, but 8 allow fold.
HLLS: list[tuple[Hll | None, int, list[Any]]] = [
    *((None, 0, args) for args in ([4], [6, 20], [3], [17], [4, 3], [4, 52], [16, 49])),
    *((None, 0, args) for args in ([], [-1], [-1, 8], [8, -1, 0], [4, 0, 1], [8, 0, 2], [8, 0, 6])),
    *((HELD[3], 0, args) for args in ([], [8], [-1, 4], [-1, -1], [8, 0, 1], [8, 0, 5], [8, 0, 2])),
    (HELD[4], 0, [16]),
    *((None, 1, [WORDS, *bits]) for bits in ([5], [4, 4], [5, 30], [4, -1, 1], [8, 0, 2], [])),
    *((held, 1, [WORDS[38:]]) for held in HELD),
    *((HELD[0], 1, [WORDS[:3], 8, 8, flags]) for flags in (0, 1, 4, 5)),
    *((HELD[5], 1, args) for args in ([[]], [[[1]]], [5], [[1, "1", b"1", True]], [[-1, 1 << 40]])),
    *((None, 2, [given, *flags]) for given in GIVEN[1:4] for flags in ([], [1], [2], [6])),
    *((held, 2, [[given], *flags]) for held in HELD for given in GIVEN for flags in ([], [8])),
    *((HELD[0], 2, args) for args in ([], [[]], [[b""]], [[Hll(GIVEN[0][:-1])]])),
    (HELD[0], 2, [[bytes(GIVEN[0])]]),
    *((held, 3, []) for held in (None, *HELD)),
    *((held, 4, [bits]) for held in (None, HELD[1], HELD[3]) for bits in (4, 6, 7, -1, 3)),
    *((held, command, []) for held in HELD for command in (50, 55)),
    *(
        (held, command, [[given]])
        for command in (51, 52, 53, 54)
        for held in HELD
        for given in GIVEN
    ),
    *(
        (held, command, [[*givens]])
        for command in (51, 52, 53, 54)
        for held in (HELD[0], HELD[3])
        for givens in (GIVEN[:2], GIVEN[2:5], [GIVEN[3]] * 3, [GIVEN[3], HELD[3], GIVEN[7]])
    ),
    *((held, 56, [words]) for held in HELD for words in (WORDS[:2], WORDS[39:41], ["none"])),
    *((HELD[0], command, []) for command in (5, 49, 57, -1)),
]


def cases() -> Iterator[Case]:
    for blob, command, args in BITS:
        kind = OpType.BITS_MODIFY if -1 < command < 50 else OpType.BITS_READ
        held = () if blob is None else (4, blob)
        yield Case(held, kind, packed([command, *args]).hex())
    for held in ((1, bytes(8).hex()), (3, "61"), (18, HELD[0].hex())):
        for args in ([0, 2], [0, 2, 5]):
            yield Case(held, OpType.BITS_MODIFY, packed(args).hex())
        yield Case(held, OpType.BITS_READ, packed([50, 0, 8]).hex())
    for sketch, command, args in HLLS:
        kind = OpType.HLL_MODIFY if -1 < command < 50 else OpType.HLL_READ
        held = () if sketch is None else (18, sketch.hex())
        yield Case(held, kind, packed([command, *args]).hex())
    for held in ((1, bytes(8).hex()), (4, "61")):
        for args in ([0, 4], [0, 4, 0, 5], [0, 99]):
            yield Case(held, OpType.HLL_MODIFY, packed(args).hex())
        yield Case(held, OpType.HLL_READ, packed([50]).hex())


def record(host: str) -> None:
    peer = Peer(parse_hosts(host)[0])
    seen: dict[Case, None] = dict.fromkeys(cases())
    rows = [json.dumps([*case, *outcome(peer, case)]) for case in seen]
    VECTORS.write_text("[\n" + ",\n".join(rows) + "\n]\n")
    peer.close()


if __name__ == "__main__":
    record(sys.argv[1])
