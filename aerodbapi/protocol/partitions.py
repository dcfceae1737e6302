"""Who owns what: the info values `replicas` and `peers-*`, both ways."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from aerodbapi.errors import ProtocolError
from aerodbapi.frozen import frozen
from aerodbapi.protocol.digest import N_PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "BITMAP_SIZE",
    "Peer",
    "Replicas",
    "bitmap",
    "decode_peers",
    "decode_replicas",
    "encode_peers",
    "encode_replicas",
    "owned",
    "owns",
]

BITMAP_SIZE: Final = N_PARTITIONS // 8


@frozen
class Replicas:
    """What one node owns of a namespace: bitmaps[0] as master, bitmaps[n] as n-th replica.

    `regime` grows with every change of ownership: a map with a lower one is out of date.
    `factor`: the namespace's replication factor.
    """

    regime: int
    factor: int
    bitmaps: tuple[bytes, ...]


def owns(bitmap: bytes, pid: int) -> bool:
    """True when the bit of partition `pid` is set."""
    return bitmap[pid >> 3] & (0x80 >> (pid & 7)) != 0


def owned(bitmap: bytes) -> list[int]:
    """The partitions whose bits are set, ascending."""
    if bitmap.count(255) == BITMAP_SIZE:
        return list(range(N_PARTITIONS))
    return [pid for pid in range(N_PARTITIONS) if bitmap[pid >> 3] & (0x80 >> (pid & 7))]


def bitmap(partitions: Iterable[int]) -> bytes:
    """The bitmap with the bits of these partitions set."""
    bits = bytearray(BITMAP_SIZE)
    for pid in partitions:
        bits[pid >> 3] |= 0x80 >> (pid & 7)
    return bytes(bits)


# ---- replicas: ns:regime,factor,bitmap,…;… ------------------------------------------------------


def decode_replicas(text: str) -> dict[str, Replicas]:
    """Parse the value of `replicas`: by namespace."""
    return dict(_namespace(entry) for entry in text.split(";") if entry)


def _namespace(entry: str) -> tuple[str, Replicas]:
    name, colon, rest = entry.rpartition(":")
    regime, _, rest = rest.partition(",")
    factor, *encoded = rest.split(",")
    if not (name and colon):
        raise ProtocolError(f"replicas without a namespace: {entry[:40]!r}")
    bitmaps = tuple(_bitmap(part) for part in encoded)
    return name, Replicas(_number(regime), _number(factor), bitmaps)


def _bitmap(encoded: str) -> bytes:
    try:
        bits = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(f"a partition bitmap is not base64: {error}") from None
    if len(bits) != BITMAP_SIZE:
        raise ProtocolError(f"a partition bitmap of {len(bits)} bytes, not {BITMAP_SIZE}")
    return bits


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 20:
        raise ProtocolError(f"not a number: {text[:40]!r}")
    return int(text)


def _port(text: str) -> int:
    port = _number(text)
    if port > 65535:
        raise ProtocolError(f"not a port: {text}")
    return port


def encode_replicas(namespaces: Mapping[str, Replicas]) -> str:
    """The value of `replicas` that decode_replicas parses."""
    return "".join(
        f"{name}:{replicas.regime},{replicas.factor}"
        + "".join(f",{base64.b64encode(bits).decode()}" for bits in replicas.bitmaps)
        + ";"
        for name, replicas in namespaces.items()
    )


# ---- peers: generation,default port,[[name,tls name,[host:port,…]],…] ---------------------------


@frozen
class Peer:
    """Another node of the cluster, and where it listens (in the variant asked for)."""

    name: str
    tls_name: str
    hosts: tuple[tuple[str, int], ...]


class _Cursor:
    """Reads the nested lists of `peers-*`; an IPv6 address is in brackets of its own."""

    __slots__ = ("offset", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0

    def skip(self, expected: str) -> None:
        if not self.at(expected):
            raise ProtocolError(
                f"peers: {expected!r} expected at {self.text[self.offset :][:40]!r}"
            )
        self.offset += len(expected)

    def at(self, expected: str) -> bool:
        return self.text.startswith(expected, self.offset)

    def until(self, stops: str) -> str:
        begin = self.offset
        while self.offset < len(self.text) and self.text[self.offset] not in stops:
            self.offset += 1
        return self.text[begin : self.offset]


def decode_peers(text: str) -> tuple[int, int, tuple[Peer, ...]]:
    """(generation, default port, peers). Hosts that name no port have the default one."""
    cursor = _Cursor(text.strip())
    generation = _number(cursor.until(","))
    cursor.skip(",")
    # Older servers leave the default port out.
    port_text = cursor.until(",")
    default_port = _port(port_text) if port_text else 3000
    cursor.skip(",")
    cursor.skip("[")
    peers = []
    while not cursor.at("]"):
        peers.append(_peer(cursor, default_port))
        if not cursor.at("]"):
            cursor.skip(",")
    cursor.skip("]")
    if cursor.offset != len(cursor.text):
        raise ProtocolError(f"peers: text after the list: {cursor.text[cursor.offset :][:40]!r}")
    return generation, default_port, tuple(peers)


def _peer(cursor: _Cursor, default_port: int) -> Peer:
    cursor.skip("[")
    name = cursor.until(",]")
    cursor.skip(",")
    tls_name = cursor.until(",]")
    cursor.skip(",")
    cursor.skip("[")
    hosts = []
    while not cursor.at("]"):
        hosts.append(_host(cursor, default_port))
        if not cursor.at("]"):
            cursor.skip(",")
    cursor.skip("]")
    cursor.skip("]")
    return Peer(name, tls_name, tuple(hosts))


def _host(cursor: _Cursor, default_port: int) -> tuple[str, int]:
    if cursor.at("["):
        cursor.skip("[")
        address = cursor.until("]")
        cursor.skip("]")
    else:
        address = cursor.until(":,]")
    if not cursor.at(":"):
        return address, default_port
    cursor.skip(":")
    return address, _port(cursor.until(",]"))


def encode_peers(generation: int, default_port: int, peers: Iterable[Peer]) -> str:
    """The value of `peers-*` that decode_peers parses; every host is written with its port."""
    listed = ",".join(
        f"[{peer.name},{peer.tls_name},[{','.join(_encoded_host(*h) for h in peer.hosts)}]]"
        for peer in peers
    )
    return f"{generation},{default_port},[{listed}]"


def _encoded_host(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
