"""Privileges: their codes on the wire, what each permits, and the predefined roles.

Codes are those of the C client's `as_admin.h`; permissions and the info commands that need
one are named as the server names them in its answers (thr_info.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "INFO_PERMISSIONS",
    "PERMISSION_NAMES",
    "PERMITS",
    "PREDEFINED_ROLES",
    "Permission",
    "Privilege",
    "decode_names",
    "decode_privileges",
    "encode_names",
    "encode_privileges",
]

_FIELD: Final = 55
_PRIVILEGE: Final = 72
_MAX_NAMESPACE: Final = 31
_MAX_SET: Final = 63
#: Privileges from this code on name a namespace and a set, both possibly empty.
_FIRST_SCOPED: Final = 10


class Permission:
    """What one command needs; a set of them is their bitwise or."""

    READ: Final = 0x0001
    QUERY: Final = 0x0002
    WRITE: Final = 0x0004
    DELETE: Final = 0x0008
    UDF_APPLY: Final = 0x0010
    UDF_QUERY: Final = 0x0020
    OPS_QUERY: Final = 0x0040
    UDF_ADMIN: Final = 0x010000
    SINDEX_ADMIN: Final = 0x020000
    QUERY_ADMIN: Final = 0x040000
    TRUNCATE: Final = 0x080000
    EVICT_ADMIN: Final = 0x100000
    RECORD_INFO: Final = 0x200000
    SET_CONFIG: Final = 0x01000000
    LOGGING: Final = 0x02000000
    SERVICE: Final = 0x04000000
    USER_ADMIN: Final = 0x100000000000


class Privilege(NamedTuple):
    """One privilege. `namespace` "": all namespaces; `set_name` "": all sets of it."""

    code: int
    namespace: str = ""
    set_name: str = ""


_READ: Final = Permission.READ | Permission.QUERY
_WRITE: Final = Permission.WRITE | Permission.DELETE | Permission.OPS_QUERY
_UDF: Final = Permission.UDF_APPLY | Permission.UDF_QUERY
_DATA_ADMIN: Final = (
    Permission.UDF_ADMIN
    | Permission.SINDEX_ADMIN
    | Permission.QUERY_ADMIN
    | Permission.TRUNCATE
    | Permission.EVICT_ADMIN
    | Permission.RECORD_INFO
)
_SYS_ADMIN: Final = _DATA_ADMIN | Permission.SET_CONFIG | Permission.LOGGING | Permission.SERVICE

#: Privilege code → what it permits.
PERMITS: Final[Mapping[int, int]] = {
    0: Permission.USER_ADMIN,
    1: _SYS_ADMIN,
    2: _DATA_ADMIN,
    3: Permission.UDF_ADMIN,
    4: Permission.SINDEX_ADMIN,
    10: _READ,
    11: _READ | _WRITE,
    12: _READ | _WRITE | _UDF,
    13: _WRITE,
    14: Permission.TRUNCATE,
}

#: Roles that every server has, and that nobody can change.
PREDEFINED_ROLES: Final[Mapping[str, Privilege]] = {
    "user-admin": Privilege(0),
    "sys-admin": Privilege(1),
    "data-admin": Privilege(2),
    "udf-admin": Privilege(3),
    "sindex-admin": Privilege(4),
    "read": Privilege(10),
    "read-write": Privilege(11),
    "read-write-udf": Privilege(12),
    "write": Privilege(13),
    "truncate": Privilege(14),
}

#: Names of the permissions that info commands need, as the refusal spells them.
PERMISSION_NAMES: Final[Mapping[int, str]] = {
    Permission.UDF_ADMIN: "udf-admin",
    Permission.SINDEX_ADMIN: "sindex-admin",
    Permission.QUERY_ADMIN: "query-admin",
    Permission.TRUNCATE: "truncate",
    Permission.EVICT_ADMIN: "evict-admin",
    Permission.RECORD_INFO: "record-info",
    Permission.SET_CONFIG: "set-config",
    Permission.LOGGING: "logging-ctrl",
    Permission.SERVICE: "service-ctrl",
}

#: Info commands that need a permission; every other one needs a login and nothing else.
INFO_PERMISSIONS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("config-set", "set-config"), Permission.SET_CONFIG),
    **dict.fromkeys(("debug-record", "debug-record-meta"), Permission.RECORD_INFO),
    **dict.fromkeys(
        (
            *("dump-cluster", "dump-fabric", "dump-hb", "dump-hlc", "dump-migrates", "dump-rw"),
            *("dump-skew", "dump-wb-summary", "jem-stats", "log-message", "log-set", "set-log"),
        ),
        Permission.LOGGING,
    ),
    "eviction-reset": Permission.EVICT_ADMIN,
    **dict.fromkeys(("query-abort", "query-abort-all"), Permission.QUERY_ADMIN),
    **dict.fromkeys(
        (
            *("quiesce", "quiesce-undo", "recluster", "revive", "roster-set"),
            *("services-alumni-reset", "tip", "tip-clear"),
        ),
        Permission.SERVICE,
    ),
    **dict.fromkeys(("sindex-create", "sindex-delete", "sindex-exists"), Permission.SINDEX_ADMIN),
    **dict.fromkeys(
        ("truncate", "truncate-undo", "truncate-namespace", "truncate-namespace-undo"),
        Permission.TRUNCATE,
    ),
    **dict.fromkeys(("udf-put", "udf-remove", "udf-clear-cache"), Permission.UDF_ADMIN),
}


def decode_names(value: bytes) -> list[str]:
    """Read the names of a ROLES field: a count, then names with their lengths; Refused(55)."""
    names, at = [], 1
    for _ in range(_first(value)):
        name, at = _text(value, at)
        names.append(name)
    _check_end(value, at)
    return names


def encode_names(names: Sequence[str]) -> bytes:
    """Write the value of a ROLES field; names beyond the 255th have no place in it."""
    parts = [bytes((min(len(names), 255),))]
    parts += [_counted(name) for name in names[:255]]
    return b"".join(parts)


def decode_privileges(value: bytes) -> list[Privilege]:
    """Read a PRIVILEGES field; Refused(72) for an unknown code or none, (55) when cut off."""
    privileges, at = [], 1
    for _ in range(_first(value)):
        if at >= len(value):
            raise Refused(_FIELD)
        code, namespace, set_name = value[at], "", ""
        if code not in PERMITS:
            raise Refused(_PRIVILEGE)
        at += 1
        if code >= _FIRST_SCOPED:
            namespace, at = _text(value, at)
            set_name, at = _text(value, at)
        privileges.append(_checked(Privilege(code, namespace, set_name)))
    _check_end(value, at)
    if not privileges:
        raise Refused(_PRIVILEGE)
    return privileges


def encode_privileges(privileges: Sequence[Privilege]) -> bytes:
    """Write the value of a PRIVILEGES field."""
    parts = [bytes((min(len(privileges), 255),))]
    for code, namespace, set_name in privileges[:255]:
        parts.append(bytes((code,)))
        if code >= _FIRST_SCOPED:
            parts += (_counted(namespace), _counted(set_name))
    return b"".join(parts)


def _checked(privilege: Privilege) -> Privilege:
    """Refuse (72) a set without its namespace, and names that are too long."""
    _, namespace, set_name = privilege
    too_long = len(namespace.encode()) > _MAX_NAMESPACE or len(set_name.encode()) > _MAX_SET
    if too_long or (set_name and not namespace):
        raise Refused(_PRIVILEGE)
    return privilege


def _first(value: bytes) -> int:
    if not value:
        raise Refused(_FIELD)
    return value[0]


def _text(value: bytes, at: int) -> tuple[str, int]:
    if at >= len(value) or at + 1 + value[at] > len(value):
        raise Refused(_FIELD)
    end = at + 1 + value[at]
    try:
        return value[at + 1 : end].decode(), end
    except UnicodeDecodeError:
        raise Refused(_FIELD) from None


def _counted(name: str) -> bytes:
    raw = name.encode()
    return bytes((len(raw),)) + raw


def _check_end(value: bytes, at: int) -> None:
    if at != len(value):
        raise Refused(_FIELD)
