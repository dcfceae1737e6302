"""SET, GET, RESET, SHOW and USE: a connection's settings, and what they change."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from aerodbapi import errors
from aerodbapi.dbapi.settings import SETTINGS
from aerodbapi.grammar.settings import SETTINGS as NAMES


def value(cursor: Any, name: str) -> str | None:
    cursor.execute(f"GET {name}")
    ((found, current, _, meaning),) = cursor.fetchall()
    assert found == name
    assert meaning
    return current  # type: ignore[no-any-return]


def test_the_grammar_knows_the_same_names() -> None:
    assert set(SETTINGS) == NAMES


#: Name, texts to set, and what is then shown.
CHANGES = [
    ("ECHO", "TRUE", "true"),
    ("VERBOSE", "t", "true"),
    ("OUTPUT", "json", "JSON"),
    ("OUTPUT_TYPES", "0", "false"),
    ("TIMEOUT", "1500", "1500"),
    ("SOCKET_TIMEOUT", "700", "700"),
    ("BATCH_TIMEOUT", "9000", "9000"),
    ("QUERY_TIMEOUT", "8000", "8000"),
    ("LUA_USERPATH", "'/tmp/lua'", "/tmp/lua"),
    ("RECORD_TTL", "60", "60"),
    ("RECORD_TTL", "-1", "-1"),
    ("RECORD_TTL", "-2", "-2"),
    ("RECORD_PRINT_METADATA", "true", "true"),
    ("KEY_SEND", "false", "false"),
    ("DURABLE_DELETE", "true", "true"),
    ("SCAN_RECORDS_PER_SECOND", "100", "100"),
    ("NO_BINS", "true", "true"),
    ("REPLICA_ANY", "true", "true"),
    ("LINEARIZE_READ", "true", "true"),
    ("USE_SMD", "true", "true"),
    ("FAIL_ON_CLUSTER_CHANGE", "false", "false"),
    ("SCAN_PRIORITY", "LOW", "LOW"),
    ("PROFILE", "aql", "aql"),
    ("NAMESPACE", "test", "test"),
    ("SCANS", "refuse", "refuse"),
    ("MAX_ROWS", "10", "10"),
    ("TIMING", "off", "false"),
    ("PAGER", "no", "false"),
]


@pytest.mark.parametrize(
    ("name", "text", "shown"), CHANGES, ids=[f"{n}-{t}" for n, t, _ in CHANGES]
)
def test_changed_and_back(cursor: Any, name: str, text: str, shown: str) -> None:
    before = value(cursor, name)
    cursor.execute(f"SET {name} {text}")
    assert cursor.description is None
    assert value(cursor, name) == shown
    # SHOW SCANS is about queries that run.
    cursor.execute(f"{'GET' if name == 'SCANS' else 'SHOW'} {name}")
    assert cursor.fetchone()[1:3] == (shown, before)
    cursor.execute(f"RESET {name}")
    assert value(cursor, name) == before


def test_all_of_them(cursor: Any) -> None:
    cursor.execute("SET TIMEOUT = 5000")
    cursor.execute("SET OUTPUT TO CSV")
    for statement in ("GET ALL", "SHOW SETTINGS"):
        cursor.execute(statement)
        rows = {row[0]: row[1] for row in cursor.fetchall()}
        assert set(rows) == set(SETTINGS)
        assert (rows["TIMEOUT"], rows["OUTPUT"]) == ("5000", "CSV")
    cursor.execute("RESET ALL")
    assert value(cursor, "TIMEOUT") == "1000"
    assert value(cursor, "OUTPUT") == "TABLE"


WRONG = [
    ("TIMEOUT 'x'", "TIMEOUT is a whole number from 0 on, not 'x'"),
    ("TIMEOUT -1", "from 0 on"),
    ("TIMEOUT 1.5", "a whole number"),
    ("OUTPUT paper", "OUTPUT is one of TABLE, JSON, CSV, RAW, MUTE"),
    ("KEY_SEND maybe", "KEY_SEND is TRUE or FALSE"),
    ("RECORD_TTL -3", "from -2 on"),
    ("PROFILE x", "one of AQL, SQL"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text for text, _ in WRONG])
def test_values_that_are_none(cursor: Any, text: str, message: str) -> None:
    with pytest.raises(errors.ProgrammingError) as caught:
        cursor.execute(f"SET {text}")
    assert message in str(caught.value)


def test_values_by_parameter(cursor: Any) -> None:
    cursor.execute("SET TIMEOUT ?", (1234,))
    assert value(cursor, "TIMEOUT") == "1234"
    cursor.execute("CALL sys.set('timeout', 4321)")
    assert value(cursor, "TIMEOUT") == "4321"


def test_they_belong_to_one_connection(opener: Any) -> None:
    one, other = opener.connection(), opener.connection()
    one.cursor().execute("SET TIMEOUT 7000")
    assert one.settings["TIMEOUT"] == 7000
    assert other.settings["TIMEOUT"] == 1000


# ---- what they change --------------------------------------------------------------------------


def test_a_ttl_for_what_is_written(cursor: Any, table: str) -> None:
    cursor.execute("SET RECORD_TTL 1000")
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES (1, 1)")
    cursor.execute("RESET RECORD_TTL")
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES (2, 1) WITH (ttl = -1)")
    cursor.execute(f"SELECT __ttl FROM {table} WHERE PK = 1")
    assert 990 <= cursor.fetchone()[0] <= 1000
    cursor.execute(f"SELECT __ttl FROM {table} WHERE PK = 2")
    assert cursor.fetchone() == (-1,)


def test_whether_keys_are_stored(cursor: Any, table: str) -> None:
    cursor.execute("SET KEY_SEND false")
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES ('hidden', 1)")
    cursor.execute("SET KEY_SEND true")
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES ('shown', 2)")
    cursor.execute(f"SELECT PK, a FROM {table}")
    assert sorted(cursor.fetchall(), key=lambda row: row[1]) == [(None, 1), ("shown", 2)]


def test_metadata_beside_the_bins(cursor: Any, table: str) -> None:
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES (1, 5)")
    cursor.execute(f"SELECT __digest FROM {table} WHERE PK = 1")
    ((digest,),) = cursor.fetchall()
    cursor.execute("SET RECORD_PRINT_METADATA true")
    for where in ("", " WHERE PK = 1"):
        cursor.execute(f"SELECT * FROM {table}{where}")
        names = [column[0] for column in cursor.description]
        assert names == ["PK", "a", "{digest}", "{set}", "{ttl}", "{gen}"]
        assert cursor.fetchone()[:4] == (1, 5, digest, table.partition(".")[2])
    cursor.execute("SET NO_BINS true")
    cursor.execute("SET RECORD_PRINT_METADATA false")
    cursor.execute(f"SELECT * FROM {table}")
    assert [column[0] for column in cursor.description] == ["{digest}"]
    assert cursor.fetchall() == [(digest,)]
    cursor.execute(f"SELECT a FROM {table}")
    assert cursor.fetchall() == [(5,)]
    cursor.execute("RESET ALL")
    cursor.execute(f"SELECT * FROM {table}")
    assert cursor.fetchall() == [(1, 5)]


def test_use(connection: Any, cursor: Any, namespace: str, fresh_set: str) -> None:
    cursor.execute(f"UPSERT INTO {namespace}.{fresh_set} (PK, a) VALUES (1, 5)")
    cursor.execute(f"USE {namespace}")
    assert connection.database == namespace
    cursor.execute(f"SELECT a FROM {fresh_set}")
    assert cursor.fetchall() == [(5,)]
    cursor.execute("RESET NAMESPACE")
    assert connection.database is None


def test_the_profile(cursor: Any, table: str) -> None:
    cursor.execute(f"INSERT INTO {table} (PK, a) VALUES (1, 'x')")
    with pytest.raises(errors.IntegrityError):
        cursor.execute(f"INSERT INTO {table} (PK, b) VALUES (1, 'y')")
    cursor.execute("SET PROFILE aql")
    cursor.execute(f'INSERT INTO {table} (PK, b) VALUES (1, "y")')
    cursor.execute(f'SELECT a, b FROM {table} WHERE b = "y"')
    assert cursor.fetchall() == [("x", "y")]


def test_guards(cursor: Any, table: str) -> None:
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES (1, 1), (2, 2)")
    cursor.execute("SET SCANS refuse")
    with pytest.raises(errors.Error, match="scans"):
        cursor.execute(f"SELECT * FROM {table}").fetchall()
    cursor.execute("SET SCANS = DEFAULT")
    cursor.execute("SET MAX_ROWS 1")
    with pytest.raises(errors.Error, match="max_rows"):
        cursor.execute(f"SELECT * FROM {table}").fetchall()
    cursor.execute("RESET ALL")
    assert len(cursor.execute(f"SELECT * FROM {table}").fetchall()) == 2


# ---- EXPLAIN of a key --------------------------------------------------------------------------


def test_the_facts_of_a_key(cursor: Any, table: str) -> None:
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES ('k1', 5)")
    cursor.execute(f"SELECT __digest FROM {table} WHERE PK = 'k1'")
    ((digest,),) = cursor.fetchall()
    edigest = base64.b64encode(digest).decode()
    for where, given in (
        ("PK = 'k1'", None),
        ("PK = ?", ("k1",)),
        (f"DIGEST = '{digest.hex()}'", None),
        (f"EDIGEST = '{edigest}'", None),
    ):
        cursor.execute(f"EXPLAIN SELECT * FROM {table} WHERE {where}", given)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row)) for row in cursor.fetchall()]
        (detail,) = [row["detail"] for row in rows if row["node"] == "Get"]
        for fact in (
            f"digest={digest.hex().upper()}",
            f"edigest={edigest}",
            f"partition={int.from_bytes(digest[:2], 'little') & 4095}",
            "master=",
            "timeout=1000",
        ):
            assert fact in detail
