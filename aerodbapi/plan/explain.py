"""Plans as text: a tree of lines, and the rows of EXPLAIN. Nothing is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from aerodbapi.grammar.ast import Column
from aerodbapi.grammar.render import to_sql
from aerodbapi.plan import operations as op
from aerodbapi.plan.render import render, render_value

__all__ = [
    "ANALYZED",
    "COLUMNS",
    "TREE",
    "Step",
    "below",
    "command_type",
    "lines",
    "nodes",
    "residuals",
    "rows",
]


def _columns(text: str) -> tuple[op.OutputColumn, ...]:
    pairs = (each.split(":") for each in text.split())
    return tuple(op.OutputColumn(name, Column(name), code) for name, code in pairs)


_HEAD: Final = _columns(
    "id:BIGINT parent:BIGINT node:VARCHAR command_type:VARCHAR namespace:VARCHAR set_name:VARCHAR"
    " index_name:VARCHAR index_type:VARCHAR bin_name:VARCHAR entries_per_value:BIGINT"
    " est_records:BIGINT bins:VARCHAR pushed:VARCHAR residual:VARCHAR"
)
_TAIL: Final = _columns("detail:VARCHAR")

#: EXPLAIN's columns, with their types.
COLUMNS: Final = (*_HEAD, *_TAIL)
#: EXPLAIN ANALYZE's: the rows that a step gave, the records and bytes that came for it.
ANALYZED: Final = (*_HEAD, *_columns("rows:BIGINT records:BIGINT bytes:BIGINT ms:DOUBLE"), *_TAIL)
#: EXPLAIN FORMAT = TREE's.
TREE: Final = _columns("plan:VARCHAR")

#: Node → what it did; by identity, since equal reads may stand in a plan.
Actual = Mapping[int, "Step"]


class Step(NamedTuple):
    """What a step of a plan did."""

    rows: int | None = None
    records: int | None = None
    bytes: int | None = None
    ms: float | None = None

    def __str__(self) -> str:
        given = ((name, value) for name, value in zip(self._fields, self) if value is not None)
        return f"({' '.join(f'{name}={value}' for name, value in given)})"


#: What each node is to a server; "local" asks nothing.
_COMMANDS: Final = {
    "Get": "key_query",
    "KeyJoin": "batch",
    "BatchGet": "batch",
    "IndexQuery": "si_query",
    "PartitionQuery": "pi_query",
    "InfoRows": "info_query",
    "Write": "key_write",
    "Update": "update",
    "Remove": "delete",
    "Truncate": "info_query",
    "CreateIndex": "info_query",
    "DropIndex": "info_query",
}


def lines(plan: op.Plan, actual: Actual | None = None) -> list[str]:
    """Print the plan as a tree, the root first, children two columns further in."""
    text = []
    for node, depth, _ in _walk(plan.root):
        parts = [type(node).__name__, *_facts(node)]
        if actual is not None and id(node) in actual:
            parts.append(str(actual[id(node)]))
        text.append("  " * depth + " ".join(part for part in parts if part))
    return text + [f"note: {note}" for note in plan.notes]


def rows(
    plan: op.Plan, objects: Mapping[op.Target, int] | None = None, actual: Actual | None = None
) -> list[tuple[Any, ...]]:
    """Give EXPLAIN's rows, one a node; the notes stand in the root's detail.

    `objects`: how many records sets have, where that is known. With `actual` they are EXPLAIN
    ANALYZE's.
    """
    found = []
    for number, (node, _, parent) in enumerate(_walk(plan.root), 1):
        detail = " ".join(part for part in _FACTS.get(type(node), _none)(node) if part)
        if number == 1 and plan.notes:
            detail = "; ".join([*([detail] if detail else []), *plan.notes])
        did = () if actual is None else actual.get(id(node), Step())
        found.append((number, parent, *_cells(node, objects or {}), *did, detail or None))
    return found


def _cells(node: Any, objects: Mapping[op.Target, int]) -> tuple[Any, ...]:
    target = getattr(node, "target", None)
    index = getattr(node, "index", None)
    pushed = getattr(node, "pushed", None)
    bins = getattr(node, "bins", ...)
    return (
        type(node).__name__,
        command_type(node),
        None if target is None else target.namespace,
        None if target is None else target.set,
        None if index is None else index.name,
        None if index is None else _index_type(index),
        None if index is None else index.bin,
        None if index is None else index.entries_per_value,
        _estimate(node, objects),
        None if bins is ... else "*" if bins is None else ", ".join(bins),
        None if pushed is None else render(pushed.predicate),
        _residual(node),
    )


def command_type(node: Any) -> str:
    """Name what a node is to a server; "local" asks nothing."""
    if isinstance(node, op.PartitionQuery) and node.target.set:
        return "set_query"
    return _COMMANDS.get(type(node).__name__, "local")


def _estimate(node: Any, objects: Mapping[op.Target, int]) -> int | None:
    """Guess how many records a read looks at."""
    if isinstance(node, op.Get):
        return 1
    if isinstance(node, op.BatchGet):
        return len(node.keys)
    limit = getattr(node, "limit", None)
    most = limit.value if isinstance(limit, op.Constant) else None
    found = None
    if isinstance(node, op.PartitionQuery):
        found = objects.get(node.target)
    elif isinstance(node, op.IndexQuery):
        each = node.index.entries_per_value
        equal = all(one.low is not None and one.low == one.high for one in node.ranges)
        found = each * len(node.ranges) if each is not None and equal else None
    return min((each for each in (most, found) if each is not None), default=None)


def nodes(plan: op.Plan) -> Iterator[Any]:
    """Yield the nodes of a plan, the root first."""
    return (node for node, _, _ in _walk(plan.root))


def residuals(plan: op.Plan) -> Iterator[str]:
    """Yield what is looked at on the way back."""
    for node, _, _ in _walk(plan.root):
        text = _residual(node)
        if text is not None:
            yield text


def _walk(
    node: op.Operation, depth: int = 0, parent: int | None = None, start: int = 1
) -> Iterator[tuple[Any, int, int | None]]:
    yield node, depth, parent
    last = start
    for child in below(node):
        for number, each in enumerate(_walk(child, depth + 1, start, last + 1), last + 1):
            yield each
            last = number


def below(node: Any) -> Iterator[Any]:
    """Yield the nodes right below one."""
    for name in ("child", "source", "read", "otherwise"):
        child = getattr(node, name, None)
        if child is not None:
            yield child.root if isinstance(child, op.Plan) else child
    if isinstance(node, op.Found):
        yield node.query.root
    if isinstance(node, op.Subqueries):
        yield from (plan.root for _, plan in node.queries)
    yield from getattr(node, "inputs", ())


def _index_type(index: op.IndexChoice) -> str:
    return index.type if index.collection is None else f"{index.type} {index.collection}"


def _residual(node: Any) -> str | None:
    if isinstance(node, (op.Filter, op.Guard, op.Update, op.Remove)):
        return None if node.predicate is None else render(node.predicate)
    return None


def _facts(node: Any) -> Iterator[str]:
    target = getattr(node, "target", None)
    if target is not None:
        yield _target(target)
    index = getattr(node, "index", None)
    if index is not None:
        entries = index.entries_per_value
        cost = "" if entries is None else f" ~{entries}"
        yield f"index={index.name}({index.bin} {_index_type(index)}{cost})"
    yield from _FACTS.get(type(node), _none)(node)
    pushed = getattr(node, "pushed", None)
    if pushed is not None:
        how = "exact" if pushed.exact else "superset"
        yield f"pushed={how}[{render(pushed.predicate)}]"
    residual = _residual(node)
    if residual is not None:
        yield f"[{residual}]"


def _target(target: op.Target) -> str:
    if target.set is None:
        return target.namespace
    return f"{target.namespace}.{target.set or '__default'}"


def _bins(node: Any) -> str:
    if node.bins is None:
        return "bins=*"
    return f"bins=({', '.join(node.bins)})"


def _none(node: Any) -> Iterator[str]:
    """What an action says of itself; nothing of others."""
    facts = getattr(node, "facts", None)
    if facts is not None:
        yield from facts()


def _get(node: op.Get) -> Iterator[str]:
    yield f"{'digest' if node.digest else 'key'}={render_value(node.key)}"
    yield _bins(node)


def _batch(node: op.BatchGet) -> Iterator[str]:
    keys = ", ".join(render_value(key) for key in node.keys)
    yield f"{'digests' if node.digest else 'keys'}=({keys})"
    yield _bins(node)


def _query(node: op.PartitionQuery | op.IndexQuery) -> Iterator[str]:
    if isinstance(node, op.IndexQuery):
        yield "ranges=" + ", ".join(_range(each) for each in node.ranges)
    yield _bins(node)
    if node.respond_all:
        yield "respond_all"
    if isinstance(node, op.IndexQuery) and node.dedupe:
        yield "dedupe"
    if node.limit is not None:
        yield f"limit={render_value(node.limit)}"


def _range(each: op.Range) -> str:
    if each.low is not None and each.low == each.high:
        return render_value(each.low)
    low, high = ("(" if each.low_open else "["), (")" if each.high_open else "]")
    return f"{low}{render_value(each.low)}..{render_value(each.high)}{high}"


def _key_join(node: op.KeyJoin) -> Iterator[str]:
    yield f"keys={node.input}.{node.column}"
    yield _bins(node)


def _input(node: op.Input) -> Iterator[str]:
    columns = (_output(op.OutputColumn(c.name, c.source, c.type)) for c in node.columns)
    yield f"{node.name} ({', '.join(columns)})"
    if node.again:
        yield "again"


def _limit(node: op.Limit) -> Iterator[str]:
    if node.count is not None:
        yield render_value(node.count)
    if node.offset is not None:
        yield f"offset={render_value(node.offset)}"


def _project(node: op.Project) -> Iterator[str]:
    columns = [_output(column) for column in node.columns]
    if node.star is not None:
        columns.insert(node.star, "*")
    yield f"({', '.join(columns)})"


def _output(column: op.OutputColumn) -> str:
    text = render(column.source)
    return text if text in (column.name, f'"{column.name}"') else f"{text} AS {column.name}"


def _values(node: op.Values) -> Iterator[str]:
    for row in node.rows:
        yield f"({', '.join(render(cell) for cell in row)})"


def _write(node: op.Write) -> Iterator[str]:
    yield node.mode
    for key, bins in node.rows[:3]:
        yield f"{render_value(key)}:{{{', '.join(f'{n}={render_value(v)}' for n, v in bins)}}}"
    if len(node.rows) > 3:
        yield f"… {len(node.rows)} rows"
    if node.source is not None:
        yield f"({', '.join(name or 'PK' for name in node.names)})"
        if node.whole:
            yield "materialized"
    if node.conflict != "fail":
        yield f"conflict={node.conflict}"
    yield from _options(node)
    if node.update is not None:
        where = node.update.predicate
        condition = [] if where is None else [f"[{render(where)}]"]
        yield " ".join(["update", *_steps(node.update), *condition])


def _options(node: Any) -> Iterator[str]:
    if node.options:
        yield f"with({', '.join(f'{n}={render_value(v)}' for n, v in node.options)})"
    if getattr(node, "generation", None) is not None:
        yield f"generation={render_value(node.generation)}"
    if getattr(node, "limit", None) is not None:
        yield f"limit={render_value(node.limit)}"
    back = getattr(node, "returning", None)
    if back is not None:
        columns = [_output(column) for column in back.columns]
        if back.star is not None:
            columns.insert(back.star, "*")
        yield f"returning({', '.join(columns)})"


def _update(node: op.Update) -> Iterator[str]:
    yield from _steps(node)
    yield from _options(node)


def _steps(node: op.Update) -> Iterator[str]:
    steps = (
        f"{step.bin}{''.join(f'[{render(index)}]' for index in step.path)}:{step.how}"
        f"({render(step.expression)})"
        for step in node.steps
    )
    yield f"set({', '.join(steps)})"


def _subqueries(node: op.Subqueries) -> Iterator[str]:
    yield f"({', '.join(how for how, _ in node.queries)})"


def _truncate(node: op.Truncate) -> Iterator[str]:
    if node.up_to is not None:
        yield f"up_to={render_value(node.up_to)}"


def _create(node: op.CreateIndex) -> Iterator[str]:
    over = node.over or node.bin
    yield f"{node.name}({over} {' '.join(filter(None, (node.type, node.collection)))})"
    if node.if_not_exists:
        yield "if_not_exists"


def _drop(node: op.DropIndex) -> Iterator[str]:
    yield f"{node.namespace} {node.name}" + (" if_exists" if node.if_exists else "")


_FACTS: Final[dict[type, Callable[[Any], Iterator[str]]]] = {
    op.Get: _get,
    op.BatchGet: _batch,
    op.IndexQuery: _query,
    op.PartitionQuery: _query,
    op.Empty: lambda node: iter((node.why,)),
    op.Values: _values,
    op.InfoRows: lambda node: iter((" ".join((node.what, *node.arguments)),)),
    op.Write: _write,
    op.Update: _update,
    op.Subqueries: _subqueries,
    op.Remove: _options,
    op.Truncate: _truncate,
    op.CreateIndex: _create,
    op.DropIndex: _drop,
    op.Limit: _limit,
    op.Project: _project,
    op.KeyJoin: _key_join,
    op.Input: _input,
    op.Relational: lambda node: iter((to_sql(node.query),)),
}
