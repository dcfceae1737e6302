"""AQL's own statements, and those about users and roles → text; a part of `render`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.grammar import ast, tokens

if TYPE_CHECKING:
    from aerodbapi.grammar.render import _Writer as Writer

__all__ = ["WRITERS"]


def _call(w: Writer, node: ast.Execute | ast.Aggregate) -> str:
    name = f"{w.name(node.module)}.{w.name(node.function)}"
    return f"{name}({w.list(node.arguments)}) ON {w.write(node.table)}{_tail(w, node)}"


def _tail(w: Writer, node: Any) -> str:
    membership = getattr(node, "membership", None)
    text = "" if membership is None else f" IN {membership}"
    if node.where is not None:
        text += f" WHERE {w.named(node.where)}"
    return text + w.options(getattr(node, "options", ()))


def _selected(w: Writer, word: str, node: ast.Execute | ast.Aggregate) -> str:
    arguments = [ast.Literal(node.module), ast.Literal(node.function), *node.arguments]
    alias = "" if node.name is None else f" AS {w.name(node.name)}"
    return f"SELECT {word}({w.list(arguments)}){alias} FROM {w.write(node.table)}{_tail(w, node)}"


def _execute(w: Writer, node: ast.Execute) -> str:
    return _selected(w, "UDF", node) if node.rows else f"EXECUTE {_call(w, node)}"


def _aggregate(w: Writer, node: ast.Aggregate) -> str:
    if node.name is None:
        return f"AGGREGATE {_call(w, node)}"
    return _selected(w, "AGGREGATE", node)


def _bin_operation(w: Writer, node: ast.BinOperation) -> str:
    policy = f" WITH_POLICY ({', '.join(node.policy)})" if node.policy else ""
    return f"{w.name(node.name)}({w.list(node.arguments)}){policy}"


def _operate(w: Writer, node: ast.Operate) -> str:
    return f"OPERATE {w.list(node.operations)} ON {w.write(node.table)}{_tail(w, node)}"


def _module(w: Writer, node: ast.Module) -> str:
    source = "" if node.source is None else f" AS {w.write(node.source)}"
    return f"{node.verb} MODULE {w.write(node.name)}{source}"


def _statistics(w: Writer, node: ast.Statistics) -> str:
    return " ".join(["STAT", node.kind, *map(w.name, node.names)])


def _setting(w: Writer, node: ast.Setting) -> str:
    value = "" if node.value is None else f" = {w.write(node.value)}"
    return f"{node.verb} {node.name}{value}"


# ---- users and roles ---------------------------------------------------------------------------


def _principal(w: Writer, name: str) -> str:
    """A name that may hold dashes."""
    if re.fullmatch(tokens.TABLE_NAME, name):
        return name
    return '"' + name.replace('"', '""') + '"'


def _principals(w: Writer, names: Iterable[str]) -> str:
    return ", ".join(_principal(w, name) for name in names)


def _create_user(w: Writer, node: ast.CreateUser) -> str:
    roles = f" ROLES {_principals(w, node.roles)}" if node.roles else ""
    name = _principal(w, node.name)
    return f"CREATE USER {name} PASSWORD {w.write(node.password)}{roles}"


def _drop(w: Writer, node: ast.DropPrincipal) -> str:
    guard = "IF EXISTS " if node.if_exists else ""
    return f"DROP {node.kind} {guard}{_principal(w, node.name)}"


def _privilege(w: Writer, node: ast.PrivilegeName) -> str:
    scope = [node.namespace, node.set] if node.set else [node.namespace] if node.namespace else []
    return ".".join([node.name, *(_principal(w, part) for part in scope)])


def _create_role(w: Writer, node: ast.CreateRole) -> str:
    text = f"CREATE ROLE {_principal(w, node.name)}"
    if node.privileges:
        text += f" PRIVILEGES {w.list(node.privileges)}"
    if node.whitelist:
        text += f" WHITELIST {_addresses(w, node.whitelist)}"
    if node.read_quota:
        text += f" READ_QUOTA {node.read_quota}"
    return f"{text} WRITE_QUOTA {node.write_quota}" if node.write_quota else text


def _addresses(w: Writer, addresses: Iterable[str]) -> str:
    return w.list(map(ast.Literal, addresses))


def _grant(w: Writer, node: ast.Grant) -> str:
    verb, to = ("REVOKE", "FROM") if node.revoke else ("GRANT", "TO")
    if node.privileges:
        what = f"PRIVILEGES {w.list(node.privileges)}"
    else:
        what = f"ROLES {_principals(w, node.roles)}"
    return f"{verb} {what} {to} {_principal(w, node.grantee)}"


def _set_password(w: Writer, node: ast.SetPassword) -> str:
    user = "" if node.user is None else f" FOR {_principal(w, node.user)}"
    return f"SET PASSWORD {w.write(node.password)}{user}"


def _set_whitelist(w: Writer, node: ast.SetWhitelist) -> str:
    addresses = _addresses(w, node.addresses) if node.addresses else "NONE"
    return f"SET WHITELIST {addresses} FOR {_principal(w, node.role)}"


def _set_quotas(w: Writer, node: ast.SetQuotas) -> str:
    read = "" if node.read is None else f" READ {node.read}"
    write = "" if node.write is None else f" WRITE {node.write}"
    return f"SET QUOTAS{read}{write} FOR {_principal(w, node.role)}"


WRITERS: Final[dict[type, Callable[[Any, Any], str]]] = {
    ast.Execute: _execute,
    ast.Aggregate: _aggregate,
    ast.BinOperation: _bin_operation,
    ast.Operate: _operate,
    ast.Module: _module,
    ast.Statistics: _statistics,
    ast.Info: lambda w, node: f"ASINFO {w.write(node.command)}",
    ast.Kill: lambda w, node: f"KILL {node.kind} {w.write(node.job)}",
    ast.Setting: _setting,
    ast.Use: lambda w, node: f"USE {w.name(node.namespace)}",
    ast.Run: lambda w, node: f"RUN {w.write(ast.Literal(node.file))}",
    ast.CreateUser: _create_user,
    ast.DropPrincipal: _drop,
    ast.PrivilegeName: _privilege,
    ast.CreateRole: _create_role,
    ast.Grant: _grant,
    ast.SetPassword: _set_password,
    ast.SetWhitelist: _set_whitelist,
    ast.SetQuotas: _set_quotas,
}
