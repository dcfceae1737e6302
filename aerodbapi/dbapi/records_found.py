"""The records that a statement names or finds, for those that do something to each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.commands import command
from aerodbapi.errors import Error, NotSupportedError, error_for
from aerodbapi.native.policies import packed_filter
from aerodbapi.native.results import Key
from aerodbapi.plan import operations as plans
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.pushdown import NOTHING
from aerodbapi.plan.values import keys_of, resolve
from aerodbapi.protocol.digest import digest

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.calls import Call

__all__ = ["CHUNK", "carried_out", "failure_of", "found", "pushed_filter"]

#: Records in one batch.
CHUNK: Final = 5000


def pushed_filter(source: Any, values: Sequence[Any]) -> bytes | None:
    """The packed filter of a source; None when no record can match.

    Raises NotSupportedError for values with which the server cannot decide the condition.
    """
    if isinstance(source, plans.Empty):
        return None
    pushed = source.pushed
    if pushed is None:
        return b""
    built = pushed.builder(values)
    if built.exp is NOTHING:
        return None
    if not built.exact:
        raise NotSupportedError(
            "the server cannot decide this condition for these values, as EXECUTE, AGGREGATE and"
            " OPERATE need"
        )
    return packed_filter(built.exp)


def found(
    session: Session, source: Any, values: Sequence[Any], filter: bytes
) -> Conversation[list[Key]]:
    """The records that `source` names by key, or that its query finds now."""
    target = source.target
    namespace, set_name = target.namespace, target.set or None
    if not isinstance(source, (plans.Get, plans.BatchGet)):
        records = yield from session.find(source, values, filter)
        return [Key(namespace, set_name, key, each) for each, key in records.items()]
    if isinstance(source, plans.BatchGet):
        keys: list[Any] = list(keys_of(source.keys, values, source.digest))
    else:
        convert = digest_of if source.digest else key_of
        one: Any = convert(resolve(source.key, values))
        keys = [] if one is None else [one]
    if source.digest:
        return [Key(namespace, set_name, None, each) for each in keys]
    return [Key(namespace, set_name, each, digest(set_name, each)) for each in keys]


def carried_out(session: Session, call: Call[Any]) -> Conversation[Any]:
    """Carry out a single-record command, with its retries."""
    body = yield from command(
        session.cluster,
        call.key[0],
        call.partition,
        call.frame,
        policy=call.policy,
        write=call.write,
        accept=call.accept,
    )
    return call.read(body, call.key)


def failure_of(result: Any) -> Error:
    """The error of a record of a batch."""
    if isinstance(result.error, Error):
        return result.error
    return error_for(result.result_code, node=result.node)
