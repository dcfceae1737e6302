"""The prompt on a terminal, and `aerodbapi serve` as a process."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aerodbapi

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
COMMAND = (sys.executable, "-m", "aerodbapi")

# ---- the prompt --------------------------------------------------------------------------------

pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX's")


class Prompt:
    """The command on a pseudo-terminal."""

    def __init__(self) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            COMMAND,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def expect(self, text: str, seconds: float = 30) -> str:
        """Read until `text` comes; return what stood before it since the last time."""
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            left = max(deadline - time.monotonic(), 0)
            ready, _, _ = select.select([self.master], [], [], left)
            assert ready, f"no {text!r} in {self.seen!r}"
            self.seen += os.read(self.master, 65536).decode()
        before, _, self.seen = self.seen.partition(text)
        return before.replace("\r\n", "\n")

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())


@pytest.fixture
def prompt() -> Iterator[Prompt]:
    made = Prompt()
    try:
        made.expect("aerodbapi> ")
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        os.close(made.master)


def test_statements_and_their_results(prompt: Prompt) -> None:
    prompt.type("INSERT INTO test.t (PK, a) VALUES (1, 'x');\n")
    assert "OK, 1 record affected" in prompt.expect("aerodbapi> ")
    prompt.type("SELECT a\n")
    prompt.expect("...> ")
    prompt.type("FROM test.t;\n")
    assert '| "x" |' in prompt.expect("aerodbapi> ")
    prompt.type("exit\n")
    assert prompt.process.wait(10) == 0


def test_semicolons_that_end_nothing(prompt: Prompt) -> None:
    for line in ("SELECT ';'", "  , 'a;\n", "/* b;\n"):
        prompt.type(line + "\n" if not line.endswith("\n") else line)
        prompt.expect("...> ")
    prompt.type("*/ c' AS it; -- done\n")
    shown = prompt.expect("aerodbapi> ")
    assert '";"' in shown
    assert "Error" not in shown


def test_two_statements_on_a_line(prompt: Prompt) -> None:
    prompt.type("SELECT 11; SELECT 22;\n")
    shown = prompt.expect("aerodbapi> ")
    assert "| 11 |" in shown
    assert "| 22 |" in shown


def test_a_mistake_does_not_end_the_prompt(prompt: Prompt) -> None:
    prompt.type("SELEC 1;\n")
    assert "did you mean SELECT" in prompt.expect("aerodbapi> ")
    prompt.type("SELECT 33;\n")
    assert "| 33 |" in prompt.expect("aerodbapi> ")


def test_interrupting_forgets_what_was_typed(prompt: Prompt) -> None:
    prompt.type("SELECT 1 FROM nonsense\n")
    prompt.expect("...> ")
    for attempt in range(10):
        # A signal between the printing of a prompt and the wait for a key is seen by `input()`
        # only with the next key: whoever types presses Ctrl-C again.
        os.killpg(prompt.process.pid, signal.SIGINT)
        try:
            prompt.expect("aerodbapi> ", 2)
            break
        except AssertionError:
            assert attempt < 9
    prompt.type("SELECT 44;\n")
    assert "| 44 |" in prompt.expect("aerodbapi> ")


@pytest.mark.parametrize("end", ["quit\n", "EXIT;\n", "q\n", "\x04"])
def test_the_end(prompt: Prompt, end: str) -> None:
    prompt.type(end)
    assert prompt.process.wait(10) == 0


# ---- serve -------------------------------------------------------------------------------------


@contextlib.contextmanager
def served(*arguments: str, **options: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that serves, and its URL."""
    process = subprocess.Popen(
        (*COMMAND, "serve", "--port", "0", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        **options,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"listening on (127\.0\.0\.1:\d+)\n", line)
        assert found, line
        yield process, f"aerospike://{found[1]}"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_it_is_stopped(number: signal.Signals) -> None:
    with served() as (process, url):
        with aerodbapi.connect(url) as connection:
            connection.execute("INSERT INTO test.t (PK, a) VALUES (1, 1)")
            assert connection.execute("SELECT a FROM test.t").fetchall() == [(1,)]
            process.send_signal(number)
            assert process.wait(15) == 0
        assert process.stdout is not None
        assert process.stderr is not None
        assert "in memory" in (rest := process.stdout.read())
        assert rest.endswith("stopped\n")
        assert process.stderr.read() == ""


def test_serve_a_file(tmp_path: Path) -> None:
    for expected in ([], [(1,)]):
        with served("--data", "x.db", cwd=tmp_path) as (process, url):
            with aerodbapi.connect(url) as connection:
                assert connection.execute("SELECT a FROM test.t").fetchall() == expected
                connection.execute("UPSERT INTO test.t (PK, a) VALUES (1, 1)")
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0


def test_serve_keeps_what_it_acknowledged_when_it_is_killed(tmp_path: Path) -> None:
    with served("--data", "x.db", cwd=tmp_path) as (process, url), aerodbapi.connect(url) as one:
        for i in range(20):
            one.execute("INSERT INTO test.t (PK, a) VALUES (?, ?)", (i, i))
        process.kill()
        process.wait(15)
    with aerodbapi.connect(f"aerospike:///{tmp_path}/x.db") as connection:
        assert len(connection.execute("SELECT a FROM test.t").fetchall()) == 20


def test_namespaces() -> None:
    options = ("--namespace", "one", "--namespace", "two")
    with served(*options) as (_, url), aerodbapi.connect(url) as connection:
        names = connection.execute("SHOW NAMESPACES").fetchall()
        assert {("one",), ("two",)} <= set(names)
        connection.execute("INSERT INTO two.t (PK, a) VALUES (1, 1)")


def test_serve_says_what_is_wrong(tmp_path: Path) -> None:
    with served() as (_, url):
        port = url.rpartition(":")[2]
        for arguments, words in (
            (("--port", port), "in use"),
            (("--port", "0", "--data", f"{tmp_path}/no/x.db"), "x.db"),
            (("--port", "0", "--host", "nowhere.invalid"), "nowhere.invalid"),
        ):
            ran = subprocess.run(
                (*COMMAND, "serve", *arguments),
                capture_output=True,
                text=True,
                env=ENVIRONMENT,
                timeout=60,
            )
            assert ran.returncode == 1
            assert words in ran.stderr
            assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_is_a_number(port: str) -> None:
    ran = subprocess.run(
        (*COMMAND, "serve", "--port", port), capture_output=True, text=True, env=ENVIRONMENT
    )
    assert ran.returncode == 2
    assert "--port" in ran.stderr
