"""Definitions, info, functions, users and roles: what `Client` does beside records and queries.

Each method is one line over a conversation that knows what to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, Union

from aerodbapi.native import administration, jobs, transactions, udfs, users
from aerodbapi.native.base import Given
from aerodbapi.native.connected import Connected
from aerodbapi.native.engine import Engine
from aerodbapi.native.policies import AdminPolicy, InfoPolicy

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.native.contexts import Context
    from aerodbapi.native.transactions import Transaction
    from aerodbapi.protocol.expressions import Exp

__all__ = ["Administration"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Administration(Connected[Engine]):
    """The part of the synchronous client that is not about records."""

    def _run(
        self,
        talk: Callable[Concatenate[Cluster, _P], Conversation[_T]],
        *args: _P.args,
        **keywords: _P.kwargs,
    ) -> _T:
        engine = self._open
        return engine.run(talk(engine.cluster, *args, **keywords))

    # ---- definitions -----------------------------------------------------------------------------

    def index_create(
        self,
        namespace: str,
        set_name: str | None,
        bin_name: str | None,
        index_name: str,
        index_type: str = "NUMERIC",
        collection: str | None = None,
        policy: InfoPolicy | Given = None,
        *,
        ctx: Context | None = None,
        expression: Union[Exp, bytes, None] = None,
    ) -> None:
        """Create a secondary index and wait until every node has built it.

        `index_type`: NUMERIC STRING BLOB GEO2DSPHERE; `collection`: LIST MAPKEYS MAPVALUES. It may
        be on a nested element (`ctx`), or on an `expression` (`bin_name` is None then).
        """
        self._run(
            administration.index_create,
            namespace,
            set_name,
            bin_name,
            index_name,
            index_type,
            collection,
            context=ctx,
            expression=expression,
            policy=self._info(policy),
        )

    def set_index_create(
        self, namespace: str, set_name: str, index_name: str, policy: InfoPolicy | Given = None
    ) -> None:
        """Create a set index and wait until every node has built it (servers from 8.1.2 on)."""
        self._run(
            administration.set_index_create,
            namespace,
            set_name,
            index_name,
            policy=self._info(policy),
        )

    def index_remove(
        self, namespace: str, index_name: str, policy: InfoPolicy | Given = None
    ) -> None:
        """Drop a secondary index; one that does not exist is no error."""
        self._run(administration.index_remove, namespace, index_name, policy=self._info(policy))

    def truncate(
        self,
        namespace: str,
        set_name: str | None = None,
        nanos: int = 0,
        policy: InfoPolicy | Given = None,
    ) -> None:
        """Remove all records of a set or namespace; with `nanos` those last written before."""
        self._run(administration.truncate, namespace, set_name, nanos, policy=self._info(policy))

    # ---- info and jobs ---------------------------------------------------------------------------

    def info_all(self, command: str, policy: InfoPolicy | Given = None) -> dict[str, str]:
        """Ask every node; its name → its answer."""
        return self._run(administration.info_all, command, policy=self._info(policy))

    def info_random_node(self, command: str, policy: InfoPolicy | Given = None) -> str:
        """Ask some node."""
        return self._run(administration.info_random, command, policy=self._info(policy))

    def info_single_node(
        self, command: str, node_name: str, policy: InfoPolicy | Given = None
    ) -> str:
        """Ask the node of this name (get_node_names)."""
        return self._run(administration.info_node, command, node_name, policy=self._info(policy))

    def set_xdr_filter(
        self,
        data_center: str,
        namespace: str,
        expression: Union[Exp, bytes, None],
        policy: InfoPolicy | Given = None,
    ) -> str:
        """Let XDR ship only what `expression` is true of; None: everything."""
        return self._run(
            administration.set_xdr_filter,
            data_center,
            namespace,
            expression,
            policy=self._info(policy),
        )

    def job_info(
        self, job_id: int, module: str = "query", policy: InfoPolicy | Given = None
    ) -> jobs.JobInfo:
        """How far a background query is."""
        return self._run(jobs.job_info, job_id, module, policy=self._info(policy))

    def job_wait(
        self,
        job_id: int,
        module: str = "query",
        timeout: int = 0,
        policy: InfoPolicy | Given = None,
    ) -> None:
        """Wait until a background query is done; Timeout after `timeout` ms (0: without limit)."""
        self._run(jobs.job_wait, job_id, module, timeout=timeout, policy=self._info(policy))

    def job_abort(self, job_id: int, policy: InfoPolicy | Given = None) -> bool:
        """End a query on all nodes; tell whether any was still at work on it."""
        return self._run(jobs.job_abort, job_id, policy=self._info(policy))

    # ---- user-defined functions ------------------------------------------------------------------

    def udf_put(
        self,
        filename: str,
        udf_type: int = 0,
        policy: InfoPolicy | Given = None,
        *,
        source: str | bytes | None = None,
    ) -> None:
        """Store a Lua module on every node, under the last part of `filename`.

        `source`: its text; None reads the file. UDFError with Lua's message when it is broken.
        """
        self._run(udfs.put, filename, source, udf_type, policy=self._info(policy))

    def udf_remove(self, filename: str, policy: InfoPolicy | Given = None) -> None:
        """Remove a module from every node; one that does not exist is no error."""
        self._run(udfs.remove, filename, policy=self._info(policy))

    def udf_list(self, policy: InfoPolicy | Given = None) -> list[udfs.UDFModule]:
        """The modules that the nodes have."""
        return self._run(udfs.udf_list, policy=self._info(policy))

    def udf_get(self, module: str, language: int = 0, policy: InfoPolicy | Given = None) -> str:
        """A module's text. UDFError when there is no such module."""
        return self._run(udfs.get, module, language, policy=self._info(policy))

    # ---- transactions ------------------------------------------------------------------------

    def commit(self, transaction: Transaction) -> int:
        """Commit a transaction; return a CommitStatus. OperationalError (-17) when it fails."""
        verify, roll = self.txn_verify_policy, self.txn_roll_policy
        return self._run(transactions.commit, transaction, verify=verify, roll=roll)

    def abort(self, transaction: Transaction) -> int:
        """Roll a transaction back; return an AbortStatus."""
        return self._run(transactions.abort, transaction, roll=self.txn_roll_policy)

    # ---- users and roles -------------------------------------------------------------------------

    def admin_create_user(
        self, username: str, password: str, roles: Sequence[str], policy: AdminPolicy | Given = None
    ) -> None:
        """Create a user with these roles."""
        self._run(users.create_user, username, password, roles, policy=self._admin(policy))

    def admin_create_pki_user(
        self, username: str, roles: Sequence[str], policy: AdminPolicy | Given = None
    ) -> None:
        """Create a user who shows a certificate."""
        self._run(users.create_pki_user, username, roles, policy=self._admin(policy))

    def admin_drop_user(self, username: str, policy: AdminPolicy | Given = None) -> None:
        """Remove a user."""
        self._run(users.drop_user, username, policy=self._admin(policy))

    def admin_set_password(
        self, username: str, password: str, policy: AdminPolicy | Given = None
    ) -> None:
        """Set anybody's password, as a user administrator."""
        self._run(users.set_password, username, password, policy=self._admin(policy))

    def admin_change_password(
        self, username: str, password: str, policy: AdminPolicy | Given = None
    ) -> None:
        """Change one's own password; the client goes on with the new one."""
        old = self.conninfo.password or ""
        self._run(users.change_password, username, password, old, policy=self._admin(policy))
        if self._changed_password(username, password):
            self._open.use_password(password)

    def admin_grant_roles(
        self, username: str, roles: Sequence[str], policy: AdminPolicy | Given = None
    ) -> None:
        """Give a user more roles."""
        self._run(users.grant_roles, username, roles, policy=self._admin(policy))

    def admin_revoke_roles(
        self, username: str, roles: Sequence[str], policy: AdminPolicy | Given = None
    ) -> None:
        """Take roles from a user."""
        self._run(users.revoke_roles, username, roles, policy=self._admin(policy))

    def admin_query_user_info(
        self, username: str, policy: AdminPolicy | Given = None
    ) -> users.User:
        """One user. AuthenticationError (60) when there is no such user."""
        return self._run(users.query_user, username, policy=self._admin(policy))

    def admin_query_users_info(self, policy: AdminPolicy | Given = None) -> dict[str, users.User]:
        """All users by name."""
        return self._run(users.query_users, policy=self._admin(policy))

    def admin_create_role(
        self,
        role: str,
        privileges: Sequence[Mapping[str, Any]],
        policy: AdminPolicy | Given = None,
        whitelist: Sequence[str] | None = None,
        read_quota: int = 0,
        write_quota: int = 0,
    ) -> None:
        """Create a role: privileges are dictionaries with `code`, `ns` and `set`."""
        self._run(
            users.create_role,
            role,
            privileges,
            whitelist,
            read_quota,
            write_quota,
            policy=self._admin(policy),
        )

    def admin_drop_role(self, role: str, policy: AdminPolicy | Given = None) -> None:
        """Remove a role."""
        self._run(users.drop_role, role, policy=self._admin(policy))

    def admin_grant_privileges(
        self, role: str, privileges: Sequence[Mapping[str, Any]], policy: AdminPolicy | Given = None
    ) -> None:
        """Give a role more privileges."""
        self._run(users.grant_privileges, role, privileges, policy=self._admin(policy))

    def admin_revoke_privileges(
        self, role: str, privileges: Sequence[Mapping[str, Any]], policy: AdminPolicy | Given = None
    ) -> None:
        """Take privileges from a role."""
        self._run(users.revoke_privileges, role, privileges, policy=self._admin(policy))

    def admin_get_role(self, role: str, policy: AdminPolicy | Given = None) -> users.Role:
        """One role. AuthenticationError (70) when there is no such role."""
        return self._run(users.query_role, role, policy=self._admin(policy))

    def admin_get_roles(self, policy: AdminPolicy | Given = None) -> dict[str, users.Role]:
        """All roles by name."""
        return self._run(users.query_roles, policy=self._admin(policy))

    def admin_set_whitelist(
        self, role: str, whitelist: Sequence[str] | None, policy: AdminPolicy | Given = None
    ) -> None:
        """Limit a role to connections from these addresses; None: from everywhere."""
        self._run(users.set_whitelist, role, whitelist, policy=self._admin(policy))

    def admin_set_quotas(
        self,
        role: str,
        read_quota: int = 0,
        write_quota: int = 0,
        policy: AdminPolicy | Given = None,
    ) -> None:
        """Limit the records per second of a role's users; 0 is without limit."""
        self._run(users.set_quotas, role, read_quota, write_quota, policy=self._admin(policy))
