"""What the command line makes of statements: outputs, RUN, echo, timing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aerodbapi
from aerodbapi import errors
from aerodbapi.cli.main import main
from aerodbapi.cli.shell import Shell


@pytest.fixture
def shell() -> Iterator[Shell]:
    with aerodbapi.connect(profile="aql") as connection:
        connection.execute(
            "INSERT INTO test.t (PK, a, l, b) VALUES"
            " (1, 'x', LIST('[1, \"y\"]'), 1), (2, NULL, NULL, 1)"
        )
        made = Shell(connection)
        made.statement("SET TIMING false")
        yield made


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


QUERY = "SELECT PK, a, l FROM test.t WHERE PK IN (1, 2)"
OUTPUTS = {
    "TABLE": """\
+----+-----+------------------+
| PK | a   | l                |
+----+-----+------------------+
| 1  | "x" | LIST('[1, "y"]') |
| 2  |     |                  |
+----+-----+------------------+
2 rows in set

""",
    "JSON": """\
[
  {"PK": 1, "a": "x", "l": [1, "y"]},
  {"PK": 2, "a": null, "l": null}
]
""",
    "CSV": 'PK,a,l\n1,x,"[1, ""y""]"\n2,,\n',
    "RAW": f"""\
{" 1. row ":*^60}
PK: 1
 a: "x"
 l: LIST('[1, "y"]')
{" 2. row ":*^60}
PK: 2
 a:\x20
 l:\x20
2 rows in set

""",
    "MUTE": "2 rows in set\n\n",
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs(shell: Shell, capsys: pytest.CaptureFixture[str], output: str) -> None:
    shell.statement(f"SET OUTPUT {output}")
    shown(capsys)
    shell.statement(QUERY)
    assert shown(capsys) == OUTPUTS[output]


def test_resetting_the_output_resets_it(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.script(f"SET OUTPUT JSON; RESET OUTPUT; {QUERY}")
    assert shown(capsys).endswith(OUTPUTS["TABLE"])


def test_types_are_marked_or_not(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.statement("SET OUTPUT_TYPES false")
    shell.statement(QUERY)
    assert '| [1, "y"] |' in shown(capsys)


def test_timing(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.script(f"SET TIMING true; {QUERY}; INSERT INTO test.t (PK, a) VALUES (3, 1)")
    text = shown(capsys)
    assert "2 rows in set (0." in text
    assert "OK, 1 record affected (0." in text


def test_echo(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.script(f"SET ECHO true; {QUERY}")
    assert f"{QUERY}\n+--" in shown(capsys)


def test_other_outcomes(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.script(
        "DELETE FROM test.t WHERE PK = 1; DELETE FROM test.t WHERE PK = 1;"
        "OPERATE INCR(n, 1) ON test.t WHERE PK = 7; USE test"
    )
    assert shown(capsys).split("\n\n") == [
        "OK, 1 record affected",
        "OK, 0 records affected",
        "OK, 1 record affected",
        "OK",
        "",
    ]


def test_run(shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = tmp_path / "in ner.aql"
    inner.write_text("-- a comment; with a semicolon\nSELECT 7 AS seven;\nSELECT\n  8 AS eight")
    outer = tmp_path / "outer.aql"
    outer.write_text(f"RUN '{inner}';\nSELECT 9 AS nine;")
    shell.statement(f"RUN '{outer}'")
    text = shown(capsys)
    for name in ("seven", "eight", "nine"):
        assert f"| {name}" in text
    assert "SELECT\n  8 AS eight\n" in text


def test_run_of_what_cannot_be_run(shell: Shell, tmp_path: Path) -> None:
    with pytest.raises(errors.OperationalError, match="cannot read"):
        shell.statement(f"RUN '{tmp_path / 'missing'}'")
    endless = tmp_path / "endless.aql"
    endless.write_text(f"RUN '{endless}'")
    with pytest.raises(errors.ProgrammingError, match="too deeply"):
        shell.statement(f"RUN '{endless}'")
    wrong = tmp_path / "wrong.aql"
    wrong.write_text("SELECT 1;\nSELEC 2;\nSELECT 3")
    with pytest.raises(errors.SyntaxError, match="SELEC"):
        shell.statement(f"RUN '{wrong}'")


def test_a_script_stops_at_a_mistake_or_goes_on(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SELECT 1 AS one; SELEC 2; SELECT 3 AS three"
    assert shell.script(text) == 1
    out, err = capsys.readouterr()
    assert "one" in out
    assert "three" not in out
    assert "SyntaxError" in err
    assert shell.script(text, keep_going=True) == 1
    assert "three" in shown(capsys)


def test_options_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-o", "csv", "-e", "-c", "SELECT 1 AS one; GET OUTPUT"]) == 0
    out = shown(capsys)
    assert out.startswith(
        "SELECT 1 AS one\none\n1\nGET OUTPUT\nname,value,default,meaning\nOUTPUT,CSV"
    )
    assert main(["-o", "json", "-c", "EXPLAIN SELECT * FROM test.t WHERE PK = 1"]) == 0
    assert "edigest=" in json.loads(shown(capsys))[1]["detail"]


def test_options_that_say_how_to_connect(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def connect(**keywords: Any) -> Any:
        seen.update(keywords)
        raise errors.ConnectionFailed("not here")

    monkeypatch.setattr("aerodbapi.cli.main.connect", connect)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed")
    words = "-h h:1 -U ann -a --tls-enable --tls-cafile ca.pem --auth pki --socket-timeout 5 -T 7"
    assert main([*words.split(), "-c", "SELECT 1", "-P"]) == 1
    assert seen == {
        "url": None,
        "profile": "aql",
        "hosts": "h:1",
        "user": "ann",
        "password": "typed",
        "auth": "pki",
        "tls": "true",
        "tls_cafile": "ca.pem",
        "services_alternate": "true",
        "socket_timeout": "5",
        "timeout": "7",
    }
    assert main(["-P", "given", "-c", "SELECT 1"]) == 1
    assert seen["password"] == "given"


def test_the_folder_of_modules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-u", "/tmp/lua", "-o", "csv", "-c", "GET LUA_USERPATH"]) == 0
    assert "LUA_USERPATH,/tmp/lua" in shown(capsys)


def test_scripts_keep_their_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "s.aql"
    file.write_text("SET OUTPUT MUTE;\nSELECT 1;\n")
    assert main(["-f", str(file)]) == 0
    assert "1 row in set" in shown(capsys)


class Broken:
    """A result that fails on the way."""

    description = (("a",),)

    def __iter__(self) -> Any:
        yield (1,)
        raise errors.OperationalError("it broke")


def test_an_error_between_rows(shell: Shell) -> None:
    with pytest.raises(errors.OperationalError):
        shell._print("SELECT", Broken(), 0.0)
