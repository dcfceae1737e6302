"""Expressions on lists. Those that change something have the changed list as their value."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.expressions.base import ListBin
from aerodbapi.compat.aerospike_helpers.expressions.calls import collection
from aerodbapi.compat.aerospike_helpers.expressions.resources import _BaseExpr, _ExprOp, expression

__all__ = [
    "InList",
    "ListAppend",
    "ListAppendItems",
    "ListClear",
    "ListGetByIndex",
    "ListGetByIndexRange",
    "ListGetByIndexRangeToEnd",
    "ListGetByRank",
    "ListGetByRankRange",
    "ListGetByRankRangeToEnd",
    "ListGetByValue",
    "ListGetByValueList",
    "ListGetByValueRange",
    "ListGetByValueRelRankRange",
    "ListGetByValueRelRankRangeToEnd",
    "ListIncrement",
    "ListInsert",
    "ListInsertItems",
    "ListJoin",
    "ListRemoveByIndex",
    "ListRemoveByIndexRange",
    "ListRemoveByIndexRangeToEnd",
    "ListRemoveByRank",
    "ListRemoveByRankRange",
    "ListRemoveByRankRangeToEnd",
    "ListRemoveByValue",
    "ListRemoveByValueList",
    "ListRemoveByValueRange",
    "ListRemoveByValueRelRankRange",
    "ListRemoveByValueRelRankToEnd",
    "ListSet",
    "ListSize",
    "ListSort",
]

_PLAIN = collection(ListBin)
_CREATING = collection(ListBin, _ExprOp._AS_EXP_CODE_CDT_LIST_CRMOD)
_CHANGING = collection(ListBin, _ExprOp._AS_EXP_CODE_CDT_LIST_MOD)


def _IN_LIST(given: dict[str, Any]) -> tuple[None, tuple[Any, ...]]:  # noqa: N802 (beside the others)
    return None, _PLAIN(given)[1]


ListAppend = expression(
    __name__,
    "ListAppend",
    a.OP_LIST_APPEND,
    "ctx policy value bin",
    _CREATING,
    "Add an element at the end (at its place in an ordered list).",
)
ListAppendItems = expression(
    __name__,
    "ListAppendItems",
    a.OP_LIST_APPEND_ITEMS,
    "ctx policy value bin",
    _CREATING,
    "Add elements at the end.",
)
ListInsert = expression(
    __name__,
    "ListInsert",
    a.OP_LIST_INSERT,
    "ctx policy index value bin",
    _CHANGING,
    "Insert an element before `index`.",
)
ListInsertItems = expression(
    __name__,
    "ListInsertItems",
    a.OP_LIST_INSERT_ITEMS,
    "ctx policy index values bin",
    _CHANGING,
    "Insert elements before `index`.",
)
ListIncrement = expression(
    __name__,
    "ListIncrement",
    a.OP_LIST_INCREMENT,
    "ctx policy index value bin",
    _CREATING,
    "Add `value` to the number at `index`.",
)
ListSet = expression(
    __name__,
    "ListSet",
    a.OP_LIST_SET,
    "ctx policy index value bin",
    _CHANGING,
    "Replace the element at `index`.",
)
ListClear = expression(
    __name__, "ListClear", a.OP_LIST_CLEAR, "ctx bin", _PLAIN, "Remove all elements."
)
ListSort = expression(
    __name__,
    "ListSort",
    a.OP_LIST_SORT,
    "ctx order bin",
    _PLAIN,
    "Sort a list; `flags` are ListSort's.",
)
ListRemoveByValue = expression(
    __name__,
    "ListRemoveByValue",
    a.OP_LIST_REMOVE_BY_VALUE,
    "ctx value bin inverted=False",
    _PLAIN,
    "Remove all elements equal to `value`.",
)
ListRemoveByValueList = expression(
    __name__,
    "ListRemoveByValueList",
    a.OP_LIST_REMOVE_BY_VALUE_LIST,
    "ctx values bin inverted=False",
    _PLAIN,
    "Remove all elements equal to one of `values`.",
)
ListRemoveByValueRange = expression(
    __name__,
    "ListRemoveByValueRange",
    a.OP_LIST_REMOVE_BY_VALUE_RANGE,
    "ctx begin end bin inverted=False",
    _PLAIN,
    "Remove the elements from `begin` on (None: the smallest) up to before `end` (None: all).",
)
ListRemoveByValueRelRankToEnd = expression(
    __name__,
    "ListRemoveByValueRelRankToEnd",
    a.OP_LIST_REMOVE_BY_REL_RANK_RANGE_TO_END,
    "ctx value rank bin inverted=False",
    _PLAIN,
    "Remove `count` elements from the one on whose rank is `rank` above that of `value`.",
)
ListRemoveByValueRelRankRange = expression(
    __name__,
    "ListRemoveByValueRelRankRange",
    a.OP_LIST_REMOVE_BY_REL_RANK_RANGE,
    "ctx value rank count bin inverted=False",
    _PLAIN,
    "Remove `count` elements from the one on whose rank is `rank` above that of `value`.",
)
ListRemoveByIndex = expression(
    __name__,
    "ListRemoveByIndex",
    a.OP_LIST_REMOVE_BY_INDEX,
    "ctx index bin",
    _PLAIN,
    "Remove the element at `index`.",
)
ListRemoveByIndexRangeToEnd = expression(
    __name__,
    "ListRemoveByIndexRangeToEnd",
    a.OP_LIST_REMOVE_BY_INDEX_RANGE_TO_END,
    "ctx index bin inverted=False",
    _PLAIN,
    "Remove `count` elements from `index` on.",
)
ListRemoveByIndexRange = expression(
    __name__,
    "ListRemoveByIndexRange",
    a.OP_LIST_REMOVE_BY_INDEX_RANGE,
    "ctx index count bin inverted=False",
    _PLAIN,
    "Remove `count` elements from `index` on.",
)
ListRemoveByRank = expression(
    __name__,
    "ListRemoveByRank",
    a.OP_LIST_REMOVE_BY_RANK,
    "ctx rank bin",
    _PLAIN,
    "Remove the element of this rank (0: the smallest).",
)
ListRemoveByRankRangeToEnd = expression(
    __name__,
    "ListRemoveByRankRangeToEnd",
    a.OP_LIST_REMOVE_BY_RANK_RANGE_TO_END,
    "ctx rank bin inverted=False",
    _PLAIN,
    "Remove `count` elements from `rank` on.",
)
ListRemoveByRankRange = expression(
    __name__,
    "ListRemoveByRankRange",
    a.OP_LIST_REMOVE_BY_RANK_RANGE,
    "ctx rank count bin inverted=False",
    _PLAIN,
    "Remove `count` elements from `rank` on.",
)
ListSize = expression(
    __name__, "ListSize", a.OP_LIST_SIZE, "ctx bin", _PLAIN, "The number of elements."
)
ListGetByValue = expression(
    __name__,
    "ListGetByValue",
    a.OP_LIST_GET_BY_VALUE,
    "ctx return_type value bin inverted=False",
    _PLAIN,
    "All elements equal to `value`.",
)
ListGetByValueRange = expression(
    __name__,
    "ListGetByValueRange",
    a.OP_LIST_GET_BY_VALUE_RANGE,
    "ctx return_type value_begin value_end bin inverted=False",
    _PLAIN,
    "The elements from `begin` on (None: the smallest) up to before `end` (None: all).",
)
ListGetByValueList = expression(
    __name__,
    "ListGetByValueList",
    a.OP_LIST_GET_BY_VALUE_LIST,
    "ctx return_type value bin inverted=False",
    _PLAIN,
    "All elements equal to one of `values`.",
)
ListGetByValueRelRankRangeToEnd = expression(
    __name__,
    "ListGetByValueRelRankRangeToEnd",
    a.OP_LIST_GET_BY_VALUE_RANK_RANGE_REL_TO_END,
    "ctx return_type value rank bin inverted=False",
    _PLAIN,
    "`count` elements from the one on whose rank is `rank` above that of `value`.",
)
ListGetByValueRelRankRange = expression(
    __name__,
    "ListGetByValueRelRankRange",
    a.OP_LIST_GET_BY_VALUE_RANK_RANGE_REL,
    "ctx return_type value rank count bin inverted=False",
    _PLAIN,
    "`count` elements from the one on whose rank is `rank` above that of `value`.",
)
ListGetByIndex = expression(
    __name__,
    "ListGetByIndex",
    a.OP_LIST_GET_BY_INDEX,
    "ctx return_type value_type index bin",
    _PLAIN,
    "The element at `index`.",
)
ListGetByIndexRangeToEnd = expression(
    __name__,
    "ListGetByIndexRangeToEnd",
    a.OP_LIST_GET_BY_INDEX_RANGE_TO_END,
    "ctx return_type index bin inverted=False",
    _PLAIN,
    "`count` elements from `index` on.",
)
ListGetByIndexRange = expression(
    __name__,
    "ListGetByIndexRange",
    a.OP_LIST_GET_BY_INDEX_RANGE,
    "ctx return_type index count bin inverted=False",
    _PLAIN,
    "`count` elements from `index` on.",
)
ListGetByRank = expression(
    __name__,
    "ListGetByRank",
    a.OP_LIST_GET_BY_RANK,
    "ctx return_type value_type rank bin",
    _PLAIN,
    "The element of this rank (0: the smallest).",
)
ListGetByRankRangeToEnd = expression(
    __name__,
    "ListGetByRankRangeToEnd",
    a.OP_LIST_GET_BY_RANK_RANGE_TO_END,
    "ctx return_type rank bin inverted=False",
    _PLAIN,
    "`count` elements from `rank` on.",
)
ListGetByRankRange = expression(
    __name__,
    "ListGetByRankRange",
    a.OP_LIST_GET_BY_RANK_RANGE,
    "ctx return_type rank count bin inverted=False",
    _PLAIN,
    "`count` elements from `rank` on.",
)
InList = expression(
    __name__, "InList", a._AS_EXP_CODE_IN_LIST, "value bin", _IN_LIST, "Whether a list has a value."
)


class ListJoin(_BaseExpr):
    """The texts of a list as one, with `separator` between (servers from 8.1.3 on)."""

    def __init__(self, ctx: Any, separator: str | None, bin: Any) -> None:
        self._op = a._OP_LIST_JOIN_SEPARATOR if separator else a._OP_LIST_JOIN
        self._fixed = {a._STR_EXP_SEPARATOR_KEY: separator} if separator else {}
        if ctx is not None:
            self._fixed["ctx"] = ctx
        self._children = (bin if isinstance(bin, _BaseExpr) else ListBin(bin),)
