"""RIPEMD-160 in Python, for builds of OpenSSL that lack it.

Written from the description by Dobbertin, Bosselaers and Preneel, "RIPEMD-160: A Strengthened
Version of RIPEMD" (1996). It has the three methods of a hashlib object that `digest` calls.
"""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["RIPEMD160"]

_START: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_LEFT_CONSTANTS: Final = (0, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
_RIGHT_CONSTANTS: Final = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0)
_MASK: Final = 0xFFFFFFFF

# The paper defines each round's message order by the permutation rho, and the right line's
# start by pi(i) = 9i + 5 mod 16.
_RHO: Final = (7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8)
_SHIFTS: Final = (
    (11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8),
    (12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7),
    (13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9),
    (14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6),
    (15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5),
)


def _orders(first: list[int]) -> list[list[int]]:
    orders = [first]
    for _ in range(4):
        orders.append([_RHO[word] for word in orders[-1]])
    return orders


_LEFT_ORDER: Final = _orders(list(range(16)))
_RIGHT_ORDER: Final = _orders([(9 * i + 5) % 16 for i in range(16)])


def _mix(round: int, x: int, y: int, z: int) -> int:
    if round == 0:
        return x ^ y ^ z
    if round == 1:
        return (x & y) | (~x & _MASK & z)
    if round == 2:
        return (x | (~y & _MASK)) ^ z
    if round == 3:
        return (x & z) | (y & (~z & _MASK))
    return x ^ (y | (~z & _MASK))


def _line(
    state: tuple[int, ...],
    words: tuple[int, ...],
    orders: list[list[int]],
    constants: tuple[int, ...],
    mixes: range,
) -> tuple[int, ...]:
    a, b, c, d, e = state
    for round, mix in enumerate(mixes):
        for word in orders[round]:
            shift = _SHIFTS[round][word]
            total = (a + _mix(mix, b, c, d) + words[word] + constants[round]) & _MASK
            rotated = (total << shift | total >> (32 - shift)) & _MASK
            a, b, c, d, e = e, (rotated + e) & _MASK, b, (c << 10 | c >> 22) & _MASK, d
    return a, b, c, d, e


def _block(state: tuple[int, ...], data: bytes) -> tuple[int, ...]:
    words = struct.unpack("<16I", data)
    left = _line(state, words, _LEFT_ORDER, _LEFT_CONSTANTS, range(5))
    right = _line(state, words, _RIGHT_ORDER, _RIGHT_CONSTANTS, range(4, -1, -1))
    return tuple(
        (state[(i + 1) % 5] + left[(i + 2) % 5] + right[(i + 3) % 5]) & _MASK for i in range(5)
    )


class RIPEMD160:
    """A hash in progress: copy, update, digest."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    def copy(self) -> RIPEMD160:
        return RIPEMD160(self._data)

    def update(self, data: bytes) -> None:
        self._data += data

    def digest(self) -> bytes:
        size = len(self._data)
        padding = b"\x80" + bytes((55 - size) % 64)
        padded = self._data + padding + struct.pack("<Q", size * 8)
        state: tuple[int, ...] = _START
        for offset in range(0, len(padded), 64):
            state = _block(state, padded[offset : offset + 64])
        return struct.pack("<5I", *state)
