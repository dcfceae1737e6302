"""Operations that read or write the value of a compiled expression."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.operations.shapes import Op

__all__ = [
    "expression_read",
    "expression_write",
]


def expression_read(bin_name: str, expression: Any, expression_read_flags: Any = 0) -> Op:
    """Answer with the value of a compiled expression as bin `bin_name`."""
    return {
        "op": a.OP_EXPR_READ,
        "bin": bin_name,
        "expr": expression,
        "expr_flags": expression_read_flags,
    }


def expression_write(bin_name: str, expression: Any, expression_write_flags: Any = 0) -> Op:
    """Set a bin to the value of a compiled expression."""
    return {
        "op": a.OP_EXPR_WRITE,
        "bin": bin_name,
        "expr": expression,
        "expr_flags": expression_write_flags,
    }
