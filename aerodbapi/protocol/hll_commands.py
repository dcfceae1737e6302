"""Commands on HyperLogLogs, estimates of how many values a set has (server: particle_hll.c).

`index_bits` 4 to 16; `minhash_bits` 0 or 4 to 51, both together at most 64; None where the
server may take them from the stored value. Arguments may be expressions when the command stands
in an expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from aerodbapi.protocol.bin_commands import BinCommand, integer, items
from aerodbapi.protocol.bin_policies import HLLPolicy, coerce
from aerodbapi.protocol.expressions import CallSystem, ExpType

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
    "hll_may_contain",
    "hll_refresh_count",
    "hll_set_union",
]

Policy = Union[HLLPolicy, Mapping[str, Any], int, None]

_UNSET = -1


def _modify(code: int, *args: Any) -> BinCommand:
    return BinCommand(CallSystem.HLL, code, args, True, ExpType.HLL)


def _read(code: int, *args: Any, result: int = ExpType.INT) -> BinCommand:
    return BinCommand(CallSystem.HLL, code, args, False, result)


def _bits(name: str, value: Any) -> Any:
    return _UNSET if value is None else integer(name, value)


def hll_init(index_bits: Any = None, minhash_bits: Any = None, policy: Policy = None) -> BinCommand:
    """Create an empty HLL, or empty one."""
    bits = _bits("index_bits", index_bits), _bits("minhash_bits", minhash_bits)
    return _modify(0, *bits, coerce(HLLPolicy, policy).flags)


def hll_add(
    values: Any, index_bits: Any = None, minhash_bits: Any = None, policy: Policy = None
) -> BinCommand:
    """Add values; answers with how many changed the HLL."""
    bits = _bits("index_bits", index_bits), _bits("minhash_bits", minhash_bits)
    return _modify(1, items("values", values), *bits, coerce(HLLPolicy, policy).flags)


def hll_set_union(hlls: Any, policy: Policy = None) -> BinCommand:
    """Unite the bin's HLL with a list of others."""
    return _modify(2, items("hlls", hlls), coerce(HLLPolicy, policy).flags)


def hll_refresh_count() -> BinCommand:
    """Count anew, and answer with the estimate."""
    return _modify(3)


def hll_fold(index_bits: Any) -> BinCommand:
    """Make the HLL smaller; it must have no minhash bits."""
    return _modify(4, integer("index_bits", index_bits))


def hll_get_count() -> BinCommand:
    """The estimated number of values."""
    return _read(50)


def hll_get_union(hlls: Any) -> BinCommand:
    """The union of the bin's HLL with a list of others."""
    return _read(51, items("hlls", hlls), result=ExpType.HLL)


def hll_get_union_count(hlls: Any) -> BinCommand:
    """The estimated number of values in the union."""
    return _read(52, items("hlls", hlls))


def hll_get_intersect_count(hlls: Any) -> BinCommand:
    """The estimated number of values in the intersection."""
    return _read(53, items("hlls", hlls))


def hll_get_similarity(hlls: Any) -> BinCommand:
    """The estimated Jaccard index, 0.0 to 1.0."""
    return _read(54, items("hlls", hlls), result=ExpType.FLOAT)


def hll_describe() -> BinCommand:
    """[index bits, minhash bits]."""
    return _read(55, result=ExpType.LIST)


def hll_may_contain(values: Any) -> BinCommand:
    """1 when all values may have been added, else 0."""
    return _read(56, items("values", values))
