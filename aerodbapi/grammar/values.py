"""Typed literals: type names and their synonyms, and the value of a constant cast to a type.

As AQL writes them (`INT('5')`, `CAST('[1]' AS LIST)`), without its defects: `BOOL(true)` is true
and `BOOL('true')` no error, a number out of range is an error and not the nearest end, JSON may
hold null, and a string that begins with `JSON` is a string.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.grammar.tokens import INT64_MAX, INT64_MIN, words
from aerodbapi.types import GeoJSON

__all__ = ["CALL_TYPES", "FOLDED", "TYPE_NAMES", "cast", "check_integer"]

#: Every synonym of a type that has one → the name that `Cast.type` carries.
TYPE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        synonym: name
        for name, synonyms in (
            ("BIGINT", "INT INTEGER BIGINT SMALLINT TINYINT INT2 INT4 INT8 INT64 LONG"),
            ("DOUBLE", "FLOAT REAL DOUBLE FLOAT4 FLOAT8 FLOAT64"),
            ("DECIMAL", "DECIMAL NUMERIC DEC"),
            ("BOOLEAN", "BOOL BOOLEAN"),
            ("VARCHAR", "CHAR CHARACTER STRING TEXT VARCHAR NVARCHAR"),
            ("BLOB", "BLOB BYTES BYTEA VARBINARY BINARY"),
            ("TIMESTAMP", "TIMESTAMP DATETIME"),
            ("JSON", "JSON"),
            ("LIST", "LIST"),
            ("MAP", "MAP"),
            ("GEOJSON", "GEOJSON"),
            ("DATE", "DATE"),
            ("TIME", "TIME"),
            ("TIMESTAMPTZ", "TIMESTAMPTZ"),
        )
        for synonym in synonyms.split()
    }
    | {
        "DOUBLE PRECISION": "DOUBLE",
        "CHARACTER VARYING": "VARCHAR",
        "CHAR VARYING": "VARCHAR",
        "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
        "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
        "TIME WITHOUT TIME ZONE": "TIME",
    }
)

#: Types that may be called: `INT('5')` is `CAST('5' AS INT)`.
CALL_TYPES: Final = frozenset(
    words(
        "INT INTEGER BIGINT DECIMAL NUMERIC FLOAT REAL DOUBLE BOOL BOOLEAN CHAR STRING TEXT"
        " VARCHAR JSON LIST MAP GEOJSON"
    )
)

_BLANKS: Final = " \t\n\v\f\r"
_DIGITS: Final = "[0-9]+(?:_[0-9]+)*"
_WHOLE: Final = re.compile(f"[+-]?{_DIGITS}")
_NUMBER: Final = re.compile(
    rf"[+-]?(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][+-]?(?P<power>[0-9]+))?"
)
_NO_NUMBER: Final = re.compile(r"[+-]?(?:inf|infinity|nan)", re.IGNORECASE)
_BASED: Final = re.compile(r"0[xX][0-9a-fA-F]+|0[bB][01]+")
_TRUE: Final = frozenset(words("true t yes y 1"))
_FALSE: Final = frozenset(words("false f no n 0"))


def check_integer(value: int) -> int:
    """Return `value`; ValueError when it does not fit 64 bits."""
    if INT64_MIN <= value <= INT64_MAX:
        return value
    raise ValueError(f"{value} does not fit 64 bits ({INT64_MIN} to {INT64_MAX})")


def cast(value: Any, type: str) -> Any:
    """Return the constant `value` as `type`, a key of FOLDED; None stays None.

    Raises ValueError when the value cannot be that type.
    """
    return None if value is None else FOLDED[type](value)


#: No number of 64 bits takes more characters, unless it is padded.
_LONGEST: Final = 400
#: How each byte of a blob is written.
_BYTES: Final = tuple(
    chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\'\"" else f"\\x{byte:02X}"
    for byte in range(256)
)


def _integer(value: Any) -> int:
    """Round: a double half to even, a text half away from zero, as DuckDB does."""
    if isinstance(value, (bool, int)):
        return check_integer(int(value))
    if isinstance(value, float) and math.isfinite(value):
        return check_integer(round(value))
    if isinstance(value, str):
        text = value.strip(_BLANKS)
        if len(text) <= _LONGEST and _WHOLE.fullmatch(text):
            return check_integer(int(text))
        if len(text) <= _LONGEST and _BASED.fullmatch(text):
            return check_integer(int(text, 0))
        found = _NUMBER.fullmatch(text)
        if found is not None and len(found["power"] or "") <= 3:
            return check_integer(_rounded(text))
    raise ValueError(f"{_shown(value)} is not an integer")


def _rounded(text: str) -> int:
    import decimal  # rarely wanted, and slow to import

    with decimal.localcontext() as context:
        context.prec = len(text) + 1000
        return int(decimal.Decimal(text).to_integral_value(decimal.ROUND_HALF_UP))


def _double(value: Any) -> float:
    if isinstance(value, (bool, int, float)):
        try:
            return float(value)
        except OverflowError:
            pass
    if isinstance(value, str):
        text = value.strip(_BLANKS)
        if _NUMBER.fullmatch(text) or _NO_NUMBER.fullmatch(text):
            return float(text)
    raise ValueError(f"{_shown(value)} is not a number")


def _decimal(value: Any) -> int | float:
    if isinstance(value, float) or (
        isinstance(value, str) and not _WHOLE.fullmatch(value.strip(_BLANKS))
    ):
        return _double(value)
    return _integer(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, (bool, int, float)):
        return bool(value)
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise ValueError(f"{_shown(value)} is not a boolean")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "".join(_BYTES[byte] for byte in bytes(value))
    raise ValueError(f"{_shown(value)} cannot be a string")


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        if isinstance(value, (list, dict, bool, int, float)):
            return value
        raise ValueError(f"{_shown(value)} is not JSON text")
    try:
        return json.loads(
            value, parse_int=_json_integer, parse_float=_json_float, parse_constant=_refuse
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"{_shown(value)} is not JSON: {error}") from None
    except RecursionError:
        raise ValueError("the JSON text is nested too deeply") from None


def _json_integer(text: str) -> int:
    # Longer ones are refused unread: the time to convert grows with the square of the length.
    if len(text) > 20:
        raise ValueError(f"{text[:20]}… does not fit 64 bits")
    return check_integer(int(text))


def _json_float(text: str) -> float:
    value = float(text)
    if abs(value) == float("inf"):
        raise ValueError(f"{text[:20]} is out of a number's range")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _list(value: Any) -> list[Any]:
    found = _json(value)
    if isinstance(found, list):
        return found
    raise ValueError(f"{_shown(value)} is not a JSON array")


def _map(value: Any) -> dict[str, Any]:
    found = _json(value)
    if isinstance(found, dict):
        return found
    raise ValueError(f"{_shown(value)} is not a JSON object")


def _geojson(value: Any) -> GeoJSON:
    if isinstance(value, GeoJSON):
        return value
    if isinstance(value, (str, dict)):
        return GeoJSON(value)
    raise ValueError(f"{_shown(value)} is not GeoJSON text")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


#: Type → how a constant becomes one. A cast to any other type is left to the plan.
FOLDED: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "BIGINT": _integer,
        "DOUBLE": _double,
        "DECIMAL": _decimal,
        "BOOLEAN": _boolean,
        "VARCHAR": _text,
        "JSON": _json,
        "LIST": _list,
        "MAP": _map,
        "GEOJSON": _geojson,
    }
)
