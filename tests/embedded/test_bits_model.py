"""Bit commands against a model that knows only strings of the digits 0 and 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.embedded.bits import commands
from aerodbapi.embedded.packed import list_header, pack_int, pack_typed
from aerodbapi.embedded.replies import Refused

BLOBS = st.binary(min_size=1, max_size=24)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
SIGNED, SATURATE, WRAP = 1, 2, 4
PARTIAL = 8


def packed(*values: int | bool | bytes) -> bytes:
    parts = [
        pack_typed(4, value)
        if isinstance(value, bytes)
        else (b"\xc3" if value else b"\xc2")
        if isinstance(value, bool)
        else pack_int(value)
        for value in values
    ]
    return list_header(len(values)) + b"".join(parts)


def digits(blob: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in blob)


def blob_of(text: str) -> bytes:
    return bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))


def modified(blob: bytes | None, *command: int | bytes) -> bytes | None:
    found = commands.modified(packed(*command), None if blob is None else (4, blob))
    return None if found is None else found[1]


def result(blob: bytes, *command: int | bool) -> int | bytes:
    kind, value = commands.result(packed(*command), (4, blob))
    return value if kind == 4 else int.from_bytes(value, "big", signed=True)


def code(blob: bytes, *command: int | bytes) -> int:
    with pytest.raises(Refused) as refused:
        modified(blob, *command)
    return refused.value.result_code


@st.composite
def ranges(draw, most=200):
    """A blob and a range of its bits: (blob, first bit, size)."""
    blob = draw(BLOBS)
    start = draw(st.integers(0, 8 * len(blob) - 1))
    size = draw(st.integers(1, min(most, 8 * len(blob) - start)))
    return blob, start, size


def replaced(blob: bytes, start: int, new: str) -> bytes:
    text = digits(blob)
    return blob_of(text[:start] + new + text[start + len(new) :])


LOGIC = {
    3: lambda old, given: given,
    4: lambda old, given: old | given,
    5: lambda old, given: old ^ given,
    6: lambda old, given: old & given,
}


@given(ranges(), st.sampled_from(sorted(LOGIC)), st.data())
def test_logic(found, command, data):
    blob, start, size = found
    buffer = data.draw(st.binary(min_size=(size + 7) // 8, max_size=size // 8 + 3))
    pairs = zip(digits(blob)[start : start + size], digits(buffer))
    new = "".join(str(LOGIC[command](int(a), int(b))) for a, b in pairs)
    assert modified(blob, command, start, size, buffer) == replaced(blob, start, new)


@given(ranges())
def test_not(found):
    blob, start, size = found
    new = digits(blob)[start : start + size].translate({48: 49, 49: 48})
    assert modified(blob, 7, start, size) == replaced(blob, start, new)


@given(ranges(), st.integers(0, 250))
def test_shifts(found, shift):
    blob, start, size = found
    old = digits(blob)[start : start + size]
    left = (old[shift:] + "0" * shift)[:size] if shift < size else "0" * size
    right = ("0" * shift + old)[:size]
    assert modified(blob, 8, start, size, shift) == replaced(blob, start, left)
    assert modified(blob, 9, start, size, shift) == replaced(blob, start, right)


@given(ranges(), st.integers(1, 100), st.binary(min_size=60, max_size=60))
def test_partial_ranges_end_with_the_blob(found, more, buffer):
    blob, start, size = found
    size = 8 * len(blob) - start
    whole = modified(blob, 3, start, size, buffer)
    assert modified(blob, 3, start, size + more, buffer, PARTIAL) == whole
    assert code(blob, 3, start, size + more, buffer) == 26


@given(ranges())
def test_negative_offsets_count_from_the_end(found):
    blob, start, size = found
    assert modified(blob, 7, start - 8 * len(blob), size) == modified(blob, 7, start, size)
    assert code(blob, 7, -8 * len(blob) - 1, size) == 4


@given(ranges(64), INTEGERS)
def test_integers_written_are_read(found, number):
    blob, start, size = found
    changed = modified(blob, 12, start, size, number)
    unsigned = number % 2**size
    wanted = unsigned - 2**size if unsigned >= 2 ** (size - 1) else unsigned
    assert changed == replaced(blob, start, f"{unsigned:0{size}b}")
    assert result(changed, 54, start, size) % 2**64 == unsigned
    assert result(changed, 54, start, size, SIGNED) == wanted


@given(ranges(64), INTEGERS, st.sampled_from((10, 11)), st.sampled_from((0, SATURATE, WRAP)))
def test_unsigned_arithmetic(found, number, command, action):
    blob, start, size = found
    addend = number % 2**size
    old = int(digits(blob)[start : start + size], 2)
    total = old + addend if command == 10 else old - addend
    most = 2**size - 1
    if not 0 <= total <= most and not action:
        assert code(blob, command, start, size, number, 0, action) == 26
        assert modified(blob, command, start, size, number, 4, action) is None
        return
    wanted = min(max(total, 0), most) if action == SATURATE else total % 2**size
    new = modified(blob, command, start, size, number, 0, action)
    assert new == replaced(blob, start, f"{wanted:0{size}b}")


@given(ranges(64), INTEGERS, st.sampled_from((0, SATURATE, WRAP)))
def test_signed_addition(found, number, action):
    blob, start, size = found
    half = 2 ** (size - 1)
    old = (int(digits(blob)[start : start + size], 2) + half) % 2**size - half
    addend = (number + half) % 2**size - half
    total = old + addend
    overflows = not -half <= total < half
    if total == -2 * half:  # wraps to 0, which the server does not notice
        overflows = False
    if overflows and not action:
        assert code(blob, 10, start, size, number, 0, SIGNED) == 26
        return
    saturated = min(max(total, -half), half - 1)
    wanted = saturated if overflows and action == SATURATE else total
    new = modified(blob, 10, start, size, number, 0, SIGNED | action)
    assert new == replaced(blob, start, f"{wanted % 2**size:0{size}b}")


@given(ranges())
def test_get_and_count(found):
    blob, start, size = found
    part = digits(blob)[start : start + size]
    assert result(blob, 50, start, size) == blob_of(part + "0" * (-size % 8))
    assert result(blob, 51, start, size) == part.count("1")


@given(ranges(), st.booleans())
def test_scans(found, wanted):
    blob, start, size = found
    text, sought = digits(blob), str(int(wanted))
    assert result(blob, 52, start, size, wanted) == text[start : start + size].find(sought)
    first = start - start % 8  # a scan from the right looks at the whole first byte
    last = text.rfind(sought, first, start + size)
    assert result(blob, 53, start, size, wanted) == (-1 if last < 0 else last - start)


@given(BLOBS, st.integers(0, 40), st.booleans())
def test_resize(blob, size, from_front):
    new = modified(blob, 0, size, 0, int(from_front))
    if from_front:
        wanted = blob[::-1][:size].ljust(size, b"\0")[::-1]
    else:
        wanted = blob[:size].ljust(size, b"\0")
    assert new == (None if size == len(blob) else wanted)


@given(BLOBS, st.integers(0, 40), st.binary(min_size=1, max_size=9))
def test_insert_then_remove_gives_the_blob_again(blob, at, inserted):
    longer = modified(blob, 1, at, inserted)
    assert longer is not None
    assert longer[at : at + len(inserted)] == inserted
    assert modified(longer, 2, at, len(inserted)) in (blob, blob.ljust(at, b"\0"))
    assert code(blob, 2, len(blob), 1) == 4
