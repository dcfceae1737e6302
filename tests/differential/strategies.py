"""Strategies of packed lists, maps and operations on them.

Left out are inputs at which a server of version 8.1.2 ends itself: creation at a negative
index or behind a rank, all but no keys or values of a map, changes along paths through lists
that are ordered inside others, and an expression after an index or rank of a map in a path.
Nor is a type set that keeps a list's index: in a new bin a context makes that show as well.
"""

from __future__ import annotations

import struct
from functools import cmp_to_key

from hypothesis import strategies as st

from aerodbapi.embedded.cdt.list_commands import LIST_COMMANDS
from aerodbapi.embedded.cdt.map_commands import MAP_COMMANDS
from aerodbapi.embedded.packed import compare, list_header, map_header, pack_int, pack_typed
from tests.differential.payloads import INVERTED, Packed

__all__ = ["commands", "contexts", "lists", "maps", "paths"]

_WILDCARD, _INFINITY = b"\xd4\xff\x00", b"\xd4\xff\x01"
_in_order = cmp_to_key(lambda left, right: compare(left, right)[0])


def _list(parts: list[bytes]) -> bytes:
    return list_header(len(parts)) + b"".join(parts)


integers = st.sampled_from((0, 1, 2, 3, 5, 7, -1, -2, -40, 100, 200, -300, 70000, 2**63 - 1)).map(
    pack_int
)
texts = st.sampled_from((b"", b"a", b"b", b"ab", b"z" * 40)).map(lambda text: pack_typed(3, text))
blobs = st.sampled_from((b"", b"x", b"yz")).map(lambda blob: pack_typed(4, blob))
doubles = st.sampled_from((0.5, 1.5, -2.25, 1e10)).map(lambda x: b"\xcb" + struct.pack(">d", x))
scalars = st.one_of(
    integers, integers, texts, blobs, doubles, st.sampled_from((b"\xc0", b"\xc2", b"\xc3"))
)
keys = st.one_of(integers, texts, blobs)


@st.composite
def lists(draw, inside=scalars, *, may_be_ordered: bool = True, max_size: int = 7) -> bytes:
    """Packed lists of packed elements."""
    items = draw(st.lists(inside, max_size=max_size))
    if not may_be_ordered or not draw(st.booleans()):
        return _list(items)
    items.sort(key=_in_order)
    return list_header(len(items) + 1) + b"\xc7\x00\x01" + b"".join(items)


@st.composite
def maps(draw, inside=scalars) -> bytes:
    """Packed maps of packed values."""
    pairs = draw(st.dictionaries(keys, inside, max_size=6))
    order = sorted(pairs, key=_in_order)
    body = b"".join(key + pairs[key] for key in order)
    flags = draw(st.sampled_from((0, 0, 1, 1, 3)))
    if not flags:
        return map_header(len(pairs)) + body
    return map_header(len(pairs) + 1) + b"\xc7\x00" + bytes((flags,)) + b"\xc0" + body


def _nested(may_be_ordered: bool) -> st.SearchStrategy[bytes]:
    def container(inside: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
        return lists(inside, may_be_ordered=may_be_ordered, max_size=4) | maps(inside)

    return st.recursive(scalars, container, max_leaves=6)


values = _nested(True)
#: Values in which no list is ordered.
loose_values = _nested(False)

_patterns = st.one_of(
    values,
    values,
    st.just(_WILDCARD),
    st.just(_INFINITY),
    scalars.map(lambda one: _list([one, _WILDCARD])),
)
_key_patterns = st.one_of(keys, keys, _patterns)

_places = st.integers(-8, 8).map(pack_int)
_counts = st.sampled_from((0, 1, 1, 2, 2, 3, 5, 10, -1)).map(pack_int)
_write_flags = st.integers(0, 15).map(pack_int)
_orders = st.sampled_from((0, 1, 3, 0x10, 0x11, 2, 8)).map(pack_int)
_types = st.sampled_from((0, 1, 3, 2, 8)).map(pack_int)
_deltas = st.one_of(integers, doubles, st.just(b"\xc0"), texts)

_RETURN_TYPES = (0, 1, 2, 3, 4, 5, 7, 7, 13)
_MAP_RETURN_TYPES = (*_RETURN_TYPES, 6, 8, 16, 17)
_ODD_RETURN_TYPES = (6, 8, 9, 10, 11, 12, 14, 18)

_BY_KEY = (97, 76, 103, 84, 109, 88)
_LISTS_OF_KEYS, _LISTS_OF_VALUES = (107, 81), (23, 36, 108, 83)
_COUNTED = (6, 8, 10, 18)
_ADDS_LISTS, _ADDS_MAPS, _ADDS_PAIRS = (2, 4), (66, 68, 70), (65, 67, 69)
_SETS_TYPE, _ADDS_NUMBERS = (0, 64), (12, 73, 74)
_EDITS = frozenset((*range(19), *range(64, 76), 96))


@st.composite
def _return_types(draw, number: int) -> int:
    usual = _RETURN_TYPES if number < 64 else _MAP_RETURN_TYPES
    odd = draw(st.integers(0, 9)) == 0
    type = draw(st.sampled_from(_ODD_RETURN_TYPES if odd else usual))
    return type | (INVERTED if draw(st.integers(0, 3)) == 0 else 0)


def _argument(number: int, place: int, letter: str) -> st.SearchStrategy[bytes]:
    """Give the strategy of one argument of a command that is no selection."""
    created = (LIST_COMMANDS if number < 64 else MAP_COMMANDS)[number].created
    if letter == "i":
        return _places
    if letter == "n":
        if number in _COUNTED:
            return _counts
        if number in _SETS_TYPE:
            return _types
        return _orders if created == place else _write_flags
    if letter == "v":
        return keys if number in _ADDS_NUMBERS[1:] and not place else _deltas
    if number in _ADDS_LISTS:
        return lists(values, max_size=4)
    if number in _ADDS_MAPS:
        return maps(values)
    return keys if number in _ADDS_PAIRS and not place else values


@st.composite
def _selection(draw, number: int, signature: str) -> list[bytes]:
    how = draw(_return_types(number))
    arguments = []
    for letter in signature[1:]:
        if number in _LISTS_OF_KEYS or number in _LISTS_OF_VALUES:
            of = keys if number in _LISTS_OF_KEYS else values
            items = draw(st.lists(of, max_size=4))
            if not items and number > 64:
                how &= ~INVERTED
            arguments.append(_list(items))
        elif letter == "v":
            arguments.append(draw(_key_patterns if number in _BY_KEY else _patterns))
        else:
            arguments.append(draw(_counts if letter == "n" else _places))
    return [pack_int(how), *arguments]


@st.composite
def commands(draw, numbers=(*LIST_COMMANDS, *MAP_COMMANDS)) -> tuple[bool, Packed]:
    """Packed commands with their arguments, and whether they modify."""
    number = draw(st.sampled_from(tuple(numbers)))
    command = (LIST_COMMANDS if number < 64 else MAP_COMMANDS)[number]
    letters = command.signature.replace("?", "")
    optional = command.signature.count("?")
    letters = letters[: len(letters) - draw(st.integers(0, optional))]
    if number in _EDITS:
        arguments = [draw(_argument(number, i, letter)) for i, letter in enumerate(letters)]
    else:
        arguments = draw(_selection(number, letters))
    return command.modifies, Packed(_list([pack_int(number), *arguments]))


@st.composite
def _context_step(draw, may_create: bool) -> bytes:
    type = draw(st.sampled_from((0x10, 0x10, 0x11, 0x13, 0x20, 0x21, 0x22, 0x22, 0x22, 0x23)))
    create = draw(st.sampled_from((0, 0x40, 0x80, 0xC0))) if may_create else 0
    if type == 0x10 and create:
        return pack_int(type | create) + pack_int(draw(st.integers(0, 5)))
    if type == 0x11 or not create:
        create = 0
    if type & 0x0F in (0, 1):
        return pack_int(type | create) + draw(_places)
    return pack_int(type | create) + draw(keys if type == 0x22 else values)


@st.composite
def contexts(draw) -> bytes:
    """Packed contexts of one to three steps."""
    may_create = draw(st.booleans())
    steps = draw(st.lists(_context_step(may_create), min_size=1, max_size=3))
    return list_header(2 * len(steps)) + b"".join(steps)


_CONDITIONS = [
    Packed(bytes.fromhex(text))
    for text in (
        "93 03 93 7a 02 01 02",  # integer value > 2
        "93 05 93 7a 02 02 02",  # index < 2
        "93 01 93 7a 03 00 a2 03 61",  # text key = "a"
        "93 04 93 7a 02 00 01",  # integer key >= 1
        "93 01 93 7a 01 01 c3",  # boolean value = true
        "93 01 93 7a 04 01 92 7e 92 01 02",  # list value = [1, 2]
        "93 03 95 7f 02 00 91 10 93 7a 04 01 01",  # size of the list value > 1
        "91 00",  # unknown
        "c3",  # all
    )
]
_CHANGES = [
    Packed(bytes.fromhex(text))
    for text in (
        "93 14 93 7a 02 01 01",  # integer value + 1
        "91 64",  # remove
        "05",
        "a3 03 61 62",
        "93 7a 03 01",  # text value
        "92 7e 92 01 02",
        "94 7b 93 03 93 7a 02 01 02 91 64 91 00",  # remove what is > 2, else unknown
        "95 7f 04 40 93 01 09 00 93 7a 04 01",  # append 9 to the list value
    )
]


@st.composite
def _path_step(draw) -> list[bytes]:
    type = draw(st.sampled_from((4, 4, 0x10, 0x11, 0x13, 0x20, 0x21, 0x22, 0x23, 0x2A, 0, 2, 3)))
    base = type & 0x0F
    if base == 4:
        return [pack_int(type), draw(st.sampled_from(_CONDITIONS))]
    if base in (0, 1):
        step = [pack_int(type), draw(_places)]
    elif base == 10:
        step = [pack_int(type), _list(draw(st.lists(keys, max_size=3)))]
    else:
        step = [pack_int(type), draw(keys if base == 2 else scalars)]
    if (base > 1 or type in (0x10, 0x11)) and draw(st.booleans()):
        step += [pack_int(0x204), draw(st.sampled_from(_CONDITIONS))]
    return step


def _without_expressions(step: list[bytes]) -> list[bytes]:
    return [step[0], b"\xc3"] if step[0] == b"\x04" else step[:2]


@st.composite
def paths(draw) -> tuple[bool, Packed]:
    """Packed path operations of one to three steps, and whether they modify."""
    levels = draw(st.lists(_path_step(), min_size=1, max_size=3))
    for level in range(1, len(levels)):
        # Behind an index or rank, expressions of the levels above see what is not there.
        if levels[level][0][0] & 0x0F < 2:
            levels[:level] = [_without_expressions(step) for step in levels[:level]]
    steps = [part for step in levels for part in step]
    flags = draw(st.integers(0, 4)) | draw(st.sampled_from((0, 0x10)))
    parts = [pack_int(0xFE), _list(steps), pack_int(flags)]
    if flags & 4:
        parts.append(draw(st.sampled_from(_CHANGES)))
    return bool(flags & 4), Packed(_list(parts))
