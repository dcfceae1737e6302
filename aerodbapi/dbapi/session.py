"""What the cursors of a connection share: catalog, policies, prepared statements. No I/O of its
own: what needs the cluster is a conversation that either kind of connection runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aerodbapi.cluster.batch import batch
from aerodbapi.cluster.collect import collected
from aerodbapi.dbapi import reading, sampling, showing
from aerodbapi.dbapi.counters import Counters
from aerodbapi.dbapi.projection import Row
from aerodbapi.dbapi.statements import Statements
from aerodbapi.errors import InternalError
from aerodbapi.native.defaults import policies_of
from aerodbapi.plan import operations as plans
from aerodbapi.plan.catalog import Catalog

if TYPE_CHECKING:
    from aerodbapi.cluster.batch import BatchResult
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.conninfo import ConnInfo
    from aerodbapi.dbapi.cursor import Parameters
    from aerodbapi.dbapi.results import Outcome
    from aerodbapi.dbapi.settings import Settings
    from aerodbapi.dbapi.statements import Execution, Prepared
    from aerodbapi.grammar.ast import Statement
    from aerodbapi.native.policies import BatchPolicy, QueryPolicy, ReadPolicy, WritePolicy
    from aerodbapi.native.transactions import Transaction
    from aerodbapi.protocol.batch import BatchEntry

__all__ = ["Session"]


class Session:
    """One connection's view of the cluster. Threads may share it."""

    def __init__(self, conninfo: ConnInfo, cluster: Cluster) -> None:
        policies = policies_of(conninfo)
        self.conninfo = conninfo
        self.cluster = cluster
        self.catalog = Catalog()
        self.read_policy: ReadPolicy = policies["read"]
        self.write_policy: WritePolicy = policies["write"]
        self.batch_policy: BatchPolicy = policies["batch"]
        #: Of batches that write: nothing of them is sent twice.
        self.batch_write_policy: BatchPolicy = policies["batch_parent_write"]
        self.query_policy: QueryPolicy = policies["query"]
        #: The open transaction (BEGIN), if there is one.
        self.transaction: Transaction | None = None
        #: The engine's DuckDB (`relational.engine.Database`), once a statement needed it.
        self.relational: Any = None
        #: Told of a new password of one's own.
        self.use_password: Callable[[str], None] = lambda password: None
        self._settings: Settings | None = None
        #: Values drawn ahead for identity columns.
        self.counters = Counters()
        self._statements = Statements(self)

    # ---- statements --------------------------------------------------------------------------

    def execution(self, operation: str, parameters: Parameters) -> Execution | None:
        """Bind a statement that is prepared already; None when it has to be prepared first."""
        return self._statements.execution(operation, parameters)

    def prepare(self, operation: str, parameters: Parameters) -> Conversation[Execution]:
        """Parse and plan a statement, asking the cluster for what the plan depends on."""
        return self._statements.prepare(operation, parameters)

    def prepared(self, tree: Statement, kinds: Sequence[str] = ()) -> Conversation[Prepared]:
        """Prepare a statement that is no text."""
        return self._statements.prepared_tree(tree, kinds)

    def execute_many(
        self, operation: str, seq_of_parameters: Iterable[Parameters]
    ) -> Conversation[Outcome]:
        """Run a statement that returns no rows for each set of parameters."""
        return self._statements.execute_many(operation, seq_of_parameters)

    @property
    def settings(self) -> Settings:
        """What SET, GET and RESET are about."""
        if self._settings is None:
            from aerodbapi.dbapi.settings import Settings  # few programs need them

            self._settings = Settings(self)
        return self._settings

    def as_shown(self, tree: Statement) -> Statement:
        """A statement as NO_BINS and RECORD_PRINT_METADATA have it."""
        return tree if self._settings is None else self._settings.as_shown(tree)

    def forget_plans(self) -> None:
        """Plan every statement anew."""
        self._statements.forget()

    def close(self) -> None:
        """Let go of the relational engine; statements that it runs may end."""
        if self.relational is not None:
            self.relational.close()

    # ---- for the executors -------------------------------------------------------------------

    def learn(self, target: plans.Target, bins: Mapping[str, Any]) -> None:
        """Note what was written, so that SELECT * shows it."""
        self.catalog.learn(target.namespace, target.set, bins)

    @staticmethod
    def row(
        bins: dict[str, Any],
        digest: bytes,
        generation: int,
        void_time: int,
        set_name: str | None,
        key: Any = None,
    ) -> Row:
        """A record as the evaluator sees it."""
        ttl = reading.seconds_left(void_time, time.time())
        return Row(bins, key, digest, generation, ttl, set_name or "")

    def batch(
        self, target: plans.Target, entries: Sequence[BatchEntry], policy: BatchPolicy
    ) -> Conversation[list[BatchResult]]:
        """Carry out a batch on records of one set, in the transaction if one is open."""
        if self.transaction is None:
            return batch(self.cluster, entries, policy)
        from aerodbapi.dbapi import transacting  # few programs need it

        return transacting.batch(self, target, entries, policy)

    def find(
        self, source: plans.Operation, values: Sequence[Any], filter: bytes
    ) -> Conversation[dict[bytes, Any]]:
        """The records that a query finds, each once: digest → user key (None: not stored)."""
        found: dict[bytes, Any] = {}
        for talk in reading.digests(self, source, values, filter):
            yield from collected(talk, found.update)
        return found

    def show(self, what: str, arguments: Sequence[str]) -> Conversation[list[dict[str, Any]]]:
        """The rows of a SHOW or DESCRIBE, by column name."""
        answer = showing.answer_of(what)
        if answer is None:
            raise InternalError(f"SHOW {what} has a plan but no answer")
        return answer(self, tuple(arguments))

    def has_index(self, namespace: str, name: str) -> Conversation[bool]:
        """Whether the namespace has a secondary index of this name."""
        yield from sampling.indexes(self, namespace)
        known = self.catalog.indexes(namespace) or ()
        return any(index.name == name for index in known)
