"""The dictionaries of operations and their policies, and how the helpers build them."""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["HLLPolicy", "ListPolicy", "MapPolicy", "Operation", "build", "with_given"]

#: {"op": an OPERATOR_* or a helper's code, "bin": name, "val": value, …}
Operation = dict[str, Any]


class ListPolicy(TypedDict, total=False):
    """`order`: LIST_ORDERED or LIST_UNORDERED. `flags`: LIST_WRITE_*."""

    order: int
    flags: int


class MapPolicy(TypedDict, total=False):
    """`order`: MAP_*ORDERED. `write_mode`: MAP_UPDATE, MAP_UPDATE_ONLY or MAP_CREATE_ONLY."""

    order: int
    write_mode: int


class HLLPolicy(TypedDict, total=False):
    """`flags`: HLL_WRITE_*."""

    flags: int


def build(code: int, bin: str, /, **arguments: Any) -> Operation:
    """An operation's dictionary."""
    return {"op": code, "bin": bin, **arguments}


def with_given(op: Operation, **arguments: Any) -> Operation:
    """Add those arguments that are not None."""
    op.update((name, value) for name, value in arguments.items() if value is not None)
    return op


#: Stands for an argument that was not given, in `_build_op`.
_UNSET: Any = object()


def _build_op(op_code: int, bin: str, /, **kwargs: Any) -> Operation:
    """What aerospike-py's own helpers are built on; programs import it."""
    return {"op": op_code, "bin": bin} | {k: v for k, v in kwargs.items() if v is not _UNSET}
