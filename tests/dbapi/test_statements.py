"""Prepared statements: what is parsed, what is planned, and when it is done again."""

from __future__ import annotations

from typing import Any

import pytest

import aerodbapi
from aerodbapi import grammar
from aerodbapi.dbapi import statements


class Counts:
    """How often statements were parsed and planned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed = self.planned = 0
        self._parse, self._plan = grammar.parse_shape, statements.make_plan
        monkeypatch.setattr(grammar, "parse_shape", self.parse)
        monkeypatch.setattr(statements, "make_plan", self.plan)

    def parse(self, *given: Any) -> Any:
        self.parsed += 1
        return self._parse(*given)

    def plan(self, *given: Any) -> Any:
        self.planned += 1
        return self._plan(*given)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    return Counts(monkeypatch)


@pytest.mark.parametrize("literals", [False, True])
def test_a_repeated_point_read_is_never_parsed_again(
    cursor: Any, table: str, counts: Counts, literals: bool
) -> None:
    cursor.executemany(f"INSERT INTO {table} (PK, a) VALUES (?, ?)", [(i, i) for i in range(20)])
    counts.parsed = counts.planned = 0
    for i in range(20):
        if literals:
            cursor.execute(f"SELECT a FROM {table} WHERE PK = {i}")
        else:
            cursor.execute(f"SELECT a FROM {table} WHERE PK = ?", (i,))
        assert cursor.fetchall() == [(i,)]
    assert (counts.parsed, counts.planned) == (1, 1)


def test_writes_share_plans_too(cursor: Any, table: str, counts: Counts) -> None:
    for i in range(9):
        cursor.execute(f"INSERT INTO {table} (PK, a, b) VALUES ({i}, 'x{i}', 1)")
        cursor.execute(f"UPDATE {table} SET b = b + {i + 1} WHERE PK = {i}")
        cursor.execute(f"DELETE FROM {table} WHERE PK = {i - 1}")
    assert counts.parsed == 3
    assert cursor.execute(f"SELECT PK, a, b FROM {table}").fetchall() == [(8, "x8", 10)]


def test_another_kind_of_value_is_planned_anew_but_not_parsed(
    cursor: Any, table: str, counts: Counts
) -> None:
    cursor.execute(f"INSERT INTO {table} (PK, a) VALUES (1, 5), (2, 'x'), (3, 5.5)")
    counts.parsed = counts.planned = 0
    statement = f"SELECT PK FROM {table} WHERE a = ?"
    found = [cursor.execute(statement, (v,)).fetchall() for v in (5, "x", 5.5, 5, None)]
    assert found == [[(1,)], [(2,)], [(3,)], [(1,)], []]
    assert counts.parsed == 1
    assert counts.planned == 4


def test_a_new_bin_makes_plans_old_but_does_not_parse(
    cursor: Any, table: str, counts: Counts
) -> None:
    everything = f"SELECT * FROM {table}"
    cursor.execute(f"INSERT INTO {table} (PK, a) VALUES (1, 1)")
    cursor.execute(everything)
    counts.parsed = counts.planned = 0
    cursor.execute(f"UPSERT INTO {table} (PK, b) VALUES (1, 2)")
    assert cursor.execute(everything).fetchall() == [(1, 1, 2)]
    assert [column[0] for column in cursor.description] == ["PK", "a", "b"]
    assert counts.parsed == 1, "the UPSERT"
    assert counts.planned == 2


def test_an_index_is_used_as_soon_as_it_is_there(cursor: Any, table: str) -> None:
    cursor.execute(f"INSERT INTO {table} (PK, a) VALUES (1, 5)")
    explain = f"EXPLAIN SELECT PK FROM {table} WHERE a = 5"
    name = "i_" + table.partition(".")[2]

    def node() -> str:
        rows = cursor.execute(explain).fetchall()
        place = [column[0] for column in cursor.description].index("node")
        return str(rows[-1][place])

    assert node() == "PartitionQuery"
    cursor.execute(f"CREATE INDEX {name} ON {table} (a) NUMERIC")
    try:
        assert node() == "IndexQuery"
    finally:
        cursor.execute(f"DROP INDEX {name} ON {table}")
    assert node() == "PartitionQuery"


@pytest.mark.parametrize("opener", ["sync-tcp", "async-tcp"], indirect=True)
def test_what_others_wrote_shows_from_the_second_time_on(opener: Any, table: str) -> None:
    """Columns of SELECT * come from a sample; records may have more, and are believed."""
    mine, other = opener.connection().cursor(), opener.connection().cursor()
    rows = [(i, i) for i in range(3000)]
    mine.executemany(f"INSERT INTO {table} (PK, a) VALUES (?, ?)", rows)
    everything = f"SELECT * FROM {table}"
    mine.execute(everything)
    other.execute(f"UPDATE {table} SET z = 7 WHERE a = 2999")

    names, found, warned = [], 0, []
    for _ in range(2):
        mine.execute(everything)
        names = [column[0] for column in mine.description]
        found = sum(row[-1] == 7 and len(row) == 3 for row in mine)
        warned.append([str(text) for _, text in mine.messages])
    assert names == ["PK", "a", "z"]
    assert found == 1
    assert warned[1] == []
    assert warned[0] == [] or "z" in warned[0][0]


def test_long_texts_are_not_kept(connection: Any, table: str) -> None:
    session = connection._session
    values = ", ".join(f"({i}, 'abcdefgh')" for i in range(500))
    assert connection.execute(f"INSERT INTO {table} (PK, a) VALUES {values}").rowcount == 500
    kept = session._statements._shapes._entries
    assert all(len(text) <= statements._LONGEST for text in kept)


def test_what_is_kept_is_bounded(connection: Any, table: str) -> None:
    session = connection._session
    for i in range(statements._TEXTS + 10):
        session._statements._shape(f"SELECT a{i} FROM {table}")
    assert len(session._statements._shapes._entries) == statements._TEXTS


def test_one_text_means_what_its_profile_says(opener: Any, table: str) -> None:
    sql, aql = opener.connection(profile="sql"), opener.connection(profile="aql")
    sql.execute(f"INSERT INTO {table} (PK, a) VALUES ('u', 1)")
    with pytest.raises(aerodbapi.IntegrityError):
        sql.execute(f"INSERT INTO {table} (PK, b) VALUES ('u', 2)")
    aql.execute(f"INSERT INTO {table} (PK, a) VALUES ('u', 1)")
    aql.execute(f'INSERT INTO {table} (PK, b) VALUES ("u", 2)')
    assert aql.execute(f'SELECT a, b FROM {table} WHERE PK = "u"').fetchall() == [(1, 2)]
    assert sql.execute(f"SELECT \"a\" FROM {table} WHERE PK = 'u'").fetchall() == [(1,)]
    aql.execute(f"INSERT INTO {table} (PK, a) VALUES ('u', NULL)")
    assert aql.execute(f"SELECT a, b FROM {table} WHERE PK = 'u'").fetchall() == [(None, 2)]
