"""Cases of map commands: every command, return type, flag and odd argument."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from aerodbapi.types import INFINITY, WILDCARD, KeyOrderedDict
from tests.differential.payloads import INVERTED, Packed, command, kv_ordered
from tests.differential.peers import Case, read_op, write_op

MAP = 19
PAIRS = {3: 5, 1: "b", "a": 2, 7: 5, "c": [1, 2], b"x": 0, 5: None}
KINDS: dict[str, Any] = {
    "unordered": PAIRS,
    "ordered": KeyOrderedDict(PAIRS),
    "value-ordered": kv_ordered(PAIRS),
}

RETURN_TYPES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 17)
#: Those that all arguments are tried with; the others with the first few.
FEW_RETURN_TYPES = (3, 8)
ODD_RETURN_TYPES = (9, 10, 11, 12, 14, 18)

SELECTIONS = (
    ("key", 97, 76, [(3,), ("a",), (4,), (WILDCARD,)]),
    ("index", 98, 77, [(0,), (-1,), (7,)]),
    ("value", 99, 78, [(5,), (9,), ([1, WILDCARD],)]),
    ("rank", 100, 79, [(0,), (-1,), (-8,)]),
    ("all by value", 102, 82, [(5,), (9,), (WILDCARD,)]),
    ("key interval", 103, 84, [(3, "b"), (2,), ("zz",), (5, 1), (None, 4)]),
    ("index range", 104, 85, [(1, 2), (4,), (-3, 2), (0, 3), (9, 1), (0,)]),
    ("value interval", 105, 86, [(2, 6), (3,), (9, 2), (None, INFINITY), ("zz", [])]),
    ("rank range", 106, 87, [(1, 2), (4,), (-3, 2), (0, 3), (9, 1)]),
    ("key list", 107, 81, [(["a", 3, 3, 9],), ([9],), (4,)]),
    ("value list", 108, 83, [([5, "b", 5],), ([9],), (4,)]),
    ("relative index range", 109, 88, [(3, 0, 2), (4, -1), ("b", -9, 3), (3, 9)]),
    ("relative rank range", 110, 89, [(5, 0, 2), (4, -1), (2, -9, 3), ([], 9)]),
)


def bins(of: Any) -> dict[str, Any]:
    return {"a": 1, "b": (MAP, bytes(of)) if isinstance(of, Packed) else of}


def _selections() -> Iterator[Case]:
    for (kind, of), (by, get, remove, argument_lists) in itertools.product(
        KINDS.items(), SELECTIONS
    ):
        inversions = (0, INVERTED) if get >= 102 else (0,)
        most = 2 if kind == "unordered" else 0
        for arguments, inverted, type in itertools.product(
            argument_lists, inversions, RETURN_TYPES
        ):
            if type not in FEW_RETURN_TYPES and argument_lists.index(arguments) > most:
                continue
            name = f"{by} {arguments} of {kind}, type {type}{' inverted' * bool(inverted)}"
            if kind != "value-ordered" or type in (1, 3, 7):
                got = command(get, type | inverted, *arguments)
                yield Case(f"get by {name}", bins(of), (read_op(got),), writes=False)
            if type in (0, 8):
                removed = command(remove, type | inverted, *arguments)
                yield Case(f"remove by {name}", bins(of), (write_op(removed),))
        for type in ODD_RETURN_TYPES:
            got = command(get, type, *argument_lists[0])
            yield Case(f"get by {by} of {kind}, odd type {type}", bins(of), (read_op(got),), False)
        odd = command(get, 7 | INVERTED, *argument_lists[0])
        yield Case(f"get by {by} of {kind}, inverted", bins(of), (read_op(odd),), writes=False)


_EDITED = {
    "unordered": {2: "x", 1: 10},
    "ordered": KeyOrderedDict({2: "x", 1: 10}),
    "nothing": None,
    "an empty one": {},
}
_EDITS: dict[str, list[tuple[Any, ...]]] = {
    "set type": [(64, flags) for flags in (0, 1, 2, 3, 0x10, 0x11, 0x13, 4, 0x101)],
    "add": [(65, 3, 4), (65, 1, 4), (65, 3, 4, 1)],
    "add items": [(66, {3: 4}), (66, {1: 4, 3: 4}), (66, {}), (66, [1])],
    "put": [(67, 3, 4), (67, 1, 4), (67, "k", [1, 2], 1), (67, b"k", {2: 1, 1: 2}, 3)]
    + [(67, key, 4, 1, flags) for key in (1, 3) for flags in (0, 1, 2, 3, 4, 5, 6, 12)]
    + [(67, key, 1) for key in (None, 1.5, True, [1], {})]
    + [(67, 3, WILDCARD), (67, WILDCARD, 3), (67, 3, 4, 7), (67, 3)],
    "put items": [(68, {3: 4, 0: 1}), (68, {}), (68, 4), (68, KeyOrderedDict({3: 1}), 1)]
    + [(68, {1: 4, 3: 4}, 1, flags) for flags in (0, 1, 2, 4, 5, 6, 9, 10, 13, 14)],
    "replace": [(69, 1, 4), (69, 3, 4)],
    "replace items": [(70, {1: 4}), (70, {1: 4, 3: 4}), (70, {})],
    "increment": [
        (73, key, *more)
        for key, *more in (
            *[(1, 5), (1,), (3, 5), (3, 1.5), (1, 1.9), (2, 1), (1, None), (1, "x")],
            *[(3, 5, 1), (1.5, 1), (1, 2**63 - 1)],
        )
    ],
    "decrement": [(74, 1, 5), (74, 1), (74, 3, 5), (74, 3, 1.5), (74, 3, 5, 1)],
    "clear": [(75,)],
    "remove by key": [(76, 7, 1), (76, 7, 9), (76, 5, 9)],
    "size": [(96,)],
    "no command": [(71,), (80, 7, 1), (90,), (200, 1)],
}
_READ_NUMBERS = (96,)


def _edits() -> Iterator[Case]:
    for (kind, of), (name, rows) in itertools.product(_EDITED.items(), _EDITS.items()):
        for number, *arguments in rows:
            op = read_op if number in _READ_NUMBERS else write_op
            start = {"a": 1} if of is None else bins(of)
            title = f"{name} {(number, *arguments)} on {kind}"
            yield Case(title, start, (op(command(number, *arguments)),))


_MORE: list[tuple[str, Any, tuple[Any, ...], bool]] = [
    ("clear keeps the order", KeyOrderedDict({1: 2}), (75,), True),
    ("the last one goes", KeyOrderedDict({1: 2}), (76, 7, 1), True),
    (
        "keys of all types",
        {1: 1, -1: 2, "": 3, "a": 4, b"": 5, b"a": 6, 300: 7},
        (104, 6, 0),
        False,
    ),
    ("no keys, as pairs", PAIRS, (107, 8, []), False),
    ("no keys, as ranks", PAIRS, (107, 3, []), False),
    ("no values, as ranks", PAIRS, (108, 3, []), False),
    ("no keys, odd type", PAIRS, (107, 14, []), False),
    ("no values, odd type", PAIRS, (108, 9, []), False),
    ("of nothing by value", {}, (102, 7, 1), False),
    ("of nothing by rank", {}, (106, 7, 0), False),
    ("of nothing by key", {}, (97, 7, 1), False),
    ("of nothing by index", {}, (98, 7, 0), False),
    ("all but a value", {1: 5, 2: 5}, (102, 8 | INVERTED, 5), False),
    ("all but a missing value", {1: 5, 2: 5}, (102, 8 | INVERTED, 6), False),
    ("on a list", [1], (97, 7, 1), False),
    ("put to a list", [1], (67, 1, 1), True),
    ("a read as a write", {1: 1}, (97, 7, 1), True),
    ("a write as a read", {1: 1}, (67, 1, 1), False),
    ("16 become 15", {n: n for n in range(16)}, (76, 0, 3), True),
    ("15 become 16", {n: n for n in range(15)}, (67, 99, 3), True),
]


def cases() -> Iterator[Case]:
    yield from _selections()
    yield from _edits()
    for name, of, arguments, writes in _MORE:
        op = write_op if writes else read_op
        yield Case(name, bins(of), (op(command(*arguments)),), writes)
    yield Case("put makes a record", {}, (write_op(command(67, 5, 4, 1)),))
    yield Case("put items makes a record", {}, (write_op(command(68, {5: 4}, 3)),))
    yield Case("remove makes no record", {}, (write_op(command(76, 0, 1)),))
    several = write_op(command(67, 1, 2)), read_op(command(97, 7, 1)), read_op(command(97, 7, 2))
    yield Case("several", {"a": 1}, several)
    yield Case("several, all answer", {"a": 1}, several, respond_all=True)
    missing = read_op(command(97, 7, 9)), read_op(command(96))
    yield Case("no value", bins({1: 1}), missing, writes=False)
    yield Case("no value, all answer", bins({1: 1}), missing, writes=False, respond_all=True)
