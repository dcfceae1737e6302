"""Client's methods on users, roles, privileges, allowlists and quotas."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.raising import param_error
from aerodbapi.native import users

__all__ = ["SecurityMethods"]

Dict = dict[str, Any]


class SecurityMethods(BaseClient):
    """Users and roles (servers with security enabled)."""

    def _admin(self, talk: Any, policy: Dict | None, *args: Any) -> Any:
        chosen = self._settings.policies("admin", policy)
        return self._run(talk(self._cluster, *args, policy=chosen))

    # ---- users -------------------------------------------------------------------------------

    def admin_create_user(
        self, username: str, password: str, roles: Any, policy: Dict | None = None
    ) -> int:
        """Create a user."""
        _texts(Username=username, Password=password)
        self._admin(users.create_user, policy, username, password, _roles(roles))
        return 0

    def admin_create_pki_user(self, username: str, roles: Any, policy: Dict | None = None) -> int:
        """Create a user who logs in by certificate."""
        _texts(Username=username)
        self._admin(users.create_pki_user, policy, username, _roles(roles))
        return 0

    def admin_drop_user(self, username: str, policy: Dict | None = None) -> int:
        """Remove a user."""
        _texts(Username=username)
        self._admin(users.drop_user, policy, username)
        return 0

    def admin_set_password(self, username: str, password: str, policy: Dict | None = None) -> int:
        """Give a user a password."""
        _texts(Username=username, Password=password)
        self._admin(users.set_password, policy, username, password)
        return 0

    def admin_change_password(
        self, username: str, password: str, policy: Dict | None = None
    ) -> int:
        """Change the client's own password."""
        _texts(Username=username, Password=password)
        old = self._settings.conninfo.password
        if old is None:
            param_error("the client has not logged in")
        self._admin(users.change_password, policy, username, password, old)
        return 0

    def admin_grant_roles(self, username: str, roles: Any, policy: Dict | None = None) -> int:
        """Give a user roles."""
        _texts(Username=username)
        self._admin(users.grant_roles, policy, username, _roles(roles))
        return 0

    def admin_revoke_roles(self, username: str, roles: Any, policy: Dict | None = None) -> int:
        """Take roles from a user."""
        _texts(Username=username)
        self._admin(users.revoke_roles, policy, username, _roles(roles))
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
        _texts(Role=role)
        chosen = _privileges(privileges)
        quotas = (read_quota, write_quota)
        self._admin(users.create_role, policy, role, chosen, whitelist, *quotas)
        return 0

    def admin_drop_role(self, role: str, policy: Dict | None = None) -> int:
        """Remove a role."""
        _texts(Role=role)
        self._admin(users.drop_role, policy, role)
        return 0

    def admin_grant_privileges(self, role: str, privileges: Any, policy: Dict | None = None) -> int:
        """Give a role privileges."""
        _texts(Role=role)
        self._admin(users.grant_privileges, policy, role, _privileges(privileges))
        return 0

    def admin_revoke_privileges(
        self, role: str, privileges: Any, policy: Dict | None = None
    ) -> int:
        """Take privileges from a role."""
        _texts(Role=role)
        self._admin(users.revoke_privileges, policy, role, _privileges(privileges))
        return 0

    def admin_set_whitelist(self, role: str, whitelist: Any, policy: Dict | None = None) -> int:
        """Set the addresses that a role may connect from; None: all."""
        _texts(Role=role)
        if whitelist is not None and not isinstance(whitelist, list):
            param_error("Whitelist must be a list of IP strings, or None.")
        self._admin(users.set_whitelist, policy, role, whitelist)
        return 0

    def admin_set_quotas(
        self,
        role: str,
        read_quota: int = 0,
        write_quota: int = 0,
        policy: Dict | None = None,
    ) -> int:
        """Set a role's quotas in records per second; 0: none."""
        _texts(Role=role)
        self._admin(users.set_quotas, policy, role, read_quota, write_quota)
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
        _texts(Role=role)
        return self._admin(users.query_role, policy, role)


def _texts(**given: Any) -> None:
    for what, value in given.items():
        if not isinstance(value, str):
            param_error(f"{what} should be a string")


def _roles(roles: Any) -> list[str]:
    if not isinstance(roles, list):
        param_error("Roles should be a list")
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
        "conns_in_use": user.connections,
    }


def _role(role: Any) -> Dict:
    return {
        "privileges": list(role.privileges),
        "whitelist": list(role.whitelist),
        "read_quota": role.read_quota,
        "write_quota": role.write_quota,
    }
