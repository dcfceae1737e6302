"""List and map operations seen as a whole: what holds for all of them, and what they cost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.embedded import cdt as operations
from aerodbapi.embedded.cdt import values
from aerodbapi.embedded.cdt.list_commands import LIST_COMMANDS
from aerodbapi.embedded.cdt.map_commands import MAP_COMMANDS
from aerodbapi.embedded.ops import State
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol import cdt, particles
from aerodbapi.protocol.message import Operation
from aerodbapi.types import KeyOrderedDict

INVERTED = 0x10000
COUNT, VALUE, KEY, EXISTS = 5, 7, 6, 13


def run(bins, number, *arguments, modify=False):
    """Do a command on bin "b" of Python values; give the result and the bin afterwards."""
    state = State({name: particles.encode(value) for name, value in bins.items()}, None, 0)
    op = Operation(4 if modify else 3, "b", 4, cdt.pack([number, *arguments]))
    result = (operations.modify if modify else operations.read)(state, op)
    kept = state.bins.get("b")
    shown = None if result is None else particles.decode(*result)
    return shown, None if kept is None else particles.decode(*kept)


ITEMS = st.lists(st.integers(0, 4) | st.sampled_from(("a", "b")), max_size=8)
PAIRS = st.dictionaries(st.integers(0, 9) | st.sampled_from("abc"), st.integers(0, 3), max_size=8)
MAPS = PAIRS | PAIRS.map(KeyOrderedDict)
PLACES = st.integers(-9, 9)

#: Selections of several: (get, remove, arguments).
OF_LISTS = st.one_of(
    st.tuples(st.just(22), st.just(35), st.tuples(st.integers(0, 4))),
    st.tuples(st.just(23), st.just(36), st.tuples(st.lists(st.integers(0, 4), max_size=3))),
    st.tuples(st.just(24), st.just(37), st.tuples(PLACES, st.integers(0, 5))),
    st.tuples(st.just(25), st.just(38), st.tuples(st.integers(0, 4), st.integers(0, 5))),
    st.tuples(st.just(26), st.just(39), st.tuples(PLACES, st.integers(0, 5))),
    st.tuples(st.just(27), st.just(40), st.tuples(st.integers(0, 4), PLACES, st.integers(0, 5))),
)
OF_MAPS = st.one_of(
    st.tuples(st.just(102), st.just(82), st.tuples(st.integers(0, 4))),
    st.tuples(st.just(103), st.just(84), st.tuples(st.integers(0, 9), st.integers(0, 9))),
    st.tuples(st.just(104), st.just(85), st.tuples(PLACES, st.integers(0, 5))),
    st.tuples(st.just(105), st.just(86), st.tuples(st.integers(0, 4), st.integers(0, 5))),
    st.tuples(st.just(106), st.just(87), st.tuples(PLACES, st.integers(0, 5))),
    st.tuples(st.just(107), st.just(81), st.tuples(st.lists(st.integers(0, 9), max_size=3))),
    st.tuples(st.just(108), st.just(83), st.tuples(st.lists(st.integers(0, 4), max_size=3))),
    st.tuples(st.just(109), st.just(88), st.tuples(st.integers(0, 9), PLACES, st.integers(0, 5))),
    st.tuples(st.just(110), st.just(89), st.tuples(st.integers(0, 4), PLACES, st.integers(0, 5))),
)


@given(ITEMS, OF_LISTS)
def test_list_selections(items, selection):
    get, remove, arguments = selection
    bins = {"b": items}
    chosen, _ = run(bins, get, VALUE, *arguments)
    others, _ = run(bins, get, VALUE | INVERTED, *arguments)
    assert sorted(map(str, chosen + others)) == sorted(map(str, items))
    assert run(bins, get, COUNT, *arguments)[0] == len(chosen)
    assert run(bins, get, EXISTS, *arguments)[0] == bool(chosen)
    # What is not chosen is answered, and kept, in the list's own order.
    assert run(bins, remove, VALUE, *arguments, modify=True) == (chosen, others)
    rest = run(bins, remove, VALUE | INVERTED, *arguments, modify=True)
    assert rest[0] == others
    assert sorted(map(str, rest[1])) == sorted(map(str, chosen))


@given(ITEMS, OF_LISTS)
def test_ordered_lists_choose_the_same(items, selection):
    get, _, arguments = selection
    if get == 24:  # indexes are what differs
        return
    chosen, _ = run({"b": items}, get, VALUE, *arguments)
    _, ordered = run({}, 2, items, 1, modify=True)
    state = State({}, None, 0)
    operations.modify(state, Operation(4, "b", 4, cdt.pack([2, items, 1])))
    op = Operation(3, "b", 4, cdt.pack([get, VALUE, *arguments]))
    result = operations.read(state, op)
    assert result is not None
    found = particles.decode(*result)
    if get == 23:  # there a value that is asked for twice is answered twice
        found = [value for value in items if value in found]
    assert sorted(map(str, found)) == sorted(map(str, chosen))
    assert ordered == sorted(items, key=cdt.sort_key)


@given(MAPS, OF_MAPS)
def test_map_selections(pairs, selection):
    get, remove, arguments = selection
    bins = {"b": pairs}
    if get in (107, 108) and not arguments[0]:
        return
    chosen, _ = run(bins, get, KEY, *arguments)
    others, _ = run(bins, get, KEY | INVERTED, *arguments)
    assert sorted(map(str, chosen + others)) == sorted(map(str, pairs))
    assert run(bins, get, COUNT, *arguments)[0] == len(chosen)
    assert run(bins, get, EXISTS, *arguments)[0] == bool(chosen)
    values_of = [pairs[key] for key in chosen]
    assert run(bins, get, VALUE, *arguments)[0] == values_of
    kept = {key: value for key, value in pairs.items() if key not in chosen}
    assert run(bins, remove, VALUE, *arguments, modify=True) == (values_of, kept)
    left = {key: pairs[key] for key in chosen}
    assert run(bins, remove, 0 | INVERTED, *arguments, modify=True) == (None, left)


@given(ITEMS, ITEMS)
def test_ordered_lists_stay_ordered(first, second):
    state = State({}, None, 0)
    for number, argument in ((2, first), (2, second), *((1, item) for item in second)):
        operations.modify(state, Operation(4, "b", 4, cdt.pack([number, argument, 1])))
    kept = particles.decode(*state.bins["b"])
    assert kept == sorted([*first, *second, *second], key=cdt.sort_key)


@given(PAIRS, PAIRS, st.sampled_from((0, 1, 3)))
def test_maps_stay_sorted_whatever_their_order(first, second, order):
    state = State({}, None, 0)
    operations.modify(state, Operation(4, "b", 4, cdt.pack([68, first, order])))
    for key, value in second.items():
        operations.modify(state, Operation(4, "b", 4, cdt.pack([67, key, value, order])))
    kept = particles.decode(*state.bins["b"])
    assert list(kept.items()) == sorted(
        {**first, **second}.items(), key=lambda p: cdt.sort_key(p[0])
    )


@settings(max_examples=500)
@given(
    st.sampled_from(([1, [2, {"a": 3}]], {"a": [1], 2: {}}, 7, None)),
    st.binary(max_size=12)
    | st.tuples(
        st.sampled_from((*LIST_COMMANDS, *MAP_COMMANDS, 254, 255)),
        st.lists(st.binary(min_size=1, max_size=4), max_size=4),
    ).map(lambda parts: bytes((0x91 + len(parts[1]), 0xCC, parts[0])) + b"".join(parts[1])),
    st.booleans(),
)
def test_any_bytes_are_answered(value, payload, modify):
    bins = {} if value is None else {"b": particles.encode(value)}
    if value is None and not modify:
        return
    state = State(dict(bins), None, 0)
    code = code_of(state, Operation(4 if modify else 3, "b", 4, payload))
    assert code in (0, 1, 4, 12, 13, 16, 23, 24, 26)
    assert set(state.bins) <= {"b"}
    if code:
        assert state.bins == bins


def code_of(state: State, op: Operation) -> int:
    """Do an operation; give the code of its refusal, or 0."""
    try:
        (operations.modify if op.op == 4 else operations.read)(state, op)
    except Refused as refused:
        return refused.result_code
    return 0


def test_deeply_nested_arguments_are_refused():
    payload = b"\x93\x16\x07" + b"\x91" * 100_000 + b"\x00"
    state = State({"b": particles.encode([1])}, None, 0)
    with pytest.raises(Refused):
        operations.read(state, Operation(3, "b", 4, payload))


def test_a_nested_ordered_list_is_sorted_again_after_a_change():
    state = State({}, None, 0)
    for payload in (
        "93 cc ff 92 cc a2 a2 03 6b 94 02 93 01 05 09 01 00",  # {"k": ordered [1, 5, 9]}
        # Every 5 becomes 20: a condition on the value, and the value unchanged otherwise.
        "94 cc fe 94 22 a2 03 6b 13 05 04 14",
    ):
        operations.modify(state, Operation(4, "b", 4, bytes.fromhex(payload)))
    assert particles.decode(*state.bins["b"]) == {"k": [1, 9, 20]}


@pytest.mark.parametrize("command", [(1, 5), (3, 10_000, 5)])
def test_appending_does_not_look_inside(monkeypatch, command):
    def look(*arguments):
        raise AssertionError("the list is taken apart")

    state = State({"b": particles.encode(list(range(10_000)))}, None, 0)
    monkeypatch.setattr(values, "_split", look)
    operations.modify(state, Operation(4, "b", 4, cdt.pack(list(command))))
    assert particles.decode(*state.bins["b"]) == [*range(10_000), 5]


def test_reading_the_front_does_not_look_behind(monkeypatch):
    seen = []
    split = values._split
    monkeypatch.setattr(values, "_split", lambda *a: seen.append(a[2]) or split(*a))
    assert run({"b": list(range(10_000))}, 17, 3)[0] == 3
    assert seen == [4]
