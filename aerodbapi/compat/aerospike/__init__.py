"""The official client's module `aerospike`, on this package.

    from aerodbapi.compat import aerospike

    client = aerospike.client({"hosts": [("127.0.0.1", 3000)]})
    client.put(("test", "demo", "u1"), {"name": "Ann"})

Names, signatures, results, constants and exceptions are those of version 19.3.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as _constants
from aerodbapi.compat.aerospike import exception, predicates
from aerodbapi.compat.aerospike.calls import parsed
from aerodbapi.compat.aerospike.client import Client, client
from aerodbapi.compat.aerospike.constants import *  # noqa: F403
from aerodbapi.compat.aerospike.datatypes import (
    CDTInfinite,
    CDTWildcard,
    GeoJSON,
    KeyOrderedDict,
    geodata,
    geojson,
    null,
)
from aerodbapi.compat.aerospike.keys import calc_digest, get_partition_id
from aerodbapi.compat.aerospike.logs import set_log_handler, set_log_level
from aerodbapi.compat.aerospike.query import Query, Scan
from aerodbapi.compat.aerospike.transaction import ConfigProvider, Transaction
from aerodbapi.compat.aerospike.values import (
    set_deserializer,
    set_serializer,
    unset_serializers,
)

__all__ = [
    "CDTInfinite",
    "CDTWildcard",
    "Client",
    "ConfigProvider",
    "GeoJSON",
    "KeyOrderedDict",
    "Query",
    "Scan",
    "Transaction",
    "calc_digest",
    "client",
    "exception",
    "geodata",
    "geojson",
    "get_partition_id",
    "null",
    "predicates",
    "set_deserializer",
    "set_log_handler",
    "set_log_level",
    "set_serializer",
    "unset_serializers",
]

calc_digest, geodata, geojson = parsed(calc_digest), parsed(geodata), parsed(geojson)
set_log_level = parsed(set_log_level)
set_serializer, set_deserializer = parsed(set_serializer), parsed(set_deserializer)

_values = vars(_constants)
globals().update({name: _values[name] for name in _values if name.strip("_").isupper()})
__all__ += [name for name in _values if name.isupper() and not name.startswith("_")]
#: The largest integers, for programs of clients before 1.0.
INT_MAX, INT_MIN = (1 << 63) - 1, -(1 << 63)


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'aerospike' has no attribute {name!r}")
