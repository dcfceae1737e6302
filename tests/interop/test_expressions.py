"""Filter expressions, each with the records that it lets through, by the official client.

The table is what a real server answers. Where an expression is unknown (a bin is missing or of
another type) the record does not pass, whatever stands around it but OR.
"""

from __future__ import annotations

import math
from typing import Any

import aerospike
import pytest
from aerospike_helpers import expressions as exp
from aerospike_helpers.expressions import (
    GE,
    GT,
    LE,
    LT,
    NE,
    TTL,
    Abs,
    Add,
    And,
    BinExists,
    BinType,
    BlobBin,
    BoolBin,
    Ceil,
    CmpGeo,
    CmpRegex,
    Cond,
    Def,
    DeviceSize,
    DigestMod,
    Div,
    Eq,
    Exclusive,
    FloatBin,
    Floor,
    GeoBin,
    InList,
    IntAnd,
    IntArithmeticRightShift,
    IntBin,
    IntCount,
    IntLeftScan,
    IntLeftShift,
    IntOr,
    IntRightScan,
    IntRightShift,
    IntXOr,
    IsTombstone,
    KeyBlob,
    KeyExists,
    KeyInt,
    KeyStr,
    LastUpdateTime,
    Let,
    ListBin,
    Log,
    MapBin,
    Max,
    Min,
    Mod,
    Mul,
    Not,
    Or,
    Pow,
    RecordSize,
    SinceUpdateTime,
    StrBin,
    Sub,
    ToFloat,
    ToInt,
    Unknown,
    Val,
    Var,
    VoidTime,
)

from tests.interop.conftest import code_of

INF = math.inf
GEO_SQUARE = aerospike.GeoJSON(
    {"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]}
)
GEO_CIRCLE = aerospike.GeoJSON({"type": "AeroCircle", "coordinates": [[5.0, 5.0], 1000.0]})


def point(longitude: float, latitude: float) -> Any:
    return aerospike.GeoJSON({"type": "Point", "coordinates": [longitude, latitude]})


#: Each record by its name, which it also holds in bin `id`.
RECORDS: dict[str, dict[str, Any]] = {
    "a": {
        "i": 1,
        "j": 2,
        "f": 1.5,
        "s": "b",
        "b": b"\x01",
        "t": True,
        "l": [1, 2],
        "m": {"a": 1},
        "km": aerospike.KeyOrderedDict({"a": 1}),
        "g": point(5, 5),
        "mixed": 7,
    },
    "b": {
        "i": 2,
        "j": 2,
        "f": -2.5,
        "s": "abc",
        "b": b"\x02",
        "t": False,
        "l": [1, 2, 3],
        "m": {"a": 1, "b": 2},
        "g": point(50, 50),
        "mixed": "7",
    },
    "c": {
        "i": 3,
        "j": 0,
        "f": 0.0,
        "s": "B",
        "b": b"\x01\x00",
        "l": [],
        "m": {},
        "km": aerospike.KeyOrderedDict({"b": 2, "a": 1}),
        "g": point(5, 5.001),
        "mixed": 7.0,
    },
    "d": {"i": 0, "j": 3, "s": "", "b": b"", "l": ["x"], "mixed": True},
    "e": {"i": -1, "j": -1, "f": INF, "s": "first\nline", "mixed": [7]},
    "f": {"i": -(2**63), "j": 5, "f": 1e300, "s": "über"},
    "g": {"s": "ab", "l": [[1], {"a": 1}]},
    "h": {"i": 2**63 - 1, "f": -0.0, "big": "x" * 6000},
    "k": {"f": 2.0, "b": b"\xff"},
}
#: User keys, where they are not the record's name; those of b and c are not stored.
KEYS: dict[str, Any] = {"k": 7, "h": bytearray(b"k")}
KEY_NOT_STORED = "bc"
TTLS = {"e": 100, "f": -1}

#: (expression, names of the records that pass, or the result code that refuses it)
CASES: list[tuple[Any, str | int]] = [
    # Comparison
    (Eq(IntBin("i"), 1), "a"),
    (NE(IntBin("i"), 1), "bcdefh"),
    (GT(IntBin("i"), 1), "bch"),
    (GE(IntBin("i"), 1), "abch"),
    (LT(IntBin("i"), 1), "def"),
    (LE(IntBin("i"), 1), "adef"),
    (Eq(1, IntBin("i")), "a"),
    (GT(IntBin("i"), IntBin("j")), "c"),
    (Eq(IntBin("i"), IntBin("j")), "be"),
    (Eq(IntBin("i"), 1.0), 4),
    (GT(IntBin("i"), 0.5), 4),
    (Eq(IntBin("i"), "1"), 4),
    (Eq(FloatBin("f"), 1.5), "a"),
    (GT(FloatBin("f"), 1.5), "efk"),
    (LT(FloatBin("f"), 0.0), "b"),
    (LE(FloatBin("f"), INF), "abcefhk"),
    (Eq(FloatBin("i"), 1.0), ""),
    (Eq(StrBin("s"), "b"), "a"),
    (GT(StrBin("s"), "b"), "ef"),
    (LE(StrBin("s"), "b"), "abcdg"),
    (Eq(StrBin("s"), ""), "d"),
    (GE(StrBin("s"), ""), "abcdefg"),
    (Eq(BlobBin("b"), b"\x01"), "a"),
    (GT(BlobBin("b"), b"\x01"), "bck"),
    (LT(BlobBin("b"), b"\x02"), "acd"),
    (Eq(BoolBin("t"), True), "a"),
    (NE(BoolBin("t"), True), "b"),
    (Eq(BoolBin("t"), False), "b"),
    (BoolBin("t"), "a"),
    (Eq(ListBin("l"), [1, 2]), "a"),
    (NE(ListBin("l"), [1, 2]), "bcdg"),
    (GT(ListBin("l"), [1, 2]), "bdg"),
    (LT(ListBin("l"), [1, 2, 3]), "ac"),
    (Eq(ListBin("l"), []), "c"),
    (Eq(MapBin("m"), {"a": 1}), ""),
    (NE(MapBin("m"), {"a": 1}), ""),
    (Eq(IntBin("i"), IntBin("none")), ""),
    (NE(IntBin("i"), IntBin("none")), ""),
    (Eq(IntBin("none"), 1), ""),
    (NE(IntBin("none"), 1), ""),
    (GE(IntBin("i"), -9223372036854775808), "abcdefh"),
    # Bins of another type
    (Eq(StrBin("i"), "b"), ""),
    (NE(StrBin("i"), "b"), ""),
    (GT(IntBin("mixed"), 0), "a"),
    (Eq(IntBin("mixed"), 7), "a"),
    (Eq(StrBin("mixed"), "7"), "b"),
    (NE(StrBin("mixed"), "7"), ""),
    (Eq(FloatBin("mixed"), 7.0), "c"),
    (GT(FloatBin("mixed"), 0.0), "c"),
    # Logic
    (And(GT(IntBin("i"), 0), LT(IntBin("i"), 3)), "ab"),
    (Or(Eq(IntBin("i"), 0), Eq(IntBin("i"), 3)), "cd"),
    (Not(Eq(IntBin("i"), 1)), "bcdefh"),
    (Not(Not(Eq(IntBin("i"), 1))), "a"),
    (And(Eq(IntBin("i"), 1), Eq(IntBin("none"), 1)), ""),
    (Or(Eq(IntBin("i"), 1), Eq(IntBin("none"), 1)), "a"),
    (Or(Eq(IntBin("none"), 1), Eq(IntBin("i"), 1)), "a"),
    (And(Eq(IntBin("none"), 1), Eq(IntBin("i"), 1)), ""),
    (Not(Eq(IntBin("none"), 1)), ""),
    (Not(And(Eq(IntBin("i"), 1), Eq(IntBin("none"), 1))), "bcdefh"),
    (Not(Or(Eq(IntBin("i"), 1), Eq(IntBin("none"), 1))), ""),
    (Exclusive(GT(IntBin("i"), 0), LT(IntBin("i"), 3)), "cdefh"),
    (Exclusive(GT(IntBin("i"), 0), LT(IntBin("i"), 3), Eq(IntBin("i"), 2)), "cdefh"),
    (And(BinExists("i"), Not(BinExists("f"))), "d"),
    (Or(And(BinExists("i"), Eq(IntBin("i"), 1)), And(BinExists("s"), Eq(StrBin("s"), "b"))), "a"),
    (Unknown(), ""),
    (Or(Unknown(), Eq(IntBin("i"), 1)), "a"),
    (And(Unknown(), Eq(IntBin("i"), 1)), ""),
    (Not(Unknown()), ""),
    # Metadata
    (BinExists("i"), "abcdefh"),
    (Not(BinExists("i")), "gk"),
    (Eq(BinType("i"), aerospike.AS_BYTES_INTEGER), "abcdefh"),
    (Eq(BinType("s"), aerospike.AS_BYTES_STRING), "abcdefg"),
    (Eq(BinType("mixed"), 1), "a"),
    (Eq(BinType("mixed"), 2), "c"),
    (Eq(BinType("mixed"), 3), "b"),
    (Eq(BinType("mixed"), 0), "fghk"),
    (NE(BinType("mixed"), 0), "abcde"),
    (Eq(BinType("t"), 17), "ab"),
    (Eq(BinType("l"), 20), "abcdg"),
    (Eq(BinType("m"), 19), "abc"),
    (Eq(BinType("g"), 23), "abc"),
    (Eq(BinType("b"), 4), "abcdk"),
    (KeyExists(), "adefghk"),
    (Not(KeyExists()), "bc"),
    (Eq(KeyStr(), "a"), "a"),
    (GE(KeyStr(), "g"), "g"),
    (Eq(KeyInt(), 7), "k"),
    (NE(KeyInt(), 7), ""),
    (Eq(KeyBlob(), bytearray(b"k")), "h"),
    (GT(TTL(), 500), "abcdghk"),
    (LE(TTL(), 500), "ef"),
    (Eq(TTL(), -1), "f"),
    (LT(TTL(), 0), "f"),
    (Eq(VoidTime(), -1), "f"),
    (GT(VoidTime(), 0), "abcdeghk"),
    (GT(LastUpdateTime(), 0), "abcdefghk"),
    (LT(LastUpdateTime(), 1000000000000000000), ""),
    (GE(SinceUpdateTime(), 0), "abcdefghk"),
    (LT(SinceUpdateTime(), 600000), "abcdefghk"),
    (GT(SinceUpdateTime(), 600000), ""),
    (GT(RecordSize(), 0), "abcdefghk"),
    (GT(RecordSize(), 5000), "h"),
    (LT(RecordSize(), 1000), "abcdefgk"),
    (Eq(DeviceSize(), 0), "abcdefghk"),
    (IsTombstone(), ""),
    (Not(IsTombstone()), "abcdefghk"),
    (Eq(DigestMod(1), 0), "abcdefghk"),
    # Arithmetic
    (Eq(Add(IntBin("i"), 1), 2), "a"),
    (Eq(Add(IntBin("i"), IntBin("j")), 3), "acd"),
    (Eq(Add(IntBin("i"), 1, 2), 4), "a"),
    (Eq(Add(FloatBin("f"), 0.5), 2.0), "a"),
    (Eq(Add(IntBin("i"), 0.5), 1.5), 4),
    (Eq(Sub(IntBin("i"), 1), 0), "a"),
    (Eq(Sub(IntBin("i")), -1), "a"),
    (Eq(Sub(IntBin("i"), 1, 1), 0), "b"),
    (Eq(Mul(IntBin("i"), 3), 6), "b"),
    (Eq(Mul(IntBin("i"), IntBin("i")), 9), "c"),
    (Eq(Mul(IntBin("i")), 3), "c"),
    (Eq(Div(IntBin("i"), 2), 1), "bc"),
    (Eq(Div(IntBin("i"), 0), 1), ""),
    (Eq(Div(FloatBin("f"), 0.0), INF), "aefk"),
    (Eq(Div(FloatBin("f"), 2.0), 0.75), "a"),
    (Eq(Div(6, IntBin("i")), 2), "c"),
    (Eq(Div(IntBin("i")), 1), "a"),
    (Eq(Mod(IntBin("i"), 2), 1), "ach"),
    (Eq(Mod(IntBin("i"), 2), -1), "e"),
    (Eq(Mod(IntBin("i"), 0), 1), ""),
    (Eq(Abs(IntBin("i")), 1), "ae"),
    (Eq(Abs(FloatBin("f")), 2.5), "b"),
    (Eq(Floor(FloatBin("f")), 1.0), "a"),
    (Eq(Ceil(FloatBin("f")), 2.0), "ak"),
    (Eq(Floor(FloatBin("f")), -3.0), "b"),
    (Eq(ToInt(FloatBin("f")), 1), "a"),
    (Eq(ToFloat(IntBin("i")), 1.0), "a"),
    (Eq(Pow(FloatBin("f"), 2.0), 2.25), "a"),
    (Eq(Pow(FloatBin("f"), 0.5), 0.0), "ch"),
    (Eq(Log(FloatBin("f"), 1.5), 1.0), "a"),
    (Eq(Min(IntBin("i"), IntBin("j")), 1), "a"),
    (Eq(Max(IntBin("i"), IntBin("j")), 3), "cd"),
    (Eq(Max(IntBin("i"), 0, 2), 2), "abdef"),
    (Eq(Min(FloatBin("f"), 0.0), 0.0), "acefhk"),
    (GT(Add(IntBin("i"), 9223372036854775807), 0), "de"),
    (LT(Add(IntBin("i"), 9223372036854775807), 0), "abcfh"),
    (Eq(Add(IntBin("none"), 1), 1), ""),
    (Eq(IntAnd(IntBin("i"), 1), 1), "aceh"),
    (Eq(IntOr(IntBin("i"), 4), 5), "a"),
    (Eq(IntXOr(IntBin("i"), 1), 0), "a"),
    (Eq(IntLeftShift(IntBin("i"), 2), 8), "b"),
    (Eq(IntRightShift(IntBin("i"), 1), 1), "bc"),
    (Eq(IntRightShift(IntBin("i"), 63), 1), "ef"),
    (Eq(IntArithmeticRightShift(IntBin("i"), 1), -1), "e"),
    (Eq(IntCount(IntBin("i")), 2), "c"),
    (Eq(IntCount(IntBin("i")), 64), "e"),
    (Eq(IntLeftScan(IntBin("i"), True), 63), "a"),
    (Eq(IntRightScan(IntBin("i"), True), 1), ""),
    (Eq(IntRightScan(IntBin("i"), True), -1), "d"),
    # Text
    (CmpRegex(0, "b", StrBin("s")), "abfg"),
    (CmpRegex(0, "^b", StrBin("s")), "a"),
    (CmpRegex(0, "^b$", StrBin("s")), "a"),
    (CmpRegex(0, "B", StrBin("s")), "c"),
    (CmpRegex(aerospike.REGEX_ICASE, "B", StrBin("s")), "abcfg"),
    (CmpRegex(aerospike.REGEX_EXTENDED, "^(a|b)+$", StrBin("s")), "ag"),
    (CmpRegex(aerospike.REGEX_NONE, "^(a|b)+$", StrBin("s")), ""),
    (CmpRegex(aerospike.REGEX_EXTENDED, "^.{2,}$", StrBin("s")), "befg"),
    (CmpRegex(aerospike.REGEX_NEWLINE, "^line$", StrBin("s")), ""),
    (CmpRegex(0, "^line$", StrBin("s")), ""),
    (CmpRegex(0, "a.c", StrBin("s")), "b"),
    (CmpRegex(aerospike.REGEX_EXTENDED, "[[:upper:]]", StrBin("s")), "c"),
    (CmpRegex(aerospike.REGEX_EXTENDED, "^[^a-c]*$", StrBin("s")), "cde"),
    (CmpRegex(0, "ü", StrBin("s")), "f"),
    (CmpRegex(0, "b", StrBin("i")), ""),
    (CmpRegex(0, "^[a-d]$", KeyStr()), "ad"),
    (CmpRegex(0, "(", StrBin("s")), ""),
    (CmpRegex(aerospike.REGEX_EXTENDED, "(", StrBin("s")), 4),
    # Membership
    (InList(1, ListBin("l")), "ab"),
    # Geo
    (CmpGeo(GeoBin("g"), GEO_SQUARE), "ac"),
    (CmpGeo(GEO_SQUARE, GeoBin("g")), "ac"),
    (Not(CmpGeo(GeoBin("g"), GEO_SQUARE)), "b"),
    (CmpGeo(GeoBin("g"), GEO_CIRCLE), "ac"),
    # Conditions and variables
    (Eq(Cond(GT(IntBin("i"), 1), "big", GT(IntBin("i"), 0), "one", "small"), "one"), "a"),
    (Eq(Cond(GT(IntBin("i"), 1), "big", GT(IntBin("i"), 0), "one", "small"), "small"), "def"),
    (Eq(Cond(BinExists("i"), IntBin("i"), 42), 42), "gk"),
    (Eq(Cond(BinExists("i"), IntBin("i"), Unknown()), 1), "a"),
    (NE(Cond(BinExists("i"), IntBin("i"), Unknown()), 1), "bcdefh"),
    (Cond(BinExists("i"), Eq(IntBin("i"), 1), BinExists("s"), Eq(StrBin("s"), "b"), False), "a"),
    (Cond(Eq(IntBin("none"), 1), True, False), ""),
    (Let(Def("x", IntBin("i")), Eq(Var("x"), 1)), "a"),
    (Let(Def("x", IntBin("i")), Def("y", Add(Var("x"), 1)), Eq(Mul(Var("x"), Var("y")), 2)), "a"),
    (Let(Def("x", IntBin("none")), Or(Eq(Var("x"), 1), True)), "abcdefghk"),
    (Let(Def("x", 5), Let(Def("x", 6), Eq(Var("x"), 6))), 4),
    # No truth value, or ill-typed
    (IntBin("i"), 4),
    (Eq(IntBin("i"), StrBin("s")), 4),
    (And(IntBin("i"), True), 4),
    (Add(IntBin("i"), "x"), 4),
    (Var("nothing"), 4),
    (Val(True), "abcdefghk"),
    (Val(False), ""),
    # Maps, lists and other literals
    (Eq(MapBin("km"), aerospike.KeyOrderedDict({"a": 1})), "a"),
    (NE(MapBin("km"), aerospike.KeyOrderedDict({"a": 1})), "c"),
    (Eq(MapBin("km"), {"a": 1}), ""),
    (NE(MapBin("km"), {"a": 1}), ""),
    (GT(MapBin("km"), aerospike.KeyOrderedDict({"a": 1})), "c"),
    (LT(MapBin("km"), aerospike.KeyOrderedDict({"a": 1})), ""),
    (LE(MapBin("m"), {"a": 1}), ""),
    (InList(IntBin("i"), Val([1, 3])), "ac"),
    (InList(StrBin("s"), Val(["b", "abc"])), "ab"),
    (InList(IntBin("i"), Val([])), ""),
    (InList(IntBin("i"), Val(["1", 2.0])), ""),
    (Not(InList(IntBin("i"), Val([1, 3]))), "bdefh"),
    (InList(FloatBin("f"), Val([1.5, -0.0])), "ach"),
    (InList("x", ListBin("l")), "d"),
    (InList(ListBin("l"), Val([[1, 2], []])), "ac"),
    (InList(BlobBin("b"), Val([b"\x01"])), "a"),
    (InList(BoolBin("t"), Val([True])), "a"),
    (Eq(FloatBin("f"), 0.0), "ch"),
    (Eq(FloatBin("f"), -0.0), "ch"),
    (Eq(ListBin("mixed"), [7]), "e"),
    (Eq(BoolBin("mixed"), True), "d"),
    (Eq(IntBin("i"), None), 4),
    (Eq(BinType("none"), 0), "abcdefghk"),
]


@pytest.fixture(scope="module")
def table(official: Any, namespace: str, module_set: str) -> tuple[str, str]:
    for name, bins in RECORDS.items():
        sends = aerospike.POLICY_KEY_DIGEST if name in KEY_NOT_STORED else aerospike.POLICY_KEY_SEND
        policy = {"key": sends, "ttl": TTLS.get(name, 1000)}
        official.put(
            (namespace, module_set, KEYS.get(name, name)), {**bins, "id": name}, policy=policy
        )
    return namespace, module_set


def passing(client: Any, table: tuple[str, str], expression: Any) -> str:
    records = client.query(*table).results({"expressions": expression.compile()})
    return "".join(sorted(bins["id"] for _, _, bins in records))


IDS = [f"{number}-{type(case[0]).__name__}" for number, case in enumerate(CASES)]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=IDS)
def test_filters_of_a_query(
    official: Any, table: tuple[str, str], expression: Any, expected: str | int
) -> None:
    if isinstance(expected, int):
        assert code_of(passing, official, table, expression) == expected
    else:
        assert passing(official, table, expression) == expected


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=IDS)
def test_filters_of_a_batch(
    official: Any, table: tuple[str, str], expression: Any, expected: str | int
) -> None:
    keys = [(*table, KEYS.get(name, name)) for name in RECORDS]
    records = official.batch_read(keys, ["id"], {"expressions": expression.compile()})
    codes = {"".join(RECORDS)[n]: found.result for n, found in enumerate(records.batch_records)}
    if isinstance(expected, int):  # No record is answered for.
        assert records.result == expected
    else:
        assert codes == {name: 0 if name in expected else 27 for name in RECORDS}


def test_set_name(official: Any, table: tuple[str, str]) -> None:
    everything = "".join(RECORDS)
    assert passing(official, table, Eq(exp.SetName(), table[1])) == everything
    assert passing(official, table, NE(exp.SetName(), table[1])) == ""
    assert passing(official, table, Eq(exp.SetName(), "other")) == ""


@pytest.mark.parametrize("modulus", [2, 3, 7, 1000, 2**31 - 1])
def test_digest_modulo(official: Any, table: tuple[str, str], modulus: int) -> None:
    """It is taken of the last four bytes of the digest, little-endian."""
    for name in "abc":
        digest = bytes(aerospike.calc_digest(*table, name))
        rest = int.from_bytes(digest[16:], "little") % modulus
        found = passing(official, table, Eq(exp.DigestMod(modulus), rest))
        assert name in found
        assert name not in passing(official, table, NE(exp.DigestMod(modulus), rest))


def test_times(official: Any, table: tuple[str, str]) -> None:
    """Absolute times are in nanoseconds since 1970, TTLs in seconds, ages in milliseconds."""
    year_2020, year_2200 = 1_577_836_800 * 10**9, 7_258_118_400 * 10**9
    everything = "".join(RECORDS)
    for time in (exp.LastUpdateTime(), exp.VoidTime()):
        found = passing(official, table, And(GT(time, year_2020), LT(time, year_2200)))
        assert found in (everything, everything.replace("f", ""))
    in_100 = And(GT(exp.TTL(), 60), LE(exp.TTL(), 100))
    assert passing(official, table, in_100) == "e"
    assert passing(official, table, LT(exp.SinceUpdateTime(), 600_000)) == everything


def test_malformed_expressions_are_refused(official: Any, table: tuple[str, str]) -> None:
    for expression in (Cond(Val(1), Val(True), Val(False)), Let(Def("x", 1), exp.Var("y"))):
        assert code_of(passing, official, table, expression) == 4
        key = (*table, "a")
        assert code_of(official.get, key, {"expressions": expression.compile()}) == 4
