"""Column types: our type codes ⇄ Arrow ⇄ DuckDB, and the Python values of result columns.

Arrow carries everything between here and DuckDB, both ways. A HUGEINT comes as DECIMAL(38, 0)
and is an int again; JSON text becomes the lists and maps that it stands for.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any, Final

import pyarrow as pa

from aerodbapi.types import GeoJSON, HyperLogLog

__all__ = ["arrow_type", "reader_of", "result_type", "table_type"]

_ARROW: Final[dict[str, Any]] = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR": pa.string(),
    "JSON": pa.string(),
    "LIST": pa.string(),
    "MAP": pa.string(),
    "GEOJSON": pa.string(),
    "UUID": pa.string(),
    "BLOB": pa.binary(),
    "HLL": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "NULL": pa.null(),
}


def arrow_type(code: str) -> Any:
    """The Arrow type of a column that the engine reads."""
    name, _, size = code.partition("(")
    if name == "DECIMAL":
        precision, _, scale = size.rstrip(")").partition(",")
        return pa.decimal128(int(precision or 18), int(scale or 3))
    return _ARROW.get(name, pa.string())


# ---- results -----------------------------------------------------------------------------------

#: DuckDB's word for a result's type → the type code, where Arrow does not tell.
_WORDS: Final = {"JSON": "JSON", "UUID": "UUID"}
_CODES: Final[tuple[tuple[Callable[[Any], bool], str], ...]] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_integer, "BIGINT"),
    (pa.types.is_floating, "DOUBLE"),
    (pa.types.is_decimal, "DECIMAL"),
    (pa.types.is_date, "DATE"),
    (pa.types.is_time, "TIME"),
    (lambda arrow: pa.types.is_timestamp(arrow) and arrow.tz is not None, "TIMESTAMPTZ"),
    (pa.types.is_timestamp, "TIMESTAMP"),
    (pa.types.is_binary, "BLOB"),
    (pa.types.is_large_binary, "BLOB"),
    (pa.types.is_nested, "JSON"),
    (lambda arrow: arrow == pa.month_day_nano_interval(), "INTERVAL"),
    (pa.types.is_duration, "INTERVAL"),
)
#: Types that the engine sees as others: what the plan says of such a result is right.
_OURS: Final = {"GEOJSON": "VARCHAR", "HLL": "BLOB"}


def result_type(planned: str, word: str, type: Any) -> str:
    """The type code of a result column.

    `planned`: what the plan says or "", `word`: what DuckDB calls it, `type`: Arrow's.
    """
    code = _WORDS.get(word)
    if code is None:
        code = next((code for test, code in _CODES if test(type)), "VARCHAR")
    if code == "DECIMAL" and _is_huge(type):
        code = "BIGINT"
    return planned if _OURS.get(planned) == code else code


def _is_huge(type: Any) -> bool:
    return bool(pa.types.is_decimal(type) and type.precision == 38 and type.scale == 0)


def table_type(type: Any) -> Any:
    """The type that a result of DuckDB's has in an Arrow table: a HUGEINT is a BIGINT there."""
    return pa.int64() if _is_huge(type) else type


def reader_of(code: str, type: Any) -> Callable[[Any], list[Any]]:
    """What turns a result's Arrow array into Python values."""
    change = _changer(type) if pa.types.is_nested(type) else _READERS.get(code) or _changer(type)
    if change is None:
        return _plain
    return lambda array: [None if v is None else change(v) for v in _plain(array)]


def _plain(array: Any) -> list[Any]:
    values: list[Any] = array.to_pylist()
    return values


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "JSON": lambda value: json.loads(value) if isinstance(value, str) else value,
    "GEOJSON": GeoJSON.trusted,
    "HLL": HyperLogLog,
    "UUID": uuid.UUID,
}


def _changer(type: Any) -> Callable[[Any], Any] | None:
    """What a value that Arrow made of `type` still needs; None for nothing."""
    if _is_huge(type):
        return int
    if type == pa.month_day_nano_interval():
        return _interval
    if pa.types.is_timestamp(type) and type.tz is not None:
        return lambda value: value.astimezone(datetime.timezone.utc)
    if pa.types.is_map(type):
        return _map_changer(_changer(type.key_type), _changer(type.item_type))
    if pa.types.is_struct(type):
        return _struct_changer({field.name: _changer(field.type) for field in type})
    if pa.types.is_nested(type):
        inner = _changer(type.value_type)
        return None if inner is None else lambda values: [_apply(inner, v) for v in values]
    return None


def _apply(change: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if change is None or value is None else change(value)


def _map_changer(
    key: Callable[[Any], Any] | None, item: Callable[[Any], Any] | None
) -> Callable[[Any], Any]:
    return lambda pairs: {_apply(key, k): _apply(item, v) for k, v in pairs}


def _struct_changer(
    changers: dict[str, Callable[[Any], Any] | None],
) -> Callable[[Any], Any] | None:
    if not any(changers.values()):
        return None
    return lambda fields: {name: _apply(changers[name], v) for name, v in fields.items()}


def _interval(value: Any) -> datetime.timedelta:
    """A month counts thirty days, as in DuckDB's own rows."""
    return datetime.timedelta(
        days=value.months * 30 + value.days, microseconds=value.nanoseconds // 1000
    )
