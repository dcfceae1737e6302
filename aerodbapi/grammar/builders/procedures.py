"""`CALL sys.name(…)`: the plain SQL spelling of what AQL has statements for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.grammar.ast import (
    Expr,
    Info,
    Kill,
    Literal,
    Module,
    Setting,
    Span,
    Statistics,
)
from aerodbapi.grammar.refusal import Refusal, refuse
from aerodbapi.grammar.settings import SETTINGS

__all__ = ["PROCEDURES", "SCHEMA", "unknown"]

SCHEMA: Final = "sys"

_Build = Callable[[tuple[Expr, ...], Span], Any]


def unknown(name: str, span: Span) -> Refusal:
    """Refuse a procedure that there is not."""
    import difflib

    close = difflib.get_close_matches(name.lower(), PROCEDURES, n=1)
    known = ", ".join(sorted(PROCEDURES))
    hint = f"did you mean {SCHEMA}.{close[0]}?" if close else f"{SCHEMA} has {known}"
    return refuse(span, f"there is no procedure {SCHEMA}.{name}", hint=hint)


def _taking(low: int, high: int, build: Callable[..., Any]) -> _Build:
    """A procedure of `low` to `high` arguments."""

    def checked(arguments: tuple[Expr, ...], span: Span) -> Any:
        if not low <= len(arguments) <= high:
            counts = str(low) if low == high else f"{low} to {high}"
            raise refuse(span, f"this procedure takes {counts} arguments, not {len(arguments)}")
        return build(span, *arguments)

    return checked


def _text(argument: Expr) -> str:
    if isinstance(argument, Literal) and isinstance(argument.value, str):
        return argument.value
    raise refuse(argument.span, "a text in quotes is wanted here")


def _statistics(span: Span, kind: Expr, *names: Expr) -> Statistics:
    word = _text(kind).upper()
    wanted = {"SYSTEM": 0, "NAMESPACE": 1, "INDEX": 2}.get(word)
    if wanted != len(names):
        raise refuse(
            span,
            "stat('system'), stat('namespace', ns) or stat('index', ns, name)",
        )
    return Statistics(word, tuple(map(_text, names)), span=span)  # type: ignore[arg-type]


def _setting(verb: Any) -> Callable[..., Setting]:
    def build(span: Span, name: Expr, value: Expr | None = None) -> Setting:
        wanted = _text(name).upper()
        if wanted not in SETTINGS and not (wanted == "ALL" and verb != "SET"):
            raise refuse(name.span, f"there is no setting {wanted}")
        return Setting(verb, wanted, value, span=span)

    return build


PROCEDURES: Final[Mapping[str, _Build]] = MappingProxyType(
    {
        "register_module": _taking(
            1, 2, lambda span, name, source=None: Module("REGISTER", name, source, span=span)
        ),
        "remove_module": _taking(1, 1, lambda span, name: Module("REMOVE", name, span=span)),
        "describe_module": _taking(1, 1, lambda span, name: Module("DESC", name, span=span)),
        "info": _taking(1, 1, lambda span, command: Info(command, span=span)),
        "stat": _taking(1, 3, _statistics),
        "kill_query": _taking(1, 1, lambda span, job: Kill("QUERY", job, span=span)),
        "kill_scan": _taking(1, 1, lambda span, job: Kill("SCAN", job, span=span)),
        "set": _taking(2, 2, _setting("SET")),
        "get": _taking(1, 1, _setting("GET")),
        "reset": _taking(1, 1, _setting("RESET")),
    }
)
