"""HLLs: the hash, the registers' packing, and what estimates, unions and folds have to keep."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.embedded.hll import commands, estimates
from aerodbapi.embedded.hll.murmur3 import murmur3
from aerodbapi.embedded.hll.sketch import RANK_BITS, Sketch, place, unite
from aerodbapi.embedded.packed import list_header, pack_int, pack_typed

INDEX_BITS = st.integers(4, 9)
MINHASH_BITS = st.sampled_from((0, 0, 4, 5, 11, 30, 51))
ELEMENTS = st.lists(st.binary(min_size=1, max_size=40), max_size=40)
FAST_ENOUGH = 0.020  # seconds for 1,000 elements


def made(index_bits: int, minhash_bits: int, elements: list[bytes]) -> Sketch:
    sketch = Sketch.empty(index_bits, minhash_bits)
    for element in elements:
        sketch.add(element)
    return sketch


@pytest.mark.parametrize(
    ("data", "low", "high"),
    [
        (b"", 0, 0),
        (b"hello", 0xCBD8A7B341BD9B02, 0x5B1E906A48AE1D19),
        (b"hello, world", 0x342FAC623A5EBC8E, 0x4CDCBC079642414D),
        (
            b"The quick brown fox jumps over the lazy dog.",
            0xCD99481F9EE902C9,
            0x695DA1A38987B6E7,
        ),
    ],
)
def test_murmur3_of_known_texts(data, low, high):
    assert murmur3(data) == (low, high)


@given(INDEX_BITS, MINHASH_BITS, st.data())
def test_registers_are_packed_from_the_first_bit(index_bits, minhash_bits, data):
    width = RANK_BITS + minhash_bits
    size = 1 << index_bits
    values = data.draw(st.lists(st.integers(0, 2**width - 1), min_size=size, max_size=size))
    sketch = Sketch.of(index_bits, minhash_bits, values)
    text = "".join(f"{value:0{width}b}" for value in values)
    assert sketch.registers == int(text, 2).to_bytes(len(text) // 8, "big")
    assert list(sketch.values()) == values
    assert list(sketch.ranks()) == [value >> minhash_bits for value in values]
    assert Sketch.parse(sketch.pack()) == sketch


@given(INDEX_BITS, MINHASH_BITS, ELEMENTS)
def test_registers_hold_the_largest_value_of_their_elements(index_bits, minhash_bits, elements):
    wanted = [0] * (1 << index_bits)
    for element in elements:
        index, value = place(element, index_bits, minhash_bits)
        wanted[index] = max(wanted[index], value)
    sketch = made(index_bits, minhash_bits, elements)
    assert list(sketch.values()) == wanted
    assert all(map(sketch.may_contain, elements))
    assert not any(map(sketch.add, elements))


@given(INDEX_BITS, MINHASH_BITS, ELEMENTS, ELEMENTS)
def test_a_union_is_what_adding_all_elements_makes(index_bits, minhash_bits, left, right):
    union = unite([made(index_bits, minhash_bits, part) for part in (left, right)])
    assert union == made(index_bits, minhash_bits, left + right)


@given(INDEX_BITS, MINHASH_BITS, ELEMENTS, INDEX_BITS)
def test_a_folded_union_keeps_what_both_can_tell(index_bits, minhash_bits, elements, other_bits):
    """Ranks survive folding: they come from the hash's other half."""
    union = unite([made(index_bits, minhash_bits, elements), Sketch.empty(other_bits, 0)])
    assert union == made(min(index_bits, other_bits), 0, elements)


@given(st.integers(0, 3000), st.sampled_from((0, 8)))
def test_counts_are_about_right(number, minhash_bits):
    sketch = made(12, minhash_bits, [b"%d" % each for each in range(number)])
    assert estimates.count(sketch) == pytest.approx(number, rel=0.1, abs=2)


@settings(max_examples=25)
@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(1, 1000))
def test_intersections_are_about_right(left, common, right):
    elements = [b"%d" % each for each in range(left + common + right)]
    first = made(12, 20, elements[: left + common])
    second = made(12, 20, elements[left:])
    union = len(elements)
    assert estimates.union_count([first, second]) == pytest.approx(union, rel=0.1)
    assert estimates.similarity([first, second]) == pytest.approx(common / union, abs=0.08)
    found = estimates.intersection_count([first, second])
    assert found == pytest.approx(common, abs=0.1 * union + 2)


def test_a_thousand_elements_are_added_fast():
    elements = [pack_typed(3, b"element-%d" % number) for number in range(1000)]
    command = list_header(4) + pack_int(1) + list_header(1000) + b"".join(elements)
    command += pack_int(14) + pack_int(8)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        commands.modified(command, None)
        times.append(time.perf_counter() - start)
    assert min(times) < FAST_ENOUGH
