"""Partition maps and peers, both ways."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol.partitions import (
    BITMAP_SIZE,
    Peer,
    Replicas,
    bitmap,
    decode_peers,
    decode_replicas,
    encode_peers,
    encode_replicas,
    owned,
    owns,
)

BITMAPS = st.binary(min_size=BITMAP_SIZE, max_size=BITMAP_SIZE)
WORDS = st.text("abcXYZ019_-", min_size=1, max_size=10)
HOSTS = st.tuples(
    st.sampled_from(["10.0.0.1", "node.example", "::1", "fe80::1:2"]), st.integers(0, 65535)
)
PEERS = st.builds(
    Peer, WORDS, st.one_of(st.just(""), WORDS), st.lists(HOSTS, max_size=3).map(tuple)
)
ALL = base64.b64encode(b"\xff" * BITMAP_SIZE).decode()


@given(
    st.dictionaries(
        WORDS,
        st.builds(
            Replicas,
            st.integers(0, 1 << 40),
            st.integers(0, 8),
            st.lists(BITMAPS, max_size=3).map(tuple),
        ),
        max_size=3,
    )
)
def test_replicas(namespaces: dict[str, Replicas]) -> None:
    assert decode_replicas(encode_replicas(namespaces)) == namespaces


def test_recorded_replicas() -> None:
    maps = decode_replicas(f"test:0,1,{ALL};bar:7,2,{ALL},{ALL}")
    assert maps["test"] == Replicas(0, 1, (b"\xff" * BITMAP_SIZE,))
    assert (maps["bar"].regime, maps["bar"].factor, len(maps["bar"].bitmaps)) == (7, 2, 2)


@pytest.mark.parametrize(
    "text",
    [
        "test",
        "test:",
        ":0,1",
        "test:0",
        "test:x,1",
        "test:0,-1",
        "test:0,1,",
        "test:0,1,???",
        "test:0,1,AAAA",
        f"test:0,1,{ALL}AAAA",
        "test:²,1",
    ],
)
def test_bad_replicas(text: str) -> None:
    with pytest.raises(ProtocolError):
        decode_replicas(text)


@given(st.sets(st.integers(0, 4095)))
def test_bitmaps(partitions: set[int]) -> None:
    bits = bitmap(partitions)
    assert owned(bits) == sorted(partitions)
    assert {pid for pid in range(4096) if owns(bits, pid)} == partitions


def test_bit_order() -> None:
    assert bitmap([0])[0] == 0x80
    assert bitmap([15])[1] == 0x01
    assert owned(b"\xff" * BITMAP_SIZE) == list(range(4096))


@given(
    st.integers(0, 1 << 32),
    st.integers(1, 65535),
    st.lists(
        st.builds(
            Peer, WORDS, st.one_of(st.just(""), WORDS), st.lists(HOSTS, max_size=3).map(tuple)
        ),
        max_size=3,
    ).map(tuple),
)
def test_peers(generation: int, port: int, peers: tuple[Peer, ...]) -> None:
    assert decode_peers(encode_peers(generation, port, peers)) == (generation, port, peers)


@pytest.mark.parametrize(
    ("text", "peers"),
    [
        ("0,3000,[]", (0, 3000, ())),
        ("2,,[]", (2, 3000, ())),
        (
            "6,3100,[[BB9,,[10.0.0.2]],[BB8,tls,[[::1]:4000,h:1]]]",
            (
                6,
                3100,
                (
                    Peer("BB9", "", (("10.0.0.2", 3100),)),
                    Peer("BB8", "tls", (("::1", 4000), ("h", 1))),
                ),
            ),
        ),
        ("1,3000,[[A,,[[fe80::1]]]]\n", (1, 3000, (Peer("A", "", (("fe80::1", 3000),)),))),
    ],
)
def test_recorded_peers(text: str, peers: object) -> None:
    assert decode_peers(text) == peers


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0",
        "0,3000",
        "0,3000,",
        "0,3000,[",
        "0,3000,[]]",
        "0,3000,[[]]",
        "0,3000,[[A]]",
        "0,3000,[[A,,]]",
        "0,3000,[[A,,[h:x]]]",
        "0,3000,[[A,,[h:99999]]]",
        "0,99999,[]",
        "0,3000,[[A,,[h:1]]",
        "0,3000,[[A,,[[::1:1]]",
        "ERROR:4:unrecognized command",
    ],
)
def test_bad_peers(text: str) -> None:
    with pytest.raises(ProtocolError):
        decode_peers(text)
