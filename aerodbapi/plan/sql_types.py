"""The types that a column can be declared with: their names, sizes, and what a bin holds for them.

| type | in the bin | in Python |
|---|---|---|
| BOOLEAN | boolean | bool |
| TINYINT, SMALLINT, INTEGER, BIGINT | integer (of 8, 16, 64 and 64 bits) | int |
| DOUBLE, FLOAT, REAL | double | float |
| DECIMAL(p, s) | integer, the value times 10^s; above 18 digits 16 sorted bytes | Decimal |
| VARCHAR(n), CHAR(n), TEXT | string of at most n characters | str |
| BLOB, BYTEA, VARBINARY | blob | bytes |
| DATE | integer, days since 1970-01-01 | date |
| TIME | integer, microseconds since midnight | time |
| TIMESTAMP | integer, microseconds since 1970-01-01 00:00 | datetime |
| TIMESTAMP WITH TIME ZONE | the same, in UTC | datetime in UTC |
| UUID | string, in its canonical lower case | UUID |
| JSON | what the JSON text is: list, map, string, number, boolean | the same |
| LIST, MAP, GEOJSON, HLL | that | list, dict, GeoJSON, HyperLogLog |
"""

from __future__ import annotations

import re
from typing import Final

from aerodbapi.errors import NotSupportedError, ProgrammingError
from aerodbapi.frozen import frozen

__all__ = ["KEY_TYPES", "PLAIN", "SERIALS", "SqlType", "parse_type", "type_of_code"]

_SYNONYMS: Final = {
    synonym: name
    for name, synonyms in (
        ("BOOLEAN", "BOOL BOOLEAN LOGICAL"),
        ("TINYINT", "TINYINT INT1"),
        ("SMALLINT", "SMALLINT INT2 SHORT SMALLSERIAL SERIAL2"),
        ("INTEGER", "INTEGER INT INT4 MEDIUMINT SERIAL SERIAL4 SIGNED"),
        ("BIGINT", "BIGINT INT8 INT64 LONG BIGSERIAL SERIAL8"),
        ("DOUBLE", "DOUBLE FLOAT REAL FLOAT4 FLOAT8 FLOAT64"),
        ("DECIMAL", "DECIMAL NUMERIC DEC NUMBER"),
        ("VARCHAR", "VARCHAR CHAR CHARACTER BPCHAR TEXT STRING NVARCHAR NCHAR CLOB LONGTEXT"),
        ("BLOB", "BLOB BYTES BYTEA VARBINARY BINARY LONGBLOB"),
        ("DATE", "DATE"),
        ("TIME", "TIME"),
        ("TIMESTAMP", "TIMESTAMP DATETIME"),
        ("TIMESTAMPTZ", "TIMESTAMPTZ"),
        ("UUID", "UUID GUID"),
        ("JSON", "JSON JSONB"),
        ("GEOJSON", "GEOJSON"),
        ("HLL", "HLL HYPERLOGLOG"),
        ("LIST", "LIST ARRAY"),
        ("MAP", "MAP OBJECT"),
    )
    for synonym in synonyms.split()
} | {
    "DOUBLE PRECISION": "DOUBLE",
    "CHARACTER VARYING": "VARCHAR",
    "CHAR VARYING": "VARCHAR",
    "BINARY VARYING": "BLOB",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "TIME WITHOUT TIME ZONE": "TIME",
}

#: Types that draw their values from a counter.
SERIALS: Final = frozenset({"SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8"})
#: Types whose values are in the bin what they are in Python.
PLAIN: Final = frozenset(
    {
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "DOUBLE",
        "VARCHAR",
        "BLOB",
        "JSON",
        "GEOJSON",
        "HLL",
        "LIST",
        "MAP",
    }
)
#: Types that a record's key can have.
KEY_TYPES: Final = frozenset(
    {
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "DECIMAL",
        "VARCHAR",
        "BLOB",
        "DATE",
        "TIME",
        "TIMESTAMP",
        "TIMESTAMPTZ",
        "UUID",
    }
)
_INTEGERS: Final = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})
_SIZED: Final = frozenset({"DECIMAL", "VARCHAR"})
_DIGITS: Final = 38
#: Digits of a DECIMAL that an integer bin holds.
INTEGER_DIGITS: Final = 18

_KINDS: Final = {
    **dict.fromkeys((*_INTEGERS, "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ"), "int"),
    "BOOLEAN": "bool",
    "DOUBLE": "float",
    "VARCHAR": "str",
    "UUID": "str",
    "BLOB": "bytes",
    "GEOJSON": "geojson",
    "HLL": "hll",
    "LIST": "list",
    "MAP": "map",
}


@frozen
class SqlType:
    """A declared type: `name` is one of this module's table, `size` (p, s) or (n,) where given."""

    name: str
    size: tuple[int, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether a bin holds the value itself, so that nothing is converted to compare it."""
        return self.name in PLAIN

    @property
    def kind(self) -> str | None:
        """The kind (`plan.kinds`) of value in the bin; None when it may be several."""
        if self.name == "DECIMAL":
            return "int" if self.size[0] <= INTEGER_DIGITS else "bytes"
        return _KINDS.get(self.name)

    @property
    def code(self) -> str:
        """The type code of a result's column: BIGINT for every integer, DECIMAL with its size."""
        if self.name in _INTEGERS:
            return "BIGINT"
        if self.name in ("LIST", "MAP"):
            return "JSON"
        return str(self) if self.name == "DECIMAL" else self.name

    def __str__(self) -> str:
        name = "TIMESTAMP WITH TIME ZONE" if self.name == "TIMESTAMPTZ" else self.name
        return f"{name}({', '.join(map(str, self.size))})" if self.size else name


_TEXT: Final = re.compile(r"([A-Z0-9_ ]+?) ?(?:\(([0-9, ]*)\))?( WITH.*)?(\[\])?")


def parse_type(text: str, place: str = "") -> SqlType:
    """Read a type as the grammar gives it: DECIMAL(10, 2), TIMESTAMP WITH TIME ZONE, INTEGER[].

    Raises ProgrammingError for a name that is no type, NotSupportedError for too many digits.
    """
    found = _TEXT.fullmatch(text.strip().upper())
    name = None
    if found is not None:
        if found[4]:
            return SqlType("LIST")
        name = _SYNONYMS.get(f"{found[1]}{found[3] or ''}")
    if found is None or name is None:
        import difflib

        near = difflib.get_close_matches(text.upper(), _SYNONYMS, 2)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ProgrammingError(f"{text} is no type of a column{place}{hint}")
    size = tuple(int(part) for part in (found[2] or "").replace(",", " ").split())
    if name == "DECIMAL":
        return SqlType(name, _decimal(size, place))
    return SqlType(name, size[:1] if name in _SIZED else ())


def _decimal(size: tuple[int, ...], place: str) -> tuple[int, int]:
    """(18, 3) without a size, as DuckDB has it."""
    if not size:
        return 18, 3
    digits, scale = size[0], size[1] if len(size) > 1 else 0
    if not 1 <= digits <= _DIGITS:
        raise NotSupportedError(f"a DECIMAL has 1 to {_DIGITS} digits, not {digits}{place}")
    if scale > digits:
        raise ProgrammingError(f"DECIMAL({digits}, {scale}) has more decimals than digits{place}")
    return digits, scale


def type_of_code(code: str) -> SqlType:
    """Give the type that a type code names (`SqlType.code`)."""
    return parse_type(code)
