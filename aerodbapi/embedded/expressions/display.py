"""Expressions and contexts as text, the way sindex-list shows them.

Bin names and numbers are shown, other values by type and size only. Texts: server source,
exp.c (display_*, op_table) and cdt.c (cdt_ctx_to_dynbuf).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aerodbapi.embedded import packed

__all__ = ["describe_context", "describe_expression"]

#: First op number → names of the ops from there on.
_NAME_RUNS: Final = {
    0: "unknown eq ne gt ge lt le cmp_regex cmp_geo in_list",
    16: "and or not exclusive add sub mul div pow log mod abs floor ceil to_int to_float",
    32: "int_and int_or int_xor int_not int_lshift int_rshift int_arshift int_count int_lscan"
    " int_rscan",
    50: "min max",
    64: "digest_modulo device_size last_update since_update void_time ttl set_name key_exists"
    " is_tombstone memory_size record_size",
    101: "map_keys map_values",
    123: "cond",
}
_NAMES: Final = {
    first + number: name
    for first, names in _NAME_RUNS.items()
    for number, name in enumerate(names.split())
}
_TYPE_NAMES: Final = (
    "nil",
    "bool",
    "int",
    "str",
    "list",
    "map",
    "blob",
    "float",
    "geojson",
    "hll",
)
_REGEX, _KEY, _BIN, _BIN_TYPE, _LOOP, _VAR, _LET, _QUOTE = 7, 80, 81, 82, 122, 124, 125, 126
_STEP_NAMES: Final = {
    0x10: "list_index",
    0x11: "list_rank",
    0x13: "list_value",
    0x20: "map_index",
    0x21: "map_rank",
    0x22: "map_key",
    0x23: "map_value",
}


def describe_context(context: bytes) -> str:
    """Show a context's steps; raises PackedError when it is malformed."""
    reader = packed.Reader(context)
    steps = []
    for _ in range(reader.list_size() // 2):
        step = reader.integer()
        steps.append(f"{_STEP_NAMES.get(step, step)}({_value(reader)})")
    return f"[{', '.join(steps)}]"


def describe_expression(expression: bytes) -> str:
    """Show a valid expression; raises PackedError when it is malformed."""
    return _Describer(expression).next()


class _Describer:
    def __init__(self, expression: bytes) -> None:
        self.reader = packed.Reader(expression)
        self.variables: dict[bytes, int] = {}

    def next(self) -> str:
        reader = self.reader
        if reader.peek() != packed.LIST:
            return _value(reader)
        count = reader.list_size() - 1
        op = reader.integer()
        special = _SPECIAL.get(op)
        if special is not None:
            return special(self, count)
        arguments = [self.next() for _ in range(count)]
        return f"{_NAMES.get(op, op)}({', '.join(arguments)})"

    def regex(self, count: int) -> str:
        flags, pattern = self.reader.integer(), self.reader.raw()
        return f"cmp_regex(<string#{len(pattern)}>, {flags}, {self.next()})"

    def key(self, count: int) -> str:
        self.reader.skip()
        return "key()"

    def bin(self, count: int) -> str:
        type = self.reader.integer()
        return f'bin_{_TYPE_NAMES[type]}("{_text(self.reader.raw())}")'

    def bin_type(self, count: int) -> str:
        return f'bin_type("{_text(self.reader.raw())}")'

    def loop_variable(self, count: int) -> str:
        self.reader.skip()
        return f"var_builtin({self.reader.integer()})"

    def variable(self, count: int) -> str:
        return f'var("var_{self.variables.get(self.reader.raw(), 0)}")'

    def let(self, count: int) -> str:
        outer = dict(self.variables)
        parts = []
        for _ in range(count // 2):
            slot = self.variables[self.reader.raw()] = len(self.variables)
            parts.append(f"def(var_{slot}, {self.next()})")
        parts.append(self.next())
        self.variables = outer
        return f"let({', '.join(parts)})"

    def quoted(self, count: int) -> str:
        return _value(self.reader)


_SPECIAL: Final[dict[int, Callable[[_Describer, int], str]]] = {
    _REGEX: _Describer.regex,
    _KEY: _Describer.key,
    _BIN: _Describer.bin,
    _BIN_TYPE: _Describer.bin_type,
    _LOOP: _Describer.loop_variable,
    _VAR: _Describer.variable,
    _LET: _Describer.let,
    _QUOTE: _Describer.quoted,
}


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


_WORDS: Final = {
    packed.NIL: "nil",
    packed.FALSE: "false",
    packed.TRUE: "true",
    packed.WILDCARD: "*",
    packed.INF: "inf",
}
_SIZED: Final = {packed.STRING: "string", packed.BYTES: "blob", packed.GEOJSON: "geojson"}


def _value(reader: packed.Reader) -> str:
    """Show one value; the reader moves behind it."""
    kind, value = reader.token()
    if kind in _WORDS:
        return _WORDS[kind]
    if isinstance(value, float):
        return f"{value:f}"
    if isinstance(value, bytes):
        return f"<{_SIZED.get(kind, 'ext')}#{len(value) - 1}>"
    assert isinstance(value, int)
    if kind not in (packed.LIST, packed.MAP):
        return str(value)
    reader.skip(value)
    return f"<list#{value}>" if kind == packed.LIST else f"<map#{value // 2}>"
