"""What could come next: words, namespaces, sets, bins, modules, indexes and settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import aerodbapi
from aerodbapi.cli.completing import Names, completions

LUA = "function f(rec) return 1 end"


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    with aerodbapi.connect(namespace="test") as connection:
        connection.execute("UPSERT INTO test.people (PK, name, age) VALUES (1, 'Ann', 5)")
        connection.execute("UPSERT INTO test.places (PK, \"where\") VALUES (1, 'x')")
        connection.execute("CREATE INDEX i_age ON test.people (age) NUMERIC")
        connection.execute("REGISTER MODULE 'mine.lua' AS ?", (LUA,))
        yield Names(connection)


#: Text before the cursor, and what has to be among the completions.
CASES = [
    ("", {"SELECT", "SHOW", "OPERATE", "RUN"}),
    ("sel", {"select"}),
    ("SEL", {"SELECT"}),
    ("SELECT 1; upd", {"update"}),
    ("SELECT * FROM ", {"test", "people", "places"}),
    ("SELECT * FROM test.", {"test.people", "test.places"}),
    ("SELECT * FROM test.pe", {"test.people"}),
    ("SELECT * FROM pe", {"people"}),
    ("SELECT * FROM people WHERE a", {"age", "and"}),
    ("SELECT * FROM test.people WHERE na", {"name"}),
    ("SELECT * FROM people p JOIN ", {"places"}),
    ("SELECT * FROM people WHERE P", {"PK"}),
    ("INSERT INTO pl", {"places"}),
    ("UPDATE pe", {"people"}),
    ("UPDATE people SET ag", {"age"}),
    ("DESCRIBE test.pl", {"test.places"}),
    ("SHOW ", {"NAMESPACES", "SETTINGS", "JOBS"}),
    ("SHOW SETS FROM te", {"test"}),
    ("SET ", {"OUTPUT", "TIMEOUT", "PASSWORD"}),
    ("set out", {"output"}),
    ("SET OUTPUT ", {"JSON", "CSV", "DEFAULT"}),
    ("GET A", {"ALL"}),
    ("USE te", {"test"}),
    ("STAT ", {"SYSTEM", "NAMESPACE"}),
    ("STAT NAMESPACE te", {"test"}),
    ("KILL ", {"QUERY", "SCAN"}),
    ("REMOVE MODULE mi", {"mine.lua"}),
    ("DESC MODULE ", {"mine.lua"}),
    ("EXECUTE mi", {"mine."}),
    ("EXECUTE mine.f() ON pe", {"people"}),
    ("DROP INDEX i_", {"i_age"}),
    ("SELECT list_app", {"list_append"}),
    ("SELECT COA", {"COALESCE"}),
]


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text or "nothing" for text, _ in CASES])
def test_completions(names: Names, text: str, wanted: set[str]) -> None:
    prefix, found = completions(text, names)
    assert text.endswith(prefix)
    assert wanted <= set(found)
    assert all(word.lower().startswith(prefix.lower()) for word in found)


@pytest.mark.parametrize(
    "text", ["SELECT 'it is FROM ", 'SELECT "a', "SELECT * FROM nothing.", "SHOW xyz"]
)
def test_nothing_to_complete(names: Names, text: str) -> None:
    assert completions(text, names)[1] == []


def test_names_are_remembered_for_a_while(names: Names) -> None:
    now = [0.0]
    kept = Names(names._connection, clock=lambda: now[0])
    assert kept.sets("test") == ["people", "places"]
    names._connection.execute("UPSERT INTO test.plants (PK, a) VALUES (1, 1)")
    assert kept.sets("test") == ["people", "places"]
    now[0] = 31.0
    assert kept.sets("test") == ["people", "places", "plants"]
    kept.forget()
    assert "plants" in kept.sets("test")


def test_failures_complete_nothing() -> None:
    connection = aerodbapi.connect()
    found = Names(connection)
    connection.close()
    assert found.namespaces() == []
