"""List, map, bit, HLL, string and path commands inside expressions (CALL).

Each function takes the bin first, as a name or as an expression, then the command's own
arguments: `list_size("l")`, `map_get_by_key("m", "k", type=ExpType.INT)`. Reads have the
result; commands that change something have the changed list, map, blob or HLL as their value,
and change nothing that is stored.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Union

from aerodbapi.protocol import bit_commands as bits
from aerodbapi.protocol import expressions as ex
from aerodbapi.protocol import hll_commands as hlls
from aerodbapi.protocol import list_commands as lists
from aerodbapi.protocol import map_commands as maps
from aerodbapi.protocol import path_commands
from aerodbapi.protocol import string_commands as strings
from aerodbapi.protocol.bin_commands import BinCommand, Context, inner_list
from aerodbapi.protocol.expressions import CallSystem, Command, Exp, ExpType, Op

__all__ = [
    "Bin",
    "bit_add",
    "bit_and",
    "bit_b64_encode",
    "bit_count",
    "bit_get",
    "bit_get_int",
    "bit_insert",
    "bit_lscan",
    "bit_lshift",
    "bit_not",
    "bit_or",
    "bit_remove",
    "bit_resize",
    "bit_rscan",
    "bit_rshift",
    "bit_set",
    "bit_set_int",
    "bit_subtract",
    "bit_xor",
    "command_call",
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
    "modify_by_path",
    "select_by_path",
    "string_append",
    "string_b64_decode",
    "string_byte_length",
    "string_case_fold",
    "string_char_at",
    "string_concat",
    "string_contains",
    "string_ends_with",
    "string_find",
    "string_insert",
    "string_is_lower",
    "string_is_numeric",
    "string_is_upper",
    "string_lower",
    "string_normalize_nfc",
    "string_overwrite",
    "string_pad_end",
    "string_pad_start",
    "string_prepend",
    "string_regex_compare",
    "string_regex_replace",
    "string_repeat",
    "string_replace",
    "string_replace_all",
    "string_snip",
    "string_split",
    "string_starts_with",
    "string_strlen",
    "string_substr",
    "string_to_blob",
    "string_to_double",
    "string_to_integer",
    "string_trim",
    "string_trim_end",
    "string_trim_start",
    "string_upper",
]

_P = ParamSpec("_P")
#: A bin's name, or an expression whose value the command works on.
Bin = Union[str, Exp]

_LIST, _MAP, _BLOB, _HLL = ExpType.LIST, ExpType.MAP, ExpType.BLOB, ExpType.HLL
_TEXT = ExpType.STRING

_BINS = {
    ExpType.LIST: ex.list_bin,
    ExpType.MAP: ex.map_bin,
    ExpType.BLOB: ex.blob_bin,
    ExpType.HLL: ex.hll_bin,
    ExpType.STRING: ex.str_bin,
}


def command_call(bin: Bin, command: BinCommand, bin_type: int, type: int | None = None) -> Exp:
    """Build the CALL of `command` on `bin`; a name is taken as a bin of `bin_type` (ExpType).

    With a context the bin is what its first step goes into. `type`: the ExpType of an element.
    """
    exp = _outer(bin, command, bin_type)
    result = type if command.result is None else command.result
    if command.modify:
        result = _type_of(exp, command, bin_type)
    if result is None:
        result = ExpType.INT
    system = command.system | (CallSystem.MODIFY if command.modify else 0)
    return Exp(Op.CALL, (result, system, Command(inner_list(command)), exp))


def _outer(bin: Bin, command: BinCommand, bin_type: int) -> Exp:
    if isinstance(bin, Exp):
        return bin
    return _BINS[_entered(command, bin_type)](bin)


def _entered(command: BinCommand, bin_type: int) -> int:
    """The ExpType of what a command's context, or the command itself, goes into."""
    if not command.context:
        return bin_type
    first = command.context[0].type
    if first & 0x10:
        return ExpType.LIST
    return ExpType.MAP if first & 0x20 else bin_type


def _type_of(exp: Exp, command: BinCommand, bin_type: int) -> int:
    """The ExpType of a changed value: that of `exp`, where it says so."""
    if exp.op == Op.BIN or exp.op == Op.CALL:
        known: int = exp.args[0]
        return known
    return _entered(command, bin_type)


def _calling(build: Callable[_P, BinCommand], bin_type: int) -> Callable[Concatenate[Bin, _P], Exp]:
    """The expression function of a command: the bin, then the command's own arguments."""

    def call(bin: Bin, /, *args: _P.args, **kwargs: _P.kwargs) -> Exp:
        return command_call(bin, build(*args, **kwargs), bin_type)

    described: Callable[Concatenate[Bin, _P], Exp] = _described(call, build)
    return described


def _typed(build: Callable[..., BinCommand], bin_type: int) -> Callable[..., Exp]:
    """As _calling, for one element: `type` is the ExpType of its value (default INT)."""

    def call(bin: Bin, /, *args: Any, type: int | None = None, **kwargs: Any) -> Exp:
        return command_call(bin, build(*args, **kwargs), bin_type, type)

    described: Callable[..., Exp] = _described(call, build, "type")
    return described


def _described(call: Any, build: Callable[..., Any], *keywords: str) -> Any:
    functools.update_wrapper(call, build)
    signature = inspect.signature(build)
    first = inspect.Parameter("bin", inspect.Parameter.POSITIONAL_ONLY)
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in keywords
    ]
    call.__signature__ = signature.replace(
        parameters=[first, *signature.parameters.values(), *more], return_annotation=Exp
    )
    del call.__wrapped__
    call.__module__ = __name__
    return call


list_create = _calling(lists.list_create, _LIST)
list_set_order = _calling(lists.list_set_order, _LIST)
list_sort = _calling(lists.list_sort, _LIST)
list_append = _calling(lists.list_append, _LIST)
list_append_items = _calling(lists.list_append_items, _LIST)
list_insert = _calling(lists.list_insert, _LIST)
list_insert_items = _calling(lists.list_insert_items, _LIST)
list_set = _calling(lists.list_set, _LIST)
list_increment = _calling(lists.list_increment, _LIST)
list_pop = _calling(lists.list_pop, _LIST)
list_pop_range = _calling(lists.list_pop_range, _LIST)
list_remove = _calling(lists.list_remove, _LIST)
list_remove_range = _calling(lists.list_remove_range, _LIST)
list_trim = _calling(lists.list_trim, _LIST)
list_clear = _calling(lists.list_clear, _LIST)
list_remove_by_index = _calling(lists.list_remove_by_index, _LIST)
list_remove_by_index_range = _calling(lists.list_remove_by_index_range, _LIST)
list_remove_by_rank = _calling(lists.list_remove_by_rank, _LIST)
list_remove_by_rank_range = _calling(lists.list_remove_by_rank_range, _LIST)
list_remove_by_value = _calling(lists.list_remove_by_value, _LIST)
list_remove_by_value_list = _calling(lists.list_remove_by_value_list, _LIST)
list_remove_by_value_range = _calling(lists.list_remove_by_value_range, _LIST)
list_remove_by_value_rel_rank_range = _calling(lists.list_remove_by_value_rel_rank_range, _LIST)
list_size = _calling(lists.list_size, _LIST)
list_get = _typed(lists.list_get, _LIST)
list_get_range = _calling(lists.list_get_range, _LIST)
list_get_by_index = _typed(lists.list_get_by_index, _LIST)
list_get_by_index_range = _calling(lists.list_get_by_index_range, _LIST)
list_get_by_rank = _typed(lists.list_get_by_rank, _LIST)
list_get_by_rank_range = _calling(lists.list_get_by_rank_range, _LIST)
list_get_by_value = _calling(lists.list_get_by_value, _LIST)
list_get_by_value_list = _calling(lists.list_get_by_value_list, _LIST)
list_get_by_value_range = _calling(lists.list_get_by_value_range, _LIST)
list_get_by_value_rel_rank_range = _calling(lists.list_get_by_value_rel_rank_range, _LIST)
list_join = _calling(lists.list_join, _LIST)

map_create = _calling(maps.map_create, _MAP)
map_set_policy = _calling(maps.map_set_policy, _MAP)
map_put = _calling(maps.map_put, _MAP)
map_put_items = _calling(maps.map_put_items, _MAP)
map_increment = _calling(maps.map_increment, _MAP)
map_decrement = _calling(maps.map_decrement, _MAP)
map_clear = _calling(maps.map_clear, _MAP)
map_remove_by_key = _calling(maps.map_remove_by_key, _MAP)
map_remove_by_key_list = _calling(maps.map_remove_by_key_list, _MAP)
map_remove_by_key_range = _calling(maps.map_remove_by_key_range, _MAP)
map_remove_by_key_rel_index_range = _calling(maps.map_remove_by_key_rel_index_range, _MAP)
map_remove_by_value = _calling(maps.map_remove_by_value, _MAP)
map_remove_by_value_list = _calling(maps.map_remove_by_value_list, _MAP)
map_remove_by_value_range = _calling(maps.map_remove_by_value_range, _MAP)
map_remove_by_value_rel_rank_range = _calling(maps.map_remove_by_value_rel_rank_range, _MAP)
map_remove_by_index = _calling(maps.map_remove_by_index, _MAP)
map_remove_by_index_range = _calling(maps.map_remove_by_index_range, _MAP)
map_remove_by_rank = _calling(maps.map_remove_by_rank, _MAP)
map_remove_by_rank_range = _calling(maps.map_remove_by_rank_range, _MAP)
map_size = _calling(maps.map_size, _MAP)
map_get_by_key = _typed(maps.map_get_by_key, _MAP)
map_get_by_key_list = _calling(maps.map_get_by_key_list, _MAP)
map_get_by_key_range = _calling(maps.map_get_by_key_range, _MAP)
map_get_by_key_rel_index_range = _calling(maps.map_get_by_key_rel_index_range, _MAP)
map_get_by_value = _calling(maps.map_get_by_value, _MAP)
map_get_by_value_list = _calling(maps.map_get_by_value_list, _MAP)
map_get_by_value_range = _calling(maps.map_get_by_value_range, _MAP)
map_get_by_value_rel_rank_range = _calling(maps.map_get_by_value_rel_rank_range, _MAP)
map_get_by_index = _typed(maps.map_get_by_index, _MAP)
map_get_by_index_range = _calling(maps.map_get_by_index_range, _MAP)
map_get_by_rank = _typed(maps.map_get_by_rank, _MAP)
map_get_by_rank_range = _calling(maps.map_get_by_rank_range, _MAP)

bit_resize = _calling(bits.bit_resize, _BLOB)
bit_insert = _calling(bits.bit_insert, _BLOB)
bit_remove = _calling(bits.bit_remove, _BLOB)
bit_set = _calling(bits.bit_set, _BLOB)
bit_or = _calling(bits.bit_or, _BLOB)
bit_xor = _calling(bits.bit_xor, _BLOB)
bit_and = _calling(bits.bit_and, _BLOB)
bit_not = _calling(bits.bit_not, _BLOB)
bit_lshift = _calling(bits.bit_lshift, _BLOB)
bit_rshift = _calling(bits.bit_rshift, _BLOB)
bit_add = _calling(bits.bit_add, _BLOB)
bit_subtract = _calling(bits.bit_subtract, _BLOB)
bit_set_int = _calling(bits.bit_set_int, _BLOB)
bit_get = _calling(bits.bit_get, _BLOB)
bit_count = _calling(bits.bit_count, _BLOB)
bit_lscan = _calling(bits.bit_lscan, _BLOB)
bit_rscan = _calling(bits.bit_rscan, _BLOB)
bit_get_int = _calling(bits.bit_get_int, _BLOB)
bit_b64_encode = _calling(bits.bit_b64_encode, _BLOB)

hll_init = _calling(hlls.hll_init, _HLL)
hll_add = _calling(hlls.hll_add, _HLL)
hll_set_union = _calling(hlls.hll_set_union, _HLL)
hll_refresh_count = _calling(hlls.hll_refresh_count, _HLL)
hll_fold = _calling(hlls.hll_fold, _HLL)
hll_get_count = _calling(hlls.hll_get_count, _HLL)
hll_get_union = _calling(hlls.hll_get_union, _HLL)
hll_get_union_count = _calling(hlls.hll_get_union_count, _HLL)
hll_get_intersect_count = _calling(hlls.hll_get_intersect_count, _HLL)
hll_get_similarity = _calling(hlls.hll_get_similarity, _HLL)
hll_describe = _calling(hlls.hll_describe, _HLL)
hll_may_contain = _calling(hlls.hll_may_contain, _HLL)

string_append = _calling(strings.string_append, _TEXT)
string_b64_decode = _calling(strings.string_b64_decode, _TEXT)
string_byte_length = _calling(strings.string_byte_length, _TEXT)
string_case_fold = _calling(strings.string_case_fold, _TEXT)
string_char_at = _calling(strings.string_char_at, _TEXT)
string_concat = _calling(strings.string_concat, _TEXT)
string_contains = _calling(strings.string_contains, _TEXT)
string_ends_with = _calling(strings.string_ends_with, _TEXT)
string_find = _calling(strings.string_find, _TEXT)
string_insert = _calling(strings.string_insert, _TEXT)
string_is_lower = _calling(strings.string_is_lower, _TEXT)
string_is_numeric = _calling(strings.string_is_numeric, _TEXT)
string_is_upper = _calling(strings.string_is_upper, _TEXT)
string_lower = _calling(strings.string_lower, _TEXT)
string_normalize_nfc = _calling(strings.string_normalize_nfc, _TEXT)
string_overwrite = _calling(strings.string_overwrite, _TEXT)
string_pad_end = _calling(strings.string_pad_end, _TEXT)
string_pad_start = _calling(strings.string_pad_start, _TEXT)
string_prepend = _calling(strings.string_prepend, _TEXT)
string_regex_compare = _calling(strings.string_regex_compare, _TEXT)
string_regex_replace = _calling(strings.string_regex_replace, _TEXT)
string_repeat = _calling(strings.string_repeat, _TEXT)
string_replace = _calling(strings.string_replace, _TEXT)
string_replace_all = _calling(strings.string_replace_all, _TEXT)
string_snip = _calling(strings.string_snip, _TEXT)
string_split = _calling(strings.string_split, _TEXT)
string_starts_with = _calling(strings.string_starts_with, _TEXT)
string_strlen = _calling(strings.string_strlen, _TEXT)
string_substr = _calling(strings.string_substr, _TEXT)
string_to_blob = _calling(strings.string_to_blob, _TEXT)
string_to_double = _calling(strings.string_to_double, _TEXT)
string_to_integer = _calling(strings.string_to_integer, _TEXT)
string_trim = _calling(strings.string_trim, _TEXT)
string_trim_end = _calling(strings.string_trim_end, _TEXT)
string_trim_start = _calling(strings.string_trim_start, _TEXT)
string_upper = _calling(strings.string_upper, _TEXT)


def select_by_path(bin: Bin, ctx: Context, flags: int = 0, type: int | None = None) -> Exp:
    """The elements that `ctx` selects (path_commands.select_by_path).

    `type`: ExpType of the result; a list for values, keys and pairs, else the bin's own.
    """
    command = path_commands.select_by_path(ctx, flags)
    outer = _outer(bin, command, ExpType.MAP)
    if type is None:
        type = (
            command.result if command.result is not None else _type_of(outer, command, ExpType.MAP)
        )
    return Exp(Op.CALL, (type, CallSystem.CDT, Command(inner_list(command)), outer))


def modify_by_path(
    bin: Bin, ctx: Context, exp: Any, flags: int = 0, type: int | None = None
) -> Exp:
    """The list or map with each element that `ctx` selects replaced by the value of `exp`."""
    command = path_commands.modify_by_path(ctx, exp, flags)
    outer = _outer(bin, command, ExpType.MAP)
    if type is None:
        type = _type_of(outer, command, ExpType.MAP)
    system = CallSystem.CDT | CallSystem.MODIFY
    return Exp(Op.CALL, (type, system, Command(inner_list(command)), outer))
