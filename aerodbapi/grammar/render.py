"""Syntax tree → text, in one canonical layout; for EXPLAIN, errors and column names.

`parse(to_sql(tree, profile), profile) == tree` for every tree that `parse` builds.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from aerodbapi.grammar import ast, tokens
from aerodbapi.grammar.render_commands import WRITERS as COMMAND_WRITERS
from aerodbapi.grammar.render_tables import WRITERS as TABLE_WRITERS
from aerodbapi.grammar.tokens import words
from aerodbapi.types import GeoJSON

__all__ = ["to_sql"]

#: Words that could be taken for a keyword where a bare name may stand.
_QUOTED_WORDS: Final = frozenset(
    words(
        "ALL AND ANALYZE AS ASC BETWEEN CASE CAST CONTAINS CROSS DESC DISTINCT ELSE END"
        " ESCAPE EXCEPT EXISTS FALSE FETCH FROM FULL GROUP HAVING IF ILIKE IN INNER INTERSECT"
        " IS JOIN LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON OR ORDER RECURSIVE REGEXP RIGHT"
        " RLIKE SELECT SET TABLE THEN TRUE UNION USING VALUES WHEN WHERE WINDOW WITH WITHIN"
    )
)

#: How tightly an operator binds; an operand that binds less stands in parentheses.
_LEVELS: Final = {
    "OR": 1,
    "AND": 2,
    "NOT": 3,
    "=": 4,
    "<>": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "||": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "//": 7,
    "%": 7,
}
_PREDICATE: Final = 4
_OPERAND: Final = 5
_SIGN: Final = 8
_POSTFIX: Final = 9


def to_sql(node: Any, profile: str = "sql", *, parameters: str = "numbered") -> str:
    """Return the text of a statement, query, expression or table.

    `parameters`: "numbered" writes `?` and `:name` where the text's order allows it, else `?N`;
    "bare" writes `?` for each.
    """
    if parameters == "bare":
        return _Writer(profile, "bare").write(node)
    writer = _Writer(profile, "plain")
    text = writer.write(node)
    indexes = [parameter.index for parameter in writer.parameters]
    if indexes == list(range(len(indexes))) and len(_styles(writer.parameters)) <= 1:
        return text
    return _Writer(profile, "numbered").write(node)


def _styles(parameters: Iterable[ast.Parameter]) -> set[bool]:
    return {_is_named(parameter) for parameter in parameters}


def _is_named(parameter: ast.Parameter) -> bool:
    return parameter.name is not None and not parameter.name.isdigit()


class _Writer:
    """Writes one tree. `style`: how parameters are written."""

    def __init__(self, profile: str, style: str) -> None:
        self.aql = profile == "aql"
        self.style = style
        self.parameters: list[ast.Parameter] = []

    def write(self, node: Any) -> str:
        return _WRITERS[type(node)](self, node)

    def operand(self, node: Any, level: int, *, named: bool = False) -> str:
        """`node` in parentheses when it binds less than `level`.

        `named`: AQL would take a bare string here for a name.
        """
        if named and self.aql and isinstance(node, ast.Literal) and isinstance(node.value, str):
            return f"CAST({self.write(node)} AS TEXT)"
        text = self.write(node)
        return text if _level(node) >= level else f"({text})"

    def named(self, node: Any, level: int = 0) -> str:
        return self.operand(node, level, named=True)

    def list(self, nodes: Iterable[Any], write: Callable[[Any], str] | None = None) -> str:
        return ", ".join(map(write or self.write, nodes))

    def name(self, text: str) -> str:
        pattern = tokens.AQL_NAME if self.aql else tokens.WORD
        if re.fullmatch(pattern, text) and text.upper() not in _QUOTED_WORDS:
            return text
        return _quoted(text)

    def names(self, names: Iterable[str]) -> str:
        return ", ".join(map(self.name, names))

    def options(self, options: Iterable[tuple[str, Any]]) -> str:
        pairs = ", ".join(f"{self.name(n)} = {self.write(value)}" for n, value in options)
        return f" WITH ({pairs})" if pairs else ""

    def tail(self, node: Any) -> str:
        """ORDER BY, LIMIT and OFFSET of any query."""
        text = f" ORDER BY {self.list(node.order)}" if node.order else ""
        if node.limit is not None:
            text += f" LIMIT {self.write(node.limit)}"
        if node.offset is not None:
            text += f" OFFSET {self.write(node.offset)}"
        return text

    def head(self, node: Any) -> str:
        """WITH of any query."""
        if not node.ctes:
            return ""
        recursive = "RECURSIVE " if node.ctes[0].recursive else ""
        return f"WITH {recursive}{self.list(node.ctes)} "


def _level(node: Any) -> int:
    if isinstance(node, ast.Binary):
        return _LEVELS[node.op]
    if isinstance(node, ast.Unary):
        return _LEVELS["NOT"] if node.op == "NOT" else _SIGN
    return _PREDICATE if isinstance(node, _PREDICATES) else 10


_PREDICATES: Final = (
    ast.Between,
    ast.In,
    ast.InQuery,
    ast.Like,
    ast.IsNull,
    ast.IsTruth,
    ast.Distinct,
)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _not(negated: bool) -> str:
    return "NOT " if negated else ""


# ---- expressions -------------------------------------------------------------------------------


def _literal(w: _Writer, node: ast.Literal) -> str:
    value = node.value
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).upper()
    if isinstance(value, float) and not math.isfinite(value):
        return f"CAST('{value}' AS DOUBLE)"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, GeoJSON):
        return f"GEOJSON({_string(value.text)})"
    if isinstance(value, (list, tuple, dict)):
        word = "MAP" if isinstance(value, dict) else "LIST"
        return f"{word}({_string(json.dumps(value, ensure_ascii=False, default=repr))})"
    if isinstance(value, (bytes, bytearray)):
        return f"X'{value.hex()}'"
    return _string(str(value))


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _parameter(w: _Writer, node: ast.Parameter) -> str:
    w.parameters.append(node)
    if w.style == "numbered":
        return f"?{node.index + 1}"
    return f":{node.name}" if w.style == "plain" and _is_named(node) else "?"


def _column(w: _Writer, node: ast.Column) -> str:
    bare = re.fullmatch(tokens.AQL_NAME if w.aql else tokens.WORD, node.name)
    last = node.name if bare and not node.quoted else _quoted(node.name)
    return ".".join([*map(w.name, node.table), last])


def _star(w: _Writer, node: ast.Star) -> str:
    return ".".join([*map(w.name, node.table), "*"])


def _unary(w: _Writer, node: ast.Unary) -> str:
    if node.op == "NOT":
        return f"NOT {w.named(node.operand, _LEVELS['NOT'])}"
    plain = not isinstance(node.operand, (ast.Unary, ast.Literal))
    operand = w.named(node.operand, _SIGN if plain else 11)
    if operand[0].isdigit():  # the sign would be the number's, not that of what follows it
        operand = f"({operand})"
    return node.op + operand


def _binary(w: _Writer, node: ast.Binary) -> str:
    level = _LEVELS[node.op]
    named = node.op != "||"
    right_named = named and level != _PREDICATE
    left = w.operand(node.left, level, named=named)
    return f"{left} {node.op} {w.operand(node.right, level + 1, named=right_named)}"


def _between(w: _Writer, node: ast.Between) -> str:
    low, high = w.operand(node.low, _OPERAND), w.operand(node.high, _OPERAND)
    return f"{w.named(node.operand, _PREDICATE)} {_not(node.negated)}BETWEEN {low} AND {high}"


def _in(w: _Writer, node: ast.In) -> str:
    return f"{w.named(node.operand, _PREDICATE)} {_not(node.negated)}IN ({w.list(node.options)})"


def _in_query(w: _Writer, node: ast.InQuery) -> str:
    return f"{w.named(node.operand, _PREDICATE)} {_not(node.negated)}IN ({w.write(node.query)})"


def _like(w: _Writer, node: ast.Like) -> str:
    word = "ILIKE" if node.ignore_case else "LIKE"
    left, pattern = w.named(node.operand, _PREDICATE), w.operand(node.pattern, _OPERAND)
    escape = "" if node.escape is None else f" ESCAPE {w.operand(node.escape, _OPERAND)}"
    return f"{left} {_not(node.negated)}{word} {pattern}{escape}"


def _is(w: _Writer, operand: Any, negated: bool, text: str) -> str:
    return f"{w.named(operand, _PREDICATE)} IS {_not(negated)}{text}"


def _is_truth(w: _Writer, node: ast.IsTruth) -> str:
    text = "UNKNOWN" if node.value is None else str(node.value).upper()
    return _is(w, node.operand, node.negated, text)


def _distinct(w: _Writer, node: ast.Distinct) -> str:
    return _is(w, node.left, node.negated, f"DISTINCT FROM {w.operand(node.right, _OPERAND)}")


def _call(w: _Writer, node: ast.Call) -> str:
    name = ".".join(
        part if re.fullmatch(tokens.WORD, part) else _quoted(part) for part in node.name.split(".")
    )
    distinct = "DISTINCT " if node.distinct else ""
    order = f" ORDER BY {w.list(node.order)}" if node.order else ""
    text = f"{name}({distinct}{w.list(node.arguments)}{order})"
    return text if node.filter is None else f"{text} FILTER (WHERE {w.named(node.filter)})"


def _cast(w: _Writer, node: ast.Cast) -> str:
    return f"{'TRY_' if node.lenient else ''}CAST({w.write(node.operand)} AS {node.type})"


def _subscript(w: _Writer, node: ast.Subscript) -> str:
    return f"{w.named(node.operand, _POSTFIX)}[{w.write(node.index)}]"


def _case(w: _Writer, node: ast.Case) -> str:
    searched = node.operand is None
    parts = ["CASE"] if searched else [f"CASE {w.named(node.operand)}"]
    for condition, result in node.branches:
        when = w.named(condition) if searched else w.write(condition)
        parts.append(f"WHEN {when} THEN {w.write(result)}")
    if node.default is not None:
        parts.append(f"ELSE {w.write(node.default)}")
    return " ".join([*parts, "END"])


def _interval(w: _Writer, node: ast.Interval) -> str:
    amount = w.write(node.amount)
    if isinstance(node.amount, ast.Literal) and isinstance(node.amount.value, int):
        amount = f"'{amount}'"
    return f"INTERVAL {amount}" if node.unit is None else f"INTERVAL {amount} {node.unit}"


def _window(w: _Writer, node: ast.Window) -> str:
    parts = []
    if node.partition:
        parts.append(f"PARTITION BY {w.list(node.partition)}")
    if node.order:
        parts.append(f"ORDER BY {w.list(node.order)}")
    if node.frame is not None:
        parts.append(w.write(node.frame))
    return " ".join(parts)


def _frame(w: _Writer, node: ast.Frame) -> str:
    def bound(entry: tuple[str, Any]) -> str:
        kind, distance = entry
        if kind == "CURRENT ROW":
            return kind
        return f"{'UNBOUNDED' if distance is None else w.operand(distance, _OPERAND)} {kind}"

    if node.end is None:
        return f"{node.unit} {bound(node.start)}"
    return f"{node.unit} BETWEEN {bound(node.start)} AND {bound(node.end)}"


def _over(w: _Writer, node: ast.Over) -> str:
    window = node.window
    return f"{w.write(node.call)} OVER " + (
        w.name(window) if isinstance(window, str) else f"({w.write(window)})"
    )


# ---- queries -----------------------------------------------------------------------------------


def _table(w: _Writer, node: ast.TableName) -> str:
    parts = [
        "*" if part == "*" and index else w.name(part) for index, part in enumerate(node.parts)
    ]
    return ".".join(parts) + (f" AS {w.name(node.alias)}" if node.alias is not None else "")


def _derived(w: _Writer, node: ast.Derived) -> str:
    alias = f" AS {w.name(node.alias)}" if node.alias is not None else ""
    lateral = "LATERAL " if node.lateral else ""
    return f"{lateral}({w.write(node.query)}){alias}{_columns(w, node.columns)}"


def _table_function(w: _Writer, node: ast.TableFunction) -> str:
    ordinality = " WITH ORDINALITY" if node.ordinality else ""
    alias = f" AS {w.name(node.alias)}" if node.alias is not None else ""
    arguments = f"({w.list(node.arguments)})"
    return f"{node.name}{arguments}{ordinality}{alias}{_columns(w, node.columns)}"


def _columns(w: _Writer, columns: tuple[str, ...]) -> str:
    return f" ({w.names(columns)})" if columns else ""


def _join(w: _Writer, node: ast.Join) -> str:
    kind = "" if node.kind == "INNER" else f"{node.kind} "
    natural = "NATURAL " if node.natural else ""
    right = w.write(node.right)
    if isinstance(node.right, ast.Join):
        right = f"({right})"
    text = f"{w.write(node.left)} {natural}{kind}JOIN {right}"
    if node.using:
        return f"{text} USING ({w.names(node.using)})"
    return text if node.condition is None else f"{text} ON {w.named(node.condition)}"


def _item(w: _Writer, node: ast.SelectItem) -> str:
    text = w.named(node.expression)
    return f"{text} AS {w.name(node.name)}" if node.aliased else text


def _order(w: _Writer, node: ast.OrderItem) -> str:
    nulls = " NULLS FIRST" if node.nulls_first else ""
    return f"{w.named(node.expression)}{' DESC' if node.descending else ''}{nulls}"


def _cte(w: _Writer, node: ast.CTE) -> str:
    return f"{w.name(node.name)}{_columns(w, node.columns)} AS ({w.write(node.query)})"


def _select(w: _Writer, node: ast.Select) -> str:
    text = f"{w.head(node)}SELECT {'DISTINCT ' if node.distinct else ''}{w.list(node.items)}"
    source = node.table if node.source is None else node.source
    if source is not None:
        text += f" FROM {w.write(source)}"
    if node.membership is not None:
        text += f" IN {node.membership}"
    if node.where is not None:
        text += f" WHERE {w.named(node.where)}"
    if node.group:
        text += f" GROUP BY {w.list(node.group, w.named)}"
    if node.having is not None:
        text += f" HAVING {w.named(node.having)}"
    if node.windows:
        entries = [f"{w.name(name)} AS ({w.write(window)})" for name, window in node.windows]
        text += f" WINDOW {', '.join(entries)}"
    return text + w.tail(node)


def _set_operation(w: _Writer, node: ast.SetOperation) -> str:
    def side(query: Any) -> str:
        text = w.write(query)
        plain = not isinstance(query, ast.SetOperation) and not query.ctes and not w.tail(query)
        return text if plain else f"({text})"

    word = f"{node.operator} ALL" if node.all else node.operator
    return f"{w.head(node)}{side(node.left)} {word} {side(node.right)}{w.tail(node)}"


def _value_rows(w: _Writer, node: ast.ValueRows) -> str:
    return f"{w.head(node)}VALUES {_rows(w, node.rows)}{w.tail(node)}"


def _rows(w: _Writer, rows: Iterable[Iterable[Any]]) -> str:
    return ", ".join(f"({w.list(row)})" for row in rows)


# ---- other statements --------------------------------------------------------------------------


def _insert(w: _Writer, node: ast.Insert) -> str:
    source = f"VALUES {_rows(w, node.rows)}" if node.source is None else w.write(node.source)
    source = "DEFAULT VALUES" if node.rows == ((),) else source
    conflict = "" if node.conflict is None else f" {w.write(node.conflict)}"
    columns = f" ({w.list(node.columns)})" if node.columns else ""
    head = f"{node.verb} INTO {w.write(node.table)}{columns}"
    return f"{head} {source}{conflict}{_returning(w, node)}{w.options(node.options)}"


def _conflict(w: _Writer, node: ast.Conflict) -> str:
    columns = f" ({w.list(node.columns)})" if node.columns else ""
    if not node.assignments:
        return f"ON CONFLICT{columns} DO NOTHING"
    where = "" if node.where is None else f" WHERE {w.named(node.where)}"
    return f"ON CONFLICT{columns} DO UPDATE SET {_pairs(w, node.assignments)}{where}"


def _pairs(w: _Writer, assignments: Iterable[tuple[Any, Any]]) -> str:
    return ", ".join(f"{w.write(place)} = {w.write(value)}" for place, value in assignments)


def _returning(w: _Writer, node: ast.Insert | ast.Update | ast.Delete) -> str:
    return f" RETURNING {w.list(node.returning)}" if node.returning else ""


def _write_tail(w: _Writer, node: ast.Update | ast.Delete) -> str:
    where = "" if node.where is None else f" WHERE {w.named(node.where)}"
    limit = "" if node.limit is None else f" LIMIT {w.write(node.limit)}"
    return f"{where}{limit}{_returning(w, node)}{w.options(node.options)}"


def _update(w: _Writer, node: ast.Update) -> str:
    pairs = _pairs(w, node.assignments)
    return f"UPDATE {w.write(node.table)} SET {pairs}{_write_tail(w, node)}"


def _truncate(w: _Writer, node: ast.Truncate) -> str:
    up_to = "" if node.up_to is None else f" UPTO {w.write(node.up_to)}"
    return f"TRUNCATE TABLE {w.write(node.table)}{up_to}"


def _create_index(w: _Writer, node: ast.CreateIndex) -> str:
    collection = f"{node.collection} " if node.collection else ""
    guard = "IF NOT EXISTS " if node.if_not_exists else ""
    indexed = w.name(node.bin)
    if node.source is not None:
        path = isinstance(node.source, (ast.Subscript, ast.Column))
        indexed = w.write(node.source) if path else f"({w.named(node.source)})"
    target = f"{w.name(node.name)} ON {w.write(node.table)} ({indexed})"
    type = f" {node.type}" if node.type else ""
    return f"CREATE {collection}INDEX {guard}{target}{type}"


def _drop_index(w: _Writer, node: ast.DropIndex) -> str:
    guard = "IF EXISTS " if node.if_exists else ""
    on = "" if node.table is None else f" ON {w.write(node.table)}"
    return f"DROP INDEX {guard}{w.name(node.name)}{on}"


def _show(w: _Writer, node: ast.Show) -> str:
    argument = ".".join(map(w.name, node.argument))
    return f"SHOW {node.what} {argument}".rstrip()


def _explain(w: _Writer, node: ast.Explain) -> str:
    options = f"{'ANALYZE ' if node.analyze else ''}{'FORMAT = TREE ' if node.tree else ''}"
    return f"EXPLAIN {options}{w.write(node.statement)}"


_WRITERS: Final[dict[type, Callable[[_Writer, Any], str]]] = {
    **COMMAND_WRITERS,
    **TABLE_WRITERS,
    ast.Literal: _literal,
    ast.Parameter: _parameter,
    ast.Column: _column,
    ast.Star: _star,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Between: _between,
    ast.In: _in,
    ast.InQuery: _in_query,
    ast.Like: _like,
    ast.IsNull: lambda w, node: _is(w, node.operand, node.negated, "NULL"),
    ast.IsTruth: _is_truth,
    ast.Distinct: _distinct,
    ast.Call: _call,
    ast.Cast: _cast,
    ast.Subscript: _subscript,
    ast.Case: _case,
    ast.Interval: _interval,
    ast.Subquery: lambda w, node: f"({w.write(node.query)})",
    ast.Exists: lambda w, node: f"EXISTS ({w.write(node.query)})",
    ast.Window: _window,
    ast.Frame: _frame,
    ast.Over: _over,
    ast.TableName: _table,
    ast.Derived: _derived,
    ast.TableFunction: _table_function,
    ast.Join: _join,
    ast.SelectItem: _item,
    ast.OrderItem: _order,
    ast.CTE: _cte,
    ast.Select: _select,
    ast.SetOperation: _set_operation,
    ast.ValueRows: _value_rows,
    ast.Insert: _insert,
    ast.Update: _update,
    ast.Delete: lambda w, node: f"DELETE FROM {w.write(node.table)}{_write_tail(w, node)}",
    ast.Conflict: _conflict,
    ast.Transaction: lambda w, node: node.what,
    ast.Truncate: _truncate,
    ast.CreateIndex: _create_index,
    ast.DropIndex: _drop_index,
    ast.Show: _show,
    ast.Describe: lambda w, node: f"DESCRIBE {w.write(node.table)}",
    ast.Explain: _explain,
}
