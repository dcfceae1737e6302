"""What is imported when: the first statement on an embedded node must not wait for the rest."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST = """
import aerodbapi
with aerodbapi.connect() as connection:
    connection.execute("INSERT INTO test.demo (PK, name) VALUES ('u1', 'Ann')")
    connection.execute("SELECT * FROM test.demo WHERE PK = 'u1'").fetchall()
import sys
print(*sorted(sys.modules))
"""


def modules(program: str) -> set[str]:
    ran = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stderr == ""
    return set(ran.stdout.split())


@pytest.fixture(scope="module")
def first() -> set[str]:
    return modules(FIRST)


@pytest.mark.parametrize(
    "name",
    [
        "asyncio",
        "concurrent.futures",
        "csv",
        "difflib",
        "socket",
        "sqlite3",
        "ssl",
        "urllib.request",
        "aerodbapi.cli.main",
        "aerodbapi.dbapi.aio",
        "aerodbapi.embedded.server",
        "aerodbapi.embedded.sqlite",
        "aerodbapi.grammar.complaints",
        "aerodbapi.native.aio",
        "aerodbapi.transport.aio",
        "aerodbapi.transport.sync",
    ],
)
def test_what_the_first_statement_does_without(first: set[str], name: str) -> None:
    assert "aerodbapi.embedded.node" in first
    assert name not in first


def test_importing_alone_parses_nothing() -> None:
    assert "lark" not in modules("import aerodbapi, sys; print(*sys.modules)")


OPEN = "if connection := aerodbapi.connect()"


def test_leaving_a_connection_open_at_the_exit_is_no_trouble() -> None:
    program = FIRST.replace(
        "with aerodbapi.connect() as connection:", "connection = aerodbapi.connect()"
    )
    program = program.replace("    connection.", "connection.")
    assert "aerodbapi" in modules(program)
