"""`insert(table)` with ON CONFLICT, as SQLAlchemy's users know it from PostgreSQL and SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import util
from sqlalchemy.sql import dml
from sqlalchemy.sql.base import _exclusive_against, _generative
from sqlalchemy.sql.elements import ClauseElement

__all__ = ["Insert", "insert"]


def insert(table: Any) -> Insert:
    """Return an INSERT that can say what a key that exists already means."""
    return Insert(table)


class Insert(dml.Insert):
    """INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`.

    `excluded`: the row that was refused, for use in `set_`.
    """

    stringify_dialect = "aerospike"
    inherit_cache = False
    _post_values_clause: Any = None

    @util.memoized_property
    def excluded(self) -> Any:
        """The columns of the row that could not be inserted."""
        return self.table.alias("excluded").columns

    _once = _exclusive_against(
        "_post_values_clause",
        msgs={"_post_values_clause": "This Insert has an ON CONFLICT clause already"},
    )

    @_generative
    @_once
    def on_conflict_do_nothing(self, index_elements: Any = None) -> Any:
        """Leave a record with the key as it is. `index_elements`: the key's columns, or none."""
        self._post_values_clause = _DoNothing(index_elements)
        return self

    @_generative
    @_once
    def on_conflict_do_update(
        self, index_elements: Any = None, set_: Any = None, where: Any = None
    ) -> Any:
        """Change a record with the key: `set_` is a mapping of columns to values.

        `where`: only if the record that exists fulfils it.
        """
        if not set_:
            raise ValueError("set_ must not be empty")
        self._post_values_clause = _DoUpdate(index_elements, set_, where)
        return self


class _OnConflict(ClauseElement):
    inherit_cache = False

    def __init__(self, index_elements: Any) -> None:
        self.target = [getattr(each, "name", each) for each in index_elements or ()]


class _DoNothing(_OnConflict):
    __visit_name__ = "on_conflict_do_nothing"


class _DoUpdate(_OnConflict):
    __visit_name__ = "on_conflict_do_update"

    def __init__(self, index_elements: Any, set_: Any, where: Any) -> None:
        super().__init__(index_elements)
        pairs = set_.items() if hasattr(set_, "items") else set_
        self.values = [(getattr(name, "key", name), value) for name, value in pairs]
        self.where = where
