"""Cases of contexts, of paths, and of list and map calls inside expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aerodbapi.protocol.flags import OpType
from aerodbapi.types import WILDCARD, KeyOrderedDict
from tests.differential.payloads import (
    INVERTED,
    Packed,
    command,
    loop,
    ordered,
    packed,
    path,
    quoted,
    within,
)
from tests.differential.peers import Case, read_op, write_op

INT, STR, LIST, MAP = 2, 3, 4, 5  # types of expressions
KEY, VALUE, INDEX = range(3)  # loop variables
EQ, GT, ADD, COND, UNKNOWN, REMOVE = 1, 3, 20, 123, 0, 100

NESTED = {"l": [3, [1, 2], {"x": 1}], "m": KeyOrderedDict({1: [9, 8], 2: 5}), "n": 7}
LISTS = [[3, 1], [], {1: [5]}, 4]

_LIST_STEPS: list[list[Any]] = [
    [0x10, 0],
    [0x10, -2],
    [0x10, 4],
    [0x11, 0],
    [0x11, -1],
    [0x13, [3, 1]],
    [0x13, [WILDCARD]],
    [0x13, 9],
    [0x12, 1],
    [0x20, 0],
    [0x00, 0],
    [0x03, []],
    [0x14, True],
    [0x10, "x"],
    [0x10, 2, 0x22, 1],
    [0x10, 3],
    [0x10, 3, 0x10, 0],
    [0x10],
    [],
]
_MAP_STEPS: list[list[Any]] = [
    [0x22, "l"],
    [0x22, "zz"],
    [0x20, 0],
    [0x20, 5],
    [0x21, 0],
    [0x21, -2],
    [0x23, 7],
    [0x23, [3, WILDCARD]],
    [0x22, "m", 0x22, 1],
    [0x22, "m", 0x20, -2],
    [0x22, "l", 0x10, 1],
    [0x22, "l", 0x10, 2],
    [0x02, "l"],
    [0x10, 0],
    [0x22, None],
]
#: Steps that may create: on nothing, on an empty list or map, and on full ones.
_CREATING: list[list[Any]] = [
    [0x22 | flags, "k", 0x10 | more, index]
    for flags in (0x40, 0x80, 0xC0, 0x140, 0)
    for more in (0, 0x40, 0x80, 0xC0)
    for index in (0, 2)
] + [
    [0x62, "k"],
    [0xA2, "k"],
    [0xE2, "k"],
    [0x1A2, "k"],
    [0x50, 0],
    [0x50, 1],
    [0x50, 4],
    [0x50, 6],
    [0x90, 0],
    [0x90, 6],
    [0xD0, 0],
    [0xD0, 6],
    [0x1D0, 0],
    [0x190, 3],
    [0x50, 9, 0xA2, "k"],
    [0x90, 6, 0xA2, "k"],
    [0x51, 0],
    [0x53, 0],
    [0x60, 0],
    [0x42, "k"],
    [0xA2, "k", 0x1A2, "l"],
    [0xA2, "k", 0x20, 0],
    [0xA2, "l", 0x50, 3],
    [0xA2, "l", 0x50, 1],
    [0xA2, "m", 0xA2, "new"],
]


def _bins(of: Any) -> dict[str, Any]:
    if of is None:
        return {"a": 1}
    return {"a": 1, "b": (20, bytes(of)) if isinstance(of, Packed) else of}


def _contexts() -> Iterator[Case]:
    for of, steps in ((LISTS, _LIST_STEPS), (NESTED, _MAP_STEPS)):
        for context in steps:
            for name, inner in (
                ("list size", command(16)),
                ("map size", command(96)),
                ("get", command(19, 7, 0)),
            ):
                op = read_op(within(context, inner))
                yield Case(f"{name} in {context} of {of}", _bins(of), (op,), writes=False)
            for name, inner in (
                ("append", command(1, 7, 1)),
                ("put", command(67, 7, 7, 1)),
                ("pop", command(5, 0)),
                ("clear", command(11)),
            ):
                yield Case(
                    f"{name} in {context} of {of}", _bins(of), (write_op(within(context, inner)),)
                )
    for of in (None, {}, [], ordered([]), NESTED, LISTS, ordered([1, [2], [3]])):
        for context in _CREATING:
            for name, inner in (("append", command(1, 7, 1)), ("put", command(67, 7, 7, 3))):
                op = write_op(within(context, inner))
                yield Case(f"{name}, creating in {context} of {of!r}", _bins(of), (op,))
    yield from _odd_contexts()


def _odd_contexts() -> Iterator[Case]:
    inner: dict[str, bytes] = {
        "remove": command(5, 0),
        "sort": command(13),
        "replace items": command(70, {1: 1}),
        "no items": command(2, [], 1),
        "set type": command(0, 1),
        "bounded": command(3, 9, 1, 6),
        "no command": command(99),
        "select": command(0xFE, 1),
        "nothing": Packed(b"\x90"),
        "a number": Packed(b"\x07"),
    }
    for name, one in inner.items():
        for of in (None, {"k": [2, 1]}, {}):
            op = write_op(within([0xA2, "k"], one))
            yield Case(f"{name} in a context of {of}", _bins(of), (op,))
    ordered_in = ordered([[1], [5], [9]])
    for index, value in ((0, 7), (2, 0), (1, 1)):
        op = write_op(within([0x10, index], command(9, 0, value)))
        yield Case(f"an ordered list's {index} becomes {value}", _bins(ordered_in), (op,))
    for bad in (Packed(b"\x93\xcc\xff\x01\x91\x10"), Packed(b"\x92\xcc\xff\x92\x10\x00")):
        yield Case(f"context {bad.hex()}", _bins([1]), (read_op(bad),), writes=False)
    yield Case("a context on a number", {"b": 1}, (read_op(within([0x10, 0], command(16))),), False)
    op = write_op(within([0x13, [WILDCARD], 0x10, 0], command(1, 5)))
    yield Case("a value that cannot be stored on the way", _bins([[[1]]]), (op,))


_PATHS: list[tuple[str, Any, list[Any]]] = [
    ("all", {"x": 1, "y": {"z": 2}, "l": [1, 2]}, [4, True]),
    ("two levels", {"x": 1, "y": {"z": 2}, "l": [1, 2]}, [4, True, 4, True]),
    ("by key", {"x": 1, "y": {"z": 2}}, [0x22, "y", 4, True]),
    ("by missing key", {"x": 1}, [0x22, "q"]),
    ("by index", [5, [6, 7], 8], [0x10, 1, 4, True]),
    ("by index, at the end", [5, [6, 7]], [4, True, 0x10, 0]),
    ("by rank", [5, 9, 8], [0x11, -1]),
    ("by rank, in the middle", [[2, 1], [4, 3], 9], [4, True, 0x11, 0]),
    ("by map rank", {1: 9, 2: 8}, [0x21, 0]),
    ("by map index", KeyOrderedDict({1: 9, 2: 8}), [0x20, -1]),
    ("by value", [5, 9, 5], [0x13, 5]),
    ("by map value", {1: 9, 2: 8}, [0x23, 8]),
    ("by keys", {1: 9, 2: 8, 3: 7}, [0x2A, [3, 1, 4]]),
    ("greater", [5, 9, 5], [4, [GT, loop(INT, VALUE), 6]]),
    ("greater, of strange ones", [5, "x", 9], [4, [GT, loop(INT, VALUE), 6]]),
    ("first two", [5, 9, 5], [4, [5, loop(INT, INDEX), 2]]),
    ("named", {"a": 1, "b": 2}, [4, Packed(b"\x93\x01\x93\x7a\x03\x00\xa2\x03b")]),
    ("by value and index", [5, 9, 5], [0x13, 5, 0x204, [GT, loop(INT, INDEX), 0]]),
    ("by key and value", {1: 9, 2: 8}, [0x22, 1, 0x204, [GT, loop(INT, VALUE), 8]]),
    ("unknown", [5], [4, [UNKNOWN]]),
    ("and first", [5], [0x204, True]),
    ("and all", [5], [0x13, 5, 0x204, True]),
    ("and twice", [5], [0x13, 5, 0x204, True, 0x204, True]),
    ("no list", {"x": 1}, [0x10, 0]),
    ("no map", [1], [0x22, 0]),
    ("no step", [1], []),
    ("half a step", [1], [4]),
    ("no type", [1], [7, 1]),
    ("an empty list inside", [[], [1]], [4, True, 4, True]),
    ("an ordered list", ordered([1, 5, 9]), [4, True]),
    ("deep", [[[1, 2], [3]], [[4]]], [4, True, 4, True, 4, True]),
]
_CHANGES: dict[str, Any] = {
    "add": [ADD, loop(INT, VALUE), 1],
    "remove": [REMOVE],
    "constant": 7,
    "text": "text",
    "unknown": [UNKNOWN],
    "remove some": [COND, [GT, loop(INT, VALUE), 5], [REMOVE], [UNKNOWN]],
    "no expression": [1],
}


def _paths() -> Iterator[Case]:
    for name, of, steps in _PATHS:
        for flags in (0, 1, 2, 3, 0x10, 0x11, 0x12, 0x13):
            op = read_op(path(steps, flags))
            yield Case(f"path {name}, flags {flags}", _bins(of), (op,), writes=False)
        for changing, change in _CHANGES.items():
            for flags in (4, 0x14):
                op = write_op(path(steps, flags, change))
                yield Case(f"path {name}, {changing}, flags {flags}", _bins(of), (op,))
    for flags in (5, 6, 0x20, 4):
        op = read_op(path([4, True], flags))
        yield Case(f"path with flags {flags}", _bins([1]), (op,), writes=False)
    yield Case("path of a number", {"b": 1}, (read_op(path([4, True], 0)),), writes=False)
    yield Case("path of no bin", {"a": 1}, (write_op(path([4, True], 4, 1)),))
    yield Case("changing reads", _bins([1]), (read_op(path([4, True], 4, 1)),), writes=False)


def _call(type: int, inner: bytes, target: Any, *, modify: bool = False) -> Packed:
    head = b"\x95\x7f" + bytes((type, 0x40 if modify else 0))
    return Packed(head + inner + packed(target))


_BIN_OF_LIST = Packed(b"\x93\x51\x04\xa1b")
_BIN_OF_MAP = Packed(b"\x93\x51\x05\xa1b")
_CALLS: list[tuple[str, Any, Packed]] = [
    ("size", [1, 2], _call(INT, command(16), _BIN_OF_LIST)),
    ("get", [1, "x"], _call(STR, command(19, 7, 1), _BIN_OF_LIST)),
    ("get of another type", [1, "x"], _call(INT, command(19, 7, 1), _BIN_OF_LIST)),
    ("get outside", [1, "x"], _call(STR, command(19, 7, 5), _BIN_OF_LIST)),
    ("range", [1, 2, 3], _call(LIST, command(24, 7 | INVERTED, 0, 1), _BIN_OF_LIST)),
    ("value list", [1, 2, 3], _call(LIST, quoted(command(23, 7, [1, 3])), _BIN_OF_LIST)),
    ("exists", [1, 2, 3], _call(1, command(22, 13, 2), _BIN_OF_LIST)),
    ("append", [3, 1], _call(LIST, command(1, 2), _BIN_OF_LIST, modify=True)),
    ("sort", [3, 1], _call(LIST, command(13), _BIN_OF_LIST, modify=True)),
    ("pop", [3, 1], _call(LIST, command(5, 0), _BIN_OF_LIST, modify=True)),
    ("map get", {"k": 5}, _call(INT, command(97, 7, "k"), _BIN_OF_MAP)),
    ("map get of nothing", {"k": 5}, _call(INT, command(97, 7, "q"), _BIN_OF_MAP)),
    ("map pairs", {"k": 5}, _call(MAP, command(106, 8, 0), _BIN_OF_MAP)),
    ("put", {"k": 5}, _call(MAP, command(67, "j", 1), _BIN_OF_MAP, modify=True)),
    ("put items", {"k": 5}, _call(MAP, command(68, {"j": 1}), _BIN_OF_MAP, modify=True)),
    ("in a context", {"k": [5]}, _call(INT, within([0x22, "k"], command(16)), _BIN_OF_MAP)),
    (
        "append in one",
        {"k": [5]},
        _call(MAP, within([0x22, "k"], command(1, 6)), _BIN_OF_MAP, modify=True),
    ),
    ("path", {"k": [5]}, _call(MAP, path([4, True], 0), _BIN_OF_MAP)),
    ("path values", [5, 6], _call(LIST, path([4, True], 1), _BIN_OF_LIST)),
    (
        "changing path",
        [5, 6],
        _call(LIST, path([4, True], 4, [ADD, loop(INT, VALUE), 1]), _BIN_OF_LIST, modify=True),
    ),
    ("of a constant", [9], _call(INT, command(16), Packed(b"\x92\x7e\x93\x01\x02\x03"))),
    ("of another bin", "text", _call(INT, command(16), _BIN_OF_LIST)),
    ("no command", [1], _call(INT, command(99), _BIN_OF_LIST)),
]


def _calls() -> Iterator[Case]:
    for name, of, expression in _CALLS:
        for flags in (0, 16):
            payload = Packed(b"\x92" + expression + bytes((flags,)))
            read = read_op(payload, "c", OpType.EXP_READ)
            yield Case(f"call {name}, flags {flags}", _bins(of), (read,), writes=False)
            write = write_op(payload, "c", OpType.EXP_MODIFY)
            yield Case(f"store call {name}, flags {flags}", _bins(of), (write,))


def cases() -> Iterator[Case]:
    yield from _contexts()
    yield from _paths()
    yield from _calls()
