"""What batch_read answers with: a dictionary of bins by user key, and every record beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aerodbapi.compat.aerospike_py.types import AerospikeRecord, BatchRecord

if TYPE_CHECKING:
    import numpy as np

    from aerodbapi.compat.aerospike_py.numpy_batch import NumpyBatchRecords

__all__ = ["LazyBatchRecords"]


class LazyBatchRecords(dict[Any, AerospikeRecord]):
    """User key → bins, for the records found; `batch_records` has the others too, in order.

    Programs written before 0.14 find the dictionary, or the `batch_records`, that they expect.
    """

    __slots__ = ("batch_records",)

    def __init__(self, batch_records: Sequence[BatchRecord]) -> None:
        self.batch_records = list(batch_records)
        super().__init__(
            (each.key.user_key, each.record.bins)
            for each in self.batch_records
            if each.record is not None
            and each.record.bins is not None
            and each.key is not None
            and each.key.user_key is not None
        )

    def __missing__(self, key: Any) -> AerospikeRecord:
        raise KeyError(
            f"{key!r} not present: the record is missing, its read failed, or its key is a "
            "digest; batch_records has the result code"
        )

    def to_dict(self) -> dict[Any, AerospikeRecord]:
        """The dictionary alone."""
        return dict(self)

    as_dict = to_dict

    def to_list(self) -> list[AerospikeRecord | None]:
        """Every key's bins in the order asked; None where no record was read."""
        return [None if each.record is None else each.record.bins for each in self.batch_records]

    def to_numpy(self, dtype: np.dtype[Any]) -> NumpyBatchRecords:
        """A row of a structured array for every key; zeros where no record was read."""
        from aerodbapi.compat.aerospike_py.numpy_batch import from_batch

        return from_batch(self.batch_records, dtype)

    def iter_records(self) -> Iterator[BatchRecord]:
        """Every key's BatchRecord in order."""
        return iter(self.batch_records)

    def all_user_keys(self) -> list[Any]:
        """Every user key in the order asked; None for digests."""
        return [None if each.key is None else each.key.user_key for each in self.batch_records]

    def found_count(self) -> int:
        """How many records were read."""
        return sum(each.record is not None for each in self.batch_records)

    def release_cache(self) -> None:
        """Nothing: what aerospike-py can build again is held once here."""

    @staticmethod
    def merge_to_dict(handles: list[LazyBatchRecords]) -> list[dict[Any, AerospikeRecord]]:
        """The dictionary of each."""
        return [handle.to_dict() for handle in handles]
