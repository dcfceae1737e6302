"""Filter expressions as dictionaries: {"__expr__": name, …}, nested as the expression is.

from aerodbapi.compat.aerospike_py import exp

client.get(key, policy={"filter_expression": exp.ge(exp.int_bin("age"), exp.int_val(21))})
"""

from __future__ import annotations

from typing import Any, Final

__all__ = [
    "EXP_TYPE_BLOB",
    "EXP_TYPE_BOOL",
    "EXP_TYPE_FLOAT",
    "EXP_TYPE_GEO",
    "EXP_TYPE_HLL",
    "EXP_TYPE_INT",
    "EXP_TYPE_LIST",
    "EXP_TYPE_MAP",
    "EXP_TYPE_NIL",
    "EXP_TYPE_STRING",
    "Expr",
    "and_",
    "bin_exists",
    "bin_type",
    "blob_bin",
    "blob_val",
    "bool_bin",
    "bool_val",
    "cond",
    "def_",
    "digest_modulo",
    "eq",
    "float_bin",
    "float_val",
    "ge",
    "geo_bin",
    "geo_compare",
    "geo_val",
    "gt",
    "hll_bin",
    "infinity",
    "int_and",
    "int_arshift",
    "int_bin",
    "int_count",
    "int_lscan",
    "int_lshift",
    "int_not",
    "int_or",
    "int_rscan",
    "int_rshift",
    "int_val",
    "int_xor",
    "is_tombstone",
    "key",
    "key_exists",
    "last_update",
    "le",
    "let_",
    "list_bin",
    "list_val",
    "lt",
    "map_bin",
    "map_val",
    "max_",
    "min_",
    "ne",
    "nil",
    "not_",
    "num_abs",
    "num_add",
    "num_ceil",
    "num_div",
    "num_floor",
    "num_log",
    "num_mod",
    "num_mul",
    "num_pow",
    "num_sub",
    "or_",
    "record_size",
    "regex_compare",
    "set_name",
    "since_update",
    "string_bin",
    "string_val",
    "to_float",
    "to_int",
    "ttl",
    "var",
    "void_time",
    "wildcard",
    "xor_",
]

#: An expression.
Expr = dict[str, Any]

EXP_TYPE_NIL: Final = 0
EXP_TYPE_BOOL: Final = 1
EXP_TYPE_INT: Final = 2
EXP_TYPE_STRING: Final = 3
EXP_TYPE_LIST: Final = 4
EXP_TYPE_MAP: Final = 5
EXP_TYPE_BLOB: Final = 6
EXP_TYPE_FLOAT: Final = 7
EXP_TYPE_GEO: Final = 8
EXP_TYPE_HLL: Final = 9

#: The names that `__expr__` may have: those of the functions, without the "_" behind a keyword.
_VALID_OPS: Final = frozenset(name.rstrip("_") for name in __all__ if name.islower())


def _cmd(op: str, **arguments: Any) -> Expr:
    if op not in _VALID_OPS:
        raise ValueError(f"Unknown expression op: {op!r}; use the functions of exp")
    return {"__expr__": op, **arguments}


def int_val(val: int) -> Expr:
    """An integer as it is."""
    return _cmd("int_val", val=val)


def float_val(val: float) -> Expr:
    """A float as it is."""
    return _cmd("float_val", val=val)


def string_val(val: str) -> Expr:
    """Text as it is."""
    return _cmd("string_val", val=val)


def bool_val(val: bool) -> Expr:
    """A boolean as it is."""
    return _cmd("bool_val", val=val)


def blob_val(val: bytes) -> Expr:
    """Bytes as it is."""
    return _cmd("blob_val", val=val)


def list_val(val: list[Any]) -> Expr:
    """A list as it is."""
    return _cmd("list_val", val=val)


def map_val(val: dict[Any, Any]) -> Expr:
    """A map as it is."""
    return _cmd("map_val", val=val)


def geo_val(val: str) -> Expr:
    """GeoJSON text as it is."""
    return _cmd("geo_val", val=val)


def nil() -> Expr:
    """Nil."""
    return _cmd("nil")


def infinity() -> Expr:
    """Greater than every value."""
    return _cmd("infinity")


def wildcard() -> Expr:
    """Equal to every value."""
    return _cmd("wildcard")


def int_bin(name: str) -> Expr:
    """A bin that holds an integer; unknown when it does not."""
    return _cmd("int_bin", name=name)


def float_bin(name: str) -> Expr:
    """A bin that holds a float; unknown when it does not."""
    return _cmd("float_bin", name=name)


def string_bin(name: str) -> Expr:
    """A bin that holds text; unknown when it does not."""
    return _cmd("string_bin", name=name)


def bool_bin(name: str) -> Expr:
    """A bin that holds a boolean; unknown when it does not."""
    return _cmd("bool_bin", name=name)


def blob_bin(name: str) -> Expr:
    """A bin that holds bytes; unknown when it does not."""
    return _cmd("blob_bin", name=name)


def list_bin(name: str) -> Expr:
    """A bin that holds a list; unknown when it does not."""
    return _cmd("list_bin", name=name)


def map_bin(name: str) -> Expr:
    """A bin that holds a map; unknown when it does not."""
    return _cmd("map_bin", name=name)


def geo_bin(name: str) -> Expr:
    """A bin that holds GeoJSON text; unknown when it does not."""
    return _cmd("geo_bin", name=name)


def hll_bin(name: str) -> Expr:
    """A bin that holds an HLL; unknown when it does not."""
    return _cmd("hll_bin", name=name)


def bin_exists(name: str) -> Expr:
    """Whether the record has the bin."""
    return _cmd("bin_exists", name=name)


def bin_type(name: str) -> Expr:
    """The bin's particle type."""
    return _cmd("bin_type", name=name)


def key(exp_type: int) -> Expr:
    """The user key, if it is stored; `exp_type` is EXP_TYPE_*."""
    return _cmd("key", exp_type=exp_type)


def key_exists() -> Expr:
    """Whether the user key is stored."""
    return _cmd("key_exists")


def set_name() -> Expr:
    """The record's set."""
    return _cmd("set_name")


def record_size() -> Expr:
    """The record's size in bytes."""
    return _cmd("record_size")


def last_update() -> Expr:
    """When the record was written last: ns since 1970."""
    return _cmd("last_update")


def since_update() -> Expr:
    """How long ago that was: ms."""
    return _cmd("since_update")


def void_time() -> Expr:
    """When the record expires: ns since 1970; -1 for never."""
    return _cmd("void_time")


def ttl() -> Expr:
    """Seconds left to live; -1 for never."""
    return _cmd("ttl")


def is_tombstone() -> Expr:
    """Whether the record is a durably deleted one."""
    return _cmd("is_tombstone")


def digest_modulo(modulo: int) -> Expr:
    """The digest's remainder by `modulo`."""
    return _cmd("digest_modulo", modulo=modulo)


def eq(left: Expr, right: Expr) -> Expr:
    """Whether left = right."""
    return _cmd("eq", left=left, right=right)


def ne(left: Expr, right: Expr) -> Expr:
    """Whether left ≠ right."""
    return _cmd("ne", left=left, right=right)


def gt(left: Expr, right: Expr) -> Expr:
    """Whether left > right."""
    return _cmd("gt", left=left, right=right)


def ge(left: Expr, right: Expr) -> Expr:
    """Whether left >= right."""
    return _cmd("ge", left=left, right=right)


def lt(left: Expr, right: Expr) -> Expr:
    """Whether left < right."""
    return _cmd("lt", left=left, right=right)


def le(left: Expr, right: Expr) -> Expr:
    """Whether left <= right."""
    return _cmd("le", left=left, right=right)


def and_(*exprs: Expr) -> Expr:
    """Whether all hold."""
    return _cmd("and", exprs=list(exprs))


def or_(*exprs: Expr) -> Expr:
    """Whether one holds."""
    return _cmd("or", exprs=list(exprs))


def not_(expr: Expr) -> Expr:
    """Whether it does not hold."""
    return _cmd("not", expr=expr)


def xor_(*exprs: Expr) -> Expr:
    """Whether exactly one holds."""
    return _cmd("xor", exprs=list(exprs))


def num_add(*exprs: Expr) -> Expr:
    """The sum."""
    return _cmd("num_add", exprs=list(exprs))


def num_sub(*exprs: Expr) -> Expr:
    """The first less the others."""
    return _cmd("num_sub", exprs=list(exprs))


def num_mul(*exprs: Expr) -> Expr:
    """The product."""
    return _cmd("num_mul", exprs=list(exprs))


def num_div(*exprs: Expr) -> Expr:
    """The first over the others."""
    return _cmd("num_div", exprs=list(exprs))


def num_mod(numerator: Expr, denominator: Expr) -> Expr:
    """The remainder of integers."""
    return _cmd("num_mod", exprs=[numerator, denominator])


def num_pow(base: Expr, exponent: Expr) -> Expr:
    """A power of floats."""
    return _cmd("num_pow", exprs=[base, exponent])


def num_log(num: Expr, base: Expr) -> Expr:
    """A logarithm of floats."""
    return _cmd("num_log", exprs=[num, base])


def num_abs(value: Expr) -> Expr:
    """The absolute value."""
    return _cmd("num_abs", exprs=[value])


def num_floor(num: Expr) -> Expr:
    """The next lower whole float."""
    return _cmd("num_floor", exprs=[num])


def num_ceil(num: Expr) -> Expr:
    """The next higher whole float."""
    return _cmd("num_ceil", exprs=[num])


def to_int(num: Expr) -> Expr:
    """A float as an integer."""
    return _cmd("to_int", exprs=[num])


def to_float(num: Expr) -> Expr:
    """An integer as a float."""
    return _cmd("to_float", exprs=[num])


def min_(*exprs: Expr) -> Expr:
    """The least."""
    return _cmd("min", exprs=list(exprs))


def max_(*exprs: Expr) -> Expr:
    """The greatest."""
    return _cmd("max", exprs=list(exprs))


def int_and(*exprs: Expr) -> Expr:
    """Bits in all."""
    return _cmd("int_and", exprs=list(exprs))


def int_or(*exprs: Expr) -> Expr:
    """Bits in any."""
    return _cmd("int_or", exprs=list(exprs))


def int_xor(*exprs: Expr) -> Expr:
    """Bits in an odd number."""
    return _cmd("int_xor", exprs=list(exprs))


def int_not(expr: Expr) -> Expr:
    """Bits turned over."""
    return _cmd("int_not", exprs=[expr])


def int_lshift(value: Expr, shift: Expr) -> Expr:
    """Bits shifted to the left."""
    return _cmd("int_lshift", exprs=[value, shift])


def int_rshift(value: Expr, shift: Expr) -> Expr:
    """Bits shifted to the right, zeros coming in."""
    return _cmd("int_rshift", exprs=[value, shift])


def int_arshift(value: Expr, shift: Expr) -> Expr:
    """Bits shifted to the right, the sign coming in."""
    return _cmd("int_arshift", exprs=[value, shift])


def int_count(expr: Expr) -> Expr:
    """The number of bits set."""
    return _cmd("int_count", exprs=[expr])


def int_lscan(value: Expr, search: Expr) -> Expr:
    """The place of the first bit that is `search`, from the left; -1 for none."""
    return _cmd("int_lscan", exprs=[value, search])


def int_rscan(value: Expr, search: Expr) -> Expr:
    """The place of the last bit that is `search`; -1 for none."""
    return _cmd("int_rscan", exprs=[value, search])


def regex_compare(regex: str, flags: int, bin_expr: Expr) -> Expr:
    """Whether a POSIX regular expression is found; `flags` are REGEX_*."""
    return _cmd("regex_compare", regex=regex, flags=flags, bin=bin_expr)


def geo_compare(left: Expr, right: Expr) -> Expr:
    """Whether a point lies within a region."""
    return _cmd("geo_compare", left=left, right=right)


def cond(*exprs: Expr) -> Expr:
    """Pairs of condition and value, then a default: the value whose condition holds first."""
    return _cmd("cond", exprs=list(exprs))


def var(name: str) -> Expr:
    """A variable of `let_`."""
    return _cmd("var", name=name)


def def_(name: str, value: Expr) -> Expr:
    """A variable for `let_`."""
    return _cmd("def", name=name, value=value)


def let_(*exprs: Expr) -> Expr:
    """Definitions (`def_`), and the expression that uses them last."""
    return _cmd("let", exprs=list(exprs))
