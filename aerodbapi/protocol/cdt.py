"""Lists and maps: msgpack as Aerospike writes it, on the `msgpack` library.

Particularities (server: msgpack_in.c, particle_list.c, particle_map.c):

* Strings, blobs, HLLs and GeoJSON are msgpack strings whose first byte is their particle type.
* A container's flags are an ext element that comes first: `[ext, …]`, `{ext: nil, …}`. Flag 1
  on a map is "ordered by key", flag 8 "in this order" (then it is shown as a flat list).
* Ext type -1 holds the two values that only compare: 0 WILDCARD, 1 INFINITY.
* Values have a total order: nil, false, true, integers, strings, lists, maps, blobs, doubles,
  GeoJSON, WILDCARD, INFINITY. Dicts are written with their keys in it.

Strings that are not UTF-8 are read with the "surrogateescape" error handler and written back
as they were.
"""

from __future__ import annotations

from aerodbapi.protocol.cdt_order import sort_key
from aerodbapi.protocol.cdt_reader import Flags, typed, unpack, unpack_raw
from aerodbapi.protocol.cdt_writer import lower, pack, pack_lowered

__all__ = [
    "Flags",
    "lower",
    "pack",
    "pack_lowered",
    "sort_key",
    "typed",
    "unpack",
    "unpack_raw",
]
