"""Our expression builder writes what the official client wrote."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.errors import DataError
from aerodbapi.protocol import expressions as ex
from aerodbapi.types import INFINITY, WILDCARD, GeoJSON, KeyOrderedDict
from tests.protocol import recorded

A, B = ex.int_bin("a"), ex.int_bin("b")
A_IS_1, B_IS_2 = ex.eq(A, 1), ex.eq(B, 2)
POINT = '{"type": "Point", "coordinates": [1.0, 2.0]}'

#: Recorded without the operator that they belong to, or written from a misuse.
FRAGMENTS = {"base.Def", "base.Not", "base.SelectByPath"}

EXPRESSIONS: dict[str, Any] = {
    "base.And": ex.and_(A_IS_1, B_IS_2),
    "base.BinExists": ex.bin_exists("bn"),
    "base.BinType": ex.bin_type("bn"),
    "base.BlobBin": ex.blob_bin("bn"),
    "base.BoolBin": ex.bool_bin("bn"),
    "base.CmpGeo": ex.geo_compare(ex.geo_bin("g"), POINT),
    "base.CmpRegex": ex.regex(ex.Regex.ICASE, "^a.*", ex.str_bin("s")),
    "base.Cond": ex.cond(A_IS_1, 5, 6),
    "base.DeviceSize": ex.device_size(),
    "base.DigestMod": ex.digest_modulo(3),
    "base.Eq": A_IS_1,
    "base.Exclusive": ex.exclusive(A_IS_1, B_IS_2),
    "base.FloatBin": ex.float_bin("bn"),
    "base.GE": ex.ge(A, 1),
    "base.GT": ex.gt(A, 1),
    "base.GeoBin": ex.geo_bin("bn"),
    "base.HLLBin": ex.hll_bin("bn"),
    "base.IntBin": ex.int_bin("bn"),
    "base.IsTombstone": ex.is_tombstone(),
    "base.KeyBlob": ex.key_blob(),
    "base.KeyExists": ex.key_exists(),
    "base.KeyInt": ex.key_int(),
    "base.KeyStr": ex.key_str(),
    "base.LE": ex.le(A, 1),
    "base.LT": ex.lt(A, 1),
    "base.LastUpdateTime": ex.last_update(),
    "base.Let": ex.let(ex.def_("x", A), ex.var("x")),
    "base.ListBin": ex.list_bin("bn"),
    "base.LoopVar": ex.unknown(),
    "base.MapBin": ex.map_bin("bn"),
    "base.MemorySize": ex.memory_size(),
    "base.NE": ex.ne(A, 1),
    "base.Or": ex.or_(A_IS_1, B_IS_2),
    "base.RecordSize": ex.record_size(),
    "base.RemoveResult": ex.remove_result(),
    "base.SetName": ex.set_name(),
    "base.SinceUpdateTime": ex.since_update(),
    "base.StrBin": ex.str_bin("bn"),
    "base.TTL": ex.ttl(),
    "base.Unknown": ex.unknown(),
    "base.Val": ex.val("str"),
    "base.Var": ex.var("x"),
    "base.VoidTime": ex.void_time(),
    "list.InList": ex.in_list(3, ex.list_bin("l")),
    "arithmetic.Abs": ex.abs_(3),
    "arithmetic.Add": ex.add(A, 2),
    "arithmetic.Ceil": ex.ceil(3),
    "arithmetic.Div": ex.div(A, 2),
    "arithmetic.Floor": ex.floor(3),
    "arithmetic.Log": ex.log(3, 3),
    "arithmetic.Max": ex.max_(A, 2),
    "arithmetic.Min": ex.min_(A, 2),
    "arithmetic.Mod": ex.mod(3, 3),
    "arithmetic.Mul": ex.mul(A, 2),
    "arithmetic.Pow": ex.pow_(3, 3),
    "arithmetic.Sub": ex.sub(A, 2),
    "arithmetic.ToFloat": ex.to_float(3),
    "arithmetic.ToInt": ex.to_int(3),
    "bitwise_operators.IntAnd": ex.int_and(A, 2),
    "bitwise_operators.IntArithmeticRightShift": ex.int_arithmetic_right_shift(3, 3),
    "bitwise_operators.IntCount": ex.int_count(3),
    "bitwise_operators.IntLeftScan": ex.int_left_scan(3, 3),
    "bitwise_operators.IntLeftShift": ex.int_left_shift(3, 3),
    "bitwise_operators.IntNot": ex.int_not(3),
    "bitwise_operators.IntOr": ex.int_or(A, 2),
    "bitwise_operators.IntRightScan": ex.int_right_scan(3, 3),
    "bitwise_operators.IntRightShift": ex.int_right_shift(3, 3),
    "bitwise_operators.IntXOr": ex.int_xor(A, 2),
    "string.ToString": ex.Exp(99, (ex.str_bin("bn"),)),
}
#: Type names as the recording had them, for LoopVar<type>.
LOOP_VARS = {
    "Nil": ex.ExpType.NIL,
    "Bool": ex.ExpType.BOOL,
    "Int": ex.ExpType.INT,
    "Str": ex.ExpType.STRING,
    "List": ex.ExpType.LIST,
    "Map": ex.ExpType.MAP,
    "Blob": ex.ExpType.BLOB,
    "Float": ex.ExpType.FLOAT,
    "GeoJson": ex.ExpType.GEOJSON,
    "HLL": ex.ExpType.HLL,
}
EXPRESSIONS |= {f"base.LoopVar{name}": ex.loop_var(type, 3) for name, type in LOOP_VARS.items()}

#: Name → result type, call system, command, type of the bin, bin.
CALLS: dict[str, tuple[int, int, list[Any], int, str]] = {
    "string.Base64Decode": (6, 0x03, [15], 3, "bn"),
    "string.ByteLength": (2, 0x03, [9], 3, "bn"),
    "string.CaseFold": (3, 0x43, [58, 0], 3, "bn"),
    "string.CharAt": (3, 0x03, [2, 3], 3, "bn"),
    "string.Concat": (3, 0x43, [52, [1, 2], 0], 3, "bn"),
    "string.IsLower": (1, 0x03, [12], 3, "bn"),
    "string.IsNumeric": (1, 0x03, [10, 3], 3, "bn"),
    "string.IsUpper": (1, 0x03, [11], 3, "bn"),
    "string.Lower": (3, 0x43, [57, 0], 3, "bn"),
    "string.NormalizeNFC": (3, 0x43, [59, 0], 3, "bn"),
    "string.Repeat": (3, 0x43, [65, 3, 0], 3, "bn"),
    "string.Snip": (3, 0x43, [53, 3, 9, 0], 3, "bn"),
    "string.Split": (4, 0x03, [14], 3, "bn"),
    "string.StrLen": (2, 0x03, [0], 3, "bn"),
    "string.SubStr": (3, 0x03, [1, 3], 3, "bn"),
    "string.SubStrRange": (3, 0x03, [1, 3, 9], 3, "bn"),
    "string.ToBlob": (6, 0x03, [13], 3, "bn"),
    "string.ToDouble": (7, 0x03, [8], 3, "bn"),
    "string.ToInteger": (2, 0x03, [7], 3, "bn"),
    "string.Trim": (3, 0x43, [62, 0], 3, "bn"),
    "string.TrimEnd": (3, 0x43, [61, 0], 3, "bn"),
    "string.TrimStart": (3, 0x43, [60, 0], 3, "bn"),
    "string.Upper": (3, 0x43, [56, 0], 3, "bn"),
    "list.ListAppend": (4, 0x40, [1, 3], 4, "l"),
    "list.ListAppendItems": (4, 0x40, [2, [1, 2]], 4, "l"),
    "list.ListClear": (4, 0x40, [11], 4, "l"),
    "list.ListGetByIndex": (2, 0x00, [19, 5, 3], 4, "l"),
    "list.ListGetByIndexRange": (2, 0x00, [24, 65541, 3, 3], 4, "l"),
    "list.ListGetByIndexRangeToEnd": (2, 0x00, [24, 65541, 3], 4, "l"),
    "list.ListGetByRank": (2, 0x00, [21, 5, 3], 4, "l"),
    "list.ListGetByRankRange": (2, 0x00, [26, 65541, 3, 3], 4, "l"),
    "list.ListGetByRankRangeToEnd": (2, 0x00, [26, 65541, 3], 4, "l"),
    "list.ListGetByValue": (2, 0x00, [22, 65541, 3], 4, "l"),
    "list.ListGetByValueList": (2, 0x00, [23, 65541, 3], 4, "l"),
    "list.ListGetByValueRange": (2, 0x00, [25, 65541, 1, 9], 4, "l"),
    "list.ListGetByValueRelRankRange": (2, 0x00, [27, 65541, 3, 3, 3], 4, "l"),
    "list.ListGetByValueRelRankRangeToEnd": (2, 0x00, [27, 65541, 3, 3], 4, "l"),
    "list.ListIncrement": (4, 0x40, [12, 3, 3], 4, "l"),
    "list.ListInsert": (4, 0x40, [3, 3, 3], 4, "l"),
    "list.ListInsertItems": (4, 0x40, [4, 3, [1, 2]], 4, "l"),
    "list.ListRemoveByIndex": (4, 0x40, [32, 0, 3], 4, "l"),
    "list.ListRemoveByIndexRange": (4, 0x40, [37, 65536, 3, 3], 4, "l"),
    "list.ListRemoveByIndexRangeToEnd": (4, 0x40, [37, 65536, 3], 4, "l"),
    "list.ListRemoveByRank": (4, 0x40, [34, 0, 3], 4, "l"),
    "list.ListRemoveByRankRange": (4, 0x40, [39, 65536, 3, 3], 4, "l"),
    "list.ListRemoveByRankRangeToEnd": (4, 0x40, [39, 65536, 3], 4, "l"),
    "list.ListRemoveByValue": (4, 0x40, [35, 65536, 3], 4, "l"),
    "list.ListRemoveByValueList": (4, 0x40, [36, 65536, [1, 2]], 4, "l"),
    "list.ListRemoveByValueRange": (4, 0x40, [38, 65536, 1, 9], 4, "l"),
    "list.ListRemoveByValueRelRankRange": (4, 0x40, [40, 65536, 3, 3, 3], 4, "l"),
    "list.ListRemoveByValueRelRankToEnd": (4, 0x40, [40, 65536, 3, 3], 4, "l"),
    "list.ListSet": (4, 0x40, [9, 3, 3], 4, "l"),
    "list.ListSize": (2, 0x00, [16], 4, "l"),
    "list.ListSort": (4, 0x40, [13, 3], 4, "l"),
    "map.MapClear": (5, 0x40, [75], 5, "m"),
    "map.MapGetByIndex": (2, 0x00, [98, 7, 3], 5, "m"),
    "map.MapGetByIndexRange": (2, 0x00, [104, 65541, 3, 3], 5, "m"),
    "map.MapGetByIndexRangeToEnd": (2, 0x00, [104, 65541, 3], 5, "m"),
    "map.MapGetByKey": (2, 0x00, [97, 7, 3], 5, "m"),
    "map.MapGetByKeyList": (2, 0x00, [107, 65541, [1, 2]], 5, "m"),
    "map.MapGetByKeyRange": (2, 0x00, [103, 65541, 1, 9], 5, "m"),
    "map.MapGetByKeyRelIndexRange": (2, 0x00, [109, 65541, 3, 3, 3], 5, "m"),
    "map.MapGetByKeyRelIndexRangeToEnd": (2, 0x00, [109, 65541, 3, 3], 5, "m"),
    "map.MapGetByRank": (2, 0x00, [100, 7, 3], 5, "m"),
    "map.MapGetByRankRange": (2, 0x00, [106, 65541, 3, 3], 5, "m"),
    "map.MapGetByRankRangeToEnd": (2, 0x00, [106, 65541, 3], 5, "m"),
    "map.MapGetByValue": (4, 0x00, [102, 65543, 3], 5, "m"),
    "map.MapGetByValueList": (2, 0x00, [108, 65541, 3], 5, "m"),
    "map.MapGetByValueRange": (2, 0x00, [105, 65541, 1, 9], 5, "m"),
    "map.MapGetByValueRelRankRange": (2, 0x00, [110, 65541, 3, 3, 3], 5, "m"),
    "map.MapGetByValueRelRankRangeToEnd": (2, 0x00, [110, 65541, 3, 3], 5, "m"),
    "map.MapIncrement": (5, 0x40, [73, 3, 3], 5, "m"),
    "map.MapPut": (5, 0x40, [67, 3, 3], 5, "m"),
    "map.MapPutItems": (5, 0x40, [68, {"a": 1}], 5, "m"),
    "map.MapRemoveByIndex": (5, 0x40, [77, 0, 3], 5, "m"),
    "map.MapRemoveByIndexRange": (5, 0x40, [85, 65536, 3, 3], 5, "m"),
    "map.MapRemoveByIndexRangeToEnd": (5, 0x40, [85, 65536, 3], 5, "m"),
    "map.MapRemoveByKey": (5, 0x40, [76, 0, 3], 5, "m"),
    "map.MapRemoveByKeyList": (5, 0x40, [81, 65536, [1, 2]], 5, "m"),
    "map.MapRemoveByKeyRange": (5, 0x40, [84, 65536, 1, 9], 5, "m"),
    "map.MapRemoveByKeyRelIndexRange": (5, 0x40, [88, 65536, 3, 3, 3], 5, "m"),
    "map.MapRemoveByKeyRelIndexRangeToEnd": (5, 0x40, [88, 65536, 3, 3], 5, "m"),
    "map.MapRemoveByRank": (5, 0x40, [79, 0, 3], 5, "m"),
    "map.MapRemoveByRankRange": (5, 0x40, [87, 65536, 3, 3], 5, "m"),
    "map.MapRemoveByRankRangeToEnd": (5, 0x40, [87, 65536, 3], 5, "m"),
    "map.MapRemoveByValue": (5, 0x40, [82, 65536, 3], 5, "m"),
    "map.MapRemoveByValueList": (5, 0x40, [83, 65536, [1, 2]], 5, "m"),
    "map.MapRemoveByValueRange": (5, 0x40, [86, 65536, 1, 9], 5, "m"),
    "map.MapRemoveByValueRelRankRange": (5, 0x40, [89, 65536, 3, 3, 3], 5, "m"),
    "map.MapRemoveByValueRelRankRangeToEnd": (5, 0x40, [89, 65536, 3, 3], 5, "m"),
    "map.MapSize": (2, 0x00, [96], 5, "m"),
    "bitwise.BitAdd": (6, 0x41, [10, 3, 3, 3, 0, 3], 6, "b"),
    "bitwise.BitAnd": (6, 0x41, [6, 3, 3, b"\x01", 0], 6, "b"),
    "bitwise.BitB64Encode": (3, 0x01, [55, 3, 3, 1], 6, "b"),
    "bitwise.BitCount": (2, 0x01, [51, 3, 3], 6, "b"),
    "bitwise.BitGet": (6, 0x01, [50, 3, 3], 6, "b"),
    "bitwise.BitGetInt": (2, 0x01, [54, 3, 3, 1], 6, "b"),
    "bitwise.BitInsert": (6, 0x41, [1, 3, b"\x01", 0], 6, "b"),
    "bitwise.BitLeftScan": (2, 0x01, [52, 3, 3, 3], 6, "b"),
    "bitwise.BitLeftShift": (6, 0x41, [8, 3, 3, 3, 0], 6, "b"),
    "bitwise.BitNot": (6, 0x41, [7, 3, 3, 0], 6, "b"),
    "bitwise.BitOr": (6, 0x41, [4, 3, 3, b"\x01", 0], 6, "b"),
    "bitwise.BitRemove": (6, 0x41, [2, 3, 3, 0], 6, "b"),
    "bitwise.BitResize": (6, 0x41, [0, 3, 0, 3], 6, "b"),
    "bitwise.BitRightScan": (2, 0x01, [53, 3, 3, 3], 6, "b"),
    "bitwise.BitRightShift": (6, 0x41, [9, 3, 3, 3, 0], 6, "b"),
    "bitwise.BitSet": (6, 0x41, [3, 3, 3, b"\x01", 0], 6, "b"),
    "bitwise.BitSetInt": (6, 0x41, [12, 3, 3, 3, 0], 6, "b"),
    "bitwise.BitSubtract": (6, 0x41, [11, 3, 3, 3, 0, 3], 6, "b"),
    "bitwise.BitXor": (6, 0x41, [5, 3, 3, b"\x01", 0], 6, "b"),
    "hll.HLLAdd": (9, 0x42, [1, [1, 2], 3, 3, 0], 9, "h"),
    "hll.HLLDescribe": (4, 0x02, [55], 9, "h"),
    "hll.HLLGetCount": (2, 0x02, [50], 9, "h"),
    "hll.HLLGetIntersectCount": (2, 0x02, [53, [1, 2]], 9, "h"),
    "hll.HLLGetSimilarity": (7, 0x02, [54, [1, 2]], 9, "h"),
    "hll.HLLGetUnion": (9, 0x02, [51, [1, 2]], 9, "h"),
    "hll.HLLGetUnionCount": (2, 0x02, [52, [1, 2]], 9, "h"),
    "hll.HLLInit": (9, 0x42, [0, 3, 3, 0], 9, "h"),
    "hll.HLLMayContain": (2, 0x02, [56, [1, 2]], 9, "h"),
}
EXPRESSIONS |= {
    name: ex.call(result, system, command, ex.bin(type, bin))
    for name, (result, system, command, type, bin) in CALLS.items()
}

EXPRESSIONS |= {
    f"val.{name}": ex.eq(value, 1)
    for name, value in {
        "neg": -40,
        "big": 1 << 40,
        "float": 1.5,
        "true": True,
        "none": None,
        "list": [1, "a", b"b"],
        "map": {"b": 1, "a": 2},
        "bytes": b"ab",
        "bytearray": bytearray(b"ab"),
        "str": "ab",
        "kod": KeyOrderedDict({"b": 1, "a": 2}),
        "inf": INFINITY,
        "wild": WILDCARD,
    }.items()
}

#: Contexts: flat lists of types and values.
PATHS: dict[str, list[Any]] = {
    "ctx.list_index": [0x10, -1],
    "ctx.list_rank": [0x11, 1],
    "ctx.list_value": [0x13, "a"],
    "ctx.map_index": [0x20, 0],
    "ctx.map_rank": [0x21, 0],
    "ctx.map_key": [0x22, "k"],
    "ctx.map_value": [0x23, 5],
    "ctx.list_create": [0x10 | 0xC0, 0],
    "ctx.list_create_pad": [0x10 | 0x80, 0],
    "ctx.map_create_u": [0x22 | 0x40, "k"],
    "ctx.map_create_k": [0x22 | 0x80, "k"],
    "ctx.map_create_kv": [0x22 | 0xC0, "k"],
    "ctx.all_children": [0x04, True],
    "ctx.all_children_filter": [0x04, ex.gt(ex.loop_var(ex.ExpType.INT, 1), 3)],
}

M, L = ex.map_bin("m"), ex.list_bin("l")
#: Calls with a context, and values that are lists.
CONTEXTS: dict[str, Any] = {
    "list_append_ctx": ex.call(5, 0x40, [1, 3], M, context=[0x22, "k"]),
    "list_append_pol": ex.call(4, 0x40, [1, 3, 1, 4], L),
    "list_get_ctx": ex.call(2, 0, [19, 7, 0], M, context=[0x22, "k"]),
    "map_put_pol": ex.call(5, 0x40, [67, "k", 3, 1, 4], M),
    "nested_list_val": ex.eq(L, [1, [2, 3]]),
    "list_val_inside_and": ex.and_(ex.eq(L, [1]), ex.or_(ex.eq(1, 2))),
    "cond3": ex.cond(ex.eq(1, 1), 5, ex.eq(1, 2), 6, ex.unknown()),
    "let2": ex.let(ex.def_("x", 1), ex.def_("y", ex.add(ex.var("x"), 2)), ex.var("y")),
    "map_keys": ex.map_keys(M),
}


def test_every_recorded_expression_is_built() -> None:
    assert EXPRESSIONS.keys() | PATHS.keys() == set(recorded.EXPRESSIONS) - FRAGMENTS


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_expression(name: str) -> None:
    assert ex.pack_expression(EXPRESSIONS[name]).hex() == recorded.EXPRESSIONS[name]


@pytest.mark.parametrize("name", sorted(CONTEXTS))
def test_expression_with_context(name: str) -> None:
    assert ex.pack_expression(CONTEXTS[name]).hex() == recorded.CONTEXTS[name]


@pytest.mark.parametrize("name", sorted(PATHS))
def test_context(name: str) -> None:
    assert ex.pack_context(PATHS[name]).hex() == recorded.EXPRESSIONS[name]


def test_not() -> None:
    assert ex.pack_expression(ex.not_(A_IS_1)).hex() == "92129301935102a16101"


@pytest.mark.parametrize(
    ("value", "packed"),
    [
        (None, "c0"),
        (True, "c3"),
        (-1, "ff"),
        (1 << 40, "cf0000010000000000"),
        (1.5, "cb3ff8000000000000"),
        (b"\xff", "a204ff"),
        ((1, 2), "927e920102"),
        ({"b": 2, "a": 1}, "82a2036101a2036202"),
        (GeoJSON("{}"), "a3177b7d"),
    ],
)
def test_values_stand_for_themselves(value: Any, packed: str) -> None:
    assert ex.pack_expression(value).hex() == packed
    assert ex.pack_expression(ex.val(value)).hex() == packed
    assert ex.pack_expression(ex.eq(A, value)).hex() == "9301935102a161" + packed


def test_what_no_expression_holds() -> None:
    deep = A
    for _ in range(100_000):
        deep = ex.not_(deep)
    for wrong in (object(), 1 << 64, ex.eq(A, "\ud800"), deep):
        with pytest.raises(DataError):
            ex.pack_expression(wrong)


def test_expressions_are_values() -> None:
    assert ex.eq(ex.int_bin("a"), 1) == A_IS_1
    assert len({ex.eq(ex.int_bin("a"), 1), A_IS_1}) == 1
