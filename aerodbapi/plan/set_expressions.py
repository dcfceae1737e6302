"""SET's right sides as one expression that the server evaluates and writes, atomically.

Bins have no fixed type, the server's expressions have. So an expression is built for the types
that the catalog knows (or that its operands suggest), and says beside its value what must hold
for that value to be right: each bin's type, no overflow. Where that does not hold the whole is
UNKNOWN, the server refuses the operation (code 26) and changes nothing; the record is then read,
computed here and written under its generation. So a guess costs a round trip, never a wrong value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from aerodbapi.errors import DataError
from aerodbapi.frozen import frozen
from aerodbapi.grammar.ast import Binary, Call, Case, Column, Expr, IsNull, Unary
from aerodbapi.plan.catalog import SetInfo
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN
from aerodbapi.plan.tree import is_bin, is_constant
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp
from aerodbapi.protocol.flags import ParticleType

__all__ = ["Build", "guarded", "is_of_kind", "samples", "server_value"]

#: Gives the expression for bound values; None where the server cannot be asked.
Build = Callable[[Sequence[Any]], "Exp | None"]

#: Kind → how a bin of it is read, and its particle type.
_BINS: Final[dict[str, tuple[Callable[[str], Exp], int]]] = {
    "int": (wire.int_bin, ParticleType.INTEGER),
    "float": (wire.float_bin, ParticleType.DOUBLE),
    "str": (wire.str_bin, ParticleType.STRING),
    "bytes": (wire.blob_bin, ParticleType.BLOB),
    "bool": (wire.bool_bin, ParticleType.BOOL),
    "list": (wire.list_bin, ParticleType.LIST),
    "map": (wire.map_bin, ParticleType.MAP),
    "geojson": (wire.geo_bin, ParticleType.GEOJSON),
}
_COMPARE: Final[dict[str, Callable[[Exp, Exp], Exp]]] = {
    "=": wire.eq,
    "<>": wire.ne,
    "<": wire.lt,
    "<=": wire.le,
    ">": wire.gt,
    ">=": wire.ge,
}
_NUMBERS: Final = frozenset({"int", "float"})
_CONSTANTS: Final = frozenset({"int", "float", "str", "bool", "bytes"})
_SAMPLES: Final[dict[str, Any]] = {
    "int": 1,
    "float": 1.5,
    "str": "x",
    "bool": True,
    "bytes": b"x",
}


@frozen
class _Term:
    """A value of one kind; `needs`: what must hold for it. `value`: a constant's own."""

    kind: str
    exp: Exp
    needs: tuple[Exp, ...] = ()
    value: Any = None


class _Cannot(Exception):
    """The server cannot be asked for this."""


def server_value(expression: Expr, info: SetInfo | None) -> Build:
    """Prepare the expression write of `expression`; its value is UNKNOWN where it may be wrong."""

    def build(values: Sequence[Any]) -> Exp | None:
        try:
            term = _Builder(info, values).term(expression)
        except _Cannot:
            return None
        return guarded(term.exp, *term.needs)

    return build


def samples(kinds: Sequence[str | None]) -> list[Any]:
    """Give a value of each kind, to find out what can be built."""
    return [_SAMPLES.get(kind or "") for kind in kinds]


def guarded(exp: Exp, *needs: Exp) -> Exp:
    """Give `exp` where all of `needs` are true, UNKNOWN elsewhere."""
    needs = tuple(dict.fromkeys(needs))
    if not needs:
        return exp
    whole = needs[0] if len(needs) == 1 else wire.and_(*needs)
    return wire.cond(whole, exp, wire.unknown())


def is_of_kind(name: str, kind: str) -> Exp:
    """Test the type of a bin."""
    return wire.eq(wire.bin_type(name), wire.val(int(_BINS[kind][1])))


class _Builder:
    """Builds terms for one execution's values."""

    def __init__(self, info: SetInfo | None, values: Sequence[Any]) -> None:
        self.info = info
        self.values = values

    def term(self, node: Expr, hint: str | None = None) -> _Term:
        """Build `node`. `hint`: the kind of a bin of which nothing is known."""
        if is_constant(node):
            return self.constant(node)
        method = _TERMS.get(type(node))
        if method is None:
            raise _Cannot
        return method(self, node, hint)

    def constant(self, node: Expr) -> _Term:
        try:
            value = constant(node)(self.values)
        except DataError:  # which the records that it is computed for raise, if there are any
            raise _Cannot from None
        kind = kind_of(value)
        if kind not in _CONSTANTS or (kind == "int" and not INT64_MIN <= value <= INT64_MAX):
            raise _Cannot
        value = bytes(value) if kind == "bytes" else value
        return _Term(kind, wire.val(value), value=value)

    def column(self, node: Column, hint: str | None) -> _Term:
        if not is_bin(node):
            raise _Cannot
        column = None if self.info is None else self.info.column(node.name)
        kinds = frozenset() if column is None else column.kinds & _BINS.keys()
        kind = next(iter(kinds)) if len(kinds) == 1 else hint
        if kind is None or (kinds and kind not in kinds):
            raise _Cannot
        return _Term(kind, _BINS[kind][0](node.name), (is_of_kind(node.name, kind),))

    # ---- numbers -----------------------------------------------------------------------------

    def unary(self, node: Unary, hint: str | None) -> _Term:
        term = self.number(node.operand, hint)
        if node.op == "+":
            return term
        if node.op != "-":
            raise _Cannot
        if term.kind == "float":
            return _Term("float", wire.mul(term.exp, wire.val(-1.0)), term.needs)
        least = wire.ne(term.exp, wire.val(INT64_MIN))
        return _Term("int", wire.sub(wire.val(0), term.exp), (*term.needs, least))

    def number(self, node: Expr, hint: str | None) -> _Term:
        term = self.term(node, hint or "int")
        if term.kind not in _NUMBERS:
            raise _Cannot
        return term

    def binary(self, node: Binary, hint: str | None) -> _Term:
        work = _ARITHMETIC.get(node.op)
        if work is None:
            raise _Cannot
        left, right = self.pair(node.left, node.right)
        if not {left.kind, right.kind} <= _NUMBERS:
            raise _Cannot
        return work(left, right)

    # ---- choices -----------------------------------------------------------------------------

    def call(self, node: Call, hint: str | None) -> _Term:
        method = _CALLS.get(node.name)
        if method is None or node.distinct or node.order or node.filter is not None:
            raise _Cannot
        return method(self, node.arguments, hint)

    def coalesce(self, arguments: Sequence[Expr], hint: str | None) -> _Term:
        """The first argument that is not NULL; all but the last are bins."""
        *bins, last = arguments
        other = self.term(last, hint)
        parts: list[Exp] = []
        for each in bins:
            if not isinstance(each, Column):
                raise _Cannot
            term = self.term(each, other.kind)
            if term.kind != other.kind:
                raise _Cannot
            parts += [*term.needs, term.exp]
            parts += [wire.ne(wire.bin_type(each.name), wire.val(0)), wire.unknown()]
        if not parts:
            return other
        exp = wire.cond(*parts, guarded(other.exp, *other.needs))
        return _Term(other.kind, exp)

    def extreme(
        self, arguments: Sequence[Expr], hint: str | None, *, make: Callable[..., Exp]
    ) -> _Term:
        """GREATEST or LEAST of integers (NULLs, which SQL leaves out, make it UNKNOWN)."""
        terms = [self.number(each, hint) for each in arguments]
        if len(terms) < 2 or {term.kind for term in terms} != {"int"}:
            raise _Cannot
        needs = tuple(need for term in terms for need in term.needs)
        return _Term("int", make(*(term.exp for term in terms)), needs)

    def absolute(self, arguments: Sequence[Expr], hint: str | None) -> _Term:
        (argument,) = arguments
        term = self.number(argument, hint)
        least = (wire.ne(term.exp, wire.val(INT64_MIN)),) if term.kind == "int" else ()
        return _Term(term.kind, wire.abs_(term.exp), (*term.needs, *least))

    def case(self, node: Case, hint: str | None) -> _Term:
        """Every condition has to have an answer: an UNKNOWN one makes the whole UNKNOWN."""
        if node.default is None:
            raise _Cannot
        default = self.term(node.default, hint)
        parts: list[Exp] = []
        for condition, result in node.branches:
            if node.operand is not None:
                condition = Binary("=", node.operand, condition)
            test, term = self.condition(condition), self.term(result, hint or default.kind)
            if term.kind != default.kind:
                raise _Cannot
            parts += [guarded(test.exp, *test.needs), guarded(term.exp, *term.needs)]
        return _Term(default.kind, wire.cond(*parts, guarded(default.exp, *default.needs)))

    def condition(self, node: Expr) -> _Term:
        """Build a test that is true or false where its needs are met."""
        if isinstance(node, IsNull) and isinstance(node.operand, Column) and is_bin(node.operand):
            make = wire.ne if node.negated else wire.eq
            return _Term("bool", make(wire.bin_type(node.operand.name), wire.val(0)))
        if isinstance(node, Unary) and node.op == "NOT":
            inner = self.condition(node.operand)
            return _Term("bool", wire.not_(inner.exp), inner.needs)
        if not isinstance(node, Binary):
            raise _Cannot
        if node.op in ("AND", "OR"):
            join = wire.and_ if node.op == "AND" else wire.or_
            left, right = self.condition(node.left), self.condition(node.right)
        elif node.op in _COMPARE:
            join = _COMPARE[node.op]
            left, right = self.pair(node.left, node.right)
            # Doubles have NaN, which the server orders otherwise.
            if left.kind != right.kind or left.kind not in ("int", "str", "bytes"):
                raise _Cannot
        else:
            raise _Cannot
        return _Term("bool", join(left.exp, right.exp), (*left.needs, *right.needs))

    def pair(self, one: Expr, other: Expr) -> tuple[_Term, _Term]:
        """Build two operands; what is known of one hints at the other."""
        if is_constant(one):
            left = self.term(one)
            return left, self.term(other, left.kind)
        if is_constant(other):
            right = self.term(other)
            return self.term(one, right.kind), right
        left = self.term(one, "int")
        return left, self.term(other, left.kind)


# ---- arithmetic --------------------------------------------------------------------------------


def _additive(left: _Term, right: _Term, *, minus: bool) -> _Term:
    make = wire.sub if minus else wire.add
    needs = (*left.needs, *right.needs)
    if "float" in (left.kind, right.kind):
        return _Term("float", make(_double(left), _double(right)), needs)
    exp = make(left.exp, right.exp)
    if right.value is not None:
        bound = _room(left.exp, -right.value if minus else right.value)
    elif left.value is not None and not minus:
        bound = _room(right.exp, left.value)
    else:
        # The result's sign gives an overflow away: of a + b when it is neither's, of a - b
        # when a and b differ in theirs and it is not a's.
        other = right.exp if minus else exp
        signs = wire.int_and(wire.int_xor(left.exp, exp), wire.int_xor(left.exp, other))
        if not minus:
            signs = wire.int_and(wire.int_xor(left.exp, exp), wire.int_xor(right.exp, exp))
        bound = wire.ge(signs, wire.val(0))
    return _Term("int", exp, needs if bound is None else (*needs, bound))


def _room(exp: Exp, amount: int) -> Exp | None:
    """Test that `amount` can be added to an integer."""
    if amount > 0:
        return wire.le(exp, wire.val(INT64_MAX - amount))
    return wire.ge(exp, wire.val(INT64_MIN - amount)) if amount < 0 else None


def _double(term: _Term) -> Exp:
    if term.kind == "float":
        return term.exp
    return wire.val(float(term.value)) if term.value is not None else wire.to_float(term.exp)


def _multiply(left: _Term, right: _Term) -> _Term:
    needs = (*left.needs, *right.needs)
    if "float" in (left.kind, right.kind):
        return _Term("float", wire.mul(_double(left), _double(right)), needs)
    term, factor = (left, right.value) if right.value is not None else (right, left.value)
    if factor is None:
        raise _Cannot
    if abs(factor) > 1:
        most, least = INT64_MAX // abs(factor), -INT64_MIN // abs(factor)
        low, high = (-least, most) if factor > 0 else (-most, least)
        needs = (*needs, wire.ge(term.exp, wire.val(low)), wire.le(term.exp, wire.val(high)))
    elif factor == -1:
        needs = (*needs, wire.ne(term.exp, wire.val(INT64_MIN)))
    return _Term("int", wire.mul(left.exp, right.exp), needs)


def _divide(left: _Term, right: _Term) -> _Term:
    if not right.value:
        raise _Cannot
    return _Term("float", wire.div(_double(left), _double(right)), left.needs)


def _whole(left: _Term, right: _Term, *, make: Callable[..., Exp]) -> _Term:
    """`//` and `%`, of integers, by a constant that neither is zero nor overflows."""
    if left.kind != "int" or right.kind != "int" or right.value in (None, 0, -1):
        raise _Cannot
    return _Term("int", make(left.exp, right.exp), left.needs)


_ARITHMETIC: Final[dict[str, Callable[[_Term, _Term], _Term]]] = {
    "+": partial(_additive, minus=False),
    "-": partial(_additive, minus=True),
    "*": _multiply,
    "/": _divide,
    "//": partial(_whole, make=wire.div),
    "%": partial(_whole, make=wire.mod),
}
_TERMS: Final[dict[type, Callable[..., _Term]]] = {
    Column: _Builder.column,
    Unary: _Builder.unary,
    Binary: _Builder.binary,
    Call: _Builder.call,
    Case: _Builder.case,
}
_CALLS: Final[dict[str, Callable[..., _Term]]] = {
    "COALESCE": _Builder.coalesce,
    "IFNULL": _Builder.coalesce,
    "GREATEST": partial(_Builder.extreme, make=wire.max_),
    "LEAST": partial(_Builder.extreme, make=wire.min_),
    "ABS": _Builder.absolute,
}
