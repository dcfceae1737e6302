"""The operations of AQL's own statements: functions, operations, looks and commands.

As those of `plan.operations`, frozen and without a carrier; `source` finds the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Union

from aerodbapi.frozen import frozen
from aerodbapi.plan.operations import (
    BatchGet,
    Empty,
    Get,
    IndexQuery,
    PartitionQuery,
    Value,
)
from aerodbapi.plan.render import render_value

__all__ = ["Action", "Apply", "BinStep", "Command", "Look", "Operate", "Source", "StreamUDF"]

Source = Union[Get, BatchGet, IndexQuery, PartitionQuery, Empty]


@frozen
class Apply:
    """Run a record UDF. One row a record, of what the function gives.

    `background`: the nodes run it by themselves; the rows are the numbers of the jobs.
    """

    source: Source
    module: str
    function: str
    arguments: tuple[Value, ...]
    background: bool
    options: tuple[tuple[str, Value], ...] = ()

    def facts(self) -> Iterator[str]:
        """What EXPLAIN says of it."""
        yield _call(self)
        yield "in the background" if self.background else ""


@frozen
class StreamUDF:
    """Run a stream UDF on the nodes, and its last part here. One row a result."""

    source: Source
    module: str
    function: str
    arguments: tuple[Value, ...]

    def facts(self) -> Iterator[str]:
        """What EXPLAIN says of it."""
        yield _call(self)


def _call(action: Apply | StreamUDF) -> str:
    arguments = ", ".join(map(render_value, action.arguments))
    return f"{action.module}.{action.function}({arguments})"


@frozen
class BinStep:
    """One operation of OPERATE: a key of `plan.bin_functions.FUNCTIONS` on a bin."""

    function: str
    bin: str
    arguments: tuple[Value, ...]
    policy: tuple[str, ...] = ()


@frozen
class Operate:
    """Several operations on each record, at once. One row a record, if any of them answers."""

    source: Source
    steps: tuple[BinStep, ...]
    options: tuple[tuple[str, Value], ...] = ()

    def facts(self) -> Iterator[str]:
        """What EXPLAIN says of it."""
        for step in self.steps:
            own = [step.bin] if step.bin else []
            arguments = ", ".join([*own, *map(render_value, step.arguments)])
            policy = f" WITH_POLICY ({', '.join(step.policy)})" if step.policy else ""
            yield f"{step.function}({arguments}){policy}"


@frozen
class Look:
    """Rows of facts that need no record. `what` is a key of `dbapi.looking.LOOKS`."""

    what: str
    arguments: tuple[Union[str, Value], ...] = ()

    def facts(self) -> Iterator[str]:
        """What EXPLAIN says of it."""
        yield self.what
        for each in self.arguments:
            yield each if isinstance(each, str) else render_value(each)


@frozen
class Command:
    """What changes definitions or the session. `what` is a key of `dbapi.commanding.COMMANDS`.

    `arguments`: its keywords; Values among them are resolved first.
    """

    what: str
    arguments: tuple[tuple[str, Any], ...] = ()

    def facts(self) -> Iterator[str]:
        """What EXPLAIN says of it, but for what may be secret or long."""
        yield self.what
        for name, value in self.arguments:
            if name not in _HIDDEN and value not in (None, ()):
                yield f"{name}={_shown(value)}"


#: Arguments of commands that EXPLAIN keeps to itself.
_HIDDEN: Final = frozenset({"password", "source"})


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        parts = (".".join(filter(None, e)) if isinstance(e, tuple) else e for e in value)
        return f"({', '.join(parts)})"
    return str(value) if isinstance(value, (str, int)) else render_value(value)


Action = Union[Apply, StreamUDF, Operate, Look, Command]
