"""Contexts: the way to a nested list or map, as a list of the steps that these functions make."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a

__all__ = [
    "cdt_ctx_all_children",
    "cdt_ctx_all_children_with_filter",
    "cdt_ctx_and_filter",
    "cdt_ctx_list_index",
    "cdt_ctx_list_index_create",
    "cdt_ctx_list_rank",
    "cdt_ctx_list_value",
    "cdt_ctx_map_index",
    "cdt_ctx_map_key",
    "cdt_ctx_map_key_create",
    "cdt_ctx_map_keys_in",
    "cdt_ctx_map_rank",
    "cdt_ctx_map_value",
    "index_datatype_string",
    "index_type_string",
]

CDT_CTX_ORDER_KEY = "order_key"
CDT_CTX_PAD_KEY = "pad_key"

_COLLECTIONS = {
    a.INDEX_TYPE_DEFAULT: "default",
    a.INDEX_TYPE_LIST: "list",
    a.INDEX_TYPE_MAPKEYS: "mapkeys",
    a.INDEX_TYPE_MAPVALUES: "mapvalues",
}
_DATATYPES = {
    a.INDEX_NUMERIC: "numeric",
    a.INDEX_STRING: "string",
    a.INDEX_GEO2DSPHERE: "geo2dsphere",
}


def index_type_string(index_type: int) -> str:
    """The name of an INDEX_TYPE_* constant, or "invalid"."""
    return _COLLECTIONS.get(index_type, "invalid")


def index_datatype_string(index_datatype: int) -> str:
    """The name of an INDEX_* constant, or "invalid"."""
    return _DATATYPES.get(index_datatype, "invalid")


class _cdt_ctx:  # noqa: N801 (the official client's name)
    """One step. `extra_args` holds order and padding of what it creates, or a filter."""

    def __init__(
        self, *, id: Any = None, value: Any = None, extra_args: dict[str, Any] | None = None
    ) -> None:
        self.id = id
        self.value = value
        self.extra_args = extra_args


def cdt_ctx_list_index(index: int) -> _cdt_ctx:
    """The element at `index`."""
    return _cdt_ctx(id=a.CDT_CTX_LIST_INDEX, value=index)


def cdt_ctx_list_rank(rank: int) -> _cdt_ctx:
    """The element of this rank (0: the smallest)."""
    return _cdt_ctx(id=a.CDT_CTX_LIST_RANK, value=rank)


def cdt_ctx_list_value(value: Any) -> _cdt_ctx:
    """The first element equal to `value`."""
    return _cdt_ctx(id=a.CDT_CTX_LIST_VALUE, value=value)


def cdt_ctx_list_index_create(index: int, order: int = 0, pad: bool = False) -> _cdt_ctx:
    """The element at `index`, created as a list of this order if there is none."""
    extra = {CDT_CTX_ORDER_KEY: order, CDT_CTX_PAD_KEY: pad}
    return _cdt_ctx(id=a.CDT_CTX_LIST_INDEX_CREATE, value=index, extra_args=extra)


def cdt_ctx_map_index(index: int) -> _cdt_ctx:
    """The value at this place in the order of keys."""
    return _cdt_ctx(id=a.CDT_CTX_MAP_INDEX, value=index)


def cdt_ctx_map_rank(rank: int) -> _cdt_ctx:
    """The value of this rank (0: the smallest)."""
    return _cdt_ctx(id=a.CDT_CTX_MAP_RANK, value=rank)


def cdt_ctx_map_key(key: Any) -> _cdt_ctx:
    """The value under `key`."""
    return _cdt_ctx(id=a.CDT_CTX_MAP_KEY, value=key)


def cdt_ctx_map_value(value: Any) -> _cdt_ctx:
    """The first value equal to `value`."""
    return _cdt_ctx(id=a.CDT_CTX_MAP_VALUE, value=value)


def cdt_ctx_map_key_create(key: Any, order: int = 0) -> _cdt_ctx:
    """The value under `key`, created as a map of this order if there is none."""
    extra = {CDT_CTX_ORDER_KEY: order}
    return _cdt_ctx(id=a.CDT_CTX_MAP_KEY_CREATE, value=key, extra_args=extra)


def cdt_ctx_map_keys_in(keys: list[Any]) -> _cdt_ctx:
    """The values under all of `keys` (servers from 8.1.3 on)."""
    return _cdt_ctx(id=a._AS_CDT_CTX_MAP_KEYS_IN, value=keys)


def cdt_ctx_all_children() -> _cdt_ctx:
    """Every element of a list, every value of a map: for path operations."""
    return _cdt_ctx(id=a._AS_CDT_CTX_EXP)


def cdt_ctx_all_children_with_filter(expression: Any) -> _cdt_ctx:
    """The elements for which a compiled expression on their loop variables is true."""
    extra = {a._CDT_CTX_FILTER_EXPR_KEY: expression}
    return _cdt_ctx(id=a._AS_CDT_CTX_EXP, extra_args=extra)


def cdt_ctx_and_filter(expression: Any) -> _cdt_ctx:
    """A further condition on what the step before selects (servers from 8.1.3 on)."""
    extra = {a._CDT_CTX_FILTER_EXPR_KEY: expression}
    return _cdt_ctx(id=a._AS_CDT_CTX_AND | a._AS_CDT_CTX_EXP, extra_args=extra)
