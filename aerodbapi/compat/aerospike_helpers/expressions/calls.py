"""How expressions on the inside of a bin split their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aerodbapi.compat.aerospike_helpers.expressions.resources import (
    Split,
    _BaseExpr,
    _ExprOp,
    _GenericExpr,
)

__all__ = ["bits", "collection", "hll"]

_INVERTED = 0x10000
_FIXED = frozenset({"ctx", "policy", "return_type", "value_type", "inverted", "bin", "order"})
#: Arguments for which None means no end, so as not to mean nil.
_OPEN = frozenset({"end", "value_end"})


def _outer(given: dict[str, Any], bin_type: Callable[[Any], _BaseExpr]) -> _BaseExpr:
    bin = given["bin"]
    return bin if isinstance(bin, _BaseExpr) else bin_type(bin)


def collection(bin_type: Callable[[Any], _BaseExpr], policy_op: int = 0) -> Split:
    """Of lists and maps: children are the command's arguments, the policy and the bin."""
    from aerodbapi.types import INFINITY

    policy_key = "list_policy" if policy_op < _ExprOp._AS_EXP_CODE_CDT_MAP_CRMOD else "map_policy"

    def split(given: dict[str, Any]) -> tuple[dict[str, Any], tuple[Any, ...]]:
        children = [
            INFINITY if value is None and name in _OPEN else value
            for name, value in given.items()
            if name not in _FIXED
        ]
        fixed = _fixed(given)
        policy = given.get("policy")
        if policy_op:
            chosen = {} if policy is None else {policy_key: policy}
            children.append(_GenericExpr(policy_op, 0, chosen))
            fixed |= chosen
        return fixed, (*children, _outer(given, bin_type))

    return split


def _fixed(given: dict[str, Any]) -> dict[str, Any]:
    fixed: dict[str, Any] = {}
    if "value_type" in given:
        fixed["value_type"] = given["value_type"]
    if "return_type" in given or "inverted" in given:
        inverted = _INVERTED if given.get("inverted") else 0
        fixed["return_type"] = given.get("return_type", 0) | inverted
    if "order" in given:
        fixed["list_order"] = given["order"]
    if given.get("ctx") is not None:
        fixed["ctx"] = given["ctx"]
    return fixed


def bits(bin_type: Callable[[Any], _BaseExpr]) -> Split:
    """Of blobs: arguments, the policy's flags, then flags or action of the command, the bin."""

    def split(given: dict[str, Any]) -> tuple[None, tuple[Any, ...]]:
        children = [
            value
            for name, value in given.items()
            if name not in ("policy", "flags", "action", "bin")
        ]
        if "policy" in given:
            children.append(_flags((given["policy"] or {}).get("bit_write_flags", 0)))
        children += [_flags(given[name]) for name in ("flags", "action") if name in given]
        return None, (*children, _outer(given, bin_type))

    return split


def _flags(value: int) -> _BaseExpr:
    return _GenericExpr(_ExprOp._AS_EXP_BIT_FLAGS, 0, {"val": value})


def hll(bin_type: Callable[[Any], _BaseExpr]) -> Split:
    """Of HLLs: arguments (-1 for bit counts that are None), the policy's flags, the bin."""

    def split(given: dict[str, Any]) -> tuple[None, tuple[Any, ...]]:
        children = [
            -1 if value is None and name.endswith("_bit_count") else value
            for name, value in given.items()
            if name not in ("policy", "bin")
        ]
        if "policy" in given:
            children.append((given["policy"] or {}).get("flags", 0))
        return None, (*children, _outer(given, bin_type))

    return split
