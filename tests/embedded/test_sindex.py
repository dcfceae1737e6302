"""Secondary indexes: their definitions, texts and errors, and that writes keep them true."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.embedded.index_keys import bval_of
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.paths import resolve
from aerodbapi.protocol import cdt
from aerodbapi.protocol import expressions as e
from aerodbapi.protocol.digest import digest
from aerodbapi.types import GeoJSON, KeyOrderedDict
from tests.embedded.driver import NOT_FOUND, OK, Driver

AGE = "namespace=test;set=s;indexname=age;bin=age;type=numeric"


@pytest.fixture
def db():
    return Driver(EmbeddedNode())


def create(db, text):
    return db.info(f"sindex-create:{text}")


def entries(db, name, low=None, high=None):
    """Give the keys of an index, with the number of digests under each."""
    index = db.node.indexes.named("test", name)
    found = index.keys_between(-(2**63), 2**64)
    return {key: len(index.digests(key)) for key in found}


def packed(expression):
    return base64.b64encode(e.pack_expression(expression)).decode()


def test_same_again_renamed_and_different(db):
    assert create(db, AGE) == "ok"
    assert create(db, AGE) == "ok"
    assert create(db, AGE.replace("numeric", "string")) == (
        "ERROR:200:'indexname' already exists with different definition"
    )
    assert create(db, AGE.replace("indexname=age", "indexname=years")) == "ok"
    assert db.info("sindex-exists:namespace=test;indexname=age") == "false"
    assert db.info("sindex-exists:namespace=test;indexname=years") == "true"


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("namespace=test;bin=a;type=numeric", "ERROR:4:missing 'indexname'"),
        ("indexname=i;bin=a;type=numeric", "ERROR:20:missing 'namespace'"),
        ("namespace=test;indexname=;bin=a;type=numeric", "ERROR:4:missing 'indexname'"),
        (f"namespace=test;indexname={'i' * 64};bin=a;type=numeric", "'indexname' value too long"),
        ("namespace=test;indexname=i;bin=a", "ERROR:4:both 'indexdata' and 'type' are missing"),
        ("namespace=test;indexname=i;type=numeric", "ERROR:4:both 'bin' and 'exp' are missing"),
        ("namespace=test;indexname=i;bin=a;type=json", "ERROR:4:bad 'type'"),
        ("namespace=test;indexname=i;bin=a;type=numeric;indextype=tree", "bad 'indextype'"),
        (f"namespace=test;indexname=i;bin={'b' * 16};type=numeric", "'bin' value too long"),
        ("namespace=test;indexname=i;indexdata=a", "'indexdata' missing bin type"),
        ("namespace=test;indexname=i;indexdata=,numeric", "'indexdata' missing bin name"),
        ("namespace=test;indexname=i;indexdata=a,x", "bad 'indexdata' bin type"),
        ("namespace=test;indexname=i;bin=a;type=numeric;context=!", "'context' invalid base64"),
        ("namespace=test;indexname=i;bin=a;type=numeric;context=AAAA", "invalid cdt context"),
        ("namespace=test;indexname=i;type=numeric;exp=AAAA", "bad 'exp'"),
        (
            "namespace=test;indexname=i;bin=a;type=geo2dsphere;indextype=mapkeys",
            "bin type for 'indextype' 'mapkeys'",
        ),
        (
            f"namespace=test;indexname=i;type=string;exp={packed(e.int_bin('a'))}",
            "expression type 'numeric' does not match expected type 'string'",
        ),
        (f"namespace=test;indexname=i;type=numeric;exp={packed(e.ttl())}", "bad 'exp'"),
        (f"namespace=test;indexname=i;type=numeric;exp={packed(e.val(1))}", "bad 'exp'"),
        ("namespace=test;indexname=i;indextype=set;set=s;bin=a", "not supported for set index"),
        ("namespace=test;indexname=i;indextype=set", "ERROR:4:missing 'set'"),
    ],
)
def test_what_create_refuses(db, text, reply):
    assert reply in create(db, text)
    assert db.info("sindex-list:namespace=test") == ""


def test_limit_of_indexes(db):
    for number in range(256):
        assert create(db, f"namespace=test;indexname=i{number};bin=b{number};type=blob") == "ok"
    assert create(db, AGE) == "ERROR:206:already at sindex definition limit"


def test_texts(db):
    create(db, AGE)
    create(db, "ns=test;indexname=old;indexdata=name,STRING;indextype=LIST")
    create(db, "namespace=test;set=s;indexname=whole;indextype=set")
    assert db.info("sindex-list:namespace=test") == (
        "ns=test:indexname=age:set=s:bin=age:type=numeric:indextype=default:context=null:exp=null"
        ":state=RW;ns=test:indexname=old:set=null:bin=name:type=string:indextype=list:context=null"
        ":exp=null:state=RW;ns=test:indexname=whole:set=s:indextype=set"
    )
    for key, age in enumerate((1, 1, 2, 3)):
        db.put(key, {"age": age})
    assert db.info("sindex-stat:namespace=test;indexname=age") == (
        "entries=4;used_bytes=16777216;entries_per_bval=1;entries_per_rec=1;load_pct=100"
        ";load_time=0;stat_gc_recs=0"
    )
    assert db.info("sindex-stat:namespace=test;indexname=no") == "ERROR:201:no index"
    assert db.info("sindex-list:namespace=none") == "ERROR:20:namespace not found on node"
    assert db.info("sindex-delete:namespace=test;indexname=age") == "ok"
    assert db.info("sindex-delete:namespace=test;indexname=age") == "ok"
    assert db.info("sindex-exists:namespace=test;indexname=age") == "false"


def test_created_over_existing_records_and_kept_by_writes(db):
    for key, age in enumerate((5, 5, 7, "seven", 2.5)):
        db.put(key, {"age": age})
    create(db, AGE)
    assert entries(db, "age") == {5: 2, 7: 1}
    assert db.put(0, {"age": 6}).code == OK
    assert db.put(1, {"age": None, "x": 1}).code == OK
    assert db.put(3, {"age": -1}).code == OK
    assert entries(db, "age") == {-1: 1, 6: 1, 7: 1}
    assert db.remove(2).code == OK
    assert db.remove(2).code == NOT_FOUND
    assert entries(db, "age") == {-1: 1, 6: 1}


def test_truncation_and_expiry_leave_the_index(db):
    create(db, AGE)
    db.put(1, {"age": 1}, ttl=1000)
    db.put(2, {"age": 2})
    db.node.store.namespace("test").find("s", digest("s", 1)).void_time = 1
    db.node.reaper.sweep()
    assert entries(db, "age") == {2: 1}
    assert db.info("truncate:namespace=test;set=s") == "ok"
    assert entries(db, "age") == {}


def test_set_and_namespace_wide_indexes(db):
    create(db, AGE)
    create(db, "namespace=test;indexname=all;bin=age;type=numeric")
    db.put(1, {"age": 1})
    Driver(db.node, set="other").put(1, {"age": 1})
    Driver(db.node, set=None).put(1, {"age": 1})
    assert entries(db, "age") == {1: 1}
    assert entries(db, "all") == {1: 3}


def test_lists_maps_contexts_and_expressions(db):
    context = base64.b64encode(e.pack_context((0x22, "inner", 0x10, -1))).decode()
    for text in (
        "indexname=l;bin=l;type=numeric;indextype=list",
        "indexname=k;bin=m;type=numeric;indextype=mapkeys",
        "indexname=v;bin=m;type=numeric;indextype=mapvalues",
        f"indexname=c;bin=deep;type=numeric;context={context}",
        f"indexname=x;type=numeric;exp={packed(e.mul(e.int_bin('age'), 2))}",
    ):
        assert create(db, f"namespace=test;set=s;{text}") == "ok"
    db.put(
        1,
        {
            "l": [1, 2, 2, "3", [4], 5.0],
            "m": KeyOrderedDict({1: 10, 2: "x", "y": 11}),
            "deep": KeyOrderedDict(inner=[1, 9]),
            "age": 21,
        },
    )
    db.put(2, {"l": 1, "m": [1], "deep": {}, "age": "x"})
    assert entries(db, "l") == {1: 1, 2: 1}
    assert entries(db, "k") == {1: 1, 2: 1}
    assert entries(db, "v") == {10: 1, 11: 1}
    assert entries(db, "c") == {9: 1}
    assert entries(db, "x") == {42: 1}
    assert "entries=2;" in db.info("sindex-stat:namespace=test;indexname=l")


def test_strings_blobs_and_shapes(db):
    pytest.importorskip("s2geometry")
    for kind in ("string", "blob", "geo2dsphere"):
        create(db, f"namespace=test;set=s;indexname={kind};bin=v;type={kind}")
    db.put(1, {"v": "text"})
    db.put(2, {"v": b"text"})
    db.put(3, {"v": GeoJSON('{"type":"Point","coordinates":[1.0,2.0]}')})
    db.put(4, {"v": "x" * 2049})
    named = db.node.indexes.named
    assert len(named("test", "string").digests(b"text")) == 1
    assert len(named("test", "blob").digests(b"text")) == 1
    assert named("test", "string").entries == 1
    assert list(entries(db, "geo2dsphere").values()) == [1]


@pytest.mark.parametrize("key", [0, 1, -1, 2**63 - 1, -(2**63), 2**64 - 1, b"", b"text"])
def test_bvals_are_signed_64_bit_numbers(key):
    assert -(2**63) <= bval_of(23 if key == 2**64 - 1 else 1, key) < 2**63


KEYS = st.integers(0, 5)
AGES = st.none() | st.integers(-3, 3) | st.just("text")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(KEYS, AGES), max_size=30), st.integers(-4, 4), st.integers(0, 4))
def test_an_index_is_what_the_records_say(writes, low, width):
    db = Driver(EmbeddedNode())
    create(db, AGE)
    expected: dict[int, object] = {}
    for key, age in writes:
        if age is None:
            db.remove(key)
            expected.pop(key, None)
        else:
            db.put(key, {"age": age})
            expected[key] = age
        if key == 3:
            entries(db, "age")  # puts the keys in order in between
    index = db.node.indexes.named("test", "age")
    ages = [age for age in expected.values() if isinstance(age, int)]
    assert index.entries == len(ages)
    assert entries(db, "age") == {age: ages.count(age) for age in sorted(set(ages))}
    assert index.keys_between(low, low + width) == sorted(
        {age for age in ages if low <= age <= low + width}
    )


def test_a_durable_node_brings_its_indexes_back(tmp_path):
    path = str(tmp_path / "node.db")
    node = EmbeddedNode(path)
    db = Driver(node)
    create(db, AGE)
    create(db, AGE.replace("indexname=age", "indexname=years"))
    create(db, "namespace=test;set=s;indexname=gone;bin=x;type=numeric")
    db.info("sindex-delete:namespace=test;indexname=gone")
    db.put(1, {"age": 9})
    node.close()
    again = Driver(EmbeddedNode(path))
    assert entries(again, "years") == {9: 1}
    assert again.info("sindex-list:namespace=test").count("indexname=") == 1
    again.node.close()


def test_context_steps_lead_to_elements():
    value = cdt.pack(KeyOrderedDict(a=[3, 1, 2], b=KeyOrderedDict({"x": 7, "y": 5})))
    for steps, expected in (
        ((0x22, "a", 0x10, 0), 3),
        ((0x22, "a", 0x10, -1), 2),
        ((0x22, "a", 0x11, 0), 1),
        ((0x22, "a", 0x13, 2), 2),
        ((0x20, 1, 0x21, 0), 5),
        ((0x20, 1, 0x23, 7), 7),
        ((0x22, "a", 0x10, 3), None),
        ((0x22, "a", 0x22, "x"), None),
        ((0x10, 0), None),
        ((0x22, "none"), None),
    ):
        found = resolve(value, e.pack_context(steps))
        assert (None if found is None else cdt.unpack(found)) == expected


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (e.int_bin("a"), 'bin_int("a")'),
        (e.mul(e.int_bin("a"), 2), 'mul(bin_int("a"), 2)'),
        (
            e.cond(e.eq(e.str_bin("s"), "x"), e.int_bin("a"), e.unknown()),
            'cond(eq(bin_str("s"), <string#1>), bin_int("a"), unknown())',
        ),
        (
            e.let(e.def_("v", e.bin_type("a")), e.min_(e.var("v"), e.digest_modulo(3))),
            'let(def(var_0, bin_type("a")), min(var("var_0"), digest_modulo(3)))',
        ),
        (
            e.cond(e.and_(e.regex(1, "^a", e.str_bin("s")), True), 1, 0),
            'cond(and(cmp_regex(<string#2>, 1, bin_str("s")), true), 1, 0)',
        ),
        (
            e.cond(e.in_list(e.float_bin("f"), [1.5]), 1, 2),
            'cond(in_list(bin_float("f"), <list#1>), 1, 2)',
        ),
    ],
)
def test_expressions_and_contexts_are_listed_as_text(db, expression, text):
    encoded = packed(expression)
    assert create(db, f"namespace=test;indexname=x;type=numeric;exp={encoded}") == "ok"
    assert f":bin=null:type=numeric:indextype=default:context=null:exp={text}:" in db.info(
        "sindex-list:namespace=test"
    )
    assert f":exp={encoded}:" in db.info("sindex-list:namespace=test;b64=true")


def test_contexts_are_listed_as_text(db):
    context = base64.b64encode(e.pack_context((0x22, "k", 0x10, -1, 0x23, b"ab"))).decode()
    create(db, f"namespace=test;indexname=c;bin=b;type=numeric;context={context}")
    assert ":context=[map_key(<string#1>), list_index(-1), map_value(<blob#2>)]:" in db.info(
        "sindex-list:namespace=test"
    )
