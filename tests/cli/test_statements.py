"""Statements from the command line, files and standard input; how results and errors look."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aerodbapi.cli.main import main


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AEROSPIKE_HOSTS", "AEROSPIKE_USER", "AEROSPIKE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))


class Ran:
    """What one run of the command gave."""

    def __init__(self, capsys: Any, arguments: tuple[str, ...]) -> None:
        self.status = main(list(arguments))
        self.out, self.err = capsys.readouterr()


@pytest.fixture
def aerodbapi(capsys: Any) -> Any:
    return lambda *arguments: Ran(capsys, arguments)


INSERT = "INSERT INTO test.demo (PK, name, age) VALUES ('u1', 'Ann', 31)"


def lines(text: str) -> list[str]:
    """The lines without the times they say, and without the empty one at the end."""
    assert text.endswith("\n\n")
    return [re.sub(r" \([0-9.]+ secs\)$", "", line) for line in text[:-2].splitlines()]


# ---- where statements come from ----------------------------------------------------------------


def test_a_table(aerodbapi: Any) -> None:
    ran = aerodbapi("-c", f"{INSERT}; SELECT * FROM test.demo")
    assert ran.status == 0
    assert ran.err == ""
    assert lines(ran.out) == [
        "OK, 1 record affected",
        "",
        "+------+-------+-----+",
        "| PK   | name  | age |",
        "+------+-------+-----+",
        '| "u1" | "Ann" | 31  |',
        "+------+-------+-----+",
        "1 row in set",
    ]


def test_commands_run_in_order_on_one_connection(aerodbapi: Any) -> None:
    ran = aerodbapi(
        "-c", INSERT, "-c", "UPDATE test.demo SET age = 5", "-c", "SELECT age FROM test.demo"
    )
    assert ran.status == 0
    assert "| 5   |" in ran.out


def test_a_file_of_statements(aerodbapi: Any, tmp_path: Path) -> None:
    script = tmp_path / "script.aql"
    script.write_text(
        "-- first; a comment\n"
        f"{INSERT};\n\n"
        "/* a ; b */ SELECT name\n  FROM test.demo\n  WHERE name <> ';' ;\n"
        "# the end\n",
        "utf-8",
    )
    ran = aerodbapi("-f", str(script))
    assert ran.status == 0
    assert '| "Ann" |' in ran.out


def test_standard_input(aerodbapi: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{INSERT};\nSELECT age FROM test.demo"))
    ran = aerodbapi()
    assert ran.status == 0
    assert "| 31  |" in ran.out


@pytest.mark.parametrize("text", ["", ";;", "-- nothing\n", "  \n"])
def test_nothing_to_do(aerodbapi: Any, text: str) -> None:
    ran = aerodbapi("-c", text)
    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_a_file_that_is_not_there(aerodbapi: Any, tmp_path: Path) -> None:
    ran = aerodbapi("-f", str(tmp_path / "nothing.aql"))
    assert ran.status == 1
    assert "nothing.aql" in ran.err
    assert ran.out == ""


def test_a_file_that_is_no_text(aerodbapi: Any, tmp_path: Path) -> None:
    (tmp_path / "x.aql").write_bytes(b"SELECT '\xff\xfe'")
    ran = aerodbapi("-f", str(tmp_path / "x.aql"))
    assert ran.status == 1
    assert "x.aql" in ran.err


# ---- errors ------------------------------------------------------------------------------------


def test_an_error_ends_the_run(aerodbapi: Any) -> None:
    ran = aerodbapi("-c", f"{INSERT}; SELEC 1; SELECT 2", "-c", "SELECT 3")
    assert ran.status == 1
    assert "SyntaxError" in ran.err
    assert "^^^^^" in ran.err
    assert "SyntaxError" not in ran.out
    assert "| 2 |" not in ran.out
    assert "| 3 |" not in ran.out


def test_keep_going(aerodbapi: Any) -> None:
    ran = aerodbapi("--keep-going", "-c", "SELEC 1; SELECT 2", "-c", "SELECT 3")
    assert ran.status == 1
    assert "SyntaxError" in ran.err
    assert "| 2 |" in ran.out
    assert "| 3 |" in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-h", "127.0.0.1", "-p", "1", "-c", "SELECT 1"), "ConnectionFailed"),
        (("--url", "postgres://x", "-c", "SELECT 1"), "aerospike://"),
        (("--url", "aerospike://h?timeuot=1", "-c", "SELECT 1"), "timeout"),
        (("-p", "many", "-c", "SELECT 1"), "port"),
        (("--data", "/nowhere/at/all.db", "-c", "SELECT 1"), "all.db"),
        (("--data", "x.db", "-h", "127.0.0.1", "-c", "SELECT 1"), "--data"),
        (("-c", "SELECT * FROM test.t WHERE PK = ?"), "no value for parameter"),
    ],
)
def test_errors(aerodbapi: Any, arguments: tuple[str, ...], words: str) -> None:
    ran = aerodbapi(*arguments)
    assert ran.status == 1
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("arguments", [("--nonsense",), ("-o", "xml"), ("--profile", "mysql")])
def test_wrong_usage(aerodbapi: Any, capsys: Any, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        aerodbapi(*arguments)
    assert caught.value.code == 2
    assert "usage: aerodbapi" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--help",), ("load", "--help"), ("serve", "--help")])
def test_help(aerodbapi: Any, capsys: Any, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        aerodbapi(*arguments)
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: aerodbapi")
    assert all(len(line) <= 100 for line in out.splitlines())


def test_the_version(aerodbapi: Any, capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        aerodbapi("-V")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("aerodbapi ")


# ---- profiles ----------------------------------------------------------------------------------


def test_the_profile_is_aql_unless_told(aerodbapi: Any) -> None:
    again = "INSERT INTO test.demo (PK, city) VALUES ('u1', \"Oslo\")"
    ran = aerodbapi("-c", f"{INSERT}; {again}; SELECT city, name FROM test.demo")
    assert ran.status == 0
    assert '| "Oslo" | "Ann" |' in ran.out
    ran = aerodbapi("--profile", "sql", "-c", f"{INSERT}; {INSERT}")
    assert ran.status == 1
    assert "RecordExists" in ran.err


def test_a_namespace(aerodbapi: Any) -> None:
    ran = aerodbapi("-n", "test", "-c", f"{INSERT}; SELECT name FROM test.demo")
    assert ran.status == 0


# ---- outputs -----------------------------------------------------------------------------------

ODD = (
    "INSERT INTO test.odd (PK, s, b, l, m, g, t) VALUES "
    "(1, 'a\nb\t\u001b[31m', X'00ff', LIST('[1, null, \"x\"]'), MAP('{\"k\": [1]}'), "
    'GEOJSON(\'{"type": "Point", "coordinates": [1, 2]}\'), TRUE); '
    "SELECT s, b, l, m, g, t, none FROM test.odd"
)


def test_cells(aerodbapi: Any) -> None:
    ran = aerodbapi("-c", ODD)
    row = next(line for line in ran.out.splitlines() if "LIST" in line)
    cells = [cell.strip() for cell in row.strip("|").split(" | ")]
    assert cells == [
        '"a\\nb\\t\\x1b[31m"',
        "X'00ff'",
        "LIST('[1, null, \"x\"]')",
        "MAP('{\"k\": [1]}')",
        'GeoJSON(\'{"type": "Point", "coordinates": [1, 2]}\')',
        "true",
        "",
    ]
    assert "\x1b" not in ran.out


def test_wide_characters_keep_the_columns_straight(aerodbapi: Any) -> None:
    ran = aerodbapi(
        "-c",
        "INSERT INTO test.w (PK, n) VALUES (1, '東京'), (2, 'abcd'), (3, 'é'), (4, 'e\u0301'); "
        "SELECT n FROM test.w",
    )
    lines = [line for line in ran.out.splitlines() if line.startswith("|")]
    assert '| "東京" |' in lines
    assert '| "abcd" |' in lines
    assert '| "é"    |' in lines
    assert '| "e\u0301"    |' in lines


def test_an_empty_table(aerodbapi: Any) -> None:
    ran = aerodbapi("-c", "SELECT PK, a FROM test.nothing")
    assert lines(ran.out) == [
        "+----+---+",
        "| PK | a |",
        "+----+---+",
        "+----+---+",
        "0 rows in set",
    ]


def test_a_long_table_measures_block_by_block(aerodbapi: Any) -> None:
    rows = ", ".join(f"({i}, '{'x' * (i // 100)}')" for i in range(2500))
    ran = aerodbapi(
        "-c", f"INSERT INTO test.long (PK, s) VALUES {rows}; SELECT PK, s FROM test.long"
    )
    assert ran.status == 0
    assert "OK, 2500 records affected" in ran.out
    assert "2500 rows in set" in ran.out
    table = [line for line in ran.out.splitlines() if line.startswith("|")]
    assert sum(line.startswith("| PK ") for line in table) in (1, 2, 3)
    assert len(table) == 2500 + sum(line.startswith("| PK ") for line in table)


def test_json(aerodbapi: Any) -> None:
    ran = aerodbapi("-o", "json", "-c", ODD)
    first, _, rest = ran.out.partition("\n")
    assert json.loads(first) == [{"affected": 1}]
    assert json.loads(rest) == [
        {
            "s": "a\nb\t\x1b[31m",
            "b": "00ff",
            "l": [1, None, "x"],
            "m": {"k": [1]},
            "g": {"type": "Point", "coordinates": [1, 2]},
            "t": True,
            "none": None,
        }
    ]
    assert aerodbapi("-o", "json", "-c", "SELECT * FROM test.none").out == "[]\n"


def test_json_of_what_json_has_not(tmp_path: Path, aerodbapi: Any) -> None:
    import aerodbapi as package

    with package.connect(f"aerospike:///{tmp_path}/x.db") as connection:
        value = {1: float("inf"), b"k": b"\xff", "n": [float("nan")]}
        connection.execute("INSERT INTO test.t (PK, v) VALUES (1, ?)", (value,))
    ran = aerodbapi("--data", f"{tmp_path}/x.db", "-o", "json", "-c", "SELECT v FROM test.t")
    assert json.loads(ran.out) == [{"v": {"1": "inf", "6b": "ff", "n": ["nan"]}}]


def test_raw(aerodbapi: Any) -> None:
    ran = aerodbapi("-o", "raw", "-c", f"{INSERT}; SELECT PK, name FROM test.demo")
    assert lines(ran.out) == [
        "OK, 1 record affected",
        "",
        " 1. row ".center(60, "*"),
        '  PK: "u1"',
        'name: "Ann"',
        "1 row in set",
    ]


def test_explain_is_a_tree(aerodbapi: Any) -> None:
    ran = aerodbapi("-c", "EXPLAIN SELECT name FROM test.demo WHERE age > 5 LIMIT 3")
    first, second, third, *_ = ran.out.splitlines()
    assert first.startswith("Project (name)")
    assert second.strip().startswith("Limit")
    assert third.startswith("    PartitionQuery test.demo")
    assert "age > 5" in third
    ran = aerodbapi("-o", "json", "-c", "EXPLAIN SELECT name FROM test.demo WHERE PK = 1")
    assert [row["node"] for row in json.loads(ran.out)] == ["Project", "Get"]


def test_a_count_that_is_not_known(aerodbapi: Any) -> None:
    ran = aerodbapi("-c", f"{INSERT}; TRUNCATE test.demo")
    assert lines(ran.out)[-1] == "OK"


# ---- as a process ------------------------------------------------------------------------------


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "aerodbapi", *arguments),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        **options,
    )


def test_a_process(tmp_path: Path) -> None:
    ran = command("-c", INSERT, "--data", "x.db", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    ran = command("--data", "x.db", "-o", "json", cwd=tmp_path, input="SELECT * FROM test.demo")
    assert json.loads(ran.stdout) == [{"PK": "u1", "name": "Ann", "age": 31}]
    ran = command("-c", "SELEC", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("SyntaxError: ")


def test_a_reader_that_leaves_early() -> None:
    process = subprocess.Popen(
        (sys.executable, "-m", "aerodbapi"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    rows = ", ".join(f"({i}, '{'x' * 500}')" for i in range(5000))
    with process:
        process.stdout.close()
        process.stdin.write(f"INSERT INTO test.t (PK, a) VALUES {rows}; SELECT * FROM test.t;")
        process.stdin.close()
        complaint = process.stderr.read()
        assert process.wait(60) == 0
    assert complaint == ""


def test_warnings_go_to_standard_error(node_address: tuple[str, int], fresh_set: str) -> None:
    """Bins beyond the sample are not columns: a person who looks at a table has to know."""
    import aerodbapi as package

    host, port = node_address
    with package.connect(hosts=[node_address]) as connection:
        rows = [(i, {"b": 0} if i else {}) for i in range(3000)]
        connection.cursor().executemany(f"INSERT INTO test.{fresh_set} (PK, a) VALUES (?, ?)", rows)
        keys = [key for (key,) in connection.execute(f"SELECT PK FROM test.{fresh_set}")]
        connection.execute(f"UPDATE test.{fresh_set} SET late = 1 WHERE PK = ?", (keys[-1],))
    ran = command("-h", host, "-p", str(port), "-c", f"SELECT * FROM test.{fresh_set}")
    assert ran.returncode == 0
    assert ("late" in ran.stdout) != ("Warning: " in ran.stderr)
