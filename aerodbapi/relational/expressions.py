"""Expressions → DuckDB SQL, made to mean the same in every version of it.

Integers that only meet constants are written as BIGINT: DuckDB would count in 32 bits there.
Columns of several kinds come as JSON text; compared with a value of one class they stand for
their values of that class, and for NULL elsewhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan.functions import FUNCTIONS
from aerodbapi.plan.tree import COMPARISONS, is_constant, place
from aerodbapi.relational import classes, documents, functions
from aerodbapi.relational.classes import ABSENT, CLASSES, NEVER, OF_CLASS, WANTED
from aerodbapi.relational.literals import constant
from aerodbapi.relational.names import Names

__all__ = ["Expressions"]

#: Type names of the language → DuckDB's, where they differ.
_TYPES: Final = {
    "LIST": "JSON",
    "MAP": "JSON",
    "GEOJSON": "VARCHAR",
    "HLL": "BLOB",
    "INTEGER": "BIGINT",
}


class Expressions(ABC):
    """Writes expressions. `types`: table → column → type code, as far as they are known."""

    def __init__(
        self, values: Sequence[Any], names: Names, types: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.values = values
        self.names = names
        self.types = types

    @abstractmethod
    def query(self, node: Any) -> str:
        """A query inside an expression; `duck_sql.Queries` writes it."""

    def write(self, node: Any) -> str:
        """One expression; operators come in parentheses, so that it may stand anywhere."""
        write = _WRITERS.get(type(node))
        if write is None:
            raise errors.NotSupportedError(
                f"the relational engine has no {type(node).__name__}{place(node)}"
            )
        return write(self, node)

    def listed(self, nodes: Iterable[Any]) -> str:
        return ", ".join(map(self.write, nodes))

    def result(self, node: Any) -> str:
        """An expression whose type others depend on: whole numbers are BIGINT."""
        return self.wide(node) if self.is_whole(node) else self.write(node)

    def value(self, node: Any) -> Any:
        """The value of a Literal or Parameter."""
        return self.values[node.index] if isinstance(node, ast.Parameter) else node.value

    def is_whole(self, node: Any) -> bool:
        return isinstance(node, (ast.Literal, ast.Parameter)) and type(self.value(node)) is int

    def wide(self, node: Any) -> str:
        return f"CAST({self.write(node)} AS BIGINT)"

    def type_of(self, node: Any) -> str | None:
        """The type code of an expression, where it is easily known."""
        if isinstance(node, ast.Column) and len(node.table) == 1:
            return self.types.get(node.table[0], {}).get(node.name)
        if isinstance(node, (ast.Literal, ast.Parameter)):
            return _PYTHON.get(type(self.value(node)))
        if isinstance(node, ast.Cast):
            return node.type.partition("(")[0]
        if isinstance(node, ast.Subscript):
            return "JSON" if self.type_of(_root(node)) == "JSON" else None
        if isinstance(node, ast.Call) and node.name in ("MIN", "MAX", "ANY_VALUE", "UNNEST"):
            return self.type_of(node.arguments[0]) if len(node.arguments) == 1 else None
        return None

    def pair(self, left: Any, right: Any) -> tuple[str, str]:
        """Both sides of a comparison; a side of several kinds takes the other's class."""
        kinds = [self.type_of(left), self.type_of(right)]
        texts = [self.write(left), self.write(right)]
        for side in (0, 1):
            other = CLASSES.get(kinds[1 - side] or "")
            if kinds[side] == "JSON" and other in OF_CLASS:
                texts[side] = OF_CLASS[other].format(texts[side])
        return texts[0], texts[1]

    def of_class(self, node: Any, others: Iterable[Any]) -> str:
        """`node` as the class of the others that it is compared with."""
        text = self.write(node)
        if self.type_of(node) != "JSON":
            return text
        return self.as_class(text, others)

    def as_class(self, text: str, others: Iterable[Any]) -> str:
        """JSON as the class of the others."""
        classes = {CLASSES.get(self.type_of(other) or "") for other in others}
        known = classes.pop() if len(classes) == 1 else None
        return OF_CLASS[known].format(text) if known in OF_CLASS else text

    def class_of(self, node: Any) -> str | None:
        """The class of an expression, where it is known."""
        return CLASSES.get(self.type_of(node) or "")

    def clash(self, left: Any, right: Any) -> bool:
        """Whether two expressions are known to be of different classes."""
        one, other = self.class_of(left), self.class_of(right)
        return one is not None and other is not None and one != other

    def wanted(self, node: Any, name: str) -> str:
        """An expression where the class `name` is taken: NULL for others."""
        text, known = self.write(node), self.class_of(node)
        if known is not None:
            return text if known == name else ABSENT[name]
        return OF_CLASS[name].format(text) if self.type_of(node) == "JSON" else text

    def condition(self, node: Any) -> str:
        """An expression where TRUE, FALSE or NULL is taken."""
        return self.wanted(node, "truth")

    def elements(self, options: Iterable[Any]) -> list[Any]:
        """The options of IN: a parameter that is a list stands for its elements."""
        found: list[Any] = []
        for option in options:
            held = self.value(option) if isinstance(option, ast.Parameter) else None
            if isinstance(held, (list, tuple, set, frozenset)):
                found += map(ast.Literal, held)
            else:
                found.append(option)
        return found

    def order(self, items: Iterable[ast.OrderItem]) -> str:
        """ORDER BY's keys. NULLs come last unless the statement says otherwise."""
        return ", ".join(map(self._order_item, items))

    def _order_item(self, item: ast.OrderItem) -> str:
        key, way = item.expression, " DESC" if item.descending else ""
        nulls = "FIRST" if item.nulls_first else "LAST"
        text = self.write(key)
        if isinstance(key, ast.Parameter) or (
            isinstance(key, ast.Literal) and not self.is_whole(key)
        ):
            text = f"(SELECT {text})"  # no position, and a constant is refused
        return f"{text}{way} NULLS {nulls}"


_PYTHON: Final = {int: "BIGINT", float: "DOUBLE", str: "VARCHAR", bool: "BOOLEAN"}


def _literal(w: Expressions, node: Any) -> str:
    return constant(w.value(node))


def _column(w: Expressions, node: ast.Column) -> str:
    return ".".join(map(w.names.written, (*node.table, node.name)))


def _unary(w: Expressions, node: ast.Unary) -> str:
    if node.op == "NOT":
        return f"(NOT {w.condition(node.operand)})"
    text = w.wide(node.operand) if w.is_whole(node.operand) else w.write(node.operand)
    return f"({node.op} {text})"


def _binary(w: Expressions, node: ast.Binary) -> str:
    left, right, op = node.left, node.right, node.op
    if op in COMPARISONS:
        if w.clash(left, right):
            return NEVER
        texts = w.pair(left, right)
    elif op in ("AND", "OR"):
        texts = w.condition(left), w.condition(right)
    elif op == "||":
        texts = w.write(left), w.write(right)
    elif _is_odd(w, left, right):
        texts = w.wanted(left, "number"), w.wanted(right, "number")
    else:
        narrow = _is_plain(left) and _is_plain(right)
        texts = (w.result(left), w.result(right)) if narrow else (w.write(left), w.write(right))
        if op in ("//", "%"):
            texts = texts[0], f"nullif({texts[1]}, 0)"  # DuckDB 2 refuses what 1 answers by NULL
    return f"({texts[0]} {op} {texts[1]})"


def _is_odd(w: Expressions, left: Any, right: Any) -> bool:
    """Whether one operand of arithmetic may be no number, and the other is none of time."""
    types = {w.type_of(left), w.type_of(right)}
    known = {*CLASSES, "JSON"}
    return types <= known and not types <= {"BIGINT", "DOUBLE", "DECIMAL"}


def _is_plain(node: Any) -> bool:
    """Whether a constant is made of nothing but numbers: no dates, say, to which days are added."""
    return is_constant(node) and not any(isinstance(each, _MADE) for each in nodes(node))


_MADE: Final = (ast.Cast, ast.Call, ast.Interval, ast.Subquery)


def _between(w: Expressions, node: ast.Between) -> str:
    bounds = (node.low, node.high)
    if any(w.clash(node.operand, bound) for bound in bounds) or w.clash(*bounds):
        low = ast.Binary(">=", node.operand, node.low)
        both = ast.Binary("AND", low, ast.Binary("<=", node.operand, node.high))
        return w.write(ast.Unary("NOT", both) if node.negated else both)
    operand = w.of_class(node.operand, bounds)
    word = "NOT BETWEEN" if node.negated else "BETWEEN"
    return f"({operand} {word} {w.write(node.low)} AND {w.write(node.high)})"


def _in(w: Expressions, node: ast.In) -> str:
    options = w.elements(node.options)
    if not options:
        return "TRUE" if node.negated else "FALSE"
    if w.type_of(node.operand) == "JSON" and any(w.clash(options[0], each) for each in options):
        tests = " OR ".join(w.write(ast.Binary("=", node.operand, each)) for each in options)
        return f"({'NOT ' if node.negated else ''}({tests}))"
    options = [ast.Literal(None) if w.clash(node.operand, each) else each for each in options]
    operand = w.of_class(node.operand, options)
    return f"({operand} {'NOT IN' if node.negated else 'IN'} ({w.listed(options)}))"


def _in_query(w: Expressions, node: ast.InQuery) -> str:
    word = "NOT IN" if node.negated else "IN"
    return f"({w.write(node.operand)} {word} ({w.query(node.query)}))"


def _like(w: Expressions, node: ast.Like) -> str:
    word = f"{'NOT ' if node.negated else ''}{'ILIKE' if node.ignore_case else 'LIKE'}"
    escape = "" if node.escape is None else f" ESCAPE {w.write(node.escape)}"
    operand, pattern = w.wanted(node.operand, "text"), w.wanted(node.pattern, "text")
    return f"({operand} {word} {pattern}{escape})"


def _is_null(w: Expressions, node: ast.IsNull) -> str:
    return f"({w.write(node.operand)} IS {'NOT ' if node.negated else ''}NULL)"


def _is_truth(w: Expressions, node: ast.IsTruth) -> str:
    operand = w.write(node.operand)
    if node.value is None:
        return f"({operand} IS {'NOT ' if node.negated else ''}NULL)"
    word = "IS DISTINCT FROM" if node.negated else "IS NOT DISTINCT FROM"
    return f"(CAST({operand} AS BOOLEAN) {word} {'TRUE' if node.value else 'FALSE'})"


def _distinct(w: Expressions, node: ast.Distinct) -> str:
    left, right = w.pair(node.left, node.right)
    if w.clash(node.left, node.right):
        both = f"({left} IS NULL AND {right} IS NULL)"
        return both if node.negated else f"(NOT {both})"
    return f"({left} IS {'NOT ' if node.negated else ''}DISTINCT FROM {right})"


def _case(w: Expressions, node: ast.Case) -> str:
    parts = ["CASE"]
    for condition, result in node.branches:
        when = condition
        if node.operand is not None:
            when = ast.Binary("=", node.operand, condition)
        parts.append(f"WHEN {w.condition(when)} THEN {w.result(result)}")
    if node.default is not None:
        parts.append(f"ELSE {w.result(node.default)}")
    return f"({' '.join(parts)} END)"


def _cast(w: Expressions, node: ast.Cast) -> str:
    name, sized, size = node.type.partition("(")
    name = _TYPES.get(name.strip(), name.strip())
    type = f"{name}({size}" if sized and name == "DECIMAL" else name
    word = "TRY_CAST" if node.lenient else "CAST"
    operand = w.write(node.operand)
    if w.type_of(node.operand) == "JSON" and name == "VARCHAR":
        return f"json_extract_string({operand}, '$')"
    return f"{word}({operand} AS {type})"


def _subscript(w: Expressions, node: ast.Subscript) -> str:
    operand, index = w.write(node.operand), node.index
    if w.type_of(_root(node)) != "JSON":
        return f"{operand}[{w.write(index)}]"
    if isinstance(index, (ast.Literal, ast.Parameter)) and type(w.value(index)) is str:
        path = '$."' + w.value(index).replace('"', '\\"') + '"'
        return f"json_extract({operand}, {constant(path)})"
    return f"json_extract({operand}, '$[' || CAST({w.write(index)} AS VARCHAR) || ']')"


def _root(node: Any) -> Any:
    while isinstance(node, ast.Subscript):
        node = node.operand
    return node


def _interval(w: Expressions, node: ast.Interval) -> str:
    if isinstance(node.amount, (ast.Literal, ast.Parameter)):
        amount = w.value(node.amount)
        text = f"{amount}" if node.unit is None else f"{amount} {node.unit}"
        return f"CAST({constant(text)} AS INTERVAL)"
    if node.unit is None:
        return f"CAST({w.write(node.amount)} AS INTERVAL)"
    return f"(CAST({w.write(node.amount)} AS BIGINT) * CAST('1 {node.unit}' AS INTERVAL))"


# ---- calls -------------------------------------------------------------------------------------


def _call(w: Expressions, node: ast.Call) -> str:
    name = node.name
    plain = not (node.distinct or node.order or node.filter)
    counts, write = documents.CALLS.get(name, ((), None))
    if write is not None and plain and len(node.arguments) in counts:
        return write(w, node)
    template = functions.TEMPLATES.get((name, len(node.arguments))) or functions.TEMPLATES.get(
        (name, None)
    )
    if name == "NULLIF" and plain and len(node.arguments) == 2 and w.clash(*node.arguments):
        return w.write(node.arguments[0])
    if name == "LENGTH" and plain and w.type_of(node.arguments[0]) == "JSON":
        return classes.length(w.write(node.arguments[0]))
    if template is not None and plain:
        arguments = [_argument(w, node, place) for place in range(len(node.arguments))]
        return template.replace("{*}", ", ".join(arguments)).format(*arguments)
    word = functions.RENAMED.get(name) or (name.lower() if name in functions.SAME else None)
    if word is None:
        raise _unknown(node)
    return f"{word}({_arguments(w, node)}){_filter(w, node)}"


def _arguments(w: Expressions, node: ast.Call) -> str:
    whole = node.name in ("COALESCE", "IFNULL", "NVL", "GREATEST", "LEAST", "SUM", "LIST_VALUE")
    texts = [
        "*" if isinstance(each, ast.Star) else w.result(each) if whole else _argument(w, node, at)
        for at, each in enumerate(node.arguments)
    ]
    order = f" ORDER BY {w.order(node.order)}" if node.order else ""
    return f"{'DISTINCT ' if node.distinct else ''}{', '.join(texts)}{order}"


def _argument(w: Expressions, node: ast.Call, at: int) -> str:
    """An argument as the class that the function takes there, where one is told."""
    argument = node.arguments[at]
    function = FUNCTIONS.get(node.name)
    if function is None or not function.takes:
        return w.write(argument)
    wanted = WANTED.get(function.takes[min(at, len(function.takes) - 1)])
    return w.write(argument) if wanted is None else w.wanted(argument, wanted)


def _filter(w: Expressions, node: ast.Call) -> str:
    return "" if node.filter is None else f" FILTER (WHERE {w.write(node.filter)})"


def _unknown(node: ast.Call) -> Exception:
    near = get_close_matches(node.name, functions.NAMES, 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return errors.NotSupportedError(
        f"the relational engine has no function {node.name}{place(node)}{hint}"
    )


def _over(w: Expressions, node: ast.Over) -> str:
    window = node.window
    shown = w.names.written(window) if isinstance(window, str) else f"({w.write(window)})"
    return f"{w.write(node.call)} OVER {shown}"


def _window(w: Expressions, node: ast.Window) -> str:
    parts = []
    if node.partition:
        parts.append(f"PARTITION BY {w.listed(node.partition)}")
    if node.order:
        parts.append(f"ORDER BY {w.order(node.order)}")
    if node.frame is not None:
        parts.append(_frame(w, node.frame))
    return " ".join(parts)


def _frame(w: Expressions, node: ast.Frame) -> str:
    def bound(entry: tuple[str, Any]) -> str:
        kind, distance = entry
        if kind == "CURRENT ROW":
            return kind
        return f"{'UNBOUNDED' if distance is None else w.write(distance)} {kind}"

    if node.end is None:
        return f"{node.unit} {bound(node.start)}"
    return f"{node.unit} BETWEEN {bound(node.start)} AND {bound(node.end)}"


_WRITERS: Final[dict[type, Callable[[Any, Any], str]]] = {
    ast.Literal: _literal,
    ast.Parameter: _literal,
    ast.Column: _column,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Between: _between,
    ast.In: _in,
    ast.InQuery: _in_query,
    ast.Like: _like,
    ast.IsNull: _is_null,
    ast.IsTruth: _is_truth,
    ast.Distinct: _distinct,
    ast.Case: _case,
    ast.Cast: _cast,
    ast.Subscript: _subscript,
    ast.Interval: _interval,
    ast.Call: _call,
    ast.Over: _over,
    ast.Window: _window,
    ast.Subquery: lambda w, node: f"({w.query(node.query)})",
    ast.Exists: lambda w, node: f"EXISTS ({w.query(node.query)})",
}
