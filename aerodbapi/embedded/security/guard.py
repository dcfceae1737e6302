"""What one user may do: asked before every command, with the privileges of that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Outcome, Refused, message_frame
from aerodbapi.embedded.security.privileges import (
    INFO_PERMISSIONS,
    PERMISSION_NAMES,
    Permission,
)
from aerodbapi.protocol.flags import FieldType, Info1, Info2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aerodbapi.embedded.records import Command
    from aerodbapi.embedded.security.accounts import Effective
    from aerodbapi.embedded.security.quotas import Meters
    from aerodbapi.protocol.message import Message

__all__ = ["Guard"]

_ROLE_VIOLATION: Final = 81
_QUOTA_EXCEEDED: Final = 83
#: Transactions keep their books here: whoever writes in the namespace writes here too.
_MONITORS: Final = "<ERO~MRT"


class Guard:
    """One user's privileges and quotas, for one command."""

    __slots__ = ("_effective", "_meters", "user")

    def __init__(self, user: str, effective: Effective, meters: Meters) -> None:
        self.user = user
        self._effective = effective
        self._meters = meters

    def allows(self, needed: int, namespace: str = "", set_name: str = "") -> bool:
        """Tell whether the user has all needed permissions on a set."""
        return self._effective.allows(needed, namespace, set_name)

    def record(self, namespace: str, command: Command) -> None:
        """Refuse (81) a record's command without privilege, (83) one over the quota."""
        needed = _needed(command)
        if command.set_name == _MONITORS:
            allowed = self._effective.allows_within(Permission.WRITE, namespace)
        else:
            allowed = self._effective.allows(needed, namespace, command.set_name)
        if not allowed:
            raise Refused(_ROLE_VIOLATION)
        writes = bool(command.info2 & Info2.WRITE)
        quota = self._quota(writes=writes)
        if not self._meters.of(self.user, writes=writes).take(quota):
            raise Refused(_QUOTA_EXCEEDED)

    def query(self, namespace: str, message: Message) -> None:
        """Refuse (81) a query without privilege; the set is the one that it names."""
        raw = message.field(FieldType.SET) or b""
        set_name = raw.decode("utf-8", "surrogateescape")
        if message.field(FieldType.UDF_PACKAGE) is not None:
            needed = Permission.UDF_QUERY
        elif message.info2 & Info2.WRITE:
            needed = Permission.OPS_QUERY
        else:
            needed = Permission.QUERY
        if not self._effective.allows(needed, namespace, set_name):
            raise Refused(_ROLE_VIOLATION)

    def metered(self, message: Message, frames: Iterator[bytes]) -> Iterator[bytes]:
        """Pass a query's reply on while its rate is reserved; answers 83 when there is no room."""
        writes = bool(message.info2 & Info2.WRITE)
        rate = int.from_bytes(message.field(FieldType.RECS_PER_SEC) or b"", "big")
        meter = self._meters.of(self.user, writes=writes)
        if not meter.reserve(rate, self._quota(writes=writes)):
            yield message_frame(Outcome(_QUOTA_EXCEEDED))
            return
        try:
            yield from frames
        finally:
            meter.release(rate)

    def info(self, command: str, parameters: Mapping[str, str]) -> str:
        """Give the refusal of an info command as its answer, or "" when it is allowed."""
        needed = INFO_PERMISSIONS.get(command, 0)
        if not needed:
            return ""
        namespace = parameters.get("namespace") or parameters.get("ns") or ""
        set_name = parameters.get("set", "")
        if self._effective.allows(needed, namespace, set_name):
            return ""
        what = PERMISSION_NAMES[needed]
        return f"ERROR:{_ROLE_VIOLATION}:role violation - requires permission '{what}'"

    def _quota(self, *, writes: bool) -> int:
        effective = self._effective
        return effective.write_quota if writes else effective.read_quota


def _needed(command: Command) -> int:
    """Give the permissions that a record's command needs."""
    needed = Permission.READ if command.info1 & Info1.READ else 0
    if command.info2 & Info2.WRITE:
        needed |= Permission.DELETE if command.info2 & Info2.DELETE else Permission.WRITE
        if command.udf is not None:
            needed |= Permission.UDF_APPLY
    return needed
