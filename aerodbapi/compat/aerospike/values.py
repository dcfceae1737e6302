"""Values on their way to the engine and back: the official client's mapping and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aerodbapi import types
from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.datatypes import (
    CDTInfinite,
    CDTWildcard,
    GeoJSON,
    KeyOrderedDict,
    null,
)
from aerodbapi.compat.aerospike.raising import client_error, param_error

__all__ = [
    "Inward",
    "integer",
    "outward",
    "set_deserializer",
    "set_serializer",
    "unset_serializers",
]

_MIN, _MAX = -(1 << 63), (1 << 63) - 1
_SCALARS = frozenset({str, bytes, float, type(None), types.HyperLogLog})
_KEYS = (str, int, bytes, bytearray)
#: The process's serializer and deserializer (set_serializer, set_deserializer).
_functions: dict[str, Callable[[Any], Any] | None] = {"in": None, "out": None}


def set_serializer(function: Callable[[Any], str]) -> int:
    """Write values of types that are not the server's as the text that `function` returns."""
    return _set("in", function)


def set_deserializer(function: Callable[[str], Any]) -> int:
    """Read values that a serializer wrote by `function`."""
    return _set("out", function)


def unset_serializers() -> int:
    """Forget serializer and deserializer."""
    _functions.update({"in": None, "out": None})
    return 0


def _set(way: str, function: Any) -> int:
    if not callable(function):
        param_error("Parameter must be a callable")
    _functions[way] = function
    return 0


def integer(value: int, what: str = "integer value") -> int:
    """Return `value` if 64 bits hold it; else raise ParamError."""
    if not _MIN <= value <= _MAX:
        param_error(f"{what} exceeds sys.maxsize")
    return value


class Inward:
    """Makes the engine's values of a program's.

    `bool_as_int`: send booleans as integers (config send_bool_as). `serialize`: the client's
    own function for other types (config serialization); the process's needs SERIALIZER_USER.
    `strict`: operations are checked before they are sent (config strict_types). `validate`:
    dictionaries of policies have no unknown keys (config validate_keys).
    """

    __slots__ = ("bool_as_int", "serialize", "strict", "validate")

    def __init__(
        self,
        bool_as_int: bool = False,
        serialize: Callable[[Any], Any] | None = None,
        strict: bool = True,
        validate: bool = False,
    ) -> None:
        self.bool_as_int = bool_as_int
        self.serialize = serialize
        self.strict = strict
        self.validate = validate

    def __call__(self, value: Any, serializer: int | None = None) -> Any:
        """One value. `serializer`: SERIALIZER_USER, SERIALIZER_NONE, or None for what is set."""
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is int:
            return integer(value)
        if kind is bool:
            return int(value) if self.bool_as_int else value
        if kind is list:
            return [self(item, serializer) for item in value]
        if kind is dict or isinstance(value, dict):
            return self._map(value, serializer)
        return self._other(value, serializer)

    def _map(self, value: dict[Any, Any], serializer: int | None) -> dict[Any, Any]:
        made = {}
        for key, item in value.items():
            if not isinstance(key, _KEYS):
                param_error(f"a map's key is an integer, text or bytes, not {type(key).__name__}")
            made[self(key, serializer)] = self(item, serializer)
        return types.KeyOrderedDict(made) if isinstance(value, types.KeyOrderedDict) else made

    def _other(self, value: Any, serializer: int | None) -> Any:
        if isinstance(value, GeoJSON):
            return types.GeoJSON.trusted(value.dumps())
        for kind, make in _OTHERS:
            if isinstance(value, kind):
                return make(value)
        if isinstance(value, list):
            return [self(item, serializer) for item in value]
        return self._serialized(value, serializer)

    def _serialized(self, value: Any, serializer: int | None) -> Any:
        function = self.serialize
        if serializer == a.SERIALIZER_USER:
            function = function or _functions["in"]
            if function is None:
                client_error("No serializer callback registered")
        elif function is None and serializer not in (None, a.SERIALIZER_NONE):
            client_error("Unable to serialize using standard json serializer")
        if function is None or serializer == a.SERIALIZER_NONE:
            param_error("Cannot serialize: SERIALIZER_NONE selected")
        try:
            text = function(value)
            return text.encode() if isinstance(text, str) else bytes(memoryview(text))
        except Exception:
            client_error("Unable to call user's registered serializer callback")


_OTHERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (null, lambda value: None),
    (CDTInfinite, lambda value: types.INFINITY),
    (CDTWildcard, lambda value: types.WILDCARD),
    (types.Marker, lambda value: value),
    (types.HyperLogLog, lambda value: value),
    (bytearray, bytes),
    (str, str),
    (bool, bool),
    (int, lambda value: integer(int(value))),
    (float, float),
    (bytes, bytes),
)


def outward(value: Any, deserialize: Callable[[str], Any] | None = None) -> Any:
    """A program's value of one of the engine's. `deserialize`: the client's own for bytes."""
    kind = type(value)
    if kind is bytes:
        function = deserialize or _functions["out"]
        return value if function is None else _deserialized(value, function)
    if kind is list:
        return [outward(item, deserialize) for item in value]
    if kind is dict:
        return {outward(k): outward(item, deserialize) for k, item in value.items()}
    if kind is types.KeyOrderedDict:
        return KeyOrderedDict({outward(k): outward(v, deserialize) for k, v in value.items()})
    if kind is types.GeoJSON:
        shape = GeoJSON.__new__(GeoJSON)
        shape.geo_data = value.value
        return shape
    return value


def _deserialized(value: bytes, function: Callable[[str], Any]) -> Any:
    try:
        return function(value.decode())
    except Exception:
        return value  # as it was stored
