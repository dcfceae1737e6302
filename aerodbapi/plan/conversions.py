"""The functions behind `$BOUND`, `$DECODE`, `$ENCODE` and `$KEY` (`plan.declared`), one a call.

What they refuse names the column, and the record where one is at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.ast import Call
from aerodbapi.plan.declared import joined_key
from aerodbapi.plan.sql_types import SqlType, parse_type
from aerodbapi.plan.storage import bound, decode, encode

__all__ = ["PYTHON_CLASSES", "converter", "decoder", "encoder"]

#: Types of which a value of this very class needs no look: it is what was declared.
PYTHON_CLASSES: Final = {
    "BIGINT": int,
    "INTEGER": int,
    "DOUBLE": float,
    "VARCHAR": str,
    "BOOLEAN": bool,
    "BLOB": bytes,
    "LIST": list,
    "MAP": dict,
}


def converter(node: Call) -> Callable[..., Any]:
    """Give the function of one call: (value, row) → value; of $KEY, (values …) → user key."""
    if node.name == "$KEY":
        return lambda *values: None if None in values else joined_key(values)
    if node.name == "$PRESENT":
        return lambda *values: 1 if all(value is None for value in values) else None
    _, code, *rest = (getattr(argument, "value", None) for argument in node.arguments)
    kind = parse_type(str(code))
    if node.name == "$BOUND":
        op = str(rest[0])
        return lambda value, row: bound(kind, op, value)
    if node.name == "$DECODE":
        return decoder(kind, str(rest[0]))
    return encoder(kind, str(rest[0]), nullable=bool(rest[1]), keyed=len(rest) > 2)


def decoder(kind: SqlType, column: str) -> Callable[[Any, Any], Any]:
    """Give what makes a value of a bin's content. It raises DataError naming record and column."""

    def decoded(raw: Any, row: Any) -> Any:
        try:
            return decode(kind, raw)
        except ValueError as error:
            raise errors.DataError(f"{_record(row)}column {column}: {error}") from None

    return decoded


def encoder(
    kind: SqlType, column: str, *, nullable: bool = True, keyed: bool = False
) -> Callable[[Any, Any], Any]:
    """Give what makes a bin's content of a value. `keyed`: it is told the key, not a row.

    It raises DataError for a value that does not fit, IntegrityError for NULL where the column
    takes none, both naming record and column.
    """

    def encoded(value: Any, row: Any) -> Any:
        try:
            raw = encode(kind, value)
        except ValueError as error:
            who = f"PK {row!r}, " if keyed else _record(row)
            raise errors.DataError(f"{who}column {column}: {error}") from None
        if raw is None and not nullable:
            who = f"PK {row!r}, " if keyed else _record(row)
            raise errors.IntegrityError(f"{who}column {column} takes no NULL")
        return raw

    return encoded


def _record(row: Any) -> str:
    """Say which record: by its key where that is known, else by its digest."""
    key, digest = getattr(row, "key", None), getattr(row, "digest", None)
    if key is not None:
        return f"PK {key!r}, "
    return "" if digest is None else f"record with digest {digest.hex().upper()}, "
