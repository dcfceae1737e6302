"""Query and Scan: what to read, put together step by step, and then run as often as wanted.

    query = client.query("test", "demo").select("name", "age")
    query.where(between("age", 20, 30))
    for record in query: …
    query.results({"max_records": 10})
    query.foreach(callback)            # until it returns False

`paginate` lets each run go on where the last one stopped, until `is_done`. With `add_ops` or
`apply` a query changes records in the background (`execute_background`); with `apply`, `results`
gives what a stream UDF makes of the records. A scan is a query without a predicate.

`BaseQuery` has all but the waiting; `Query` waits, `AsyncQuery` is awaited.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, TypeVar, Union

from aerodbapi.cluster.tracker import PartitionFilter, PartitionTracker
from aerodbapi.errors import ParameterError
from aerodbapi.frozen import replace
from aerodbapi.native import jobs, operations, queries, serializers, udfs
from aerodbapi.native.policies import InfoPolicy, QueryPolicy, coerce
from aerodbapi.native.records import operation_flags
from aerodbapi.native.udfs import function_call
from aerodbapi.protocol.flags import Info1, UDFOp
from aerodbapi.protocol.query import QueryRequest, UDFCall

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.native.contexts import Context
    from aerodbapi.native.engine import AsyncEngine, Engine
    from aerodbapi.native.queries import Where
    from aerodbapi.native.results import Record
    from aerodbapi.native.serializers import Serializer
    from aerodbapi.protocol.expressions import Exp
    from aerodbapi.protocol.message import Operation

__all__ = ["AsyncQuery", "BaseQuery", "Query"]

_Q = TypeVar("_Q", bound="BaseQuery")
Given = Union[QueryPolicy, Mapping[str, Any], None]
Partitions = Union[PartitionFilter, PartitionTracker, None]


class BaseQuery:
    """What a query asks for. Numbers below change its policy: 0 or None leaves it as it is.

    `max_records`, `records_per_second`; `ttl` of the records that a background query writes.
    `partitions`: a PartitionFilter, or the PartitionTracker of an earlier query to go on with.
    `lua_path`: a folder whose modules go before the nodes' for the client's share of an
    aggregation.
    """

    def __init__(
        self,
        namespace: str,
        set_name: str | None = None,
        *,
        default: QueryPolicy,
        bins: Sequence[str] | None = None,
        where: Where | None = None,
        policy: Given = None,
        partitions: Partitions = None,
        predicates: bool = True,
        serializer: Serializer | None = None,
        lua_path: str | None = None,
    ) -> None:
        self.namespace = namespace
        self.set_name = set_name
        self.max_records = 0
        self.records_per_second = 0
        self.ttl: int | None = None
        self.partitions = partitions
        self._default = coerce(QueryPolicy, policy, default)
        self._predicates = predicates
        self._serializer = serializer
        self._lua_path = lua_path
        self._bins = bins
        self._where = where
        self._ops: tuple[Operation, ...] = ()
        self._call: tuple[str, str, Sequence[Any]] | None = None
        self._paginated = False
        self._tracker: PartitionTracker | None = None
        queries.request_of(namespace, set_name, self._default, bins=bins, where=where)

    # ---- what is asked for -------------------------------------------------------------------

    def select(self: _Q, *bins: str) -> _Q:
        """Read only these bins."""
        if not bins or not all(isinstance(name, str) for name in bins):
            raise ParameterError("select takes the names of bins", result_code=-2)
        self._bins = bins
        return self

    def where(
        self: _Q,
        predicate: Where,
        ctx: Context | None = None,
        *,
        index_name: str | None = None,
        expression: Union[Exp, bytes, None] = None,
    ) -> _Q:
        """Read only what a predicate finds by its secondary index.

        The index is that on the predicate's bin, on a nested element of it (`ctx`), the one
        with this name, or the one on this expression.
        """
        if not self._predicates:
            raise ParameterError("a scan has no predicate: use a query", result_code=-2)
        if not isinstance(predicate, queries.Where):
            raise ParameterError(
                "a predicate is what equals, between, contains or geo return, "
                f"not {predicate!r:.60}",
                result_code=-2,
            )
        self._where = predicate.on(ctx=ctx, index_name=index_name, expression=expression)
        return self

    def add_ops(self: _Q, ops: Sequence[Operation]) -> _Q:
        """Let execute_background do these operations, which only write, on every record."""
        if not isinstance(ops, (list, tuple)) or not ops:
            raise ParameterError("add_ops takes a list of operations", result_code=-2)
        if operation_flags(ops)[0] & Info1.READ:
            raise ParameterError(
                "operations of a background query only write: nobody reads its answers",
                result_code=-2,
            )
        self._ops = tuple(ops)
        return self

    def apply(self: _Q, module: str, function: str, args: Sequence[Any] = ()) -> _Q:
        """Run a stream UDF over the records (results, foreach), or a record UDF on each of
        them (execute_background)."""
        function_call(module, function, args)
        self._call = (module, function, tuple(args or ()))
        return self

    def paginate(self) -> bool:
        """Let each run go on where the last one stopped."""
        self._paginated = True
        return True

    def is_done(self) -> bool:
        """Tell whether the last run came to the end, rather than to max_records."""
        return self._tracker is not None and self._tracker.is_done

    @property
    def tracker(self) -> PartitionTracker | None:
        """How far the last run came: a bookmark that pickles; None before the first one."""
        return self._tracker

    # ---- conversations -----------------------------------------------------------------------

    def _policy(self, policy: Given) -> QueryPolicy:
        chosen = coerce(QueryPolicy, policy, self._default)
        changes: dict[str, Any] = {}
        for name in ("max_records", "records_per_second", "ttl"):
            if getattr(self, name):
                changes[name] = getattr(self, name)
        return coerce(QueryPolicy, changes, chosen)

    def _request(self, policy: QueryPolicy) -> QueryRequest:
        return queries.request_of(
            self.namespace, self.set_name, policy, bins=self._bins, where=self._where
        )

    def _reading(self, engine: Any, policy: Given) -> Conversation[Any]:
        """The conversation that emits lists of records, or of an aggregation's results."""
        chosen = self._policy(policy)
        if self._call is not None:
            return queries.aggregate(
                engine.cluster, self._with_call(chosen, UDFOp.AGGREGATE), chosen
            )
        if self._tracker is None or not self._paginated:
            self._tracker = queries.tracker_of(self.partitions)
        return queries.records(
            engine.cluster,
            self.namespace,
            self.set_name,
            chosen,
            bins=self._bins,
            where=self._where,
            partitions=self._tracker,
        )

    def _changing(self, engine: Any, policy: Given) -> Conversation[int]:
        """The conversation that starts a background query."""
        chosen = self._policy(policy)
        if self._call is not None:
            request = self._with_call(chosen, UDFOp.BACKGROUND)
        elif self._ops:
            request = replace(
                self._request(chosen),
                bins=None,
                ops=operations.encode(self._ops),
                n_ops=len(self._ops),
            )
        else:
            raise ParameterError("a background query needs add_ops or apply first", result_code=-2)
        return queries.background(engine.cluster, request, chosen)

    def _with_call(self, policy: QueryPolicy, op: int) -> QueryRequest:
        assert self._call is not None
        module, function, args = function_call(*self._call)
        call = UDFCall(module, function, args, op)
        return replace(self._request(policy), bins=None, max_records=0, udf=call)

    def _source(self, engine: Any) -> Conversation[str]:
        """The text of the aggregation's module, from a node; "" when it is in the folder."""
        assert self._call is not None
        name = self._call[0]
        if self._lua_path is not None and _is_file(self._lua_path, name):
            return ""
        file = name if name.endswith(".lua") else f"{name}.lua"
        return (yield from udfs.get(engine.cluster, file, policy=InfoPolicy()))

    def _loaded(self, batch: list[Any]) -> list[Any]:
        if self._serializer is None:
            return batch
        return [serializers.loaded_record(self._serializer, record) for record in batch]

    def _reduced(self, source: str, values: list[Any]) -> list[Any]:
        from aerodbapi.native import lua  # with the embedded node's Lua, which few need

        assert self._call is not None
        module, function, args = self._call
        module = module.removesuffix(".lua")
        if self._lua_path is None:
            return lua.reduce(source, function, args, values, module=module)
        sources = lua.layered(self._lua_path, module, source)
        return lua.reduce(sources, function, args, values, module=module)


def _is_file(path: str, module: str) -> bool:
    from aerodbapi.native import lua

    return lua.folder(path)(module.removesuffix(".lua")) is not None


def _check_callback(callback: Any) -> None:
    if not callable(callback):
        raise ParameterError(
            f"foreach takes a function, not {type(callback).__name__}", result_code=-2
        )


class Query(BaseQuery):
    """A query that waits. Iterating it runs it, and yields records as they arrive."""

    def __init__(self, engine: Callable[[], Engine], *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._engine = engine

    def __iter__(self) -> Iterator[Any]:
        return self._items(None)

    def _items(self, policy: Given) -> Generator[Any, None, None]:
        engine = self._engine()
        with closing(engine.iterate(self._reading(engine, policy))) as batches:
            if self._call is not None:
                values = [value for batch in batches for value in batch]
                source = engine.run(self._source(engine))
                yield from self._reduced(source, values)
                return
            for batch in batches:
                yield from self._loaded(batch)

    def results(self, policy: Given = None) -> list[Record]:
        """All records, or the results of an aggregation."""
        return list(self._items(policy))

    def foreach(self, callback: Callable[[Record], Any], policy: Given = None) -> None:
        """Call `callback` with each record until it returns False."""
        _check_callback(callback)
        with closing(self._items(policy)) as items:
            for item in items:
                if callback(item) is False:
                    return

    def execute_background(self, policy: Given = None) -> int:
        """Start changing records, on every node; return the job's id at once."""
        engine = self._engine()
        return engine.run(self._changing(engine, policy))

    def wait(self, job_id: int, timeout: int = 0) -> None:
        """Wait until a background query is done; Timeout after `timeout` ms (0: no limit)."""
        engine = self._engine()
        engine.run(jobs.job_wait(engine.cluster, job_id, policy=InfoPolicy(), timeout=timeout))


class AsyncQuery(BaseQuery):
    """A query that is awaited. `async for` runs it, and yields records as they arrive."""

    def __init__(self, engine: Callable[[], AsyncEngine], *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._engine = engine

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._items(None)

    async def _items(self, policy: Given) -> AsyncGenerator[Any, None]:
        engine = self._engine()
        async with aclosing(engine.iterate(self._reading(engine, policy))) as batches:
            if self._call is not None:
                values = [value async for batch in batches for value in batch]
                source = await engine.run(self._source(engine))
                for value in self._reduced(source, values):
                    yield value
                return
            async for batch in batches:
                for item in self._loaded(batch):
                    yield item

    async def results(self, policy: Given = None) -> list[Record]:
        """All records, or the results of an aggregation."""
        return [item async for item in self._items(policy)]

    async def foreach(self, callback: Callable[[Record], Any], policy: Given = None) -> None:
        """Call `callback`, which may be a coroutine function, until it returns False."""
        _check_callback(callback)
        async with aclosing(self._items(policy)) as items:
            async for item in items:
                answer = callback(item)
                if isinstance(answer, Awaitable):
                    answer = await answer
                if answer is False:
                    return

    async def execute_background(self, policy: Given = None) -> int:
        """Start changing records, on every node; return the job's id at once."""
        engine = self._engine()
        return await engine.run(self._changing(engine, policy))

    async def wait(self, job_id: int, timeout: int = 0) -> None:
        """Wait until a background query is done; Timeout after `timeout` ms (0: no limit)."""
        engine = self._engine()
        await engine.run(
            jobs.job_wait(engine.cluster, job_id, policy=InfoPolicy(), timeout=timeout)
        )
