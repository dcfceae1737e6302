"""MurmurHash3 x64 128 with seed 0: the hash that decides an element's register.

Austin Appleby's public-domain algorithm; the two halves are h1 and h2 of the reference.
"""

from __future__ import annotations

from struct import unpack_from
from typing import Final

__all__ = ["murmur3"]

_MASK: Final = (1 << 64) - 1
_C1: Final = 0x87C37B91114253D5
_C2: Final = 0x4CF5AD432745937F


def murmur3(data: bytes) -> tuple[int, int]:
    """Hash bytes into two 64-bit numbers."""
    h1 = h2 = 0
    size = len(data)
    whole = size & ~15
    for k1, k2 in zip(*[iter(unpack_from(f"<{whole // 8}Q", data))] * 2):
        h1 ^= _mix(k1, _C1, 31, _C2)
        h1 = ((h1 << 27 | h1 >> 37) + h2 & _MASK) * 5 + 0x52DCE729 & _MASK
        h2 ^= _mix(k2, _C2, 33, _C1)
        h2 = ((h2 << 31 | h2 >> 33) + h1 & _MASK) * 5 + 0x38495AB5 & _MASK
    if size > whole:
        # A missing k2 is 0, which its mixing keeps.
        h1 ^= _mix(int.from_bytes(data[whole : whole + 8], "little"), _C1, 31, _C2)
        h2 ^= _mix(int.from_bytes(data[whole + 8 :], "little"), _C2, 33, _C1)
    h1 ^= size
    h2 ^= size
    h1 = h1 + h2 & _MASK
    h2 = h2 + h1 & _MASK
    h1 = _finish(h1)
    h2 = _finish(h2)
    h1 = h1 + h2 & _MASK
    return h1, h2 + h1 & _MASK


def _mix(k: int, first: int, turn: int, second: int) -> int:
    k = k * first & _MASK
    return (k << turn | k >> 64 - turn) * second & _MASK


def _finish(k: int) -> int:
    k ^= k >> 33
    k = k * 0xFF51AFD7ED558CCD & _MASK
    k ^= k >> 33
    k = k * 0xC4CEB9FE1A85EC53 & _MASK
    return k ^ k >> 33
