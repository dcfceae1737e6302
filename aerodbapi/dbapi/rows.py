"""Row factories: what a fetched row is. Each takes the column names and returns a row maker.

cursor.row_factory = dict_row
connection = aerodbapi.connect(row_factory=class_row(User))
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar, Union

__all__ = [
    "RowFactory",
    "RowMaker",
    "class_row",
    "dict_row",
    "kwargs_row",
    "namedtuple_row",
    "scalar_row",
    "tuple_row",
]

_T = TypeVar("_T")
#: Makes a row of the values in column order.
RowMaker = Callable[[Sequence[Any]], Any]
#: Takes the column names; returns a maker, or None for the plain tuples as they come.
RowFactory = Callable[[Sequence[str]], Union[RowMaker, None]]


def tuple_row(names: Sequence[str]) -> RowMaker | None:
    """Plain tuples: the default."""
    return None


def dict_row(names: Sequence[str]) -> RowMaker:
    """Dictionaries by column name."""
    return lambda values: dict(zip(names, values))


def scalar_row(names: Sequence[str]) -> RowMaker:
    """The first column's value alone."""
    return lambda values: values[0]


def namedtuple_row(names: Sequence[str]) -> RowMaker:
    """Named tuples; names that are no Python names become f_1, f_2, …"""
    make: RowMaker = _namedtuple(tuple(names))._make
    return make


@lru_cache(maxsize=256)
def _namedtuple(names: tuple[str, ...]) -> Any:
    fields = [
        name if name.isidentifier() and not name.startswith("_") else f"f_{position}"
        for position, name in enumerate(names, 1)
    ]
    return namedtuple("Row", fields, rename=True)


def class_row(cls: type[_T]) -> Callable[[Sequence[str]], Callable[[Sequence[Any]], _T]]:
    """Instances of `cls`, made with the columns as keyword arguments."""
    return kwargs_row(cls)


def kwargs_row(
    function: Callable[..., _T],
) -> Callable[[Sequence[str]], Callable[[Sequence[Any]], _T]]:
    """What `function` returns when called with the columns as keyword arguments."""

    def factory(names: Sequence[str]) -> Callable[[Sequence[Any]], _T]:
        return lambda values: function(**dict(zip(names, values)))

    return factory
