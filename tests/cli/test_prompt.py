"""The prompt: driven through prompt_toolkit's pipe, without it, and its pager."""

from __future__ import annotations

import builtins
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import aerodbapi
from aerodbapi.cli import paging, prompt
from aerodbapi.cli.completing import Names
from aerodbapi.cli.shell import Shell

ENTER, CONTROL_C, CONTROL_D, TAB, UP = "\r", "\x03", "\x04", "\t", "\x1b[A"
PAUSE = "…"  # for what is done beside the prompt


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setenv("AERODBAPI_HISTORY", str(tmp_path / "history"))
    with aerodbapi.connect(namespace="test", profile="aql") as connection:
        connection.execute("INSERT INTO test.people (PK, name) VALUES (1, 'Ann')")
        yield Shell(connection)


@pytest.fixture
def typed(shell: Shell, capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Give what types keys at a prompt_toolkit prompt, and returns what was printed."""
    pytest.importorskip("prompt_toolkit")
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    def run(keys: str) -> str:
        first, *others = keys.split(PAUSE)
        with create_pipe_input() as pipe:
            pipe.send_text(first)
            for number, text in enumerate(others, 1):
                threading.Timer(0.5 * number, pipe.send_text, (text,)).start()
            names = Names(shell.connection)
            made = prompt.make_session(names, input=pipe, output=DummyOutput())
            prompt.prompt(shell, session=made)
        out, err = capsys.readouterr()
        return str(out) + str(err)

    return run


# ---- with prompt_toolkit -----------------------------------------------------------------------


def test_a_statement_and_the_end(typed: Callable[[str], str]) -> None:
    shown = typed(f"SELECT name FROM test.people;{ENTER}quit{ENTER}")
    assert '| "Ann" |' in shown
    assert "1 row in set" in shown


@pytest.mark.parametrize("end", ["exit", "quit;", "\\q", "Q"])
def test_ways_to_leave(typed: Callable[[str], str], end: str) -> None:
    assert typed(f"{end}{ENTER}") == ""


def test_the_end_of_input(typed: Callable[[str], str]) -> None:
    assert typed(CONTROL_D) == "\n"


def test_several_lines(typed: Callable[[str], str]) -> None:
    shown = typed(
        f"SELECT name{ENTER}FROM test.people{ENTER}WHERE name = 'Ann;'{ENTER};{ENTER}q{ENTER}"
    )
    assert "0 rows in set" in shown


def test_an_empty_line_does_nothing(typed: Callable[[str], str]) -> None:
    assert typed(f"{ENTER}{ENTER}q{ENTER}") == ""


def test_interrupting_forgets_what_was_typed(typed: Callable[[str], str]) -> None:
    shown = typed(f"SELECT nonsense{CONTROL_C}SELECT 44 AS it;{ENTER}q{ENTER}")
    assert "| 44 |" in shown
    assert "nonsense" not in shown


def test_a_mistake_does_not_end_it(typed: Callable[[str], str]) -> None:
    shown = typed(f"SELEC 1;{ENTER}SELECT 55 AS it;{ENTER}q{ENTER}")
    assert "did you mean SELECT" in shown
    assert "| 55 |" in shown


def test_help(typed: Callable[[str], str]) -> None:
    for word in ("help", "\\h", "HELP SELECT;"):
        assert "Statements end with a semicolon" in typed(f"{word}{ENTER}q{ENTER}")


def test_history_without_passwords(typed: Callable[[str], str]) -> None:
    typed(f"SELECT 77 AS it;{ENTER}CREATE USER u PASSWORD 'hidden';{ENTER}q{ENTER}")
    kept = prompt.history_file().read_text()
    assert "SELECT 77" in kept
    assert "hidden" not in kept
    shown = typed(f"{UP}{UP}{ENTER}q{ENTER}")
    assert "| 77 |" in shown


def test_completion(typed: Callable[[str], str]) -> None:
    pytest.importorskip("prompt_toolkit")
    assert '"Ann"' in typed(f"SELECT name FROM test.peo{TAB}{PAUSE};{ENTER}q{ENTER}")


def test_interrupting_a_statement_comes_back(
    typed: Callable[[str], str], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Shell.statement

    def statement(self: Shell, text: str, **options: Any) -> None:
        if "slow" in text:
            raise KeyboardInterrupt
        run(self, text, **options)

    monkeypatch.setattr(Shell, "statement", statement)
    shown = typed(f"SELECT slow;{ENTER}SELECT 66 AS it;{ENTER}q{ENTER}")
    assert "interrupted" in shown
    assert "| 66 |" in shown


def test_words_have_colours() -> None:
    pytest.importorskip("pygments")
    from pygments.token import Comment, Keyword, Name, Number, String

    from aerodbapi.cli.highlighting import StatementLexer

    text = "SELECT COUNT(*), a FROM t WHERE b = 'it''s' AND c > 1.5 AND PK = :p -- done"
    found = {(str(kind), word) for kind, word in StatementLexer().get_tokens(text)}
    for kind, word in (
        (Keyword, "SELECT"),
        (Name.Function, "COUNT"),
        (Name, "a"),
        (String.Single, "'it''s'"),
        (Number, "1.5"),
        (Name.Builtin, "PK"),
        (Name.Variable, ":p"),
        (Comment.Single, "-- done"),
    ):
        assert (str(kind), word) in found


# ---- without it --------------------------------------------------------------------------------


def test_plain_input(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    lines = iter(
        ["SELECT name", "FROM test.people;", "SELEC", ";", "help", KeyboardInterrupt(), "exit"]
    )
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        line = next(lines)
        if isinstance(line, BaseException):
            raise line
        return line

    monkeypatch.setattr(builtins, "input", answer)
    prompt.prompt(shell)
    out, err = capsys.readouterr()
    assert '| "Ann" |' in out
    assert "Statements end with" in out
    assert "did you mean SELECT" in err
    assert asked[:3] == ["aerodbapi> ", "      ...> ", "aerodbapi> "]


def test_without_prompt_toolkit(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    assert prompt._session(Names(shell.connection)) is None


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("", True),
        ("SELECT 1;", True),
        ("SELECT 1", False),
        ("SELECT ';'", False),
        ("SELECT 1; -- done", True),
        ("SELECT 1; SELECT", False),
        ("/* open ;", False),
        ("SELECT 'a;", False),
    ],
)
def test_complete(text: str, complete: bool) -> None:
    assert prompt.complete(text) is complete


# ---- the pager ---------------------------------------------------------------------------------


def test_what_fits_is_not_paged() -> None:
    out = io.StringIO()
    stream = paging.Paged(out, ("false",), os.terminal_size((20, 10)))
    stream.writelines(["short\n"] * 5)
    assert out.getvalue() == ""
    stream.close()
    assert out.getvalue() == "short\n" * 5


@pytest.mark.parametrize("lines", [["x" * 21 + "\n"], ["x\n"] * 9, ["é日" * 8 + "\n"]])
def test_what_does_not_fit_is(lines: list[str], tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    stream = paging.Paged(
        io.StringIO(), ("sh", "-c", f"cat > '{seen}'"), os.terminal_size((20, 10))
    )
    stream.writelines(lines)
    stream.write("last\n")
    stream.close()
    assert seen.read_text() == "".join(lines) + "last\n"


def test_a_reader_that_leaves_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "head -1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with paging.paged() as out:
        for _ in range(200_000):
            out.write("x" * 300 + "\n")


def test_the_pager_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "no-such-program")
    assert paging.pager_command() == ()
    monkeypatch.setenv("PAGER", "head -5")
    assert paging.pager_command() == ("head", "-5")
    with paging.paged() as out:  # no terminal: no pager
        assert out is sys.stdout


def test_nothing_of_the_extra_is_imported_without_a_terminal() -> None:
    program = (
        "import sys; from aerodbapi.cli.main import main; main(['-c', 'SELECT 1']);"
        "print([name for name in ('prompt_toolkit', 'pygments') if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines()[-1] == "[]"
