"""Prepared statements: text → shape → plan → execution, each step remembered.

A text that was seen before costs one look-up; a text that differs from one only in its literals
costs a scan. Plans are kept by shape and by the kinds of the values, since `age = 5` and
`age = 'x'` are planned differently; a plan made under an older catalog is made again, of the
tree that the shape was parsed to.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from aerodbapi import grammar
from aerodbapi.cluster.info import lowest_version
from aerodbapi.dbapi import declaring, defining, sampling
from aerodbapi.dbapi.reading import Reader, RowSource
from aerodbapi.dbapi.relating import Relation, RelationalSource
from aerodbapi.dbapi.results import Outcome, Window
from aerodbapi.dbapi.statistics import Meter, measured
from aerodbapi.dbapi.writing import WRITES, Writer
from aerodbapi.errors import DataError, IntegrityError, NotSupportedError, ProgrammingError
from aerodbapi.frozen import replace
from aerodbapi.grammar.shape import Shape
from aerodbapi.plan import operations as plans
from aerodbapi.plan.bind import Context
from aerodbapi.plan.guards import check_scans
from aerodbapi.plan.kinds import parameter_kind
from aerodbapi.plan.planner import missing
from aerodbapi.plan.planner import plan as make_plan

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.acting import Actor
    from aerodbapi.dbapi.cursor import Parameters
    from aerodbapi.dbapi.session import Session
    from aerodbapi.dbapi.tables import Definer
    from aerodbapi.grammar.ast import Statement
    from aerodbapi.native.calls import Call

__all__ = ["Execution", "Prepared", "Statements"]

#: The user's parameters → the values of one execution.
Binder = Callable[[Any], tuple[Any, ...]]

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

_TEXTS: Final = 2000  # remembered shapes by text
_LONGEST: Final = 2000  # characters of a text that is remembered; its values are kept with it
_PLANS: Final = 500
_MANY: Final = 5000  # sets of parameters in one batch of executemany
_DEFINITIONS: Final = "aerodbapi.plan.table_operations"  # whose operations a Definer runs
_ACTIONS: Final = "aerodbapi.plan.actions"  # whose operations an Actor runs
_LOOKS: Final = 3  # at the catalog: what one look brings may make another one worthwhile
#: Types that are a kind each: plans for other values (lists above all) need a look at them.
_PLAIN: Final = frozenset({str, int, float, bool, bytes, type(None)})


class _Recent(Generic[_K, _V]):
    """The entries made last. Threads may race: an entry may then be made twice."""

    __slots__ = ("_entries", "_limit")

    def __init__(self, limit: int) -> None:
        self._entries: OrderedDict[_K, _V] = OrderedDict()
        self._limit = limit

    def get(self, key: _K) -> _V | None:
        return self._entries.get(key)

    def put(self, key: _K, value: _V) -> None:
        entries = self._entries
        entries[key] = value
        while len(entries) > self._limit:
            try:
                entries.popitem(last=False)
            except KeyError:  # another thread emptied it
                return


@dataclass(slots=True)
class Execution:
    """A statement with its values bound, ready to run.

    `call`: a single command that answers with (source, rows). `source`: there are rows, and
    the conversation emits them in lists, to be cut by `window`. Neither: the conversation
    returns an Outcome, unless `write`, a single command, already answers with it.
    `plan`, `meters`, `began` and `ended` (by perf_counter) are for `statistics.query_stats`.
    """

    window: Window
    call: Call[tuple[RowSource, list[Any]]] | None = None
    write: Call[Outcome | None] | None = None
    source: RowSource | RelationalSource | None = None
    talk: Conversation[Any] | None = None
    plan: plans.Plan | None = None
    meters: Sequence[Meter] = ()
    began: float = field(default_factory=perf_counter)
    ended: float = 0.0

    def conversation(self) -> Conversation[Any]:
        """What has to be run."""
        assert self.talk is not None
        return self.talk


class Prepared:
    """A plan with all that can be compiled of it."""

    __slots__ = (
        "actor",
        "definer",
        "inner",
        "plan",
        "reader",
        "relation",
        "session",
        "tables",
        "until",
        "writer",
    )

    def __init__(self, session: Session, plan: plans.Plan) -> None:
        self.session = session
        self.plan = plan
        self.reader: Reader | None = None
        self.relation: Relation | None = None
        self.writer: Writer | None = None
        self.actor: Actor | None = None
        self.definer: Definer | None = None
        #: The clock up to which it counts what the tables were declared as.
        self.until = float("inf")
        self.tables: declaring.Places = ()
        root = plan.root
        #: What EXPLAIN ANALYZE runs.
        self.inner: Prepared | None = None
        if plan.explain:
            if plan.analyze:
                self.inner = Prepared(session, replace(plan, explain=False, analyze=False))
            return
        if isinstance(root, plans.Project):
            self.reader = Reader(session, plan)
        elif isinstance(root, plans.Relational):
            self.relation = Relation(session, root)
        elif isinstance(root, WRITES):
            self.writer = Writer(session, root)
        elif type(root).__module__ == _ACTIONS:
            from aerodbapi.dbapi.acting import Actor  # few programs need them

            self.actor = Actor(session, plan)
        elif type(root).__module__ == _DEFINITIONS:
            from aerodbapi.dbapi.tables import Definer

            self.definer = Definer(session, root)

    @property
    def queries(self) -> bool:
        """Whether it only reads."""
        return self.reader is not None or self.relation is not None

    def start(self, values: Sequence[Any]) -> Execution:
        """Bind values; nothing is sent yet."""
        if self.reader is not None:
            begun = self.reader.start(values)
            return Execution(
                begun.window, begun.call, None, begun.source, begun.conversation, self.plan
            )
        if self.relation is not None:
            source, window, talk = self.relation.start(values)
            return Execution(window, source=source, talk=talk, plan=self.plan)
        if self.plan.explain:
            from aerodbapi.dbapi.explaining import explained

            lines, talk = explained(self.session, self.plan, values, self.inner)
            return Execution(Window(None, None), source=lines, talk=talk)
        if self.actor is not None:
            rows, acts = self.actor.start(values)
            return Execution(Window(None, None), source=rows, talk=acts)
        if self.writer is not None and self.writer.returns:
            written, finish, talk = self.writer.start(values)
            window = Window(None, None)
            window.finish = finish
            return Execution(window, source=written, talk=talk, plan=self.plan)
        write = None if self.writer is None else self.writer.call(values)
        talk = self.change(values)
        meters: tuple[Meter, ...] = ()
        if write is None:
            meters = (Meter(self.plan.root),)
            talk = measured(talk, meters[0])
        return Execution(Window(None, None), None, write, None, talk, self.plan, meters)

    def change(self, values: Sequence[Any]) -> Conversation[Outcome]:
        """The conversation of a statement without rows."""
        session, root = self.session, self.plan.root
        if self.writer is not None:
            return self.writer.run(values)
        if self.actor is not None:
            return self.actor.outcome(values)
        if self.definer is not None:
            return self.definer.run(values)
        if isinstance(root, plans.Transact):
            from aerodbapi.dbapi.transacting import STATEMENTS  # few programs need them

            return STATEMENTS[root.what](session)
        if isinstance(root, plans.Truncate):
            return defining.truncate(session, root, values)
        if isinstance(root, plans.CreateIndex):
            return defining.create_index(session, root)
        if isinstance(root, plans.DropIndex):
            return defining.drop_index(session, root)
        return _nothing()


def _nothing() -> Conversation[Outcome]:
    yield from ()
    return Outcome(0)


class Statements:
    """The prepared statements of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.forget()

    def forget(self) -> None:
        """Prepare every statement anew: a setting that they depend on has changed."""
        self._profile = self._session.conninfo.profile
        self._shapes: _Recent[str, tuple[Shape, Binder]] = _Recent(_TEXTS)
        self._trees: _Recent[str, Statement] = _Recent(_PLANS)
        self._plans: _Recent[Any, Prepared] = _Recent(_PLANS)

    def execution(self, operation: str, parameters: Parameters) -> Execution | None:
        """Bind a statement whose plan is known and not out of date."""
        shape, bind = self._shape(operation)
        values = bind(parameters)
        prepared = self._known(shape, values)
        return None if prepared is None else self._begun(prepared, values)

    def _begun(self, prepared: Prepared, values: Sequence[Any]) -> Execution:
        execution = prepared.start(values)
        most = self._session.conninfo.max_rows
        if most and prepared.queries:
            execution.window.most = most
        return execution

    def _shape(self, operation: str) -> tuple[Shape, Binder]:
        """A text's shape, and what takes the user's parameters to the values of one execution."""
        if not isinstance(operation, str):
            raise ProgrammingError(f"a statement is text, not {type(operation).__name__}")
        found = self._shapes.get(operation)
        if found is None:
            shape = grammar.lift(operation, self._profile)
            found = shape, grammar.binder(shape)
            if len(operation) <= _LONGEST:
                self._shapes.put(operation, found)
        return found

    def _known(self, shape: Shape, values: Sequence[Any]) -> Prepared | None:
        """The plan that was made for such values under the catalog as it is."""
        prepared = self._plans.get(_place(shape, values))
        catalog = self._session.catalog
        if prepared is None or prepared.plan.catalog_version != catalog.version:
            return None
        if prepared.until <= catalog.clock():
            return None
        return prepared

    def prepare(self, operation: str, parameters: Parameters) -> Conversation[Execution]:
        """Parse, look up what the plan depends on, plan, and bind."""
        shape, bind = self._shape(operation)
        values = bind(parameters)
        prepared = yield from self._prepared(operation, shape, values)
        return self._begun(prepared, values)

    def _renewed(self, shape: Shape, values: Sequence[Any]) -> Conversation[Prepared | None]:
        """A plan whose tables have to be looked up again, if they are what they were."""
        prepared, catalog = self._plans.get(_place(shape, values)), self._session.catalog
        if prepared is None or prepared.plan.catalog_version != catalog.version:
            return None
        until = yield from declaring.renewed(self._session, prepared.tables)
        if prepared.plan.catalog_version != catalog.version:
            return None
        prepared.until = until
        return prepared

    def _prepared(
        self, operation: str, shape: Shape, values: Sequence[Any]
    ) -> Conversation[Prepared]:
        prepared = self._known(shape, values)
        if prepared is None:
            prepared = yield from self._renewed(shape, values)
        if prepared is not None:
            return prepared
        tree = self._trees.get(shape.key)
        if tree is not None:
            try:
                return (yield from self._planned(tree, shape, values))
            except (ProgrammingError, NotSupportedError, DataError, IntegrityError):
                pass  # the places that it names are another text's
        tree = grammar.parse_shape(shape, operation)
        self._trees.put(shape.key, tree)
        try:
            return (yield from self._planned(tree, shape, values))
        except (ProgrammingError, NotSupportedError, DataError, IntegrityError) as error:
            from aerodbapi.grammar import complaints

            complaints.point(operation, error)
            raise

    def _planned(
        self, tree: Statement, shape: Shape, values: Sequence[Any]
    ) -> Conversation[Prepared]:
        session = self._session
        context = Context(
            profile=self._profile,
            namespace=session.conninfo.namespace,
            parameters=tuple(map(parameter_kind, values)),
            server=lowest_version(session.cluster),
        )
        tree = session.as_shown(tree)
        known = declaring.latest(session, tree, context)
        try:
            prepared = yield from self._made(tree, context)
        except ProgrammingError:
            # Another program may have changed a declaration since it was looked up.
            if not (yield from declaring.changed(session, known)):
                raise
            prepared = yield from self._made(tree, context)
        self._plans.put(_place(shape, values), prepared)
        return prepared

    def _made(self, tree: Statement, context: Context) -> Conversation[Prepared]:
        """Learn what the plan of a statement depends on, and make it."""
        session = self._session
        tree, tables = yield from declaring.resolved(session, tree, context)
        for _ in range(_LOOKS):
            unknown = missing(tree, session.catalog, context)
            if not unknown:
                break
            yield from sampling.learn(session, unknown)
        plan = make_plan(tree, session.catalog, context)
        if not plan.explain or getattr(plan, "analyze", False):
            check_scans(plan.root, session.conninfo.scans)
        prepared = Prepared(session, plan)
        prepared.tables = tables
        prepared.until = declaring.fresh_until(session, tables)
        return prepared

    def prepared_tree(self, tree: Statement, kinds: Sequence[str] = ()) -> Conversation[Prepared]:
        """Prepare a statement that is no text: what a definition does to records."""
        session = self._session
        context = Context(
            namespace=session.conninfo.namespace,
            parameters=tuple(kinds),
            server=lowest_version(session.cluster),
        )
        return (yield from self._made(tree, context))

    def execute_many(
        self, operation: str, seq_of_parameters: Iterable[Parameters]
    ) -> Conversation[Outcome]:
        """Writes by key go in batches; other statements one after another."""
        shape, bind = self._shape(operation)
        bound = map(bind, seq_of_parameters)
        total = Outcome(0)
        for chunk in _chunks(bound, _MANY):
            for prepared, some in (yield from self._grouped(operation, shape, chunk)):
                if prepared.queries or prepared.plan.explain:
                    raise ProgrammingError(
                        "executemany runs statements that change data, not queries"
                    )
                if prepared.writer is None:
                    for values in some:
                        total.add((yield from prepared.change(values)))
                    continue
                outcome = yield from prepared.writer.many(some)
                total.add(outcome)
                if prepared.writer.returns:
                    total.returned = prepared.writer.returned(total, some[0])
        return total

    def _grouped(
        self, operation: str, shape: Shape, chunk: Sequence[Sequence[Any]]
    ) -> Conversation[list[tuple[Prepared, list[Sequence[Any]]]]]:
        """Neighbours whose plan is the same."""
        groups: list[tuple[Prepared, list[Sequence[Any]]]] = []
        for values in chunk:
            prepared = yield from self._prepared(operation, shape, values)
            if not groups or groups[-1][0] is not prepared:
                groups.append((prepared, []))
            groups[-1][1].append(values)
        return groups


def _place(shape: Shape, values: Sequence[Any]) -> tuple[Any, ...]:
    """What a plan is kept by."""
    types = tuple(map(type, values))
    if not _PLAIN.issuperset(types):
        return (shape.key, *map(parameter_kind, values))
    return (shape.key, *types)


def _chunks(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(islice(items, size)):
        yield chunk
