"""EXECUTE, CALL, UDF(…) and AGGREGATE; modules and the jobs that run in the background."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aerodbapi import errors

pytest.importorskip("lupa")

LUA = """
function echo(rec, x) return x end
function inc(rec, bin, n)
    rec[bin] = (rec[bin] or 0) + n
    if aerospike:exists(rec) then aerospike:update(rec) else aerospike:create(rec) end
    return rec[bin]
end
function fail(rec) error('no luck') end
local function number(rec) return rec['n'] end
local function add(a, b) return a + b end
function total(stream) return stream : map(number) : reduce(add) end
function over(stream, least)
    local function is_over(rec) return rec['n'] > least end
    return stream : filter(is_over) : map(number) : reduce(add)
end
"""
HELPED = """
local helper = require('%s')
local function number(rec) return helper.double(rec['n']) end
local function add(a, b) return a + b end
function total(stream) return stream : map(number) : reduce(add) end
"""
HELPER = "local M = {}\nfunction M.double(n) return n * 2 end\nreturn M\n"


@pytest.fixture
def module(cursor: Any, fresh_set: str) -> Iterator[str]:
    """Name a module that is registered."""
    name = f"a_{fresh_set}"
    cursor.execute("REGISTER MODULE ? AS ?", (f"{name}.lua", LUA))
    yield name
    cursor.execute("REMOVE MODULE ?", (f"{name}.lua",))


@pytest.fixture
def filled(cursor: Any, table: str) -> str:
    """Name a table with five records: n from 1 to 5, under the keys 1 to 5."""
    cursor.executemany(
        f"UPSERT INTO {table} (PK, n, t) VALUES (?, ?, ?)",
        [(n, n, "x" if n % 2 else "y") for n in range(1, 6)],
    )
    return table


def until(test: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not test():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# ---- record UDFs -------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["EXECUTE", "CALL"])
def test_a_record_by_its_key(cursor: Any, filled: str, module: str, verb: str) -> None:
    cursor.execute(f"{verb} {module}.inc('n', 10) ON {filled} WHERE PK = 2")
    assert [column[0] for column in cursor.description] == ["inc"]
    assert cursor.fetchall() == [(12,)]
    assert cursor.rowcount == 1


def test_values_go_and_come_back(cursor: Any, filled: str, module: str) -> None:
    for value in (1, -5, 1.5, "é", b"\x00\xff", True, None, [1, ["a"]], {"a": {"b": 1}}):
        cursor.execute(f"EXECUTE {module}.echo(?) ON {filled} WHERE PK = ?", (value, 1))
        assert cursor.fetchone() == (value,)
    cursor.execute(f"EXECUTE {module}.echo(MAP('{{\"a\": [1]}}')) ON {filled} WHERE PK = 1")
    assert cursor.fetchone() == ({"a": [1]},)


def test_a_record_that_the_function_makes(cursor: Any, filled: str, module: str) -> None:
    cursor.execute(f"EXECUTE {module}.inc('n', 7) ON {filled} WHERE PK = 'new'")
    assert cursor.fetchall() == [(7,)]
    cursor.execute(f"SELECT n FROM {filled} WHERE PK = 'new'")
    assert cursor.fetchall() == [(7,)]


def test_several_keys_and_a_further_condition(cursor: Any, filled: str, module: str) -> None:
    cursor.execute(f"EXECUTE {module}.inc('n', 10) ON {filled} WHERE PK IN (1, 2, 3) AND n > 1")
    assert sorted(cursor.fetchall()) == [(12,), (13,)]
    cursor.execute(f"EXECUTE {module}.inc('n', 10) ON {filled} WHERE PK = 1 AND n > 1")
    assert cursor.fetchall() == []
    cursor.execute(f"SELECT n FROM {filled} WHERE PK = 1")
    assert cursor.fetchall() == [(1,)]


def test_udf_in_a_select(cursor: Any, filled: str, module: str) -> None:
    cursor.execute(f"SELECT UDF('{module}', 'inc', 'n', 1) AS after FROM {filled} WHERE n >= 4")
    assert [column[0] for column in cursor.description] == ["after"]
    assert sorted(cursor.fetchall()) == [(5,), (6,)]


def test_a_function_that_fails(cursor: Any, filled: str, module: str) -> None:
    for where in ("PK = 1", "PK IN (1, 2)"):
        with pytest.raises(errors.UDFError, match="no luck"):
            cursor.execute(f"EXECUTE {module}.fail() ON {filled} WHERE {where}").fetchall()
    with pytest.raises(errors.UDFError):
        cursor.execute(f"EXECUTE {module}.missing() ON {filled} WHERE PK = 1")


@pytest.mark.parametrize("where", ["", " WHERE t = 'x'", " WHERE n BETWEEN 2 AND 4"])
def test_in_the_background(cursor: Any, filled: str, module: str, where: str) -> None:
    cursor.execute(f"SELECT n FROM {filled}{where}")
    expected = sum(n + 100 for (n,) in cursor.fetchall())
    cursor.execute(f"EXECUTE {module}.inc('n', 100) ON {filled}{where}")
    assert [column[0] for column in cursor.description] == ["job"]
    ((job,),) = cursor.fetchall()

    def done() -> bool:
        cursor.execute(f"SELECT n FROM {filled} WHERE n > 50")
        return sum(n for (n,) in cursor.fetchall()) == expected

    until(done)
    cursor.execute("SHOW JOBS")
    names = [column[0] for column in cursor.description]
    jobs = [dict(zip(names, row)) for row in cursor.fetchall()]
    assert "background-udf" in [entry["kind"] for entry in jobs if entry["job"] == job]


def test_in_the_background_through_an_index(cursor: Any, filled: str, module: str) -> None:
    index = f"i_{module}"
    cursor.execute(f"CREATE INDEX {index} ON {filled} (n) NUMERIC")
    try:
        cursor.execute(f"EXECUTE {module}.inc('n', 100) ON {filled} WHERE n = 3").fetchall()

        def done() -> bool:
            cursor.execute(f"SELECT n FROM {filled} WHERE PK = 3")
            return cursor.fetchall() == [(103,)]

        until(done)
    finally:
        cursor.execute(f"DROP INDEX {index} ON {filled}")


def test_killing_what_is_not_there(cursor: Any) -> None:
    for statement in ("KILL QUERY 5", "KILL_SCAN 5", "CALL sys.kill_query('5')"):
        with pytest.raises(errors.RecordNotFound, match="no node is at work"):
            cursor.execute(statement)
    with pytest.raises(errors.ProgrammingError, match="takes the number of a job"):
        cursor.execute("KILL QUERY ?", ("x",))


# ---- stream UDFs -------------------------------------------------------------------------------


def test_aggregation_is_finished_here(cursor: Any, filled: str, module: str) -> None:
    cursor.execute(f"AGGREGATE {module}.total() ON {filled}")
    assert [column[0] for column in cursor.description] == ["total"]
    assert cursor.fetchall() == [(15,)]
    cursor.execute(f"AGGREGATE {module}.over(?) ON {filled}", (3,))
    assert cursor.fetchall() == [(9,)]
    cursor.execute(f"SELECT AGGREGATE('{module}', 'over', 4) AS sum FROM {filled}")
    assert cursor.description[0][0] == "sum"
    assert cursor.fetchall() == [(5,)]


def test_aggregation_of_what_an_index_finds(cursor: Any, filled: str, module: str) -> None:
    with pytest.raises(errors.NotSupportedError, match="that a secondary index answers"):
        cursor.execute(f"AGGREGATE {module}.total() ON {filled} WHERE t = 'x'")
    index = f"i_{module}"
    cursor.execute(f"CREATE INDEX {index} ON {filled} (t) STRING")
    try:
        cursor.execute(f"AGGREGATE {module}.total() ON {filled} WHERE t = 'x'")
        assert cursor.fetchall() == [(9,)]
        cursor.execute(f"AGGREGATE {module}.total() ON {filled} WHERE t = 'z'")
        assert cursor.fetchall() == []
    finally:
        cursor.execute(f"DROP INDEX {index} ON {filled}")


def test_aggregation_is_not_about_a_key(cursor: Any, filled: str, module: str) -> None:
    with pytest.raises(errors.NotSupportedError, match="not about those of a key"):
        cursor.execute(f"AGGREGATE {module}.total() ON {filled} WHERE PK = 1")


def test_modules_that_require_others(cursor: Any, filled: str, fresh_set: str) -> None:
    helper, main = f"h_{fresh_set}", f"m_{fresh_set}"
    cursor.execute("REGISTER MODULE ? AS ?", (f"{helper}.lua", HELPER))
    cursor.execute("REGISTER MODULE ? AS ?", (f"{main}.lua", HELPED % helper))
    try:
        cursor.execute(f"AGGREGATE {main}.total() ON {filled}")
        assert cursor.fetchall() == [(30,)]
    finally:
        for name in (main, helper):
            cursor.execute(f"REMOVE MODULE {name}.lua")


# ---- modules -----------------------------------------------------------------------------------


def test_modules_come_and_go(cursor: Any, fresh_set: str, tmp_path: Any) -> None:
    file = tmp_path / f"f_{fresh_set}.lua"
    file.write_text(LUA)
    cursor.execute(f"REGISTER MODULE '{file}'")
    cursor.execute("SHOW MODULES")
    (listed,) = [row for row in cursor.fetchall() if row[0] == file.name]
    cursor.execute(f"DESC MODULE {file.name}")
    name, kind, digest, content = cursor.fetchone()
    assert (name, kind, digest, content) == (file.name, "LUA", listed[1], LUA)
    cursor.execute(f"REMOVE MODULE {file.name}")
    with pytest.raises(errors.ProgrammingError, match="there is no module"):
        cursor.execute(f"REMOVE MODULE {file.name}")
    with pytest.raises(errors.Error):
        cursor.execute(f"DESC MODULE {file.name}")


def test_modules_that_are_none(cursor: Any, tmp_path: Any) -> None:
    with pytest.raises(errors.Error, match="no Lua module can be read"):
        cursor.execute(f"REGISTER MODULE '{tmp_path / 'missing.lua'}'")
    with pytest.raises(errors.UDFError, match="compile_error"):
        cursor.execute("REGISTER MODULE 'bad.lua' AS 'function ('")
