"""Every privilege with every command, scopes, and what needs no privilege at all."""

from __future__ import annotations

import base64
import struct

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol import batch
from aerodbapi.protocol.admin import Command, Field
from aerodbapi.protocol.batch import decode_batch, encode_batch
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3, OpType
from aerodbapi.protocol.frame import HEADER_SIZE, MESSAGE, frame
from aerodbapi.protocol.message import Message, Operation, encode_message
from tests.embedded.driver import OK, many, op
from tests.embedded.peers import Peer, credential, logged_in, names, privileges

VIOLATION = 81
PREDEFINED = {
    "user-admin": 0,
    "sys-admin": 1,
    "data-admin": 2,
    "udf-admin": 3,
    "sindex-admin": 4,
    "read": 10,
    "read-write": 11,
    "read-write-udf": 12,
    "write": 13,
    "truncate": 14,
}
ALL = frozenset(PREDEFINED)
READERS = frozenset(("read", "read-write", "read-write-udf"))
WRITERS = frozenset(("read-write", "read-write-udf", "write"))
BOTH = READERS & WRITERS
UDF = frozenset(("read-write-udf",))
DATA = frozenset(("sys-admin", "data-admin"))
USERS = frozenset(("user-admin",))
LUA = base64.b64encode(b"function f(r) return 1 end").decode()
PIDS = struct.pack("<4096H", *range(4096))


@pytest.fixture(scope="module")
def node():
    made = EmbeddedNode(security=True)
    admin = logged_in(made)
    for role in PREDEFINED:
        assert admin.create_user(role, "pw", role) == OK
    admin.create_role("spare", 10)
    admin.create_user("spare", "pw", "read")
    return made


@pytest.fixture(scope="module")
def peers(node):
    return {role: logged_in(node, role, "pw") for role in PREDEFINED}


@pytest.fixture(autouse=True)
def record(node):
    from tests.embedded.driver import Driver

    Driver(node).put("k", {"n": 1})


def query(*, info1=Info1.READ, info2=0, udf=None, ops=(), set=b"s"):
    fields = [(FieldType.NAMESPACE, b"test"), (FieldType.SET, set)]
    if udf is not None:
        fields += [
            (FieldType.UDF_OP, bytes((udf,))),
            (FieldType.UDF_PACKAGE, b"m"),
            (FieldType.UDF_FUNCTION, b"f"),
            (FieldType.UDF_ARGS, b"\x90"),
        ]
    if not info2 and udf is None:
        fields.append((FieldType.PID_ARRAY, PIDS))
    message = Message(
        info1=info1,
        info2=info2,
        info3=0 if info2 else Info3.PARTITION_DONE,
        fields=tuple(fields),
        ops=tuple(ops),
    )
    return frame(MESSAGE, encode_message(message))


def last(peer, request):
    return many(peer, request)[-1].result_code


def batched(peer, entry):
    (reply,) = peer.receive(encode_batch([entry]))
    ((_, code, *_),), _, _ = decode_batch(reply[HEADER_SIZE:])
    return code


def key():
    return "test", "s", digest("s", "k")


def batch_write():
    n_ops, ops = bins_ops({"n": 1})
    return batch.write_entry(*key(), ops, n_ops)


def info(command):
    def run(peer):
        answer = peer.driver().info(command)
        return VIOLATION if answer.startswith(f"ERROR:{VIOLATION}:role violation") else OK

    return run


def user(name=b"spare"):
    return Field.USER, name


def role(name=b"spare"):
    return Field.ROLE, name


def apply(peer):
    fields = [(FieldType.UDF_PACKAGE, b"m"), (FieldType.UDF_FUNCTION, b"f")]
    fields.append((FieldType.UDF_ARGS, b"\x90"))
    return peer.driver().command("k", [], info2=Info2.WRITE, fields=fields).code


def mixed(peer):
    ops = (op(OpType.READ, "n"), op(OpType.WRITE, "n", 2))
    return peer.driver().operate("k", *ops, info1=Info1.READ).code


def background(peer):
    write = Operation(OpType.WRITE, "n", 1, bytes(8))
    return last(peer, query(info1=0, info2=Info2.WRITE, ops=[write]))


def indexed(peer):
    """Query a secondary index that is not there: refused by privilege before that is noticed."""
    fields = (
        (FieldType.NAMESPACE, b"test"),
        (FieldType.SET, b"s"),
        (FieldType.INDEX_RANGE, b"\1\1n\1\0\0\0\x08" + bytes(8) + b"\0\0\0\x08" + bytes(8)),
        (FieldType.PID_ARRAY, PIDS),
    )
    message = Message(info1=Info1.READ, info3=Info3.PARTITION_DONE, fields=fields)
    return last(peer, frame(MESSAGE, encode_message(message)))


#: Command → (how it is sent, the predefined roles that may send it).
COMMANDS = {
    "get": (lambda p: p.driver().get("k").code, READERS),
    "select": (lambda p: p.driver().select("k", "n").code, READERS),
    "exists": (lambda p: p.driver().exists("k").code, READERS),
    "put": (lambda p: p.driver().put("k", {"n": 1}).code, WRITERS),
    "append": (lambda p: p.driver().operate("k", op(OpType.APPEND, "t", "a")).code, WRITERS),
    "increment": (lambda p: p.driver().operate("k", op(OpType.INCR, "n", 1)).code, WRITERS),
    "touch": (lambda p: p.driver().operate("k", op(OpType.TOUCH, "")).code, WRITERS),
    "read and write": (mixed, BOTH),
    "remove": (lambda p: p.driver().remove("k").code, WRITERS),
    "apply": (apply, UDF),
    "batch read": (lambda p: batched(p, batch.read_entry(*key())), READERS),
    "batch write": (lambda p: batched(p, batch_write()), WRITERS),
    "batch remove": (lambda p: batched(p, batch.remove_entry(*key())), WRITERS),
    "query": (lambda p: last(p, query()), READERS),
    "query an index": (indexed, READERS),
    "short query": (lambda p: last(p, query(info1=Info1.READ | Info1.SHORT_QUERY)), READERS),
    "background operations": (background, WRITERS),
    "background UDF": (lambda p: last(p, query(info1=0, info2=Info2.WRITE, udf=2)), UDF),
    "aggregate": (lambda p: last(p, query(udf=1)), UDF),
    "truncate": (info("truncate:namespace=test;set=none"), DATA | {"truncate"}),
    "truncate-undo": (info("truncate-undo:namespace=test;set=none"), DATA | {"truncate"}),
    "truncate-namespace": (info("truncate-namespace:namespace=nn"), DATA | {"truncate"}),
    "sindex-create": (
        info("sindex-create:namespace=test;set=s;indexname=i;bin=n;type=numeric"),
        DATA | {"sindex-admin"},
    ),
    "sindex-exists": (info("sindex-exists:namespace=test;indexname=i"), DATA | {"sindex-admin"}),
    "sindex-delete": (info("sindex-delete:namespace=test;indexname=i"), DATA | {"sindex-admin"}),
    "udf-put": (
        info(f"udf-put:filename=m.lua;content={LUA};content-len={len(LUA)};udf-type=LUA;"),
        DATA | {"udf-admin"},
    ),
    "udf-remove": (info("udf-remove:filename=m.lua;"), DATA | {"udf-admin"}),
    "query-abort": (info("query-abort:id=1"), DATA),
    "query-abort-all": (info("query-abort-all"), DATA),
    "set-config": (info("set-config:context=namespace;id=test;default-ttl=0"), {"sys-admin"}),
    "services-alumni-reset": (info("services-alumni-reset"), {"sys-admin"}),
    **{
        name: (info(name), ALL)
        for name in (
            *("node", "build", "namespaces", "sets/test", "namespace/test", "statistics"),
            *("udf-list", "sindex-list:namespace=test", "query-show", "get-config"),
            *("replicas", "partition-generation", "user-agent-set:value=MSxhLGI="),
        )
    },
    "create user": (
        lambda p: p.create_user("spare", "pw", "read"),
        USERS,
    ),
    "drop user": (lambda p: p.code(Command.DROP_USER, user(b"nobody")), USERS),
    "set password": (
        lambda p: p.code(Command.SET_PASSWORD, user(), (Field.PASSWORD, credential("pw"))),
        USERS,
    ),
    "grant roles": (lambda p: p.roles(Command.GRANT_ROLES, "spare", "read"), USERS),
    "revoke roles": (lambda p: p.roles(Command.REVOKE_ROLES, "spare", "write"), USERS),
    "query users": (lambda p: p.code(Command.QUERY_USERS), USERS),
    "query another user": (lambda p: p.code(Command.QUERY_USERS, user()), USERS),
    "query oneself": (
        lambda p: p.code(Command.QUERY_USERS, user(p.session.user.encode())),
        ALL,
    ),
    "change one's password": (
        lambda p: p.code(
            Command.CHANGE_PASSWORD,
            user(p.session.user.encode()),
            (Field.OLD_PASSWORD, credential("pw")),
            (Field.PASSWORD, credential("pw")),
        ),
        ALL,
    ),
    "create role": (lambda p: p.create_role("spare", 10), USERS),
    "drop role": (lambda p: p.code(Command.DROP_ROLE, role(b"nothing")), USERS),
    **{
        name: (
            lambda p, code=code: p.code(code, role(), (Field.PRIVILEGES, privileges(10))),
            USERS,
        )
        for name, code in (
            ("grant privileges", Command.GRANT_PRIVILEGES),
            ("revoke privileges", Command.REVOKE_PRIVILEGES),
        )
    },
    "set allowlist": (lambda p: p.code(Command.SET_WHITELIST, role()), USERS),
    "set quotas": (lambda p: p.code(Command.SET_QUOTAS, role()), USERS),
    "query roles": (lambda p: p.code(Command.QUERY_ROLES), USERS),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("privilege", PREDEFINED)
def test_privilege_and_command(node, peers, privilege, command):
    run, allowed = COMMANDS[command]
    refused = run(peers[privilege]) == VIOLATION
    assert refused is (privilege not in allowed)


@pytest.mark.parametrize("command", COMMANDS)
def test_all_commands_need_a_login(node, command):
    peer = Peer(node)
    run, _ = COMMANDS[command]
    if run.__qualname__.startswith("info."):
        (reply,) = peer.receive(frame(1, b"node\n"))
        assert reply[HEADER_SIZE:] == b"ERROR:80:not authenticated\n"
    elif command.startswith("batch"):
        (message,) = many(peer, encode_batch([batch.read_entry(*key())]))
        assert message.result_code == 80
    else:
        assert run(peer) == 80


#: Privilege, then sets of namespaces → whether reading and writing there is refused.
SCOPES = [
    ((11, "", ""), {("test", "s"): True, ("test", ""): True, ("other", "s"): True}),
    (
        (11, "test", ""),
        {("test", "s"): True, ("test", "t"): True, ("test", ""): True, ("other", "s"): False},
    ),
    (
        (11, "test", "s"),
        {("test", "s"): True, ("test", "t"): False, ("test", ""): False, ("other", "s"): False},
    ),
]


@pytest.mark.parametrize(("privilege", "places"), SCOPES)
def test_scopes(privilege, places):
    node = EmbeddedNode(security=True)
    admin = logged_in(node)
    assert admin.create_role("r", privilege) == OK
    assert admin.create_user("u", "pw", "r") == OK
    peer = logged_in(node, "u", "pw")
    for (namespace, set_name), allowed in places.items():
        driver = peer.driver(namespace, set_name or None)
        assert (driver.put("k", {"n": 1}).code == OK) is allowed
        assert (driver.get("k").code == OK) is allowed


def test_a_query_of_all_sets_needs_the_namespace():
    node = EmbeddedNode(security=True)
    admin = logged_in(node)
    admin.create_role("r", (10, "test", "s"))
    admin.create_user("u", "pw", "r")
    peer = logged_in(node, "u", "pw")
    assert [last(peer, query(set=s)) for s in (b"s", b"t", b"")] == [OK, VIOLATION, VIOLATION]


def test_truncate_within_a_scope():
    node = EmbeddedNode(security=True)
    admin = logged_in(node)
    admin.create_role("r", (14, "test", "s"))
    admin.create_user("u", "pw", "r")
    driver = logged_in(node, "u", "pw").driver()
    assert driver.info("truncate:namespace=test;set=s") == "ok"
    for refused in ("truncate:namespace=test;set=t", "truncate-namespace:namespace=test"):
        answer = driver.info(refused)
        assert answer == "ERROR:81:role violation - requires permission 'truncate'"


def test_a_batch_is_refused_key_by_key():
    node = EmbeddedNode(security=True)
    admin = logged_in(node)
    admin.create_role("r", (11, "test", "s"), (10, "test", "t"))
    admin.create_user("u", "pw", "r")
    peer = logged_in(node, "u", "pw")
    n_ops, ops = bins_ops({"n": 1})
    entries = [
        batch.write_entry("test", name, digest(name, 1), ops, n_ops) for name in ("s", "t", "u")
    ]
    entries += [batch.read_entry("test", name, digest(name, 1)) for name in ("s", "t", "u")]
    (reply,) = peer.receive(encode_batch(entries))
    found, end, code = decode_batch(reply[HEADER_SIZE:])
    assert (end, code) == (True, OK)
    assert [rc for _, rc, *_ in found] == [OK, VIOLATION, VIOLATION, OK, 2, VIOLATION]


def test_several_roles_add_up():
    node = EmbeddedNode(security=True)
    admin = logged_in(node)
    admin.create_user("u", "pw", "read", "write")
    assert mixed(_with_record(logged_in(node, "u", "pw"))) == OK


def _with_record(peer):
    assert peer.driver().put("k", {"n": 1}).code == OK
    return peer


def test_roles_change_on_open_connections(node):
    admin = logged_in(node)
    admin.create_user("changing", "pw", "read")
    peer = logged_in(node, "changing", "pw")
    assert peer.driver().get("k").code == OK
    admin.roles(Command.REVOKE_ROLES, "changing", "read")
    assert peer.driver().get("k").code == VIOLATION
    admin.roles(Command.GRANT_ROLES, "changing", "read-write")
    assert peer.driver().put("k", {"n": 2}).code == OK
    admin.code(Command.DROP_USER, user(b"changing"))
    assert peer.driver().get("k").code == 80
    # Another user of the same name is not the one who logged in.
    admin.create_user("changing", "pw", "read")
    assert peer.driver().get("k").code == 80


def test_privileges_of_a_role_change_on_open_connections(node):
    admin = logged_in(node)
    admin.create_role("narrow", (10, "test", "other"))
    admin.create_user("narrow", "pw", "narrow")
    peer = logged_in(node, "narrow", "pw")
    assert peer.driver().get("k").code == VIOLATION
    wide = (Field.PRIVILEGES, privileges((10, "test", "s")))
    admin.code(Command.GRANT_PRIVILEGES, role(b"narrow"), wide)
    assert peer.driver().get("k").code == OK
    admin.code(Command.REVOKE_PRIVILEGES, role(b"narrow"), wide)
    assert peer.driver().get("k").code == VIOLATION
    admin.code(Command.DROP_ROLE, role(b"narrow"))
    assert peer.blocks(Command.QUERY_USERS, user(b"narrow"))[0][Field.ROLES] == names()


def test_calls_from_this_process_need_no_login(node):
    from tests.embedded.driver import Driver

    assert Driver(node).get("k").code == OK
