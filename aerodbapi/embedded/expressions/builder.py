"""The build pass: reads packed expressions, checks counts and static types, makes nodes.

One function per family of ops, in tables (`logic`, `arithmetic`, `metadata`, …) that
`compile` puts together. Whatever the server's build pass refuses raises ExpressionError, and
so do malformed bytes: the command that carried them answers result code 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from aerodbapi.embedded import geo, packed
from aerodbapi.embedded.expressions.values import VARIABLE, Context, ExpressionError, Node, Type

__all__ = ["BuildFunction", "Builder", "constant", "expect", "is_constant"]

#: Levels of nesting; the evaluator recurses once per level.
MAX_DEPTH: Final = 200
_UNSIGNED: Final = (1 << 64) - 1

_HLL_PREFIX: Final = 18
_BLOB_PREFIX: Final = 4


class Builder:
    """One build: the reader, the variables in scope, and what the expression looks at.

    `reads_bins`: names of bins read. `reads_metadata`, `reads_key`, `reads_digest`: whether
    it looks at metadata other than the digest, at the stored key, at the digest.
    """

    __slots__ = (
        "depth",
        "max_variables",
        "ops",
        "reader",
        "reads_bins",
        "reads_digest",
        "reads_key",
        "reads_metadata",
        "variables",
    )

    def __init__(self, data: bytes, ops: Mapping[int, BuildFunction]) -> None:
        self.reader = packed.Reader(data)
        self.ops = ops
        self.depth = 0
        self.variables: dict[bytes, tuple[int, int]] = {}  # name → (slot, type)
        self.max_variables = 0
        self.reads_bins: set[str] = set()
        self.reads_metadata = False
        self.reads_key = False
        self.reads_digest = False

    def next(self) -> Node:
        """Build the expression at the reader; raises ExpressionError or PackedError."""
        reader = self.reader
        start = reader.at
        kind, value = reader.token()
        if kind != packed.LIST:
            return self._value(kind, value, start)
        if not value:
            raise ExpressionError("an empty list is no expression")
        op = reader.integer()
        build = self.ops.get(op)
        if build is None:
            raise ExpressionError(f"no expression op {op}")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"expressions nested deeper than {MAX_DEPTH}")
        assert isinstance(value, int)
        node = build(self, op, value - 1)
        self.depth -= 1
        return node

    def typed(self, *types: int) -> Node:
        """Build the next expression, which must be of one of `types`."""
        node = self.next()
        if node.type not in types:
            raise ExpressionError(f"an argument of type {node.type}, not {types}")
        return node

    def unsigned(self) -> int:
        """Read an integer parameter; negative ones become huge, as in the server."""
        return self.reader.integer() & _UNSIGNED

    def name(self) -> str:
        """Read a bin's name: at most 15 bytes, no NUL."""
        raw = self.reader.raw()
        if len(raw) > 15 or b"\0" in raw:
            raise ExpressionError("a bin name that cannot be")
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            raise ExpressionError("a bin name that is not UTF-8") from None
        self.reads_bins.add(name)
        return name

    def _value(self, kind: int, value: Any, start: int) -> Node:
        if kind in (packed.INTEGER, packed.NEGATIVE):
            return constant(Type.INT, value)
        if kind == packed.DOUBLE:
            return constant(Type.FLOAT, value)
        if kind == packed.STRING:
            return constant(Type.STR, value[1:])
        if kind in (packed.FALSE, packed.TRUE):
            return constant(Type.TRILEAN, kind == packed.TRUE)
        if kind == packed.NIL:
            return constant(Type.NIL, None)
        return self._rare_value(kind, value, start)

    def _rare_value(self, kind: int, value: Any, start: int) -> Node:
        if kind == packed.BYTES:
            if value[:1] == bytes((_BLOB_PREFIX,)):
                return constant(Type.BLOB, value[1:])
            if value[:1] == bytes((_HLL_PREFIX,)):
                return constant(Type.HLL, value[1:])
            raise ExpressionError("a blob of an unexpected type")
        if kind == packed.GEOJSON:
            if not geo.valid(value[1:]):
                raise ExpressionError("invalid GeoJSON")
            return constant(Type.GEOJSON, value[1:])
        if kind == packed.MAP:
            self.reader.skip(value)
        span = self.reader.data[start : self.reader.at]
        return constant(Type.MAP if kind == packed.MAP else Type.END, span)


BuildFunction: TypeAlias = "Callable[[Builder, int, int], Node]"


def constant(type: int, value: Any) -> Node:
    """Make the node of a value that the packed expression holds."""

    def evaluate(context: Context) -> Any:
        return value

    return Node(evaluate, type, value)


def expect(count: int, wanted: int) -> None:
    """Check an op's number of arguments."""
    if count != wanted:
        raise ExpressionError(f"{count} arguments, not {wanted}")


def is_constant(node: Node) -> bool:
    """Tell whether a node's value is known at build time."""
    return node.constant is not VARIABLE
