"""Indexes, info, UDFs, users and roles: the commands that are not about single records."""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping
from typing import Any, Final

from aerodbapi.compat.aerospike_py import _policies as policies
from aerodbapi.compat.aerospike_py import constants, types
from aerodbapi.compat.aerospike_py._arguments import a_list, instance, key_of, plain, storable
from aerodbapi.compat.aerospike_py._commands import Command
from aerodbapi.compat.aerospike_py.exception import ClientError, InvalidArgError

__all__: list[str] = []

#: Names as servers tell them → codes.
_PRIVILEGES: Final = {
    name.removeprefix("PRIV_").lower().replace("_", "-"): value
    for name, value in vars(constants).items()
    if name.startswith("PRIV_")
}


def _nothing(answer: Any) -> None:
    return None


def _same(answer: Any) -> Any:
    return answer


def _command(name: str, *args: Any, policy: Any, namespace: str = "") -> Command[None]:
    chosen = policies.info(policy)
    return Command(name, (namespace, ""), name, args, _nothing, policy=chosen)


def _admin(name: str, *args: Any, policy: Any) -> Command[None]:
    chosen = policies.admin(policy)
    return Command(name, (), name, args, _nothing, policy=chosen)


# ---- indexes, truncation, info -----------------------------------------------------------------


def index(
    kind: str, namespace: Any, set_name: Any, bin_name: Any, index_name: Any, policy: Any
) -> Command[None]:
    """Create an index of this type."""
    names = [instance(name, str) for name in (namespace, set_name, bin_name, index_name)]
    return _command("index_create", *names, kind, policy=policy, namespace=namespace)


def index_remove(namespace: Any, index_name: Any, policy: Any) -> Command[None]:
    """Drop an index."""
    names = instance(namespace, str), instance(index_name, str)
    return _command("index_remove", *names, policy=policy, namespace=namespace)


def truncate(namespace: Any, set_name: Any, nanos: Any, policy: Any) -> Command[None]:
    """Remove a set's records."""
    before = operator.index(nanos)
    names = instance(namespace, str), instance(set_name, str) or None
    return _command("truncate", *names, before, policy=policy, namespace=namespace)


def info_all(command: Any, policy: Any) -> Command[list[types.InfoNodeResult]]:
    """Ask every node."""
    args, chosen = (instance(command, str),), policies.info(policy)
    return Command("info_all", (), "info_all", args, _node_results, policy=chosen)


def _node_results(answer: Mapping[str, str]) -> list[types.InfoNodeResult]:
    return [types.InfoNodeResult(node, 0, text) for node, text in answer.items()]


def info_random_node(command: Any, policy: Any) -> Command[str]:
    """Ask some node."""
    args, chosen = (instance(command, str),), policies.info(policy)
    return Command("info_random_node", (), "info_random_node", args, _same, policy=chosen)


# ---- UDFs --------------------------------------------------------------------------------------


def udf_put(filename: Any, udf_type: Any, policy: Any) -> Command[None]:
    """Register a module. ClientError when the file cannot be read."""
    path = os.fspath(filename)
    if operator.index(udf_type) != 0:
        raise InvalidArgError(f"udf_type is 0 (Lua), not {udf_type}")
    if not os.path.isfile(path):
        raise ClientError(f"Failed to read UDF file '{path}': there is no such file")
    return _command("udf_put", path, policy=policy)


def udf_remove(module: Any, policy: Any) -> Command[None]:
    """Remove a module."""
    name = instance(module, str)
    return _command("udf_remove", name if name.endswith(".lua") else f"{name}.lua", policy=policy)


def apply(key: Any, module: Any, function: Any, args: Any, policy: Any) -> Command[Any]:
    """Call a record UDF."""
    full = key_of(key)
    given = [storable(value) for value in a_list([] if args is None else args)]
    names = instance(module, str), instance(function, str)
    call = (full, *names, given)
    return Command("apply", full, "apply", call, plain, policy=policies.write(policy))


# ---- users and roles ---------------------------------------------------------------------------


def user(method: str, name: Any, *args: Any, policy: Any) -> Command[None]:
    """A command about a user; lists among `args` are roles."""
    return _admin(method, instance(name, str), *args, policy=policy)


def change_password(name: Any, password: Any, policy: Any) -> Command[None]:
    """Set a user's password."""
    args = instance(name, str), instance(password, str)
    chosen = policies.admin(policy)
    return _Password("admin_change_password", (), "", args, _nothing, policy=chosen)


class _Password(Command[None]):
    """Changing one's own password and setting another's are two commands."""

    __slots__ = ()

    def call(self, native: Any) -> Any:
        own = native.conninfo.user == self.args[0]
        method = native.admin_change_password if own else native.admin_set_password
        return method(*self.args, **self.kwargs)


def role(method: str, name: Any, *args: Any, policy: Any) -> Command[None]:
    """A command about a role."""
    return _admin(method, instance(name, str), *args, policy=policy)


def create_role(
    name: Any, given: Any, policy: Any, whitelist: Any, read_quota: Any, write_quota: Any
) -> Command[None]:
    """Create a role."""
    command = privileges("admin_create_role", name, given, policy)
    command.kwargs |= {
        "whitelist": whitelist,
        "read_quota": operator.index(read_quota),
        "write_quota": operator.index(write_quota),
    }
    return command


def privileges(method: str, name: Any, given: Any, policy: Any) -> Command[None]:
    """A command about a role's privileges."""
    checked = [_privilege(instance(item, dict)) for item in a_list(given)]
    return _admin(method, instance(name, str), checked, policy=policy)


def _privilege(given: dict[str, Any]) -> dict[str, Any]:
    if "code" not in given:
        raise InvalidArgError("Privilege dict must have 'code' key")
    code = _privilege_code(given["code"])
    places = {key: given[key] for key in ("ns", "set") if given.get(key) is not None}
    for key, value in places.items():
        if not isinstance(value, str):
            raise TypeError(f"privilege '{key}' must be str or None, got {type(value).__name__}")
    return {"code": code, **places}


def _privilege_code(given: Any) -> int:
    """A code, or a name such as `read-write` (or `read_write`)."""
    if not isinstance(given, (int, str)):
        kind = type(given).__name__
        raise TypeError(f"privilege 'code' must be int or str, got {kind}")
    code = given
    if isinstance(given, str):
        code = _PRIVILEGES.get(given.lower().replace("_", "-"), given)
    if code not in _PRIVILEGES.values():
        what = "name" if isinstance(code, str) else "code"
        raise InvalidArgError(f"Unknown privilege {what}: {code}")
    return int(code)


def query_user(name: Any, policy: Any) -> Command[types.UserInfo]:
    """One user."""

    def read(answer: Any) -> types.UserInfo:
        return _user(name, answer)

    method, args = "admin_query_user_info", (instance(name, str),)
    return Command(method, (), method, args, read, policy=policies.admin(policy))


def query_users(policy: Any) -> Command[list[types.UserInfo]]:
    """All users."""

    def read(answer: Any) -> list[types.UserInfo]:
        return [_user(name, found) for name, found in answer.items()]

    method = "admin_query_users_info"
    return Command(method, (), method, (), read, policy=policies.admin(policy))


def _user(name: str, found: Any) -> types.UserInfo:
    made: dict[str, Any] = {
        "user": name,
        "roles": list(found.roles),
        "conns_in_use": found.conns_in_use,
    }
    for key in ("read_info", "write_info"):
        if getattr(found, key):
            made[key] = list(getattr(found, key))
    return made  # type: ignore[return-value]


def query_role(name: Any, policy: Any) -> Command[types.RoleInfo]:
    """One role."""

    def read(answer: Any) -> types.RoleInfo:
        return _role(name, answer)

    args = (instance(name, str),)
    return Command(
        "admin_query_role", (), "admin_get_role", args, read, policy=policies.admin(policy)
    )


def query_roles(policy: Any) -> Command[list[types.RoleInfo]]:
    """All roles."""

    def read(answer: Any) -> list[types.RoleInfo]:
        return [_role(name, found) for name, found in answer.items()]

    return Command(
        "admin_query_roles", (), "admin_get_roles", (), read, policy=policies.admin(policy)
    )


def _role(name: str, found: Any) -> types.RoleInfo:
    return {
        "name": name,
        "privileges": [_privilege_out(each) for each in found.privileges],
        "allowlist": list(found.whitelist),
        "read_quota": found.read_quota,
        "write_quota": found.write_quota,
    }


def _privilege_out(given: Mapping[str, Any]) -> types.Privilege:
    """A privilege without the places that it does not name."""
    made: types.Privilege = {"code": given["code"]}
    if given.get("ns"):
        made["ns"] = given["ns"]
    if given.get("set"):
        made["set"] = given["set"]
    return made
