"""Operations on lists, for `operate`: each names a bin and what is done to the list in it.

    client.operate(key, [list_append("scores", 7), list_get_by_rank("scores", -1)])

`ctx` leads to a nested list (`contexts`); `policy` is a ListPolicy or a dictionary; return types
are ReturnType's.
"""

from __future__ import annotations

from aerodbapi.native.bin_operations import operation
from aerodbapi.protocol import list_commands as commands
from aerodbapi.protocol.bin_commands import ReturnType
from aerodbapi.protocol.bin_policies import ListOrder, ListPolicy, ListSort, ListWrite

__all__ = [
    "ListOrder",
    "ListPolicy",
    "ListSort",
    "ListWrite",
    "ReturnType",
    "list_append",
    "list_append_items",
    "list_clear",
    "list_create",
    "list_get",
    "list_get_by_index",
    "list_get_by_index_range",
    "list_get_by_rank",
    "list_get_by_rank_range",
    "list_get_by_value",
    "list_get_by_value_list",
    "list_get_by_value_range",
    "list_get_by_value_rel_rank_range",
    "list_get_range",
    "list_increment",
    "list_insert",
    "list_insert_items",
    "list_join",
    "list_pop",
    "list_pop_range",
    "list_remove",
    "list_remove_by_index",
    "list_remove_by_index_range",
    "list_remove_by_rank",
    "list_remove_by_rank_range",
    "list_remove_by_value",
    "list_remove_by_value_list",
    "list_remove_by_value_range",
    "list_remove_by_value_rel_rank_range",
    "list_remove_range",
    "list_set",
    "list_set_order",
    "list_size",
    "list_sort",
    "list_trim",
]

list_create = operation(commands.list_create)
list_set_order = operation(commands.list_set_order)
list_sort = operation(commands.list_sort)
list_append = operation(commands.list_append)
list_append_items = operation(commands.list_append_items)
list_insert = operation(commands.list_insert)
list_insert_items = operation(commands.list_insert_items)
list_set = operation(commands.list_set)
list_increment = operation(commands.list_increment)
list_pop = operation(commands.list_pop)
list_pop_range = operation(commands.list_pop_range)
list_remove = operation(commands.list_remove)
list_remove_range = operation(commands.list_remove_range)
list_trim = operation(commands.list_trim)
list_clear = operation(commands.list_clear)
list_remove_by_index = operation(commands.list_remove_by_index)
list_remove_by_index_range = operation(commands.list_remove_by_index_range)
list_remove_by_rank = operation(commands.list_remove_by_rank)
list_remove_by_rank_range = operation(commands.list_remove_by_rank_range)
list_remove_by_value = operation(commands.list_remove_by_value)
list_remove_by_value_list = operation(commands.list_remove_by_value_list)
list_remove_by_value_range = operation(commands.list_remove_by_value_range)
list_remove_by_value_rel_rank_range = operation(commands.list_remove_by_value_rel_rank_range)
list_size = operation(commands.list_size)
list_get = operation(commands.list_get)
list_get_range = operation(commands.list_get_range)
list_get_by_index = operation(commands.list_get_by_index)
list_get_by_index_range = operation(commands.list_get_by_index_range)
list_get_by_rank = operation(commands.list_get_by_rank)
list_get_by_rank_range = operation(commands.list_get_by_rank_range)
list_get_by_value = operation(commands.list_get_by_value)
list_get_by_value_list = operation(commands.list_get_by_value_list)
list_get_by_value_range = operation(commands.list_get_by_value_range)
list_get_by_value_rel_rank_range = operation(commands.list_get_by_value_rel_rank_range)
list_join = operation(commands.list_join)
