"""Info commands: the replies that clients, tools and people read."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest

from aerodbapi.embedded.node import EmbeddedNode, Session
from aerodbapi.protocol import info
from aerodbapi.protocol.frame import HEADER_SIZE
from aerodbapi.protocol.partitions import decode_peers, decode_replicas, owns
from tests.embedded.driver import NOT_FOUND, OK, Driver


@pytest.fixture
def db():
    return Driver(EmbeddedNode(name="A1B2", address=("127.0.0.1", 3999), cluster_name="mine"))


# Command → reply, word for word as a Community server 8.1.2 gives it.
REPLIES = [
    ("node", "A1B2"),
    ("name", "A1B2"),
    ("build", "8.1.2.0"),
    ("edition", "Aerospike Community Edition"),
    ("version", "Aerospike Community Edition build 8.1.2.0"),
    ("status", "ok"),
    ("cluster-name", "mine"),
    ("namespaces", "test"),
    ("peers-generation", "0"),
    ("peers-clear-std", "0,3000,[]"),
    ("peers-tls-std", "ERROR:25:enterprise only"),
    ("service", "127.0.0.1:3999"),
    ("service-clear-std", "127.0.0.1:3999"),
    ("service-clear-alt", ""),
    ("services", ""),
    ("rack-ids", "ERROR:25:enterprise only"),
    ("roster:namespace=test", "ERROR:25:enterprise only"),
    ("rebalance-generation", "1"),
    ("user-agent-set:value=MSw=", "ok"),
    ("user-agent-set:", "ERROR:4:missing 'value'"),
    ("health-outliers", ""),
    ("bins", "ERROR:4:unrecognized command"),
    ("bins/test", "ERROR:4:unrecognized command"),
    ("jobs", "ERROR:4:unrecognized command"),
    ("scan-show", "ERROR:4:unrecognized command"),
    ("no such thing", "ERROR:4:unrecognized command"),
    ("bogus:a=b", "ERROR:4:unrecognized command"),
    ("namespace/nope", "type=unknown"),
    ("sets/nope", "ns_type=unknown"),
    ("sets/test/nope", ""),
    ("sets", ""),
    ("get-config:context=nope", "ERROR:4:invalid context"),
    ("get-config:context=", "ERROR:4:missing 'context' value"),
    ("get-config:context=namespace", "ERROR:20:missing 'namespace'"),
    ("get-config:context=namespace;namespace=nope", "ERROR:20:namespace not found on node"),
    ("get-config:context=security", ""),
    ("set-config:", "ERROR:4:missing 'context'"),
    ("set-config:context=x;a=1", "ERROR:4:invalid context"),
    ("set-config:context=service;foo=1", "ERROR:4:invalid set-config parameter"),
    (
        "set-config:context=namespace;namespace=test;default-ttl=xx",
        "ERROR:4:invalid set-config parameter",
    ),
    ("sindex-list:", ""),
    ("sindex-list:namespace=nope", "ERROR:20:namespace not found on node"),
    ("sindex-stat:namespace=test;indexname=nope", "ERROR:201:no index"),
    ("sindex/test/nope", "ERROR:201:no index"),
    ("sindex-delete:namespace=test;indexname=nope", "ok"),
    ("sindex-exists:namespace=test;indexname=nope", "false"),
    ("sindex-create:namespace=a b;indexname=i;bin=a;type=numeric", "ERROR:20:namespace not found"),
    ("sindex-create:indexname=i;bin=a;type=numeric", "ERROR:20:missing 'namespace'"),
    ("truncate:namespace=nope;set=a", "ok"),
    ("truncate:namespace=test", "ERROR:4:missing 'set'"),
    ("truncate:set=a", "ERROR:20:missing 'namespace'"),
    ("truncate:namespace=test;set=a;lut=0", "ERROR:4:would truncate to 0"),
    ("truncate:namespace=test;set=a;lut=99", "ERROR:4:would truncate to 0"),
    ("truncate:namespace=test;set=a;lut=abc", "ERROR:4:would truncate to 0"),
    (
        "truncate:namespace=test;set=a;lut=9999999999999999999",
        "ERROR:4:would truncate in the future",
    ),
    (f"truncate:namespace=test;set={'x' * 64}", "ERROR:4:'set' value too long"),
    ("truncate-namespace:namespace=nope", "ok"),
    ("truncate-undo:namespace=test;set=a", "ok"),
    ("udf-list", ""),
    ("udf-get:filename=nope.lua", "error=not_found"),
    ("udf-get:", "error=invalid_filename"),
    ("udf-remove:", "error=invalid_filename"),
    ("udf-remove:filename=nope.lua", "ok"),
    ("udf-put:filename=a.lua;content=;content-len=0;udf-type=LUA;", "error=invalid_base64_content"),
    ("udf-put:filename=a.lua;content=!;content-len=1;", "error=invalid_content_len"),
    ("udf-put:filename=a.lua;content=AA==", "error=invalid_content_len"),
    ("udf-put:filename=a;content=AA==;content-len=4;", "error=invalid_filename"),
    ("udf-put:filename=.lua;content=AA==;content-len=4;", "error=invalid_filename"),
    ("query-show", ""),
    ("query-show:id=5", "ERROR:2:job not found"),
    ("query-abort:id=5", "ERROR:2:id not active"),
    ("query-abort", "ERROR:4:missing 'id'"),
    ("query-abort-all:", "number-of-queries-killed:0"),
]


@pytest.mark.parametrize(("command", "reply"), REPLIES, ids=[c for c, _ in REPLIES])
def test_reply(db, command, reply):
    assert db.info(command) == reply


def test_many_commands_in_one_request(db):
    (reply,) = db.node.receive(info.encode_request(["node", "bogus", "build"]))
    assert (
        reply[HEADER_SIZE:] == b"node\tA1B2\nbogus\tERROR:4:unrecognized command\nbuild\t8.1.2.0\n"
    )


def test_an_empty_request_asks_for_the_usual(db):
    (reply,) = db.node.receive(info.encode_request([]))
    values = info.decode_reply(reply[HEADER_SIZE:])
    assert values["node"] == "A1B2"
    assert "statistics" in values


def test_the_node_owns_every_partition_of_every_namespace(db):
    db.namespace = "more"
    generation = db.info("partition-generation")
    db.put("k", {"a": 1})
    assert db.info("partition-generation") != generation
    replicas = decode_replicas(db.info("replicas"))
    assert sorted(replicas) == ["more", "test"]
    for found in replicas.values():
        assert found.factor == 1
        assert all(owns(found.bitmaps[0], pid) for pid in range(4096))
    assert decode_peers(db.info("peers-clear-std")) == (0, 3000, ())


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_node_that_listens_anywhere_names_the_address_that_the_peer_used(host):
    node = EmbeddedNode(address=(host, 3999))
    peer = Session("10.0.0.9:1", local_host="10.0.0.5")
    assert node.info.value("service-clear-std", peer) == "10.0.0.5:3999"
    assert node.info.value("service-clear-std") == "127.0.0.1:3999"


def test_help_lists_every_command(db):
    for command in db.info("help").split(";"):
        assert db.info(command) != "ERROR:4:unrecognized command"


def test_sets_and_namespaces_are_counted(db):
    for i in range(10):
        db.put(i, {"a": i})
    line = db.info("sets/test/s")
    assert line.startswith("objects=10:tombstones=0:data_used_bytes=")
    assert line.endswith(":stop-writes-size=0;")
    assert db.info("sets") == db.info("sets/test") == f"ns=test:set=s:{line}"
    values = info.pairs(db.info("namespace/test"))
    assert values["objects"] == values["master_objects"] == "10"
    assert int(values["data_used_bytes"]) > 100
    assert values["default-ttl"] == "0"
    assert info.pairs(db.info("statistics"))["objects"] == "10"


def test_a_set_outlives_its_records(db):
    db.put("k", {"a": 1})
    db.remove("k")
    assert db.info("sets/test/s").startswith("objects=0:")


def test_default_ttl_can_be_set(db):
    assert db.info("set-config:context=namespace;namespace=test;default-ttl=2d") == "ok"
    config = info.pairs(db.info("get-config:context=namespace;namespace=test"))
    assert config["default-ttl"] == "172800"
    assert db.put("k", {"a": 1}).void_time > 0
    assert db.info("set-config:context=namespace;id=test;default-ttl=0") == "ok"
    assert db.put("k", {"a": 1}).void_time == 0


def test_truncate_removes_a_set_at_once(db):
    for i in range(50):
        db.put(i, {"a": i})
    other = Driver(db.node, set="other")
    other.put("k", {"a": 1})
    assert db.info("truncate:namespace=test;set=s") == "ok"
    assert [db.get(i).code for i in range(50)] == [NOT_FOUND] * 50
    assert other.get("k").code == OK
    assert db.put(1, {"a": 1}) == (OK, 1, 0, [])
    assert "truncate_lut=0" not in db.info("sets/test/s")
    assert db.info("truncate-undo:namespace=test;set=s") == "ok"
    assert "truncate_lut=0" in db.info("sets/test/s")


def test_truncate_up_to_a_time_keeps_what_was_written_later(db):
    db.put("old", {"a": 1})
    time.sleep(0.005)
    lut = time.time_ns()
    time.sleep(0.005)
    db.put("new", {"a": 1})
    assert db.info(f"truncate:namespace=test;set=s;lut={lut}") == "ok"
    assert (db.get("old").code, db.get("new").code) == (NOT_FOUND, OK)


def test_truncate_namespace_removes_every_set(db):
    db.put("k", {"a": 1})
    Driver(db.node, set=None).put("k", {"a": 1})
    assert db.info("truncate-namespace:namespace=test") == "ok"
    assert db.info("namespace/test").split(";")[2] == "objects=0"


def test_udf_modules_are_kept(db):
    source = b"function f(r) return 1 end"
    content = base64.b64encode(source).decode()
    put = f"udf-put:filename=m.lua;content={content};content-len={len(content)};udf-type=LUA;"
    assert db.info(put) == "ok"
    kept = f'{{"content64": "{content}", "type": "LUA", "name": "m.lua"}}'
    digest = hashlib.sha1(kept.encode()).hexdigest()
    assert db.info("udf-list") == f"filename=m.lua,hash={digest},type=LUA;"
    assert db.info("udf-get:filename=m.lua") == f"type=LUA;content={content};"
    assert db.info("udf-remove:filename=m.lua") == "ok"
    assert db.info("udf-list") == ""


def test_indexes_come_and_go(db):
    create = "sindex-create:namespace=test;set=s;indexname=by_a;bin=a;type=numeric"
    assert db.info(create) == "ok"
    assert db.info(create) == "ok"
    assert db.info(create.replace("bin=a", "bin=b")) == (
        "ERROR:200:'indexname' already exists with different definition"
    )
    line = (
        "ns=test:indexname=by_a:set=s:bin=a:type=numeric:indextype=default:context=null:"
        "exp=null:state=RW"
    )
    assert db.info("sindex-list:namespace=test") == db.info("sindex/test") == line
    assert db.info("sindex-exists:namespace=test;indexname=by_a") == "true"
    assert "load_pct=100" in db.info("sindex/test/by_a")
    db.put("k", {"a": 1})
    assert ":sindexes=1:" in db.info("sets/test/s")
    assert db.info("sindex-stat:namespace=test;indexname=by_a").startswith("entries=1;")
    assert db.info("sindex-delete:namespace=test;indexname=by_a") == "ok"
    assert db.info("sindex-list:") == ""


def test_an_index_makes_its_namespace(db):
    assert db.info("sindex-create:namespace=fresh;indexname=i;bin=a;type=string") == "ok"
    assert db.info("namespaces") == "test;fresh"


def test_namespaces_whose_names_are_too_long(db):
    name = "a" * 40
    assert db.info(f"sindex-create:ns={name};set=s;indexname=i;bin=b;type=numeric").startswith(
        "ERROR:20:"
    )
    assert db.info("logs") == ""
