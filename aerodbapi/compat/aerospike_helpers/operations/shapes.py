"""What the operations' dictionaries are made of."""

from __future__ import annotations

from typing import Any, Union

__all__ = ["Ctx", "Op", "Policy", "given"]

#: {"op": the code, "bin": name, "val": value, …}: what operate() takes a list of.
Op = dict[str, Any]
Policy = Union[dict[str, Any], None]
Ctx = Union[list[Any], None]


def given(op: Op, /, **arguments: Any) -> Op:
    """Add the arguments that are not None, and of lists and dictionaries those not empty."""
    for name, value in arguments.items():
        if value is not None and not (value == {} or value == []):
            op[name] = value
    return op
