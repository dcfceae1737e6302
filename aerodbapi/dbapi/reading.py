"""SELECT: the tree of read operations becomes one command, a batch, or queries that stream rows.

`Reader` is made once for a plan. `start(values)` gives a RowSource with the columns, and either
the call of a single-record read or the conversation that emits lists of rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.effects import Conversation, Emit
from aerodbapi.cluster.query import Decoder, PartitionTracker, query
from aerodbapi.dbapi.projection import Projection, Row, RowBuilder
from aerodbapi.dbapi.results import Outcome, Window
from aerodbapi.dbapi.statistics import Meter, measured
from aerodbapi.errors import Error, InternalError, error_for
from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Expr
from aerodbapi.native import records
from aerodbapi.native.calls import Call
from aerodbapi.native.policies import packed_filter
from aerodbapi.native.queries import COLLECTIONS
from aerodbapi.native.results import Key
from aerodbapi.plan import operations as plans
from aerodbapi.plan.evaluate import compile_row
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.pushdown import NOTHING
from aerodbapi.plan.values import count_of, index_bounds, keys_of, resolve
from aerodbapi.protocol import particles
from aerodbapi.protocol.batch import read_entry
from aerodbapi.protocol.commands import decode_reply
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import EPOCH_2010, ParticleType
from aerodbapi.protocol.query import (
    IndexRange,
    QueryColumns,
    QueryRequest,
    decode_query_frame,
)
from aerodbapi.types import GeoJSON

if TYPE_CHECKING:
    from aerodbapi.dbapi.session import Session
    from aerodbapi.plan.operations import OutputColumn

__all__ = ["Reader", "RowSource", "Started", "digests", "seconds_left"]

#: A missing record and one that the filter refuses are answers: no row.
_ANSWERS: Final = frozenset({0, 2, 27})
_BATCH_CHUNK: Final = 5000


class RowSource:
    """The columns of one execution's rows, and what was noticed while reading them.

    `complete`: all rows come with the first batch, so that their number is known at once.
    `outcome`: of a statement that wrote them, once it is done. `size`: the bytes that a single
    command was answered with; `meters`: what conversations brought (`statistics`).
    """

    __slots__ = ("_builder", "complete", "meters", "outcome", "size", "unseen")

    def __init__(self, builder: RowBuilder, *, complete: bool = False) -> None:
        self._builder = builder
        self.complete = complete
        self.unseen: set[str] = set()
        self.outcome: Outcome | None = None
        self.meters: Sequence[Meter] = ()
        self.size = 0

    def settle(self) -> None:
        """Let the columns be those met so far."""
        builder = self._builder
        if not builder.fixed:
            builder.fixed = True
            builder.unseen = self.unseen

    @property
    def columns(self) -> tuple[OutputColumn, ...]:
        """The columns; asking settles them: a bin that turns up later is only `unseen`."""
        self.settle()
        return self._builder.columns


@dataclass(slots=True)
class Started:
    """One execution of a query: a single call, or a conversation seen through a window."""

    source: RowSource
    window: Window
    call: Call[tuple[RowSource, list[Any]]] | None = None
    conversation: Conversation[Any] | None = None


def seconds_left(void_time: int, now: float) -> int:
    """What the `__ttl` column shows: seconds, -1 for never."""
    return -1 if void_time == 0 else max(void_time + EPOCH_2010 - int(now), 0)


class Reader:
    """A compiled query: everything of the plan that does not depend on bound values."""

    def __init__(self, session: Session, plan: plans.Plan) -> None:
        self._session = session
        node: plans.Operation = plan.root
        if not isinstance(node, plans.Project):
            raise InternalError(f"a query's plan ends in {type(node).__name__}, not Project")
        project, node = node, node.child
        self._limits: list[plans.Limit] = []
        self._guards: list[Any] = []
        predicate: Expr | None = None
        while True:
            if isinstance(node, plans.Limit):
                self._limits.append(node)
            elif isinstance(node, plans.Guard):
                self._guards.append(compile_row([node.predicate]))
            elif isinstance(node, plans.Filter):
                predicate = node.predicate
            else:
                break
            node = node.child
        self._leaf: Any = node
        #: The operation of the plan that the records are counted for.
        self.measured: Any = node
        self._pushed = getattr(node, "pushed", None)
        self._projection = Projection(project, predicate)

    def start(self, values: Sequence[Any]) -> Started:
        """Bind values. Nothing is sent yet. Raises what is wrong with the values."""
        filter, exact, possible = self._filter(values)
        builder = self._projection.bind(values, checked=exact, learn=self._learn)
        window = self._window(values)
        window.finish = builder.finish
        for guard in self._guards:
            possible = possible and guard(values)(None)[0] is True
        leaf = self._leaf
        if not possible or window.full() or isinstance(leaf, plans.Empty):
            return Started(RowSource(builder, complete=True), window, conversation=_emit([]))
        if isinstance(leaf, plans.Get) and not self._limits:
            return self._get(leaf, values, filter, builder, window)
        builder.meter = meter = Meter(self.measured)
        conversation = _LEAVES[type(leaf)](self, leaf, values, filter, builder, window)
        complete = isinstance(leaf, (plans.Values, plans.Get, plans.BatchGet, plans.InfoRows))
        source = RowSource(builder, complete=complete and not self._limits)
        source.meters = (meter,)
        return Started(source, window, conversation=measured(conversation, meter))

    def _learn(self, bins: dict[str, Any]) -> None:
        target = getattr(self._leaf, "target", None)
        if target is not None:
            self._session.learn(target, bins)

    def _filter(self, values: Sequence[Any]) -> tuple[bytes, bool, bool]:
        """(packed filter, whether it is exact, whether any record can match)."""
        pushed = self._pushed
        if pushed is None:
            return b"", False, True
        built = pushed.builder(values)
        return packed_filter(built.exp), built.exact, built.exp is not NOTHING

    def _window(self, values: Sequence[Any]) -> Window:
        window = Window(None, None)
        for limit in self._limits:
            count = count_of(limit.count, values)
            offset = count_of(limit.offset, values, "OFFSET")
            window = Window(count, offset)
        return window

    # ---- by key ------------------------------------------------------------------------------

    def _get(
        self,
        leaf: plans.Get,
        values: Sequence[Any],
        filter: bytes,
        builder: RowBuilder,
        window: Window,
    ) -> Started:
        source = RowSource(builder, complete=True)
        key = self._key(leaf, values)
        if key is None:
            return Started(source, window, conversation=_emit([]))
        policy = self._session.read_policy
        if filter:
            policy = replace(policy, filter=filter)
        call: Call[Any] = records.get(key, policy, leaf.bins)
        set_name = leaf.target.set or ""

        def read(body: bytes, full: Key) -> tuple[RowSource, list[Any]]:
            source.size = len(body)
            code, generation, void_time, bins = decode_reply(body)
            if code:
                return source, []
            ttl = seconds_left(void_time, time.time())
            row = Row(bins, full.user_key, full.digest, generation, ttl, set_name)
            return source, builder.rows([row])

        call.read = read
        call.accept = _ANSWERS
        return Started(source, window, call=call)

    @staticmethod
    def _key(leaf: plans.Get, values: Sequence[Any]) -> Key | None:
        target = leaf.target
        value = resolve(leaf.key, values)
        if leaf.digest:
            wanted = digest_of(value)
            return (
                None if wanted is None else Key(target.namespace, target.set or None, None, wanted)
            )
        key = key_of(value)
        if key is None:
            return None
        return Key(target.namespace, target.set or None, key, digest(target.set, key))

    def _one(
        self,
        leaf: plans.Get,
        values: Sequence[Any],
        filter: bytes,
        builder: RowBuilder,
        window: Window,
    ) -> Conversation[None]:
        """A read by key under a LIMIT: a batch of one."""
        batched = plans.BatchGet(leaf.target, (leaf.key,), leaf.bins, leaf.pushed, leaf.digest)
        return self._batch(batched, values, filter, builder, window)

    def _batch(
        self,
        leaf: plans.BatchGet,
        values: Sequence[Any],
        filter: bytes,
        builder: RowBuilder,
        window: Window,
    ) -> Conversation[None]:
        target, session = leaf.target, self._session
        keys = keys_of(leaf.keys, values, leaf.digest)
        for begin in range(0, len(keys), _BATCH_CHUNK):
            chunk = keys[begin : begin + _BATCH_CHUNK]
            entries = [
                read_entry(
                    target.namespace,
                    target.set or None,
                    key if leaf.digest else digest(target.set, key),  # type: ignore[arg-type]
                    bins=leaf.bins,
                    nobins=leaf.bins == (),
                    filter=filter,
                )
                for key in chunk
            ]
            results = yield from session.batch(target, entries, session.batch_policy)
            rows = []
            for key, entry, result in zip(chunk, entries, results):
                if result.result_code == 0:
                    given = None if leaf.digest else key
                    rows.append(
                        session.row(
                            result.bins,
                            entry.digest,
                            result.generation,
                            result.void_time,
                            target.set,
                            given,
                        )
                    )
                elif result.result_code not in _ANSWERS:
                    raise _failure(result)
            yield Emit(builder.items(rows))

    # ---- by query ----------------------------------------------------------------------------

    def _partitions(
        self,
        leaf: plans.PartitionQuery,
        values: Sequence[Any],
        filter: bytes,
        builder: RowBuilder,
        window: Window,
    ) -> Conversation[None]:
        request = self._request(leaf, values, filter)
        yield from self._query(request, builder, PartitionTracker())

    def _index(
        self,
        leaf: plans.IndexQuery,
        values: Sequence[Any],
        filter: bytes,
        builder: RowBuilder,
        window: Window,
    ) -> Conversation[None]:
        request = self._request(leaf, values, filter)
        tracker = PartitionTracker(dedupe=leaf.dedupe)
        for one in requests(leaf, request, values):
            yield from self._query(one, builder, tracker)
            seen, tracker = tracker.seen, PartitionTracker(dedupe=leaf.dedupe)
            tracker.seen = seen

    def _request(self, leaf: Any, values: Sequence[Any], filter: bytes) -> QueryRequest:
        limit = count_of(leaf.limit, values) if leaf.limit is not None else None
        return QueryRequest(
            leaf.target.namespace,
            leaf.target.set or None,
            bins=leaf.bins or None,
            nobins=leaf.bins == (),
            filter=filter,
            max_records=limit or 0,
            respond_all=leaf.respond_all,
            records_per_second=self._session.query_policy.records_per_second,
        )

    def _query(
        self, request: QueryRequest, builder: RowBuilder, tracker: PartitionTracker
    ) -> Conversation[None]:
        session = self._session
        decode = self._decoder(request, builder, tracker)
        yield from query(
            session.cluster, request, session.query_policy, tracker=tracker, decode=decode
        )

    def _decoder(
        self, request: QueryRequest, builder: RowBuilder, tracker: PartitionTracker
    ) -> Decoder:
        """What reads the frames of a query."""
        return _Decoder(builder, self._session)

    # ---- without records ---------------------------------------------------------------------

    def _values(
        self,
        leaf: plans.Values,
        values: Sequence[Any],
        filter: bytes,
        builder: RowBuilder,
        window: Window,
    ) -> Conversation[None]:
        return _emit(builder.items([Row({}, None, None, 0, -1, "") for _ in leaf.rows]))

    def _info(
        self,
        leaf: plans.InfoRows,
        values: Sequence[Any],
        filter: bytes,
        builder: RowBuilder,
        window: Window,
    ) -> Conversation[None]:
        given = (resolve(value, values) for value in leaf.values)
        found = yield from self._session.show(leaf.what, (*leaf.arguments, *given))
        yield Emit(builder.items([Row(bins, None, None, 0, -1, "") for bins in found]))


_LEAVES: Final[dict[type, Any]] = {
    plans.Get: Reader._one,
    plans.BatchGet: Reader._batch,
    plans.PartitionQuery: Reader._partitions,
    plans.IndexQuery: Reader._index,
    plans.Values: Reader._values,
    plans.InfoRows: Reader._info,
}


def digests(
    session: Session, source: plans.Operation, values: Sequence[Any], filter: bytes
) -> Iterator[Conversation[Any]]:
    """Conversations that emit the (digest, user key) of the records that a query finds."""
    leaf: Any = source
    while isinstance(leaf, (plans.Guard, plans.Filter, plans.Limit)):
        leaf = leaf.child
    if not isinstance(leaf, (plans.PartitionQuery, plans.IndexQuery)):
        return
    limit = count_of(leaf.limit, values) if leaf.limit is not None else None
    request = QueryRequest(
        leaf.target.namespace,
        leaf.target.set or None,
        nobins=True,
        filter=filter,
        max_records=limit or 0,
        records_per_second=session.query_policy.records_per_second,
    )
    for one in requests(leaf, request, values):
        yield query(session.cluster, one, session.query_policy, decode=_digests_of)


def _digests_of(body: bytes) -> QueryColumns:
    found, unavailable, last, code = decode_query_frame(body)
    wanted = [record[0] for record in found]
    pairs = [(record[0], record[2]) for record in found]
    return QueryColumns(pairs, wanted, [record[6] for record in found], unavailable, last, code)


def requests(
    leaf: plans.PartitionQuery | plans.IndexQuery, request: QueryRequest, values: Sequence[Any]
) -> Iterator[QueryRequest]:
    """The queries that answer a leaf together: one, or one for each range of an index."""
    if isinstance(leaf, plans.PartitionQuery):
        yield request
        return
    index = leaf.index
    for low, high in index_bounds(leaf.ranges, index.type, values):
        yield replace(
            request,
            range=IndexRange(index.bin, _PARTICLES[index.type], _bound(low), _bound(high)),
            index_type=COLLECTIONS[index.collection],
            index_context=index.context,
        )


def _bound(value: Any) -> bytes:
    return value.text.encode() if isinstance(value, GeoJSON) else particles.encode(value)[1]


#: An index's type → the particle type of its bounds.
_PARTICLES: Final = {
    "NUMERIC": ParticleType.INTEGER,
    "STRING": ParticleType.STRING,
    "BLOB": ParticleType.BLOB,
    "GEO2DSPHERE": ParticleType.GEOJSON,
}


class _Decoder:
    """Reads a query's frame to rows; the residual is looked at here, frame by frame."""

    __slots__ = ("_builder", "_session")

    def __init__(self, builder: RowBuilder, session: Session) -> None:
        self._builder = builder
        self._session = session

    def __call__(self, body: bytes) -> QueryColumns:
        found, unavailable, last, code = decode_query_frame(body)
        now = time.time()
        rows = [
            Row(bins, key, digest, generation, seconds_left(void_time, now), set_name)
            for digest, set_name, key, generation, void_time, bins, _ in found
        ]
        if self._builder.filters:
            if self._builder.meter is not None:
                self._builder.meter.looked(len(found))
            kept = self._builder.kept(rows)
            found = [record for record, keep in zip(found, kept) if keep]
            rows = [row for row, keep in zip(rows, kept) if keep]
        return QueryColumns(
            self._builder.built(rows),
            [record[0] for record in found],
            [record[6] for record in found],
            unavailable,
            last,
            code,
        )


def _failure(result: Any) -> Error:
    if isinstance(result.error, Error):
        return result.error
    return error_for(result.result_code, node=result.node)


def _emit(rows: list[Any]) -> Conversation[None]:
    yield Emit(rows)
