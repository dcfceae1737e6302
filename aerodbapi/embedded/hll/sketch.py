"""An HLL's bytes: header and registers, and what adding, joining and folding do to them.

Layout (server source: particle_hll.c, hll_t): u8 flags, always 0; u8 index bits, 4 to 16; u8
minhash bits, 0 or 4 to 51; u64 the cached count, little-endian on the servers that there are,
0 for none; then 2**index registers of 6 + minhash bits, packed from the most significant bit.
A register is the rank (position of the lowest one in half of the element's hash, from 1),
then minhash bits; an element replaces a register's value that is smaller.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aerodbapi.embedded.hll.murmur3 import murmur3

__all__ = [
    "HEADER_SIZE",
    "RANK_BITS",
    "Sketch",
    "fits",
    "fits_index",
    "fits_minhash",
    "place",
    "unite",
]

HEADER_SIZE: Final = 11
RANK_BITS: Final = 6
#: Base64 is a packing of 6-bit values: without minhash bits it reads and writes registers.
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_BASE64: Final = bytes.maketrans(_BASE64, bytes(range(64)))
_TO_BASE64: Final = bytes.maketrans(bytes(range(64)), _BASE64)


def fits_index(index_bits: int) -> bool:
    """Tell whether there may be so many index bits."""
    return 4 <= index_bits <= 16


def fits_minhash(minhash_bits: int) -> bool:
    """Tell whether there may be so many minhash bits."""
    return minhash_bits == 0 or 4 <= minhash_bits <= 51


def fits(index_bits: int, minhash_bits: int) -> bool:
    """Tell whether both numbers of bits are good, and together fit the hash's half."""
    return fits_index(index_bits) and fits_minhash(minhash_bits) and index_bits + minhash_bits <= 64


@dataclass(slots=True)
class Sketch:
    """One HLL; `registers` packed, `cache` the count that it remembers, 0 for none."""

    index_bits: int
    minhash_bits: int
    cache: int
    registers: bytearray

    @classmethod
    def empty(cls, index_bits: int, minhash_bits: int) -> Sketch:
        """Make an HLL without elements."""
        size = (RANK_BITS + minhash_bits) * (1 << index_bits) // 8
        return cls(index_bits, minhash_bits, 0, bytearray(size))

    @classmethod
    def parse(cls, data: bytes) -> Sketch | None:
        """Read an HLL's bytes; None when flags, a number of bits or the size are wrong.

        Whether the bits fit together is not looked at: the server takes such arguments.
        """
        if len(data) < HEADER_SIZE:
            return None
        flags, index_bits, minhash_bits = data[:3]
        if flags or not fits_index(index_bits) or not fits_minhash(minhash_bits):
            return None
        if len(data) != HEADER_SIZE + (RANK_BITS + minhash_bits) * (1 << index_bits) // 8:
            return None
        cache = int.from_bytes(data[3:HEADER_SIZE], "little")
        return cls(index_bits, minhash_bits, cache, bytearray(data[HEADER_SIZE:]))

    @classmethod
    def of(cls, index_bits: int, minhash_bits: int, values: Sequence[int]) -> Sketch:
        """Make an HLL of its registers' values."""
        if not minhash_bits:
            packed = a2b_base64(bytes(values).translate(_TO_BASE64))
            return cls(index_bits, minhash_bits, 0, bytearray(packed))
        width = RANK_BITS + minhash_bits
        registers = bytearray()
        for start in range(0, len(values), 8):
            group = 0
            for value in values[start : start + 8]:
                group = group << width | value
            registers += group.to_bytes(width, "big")
        return cls(index_bits, minhash_bits, 0, registers)

    def pack(self) -> bytes:
        """Give the HLL's bytes."""
        header = bytes((0, self.index_bits, self.minhash_bits))
        return header + self.cache.to_bytes(8, "little") + self.registers

    def values(self) -> Sequence[int]:
        """Give all registers' values."""
        if not self.minhash_bits:
            return b2a_base64(self.registers, newline=False).translate(_FROM_BASE64)
        return self._unpack(0)

    def ranks(self) -> Sequence[int]:
        """Give all registers' ranks."""
        return self._unpack(self.minhash_bits) if self.minhash_bits else self.values()

    def _unpack(self, drop: int) -> list[int]:
        """Give the registers without their lowest `drop` bits; eight fill whole bytes."""
        width = RANK_BITS + self.minhash_bits
        mask = (1 << width - drop) - 1
        shifts = [width * place + drop for place in range(7, -1, -1)]
        registers = self.registers
        groups = [
            int.from_bytes(registers[start : start + width], "big")
            for start in range(0, len(registers), width)
        ]
        return [group >> shift & mask for group in groups for shift in shifts]

    def add(self, element: bytes) -> bool:
        """Add a packed element; tell whether that changed its register."""
        index, value = place(element, self.index_bits, self.minhash_bits)
        first, last, shift, mask = self._window(index)
        window = int.from_bytes(self.registers[first:last], "big")
        if window >> shift & mask >= value:
            return False
        window = window & ~(mask << shift) | (value & mask) << shift
        self.registers[first:last] = window.to_bytes(last - first, "big")
        self.cache = 0
        return True

    def may_contain(self, element: bytes) -> bool:
        """Tell whether a packed element may have been added."""
        index, value = place(element, self.index_bits, self.minhash_bits)
        first, last, shift, mask = self._window(index)
        return int.from_bytes(self.registers[first:last], "big") >> shift & mask >= value

    def _window(self, index: int) -> tuple[int, int, int, int]:
        """Give the bytes that hold a register (first, behind the last), its shift and mask."""
        width = RANK_BITS + self.minhash_bits
        end = width * (index + 1)
        return width * index // 8, (end + 7) // 8, -end % 8, (1 << width) - 1

    def folded(self, index_bits: int, minhash_bits: int) -> list[int]:
        """Give the registers that it has in an HLL of as few bits as these.

        `minhash_bits`: its own number, or 0. Registers whose lower index bits agree fall
        together: the largest stays.
        """
        values = self.values() if minhash_bits else self.ranks()
        size = 1 << index_bits
        found = list(values[:size])
        for start in range(size, len(values), size):
            found = list(map(max, found, values[start : start + size]))
        return found


def place(element: bytes, index_bits: int, minhash_bits: int) -> tuple[int, int]:
    """Give an element's register and the value that it wants there."""
    low, high = murmur3(element)
    rank = (high & -high).bit_length() if high else 65
    minhash = low >> index_bits & (1 << minhash_bits) - 1
    return low & (1 << index_bits) - 1, rank << minhash_bits | minhash


def unite(sketches: Sequence[Sketch]) -> Sketch:
    """Make the union, in the fewest index bits of all; minhash bits stay when all agree."""
    index_bits = min(sketch.index_bits for sketch in sketches)
    minhash_bits = sketches[0].minhash_bits
    if any(sketch.minhash_bits != minhash_bits for sketch in sketches):
        minhash_bits = 0
    found = sketches[0].folded(index_bits, minhash_bits)
    for sketch in sketches[1:]:
        found = list(map(max, found, sketch.folded(index_bits, minhash_bits)))
    return Sketch.of(index_bits, minhash_bits, found)
