"""Expressions on HyperLogLogs."""

from __future__ import annotations

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.expressions.base import HLLBin
from aerodbapi.compat.aerospike_helpers.expressions.calls import hll
from aerodbapi.compat.aerospike_helpers.expressions.resources import expression

__all__ = [
    "HLLAdd",
    "HLLDescribe",
    "HLLGetCount",
    "HLLGetIntersectCount",
    "HLLGetSimilarity",
    "HLLGetUnion",
    "HLLGetUnionCount",
    "HLLInit",
    "HLLMayContain",
]

_PLAIN = hll(HLLBin)

HLLInit = expression(
    __name__,
    "HLLInit",
    a.OP_HLL_INIT,
    "policy index_bit_count mh_bit_count bin",
    _PLAIN,
    "Create an empty HLL, or empty one.",
)
HLLAdd = expression(
    __name__,
    "HLLAdd",
    a.OP_HLL_ADD,
    "policy list index_bit_count mh_bit_count bin",
    _PLAIN,
    "Add values.",
)
HLLGetCount = expression(
    __name__, "HLLGetCount", a.OP_HLL_GET_COUNT, "bin", _PLAIN, "The estimated number of values."
)
HLLGetUnion = expression(
    __name__,
    "HLLGetUnion",
    a.OP_HLL_GET_UNION,
    "values bin",
    _PLAIN,
    "The union of the bin's HLL with a list of others.",
)
HLLGetUnionCount = expression(
    __name__,
    "HLLGetUnionCount",
    a.OP_HLL_GET_UNION_COUNT,
    "values bin",
    _PLAIN,
    "The estimated number of values in the union.",
)
HLLGetIntersectCount = expression(
    __name__,
    "HLLGetIntersectCount",
    a.OP_HLL_GET_INTERSECT_COUNT,
    "values bin",
    _PLAIN,
    "The estimated number of values in the intersection.",
)
HLLGetSimilarity = expression(
    __name__,
    "HLLGetSimilarity",
    a.OP_HLL_GET_SIMILARITY,
    "values bin",
    _PLAIN,
    "The estimated Jaccard index, 0.0 to 1.0.",
)
HLLDescribe = expression(
    __name__, "HLLDescribe", a.OP_HLL_DESCRIBE, "bin", _PLAIN, "[index bits, minhash bits]."
)
HLLMayContain = expression(
    __name__,
    "HLLMayContain",
    a.OP_HLL_MAY_CONTAIN,
    "list bin",
    _PLAIN,
    "1 when all values may have been added, else 0.",
)
