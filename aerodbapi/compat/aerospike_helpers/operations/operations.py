"""Operations on whole bins and records, for operate() and batches, as dictionaries."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.operations.shapes import Ctx, Op, given

__all__ = [
    "append",
    "delete",
    "increment",
    "modify_by_path",
    "prepend",
    "read",
    "select_by_path",
    "touch",
    "write",
]


def read(bin_name: str) -> Op:
    """Read a bin."""
    return {"op": a.OPERATOR_READ, "bin": bin_name}


def write(bin_name: str, write_item: Any) -> Op:
    """Write a bin; None removes it."""
    return {"op": a.OPERATOR_WRITE, "bin": bin_name, "val": write_item}


def delete() -> Op:
    """Remove all bins, and so the record."""
    return {"op": a.OPERATOR_DELETE}


def append(bin_name: str, append_item: Any) -> Op:
    """Put text or bytes behind those of a bin."""
    return {"op": a.OPERATOR_APPEND, "bin": bin_name, "val": append_item}


def prepend(bin_name: str, prepend_item: Any) -> Op:
    """Put text or bytes before those of a bin."""
    return {"op": a.OPERATOR_PREPEND, "bin": bin_name, "val": prepend_item}


def increment(bin_name: str, amount: Any) -> Op:
    """Add to the number in a bin."""
    return {"op": a.OPERATOR_INCR, "bin": bin_name, "val": amount}


def touch(ttl: int | None = None) -> Op:
    """Renew the TTL (`ttl` None: by the policy) and count up the generation."""
    return given({"op": a.OPERATOR_TOUCH}, val=ttl)


def select_by_path(bin_name: str, ctx: Ctx, flags: int) -> Op:
    """Read the elements that `ctx` selects; `flags` are EXP_PATH_SELECT_*."""
    return {"op": a._AS_OPERATOR_CDT_READ, "bin": bin_name, "ctx": ctx, "cdt_flags": flags}


def modify_by_path(bin_name: str, ctx: Ctx, expr: Any, flags: int) -> Op:
    """Replace the elements that `ctx` selects by the value of `expr`."""
    return {
        "op": a._AS_OPERATOR_CDT_MODIFY,
        "bin": bin_name,
        "ctx": ctx,
        "mod_exp": expr,
        "cdt_flags": flags,
    }
