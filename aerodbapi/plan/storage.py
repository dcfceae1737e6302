"""What bins hold for the values of declared columns, both ways: encode, decode, and compare.

Every encoding keeps the order of the values, so a condition is put to the encoded value: an index
and a filter expression see plain integers, strings and bytes.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from aerodbapi.errors import DataError
from aerodbapi.grammar.values import FOLDED
from aerodbapi.plan.sql_types import SqlType
from aerodbapi.types import GeoJSON, HyperLogLog

__all__ = ["bound", "decode", "encode", "fits"]

_EPOCH: Final = dt.datetime(1970, 1, 1)
_EPOCH_DAY: Final = _EPOCH.toordinal()
_DAY: Final = 86_400_000_000  # microseconds
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_RANGES: Final = {"TINYINT": 7, "SMALLINT": 15, "INTEGER": 63, "BIGINT": 63}
_EXACT: Final = Context(prec=80)
#: Added to a wide DECIMAL's integer, so that its bytes sort as the values do.
_OFFSET: Final = 1 << 127
_BELOW_ALL: Final = b""
_ABOVE_ALL: Final = b"\xff" * 17


def encode(type: SqlType, value: Any) -> Any:
    """Give what the bin holds for `value`; None for None.

    Raises ValueError, saying why, for a value that the type cannot hold.
    """
    return None if value is None else _ENCODERS[type.name](type, value)


def decode(type: SqlType, raw: Any) -> Any:
    """Give the value that the bin's content stands for; None for None.

    Raises ValueError, saying why, for content that is no value of the type.
    """
    if raw is None:
        return None
    if not fits(type, raw):
        raise ValueError(f"{_shown(raw)} is no {type}")
    decoder = _DECODERS.get(type.name)
    return raw if decoder is None else decoder(type, raw)


def bound(type: SqlType, op: str, value: Any) -> Any:
    """Give what `bin op …` is compared with, to decide `column op value`; None for NULL.

    A value between two that the type can hold (noon as a DATE) becomes the one of them that
    gives the same answer; one of another class (a number as a DATE) NULL. Raises DataError for
    text that does not spell a value of the type.
    """
    if isinstance(value, (list, tuple, set, frozenset)) and type.name not in ("LIST", "JSON"):
        return [bound(type, op, each) for each in value]
    if value is None or type.plain:
        return value
    try:
        if type.name == "UUID":
            return (
                _uuid(type, value) if isinstance(value, (str, bytes)) or _is_uuid(value) else None
            )
        place = _POSITIONS[type.name](type, value)
    except ValueError as error:
        raise DataError(f"{error}, and is compared with a {type}") from None
    return None if place is None else _settled(type, op, place)


def fits(type: SqlType, raw: Any) -> bool:
    """Tell whether a bin's content can be a value of the type."""
    classes = _HELD.get(type.kind or "")
    if classes is None:
        return True
    return isinstance(raw, classes) and (bool in classes or not isinstance(raw, bool))


_HELD: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "bool": (bool,),
    "float": (float, int),
    "str": (str,),
    "bytes": (bytes, bytearray),
    "geojson": (GeoJSON,),
    "hll": (HyperLogLog,),
    "list": (list,),
    "map": (dict,),
}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# ---- numbers, text, bytes ----------------------------------------------------------------------


def _integer(type: SqlType, value: Any) -> int:
    if isinstance(value, (str, float, Decimal)):
        number = _number(value)
        if not isinstance(number, Decimal) or number != number.to_integral_value():
            raise ValueError(f"{_shown(value)} is no whole number")
        whole = int(number)
    else:
        try:
            whole = operator.index(value)
        except TypeError:
            raise ValueError(f"{_shown(value)} is no whole number") from None
    bits = _RANGES[type.name]
    if not -(1 << bits) <= whole < 1 << bits:
        raise ValueError(f"{whole} does not fit {type} ({bits + 1} bits)")
    return whole


def _number(value: Any) -> Decimal | None:
    """A finite number exactly as written; None for what is none."""
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError):
        return None
    return number if number.is_finite() else None


def _double(type: SqlType, value: Any) -> float:
    try:
        if not isinstance(value, (bytes, bytearray)):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{_shown(value)} is no number")


def _boolean(type: SqlType, value: Any) -> Any:
    if isinstance(value, (int, float)) and value not in (0, 1):
        raise ValueError(f"{_shown(value)} is no boolean")
    return FOLDED["BOOLEAN"](value if isinstance(value, (str, bool, int, float)) else str(value))


def _text(type: SqlType, value: Any) -> str:
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, (int, float, Decimal)) or _is_uuid(value):
        value = str(value)
    elif isinstance(value, (dt.date, dt.time)):
        value = value.isoformat(" ") if isinstance(value, dt.datetime) else value.isoformat()
    elif not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is no text")
    if type.size and len(value) > type.size[0]:
        raise ValueError(
            f"{_shown(value)} has {len(value)} characters, {type} takes {type.size[0]}"
        )
    return str(value)


def _blob(type: SqlType, value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise ValueError(f"{_shown(value)} is no blob")


def _decimal(type: SqlType, value: Any) -> int | bytes:
    number = None if isinstance(value, bool) else _number(value)
    if number is None:
        raise ValueError(f"{_shown(value)} is no number")
    digits, scale = type.size
    whole = int(
        number.scaleb(scale, _EXACT).to_integral_value(rounding=ROUND_HALF_UP, context=_EXACT)
    )
    if abs(whole) >= 10**digits:
        raise ValueError(f"{value} does not fit {type}")
    return _packed(type, whole)


def _packed(type: SqlType, whole: int) -> int | bytes:
    return whole if type.kind == "int" else (whole + _OFFSET).to_bytes(16, "big")


def _unpacked_decimal(type: SqlType, raw: Any) -> Decimal:
    if not isinstance(raw, int):
        if len(raw) != 16:
            raise ValueError(f"{_shown(raw)} is no {type}")
        raw = int.from_bytes(raw, "big") - _OFFSET
    return Decimal(raw).scaleb(-type.size[1], _EXACT)


# ---- times -------------------------------------------------------------------------------------

_STAMP: Final = re.compile(
    r"\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?)?"
    r"\s*(?:(Z|UTC)|([+-])([0-9]{2}):?([0-9]{2})?)?\s*",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?\s*")


def _moment(value: Any) -> int | None:
    """Microseconds since the epoch; an aware time in UTC, a naive one as it is. None: no time."""
    if isinstance(value, str):
        return _spelt_moment(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.timezone.utc).replace(tzinfo=None)
        elapsed: int = (value - _EPOCH) // _MICROSECOND
        return elapsed
    if isinstance(value, dt.date):
        return (value.toordinal() - _EPOCH_DAY) * _DAY
    return None


def _spelt_moment(text: str) -> int:
    found = _STAMP.fullmatch(text)
    try:
        if found is not None:
            year, month, day, hour, minute, second = (int(found[i] or 0) for i in range(1, 7))
            moment = dt.datetime(year, month, day, hour, minute, second)
            away = int(found[10] or 0) * 60 + int(found[11] or 0)
            shift = dt.timedelta(minutes=-away if found[9] == "-" else away)
            return (moment - shift - _EPOCH) // _MICROSECOND + _fraction(found[7])
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{_shown(text)} is no date or time (2024-12-31 or 2024-12-31 23:59:59)")


def _fraction(digits: str | None) -> int:
    return int((digits or "0").ljust(6, "0")[:6])


def _clock(value: Any) -> int | None:
    """Microseconds since midnight; None for what is no time of day."""
    if isinstance(value, str):
        found = _CLOCK.fullmatch(value)
        if found is not None:
            hour, minute, second = (int(found[i] or 0) for i in range(1, 4))
            if hour < 24 and minute < 60 and second < 60:
                return ((hour * 60 + minute) * 60 + second) * 1_000_000 + _fraction(found[4])
        raise ValueError(f"{_shown(value)} is no time of day (23:59:59)")
    if isinstance(value, dt.time) and value.tzinfo is None:
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return seconds * 1_000_000 + value.microsecond
    return None


def _timestamp(type: SqlType, value: Any) -> int:
    found = _moment(value)
    if found is None:
        raise ValueError(f"{_shown(value)} is no timestamp")
    return found


def _date(type: SqlType, value: Any) -> int:
    found = _moment(value)
    if found is None:
        raise ValueError(f"{_shown(value)} is no date")
    if found % _DAY:
        raise ValueError(f"{_shown(value)} has a time of day, which a DATE cannot hold")
    return found // _DAY


def _time(type: SqlType, value: Any) -> int:
    found = _clock(value)
    if found is None:
        raise ValueError(f"{_shown(value)} is no time of day")
    return found


def _decoded_moment(type: SqlType, raw: int) -> dt.datetime:
    try:
        moment = _EPOCH + dt.timedelta(microseconds=raw)
    except OverflowError:
        raise ValueError(f"{raw} is no {type} that Python can hold") from None
    return moment if type.name == "TIMESTAMP" else moment.replace(tzinfo=dt.timezone.utc)


def _decoded_date(type: SqlType, raw: int) -> dt.date:
    try:
        return dt.date.fromordinal(raw + _EPOCH_DAY)
    except (OverflowError, ValueError):
        raise ValueError(f"{raw} is no DATE that Python can hold") from None


def _decoded_time(type: SqlType, raw: int) -> dt.time:
    if not 0 <= raw < _DAY:
        raise ValueError(f"{raw} is no TIME")
    return (_EPOCH + dt.timedelta(microseconds=raw)).time()


# ---- the rest ----------------------------------------------------------------------------------


def _is_uuid(value: Any) -> bool:
    return type(value).__name__ == "UUID"


def _uuid(type: SqlType, value: Any) -> str:
    import uuid

    try:
        if isinstance(value, (bytes, bytearray)):
            return str(uuid.UUID(bytes=bytes(value)))
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise ValueError(f"{_shown(value)} is no UUID") from None


def _decoded_uuid(type: SqlType, raw: str) -> Any:
    import uuid

    try:
        return uuid.UUID(raw)
    except ValueError:
        raise ValueError(f"{_shown(raw)} is no UUID") from None


def _json(type: SqlType, value: Any) -> Any:
    if isinstance(value, str):
        return FOLDED["JSON"](value)
    if isinstance(value, (list, dict, bool, int, float)):
        return value
    if isinstance(value, tuple):
        return list(value)
    raise ValueError(f"{_shown(value)} is no JSON")


def _list(type: SqlType, value: Any) -> Any:
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    return FOLDED["LIST"](value)


def _hll(type: SqlType, value: Any) -> HyperLogLog:
    if isinstance(value, bytes):
        return value if isinstance(value, HyperLogLog) else HyperLogLog(value)
    raise ValueError(f"{_shown(value)} is no HLL")


_ENCODERS: Final[dict[str, Callable[[SqlType, Any], Any]]] = {
    **dict.fromkeys(_RANGES, _integer),
    "BOOLEAN": _boolean,
    "DOUBLE": _double,
    "DECIMAL": _decimal,
    "VARCHAR": _text,
    "BLOB": _blob,
    "DATE": _date,
    "TIME": _time,
    "TIMESTAMP": _timestamp,
    "TIMESTAMPTZ": _timestamp,
    "UUID": _uuid,
    "JSON": _json,
    "GEOJSON": lambda kind, value: FOLDED["GEOJSON"](value),
    "HLL": _hll,
    "LIST": _list,
    "MAP": lambda kind, value: FOLDED["MAP"](value),
}

_DECODERS: Final[dict[str, Callable[[SqlType, Any], Any]]] = {
    "DOUBLE": lambda kind, raw: float(raw),
    "DECIMAL": _unpacked_decimal,
    "DATE": _decoded_date,
    "TIME": _decoded_time,
    "TIMESTAMP": _decoded_moment,
    "TIMESTAMPTZ": _decoded_moment,
    "UUID": _decoded_uuid,
}

# ---- comparison --------------------------------------------------------------------------------

#: Where a value stands among the integers that the bins hold; None: it is of another class.
_Position = Callable[[SqlType, Any], Any]


def _decimal_position(type: SqlType, value: Any) -> Fraction | float | None:
    if isinstance(value, float) and not math.isfinite(value):
        return math.copysign(math.inf, value) if value == value else math.inf
    number = None if isinstance(value, (bool, bytes)) else _number(value)
    if number is None:
        if isinstance(value, str):
            raise ValueError(f"{_shown(value)} is no number")
        return None
    factor: int = 10 ** type.size[1]
    return Fraction(number) * factor


def _date_position(type: SqlType, value: Any) -> Fraction | None:
    found = _moment(value)
    return None if found is None else Fraction(found, _DAY)


_POSITIONS: Final[dict[str, _Position]] = {
    "DECIMAL": _decimal_position,
    "DATE": _date_position,
    "TIME": lambda kind, value: _clock(value),
    "TIMESTAMP": lambda kind, value: _moment(value),
    "TIMESTAMPTZ": lambda kind, value: _moment(value),
}


def _settled(type: SqlType, op: str, place: Any) -> Any:
    """The integer (or its bytes) that gives `op` the answer that `place` would."""
    if isinstance(place, float):
        return place if type.kind == "int" else _ABOVE_ALL if place > 0 else _BELOW_ALL
    whole = math.floor(place)
    if whole != place:
        if op in ("=", "<>"):
            return 0.5 if type.kind == "int" else _BELOW_ALL  # equal to no value of the type
        whole += op in ("<", ">=")
    if type.kind == "int":
        return whole
    if abs(whole) >= _OFFSET:
        return _ABOVE_ALL if whole > 0 else _BELOW_ALL
    return _packed(type, whole)
