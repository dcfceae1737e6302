"""Operations on HyperLogLogs, as the dictionaries that `operate` takes.

Arguments, dictionary keys and operation codes are aerospike-py's.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike_py._types import HLLPolicy, Operation, build, with_given

__all__ = [
    "Operation",
    "hll_add",
    "hll_describe",
    "hll_fold",
    "hll_get_count",
    "hll_get_intersect_count",
    "hll_get_similarity",
    "hll_get_union",
    "hll_get_union_count",
    "hll_init",
    "hll_set_union",
]


def hll_init(
    bin: str,
    index_bit_count: int,
    minhash_bit_count: int | None = None,
    *,
    policy: HLLPolicy | None = None,
) -> Operation:
    """Create an HLL, or empty the one that is there."""
    op = build(3001, bin, index_bit_count=index_bit_count)
    return with_given(op, minhash_bit_count=minhash_bit_count, hll_policy=policy)


def hll_add(
    bin: str,
    values: list[Any],
    index_bit_count: int | None = None,
    minhash_bit_count: int | None = None,
    *,
    policy: HLLPolicy | None = None,
) -> Operation:
    """Add values; creates the HLL when `index_bit_count` is given."""
    op = build(3002, bin, val=values)
    return with_given(
        op, index_bit_count=index_bit_count, minhash_bit_count=minhash_bit_count, hll_policy=policy
    )


def hll_get_count(bin: str) -> Operation:
    """Answer with the estimated number of distinct values."""
    return build(3003, bin)


def hll_get_union(bin: str, values: list[Any]) -> Operation:
    """Answer with the union of the HLL and `values`, which are HLLs."""
    return build(3004, bin, val=values)


def hll_get_union_count(bin: str, values: list[Any]) -> Operation:
    """Answer with the estimated size of the union with `values`, which are HLLs."""
    return build(3005, bin, val=values)


def hll_get_intersect_count(bin: str, values: list[Any]) -> Operation:
    """Answer with the estimated size of the intersection with `values`, which are HLLs."""
    return build(3006, bin, val=values)


def hll_get_similarity(bin: str, values: list[Any]) -> Operation:
    """Answer with the estimated similarity (0 to 1) to `values`, which are HLLs."""
    return build(3007, bin, val=values)


def hll_describe(bin: str) -> Operation:
    """Answer with [index bits, minhash bits]."""
    return build(3008, bin)


def hll_fold(bin: str, index_bit_count: int) -> Operation:
    """Reduce the number of index bits."""
    return build(3009, bin, index_bit_count=index_bit_count)


def hll_set_union(bin: str, values: list[Any], *, policy: HLLPolicy | None = None) -> Operation:
    """Take the values of other HLLs in."""
    op = build(3010, bin, val=values)
    return with_given(op, hll_policy=policy)
