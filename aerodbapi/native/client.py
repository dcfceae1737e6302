"""The native client: records, batches, queries, indexes and info, without SQL.

    import aerodbapi

    with aerodbapi.client({"hosts": [("127.0.0.1", 3000)]}).connect() as client:
        client.put(("test", "demo", "u1"), {"name": "Ann", "age": 31})
        key, meta, bins = client.get(("test", "demo", "u1"))

`Client` waits, `aio.AsyncClient` is awaited; both have the same methods, each one line over a
function that knows what to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import TracebackType
from typing import Any, Union

from aerodbapi.cluster.query import PartitionFilter, PartitionTracker
from aerodbapi.conninfo import ConnInfo, parse
from aerodbapi.errors import ConnectionClosed, ParameterError
from aerodbapi.native import administration, batches, operations, queries, records
from aerodbapi.native.engine import Engine
from aerodbapi.native.policies import (
    BatchPolicy,
    InfoPolicy,
    QueryPolicy,
    ReadPolicy,
    WritePolicy,
    coerce,
)
from aerodbapi.native.results import ExistsResult, OperateOrderedResult, Record
from aerodbapi.protocol.message import Operation

__all__ = ["BaseClient", "Client", "Config", "client"]

#: A dictionary of options, a connection URL, or a finished ConnInfo.
Config = Union[Mapping[str, Any], str, ConnInfo, None]
Given = Union[Mapping[str, Any], None]


class BaseClient:
    """A client's options: where to connect, and the policies that calls start from."""

    def __init__(self, config: Config = None) -> None:
        self.conninfo = _conninfo(config)
        info = self.conninfo
        base: dict[str, Any] = {
            "socket_timeout": info.socket_timeout,
            "sleep_between_retries": info.sleep_between_retries,
            "replica": info.replica,
            "compress": info.compress,
        }
        self.read_policy = ReadPolicy(
            total_timeout=info.timeout, max_retries=info.max_retries, **base
        )
        self.write_policy = WritePolicy(
            total_timeout=info.timeout,
            send_key=info.send_key,
            ttl=info.ttl,
            durable_delete=info.durable_delete,
            commit=info.commit,
            **base,
        )
        self.batch_policy = BatchPolicy(
            total_timeout=info.batch_timeout, max_retries=info.max_retries, **base
        )
        query_base = {**base, "sleep_between_retries": max(info.sleep_between_retries, 100)}
        self.query_policy = QueryPolicy(total_timeout=info.query_timeout, **query_base)
        self.info_policy = InfoPolicy()

    def _read(self, policy: ReadPolicy | Given) -> ReadPolicy:
        return self.read_policy if policy is None else coerce(ReadPolicy, policy, self.read_policy)

    def _write(self, policy: WritePolicy | Given, meta: Given = None) -> WritePolicy:
        """The write policy of a call. `meta`: {"gen": n} expects that generation, {"ttl": s}."""
        chosen = self.write_policy
        if policy is not None:
            chosen = coerce(WritePolicy, policy, chosen)
        return chosen if meta is None else coerce(WritePolicy, _meta(meta), chosen)

    def _batch(self, policy: BatchPolicy | Given) -> BatchPolicy:
        return coerce(BatchPolicy, policy, self.batch_policy)

    def _query(self, policy: QueryPolicy | Given) -> QueryPolicy:
        return coerce(QueryPolicy, policy, self.query_policy)

    def _info(self, policy: InfoPolicy | Given) -> InfoPolicy:
        return coerce(InfoPolicy, policy, self.info_policy)


def _meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for key, value in meta.items():
        if key not in ("gen", "ttl"):
            raise ParameterError(f"meta has gen and ttl, not {key!r}", result_code=-2)
        if value is not None:
            changes |= {"ttl": value} if key == "ttl" else {"gen": "equal", "generation": value}
    return changes


def _conninfo(config: Config) -> ConnInfo:
    if isinstance(config, ConnInfo):
        return config
    if config is None or isinstance(config, str):
        return parse(config)
    if not isinstance(config, Mapping):
        raise ParameterError(
            f"config is a dictionary, a URL or a ConnInfo, not {type(config).__name__}",
            result_code=-2,
        )
    return parse(**config)


class Client(BaseClient):
    """The synchronous client; threads may share it. `connect` opens it, `with` closes it."""

    _engine: Engine | None = None

    def connect(self, username: str | None = None, password: str | None = None) -> Client:
        """Connect; return the client itself. Does nothing when it is connected."""
        if self._engine is None:
            if username is not None:
                self.conninfo = self.conninfo.replace(user=username, password=password)
            self._engine = Engine.open(self.conninfo)
        return self

    def close(self) -> None:
        """Close all connections. The client may connect again."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def is_connected(self) -> bool:
        """Whether `connect` has succeeded and `close` was not called."""
        return self._engine is not None

    def get_node_names(self) -> list[str]:
        """The names of the cluster's nodes."""
        return list(self._open.cluster.nodes)

    def __enter__(self) -> Client:
        return self.connect()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _open(self) -> Engine:
        engine = self._engine
        if engine is None:
            raise ConnectionClosed("the client is not connected: call connect()")
        return engine

    # ---- records -----------------------------------------------------------------------------

    def get(self, key: Any, policy: ReadPolicy | Given = None) -> Record:
        """Read all bins. RecordNotFound when there is no record."""
        return self._open.call(records.get(key, self._read(policy)))

    def select(self, key: Any, bins: Sequence[str], policy: ReadPolicy | Given = None) -> Record:
        """Read the bins named."""
        return self._open.call(records.get(key, self._read(policy), bins))

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
        self._open.call(records.put(key, bins, self._write(policy, meta)))

    def remove(self, key: Any, meta: Given = None, policy: WritePolicy | Given = None) -> None:
        """Remove a record. RecordNotFound when there is none."""
        self._open.call(records.remove(key, self._write(policy, meta)))

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
        return self._open.call(records.operate(key, ops, self._write(policy, meta)))

    def operate_ordered(
        self,
        key: Any,
        ops: Sequence[Operation],
        meta: Given = None,
        policy: WritePolicy | Given = None,
    ) -> OperateOrderedResult:
        """Like operate, with every result in order as (bin, value)."""
        return self._open.call(records.operate_ordered(key, ops, self._write(policy, meta)))

    # ---- batches -----------------------------------------------------------------------------

    def batch_read(
        self,
        keys: Iterable[Any],
        bins: Sequence[str] | None = None,
        policy: BatchPolicy | Given = None,
    ) -> batches.BatchRecords:
        """Read many records; `bins` [] reads only metadata."""
        engine = self._open
        return engine.run(batches.read(engine.cluster, keys, bins, self._batch(policy)))

    def batch_write(
        self,
        records: Iterable[tuple[Any, Mapping[str, Any]]],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Write (key, bins) pairs."""
        engine, each = self._open, self._write(policy_write)
        return engine.run(batches.write(engine.cluster, records, self._batch(policy), each))

    def batch_operate(
        self,
        keys: Iterable[Any],
        ops: Sequence[Operation],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Do the same operations on every key."""
        engine, each = self._open, self._write(policy_write)
        return engine.run(batches.operate(engine.cluster, keys, ops, self._batch(policy), each))

    def batch_remove(
        self,
        keys: Iterable[Any],
        policy: BatchPolicy | Given = None,
        policy_write: WritePolicy | Given = None,
    ) -> batches.BatchRecords:
        """Remove many records."""
        engine, each = self._open, self._write(policy_write)
        return engine.run(batches.remove(engine.cluster, keys, self._batch(policy), each))

    # ---- queries -----------------------------------------------------------------------------

    def query(
        self,
        namespace: str,
        set_name: str | None = None,
        bins: Sequence[str] | None = None,
        where: queries.Where | None = None,
        policy: QueryPolicy | Given = None,
        partitions: PartitionFilter | PartitionTracker | None = None,
    ) -> Iterator[Record]:
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
        return chain.from_iterable(engine.iterate(talk))

    # ---- definitions and info ----------------------------------------------------------------

    def index_create(
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
        engine.run(
            administration.index_create(engine.cluster, *definition, policy=self._info(policy))
        )

    def index_remove(
        self, namespace: str, index_name: str, policy: InfoPolicy | Given = None
    ) -> None:
        """Drop a secondary index; one that does not exist is no error."""
        engine = self._open
        engine.run(
            administration.index_remove(
                engine.cluster, namespace, index_name, policy=self._info(policy)
            )
        )

    def truncate(
        self,
        namespace: str,
        set_name: str | None = None,
        nanos: int = 0,
        policy: InfoPolicy | Given = None,
    ) -> None:
        """Remove all records of a set or namespace; with `nanos` those last written before."""
        engine = self._open
        engine.run(
            administration.truncate(
                engine.cluster, namespace, set_name, nanos, policy=self._info(policy)
            )
        )

    def info_all(self, command: str, policy: InfoPolicy | Given = None) -> dict[str, str]:
        """Ask every node; its name → its answer."""
        engine = self._open
        return engine.run(
            administration.info_all(engine.cluster, command, policy=self._info(policy))
        )

    def info_random_node(self, command: str, policy: InfoPolicy | Given = None) -> str:
        """Ask some node."""
        engine = self._open
        return engine.run(
            administration.info_random(engine.cluster, command, policy=self._info(policy))
        )


def client(config: Config = None) -> Client:
    """A client that is not connected yet: `client(config).connect()`.

    `config`: options as a dictionary ({"hosts": [("127.0.0.1", 3000)]}), a connection URL, or
    None for an embedded node in memory.
    """
    return Client(config)
