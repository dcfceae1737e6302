"""The engine over inputs made by hand: what it reads, when, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from aerodbapi import errors, grammar
from aerodbapi.cluster.effects import Emit
from aerodbapi.dbapi.results import Window
from aerodbapi.grammar import ast
from aerodbapi.plan.operations import Empty, Input, InputColumn, KeyJoin, Relational, Target
from aerodbapi.relational.columns import Misfit
from aerodbapi.relational.engine import Database, Run
from aerodbapi.transport.loopback import LoopbackCarrier


class Reads:
    """Inputs of numbered rows (n, g), and what was read of each."""

    def __init__(self, **counts: int) -> None:
        self.counts = counts
        self.batches = dict.fromkeys(counts, 0)
        self.opened = dict.fromkeys(counts, 0)
        self.ended = dict.fromkeys(counts, 0)
        self.keys: dict[str, Any] = {}
        self.windows: dict[str, tuple[int | None, int | None]] = {}
        self.failing: dict[str, Exception] = {}
        self.lock = threading.Lock()

    def opener(self, each: Input, schema: Any, keys: Sequence[Any] | None) -> Any:
        self.keys[each.name] = keys
        return self.talk(each.name, keys), Window(*self.windows.get(each.name, (None, None)))

    def talk(self, name: str, keys: Sequence[Any] | None) -> Any:
        self.opened[name] += 1
        numbers = list(range(self.counts[name])) if keys is None else sorted(keys)
        try:
            for begin in range(0, len(numbers), 100):
                self.batches[name] += 1
                yield Emit([(n, n % 3, n, None) for n in numbers[begin : begin + 100]])
            if name in self.failing:
                raise self.failing[name]
        finally:
            self.ended[name] += 1


COLUMNS = (InputColumn("n", ast.Column("n"), "BIGINT"), InputColumn("g", ast.Column("g"), "BIGINT"))


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database()
    yield made
    made.close()


def begun(database: Database, sql: str, reads: Reads, *inputs: Input) -> tuple[Run, Any]:
    shape = grammar.lift(sql, "sql")
    tree = grammar.parse_shape(shape, sql)
    made = inputs or tuple(Input(name, COLUMNS, Empty("")) for name in reads.counts)
    values = grammar.binder(shape)(None)
    run = Run(database, Relational(tree, made, ()), values, reads.opener)
    carrier = LoopbackCarrier(lambda _: None)

    def pull(conversation: Any) -> Any:
        return _Pulled(carrier.iterate(conversation))

    return run, pull


class _Pulled:
    """What a carrier gives, without its conversation around."""

    def __init__(self, items: Any) -> None:
        self._items = items
        self._lock = threading.Lock()

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        with self._lock:
            return next(self._items)

    def close(self) -> None:
        with self._lock:
            self._items.close()


def rows(database: Database, sql: str, reads: Reads, *inputs: Input) -> list[Any]:
    run, pull = begun(database, sql, reads, *inputs)
    found = []
    batch = run.start(pull)
    while batch is not None:
        found += batch.to_pylist()
        batch = run.next(pull)
    run.close()
    return [tuple(row.values()) for row in found]


def test_grouping(database: Database) -> None:
    reads = Reads(t=1000)
    sql = "SELECT t.g, count(*) AS c, sum(t.n) AS s FROM t GROUP BY t.g ORDER BY 1"
    found = rows(database, sql, reads)
    assert found == [(0, 334, 166833), (1, 333, 166167), (2, 333, 166500)]
    assert (reads.opened, reads.ended) == ({"t": 1}, {"t": 1})


def test_inputs_are_read_once_each_in_a_self_join(database: Database) -> None:
    reads = Reads(a=500, b=300, c=400)
    sql = "SELECT count(*) AS c FROM a JOIN b ON a.n = b.n JOIN c ON b.n = c.n"
    assert rows(database, sql, reads) == [(300,)]
    assert reads.opened == {"a": 1, "b": 1, "c": 1}


def test_nothing_is_read_before_the_start(database: Database) -> None:
    reads = Reads(t=1000)
    run, _ = begun(database, "SELECT t.n FROM t", reads)
    assert reads.opened == {"t": 0}
    run.close()


def test_a_limit_stops_the_read(database: Database) -> None:
    reads = Reads(t=1_000_000)
    assert len(rows(database, "SELECT t.n FROM t LIMIT 5", reads)) == 5
    assert reads.batches["t"] < 100
    assert reads.ended == {"t": 1}


def test_closing_stops_the_reads(database: Database) -> None:
    reads = Reads(a=10_000_000, b=10_000_000)
    run, pull = begun(database, "SELECT a.n FROM a UNION ALL SELECT b.n FROM b", reads)
    assert run.start(pull).num_rows
    run.close()
    assert reads.batches["a"] + reads.batches["b"] < 20_000
    assert reads.opened == reads.ended


def test_interrupting_from_another_thread(database: Database) -> None:
    run, pull = begun(
        database,
        "SELECT count(*) AS c FROM a CROSS JOIN b CROSS JOIN c WHERE a.n * b.n % 7 < c.n",
        Reads(a=3000, b=3000, c=3000),
    )
    threading.Timer(0.3, run.interrupt).start()
    with pytest.raises(errors.QueryAborted):
        run.start(pull)


def test_interrupting_before_it_begins(database: Database) -> None:
    run, pull = begun(database, "SELECT count(*) AS c FROM a", Reads(a=3))
    run.interrupt()
    with pytest.raises(errors.QueryAborted):
        run.start(pull)


def test_the_window_of_an_input(database: Database) -> None:
    reads = Reads(t=1_000_000)
    reads.windows["t"] = (150, 20)
    assert rows(database, "SELECT count(*) AS c, min(t.n) AS m FROM t", reads) == [(150, 20)]
    assert reads.batches["t"] <= 3
    reads.windows["t"] = (0, None)
    assert rows(database, "SELECT count(*) AS c FROM t", reads) == [(0,)]


def test_a_failure_of_a_read_is_the_statements(database: Database) -> None:
    reads = Reads(t=1000)
    reads.failing["t"] = errors.Timeout("the node is silent")
    with pytest.raises(errors.Timeout, match="the node is silent"):
        rows(database, "SELECT t.g, count(*) AS c FROM t GROUP BY t.g", reads)
    # The database goes on working.
    assert rows(database, "SELECT count(*) AS c FROM t", Reads(t=10)) == [(10,)]


def test_ctrl_c_in_a_read(database: Database) -> None:
    reads = Reads(t=1000)
    reads.failing["t"] = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        rows(database, "SELECT count(*) AS c FROM t", reads)


def test_a_value_without_a_place(database: Database) -> None:
    column = InputColumn("n", ast.Column("n"), "BOOLEAN")
    with pytest.raises(Misfit) as caught:
        rows(database, "SELECT t.n FROM t", Reads(t=5), Input("t", (column,), Empty("")))
    assert caught.value.column is column
    assert caught.value.value == 0


@pytest.mark.parametrize(
    ("sql", "error", "words"),
    [
        ("SELECT sum('x' || t.n) FROM t", errors.ProgrammingError, "^No function matches"),
        ("SELECT CAST('x' || t.n AS BIGINT) FROM t", errors.DataError, "^Could not convert"),
        ("SELECT t.n + 9223372036854775807 FROM t", errors.DataError, "^Overflow"),
        ("SELECT (SELECT t.n FROM t)", errors.DataError, "More than one row"),
    ],
)
def test_errors_of_duckdb_are_pep_249s(
    database: Database, sql: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        rows(database, sql, Reads(t=3))
    assert "LINE" not in str(caught.value)
    assert "Candidate" not in str(caught.value)


RECURSION = (
    "WITH RECURSIVE r (i) AS (SELECT 0 UNION ALL "
    "SELECT t.n + 1 FROM r JOIN t ON t.n = r.i WHERE r.i < 9) SELECT count(*) AS c FROM r"
)


def test_an_input_that_is_read_again(database: Database) -> None:
    reads = Reads(t=10)
    again = Input("t", COLUMNS, Empty(""), again=True)
    assert rows(database, RECURSION, reads, again) == [(10,)]
    assert reads.opened == {"t": 1}


def key_join(most: int) -> tuple[Input, Input]:
    join = KeyJoin(Target("test", "b"), "a", "n", None, None, Empty(""), most)
    return Input("a", COLUMNS, Empty("")), Input("b", COLUMNS, join)


def test_keys_of_another_input(database: Database) -> None:
    reads = Reads(a=250, b=1000)
    sql = "SELECT count(*) AS c FROM a JOIN b ON a.n = b.n"
    assert rows(database, sql, reads, *key_join(1000)) == [(250,)]
    assert sorted(reads.keys["b"]) == list(range(250))
    assert reads.opened == {"a": 1, "b": 1}


def test_too_many_keys(database: Database) -> None:
    reads = Reads(a=1000, b=1000)
    sql = "SELECT count(*) AS c FROM a JOIN b ON a.n = b.n"
    assert rows(database, sql, reads, *key_join(150)) == [(1000,)]
    assert reads.keys["b"] is None
    assert reads.opened == {"a": 1, "b": 1}


def test_an_input_without_columns_counts(database: Database) -> None:
    class Bare(Reads):
        def talk(self, name: str, keys: Any) -> Any:
            yield Emit([(n, None) for n in range(250)])

    assert rows(database, "SELECT count(*) AS c FROM t", Bare(t=1), Input("t", (), Empty(""))) == [
        (250,)
    ]


def test_names_that_differ_in_case(database: Database) -> None:
    columns = (COLUMNS[0], InputColumn("N", ast.Column("N"), "BIGINT"))
    given = Input("t", columns, Empty(""))
    sql = 'SELECT sum(t.n) AS a, sum(t."N") AS b FROM t'
    assert rows(database, sql, Reads(t=10), given) == [(45, 9)]


def test_a_closed_database(database: Database) -> None:
    database.close()
    with pytest.raises(errors.ConnectionClosed):
        rows(database, "SELECT 1", Reads(t=1))


def test_files_and_settings_are_out_of_reach(database: Database) -> None:
    connection = database.connect()
    for statement in ("SELECT * FROM '/etc/passwd'", "COPY (SELECT 1) TO '/tmp/x.csv'"):
        with pytest.raises(Exception, match=r"disabled|Permission|does not exist"):
            connection.execute(statement)
    connection.close()
