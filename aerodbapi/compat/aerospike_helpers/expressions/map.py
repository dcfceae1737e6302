"""Expressions on maps. Those that change something have the changed map as their value."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.expressions.base import MapBin
from aerodbapi.compat.aerospike_helpers.expressions.calls import collection
from aerodbapi.compat.aerospike_helpers.expressions.resources import _BaseExpr, _ExprOp, expression

__all__ = [
    "MapClear",
    "MapGetByIndex",
    "MapGetByIndexRange",
    "MapGetByIndexRangeToEnd",
    "MapGetByKey",
    "MapGetByKeyList",
    "MapGetByKeyRange",
    "MapGetByKeyRelIndexRange",
    "MapGetByKeyRelIndexRangeToEnd",
    "MapGetByRank",
    "MapGetByRankRange",
    "MapGetByRankRangeToEnd",
    "MapGetByValue",
    "MapGetByValueList",
    "MapGetByValueRange",
    "MapGetByValueRelRankRange",
    "MapGetByValueRelRankRangeToEnd",
    "MapGetKeys",
    "MapGetValues",
    "MapIncrement",
    "MapPut",
    "MapPutItems",
    "MapRemoveByIndex",
    "MapRemoveByIndexRange",
    "MapRemoveByIndexRangeToEnd",
    "MapRemoveByKey",
    "MapRemoveByKeyList",
    "MapRemoveByKeyRange",
    "MapRemoveByKeyRelIndexRange",
    "MapRemoveByKeyRelIndexRangeToEnd",
    "MapRemoveByRank",
    "MapRemoveByRankRange",
    "MapRemoveByRankRangeToEnd",
    "MapRemoveByValue",
    "MapRemoveByValueList",
    "MapRemoveByValueRange",
    "MapRemoveByValueRelRankRange",
    "MapRemoveByValueRelRankRangeToEnd",
    "MapSize",
]

_PLAIN = collection(MapBin)
_CREATING = collection(MapBin, _ExprOp._AS_EXP_CODE_CDT_MAP_CRMOD)

MapPut = expression(
    __name__, "MapPut", a.OP_MAP_PUT, "ctx policy key value bin", _CREATING, "Set one key."
)
MapPutItems = expression(
    __name__,
    "MapPutItems",
    a.OP_MAP_PUT_ITEMS,
    "ctx policy map bin",
    _CREATING,
    "Set the keys of a dictionary.",
)
MapIncrement = expression(
    __name__,
    "MapIncrement",
    a.OP_MAP_INCREMENT,
    "ctx policy key value bin",
    _CREATING,
    "Add to the number under `key`, 0 if there is none.",
)
MapClear = expression(
    __name__, "MapClear", a.OP_MAP_CLEAR, "ctx bin", _PLAIN, "Remove all entries."
)
MapRemoveByKey = expression(
    __name__,
    "MapRemoveByKey",
    a.OP_MAP_REMOVE_BY_KEY,
    "ctx key bin",
    _PLAIN,
    "Remove the entry of this key.",
)
MapRemoveByKeyList = expression(
    __name__,
    "MapRemoveByKeyList",
    a.OP_MAP_REMOVE_BY_KEY_LIST,
    "ctx keys bin inverted=False",
    _PLAIN,
    "Remove the entries of these keys.",
)
MapRemoveByKeyRange = expression(
    __name__,
    "MapRemoveByKeyRange",
    a.OP_MAP_REMOVE_BY_KEY_RANGE,
    "ctx begin end bin inverted=False",
    _PLAIN,
    "Remove the keys from `begin` on (None: the smallest) up to before `end` (None: all).",
)
MapRemoveByKeyRelIndexRangeToEnd = expression(
    __name__,
    "MapRemoveByKeyRelIndexRangeToEnd",
    a.OP_MAP_REMOVE_BY_KEY_REL_INDEX_RANGE_TO_END,
    "ctx key index bin inverted=False",
    _PLAIN,
    "Remove `count` entries from the one on that stands `index` places after `key`'s.",
)
MapRemoveByKeyRelIndexRange = expression(
    __name__,
    "MapRemoveByKeyRelIndexRange",
    a.OP_MAP_REMOVE_BY_KEY_REL_INDEX_RANGE,
    "ctx key index count bin inverted=False",
    _PLAIN,
    "Remove `count` entries from the one on that stands `index` places after `key`'s.",
)
MapRemoveByValue = expression(
    __name__,
    "MapRemoveByValue",
    a.OP_MAP_REMOVE_BY_VALUE,
    "ctx value bin inverted=False",
    _PLAIN,
    "Remove all entries with this value.",
)
MapRemoveByValueList = expression(
    __name__,
    "MapRemoveByValueList",
    a.OP_MAP_REMOVE_BY_VALUE_LIST,
    "ctx values bin inverted=False",
    _PLAIN,
    "Remove all entries with one of these values.",
)
MapRemoveByValueRange = expression(
    __name__,
    "MapRemoveByValueRange",
    a.OP_MAP_REMOVE_BY_VALUE_RANGE,
    "ctx begin end bin inverted=False",
    _PLAIN,
    "Remove the values from `begin` on (None: the smallest) up to before `end` (None: all).",
)
MapRemoveByValueRelRankRangeToEnd = expression(
    __name__,
    "MapRemoveByValueRelRankRangeToEnd",
    a.OP_MAP_REMOVE_BY_VALUE_REL_RANK_RANGE_TO_END,
    "ctx value rank bin inverted=False",
    _PLAIN,
    "Remove `count` entries from the one on whose rank is `rank` above that of `value`.",
)
MapRemoveByValueRelRankRange = expression(
    __name__,
    "MapRemoveByValueRelRankRange",
    a.OP_MAP_REMOVE_BY_VALUE_REL_RANK_RANGE,
    "ctx value rank count bin inverted=False",
    _PLAIN,
    "Remove `count` entries from the one on whose rank is `rank` above that of `value`.",
)
MapRemoveByIndex = expression(
    __name__,
    "MapRemoveByIndex",
    a.OP_MAP_REMOVE_BY_INDEX,
    "ctx index bin",
    _PLAIN,
    "Remove the entry at this place in the order of keys.",
)
MapRemoveByIndexRangeToEnd = expression(
    __name__,
    "MapRemoveByIndexRangeToEnd",
    a.OP_MAP_REMOVE_BY_INDEX_RANGE_TO_END,
    "ctx index bin inverted=False",
    _PLAIN,
    "Remove `count` entries from `index` on.",
)
MapRemoveByIndexRange = expression(
    __name__,
    "MapRemoveByIndexRange",
    a.OP_MAP_REMOVE_BY_INDEX_RANGE,
    "ctx index count bin inverted=False",
    _PLAIN,
    "Remove `count` entries from `index` on.",
)
MapRemoveByRank = expression(
    __name__,
    "MapRemoveByRank",
    a.OP_MAP_REMOVE_BY_RANK,
    "ctx rank bin",
    _PLAIN,
    "Remove the entry whose value has this rank (0: the smallest).",
)
MapRemoveByRankRangeToEnd = expression(
    __name__,
    "MapRemoveByRankRangeToEnd",
    a.OP_MAP_REMOVE_BY_RANK_RANGE_TO_END,
    "ctx rank bin inverted=False",
    _PLAIN,
    "Remove `count` entries from `rank` on.",
)
MapRemoveByRankRange = expression(
    __name__,
    "MapRemoveByRankRange",
    a.OP_MAP_REMOVE_BY_RANK_RANGE,
    "ctx rank count bin inverted=False",
    _PLAIN,
    "Remove `count` entries from `rank` on.",
)
MapSize = expression(
    __name__, "MapSize", a.OP_MAP_SIZE, "ctx bin", _PLAIN, "The number of entries."
)
MapGetByKey = expression(
    __name__,
    "MapGetByKey",
    a.OP_MAP_GET_BY_KEY,
    "ctx return_type value_type key bin",
    _PLAIN,
    "The entry of this key.",
)
MapGetByKeyRange = expression(
    __name__,
    "MapGetByKeyRange",
    a.OP_MAP_GET_BY_KEY_RANGE,
    "ctx return_type begin end bin inverted=False",
    _PLAIN,
    "The keys from `begin` on (None: the smallest) up to before `end` (None: all).",
)
MapGetByKeyList = expression(
    __name__,
    "MapGetByKeyList",
    a.OP_MAP_GET_BY_KEY_LIST,
    "ctx return_type keys bin inverted=False",
    _PLAIN,
    "The entries of these keys.",
)
MapGetByKeyRelIndexRangeToEnd = expression(
    __name__,
    "MapGetByKeyRelIndexRangeToEnd",
    a.OP_MAP_GET_BY_KEY_REL_INDEX_RANGE_TO_END,
    "ctx return_type key index bin inverted=False",
    _PLAIN,
    "`count` entries from the one on that stands `index` places after `key`'s.",
)
MapGetByKeyRelIndexRange = expression(
    __name__,
    "MapGetByKeyRelIndexRange",
    a.OP_MAP_GET_BY_KEY_REL_INDEX_RANGE,
    "ctx return_type key index count bin inverted=False",
    _PLAIN,
    "`count` entries from the one on that stands `index` places after `key`'s.",
)
MapGetByValue = expression(
    __name__,
    "MapGetByValue",
    a.OP_MAP_GET_BY_VALUE,
    "ctx return_type value bin inverted=False",
    _PLAIN,
    "All entries with this value.",
)
MapGetByValueRange = expression(
    __name__,
    "MapGetByValueRange",
    a.OP_MAP_GET_BY_VALUE_RANGE,
    "ctx return_type value_begin value_end bin inverted=False",
    _PLAIN,
    "The values from `begin` on (None: the smallest) up to before `end` (None: all).",
)
MapGetByValueList = expression(
    __name__,
    "MapGetByValueList",
    a.OP_MAP_GET_BY_VALUE_LIST,
    "ctx return_type value bin inverted=False",
    _PLAIN,
    "All entries with one of these values.",
)
MapGetByValueRelRankRangeToEnd = expression(
    __name__,
    "MapGetByValueRelRankRangeToEnd",
    a.OP_MAP_GET_BY_VALUE_RANK_RANGE_REL_TO_END,
    "ctx return_type value rank bin inverted=False",
    _PLAIN,
    "`count` entries from the one on whose rank is `rank` above that of `value`.",
)
MapGetByValueRelRankRange = expression(
    __name__,
    "MapGetByValueRelRankRange",
    a.OP_MAP_GET_BY_VALUE_RANK_RANGE_REL,
    "ctx return_type value rank count bin inverted=False",
    _PLAIN,
    "`count` entries from the one on whose rank is `rank` above that of `value`.",
)
MapGetByIndex = expression(
    __name__,
    "MapGetByIndex",
    a.OP_MAP_GET_BY_INDEX,
    "ctx return_type value_type index bin",
    _PLAIN,
    "The entry at this place in the order of keys.",
)
MapGetByIndexRangeToEnd = expression(
    __name__,
    "MapGetByIndexRangeToEnd",
    a.OP_MAP_GET_BY_INDEX_RANGE_TO_END,
    "ctx return_type index bin inverted=False",
    _PLAIN,
    "`count` entries from `index` on.",
)
MapGetByIndexRange = expression(
    __name__,
    "MapGetByIndexRange",
    a.OP_MAP_GET_BY_INDEX_RANGE,
    "ctx return_type index count bin inverted=False",
    _PLAIN,
    "`count` entries from `index` on.",
)
MapGetByRank = expression(
    __name__,
    "MapGetByRank",
    a.OP_MAP_GET_BY_RANK,
    "ctx return_type value_type rank bin",
    _PLAIN,
    "The entry whose value has this rank (0: the smallest).",
)
MapGetByRankRangeToEnd = expression(
    __name__,
    "MapGetByRankRangeToEnd",
    a.OP_MAP_GET_BY_RANK_RANGE_TO_END,
    "ctx return_type rank bin inverted=False",
    _PLAIN,
    "`count` entries from `rank` on.",
)
MapGetByRankRange = expression(
    __name__,
    "MapGetByRankRange",
    a.OP_MAP_GET_BY_RANK_RANGE,
    "ctx return_type rank count bin inverted=False",
    _PLAIN,
    "`count` entries from `rank` on.",
)


class _OfMap(_BaseExpr):
    def __init__(self, map_value: Any) -> None:
        self._children = (map_value if isinstance(map_value, _BaseExpr) else MapBin(map_value),)


class MapGetKeys(_OfMap):
    """The keys of a map (its bin or an expression), as a list (servers from 8.1.3 on)."""

    _op = a._AS_EXP_CODE_MAP_KEYS_IN


class MapGetValues(_OfMap):
    """The values of a map (its bin or an expression), as a list (servers from 8.1.3 on)."""

    _op = a._AS_EXP_CODE_MAP_VALUES_IN
