"""The native client: records, batches, queries, indexes and info, without SQL.

    import aerodbapi

    with aerodbapi.client({"hosts": [("127.0.0.1", 3000)]}).connect() as client:
        client.put(("test", "demo", "u1"), {"name": "Ann", "age": 31})
        key, meta, bins = client.get(("test", "demo", "u1"))

`Client` waits, `aio.AsyncClient` is awaited; both have the same methods, each one line over a
function that knows what to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Union

from aerodbapi.cluster.query import PartitionFilter, PartitionTracker
from aerodbapi.native import batches, operations, queries, records, udfs
from aerodbapi.native.base import BaseClient, Config, Given
from aerodbapi.native.client_administration import Administration
from aerodbapi.native.engine import Engine
from aerodbapi.native.policies import BatchPolicy, QueryPolicy, ReadPolicy, WritePolicy
from aerodbapi.native.query_objects import Query
from aerodbapi.native.results import ExistsResult, OperateOrderedResult, Record
from aerodbapi.protocol.message import Operation

__all__ = ["BaseClient", "Client", "Config", "Given", "client"]


class Client(Administration):
    """The synchronous client; threads may share it. `connect` opens it, `with` closes it."""

    def connect(self, username: str | None = None, password: str | None = None) -> Client:
        """Connect; return the client itself. Does nothing when it is connected."""
        if self._engine is None:
            if username is not None:
                self.conninfo = self.conninfo.replace(user=username, password=password)
            self._engine = Engine.open(self.conninfo)
        return self

    def close(self) -> None:
        """Close all connections. The client may connect again."""
        try:
            self.disable_metrics()
        finally:
            engine, self._engine = self._engine, None
            if engine is not None:
                engine.close()

    def __enter__(self) -> Client:
        return self.connect()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # ---- records -----------------------------------------------------------------------------

    def get(self, key: Any, policy: ReadPolicy | Given = None) -> Record:
        """Read all bins. RecordNotFound when there is no record."""
        record = self._open.call(records.get(key, self._read(policy)))
        return record if self.serializer is None else self._loaded(record)

    def select(self, key: Any, bins: Sequence[str], policy: ReadPolicy | Given = None) -> Record:
        """Read the bins named."""
        record = self._open.call(records.get(key, self._read(policy), bins))
        return record if self.serializer is None else self._loaded(record)

    def exists(self, key: Any, policy: ReadPolicy | Given = None) -> ExistsResult:
        """Read only metadata; `meta` is None when there is no record."""
        return self._open.call(records.exists(key, self._read(policy)))

    def put(
        self,
        key: Any,
        bins: Mapping[str, Any],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Write bins; None removes a bin."""
        if self.serializer is not None:
            bins = self._dumped(bins)
        self._open.call(records.put(key, bins, self._write(policy, meta)))

    def remove(self, key: Any, meta: Given = None, policy: WritePolicy | Given = None) -> None:
        """Remove a record. RecordNotFound when there is none."""
        self._open.call(records.remove(key, self._write(policy, meta, self.remove_policy)))

    def touch(
        self, key: Any, val: int = 0, meta: Given = None, policy: WritePolicy | Given = None
    ) -> None:
        """Renew the TTL to `val` seconds (0: the namespace's default)."""
        chosen = self._write(policy, {"ttl": val, **(meta or {})})
        self._open.call(records.touch(key, chosen))

    def append(
        self,
        key: Any,
        bin: str,
        val: Union[str, bytes],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Put text or bytes behind the bin's."""
        ops = [operations.append(bin, val)]
        self._open.call(records.operate(key, ops, self._write(policy, meta)))

    def prepend(
        self,
        key: Any,
        bin: str,
        val: Union[str, bytes],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Put text or bytes before the bin's."""
        ops = [operations.prepend(bin, val)]
        self._open.call(records.operate(key, ops, self._write(policy, meta)))

    def increment(
        self,
        key: Any,
        bin: str,
        offset: Union[int, float],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Add to a number; a missing bin counts as zero."""
        ops = [operations.increment(bin, offset)]
        self._open.call(records.operate(key, ops, self._write(policy, meta)))

    def remove_bin(
        self,
        key: Any,
        bin_names: Sequence[str],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Remove bins; a record without any bin is gone."""
        records.check_names(bin_names)
        bins = dict.fromkeys(bin_names)
        self._open.call(records.put(key, bins, self._write(policy, meta)))

    def operate(
        self,
        key: Any,
        ops: Sequence[Operation],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> Record:
        """Do operations of `native.operations` atomically."""
        record = self._open.call(records.operate(key, ops, self._operate(policy, meta)))
        return record if self.serializer is None else self._loaded(record)

    def operate_ordered(
        self,
        key: Any,
        ops: Sequence[Operation],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> OperateOrderedResult:
        """Like operate, with every result in order as (bin, value)."""
        return self._open.call(records.operate_ordered(key, ops, self._operate(policy, meta)))

    def apply(
        self,
        key: Any,
        module: str,
        function: str,
        args: Sequence[Any] | None = None,
        policy: WritePolicy | Given = None,
    ) -> Any:
        """Run a record UDF on a record, which need not exist; return what it returns."""
        chosen = self._write(policy, default=self.apply_policy)
        return self._open.call(udfs.apply(key, module, function, args, chosen))

    # ---- batches -----------------------------------------------------------------------------

    def batch_read(
        self,
        keys: Iterable[Any],
        bins: Sequence[str] | None = None,
        policy: BatchPolicy | Given = None,
        policy_read: ReadPolicy | Given = None,
    ) -> batches.BatchRecords:
        """Read many records; `bins` [] reads only metadata."""
        engine, each = self._open, self._each(read=policy_read).read
        talk = batches.read(engine.cluster, keys, bins, self._batch(policy), each)
        return self._loaded_batch(engine.run(talk))

    def batch_write(
        self,
        records: Iterable[Any],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Write (key, bins) or (key, bins, meta) tuples; also Read, Write, Remove, Apply records.

        A record's own policy goes before `policy_write`, which is for all writes.
        """
        engine, each = self._open, self._each(write=policy_write)
        whole = self._batch(policy, writes=True)
        talk = batches.write(engine.cluster, self._dumped_batch(records), whole, each)
        return self._loaded_batch(engine.run(talk))

    def batch_operate(
        self,
        keys: Iterable[Any],
        ops: Sequence[Operation],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Do the same operations on every key."""
        engine, each = self._open, self._each(write=policy_write)
        whole = self._batch(policy, writes=True)
        talk = batches.operate(engine.cluster, keys, ops, whole, each)
        return self._loaded_batch(engine.run(talk))

    def batch_remove(
        self,
        keys: Iterable[Any],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Remove many records."""
        engine, each = self._open, self._each(remove=policy_write).remove
        whole = self._batch(policy, writes=True)
        return engine.run(batches.remove(engine.cluster, keys, whole, each))

    def batch_apply(
        self,
        keys: Iterable[Any],
        module: str,
        function: str,
        args: Sequence[Any] | None = None,
        policy: BatchPolicy | Given = None,
        policy_apply: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Run a record UDF on every key; what it returns is the record's bin SUCCESS."""
        engine, each = self._open, self._each(apply=policy_apply)
        whole = self._batch(policy, writes=True)
        talk = batches.apply(engine.cluster, keys, module, function, args, whole, each)
        return engine.run(talk)

    # ---- queries -----------------------------------------------------------------------------

    def query(
        self,
        namespace: str,
        set_name: str | None = None,
        bins: Sequence[str] | None = None,
        where: queries.Where | None = None,
        policy: QueryPolicy | Given = None,
        partitions: PartitionFilter | PartitionTracker | None = None,
    ) -> Query:
        """A query of a set (None: of the whole namespace); iterating it yields its records."""
        return Query(
            lambda: self._open,
            namespace,
            set_name,
            default=self.query_policy,
            bins=bins,
            where=where,
            policy=policy,
            partitions=partitions,
            serializer=self.serializer,
            lua_path=self.lua_path,
        )

    def scan(
        self,
        namespace: str,
        set_name: str | None = None,
        bins: Sequence[str] | None = None,
        policy: QueryPolicy | Given = None,
        partitions: PartitionFilter | PartitionTracker | None = None,
    ) -> Query:
        """A query without a predicate, under the scan policies."""
        return Query(
            lambda: self._open,
            namespace,
            set_name,
            default=self.scan_policy,
            bins=bins,
            policy=policy,
            partitions=partitions,
            serializer=self.serializer,
            lua_path=self.lua_path,
            predicates=False,
        )


def client(config: Config = None) -> Client:
    """A client that is not connected yet: `client(config).connect()`.

    `config`: options as a dictionary ({"hosts": [("127.0.0.1", 3000)]}), a connection URL, or
    None for an embedded node in memory.
    """
    return Client(config)
