"""Plans over a declared table: which bins, keys, indexes and conditions its columns become."""

from __future__ import annotations

import pytest

from aerodbapi import errors
from aerodbapi.grammar.parser import parse
from aerodbapi.plan import explain
from aerodbapi.plan.bind import Context
from aerodbapi.plan.catalog import Catalog, from_declaration, indexes_from_info
from aerodbapi.plan.declaration import Known, Table, from_bins, short_names
from aerodbapi.plan.planner import plan
from aerodbapi.plan.tables import altered

SHOP = (
    "CREATE TABLE test.shop (id BIGINT PRIMARY KEY, price DECIMAL(10, 2) NOT NULL, day DATE,"
    " name TEXT, the_name_of_its_buyer TEXT)"
)
PAIRS = "CREATE TABLE test.pairs (a INT, b DATE, v TEXT, PRIMARY KEY (a, b))"
CONTEXT = Context(namespace="test", server=(8, 1, 2))


def table_of(text: str) -> Table:
    made = plan(parse(text), Catalog(), CONTEXT)
    table: Table = made.root.table  # type: ignore[union-attr]
    return table


@pytest.fixture
def catalog():
    made = Catalog()
    for text in (SHOP, PAIRS):
        table = table_of(text)
        made.declare(table.namespace, table.set, Known(table), float("inf"))
    entry = "ns=test:indexname=i_day:set=shop:bin=day:type=numeric:indextype=default:state=RW"
    made.put_indexes("test", indexes_from_info(entry))
    return made


def tree(text, catalog):
    return "\n".join(explain.lines(plan(parse(text), catalog, CONTEXT)))


PLANS = (
    ("SELECT * FROM shop WHERE id = 5", "Project (PK AS id, price, day, name"),
    (
        "SELECT * FROM shop WHERE id = 5",
        "Get test.shop key=5 bins=(price, day, name, the_name_of_i~1)",
    ),
    ("SELECT name FROM shop WHERE PK = 5", "Get test.shop key=5 bins=(name)"),
    ("SELECT id FROM shop WHERE ID IN (1, 2)", "BatchGet test.shop keys=(1, 2)"),
    (
        "SELECT id FROM shop WHERE price > 1.5 AND name = 'x'",
        "pushed=exact[price > 1.5 AND name = 'x']",
    ),
    ("SELECT id FROM shop WHERE day BETWEEN '2024-01-01' AND '2024-02-01'", "IndexQuery"),
    ("SELECT id FROM shop WHERE the_name_of_its_buyer = 'x'", "\"the_name_of_i~1\" = 'x'"),
    ("SELECT v FROM pairs WHERE b = '2024-01-01' AND a = 1", "Get test.pairs key=KEY("),
    ("SELECT v FROM pairs WHERE a = 1", "PartitionQuery test.pairs"),
    ("UPDATE shop SET name = 'y' WHERE id = 5", "Get test.shop key=5"),
    ("DELETE FROM pairs WHERE a = 1 AND b = '2024-01-01'", "Get test.pairs key=KEY("),
)


@pytest.mark.parametrize(
    ("text", "part"), PLANS, ids=[f"{number}-{text}" for number, (text, _) in enumerate(PLANS)]
)
def test_plans(catalog, text, part):
    assert part in tree(text, catalog)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT EXTRACT(year FROM day) FROM shop",
        "SELECT price + 1 FROM shop",
        "SELECT id FROM shop WHERE price * 2 > 5",
        "SELECT UPPER(name), day FROM shop ORDER BY day",
    ],
)
def test_what_computes_with_values_is_the_engines(catalog, text):
    assert "Relational" in tree(text, catalog)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("SELECT nam FROM shop", errors.ProgrammingError, "did you mean name?"),
        ("SELECT id FROM shop WHERE nam = 1", errors.ProgrammingError, "no column nam"),
        ("INSERT INTO shop (id) VALUES (1)", errors.IntegrityError, "a value for price"),
        ("INSERT INTO shop VALUES (1, 2)", errors.ProgrammingError, "5 columns are named"),
        ("INSERT INTO pairs (PK, v) VALUES (1, 2)", errors.ProgrammingError, "made of a, b"),
        ("UPDATE pairs SET a = 1", errors.ProgrammingError, "keeps its key"),
    ],
)
def test_mistakes(catalog, text, error, message):
    with pytest.raises(error, match=message):
        tree(text, catalog)


def test_undeclared_names_are_known_to_be_so():
    catalog = Catalog(clock=lambda: 5.0)
    assert catalog.declaration("test", "t") is None
    catalog.declare("test", "t", Known(), 6.0)
    assert catalog.declaration("test", "t") == Known()
    catalog.declare("test", "t", Known(), 5.0)
    assert catalog.declaration("test", "t") is None
    assert catalog.declaration("test", None) == Known()


def test_a_new_declaration_outdates_plans(catalog):
    version, table = catalog.version, table_of(SHOP)
    catalog.declare("test", "shop", Known(table), 10.0**9)
    assert catalog.version == version
    catalog.declare("test", "shop", Known(None), float("inf"))
    assert catalog.version > version
    assert catalog.get("test", "shop") is None


@pytest.mark.parametrize("text", [SHOP, PAIRS])
def test_declarations_survive_their_record(text):
    table = table_of(text)
    assert from_bins("test", table.set, table.bins(), table.generation) == table


def test_sets_are_described_by_their_declaration():
    info = from_declaration(table_of(SHOP))
    assert [(c.title, c.name, c.code) for c in info.columns] == [
        ("price", "price", "DECIMAL(10, 2)"),
        ("day", "day", "DATE"),
        ("name", "name", "VARCHAR"),
        ("the_name_of_its_buyer", "the_name_of_i~1", "VARCHAR"),
    ]
    assert (info.key.title, info.key.code) == ("id", "BIGINT")


def test_alterations_keep_bins():
    table = table_of(SHOP)

    def change(table, text):
        new = altered(table, parse(f"ALTER TABLE shop {text}"))
        assert new is not None
        return new

    table = change(table, "RENAME COLUMN name TO title")
    table = change(table, "ADD COLUMN name INT")
    assert {c.name: c.bin for c in table.columns if c.bin} == {
        "price": "price",
        "day": "day",
        "title": "name",
        "the_name_of_its_buyer": "the_name_of_i~1",
        "name": "name~1",
    }
    assert altered(table, parse("ALTER TABLE shop ADD COLUMN IF NOT EXISTS day INT")) is None


def test_short_names_are_unique_and_short():
    names = [f"a_name_with_the_number_{number}" for number in range(120)]
    names += ["é" * 12, "short", "__row"]
    found = short_names(names, taken=["short"])
    assert len(set(found.values())) == len(names)
    assert all(0 < len(bin.encode()) <= 15 for bin in found.values())
    assert found["short"] == "short~1"
