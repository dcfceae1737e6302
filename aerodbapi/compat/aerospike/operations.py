"""From the helpers' dictionaries to the engine's operations, by one table."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.datatypes import null
from aerodbapi.compat.aerospike.expressions import context, expression
from aerodbapi.compat.aerospike.policies import check_keys
from aerodbapi.compat.aerospike.raising import fail, guarded, param_error
from aerodbapi.compat.aerospike.texts import CODES, text_command
from aerodbapi.compat.aerospike.values import Inward
from aerodbapi.native import bin_operations, bits, hlls, lists, maps, operations, strings
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import OpType
from aerodbapi.protocol.message import Operation

__all__ = ["bin_name", "native_operations", "text_of"]

_BIN_NAME_MAX: Final = 15
_BYTES_MAX: Final = 128 << 20
#: Operations know no serializers; the official client calls theirs 1.
_SERIALIZER: Final = 1
#: Parameter of the engine = key of the dictionary; "?": may be missing or None.
_TABLE: Final[dict[int, tuple[Callable[..., Operation], str]]] = {
    a.OP_LIST_CREATE: (lists.list_create, "order=list_order pad persist_index"),
    a.OP_LIST_APPEND: (lists.list_append, "value=val policy=list_policy?"),
    a.OP_LIST_APPEND_ITEMS: (lists.list_append_items, "values=val policy=list_policy?"),
    a.OP_LIST_INSERT: (lists.list_insert, "index value=val policy=list_policy?"),
    a.OP_LIST_INSERT_ITEMS: (lists.list_insert_items, "index values=val policy=list_policy?"),
    a.OP_LIST_INCREMENT: (lists.list_increment, "index value=val policy=list_policy?"),
    a.OP_LIST_POP: (lists.list_pop, "index"),
    a.OP_LIST_POP_RANGE: (lists.list_pop_range, "index count=val"),
    a.OP_LIST_REMOVE: (lists.list_remove, "index"),
    a.OP_LIST_REMOVE_RANGE: (lists.list_remove_range, "index count=val"),
    a.OP_LIST_CLEAR: (lists.list_clear, ""),
    a.OP_LIST_SET: (lists.list_set, "index value=val policy=list_policy?"),
    a.OP_LIST_GET: (lists.list_get, "index"),
    a.OP_LIST_GET_RANGE: (lists.list_get_range, "index count=val"),
    a.OP_LIST_TRIM: (lists.list_trim, "index count=val"),
    a.OP_LIST_SIZE: (lists.list_size, ""),
    a.OP_LIST_GET_BY_INDEX: (lists.list_get_by_index, "index return_type"),
    a.OP_LIST_GET_BY_INDEX_RANGE: (
        lists.list_get_by_index_range,
        "index return_type count? inverted?",
    ),
    a.OP_LIST_GET_BY_RANK: (lists.list_get_by_rank, "rank return_type"),
    a.OP_LIST_GET_BY_RANK_RANGE: (
        lists.list_get_by_rank_range,
        "rank return_type count? inverted?",
    ),
    a.OP_LIST_GET_BY_VALUE: (lists.list_get_by_value, "value=val return_type inverted?"),
    a.OP_LIST_GET_BY_VALUE_LIST: (
        lists.list_get_by_value_list,
        "values=value_list return_type inverted?",
    ),
    a.OP_LIST_GET_BY_VALUE_RANGE: (
        lists.list_get_by_value_range,
        "return_type begin=value_begin? end=value_end? inverted?",
    ),
    a.OP_LIST_REMOVE_BY_INDEX: (lists.list_remove_by_index, "index return_type"),
    a.OP_LIST_REMOVE_BY_INDEX_RANGE: (
        lists.list_remove_by_index_range,
        "index return_type count? inverted?",
    ),
    a.OP_LIST_REMOVE_BY_RANK: (lists.list_remove_by_rank, "rank return_type"),
    a.OP_LIST_REMOVE_BY_RANK_RANGE: (
        lists.list_remove_by_rank_range,
        "rank return_type count? inverted?",
    ),
    a.OP_LIST_REMOVE_BY_VALUE: (lists.list_remove_by_value, "value=val return_type inverted?"),
    a.OP_LIST_REMOVE_BY_VALUE_LIST: (
        lists.list_remove_by_value_list,
        "values=value_list return_type inverted?",
    ),
    a.OP_LIST_REMOVE_BY_VALUE_RANGE: (
        lists.list_remove_by_value_range,
        "return_type begin=value_begin? end=value_end? inverted?",
    ),
    a._OP_LIST_JOIN: (lists.list_join, "separator?"),
    a.OP_LIST_SET_ORDER: (lists.list_set_order, "order=list_order"),
    a.OP_LIST_SORT: (lists.list_sort, "flags=sort_flags?"),
    a.OP_LIST_GET_BY_VALUE_RANK_RANGE_REL: (
        lists.list_get_by_value_rel_rank_range,
        "value=val rank return_type count? inverted?",
    ),
    a.OP_LIST_REMOVE_BY_VALUE_RANK_RANGE_REL: (
        lists.list_remove_by_value_rel_rank_range,
        "value=val rank return_type count? inverted?",
    ),
    a.OP_MAP_SET_POLICY: (maps.map_set_policy, "policy=map_policy"),
    a.OP_MAP_CREATE: (maps.map_create, "order=map_order persist_index"),
    a.OP_MAP_PUT: (maps.map_put, "key value=val policy=map_policy?"),
    a.OP_MAP_PUT_ITEMS: (maps.map_put_items, "pairs=val policy=map_policy?"),
    a.OP_MAP_INCREMENT: (maps.map_increment, "key value=val policy=map_policy?"),
    a.OP_MAP_DECREMENT: (maps.map_decrement, "key value=val policy=map_policy?"),
    a.OP_MAP_SIZE: (maps.map_size, ""),
    a.OP_MAP_CLEAR: (maps.map_clear, ""),
    a.OP_MAP_REMOVE_BY_KEY: (maps.map_remove_by_key, "key return_type"),
    a.OP_MAP_REMOVE_BY_KEY_LIST: (
        maps.map_remove_by_key_list,
        "keys=val return_type inverted?",
    ),
    a.OP_MAP_REMOVE_BY_KEY_RANGE: (
        maps.map_remove_by_key_range,
        "begin=key end=val return_type inverted?",
    ),
    a.OP_MAP_REMOVE_BY_VALUE: (maps.map_remove_by_value, "value=val return_type inverted?"),
    a.OP_MAP_REMOVE_BY_VALUE_LIST: (
        maps.map_remove_by_value_list,
        "values=val return_type inverted?",
    ),
    a.OP_MAP_REMOVE_BY_VALUE_RANGE: (
        maps.map_remove_by_value_range,
        "begin=val end=range return_type inverted?",
    ),
    a.OP_MAP_REMOVE_BY_INDEX: (maps.map_remove_by_index, "index return_type"),
    a.OP_MAP_REMOVE_BY_INDEX_RANGE: (
        maps.map_remove_by_index_range,
        "index count=val return_type inverted?",
    ),
    a.OP_MAP_REMOVE_BY_RANK: (maps.map_remove_by_rank, "rank=index return_type"),
    a.OP_MAP_REMOVE_BY_RANK_RANGE: (
        maps.map_remove_by_rank_range,
        "rank=index count=val return_type inverted?",
    ),
    a.OP_MAP_GET_BY_KEY: (maps.map_get_by_key, "key return_type"),
    a.OP_MAP_GET_BY_KEY_RANGE: (
        maps.map_get_by_key_range,
        "begin=key end=range return_type inverted?",
    ),
    a.OP_MAP_GET_BY_KEY_LIST: (maps.map_get_by_key_list, "keys=val return_type inverted?"),
    a.OP_MAP_GET_BY_VALUE: (maps.map_get_by_value, "value=val return_type inverted?"),
    a.OP_MAP_GET_BY_VALUE_RANGE: (
        maps.map_get_by_value_range,
        "begin=val end=range return_type inverted?",
    ),
    a.OP_MAP_GET_BY_VALUE_LIST: (
        maps.map_get_by_value_list,
        "values=val return_type inverted?",
    ),
    a.OP_MAP_GET_BY_INDEX: (maps.map_get_by_index, "index return_type"),
    a.OP_MAP_GET_BY_INDEX_RANGE: (
        maps.map_get_by_index_range,
        "index count=val return_type inverted?",
    ),
    a.OP_MAP_GET_BY_RANK: (maps.map_get_by_rank, "rank=index return_type"),
    a.OP_MAP_GET_BY_RANK_RANGE: (
        maps.map_get_by_rank_range,
        "rank=index count=val return_type inverted?",
    ),
    a.OP_MAP_REMOVE_BY_VALUE_RANK_RANGE_REL: (
        maps.map_remove_by_value_rel_rank_range,
        "value=val rank return_type count? inverted?",
    ),
    a.OP_MAP_GET_BY_VALUE_RANK_RANGE_REL: (
        maps.map_get_by_value_rel_rank_range,
        "value=val rank return_type count? inverted?",
    ),
    a.OP_MAP_REMOVE_BY_KEY_INDEX_RANGE_REL: (
        maps.map_remove_by_key_rel_index_range,
        "key index return_type count? inverted?",
    ),
    a.OP_MAP_GET_BY_KEY_INDEX_RANGE_REL: (
        maps.map_get_by_key_rel_index_range,
        "key index return_type count? inverted?",
    ),
    a.OP_BIT_RESIZE: (bits.bit_resize, "byte_size policy? flags=resize_flags?"),
    a.OP_BIT_INSERT: (bits.bit_insert, "byte_offset value policy?"),
    a.OP_BIT_REMOVE: (bits.bit_remove, "byte_offset byte_size policy?"),
    a.OP_BIT_SET: (bits.bit_set, "bit_offset bit_size value policy?"),
    a.OP_BIT_OR: (bits.bit_or, "bit_offset bit_size value policy?"),
    a.OP_BIT_XOR: (bits.bit_xor, "bit_offset bit_size value policy?"),
    a.OP_BIT_AND: (bits.bit_and, "bit_offset bit_size value policy?"),
    a.OP_BIT_NOT: (bits.bit_not, "bit_offset bit_size policy?"),
    a.OP_BIT_LSHIFT: (bits.bit_lshift, "bit_offset bit_size shift=value policy?"),
    a.OP_BIT_RSHIFT: (bits.bit_rshift, "bit_offset bit_size shift=value policy?"),
    a.OP_BIT_ADD: (
        bits.bit_add,
        "bit_offset bit_size value signed=sign overflow=action policy?",
    ),
    a.OP_BIT_SUBTRACT: (
        bits.bit_subtract,
        "bit_offset bit_size value signed=sign overflow=action policy?",
    ),
    a.OP_BIT_SET_INT: (bits.bit_set_int, "bit_offset bit_size value policy?"),
    a.OP_BIT_GET: (bits.bit_get, "bit_offset bit_size"),
    a.OP_BIT_COUNT: (bits.bit_count, "bit_offset bit_size"),
    a.OP_BIT_LSCAN: (bits.bit_lscan, "bit_offset bit_size value"),
    a.OP_BIT_RSCAN: (bits.bit_rscan, "bit_offset bit_size value"),
    a.OP_BIT_GET_INT: (bits.bit_get_int, "bit_offset bit_size signed=sign"),
    a._OP_BIT_B64_ENCODE: (bits.bit_b64_encode, "byte_offset byte_size? invert_size?"),
    a.OP_HLL_INIT: (
        hlls.hll_init,
        "index_bits=index_bit_count? minhash_bits=mh_bit_count? policy=hll_policy?",
    ),
    a.OP_HLL_ADD: (
        hlls.hll_add,
        (
            "values=value_list index_bits=index_bit_count? minhash_bits=mh_bit_count? "
            "policy=hll_policy?"
        ),
    ),
    a.OP_HLL_SET_UNION: (hlls.hll_set_union, "hlls=value_list policy=hll_policy?"),
    a.OP_HLL_REFRESH_COUNT: (hlls.hll_refresh_count, ""),
    a.OP_HLL_FOLD: (hlls.hll_fold, "index_bits=index_bit_count"),
    a.OP_HLL_GET_COUNT: (hlls.hll_get_count, ""),
    a.OP_HLL_GET_UNION: (hlls.hll_get_union, "hlls=value_list"),
    a.OP_HLL_GET_UNION_COUNT: (hlls.hll_get_union_count, "hlls=value_list"),
    a.OP_HLL_GET_INTERSECT_COUNT: (hlls.hll_get_intersect_count, "hlls=value_list"),
    a.OP_HLL_GET_SIMILARITY: (hlls.hll_get_similarity, "hlls=value_list"),
    a.OP_HLL_DESCRIBE: (hlls.hll_describe, ""),
    a.OP_HLL_MAY_CONTAIN: (hlls.hll_may_contain, "values=value_list"),
}
_POLICIES: Final = frozenset({"list_policy", "map_policy", "hll_policy", "policy"})
#: What a missing key is called.
_MISSING: Final = {
    "val": "Value should be given",
    "range": "Range should be given",
    "key": "Operation requires key parameter",
    "map_policy": "Operation requires map_policy parameter",
}
_TYPES: Final = {
    a.OPERATOR_INCR: (
        (int, float, null),
        "Unsupported operand type(s) for +: only 'int' allowed",
    ),
    a.OPERATOR_TOUCH: (
        (int, null),
        "Unsupported operand type(s) for touch : only int or long allowed",
    ),
    a.OPERATOR_APPEND: (
        (str, bytes, bytearray, null),
        "Cannot concatenate 'str' and 'non-str' objects",
    ),
    a.OPERATOR_PREPEND: (
        (str, bytes, bytearray, null),
        "Cannot concatenate 'str' and 'non-str' objects",
    ),
    a.OP_LIST_APPEND_ITEMS: ((list,), "Value of list_append_items should be of type list"),
    a.OP_LIST_INSERT_ITEMS: ((list,), "Value of list_insert_items should be of type list"),
}
_SCALARS: Final[dict[int, Callable[[str, Any], Operation]]] = {
    a.OPERATOR_WRITE: operations.write,
    a.OPERATOR_INCR: operations.increment,
    a.OPERATOR_APPEND: operations.append,
    a.OPERATOR_PREPEND: operations.prepend,
}
_SENT: Final = {
    a.OPERATOR_WRITE: OpType.WRITE,
    a.OPERATOR_INCR: OpType.INCR,
    a.OPERATOR_APPEND: OpType.APPEND,
    a.OPERATOR_PREPEND: OpType.PREPEND,
}
_EXPRESSIONS: Final = {
    a.OP_EXPR_READ: bin_operations.expression_read,
    a.OP_EXPR_WRITE: bin_operations.expression_write,
}
_PATHS: Final = (a._AS_OPERATOR_CDT_READ, a._AS_OPERATOR_CDT_MODIFY)
#: Scalar operations know these keys only.
_SCALAR_KEYS: Final = frozenset(
    [
        "op",
        "bin",
        "index",
        "val",
        "key",
        "range",
        "map_policy",
        "return_type",
        "inverted",
        "ctx",
        "map_order",
        "persist_index",
        "mod_exp",
        "cdt_flags",
    ]
)
_ALL_CODES: Final = frozenset(
    {*_SCALARS, *_TABLE, *_EXPRESSIONS, *_PATHS, *CODES, a.OPERATOR_READ, a._OP_STRING_TO_STRING}
)
_MAP_CODES: Final = range(a.OP_MAP_SET_POLICY, a.OP_MAP_CREATE + 1)
#: What has to be a bool.
_BOOLEANS: Final = frozenset({"pad", "persist_index"})


@functools.lru_cache(maxsize=256)
def _parameters(words: str) -> tuple[tuple[str, str, bool], ...]:
    made = []
    for word in words.split():
        name, _, key = word.rstrip("?").partition("=")
        made.append((name, key or name, word.endswith("?")))
    return tuple(made)


def native_operations(ops: Any, inward: Inward) -> tuple[list[Operation], int | None]:
    """The engine's operations, and the TTL that a touch among them gives (None: none does)."""
    if not isinstance(ops, list):
        param_error("Operations should be of type list")
    made: list[Operation] = []
    ttl = None
    for op in ops:
        if not isinstance(op, dict):
            param_error("Operation must be a dict")
        one = _operation(op, inward)
        if one is None:
            continue
        made.append(one)
        if op["op"] == a.OPERATOR_TOUCH and op.get("val") is not None:
            ttl = op["val"]
    if not made:
        param_error("No operations defined")
    return made, ttl


def _operation(op: dict[str, Any], inward: Inward) -> Operation | None:
    """The engine's operation; None for one that a client without strict types leaves out."""
    if "op" not in op:
        param_error('Operation must contain an "op" entry')
    code = op["op"]
    if not isinstance(code, int):
        param_error("Operation must be an integer")
    if (
        inward.strict
        and code in _TYPES
        and "val" in op
        and not isinstance(op["val"], _TYPES[code][0])
    ):
        param_error(_TYPES[code][1])
    if code == a.OPERATOR_TOUCH:
        return operations.touch()
    if code == a.OPERATOR_DELETE:
        return operations.delete()
    if "bin" not in op:
        param_error("Bin is not given")
    if not inward.strict and _left_out(code, op):
        return None
    name = bin_name(op["bin"])
    if code in _TABLE:
        return _command(code, name, op, inward)
    if code in _EXPRESSIONS:
        flags = op.get("expr_flags", 0)
        return guarded(_EXPRESSIONS[code], name, expression(op.get("expr"), inward), flags)
    if code in _PATHS:
        return _path(code, name, op, inward)
    if code in CODES:
        ctx = context(op["ctx"], inward) if op.get("ctx") else None
        return bin_operations.command_operation(name, text_command(code, op, ctx))
    if code == a._OP_STRING_TO_STRING:
        return strings.to_string(name)
    return _scalar(code, name, op, inward)


def _scalar(code: int, name: str, op: dict[str, Any], inward: Inward) -> Operation:
    for key in op:
        if key not in _SCALAR_KEYS:
            param_error(
                "Operation can contain only op, bin, index, key, val, return_type and map_policy "
                "keys"
            )
    if code == a.OPERATOR_READ:
        return operations.read(name)
    if "val" not in op:
        param_error("Value should be given")
    if code not in _SCALARS:
        param_error("Invalid operation given")
    value = inward(op["val"], _SERIALIZER)
    if isinstance(op["val"], null) or (
        not inward.strict and not isinstance(op["val"], _TYPES.get(code, (object,))[0])
    ):
        return guarded(_as_it_is, _SENT[code], name, value)
    return guarded(
        _SCALARS[code],
        name,
        int(value) if isinstance(value, bool) and code == a.OPERATOR_INCR else value,
    )


def _as_it_is(op: int, name: str, value: Any) -> Operation:
    """An operation whose value is left to the server to judge."""
    return Operation(op, name, *particles.encode(value))


def _left_out(code: int, op: dict[str, Any]) -> bool:
    """Whether a client without strict types drops an operation: a bin's name that is too long,
    or a code that does not exist."""
    name = op["bin"]
    if isinstance(name, (str, bytearray)) and len(text_of(name).encode()) > _BIN_NAME_MAX:
        return True
    return code not in _ALL_CODES


def text_of(name: str | bytearray) -> str:
    """A bin's name; as in the original, bytes end at their first NUL."""
    return name if isinstance(name, str) else name.partition(b"\0")[0].decode()


def bin_name(name: Any) -> str:
    """Check the name of a bin."""
    if not isinstance(name, (str, bytearray)):
        param_error("Bin name should be of type string")
    text = text_of(name)
    if len(text.encode()) > _BIN_NAME_MAX:
        fail(21, "A bin name should not exceed 15 characters limit")
    return text


def _command(code: int, name: str, op: dict[str, Any], inward: Inward) -> Operation:
    build, words = _TABLE[code]
    given: dict[str, Any] = {}
    for parameter, key, optional in _parameters(words):
        if key not in op:
            if optional:
                continue
            if key == "return_type" and code in _MAP_CODES:
                given[parameter] = 0
                continue
            param_error(_MISSING.get(key, f"Operation missing required entry {key}"))
        value = op[key]
        if optional and value is None:
            continue
        if key in _BOOLEANS and not isinstance(value, bool):
            param_error(f"{key} is invalid")
        if key in _POLICIES:
            given[parameter] = _policy(value, inward)
        elif value != -1 or not key.endswith("_bit_count"):
            given[parameter] = inward(value, _SERIALIZER)
    if "value_byte_size" in op and isinstance(given.get("value"), bytes):
        given["value"] = _sized(given["value"], op["value_byte_size"])
    if op.get("ctx"):
        given["ctx"] = context(op["ctx"], inward)
    return guarded(build, name, **given)


def _sized(value: bytes, size: Any) -> bytes:
    """As many bytes of a value as its operation says; zeros where it has fewer."""
    if not isinstance(size, int) or not 0 <= size <= _BYTES_MAX:
        param_error("value_byte_size is invalid")
    return value[:size].ljust(size, b"\0")


def _policy(policy: Any, inward: Inward) -> Any:
    if not isinstance(policy, dict):
        param_error("policy must be a dict")
    if inward.validate:
        check_keys(policy, _POLICY_KEYS, "policy")
    for key, value in policy.items():
        if key in _POLICY_KEYS and not isinstance(value, int):
            param_error(f"{key} is invalid")
        if key in _BOOLEANS and not isinstance(value, bool):
            param_error(f"{key} is invalid")
    return {key: value for key, value in policy.items() if key in _POLICY_KEYS}


_POLICY_KEYS: Final = frozenset(
    [
        "list_order",
        "write_flags",
        "map_order",
        "map_write_flags",
        "persist_index",
        "bit_write_flags",
        "flags",
    ]
)


def _path(code: int, name: str, op: dict[str, Any], inward: Inward) -> Operation:
    if "cdt_flags" not in op:
        param_error("CDT operation is missing a flags argument")
    if not isinstance(op["cdt_flags"], int):
        param_error("CDT operation's flags argument is invalid")
    ctx = context(op.get("ctx"), inward)
    if code == a._AS_OPERATOR_CDT_READ:
        return guarded(bin_operations.select_by_path, name, ctx, op["cdt_flags"])
    changed = expression(op.get("mod_exp"), inward)
    return guarded(bin_operations.modify_by_path, name, ctx, changed, op["cdt_flags"])
