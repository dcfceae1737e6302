"""From the dictionaries that `operate` takes to the operations of the native client."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from aerodbapi.compat.aerospike_py import constants
from aerodbapi.compat.aerospike_py._arguments import a_list, bin_name, instance, storable
from aerodbapi.native import bits, hlls, lists, maps, operations
from aerodbapi.protocol.message import Operation
from aerodbapi.types import INFINITY, HyperLogLog

__all__ = ["to_native"]

_Fields = Mapping[str, Any]


def to_native(ops: Any) -> list[Operation]:
    """Translate a list of operations. Raises TypeError and ValueError for malformed ones."""
    return [_operation(instance(op, dict)) for op in a_list(ops)]


def _operation(op: _Fields) -> Operation:
    if "op" not in op:
        raise ValueError("Operation must have 'op' key")
    code = operator.index(op["op"])
    scalar = _SCALARS.get(code)
    if scalar is not None:
        return scalar(op)
    found = _COMMANDS.get(code)
    if found is None:
        raise ValueError(
            f"Unsupported operation code: {code}; OPERATOR_* and the functions of "
            "list_operations, map_operations, hll_operations and bit_operations have one"
        )
    build, readers = found
    name = _bin(op, build.__name__)
    return build(name, **{argument: read(op) for argument, read in readers})


# ---- operations on scalars ---------------------------------------------------------------------


def _bin(op: _Fields, what: str) -> str:
    name = op.get("bin")
    if name is None:
        raise ValueError(f"{what} operation requires 'bin'")
    return bin_name(name)


def _read(op: _Fields) -> Operation:
    name = op.get("bin")
    return operations.read_all() if name is None else operations.read(bin_name(name))


def _write(op: _Fields) -> Operation:
    return operations.write(_bin(op, "Write"), storable(op.get("val")))


def _increment(op: _Fields) -> Operation:
    amount = op.get("val")
    return operations.increment(_bin(op, "Increment"), 1 if amount is None else _number(amount))


def _append(op: _Fields) -> Operation:
    return operations.append(_bin(op, "Append"), _text(op))


def _prepend(op: _Fields) -> Operation:
    return operations.prepend(_bin(op, "Prepend"), _text(op))


def _text(op: _Fields) -> Any:
    value = op.get("val")
    if value is None:
        return ""
    if not isinstance(value, (str, bytes, bytearray)):
        raise TypeError(f"what is appended is str or bytes, not {type(value).__name__}")
    return value


def _number(value: Any) -> Any:
    """An increment. Raises TypeError when it is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"increment offset must be an int or float, got {value!r}")
    return storable(value)


_SCALARS: Final[dict[int, Callable[[_Fields], Operation]]] = {
    constants.OPERATOR_READ: _read,
    constants.OPERATOR_WRITE: _write,
    constants.OPERATOR_INCR: _increment,
    constants.OPERATOR_APPEND: _append,
    constants.OPERATOR_PREPEND: _prepend,
    constants.OPERATOR_TOUCH: lambda op: operations.touch(),
    constants.OPERATOR_DELETE: lambda op: operations.delete(),
}

# ---- operations on lists, maps, bits and HLLs --------------------------------------------------


def _required(field: str, op: _Fields) -> Any:
    if field not in op:
        raise ValueError(f"Operation requires '{field}'")
    return op[field]


def _integer(field: str) -> Callable[[_Fields], int]:
    return lambda op: operator.index(_required(field, op))


def _bits_value(op: _Fields) -> int:
    value = op.get("val")
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"bit operation requires an integer value, got {value!r}")
    return value


def _optional(field: str, default: int | None = None) -> Callable[[_Fields], int | None]:
    def read(op: _Fields) -> int | None:
        value = op.get(field)
        return default if value is None else operator.index(value)

    return read


def _values(op: _Fields) -> list[Any]:
    value = storable(op.get("val"))
    return value if isinstance(value, list) else [value]


def _sketches(op: _Fields) -> list[HyperLogLog]:
    return [HyperLogLog(value) for value in _values(op)]


def _end(op: _Fields) -> Any:
    end = op.get("val_end")
    return INFINITY if end is None else storable(end)


def _rank(op: _Fields) -> int:
    return operator.index(op["rank"] if "rank" in op else _required("index", op))


def _pairs(op: _Fields) -> Any:
    value = op.get("val")
    if not isinstance(value, dict):
        raise ValueError("map_put_items requires a dict value")
    return storable(value)


def _flagged(field: str) -> Callable[[_Fields], Any]:
    """A policy's dictionary (or flags alone), or None."""

    def read(op: _Fields) -> Any:
        policy = op.get(field)
        return policy if policy is None or isinstance(policy, int) else instance(policy, dict)

    return read


#: An argument of a native builder (":…" another reading of it) → how a dictionary holds it.
_READERS: Final[dict[str, Callable[[_Fields], Any]]] = {
    "value": lambda op: storable(op.get("val")),
    "value:int": _bits_value,
    "value:one": _optional("val", 1),
    "value:amount": lambda op: 1 if op.get("val") is None else _number(op["val"]),
    "value:bool": lambda op: bool(_required("val", op)),
    "values": _values,
    "pairs": _pairs,
    "hlls": _sketches,
    "begin": lambda op: storable(op.get("val")),
    "end": _end,
    "index": _integer("index"),
    "rank": _rank,
    "count": _optional("count"),
    "count:one": _optional("count", 1),
    "count:zero": _optional("count", 0),
    "return_type": _integer("return_type"),
    "key": lambda op: storable(_required("map_key", op)),
    "keys": _values,
    "order": _optional("val", 0),
    "flags": _optional("val", 0),
    "flags:resize": _optional("resize_flags", 0),
    "bit_offset": _integer("bit_offset"),
    "bit_size": _integer("bit_size"),
    "byte_offset": _integer("byte_offset"),
    "byte_size": _integer("byte_size"),
    "shift": _integer("shift"),
    "signed": lambda op: bool(op.get("signed", False)),
    "overflow": _optional("action", 0),
    "index_bits": _integer("index_bit_count"),
    "index_bits:optional": _optional("index_bit_count"),
    "minhash_bits": _optional("minhash_bit_count"),
    "policy:list": _flagged("list_policy"),
    "policy:map": _flagged("map_policy"),
    "policy:bit": _flagged("bit_policy"),
    "policy:hll": _flagged("hll_policy"),
    "policy:order": lambda op: {"order": _optional("val", 0)(op)},
}

#: Operation code → the native builder and the arguments that it gets.
_ROWS: Final[dict[int, tuple[Callable[..., Operation], str]]] = {
    1001: (lists.list_append, "value policy:list"),
    1002: (lists.list_append_items, "values policy:list"),
    1003: (lists.list_insert, "index value policy:list"),
    1004: (lists.list_insert_items, "index values policy:list"),
    1005: (lists.list_pop, "index"),
    1006: (lists.list_pop_range, "index count:one"),
    1007: (lists.list_remove, "index"),
    1008: (lists.list_remove_range, "index count:one"),
    1009: (lists.list_set, "index value"),
    1010: (lists.list_trim, "index count:zero"),
    1011: (lists.list_clear, ""),
    1012: (lists.list_size, ""),
    1013: (lists.list_get, "index"),
    1014: (lists.list_get_range, "index count:one"),
    1015: (lists.list_get_by_value, "value return_type"),
    1016: (lists.list_get_by_index, "index return_type"),
    1017: (lists.list_get_by_index_range, "index return_type count"),
    1018: (lists.list_get_by_rank, "rank return_type"),
    1019: (lists.list_get_by_rank_range, "rank return_type count"),
    1020: (lists.list_get_by_value_list, "values return_type"),
    1021: (lists.list_get_by_value_range, "begin end return_type"),
    1022: (lists.list_remove_by_value, "value return_type"),
    1023: (lists.list_remove_by_value_list, "values return_type"),
    1024: (lists.list_remove_by_value_range, "begin end return_type"),
    1025: (lists.list_remove_by_index, "index return_type"),
    1026: (lists.list_remove_by_index_range, "index return_type count"),
    1027: (lists.list_remove_by_rank, "rank return_type"),
    1028: (lists.list_remove_by_rank_range, "rank return_type count"),
    1029: (lists.list_increment, "index value:amount policy:list"),
    1030: (lists.list_sort, "flags"),
    1031: (lists.list_set_order, "order"),
    2001: (maps.map_set_policy, "policy:order"),
    2002: (maps.map_put, "key value policy:map"),
    2003: (maps.map_put_items, "pairs policy:map"),
    2004: (maps.map_increment, "key value:amount policy:map"),
    2005: (maps.map_decrement, "key value:amount policy:map"),
    2006: (maps.map_clear, ""),
    2007: (maps.map_remove_by_key, "key return_type"),
    2008: (maps.map_remove_by_key_list, "keys return_type"),
    2009: (maps.map_remove_by_key_range, "begin end return_type"),
    2010: (maps.map_remove_by_value, "value return_type"),
    2011: (maps.map_remove_by_value_list, "values return_type"),
    2012: (maps.map_remove_by_value_range, "begin end return_type"),
    2013: (maps.map_remove_by_index, "index return_type"),
    2014: (maps.map_remove_by_index_range, "index return_type count"),
    2015: (maps.map_remove_by_rank, "rank return_type"),
    2016: (maps.map_remove_by_rank_range, "rank return_type count"),
    2017: (maps.map_size, ""),
    2018: (maps.map_get_by_key, "key return_type"),
    2019: (maps.map_get_by_key_range, "begin end return_type"),
    2020: (maps.map_get_by_value, "value return_type"),
    2021: (maps.map_get_by_value_range, "begin end return_type"),
    2022: (maps.map_get_by_index, "index return_type"),
    2023: (maps.map_get_by_index_range, "index return_type count"),
    2024: (maps.map_get_by_rank, "rank return_type"),
    2025: (maps.map_get_by_rank_range, "rank return_type count"),
    2026: (maps.map_get_by_key_list, "keys return_type"),
    2027: (maps.map_get_by_value_list, "values return_type"),
    3001: (hlls.hll_init, "index_bits minhash_bits policy:hll"),
    3002: (hlls.hll_add, "values index_bits:optional minhash_bits policy:hll"),
    3003: (hlls.hll_get_count, ""),
    3004: (hlls.hll_get_union, "hlls"),
    3005: (hlls.hll_get_union_count, "hlls"),
    3006: (hlls.hll_get_intersect_count, "hlls"),
    3007: (hlls.hll_get_similarity, "hlls"),
    3008: (hlls.hll_describe, ""),
    3009: (hlls.hll_fold, "index_bits"),
    3010: (hlls.hll_set_union, "hlls policy:hll"),
    4001: (bits.bit_resize, "byte_size flags:resize policy:bit"),
    4002: (bits.bit_insert, "byte_offset value policy:bit"),
    4003: (bits.bit_remove, "byte_offset byte_size policy:bit"),
    4004: (bits.bit_set, "bit_offset bit_size value policy:bit"),
    4005: (bits.bit_or, "bit_offset bit_size value policy:bit"),
    4006: (bits.bit_xor, "bit_offset bit_size value policy:bit"),
    4007: (bits.bit_and, "bit_offset bit_size value policy:bit"),
    4008: (bits.bit_not, "bit_offset bit_size policy:bit"),
    4009: (bits.bit_lshift, "bit_offset bit_size shift policy:bit"),
    4010: (bits.bit_rshift, "bit_offset bit_size shift policy:bit"),
    4011: (bits.bit_add, "bit_offset bit_size value:int signed overflow policy:bit"),
    4012: (bits.bit_subtract, "bit_offset bit_size value:int signed overflow policy:bit"),
    4013: (bits.bit_set_int, "bit_offset bit_size value:int policy:bit"),
    4050: (bits.bit_get, "bit_offset bit_size"),
    4051: (bits.bit_count, "bit_offset bit_size"),
    4052: (bits.bit_lscan, "bit_offset bit_size value:bool"),
    4053: (bits.bit_rscan, "bit_offset bit_size value:bool"),
    4054: (bits.bit_get_int, "bit_offset bit_size signed"),
}

_Readers = tuple[tuple[str, Callable[[_Fields], Any]], ...]
_COMMANDS: Final[dict[int, tuple[Callable[..., Operation], _Readers]]] = {
    code: (build, tuple((token.partition(":")[0], _READERS[token]) for token in tokens.split()))
    for code, (build, tokens) in _ROWS.items()
}
