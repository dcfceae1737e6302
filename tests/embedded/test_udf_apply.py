"""Record UDFs as commands: policies, filters, keys, TTLs, indexes, batches, broken messages."""

from __future__ import annotations

import struct
import sys
import time

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.errors import UnsupportedFeature
from aerodbapi.protocol import cdt
from aerodbapi.protocol import expressions as e
from aerodbapi.protocol.batch import apply_entry, decode_batch, encode_batch, read_entry
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import (
    TTL_KEEP,
    TTL_NEVER,
    BatchFlag,
    FieldType,
    Info2,
    Info3,
    ParticleType,
)
from aerodbapi.protocol.frame import HEADER_SIZE
from tests.embedded.driver import (
    ENTERPRISE_ONLY,
    FILTERED_OUT,
    KEY_MISMATCH,
    NOT_FOUND,
    OK,
    PARAMETER,
    TOO_BIG,
    UNSUPPORTED,
    Driver,
)
from tests.embedded.udf.endpoint import Lua, call_fields, result

lupa = pytest.importorskip("lupa.lua54")

UDF = 100
EPOCH_2010 = 1262304000
MODULE = """
function inc(rec, by)
  rec.n = (rec.n or 0) + (by or 1)
  if aerospike:exists(rec) then aerospike:update(rec) else aerospike:create(rec) end
  return rec.n
end
function get(rec, name) return rec[name] end
function key(rec) return record.key(rec) end
function drop_key(rec) record.drop_key(rec) return aerospike:update(rec) end
function ttl(rec, ttl) record.set_ttl(rec, ttl) return aerospike:update(rec) end
function remove(rec) return aerospike:remove(rec) end
function big(rec) rec.x = string.rep("x", 8 << 20) return aerospike:create(rec) end
function boom(rec) error("boom") end
"""


@pytest.fixture
def lua():
    lua = Lua(EmbeddedNode(), "s")
    assert lua.put_module("m.lua", MODULE) == "ok"
    return lua


@pytest.fixture
def db(lua):
    return Driver(lua.receiver)


def number(message):
    code, name, value = result(message)
    assert name == "SUCCESS"
    return code, int.from_bytes(value, "big", signed=True)


def test_a_function_makes_and_changes_a_record(lua, db):
    assert number(lua.call("k", "m", "inc", 5)) == (OK, 5)
    answer = lua.call("k", "m", "inc")
    assert (number(answer), answer.generation) == ((OK, 6), 2)
    assert db.get("k")[:2] == (OK, 2)
    assert db.get("k").bins == {"n": 6}


def test_a_function_that_only_reads_writes_nothing(lua, db):
    db.put("k", {"n": 7})
    answer = lua.call("k", "m", "get", "n")
    assert (number(answer), answer.generation) == ((OK, 7), 1)
    assert db.get("k").generation == 1
    assert result(lua.call("none", "m", "get", "n")) == (OK, "SUCCESS", b"")
    assert db.get("none").code == NOT_FOUND


@pytest.mark.parametrize(
    "flags",
    [
        {"info2": Info2.GENERATION, "generation": 1},
        {"info2": Info2.GENERATION_GT, "generation": 2},
        {"info2": Info2.CREATE_ONLY},
        {"info3": Info3.UPDATE_ONLY},
        {"info3": Info3.CREATE_OR_REPLACE},
        {"info3": Info3.REPLACE_ONLY},
    ],
)
def test_policies_that_no_udf_takes(lua, db, flags):
    db.put("k", {"n": 1})
    answer = lua.call("k", "m", "inc", **flags)
    assert (answer.result_code, answer.ops) == (PARAMETER, ())
    assert db.get("k").bins == {"n": 1}


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [(FieldType.UDF_FUNCTION, b"inc")],
        [(FieldType.UDF_FUNCTION, b"inc" * 50), (FieldType.UDF_ARGS, b"\x90")],
        [(FieldType.UDF_ARGS, b"\x90")],
    ],
)
def test_calls_that_lack_something(lua, fields):
    sent = [(FieldType.UDF_PACKAGE, b"m"), *fields]
    answer = lua.command("k", fields=sent, info2=Info2.WRITE)
    assert (answer.result_code, answer.ops) == (PARAMETER, ())


@pytest.mark.parametrize("arguments", [b"", b"\x05", b"\x92\x01", b"\xc1", b"\x91\xd4\xff\x00"])
def test_arguments_that_are_no_list_are_none(lua, arguments):
    fields = [*call_fields("m", "inc", ())[:2], (FieldType.UDF_ARGS, arguments)]
    answer = lua.command("k", fields=fields, info2=Info2.WRITE)
    assert number(answer) == (OK, 1)


def test_missing_modules_and_functions(lua):
    assert result(lua.call("k", "none", "f")) == (UDF, "FAILURE", b"UDF: Execution Error 1")
    assert result(lua.call("k", "m", "none")) == (UDF, "FAILURE", b"function not found")


def test_filters(lua, db):
    db.put("k", {"n": 1})
    no = [(FieldType.FILTER, e.pack_expression(e.eq(e.int_bin("n"), 2)))]
    yes = [(FieldType.FILTER, e.pack_expression(e.eq(e.int_bin("n"), 1)))]
    answer = lua.call("k", "m", "inc", fields=no)
    assert (answer.result_code, answer.generation, answer.ops) == (FILTERED_OUT, 1, ())
    assert number(lua.call("k", "m", "inc", fields=yes)) == (OK, 2)
    # There is nothing to filter where there is no record.
    assert number(lua.call("new", "m", "inc", fields=no)) == (OK, 1)


def test_keys(lua, db):
    sent = [(FieldType.KEY, b"\3user")]
    assert number(lua.call("k", "m", "inc", fields=sent)) == (OK, 1)
    assert result(lua.call("k", "m", "key")) == (OK, "SUCCESS", b"user")
    answer = lua.call("k", "m", "inc", fields=[(FieldType.KEY, b"\3other")])
    assert (answer.result_code, answer.ops) == (KEY_MISMATCH, ())
    assert number(lua.call("k", "m", "drop_key")) == (OK, 0)
    assert result(lua.call("k", "m", "key")) == (OK, "SUCCESS", b"")
    number_key = [(FieldType.KEY, b"\1" + struct.pack(">q", 5))]
    assert number(lua.call("k", "m", "key", fields=number_key)) == (OK, 5)


def test_ttls(lua, db):
    now = int(time.time()) - EPOCH_2010
    answer = lua.call("k", "m", "inc", ttl=1000)
    assert abs(answer.record_ttl - now - 1000) < 5
    answer = lua.call("k", "m", "ttl", 500)
    assert abs(answer.record_ttl - now - 500) < 5
    answer = lua.call("k", "m", "inc", ttl=TTL_KEEP)
    assert abs(answer.record_ttl - now - 500) < 5
    assert lua.call("k", "m", "inc", ttl=TTL_NEVER).record_ttl == 0
    answer = lua.call("k", "m", "ttl", 11 * 365 * 86400)
    assert (answer.result_code, answer.generation) == (PARAMETER, 4)


def test_removal(lua, db):
    db.put("k", {"n": 1})
    answer = lua.call("k", "m", "remove", info2=Info2.DURABLE_DELETE)
    assert answer.result_code == ENTERPRISE_ONLY
    answer = lua.call("k", "m", "remove")
    assert (number(answer), answer.generation) == ((OK, 0), 2)
    assert db.get("k").code == NOT_FOUND


def test_too_big(lua, db):
    answer = lua.call("k", "m", "big")
    assert (answer.result_code, answer.ops) == (TOO_BIG, ())
    assert db.get("k").code == NOT_FOUND


def test_expired_records_do_not_exist(lua, db):
    db.put("k", {"n": 5}, ttl=1)
    time.sleep(2.1)
    assert number(lua.call("k", "m", "inc")) == (OK, 1)
    assert db.get("k").generation == 1


def test_indexes_follow(lua, db):
    create = "sindex-create:namespace=test;set=s;indexname=by_n;bin=n;type=numeric"
    assert lua.info(create).lower() == "ok"
    lua.call("k", "m", "inc", 41)
    lua.call("k", "m", "inc")
    entries = lua.info("sindex-stat:namespace=test;indexname=by_n")
    assert "entries=1;" in entries
    lua.call("k", "m", "remove")
    assert "entries=0;" in lua.info("sindex-stat:namespace=test;indexname=by_n")


def test_durable(tmp_path):
    path = str(tmp_path / "node.db")
    node = EmbeddedNode(path)
    lua = Lua(node, "s")
    lua.put_module("m.lua", MODULE)
    lua.call("k", "m", "inc", 5)
    node.close()
    node = EmbeddedNode(path)
    assert number(Lua(node, "s").call("k", "m", "inc")) == (OK, 6)
    node.close()


def entry(key, function, *args, **flags):
    packed = cdt.pack(list(args))
    return apply_entry("test", "s", digest("s", key), "m", function, packed, **flags)


def run_batch(lua, entries, **options):
    found = []
    for reply in lua.receiver.receive(encode_batch(entries, **options)):
        results, last, code = decode_batch(reply[HEADER_SIZE:])
        found += [(index, rc, bins) for index, rc, _, _, bins in results]
    assert last
    return found, code


def test_batches(lua, db):
    db.put("a", {"n": 1})
    entries = [
        entry("a", "inc", 10),
        entry("b", "inc"),
        entry("a", "boom"),
        entry("a", "none"),
        read_entry("test", "s", digest("s", "a"), bins=["n"]),
        entry("a", "inc", filter=e.pack_expression(e.eq(e.int_bin("n"), 99))),
    ]
    found, code = run_batch(lua, entries, flags=BatchFlag.RESPOND_ALL_KEYS)
    assert code == OK
    boom = "/opt/aerospike/usr/udf/lua/m.lua:13: boom"
    assert found == [
        (0, OK, {"SUCCESS": 11}),
        (1, OK, {"SUCCESS": 1}),
        (2, UDF, {"FAILURE": boom}),
        (3, UDF, {"FAILURE": "function not found"}),
        (4, OK, {"n": 11}),
        (5, FILTERED_OUT, {}),
    ]


def test_batches_have_the_timeout_of_their_message(lua):
    lua.put_module("m.lua", "function inc(rec) while true do end end")
    started = time.monotonic()
    [(_, code, bins)], _ = run_batch(
        lua, [entry("a", "inc")], flags=BatchFlag.RESPOND_ALL_KEYS, timeout_ms=100
    )
    assert (code, bins) == (UDF, {"FAILURE": "UDF Execution Timeout"})
    assert time.monotonic() - started < 3


def test_without_lupa(lua, db, monkeypatch):
    from aerodbapi.embedded.udf import runtime

    monkeypatch.setitem(sys.modules, "lupa.lua54", None)
    monkeypatch.setattr(runtime, "_lupa", runtime._lupa.__wrapped__)
    with pytest.raises(UnsupportedFeature, match=r'pip install "aerodbapi\[udf\]"'):
        runtime.Runtime(lambda name: None)
    fresh = Lua(EmbeddedNode(), "s")
    assert fresh.put_module("m.lua", "not Lua at all") == "ok"
    code, name, value = result(fresh.call("k", "m", "f"))
    assert (code, name) == (UNSUPPORTED, "FAILURE")
    assert b'pip install "aerodbapi[udf]"' in value
    [failure, last] = fresh_query(fresh)
    assert b"aerodbapi[udf]" in failure.ops[0].value
    assert last.result_code == 1


def fresh_query(lua):
    lua.put(1, [])
    Driver(lua.receiver).put("k", {"n": 1})
    return lua.query(1, "m", "f")


def test_particle_types_of_results(lua, db):
    lua.put_module(
        "types.lua",
        "local kinds = {n = 1, d = 1.5, s = 'x', t = true, l = list(), m = map(), b = bytes(), "
        "g = geojson('{}')} function f(rec, name) return kinds[name] end",
    )
    kinds = {"n": 1, "d": 2, "s": 3, "t": 17, "l": 20, "m": 19, "b": 4, "g": 23, "none": 0}
    for name, kind in kinds.items():
        [operation] = lua.call("k", "types", "f", name).ops
        assert operation.particle_type == kind
    assert ParticleType.GEOJSON == 23
