"""Types: the ones that only Aerospike has, how all are written in DDL, and back from reflection.

The driver takes and gives Python's own values (Decimal, date, UUID, list …), so hardly a type
needs a processor.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import types as sqltypes
from sqlalchemy.sql import compiler, elements, operators

from aerodbapi.types import GeoJSON, HyperLogLog

__all__ = ["COLSPECS", "GEOJSON", "HLL", "LIST", "MAP", "AerospikeTypeCompiler", "type_from_sql"]


class _Indexable(sqltypes.Indexable, sqltypes.TypeEngine[Any]):
    """Values whose elements are reached with `column["key"]` or `column[0]`."""

    class Comparator(sqltypes.Indexable.Comparator, sqltypes.Concatenable.Comparator):  # type: ignore[type-arg]
        """`column[index]` is a JSON value, itself indexable."""

        def _setup_getitem(self, index: Any) -> tuple[Any, Any, Any]:
            return operators.json_getitem_op, index, sqltypes.JSON()

    comparator_factory = Comparator


class LIST(_Indexable):
    """An Aerospike list: Python's list."""

    __visit_name__ = "LIST"

    @property
    def python_type(self) -> type:
        return list


class MAP(_Indexable):
    """An Aerospike map: Python's dict."""

    __visit_name__ = "MAP"

    @property
    def python_type(self) -> type:
        return dict


class GEOJSON(sqltypes.TypeEngine[Any]):
    """A GeoJSON shape: `aerodbapi.GeoJSON`; JSON text and mappings are taken too."""

    __visit_name__ = "GEOJSON"

    class Comparator(sqltypes.TypeEngine.Comparator[Any]):
        """Geo predicates."""

        def within(self, region: Any) -> Any:
            """The point lies in the region."""
            return self.op("WITHIN", is_comparison=True)(_shape(region))

        def contains(self, other: Any, **kw: Any) -> Any:
            """The region holds the point."""
            return self.op("CONTAINS", is_comparison=True)(_shape(other))

    comparator_factory = Comparator

    @property
    def python_type(self) -> type:
        return GeoJSON

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        return _shape


def _shape(value: Any) -> Any:
    return GeoJSON(value) if isinstance(value, (str, dict)) else value


class HLL(sqltypes.TypeEngine[Any]):
    """A HyperLogLog sketch: `aerodbapi.HyperLogLog`."""

    __visit_name__ = "HLL"

    @property
    def python_type(self) -> type:
        return HyperLogLog


# ---- types whose values the driver takes as they are ------------------------------------------


class _JSON(sqltypes.JSON):
    """Lists, maps and scalars as they are; text becomes JSON, since text is read as such."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        return _as_json

    def result_processor(self, dialect: Any, coltype: Any) -> None:
        return None

    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: "JSON('" + json.dumps(value).replace("'", "''") + "')"


def _as_json(value: Any) -> Any:
    if value is sqltypes.JSON.NULL or isinstance(value, elements.Null):
        return None  # a bin without a value does not exist
    return json.dumps(value) if isinstance(value, str) else value


class _JSONIndex(sqltypes.JSON.JSONIndexType):
    """`column['key']`: the index itself."""

    def bind_processor(self, dialect: Any) -> None:
        return None

    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: str(value) if isinstance(value, int) else _string(value)


class _JSONPath(sqltypes.JSON.JSONPathType):
    """`column[('a', 0)]`: as the text $."a"[0]."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:
        return _path

    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: _string(_path(value))


def _path(steps: Any) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)


def _string(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


class _Native:
    """A type whose values pass unchanged in both directions."""

    def bind_processor(self, dialect: Any) -> None:
        return None

    def result_processor(self, dialect: Any, coltype: Any) -> None:
        return None


class _Date(_Native, sqltypes.Date):
    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        return lambda value: value.date() if isinstance(value, datetime.datetime) else value

    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: f"DATE '{value.isoformat()}'"


class _Time(_Native, sqltypes.Time):
    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: f"TIME '{value.isoformat()}'"


class _DateTime(_Native, sqltypes.DateTime):
    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: f"TIMESTAMP '{value.isoformat(sep=' ')}'"


class _LargeBinary(_Native, sqltypes.LargeBinary):
    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: f"X'{bytes(value).hex()}'"


COLSPECS: Final[dict[Any, Any]] = {
    sqltypes.Date: _Date,
    sqltypes.Time: _Time,
    sqltypes.DateTime: _DateTime,
    sqltypes.LargeBinary: _LargeBinary,
    sqltypes.JSON: _JSON,
    sqltypes.JSON.JSONIndexType: _JSONIndex,
    sqltypes.JSON.JSONPathType: _JSONPath,
}


# ---- names -------------------------------------------------------------------------------------


class AerospikeTypeCompiler(compiler.GenericTypeCompiler):
    """Writes types as CREATE TABLE and CAST take them."""

    def visit_FLOAT(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "DOUBLE"

    visit_REAL = visit_DOUBLE = visit_DOUBLE_PRECISION = visit_FLOAT  # noqa: N815

    def visit_double(self, type_: Any, **kw: Any) -> str:
        return "DOUBLE"

    def visit_NUMERIC(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        if type_.precision is None:
            return "DECIMAL"
        return f"DECIMAL({type_.precision}, {type_.scale or 0})"

    visit_DECIMAL = visit_NUMERIC  # noqa: N815

    def visit_DATETIME(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "TIMESTAMP WITH TIME ZONE" if type_.timezone else "TIMESTAMP"

    visit_TIMESTAMP = visit_DATETIME  # noqa: N815

    def visit_TIME(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "TIME"

    def visit_TEXT(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "VARCHAR"

    visit_CLOB = visit_NCLOB = visit_TEXT  # noqa: N815

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return f"VARCHAR({type_.length})" if type_.length else "VARCHAR"

    visit_NVARCHAR = visit_CHAR = visit_NCHAR = visit_VARCHAR  # noqa: N815

    def visit_BLOB(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "BLOB"

    visit_BINARY = visit_VARBINARY = visit_BLOB  # noqa: N815

    def visit_large_binary(self, type_: Any, **kw: Any) -> str:
        return "BLOB"

    def visit_UUID(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "UUID"

    def visit_ARRAY(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "LIST"

    def visit_JSON(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "JSON"

    def visit_LIST(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "LIST"

    def visit_MAP(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "MAP"

    def visit_GEOJSON(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "GEOJSON"

    def visit_HLL(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "HLL"


_PLAIN: Final[dict[str, Any]] = {
    "BOOLEAN": sqltypes.BOOLEAN,
    "TINYINT": sqltypes.SMALLINT,
    "SMALLINT": sqltypes.SMALLINT,
    "INTEGER": sqltypes.INTEGER,
    "BIGINT": sqltypes.BIGINT,
    "DOUBLE": sqltypes.FLOAT,
    "VARCHAR": sqltypes.VARCHAR,
    "BLOB": sqltypes.BLOB,
    "DATE": sqltypes.DATE,
    "TIME": sqltypes.TIME,
    "TIMESTAMP": sqltypes.TIMESTAMP,
    "UUID": getattr(sqltypes, "UUID", sqltypes.VARCHAR),
    "JSON": sqltypes.JSON,
    "LIST": LIST,
    "MAP": MAP,
    "GEOJSON": GEOJSON,
    "HLL": HLL,
}
_SIZED: Final = re.compile(r"(\w+)\((\d+)(?:,\s*(\d+))?\)")


def type_from_sql(text: str) -> sqltypes.TypeEngine[Any]:
    """Return the type of a column as the catalog names it; NullType for a name unknown here."""
    text = text.upper()
    if text in ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"):
        return sqltypes.TIMESTAMP(timezone=True)
    found = _SIZED.fullmatch(text)
    if found is not None and found[1] == "DECIMAL":
        return sqltypes.DECIMAL(int(found[2]), int(found[3] or 0))
    if found is not None and found[1] == "VARCHAR":
        return sqltypes.VARCHAR(int(found[2]))
    if text == "DECIMAL":
        return sqltypes.DECIMAL()
    made: sqltypes.TypeEngine[Any] = _PLAIN.get(text, sqltypes.NullType)()
    return made
