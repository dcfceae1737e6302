"""From the commands of `protocol` to operations on a named bin; expression and path operations."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec

from aerodbapi.errors import ParameterError
from aerodbapi.protocol import cdt, path_commands
from aerodbapi.protocol.bin_commands import BinCommand, integer
from aerodbapi.protocol.bin_commands import operation as bin_operation
from aerodbapi.protocol.expressions import Exp, lower_expression
from aerodbapi.protocol.flags import OpType, ParticleType
from aerodbapi.protocol.message import Operation
from aerodbapi.protocol.path_commands import PathModify, PathSelect

__all__ = [
    "ExpRead",
    "ExpWrite",
    "PathModify",
    "PathSelect",
    "command_operation",
    "expression_read",
    "expression_write",
    "modify_by_path",
    "named",
    "operation",
    "select_by_path",
]

_P = ParamSpec("_P")


class ExpRead:
    """Flags of expression_read; EVAL_NO_FAIL: what is unknown is None."""

    DEFAULT: Final = 0
    EVAL_NO_FAIL: Final = 0x10


class ExpWrite:
    """Flags of expression_write.

    ALLOW_DELETE: nil removes the bin. POLICY_NO_FAIL, EVAL_NO_FAIL: do nothing instead of
    failing when CREATE_ONLY or UPDATE_ONLY forbid it, or when the value is unknown.
    """

    DEFAULT: Final = 0
    CREATE_ONLY: Final = 1
    UPDATE_ONLY: Final = 2
    ALLOW_DELETE: Final = 4
    POLICY_NO_FAIL: Final = 8
    EVAL_NO_FAIL: Final = 0x10


def command_operation(bin: str, command: BinCommand) -> Operation:
    """The operation that carries `command` to `bin`."""
    return bin_operation(named(bin), command)


def named(bin: str) -> str:
    """Return a bin's name; raises ParameterError for what is no text."""
    if not isinstance(bin, str):
        raise ParameterError(f"a bin's name is str, not {type(bin).__name__}", result_code=-2)
    return bin


def operation(build: Callable[_P, BinCommand]) -> Callable[Concatenate[str, _P], Operation]:
    """The operation function of a command: the bin, then the command's own arguments."""

    def on_bin(bin: str, /, *args: _P.args, **kwargs: _P.kwargs) -> Operation:
        return command_operation(bin, build(*args, **kwargs))

    functools.update_wrapper(on_bin, build)
    plain: Any = on_bin
    del plain.__wrapped__
    signature = inspect.signature(build)
    first = inspect.Parameter("bin", inspect.Parameter.POSITIONAL_ONLY)
    plain.__signature__ = signature.replace(
        parameters=[first, *signature.parameters.values()], return_annotation=Operation
    )
    return on_bin


select_by_path = operation(path_commands.select_by_path)
modify_by_path = operation(path_commands.modify_by_path)


def expression_read(bin: str, expression: Exp, flags: int = ExpRead.DEFAULT) -> Operation:
    """Answer with the value of `expression` under the name `bin`, which need not exist."""
    return _expression(OpType.EXP_READ, bin, expression, flags)


def expression_write(bin: str, expression: Exp, flags: int = ExpWrite.DEFAULT) -> Operation:
    """Set `bin` to the value of `expression`; `flags` are ExpWrite's."""
    return _expression(OpType.EXP_MODIFY, bin, expression, flags)


def _expression(op: int, bin: str, expression: Exp, flags: int) -> Operation:
    payload = cdt.pack_lowered([lower_expression(expression), integer("flags", flags)])
    return Operation(op, bin, ParticleType.BLOB, payload)
