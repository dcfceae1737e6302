"""What queries ask for, shared by Query and AsyncQuery."""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.compat.aerospike_py import _policies as policies
from aerodbapi.compat.aerospike_py._arguments import a_dict, bin_name, instance
from aerodbapi.compat.aerospike_py._commands import Command
from aerodbapi.compat.aerospike_py._partitions import native_filter
from aerodbapi.compat.aerospike_py.exception import InvalidArgError
from aerodbapi.errors import Error
from aerodbapi.native import queries
from aerodbapi.types import GeoJSON

__all__ = ["BaseQuery", "native_where"]

_COLLECTIONS: Final = {0: None, 1: "LIST", 2: "MAPKEYS", 3: "MAPVALUES"}
#: Predicate → elements that its tuple has at least.
_LENGTHS: Final = {
    "equals": 3,
    "between": 4,
    "contains": 4,
    "geo_within_geojson_region": 3,
    "geo_within_radius": 5,
    "geo_contains_geojson_point": 3,
}


class BaseQuery:
    """A query's set, bins and predicate."""

    def __init__(self, client: Any, namespace: str, set_name: str | None) -> None:
        self._client = client
        self._namespace = instance(namespace, str)
        self._set_name = None if set_name is None else instance(set_name, str)
        self._bins: list[str] = []
        self._where: queries.Where | None = None

    def select(self, *bins: str) -> None:
        """Read only these bins; further calls add to them."""
        self._bins += [bin_name(name) for name in bins]

    def where(self, predicate: tuple[Any, ...]) -> None:
        """Read only what a predicate of `predicates` finds by its secondary index."""
        found = native_where(instance(predicate, tuple))
        if self._where is not None:
            raise InvalidArgError("a query has one predicate; a filter_expression may add more")
        self._where = found

    def _command(self, policy: Any) -> Command[Any]:
        """The query's native call, which answers with records as they come."""
        given = a_dict(policy).get("partition_filter")
        return Command(
            "query" if self._where else "scan",
            (self._namespace, self._set_name),
            "query",
            (self._namespace, self._set_name or None),
            lambda answer: answer,
            bins=self._bins or None,
            where=self._where,
            policy=policies.query(policy),
            partitions=native_filter(given),
        )


def native_where(predicate: tuple[Any, ...]) -> queries.Where:
    """Translate a predicate. Raises InvalidArgError."""
    if len(predicate) < 3:
        raise InvalidArgError(
            "Predicate tuple must have at least 3 elements (kind, bin, value, ...), "
            f"got {len(predicate)}"
        )
    kind, name = instance(predicate[0], str), bin_name(predicate[1])
    length = _LENGTHS.get(kind)
    if length is None:
        raise InvalidArgError(f"Unknown predicate type: {kind}")
    if len(predicate) < length:
        raise InvalidArgError(
            f"Predicate '{kind}' requires at least {length} elements, got {len(predicate)}"
        )
    try:
        return _built(kind, name, predicate)
    except (Error, ValueError) as error:
        raise InvalidArgError(f"Predicate '{kind}': {error}") from error


def _built(kind: str, name: str, predicate: tuple[Any, ...]) -> queries.Where:
    if kind == "equals":
        return queries.equals(name, _indexed(kind, predicate[2]))
    if kind == "between":
        low, high = instance(predicate[2], int), instance(predicate[3], int)
        return queries.between(name, low, high)
    if kind == "contains":
        if predicate[2] not in _COLLECTIONS:
            raise InvalidArgError(
                f"Predicate 'contains' index_type {predicate[2]} is invalid; "
                "it is one of INDEX_TYPE_*"
            )
        value, collection = _indexed(kind, predicate[3]), _COLLECTIONS[predicate[2]]
        return queries.equals(name, value, collection)
    if kind == "geo_within_radius":
        return queries.geo(name, _circle(*predicate[2:5]))
    return queries.geo(name, GeoJSON(instance(predicate[2], str)))


def _indexed(kind: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, str, bytes)):
        raise InvalidArgError(
            f"Predicate '{kind}' value {value!r} has an unsupported type; "
            "an index is asked for an integer, text or bytes"
        )
    return value


def _circle(latitude: float, longitude: float, radius: float) -> GeoJSON:
    center = [float(longitude), float(latitude)]
    return GeoJSON({"type": "AeroCircle", "coordinates": [center, float(radius)]})
