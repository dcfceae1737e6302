"""Users, roles and privileges by statements, on a node with security."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi import errors
from aerodbapi.dbapi.aio import connect_async
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from tests.faces import Blocking


@pytest.fixture(scope="module", params=["sync", "async"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, tuple[str, int]]]:
    node = EmbeddedNode(security=True)
    with serve(node, "127.0.0.1", 0) as server:
        yield request.param, server.address
    node.close()


@pytest.fixture
def admin(address: tuple[str, tuple[str, int]]) -> Iterator[Any]:
    """Give a cursor of the administrator."""
    face, host = address
    options: dict[str, Any] = {"hosts": [host], "user": "admin", "password": "admin"}
    if face == "sync":
        with aerodbapi.connect(**options) as connection:
            yield connection.cursor()
        return
    loop = asyncio.new_event_loop()
    connection = Blocking(loop.run_until_complete(connect_async(**options)), loop)
    yield connection.cursor()
    connection.close()
    loop.close()


def as_user(address: tuple[str, tuple[str, int]], user: str, password: str) -> Any:
    return aerodbapi.connect(hosts=[address[1]], user=user, password=password)


def rows(cursor: Any, statement: str) -> list[dict[str, Any]]:
    cursor.execute(statement)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def test_users(admin: Any) -> None:
    admin.execute("CREATE USER ann PASSWORD 'secret' ROLES read, sys-admin")
    try:
        (ann,) = rows(admin, "SHOW USER ann")
        assert ann["roles"] == "read, sys-admin"
        admin.execute("GRANT ROLE write TO ann")
        admin.execute("REVOKE ROLES sys-admin, read FROM ann")
        everybody = {entry["user"]: entry for entry in rows(admin, "SHOW USERS")}
        assert everybody["ann"]["roles"] == "write"
        assert "admin" in everybody
        with pytest.raises(errors.AuthenticationError) as caught:
            admin.execute("CREATE USER ann PASSWORD ?", ("x",))
        assert caught.value.result_code == 61
    finally:
        admin.execute("DROP USER ann")
    with pytest.raises(errors.AuthenticationError):
        admin.execute("DROP USER ann")
    admin.execute("DROP USER IF EXISTS ann")
    with pytest.raises(errors.AuthenticationError):
        admin.execute("SHOW USER ann")
    assert rows(admin, "SHOW USER")[0]["user"] == "admin"


def test_roles(admin: Any) -> None:
    admin.execute(
        "CREATE ROLE my-role PRIVILEGES read.test.demo, sys-admin WHITELIST '127.0.0.1',"
        " '10.0.0.0/8'"
        " READ_QUOTA 100 WRITE_QUOTA 50"
    )
    try:
        (role,) = rows(admin, "SHOW ROLE my-role")
        assert sorted(role["privileges"].split(", ")) == ["read.test.demo", "sys-admin"]
        assert role["whitelist"] == "127.0.0.1, 10.0.0.0/8"
        assert (role["read_quota"], role["write_quota"]) == (100, 50)
        admin.execute("GRANT PRIVILEGES write.test, truncate TO my-role")
        admin.execute("REVOKE PRIVILEGE sys-admin FROM my-role")
        admin.execute("SET QUOTAS WRITE 70 FOR my-role")
        admin.execute("SET WHITELIST NONE FOR my-role")
        found = {entry["role"]: entry for entry in rows(admin, "SHOW ROLES")}["my-role"]
        assert sorted(found["privileges"].split(", ")) == [
            "read.test.demo",
            "truncate",
            "write.test",
        ]
        assert found["whitelist"] == ""
        assert (found["read_quota"], found["write_quota"]) == (100, 70)
        admin.execute("SET WHITELIST '127.0.0.1' FOR my-role")
        assert rows(admin, "SHOW ROLE my-role")[0]["whitelist"] == "127.0.0.1"
    finally:
        admin.execute("DROP ROLE my-role")
    with pytest.raises(errors.AuthenticationError):
        admin.execute("SHOW ROLE my-role")
    admin.execute("DROP ROLE IF EXISTS my-role")


def test_a_role_holds(admin: Any, address: tuple[str, tuple[str, int]]) -> None:
    admin.execute("CREATE ROLE reader PRIVILEGES read.test.demo")
    admin.execute("CREATE USER eve PASSWORD ? ROLES reader", ("pw",))
    admin.execute("GRANT ROLES read-write TO admin")
    try:
        with aerodbapi.connect(hosts=[address[1]], user="admin", password="admin") as writer:
            writer.execute("UPSERT INTO test.demo (PK, a) VALUES (1, 5)")
        with as_user(address, "eve", "pw") as eve:
            assert eve.execute("SELECT a FROM test.demo WHERE PK = 1").fetchall() == [(5,)]
            with pytest.raises(errors.Error) as caught:
                eve.execute("UPSERT INTO test.demo (PK, a) VALUES (2, 5)")
            assert caught.value.result_code == 81
            with pytest.raises(errors.Error):
                eve.execute("CREATE USER mallory PASSWORD 'x'")
    finally:
        admin.execute("DROP USER eve")
        admin.execute("DROP ROLE reader")


def test_passwords(admin: Any, address: tuple[str, tuple[str, int]]) -> None:
    admin.execute("CREATE USER bob PASSWORD 'one' ROLES read")
    try:
        with as_user(address, "bob", "one") as bob:
            bob.execute("SET PASSWORD 'two'")
            bob.execute("SET PASSWORD 'three'")  # the second time with the new one
            bob.execute("SELECT * FROM test.demo").fetchall()
        with as_user(address, "bob", "three"):
            pass
        admin.execute("SET PASSWORD ? FOR bob", ("four",))
        with as_user(address, "bob", "four"):
            pass
        with pytest.raises(errors.Error):
            as_user(address, "bob", "three")
        with pytest.raises(errors.ProgrammingError, match="a password is text"):
            admin.execute("SET PASSWORD ? FOR bob", (5,))
    finally:
        admin.execute("DROP USER bob")


def test_without_security() -> None:
    with aerodbapi.connect() as connection:
        for statement in ("SHOW USERS", "CREATE USER u PASSWORD 'x'", "SHOW ROLES"):
            with pytest.raises(errors.AuthenticationError, match="no security"):
                connection.execute(statement)
        with pytest.raises(errors.ProgrammingError, match="nobody logged in"):
            connection.execute("SET PASSWORD 'x'")


def test_passwords_are_not_shown() -> None:
    with aerodbapi.connect() as connection:
        rows = connection.execute("EXPLAIN CREATE USER u PASSWORD 'hidden-secret'").fetchall()
    assert "hidden-secret" not in repr(rows)
