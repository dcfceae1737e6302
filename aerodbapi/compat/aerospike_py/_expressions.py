"""From the dictionaries of `exp` to the expressions of the native client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aerodbapi.compat.aerospike_py._arguments import instance, storable
from aerodbapi.native import expressions as native
from aerodbapi.native.expressions import Exp, pack_expression
from aerodbapi.protocol.expressions import Op
from aerodbapi.types import INFINITY, WILDCARD, GeoJSON

__all__ = ["packed", "to_native"]

_Fields = Mapping[str, Any]


def packed(filter_expression: Any) -> bytes:
    """The bytes of a policy's `filter_expression`; b"" for None. Raises TypeError, ValueError."""
    if filter_expression is None:
        return b""
    if isinstance(filter_expression, bytes):
        return filter_expression
    return pack_expression(to_native(filter_expression))


def to_native(node: Any) -> Exp:
    """Translate a dictionary of `exp`. Raises TypeError and ValueError where it is malformed."""
    if isinstance(node, Exp):
        return node
    if not isinstance(node, dict):
        raise TypeError(
            f"an expression is a dict that a function of exp made, not {type(node).__name__}"
        )
    name = _field(node, "__expr__")
    build = _BUILDERS.get(name)
    if build is None:
        raise ValueError(f"Unknown expression type: {name!r}; use the functions of exp")
    return build(node)


def _field(node: _Fields, name: str) -> Any:
    try:
        return node[name]
    except KeyError:
        raise ValueError(f"Expression missing required field: '{name}'") from None


def _all(node: _Fields) -> list[Exp]:
    return [to_native(each) for each in instance(_field(node, "exprs"), list)]


def _value(*types: type) -> Callable[[_Fields], Exp]:
    def build(node: _Fields) -> Exp:
        value = _field(node, "val")
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            wanted = types[0].__name__
            raise TypeError(f"{node['__expr__']} takes {wanted}, not {type(value).__name__}")
        return native.val(storable(value))

    return build


def _named(build: Callable[[str], Exp]) -> Callable[[_Fields], Exp]:
    return lambda node: build(instance(_field(node, "name"), str))


def _plain(build: Callable[[], Exp]) -> Callable[[_Fields], Exp]:
    return lambda node: build()


def _pair(build: Callable[[Any, Any], Exp]) -> Callable[[_Fields], Exp]:
    return lambda node: build(to_native(_field(node, "left")), to_native(_field(node, "right")))


def _many(build: Callable[..., Exp], count: int | None = None) -> Callable[[_Fields], Exp]:
    def made(node: _Fields) -> Exp:
        parts = _all(node)
        if count is not None and len(parts) != count:
            raise ValueError(f"{node['__expr__']} takes {count} expressions, not {len(parts)}")
        return build(*parts)

    return made


def _key(node: _Fields) -> Exp:
    kind = instance(_field(node, "exp_type"), int)
    if not 0 <= kind <= 9:
        raise ValueError(f"Invalid ExpType value: {kind}. Expected 0-9.")
    return Exp(Op.KEY, (kind,))


def _regex(node: _Fields) -> Exp:
    pattern, flags = instance(_field(node, "regex"), str), instance(_field(node, "flags"), int)
    return native.regex(flags, pattern, to_native(_field(node, "bin")))


def _definition(node: _Fields) -> Exp:
    return native.def_(instance(_field(node, "name"), str), to_native(_field(node, "value")))


_BUILDERS: Final[dict[str, Callable[[_Fields], Exp]]] = {
    "int_val": _value(int),
    "float_val": lambda node: native.val(float(_field(node, "val"))),
    "string_val": _value(str),
    "bool_val": _value(bool),
    "blob_val": _value(bytes, bytearray),
    "list_val": _value(list),
    "map_val": _value(dict),
    "geo_val": lambda node: native.val(GeoJSON(instance(_field(node, "val"), str))),
    "nil": _plain(lambda: native.val(None)),
    "infinity": _plain(lambda: native.val(INFINITY)),
    "wildcard": _plain(lambda: native.val(WILDCARD)),
    "int_bin": _named(native.int_bin),
    "float_bin": _named(native.float_bin),
    "string_bin": _named(native.str_bin),
    "bool_bin": _named(native.bool_bin),
    "blob_bin": _named(native.blob_bin),
    "list_bin": _named(native.list_bin),
    "map_bin": _named(native.map_bin),
    "geo_bin": _named(native.geo_bin),
    "hll_bin": _named(native.hll_bin),
    "bin_exists": _named(native.bin_exists),
    "bin_type": _named(native.bin_type),
    "key": _key,
    "key_exists": _plain(native.key_exists),
    "set_name": _plain(native.set_name),
    "record_size": _plain(native.record_size),
    "last_update": _plain(native.last_update),
    "since_update": _plain(native.since_update),
    "void_time": _plain(native.void_time),
    "ttl": _plain(native.ttl),
    "is_tombstone": _plain(native.is_tombstone),
    "digest_modulo": lambda node: native.digest_modulo(instance(_field(node, "modulo"), int)),
    "eq": _pair(native.eq),
    "ne": _pair(native.ne),
    "gt": _pair(native.gt),
    "ge": _pair(native.ge),
    "lt": _pair(native.lt),
    "le": _pair(native.le),
    "geo_compare": _pair(native.geo_compare),
    "not": lambda node: native.not_(to_native(_field(node, "expr"))),
    "and": _many(native.and_),
    "or": _many(native.or_),
    "xor": _many(native.exclusive),
    "num_add": _many(native.add),
    "num_sub": _many(native.sub),
    "num_mul": _many(native.mul),
    "num_div": _many(native.div),
    "num_mod": _many(native.mod, 2),
    "num_pow": _many(native.pow_, 2),
    "num_log": _many(native.log, 2),
    "num_abs": _many(native.abs_, 1),
    "num_floor": _many(native.floor, 1),
    "num_ceil": _many(native.ceil, 1),
    "to_int": _many(native.to_int, 1),
    "to_float": _many(native.to_float, 1),
    "min": _many(native.min_),
    "max": _many(native.max_),
    "int_and": _many(native.int_and),
    "int_or": _many(native.int_or),
    "int_xor": _many(native.int_xor),
    "int_not": _many(native.int_not, 1),
    "int_lshift": _many(native.int_left_shift, 2),
    "int_rshift": _many(native.int_right_shift, 2),
    "int_arshift": _many(native.int_arithmetic_right_shift, 2),
    "int_count": _many(native.int_count, 1),
    "int_lscan": _many(native.int_left_scan, 2),
    "int_rscan": _many(native.int_right_scan, 2),
    "regex_compare": _regex,
    "cond": _many(native.cond),
    "var": _named(native.var),
    "def": _definition,
    "let": _many(native.let),
}
