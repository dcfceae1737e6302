"""Digests, with hashlib and without it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import DataError
from aerodbapi.protocol import digest as module
from aerodbapi.protocol.digest import digest, key_bytes, partition_id
from aerodbapi.protocol.ripemd160 import RIPEMD160

#: Recorded from the official client.
RECORDED = [
    ("vec", "k1", "342d38e564359ca45a7ca396ea94eae8d8585bda"),
    ("pp", "k1", "b1273d739bd766cefb05e299291659f75de98bdc"),
    ("vec", -5, "36f5a8b115d4ffa90df6be72974a31e0d5b6e2df"),
    ("vec", b"\1\2", "32003a4fe908093324895cff031803bbae83afe9"),
    (None, "k", "6896afa4f6819bd9a44dcae9c021ec0364d2662a"),
]

#: From the paper that defines RIPEMD-160.
PAPER = [
    (b"", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
    (b"a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"),
    (b"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
    (b"message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"),
    (b"1234567890" * 8, "9b752e45573d4b39f4dbd3323cab82bf63326bfb"),
]


@pytest.mark.parametrize(("set", "key", "expected"), RECORDED)
def test_recorded(set: str | None, key: Any, expected: str) -> None:
    assert digest(set, key).hex() == expected


@pytest.mark.parametrize(("set", "key", "expected"), RECORDED)
def test_recorded_without_openssl(
    set: str | None, key: Any, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: Any, **__: Any) -> None:
        raise ValueError("unsupported hash type")

    monkeypatch.setattr(hashlib, "new", unsupported)
    module._primed.cache_clear()
    try:
        assert digest(set, key).hex() == expected
    finally:
        module._primed.cache_clear()


@pytest.mark.parametrize(("data", "expected"), PAPER)
def test_paper(data: bytes, expected: str) -> None:
    assert RIPEMD160(data).digest().hex() == expected


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_updates_append(first: bytes, second: bytes) -> None:
    started = RIPEMD160(first)
    copy = started.copy()
    copy.update(second)
    assert copy.digest() == RIPEMD160(first + second).digest()
    assert started.digest() == RIPEMD160(first).digest()


def test_partitions() -> None:
    assert partition_id(bytes.fromhex("342d38e564359ca45a7ca396ea94eae8d8585bda")) == 3380
    assert partition_id(b"\xff\xff") == 4095
    assert partition_id(b"\x00\x10") == 0


def test_keys_of_other_types_are_other_records() -> None:
    keys: list[Any] = ["1", 1, b"1", 1.0]
    assert len({digest("s", key) for key in keys}) == 4
    assert digest("s", bytearray(b"1")) == digest("s", memoryview(b"1")) == digest("s", b"1")


class Text(str):
    __slots__ = ()


class Number(int):
    __slots__ = ()


def test_subclasses_are_their_base() -> None:
    assert digest("s", Text("a")) == digest("s", "a")
    assert digest("s", Number(7)) == digest("s", 7)


def test_a_key_that_was_not_text_is_found_again() -> None:
    assert key_bytes("\udcff") == b"\x03\xff"
    assert digest("s", "\udcff") != digest("s", "\xff")


@pytest.mark.parametrize("key", [None, True, 1 << 63, -(1 << 63) - 1, [], object(), "\ud800"])
def test_what_is_no_key(key: Any) -> None:
    with pytest.raises(DataError):
        digest("s", key)
    with pytest.raises(DataError):
        key_bytes(key)
