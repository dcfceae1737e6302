"""client.llist(): large lists, which servers have retired, offered on an ordered list.

A large list was a sorted collection of unique values in one bin (the module LList of clients
before 3.0); a list bin that is ordered and whose elements are unique answers the same.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.keys import native_key
from aerodbapi.compat.aerospike.operations import bin_name
from aerodbapi.compat.aerospike.raising import fail, guarded, param_error
from aerodbapi.compat.aerospike.values import outward
from aerodbapi.native import lists, operations, records
from aerodbapi.native.results import Key

__all__ = ["LList", "ListMethods"]

Dict = dict[str, Any]
_UNIQUE = {"order": 1, "flags": lists.ListWrite.ADD_UNIQUE}
_VALUE, _COUNT = lists.ReturnType.VALUE, lists.ReturnType.COUNT


class LList:
    """A sorted list of unique values in one bin of one record.

    A value may be a dictionary with the key "key", by which it is then found and sorted.
    """

    def __init__(self, client: Any, key: Key, bin: str, module: str | None = None) -> None:
        self._client = client
        self._key = key
        self._bin = bin
        self._module = module

    def add(self, value: Any, policy: Dict | None = None) -> int:
        """Add a value. ElementExistsError when the list has it."""
        self._do([lists.list_append(self._bin, self._in(value), _UNIQUE)], policy)
        return 0

    def add_many(self, values: Any, policy: Dict | None = None) -> int:
        """Add values."""
        if not isinstance(values, list):
            param_error("values are a list")
        inward = [self._in(value) for value in values]
        self._do([lists.list_append_items(self._bin, inward, _UNIQUE)], policy)
        return 0

    #: The name in the documentation of those clients.
    add_all = add_many

    def update(self, value: Any, policy: Dict | None = None) -> int:
        """Add a value, or replace the one with its key."""
        begin, end = _span(self._in(value))
        self._do(
            [
                lists.list_remove_by_value_range(self._bin, begin, end),
                lists.list_append(self._bin, self._in(value), _UNIQUE),
            ],
            policy,
        )
        return 0

    def get(self, value: Any, policy: Dict | None = None) -> list[Any]:
        """The values equal to `value`, or with its key."""
        begin, end = _span(self._in(value))
        op = lists.list_get_by_value_range(self._bin, begin, end, _VALUE)
        return list(self._read(op, policy))

    find = get

    def exists(self, value: Any, policy: Dict | None = None) -> bool:
        """Whether the list has a value."""
        return bool(self.get(value, policy))

    def remove(self, value: Any, policy: Dict | None = None) -> int:
        """Remove a value. ElementNotFoundError when the list does not have it."""
        begin, end = _span(self._in(value))
        removed = self._read(
            lists.list_remove_by_value_range(self._bin, begin, end, _COUNT), policy
        )
        if not removed:
            fail(23, "AEROSPIKE_ERR_FAIL_ELEMENT_NOT_FOUND")
        return 0

    def find_first(self, count: int, policy: Dict | None = None) -> list[Any]:
        """The `count` smallest values."""
        return list(self._read(lists.list_get_range(self._bin, 0, count), policy))

    def find_last(self, count: int, policy: Dict | None = None) -> list[Any]:
        """The `count` greatest values, the greatest first."""
        found = self._read(lists.list_get_by_index_range(self._bin, -count, _VALUE, count), policy)
        return list(reversed(found))

    def find_from(self, value: Any, count: int, policy: Dict | None = None) -> list[Any]:
        """At most `count` values from `value` on."""
        begin, _ = _span(self._in(value))
        found = self._read(lists.list_get_by_value_range(self._bin, begin, None, _VALUE), policy)
        return list(found[:count])

    def range_limit(
        self, begin: Any, end: Any, count: int = 0, policy: Dict | None = None
    ) -> list[Any]:
        """The values from `begin` to `end`, both included, at most `count` (0: all)."""
        first, last = _span(self._in(begin))[0], _span(self._in(end))[1]
        found = self._read(lists.list_get_by_value_range(self._bin, first, last, _VALUE), policy)
        return list(found[:count] if count else found)

    def range(self, begin: Any, end: Any, policy: Dict | None = None) -> list[Any]:
        """The values from `begin` to `end`, both included."""
        return self.range_limit(begin, end, 0, policy)

    def scan(self, policy: Dict | None = None) -> list[Any]:
        """All values, sorted."""
        return list(self._read(operations.read(self._bin), policy))

    #: The former name of scan().
    filter = scan

    def size(self, policy: Dict | None = None) -> int:
        """The number of values."""
        return int(self._read(lists.list_size(self._bin), policy) or 0)

    def destroy(self, policy: Dict | None = None) -> int:
        """Remove the list and its bin."""
        self._do([operations.write(self._bin, None)], policy)
        return 0

    # ---- calls -------------------------------------------------------------------------------

    def _in(self, value: Any) -> Any:
        inward = self._client._settings.inward(value)
        if isinstance(inward, dict) and "key" in inward:
            # Sorted by the key: lists compare element by element.
            return [inward["key"], inward]
        return inward

    def _do(self, ops: Any, policy: Dict | None) -> Any:
        client = self._client
        chosen = client._settings.policies("operate", policy)
        return client._call(guarded(records.operate_ordered, self._key, ops, chosen))

    def _read(self, op: Any, policy: Dict | None) -> Any:
        results = self._do([op], policy).ordered_bins
        value = results[-1][1] if results else None
        if isinstance(value, list):
            return [_out(item) for item in value]
        return [] if value is None else value


def _out(item: Any) -> Any:
    keyed = isinstance(item, list) and len(item) == 2 and isinstance(item[1], dict)
    return outward(item[1] if keyed and item[1].get("key") == item[0] else item)


def _span(value: Any) -> tuple[Any, Any]:
    """The range of values that count as `value`: those with its key."""
    from aerodbapi.types import INFINITY

    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], dict):
        return [value[0]], [value[0], INFINITY]
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value + 1
    if isinstance(value, str):
        return value, value + "\0"
    if isinstance(value, bytes):
        return value, value + b"\0"
    if not isinstance(value, list):
        param_error(f"a large list holds no {type(value).__name__}")
    return value, [*value, INFINITY]


class ListMethods(BaseClient):
    """Large lists."""

    def llist(self, key: Any, bin: str, module: str | None = None) -> LList:
        """The large list in a bin of a record."""
        return LList(self, native_key(key), bin_name(bin), module)
