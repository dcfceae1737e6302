"""Docstrings of aerospike_helpers.expressions: each one's example, on records of every type.

An example is read by `expression_read` from each record; the original client and ours, both over
TCP, have to find the same, or fail with the same code.
"""

from __future__ import annotations

import importlib
import math
import re
from typing import Any

import aerospike as original
import pytest

from aerodbapi.compat import aerospike as ours
from aerodbapi.compat.aerospike_helpers.operations.hll_operations import hll_add
from tests.compat.official import lines
from tests.conftest import Address

RECORDS: dict[str, dict[str, Any]] = {
    "integers": {"a": 10, "b": 1, "c": 3, "balance": 60},
    "floats": {"a": 4.0, "b": 2.0, "c": 0.5},
    "text": {
        "a": "prefix and suffix",
        "b": "b",
        "c": "c",
        "operation": "add",
        "val1": 1,
        "val2": 2,
    },
    "lists": {"a": [3, 1, 6, 12, 4, 7, 20, [42]], "b": [1, 6, 12], "listBin": [42, 1, 42]},
    "maps": {
        "a": {"a": 1},
        "b": {
            "key0": 1,
            "key1": 3,
            "key2": 5,
            "key3": 7,
            "key4": 12,
            "key5": 17,
            "vageta": 1,
            1: 2,
        },
    },
    "blobs": {name: bytes([1, 2, 3, 255, 5, 8, 128]) for name in "abc"},
    "truths": {"a": True, "b": False},
    "places": {
        "a": ours.GeoJSON({"type": "Point", "coordinates": [1, 1]}),
        "point": ours.GeoJSON({"type": "Point", "coordinates": [1, 1]}),
        "b": ours.GeoJSON({"type": "AeroCircle", "coordinates": [[1, 1], 100]}),
        "region": ours.GeoJSON({"type": "AeroCircle", "coordinates": [[1, 1], 100]}),
    },
    "sketches": {},
}
EXAMPLES = lines(
    """
Eq(Add(IntBin("a"), IntBin("b")), 11)
Eq(IntBin("a") + IntBin("b"), 11)
Eq(Sub(IntBin("a"), IntBin("b")), 11)
Eq(IntBin("a") - IntBin("b"), 11)
GE(Mul(IntBin("a"), IntBin("b")), 11)
GE(IntBin("a") * IntBin("b"), 11)
GE(Div(IntBin("a"), IntBin("b"), IntBin("c")), 11)
GE(IntBin("a") / IntBin("b") / IntBin("c"), 11)
GE(FloatBin("a") // FloatBin("b") // FloatBin("c"), 11.0)
Eq(Pow(FloatBin("a"), 2.0), 16.0)
Eq(FloatBin("a") ** 2.0, 16.0)
Eq(Log(FloatBin("a"), 2.0), 16.0)
Eq(Mod(IntBin("a"), 10), 0)
Eq(IntBin("a") % 10, 0)
Eq(Abs(IntBin("a")), 1)
Eq(abs(IntBin("a")), 1)
Eq(Floor(2.25), 2.0)
Eq(math.floor(2.25), 2.0)
Eq(Ceil(2.25), 3.0)
Eq(math.ceil(2.25), 3.0)
Eq(ToInt(FloatBin("a")), 2)
Eq(ToFloat(IntBin("a")), 2)
GT(Min(IntBin("a"), IntBin("b"), IntBin("c")), 0)
GT(Max(IntBin("a"), IntBin("b"), IntBin("c")), 100)
Let(Def("bal", IntBin("balance")), Cond(GE(Var("bal"), 50), Add(Var("bal"), 50), Unknown()))
GE(KeyInt(), 10000)
Eq(KeyStr(), "aaa")
GE(KeyBlob(), bytearray([101, 101]))
KeyExists()
BoolBin("a")
Eq(IntBin("a"), 200)
Eq(StrBin("a"), "xyz")
GT(FloatBin("a"), 2.71)
Eq(BlobBin("a"), bytearray([101, 101]))
CmpGeo(GeoBin("a"), GeoBin("b"))
GT(ListGetByValue(ctx=None, return_type=a.LIST_RETURN_COUNT, value=42, \\
    bin=ListBin("listBin")), 0)
GT(MapSize(None, MapBin("a")), 7)
GT(HLLGetCount(HLLBin("a")), 1000000)
BinExists("a")
Eq(BinType("a"), a.AS_BYTES_STRING)
Eq(SetName(), "myset")
GE(DeviceSize(), 100 * 1024)
GE(LastUpdateTime(), 1577836800)
GT(SinceUpdateTime(), 2 * 60 * 60 * 1000)
And(GE(VoidTime(), 1609459200), LT(VoidTime(), 1609545600))
LT(TTL(), 60 * 60)
IsTombstone()
Eq(DigestMod(3), 1)
Eq(IntBin("a"), 11)
NE(IntBin("a"), 13)
GT(IntBin("a"), 8)
GE(IntBin("a"), 88)
LT(IntBin("a"), 1000)
LE(IntBin("a"), 1)
CmpRegex(a.REGEX_ICASE | a.REGEX_NEWLINE, "prefix.*suffix", StrBin("a"))
CmpGeo(GeoBin("point"), GeoBin("region"))
Not(Or(Eq(IntBin("a"), 0), Eq(IntBin("a"), 10)))
And(Or(GT(IntBin("a"), 5), Eq(IntBin("a"), 0)), LT(IntBin("b"), 3))
Or(Eq(IntBin("a"), 0), Eq(IntBin("b"), 0))
Exclusive(Eq(IntBin("a"), 0), Eq(IntBin("b"), 0))
Cond(Eq(StrBin("operation"), "add"), Add(IntBin("val1"), IntBin("val2")), \\
    Eq(StrBin("operation"), "subtract"), Sub(IntBin("val1"), IntBin("val2")), \\
    Eq(StrBin("operation"), "multiply"), Mul(IntBin("val1"), IntBin("val2")), -1)
Let(Def("x", IntBin("a")), And(GT(5, Var("x")), LT(Var("x"), 10)))
Let(Def("x", IntBin("a")), And(LT(5, Var("x")), LT(Var("x"), 10)))
BitResize(None, 10, a.BIT_RESIZE_FROM_FRONT, BlobBin("c"))
BitInsert(None, 1, bytearray([3]), BlobBin("c"))
BitRemove(None, 1, 1, BlobBin("b"))
BitSet(None, 7, 1, bytearray([255]), BlobBin("c"))
BitOr(None, 0, 8, bytearray([8]), BlobBin("c"))
BitXor(None, 0, 8, bytearray([1]), BlobBin("c"))
BitAnd(None, 0, 8, bytearray([0]), BlobBin("c"))
BitNot(None, 0, 40, BlobBin("c"))
BitLeftShift(None, 0, 8, 3, BlobBin("c"))
BitRightShift(None, 0, 8, 1, BlobBin("c"))
BitAdd(None, 8, 8, 1, a.BIT_OVERFLOW_FAIL, BlobBin("b"))
BitSubtract(None, 8, 8, 1, a.BIT_OVERFLOW_FAIL, "c")
BitSetInt(None, 7, 1, 1, BlobBin("c"))
BitGet(8, 8, BlobBin("c"))
BitCount(16, 8 * 3, BlobBin("c"))
BitLeftScan(0, 8, True, BlobBin("c"))
BitRightScan(32, 8, True, BlobBin("b"))
BitGetInt(8, 8, True, BlobBin("c"))
Eq(IntAnd(IntBin("a"), 255), 17)
NE(IntOr(IntBin("a"), 16), 0)
Eq(IntXOr(IntBin("a"), IntBin("b")), 16)
Eq(IntNot(IntBin("a")), 7)
GT(IntLeftShift(IntBin("a"), 8), 255)
GT(IntRightShift(IntBin("a"), 8), 255)
GT(IntArithmeticRightShift(IntBin("a"), 8), 255)
Eq(IntCount(IntBin("a")), 4)
GT(IntLeftScan(IntBin("a"), True), 4)
GT(IntRightScan(IntBin("a"), True), 4)
HLLInit(None, 12, 24, HLLBin("my_hll"))
HLLAdd(None, ["key4", "key5", "key6"], 8, 8, HLLBin("d"))
HLLGetCount(HLLBin("d"))
HLLGetUnion([bins["e"]], HLLBin("d"))
HLLGetUnionCount([bins["e"]], HLLBin("d"))
HLLGetIntersectCount([bins["e"]], HLLBin("d"))
HLLGetSimilarity([bins["e"]], HLLBin("d"))
HLLDescribe(HLLBin("d"))
HLLMayContain(["key1", "key2", "key3"], HLLBin("d"))
GT(ListSize(None, ListAppend(None, None, 3, ListBin("a"))), 5)
GT(ListSize(None, ListAppendItems(None, None, [3, 2], ListBin("a"))), 5)
GT(ListSize(None, ListInsert(None, None, 0, 3, ListBin("a"))), 5)
GT(ListSize(None, ListInsertItems(None, None, 0, [4, 7], ListBin("a"))), 5)
Eq(ListGetByRank(None, a.LIST_RETURN_VALUE, ResultType.INTEGER, -1, "a"), \\
    ListGetByIndex(None, a.LIST_RETURN_VALUE, ResultType.INTEGER, 1, ListIncrement(None, \\
    None, 1, 5, ListBin("a"))))
ListGetByRank(None, a.LIST_RETURN_VALUE, ResultType.INTEGER, 0, ListSet(None, None, 1, \\
    10, ListBin("a")))
ListClear([cdt_ctx_list_index(1)], "a")
ListSort(None, a.LIST_SORT_DEFAULT, "a")
Eq(ListRemoveByValue(None, 3, ListBin("a")), ListBin("b"))
ListRemoveByValueList(None, [1, 2, 3], ListBin("a"))
ListRemoveByValueRange(None, 3, 7, ListBin("a"))
ListRemoveByValueRelRankToEnd(None, 4, 1, ListBin("a"))
ListRemoveByValueRelRankRange(None, 4, 1, 2, ListBin("a"))
ListSize(None, ListRemoveByIndex(None, 3, ListBin("a")))
ListRemoveByIndexRangeToEnd(None, 3, ListBin("a"))
ListSize(None, ListRemoveByIndexRange(None, 3, 3, ListBin("a")))
ListRemoveByRank(None, 0, ListBin("a"))
ListRemoveByRankRangeToEnd(None, -2, ListBin("a"))
ListRemoveByRankRange(None, 0, 3, ListBin("a"))
ListSize(None, ListBin("a"))
ListGetByValue(None, a.LIST_RETURN_INDEX, 3, ListBin("a"))
ListGetByValueRange(None, a.LIST_RETURN_RANK, 3, 7, ListBin("a"))
ListGetByValueList(None, a.LIST_RETURN_INDEX, [3, 6, 12], ListBin("a"))
ListGetByValueRelRankRangeToEnd(None, a.LIST_RETURN_VALUE, 3, 1, ListBin("a"))
ListGetByValueRelRankRange(None, a.LIST_RETURN_VALUE, 3, 1, 2, ListBin("a"))
ListGetByIndex(None, a.LIST_RETURN_VALUE, ResultType.INTEGER, 0, ListBin("a"))
ListGetByIndexRangeToEnd(None, a.LIST_RETURN_VALUE, 5, ListBin("a"))
ListGetByIndexRange(None, a.LIST_RETURN_VALUE, 3, 4, ListBin("a"))
ListGetByRank(None, a.LIST_RETURN_VALUE, ResultType.INTEGER, 0, ListBin("a"))
ListGetByRankRangeToEnd(None, a.LIST_RETURN_VALUE, -3, ListBin("a"))
ListGetByRankRange(None, a.LIST_RETURN_VALUE, 0, 3, ListBin("a"))
MapPut(None, None, "key", 27, MapBin("b"))
MapPutItems(None, None, {27: "key27", 28: "key28"}, MapBin("b"))
MapIncrement(None, None, "vageta", 9000, MapBin("b"))
MapClear(None, MapBin("b"))
MapRemoveByKey(None, 1, MapBin("b"))
MapRemoveByKeyList(None, [1, 2], MapBin("b"))
MapRemoveByKeyRange(None, 1, 10, MapBin("b"))
MapRemoveByKeyRelIndexRangeToEnd(None, "key2", 1, MapBin("b"))
MapRemoveByKeyRelIndexRange(None, "key1", 1, 2, MapBin("b"))
MapRemoveByValue(None, 1, MapBin("b"))
MapRemoveByValueList(None, [1, 2, 3], MapBin("b"))
MapRemoveByValueRange(None, 3, 7, MapBin("b"))
MapRemoveByValueRelRankRangeToEnd(None, 3, 1, MapBin("b"))
MapRemoveByValueRelRankRange(None, 17, -1, 1, MapBin("b"))
MapRemoveByIndex(None, 0, MapBin("b"))
MapRemoveByIndexRangeToEnd(None, 3, MapBin("b"))
MapSize(None, MapRemoveByIndexRange(None, 3, 3, MapBin("b")))
MapRemoveByRank(None, 0, MapBin("b"))
MapRemoveByRankRangeToEnd(None, -2, MapBin("b"))
MapRemoveByRankRange(None, 0, 3, MapBin("b"))
MapSize(None, MapBin("b"))
MapGetByKey(None, a.MAP_RETURN_VALUE, ResultType.INTEGER, "key0", MapBin("b"))
MapGetByKeyRange(None, a.MAP_RETURN_VALUE, "key3", "key7", MapBin("b"))
MapGetByKeyList(None, a.MAP_RETURN_VALUE, ["key3", "key4", "key5"], MapBin("b"))
MapGetByKeyRelIndexRangeToEnd(None, a.MAP_RETURN_VALUE, "key2", 1, MapBin("b"))
MapGetByKeyRelIndexRange(None, a.MAP_RETURN_VALUE, "key2", 0, 2, MapBin("b"))
MapGetByKeyRelIndexRange(None, a.MAP_RETURN_VALUE, "key2", 1, 2, MapBin("b"))
MapGetByValue(None, a.MAP_RETURN_RANK, 3, MapBin("b"))
MapGetByValueRange(None, a.MAP_RETURN_VALUE, 3, 7, MapBin("b"))
MapGetByValueList(None, a.MAP_RETURN_INDEX, [3, 6, 12], MapBin("b"))
MapGetByValueRelRankRangeToEnd(None, a.MAP_RETURN_VALUE, 3, 1, MapBin("b"))
MapGetByValueRelRankRange(None, a.MAP_RETURN_VALUE, 1, 1, 2, MapBin("b"))
MapGetByIndex(None, a.MAP_RETURN_VALUE, ResultType.INTEGER, 0, MapBin("b"))
MapGetByIndexRangeToEnd(None, a.MAP_RETURN_VALUE, 5, MapBin("b"))
MapGetByIndexRange(None, a.MAP_RETURN_VALUE, 3, 4, MapBin("b"))
MapGetByRank(None, a.MAP_RETURN_VALUE, ResultType.INTEGER, 0, MapBin("b"))
MapGetByRankRangeToEnd(None, a.MAP_RETURN_VALUE, -3, MapBin("b"))
MapGetByRankRange(None, a.MAP_RETURN_VALUE, 0, 3, MapBin("b"))
"""
)
_PACKAGES = {original: "", ours: "aerodbapi.compat."}


@pytest.fixture(scope="module")
def clients(node_address: Address, namespace: str) -> Any:
    made = {module: module.client({"hosts": [node_address]}) for module in _PACKAGES}
    for name, bins in RECORDS.items():
        if bins:
            made[ours].put((namespace, "doc_expressions", name), bins)
    sketches = [hll_add(bin, ["key1", "key2", "key3"], 8, 8) for bin in ("a", "d", "e", "my_hll")]
    made[ours].operate((namespace, "doc_expressions", "sketches"), sketches)
    yield made
    made[ours].truncate(namespace, "doc_expressions", 0)
    for client in made.values():
        client.close()


def found(module: Any, client: Any, namespace: str, example: str) -> list[Any]:
    """What an example gives on each record, or the code that it fails with."""
    prefix = _PACKAGES[module]
    exp = importlib.import_module(f"{prefix}aerospike_helpers.expressions")
    ctx = importlib.import_module(f"{prefix}aerospike_helpers.cdt_ctx")
    operations = importlib.import_module(
        f"{prefix}aerospike_helpers.operations.expression_operations"
    )
    bins = client.get((namespace, "doc_expressions", "sketches"))[2]
    names = {**vars(exp), **vars(ctx), "a": module, "math": math, "bins": bins}
    try:
        expression = eval(example, names).compile()
    except TypeError as error:
        return [type(error).__name__]
    results: list[Any] = []
    for name in RECORDS:
        op = operations.expression_read("found", expression)
        try:
            bins = client.operate((namespace, "doc_expressions", name), [op])[2]
            results.append(re.sub(r"aerodbapi\.compat\.", "", repr(bins)))
        except module.exception.AerospikeError as error:
            results.append(error.args[0])
    return results


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example(clients: Any, namespace: str, number: int) -> None:
    example = EXAMPLES[number]
    mine = found(ours, clients[ours], namespace, example)
    assert mine == found(original, clients[original], namespace, example)


def test_most_examples_find_something(clients: Any, namespace: str) -> None:
    """Some are about keys and tombstones, and some compare what cannot be compared."""
    answers = [found(ours, clients[ours], namespace, example) for example in EXAMPLES]
    useful = [a for a in answers if any(isinstance(r, str) and r != "{}" for r in a)]
    assert len(useful) > 0.9 * len(EXAMPLES)
