"""Logins, sessions, users and roles: what each admin command answers, good or bad."""

from __future__ import annotations

import struct
import threading
import time

import pytest

from aerodbapi.embedded.node import EmbeddedNode, Session
from aerodbapi.protocol import admin as wire
from aerodbapi.protocol.admin import AdminMessage, Command, Field
from aerodbapi.protocol.frame import HEADER_SIZE
from tests.embedded.driver import Driver
from tests.embedded.peers import OK, Peer, credential, logged_in, names, privileges

BAD_USER, USER_EXISTS, BAD_PASSWORD, FORBIDDEN_PASSWORD = 60, 61, 62, 64
BAD_CREDENTIAL, EXPIRED = 65, 66
BAD_ROLE, ROLE_EXISTS, BAD_PRIVILEGE, BAD_ALLOWLIST = 70, 71, 72, 73
QUOTAS_OFF, BAD_QUOTA, NOT_AUTHENTICATED, VIOLATION, NOT_ALLOWED, OVER_QUOTA = (
    *(74, 75, 80, 81),
    *(82, 83),
)


@pytest.fixture
def node():
    return EmbeddedNode(security=True)


@pytest.fixture
def admin(node):
    return logged_in(node)


def user(name="u"):
    return Field.USER, name.encode()


def role(name="r"):
    return Field.ROLE, name.encode()


def password(text="pw"):
    return Field.PASSWORD, credential(text)


def roles(*given):
    return Field.ROLES, names(*given)


def u32(kind, number):
    return kind, struct.pack(">I", number)


def test_security_is_off_by_default():
    peer = Peer(EmbeddedNode())
    assert peer.login("admin", "admin") == 51
    assert peer.driver().put("k", {"n": 1}).code == OK


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([user("admin"), (Field.CREDENTIAL, credential("admin"))], OK),
        ([user("admin"), (Field.CREDENTIAL, credential("wrong"))], BAD_CREDENTIAL),
        ([user("admin"), (Field.CREDENTIAL, b"admin")], BAD_CREDENTIAL),
        ([user("admin"), (Field.CREDENTIAL, b"")], BAD_CREDENTIAL),
        ([user("admin")], BAD_CREDENTIAL),
        ([user("nobody"), (Field.CREDENTIAL, credential("admin"))], BAD_USER),
        ([user(""), (Field.CREDENTIAL, credential("admin"))], BAD_USER),
        ([(Field.CREDENTIAL, credential("admin"))], BAD_USER),
        ([], BAD_USER),
        ([(Field.USER, b"\xff"), (Field.CREDENTIAL, credential("admin"))], BAD_USER),
        ([user("admin"), (Field.CREDENTIAL, credential("admin")), (4, b"admin")], 90),
    ],
)
def test_login(node, fields, code):
    peer = Peer(node)
    answer = peer.ask(Command.LOGIN, *fields)
    assert answer.result == code
    assert (answer.field(Field.SESSION_TOKEN) is not None) is (code == OK)
    assert peer.driver().info("node") == node.name if code == OK else peer.session.user == ""


def test_a_failed_login_ends_the_one_before(admin):
    assert admin.login("admin", "wrong") == BAD_CREDENTIAL
    assert admin.driver().get("k").code == NOT_AUTHENTICATED


def test_wrong_users_and_wrong_passwords_take_equally_long(node):
    """The hash that takes long is made by the client; here the difference is noise."""

    def seconds(name):
        peer, best = Peer(node), 1.0
        for _ in range(30):
            begun = time.perf_counter()
            for _ in range(20):
                assert peer.login(name, "wrong") in (BAD_USER, BAD_CREDENTIAL)
            best = min(best, time.perf_counter() - begun)
        return best

    known, unknown = seconds("admin"), seconds("nobody")
    assert max(known, unknown) < 2 * min(known, unknown)


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("admin", lambda token: token, OK),
        ("admin", lambda token: token[:-1], BAD_CREDENTIAL),
        ("admin", lambda token: token + b"\0", BAD_CREDENTIAL),
        ("admin", lambda token: bytes((token[0] ^ 1,)) + token[1:], BAD_CREDENTIAL),
        ("admin", lambda token: token[:-1] + bytes((token[-1] ^ 1,)), BAD_CREDENTIAL),
        ("admin", lambda token: b"", BAD_CREDENTIAL),
        ("u", lambda token: token, BAD_CREDENTIAL),
        ("nobody", lambda token: token, BAD_USER),
    ],
)
def test_tokens(node, admin, name, change, code):
    admin.create_user("u", "pw", "read")
    token = Peer(node).enter("admin", "admin").field(Field.SESSION_TOKEN)
    peer = Peer(node)
    assert peer.code(Command.AUTHENTICATE, user(name), (Field.SESSION_TOKEN, change(token))) == code
    assert (peer.session.user != "") is (code == OK)


def test_a_token_has_its_time():
    node = EmbeddedNode(security=True, session_ttl=1)
    answer = Peer(node).enter("admin", "admin")
    assert answer.session_ttl == 1
    token = answer.field(Field.SESSION_TOKEN)
    time.sleep(1.05)
    shown = Peer(node).code(Command.AUTHENTICATE, user("admin"), (Field.SESSION_TOKEN, token))
    assert shown == EXPIRED


def test_a_token_of_another_node_is_none(node):
    token = Peer(EmbeddedNode(security=True)).enter("admin", "admin").field(Field.SESSION_TOKEN)
    shown = Peer(node).code(Command.AUTHENTICATE, user("admin"), (Field.SESSION_TOKEN, token))
    assert shown == BAD_CREDENTIAL


LONG = "x" * 64
#: (command, fields, result code), each on a node with user "u" (role read) and role "r".
REQUESTS = [
    (Command.CREATE_USER, [user("n"), password(), roles("read", "r")], OK),
    (Command.CREATE_USER, [user("!#Q#AEQ@#$%&^"), password(), roles("read")], OK),
    (Command.CREATE_USER, [user("ü"), password(), roles("read")], OK),
    (Command.CREATE_USER, [user("u"), password(), roles("read")], USER_EXISTS),
    (Command.CREATE_USER, [user("admin"), password(), roles("read")], USER_EXISTS),
    (Command.CREATE_USER, [user(""), password(), roles("read")], BAD_USER),
    (Command.CREATE_USER, [user(LONG), password(), roles("read")], BAD_USER),
    (Command.CREATE_USER, [user("a\0b"), password(), roles("read")], BAD_USER),
    (Command.CREATE_USER, [password(), roles("read")], BAD_USER),
    (Command.CREATE_USER, [user("n"), roles("read")], BAD_PASSWORD),
    (Command.CREATE_USER, [user("n"), (Field.PASSWORD, b"pw"), roles("read")], BAD_PASSWORD),
    (Command.CREATE_USER, [user("n"), password(), roles()], BAD_ROLE),
    (Command.CREATE_USER, [user("n"), password()], BAD_ROLE),
    (Command.CREATE_USER, [user("n"), password(), roles("read", "none")], BAD_ROLE),
    (Command.CREATE_USER, [user("n"), password(), (Field.ROLES, b"")], BAD_ROLE),
    (Command.CREATE_USER, [user("n"), password(), (Field.ROLES, b"\2\4read")], 55),
    (Command.CREATE_USER, [user("n"), password(), (Field.ROLES, b"\1\4readx")], 55),
    (Command.CREATE_USER, [user("n"), password(), (Field.ROLES, b"\1\1\xff")], 55),
    (Command.DROP_USER, [user()], OK),
    (Command.DROP_USER, [user("nobody")], BAD_USER),
    (Command.DROP_USER, [], BAD_USER),
    (Command.SET_PASSWORD, [user(), password("new")], OK),
    (Command.SET_PASSWORD, [user("nobody"), password("new")], BAD_USER),
    (Command.SET_PASSWORD, [user()], BAD_PASSWORD),
    (Command.CHANGE_PASSWORD, [user(), (2, credential("pw")), password("new")], VIOLATION),
    (Command.CHANGE_PASSWORD, [user("nobody"), (2, credential("pw")), password("n")], BAD_USER),
    (Command.CHANGE_PASSWORD, [user("admin"), (2, credential("pw")), password()], BAD_PASSWORD),
    (Command.CHANGE_PASSWORD, [user("admin"), password()], BAD_PASSWORD),
    (Command.CHANGE_PASSWORD, [user("admin"), (2, credential("admin")), password()], OK),
    (Command.GRANT_ROLES, [user(), roles("write")], OK),
    (Command.GRANT_ROLES, [user(), roles("read")], OK),
    (Command.GRANT_ROLES, [user(), roles("none")], BAD_ROLE),
    (Command.GRANT_ROLES, [user(), roles()], BAD_ROLE),
    (Command.GRANT_ROLES, [user("nobody"), roles("read")], BAD_USER),
    (Command.REVOKE_ROLES, [user(), roles("read")], OK),
    (Command.REVOKE_ROLES, [user(), roles("write")], OK),
    (Command.REVOKE_ROLES, [user(), roles()], BAD_ROLE),
    (Command.REVOKE_ROLES, [user("nobody"), roles("read")], BAD_USER),
    (Command.QUERY_USERS, [user("nobody")], BAD_USER),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, privileges(0, 1))], OK),
    (Command.CREATE_ROLE, [role("n")], OK),
    (Command.CREATE_ROLE, [role("r"), (Field.PRIVILEGES, privileges(10))], ROLE_EXISTS),
    (Command.CREATE_ROLE, [role("read"), (Field.PRIVILEGES, privileges(10))], ROLE_EXISTS),
    (Command.CREATE_ROLE, [role(""), (Field.PRIVILEGES, privileges(10))], BAD_ROLE),
    (Command.CREATE_ROLE, [role(LONG), (Field.PRIVILEGES, privileges(10))], BAD_ROLE),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, privileges(5))], BAD_PRIVILEGE),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, b"\1\x40")], BAD_PRIVILEGE),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, b"\0")], BAD_PRIVILEGE),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, privileges((10, "", "s")))], 72),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, privileges((10, "n" * 32, "")))], 72),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, b"\1\x0a\5te")], 55),
    (Command.CREATE_ROLE, [role("n"), (Field.PRIVILEGES, b"")], 55),
    (Command.CREATE_ROLE, [role("n"), (Field.WHITELIST, b"10.0.0.1,10.1.2.0/24,::1")], OK),
    (Command.CREATE_ROLE, [role("n"), (Field.WHITELIST, b"bad_IP")], BAD_ALLOWLIST),
    (Command.CREATE_ROLE, [role("n"), u32(Field.READ_QUOTA, 5)], OK),
    (Command.CREATE_ROLE, [role("n"), u32(Field.READ_QUOTA, 1 << 31)], OK),
    (Command.CREATE_ROLE, [role("n"), (Field.WRITE_QUOTA, b"\1")], BAD_QUOTA),
    (Command.DROP_ROLE, [role()], OK),
    (Command.DROP_ROLE, [role("none")], BAD_ROLE),
    (Command.DROP_ROLE, [role("read")], BAD_ROLE),
    (Command.GRANT_PRIVILEGES, [role(), (Field.PRIVILEGES, privileges(11))], OK),
    (Command.GRANT_PRIVILEGES, [role("read"), (Field.PRIVILEGES, privileges(11))], BAD_ROLE),
    (Command.GRANT_PRIVILEGES, [role("none"), (Field.PRIVILEGES, privileges(11))], BAD_ROLE),
    (Command.GRANT_PRIVILEGES, [role(), (Field.PRIVILEGES, privileges())], BAD_PRIVILEGE),
    (Command.GRANT_PRIVILEGES, [role()], BAD_PRIVILEGE),
    (Command.REVOKE_PRIVILEGES, [role(), (Field.PRIVILEGES, privileges(14))], OK),
    (Command.REVOKE_PRIVILEGES, [role(), (Field.PRIVILEGES, privileges(64))], BAD_PRIVILEGE),
    (Command.SET_WHITELIST, [role(), (Field.WHITELIST, b"10.0.2.0/24,127.0.0.1")], OK),
    (Command.SET_WHITELIST, [role()], OK),
    (Command.SET_WHITELIST, [role(), (Field.WHITELIST, b"1.2.3.4,")], BAD_ALLOWLIST),
    (Command.SET_WHITELIST, [role(), (Field.WHITELIST, b"\xff")], BAD_ALLOWLIST),
    (Command.SET_WHITELIST, [role("none"), (Field.WHITELIST, b"::1")], BAD_ROLE),
    (Command.SET_QUOTAS, [role(), u32(14, 250), u32(15, 300)], OK),
    (Command.SET_QUOTAS, [role("none"), u32(14, 250), u32(15, 300)], BAD_ROLE),
    (Command.SET_QUOTAS, [role(), (14, b"\1"), u32(15, 300)], BAD_QUOTA),
    (Command.QUERY_ROLES, [role("none")], BAD_ROLE),
    (7, [], 54),
    (255, [], 54),
]


@pytest.mark.parametrize(("command", "fields", "code"), REQUESTS)
def test_requests(node, admin, command, fields, code):
    admin.create_user("u", "pw", "read")
    admin.create_role("r", 10)
    assert admin.code(command, *fields) == code
    assert Driver(node).put("k", {"n": 1}).code == OK


def test_users_as_they_are_described(admin):
    admin.create_user("u", "pw", "sys-admin", "read")
    (found,) = admin.blocks(Command.QUERY_USERS, user())
    assert found[Field.ROLES] == names("read", "sys-admin")
    assert found[Field.READ_INFO] == found[Field.WRITE_INFO] == b"\4" + bytes(16)
    assert found[Field.CONNECTIONS] == bytes(4)
    everybody = [block[Field.USER] for block in admin.blocks(Command.QUERY_USERS)]
    assert everybody == [b"admin", b"u"]


def test_roles_as_they_are_described(admin):
    scope = (13, "test", "demo")
    admin.create_role("r", scope, 10, 0, allowlist="10.1.2.0/24,::1", quotas=(20, 30))
    (found,) = admin.blocks(Command.QUERY_ROLES, role())
    assert found == {
        Field.ROLE: b"r",
        Field.PRIVILEGES: privileges(0, 10, scope),
        Field.WHITELIST: b"10.1.2.0/24,::1",
        Field.READ_QUOTA: struct.pack(">I", 20),
        Field.WRITE_QUOTA: struct.pack(">I", 30),
    }
    assert len(admin.blocks(Command.QUERY_ROLES)) == 11


def test_quotas_that_stay(admin):
    admin.create_role("r", 10, quotas=(7, 4500))
    keep = u32(Field.WRITE_QUOTA, 0xFFFFFFFF)
    assert admin.code(Command.SET_QUOTAS, role(), u32(Field.READ_QUOTA, 250), keep) == OK
    (found,) = admin.blocks(Command.QUERY_ROLES, role())
    assert (found[Field.READ_QUOTA], found[Field.WRITE_QUOTA]) == (u32(0, 250)[1], u32(0, 4500)[1])
    assert admin.code(Command.SET_QUOTAS, role(), u32(Field.WRITE_QUOTA, 0)) == OK
    (found,) = admin.blocks(Command.QUERY_ROLES, role())
    assert (found[Field.READ_QUOTA], found[Field.WRITE_QUOTA]) == (u32(0, 250)[1], bytes(4))


def test_new_passwords(node, admin):
    admin.create_user("u", "old", "read")
    peer = logged_in(node, "u", "old")
    old, new = (Field.OLD_PASSWORD, credential("old")), password("new")
    assert peer.code(Command.CHANGE_PASSWORD, user(), old, new) == OK
    assert (peer.login("u", "old"), peer.login("u", "new")) == (BAD_CREDENTIAL, OK)
    assert admin.code(Command.SET_PASSWORD, user(), password("third")) == OK
    assert (peer.login("u", "new"), peer.login("u", "third")) == (BAD_CREDENTIAL, OK)


def test_users_of_certificates_have_no_password(node, admin):
    assert admin.create_user("pki", "nopassword", "read") == OK
    assert Peer(node).login("pki", "nopassword") == BAD_CREDENTIAL
    assert admin.code(Command.SET_PASSWORD, user("pki"), password()) == FORBIDDEN_PASSWORD


@pytest.mark.parametrize(
    ("allowlist", "address", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:5", True),
        ("127.0.0.1", "127.0.0.2:5", False),
        ("10.0.0.0/8,192.168.1.1", "10.200.3.4:5", True),
        ("10.0.0.0/8,192.168.1.1", "192.168.1.2:5", False),
        ("10.0.0.7/8", "10.9.9.9:5", True),
        ("::1", "::1:5", True),
        ("127.0.0.1", "::ffff:127.0.0.1:5", True),
        ("127.0.0.1", "::1:5", False),
        ("127.0.0.1", "embedded", False),
    ],
)
def test_allowlists(node, admin, allowlist, address, allowed):
    admin.create_role("r", 11, allowlist=allowlist)
    admin.create_user("u", "pw", "r")
    peer = Peer(node, address)
    assert peer.login("u", "pw") == (OK if allowed else NOT_ALLOWED)
    assert peer.driver().put("k", {"n": 1}).code == (OK if allowed else NOT_AUTHENTICATED)


def test_allowlists_count_on_open_connections(node, admin):
    admin.create_role("r", 11)
    admin.create_user("u", "pw", "r")
    peer = logged_in(node, "u", "pw")
    admin.code(Command.SET_WHITELIST, role(), (Field.WHITELIST, b"10.0.0.1"))
    assert peer.driver().put("k", {"n": 1}).code == NOT_ALLOWED
    admin.code(Command.SET_WHITELIST, role())
    assert peer.driver().put("k", {"n": 1}).code == OK


def test_quotas_can_be_off():
    admin = logged_in(EmbeddedNode(security=True, quotas=False))
    assert admin.create_role("r", 10) == OK
    assert admin.code(Command.SET_QUOTAS, role(), u32(14, 1), u32(15, 1)) == QUOTAS_OFF
    assert admin.create_role("q", 10, quotas=(1, 1)) == QUOTAS_OFF


def test_quotas_hold_records_per_second(node, admin):
    admin.create_role("r", 11, quotas=(5, 20))
    admin.create_user("u", "pw", "r")
    db = logged_in(node, "u", "pw").driver()
    begun = time.monotonic()
    codes = [db.put("k", {"n": 1}).code for _ in range(60)]
    spent = time.monotonic() - begun
    assert set(codes) == {OK, OVER_QUOTA}
    assert 20 <= codes.count(OK) <= 21 + 20 * spent
    assert db.get("k").code == OK  # reads have a quota of their own
    time.sleep(0.3)
    assert db.put("k", {"n": 1}).code == OK


def test_the_highest_quota_counts(node, admin):
    admin.create_role("low", 11, quotas=(1, 1))
    admin.create_role("high", 11, quotas=(1, 40))
    admin.create_user("u", "pw", "low", "high")
    db = logged_in(node, "u", "pw").driver()
    assert [db.put("k", {"n": 1}).code for _ in range(40)] == [OK] * 40


@pytest.mark.parametrize(("rate", "code"), [(0, OVER_QUOTA), (5, OK), (10, OK), (11, OVER_QUOTA)])
def test_queries_reserve_their_rate(node, admin, rate, code):
    from tests.embedded.driver import many
    from tests.embedded.test_queries import request

    admin.create_role("r", 10, quotas=(10, 0))
    admin.create_user("u", "pw", "r")
    peer = logged_in(node, "u", "pw")
    fields = [(10, struct.pack(">I", rate))] if rate else []
    query = request(fields, set=None)
    assert many(peer, query)[-1].result_code == code
    if code == OK:
        running = peer.receive(query)
        next(running)
        (info,) = admin.blocks(Command.QUERY_USERS, user())
        # The reply was one frame, so the query runs until the reader comes back.
        assert struct.unpack(">IIII", info[Field.READ_INFO][1:])[2:] == (rate, 0)
        assert many(peer, query)[-1].result_code == (OK if rate == 5 else OVER_QUOTA)
        running.close()
        assert many(peer, query)[-1].result_code == OK


def test_users_and_roles_are_durable(tmp_path):
    path = str(tmp_path / "data.db")
    node = EmbeddedNode(path, security=True)
    admin = logged_in(node)
    admin.create_role("r", (11, "test", "s"), allowlist="127.0.0.1", quotas=(100, 100))
    admin.create_user("u", "pw", "r", "read")
    admin.create_user("gone", "pw", "read")
    admin.code(Command.DROP_USER, user("gone"))
    admin.code(Command.SET_PASSWORD, user("admin"), password("secret"))
    described = admin.blocks(Command.QUERY_ROLES), admin.blocks(Command.QUERY_USERS)
    node.close()
    assert credential("secret") not in (tmp_path / "data.db").read_bytes()
    again = EmbeddedNode(path, security=True)
    assert Peer(again).login("admin", "admin") == BAD_CREDENTIAL
    admin = logged_in(again, "admin", "secret")
    assert (admin.blocks(Command.QUERY_ROLES), admin.blocks(Command.QUERY_USERS)) == described
    assert logged_in(again, "u", "pw").driver().put("k", {"n": 1}).code == OK
    again.close()
    # The same file without security asks nobody.
    open_node = EmbeddedNode(path)
    assert Peer(open_node).driver().get("k").bins == {"n": 1}
    open_node.close()


def test_many_at_once(node, admin):
    """Logins, changes and commands from several threads: each change counts."""
    failures = []

    def work(number):
        try:
            peer = Peer(node)
            for i in range(10):
                assert peer.login("admin", "admin") == OK
                name = f"u{number}_{i}"
                assert peer.create_user(name, "pw", "read") == OK
                assert peer.roles(Command.GRANT_ROLES, "shared", f"r{number}") == OK
                assert logged_in(node, name, "pw").driver().get("k").code in (OK, 2)
        except BaseException as error:
            failures.append(error)

    admin.create_user("shared", "pw", "read")
    for number in range(6):
        admin.create_role(f"r{number}", 10)
    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert len(admin.blocks(Command.QUERY_USERS)) == 62
    (shared,) = admin.blocks(Command.QUERY_USERS, user("shared"))
    assert shared[Field.ROLES] == names(*(f"r{n}" for n in range(6)), "read")


def test_replies_are_whole_messages(node):
    (reply,) = node.receive(wire.login_request("admin", credential("admin")), Session())
    message, end = wire.decode(reply[HEADER_SIZE:])
    assert (end, message.result) == (len(reply) - HEADER_SIZE, OK)
    assert isinstance(message, AdminMessage)
