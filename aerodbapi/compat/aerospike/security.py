"""Client's methods on users, roles, privileges, allowlists and quotas."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.exception import AdminError
from aerodbapi.compat.aerospike.raising import client_error, fail, param_error
from aerodbapi.compat.aerospike.status import NAMES
from aerodbapi.native import users

__all__ = ["SecurityMethods"]

Dict = dict[str, Any]
_ROLE_MAX = 64
_ABOUT_ROLES = (
    users.create_role,
    users.drop_role,
    users.grant_privileges,
    users.revoke_privileges,
    users.set_whitelist,
    users.set_quotas,
    users.query_role,
)
_NAME_MAX = 10_000
#: Longest texts, in bytes; the servers judge shorter ones.
_LENGTHS = {"Password": 1000}


class SecurityMethods(BaseClient):
    """Users and roles (servers with security enabled)."""

    def _admin(self, talk: Any, policy: Dict | None, *args: Any) -> Any:
        chosen = self._settings.policies("admin", policy)
        # An empty name is one that the server does not know.
        if "" in args[:1]:
            code = 70 if talk in _ABOUT_ROLES else 60
            fail(code, NAMES[code])
        try:
            return self._run(talk(self._cluster, *args, policy=chosen))
        except AdminError as error:
            code = error.args[0]
            error.msg = NAMES.get(code, error.msg)  # as there, without the node
            error.args = (code, error.msg, *error.args[2:])
            raise

    # ---- users -------------------------------------------------------------------------------

    def admin_create_user(
        self, user: str, password: str, roles: Any, policy: Dict | None = None
    ) -> int:
        """Create a user."""
        _texts(Username=user, Password=password)
        self._admin(users.create_user, policy, user, password, _roles(roles))
        return 0

    def admin_create_pki_user(self, user: str, roles: Any, policy: Dict | None = None) -> int:
        """Create a user who logs in by certificate."""
        _texts(Username=user)
        self._admin(users.create_pki_user, policy, user, _roles(roles))
        return 0

    def admin_drop_user(self, user: str, policy: Dict | None = None) -> int:
        """Remove a user."""
        _texts(Username=user)
        self._admin(users.drop_user, policy, user)
        return 0

    def admin_set_password(self, user: str, password: str, policy: Dict | None = None) -> int:
        """Give a user a password."""
        _texts(Username=user, Password=password)
        self._admin(users.set_password, policy, user, password)
        return 0

    def admin_change_password(self, user: str, password: str, policy: Dict | None = None) -> int:
        """Change the client's own password."""
        _texts(Username=user, Password=password)
        old = self._settings.conninfo.password
        if old is None:
            param_error("the client has not logged in")
        self._admin(users.change_password, policy, user, password, old)
        return 0

    def admin_grant_roles(self, user: str, roles: Any, policy: Dict | None = None) -> int:
        """Give a user roles."""
        _texts(Username=user)
        self._admin(users.grant_roles, policy, user, _roles(roles))
        return 0

    def admin_revoke_roles(self, user: str, roles: Any, policy: Dict | None = None) -> int:
        """Take roles from a user."""
        _texts(Username=user)
        self._admin(users.revoke_roles, policy, user, _roles(roles))
        return 0

    def admin_query_user_info(self, user: str, policy: Dict | None = None) -> Dict:
        """{"roles", "read_info", "write_info", "conns_in_use"} of a user."""
        _texts(Username=user)
        return _user(self._admin(users.query_user, policy, user))

    def admin_query_users_info(self, policy: Dict | None = None) -> dict[str, Dict]:
        """All users by name."""
        found = self._admin(users.query_users, policy)
        return {name: _user(user) for name, user in found.items()}

    # ---- roles -------------------------------------------------------------------------------

    def admin_create_role(
        self,
        role: str,
        privileges: Any,
        policy: Dict | None = None,
        whitelist: Any = None,
        read_quota: int = 0,
        write_quota: int = 0,
    ) -> int:
        """Create a role."""
        _texts(Role_name=role)
        chosen = _privileges(privileges)
        quotas = (read_quota, write_quota)
        self._admin(users.create_role, policy, role, chosen, whitelist, *quotas)
        return 0

    def admin_drop_role(self, role: str, policy: Dict | None = None) -> int:
        """Remove a role."""
        _texts(Role_name=role)
        self._admin(users.drop_role, policy, role)
        return 0

    def admin_grant_privileges(self, role: str, privileges: Any, policy: Dict | None = None) -> int:
        """Give a role privileges."""
        _texts(Role_name=role)
        self._admin(users.grant_privileges, policy, role, _privileges(privileges))
        return 0

    def admin_revoke_privileges(
        self, role: str, privileges: Any, policy: Dict | None = None
    ) -> int:
        """Take privileges from a role."""
        _texts(Role_name=role)
        self._admin(users.revoke_privileges, policy, role, _privileges(privileges))
        return 0

    def admin_set_whitelist(self, role: str, whitelist: Any, policy: Dict | None = None) -> int:
        """Set the addresses that a role may connect from; None: all."""
        _texts(".", Role_name=role)
        if whitelist is not None and not isinstance(whitelist, list):
            param_error("Whitelist must be a list of IP strings, or None.")
        self._admin(users.set_whitelist, policy, role, whitelist)
        return 0

    def admin_set_quotas(
        self,
        role: str,
        read_quota: int = -1,
        write_quota: int = -1,
        policy: Dict | None = None,
    ) -> int:
        """Set a role's quotas in records per second; 0: none, below 0: as it is."""
        _texts(".", Role_name=role)
        given = {"read_quota": read_quota, "write_quota": write_quota}
        for name, value in given.items():
            if not isinstance(value, int):
                param_error(f"py_{name} must be an integer.")
        if min(given.values()) < 0:
            found = self._found(role, policy)
            given = {n: getattr(found, n) if v < 0 else v for n, v in given.items()}
        self._admin(users.set_quotas, policy, role, *given.values())
        return 0

    def admin_get_role(self, role: str, policy: Dict | None = None) -> Dict:
        """{"privileges", "whitelist", "read_quota", "write_quota"} of a role."""
        return _role(self._found(role, policy))

    def admin_get_roles(self, policy: Dict | None = None) -> dict[str, Dict]:
        """All roles by name."""
        found = self._admin(users.query_roles, policy)
        return {name: _role(role) for name, role in found.items()}

    def admin_query_role(self, role: str, policy: Dict | None = None) -> list[Dict]:
        """A role's privileges."""
        return list(self._found(role, policy).privileges)

    def admin_query_roles(self, policy: Dict | None = None) -> dict[str, list[Dict]]:
        """All roles' privileges, by name."""
        found = self._admin(users.query_roles, policy)
        return {name: list(role.privileges) for name, role in found.items()}

    def _found(self, role: Any, policy: Dict | None) -> Any:
        _texts(Role_name=role)
        return self._admin(users.query_role, policy, role)


def _texts(end: str = "", **given: Any) -> None:
    for what, value in given.items():
        if not isinstance(value, str):
            param_error(f"{what.replace('_', ' ')} should be a string{end}")
        if len(value.encode()) > _LENGTHS.get(what, _NAME_MAX):
            client_error(f"{what.replace('_', ' ')} exceeds max length")


def _roles(roles: Any) -> list[str]:
    if not isinstance(roles, list):
        param_error("Roles should be a list")
    for role in roles:
        if isinstance(role, str) and len(role.encode()) >= _ROLE_MAX:
            client_error("String exceeds max length")
    return list(roles)


def _privileges(privileges: Any) -> list[Any]:
    if not isinstance(privileges, list):
        param_error("Privileges should be a list")
    return list(privileges)


def _user(user: Any) -> Dict:
    return {
        "roles": list(user.roles),
        "read_info": list(user.read_info),
        "write_info": list(user.write_info),
        "conns_in_use": user.conns_in_use,
    }


def _role(role: Any) -> Dict:
    return {
        "privileges": list(role.privileges),
        "whitelist": list(role.whitelist),
        "read_quota": role.read_quota,
        "write_quota": role.write_quota,
    }
