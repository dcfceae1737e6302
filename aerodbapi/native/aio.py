"""The asynchronous native client: `Client`'s methods, awaited.

async with aerodbapi.AsyncClient({"hosts": [("127.0.0.1", 3000)]}) as client:
    key, meta, bins = await client.get(("test", "demo", "u1"))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Union

from aerodbapi.cluster.query import PartitionFilter, PartitionTracker
from aerodbapi.native import batches, operations, queries, records, udfs
from aerodbapi.native.aio_administration import AsyncAdministration
from aerodbapi.native.base import Given
from aerodbapi.native.engine import AsyncEngine
from aerodbapi.native.policies import BatchPolicy, QueryPolicy, ReadPolicy, WritePolicy
from aerodbapi.native.query_objects import AsyncQuery
from aerodbapi.native.results import ExistsResult, OperateOrderedResult, Record
from aerodbapi.protocol.message import Operation

__all__ = ["AsyncClient"]


class AsyncClient(AsyncAdministration):
    """The asynchronous client, for one event loop. `connect` opens it, `async with` closes it."""

    async def connect(
        self, username: str | None = None, password: str | None = None
    ) -> AsyncClient:
        """Connect; return the client itself. Does nothing when it is connected."""
        if self._engine is None:
            if username is not None:
                self.conninfo = self.conninfo.replace(user=username, password=password)
            self._engine = await AsyncEngine.open(self.conninfo)
        return self

    async def close(self) -> None:
        """Close all connections. The client may connect again."""
        try:
            self.disable_metrics()
        finally:
            engine, self._engine = self._engine, None
            if engine is not None:
                await engine.close()

    async def __aenter__(self) -> AsyncClient:
        return await self.connect()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # ---- records -----------------------------------------------------------------------------

    async def get(self, key: Any, policy: ReadPolicy | Given = None) -> Record:
        """Read all bins. RecordNotFound when there is no record."""
        record = await self._open.call(records.get(key, self._read(policy)))
        return record if self.serializer is None else self._loaded(record)

    async def select(
        self, key: Any, bins: Sequence[str], policy: ReadPolicy | Given = None
    ) -> Record:
        """Read the bins named."""
        record = await self._open.call(records.get(key, self._read(policy), bins))
        return record if self.serializer is None else self._loaded(record)

    async def exists(self, key: Any, policy: ReadPolicy | Given = None) -> ExistsResult:
        """Read only metadata; `meta` is None when there is no record."""
        return await self._open.call(records.exists(key, self._read(policy)))

    async def put(
        self,
        key: Any,
        bins: Mapping[str, Any],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Write bins; None removes a bin."""
        if self.serializer is not None:
            bins = self._dumped(bins)
        await self._open.call(records.put(key, bins, self._write(policy, meta)))

    async def remove(
        self, key: Any, meta: Given = None, policy: WritePolicy | Given = None
    ) -> None:
        """Remove a record. RecordNotFound when there is none."""
        await self._open.call(records.remove(key, self._write(policy, meta, self.remove_policy)))

    async def touch(
        self, key: Any, val: int = 0, meta: Given = None, policy: WritePolicy | Given = None
    ) -> None:
        """Renew the TTL to `val` seconds (0: the namespace's default)."""
        chosen = self._write(policy, {"ttl": val, **(meta or {})})
        await self._open.call(records.touch(key, chosen))

    async def append(
        self,
        key: Any,
        bin: str,
        val: Union[str, bytes],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Put text or bytes behind the bin's."""
        ops = [operations.append(bin, val)]
        await self._open.call(records.operate(key, ops, self._write(policy, meta)))

    async def prepend(
        self,
        key: Any,
        bin: str,
        val: Union[str, bytes],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Put text or bytes before the bin's."""
        ops = [operations.prepend(bin, val)]
        await self._open.call(records.operate(key, ops, self._write(policy, meta)))

    async def increment(
        self,
        key: Any,
        bin: str,
        offset: Union[int, float],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Add to a number; a missing bin counts as zero."""
        ops = [operations.increment(bin, offset)]
        await self._open.call(records.operate(key, ops, self._write(policy, meta)))

    async def remove_bin(
        self,
        key: Any,
        bin_names: Sequence[str],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> None:
        """Remove bins; a record without any bin is gone."""
        records.check_names(bin_names)
        bins = dict.fromkeys(bin_names)
        await self._open.call(records.put(key, bins, self._write(policy, meta)))

    async def operate(
        self,
        key: Any,
        ops: Sequence[Operation],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> Record:
        """Do operations of `native.operations` atomically."""
        record = await self._open.call(records.operate(key, ops, self._operate(policy, meta)))
        return record if self.serializer is None else self._loaded(record)

    async def operate_ordered(
        self,
        key: Any,
        ops: Sequence[Operation],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> OperateOrderedResult:
        """Like operate, with every result in order as (bin, value)."""
        return await self._open.call(records.operate_ordered(key, ops, self._operate(policy, meta)))

    async def apply(
        self,
        key: Any,
        module: str,
        function: str,
        args: Sequence[Any] | None = None,
        policy: WritePolicy | Given = None,
    ) -> Any:
        """Run a record UDF on a record, which need not exist; return what it returns."""
        chosen = self._write(policy, default=self.apply_policy)
        return await self._open.call(udfs.apply(key, module, function, args, chosen))

    # ---- batches -----------------------------------------------------------------------------

    async def batch_read(
        self,
        keys: Iterable[Any],
        bins: Sequence[str] | None = None,
        policy: BatchPolicy | Given = None,
        policy_read: ReadPolicy | Given = None,
    ) -> batches.BatchRecords:
        """Read many records; `bins` [] reads only metadata."""
        engine, each = self._open, self._each(read=policy_read).read
        talk = batches.read(engine.cluster, keys, bins, self._batch(policy), each)
        return self._loaded_batch(await engine.run(talk))

    async def batch_write(
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
        return self._loaded_batch(await engine.run(talk))

    async def batch_operate(
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
        return self._loaded_batch(await engine.run(talk))

    async def batch_remove(
        self,
        keys: Iterable[Any],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Remove many records."""
        engine, each = self._open, self._each(remove=policy_write).remove
        whole = self._batch(policy, writes=True)
        return await engine.run(batches.remove(engine.cluster, keys, whole, each))

    async def batch_apply(
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
        return await engine.run(talk)

    # ---- queries -----------------------------------------------------------------------------

    def query(
        self,
        namespace: str,
        set_name: str | None = None,
        bins: Sequence[str] | None = None,
        where: queries.Where | None = None,
        policy: QueryPolicy | Given = None,
        partitions: PartitionFilter | PartitionTracker | None = None,
    ) -> AsyncQuery:
        """A query of a set (None: of the whole namespace); iterating it yields its records."""
        return AsyncQuery(
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
    ) -> AsyncQuery:
        """A query without a predicate, under the scan policies."""
        return AsyncQuery(
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
