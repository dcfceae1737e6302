"""Statements about users, roles and privileges."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.expressions import Expr

__all__ = [
    "CreateRole",
    "CreateUser",
    "DropPrincipal",
    "Grant",
    "PrivilegeName",
    "SetPassword",
    "SetQuotas",
    "SetWhitelist",
]


@frozen
class PrivilegeName(Node):
    """`read`, `read.ns` or `read.ns.set`; `name` lower case with dashes."""

    name: str
    namespace: str = ""
    set: str = ""
    span: Span | None = SPAN


@frozen
class CreateUser(Node):
    """CREATE USER name PASSWORD secret [ROLES r, …]."""

    name: str
    password: Expr
    roles: tuple[str, ...] = ()
    span: Span | None = SPAN


@frozen
class DropPrincipal(Node):
    """DROP USER name, DROP ROLE name."""

    kind: Choice["USER", "ROLE"]
    name: str
    if_exists: bool = False
    span: Span | None = SPAN


@frozen
class SetPassword(Node):
    """SET PASSWORD secret [FOR user]; without a user, one's own."""

    password: Expr
    user: str | None = None
    span: Span | None = SPAN


@frozen
class Grant(Node):
    """GRANT or REVOKE (`revoke`) of roles to a user (`grantee`), or privileges to a role."""

    grantee: str
    roles: tuple[str, ...] = ()
    privileges: tuple[PrivilegeName, ...] = ()
    revoke: bool = False
    span: Span | None = SPAN


@frozen
class CreateRole(Node):
    """CREATE ROLE name with what it has: one thing at least. A quota of 0 is none."""

    name: str
    privileges: tuple[PrivilegeName, ...] = ()
    whitelist: tuple[str, ...] = ()
    read_quota: int = 0
    write_quota: int = 0
    span: Span | None = SPAN


@frozen
class SetWhitelist(Node):
    """SET WHITELIST addresses FOR role; () lifts the limit."""

    role: str
    addresses: tuple[str, ...] = ()
    span: Span | None = SPAN


@frozen
class SetQuotas(Node):
    """SET QUOTAS READ n WRITE m FOR role; None leaves one as it is."""

    role: str
    read: int | None = None
    write: int | None = None
    span: Span | None = SPAN
