"""Other people's clients log in to our node on TCP, and administer it."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import Server

aerospike = pytest.importorskip("aerospike")
aerospike_py = pytest.importorskip("aerospike_py")
exception = pytest.importorskip("aerospike.exception")

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

KEY = ("test", "s", "k")
TIMEOUT = 20_000  # milliseconds


@pytest.fixture(scope="module")
def server():
    node = EmbeddedNode(security=True)
    with Server(node, port=0).start() as server:
        yield server
    node.close()


@pytest.fixture(scope="module")
def connect(server):
    clients = []

    def connect(user="admin", password="admin"):
        limits = {"total_timeout": TIMEOUT}
        policies = {"read": limits, "write": limits, "login_timeout_ms": TIMEOUT}
        config = {"hosts": [server.address], "policies": policies}
        if user is not None:
            config.update(user=user, password=password)
        client = aerospike.client(config)
        clients.append(client)
        return client.connect()

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def admin(connect):
    client = connect()
    for name in client.admin_query_users_info():
        if name != "admin":
            client.admin_drop_user(name)
    for name in client.admin_query_roles():
        if name.startswith("r-"):
            client.admin_drop_role(name)
    client.put(KEY, {"n": 1})
    return client


@pytest.mark.parametrize(
    ("user", "password", "error"),
    [
        (None, None, exception.NotAuthenticated),
        ("admin", "wrong", exception.InvalidCredential),
        ("nobody", "admin", exception.InvalidUser),
    ],
)
def test_who_cannot_connect(connect, user, password, error):
    with pytest.raises(error):
        connect(user, password)


def test_users(admin, connect):
    admin.admin_create_user("u", "pw", ["sys-admin", "read"])
    found = admin.admin_query_user_info("u")
    assert (found["roles"], found["conns_in_use"]) == (["read", "sys-admin"], 0)
    assert set(admin.admin_query_users_info()) == {"admin", "u"}
    with pytest.raises(exception.UserExistsError):
        admin.admin_create_user("u", "pw", ["read"])
    with pytest.raises(exception.InvalidRole):
        admin.admin_create_user("v", "pw", [])
    client = connect("u", "pw")
    assert client.get(KEY)[2] == {"n": 1}
    assert admin.admin_query_user_info("u")["conns_in_use"] > 0
    with pytest.raises(exception.RoleViolation):
        client.put(KEY, {"n": 2})
    with pytest.raises(exception.RoleViolation):
        client.admin_create_user("w", "pw", ["read"])
    admin.admin_grant_roles("u", ["read-write"])
    assert client.put(KEY, {"n": 2}) == 0
    admin.admin_revoke_roles("u", ["read-write", "read"])
    with pytest.raises(exception.RoleViolation):
        client.get(KEY)
    admin.admin_drop_user("u")
    with pytest.raises(exception.NotAuthenticated):
        client.get(KEY)
    with pytest.raises(exception.InvalidUser):
        admin.admin_query_user_info("u")


def test_passwords(admin, connect):
    admin.admin_create_user("u", "one", ["read"])
    connect("u", "one").admin_change_password("u", "two")
    with pytest.raises(exception.InvalidCredential):
        connect("u", "one")
    connect("u", "two")
    admin.admin_set_password("u", "three")
    connect("u", "three")
    with pytest.raises(exception.InvalidUser):
        admin.admin_set_password("nobody", "x")


def test_roles(admin, connect):
    scope = {"code": aerospike.PRIV_READ_WRITE, "ns": "test", "set": "s"}
    admin.admin_create_role(
        "r-1", [scope], whitelist=["127.0.0.1", "10.1.2.0/24"], read_quota=20, write_quota=30
    )
    expected = {
        "privileges": [scope],
        "whitelist": ["127.0.0.1", "10.1.2.0/24"],
        "read_quota": 20,
        "write_quota": 30,
    }
    assert admin.admin_get_role("r-1") == expected
    assert admin.admin_get_roles()["r-1"] == expected
    admin.admin_grant_privileges("r-1", [{"code": aerospike.PRIV_SYS_ADMIN}])
    assert [p["code"] for p in admin.admin_query_role("r-1")] == [1, 11]
    admin.admin_revoke_privileges("r-1", [{"code": aerospike.PRIV_SYS_ADMIN}])
    admin.admin_set_quotas("r-1", read_quota=250, write_quota=0)
    admin.admin_set_whitelist("r-1", [])
    assert admin.admin_get_role("r-1") == {
        "privileges": [scope],
        "whitelist": [],
        "read_quota": 250,
        "write_quota": 0,
    }
    admin.admin_create_user("u", "pw", ["r-1"])
    client = connect("u", "pw")
    assert client.put(KEY, {"n": 5}) == 0
    with pytest.raises(exception.RoleViolation):
        client.put(("test", "t", 1), {"n": 5})
    admin.admin_drop_role("r-1")
    with pytest.raises(exception.RoleViolation):
        client.get(KEY)
    with pytest.raises(exception.InvalidRole):
        admin.admin_get_role("r-1")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda c: c.admin_create_role("r-2", [{"code": 64}]), exception.InvalidPrivilege),
        (lambda c: c.admin_create_role("read", [{"code": 10}]), exception.RoleExistsError),
        (lambda c: c.admin_set_whitelist("r-none", ["::1"]), exception.InvalidRole),
        (lambda c: c.admin_set_whitelist("read", ["::1"]), exception.InvalidRole),
        (lambda c: c.admin_grant_privileges("r-none", [{"code": 10}]), exception.InvalidRole),
        (lambda c: c.admin_drop_user("nobody"), exception.InvalidUser),
    ],
)
def test_refusals(admin, call, error):
    with pytest.raises(error):
        call(admin)
    assert admin.get(KEY)[2] == {"n": 1}


def test_allowlists(admin, connect):
    admin.admin_create_role("r-3", [{"code": aerospike.PRIV_READ}], whitelist=["10.0.0.1"])
    admin.admin_create_user("u", "pw", ["r-3"])
    with pytest.raises(exception.NotWhitelisted):
        connect("u", "pw")
    admin.admin_set_whitelist("r-3", ["127.0.0.0/8"])
    assert connect("u", "pw").get(KEY)[2] == {"n": 1}


def test_quotas(admin, connect):
    admin.admin_create_role("r-4", [{"code": aerospike.PRIV_READ}], read_quota=10)
    admin.admin_create_user("u", "pw", ["r-4"])
    client = connect("u", "pw")
    with pytest.raises(exception.QuotaExceeded):
        [client.get(KEY) for _ in range(2000)]
    with pytest.raises(exception.QuotaExceeded):
        client.query("test", "s").results()


def test_many_log_in_at_once(admin, connect):
    admin.admin_create_user("u", "pw", ["read"])
    results = []

    def work(password):
        try:
            results.append(connect("u", password).get(KEY)[2])
        except exception.InvalidCredential:
            results.append(None)

    threads = [threading.Thread(target=work, args=("pw" if n % 2 else "wrong",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results.count({"n": 1}) == results.count(None) == 6


def test_the_rust_client(admin, server):
    config = {"hosts": [server.address], "timeout": TIMEOUT}
    client = aerospike_py.client(config).connect("admin", "admin")
    privilege = {"code": aerospike_py.PRIV_READ, "ns": "test", "set": "s"}
    client.admin_create_role("r-5", [privilege], read_quota=50)
    client.admin_create_user("u", "pw", ["r-5"])
    assert client.admin_query_user_info("u")["roles"] == ["r-5"]
    (role,) = (r for r in client.admin_query_roles() if r["name"] == "r-5")
    assert (role["privileges"], role["read_quota"]) == ([privilege], 50)
    reader = aerospike_py.client(config).connect("u", "pw")
    assert reader.get(KEY).bins == {"n": 1}
    with pytest.raises(aerospike_py.AerospikeError):
        reader.put(KEY, {"n": 2})
    client.admin_revoke_roles("u", ["r-5"])
    with pytest.raises(aerospike_py.AerospikeError):
        reader.get(KEY)
    client.admin_drop_user("u")
    with pytest.raises(aerospike_py.AerospikeError):
        aerospike_py.client(config).connect("admin", "wrong")
    for each in (client, reader):
        each.close()


def test_our_own_client(server, admin):
    from aerodbapi import errors
    from aerodbapi.native.client import Client

    host, port = server.address
    with Client({"hosts": [(host, port)], "user": "admin", "password": "admin"}) as client:
        assert client.get(KEY).bins == {"n": 1}
    with pytest.raises(errors.Error):
        Client({"hosts": [(host, port)], "user": "admin", "password": "wrong"}).connect()


def test_serving_from_the_command_line(tmp_path):
    command = (sys.executable, "-m", "aerodbapi.embedded.server", "--port", "0", "--security")
    process = subprocess.Popen(
        (*command, "--data", str(tmp_path / "data.db"), "--strong-consistency", "sc"),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        host, _, port = process.stdout.readline().rpartition(" ")[2].strip().rpartition(":")
        config = {"hosts": [(host, int(port))], "user": "admin", "password": "admin"}
        client = aerospike.client(config).connect()
        transaction = aerospike.Transaction()
        client.put(("sc", "s", 1), {"n": 1}, policy={"txn": transaction})
        assert client.commit(transaction) == aerospike.COMMIT_OK
        client.close()
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
