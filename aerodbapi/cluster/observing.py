"""What metrics count: commands, bytes, latencies, failures, by node and namespace.

Observing is a conversation around a conversation: it passes every effect on and notes what it
asked and was answered. Without metrics nothing of it runs. Batches go to many namespaces, so
they are noted under "", as info requests are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from aerodbapi.cluster.effects import Close, Exchange, Fork, Next, Stream
from aerodbapi.errors import Error
from aerodbapi.protocol.flags import FieldType, Info1, Info2
from aerodbapi.protocol.frame import HEADER_SIZE, MESSAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation, Effect
    from aerodbapi.cluster.node import Node

__all__ = ["LATENCIES", "Counts", "Observer", "Recorder", "observed"]

_T = TypeVar("_T")

#: The kinds of commands whose latencies are noted.
LATENCIES: Final = ("conn", "write", "read", "batch", "query")
_TIMEOUT: Final = 9
_BUSY: Final = 14
#: Answers that say that something is wrong with the server rather than with the request.
_FAILURES: Final = frozenset({1, 8, 11, 18})
_N_FIELDS_AT: Final = HEADER_SIZE + 18
_FIELDS_AT: Final = HEADER_SIZE + 22


class Observer(Protocol):
    """Who is told of a round of tending, and of nodes that are gone (`Cluster.observer`)."""

    recorder: Recorder

    def tended(self, cluster: Cluster, removed: Iterable[Node]) -> None: ...


class Counts:
    """One node's and one namespace's numbers; `latency`: kind → commands by duration."""

    __slots__ = ("busy", "bytes_in", "bytes_out", "errors", "latency", "timeouts")

    def __init__(self, columns: int) -> None:
        self.bytes_in = self.bytes_out = 0
        self.errors = self.timeouts = self.busy = 0
        self.latency = {kind: [0] * columns for kind in LATENCIES}


class Recorder:
    """The numbers of a cluster.

    The first of `columns` durations is one up to 1 ms, each further one up to 2^`shift` times as
    much, the last is all that take longer.
    """

    def __init__(self, columns: int = 7, shift: int = 1) -> None:
        self.columns = columns
        self.shift = shift
        self.commands = 0
        self.retries = 0
        self.nodes: dict[str, dict[str, Counts]] = {}

    def counts(self, node: Node, namespace: str) -> Counts:
        """The numbers of a node and a namespace."""
        spaces = self.nodes.setdefault(node.name, {})
        found = spaces.get(namespace)
        if found is None:
            found = spaces[namespace] = Counts(self.columns)
        return found

    def took(self, counts: Counts, kind: str, seconds: float) -> None:
        """Note how long a command took."""
        column, limit = 0, 0.001
        while column < self.columns - 1 and seconds > limit:
            column += 1
            limit *= 1 << self.shift
        counts.latency[kind][column] += 1


class _Sent:
    """A request that is under way."""

    __slots__ = ("counts", "kind", "started")

    def __init__(self, counts: Counts, kind: str, started: float) -> None:
        self.counts = counts
        self.kind = kind
        self.started = started


def observed(cluster: Cluster, recorder: Recorder, talk: Conversation[_T]) -> Conversation[_T]:
    """Carry on a conversation, and note in `recorder` what it does."""
    watch = _Watch(cluster, recorder)
    answer: Any = None
    failure: BaseException | None = None
    try:
        while True:
            try:
                effect = talk.send(answer) if failure is None else talk.throw(failure)
            except StopIteration as stop:
                value: _T = stop.value
                return value
            effect, answer, failure = watch.before(effect), None, None
            try:
                answer = yield effect
            except GeneratorExit:
                raise
            except BaseException as error:
                failure = error
            watch.after(effect, answer, failure)
    finally:
        talk.close()


class _Watch:
    """One conversation's share: what it has asked, and the streams that it reads."""

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self.cluster = cluster
        self.recorder = recorder
        self.streams: dict[int, _Sent] = {}
        self.sent: _Sent | None = None
        self.tries = 0

    def before(self, effect: Effect) -> Effect:
        if type(effect) is Exchange or type(effect) is Stream:
            self.sent = self._sent(effect.node, effect.request)
        elif type(effect) is Fork:
            branches = (observed(self.cluster, self.recorder, talk) for talk in effect.branches)
            return Fork(tuple(branches), effect.stop_on_error)
        elif type(effect) is Close:
            found = self.streams.pop(id(effect.handle), None)
            if found is not None:
                self._done(found)
        return effect

    def after(self, effect: Effect, answer: Any, failure: BaseException | None) -> None:
        if type(effect) is Exchange:
            self._answered(answer, failure)
        elif type(effect) is Stream and self.sent is not None:
            if failure is None:
                self.streams[id(answer)] = self.sent
            else:
                self._failed(self.sent, failure)
        elif type(effect) is Next:
            found = self.streams.get(id(effect.handle))
            if found is not None and failure is None:
                found.counts.bytes_in += HEADER_SIZE + len(answer)
            elif found is not None:
                self._failed(found, failure)

    def _sent(self, node: Node, request: bytes) -> _Sent:
        kind, namespace = _kind_of(request)
        counts = self.recorder.counts(node, namespace)
        counts.bytes_out += len(request)
        if kind:
            self.tries += 1
            if self.tries == 1:
                self.recorder.commands += 1
            elif self.sent is not None and self.sent.kind == "failed":
                self.recorder.retries += 1
        return _Sent(counts, kind, self.cluster.clock())

    def _answered(self, body: Any, failure: BaseException | None) -> None:
        sent = self.sent
        if sent is None:
            return
        if failure is not None:
            self._failed(sent, failure)
            return
        sent.counts.bytes_in += HEADER_SIZE + len(body)
        code = body[5] if sent.kind and len(body) > 5 else 0
        if code in (_TIMEOUT, _BUSY) or code in _FAILURES:
            self._count(sent, code)
        else:
            self._done(sent)

    def _failed(self, sent: _Sent, failure: BaseException | None) -> None:
        if isinstance(failure, Error):
            self._count(sent, failure.result_code)

    def _count(self, sent: _Sent, code: int | None) -> None:
        if code == _TIMEOUT:
            sent.counts.timeouts += 1
        elif code == _BUSY:
            sent.counts.busy += 1
        else:
            sent.counts.errors += 1
        if sent.kind:
            sent.kind = "failed"

    def _done(self, sent: _Sent) -> None:
        if sent.kind and sent.kind != "failed":
            self.recorder.took(sent.counts, sent.kind, self.cluster.clock() - sent.started)


def _kind_of(request: bytes) -> tuple[str, str]:
    """(kind of latency, namespace) of a request; ("", "") for info and what is compressed."""
    if request[1] != MESSAGE or len(request) < _FIELDS_AT:
        return "", ""
    info1, info2 = request[HEADER_SIZE + 1], request[HEADER_SIZE + 2]
    if info1 & Info1.BATCH:
        return "batch", ""
    namespace, has_digest, at = "", False, _FIELDS_AT
    for _ in range(int.from_bytes(request[_N_FIELDS_AT : _N_FIELDS_AT + 2], "big")):
        size, type = int.from_bytes(request[at : at + 4], "big"), request[at + 4]
        if type == FieldType.NAMESPACE:
            namespace = request[at + 5 : at + 4 + size].decode("utf-8", "replace")
        elif type == FieldType.DIGEST:
            has_digest = True
        at += 4 + size
    if not has_digest:
        return "query", namespace
    return ("write" if info2 & Info2.WRITE else "read"), namespace
