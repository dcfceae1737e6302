"""The catalog: samples, index facts, learning, ageing."""

from __future__ import annotations

from aerodbapi.plan.catalog import Catalog, IndexInfo, from_sample, indexes_from_info


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_sample_has_columns_in_order_of_appearance_and_the_union_of_kinds():
    info = from_sample(
        "n", "s", [("k", {"b": 1, "a": "x"}), (5, {"a": 1, "c": None}), (None, {"b": 2.5})]
    )
    assert [(column.name, column.code) for column in info.columns] == [
        ("b", "DOUBLE"),
        ("a", "JSON"),
    ]
    assert info.column("b").types == (("int", 1), ("float", 1))
    assert info.column("B") is None
    assert (info.sampled, info.key.code) == (3, "JSON")
    assert from_sample("n", "s", []).key.code == "VARCHAR"


def test_indexes_of_both_spellings():
    text = (
        "ns=test:indexname=a:set=demo:bin=x:type=numeric:indextype=default:context=null:exp=null:state=RW;"
        "ns=test:set=NULL:indexname=b:bin=y:type=STRING:indextype=MAPKEYS:state=WO;"
        "ns=test:set=s:indexname=c:bin=z:type=integer:indextype=list:context=khAA:state=RW;"
        "ns=test:set=s:indexname=d:indextype=set:state=RW;\n"
    )
    stats = {"a": "keys=5;entries_per_bval=7;load_pct=100", "b": "entries_per_bval=n/a"}
    assert indexes_from_info(text, stats) == (
        IndexInfo("test", "demo", "a", "x", "NUMERIC", None, 7, "RW", True),
        IndexInfo("test", None, "b", "y", "STRING", "MAPKEYS", None, "WO", True),
        IndexInfo("test", "s", "c", "z", "NUMERIC", "LIST", None, "RW", False, b"\x92\x10\x00"),
    )
    assert indexes_from_info("") == ()


def test_what_was_learnt_from_writes_changes_the_version_once():
    catalog = Catalog()
    catalog.put(from_sample("n", "s", [("k", {"a": 1})]))
    version = catalog.version
    catalog.learn("n", "s", {"a": 2})
    assert catalog.version == version
    catalog.learn("n", "s", {"a": 2.5, "b": "x", "c": None})
    assert catalog.version == version + 1
    assert [(c.name, c.code) for c in catalog.get("n", "s").columns] == [
        ("a", "DOUBLE"),
        ("b", "VARCHAR"),
    ]
    catalog.learn("n", "other", {"a": 1})
    assert catalog.get("n", "other") is None


def test_writes_to_a_set_teach_the_namespace_too():
    catalog = Catalog()
    catalog.put(from_sample("n", None, []))
    catalog.learn("n", "s", {"a": 1})
    assert catalog.get("n", None).column("a").code == "BIGINT"


def test_a_new_sample_keeps_the_places_of_columns():
    catalog = Catalog()
    catalog.put(from_sample("n", "s", [("k", {"a": 1, "b": 1})]))
    version = catalog.version
    catalog.put(from_sample("n", "s", [("k", {"b": 1, "a": 1})]))
    assert [column.name for column in catalog.get("n", "s").columns] == ["a", "b"]
    assert catalog.version == version
    catalog.put(from_sample("n", "s", [("k", {"c": 1})]))
    assert [column.name for column in catalog.get("n", "s").columns] == ["a", "b", "c"]
    assert catalog.version == version + 1


def test_entries_age():
    clock = Clock()
    catalog = Catalog(ttl=10, clock=clock)
    catalog.put(from_sample("n", "s", []))
    catalog.put_indexes("n", ())
    assert catalog.get("n", "s") is not None
    assert catalog.indexes("n") == ()
    clock.now = 10.0
    assert catalog.get("n", "s") is None
    assert catalog.indexes("n") is None


def test_invalidate():
    catalog = Catalog()
    for namespace in "ab":
        catalog.put(from_sample(namespace, "s", []))
        catalog.put(from_sample(namespace, "t", []))
        catalog.put_indexes(namespace, ())
    version = catalog.version
    catalog.invalidate("a", "s")
    assert catalog.get("a", "s") is None
    assert catalog.get("a", "t") is not None
    catalog.invalidate("a")
    assert catalog.get("a", "t") is None
    assert catalog.indexes("a") is None
    assert catalog.indexes("b") == ()
    catalog.invalidate()
    assert catalog.get("b", "s") is None
    assert catalog.version == version + 3
