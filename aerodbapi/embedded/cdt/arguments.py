"""A command's arguments: read from the payload as the command's row in its table says.

A signature is a letter per argument, "?" behind those that may be left out: `i` index or rank
(signed), `n` count or flags (unsigned), `v` value, `s` value to be stored.
"""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.embedded.cdt.order import holds_markers
from aerodbapi.embedded.packed import PackedError, Reader
from aerodbapi.embedded.replies import Refused

__all__ = ["Arguments"]

_PARAMETER: Final = 4
_UNSIGNED: Final = (1 << 64) - 1


class Arguments:
    """The arguments of one command, not read yet.

    `tainted`: a value that cannot be stored was read before, in the context; then the server
    takes no value that is to be stored either.
    """

    __slots__ = ("_count", "_reader", "tainted")

    def __init__(self, reader: Reader, count: int) -> None:
        self._reader = reader
        self._count = count
        self.tainted = False

    def take(self, signature: str) -> list[Any]:
        """Read them; Refused(4) when their number or kinds differ from the signature."""
        letters = signature.replace("?", "")
        if not letters:
            return []  # the server does not look
        optional = signature.count("?")
        if not len(letters) - optional <= self._count <= len(letters):
            raise Refused(_PARAMETER)
        try:
            return [self._one(letter) for letter in letters[: self._count]]
        except PackedError:
            raise Refused(_PARAMETER) from None

    def _one(self, letter: str) -> int | bytes:
        if letter == "i":
            return self._reader.integer()
        if letter == "n":
            return self._reader.integer() & _UNSIGNED
        packed = self._reader.span()
        if holds_markers(packed):
            self.tainted = True
        if letter == "s" and self.tainted:
            raise Refused(_PARAMETER)
        return packed
