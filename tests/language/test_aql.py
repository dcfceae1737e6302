"""AQL's statements, as its two tools took them: the plan of each, and what is refused.

`aql.txt` has one block a statement: the text, `=>`, and the plan's lines or the error. Where the
tools' defects show (a condition that is ignored, a limit that is none), the plan is the one that
is meant. `python -m tests.language.test_aql` writes the plans anew: read the diff.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aerodbapi
from aerodbapi import errors
from aerodbapi.grammar import parse
from aerodbapi.plan import explain
from aerodbapi.plan.bind import Context
from aerodbapi.plan.catalog import Catalog, from_sample, indexes_from_info
from aerodbapi.plan.planner import plan

FILE = Path(__file__).with_name("aql.txt")

#: Name, set, bin, type and collection of the indexes; the first ones are equally good.
INDEXES = (
    ("i_a", "demo", "a", "numeric", "default"),
    ("j_a", "both", "a", "numeric", "default"),
    ("j_b", "both", "b", "string", "default"),
    ("k_a", "better", "a", "numeric", "default"),
    ("k_b", "better", "b", "string", "default"),
    ("i_l", "demo", "l", "numeric", "list"),
    ("i_m", "demo", "m", "string", "mapkeys"),
    ("i_v", "demo", "m", "numeric", "mapvalues"),
    ("i_g", "demo", "g", "geo2dsphere", "default"),
)
ENTRIES = {"i_a": 3, "j_a": 3, "j_b": 3, "k_a": 9, "k_b": 2}


def catalog() -> Catalog:
    made = Catalog()
    for name in ("demo", "none", "both", "better", None):
        made.put(from_sample("test", name, [("k", {"a": 1, "b": "x"})]))
    text = ";".join(
        f"ns=test:indexname={name}:set={set_name}:bin={bin}:type={type}:indextype={kind}"
        ":context=null:exp=null:state=RW"
        for name, set_name, bin, type, kind in INDEXES
    )
    stats = {name: f"entries_per_bval={count}" for name, count in ENTRIES.items()}
    made.put_indexes("test", indexes_from_info(text, stats))
    return made


def planned(text: str, known: Catalog) -> str:
    """The plan's lines, or the error in its first line."""
    context = Context(profile="aql", server=(8, 1, 2))
    try:
        return "\n".join(explain.lines(plan(parse(text, "aql"), known, context)))
    except errors.Error as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"


def blocks() -> list[tuple[str, str]]:
    found = []
    for block in FILE.read_text().strip().split("\n\n"):
        text, _, expected = block.partition("\n=>\n")
        found.append((text, expected))
    return found


@pytest.mark.parametrize(("text", "expected"), blocks(), ids=[text for text, _ in blocks()])
def test_plan(text: str, expected: str) -> None:
    assert planned(text, catalog()) == expected


# ---- and run ----------------------------------------------------------------------------------

#: Statements one after another, and what they give: rows, a count, or an error's words.
SESSION: list[tuple[str, Any]] = [
    ("INSERT INTO test.demo (PK, foo, bar, ok) VALUES ('k1', 123, 'abc', true)", 1),
    ("INSERT INTO test.demo (PK, foo) VALUES ('k1', 0x10)", 1),
    ("SELECT foo, bar, ok FROM test.demo WHERE PK = 'k1'", [(16, "abc", True)]),
    ('INSERT INTO test.demo (PK, "s p a c e", a-b) VALUES ("k2", CAST("12" AS INT), "x-y")', 1),
    ('SELECT "s p a c e", a-b FROM test.demo WHERE a-b = "x-y"', [(12, "x-y")]),
    ("INSERT INTO test.demo (PK, bar) VALUES ('k1', NULL)", 1),
    ("SELECT bar FROM test.demo WHERE PK = 'k1'", [(None,)]),
    ("INSERT INTO test.demo (PK, l, m) VALUES ('k3', LIST('[1,2]'), MAP('{\"a\":1}'))", 1),
    ("SELECT l, m FROM test.demo IN LIST WHERE l = 2", [([1, 2], {"a": 1})]),
    ("SELECT l FROM test.demo IN MAPKEYS WHERE m = 'a'", [([1, 2],)]),
    ("SELECT l FROM test.demo IN MAPVALUES WHERE m BETWEEN 1 AND 5", [([1, 2],)]),
    ("SELECT foo FROM test.demo LIMIT 0", []),
    ("SELECT foo FROM test.demo LIMIT 9 WHERE foo = 16", [(16,)]),
    ("SELECT foo FROM test.demo WHERE foo = 16 AND bar = 'abc'", []),
    ("OPERATE INCR(foo, 4), READ(foo) ON test.demo WHERE PK = 'k1'", [(20,)]),
    ("DELETE FROM test.demo WHERE PK = 'k1' AND foo = 3", 0),
    ("DELETE FROM test.demo WHERE PK = 'k1'", 1),
    ("DELETE FROM test.demo WHERE PK = 'k1'", 0),
    ("CREATE INDEX i ON test.demo (a-b) STRING", -1),
    ("DROP INDEX test.demo i", -1),
    ("EXECUTE nothing.f() ON test.demo WHERE PK = 'k2'", "result code 100"),
    ("SELECT * FROM test.demo WHERE", "near token 'WHERE'"),
    ("SET TIMEOUT 100", -1),
    ("TRUNCATE test.demo", -1),
    ("SELECT PK FROM test.demo", []),
]


def test_a_session() -> None:
    with aerodbapi.connect(profile="aql") as connection:
        for text, expected in SESSION:
            cursor = connection.cursor()
            if isinstance(expected, str):
                with pytest.raises(errors.Error) as caught:
                    cursor.execute(text)
                assert expected in str(caught.value)
                continue
            cursor.execute(text)
            given = cursor.rowcount if cursor.description is None else cursor.fetchall()
            assert (text, given) == (text, expected)


def write() -> None:
    """Write the plans anew."""
    known = catalog()
    FILE.write_text(
        "\n\n".join(f"{text}\n=>\n{planned(text, known)}" for text, _ in blocks()) + "\n"
    )


if __name__ == "__main__":
    write()
