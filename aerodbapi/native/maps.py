"""Operations on maps, for `operate`: each names a bin and what is done to the map in it.

    client.operate(key, [map_put("prices", "tea", 3), map_get_by_key("prices", "tea")])

`ctx` leads to a nested map (`contexts`); `policy` is a MapPolicy or a dictionary; return types
are ReturnType's.
"""

from __future__ import annotations

from aerodbapi.native.bin_operations import operation
from aerodbapi.protocol import map_commands as commands
from aerodbapi.protocol.bin_commands import ReturnType
from aerodbapi.protocol.bin_policies import MapOrder, MapPolicy, MapWrite

__all__ = [
    "MapOrder",
    "MapPolicy",
    "MapWrite",
    "ReturnType",
    "map_clear",
    "map_create",
    "map_decrement",
    "map_get_by_index",
    "map_get_by_index_range",
    "map_get_by_key",
    "map_get_by_key_list",
    "map_get_by_key_range",
    "map_get_by_key_rel_index_range",
    "map_get_by_rank",
    "map_get_by_rank_range",
    "map_get_by_value",
    "map_get_by_value_list",
    "map_get_by_value_range",
    "map_get_by_value_rel_rank_range",
    "map_increment",
    "map_put",
    "map_put_items",
    "map_remove_by_index",
    "map_remove_by_index_range",
    "map_remove_by_key",
    "map_remove_by_key_list",
    "map_remove_by_key_range",
    "map_remove_by_key_rel_index_range",
    "map_remove_by_rank",
    "map_remove_by_rank_range",
    "map_remove_by_value",
    "map_remove_by_value_list",
    "map_remove_by_value_range",
    "map_remove_by_value_rel_rank_range",
    "map_set_policy",
    "map_size",
]

map_create = operation(commands.map_create)
map_set_policy = operation(commands.map_set_policy)
map_put = operation(commands.map_put)
map_put_items = operation(commands.map_put_items)
map_increment = operation(commands.map_increment)
map_decrement = operation(commands.map_decrement)
map_clear = operation(commands.map_clear)
map_remove_by_key = operation(commands.map_remove_by_key)
map_remove_by_key_list = operation(commands.map_remove_by_key_list)
map_remove_by_key_range = operation(commands.map_remove_by_key_range)
map_remove_by_key_rel_index_range = operation(commands.map_remove_by_key_rel_index_range)
map_remove_by_value = operation(commands.map_remove_by_value)
map_remove_by_value_list = operation(commands.map_remove_by_value_list)
map_remove_by_value_range = operation(commands.map_remove_by_value_range)
map_remove_by_value_rel_rank_range = operation(commands.map_remove_by_value_rel_rank_range)
map_remove_by_index = operation(commands.map_remove_by_index)
map_remove_by_index_range = operation(commands.map_remove_by_index_range)
map_remove_by_rank = operation(commands.map_remove_by_rank)
map_remove_by_rank_range = operation(commands.map_remove_by_rank_range)
map_size = operation(commands.map_size)
map_get_by_key = operation(commands.map_get_by_key)
map_get_by_key_list = operation(commands.map_get_by_key_list)
map_get_by_key_range = operation(commands.map_get_by_key_range)
map_get_by_key_rel_index_range = operation(commands.map_get_by_key_rel_index_range)
map_get_by_value = operation(commands.map_get_by_value)
map_get_by_value_list = operation(commands.map_get_by_value_list)
map_get_by_value_range = operation(commands.map_get_by_value_range)
map_get_by_value_rel_rank_range = operation(commands.map_get_by_value_rel_rank_range)
map_get_by_index = operation(commands.map_get_by_index)
map_get_by_index_range = operation(commands.map_get_by_index_range)
map_get_by_rank = operation(commands.map_get_by_rank)
map_get_by_rank_range = operation(commands.map_get_by_rank_range)
