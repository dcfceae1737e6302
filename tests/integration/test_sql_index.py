"""Secondary indexes: chosen by plans, answering what a scan answers; SHOW, DESCRIBE, EXPLAIN."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi.errors import IndexExists, IndexNotFound
from aerodbapi.types import GeoJSON
from tests.conftest import Address
from tests.integration.sql import PLACES, Table, table_in

COUNT = 60


def record(i: int) -> dict[str, Any]:
    return {
        "n": i,
        "tenth": i // 10,
        "s": f"s{i % 5}",
        "raw": bytes([i % 3]),
        "nums": [i, i + 1, i + 2],
        "words": [f"w{i % 4}", "all"],
        "m": {f"k{i % 4}": i},
        "loc": GeoJSON({"type": "Point", "coordinates": [i / 10, 0.0]}),
        "area": GeoJSON(
            {
                "type": "Polygon",
                "coordinates": [[[i, 0], [i + 1, 0], [i + 1, 1], [i, 1], [i, 0]]],
            }
        ),
    }


@pytest.fixture(scope="module", params=PLACES)
def indexed(
    request: pytest.FixtureRequest, node_address: Address, namespace: str, module_set: str
) -> Iterator[Table]:
    """Fill a table and index most of its bins; `bare` beside it has the records alone."""
    with table_in(request.param, node_address, namespace, module_set) as table:
        for i in range(COUNT):
            table.put(i, **record(i))
        definitions = {
            "n": "(n) NUMERIC",
            "tenth": "(tenth) NUMERIC",
            "s": "(s) STRING",
            "raw": "(raw) BLOB",
            "nums": "(nums) NUMERIC",
            "words": "(words) STRING",
            "keys": "(m) STRING",
            "vals": "(m) NUMERIC",
            "loc": "(loc) GEO2DSPHERE",
            "area": "(area) GEO2DSPHERE",
        }
        collections = {"nums": "LIST", "words": "LIST", "keys": "MAPKEYS", "vals": "MAPVALUES"}
        for name, definition in definitions.items():
            kind = collections.get(name, "")
            table.run(f"CREATE {kind} INDEX {index_name(table, name)} ON {{t}} {definition}")
        yield table
        copied(table).run("TRUNCATE {t}")
        for name in definitions:
            table.run(f"DROP INDEX {index_name(table, name)} ON {{t}}")


def index_name(table: Table, name: str) -> str:
    return f"i_{table.set}_{name}"


POLYGON = (
    '{"type": "Polygon", "coordinates": [[[-1, -1], [2.05, -1], [2.05, 1], [-1, 1], [-1, -1]]]}'
)

#: (the rest of SELECT n FROM t, parameters, index, the values of n)
QUERIES: list[tuple[str, Any, str, Any]] = [
    ("WHERE n = 7", None, "n", [7]),
    ("WHERE n = ?", (7,), "n", [7]),
    ("WHERE n = 7.0", None, "n", [7]),
    ("WHERE n = 7.5", None, "n", []),
    ("WHERE n > 55", None, "n", range(56, COUNT)),
    ("WHERE n >= 55", None, "n", range(55, COUNT)),
    ("WHERE n < 3", None, "n", range(3)),
    ("WHERE n <= 3", None, "n", range(4)),
    ("WHERE 3 > n", None, "n", range(3)),
    ("WHERE n BETWEEN 5 AND 8", None, "n", range(5, 9)),
    ("WHERE n BETWEEN ? AND ?", (5.5, 8.5), "n", range(6, 9)),
    ("WHERE n BETWEEN 8 AND 5", None, "n", []),
    ("WHERE n > ?", (2**63 - 1,), "n", []),
    ("WHERE n < ?", (-(2**63),), "n", []),
    ("WHERE n > 5 AND n < 8", None, "n", [6, 7]),
    ("WHERE n IN (1, 5, 9, 5, 99)", None, "n", [1, 5, 9]),
    ("WHERE n IN ?", ([2, 3],), "n", [2, 3]),
    ("WHERE n = 5 AND s = 's0'", None, "n", [5]),
    ("WHERE n = 5 AND s = 's1'", None, "n", []),
    ("WHERE tenth = 3", None, "tenth", range(30, 40)),
    ("WHERE tenth = 3 AND n % 2 = 0", None, "tenth", range(30, 40, 2)),
    ("WHERE tenth = 3 AND n + 0 > 37", None, "tenth", [38, 39]),
    ("WHERE tenth = 3 AND s LIKE '%1'", None, "tenth", [31, 36]),
    ("WHERE s = 's2'", None, "s", range(2, COUNT, 5)),
    ("WHERE s = ?", ("nobody",), "s", []),
    ("WHERE raw = X'01'", None, "raw", range(1, COUNT, 3)),
    ("IN LIST WHERE nums = 10", None, "nums", [8, 9, 10]),
    ("IN LIST WHERE nums BETWEEN 10 AND 12", None, "nums", range(8, 13)),
    ("IN LIST WHERE words = 'w3'", None, "words", range(3, COUNT, 4)),
    ("IN LIST WHERE words = 'all'", None, "words", range(COUNT)),
    ("IN MAPKEYS WHERE m = 'k1'", None, "keys", range(1, COUNT, 4)),
    ("IN MAPVALUES WHERE m = 33", None, "vals", [33]),
    ("IN MAPVALUES WHERE m BETWEEN 30 AND 32", None, "vals", [30, 31, 32]),
    (f"WHERE loc WITHIN GEOJSON('{POLYGON}')", None, "loc", range(21)),
    (
        'WHERE area CONTAINS GEOJSON(\'{"type": "Point", "coordinates": [4.5, 0.5]}\')',
        None,
        "area",
        [4],
    ),
]


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case[0][:60])
def test_queries(indexed: Table, case: tuple[str, Any, str, Any]) -> None:
    rest, parameters, index, expected = case
    statement = f"SELECT n FROM {{t}} {rest}"
    assert indexed.values(statement, parameters) == list(expected)
    leaf = indexed.plan(statement, parameters)[-1]
    assert (leaf["node"], leaf["index_name"]) == ("IndexQuery", index_name(indexed, index))


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case[0][:60])
def test_the_same_without_an_index(indexed: Table, case: tuple[str, Any, str, Any]) -> None:
    """In a table of the same records whose indexes are others': scans have to agree."""
    rest, parameters, _, expected = case
    plain = copied(indexed)
    statement = f"SELECT n FROM {plain.name} {rest}"
    assert plain.values(statement, parameters) == list(expected)
    assert plain.plan(statement, parameters)[-1]["node"] != "IndexQuery"


def copied(table: Table) -> Table:
    """The table's records in a set without indexes."""
    other = Table(table.connection, f"{table.name}b")
    if not other.rows("SELECT n FROM {t} WHERE PK = 0"):
        for i in range(COUNT):
            other.put(i, **record(i))
    return other


def test_limits_stop_an_index_read(indexed: Table) -> None:
    assert len(indexed.rows("SELECT n FROM {t} WHERE n >= 0 LIMIT 7")) == 7
    assert (
        len(set(indexed.rows("SELECT n FROM {t} IN LIST WHERE nums BETWEEN 0 AND 99 LIMIT 30")))
        == 30
    )
    assert indexed.rows("SELECT n FROM {t} WHERE n = 5 LIMIT 0") == []
    assert len(indexed.rows("SELECT n FROM {t} WHERE tenth = 2 LIMIT 5 OFFSET 8")) == 2


def test_changes_through_an_index(indexed: Table) -> None:
    statement = "UPDATE {t} SET extra = n WHERE tenth = 5 AND n > 57"
    assert indexed.plan(statement)[-1]["node"] == "IndexQuery"
    assert indexed.run(statement).rowcount == 2
    assert indexed.values("SELECT extra FROM {t} WHERE extra > 0") == [58, 59]
    assert indexed.run("UPDATE {t} SET extra = NULL WHERE n IN (58, 59)").rowcount == 2
    indexed.put(1000, n=1000, tenth=100, s="s-new")
    assert indexed.values("SELECT PK FROM {t} WHERE s = 's-new'") == [1000]
    assert indexed.run("DELETE FROM {t} WHERE tenth = 100").rowcount == 1
    assert indexed.values("SELECT PK FROM {t} WHERE s = 's-new'") == []


def test_an_index_that_would_miss_doubles_is_not_used(
    node_address: Address, namespace: str, fresh_set: str
) -> None:
    for place in PLACES:
        with table_in(place, node_address, namespace, fresh_set) as table, _index(table):
            table.put("int", n=5)
            assert table.values("SELECT PK FROM {t} WHERE n = 5") == ["int"]
            assert table.plan("SELECT PK FROM {t} WHERE n = 5")[-1]["node"] == "IndexQuery"
            table.put("float", n=5.0)
            assert table.values("SELECT PK FROM {t} WHERE n = 5") == ["float", "int"]
            plan = table.plan("SELECT PK FROM {t} WHERE n = 5")
            assert plan[-1]["node"] == "PartitionQuery"
            assert any("index" in str(row) for row in plan), "EXPLAIN says why"


def test_doubles_that_came_in_a_batch_are_noticed(
    node_address: Address, namespace: str, fresh_set: str
) -> None:
    for place in PLACES:
        with table_in(place, node_address, namespace, fresh_set) as table, _index(table):
            table.put("first", n=5)
            table.rows("SELECT * FROM {t} WHERE n = 5")
            rows = [("float", 5.0), ("int", 5)]
            table.cursor.executemany(f"UPSERT INTO {table.name} (PK, n) VALUES (?, ?)", rows)
            assert table.values("SELECT PK FROM {t} WHERE n = 5") == ["first", "float", "int"]


@contextlib.contextmanager
def _index(table: Table) -> Iterator[None]:
    table.run(f"CREATE INDEX {index_name(table, 'x')} ON {{t}} (n) NUMERIC")
    yield
    table.run(f"DROP INDEX {index_name(table, 'x')} ON {{t}}")


# ---- defining ----------------------------------------------------------------------------------


def test_create_and_drop(indexed: Table) -> None:
    name = index_name(indexed, "more")
    create = f"CREATE INDEX {name} ON {{t}} (extra) NUMERIC"
    assert indexed.run(create).rowcount == -1
    with pytest.raises(IndexExists) as caught:
        indexed.run(create.replace("extra", "other"))
    assert caught.value.result_code == 200
    indexed.run(create.replace("INDEX ", "INDEX IF NOT EXISTS "))
    indexed.run(f"DROP INDEX {name} ON {{t}}")
    with pytest.raises(IndexNotFound, match=name):
        indexed.run(f"DROP INDEX {name} ON {{t}}")
    indexed.run(f"DROP INDEX IF EXISTS {name} ON {{t}}")
    with pytest.raises(aerodbapi.ProgrammingError, match="type"):
        indexed.run(f"CREATE INDEX {name} ON {{t}} (extra)")


# ---- SHOW, DESCRIBE ----------------------------------------------------------------------------


def shown(table: Table, statement: str) -> list[dict[str, Any]]:
    rows = table.rows(statement)
    return [dict(zip(table.columns(), row)) for row in rows]


def test_show(indexed: Table, namespace: str) -> None:
    assert {"namespace": namespace} in shown(indexed, "SHOW NAMESPACES")
    sets = {row["set"]: row for row in shown(indexed, f"SHOW SETS FROM {namespace}")}
    assert sets[indexed.set]["objects"] >= COUNT
    assert sets[indexed.set]["namespace"] == namespace
    everywhere = {row["set"] for row in shown(indexed, "SHOW SETS")}
    assert indexed.set in everywhere
    (node, *_) = shown(indexed, "SHOW NODES")
    assert node["node"]
    assert ":" in node["address"]
    bins = {row["bin"]: row["type"] for row in shown(indexed, "SHOW BINS FROM {t}")}
    assert bins["n"] == "BIGINT"
    assert bins["s"] == "VARCHAR"
    assert bins["raw"] == "BLOB"
    assert bins["nums"] == bins["m"] == "JSON"
    assert bins["loc"] == "GEOJSON"
    assert "PK" not in bins


def test_show_indexes(indexed: Table) -> None:
    found = {row["index"]: row for row in shown(indexed, "SHOW INDEXES FROM {t}")}
    assert len(found) == 10
    row = found[index_name(indexed, "vals")]
    assert (row["bin"], row["type"], row["collection"]) == ("m", "NUMERIC", "MAPVALUES")
    assert (row["set"], row["state"]) == (indexed.set, "RW")
    assert set(found) <= {row["index"] for row in shown(indexed, "SHOW INDEXES")}


def test_describe(indexed: Table) -> None:
    rows = shown(indexed, "DESCRIBE {t}")
    assert rows[0]["column"] == "PK"
    described = {row["column"]: row for row in rows}
    assert described["PK"]["key"] is True
    assert described["n"] == {"column": "n", "type": "BIGINT", "kinds": "int", "key": False}
    assert shown(indexed, "DESC {t}") == rows


def test_describe_names_every_kind(node_address: Address, namespace: str, fresh_set: str) -> None:
    with table_in("tcp", node_address, namespace, fresh_set) as table:
        for key, value in (("a", 1), ("b", 2.5), (3, "x")):
            table.put(key, v=value)
        described = {row["column"]: row for row in shown(table, "DESCRIBE {t}")}
        assert described["v"]["kinds"] == "float, int, str"
        assert described["v"]["type"] == "JSON"
        assert described["PK"]["kinds"] == "int, str"


# ---- EXPLAIN -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "node"),
    [
        ("SELECT * FROM {t} WHERE PK = 1", "Get"),
        ("SELECT * FROM {t} WHERE PK IN (1, 2)", "BatchGet"),
        ("SELECT * FROM {t} WHERE nothing = 1", "PartitionQuery"),
        ("SELECT * FROM {t} WHERE n = 1", "IndexQuery"),
        ("SELECT * FROM {t} WHERE 1 = 0", "Empty"),
        ("SELECT * FROM {t} LIMIT 0", "Empty"),
        ("SELECT 1", "Values"),
        ("INSERT INTO {t} (PK, n) VALUES ('explained', 1)", "Write"),
        ("UPDATE {t} SET n = -1", "PartitionQuery"),
        ("DELETE FROM {t}", "PartitionQuery"),
        ("DELETE FROM {t} WHERE PK = 1", "Get"),
        ("TRUNCATE {t}", "Truncate"),
        ("CREATE INDEX explained ON {t} (zzz) NUMERIC", "CreateIndex"),
        ("DROP INDEX explained ON {t}", "DropIndex"),
    ],
)
def test_explain_runs_nothing(indexed: Table, statement: str, node: str) -> None:
    before = indexed.values("SELECT n FROM {t}")
    plan = indexed.plan(statement)
    assert plan[-1]["node"] == node
    assert [row["id"] for row in plan] == list(range(1, len(plan) + 1))
    assert indexed.values("SELECT n FROM {t}") == before == list(range(COUNT))
    assert indexed.rows("SELECT * FROM {t} WHERE PK = 'explained'") == []
    assert not [row for row in shown(indexed, "SHOW INDEXES") if row["index"] == "explained"]


def test_explain_shows_what_is_pushed_and_what_is_left(indexed: Table) -> None:
    *_, leaf = plan = indexed.plan("SELECT s FROM {t} WHERE nothing > 3 AND n + 0 = ?", (5,))
    assert "nothing > 3" in leaf["pushed"]
    assert leaf["namespace"], leaf["set_name"]
    assert all(row["command_type"] for row in plan)
