"""What runs statements for the command line: results printed as the session's settings say.

Used by one-shot commands, scripts and the prompt alike. `RUN 'file'` is understood here and
nowhere below: a program that executes foreign text never reads files for it.
"""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from aerodbapi import errors
from aerodbapi.cli.printers import PRINTERS, Printer
from aerodbapi.dbapi.connection import Connection
from aerodbapi.grammar.scripts import statements

__all__ = ["Shell"]

_RUN: Final = re.compile(r"run\b", re.IGNORECASE)
_SETTING: Final = re.compile(r"(?:set|reset)\b", re.IGNORECASE)
_DEEPEST: Final = 16  # files that run files

#: Gives the stream that a result is written to, and closes it.
Opener = Callable[[], "contextlib.AbstractContextManager[TextIO]"]


@contextlib.contextmanager
def _standard_output() -> Iterator[TextIO]:
    yield sys.stdout
    sys.stdout.flush()


class Shell:
    """Runs statements on one connection. `opener`: where results go (a pager, for instance)."""

    def __init__(self, connection: Connection, opener: Opener = _standard_output) -> None:
        self.connection = connection
        self.opener = opener
        #: Errors are not told: the statement was cancelled.
        self.quiet = False
        self._depth = 0

    def script(self, text: str, *, keep_going: bool = False, echo: bool = False) -> int:
        """Run a text's statements in order; return 1 if one failed. Stop there or `keep_going`."""
        status = 0
        for statement, _ in statements(text):
            try:
                self.statement(statement, echo=echo)
            except errors.Error as error:
                if not self.quiet:
                    complain(error)
                status = 1
                if self.quiet or not keep_going:
                    break
        sys.stdout.flush()
        return status

    def statement(self, text: str, *, echo: bool = False) -> None:
        """Run one statement and print what it gives. Raises errors.Error."""
        if echo or self.connection.settings["ECHO"]:
            sys.stdout.write(f"{text}\n")
        file = self._file(text)
        if file is not None:
            self._run_file(file)
            return
        begun = time.perf_counter()
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            self._print(text, cursor, time.perf_counter() - begun)
            for _, warning in cursor.messages:
                sys.stderr.write(f"Warning: {warning}\n")

    def _print(self, text: str, cursor: Any, seconds: float) -> None:
        with self.opener() as out:
            printer = self._printer(out)
            if cursor.description is not None:
                printer.rows([column[0] for column in cursor.description], cursor, seconds)
            elif _SETTING.match(text.lstrip()):
                printer.done(-1, seconds)
            else:
                printer.done(cursor.rowcount, seconds)
            printer.close()

    def _printer(self, out: TextIO) -> Printer:
        settings = self.connection.settings
        printer = PRINTERS[settings["OUTPUT"].lower()](out)
        printer.types = settings["OUTPUT_TYPES"]
        printer.timing = settings["TIMING"]
        return printer

    def _file(self, text: str) -> Path | None:
        """The file that `RUN 'file'` names; None for other statements."""
        if not _RUN.match(text):
            return None
        from aerodbapi.grammar import ast, parse

        parsed = parse(text, self.connection.settings["PROFILE"])
        return Path(parsed.file).expanduser() if isinstance(parsed, ast.Run) else None

    def _run_file(self, file: Path) -> None:
        if self._depth >= _DEEPEST:
            raise errors.ProgrammingError(f"RUN {file}: files run each other too deeply")
        self._depth += 1
        try:
            for statement, _ in statements(read_text(file)):
                self.statement(statement, echo=True)
        finally:
            self._depth -= 1


def read_text(file: Path) -> str:
    """A script's text. Raises OperationalError when it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.OperationalError(f"cannot read {file}: {error}") from None


def complain(error: errors.Error) -> None:
    """Print an error."""
    sys.stdout.flush()
    sys.stderr.write(f"{type(error).__name__}: {error}\n")
    sys.stderr.flush()
