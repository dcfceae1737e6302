"""The table of map commands (numbers and arguments: server source, proto.h and cdt.c)."""

from __future__ import annotations

from typing import Final

from aerodbapi.embedded.cdt import map_edits, map_selection
from aerodbapi.embedded.cdt.commands import Command, Select, edits, gives, one, reads, removes
from aerodbapi.embedded.cdt.edits import ELEMENT_NOT_FOUND
from aerodbapi.embedded.cdt.results import integer

__all__ = ["MAP_COMMANDS"]

_by_index = map_selection.by_index_range
_by_rank = map_selection.by_rank_range

_SELECTIONS: Final[dict[str, tuple[int, int, str, Select, bool]]] = {
    # by: (get, remove, arguments, selection, several)
    "key": (97, 76, "iv", map_selection.by_key, False),
    "index": (98, 77, "ii", one(_by_index), False),
    "value": (99, 78, "iv", map_selection.by_value, False),
    "rank": (100, 79, "ii", one(_by_rank), False),
    "all by value": (102, 82, "iv", map_selection.by_value, True),
    "key interval": (103, 84, "ivv?", map_selection.by_key_interval, True),
    "index range": (104, 85, "iin?", _by_index, True),
    "value interval": (105, 86, "ivv?", map_selection.by_value_interval, True),
    "rank range": (106, 87, "iin?", _by_rank, True),
    "key list": (107, 81, "iv", map_selection.by_key_list, True),
    "value list": (108, 83, "iv", map_selection.by_value_list, True),
    "relative index range": (109, 88, "ivin?", map_selection.by_relative_index, True),
    "relative rank range": (110, 89, "ivin?", map_selection.by_relative_rank, True),
}

#: Command number → command.
MAP_COMMANDS: Final[dict[int, Command]] = {
    64: edits("n", map_edits.set_type, created=-1),
    65: edits("ssn?", map_edits.insert_new, created=2),
    66: edits("sn?", map_edits.insert_new_items, created=1),
    67: edits("ssn?n?", map_edits.put, created=2),
    68: edits("sn?n?", map_edits.put_items, created=1),
    69: edits("ss", map_edits.replace, created=-1),
    70: edits("s", map_edits.replace_items, refusal=ELEMENT_NOT_FOUND),
    73: edits("vv?n?", map_edits.increment, created=2),
    74: edits("vv?n?", map_edits.decrement, created=2),
    75: edits("", map_edits.clear),
    96: gives("", lambda found: integer(found.count)),
    **{
        get: reads(signature, select, multi=multi)
        for get, _, signature, select, multi in _SELECTIONS.values()
    },
    **{
        remove: removes(signature, select, map_edits.remove, multi=multi)
        for _, remove, signature, select, multi in _SELECTIONS.values()
    },
}
