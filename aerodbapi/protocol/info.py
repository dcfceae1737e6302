"""The info channel: text commands and their values (frame kind 1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from aerodbapi.errors import ParameterError
from aerodbapi.protocol.frame import INFO, frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "decode_reply",
    "decode_request",
    "encode_reply",
    "encode_request",
    "error_of",
    "pairs",
]

_UDF_FAILED: Final = 100
_FAILED: Final = 1


def encode_request(names: Sequence[str]) -> bytes:
    """Frame that asks for these; none asks for the node's default list.

    Raises ParameterError for a name that holds a line end, which would be two commands.
    """
    for name in names:
        if "\n" in name:
            raise ParameterError(f"an info command is one line: {name!r}")
    return frame(INFO, _bytes("".join(f"{name}\n" for name in names)))


def decode_reply(body: bytes) -> dict[str, str]:
    """Value by command; a command without a value has ""."""
    values = {}
    for line in _lines(body):
        name, _, value = line.partition("\t")
        values[name] = value
    return values


def decode_request(body: bytes) -> list[str]:
    """The commands of a request, in order."""
    return _lines(body)


def encode_reply(pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> bytes:
    """Frame that answers commands with their values."""
    items = pairs.items() if hasattr(pairs, "items") else pairs
    return frame(INFO, _bytes("".join(f"{name}\t{value}\n" for name, value in items)))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _lines(body: bytes) -> list[str]:
    text = bytes(body).decode("utf-8", "surrogateescape")
    return [line for line in text.split("\n") if line]


_ERROR = re.compile(
    r"(?:ERROR|FAIL)(?=$|[:=])(?:[:=](\d{0,9})(?=$|[:=]))?(?:[:=](.*))?", re.I | re.S
)


def error_of(value: str) -> tuple[int, str] | None:
    """(result code, text) when the value of an info command says that it failed, else None.

    Forms: `ERROR:<code>:<text>`, `FAIL:<code>:<text>`, the same without code (then 1), and
    `error=<text>;…` of the UDF commands (then 100, with every pair in the text).
    """
    if value[:6] == "error=":
        return _UDF_FAILED, value[6:]
    match = _ERROR.match(value)
    if match is None:
        return None
    code, text = match.groups()
    return int(code or _FAILED) or _FAILED, text or ""


def pairs(text: str, sep: str = ";") -> dict[str, str]:
    """Parse "a=b;c=d"; an item without "=" has the value ""."""
    return {
        name: value for name, _, value in (item.partition("=") for item in text.split(sep)) if name
    }
