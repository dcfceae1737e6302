"""WITH (…) behind a statement that writes: how it changes the write policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import ProgrammingError
from aerodbapi.frozen import replace
from aerodbapi.native.policies import WritePolicy
from aerodbapi.plan.values import resolve
from aerodbapi.protocol.flags import TTL_KEEP, TTL_NEVER

if TYPE_CHECKING:
    from aerodbapi.dbapi.session import Session

__all__ = ["write_policy"]

_TTL_NAMES: Final = {"default": 0, "never": TTL_NEVER, "keep": TTL_KEEP}
_TTL_SIGNED: Final = {-1: TTL_NEVER, -2: TTL_KEEP}


def write_policy(
    session: Session, options: Sequence[tuple[str, Any]], values: Sequence[Any]
) -> WritePolicy:
    """The session's write policy, changed by WITH (…)."""
    changes: dict[str, Any] = {}
    for name, value in options:
        bound = resolve(value, values)
        if name in ("ttl", "__ttl"):
            changes["ttl"] = _ttl(bound)
        elif name in ("gen", "generation"):
            changes |= {"gen": "equal", "generation": _generation(name, bound)}
        elif name == "commit":
            if bound not in ("all", "master"):
                raise ProgrammingError(f"WITH (commit = …) takes 'all' or 'master', not {bound!r}")
            changes["commit"] = bound
        elif name in ("durable_delete", "send_key"):
            if not isinstance(bound, bool):
                raise ProgrammingError(f"WITH ({name} = …) takes true or false, not {bound!r}")
            changes[name] = bound
        else:
            raise ProgrammingError(
                f"unknown option {name!r} in WITH; known: ttl, gen, durable_delete, send_key, "
                "commit"
            )
    return replace(session.write_policy, **changes) if changes else session.write_policy


def _generation(name: str, value: Any) -> int:
    """The generation that the record must have; the server keeps 16 bits of it."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 0xFFFF:
        raise ProgrammingError(f"WITH ({name} = …) takes a generation of 0 to 65535, not {value!r}")
    return value


def _ttl(value: Any) -> int:
    if isinstance(value, str) and value.lower() in _TTL_NAMES:
        return _TTL_NAMES[value.lower()]
    if isinstance(value, bool) or not isinstance(value, int) or not -2 <= value <= TTL_NEVER:
        raise ProgrammingError(
            f"ttl is seconds, 0 (the namespace's default), -1 (never) or -2 (keep), not {value!r}"
        )
    return _TTL_SIGNED.get(value, value)
