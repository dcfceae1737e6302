"""The asynchronous native client: `Client`'s methods, awaited.

async with aerodbapi.AsyncClient({"hosts": [("127.0.0.1", 3000)]}) as client:
    key, meta, bins = await client.get(("test", "demo", "u1"))
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Union

from aerodbapi.cluster.query import PartitionFilter, PartitionTracker
from aerodbapi.errors import ConnectionClosed
from aerodbapi.native import administration, batches, operations, queries, records
from aerodbapi.native.client import BaseClient, Given
from aerodbapi.native.engine import AsyncEngine
from aerodbapi.native.policies import (
    BatchPolicy,
    InfoPolicy,
    QueryPolicy,
    ReadPolicy,
    WritePolicy,
)
from aerodbapi.native.results import ExistsResult, OperateOrderedResult, Record
from aerodbapi.protocol.message import Operation

__all__ = ["AsyncClient"]


class AsyncClient(BaseClient):
    """The asynchronous client, for one event loop. `connect` opens it, `async with` closes it."""

    _engine: AsyncEngine | None = None

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
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    def is_connected(self) -> bool:
        """Whether `connect` has succeeded and `close` was not called."""
        return self._engine is not None

    def get_node_names(self) -> list[str]:
        """The names of the cluster's nodes."""
        return list(self._open.cluster.nodes)

    async def __aenter__(self) -> AsyncClient:
        return await self.connect()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def _open(self) -> AsyncEngine:
        engine = self._engine
        if engine is None:
            raise ConnectionClosed("the client is not connected: call connect()")
        return engine

    # ---- records -----------------------------------------------------------------------------

    async def get(self, key: Any, policy: ReadPolicy | Given = None) -> Record:
        """Read all bins. RecordNotFound when there is no record."""
        return await self._open.call(records.get(key, self._read(policy)))

    async def select(
        self, key: Any, bins: Sequence[str], policy: ReadPolicy | Given = None
    ) -> Record:
        """Read the bins named."""
        return await self._open.call(records.get(key, self._read(policy), bins))

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
        await self._open.call(records.put(key, bins, self._write(policy, meta)))

    async def remove(
        self, key: Any, meta: Given = None, policy: WritePolicy | Given = None
    ) -> None:
        """Remove a record. RecordNotFound when there is none."""
        await self._open.call(records.remove(key, self._write(policy, meta)))

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
        return await self._open.call(records.operate(key, ops, self._write(policy, meta)))

    async def operate_ordered(
        self,
        key: Any,
        ops: Sequence[Operation],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> OperateOrderedResult:
        """Like operate, with every result in order as (bin, value)."""
        return await self._open.call(records.operate_ordered(key, ops, self._write(policy, meta)))

    # ---- batches -----------------------------------------------------------------------------

    async def batch_read(
        self,
        keys: Iterable[Any],
        bins: Sequence[str] | None = None,
        policy: BatchPolicy | Given = None,
    ) -> batches.BatchRecords:
        """Read many records; `bins` [] reads only metadata."""
        engine = self._open
        return await engine.run(batches.read(engine.cluster, keys, bins, self._batch(policy)))

    async def batch_write(
        self,
        records: Iterable[tuple[Any, Mapping[str, Any]]],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Write (key, bins) pairs."""
        engine, each = self._open, self._write(policy_write)
        return await engine.run(batches.write(engine.cluster, records, self._batch(policy), each))

    async def batch_operate(
        self,
        keys: Iterable[Any],
        ops: Sequence[Operation],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Do the same operations on every key."""
        engine, each = self._open, self._write(policy_write)
        return await engine.run(
            batches.operate(engine.cluster, keys, ops, self._batch(policy), each)
        )

    async def batch_remove(
        self,
        keys: Iterable[Any],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Remove many records."""
        engine, each = self._open, self._write(policy_write)
        return await engine.run(batches.remove(engine.cluster, keys, self._batch(policy), each))

    # ---- queries -----------------------------------------------------------------------------

    async def query(
        self,
        namespace: str,
        set_name: str | None = None,
        bins: Sequence[str] | None = None,
        where: queries.Where | None = None,
        policy: QueryPolicy | Given = None,
        partitions: PartitionFilter | PartitionTracker | None = None,
    ) -> AsyncIterator[Record]:
        """Yield records of a set (None: of the whole namespace) as they arrive."""
        engine = self._open
        talk = queries.records(
            engine.cluster,
            namespace,
            set_name,
            self._query(policy),
            bins=bins,
            where=where,
            partitions=partitions,
        )
        batches = engine.iterate(talk)
        try:
            async for batch in batches:
                for record in batch:
                    yield record
        finally:
            await batches.aclose()

    # ---- definitions and info ----------------------------------------------------------------

    async def index_create(
        self,
        namespace: str,
        set_name: str | None,
        bin_name: str,
        index_name: str,
        index_type: str = "NUMERIC",
        collection: str | None = None,
        policy: InfoPolicy | Given = None,
    ) -> None:
        """Create a secondary index and wait until every node has built it.

        `index_type`: NUMERIC STRING BLOB GEO2DSPHERE; `collection`: LIST MAPKEYS MAPVALUES.
        """
        engine = self._open
        definition = (namespace, set_name, bin_name, index_name, index_type, collection)
        await engine.run(
            administration.index_create(engine.cluster, *definition, policy=self._info(policy))
        )

    async def index_remove(
        self, namespace: str, index_name: str, policy: InfoPolicy | Given = None
    ) -> None:
        """Drop a secondary index; one that does not exist is no error."""
        engine = self._open
        await engine.run(
            administration.index_remove(
                engine.cluster, namespace, index_name, policy=self._info(policy)
            )
        )

    async def truncate(
        self,
        namespace: str,
        set_name: str | None = None,
        nanos: int = 0,
        policy: InfoPolicy | Given = None,
    ) -> None:
        """Remove all records of a set or namespace; with `nanos` those last written before."""
        engine = self._open
        await engine.run(
            administration.truncate(
                engine.cluster, namespace, set_name, nanos, policy=self._info(policy)
            )
        )

    async def info_all(self, command: str, policy: InfoPolicy | Given = None) -> dict[str, str]:
        """Ask every node; its name → its answer."""
        engine = self._open
        return await engine.run(
            administration.info_all(engine.cluster, command, policy=self._info(policy))
        )

    async def info_random_node(self, command: str, policy: InfoPolicy | Given = None) -> str:
        """Ask some node."""
        engine = self._open
        return await engine.run(
            administration.info_random(engine.cluster, command, policy=self._info(policy))
        )
