"""What all expressions share: how a class is declared, how trees are written as a list.

An expression is a tree of `_BaseExpr`; `compile()` writes it in prefix order as a list of
(code, result type, fixed arguments, number of children), which policies and operations take.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any, Final

__all__ = ["ResultType", "ReturnType", "expression", "values"]

#: (code, result type, fixed arguments, number of children)
Compiled = list[tuple[int, Any, Any, int]]


class ReturnType:
    """Added to a LIST_RETURN_* or MAP_RETURN_* constant: everything but what is asked for."""

    LIST_RETURN_INVERTED = 0x10000
    MAP_RETURN_INVERTED = 0x10000


class ResultType:
    """The type of an expression's value."""

    NIL = 0
    BOOLEAN = 1
    INTEGER = 2
    STRING = 3
    LIST = 4
    MAP = 5
    BLOB = 6
    FLOAT = 7
    GEOJSON = 8
    HLL = 9


class _ExprOp:
    """Codes that are not constants of `aerospike`; from 139 on those of no server."""

    UNKNOWN = 0
    EQ = 1
    NE = 2
    GT = 3
    GE = 4
    LT = 5
    LE = 6
    CMP_REGEX = 7
    CMP_GEO = 8
    AND = 16
    OR = 17
    NOT = 18
    EXCLUSIVE = 19
    ADD = 20
    SUB = 21
    MUL = 22
    DIV = 23
    POW = 24
    LOG = 25
    MOD = 26
    ABS = 27
    FLOOR = 28
    CEIL = 29
    TO_INT = 30
    TO_FLOAT = 31
    INT_AND = 32
    INT_OR = 33
    INT_XOR = 34
    INT_NOT = 35
    INT_LSHIFT = 36
    INT_RSHIFT = 37
    INT_ARSHIFT = 38
    INT_COUNT = 39
    INT_LSCAN = 40
    INT_RSCAN = 41
    MIN = 50
    MAX = 51
    META_DIGEST_MOD = 64
    META_DEVICE_SIZE = 65
    META_LAST_UPDATE_TIME = 66
    META_VOID_TIME = 67
    META_TTL = 68
    META_SET_NAME = 69
    META_KEY_EXISTS = 70
    META_SINCE_UPDATE_TIME = 71
    META_IS_TOMBSTONE = 72
    META_MEMORY_SIZE = 73
    META_RECORD_SIZE = 74
    REC_KEY = 80
    BIN = 81
    BIN_TYPE = 82
    BIN_EXISTS = 83
    COND = 123
    VAR = 124
    LET = 125
    DEF = 126
    _AS_EXP_CODE_AS_VAL = 128
    _AS_EXP_CODE_CDT_LIST_CRMOD = 140
    _AS_EXP_CODE_CDT_LIST_MOD = 141
    _AS_EXP_CODE_CDT_MAP_CRMOD = 142
    _AS_EXP_CODE_END_OF_VA_ARGS = 150
    _AS_EXP_BIT_FLAGS = 153
    VAL = 200


#: a + (b + c) is a + b + c; a - (b - c) is not a - b - c.
_ASSOCIATIVE: Final = frozenset({_ExprOp.ADD, _ExprOp.MUL})


class _BaseExpr:
    """An expression: code, result type, fixed arguments, and children (values or expressions)."""

    _op: int = 0
    _rt: int | None = None
    _fixed: dict[str, Any] | None = None
    _children: tuple[Any, ...] = ()

    def compile(self) -> Compiled:
        """The tree as a list, which policies and operations take."""
        compiled: Compiled = []
        work: list[Any] = [self]
        while work:
            item = work.pop()
            if isinstance(item, _BaseExpr):
                compiled.append((item._op, item._rt, item._fixed, len(item._children)))
                work += reversed(item._children)
            else:
                compiled.append((_ExprOp.VAL, None, {"val": item}, 0))
        return compiled

    def _many(self, right: Any, op: int) -> _BaseExpr:
        """An operator of many operands; operands that are of the same operator are joined."""
        left = self._children[:-1] if self._op == op else (self,)
        joined = isinstance(right, _BaseExpr) and right._op == op and op in _ASSOCIATIVE
        operands = right._children[:-1] if joined else (right,)
        last = _GenericExpr(_ExprOp._AS_EXP_CODE_END_OF_VA_ARGS, None, None)
        return _GenericExpr(op, None, None, (*left, *operands, last))

    def __abs__(self) -> _BaseExpr:
        return _GenericExpr(_ExprOp.ABS, None, None, (self,))

    def __floor__(self) -> _BaseExpr:
        return _GenericExpr(_ExprOp.FLOOR, None, None, (self,))

    def __ceil__(self) -> _BaseExpr:
        return _GenericExpr(_ExprOp.CEIL, None, None, (self,))

    def __add__(self, right: Any) -> _BaseExpr:
        return self._many(right, _ExprOp.ADD)

    def __sub__(self, right: Any) -> _BaseExpr:
        return self._many(right, _ExprOp.SUB)

    def __mul__(self, right: Any) -> _BaseExpr:
        return self._many(right, _ExprOp.MUL)

    def __truediv__(self, right: Any) -> _BaseExpr:
        return self._many(right, _ExprOp.DIV)

    def __floordiv__(self, right: Any) -> _BaseExpr:
        return _GenericExpr(_ExprOp.FLOOR, None, None, (self / right,))

    def __pow__(self, right: Any) -> _BaseExpr:
        return _GenericExpr(_ExprOp.POW, None, None, (self, right))

    def __mod__(self, right: Any) -> _BaseExpr:
        return _GenericExpr(_ExprOp.MOD, None, None, (self, right))


class _GenericExpr(_BaseExpr):
    """An expression without a class of its own."""

    def __init__(
        self, op: int, rt: int | None, fixed: dict[str, Any] | None, children: tuple[Any, ...] = ()
    ) -> None:
        self._op = op
        self._rt = rt
        self._fixed = fixed
        self._children = children


def end() -> _BaseExpr:
    """What ends the children of an expression that takes any number of them."""
    return _GenericExpr(_ExprOp._AS_EXP_CODE_END_OF_VA_ARGS, 0, {})


#: Given the arguments by name, the fixed ones and the children.
Split = Callable[[dict[str, Any]], "tuple[dict[str, Any] | None, tuple[Any, ...]]"]


def expression(
    module: str, name: str, op: int, parameters: str, split: Split, doc: str, rt: int | None = None
) -> Any:
    """Declare an expression, a subclass of _BaseExpr.

    `parameters`: names, with "=" and False, None or 0 for a default.
    """
    names = [word.partition("=") for word in parameters.split()]
    kinds = Parameter.POSITIONAL_OR_KEYWORD
    defaults = {"": Parameter.empty, "False": False, "None": None, "0": 0}
    signature = Signature([Parameter(n, kinds, default=defaults[d]) for n, _, d in names])

    def __init__(self: _BaseExpr, *args: Any, **kwargs: Any) -> None:  # noqa: N807 (a method)
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        self._fixed, self._children = split(bound.arguments)

    __init__.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter("self", kinds), *signature.parameters.values()]
    )
    members = {
        "_op": op,
        "_rt": rt,
        "__init__": __init__,
        "__signature__": signature,
        "__doc__": doc,
        "__module__": module,
        "__qualname__": name,
    }
    return type(name, (_BaseExpr,), members)


def values(*names: str) -> Split:
    """All arguments are children, in this order (none named: in the order of parameters)."""

    def split(given: dict[str, Any]) -> tuple[None, tuple[Any, ...]]:
        return None, tuple(given[name] for name in names) if names else tuple(given.values())

    return split


class _VarArgs(_BaseExpr):
    """An expression that takes any number of children."""

    def __init__(self, *exprs: Any) -> None:
        self._children = (*exprs, end())
