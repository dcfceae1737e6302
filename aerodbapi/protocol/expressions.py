"""Expressions: trees that the server evaluates (filters, expression reads, writes, indexes).

An expression is an `Exp`; its arguments are expressions, Python values (which stand for
themselves) or `Name`s (bins and variables, sent without a type prefix). Constructors carry the
field's own names; where one is a Python word, it ends in "_". Numbers are those of the server's
exp.c; wire.md's section on expressions names them all.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import DataError
from aerodbapi.frozen import frozen
from aerodbapi.protocol import cdt
from aerodbapi.types import GeoJSON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "CallSystem",
    "Command",
    "ContextPath",
    "Exp",
    "ExpType",
    "Name",
    "Op",
    "Regex",
    "abs_",
    "add",
    "and_",
    "bin",
    "bin_exists",
    "bin_type",
    "blob_bin",
    "bool_bin",
    "call",
    "ceil",
    "cond",
    "def_",
    "device_size",
    "digest_modulo",
    "div",
    "eq",
    "exclusive",
    "float_bin",
    "floor",
    "ge",
    "geo_bin",
    "geo_compare",
    "gt",
    "hll_bin",
    "in_list",
    "int_and",
    "int_arithmetic_right_shift",
    "int_bin",
    "int_count",
    "int_left_scan",
    "int_left_shift",
    "int_not",
    "int_or",
    "int_right_scan",
    "int_right_shift",
    "int_xor",
    "is_tombstone",
    "key_blob",
    "key_exists",
    "key_int",
    "key_str",
    "last_update",
    "le",
    "let",
    "list_bin",
    "log",
    "loop_var",
    "lower_expression",
    "lt",
    "map_bin",
    "map_keys",
    "map_values",
    "max_",
    "memory_size",
    "min_",
    "mod",
    "mul",
    "ne",
    "not_",
    "or_",
    "pack_context",
    "pack_expression",
    "pow_",
    "record_size",
    "regex",
    "remove_result",
    "set_name",
    "since_update",
    "str_bin",
    "sub",
    "to_float",
    "to_int",
    "to_string",
    "ttl",
    "unknown",
    "val",
    "var",
    "void_time",
]


class Op:
    """Operation codes."""

    UNKNOWN: Final = 0
    EQ: Final = 1
    NE: Final = 2
    GT: Final = 3
    GE: Final = 4
    LT: Final = 5
    LE: Final = 6
    REGEX: Final = 7
    GEO: Final = 8
    IN_LIST: Final = 9
    AND: Final = 16
    OR: Final = 17
    NOT: Final = 18
    EXCLUSIVE: Final = 19
    ADD: Final = 20
    SUB: Final = 21
    MUL: Final = 22
    DIV: Final = 23
    POW: Final = 24
    LOG: Final = 25
    MOD: Final = 26
    ABS: Final = 27
    FLOOR: Final = 28
    CEIL: Final = 29
    TO_INT: Final = 30
    TO_FLOAT: Final = 31
    INT_AND: Final = 32
    INT_OR: Final = 33
    INT_XOR: Final = 34
    INT_NOT: Final = 35
    INT_LSHIFT: Final = 36
    INT_RSHIFT: Final = 37
    INT_ARSHIFT: Final = 38
    INT_COUNT: Final = 39
    INT_LSCAN: Final = 40
    INT_RSCAN: Final = 41
    MIN: Final = 50
    MAX: Final = 51
    DIGEST_MODULO: Final = 64
    DEVICE_SIZE: Final = 65
    LAST_UPDATE: Final = 66
    SINCE_UPDATE: Final = 67
    VOID_TIME: Final = 68
    TTL: Final = 69
    SET_NAME: Final = 70
    KEY_EXISTS: Final = 71
    IS_TOMBSTONE: Final = 72
    MEMORY_SIZE: Final = 73
    RECORD_SIZE: Final = 74
    KEY: Final = 80
    BIN: Final = 81
    BIN_TYPE: Final = 82
    TO_STRING: Final = 99
    REMOVE_RESULT: Final = 100
    MAP_KEYS: Final = 101
    MAP_VALUES: Final = 102
    LOOP_VAR: Final = 122
    COND: Final = 123
    VAR: Final = 124
    LET: Final = 125
    QUOTE: Final = 126
    CALL: Final = 127


class ExpType:
    """Types of expressions, in bins, keys, variables and results."""

    NIL: Final = 0
    BOOL: Final = 1
    INT: Final = 2
    STRING: Final = 3
    LIST: Final = 4
    MAP: Final = 5
    BLOB: Final = 6
    FLOAT: Final = 7
    GEOJSON: Final = 8
    HLL: Final = 9


class CallSystem:
    """Whose operation a CALL runs; MODIFY is added when it changes the value."""

    CDT: Final = 0
    BITS: Final = 1
    HLL: Final = 2
    STRING: Final = 3
    MODIFY: Final = 0x40


class Regex:
    """Flags of regex(), those of POSIX regcomp."""

    NONE: Final = 0
    EXTENDED: Final = 1
    ICASE: Final = 2
    NOSUB: Final = 4
    NEWLINE: Final = 8


@frozen
class Exp:
    """An operation and its arguments. `op` is None for a value and for a definition (def_)."""

    op: int | None
    args: tuple[Any, ...] = ()


@frozen
class Name:
    """Text that names something: a bin, a variable, a pattern."""

    text: str


@frozen
class Command:
    """A list that is sent as it is: a CDT, bits or HLL command with its arguments."""

    items: tuple[Any, ...]


@frozen
class ContextPath:
    """A context inside an expression: a flat list of types and values, lists in it as they are."""

    items: tuple[Any, ...]


# ---- packing -----------------------------------------------------------------------------------


def pack_expression(exp: Any) -> bytes:
    """Return the bytes of an expression (fields FILTER and INDEX_EXPRESSION, ops 7 and 8).

    Raises DataError for what is no value, and for nesting too deep to write.
    """
    try:
        return cdt.pack_lowered(_lower(exp))
    except RecursionError:
        raise DataError("an expression is nested too deeply") from None


def pack_context(context: Sequence[Any]) -> bytes:
    """Return the bytes of a context: a flat list of types and values (field INDEX_CONTEXT)."""
    try:
        return cdt.pack_lowered(_lower(ContextPath(tuple(context))))
    except RecursionError:
        raise DataError("a context is nested too deeply") from None


def lower_expression(exp: Any) -> Any:
    """Return the form of an expression that cdt.pack_lowered writes."""
    return _lower(exp)


def _lower(exp: Any) -> Any:
    if type(exp) is Exp:
        if exp.op is None:
            return _lower(exp.args[0])
        lowered: list[Any] = [exp.op]
        for arg in exp.args:
            # A definition is two neighbours in its LET: name and value.
            if type(arg) is Exp and arg.op is None and len(arg.args) == 2:
                lowered += map(_lower, arg.args)
            else:
                lowered.append(_lower(arg))
        return lowered
    if type(exp) is Name:
        return exp.text
    if type(exp) is Command:
        return [_lower(item) for item in exp.items]
    if type(exp) is ContextPath:
        return [_lower(item) if type(item) is Exp else cdt.lower(item) for item in exp.items]
    if isinstance(exp, (list, tuple)):
        # A bare list would be read as an expression.
        return [Op.QUOTE, cdt.lower(exp)]
    return cdt.lower(exp)


# ---- constructors ------------------------------------------------------------------------------


def _many(op: int) -> Callable[..., Exp]:
    return lambda *args: Exp(op, args)


def _one(op: int) -> Callable[[Any], Exp]:
    return lambda e: Exp(op, (e,))


def _two(op: int) -> Callable[[Any, Any], Exp]:
    return lambda left, right: Exp(op, (left, right))


def _none(op: int) -> Callable[[], Exp]:
    return partial(Exp, op)


def val(value: Any) -> Exp:
    """A value that stands for itself (arguments that are no Exp are taken as one)."""
    return Exp(None, (value,))


unknown = _none(Op.UNKNOWN)
eq, ne = _two(Op.EQ), _two(Op.NE)
gt, ge = _two(Op.GT), _two(Op.GE)
lt, le = _two(Op.LT), _two(Op.LE)
in_list = _two(Op.IN_LIST)
and_, or_, exclusive = _many(Op.AND), _many(Op.OR), _many(Op.EXCLUSIVE)
not_ = _many(Op.NOT)
add, sub, mul, div = _many(Op.ADD), _many(Op.SUB), _many(Op.MUL), _many(Op.DIV)
pow_, log, mod = _two(Op.POW), _two(Op.LOG), _two(Op.MOD)
abs_, floor, ceil = _one(Op.ABS), _one(Op.FLOOR), _one(Op.CEIL)
to_int, to_float = _one(Op.TO_INT), _one(Op.TO_FLOAT)
#: An integer, float, bool, text or UTF-8 blob as text (servers from 8.2 on).
to_string = _one(Op.TO_STRING)
int_and, int_or, int_xor = _many(Op.INT_AND), _many(Op.INT_OR), _many(Op.INT_XOR)
int_not, int_count = _one(Op.INT_NOT), _one(Op.INT_COUNT)
int_left_shift, int_right_shift = _two(Op.INT_LSHIFT), _two(Op.INT_RSHIFT)
int_arithmetic_right_shift = _two(Op.INT_ARSHIFT)
int_left_scan, int_right_scan = _two(Op.INT_LSCAN), _two(Op.INT_RSCAN)
min_, max_ = _many(Op.MIN), _many(Op.MAX)
device_size, memory_size, record_size = (
    _none(Op.DEVICE_SIZE),
    _none(Op.MEMORY_SIZE),
    _none(Op.RECORD_SIZE),
)
#: Nanoseconds since 1970; milliseconds since the last update.
last_update, since_update = _none(Op.LAST_UPDATE), _none(Op.SINCE_UPDATE)
#: Nanoseconds since 1970, or -1 for never; seconds left, or -1.
void_time, ttl = _none(Op.VOID_TIME), _none(Op.TTL)
set_name, key_exists, is_tombstone = (
    _none(Op.SET_NAME),
    _none(Op.KEY_EXISTS),
    _none(Op.IS_TOMBSTONE),
)
remove_result = _none(Op.REMOVE_RESULT)
map_keys, map_values = _one(Op.MAP_KEYS), _one(Op.MAP_VALUES)
#: Test, value, test, value, …, and at the end the value when no test is true.
cond = _many(Op.COND)


def digest_modulo(modulus: int) -> Exp:
    """The digest's last four bytes, modulo `modulus`."""
    return Exp(Op.DIGEST_MODULO, (modulus,))


def regex(flags: int, pattern: str, e: Any) -> Exp:
    """True when the POSIX pattern matches somewhere in text `e`; see Regex for the flags."""
    return Exp(Op.REGEX, (flags, Name(pattern), e))


def geo_compare(left: Any, right: Any) -> Exp:
    """True when one shape contains the other; text is taken as GeoJSON."""
    return Exp(
        Op.GEO,
        tuple(GeoJSON.trusted(side) if type(side) is str else side for side in (left, right)),
    )


# ---- bins and keys -----------------------------------------------------------------------------


def bin(type: int, name: str) -> Exp:
    """The value of a bin, unknown unless the record has it with this ExpType."""
    return Exp(Op.BIN, (type, Name(name)))


bool_bin = partial(bin, ExpType.BOOL)
int_bin = partial(bin, ExpType.INT)
str_bin = partial(bin, ExpType.STRING)
list_bin = partial(bin, ExpType.LIST)
map_bin = partial(bin, ExpType.MAP)
blob_bin = partial(bin, ExpType.BLOB)
float_bin = partial(bin, ExpType.FLOAT)
geo_bin = partial(bin, ExpType.GEOJSON)
hll_bin = partial(bin, ExpType.HLL)


def bin_type(name: str) -> Exp:
    """The bin's particle type as an integer, 0 when the record has no such bin."""
    return Exp(Op.BIN_TYPE, (Name(name),))


def bin_exists(name: str) -> Exp:
    """True when the record has this bin."""
    return ne(bin_type(name), 0)


def _key(type: int) -> Callable[[], Exp]:
    return partial(Exp, Op.KEY, (type,))


key_int, key_str, key_blob = _key(ExpType.INT), _key(ExpType.STRING), _key(ExpType.BLOB)

# ---- variables ---------------------------------------------------------------------------------


def def_(name: str, value: Any) -> Exp:
    """Define a variable, inside let()."""
    return Exp(None, (Name(name), value))


def let(*definitions_and_body: Any) -> Exp:
    """Evaluate the last argument with the variables that the others (def_) define."""
    return Exp(Op.LET, definitions_and_body)


def var(name: str) -> Exp:
    """The value of a variable."""
    return Exp(Op.VAR, (Name(name),))


def loop_var(type: int, part: int) -> Exp:
    """Inside a path operation, the element's key (part 0), value (1) or index (2)."""
    return Exp(Op.LOOP_VAR, (type, part))


# ---- calls -------------------------------------------------------------------------------------


def call(
    result_type: int,
    system: int,
    command: Sequence[Any],
    e: Any,
    *,
    context: Sequence[Any] = (),
) -> Exp:
    """Run a CDT, bits or HLL command on `e`.

    `command`: its number and arguments (wire.md, "CDT ops"). `context`: flat list of types and
    values that leads into nested elements. `system`: CallSystem, plus MODIFY when it changes `e`.
    """
    inner = Command(tuple(command))
    if context:
        inner = Command((0xFF, ContextPath(tuple(context)), inner))
    return Exp(Op.CALL, (result_type, system, inner, e))
