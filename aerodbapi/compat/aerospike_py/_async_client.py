"""The asynchronous client and its queries."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from aerodbapi.compat.aerospike_py import _administration as administration
from aerodbapi.compat.aerospike_py import _commands as commands
from aerodbapi.compat.aerospike_py import _steps as steps
from aerodbapi.compat.aerospike_py._base import BaseClient
from aerodbapi.compat.aerospike_py._query import BaseQuery
from aerodbapi.compat.aerospike_py._types import Operation
from aerodbapi.compat.aerospike_py.exception import BackpressureError, from_native
from aerodbapi.compat.aerospike_py.types import (
    AdminPolicy,
    BatchDeletePolicy,
    BatchPolicy,
    BatchUDFPolicy,
    BatchWriteResult,
    Bins,
    ExistsResult,
    InfoNodeResult,
    OperateOrderedResult,
    Privilege,
    QueryPolicy,
    ReadPolicy,
    Record,
    RoleInfo,
    UserInfo,
    WriteMeta,
    WritePolicy,
)
from aerodbapi.errors import Error
from aerodbapi.native.aio import AsyncClient as NativeClient

if TYPE_CHECKING:
    import numpy as np

__all__ = ["AsyncClient", "AsyncQuery"]

_T = TypeVar("_T")
_logger = logging.getLogger("aerospike_py")


class AsyncClient(BaseClient):
    """The asynchronous client, for one event loop: Client's methods, awaited."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        places = self._limit.commands
        self._places = asyncio.BoundedSemaphore(places) if places else None

    async def connect(
        self, username: str | None = None, password: str | None = None
    ) -> AsyncClient:
        """Connect; return the client itself. ClusterError when no node can be reached."""
        native = NativeClient(self._begin_connecting(username, password))
        _logger.info("Async client connecting")
        try:
            await native.connect()
            self._native = native
        except Error as error:
            raise from_native(error) from error
        finally:
            self._connecting = False
        return self

    async def close(self) -> None:
        """Close all connections."""
        native = self._end_connection()
        if native is not None:
            await native.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> Literal[False]:
        await self.close()
        return False

    async def ping(self) -> bool:
        """Whether a node answers now."""
        if self._native is None:
            return False
        try:
            await self._native.info_random_node("build")
        except Error:
            return False
        return True

    def query(self, namespace: str, set_name: str) -> AsyncQuery:
        """A query of a set's records."""
        self._require_connection()
        return AsyncQuery(self, namespace, set_name)

    async def scan(
        self, namespace: str, set_name: str, policy: QueryPolicy | None = None
    ) -> list[Record]:
        """All records of a set, as old programs ask for them."""
        self._require_connection()
        return await AsyncQuery(self, namespace, set_name).results(policy)

    # ---- running ----------------------------------------------------------------------------

    async def _run(self, command: commands.Command[_T]) -> _T:
        """Do one native call."""
        native = self._require_connection()
        async with self._place():
            with self._observed(command):
                return command.read(await command.call(native))

    async def _drive(self, work: steps.Steps[_T]) -> _T:
        """Do native calls until the steps end."""
        native = self._require_connection()
        answer: Any = None
        try:
            while True:
                step = work.send(answer)
                if isinstance(step, steps.Pause):
                    await asyncio.sleep(step.seconds)
                    answer = None
                else:
                    async with self._place():
                        with self._observed(step):
                            answer = await step.call(native)
        except StopIteration as end:
            result: _T = end.value
            return result

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Hold one of the places that `max_concurrent_operations` gives."""
        if self._places is None:
            yield
            return
        try:
            await asyncio.wait_for(self._places.acquire(), self._limit.wait or None)
        except asyncio.TimeoutError:
            raise BackpressureError(self._limit_message()) from None
        try:
            yield
        finally:
            self._places.release()

    # ---- records -----------------------------------------------------------------------------

    async def get(self, key: Any, policy: ReadPolicy | None = None) -> Record:
        """Read all bins. RecordNotFound when there is no record."""
        return await self._run(commands.get(key, policy))

    async def select(self, key: Any, bins: list[str], policy: ReadPolicy | None = None) -> Record:
        """Read the bins named."""
        return await self._run(commands.select(key, bins, policy))

    async def exists(self, key: Any, policy: ReadPolicy | None = None) -> ExistsResult:
        """Read only metadata; `meta` is None when there is no record."""
        return await self._run(commands.exists(key, policy))

    async def put(
        self, key: Any, bins: Bins, meta: WriteMeta | None = None, policy: WritePolicy | None = None
    ) -> None:
        """Write bins; None removes a bin."""
        return await self._run(commands.put(key, bins, meta, policy))

    async def remove(
        self, key: Any, meta: WriteMeta | None = None, policy: WritePolicy | None = None
    ) -> None:
        """Remove a record. RecordNotFound when there is none."""
        return await self._run(commands.remove(key, meta, policy))

    async def touch(
        self,
        key: Any,
        val: int = 0,
        meta: WriteMeta | None = None,
        policy: WritePolicy | None = None,
    ) -> None:
        """Renew the TTL to `val` seconds (0: the namespace's default)."""
        return await self._run(commands.touch(key, val, meta, policy))

    async def append(
        self,
        key: Any,
        bin: str,
        val: Any,
        meta: WriteMeta | None = None,
        policy: WritePolicy | None = None,
    ) -> None:
        """Put text or bytes behind the bin's."""
        return await self._run(commands.append(key, bin, val, meta, policy))

    async def prepend(
        self,
        key: Any,
        bin: str,
        val: Any,
        meta: WriteMeta | None = None,
        policy: WritePolicy | None = None,
    ) -> None:
        """Put text or bytes before the bin's."""
        return await self._run(commands.prepend(key, bin, val, meta, policy))

    async def increment(
        self,
        key: Any,
        bin: str,
        offset: int | float,
        meta: WriteMeta | None = None,
        policy: WritePolicy | None = None,
    ) -> None:
        """Add to a number; a missing bin counts as zero."""
        return await self._run(commands.increment(key, bin, offset, meta, policy))

    async def remove_bin(
        self,
        key: Any,
        bin_names: list[str],
        meta: WriteMeta | None = None,
        policy: WritePolicy | None = None,
    ) -> None:
        """Remove bins; a record without any bin is gone."""
        return await self._run(commands.remove_bin(key, bin_names, meta, policy))

    async def operate(
        self,
        key: Any,
        ops: list[Operation],
        meta: WriteMeta | None = None,
        policy: WritePolicy | None = None,
    ) -> Record:
        """Do operations atomically; several results for one bin become a list."""
        return await self._run(commands.operate(key, ops, meta, policy))

    async def operate_ordered(
        self,
        key: Any,
        ops: list[Operation],
        meta: WriteMeta | None = None,
        policy: WritePolicy | None = None,
    ) -> OperateOrderedResult:
        """Like operate, with the results as (bin, value) pairs in order."""
        return await self._run(commands.operate_ordered(key, ops, meta, policy))

    # ---- batches -----------------------------------------------------------------------------

    async def batch_read(
        self,
        keys: list[Any],
        bins: list[str] | None = None,
        policy: BatchPolicy | None = None,
        _dtype: Any = None,
    ) -> Any:
        """Read many records; `bins` [] reads only metadata. With `_dtype` they fill an array."""
        records = await self._run(commands.batch_read(keys, bins, policy))
        return records if _dtype is None else records.to_numpy(_dtype)

    async def batch_write(
        self, records: list[Any], policy: BatchPolicy | None = None, retry: int = 0
    ) -> BatchWriteResult:
        """Write (key, bins[, meta]) records; up to `retry` more tries for some."""
        return await self._drive(steps.batch_write(records, policy, retry))

    async def batch_write_numpy(
        self,
        data: np.ndarray[Any, Any],
        namespace: str,
        set_name: str,
        _dtype: np.dtype[Any],
        key_field: str = "_key",
        policy: BatchPolicy | None = None,
        retry: int = 0,
    ) -> BatchWriteResult:
        """Write a record for each row of a structured array."""
        from aerodbapi.compat.aerospike_py.numpy_batch import to_records

        records = to_records(data, namespace, set_name, _dtype, key_field)
        return await self._drive(steps.batch_write(records, policy, retry))

    async def batch_operate(
        self, keys: list[Any], ops: list[Operation], policy: BatchPolicy | None = None
    ) -> BatchWriteResult:
        """Do the same operations on every key."""
        return await self._drive(steps.batch_operate(keys, ops, policy))

    async def batch_remove(
        self, keys: list[Any], policy: BatchDeletePolicy | None = None
    ) -> BatchWriteResult:
        """Remove many records; an element may be (key, BatchDeleteMeta)."""
        return await self._drive(steps.batch_remove(keys, policy))

    async def batch_apply(
        self,
        keys: list[Any],
        module: str,
        function: str,
        args: list[Any] | None = None,
        policy: BatchUDFPolicy | None = None,
    ) -> BatchWriteResult:
        """Call a record UDF on every key; an element may be (key, BatchUDFMeta)."""
        return await self._drive(steps.batch_apply(keys, module, function, args, policy))

    # ---- definitions -------------------------------------------------------------------------

    async def index_integer_create(
        self,
        namespace: str,
        set_name: str,
        bin_name: str,
        index_name: str,
        policy: AdminPolicy | None = None,
    ) -> None:
        """Create a secondary index of integers; return when it is built."""
        return await self._run(
            administration.index("NUMERIC", namespace, set_name, bin_name, index_name, policy)
        )

    async def index_string_create(
        self,
        namespace: str,
        set_name: str,
        bin_name: str,
        index_name: str,
        policy: AdminPolicy | None = None,
    ) -> None:
        """Create a secondary index of text; return when it is built."""
        return await self._run(
            administration.index("STRING", namespace, set_name, bin_name, index_name, policy)
        )

    async def index_geo2dsphere_create(
        self,
        namespace: str,
        set_name: str,
        bin_name: str,
        index_name: str,
        policy: AdminPolicy | None = None,
    ) -> None:
        """Create a secondary index of GeoJSON; return when it is built."""
        return await self._run(
            administration.index("GEO2DSPHERE", namespace, set_name, bin_name, index_name, policy)
        )

    async def index_remove(
        self, namespace: str, index_name: str, policy: AdminPolicy | None = None
    ) -> None:
        """Drop a secondary index; one that does not exist is no error."""
        return await self._run(administration.index_remove(namespace, index_name, policy))

    async def truncate(
        self, namespace: str, set_name: str, nanos: int = 0, policy: AdminPolicy | None = None
    ) -> None:
        """Remove a set's records; with `nanos` those last written before."""
        return await self._run(administration.truncate(namespace, set_name, nanos, policy))

    async def info_all(
        self, command: str, policy: AdminPolicy | None = None
    ) -> list[InfoNodeResult]:
        """Ask every node an info command."""
        return await self._run(administration.info_all(command, policy))

    async def info_random_node(self, command: str, policy: AdminPolicy | None = None) -> str:
        """Ask some node an info command."""
        return await self._run(administration.info_random_node(command, policy))

    # ---- UDFs --------------------------------------------------------------------------------

    async def udf_put(
        self, filename: str, udf_type: int = 0, policy: AdminPolicy | None = None
    ) -> None:
        """Register a Lua module from a file."""
        return await self._run(administration.udf_put(filename, udf_type, policy))

    async def udf_remove(self, module: str, policy: AdminPolicy | None = None) -> None:
        """Remove a Lua module, named with or without ".lua"."""
        return await self._run(administration.udf_remove(module, policy))

    async def apply(
        self,
        key: Any,
        module: str,
        function: str,
        args: list[Any] | None = None,
        policy: WritePolicy | None = None,
    ) -> Any:
        """Call a record UDF; its result."""
        return await self._run(administration.apply(key, module, function, args, policy))

    # ---- users and roles ---------------------------------------------------------------------

    async def admin_create_user(
        self, username: str, password: str, roles: list[str], policy: AdminPolicy | None = None
    ) -> None:
        """Create a user."""
        return await self._run(
            administration.user("admin_create_user", username, password, roles, policy=policy)
        )

    async def admin_drop_user(self, username: str, policy: AdminPolicy | None = None) -> None:
        """Drop a user."""
        return await self._run(administration.user("admin_drop_user", username, policy=policy))

    async def admin_change_password(
        self, username: str, password: str, policy: AdminPolicy | None = None
    ) -> None:
        """Change a password: one's own, or as an administrator another's."""
        return await self._run(administration.change_password(username, password, policy))

    async def admin_grant_roles(
        self, username: str, roles: list[str], policy: AdminPolicy | None = None
    ) -> None:
        """Give a user roles."""
        return await self._run(
            administration.user("admin_grant_roles", username, roles, policy=policy)
        )

    async def admin_revoke_roles(
        self, username: str, roles: list[str], policy: AdminPolicy | None = None
    ) -> None:
        """Take roles from a user."""
        return await self._run(
            administration.user("admin_revoke_roles", username, roles, policy=policy)
        )

    async def admin_query_user_info(
        self, username: str, policy: AdminPolicy | None = None
    ) -> UserInfo:
        """A user with roles. AdminError when there is none."""
        return await self._run(administration.query_user(username, policy))

    async def admin_query_users_info(self, policy: AdminPolicy | None = None) -> list[UserInfo]:
        """All users."""
        return await self._run(administration.query_users(policy))

    async def admin_create_role(
        self,
        role: str,
        privileges: list[Privilege],
        policy: AdminPolicy | None = None,
        whitelist: list[str] | None = None,
        read_quota: int = 0,
        write_quota: int = 0,
    ) -> None:
        """Create a role."""
        return await self._run(
            administration.create_role(role, privileges, policy, whitelist, read_quota, write_quota)
        )

    async def admin_drop_role(self, role: str, policy: AdminPolicy | None = None) -> None:
        """Drop a role."""
        return await self._run(administration.role("admin_drop_role", role, policy=policy))

    async def admin_grant_privileges(
        self, role: str, privileges: list[Privilege], policy: AdminPolicy | None = None
    ) -> None:
        """Add privileges to a role."""
        return await self._run(
            administration.privileges("admin_grant_privileges", role, privileges, policy)
        )

    async def admin_revoke_privileges(
        self, role: str, privileges: list[Privilege], policy: AdminPolicy | None = None
    ) -> None:
        """Take privileges from a role."""
        return await self._run(
            administration.privileges("admin_revoke_privileges", role, privileges, policy)
        )

    async def admin_query_role(self, role: str, policy: AdminPolicy | None = None) -> RoleInfo:
        """A role with its privileges. AdminError when there is none."""
        return await self._run(administration.query_role(role, policy))

    async def admin_query_roles(self, policy: AdminPolicy | None = None) -> list[RoleInfo]:
        """All roles."""
        return await self._run(administration.query_roles(policy))

    async def admin_set_whitelist(
        self, role: str, whitelist: list[str], policy: AdminPolicy | None = None
    ) -> None:
        """Allow a role to these addresses only."""
        return await self._run(
            administration.role("admin_set_whitelist", role, whitelist, policy=policy)
        )

    async def admin_set_quotas(
        self,
        role: str,
        read_quota: int = 0,
        write_quota: int = 0,
        policy: AdminPolicy | None = None,
    ) -> None:
        """Limit a role's records per second; 0 is without limit."""
        return await self._run(
            administration.role("admin_set_quotas", role, read_quota, write_quota, policy=policy)
        )


class AsyncQuery(BaseQuery):
    """A query: `select` bins, name a predicate with `where`, then await `results`."""

    _client: AsyncClient

    async def results(self, policy: QueryPolicy | None = None) -> list[Record]:
        """All records."""
        return [record async for record in self._records(policy)]

    async def foreach(
        self, callback: Callable[[Record], Any], policy: QueryPolicy | None = None
    ) -> None:
        """Call `callback` (a function or a coroutine function) until it returns False."""
        records = self._records(policy)
        try:
            async for record in records:
                answer = callback(record)
                if inspect.isawaitable(answer):
                    answer = await answer
                if answer is False:
                    return
        finally:
            await records.aclose()

    async def _records(self, policy: QueryPolicy | None) -> AsyncGenerator[Record, None]:
        command = self._command(policy)
        native = self._client._require_connection()
        async with self._client._place():
            with self._client._observed(command):
                async for record in command.call(native):
                    yield commands.record_out(record)
