"""PartitionFilter: the partitions that a query reads."""

from __future__ import annotations

import operator
from typing import Any, Final

from aerodbapi.cluster.query import PartitionFilter as NativeFilter
from aerodbapi.compat.aerospike_py.exception import InvalidArgError

__all__ = [
    "PartitionFilter",
    "native_filter",
    "partition_filter_all",
    "partition_filter_by_id",
    "partition_filter_by_range",
]

_PARTITIONS: Final = 4096


class PartitionFilter:
    """Made by partition_filter_all, _by_id and _by_range; goes into a query's policy."""

    __slots__ = ("_begin", "_count")
    _begin: int
    _count: int
    __module__ = "aerospike_py"

    def __init__(self, *args: Any) -> None:
        raise TypeError("a PartitionFilter is made by partition_filter_all, _by_id or _by_range")

    def __repr__(self) -> str:
        return f"PartitionFilter(begin={self._begin}, count={self._count})"


def _made(begin: int, count: int) -> PartitionFilter:
    made = PartitionFilter.__new__(PartitionFilter)
    made._begin, made._count = begin, count
    return made


def _unsigned(value: Any) -> int:
    number = operator.index(value)
    if number < 0:
        raise OverflowError("can't convert negative int to unsigned")
    return number


def partition_filter_all() -> PartitionFilter:
    """Every partition."""
    return _made(0, _PARTITIONS)


def partition_filter_by_id(partition_id: int) -> PartitionFilter:
    """One partition, 0 to 4095. Raises ValueError for another."""
    number = _unsigned(partition_id)
    if number >= _PARTITIONS:
        raise ValueError(f"partition_id must be in [0, {_PARTITIONS}), got {number}")
    return _made(number, 1)


def partition_filter_by_range(begin: int, count: int) -> PartitionFilter:
    """`count` partitions from `begin` on. Raises ValueError beyond 4095."""
    first, number = _unsigned(begin), _unsigned(count)
    if first >= _PARTITIONS and number:
        raise ValueError(f"begin must be in [0, {_PARTITIONS}), got {first}")
    if first + number > _PARTITIONS:
        raise ValueError(
            f"begin + count must be <= {_PARTITIONS}, got begin={first}, count={number}"
        )
    return _made(first, number)


def native_filter(given: Any) -> NativeFilter | None:
    """What a policy's `partition_filter` stands for; None for every partition.

    Raises TypeError; InvalidArgError for an empty range.
    """
    if given is None:
        return None
    if not isinstance(given, PartitionFilter):
        raise TypeError(
            "policy['partition_filter'] must be a PartitionFilter instance "
            "returned by aerospike_py.partition_filter_all/_by_id/_by_range"
        )
    if not given._count:
        raise InvalidArgError("Invalid argument: a partition filter without partitions")
    return NativeFilter(given._begin, given._count)
