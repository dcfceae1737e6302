"""The table of list commands (numbers and arguments: server source, proto.h and cdt.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt import list_edits, list_selection
from aerodbapi.embedded.cdt.commands import (
    Command,
    Select,
    edits,
    fixed,
    gives,
    one,
    reads,
    removes,
)
from aerodbapi.embedded.cdt.edits import INCOMPATIBLE_TYPE, PARAMETER, Edit
from aerodbapi.embedded.cdt.results import Kind, Return, integer
from aerodbapi.embedded.cdt.values import ListValue
from aerodbapi.embedded.packed import STRING, Reader
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["LIST_COMMANDS"]

_by_index = list_selection.by_index_range
_by_rank = list_selection.by_rank_range
_by_value = list_selection.by_value
_by_values = list_selection.by_value_list
_by_interval = list_selection.by_value_interval
_by_relative_rank = list_selection.by_relative_rank

_COUNT: Final = Return(Kind.COUNT)
_COUNTS: Final = Return(Kind.COUNT, multi=True)
_OTHERS: Final = Return(Kind.COUNT, inverted=True, multi=True)
_VALUE: Final = Return(Kind.VALUE)
_VALUES: Final = Return(Kind.VALUE, multi=True)


def _remove(signature: str, how: Return) -> Command:
    """Make one of the commands that remove by index and have no return type."""
    select = fixed(_by_index if how.multi else one(_by_index), how)

    def run(found: ListValue, *arguments: int) -> Edit:
        return list_edits.remove(found, select(found, *arguments))

    return Command(signature, run, modifies=True)


def _get(signature: str, how: Return) -> Command:
    select = fixed(_by_index if how.multi else one(_by_index), how)
    return gives(signature, lambda found, *arguments: select(found, *arguments).result)


def _joined(found: ListValue, separator: bytes = b"\xa1\x03") -> Particle:
    """Give the list's texts as one; Refused(4) for other values."""
    parts = [Reader(item).token() for item in (separator, *found.items)]
    if any(kind != STRING for kind, _ in parts):
        raise Refused(PARAMETER)
    between, *texts = (payload[1:] for _, payload in parts if isinstance(payload, bytes))
    return ParticleType.STRING, between.join(texts)


_SELECTIONS: Final[dict[str, tuple[int, int, str, Select, bool]]] = {
    # by: (get, remove, arguments, selection, several)
    "index": (19, 32, "ni", one(_by_index), False),
    "value": (20, 33, "nv", _by_value, False),
    "rank": (21, 34, "ni", one(_by_rank), False),
    "all by value": (22, 35, "nv", _by_value, True),
    "value list": (23, 36, "nv", _by_values, True),
    "index range": (24, 37, "nin?", _by_index, True),
    "value interval": (25, 38, "nvv?", _by_interval, True),
    "rank range": (26, 39, "nin?", _by_rank, True),
    "relative rank range": (27, 40, "nvin?", _by_relative_rank, True),
}

#: Command number → command.
LIST_COMMANDS: Final[dict[int, Command]] = {
    0: edits("n", list_edits.set_type, created=-1),
    1: edits("sn?n?", list_edits.append, created=1),
    2: edits("sn?n?", list_edits.append_items, created=1),
    3: edits("isn?", list_edits.insert, created=-1),
    4: edits("isn?", list_edits.insert_items, created=-1),
    5: _remove("i", _VALUE),
    6: _remove("in?", _VALUES),
    7: _remove("i", _COUNT),
    8: _remove("in?", _COUNTS),
    9: edits("isn?", list_edits.set_item, created=-1),
    10: _remove("in", _OTHERS),
    11: edits("", list_edits.clear),
    12: edits("iv?n?n?", list_edits.increment, created=2),
    13: edits("n?", list_edits.sort, created=-1, refusal=INCOMPATIBLE_TYPE),
    16: gives("", lambda found: integer(found.count)),
    17: _get("i", _VALUE),
    18: _get("in?", _VALUES),
    28: gives("v?", _joined),
    **{
        get: reads(signature, select, multi=multi)
        for get, _, signature, select, multi in _SELECTIONS.values()
    },
    **{
        remove: removes(signature, select, list_edits.remove, multi=multi)
        for _, remove, signature, select, multi in _SELECTIONS.values()
    },
}
