"""What HLLs tell: how many elements they, their union and their intersection have, roughly.

The numbers are the server's to the last bit (particle_hll.c): the estimator is algorithm 6 of
Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017); with
minhash bits, similarity follows Yun William Yu and Griffin M. Weber, "HyperMinHash: MinHash in
LogLog space" (2017). Every order of operations on floats matters here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from aerodbapi.embedded.hll.sketch import RANK_BITS, Sketch, unite

__all__ = ["count", "intersection_count", "similarity", "union_count"]

_RANKS: Final = 1 << RANK_BITS
_UINT64: Final = (1 << 64) - 1
_ALPHA: Final = {4: 0.673, 5: 0.697, 6: 0.709}


def count(sketch: Sketch) -> int:
    """Estimate the number of elements, or give the count that the HLL remembers."""
    if sketch.cache:
        return sketch.cache
    size = 1 << sketch.index_bits
    ranks = Counter(sketch.ranks())
    z = 0.0  # of the rank above all that 6 bits hold
    for rank in range(_RANKS - 1, 0, -1):
        z = 0.5 * (z + ranks[rank])
    z += size * _sigma(ranks[0] / size)
    alpha = _ALPHA.get(sketch.index_bits) or 0.7213 / (1.0 + 1.079 / size)
    return _rounded(alpha * size * size / z)


def union_count(sketches: Sequence[Sketch]) -> int:
    """Estimate the number of elements of the union."""
    return count(unite(sketches))


def intersection_count(sketches: Sequence[Sketch]) -> int:
    """Estimate the number of elements that all have; more than three need minhash bits."""
    if not _common_minhash(sketches):
        return _by_inclusion(sketches)
    part = similarity(sketches)
    return 0 if math.isnan(part) else _rounded(union_count(sketches) * part)


def similarity(sketches: Sequence[Sketch]) -> float:
    """Estimate which part of the union is in all (Jaccard's index); NaN when all are empty."""
    if not _common_minhash(sketches):
        common, total = _by_inclusion(sketches), union_count(sketches)
        if total:
            return float(common) / float(total)
        # What 0/0 gives on x86: NaN with its sign bit set.
        return -math.nan if not common else math.inf
    used = [_has_data(sketch) for sketch in sketches]
    if not all(used):
        return 0.0 if any(used) else math.nan
    union = unite(sketches)
    size = len(union.values()) - union.values().count(0)
    collisions = 0.0
    if len(sketches) == 2:
        collisions = _collisions(union, count(sketches[0]), count(sketches[1]))
    return max((_common_registers(sketches, union.index_bits) - collisions) / size, 0.0)


def _common_minhash(sketches: Sequence[Sketch]) -> int:
    """Give the minhash bits that all have, 0 when they differ."""
    found = {sketch.minhash_bits for sketch in sketches}
    return found.pop() if len(found) == 1 else 0


def _by_inclusion(sketches: Sequence[Sketch]) -> int:
    """Intersect two or three HLLs by their counts and those of their unions."""
    union = union_count(sketches)
    total = min(sum(count(sketch) for sketch in sketches), _UINT64)
    if len(sketches) == 2:
        return max(total - union, 0)
    first, second, third = sketches
    pairs = ((first, second), (second, third), (first, third))
    common = sum(intersection_count(pair) for pair in pairs)
    found = union - (total - common) & _UINT64
    return 0 if found >> 63 else found


def _has_data(sketch: Sketch) -> bool:
    """Tell whether the HLL looks used; the server looks at its first 2**index bytes only."""
    return any(sketch.registers[: 1 << sketch.index_bits])


def _common_registers(sketches: Sequence[Sketch], index_bits: int) -> int:
    """Count the registers that are used and equal in all.

    Of an HLL with more index bits all registers that fall together must be equal.
    """
    size = 1 << index_bits
    found = sketches[0].folded(index_bits, sketches[0].minhash_bits)
    for sketch in sketches[1:]:
        values = sketch.values()
        for start in range(0, len(values), size):
            part = values[start : start + size]
            found = [a if a == b else 0 for a, b in zip(found, part)]
    return size - found.count(0)


def _collisions(union: Sketch, first: int, second: int) -> float:
    """Estimate how many registers of two HLLs without common elements are equal."""
    size = 1 << union.index_bits
    total = 0.0
    for rank in range(1, _RANKS + 1):
        low = 0.0 if rank == _RANKS else 2.0**-rank
        high = 2.0 ** (1 - rank)
        low /= size
        high /= size
        of_first = (1 - low) ** float(first) - (1 - high) ** float(first)
        of_second = (1 - low) ** float(second) - (1 - high) ** float(second)
        total += of_first * of_second
    return total * size / 2.0**union.minhash_bits


def _sigma(x: float) -> float:
    if x == 1.0:
        return math.inf
    y, z, before = 1.0, x, -1.0
    while z != before:
        x *= x
        before = z
        z += x * y
        y += y
    return z


def _rounded(number: float) -> int:
    """Round a number that is not negative to the nearest integer, halves up.

    From 2**63 on it is what the server's llroundl gives.
    """
    if number >= 1 << 63:
        return 1 << 63
    whole = math.floor(number)
    return whole + (number - whole >= 0.5)
