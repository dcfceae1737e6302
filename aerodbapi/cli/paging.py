"""Results that do not fit the terminal go through a pager, as they arrive."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO, cast

from aerodbapi.cli.widths import width_of

__all__ = ["Paged", "paged"]

#: Chop long lines, keep colours, and leave at once what fits after all.
_LESS: Final = ("less", "-SRFX")
_MARGIN: Final = 3  # lines of a screen that are the prompt's


class Paged:
    """A stream that starts a pager once what was written does not fit the screen."""

    def __init__(self, out: TextIO, command: tuple[str, ...], size: os.terminal_size) -> None:
        self._out = out
        self._command = command
        self._size = size
        self._kept: list[str] = []
        self._lines = 0
        self._pager: subprocess.Popen[str] | None = None

    def write(self, text: str) -> int:
        """Write, and begin to page when it is too long or too wide."""
        if self._pager is not None:
            assert self._pager.stdin is not None
            self._pager.stdin.write(text)
            return len(text)
        self._kept.append(text)
        self._lines += text.count("\n")
        if self._lines > self._size.lines - _MARGIN or self._too_wide(text):
            self._start()
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing to do: what is kept is shown at the end."""

    def _too_wide(self, text: str) -> bool:
        return any(width_of(line) > self._size.columns for line in text.split("\n"))

    def _start(self) -> None:
        self._pager = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
        )
        assert self._pager.stdin is not None
        self._pager.stdin.write("".join(self._kept))
        self._kept = []

    def close(self) -> None:
        """Show what is left, and wait until the reader has seen enough."""
        pager = self._pager
        if pager is None:
            self._out.write("".join(self._kept))
            self._out.flush()
            return
        with contextlib.suppress(BrokenPipeError):
            assert pager.stdin is not None
            pager.stdin.close()
        while True:
            try:
                pager.wait()
                return
            except KeyboardInterrupt:  # the pager's to deal with
                continue


def pager_command() -> tuple[str, ...]:
    """$PAGER, or less; () when there is none."""
    wanted = tuple(shlex.split(os.environ.get("PAGER", ""))) or _LESS
    if wanted == ("less",):
        wanted = _LESS
    return wanted if shutil.which(wanted[0]) else ()


@contextlib.contextmanager
def paged(wanted: bool = True) -> Iterator[TextIO]:
    """Standard output, through a pager where a result is too long or wide for the terminal."""
    command = pager_command() if wanted and sys.stdout.isatty() else ()
    if not command:
        yield sys.stdout
        sys.stdout.flush()
        return
    stream = Paged(sys.stdout, command, shutil.get_terminal_size())
    try:
        with contextlib.suppress(BrokenPipeError):  # the reader has seen enough
            yield cast(TextIO, stream)
    finally:
        stream.close()
