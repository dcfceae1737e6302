"""The write policies of list, map, bit and HLL commands: frozen, and built from dictionaries too.

Keys of the two existing Python clients are understood: `{"list_order": 1, "write_flags": 4}`
(official) and `{"order": 1, "flags": 4}` (aerospike-py) are the same list policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar

from aerodbapi.errors import ParameterError
from aerodbapi.frozen import frozen

__all__ = [
    "BitOverflow",
    "BitPolicy",
    "BitResize",
    "BitWrite",
    "HLLPolicy",
    "HLLWrite",
    "ListOrder",
    "ListPolicy",
    "ListSort",
    "ListWrite",
    "MapOrder",
    "MapPolicy",
    "MapWrite",
    "StringPolicy",
    "StringWrite",
    "coerce",
]

_P = TypeVar("_P")


class ListOrder:
    """How a list is kept."""

    UNORDERED: Final = 0
    ORDERED: Final = 1


class ListWrite:
    """Flags of writes to a list."""

    DEFAULT: Final = 0
    ADD_UNIQUE: Final = 1
    INSERT_BOUNDED: Final = 2
    NO_FAIL: Final = 4
    PARTIAL: Final = 8


class ListSort:
    """Flags of list_sort."""

    DEFAULT: Final = 0
    DESCENDING: Final = 1
    DROP_DUPLICATES: Final = 2


class MapOrder:
    """How a map is kept."""

    UNORDERED: Final = 0
    KEY_ORDERED: Final = 1
    KEY_VALUE_ORDERED: Final = 3


class MapWrite:
    """Flags of writes to a map."""

    DEFAULT: Final = 0
    CREATE_ONLY: Final = 1
    UPDATE_ONLY: Final = 2
    NO_FAIL: Final = 4
    PARTIAL: Final = 8


class BitWrite:
    """Flags of writes to a blob's bits."""

    DEFAULT: Final = 0
    CREATE_ONLY: Final = 1
    UPDATE_ONLY: Final = 2
    NO_FAIL: Final = 4
    PARTIAL: Final = 8


class BitResize:
    """Flags of bit_resize."""

    DEFAULT: Final = 0
    FROM_FRONT: Final = 1
    GROW_ONLY: Final = 2
    SHRINK_ONLY: Final = 4


class StringWrite:
    """Flags of changes to text.

    CREATE_ONLY is for what may create a bin: insert, overwrite, concat, append, prepend, the two
    pads and repeat. UPDATE_ONLY: a missing bin stays missing. NO_FAIL: what cannot be done is not.
    """

    DEFAULT: Final = 0
    CREATE_ONLY: Final = 1
    UPDATE_ONLY: Final = 2
    NO_FAIL: Final = 4


class BitOverflow:
    """What bit_add and bit_subtract do when the result does not fit."""

    FAIL: Final = 0
    SATURATE: Final = 2
    WRAP: Final = 4


class HLLWrite:
    """Flags of writes to an HLL."""

    DEFAULT: Final = 0
    CREATE_ONLY: Final = 1
    UPDATE_ONLY: Final = 2
    NO_FAIL: Final = 4
    ALLOW_FOLD: Final = 8


@frozen
class ListPolicy:
    """`order` of a list that the command creates (ListOrder); `flags` are ListWrite's."""

    order: int = ListOrder.UNORDERED
    flags: int = ListWrite.DEFAULT


@frozen
class MapPolicy:
    """`order` of a map that the command creates (MapOrder); `flags` are MapWrite's.

    `persist_index`: store the index of an ordered top-level map with it.
    """

    order: int = MapOrder.UNORDERED
    flags: int = MapWrite.DEFAULT
    persist_index: bool = False

    @property
    def attributes(self) -> int:
        """Order and persistence as one number, as they are sent."""
        return self.order | (0x10 if self.persist_index else 0)


@frozen
class BitPolicy:
    """`flags` are BitWrite's."""

    flags: int = BitWrite.DEFAULT


@frozen
class HLLPolicy:
    """`flags` are HLLWrite's."""

    flags: int = HLLWrite.DEFAULT


@frozen
class StringPolicy:
    """`flags` are StringWrite's."""

    flags: int = StringWrite.DEFAULT


#: Other spellings of our keys: those of the two existing clients.
_SPELLINGS: Final = {
    "list_order": "order",
    "map_order": "order",
    "write_flags": "flags",
    "map_write_flags": "flags",
    "map_write_mode": "flags",
    "write_mode": "flags",
    "bit_write_flags": "flags",
    "hll_write_flags": "flags",
}


def coerce(cls: type[_P], given: Any) -> _P:
    """Return `given` as a `cls`: None is the default, an integer the flags, a mapping its keys.

    Raises ParameterError (-2) for an unknown key, or a value that is no integer.
    """
    if given is None:
        return cls()
    if isinstance(given, cls):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        given = {"flags": given}
    if not isinstance(given, Mapping):
        raise ParameterError(
            f"policy is a {cls.__name__} or a dictionary, not {type(given).__name__}",
            result_code=-2,
        )
    known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    values: dict[str, int] = {}
    for name, value in given.items():
        key = _SPELLINGS.get(name, name)
        if key not in known:
            raise ParameterError(
                f"unknown key {name!r} for a {cls.__name__}, which has {', '.join(sorted(known))}",
                result_code=-2,
            )
        if not isinstance(value, int):
            raise ParameterError(f"{name} is an integer, not {value!r}", result_code=-2)
        values[key] = value
    return cls(**values)
