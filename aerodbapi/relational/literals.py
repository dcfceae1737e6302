"""Values → DuckDB constants: every value is written by its type, none is text of its own making."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from aerodbapi.errors import DataError
from aerodbapi.plan.variants import jsonable, variant
from aerodbapi.types import GeoJSON, HyperLogLog

__all__ = ["BIGINT_MAX", "BIGINT_MIN", "constant", "jsonable", "quoted", "variant"]

BIGINT_MIN: Final = -(1 << 63)
BIGINT_MAX: Final = (1 << 63) - 1


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def constant(value: Any) -> str:
    """Write a value as a constant of DuckDB's type for it. Raises DataError for no such type."""
    write = _WRITERS.get(type(value))
    if write is None:
        write = next((w for base, w in _WRITERS.items() if isinstance(value, base)), None)
    if write is None:
        raise DataError(f"a statement cannot take a {type(value).__name__}")
    return write(value)


def _text(value: str) -> str:
    parts = [part.replace("'", "''") for part in value.split("\0")]
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"a string is not text: {error}") from None
    if len(parts) == 1:
        return f"'{parts[0]}'"
    # The text of a statement ends at its first NUL.
    return "(" + " || chr(0) || ".join(f"'{part}'" for part in parts) + ")"


def _integer(value: int) -> str:
    if not BIGINT_MIN <= value <= BIGINT_MAX:
        raise DataError(f"{value} does not fit 64 bits")
    return f"CAST({value} AS BIGINT)" if value < 0 else str(value)


def _double(value: float) -> str:
    if math.isfinite(value):
        text = repr(value)
        return f"CAST('{text}' AS DOUBLE)" if value < 0 else text if "e" in text else f"{text}e0"
    return f"CAST('{value}' AS DOUBLE)"


def _bytes(value: Any) -> str:
    digits = "".join(f"\\x{byte:02X}" for byte in bytes(value))
    return f"CAST('{digits}' AS BLOB)"


def _moment(value: datetime.datetime) -> str:
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc)
        return f"CAST('{value.isoformat(' ')}' AS TIMESTAMPTZ)"
    return f"CAST('{value.isoformat(' ')}' AS TIMESTAMP)"


def _list(value: Any) -> str:
    return f"[{', '.join(map(constant, value))}]"


def _map(value: Mapping[Any, Any]) -> str:
    return f"MAP {{{', '.join(f'{constant(k)}: {constant(v)}' for k, v in value.items())}}}"


def _interval(value: datetime.timedelta) -> str:
    micros = (value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds
    return f"to_microseconds(CAST({micros} AS BIGINT))"


def _decimal(value: decimal.Decimal) -> str:
    if not value.is_finite():
        return _double(float(value))
    _, digits, exponent = value.as_tuple()
    scale = max(0, -int(exponent))
    width = max(len(digits) + max(0, int(exponent)), scale)
    if width > 38:
        return _double(float(value))
    return f"CAST('{value:f}' AS DECIMAL({max(width, 1)}, {scale}))"


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    type(None): lambda value: "NULL",
    bool: lambda value: "TRUE" if value else "FALSE",
    int: _integer,
    float: _double,
    str: _text,
    HyperLogLog: _bytes,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
    GeoJSON: lambda value: _text(value.text),
    datetime.datetime: _moment,
    datetime.date: lambda value: f"CAST('{value.isoformat()}' AS DATE)",
    datetime.time: lambda value: f"CAST('{value.isoformat()}' AS TIME)",
    datetime.timedelta: _interval,
    decimal.Decimal: _decimal,
    uuid.UUID: lambda value: f"CAST('{value}' AS UUID)",
    list: _list,
    tuple: _list,
    dict: _map,
}
