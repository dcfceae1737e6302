"""Cases of list commands: every command, return type, flag and odd argument."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from aerodbapi.types import INFINITY, WILDCARD, GeoJSON, KeyOrderedDict
from tests.differential.payloads import INVERTED, Packed, command, ordered
from tests.differential.peers import Case, read_op, write_op

LIST = 20
UNORDERED = [5, "b", 1, 5, None, [1, 2], 3, 1.5]
ORDERED = ordered([None, 1, 3, 5, 5, "b", [1, 2], 1.5])
TYPES = ordered([None, False, True, -7, 2**40, "", "a", [], [1], {}, {1: 1}, b"", b"a", -1.5, 2.5])
BINS = {"unordered": (LIST, None), "ordered": (LIST, bytes(ORDERED))}

RETURN_TYPES = (0, 1, 2, 3, 4, 5, 7, 13)
#: Those that all arguments are tried with; the others with the first few.
FEW_RETURN_TYPES = (3, 7)
ODD_RETURN_TYPES = (6, 8, 9, 10, 11, 12, 14, 16, 17, 18)

#: (get, remove, argument lists)
SINGLE = (
    ("index", 19, 32, [(0,), (3,), (-1,), (-8,), (8,), (-9,)]),
    ("value", 20, 33, [(5,), ("zz",), ([1, WILDCARD],), (WILDCARD,), (None,)]),
    ("rank", 21, 34, [(0,), (4,), (-2,), (8,), (-9,)]),
)
MULTIPLE = (
    ("all by value", 22, 35, [(5,), (4,), ([1, WILDCARD],), (WILDCARD,), (INFINITY,)]),
    ("value list", 23, 36, [([5, "b", 5],), ([],), ([9],), ([[1, 2], None],), (7,)]),
    (
        "index range",
        24,
        37,
        [(2, 3), (2,), (-3, 2), (-3,), (0, 3), (5, 9), (8, 1), (-12, 6), (-12, 2), (1, 0), (0,)],
    ),
    (
        "value interval",
        25,
        38,
        [(1, 5), (1,), (None, 4), (5, 1), (3, 3), ("a", INFINITY), (None, None), (INFINITY,)],
    ),
    ("rank range", 26, 39, [(1, 3), (5,), (-3, 2), (0, 8), (6, 9), (8, 1), (-12, 6), (2, 0)]),
    (
        "relative rank range",
        27,
        40,
        [(5, 0, 2), (5, -2), (4, -1, 2), (4, 0), (4, -9, 3), ("zz", 1), (1, 20, 1)],
    ),
)


def bins(of: Any) -> dict[str, Any]:
    return {"a": 1, "b": (LIST, bytes(of)) if isinstance(of, Packed) else of}


def _selections() -> Iterator[Case]:
    kinds = {"unordered": UNORDERED, "ordered": ORDERED}
    for (kind, of), (by, get, remove, argument_lists) in itertools.product(
        kinds.items(), (*SINGLE, *MULTIPLE)
    ):
        multiple = get >= 22
        inversions = (0, INVERTED) if multiple else (0,)
        most = 2 if kind == "unordered" else 0
        for arguments, inverted, type in itertools.product(
            argument_lists, inversions, RETURN_TYPES
        ):
            if type not in FEW_RETURN_TYPES and argument_lists.index(arguments) > most:
                continue
            name = f"{by} {arguments} of {kind}, type {type}{' inverted' * bool(inverted)}"
            got = command(get, type | inverted, *arguments)
            yield Case(f"get by {name}", bins(of), (read_op(got),), writes=False)
            if type in (0, 7):
                removed = command(remove, type | inverted, *arguments)
                yield Case(f"remove by {name}", bins(of), (write_op(removed),))
        for type in ODD_RETURN_TYPES:
            got = command(get, type, *argument_lists[0])
            yield Case(f"get by {by} of {kind}, odd type {type}", bins(of), (read_op(got),), False)
        odd = command(get, 7 | INVERTED, *argument_lists[0])
        yield Case(f"get by {by} of {kind}, inverted", bins(of), (read_op(odd),), writes=False)


#: What edits are tried on: (name, list, command number, arguments).
_EDITED = {"unordered": [3, 1, 2], "ordered": ordered([1, 2, 3]), "nothing": None}
_EDITS: dict[str, list[tuple[Any, ...]]] = {
    "set type": [(0, flags) for flags in (0, 1, 0x10, 0x11, 2, 0x101)],
    "append": [(1, value) for value in (2, "x", None, [2, 1], {2: 1, 1: 2}, b"b", 1.5, True)]
    + [(1, 2, order, flags) for order in (0, 1, 3) for flags in (0, 1, 2, 4, 5, 9, 13)]
    + [(1, 9, 1), (1, WILDCARD), (1, GeoJSON('{"type":"Point","coordinates":[1.0,2.0]}'))],
    "append items": [(2, [4, 2]), (2, []), (2, 4), (2, ordered([4, 5]))]
    + [(2, items, 1, flags) for items in ([9, 2], [9, 9], [2, 3], []) for flags in (0, 1, 5, 9, 13)]
    + [(2, [9, 2, 9], 0, 13)],
    "insert": [(3, index, 9) for index in (0, 1, 3, 5, -1, -3, -4)]
    + [(3, 5, 9, 2), (3, 5, 9, 6), (3, 0, 2, 1), (3, 0, 2, 5), (3, 0, 2, 13), (3, 2**31, 9)],
    "insert items": [(4, 1, [8, 9]), (4, 5, [8]), (4, 9, []), (4, -2, [8]), (4, 1, 8)]
    + [(4, 1, items, flags) for items in ([8, 2], [8, 8], [1, 2]) for flags in (1, 5, 9, 13)],
    "pop": [(5, index) for index in (0, 2, -1, 3, -4)],
    "pop range": [(6, 1), (6, 1, 1), (6, -2, 1), (6, 5), (6, 0, 0), (6, -5, 3)],
    "remove": [(7, index) for index in (0, 2, -1, 3, -4)],
    "remove range": [(8, 1), (8, 1, 1), (8, -2, 1), (8, 5), (8, 0, 9)],
    "set": [(9, index, 9) for index in (0, 2, 3, 5, -1, -3, -4)]
    + [(9, 0, 2, 1), (9, 0, 2, 5), (9, 0, 3, 1), (9, 5, 9, 2), (9, 5, 9, 6), (9, 9, 2, 1)],
    "trim": [(10, 1, 1), (10, 0, 2), (10, 1, 9), (10, 5, 1), (10, -2, 1), (10, 0, 0), (10, 1)],
    "clear": [(11,)],
    "increment": [(12, 0), (12, 1, 10), (12, -1, -5), (12, 3, 4), (12, 5, 4), (12, -4, 1)]
    + [(12, 0, 1.75), (12, 0, None), (12, 0, "x"), (12, 0, 2**63 - 1), (12, 3, 1.5)]
    + [(12, 0, 1, 1, flags) for flags in (0, 1, 2, 5)]
    + [(12, 6, 1, 1, 2), (12, 0, -1, 0, 5)],
    "sort": [(13, flags) for flags in (0, 1, 2, 3)] + [(13,)],
    "size": [(16,), (16, 1)],
    "get": [(17, index) for index in (0, -1, 3, -4)] + [(17,)],
    "get range": [(18, 1), (18, 1, 1), (18, -2, 1), (18, 5), (18, -9, 7), (18, 0, -1)],
    "no command": [(14,), (15, 1), (28, 7, 1), (41, 7, 1), (63,)],
}
_READ_NUMBERS = (16, 17, 18, 28)


def _edits() -> Iterator[Case]:
    for (kind, of), (name, rows) in itertools.product(_EDITED.items(), _EDITS.items()):
        for number, *arguments in rows:
            op = read_op if number in _READ_NUMBERS else write_op
            start = {"a": 1} if of is None else bins(of)
            title = f"{name} {(number, *arguments)} on {kind}"
            yield Case(title, start, (op(command(number, *arguments)),))


_MORE: list[tuple[str, Any, tuple[Any, ...], bool]] = [
    ("sort types", [1.5, "a", None, b"a", [1], {1: 1}, True, -1, 2], (13,), True),
    ("sort types falling", [1.5, "a", None, b"a", [1], {1: 1}, True, -1, 2], (13, 1), True),
    ("sort duplicates of types", [2, 1.0, 1, "1", 1, 1.0], (13, 2), True),
    ("append to all types", TYPES, (1, "A", 1), True),
    ("append nested to all types", TYPES, (1, [0, 9], 1), True),
    ("rank of all types", TYPES, (26, 7, 3, 9), False),
    ("interval over types", TYPES, (25, 7, "", []), False),
    ("float in int", [1.5], (12, 0, 2), True),
    ("int in float", [1], (12, 0, 2.9), True),
    ("wrap up", [2**63 - 1], (12, 0, 1), True),
    ("wrap down", [-(2**63)], (12, 0, -1), True),
    ("increment text", ["x"], (12, 0, 1), True),
    ("ordered increments move", ordered([1, 5, 9]), (12, 0, 6), True),
    ("ordered increments past the end", ordered([1, 5]), (12, 2, 3), True),
    ("ordered increments far past the end", ordered([1, 5]), (12, 4, 3), True),
    ("ordered increments to the same", ordered([1, 5]), (12, 0, 4, 1, 1), True),
    ("clear keeps the order", ordered([1, 5]), (11,), True),
    ("the last one goes", ordered([1]), (5, 0), True),
    ("the last unordered one goes", [1], (5, 0), True),
    ("rank among equal ones", [5, 1, 5, 1, 5, 2, 5], (26, 1, 2, 3), False),
    ("rank among equal ones from the end", [5, 1, 5, 1, 5, 2, 5], (26, 1, -3, 2), False),
    ("ranks in heap order", [4, 3, 9, 1, 7], (26, 7, 0, 2), False),
    ("ranks in heap order from the end", [4, 3, 9, 1, 7], (26, 7, 3, 2), False),
    ("geo", [GeoJSON('{"type":"Point","coordinates":[1.0,2.0]}')], (17, 0), False),
    ("blob", [b"xyz"], (17, 0), False),
    ("bool", [True], (17, 0), False),
    ("nil", [None], (17, 0), False),
    ("double", [2.5], (17, 0), False),
    ("map", [KeyOrderedDict({1: 2})], (17, 0), False),
    ("on a map", {1: 2}, (17, 0), False),
    ("append to a map", {1: 2}, (1, 0), True),
    ("on a number", 7, (17, 0), False),
    ("append to text", "text", (1, 0), True),
    ("a read as a write", [1], (17, 0), True),
    ("a write as a read", [1], (1, 0), False),
    ("no arguments", [1], (19,), False),
    ("too many arguments", [1], (19, 7, 0, 1), False),
    ("an index that is text", [1], (19, 7, "x"), False),
    ("16 become 15", list(range(16)), (5, 3), True),
    ("15 become 16", list(range(15)), (1, 3), True),
    ("far padding", [], (9, 20, 1), True),
]


def cases() -> Iterator[Case]:
    yield from _selections()
    yield from _edits()
    for name, of, arguments, writes in _MORE:
        op = write_op if writes else read_op
        yield Case(name, bins(of), (op(command(*arguments)),), writes)
    yield Case("append makes a record", {}, (write_op(command(1, 5, 1)),))
    yield Case("append items makes a record", {}, (write_op(command(2, [5, 4], 1)),))
    yield Case("pop makes no record", {}, (write_op(command(5, 0)),))
    yield Case("get of no record", {}, (read_op(command(17, 0)),), writes=False)
    both = write_op(command(1, 5)), read_op(command(16)), write_op(command(5, 0))
    yield Case("several", {"a": 1}, both)
    yield Case("several, all answer", {"a": 1}, both, respond_all=True)
    missing = read_op(command(17, 0)), read_op(command(16), bin="c")
    yield Case("missing bins", {"a": 1}, missing, writes=False)
    yield Case("missing bins, all answer", {"a": 1}, missing, writes=False, respond_all=True)
    nothing = read_op(command(20, 7, 99)), read_op(command(16))
    yield Case("no value", bins([1]), nothing, writes=False)
    yield Case("no value, all answer", bins([1]), nothing, writes=False, respond_all=True)
    yield Case("one fails", bins([1]), (write_op(command(1, 2)), write_op(command(5, 9))))
    for payload in (b"", b"\x90", b"\x91\xa1\x78", b"\x01", b"\x92\x11", b"\xc1", b"\x92\xff\xc0"):
        op = read_op(Packed(payload))
        yield Case(f"payload {payload.hex() or 'of nothing'}", bins([1]), (op,), writes=False)
    old = read_op(Packed(b"\x00\x11\x91\x00"))
    yield Case("the 16-bit head of old clients", bins([7]), (old,), writes=False)
