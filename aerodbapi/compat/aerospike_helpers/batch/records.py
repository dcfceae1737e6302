"""What batch_write() takes, and what all batch methods answer with."""

from __future__ import annotations

from typing import Any, Union

__all__ = ["Apply", "BatchRecord", "BatchRecords", "Read", "Remove", "Write"]

_Dict = Union[dict[str, Any], None]


class _Types:
    READ = 0
    WRITE = 1
    APPLY = 2
    REMOVE = 3


class BatchRecord:
    """One key of a batch, and how it went.

    `record`: (key, meta, bins) as get() answers, or None. `result`: the result code; `message`
    and `subcode` say more of it. `in_doubt`: a failed write that may have been applied.
    """

    _type: int
    _has_write: bool = False

    def __init__(self, key: Any) -> None:
        self.key = key
        self.record: Any = None
        self.result = 0
        self.message: str | None = None
        self.subcode = 0
        self.in_doubt = False


class Write(BatchRecord):
    """Do operations that may write."""

    _type = _Types.WRITE
    _has_write = True

    def __init__(self, key: Any, ops: Any, meta: _Dict = None, policy: _Dict = None) -> None:
        super().__init__(key)
        self.ops = ops
        self.meta = meta
        self.policy = policy


class Read(BatchRecord):
    """Do operations that read; with `ops` None read all bins, or none."""

    _type = _Types.READ

    def __init__(
        self,
        key: Any,
        ops: Any,
        read_all_bins: bool = False,
        meta: _Dict = None,
        policy: _Dict = None,
    ) -> None:
        super().__init__(key)
        self.ops = ops
        self.read_all_bins = read_all_bins
        self.meta = meta
        self.policy = policy


class Apply(BatchRecord):
    """Call a function of a UDF module on the record."""

    _type = _Types.APPLY
    _has_write = True

    def __init__(
        self, key: Any, module: str, function: str, args: Any, policy: _Dict = None
    ) -> None:
        super().__init__(key)
        self.module = module
        self.function = function
        self.args = args
        self.policy = policy


class Remove(BatchRecord):
    """Remove the record."""

    _type = _Types.REMOVE
    _has_write = True

    def __init__(self, key: Any, policy: _Dict = None) -> None:
        super().__init__(key)
        self.policy = policy


class BatchRecords:
    """A batch. `result`: 0, or the code of what stopped or failed it (-16: some records)."""

    def __init__(self, batch_records: Any = None) -> None:
        self.batch_records = [] if batch_records is None else batch_records
        self.result = 0
