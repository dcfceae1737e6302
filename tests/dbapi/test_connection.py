"""Connections: where they go, what they share, and what they refuse."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import aerodbapi
from aerodbapi.errors import ConnectionClosed, ConnectionFailed, NamespaceNotFound
from tests.faces import Opener

#: A port that nobody listens on.
NOWHERE = ("127.0.0.1", 1)
TCP = pytest.mark.parametrize("opener", ["sync-tcp", "async-tcp"], indirect=True)


# ---- the module --------------------------------------------------------------------------------


def test_the_module_says_what_pep_249_asks_for() -> None:
    assert (aerodbapi.apilevel, aerodbapi.threadsafety, aerodbapi.paramstyle) == ("2.0", 2, "qmark")


@pytest.mark.parametrize("name", sorted(aerodbapi.__all__))
def test_every_name_is_there(name: str) -> None:
    assert getattr(aerodbapi, name) is not None
    assert name in dir(aerodbapi)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="connects"):
        aerodbapi.connects  # noqa: B018 (reading it is the test)


# ---- attributes --------------------------------------------------------------------------------


def test_the_errors_hang_on_the_connection(connection: Any) -> None:
    for name in (
        "Warning",
        "Error",
        "InterfaceError",
        "DatabaseError",
        "DataError",
        "OperationalError",
        "IntegrityError",
        "InternalError",
        "ProgrammingError",
        "NotSupportedError",
    ):
        assert getattr(connection, name) is getattr(aerodbapi, name)
    with pytest.raises(connection.ProgrammingError):
        connection.execute("nonsense")


def test_where_it_goes(opener: Opener, connection: Any, node_address: tuple[str, int]) -> None:
    expected = node_address if opener.tcp else (None, None)
    assert (connection.host, connection.port) == expected
    assert connection.user is None
    assert connection.database is None
    assert opener.connection(namespace="bar").database == "bar"
    assert connection.info.embedded is not opener.tcp


def test_the_password_is_not_shown() -> None:
    with aerodbapi.connect(user="ann", password="secret") as connection:
        assert "secret" not in repr(connection) + repr(connection.info)
        assert connection.user == "ann"


def test_writes_are_final(connection: Any) -> None:
    connection.commit()
    connection.rollback()
    assert connection.autocommit is True
    connection.autocommit = True
    with pytest.raises(aerodbapi.NotSupportedError):
        connection.autocommit = False
    assert connection.messages == []


def test_a_default_namespace(opener: Opener, table: str) -> None:
    namespace, _, name = table.partition(".")
    connection = opener.connection(namespace=namespace)
    connection.execute(f"INSERT INTO {name} (PK, a) VALUES (1, 2)")
    assert connection.execute(f"SELECT a FROM {table}").fetchall() == [(2,)]


def test_with_closes_the_connection(opener: Opener) -> None:
    with opener.connection() as connection:
        assert not connection.closed
    assert connection.closed
    assert "closed" in repr(connection)


@pytest.mark.parametrize("method", ["cursor", "commit", "rollback"])
def test_a_closed_connection_refuses(opener: Opener, method: str) -> None:
    connection = opener.connection()
    connection.close()
    with pytest.raises(ConnectionClosed):
        getattr(connection, method)()


# ---- failing to connect ------------------------------------------------------------------------


@TCP
def test_nobody_listens(opener: Opener) -> None:
    with pytest.raises(ConnectionFailed, match="refused") as caught:
        opener.connection(hosts=[NOWHERE], connect_timeout=500)
    assert isinstance(caught.value, aerodbapi.OperationalError)
    assert "127.0.0.1:1" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "aerospike://h:3000/test?timeuot=5"}, "timeout"),
        ({"url": "postgres://h/test"}, "aerospike://"),
        ({"timeout": "soon"}, "timeout"),
        ({"profile": "mysql"}, "profile"),
        ({"hosts": [("h", 99999)]}, "port"),
    ],
)
def test_bad_options(opener: Opener, options: dict[str, Any], words: str) -> None:
    with pytest.raises(aerodbapi.ProgrammingError, match=words):
        opener.connection(**options)


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(aerodbapi.OperationalError, match="nowhere"):
        aerodbapi.connect(f"aerospike:///{tmp_path}/nowhere/data.db")


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear database, " * 500)
    with pytest.raises(aerodbapi.OperationalError, match=r"letter\.txt"):
        aerodbapi.connect(f"aerospike:///{path}")
    assert path.read_text().startswith("Dear")


# ---- embedded nodes ----------------------------------------------------------------------------


def test_a_node_in_memory_belongs_to_its_connection() -> None:
    with aerodbapi.connect() as one, aerodbapi.connect() as two:
        one.execute("INSERT INTO test.t (PK, a) VALUES (1, 1)")
        assert two.execute("SELECT * FROM test.t").fetchall() == []


def test_a_file_keeps_the_records(tmp_path: Path) -> None:
    url = f"aerospike:///{tmp_path}/data.db"
    with aerodbapi.connect(url) as connection:
        connection.execute("INSERT INTO test.t (PK, a, b) VALUES (1, 'x', LIST('[1, 2.5]'))")
        connection.execute("CREATE INDEX i ON test.t (a) STRING")
    with aerodbapi.connect(url) as connection:
        assert connection.execute("SELECT * FROM test.t").fetchall() == [(1, "x", [1, 2.5])]
        assert len(connection.execute("SHOW INDEXES").fetchall()) == 1


def test_connections_of_one_process_share_a_file(tmp_path: Path) -> None:
    url = f"aerospike:///{tmp_path}/data.db"
    link = tmp_path / "link.db"
    with aerodbapi.connect(url) as one:
        link.symlink_to(tmp_path / "data.db")
        with aerodbapi.connect(url) as two, aerodbapi.connect(f"aerospike:///{link}") as three:
            one.execute("INSERT INTO test.t (PK, a) VALUES (1, 1)")
            for other in (two, three):
                assert other.execute("SELECT a FROM test.t").fetchall() == [(1,)]
        one.execute("UPDATE test.t SET a = 2")
    with aerodbapi.connect(url) as again:
        assert again.execute("SELECT a FROM test.t").fetchall() == [(2,)]


def test_another_process_is_refused(tmp_path: Path) -> None:
    url = f"aerospike:///{tmp_path}/data.db"
    program = f"import aerodbapi; aerodbapi.connect({url!r})"
    with aerodbapi.connect(url) as connection:
        connection.execute("INSERT INTO test.t (PK, a) VALUES (1, 1)")
        other = subprocess.run(
            (sys.executable, "-c", program), capture_output=True, text=True, timeout=60
        )
        assert other.returncode == 1
        assert "OperationalError" in other.stderr
        assert "data.db" in other.stderr
        assert "another process" in other.stderr
    other = subprocess.run((sys.executable, "-c", program), timeout=60)
    assert other.returncode == 0


def test_a_forgotten_connection_gives_its_file_back(tmp_path: Path) -> None:
    url = f"aerospike:///{tmp_path}/data.db"
    connection = aerodbapi.connect(url)
    connection.execute("INSERT INTO test.t (PK, a) VALUES (1, 1)")
    del connection
    gc.collect()
    program = (
        f"import aerodbapi; connection = aerodbapi.connect({url!r}); "
        "print(connection.execute('SELECT a FROM test.t').fetchall())"
    )
    other = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True)
    assert other.stdout == "[(1,)]\n", other.stderr
    assert other.stderr == ""


def test_connections_dropped_in_cycles_while_others_open(tmp_path: Path) -> None:
    """The collector may run while a file is being opened, and close another one there."""
    url = f"aerospike:///{tmp_path}/data%d.db"
    thresholds = gc.get_threshold()
    gc.set_threshold(20)
    try:
        for i in range(40):
            ring: list[Any] = [aerodbapi.connect(url % (i % 3))]
            ring.append(ring)
            del ring
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()
    with aerodbapi.connect(url % 0) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


# ---- errors from the cluster -------------------------------------------------------------------


@TCP
def test_an_unknown_namespace(opener: Opener) -> None:
    """An embedded node in the process makes namespaces when they are first used."""
    connection = opener.connection()
    for statement in (
        "SELECT * FROM nowhere.t",
        "SELECT * FROM nowhere.t WHERE PK = 1",
        "INSERT INTO nowhere.t (PK, a) VALUES (1, 1)",
        "DELETE FROM nowhere.t WHERE a = 1",
        "UPDATE nowhere.t SET a = 1",
        "TRUNCATE nowhere.t",
        "TRUNCATE nowhere",
        "CREATE INDEX i ON nowhere.t (a) NUMERIC",
        "DROP INDEX i ON nowhere.t",
        "SHOW SETS FROM nowhere",
        "SHOW INDEXES FROM nowhere",
        "DESCRIBE nowhere.t",
    ):
        with pytest.raises(NamespaceNotFound, match="nowhere") as caught:
            connection.execute(statement)
        assert caught.value.result_code == 20


@pytest.mark.parametrize(
    ("statement", "parameters", "error", "words"),
    [
        ("SELEC 1", (), "SyntaxError", "did you mean SELECT"),
        ("SELECT * FROM test.t WHERE", (), "SyntaxError", "line 1, column"),
        ("SELECT * FROM test.t WHERE PK = 'x", (), "SyntaxError", "'x"),
        ("SELECT 1 2", (), "SyntaxError", "2"),
        ("SELECT * FROM test.t WHERE PK = ?", (), "ProgrammingError", r"parameter \?1"),
        ("SELECT abcdefghijklmnop FROM test.t", (), "BinNameError", "16 bytes"),
        ("INSERT INTO test.t (PK, abcdefghijklmnop) VALUES (1, 1)", (), "BinNameError", "16"),
        ("UPDATE test.t SET abcdefghijklmnop = 1", (), "BinNameError", "16 bytes"),
        (f"SELECT * FROM test.{'s' * 64}", (), "ProgrammingError", "63 bytes"),
        (f"INSERT INTO test.{'s' * 64} (PK, a) VALUES (1, 1)", (), "ProgrammingError", "63"),
        (f"SELECT * FROM {'n' * 32}.t", (), "ProgrammingError", "31 bytes"),
        ("INSERT INTO test.t (PK, a) VALUES (1, ?)", (object(),), "DataError", "object"),
        ("INSERT INTO test.t (PK, a) VALUES (?, 1)", (object(),), "DataError", "PK"),
        ("INSERT INTO test.t (PK, a) VALUES (?, 1)", (1.5,), "DataError", "1.5"),
        ("INSERT INTO test.t (PK, a) VALUES (?, 1)", (None,), "IntegrityError", "PK is NULL"),
        ("INSERT INTO test.t (PK, a) VALUES (1, ?)", (1 << 63,), "DataError", "64 bits"),
        ("INSERT INTO test.t (PK, a) VALUES (1, ?)", ("\ud800",), "DataError", "surrogate|UTF"),
        ("INSERT INTO test.t (a) VALUES (1)", (), "ProgrammingError", "PK"),
        ("INSERT INTO test.t (PK, a) VALUES (1)", (), "SyntaxError", "2|two|columns"),
        ("INSERT INTO test.t (PK) VALUES (1)", (), "IntegrityError", "bin"),
        ("SELECT * FROM test.t LIMIT ?", (-1,), "ProgrammingError", "LIMIT"),
        ("SELECT * FROM test.t LIMIT ?", ("many",), "ProgrammingError", "LIMIT"),
        ("SELECT x.a FROM test.t ORDER BY a", (), "ProgrammingError", "no table x"),
        ("SELECT no_such(a) FROM test.t", (), "NotSupportedError", "NO_SUCH"),
        ("SELECT PK FROM test.t a, test.t b", (), "ProgrammingError", "PK is ambiguous"),
        ("SELECT a", (), "ProgrammingError", "no table"),
        ("", (), "SyntaxError", "is empty"),
        ("-- nothing", (), "SyntaxError", "is empty"),
        ("SELECT 1; SELECT 2", (), "SyntaxError", "one statement|SELECT"),
        ("INSERT INTO test.t (PK, a) VALUES (1, 1) WITH (tll = 5)", (), "ProgrammingError", "ttl"),
        ("INSERT INTO test.t (PK, a) VALUES (1, 1) WITH (ttl = -5)", (), "ProgrammingError", "ttl"),
        ("DROP INDEX nothing ON test.t", (), "IndexNotFound", "no index nothing"),
        ("CREATE INDEX i ON test.t (a)", (), "ProgrammingError", "NUMERIC"),
    ],
)
def test_mistakes(connection: Any, statement: str, parameters: Any, error: str, words: str) -> None:
    with pytest.raises(aerodbapi.DatabaseError, match=words) as caught:
        connection.execute(statement, parameters)
    assert type(caught.value).__name__ == error
    # The connection goes on working.
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_syntax_error_points_at_its_place(connection: Any) -> None:
    with pytest.raises(aerodbapi.ProgrammingError) as caught:
        connection.execute("SELECT a,\n       b\n  FROM test.t\n WHERE a == 'x'")
    lines = str(caught.value).splitlines()
    assert "line 4, column 11" in lines[0]
    where = next(i for i, line in enumerate(lines) if "WHERE a" in line)
    assert lines[where + 1].index("^") == lines[where].rindex("=")


def test_a_mistake_in_another_text_of_one_shape_is_placed_in_its_own_text(connection: Any) -> None:
    """The tree of a shape is kept; the places in errors must not be those of the first text."""
    for literal in ("1", "'a much longer literal'"):
        statement = f"SELECT a FROM test.t WHERE b = {literal} AND wrong.c = 1"
        with pytest.raises(aerodbapi.ProgrammingError) as caught:
            connection.execute(statement)
        assert f"column {statement.index('wrong') + 1}" in str(caught.value)


def test_errors_survive_pickling(connection: Any, table: str) -> None:
    connection.execute(f"INSERT INTO {table} (PK, a) VALUES (1, 1)")
    with pytest.raises(aerodbapi.IntegrityError) as caught:
        connection.execute(f"INSERT INTO {table} (PK, a) VALUES (1, 1), (2, 2)")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is type(caught.value)
    assert str(copy) == str(caught.value)
    assert (copy.result_code, copy.node) == (5, caught.value.node)
    assert copy.results[0] is copy
    assert copy.results[1] is None


# ---- threads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("tcp", [False, True])
def test_threads_share_a_connection(tcp: bool, node_address: tuple[str, int], table: str) -> None:
    options = {"hosts": [node_address]} if tcp else {}
    problems: list[BaseException] = []

    def work(connection: Any, number: int) -> None:
        try:
            cursor = connection.cursor()
            for i in range(30):
                key = number * 1000 + i
                cursor.execute(f"INSERT INTO {table} (PK, n, t) VALUES (?, ?, ?)", (key, i, number))
                cursor.execute(f"SELECT PK, n, t FROM {table} WHERE PK = ?", (key,))
                assert cursor.fetchall() == [(key, i, number)]
                cursor.execute(f"UPDATE {table} SET total = total + 1 WHERE PK = 0")
                mine = cursor.execute(f"SELECT n FROM {table} WHERE t = {number}").fetchall()
                assert sorted(mine) == [(j,) for j in range(i + 1)]
        except BaseException as error:
            problems.append(error)

    with aerodbapi.connect(**options) as connection:
        connection.execute(f"UPSERT INTO {table} (PK, total) VALUES (0, 0)")
        threads = [threading.Thread(target=work, args=(connection, n)) for n in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not problems
        total = connection.execute(f"SELECT total FROM {table} WHERE PK = 0").fetchall()
        assert total == [(120,)]
