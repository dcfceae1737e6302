"""Evaluates expressions over records: each is compiled once to Python source, then bound.

`compile_value(expression)` gives `bind`; `bind(values)` gives `function(row)`. Compiling costs
about a tenth of a millisecond and is done once per plan, binding is a closure.
What the operators mean is in `plan.semantics` and its neighbours `arithmetic`, `matching` and
`casts`; which functions there are, in `plan.functions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, Final, NamedTuple, Protocol

from aerodbapi import errors
from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Distinct,
    Expr,
    In,
    IsNull,
    IsTruth,
    Like,
    Literal,
    Parameter,
    Subscript,
    Unary,
)
from aerodbapi.plan import arithmetic, casts, matching, semantics
from aerodbapi.plan.declared import INTERNAL
from aerodbapi.plan.defaults import NOW
from aerodbapi.plan.keys import digest_of
from aerodbapi.plan.tree import COMPARISONS, conjuncts, is_atom, is_constant, place

__all__ = [
    "FAILING",
    "MEMBERSHIP",
    "Record",
    "Row",
    "compile_predicate",
    "compile_row",
    "compile_value",
    "constant",
    "settled",
]


class Row(Protocol):
    """What an expression reads: `ttl` in seconds, -1 for never; `set` is "" for none."""

    @property
    def bins(self) -> Mapping[str, Any]: ...
    @property
    def key(self) -> Any: ...
    @property
    def digest(self) -> bytes | None: ...
    @property
    def generation(self) -> int: ...
    @property
    def ttl(self) -> int: ...
    @property
    def set(self) -> str: ...


class Record(NamedTuple):
    """A plain Row."""

    bins: Mapping[str, Any]
    key: Any = None
    digest: bytes | None = None
    generation: int = 1
    ttl: int = -1
    set: str = ""


#: Binds values; gives the function of a row.
Binder = Callable[[Sequence[Any]], Callable[[Any], Any]]
#: Column name → position, for rows that are tuples; None for Row objects.
Layout = Mapping[str, int]

_METADATA: Final = {
    "PK": "row.key",
    "__digest": "row.digest",
    "__gen": "row.generation",
    "__ttl": "row.ttl",
    "__set": "row.set",
}

_COMPARE: Final = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_ARITHMETIC: Final = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "//": "quotient",
    "%": "remainder",
    "||": "concatenate",
}
#: LIST_CONTAINS(bin, value) and its kin → the collection; a third argument makes a range.
MEMBERSHIP: Final = {
    "LIST_CONTAINS": "LIST",
    "MAP_HAS_KEY": "MAPKEYS",
    "MAP_HAS_VALUE": "MAPVALUES",
}

_GLOBALS: Final[dict[str, Any]] = {
    **{name: semantics.compare[op] for op, name in _COMPARE.items()},
    **{name: getattr(arithmetic, name) for name in _ARITHMETIC.values()},
    "negate": arithmetic.negate,
    "truth": semantics.truth,
    "contains": semantics.contains,
    "cast": casts.cast,
    "same": semantics.same,
    "subscript": semantics.subscript,
    "membership": semantics.membership,
    "like_tester": matching.like_tester,
    "digest_of": digest_of,
}


def constant(expression: Expr) -> Callable[[Sequence[Any]], Any]:
    """Compile an expression without columns into a function of the bound values.

    Nothing is looked up by equality here: 1, 1.0 and TRUE are equal to Python.
    """
    if isinstance(expression, Literal):
        value = expression.value
        return lambda values: value
    if isinstance(expression, Parameter):
        return itemgetter(expression.index)
    bind = compile_value(expression)
    return lambda values: bind(values)(None)


class Failing:
    """What a constant expression is that cannot be evaluated, or not without an error."""


FAILING: Final = Failing()


def settled(expression: Expr) -> Callable[[Sequence[Any]], Any]:
    """As `constant`, but FAILING where that raises: it may never be evaluated, or elsewhere."""
    if is_atom(expression):
        return constant(expression)
    try:
        give = constant(expression)
    except errors.NotSupportedError:
        return lambda values: FAILING

    def settle(values: Sequence[Any]) -> Any:
        try:
            return give(values)
        except errors.DataError:
            return FAILING

    return settle


def compile_value(expression: Expr, layout: Layout | None = None) -> Binder:
    """Compile `expression`: the function gives its value, None for NULL.

    Raises NotSupportedError for what cannot be evaluated here.
    """
    source = _Source(layout)
    source.emit(f"return {source.value(expression)}")
    return source.binder()


def compile_predicate(expression: Expr, layout: Layout | None = None) -> Binder:
    """Compile a condition: the function gives True where it is true, False otherwise."""
    source = _Source(layout)
    for part in conjuncts(expression):
        source.emit(f"if {source.condition(part)} is not True:")
        source.emit("    return False")
    source.emit("return True")
    return source.binder()


def compile_row(expressions: Sequence[Expr], layout: Layout | None = None) -> Binder:
    """Compile a select list: the function gives the tuple of its values."""
    source = _Source(layout)
    cells = [source.output(expression) for expression in expressions]
    source.emit(f"return ({''.join(cell + ', ' for cell in cells)})")
    return source.binder()


class _Source:
    """The Python source of one function of a row, and of the binding around it."""

    def __init__(self, layout: Layout | None) -> None:
        self.layout = layout
        self.lines: list[str] = []
        self.bound: list[str] = []
        self.constants: dict[str, Any] = {}
        self.parameters: set[int] = set()
        self.reads_bins = False
        self.depth = 2
        self.count = 0

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def name(self, prefix: str = "t") -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    @contextmanager
    def indented(self, head: str) -> Iterator[None]:
        self.emit(head)
        self.depth += 1
        yield
        self.depth -= 1

    def assign(self, text: str) -> str:
        """Emit `name = text`; give the name."""
        name = self.name()
        self.emit(f"{name} = {text}")
        return name

    def once(self, text: str) -> str:
        """Have `text` evaluated once per binding; give its name."""
        name = self.name("b")
        self.bound.append(f"    {name} = {text}")
        return name

    def binder(self) -> Binder:
        head = ["def bind(values):"]
        head += [f"    v{index} = values[{index}]" for index in sorted(self.parameters)]
        head += self.bound
        head.append("    def function(row):")
        if self.reads_bins:
            head.append("        get = row.bins.get")
        text = "\n".join([*head, *self.lines, "    return function"])
        scope = {**_GLOBALS, **self.constants}
        exec(compile(text, "<expression>", "exec"), scope)
        binder: Binder = scope["bind"]
        return binder

    # -- expressions; each method emits what it needs and gives an atom --------------------------

    def hoisted(self, node: Expr) -> str:
        """Give the atom of a constant expression, worked out when values are bound."""
        if is_atom(node):
            return self.value(node)
        name = self.name("k")
        self.constants[name] = compile_value(node)
        return self.once(f"{name}(values)(None)")

    def value(self, node: Expr) -> str:
        method = _METHODS.get(type(node))
        if method is None:
            kind = type(node).__name__
            raise errors.NotSupportedError(f"not supported yet: {kind} here{place(node)}")
        return method(self, node)

    def output(self, node: Expr) -> str:
        """As `value`, for what is shown as it is: the content of a declared column's bin, too."""
        if isinstance(node, Call) and node.name == "$DECODE":
            return self.converted(node)
        return self.value(node)

    def condition(self, node: Expr) -> str:
        """As `value`, for a place that wants TRUE, FALSE or NULL."""
        atom = self.value(node)
        return atom if _is_predicate(node) else self.assign(f"truth({atom})")

    def literal(self, node: Literal) -> str:
        if node.value is None or isinstance(node.value, bool):
            return repr(node.value)
        name = self.name("k")
        self.constants[name] = node.value
        return name

    def parameter(self, node: Parameter) -> str:
        self.parameters.add(node.index)
        return f"v{node.index}"

    def column(self, node: Column) -> str:
        if self.layout is not None:
            return f"row[{self.layout[node.name]}]"
        metadata = None if node.quoted else _METADATA.get(node.name)
        if metadata is not None:
            return metadata
        if node.name in ("__lut", "__size") and not node.quoted:
            raise errors.NotSupportedError(
                f"not supported yet: {node.name} other than in a WHERE that the server "
                f"decides{place(node)}"
            )
        self.reads_bins = True
        return f"get({node.name!r})"

    def unary(self, node: Unary) -> str:
        if node.op == "NOT":
            atom = self.condition(node.operand)
            return self.assign(f"None if {atom} is None else {atom} is False")
        atom = self.value(node.operand)
        return self.assign(f"negate({atom})") if node.op == "-" else atom

    def binary(self, node: Binary) -> str:
        if node.op in ("AND", "OR"):
            return self.logical(node)
        left, right = self.value(node.left), self.value(node.right)
        if node.op in COMPARISONS:
            return self.assign(f"{_COMPARE[node.op]}({left}, {right})")
        return self.assign(f"{_ARITHMETIC[node.op]}({left}, {right})")

    def logical(self, node: Binary) -> str:
        decided, default = ("False", "True") if node.op == "AND" else ("True", "False")
        result = self.name()
        left = self.condition(node.left)
        with self.indented(f"if {left} is {decided}:"):
            self.emit(f"{result} = {decided}")
        with self.indented("else:"):
            right = self.condition(node.right)
            with self.indented(f"if {right} is {decided}:"):
                self.emit(f"{result} = {decided}")
            with self.indented("else:"):
                self.emit(f"{result} = {default} if {left} is {right} is {default} else None")
        return result

    def between(self, node: Between) -> str:
        both = Binary(
            "AND", Binary(">=", node.operand, node.low), Binary("<=", node.operand, node.high)
        )
        return self.value(Unary("NOT", both) if node.negated else both)

    def in_(self, node: In) -> str:
        if all(is_constant(option) for option in node.options):
            atoms = "".join(self.hoisted(option) + ", " for option in node.options)
            test = self.once(f"membership(({atoms}))")
            atom = self.assign(f"{test}({self.value(node.operand)})")
        else:
            whole: Expr = Binary("=", node.operand, node.options[0])
            for option in node.options[1:]:
                whole = Binary("OR", whole, Binary("=", node.operand, option))
            atom = self.value(whole)
        return self.negated(atom, node.negated)

    def like(self, node: Like) -> str:
        escape = node.escape if node.escape is not None else Literal(None)
        fixed = is_constant(node.pattern) and is_constant(escape)
        give = self.hoisted if fixed else self.value
        maker = f"like_tester({give(node.pattern)}, {give(escape)}, {node.ignore_case})"
        test = self.once(maker) if fixed else maker
        return self.negated(self.assign(f"{test}({self.value(node.operand)})"), node.negated)

    def negated(self, atom: str, negated: bool) -> str:
        return self.assign(f"None if {atom} is None else not {atom}") if negated else atom

    def is_null(self, node: IsNull) -> str:
        word = "is not" if node.negated else "is"
        return self.assign(f"{self.value(node.operand)} {word} None")

    def call(self, node: Call) -> str:
        if node.name in MEMBERSHIP and len(node.arguments) in (2, 3):
            holder, *bounds = [self.value(argument) for argument in node.arguments]
            collection = MEMBERSHIP[node.name]
            return self.assign(f"contains({collection!r}, {holder}, {bounds[0]}, {bounds[-1]})")
        if node.name in INTERNAL:
            return self.internal(node)
        if not node.arguments and node.name in NOW:
            name = self.name("f")
            self.constants[name] = NOW[node.name]
            return self.assign(f"{name}()")
        if node.name == "DIGEST" and len(node.arguments) == 1:
            return self.assign(f"digest_of({self.value(node.arguments[0])})")
        if node.name == "COALESCE" and node.arguments:
            return self.coalesce(node.arguments)
        return self.function(node)

    def function(self, node: Call) -> str:
        from aerodbapi.plan.functions import function_of  # most statements call none

        found = function_of(node.name, len(node.arguments))
        if found is None or node.distinct or node.order or node.filter is not None:
            raise errors.NotSupportedError(f"not supported yet: function {node.name}{place(node)}")
        name = self.name("f")
        self.constants[name] = found.call
        atoms = ", ".join(self.value(argument) for argument in node.arguments)
        return self.assign(f"{name}({atoms})")

    def internal(self, node: Call) -> str:
        if node.name == "$DECODE":
            kind = getattr(node.arguments[1], "value", "")
            raise errors.NotSupportedError(f"not supported yet: {kind} in this place{place(node)}")
        if node.name in ("$BOUND", "$ENCODE"):
            return self.converted(node)
        from aerodbapi.plan.conversions import converter  # only declared tables need it

        name = self.name("f")
        self.constants[name] = converter(node)
        return self.assign(f"{name}({', '.join(map(self.value, node.arguments))})")

    def converted(self, node: Call) -> str:
        """Emit a conversion between a column's value and what its bin holds."""
        from aerodbapi.plan.conversions import PYTHON_CLASSES, converter

        name, atom = self.name("f"), self.value(node.arguments[0])
        self.constants[name] = converter(node)
        kind = PYTHON_CLASSES.get(str(getattr(node.arguments[1], "value", "")))
        if node.name != "$DECODE" or kind is None:
            who = self.value(node.arguments[4]) if len(node.arguments) > 4 else "row"
            return self.assign(f"{name}({atom}, {who})")
        result = self.assign(atom)
        with self.indented(f"if {result} is not None and type({result}) is not {kind.__name__}:"):
            self.emit(f"{result} = {name}({result}, row)")
        return result

    def coalesce(self, options: Sequence[Expr]) -> str:
        """Emit nested ifs: what follows the first value is not worked out."""
        result, depth = self.name(), self.depth
        for option in options:
            self.emit(f"{result} = {self.value(option)}")
            self.emit(f"if {result} is None:")
            self.depth += 1
        self.emit("pass")
        self.depth = depth
        return result

    def cast(self, node: Cast) -> str:
        if not casts.castable(node.type):
            raise errors.NotSupportedError(f"not supported yet: CAST to {node.type}{place(node)}")
        return self.assign(f"cast({self.value(node.operand)}, {node.type!r}, {node.lenient})")

    def subscript(self, node: Subscript) -> str:
        return self.assign(f"subscript({self.value(node.operand)}, {self.value(node.index)})")

    def is_truth(self, node: IsTruth) -> str:
        word = "is not" if node.negated else "is"
        return self.assign(f"{self.condition(node.operand)} {word} {node.value!r}")

    def distinct(self, node: Distinct) -> str:
        same = self.assign(f"same({self.value(node.left)}, {self.value(node.right)})")
        return same if node.negated else self.assign(f"not {same}")

    def case(self, node: Case) -> str:
        """Emit nested ifs, so that only the results that are chosen are worked out."""
        result, depth = self.name(), self.depth
        operand = None if node.operand is None else self.assign(self.value(node.operand))
        for when, then in node.branches:
            if operand is None:
                test = self.condition(when)
            else:
                test = self.assign(f"eq({operand}, {self.value(when)})")
            with self.indented(f"if {test} is True:"):
                self.emit(f"{result} = {self.value(then)}")
            self.emit("else:")
            self.depth += 1
        self.emit(f"{result} = {'None' if node.default is None else self.value(node.default)}")
        self.depth = depth
        return result


_METHODS: Final[dict[type, Callable[[_Source, Any], str]]] = {
    Literal: _Source.literal,
    Parameter: _Source.parameter,
    Column: _Source.column,
    Unary: _Source.unary,
    Binary: _Source.binary,
    Between: _Source.between,
    In: _Source.in_,
    Like: _Source.like,
    IsNull: _Source.is_null,
    Call: _Source.call,
    Cast: _Source.cast,
    Subscript: _Source.subscript,
    IsTruth: _Source.is_truth,
    Distinct: _Source.distinct,
    Case: _Source.case,
}


def _is_predicate(node: Expr) -> bool:
    """True of a node whose value is TRUE, FALSE or NULL by its making."""
    if isinstance(node, Unary):
        return node.op == "NOT"
    if isinstance(node, Binary):
        return node.op in COMPARISONS or node.op in ("AND", "OR")
    if isinstance(node, Call):
        return node.name in MEMBERSHIP
    return isinstance(node, (Between, In, Like, IsNull, IsTruth, Distinct))
