"""Values that Aerospike has no type for, stored as bytes by functions of the program.

    client.serializer = Serializer(dump=pickle.dumps, load=pickle.loads)

What no bin can hold (tuples, sets, objects; also inside lists and maps) goes through `dump` and
is stored as a blob; every blob that is read goes through `load`. Without a serializer such
values raise DataError, and tuples are lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aerodbapi.errors import DataError, ParameterError
from aerodbapi.frozen import frozen
from aerodbapi.native.results import Record
from aerodbapi.types import GeoJSON, KeyOrderedDict, Marker

__all__ = ["Serializer", "dumped", "loaded"]

_STORED: Final = (str, int, float, bytes, bytearray, memoryview, GeoJSON, Marker, type(None))


@frozen
class Serializer:
    """`dump` makes bytes (or text) of a value, `load` a value of bytes; each may be missing."""

    dump: Callable[[Any], bytes | str] | None = None
    load: Callable[[bytes], Any] | None = None

    def __post_init__(self) -> None:
        for name in ("dump", "load"):
            function = getattr(self, name)
            if function is not None and not callable(function):
                raise ParameterError(
                    f"{name} is a function, not {type(function).__name__}", result_code=-2
                )


def dumped(value: Any, dump: Callable[[Any], bytes | str]) -> Any:
    """The value with everything in it that cannot be stored replaced by `dump`'s bytes."""
    if isinstance(value, _STORED):
        return value
    if type(value) is list:
        return [dumped(item, dump) for item in value]
    if isinstance(value, dict):
        pairs = {key: dumped(item, dump) for key, item in value.items()}
        return KeyOrderedDict(pairs) if isinstance(value, KeyOrderedDict) else pairs
    made = dump(value)
    if isinstance(made, str):
        made = made.encode("utf-8", "surrogateescape")
    if not isinstance(made, (bytes, bytearray)):
        raise DataError(
            f"the serializer made {type(made).__name__} of a {type(value).__name__}, not bytes"
        )
    return bytes(made)


def loaded(value: Any, load: Callable[[bytes], Any]) -> Any:
    """The value with every blob in it replaced by what `load` makes of it."""
    if type(value) is bytes:
        return load(value)
    if type(value) is list:
        return [loaded(item, load) for item in value]
    if isinstance(value, dict):
        pairs = {key: loaded(item, load) for key, item in value.items()}
        return KeyOrderedDict(pairs) if isinstance(value, KeyOrderedDict) else pairs
    return value


def dumped_bins(serializer: Serializer | None, bins: Any) -> Any:
    """Bins ready to be stored."""
    if serializer is None or serializer.dump is None or not isinstance(bins, Mapping):
        return bins
    return {name: dumped(value, serializer.dump) for name, value in bins.items()}


def loaded_record(serializer: Serializer | None, record: Record) -> Record:
    """A record with its blobs loaded."""
    if serializer is None or serializer.load is None or record.bins is None:
        return record
    load = serializer.load
    return record._replace(bins={name: loaded(v, load) for name, v in record.bins.items()})
