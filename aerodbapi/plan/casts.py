"""CAST and TRY_CAST of the types that need no calendar and no decimals, as DuckDB does them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.values import FOLDED
from aerodbapi.plan.variants import variant
from aerodbapi.types import GeoJSON

__all__ = ["cast", "castable"]


def castable(type_name: str) -> bool:
    """Tell whether `cast` knows the type."""
    return _converter(type_name) is not None


def cast(value: Any, type_name: str, lenient: bool = False) -> Any:
    """Convert explicitly. Raises DataError for a value that has no such reading.

    `lenient`: give NULL instead. A string's size, as in VARCHAR(20), is ignored.
    """
    if value is None:
        return None
    converter = _converter(type_name)
    if converter is None:
        raise errors.NotSupportedError(f"not supported yet: CAST to {type_name}")
    try:
        return converter(value)
    except (ValueError, TypeError, OverflowError) as problem:
        if lenient:
            return None
        raise errors.DataError(f"{value!r} does not cast to {type_name}: {problem}") from None


def _converter(type_name: str) -> Callable[[Any], Any] | None:
    name, sized, _ = type_name.partition("(")
    return None if sized and name == "DECIMAL" else _CASTS.get(name)


#: One byte of a blob's text: itself, or \xHH.
_BYTE: Final = re.compile(r"\\x([0-9a-fA-F]{2})|([\x00-\x5b\x5d-\x7f])", re.DOTALL)


def _to_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        found = [*_BYTE.finditer(value)]
        if sum(len(each[0]) for each in found) != len(value):
            raise ValueError("only ASCII stands for bytes, others are written \\xHH")
        return bytes(int(each[1], 16) if each[1] else ord(each[2]) for each in found)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise ValueError("it is no text")


def _to_text(value: Any) -> str:
    if isinstance(value, (list, tuple, dict)):
        return variant(value)
    text: str = value.text if isinstance(value, GeoJSON) else FOLDED["VARCHAR"](value)
    return text


_CASTS: Final[dict[str, Callable[[Any], Any]]] = {
    **FOLDED,
    "BLOB": _to_bytes,
    "VARCHAR": _to_text,
}
