"""Nodes of statements about users, roles and privileges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.grammar.ast import (
    CreateRole,
    CreateUser,
    DropPrincipal,
    Expr,
    Grant,
    Literal,
    Parameter,
    PrivilegeName,
    SetPassword,
    SetQuotas,
    SetWhitelist,
)
from aerodbapi.grammar.builders.commands import word
from aerodbapi.grammar.builders.pieces import Clause, Name, place
from aerodbapi.grammar.refusal import refuse

__all__ = ["PRIVILEGES", "RULES"]

#: Privileges, and whether they may be limited to a namespace and a set.
PRIVILEGES: Final[Mapping[str, bool]] = MappingProxyType(
    dict.fromkeys(("user-admin", "sys-admin", "data-admin", "udf-admin", "sindex-admin"), False)
    | dict.fromkeys(("read", "read-write", "read-write-udf", "write", "truncate"), True)
)
_LARGEST_QUOTA: Final = 0xFFFFFFFF


def _secret(c: list[Any]) -> Expr:
    given = c[0]
    if isinstance(given, Name):
        return Literal(given.text, span=given.span)
    index, name = given.value
    return Parameter(index, name, span=place(c))


def _texts(names: tuple[Name, ...] | None) -> tuple[str, ...]:
    return tuple(name.text for name in names or ())


def _create_user(c: list[Any]) -> CreateUser:
    roles = _texts(c[6]) if len(c) > 5 else ()
    return CreateUser(c[2].text, c[4], roles, span=place(c))


def _drop(c: list[Any]) -> DropPrincipal:
    guarded = any(isinstance(part, Clause) for part in c)
    return DropPrincipal(c[1].upper(), c[-1].text, guarded, span=place(c))


def _privilege(c: list[Any]) -> PrivilegeName:
    parts, span = c[0], place(c)
    name = parts[0].text.lower().replace("_", "-")
    if name not in PRIVILEGES:
        import difflib

        close = difflib.get_close_matches(name, PRIVILEGES, n=1)
        raise refuse(
            parts[0].span,
            f"syntax error near token '{parts[0].text}': there is no such privilege",
            hint=f"did you mean {close[0]}?" if close else f"expected {', '.join(PRIVILEGES)}",
        )
    if len(parts) > 3 or (len(parts) > 1 and not PRIVILEGES[name]):
        scope = "one namespace and set" if PRIVILEGES[name] else "the whole cluster"
        raise refuse(span, f"the privilege {name} is for {scope}")
    namespace, set_name = ([part.text for part in parts[1:]] + ["", ""])[:2]
    return PrivilegeName(name, namespace, set_name, span=span)


def _create_role(c: list[Any]) -> CreateRole:
    fields: dict[str, Any] = {}
    for part in c[3]:
        if part.kind in fields:
            raise refuse(part.span, f"{part.kind} stands twice")
        fields[part.kind] = part.value
    return CreateRole(c[2].text, **fields, span=place(c))


def _role_part(c: list[Any]) -> Clause:
    word_, value = str(c[0]).lower(), c[1]
    return Clause(word_, value, place(c))


def _address(c: list[Any]) -> tuple[str, ...]:
    """Addresses of one text: several may stand in it, joined by commas."""
    found = [address.strip() for address in word(c[0]).split(",")]
    if not all(found):
        raise refuse(place(c), "an address is missing")
    return tuple(found)


def _grant(c: list[Any]) -> Grant:
    names = c[2]
    revoke = c[0].upper() == "REVOKE"
    if isinstance(names[0], PrivilegeName):
        return Grant(c[-1].text, privileges=names, revoke=revoke, span=place(c))
    return Grant(c[-1].text, _texts(names), revoke=revoke, span=place(c))


def _set_whitelist(c: list[Any]) -> SetWhitelist:
    addresses = c[2] if isinstance(c[2], tuple) else ()
    return SetWhitelist(c[-1].text, addresses, span=place(c))


def _quota(c: list[Any]) -> int:
    token = c[-1]
    if not token.isdigit() or len(token) > 10 or int(token) > _LARGEST_QUOTA:
        raise refuse(place(c), f"syntax error near token '{token}': expected records per second")
    return int(token)


def _set_quotas(c: list[Any]) -> SetQuotas:
    fields: dict[str, int] = {}
    for kind, quota in c[2]:
        if kind in fields:
            raise refuse(place(c), f"{kind.upper()} stands twice")
        fields[kind] = quota
    return SetQuotas(c[-1].text, **fields, span=place(c))


RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        "create_user": _create_user,
        "drop_principal": _drop,
        "create_role": _create_role,
        "role_part": _role_part,
        "grant": _grant,
        "set_password": lambda c: SetPassword(
            c[2], c[4].text if len(c) > 3 else None, span=place(c)
        ),
        "set_whitelist": _set_whitelist,
        "set_quotas": _set_quotas,
        "quota_part": lambda c: (c[0].lower(), c[1]),
        "quota": _quota,
        "quota_word": lambda c: None,
        "role_word": lambda c: "roles",
        "privilege_word": lambda c: "privileges",
        "principal": lambda c: Name(word(c[0]), False, place(c)),
        "privilege": _privilege,
        "address": _address,
        "more_addresses": lambda c: (*c[0], *c[2]),
        "secret": _secret,
    }
)
