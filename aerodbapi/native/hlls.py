"""Operations on HyperLogLogs, for `operate`.

client.operate(key, [hll_add("visitors", ["ann", "bob"], 12), hll_get_count("visitors")])
"""

from __future__ import annotations

from aerodbapi.native.bin_operations import operation
from aerodbapi.protocol import hll_commands as commands
from aerodbapi.protocol.bin_policies import HLLPolicy, HLLWrite

__all__ = [
    "HLLPolicy",
    "HLLWrite",
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

hll_init = operation(commands.hll_init)
hll_add = operation(commands.hll_add)
hll_set_union = operation(commands.hll_set_union)
hll_refresh_count = operation(commands.hll_refresh_count)
hll_fold = operation(commands.hll_fold)
hll_get_count = operation(commands.hll_get_count)
hll_get_union = operation(commands.hll_get_union)
hll_get_union_count = operation(commands.hll_get_union_count)
hll_get_intersect_count = operation(commands.hll_get_intersect_count)
hll_get_similarity = operation(commands.hll_get_similarity)
hll_describe = operation(commands.hll_describe)
hll_may_contain = operation(commands.hll_may_contain)
