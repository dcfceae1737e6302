"""SELECT: statement → rows, on an embedded node and on whatever node is under test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi.types import GeoJSON
from tests.conftest import Address
from tests.integration.sql import PLACES, Table, table_in

BIG = 2**53 + 1  # no double equals it

#: key → bins. Every kind of value, missing bins, and bins whose kind changes from row to row.
RECORDS: dict[Any, dict[str, Any]] = {
    "ann": {"who": "ann", "name": "Ann", "age": 31, "h": 1.65, "ok": True, "l": [1, "a"]},
    "bob": {"who": "bob", "name": "Bob", "age": 25, "h": 1.8, "ok": False, "m": {"k": 1, "z": [5]}},
    "cy": {"who": "cy", "name": "Cy", "h": 2.0, "city": ""},
    "dee": {"who": "dee", "name": "dee", "age": 40.0, "h": 31, "city": "Zürich"},
    "ed": {"who": "ed", "name": "Ed%", "age": -7, "raw": b"\x00\xff", "ok": True},
    "fay": {"who": "fay", "name": "Fay_x\n", "age": "31", "city": "Oslo"},
    5: {"who": "five", "name": "five", "age": 5, "h": -0.0, "city": "Oslo"},
    b"\x01": {"who": "one", "name": "it's", "age": BIG, "h": 5.0, "l": []},
}
EVERYONE = frozenset(bins["who"] for bins in RECORDS.values())


@pytest.fixture(scope="module", params=PLACES)
def people(
    request: pytest.FixtureRequest, node_address: Address, namespace: str, module_set: str
) -> Iterator[Table]:
    with table_in(request.param, node_address, namespace, module_set) as table:
        for key, bins in RECORDS.items():
            table.put(key, **bins)
        yield table


def names(text: str) -> frozenset[str]:
    return EVERYONE if text == "*" else frozenset(text.split())


# ---- WHERE -------------------------------------------------------------------------------------

#: (condition, parameters, for whom it is true, for whom it is NULL; it is false for the others)
CONDITIONS: list[tuple[str, Any, str, str]] = [
    # Numbers: integers and doubles compare exactly; other kinds and missing bins are NULL.
    ("age = 31", None, "ann", "cy fay"),
    ("age = 31.0", None, "ann", "cy fay"),
    ("age = 40", None, "dee", "cy fay"),
    ("age = 40.0", None, "dee", "cy fay"),
    ("age = 31.5", None, "", "cy fay"),
    ("age <> 31", None, "bob dee ed five one", "cy fay"),
    ("age != 31", None, "bob dee ed five one", "cy fay"),
    ("age < 31", None, "bob ed five", "cy fay"),
    ("age <= 31", None, "ann bob ed five", "cy fay"),
    ("age > 31", None, "dee one", "cy fay"),
    ("age >= 31", None, "ann dee one", "cy fay"),
    ("age > 30.5", None, "ann dee one", "cy fay"),
    ("age < -6.5", None, "ed", "cy fay"),
    ("31 = age", None, "ann", "cy fay"),
    ("31 < age", None, "dee one", "cy fay"),
    ("age = ?", (31,), "ann", "cy fay"),
    ("age = ?", (40.0,), "dee", "cy fay"),
    ("age = ?", (BIG,), "one", "cy fay"),
    # Beside a double an integer counts as the nearest one.
    ("age = ?", (float(BIG),), "one", "cy fay"),
    ("age > ?", (float(BIG),), "", "cy fay"),
    ("age >= ?", (2**63 - 1,), "", "cy fay"),
    ("age > ?", (-(2**63),), "ann bob dee ed five one", "cy fay"),
    ("age < ?", (float("inf"),), "ann bob dee ed five one", "cy fay"),
    ("age = ?", (float("nan"),), "", "cy fay"),
    ("age <> ?", (float("nan"),), "ann bob dee ed five one", "cy fay"),
    ("age = ?", (None,), "", "*"),
    ("age = NULL", None, "", "*"),
    ("age = ?", ("31",), "fay", "ann bob cy dee ed five one"),
    ("age = '31'", None, "fay", "ann bob cy dee ed five one"),
    ("age < 'z'", None, "fay", "ann bob cy dee ed five one"),
    ("h = 0", None, "five", "ed fay"),
    ("h = 31", None, "dee", "ed fay"),
    ("h < 2", None, "ann bob five", "ed fay"),
    ("age = h", None, "", "cy ed fay"),
    ("age > h", None, "ann bob dee five one", "cy ed fay"),
    # Text, bytes, booleans, lists and maps.
    ("name = 'Ann'", None, "ann", ""),
    ("name = 'ann'", None, "", ""),
    ("name <> 'Ann'", None, "bob cy dee ed fay five one", ""),
    ("name < 'C'", None, "ann bob", ""),
    ("name >= 'd'", None, "dee five one", ""),
    ("name = 'it''s'", None, "one", ""),
    ("name = :n", {"n": "it's"}, "one", ""),
    ("city = ''", None, "cy", "ann bob ed one"),
    ("city = 'Zürich'", None, "dee", "ann bob ed one"),
    ("city > 'P'", None, "dee", "ann bob ed one"),
    ("raw = X'00ff'", None, "ed", "ann bob cy dee fay five one"),
    ("raw = ?", (b"\x00\xff",), "ed", "ann bob cy dee fay five one"),
    ("raw < ?", (b"\x01",), "ed", "ann bob cy dee fay five one"),
    ("ok = TRUE", None, "ann ed", "cy dee fay five one"),
    ("ok = FALSE", None, "bob", "cy dee fay five one"),
    ("ok", None, "ann ed", "cy dee fay five one"),
    ("ok = ?", (True,), "ann ed", "cy dee fay five one"),
    ("ok = 1", None, "", "*"),
    ("ok IS TRUE", None, "ann ed", ""),
    ("ok IS NOT TRUE", None, "bob cy dee fay five one", ""),
    ("ok IS FALSE", None, "bob", ""),
    ("ok IS NOT FALSE", None, "ann cy dee ed fay five one", ""),
    ("l = ?", ([1, "a"],), "ann", "bob cy dee ed fay five"),
    ("l = LIST('[]')", None, "one", "bob cy dee ed fay five"),
    ("m = ?", ({"z": [5], "k": 1},), "bob", "ann cy dee ed fay five one"),
    # NULL.
    ("age IS NULL", None, "cy", ""),
    ("age IS NOT NULL", None, "ann bob dee ed fay five one", ""),
    ("nothing IS NULL", None, "*", ""),
    ("nothing IS NOT NULL", None, "", ""),
    ("nothing = 1", None, "", "*"),
    ("nothing IS NOT DISTINCT FROM age", None, "cy", ""),
    ("age IS DISTINCT FROM 31", None, "bob cy dee ed fay five one", ""),
    ("age IS NOT DISTINCT FROM 31", None, "ann", ""),
    # AND, OR, NOT.
    ("age > 20 AND name < 'C'", None, "ann bob", ""),
    ("age > 30 AND h > 1.7", None, "dee one", "cy fay"),
    ("age > 30 OR h > 1.7", None, "ann bob cy dee one", "ed fay"),
    ("NOT (age > 30)", None, "bob ed five", "cy fay"),
    ("NOT age > 30 AND NOT h > 1.7", None, "five", "ed fay"),
    ("age = 31 OR age = 25 OR age = '31'", None, "ann bob fay", "cy dee ed five one"),
    ("(age > 30 OR name = 'Cy') AND (h > 1.7 OR city IS NOT NULL)", None, "cy dee one", "fay"),
    ("age > 30 AND age < 35 AND age <> 31", None, "", "cy fay"),
    ("TRUE", None, "*", ""),
    ("FALSE", None, "", ""),
    ("1 = 1 AND age = 31", None, "ann", "cy fay"),
    ("1 = 0 OR age = 31", None, "ann", "cy fay"),
    ("? = 1 AND age = 31", (1,), "ann", "cy fay"),
    # BETWEEN, IN.
    ("age BETWEEN 25 AND 31", None, "ann bob", "cy fay"),
    ("age BETWEEN ? AND ?", (31, 25), "", "cy fay"),
    ("age NOT BETWEEN 25 AND 31", None, "dee ed five one", "cy fay"),
    ("age BETWEEN 24.5 AND 31.5", None, "ann bob", "cy fay"),
    ("name BETWEEN 'A' AND 'C'", None, "ann bob", ""),
    ("h BETWEEN 1 AND ?", (None,), "", "ann bob cy dee ed fay one"),
    ("age IN (31, 25)", None, "ann bob", "cy fay"),
    ("age IN (31, '31', 40.0)", None, "ann dee fay", "cy bob ed five one"),
    ("age IN (31, NULL)", None, "ann", "bob cy dee ed fay five one"),
    ("age NOT IN (31, 25)", None, "dee ed five one", "cy fay"),
    ("age IN (?, ?)", (31, 5), "ann five", "cy fay"),
    ("age IN ?", ([31, 5, 999],), "ann five", "cy fay"),
    ("age IN ?", ([],), "", ""),
    ("name IN ('Ann', 'nobody')", None, "ann", ""),
    ("name IN ('Ann')", None, "ann", ""),
    ("ok IN (TRUE)", None, "ann ed", "cy dee fay five one"),
    # LIKE.
    ("name LIKE 'A%'", None, "ann", ""),
    ("name LIKE 'a%'", None, "", ""),
    ("name ILIKE 'a%'", None, "ann", ""),
    ("name LIKE '%e%'", None, "dee five", ""),
    ("name LIKE '___'", None, "ann bob dee ed", ""),
    ("name LIKE 'Ed!%' ESCAPE '!'", None, "ed", ""),
    ("name LIKE '%!_%' ESCAPE '!'", None, "fay", ""),
    ("name LIKE 'Ed%'", None, "ed", ""),
    ("name LIKE 'Fay_x_'", None, "fay", ""),
    ("name LIKE '%'", None, "*", ""),
    ("name LIKE ''", None, "", ""),
    ("name LIKE ?", ("%'%",), "one", ""),
    ("name LIKE ?", (None,), "", "*"),
    ("name NOT LIKE '%e%'", None, "ann bob cy ed fay one", ""),
    ("city LIKE 'Z_rich'", None, "dee", "ann bob ed one"),
    ("city LIKE '%Ü%'", None, "", "ann bob ed one"),
    ("age LIKE '3%'", None, "fay", "ann bob cy dee ed five one"),
    ("name LIKE '.*'", None, "", ""),
    # Arithmetic.
    ("age + 1 = 32", None, "ann", "cy fay"),
    ("age * 2 > 60", None, "ann dee one", "cy fay"),
    ("age - h > 20", None, "ann bob one", "cy ed fay"),
    ("-age = 7", None, "ed", "cy fay"),
    ("age / 2 = 15.5", None, "ann", "cy fay"),
    ("age // 2 = 15", None, "ann", "cy fay"),
    ("age // 2 = -3", None, "ed", "cy fay"),
    ("age % 2 = -1", None, "ed", "cy fay"),
    ("age / 0 = 1", None, "", "cy fay"),
    ("age // 0 = 1", None, "", "*"),
    ("name || '!' = 'Ann!'", None, "ann", ""),
    # Collections.
    ("l[0] = 1", None, "ann", "bob cy dee ed fay five one"),
    ("l[-1] = 'a'", None, "ann", "bob cy dee ed fay five one"),
    ("m['k'] = 1", None, "bob", "ann cy dee ed fay five one"),
    # Metadata.
    ("__gen = 1", None, "*", ""),
    ("__gen > 1", None, "", ""),
    ("__set = 'nobody''s'", None, "", ""),
    ("__ttl > -5", None, "*", ""),
    # Keys: one of another kind does not compare.
    ("PK = 'ann'", None, "ann", "five one"),
    ("PK = 5", None, "five", "ann bob cy dee ed fay one"),
    ("PK = 5.0", None, "five", "ann bob cy dee ed fay one"),
    ("PK = '5'", None, "", "five one"),
    ("PK = ?", (b"\x01",), "one", "ann bob cy dee ed fay five"),
    ("PK = 'ann' AND age = 31", None, "ann", ""),
    ("PK = 'ann' AND age = 30", None, "", ""),
    ("PK = 'ann' OR PK = 'bob'", None, "ann bob", "five one"),
    ("PK = 'ann' AND PK = 'bob'", None, "", "five one"),
    ("PK IN ('ann', 5, 'nobody', 'ann')", None, "ann five", "bob cy dee ed fay one"),
    ("PK IN ('ann', 'bob', 'cy') AND age > 30", None, "ann", "cy one"),
    ("PK IN ?", (["ann", 5],), "ann five", "bob cy dee ed fay one"),
    ("PK IN (NULL)", None, "", "*"),
]


def condition_name(case: Any) -> str:
    return str(case[0]) if isinstance(case, tuple) else ""


@pytest.mark.parametrize("case", CONDITIONS, ids=condition_name)
def test_where(people: Table, case: tuple[str, Any, str, str]) -> None:
    condition, parameters, true, _ = case
    found = people.values(f"SELECT who FROM {{t}} WHERE {condition}", parameters)
    assert len(found) == len(set(found))
    assert set(found) == names(true)


#: NOT before conditions on keys asks for nearly the whole set: keys that are stored, as here.
@pytest.mark.parametrize("case", CONDITIONS, ids=condition_name)
def test_not_is_three_valued(people: Table, case: tuple[str, Any, str, str]) -> None:
    condition, parameters, true, unknown = case
    found = people.values(f"SELECT who FROM {{t}} WHERE NOT ({condition})", parameters)
    assert set(found) == EVERYONE - names(true) - names(unknown)


@pytest.mark.parametrize("case", CONDITIONS, ids=condition_name)
def test_a_condition_means_the_same_beside_others(
    people: Table, case: tuple[str, Any, str, str]
) -> None:
    """With what no server decides, and under OR, where a superset would show."""
    condition, parameters, true, _ = case
    beside = people.values(
        f"SELECT who FROM {{t}} WHERE ({condition}) AND name || '' <> 'Bob'", parameters
    )
    assert set(beside) == names(true) - {"bob"}
    either = people.values(
        f"SELECT who FROM {{t}} WHERE ({condition}) OR name || '' = 'Bob'", parameters
    )
    assert set(either) == names(true) | {"bob"}


# ---- the select list ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("age", [31]),
        ("age, name, age", [31, "Ann", 31]),
        ("PK, who", ["ann", "ann"]),
        ("age + 1, -age, age / 2, age // 2, age % 4, age * 1.5", [32, -31, 15.5, 15, 3, 46.5]),
        ("name || '!' AS loud", ["Ann!"]),
        ("age > 30, age IS NULL, NOT ok", [True, False, False]),
        ("nothing, nothing + 1, nothing = 1", [None, None, None]),
        ("1, 'x', NULL, TRUE, 2.5, X'ff'", [1, "x", None, True, 2.5, b"\xff"]),
        ("l, l[0], l[1], l[9]", [[1, "a"], 1, "a", None]),
        ("CAST(age AS VARCHAR), CAST('7' AS INT)", ["31", 7]),
        ("CASE WHEN age > 30 THEN 'old' ELSE 'young' END", ["old"]),
        ("__gen, __set IS NOT NULL", [1, True]),
        ("?, :x", None),
    ],
)
@pytest.mark.parametrize("where", ["PK = 'ann'", "name = 'Ann'", "PK IN ('ann')"])
def test_select_list(people: Table, items: str, expected: list[Any] | None, where: str) -> None:
    statement = f"SELECT {items} FROM {{t}} WHERE {where}"
    if expected is None:
        with pytest.raises(people.connection.ProgrammingError, match="not both"):
            people.rows(statement)
        return
    assert people.rows(statement) == [tuple(expected)]


def test_star(people: Table) -> None:
    for where in ("PK = 'ann'", "name = 'Ann'"):
        (row,) = people.rows(f"SELECT * FROM {{t}} WHERE {where}")
        record = dict(zip(people.columns(), row))
        assert record.pop("PK") == "ann"
        assert {name: value for name, value in record.items() if value is not None} == RECORDS[
            "ann"
        ]


def test_star_shows_all_records(people: Table) -> None:
    rows = people.rows("SELECT * FROM {t}")
    columns = people.columns()
    assert columns[0] == "PK"
    assert set(columns) == {"PK"} | {name for bins in RECORDS.values() for name in bins}
    found = {}
    for row in rows:
        record = {name: value for name, value in zip(columns, row) if value is not None}
        found[record.pop("PK")] = record
    assert found == RECORDS
    again = people.rows("SELECT * FROM {t}")
    assert people.columns() == columns
    assert len(again) == len(rows)


def test_star_beside_columns(people: Table) -> None:
    (row,) = people.rows("SELECT name, *, __gen AS g FROM {t} WHERE PK = 'bob'")
    columns = people.columns()
    assert columns[:2] == ["name", "PK"]
    assert columns[-1] == "g"
    assert len(columns) == len(set(columns)) == len(row)
    assert (row[0], row[-1]) == ("Bob", 1)


def test_metadata(people: Table) -> None:
    ((digest, generation, ttl, set_name, key),) = people.rows(
        "SELECT __digest, __gen, __ttl, __set, __key FROM {t} WHERE PK = 5"
    )
    assert len(digest) == 20
    assert generation == 1
    assert ttl == -1 or ttl > 0
    assert set_name == people.set
    assert key == 5
    ((by_digest,),) = people.rows("SELECT who FROM {t} WHERE __digest = ?", (digest,))
    assert by_digest == "five"
    found = people.rows("SELECT __digest, __gen, __set FROM {t} WHERE age = 5")
    assert found == [(digest, 1, people.set)]


def test_names(people: Table) -> None:
    assert people.value("SELECT {t}.name FROM {t} WHERE PK = 'cy'") == "Cy"
    assert people.value("SELECT p.name FROM {t} AS p WHERE p.PK = 'cy'") == "Cy"
    assert people.value('SELECT "name" FROM {t} p WHERE p."name" = \'Cy\'') == "Cy"
    assert people.value("select name from {t} where pk = 'cy'") in ("Cy", None)


# ---- LIMIT and OFFSET --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clause", "parameters", "count"),
    [
        ("LIMIT 3", None, 3),
        ("LIMIT 0", None, 0),
        ("LIMIT 100", None, len(RECORDS)),
        ("LIMIT ?", (2,), 2),
        ("LIMIT :n OFFSET :m", {"n": 5, "m": 6}, 2),
        ("LIMIT 3 OFFSET 2", None, 3),
        ("OFFSET 5", None, len(RECORDS) - 5),
        ("OFFSET 50", None, 0),
        ("LIMIT 2 OFFSET 0", None, 2),
        ("LIMIT ?", (None,), len(RECORDS)),
    ],
)
def test_limit_and_offset(people: Table, clause: str, parameters: Any, count: int) -> None:
    for select in ("SELECT who FROM {t}", "SELECT * FROM {t} WHERE name > ''"):
        found = people.rows(f"{select} {clause}", parameters)
        assert len(found) == count
        assert len({repr(row) for row in found}) == count


def test_limits_on_keys_and_conditions(people: Table) -> None:
    assert people.rows("SELECT who FROM {t} WHERE PK IN ('ann', 'bob', 5) LIMIT 2") == [
        ("ann",),
        ("bob",),
    ]
    assert people.rows("SELECT who FROM {t} WHERE PK IN ('ann', 'bob', 5) LIMIT 2 OFFSET 2") == [
        ("five",)
    ]
    assert people.rows("SELECT who FROM {t} WHERE PK = 'ann' LIMIT 1 OFFSET 1") == []
    assert people.rows("SELECT who FROM {t} WHERE PK = 'ann' LIMIT 1") == [("ann",)]
    assert len(people.rows("SELECT who FROM {t} WHERE age + 0 > 0 LIMIT 2")) == 2
    assert len(people.rows("SELECT who FROM {t} WHERE name LIKE '%e%' LIMIT 5")) == 2


# ---- SELECT without a table --------------------------------------------------------------------


def test_select_without_a_table(people: Table) -> None:
    assert people.rows("SELECT 1") == [(1,)]
    assert people.rows("SELECT 1 + 1 AS two, 'a' || 'b', ? = 3", (3,)) == [(2, "ab", True)]
    assert people.rows("SELECT 1 WHERE 1 = 0") == []
    assert people.rows("SELECT 1 WHERE ? = 0", (0,)) == [(1,)]
    assert people.rows("SELECT 1 LIMIT 0") == []
    divided = people.rows("SELECT 5 / 2, -5 // 2, -5 % 2, 5.0 / 2, 1 / 0, 1 // 0")
    assert divided == [(2.5, -2, -1, 2.5, float("inf"), None)]
    with pytest.raises(aerodbapi.DataError, match="overflow"):
        people.rows("SELECT 9223372036854775807 + 1")


# ---- without a set, and over all sets ----------------------------------------------------------


def test_a_whole_namespace_holds_the_set(people: Table) -> None:
    namespace = people.name.partition(".")[0]
    found = people.values(f"SELECT who FROM {namespace} WHERE __set = ?", (people.set,))
    assert set(found) == EVERYONE


# ---- values go in and come out -----------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        2**63 - 1,
        -(2**63),
        0.0,
        -0.0,
        1e308,
        5e-324,
        float("inf"),
        True,
        False,
        "",
        "x" * 5000,
        "Zürich 東京 🛫 \x00 end",
        b"",
        bytes(range(256)),
        [],
        [1, [2.5, [None, True]], "x", b"y"],
        {},
        {"a": 1, "b": [1, {"c": None}], 5: "int key"},
        GeoJSON({"type": "Point", "coordinates": [1.5, 2.5]}),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_values(people: Table, value: Any) -> None:
    with table_of(people, "values") as key:
        people.run("UPSERT INTO {t} (PK, who, v) VALUES (?, 'values', ?)", (key, value))
        for where in ("PK = ?", "who = 'values' AND PK = ?"):
            found = people.value(f"SELECT v FROM {{t}} WHERE {where}", (key,))
            assert found == value
            assert type(found) is type(value)
        found = people.value("SELECT v FROM {t} WHERE who = 'values'")
        assert found == value
        assert str(found) == str(value) or isinstance(value, dict), "-0.0 is not 0.0"


class table_of:  # noqa: N801 (used like a function)
    """A key whose record is removed again: the other tests count the rows."""

    def __init__(self, table: Table, key: str) -> None:
        self.table, self.key = table, key

    def __enter__(self) -> str:
        return self.key

    def __exit__(self, *exc: object) -> None:
        self.table.run("DELETE FROM {t} WHERE PK = ?", (self.key,))
