"""client.rst's users and roles on a node with security; transactions on one that has them."""

from __future__ import annotations

import contextlib
import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.samples.conftest import OFFICIAL

NAMES = [name for name, (_, in_process) in OFFICIAL.items() if not in_process]


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """A node with security, whose namespace has transactions."""
    pytest.importorskip("bcrypt")
    command = (sys.executable, "-m", "aerodbapi.embedded.server", "--port", "0", "--security")
    process = subprocess.Popen(
        (*command, "--strong-consistency", "test"), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    timer = threading.Timer(60, process.kill)
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    host, _, port = line.split()[-1].rpartition(":")
    yield host, int(port)
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture(params=NAMES)
def module(request: pytest.FixtureRequest) -> Any:
    return importlib.import_module(f"{OFFICIAL[request.param][0]}aerospike")


@pytest.fixture
def client(module: Any, address: tuple[str, int]) -> Iterator[Any]:
    config = {"hosts": [address], "user": "admin", "password": "admin"}
    client = module.client(config)
    yield client
    client.close()


def test_users_and_roles(module: Any, client: Any, address: tuple[str, int]) -> None:
    ex = module.exception
    with contextlib.suppress(ex.AdminError):
        client.admin_drop_user("dev")
    with contextlib.suppress(ex.AdminError):
        client.admin_drop_role("dev_role")
    client.admin_create_role(
        "dev_role", [{"code": module.PRIV_READ}, {"code": module.PRIV_READ_WRITE}]
    )
    client.admin_grant_privileges("dev_role", [{"code": module.PRIV_READ_WRITE_UDF}])
    client.admin_create_user("dev", "you young whatchacallit... idiot", ["dev_role"])
    user = client.admin_query_user_info("dev")
    assert user["roles"] == ["dev_role"]
    assert user.keys() == {"roles", "read_info", "write_info", "conns_in_use"}
    assert client.admin_query_users_info()["dev"]["roles"] == ["dev_role"]
    codes = {each["code"] for each in client.admin_get_role("dev_role")["privileges"]}
    assert codes == {module.PRIV_READ, module.PRIV_READ_WRITE, module.PRIV_READ_WRITE_UDF}
    client.admin_revoke_privileges("dev_role", [{"code": module.PRIV_READ_WRITE_UDF}])
    assert len(client.admin_query_role("dev_role")) == 2
    client.admin_set_whitelist("dev_role", ["127.0.0.1"])
    client.admin_set_quotas("dev_role", read_quota=100, write_quota=50)
    role = client.admin_get_roles()["dev_role"]
    assert (role["whitelist"], role["read_quota"], role["write_quota"]) == (["127.0.0.1"], 100, 50)
    client.admin_grant_roles("dev", ["read"])
    client.admin_revoke_roles("dev", ["read"])
    client.admin_set_password("dev", "another")
    dev = module.client({"hosts": [address], "user": "dev", "password": "another"})
    dev.put(("test", "demo", "dev"), {"a": 1})
    with pytest.raises(ex.RoleViolation):
        dev.truncate("test", "demo", 0)
    dev.admin_change_password("dev", "a third")
    dev.close()
    client.admin_drop_user("dev")
    client.admin_drop_role("dev_role")
    with pytest.raises(ex.InvalidUser) as failure:
        client.admin_query_user_info("dev")
    assert (failure.value.code, failure.value.msg) == (60, "AEROSPIKE_INVALID_USER")


def test_transactions(module: Any, client: Any) -> None:
    with contextlib.suppress(module.exception.AdminError):
        client.admin_create_user("writer", "writer", ["read-write"])
    host = client.get_nodes()[0]
    writer = module.client({"hosts": [host], "user": "writer", "password": "writer"})
    key = ("test", "demo", "transaction")
    writer.put(key, {"a": 0})
    txn = module.Transaction()
    assert txn.state == module.TXN_STATE_OPEN
    assert txn.in_doubt is False
    writer.put(key, {"a": 1}, policy={"txn": txn})
    assert writer.get(key, {"txn": txn})[2] == {"a": 1}
    assert writer.get(key)[2] == {"a": 0}
    assert writer.commit(txn) == module.COMMIT_OK
    assert writer.get(key)[2] == {"a": 1}
    txn = module.Transaction(reads_capacity=256, writes_capacity=256)
    txn.timeout = 5
    writer.put(key, {"a": 2}, policy={"txn": txn})
    assert writer.abort(txn) == module.ABORT_OK
    assert writer.get(key)[2] == {"a": 1}
    assert txn.state == module.TXN_STATE_ABORTED
    writer.close()
