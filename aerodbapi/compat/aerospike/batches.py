"""Client's methods on many records at once."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.deprecations import old_meta, old_operations
from aerodbapi.compat.aerospike.keys import full_key, meta_dict, native_key
from aerodbapi.compat.aerospike.operations import native_operations
from aerodbapi.compat.aerospike.raising import guarded, param_error
from aerodbapi.compat.aerospike.values import outward
from aerodbapi.compat.aerospike_helpers.batch import records as helpers
from aerodbapi.native import batch_records, batches
from aerodbapi.native.batch_records import Defaults

__all__ = ["BatchMethods"]

Dict = dict[str, Any]
_FAILED, _REFUSED = -16, 4


class BatchMethods(BaseClient):
    """Batches: each record's result code is in its BatchRecord; they are not raised."""

    def batch_read(
        self, keys: Any, bins: Any = None, policy: Dict | None = None
    ) -> helpers.BatchRecords:
        """Read records: all bins, those of `bins`, or with `bins` empty only metadata."""
        resolved = _keys(keys)
        if bins is not None:
            if not isinstance(bins, list):
                param_error("Bins argument should be a list.")
            for name in bins:
                if not isinstance(name, str):
                    param_error("Bin name should be a string or unicode string.")
        chosen = self._settings.policies("batch", policy)
        talk = batches.read(self._cluster, resolved, bins, chosen)
        return self._fill(_made(keys), talk, nobins=bins is not None and not bins)

    def batch_write(
        self, batch_records: helpers.BatchRecords, policy_batch: Dict | None = None
    ) -> helpers.BatchRecords:
        """Do what Write, Read, Remove and Apply say; fills in and returns the batch."""
        records = getattr(batch_records, "batch_records", None)
        if not isinstance(records, list):
            param_error(
                "batch_records must be of type aerospike_helpers.batch.records.BatchRecords"
            )
        requests = [self._request(record) for record in records]
        chosen = self._settings.policies("batch_parent_write", policy_batch)
        talk = batches.write(self._cluster, requests, chosen, self._defaults())
        return self._fill(batch_records, talk)

    def batch_operate(
        self,
        keys: Any,
        ops: Any,
        policy_batch: Dict | None = None,
        policy_batch_write: Dict | None = None,
        ttl: int | None = None,
    ) -> helpers.BatchRecords:
        """Do the same operations on every key."""
        resolved = _keys(keys)
        if not isinstance(ops, list):
            param_error("ops should be a list of op dictionaries")
        old_operations(ops)
        made, _ = native_operations(ops, self._settings.inward)
        meta = None if ttl is None else {"ttl": ttl}
        chosen = self._settings.policies("batch_parent_write", policy_batch)
        each = self._defaults(write=policy_batch_write, meta=meta)
        talk = batches.operate(self._cluster, resolved, made, chosen, each)
        return self._fill(_made(keys), talk)

    def batch_remove(
        self, keys: Any, policy_batch: Dict | None = None, policy_batch_remove: Dict | None = None
    ) -> helpers.BatchRecords:
        """Remove records; a missing one has result 2."""
        resolved = _keys(keys)
        chosen = self._settings.policies("batch_parent_write", policy_batch)
        each = self._settings.policies("batch_remove", policy_batch_remove)
        talk = batches.remove(self._cluster, resolved, chosen, each)
        return self._fill(_made(keys), talk)

    def batch_apply(
        self,
        keys: Any,
        module: str,
        function: str,
        args: Any,
        policy_batch: Dict | None = None,
        policy_batch_apply: Dict | None = None,
    ) -> helpers.BatchRecords:
        """Call a UDF on every key; its result is the record's bin SUCCESS."""
        resolved = _keys(keys)
        if not isinstance(args, list):
            param_error("args should be a list")
        arguments = [self._settings.inward(value) for value in args]
        chosen = self._settings.policies("batch_parent_write", policy_batch)
        each = self._defaults(apply=policy_batch_apply)
        talk = batches.apply(self._cluster, resolved, module, function, arguments, chosen, each)
        return self._fill(_made(keys), talk)

    # ---- requests ----------------------------------------------------------------------------

    def _defaults(
        self, *, write: Dict | None = None, apply: Dict | None = None, meta: Dict | None = None
    ) -> Defaults:
        policies = self._settings.policies
        return Defaults(
            policies("batch_read", None),
            policies("batch_write", write, meta),
            policies("batch_remove", None),
            policies("batch_apply", apply),
        )

    def _request(self, record: Any) -> batch_records.Request:
        kind = getattr(record, "_type", None)
        if not isinstance(kind, int):
            param_error("batch_type unkown: a batch is made of Write, Read, Remove and Apply")
        key = native_key(record.key)
        policies, inward = self._settings.policies, self._settings.inward
        old_meta(getattr(record, "meta", None))
        old_operations(getattr(record, "ops", None))
        if kind == helpers._Types.WRITE:
            ops, ttl = native_operations(record.ops, inward)
            meta = {"ttl": ttl, **(record.meta or {})} if ttl else record.meta
            return batch_records.Write(key, ops, policies("batch_write", record.policy, meta))
        if kind == helpers._Types.READ:
            return self._read(key, record)
        if kind == helpers._Types.REMOVE:
            return batch_records.Remove(key, policies("batch_remove", record.policy))
        arguments = [inward(value) for value in record.args or ()]
        policy = policies("batch_apply", record.policy)
        return batch_records.Apply(key, record.module, record.function, arguments, policy)

    def _read(self, key: Any, record: Any) -> batch_records.Read:
        policy = self._settings.policies("batch_read", record.policy)
        if record.ops:
            ops, _ = native_operations(record.ops, self._settings.inward)
            return batch_records.Read(key, ops=ops, policy=policy)
        return batch_records.Read(key, bins=None if record.read_all_bins else [], policy=policy)

    # ---- results -----------------------------------------------------------------------------

    def _fill(
        self, made: helpers.BatchRecords, talk: Any, *, nobins: bool = False
    ) -> helpers.BatchRecords:
        """Put results into the records of a batch, in order."""
        found = self._run(talk)
        made.result = 0
        for record, result in zip(made.batch_records, found):
            record.result = result.result
            record.in_doubt = result.in_doubt
            record.message = getattr(result, "message", None) or None
            record.record = None
            if result.record is not None:
                meta = meta_dict(result.record.meta)
                key = full_key(result.key)
                bins = result.record.bins
                values = {
                    n: outward(v, self._settings.deserialize) for n, v in (bins or {}).items()
                }
                record.record = (key, meta) if nobins else (key, meta, values)
        if any(record.result not in (0, 2, 27) for record in made.batch_records):
            made.result = _FAILED
        if {record.result for record in made.batch_records} == {_REFUSED}:
            made.result = _REFUSED  # the request as a whole, such as one with a bad expression
        return made


def _keys(keys: Any) -> list[Any]:
    if not isinstance(keys, list):
        param_error("keys should be a list of aerospike key tuples")
    return [guarded(native_key, key) for key in keys]


def _made(keys: list[Any]) -> helpers.BatchRecords:
    return helpers.BatchRecords([helpers.BatchRecord(key) for key in keys])
