"""Warnings of what the official client is going to drop (DeprecationWarning), in its words."""

from __future__ import annotations

import sys
import warnings
from typing import Any, Final

from aerodbapi.compat.aerospike import constants as a

__all__ = ["old_index", "old_meta", "old_operations", "warn"]

_PACKAGE: Final = "aerodbapi."
_META_TTL: Final = 'meta["ttl"] is deprecated and will be removed in the next client major release.'
_TOUCH: Final = "TTL should be specified in the policy parameter for operate"
_TEXT: Final = (
    "aerospike_helpers.operations.operations.{} is deprecated for strings in server 8.2.0 or "
    "higher."
)
_ON_TEXT: Final = {a.OPERATOR_APPEND: "append", a.OPERATOR_PREPEND: "prepend"}


def warn(message: str) -> None:
    """Warn where the program calls this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DeprecationWarning, stacklevel=level)


def old_meta(meta: Any) -> None:
    """Warn of a TTL in metadata."""
    if isinstance(meta, dict) and "ttl" in meta:
        warn(_META_TTL)


def old_operations(ops: Any) -> None:
    """Warn of a TTL in a touch, and of the operations on text that have followers."""
    for op in ops if isinstance(ops, list) else ():
        code = op.get("op") if isinstance(op, dict) else None
        if code == a.OPERATOR_TOUCH and op.get("val"):
            warn(_TOUCH)
        elif code in _ON_TEXT and isinstance(op.get("val"), str):
            warn(_TEXT.format(_ON_TEXT[code]))


def old_index(method: str) -> None:
    """Warn of a method that creates an index of one type."""
    warn(f"{method}() is deprecated. Please use index_single_value_create() instead")
