"""Client's methods on single records."""

from __future__ import annotations

import builtins
from typing import Any, NoReturn

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.datatypes import CDTInfinite, CDTWildcard
from aerodbapi.compat.aerospike.deprecations import old_meta, old_operations, warn
from aerodbapi.compat.aerospike.exception import AerospikeError, ParamError
from aerodbapi.compat.aerospike.keys import full_key, meta_dict, native_key, record
from aerodbapi.compat.aerospike.operations import bin_name, native_operations
from aerodbapi.compat.aerospike.raising import (
    client_error,
    fail,
    guarded,
    param_error,
    tell,
)
from aerodbapi.compat.aerospike.values import outward
from aerodbapi.native import records, udfs

__all__ = ["RecordMethods"]

Dict = dict[str, Any]
#: What only compares: a bin cannot hold it.
_NO_VALUES = (CDTWildcard, CDTInfinite)


class RecordMethods(BaseClient):
    """Reading and writing single records."""

    def put(
        self,
        key: Any,
        bins: Any,
        meta: Dict | None = None,
        policy: Dict | None = None,
        serializer: int | None = None,
    ) -> int:
        """Write bins; None removes a bin."""
        full = native_key(key)
        old_meta(meta)
        chosen = self._settings.policies("write", policy, meta)
        self._call(guarded(records.put, full, self._bins(bins, serializer), chosen), key, bin=bins)
        return 0

    def _bins(self, bins: Any, serializer: int | None) -> Dict:
        if not isinstance(bins, dict):
            param_error("Record should be passed as bin-value pair")
        inward = self._settings.inward
        made = {}
        for name, value in bins.items():
            if not isinstance(name, str):
                client_error("A bin name must be a string or unicode string.")
            if isinstance(value, _NO_VALUES):
                client_error(f"Invalid value type: {_NO_VALUES.index(type(value)) + 13}")
            made[bin_name(name)] = inward(value, serializer)
        if not made:
            _no_bins()
        return made

    def get(self, key: Any, policy: Dict | None = None) -> tuple[Any, ...]:
        """Read all bins: (key, meta, bins). The user key is in it only with POLICY_KEY_SEND."""
        full = native_key(key)
        chosen = self._settings.policies("read", policy)
        found = self._call(guarded(records.get, full, chosen), key)
        echo = self._settings.policies.sends_key("read", policy)
        return record(found, echo, self._settings.deserialize)

    def select(self, key: Any, bins: Any, policy: Dict | None = None) -> tuple[Any, ...]:
        """Read the bins named: (key, meta, bins)."""
        full = native_key(key)
        names = _names(bins)
        chosen = self._settings.policies("read", policy)
        found = self._call(guarded(records.get, full, chosen, names), key)
        return record(found, True, self._settings.deserialize)

    def exists(self, key: Any, policy: Dict | None = None) -> tuple[Any, ...]:
        """(key, meta), where meta is None when there is no record."""
        full = native_key(key)
        chosen = self._settings.policies("read", policy)
        found = self._call(guarded(records.exists, full, chosen), key)
        return (full_key(full), meta_dict(found.meta))

    def remove(self, key: Any, meta: Dict | None = None, policy: Dict | None = None) -> int:
        """Remove a record."""
        full = native_key(key)
        if meta is not None:
            warn(
                "meta parameter is deprecated and will be removed in the next client major release"
            )
        # Of the metadata only a generation counts, and nothing is said of the rest.
        gen = meta.get("gen") if isinstance(meta, dict) else None
        chosen = self._settings.policies(
            "remove", policy, {"gen": gen} if isinstance(gen, int) else None
        )
        self._call(guarded(records.remove, full, chosen), key)
        return 0

    def remove_bin(
        self, key: Any, list: Any, meta: Dict | None = None, policy: Dict | None = None
    ) -> int:
        """Remove bins; a record without any bin is gone."""
        if not isinstance(list, builtins.list):
            param_error("Bins should be a list")
        full = native_key(key)
        for name in list:
            if not isinstance(name, str):
                client_error("Invalid bin name, bin name should be a string or unicode string")
        if not list:
            _no_bins()
        old_meta(meta)
        try:
            chosen = self._settings.policies("write", policy, meta)
        except ParamError as error:
            if not str(error.msg).endswith("is invalid"):
                raise
            client_error(f"Incorrect policy -> {error.msg}")
        self._call(guarded(records.put, full, dict.fromkeys(list), chosen), key)
        return 0

    def touch(
        self, key: Any, val: int = 0, meta: Dict | None = None, policy: Dict | None = None
    ) -> int:
        """Renew the TTL (`val`: seconds, 0 the namespace's default)."""
        old_meta(meta)
        full, ops, chosen = self._operation(
            key, [{"op": a.OPERATOR_TOUCH, "val": val}], meta, policy
        )
        self._call(guarded(records.operate, full, ops, chosen), key)
        return 0

    def append(
        self,
        key: Any,
        bin: str,
        val: Any,
        meta: Dict | None = None,
        policy: Dict | None = None,
    ) -> int:
        """Put text or bytes behind those of a bin."""
        return self._one(key, a.OPERATOR_APPEND, bin, val, meta, policy)

    def prepend(
        self,
        key: Any,
        bin: str,
        val: Any,
        meta: Dict | None = None,
        policy: Dict | None = None,
    ) -> int:
        """Put text or bytes before those of a bin."""
        return self._one(key, a.OPERATOR_PREPEND, bin, val, meta, policy)

    def increment(
        self,
        key: Any,
        bin: str,
        offset: Any,
        meta: Dict | None = None,
        policy: Dict | None = None,
    ) -> int:
        """Add to the number in a bin."""
        return self._one(key, a.OPERATOR_INCR, bin, offset, meta, policy)

    def _one(
        self, key: Any, op: int, bin: str, value: Any, meta: Dict | None, policy: Dict | None
    ) -> int:
        try:
            self.operate(key, [{"op": op, "bin": bin, "val": value}], meta, policy)
        except AerospikeError as error:
            tell(error, bin=bin)
            raise
        return 0

    def operate(
        self, key: Any, list: Any, meta: Dict | None = None, policy: Dict | None = None
    ) -> tuple[Any, ...]:
        """Do operations: (key, meta, bins); of several results for one bin the last."""
        old_meta(meta)
        old_operations(list)
        full, ops, chosen = self._operation(key, list, meta, policy)
        found = self._call(guarded(records.operate, full, ops, chosen), key)
        return record(found, True, self._settings.deserialize)

    def operate_ordered(
        self, key: Any, list: Any, meta: Dict | None = None, policy: Dict | None = None
    ) -> tuple[Any, ...]:
        """Do operations: (key, meta, [(bin, value), …]), every result in order."""
        old_meta(meta)
        old_operations(list)
        full, ops, chosen = self._operation(key, list, meta, policy)
        found = self._call(guarded(records.operate_ordered, full, ops, chosen), key)
        deserialize = self._settings.deserialize
        results = [(name, outward(value, deserialize)) for name, value in found.ordered_bins]
        return (full_key(full), meta_dict(found.meta), results)

    def _operation(
        self, key: Any, ops: Any, meta: Dict | None, policy: Dict | None
    ) -> tuple[Any, Any, Any]:
        full = native_key(key)
        made, ttl = native_operations(ops, self._settings.inward)
        if ttl and (meta is None or meta.get("ttl") is None):
            meta = {**(meta or {}), "ttl": ttl}
        return full, made, self._settings.policies("operate", policy, meta)

    def apply(
        self, key: Any, module: str, function: str, args: Any, policy: Dict | None = None
    ) -> Any:
        """Call a UDF on a record; answers with what it returns."""
        full = native_key(key)
        arguments = self._arguments(args)
        for what, name in (("module", module), ("function", function)):
            if not isinstance(name, str):
                client_error(f"udf {what} argument must be a string or unicode string")
        chosen = self._settings.policies("apply", policy)
        if not module or not function:
            fail(100, "AEROSPIKE_ERR_UDF")
        call = guarded(udfs.apply, full, module, function, arguments, chosen)
        return outward(self._call(call, key, module=module, func=function))

    def _arguments(self, args: Any) -> list[Any]:
        if not isinstance(args, list):
            raise TypeError("expected UDF method arguments in a 'list'")
        return [self._settings.inward(value) for value in args]


def _names(bins: Any) -> list[str]:
    if not isinstance(bins, (list, tuple)):
        param_error("not a list or tuple")
    for name in bins:
        if not isinstance(name, str):
            param_error("Bin name must be a string")
    if not bins:
        _no_bins()
    return list(bins)


def _no_bins() -> NoReturn:
    """What the server says of a request without bins."""
    fail(4, "AEROSPIKE_ERR_REQUEST_INVALID", depth=3)
