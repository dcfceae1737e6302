"""Query and Scan: reading or changing many records by an index or a whole set."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any, Final

from aerodbapi.cluster.query import PartitionFilter, PartitionTracker
from aerodbapi.cluster.tracker import tracker_of_node
from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.calls import parse_all
from aerodbapi.compat.aerospike.exception import ParamError
from aerodbapi.compat.aerospike.expressions import context, expression
from aerodbapi.compat.aerospike.keys import record
from aerodbapi.compat.aerospike.operations import bin_name, native_operations, text_of
from aerodbapi.compat.aerospike.raising import client_error, guarded, param_error, translated
from aerodbapi.compat.aerospike.values import outward
from aerodbapi.errors import Error
from aerodbapi.native.policies import QueryPolicy, coerce
from aerodbapi.native.queries import Where
from aerodbapi.native.query_objects import Query as NativeQuery
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import ParticleType
from aerodbapi.protocol.query import IndexRange

__all__ = [
    "ALL",
    "Query",
    "Scan",
    "background_call",
    "background_udf",
    "check_options",
    "udf_call",
]

#: The predicate of a function that is called on all records.
ALL: Final = object()

Dict = dict[str, Any]
#: Module, function, arguments.
Call = tuple[str, str, list[Any]]
_PARTITIONS: Final = 4096
_OPTIONS: Final = ("concurrent", "nobins")


class _Base:
    """What Query and Scan share."""

    _kind: str

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(f"cannot create 'aerospike.{type(self).__name__}' instances")

    @classmethod
    def _made(cls, client: Any, namespace: Any, set: Any) -> Any:
        if not isinstance(namespace, str):
            param_error("Namespace should be a string")
        if set is not None and not isinstance(set, str):
            param_error("Set should be string, unicode or None")
        made = cls.__new__(cls)
        made._client = client
        made._namespace, made._set = namespace, set
        made._bins = None
        made._where = None
        made._ops = []
        made._udf = None
        made._tracker = None
        made._paginates = made._tracks = False
        made._node = None
        return made

    _client: Any
    _namespace: str
    _set: str | None
    _bins: tuple[str, ...] | None
    _where: Where | None
    _ops: list[Any]
    _udf: Call | None
    _tracker: PartitionTracker | None
    _paginates: bool
    #: Whether the last run is one that others go on from.
    _tracks: bool
    _node: str | None
    #: TTL of the records that a background query changes, in seconds.
    ttl: int = 0

    def select(self, *bins: str) -> Any:
        """Read only these bins."""
        if self._bins is not None:
            client_error(
                f"{type(self).__name__}.select() cannot be called more than once on the same "
                "instance."
            )
        self._bins = tuple(bin_name(name) for name in bins) or None
        return self

    def add_ops(self, ops: Any) -> int:
        """Do these operations on every record (execute_background)."""
        if not isinstance(ops, list):
            client_error("Ops must be list.")
        made, _ = native_operations(ops, self._client._settings.inward)
        self._ops = made
        return 0

    def apply(self, module: Any, function: Any, arguments: Any = None) -> Any:
        """Call a stream UDF (results, foreach) or a record UDF (execute_background)."""
        call = udf_call(self._client, module, function, arguments)
        self._udf = call if function else None  # without a function's name it is a plain query
        return self

    def paginate(self) -> bool:
        """Let the next results() go on where the last one stopped."""
        self._paginates = True
        return True

    def is_done(self) -> bool:
        """Whether all records were read."""
        return self._tracker is not None and self._tracker.is_done

    def get_partitions_status(self) -> dict[Any, Any]:
        """Where the query stands, for policy partition_filter: {partition: (…), "done": …}."""
        tracker = self._tracker
        if tracker is None or not self._tracks:
            return {}
        status: dict[Any, Any] = {"done": tracker.is_done, "retry": not tracker.is_done}
        for pid, (pending, digest, bval) in tracker.statuses().items():
            digest_bytes = bytearray(digest if digest is not None else bytes(20))
            status[pid] = (pid, digest is not None, bool(pending), digest_bytes, bval or 0)
        return status

    # ---- running -----------------------------------------------------------------------------

    def _native(self, policy: Any, partitions: PartitionTracker | None = None) -> NativeQuery:
        """The engine's query."""
        client = self._client
        made = NativeQuery(
            lambda: client._open,
            self._namespace,
            self._set,
            default=policy,
            bins=self._bins,
            where=self._where,
            partitions=partitions,
            lua_path=client._settings.lua_path,
        )
        if self._udf is not None:
            made.apply(*self._udf)
        elif self._ops:
            made.add_ops(self._ops)
        return made

    def _records(self, policy: Dict | None, options: Dict | None) -> Iterator[Any]:
        """Records as tuples, or the results of an aggregation."""
        nobins = bool((options or {}).get("nobins"))
        chosen = self._policy(policy, nobins)
        made = guarded(self._native, chosen, self._track(policy))
        for found in _iterated(made):
            if self._udf is not None:
                yield outward(found)
            else:
                yield record(found, True, self._client._settings.deserialize)

    def _policy(self, policy: Dict | None, nobins: bool) -> Any:
        chosen = self._client._settings.policies(self._kind, policy)
        changes = {"include_bins": False} if nobins else {}
        return coerce(QueryPolicy, {**changes, **self._limits()}, chosen)

    def _limits(self) -> Dict:
        return {}

    def _track(self, policy: Dict | None) -> PartitionTracker:
        filter = (policy or {}).get("partition_filter")
        before, self._tracks = self._tracks, self._paginates or filter is not None
        resumes = isinstance(filter, dict) and filter.get("partition_status")
        if self._tracker is None or not (before and self._tracks) or resumes:
            self._tracker = _tracker(filter) if self._node is None else self._of_node(self._node)
        return self._tracker

    def _of_node(self, name: str) -> PartitionTracker:
        found = tracker_of_node(self._client._cluster, self._namespace, name)
        if found is None:
            param_error(f"Invalid node name: {name}")
        return found

    def _each(self, callback: Any, policy: Dict | None, options: Dict | None) -> None:
        """Call a function for each record; what it refuses by False is for the next run."""
        if not callable(callback):
            client_error("Callback function contains an error")
        numbered = bool((policy or {}).get("partition_filter"))
        records = self._records(policy, options)
        start = None if self._tracker is None else self._tracker.statuses()
        taken: dict[int, bytes] = {}
        try:
            for found in records:
                partition = _partition(found)
                if _called(callback, found, partition if numbered else None) is False:
                    self._stopped(start, taken)
                    return
                if partition is not None:
                    taken[partition] = bytes(found[0][3])
        finally:
            records.close()  # type: ignore[attr-defined]

    def _stopped(self, start: Any, taken: dict[int, bytes]) -> None:
        """Stand where the callback did, not where the stream was read to."""
        tracker = self._tracker
        if tracker is None or self._udf is not None or self._where is not None:
            return
        before = start or {}
        tracker.restore(
            {
                pid: (True, taken.get(pid, before.get(pid, (True, None, None))[1]), None)
                for pid, state in tracker.statuses().items()
                if before.get(pid, (True,))[0]
            }
        )

    def execute_background(self, policy: Dict | None = None) -> int:
        """Change the records in the servers; answers with the job's id."""
        chosen = self._client._settings.policies("scan", policy)
        ttl = self.ttl
        if ttl == a.TTL_CLIENT_DEFAULT:
            ttl = self._client._settings.policies.defaults["write"].ttl
        if ttl:
            chosen = guarded(coerce, QueryPolicy, {"ttl": ttl}, chosen)
        made = guarded(self._native, chosen)
        return int(guarded(made.execute_background))


class Scan(_Base):
    """Read a set, or a namespace's records (client.scan())."""

    _kind = "scan"

    def results(self, policy: Dict | None = None, nodename: str | None = None) -> list[Any]:
        """All records, or those of one node."""
        self._node = _node_name(nodename)
        return list(self._records(policy, None))

    def foreach(
        self,
        callback: Callable[..., Any],
        policy: Dict | None = None,
        options: Dict | None = None,
        nodename: str | None = None,
    ) -> None:
        """Call a function for each record; False ends the scan."""
        check_options(options, strict=True)
        self._node = _node_name(nodename)
        self._each(callback, policy, options)


class Query(_Base):
    """Read records by a secondary index, or a whole set (client.query())."""

    _kind = "query"
    #: No more records than this (0: all), and no more in a second by each node.
    max_records: int = 0
    records_per_second: int = 0

    def where(self, predicate: Any, ctx: Any = None, /) -> Any:
        """Take the records for which a predicate holds, by an index on its bin."""
        found = self._predicate(predicate, named=False)
        if ctx is not None:
            found = guarded(found.on, ctx=context(ctx, self._client._settings.inward))
        self._where = found
        return self

    def where_with_expr(self, expr: Any, predicate: Any, /) -> Any:
        """Take records by an index on an expression, compiled or as base-64 text."""
        found = self._predicate(predicate, named=True)
        if isinstance(expr, str):
            made = base64.b64decode(expr)
        else:
            made = expression(expr, self._client._settings.inward)
        self._where = guarded(found.on, expression=made)
        return self

    def where_with_index_name(self, index_name: str, predicate: Any, /) -> Any:
        """Take records by the index of this name."""
        if not isinstance(index_name, str):
            param_error("index_name must be a string")
        self._where = guarded(self._predicate(predicate, named=True).on, index_name=index_name)
        return self

    def _predicate(self, predicate: Any, *, named: bool) -> Where:
        if self._where is not None:
            param_error("Query.where() cannot be called more than once on the same instance.")
        return Where(*_bounds(predicate, named=named))

    def results(self, policy: Dict | None = None, options: Dict | None = None) -> list[Any]:
        """All records, or an aggregation's results."""
        check_options(options)
        return list(self._records(policy, options))

    def foreach(
        self,
        callback: Callable[..., Any],
        policy: Dict | None = None,
        options: Dict | None = None,
    ) -> None:
        """Call a function for each record; False ends the query."""
        check_options(options)
        self._each(callback, policy, options)

    def _limits(self) -> Dict:
        limits = {}
        for name in ("max_records", "records_per_second"):
            value = getattr(self, name)
            if not isinstance(value, int) or not 0 <= value < 1 << 32:
                param_error(f"{name} is invalid")
            limits[name] = value
        return limits


parse_all(Scan, without=("select",))
parse_all(Query, without=("select", "where", "where_with_expr", "where_with_index_name"))


def udf_call(client: Any, module: Any, function: Any, arguments: Any) -> Call:
    """A function of a module with its arguments, checked as Query.apply does."""
    for what, name in (("module", module), ("function", function)):
        if not isinstance(name, str):
            client_error(f"udf {what} argument must be a string or unicode string")
    if arguments is not None and not isinstance(arguments, list):
        client_error("udf function arguments must be enclosed in a list")
    return module, function, _udf_arguments(client, arguments or ())


def background_call(client: Any, module: Any, function: Any, arguments: Any) -> Call:
    """A function of a module with its arguments, checked as scan_apply does."""
    if arguments is not None and not isinstance(arguments, list):
        param_error("Arguments should be a list")
    for what, name in (("Module", module), ("Function", function)):
        if not isinstance(name, str):
            param_error(f"{what} name should be string")
    return module, function, _udf_arguments(client, arguments or ())


def _udf_arguments(client: Any, arguments: Any) -> list[Any]:
    try:
        return [client._settings.inward(value) for value in arguments]
    except ParamError as error:
        if not str(error.msg).startswith("Cannot serialize"):
            raise
    return client_error("udf function argument type must be supported by Aerospike")


def background_udf(client: Any, ns: Any, set: Any, predicate: Any, call: Call, policy: Any) -> int:
    """Start a record UDF on many records; answers with the job's id."""
    made = Query._made(client, ns, set)
    made._udf = call
    if predicate is not ALL:
        made.where(predicate)
    return int(guarded(guarded(made._native, policy).execute_background))


# ---- predicates --------------------------------------------------------------------------------

_PARTICLES: Final[dict[int, tuple[Any, int]]] = {
    a.INDEX_NUMERIC: (int, ParticleType.INTEGER),
    a.INDEX_INTEGER: (int, ParticleType.INTEGER),
    a.INDEX_STRING: (str, ParticleType.STRING),
    a.INDEX_BLOB: ((bytes, bytearray), ParticleType.BLOB),
    a.INDEX_GEO2DSPHERE: (str, ParticleType.GEOJSON),
}


def _bounds(predicate: Any, *, named: bool) -> tuple[IndexRange, int]:
    """(range, collection) of a predicate's tuple."""
    if not isinstance(predicate, tuple) or len(predicate) < 4:
        param_error("predicate is invalid.")
    kind, datatype, bin, low = predicate[:4]
    if isinstance(bin, bytearray):
        bin = text_of(bin)
    high = predicate[4] if len(predicate) > 4 else None
    collection = predicate[5] if len(predicate) > 5 else 0
    if datatype not in _PARTICLES or kind not in (0, 1):
        param_error("unknown predicate type")
    if not isinstance(bin, str) and not (named and bin is None):
        param_error("Bin should be a string")
    accepted, particle = _PARTICLES[datatype]
    if high is None:
        high = low
    if not isinstance(low, accepted) or not isinstance(high, accepted):
        param_error("predicate is invalid.")
    if collection not in (0, 1, 2, 3):
        param_error("Invalid query index type")
    ends = [_end(value, particle) for value in (low, high)]
    return IndexRange("" if bin is None or named else bin, particle, *ends), collection


def _end(value: Any, particle: int) -> bytes:
    if particle == ParticleType.GEOJSON:
        return bytes(value.encode())
    plain = bytes(value) if isinstance(value, bytearray) else value
    return bytes(guarded(particles.encode, int(plain) if isinstance(plain, bool) else plain)[1])


# ---- partitions --------------------------------------------------------------------------------


def _tracker(given: Any) -> PartitionTracker:
    """The tracker of a partition_filter policy."""
    if given is None:
        return PartitionTracker()
    what = "invalid partition_filter policy"
    if not isinstance(given, dict):
        param_error(f"{what}, partition_filter must be a dict")
    begin, count = given.get("begin", 0), given.get("count", _PARTITIONS)
    if not isinstance(begin, int) or not 0 <= begin < _PARTITIONS:
        param_error(f"{what} begin, begin must be an int between 0 and {_PARTITIONS - 1} inclusive")
    if not isinstance(count, int) or not 1 <= count <= _PARTITIONS:
        param_error(f"{what} count, count must be an int between 1 and {_PARTITIONS} inclusive")
    if begin + count > _PARTITIONS:
        param_error(
            f"invalid partition filter range,begin: {begin} count: {count}, valid range when begin "
            f"+ count <= {_PARTITIONS}"
        )
    tracker = PartitionTracker(PartitionFilter(begin, count))
    digest = given.get("digest")
    if isinstance(digest, dict) and digest.get("init") and digest.get("value"):
        value = digest["value"]
        tracker.digests[begin] = value.encode() if isinstance(value, str) else bytes(value)
    _resume(tracker, given.get("partition_status"))
    return tracker


def _resume(tracker: PartitionTracker, status: Any) -> None:
    if status is None:
        return
    if not isinstance(status, dict):
        param_error("invalid partition_filter policy, partition_status must be a dict")
    if not status:
        return
    for key in ("done", "retry"):
        if key not in status:
            param_error(f"partition_status dict missing key '{key}'")
        if not isinstance(status[key], int):
            param_error(f"partition_status dict key '{key}' must be an int")
    states = {}
    for pid, (pending, _, _) in tracker.statuses().items():
        entry = status.get(pid)
        if isinstance(entry, tuple) and len(entry) >= 4:
            for place, what in ((1, "init"), (2, "retry"), (4, "bval")):
                if len(entry) > place and not isinstance(entry[place], int):
                    param_error(f"invalid {what} for part_id: {pid}")
            if not isinstance(entry[3], (bytes, bytearray)):
                param_error(f"invalid digest value for part_id: {pid}")
            digest = bytes(entry[3]) if entry[1] else None
            bval = entry[4] if len(entry) > 4 and entry[1] else None
            states[pid] = (bool(entry[2]), digest, bval)
        else:
            states[pid] = (pending, None, None)
    tracker.restore(states)


# ---- results -----------------------------------------------------------------------------------


def _iterated(made: NativeQuery) -> Iterator[Any]:
    """What a query brings; the engine's errors become the façade's."""
    try:
        yield from made
        return
    except Error as error:
        failure = translated(error)
    raise failure


def _partition(found: Any) -> int | None:
    """The partition of a record; None for what an aggregation gives."""
    if not isinstance(found, tuple) or not isinstance(found[0], tuple):
        return None
    digest = found[0][3]
    return int(digest[0] | digest[1] << 8) & (_PARTITIONS - 1)


def _called(callback: Any, found: Any, partition: int | None) -> Any:
    try:
        return callback(found) if partition is None else callback(partition, found)
    except Exception as error:
        cause = error
    try:
        client_error("Callback function contains an error")
    except Exception as error:
        raise error from cause


def check_options(options: Any, *, strict: bool = False) -> None:
    """Check the options of a run; a scan (`strict`) refuses keys that it does not know."""
    if options is None:
        return
    if not isinstance(options, dict):
        param_error("Invalid option(type)" if strict else "query options must be a dictionary")
    for key, value in options.items():
        if key in _OPTIONS and not isinstance(value, bool):
            param_error(f"{key} value must be a bool")
        if strict and key not in _OPTIONS:
            param_error("Invalid value for scan options")


def _node_name(name: Any) -> str | None:
    if name is not None and not isinstance(name, str):
        param_error("nodename must be a string")
    return name
