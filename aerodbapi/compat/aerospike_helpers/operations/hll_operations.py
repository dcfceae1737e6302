"""Operations on HyperLogLogs, as dictionaries; `policy`: {"flags": HLL_WRITE_*}."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.operations.shapes import Op, Policy, given

__all__ = [
    "hll_add",
    "hll_describe",
    "hll_fold",
    "hll_get_count",
    "hll_get_intersect_count",
    "hll_get_similarity",
    "hll_get_union",
    "hll_get_union_count",
    "hll_init",
    "hll_refresh_count",
    "hll_set_union",
]


def hll_add(
    bin_name: str,
    values: Any,
    index_bit_count: Any = None,
    mh_bit_count: Any = None,
    policy: Policy = None,
) -> Op:
    """Add values; answers with how many changed the HLL."""
    return given(
        {
            "op": a.OP_HLL_ADD,
            "bin": bin_name,
            "value_list": values,
            "index_bit_count": _bits(index_bit_count),
            "mh_bit_count": _bits(mh_bit_count),
        },
        hll_policy=policy,
    )


def hll_describe(bin_name: str) -> Op:
    """[index bits, minhash bits]."""
    return {"op": a.OP_HLL_DESCRIBE, "bin": bin_name}


def hll_fold(bin_name: str, index_bit_count: Any) -> Op:
    """Make the HLL smaller; it must have no minhash bits."""
    return {"op": a.OP_HLL_FOLD, "bin": bin_name, "index_bit_count": index_bit_count}


def hll_get_count(bin_name: str) -> Op:
    """The estimated number of values."""
    return {"op": a.OP_HLL_GET_COUNT, "bin": bin_name}


def hll_get_intersect_count(bin_name: str, hll_list: Any) -> Op:
    """The estimated number of values in the intersection."""
    return {"op": a.OP_HLL_GET_INTERSECT_COUNT, "bin": bin_name, "value_list": hll_list}


def hll_get_similarity(bin_name: str, hll_list: Any) -> Op:
    """The estimated Jaccard index, 0.0 to 1.0."""
    return {"op": a.OP_HLL_GET_SIMILARITY, "bin": bin_name, "value_list": hll_list}


def hll_get_union(bin_name: str, hll_list: Any) -> Op:
    """The union of the bin's HLL with a list of others."""
    return {"op": a.OP_HLL_GET_UNION, "bin": bin_name, "value_list": hll_list}


def hll_get_union_count(bin_name: str, hll_list: Any) -> Op:
    """The estimated number of values in the union."""
    return {"op": a.OP_HLL_GET_UNION_COUNT, "bin": bin_name, "value_list": hll_list}


def hll_init(
    bin_name: str, index_bit_count: Any = None, mh_bit_count: Any = None, policy: Policy = None
) -> Op:
    """Create an empty HLL, or empty one."""
    return given(
        {
            "op": a.OP_HLL_INIT,
            "bin": bin_name,
            "index_bit_count": _bits(index_bit_count),
            "mh_bit_count": _bits(mh_bit_count),
        },
        hll_policy=policy,
    )


def hll_refresh_count(bin_name: str) -> Op:
    """Count anew, and answer with the estimate."""
    return {"op": a.OP_HLL_REFRESH_COUNT, "bin": bin_name}


def hll_set_union(bin_name: str, hll_list: Any, policy: Policy = None) -> Op:
    """Unite the bin's HLL with a list of others."""
    return given(
        {"op": a.OP_HLL_SET_UNION, "bin": bin_name, "value_list": hll_list}, hll_policy=policy
    )


def _bits(count: int | None) -> int:
    return -1 if count is None else count
