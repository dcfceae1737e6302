"""Users, roles, privileges, allowlists and quotas, on a node with security."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from aerodbapi.errors import AuthenticationError, Error, ParameterError
from aerodbapi.native.aio import AsyncClient
from aerodbapi.native.client import Client
from aerodbapi.native.users import Privilege
from tests.native.conftest import Blocking


@pytest.fixture(scope="module", params=["sync", "async"])
def admin(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give the administrator's client of a new node."""
    node = EmbeddedNode(security=True)
    with serve(node, "127.0.0.1", 0) as server:
        config = {"hosts": [server.address], "user": "admin", "password": "admin"}
        if request.param == "sync":
            with Client(config) as client:
                yield client
        else:
            loop = asyncio.new_event_loop()
            client = Blocking(AsyncClient(config), loop)
            client.connect()
            yield client
            client.close()
            loop.close()
    node.close()


def as_user(admin: Any, user: str, password: str) -> Client:
    hosts = [(node.address, node.port) for node in admin.get_nodes()]
    return Client({"hosts": hosts, "user": user, "password": password}).connect()


def test_users(admin: Any) -> None:
    admin.admin_create_user("ann", "secret", ["read", "write"])
    ann = admin.admin_query_user_info("ann")
    assert sorted(ann.roles) == sorted(ann["roles"]) == ["read", "write"]
    assert ann.get("conns_in_use") == 0
    admin.admin_grant_roles("ann", ["sys-admin"])
    admin.admin_revoke_roles("ann", ["write"])
    everybody = admin.admin_query_users_info()
    assert {"admin", "ann"} <= everybody.keys()
    assert sorted(everybody["ann"].roles) == ["read", "sys-admin"]
    with pytest.raises(AuthenticationError) as caught:
        admin.admin_create_user("ann", "secret", ["read"])
    assert caught.value.result_code == 61
    admin.admin_drop_user("ann")
    with pytest.raises(AuthenticationError) as caught:
        admin.admin_query_user_info("ann")
    assert caught.value.result_code == 60


def test_what_a_user_may_do(admin: Any) -> None:
    admin.admin_create_user("reader", "secret", ["read"])
    key = ("test", "users", 1)
    admin.admin_create_user("writer", "secret", ["read-write"])
    with as_user(admin, "writer", "secret") as writer:
        writer.put(key, {"n": 1})
    with as_user(admin, "reader", "secret") as reader:
        assert reader.get(key).bins == {"n": 1}
        with pytest.raises(AuthenticationError) as caught:
            reader.put(key, {"n": 2})
        assert caught.value.result_code == 81
        with pytest.raises(AuthenticationError) as caught:
            reader.admin_create_user("x", "y", [])
        assert caught.value.result_code == 81


def test_passwords(admin: Any) -> None:
    admin.admin_create_user("pat", "first", ["read-write"])
    admin.admin_set_password("pat", "second")
    with pytest.raises(Error):
        as_user(admin, "pat", "first")
    with as_user(admin, "pat", "second") as pat:
        pat.admin_change_password("pat", "third")
        pat.put(("test", "users", 2), {"n": 1})
        assert pat.conninfo.password == "third"
        pat.close()
        pat.connect()
        assert pat.get(("test", "users", 2)).bins == {"n": 1}
    with as_user(admin, "pat", "third") as pat:
        assert pat.is_connected()


def test_roles(admin: Any) -> None:
    privileges = [
        {"code": Privilege.READ, "ns": "test", "set": "a"},
        {"code": Privilege.WRITE, "ns": "test"},
        {"code": Privilege.UDF_ADMIN},
    ]
    admin.admin_create_role("mine", privileges, None, ["127.0.0.1", "10.0.0.0/8"], 100, 200)
    role = admin.admin_get_role("mine")
    full = [{"ns": "", "set": "", **privilege} for privilege in privileges]
    by_code = operator.itemgetter("code")
    assert sorted(role.privileges, key=by_code) == sorted(full, key=by_code)
    assert role["whitelist"] == ["127.0.0.1", "10.0.0.0/8"]
    assert (role.read_quota, role.write_quota) == (100, 200)
    admin.admin_revoke_privileges("mine", privileges[1:])
    admin.admin_grant_privileges("mine", [{"code": Privilege.TRUNCATE}])
    admin.admin_set_whitelist("mine", None)
    admin.admin_set_quotas("mine", 0, 5)
    role = admin.admin_get_roles()["mine"]
    assert sorted(p["code"] for p in role.privileges) == [Privilege.READ, Privilege.TRUNCATE]
    assert role.whitelist == []
    assert (role.read_quota, role.write_quota) == (0, 5)
    admin.admin_drop_role("mine")
    with pytest.raises(AuthenticationError) as caught:
        admin.admin_get_role("mine")
    assert caught.value.result_code == 70


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda c: c.admin_create_user("", "p", []), "user is text"),
        (lambda c: c.admin_create_user("u", 5, []), "password is text"),
        (lambda c: c.admin_create_user("u", "p", "read"), "list of names"),
        (lambda c: c.admin_create_user("u", "p", [5]), "a role is text"),
        (lambda c: c.admin_create_role("r", {"code": 1}), "list of dictionaries"),
        (lambda c: c.admin_create_role("r", [{"ns": "test"}]), "with a code"),
        (lambda c: c.admin_create_role("r", [{"code": 0, "ns": "test"}]), "without ns and set"),
        (lambda c: c.admin_create_role("r", [], whitelist="127.0.0.1"), "list of addresses"),
        (lambda c: c.admin_set_quotas("r", -1), "records per second"),
        (lambda c: c.admin_drop_role(None), "role is text"),
    ],
)
def test_wrong_arguments(client: Any, wrong: Any, hint: str) -> None:
    with pytest.raises(ParameterError, match=hint):
        wrong(client)


def test_without_security(client: Any) -> None:
    for wrong in (
        lambda: client.admin_query_users_info(),
        lambda: client.admin_create_user("u", "p", ["read"]),
    ):
        with pytest.raises(AuthenticationError) as caught:
            wrong()
        assert caught.value.result_code in (51, 52)
