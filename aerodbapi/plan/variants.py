"""JSON text: what columns of lists, maps and several kinds of values hold in joins and groups."""

from __future__ import annotations

import json
import math
from typing import Any

from aerodbapi.types import GeoJSON

__all__ = ["jsonable", "variant"]


def variant(value: Any) -> str:
    """Write a value as JSON text: what columns of lists, maps and several kinds hold."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        return json.dumps(jsonable(value), ensure_ascii=False, separators=(",", ":"))


def jsonable(value: Any) -> Any:
    """Turn a value into what JSON can hold: bytes are hex digits, odd doubles and keys texts."""
    if isinstance(value, dict):
        return {k if isinstance(k, str) else variant(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(element) for element in value]
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, GeoJSON):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return str(value)
