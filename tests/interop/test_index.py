"""Making, renaming, describing and dropping secondary indexes, through the official client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aerospike
import pytest
from aerospike import predicates
from aerospike_helpers import cdt_ctx
from aerospike_helpers import expressions as exp

from tests.interop.conftest import code_of, info, wait_for_index

NUMERIC, STRING, BLOB, GEO = (
    aerospike.INDEX_NUMERIC,
    aerospike.INDEX_STRING,
    aerospike.INDEX_BLOB,
    aerospike.INDEX_GEO2DSPHERE,
)


@pytest.fixture
def name(official: Any, namespace: str, fresh_set: str) -> Iterator[str]:
    """The name of an index that does not exist; it and `name`2 are dropped afterwards."""
    yield f"{fresh_set}_ix"
    for suffix in ("", "2"):
        official.index_remove(namespace, f"{fresh_set}_ix{suffix}")


def described(client: Any, namespace: str, set_name: str) -> list[dict[str, str]]:
    """Give what the node lists of a set's indexes."""
    listed = info(client, f"sindex-list:namespace={namespace}")
    rows = [dict(pair.split("=", 1) for pair in row.split(":")) for row in listed.split(";") if row]
    return [row for row in rows if row["set"] == set_name]


def create(client: Any, namespace: str, **parts: str) -> int:
    command = ";".join([f"namespace={namespace}", *(f"{k}={v}" for k, v in parts.items())])
    return code_of(client.info_random_node, f"sindex-create:{command}")


def drop(client: Any, namespace: str, name: str) -> str:
    return info(client, f"sindex-delete:namespace={namespace};indexname={name}")


#: (method, its arguments, indextype, type)
METHODS = [
    ("index_single_value_create", (NUMERIC,), "default", "numeric"),
    ("index_list_create", (STRING,), "list", "string"),
    ("index_map_keys_create", (BLOB,), "mapkeys", "blob"),
    ("index_map_values_create", (GEO,), "mapvalues", "geo2dsphere"),
]


@pytest.mark.parametrize(("method", "arguments", "kind", "type"), METHODS)
def test_the_client_creates_an_index(
    official: Any,
    namespace: str,
    fresh_set: str,
    name: str,
    method: str,
    arguments: tuple[int, ...],
    kind: str,
    type: str,
) -> None:
    getattr(official, method)(namespace, fresh_set, "v", *arguments, name)
    wait_for_index(official, namespace, name)
    (found,) = described(official, namespace, fresh_set)
    assert found == {
        "ns": namespace,
        "indexname": name,
        "set": fresh_set,
        "bin": "v",
        "type": type,
        "indextype": kind,
        "context": "null",
        "exp": "null",
        "state": "RW",
    }


def test_the_same_again_is_no_error(
    official: Any, namespace: str, fresh_set: str, name: str
) -> None:
    parts = {"set": fresh_set, "indexname": name, "bin": "v", "type": "numeric"}
    assert create(official, namespace, **parts) == 0
    assert create(official, namespace, **parts) == 0
    assert len(described(official, namespace, fresh_set)) == 1


@pytest.mark.parametrize(
    "change", [{"bin": "w"}, {"type": "string"}, {"indextype": "list"}, {"set": "t_other"}]
)
def test_a_name_is_taken_by_one_definition(
    official: Any, namespace: str, fresh_set: str, name: str, change: dict[str, str]
) -> None:
    parts = {"set": fresh_set, "indexname": name, "bin": "v", "type": "numeric"}
    assert create(official, namespace, **parts) == 0
    assert create(official, namespace, **{**parts, **change}) == 200
    (found,) = described(official, namespace, fresh_set)
    assert (found["bin"], found["type"], found["indextype"]) == ("v", "numeric", "default")


def test_the_client_raises_index_found(
    official: Any, namespace: str, fresh_set: str, name: str
) -> None:
    create(official, namespace, set=fresh_set, indexname=name, bin="v", type="numeric")
    run = official.index_single_value_create
    assert code_of(run, namespace, fresh_set, "w", STRING, name) == 200


def test_the_same_definition_under_another_name_renames(
    official: Any, namespace: str, fresh_set: str, name: str
) -> None:
    parts = {"set": fresh_set, "bin": "v", "type": "numeric"}
    assert create(official, namespace, indexname=name, **parts) == 0
    assert create(official, namespace, indexname=f"{name}2", **parts) == 0
    (found,) = described(official, namespace, fresh_set)
    assert found["indexname"] == f"{name}2"


#: (what differs from a good definition, result code)
REFUSED = [
    ({"indexname": "x" * 300}, 4),
    ({"indexname": ""}, 4),
    ({"bin": "b" * 16}, 4),
    ({"type": "nonsense"}, 4),
    ({"indextype": "nonsense"}, 4),
    ({"set": "s" * 64}, 4),
    ({"context": "????"}, 4),
]


@pytest.mark.parametrize(("change", "code"), REFUSED, ids=str)
def test_bad_definitions(
    official: Any, namespace: str, fresh_set: str, name: str, change: dict[str, str], code: int
) -> None:
    parts = {"set": fresh_set, "indexname": name, "bin": "v", "type": "numeric", **change}
    assert create(official, namespace, **parts) == code
    assert described(official, namespace, fresh_set) == []


@pytest.mark.parametrize("missing", ["indexname", "bin", "type"])
def test_incomplete_definitions(
    official: Any, namespace: str, fresh_set: str, name: str, missing: str
) -> None:
    parts = {"set": fresh_set, "indexname": name, "bin": "v", "type": "numeric"}
    del parts[missing]
    assert create(official, namespace, **parts) == 4


def test_dropping(official: Any, namespace: str, fresh_set: str, name: str) -> None:
    create(official, namespace, set=fresh_set, indexname=name, bin="v", type="numeric")
    assert drop(official, namespace, name) == "ok"
    assert described(official, namespace, fresh_set) == []
    assert drop(official, namespace, name) == "ok"
    official.index_remove(namespace, name)


@pytest.mark.parametrize("named", [True, False])
def test_whether_an_index_exists(
    official: Any, namespace: str, fresh_set: str, name: str, named: bool
) -> None:
    if named:
        create(official, namespace, set=fresh_set, indexname=name, bin="v", type="numeric")
    command = f"namespace={namespace};indexname={name}"
    assert info(official, f"sindex-exists:{command}") == str(named).lower()
    found = code_of(official.info_random_node, f"sindex-stat:{command}")
    assert found == (0 if named else 201)


def test_statistics(official: Any, namespace: str, fresh_set: str, name: str) -> None:
    for number in range(12):
        official.put((namespace, fresh_set, number), {"v": number % 3, "w": 1})
    official.put((namespace, fresh_set, "other"), {"v": "text"})
    create(official, namespace, set=fresh_set, indexname=name, bin="v", type="numeric")
    wait_for_index(official, namespace, name)
    text = info(official, f"sindex-stat:namespace={namespace};indexname={name}")
    statistics = dict(pair.split("=") for pair in text.split(";"))
    assert statistics["entries"] == "12"
    assert statistics["load_pct"] == "100"
    assert {"used_bytes", "entries_per_bval", "entries_per_rec"} <= set(statistics)


def test_an_index_in_an_unknown_namespace(official: Any, name: str, real_server: bool) -> None:
    """It is noted for the day when the namespace comes; only what asks of it is refused."""
    if not real_server:
        pytest.skip("an embedded node makes namespaces on first use")
    code = create(official, "t_nope", set="s", indexname=name, bin="v", type="numeric")
    assert code == 0
    assert code_of(official.info_random_node, "sindex-list:namespace=t_nope") == 20
    assert drop(official, "t_nope", name) == "ok"


def test_an_index_with_a_context(official: Any, namespace: str, fresh_set: str, name: str) -> None:
    """It holds what stands at a place inside lists and maps, here under m["a"]["b"]."""
    context = [cdt_ctx.cdt_ctx_map_key("a"), cdt_ctx.cdt_ctx_map_key("b")]
    official.index_single_value_create(namespace, fresh_set, "m", NUMERIC, name, ctx=context)
    wait_for_index(official, namespace, name)
    for number in range(10):
        bins = {"m": {"a": {"b": number % 4}}, "n": number}
        official.put((namespace, fresh_set, number), bins)
    official.put((namespace, fresh_set, "no"), {"m": {"a": 3}, "n": -1})
    query = official.query(namespace, fresh_set)
    query.where(predicates.equals("m", 3), context)
    assert sorted(bins["n"] for _, _, bins in query.results()) == [3, 7]
    (found,) = described(official, namespace, fresh_set)
    assert found["context"] == "[map_key(<string#1>), map_key(<string#1>)]"
    without = official.query(namespace, fresh_set)
    without.where(predicates.equals("m", 3))
    assert code_of(without.results, {"max_retries": 0}) == 201
    encoded = info(official, f"sindex-list:namespace={namespace};b64=true")
    assert f"context={official.get_cdtctx_base64(context)}:" in encoded


def test_an_index_of_an_expression(
    official: Any, namespace: str, fresh_set: str, name: str
) -> None:
    tenfold = exp.Mul(exp.IntBin("n"), 10).compile()
    kind = (aerospike.INDEX_TYPE_DEFAULT, NUMERIC)
    official.index_expr_create(namespace, fresh_set, *kind, tenfold, name)
    for number in range(20):
        official.put((namespace, fresh_set, number), {"n": number})
    official.put((namespace, fresh_set, "no"), {"n": "text"})
    wait_for_index(official, namespace, name)
    for choose in (
        lambda query, predicate: query.where_with_expr(tenfold, predicate),
        lambda query, predicate: query.where_with_index_name(name, predicate),
    ):
        query = official.query(namespace, fresh_set)
        choose(query, predicates.between(None, 50, 80))
        assert sorted(bins["n"] for _, _, bins in query.results()) == [5, 6, 7, 8]
    (found,) = described(official, namespace, fresh_set)
    assert (found["bin"], found["exp"]) == ("null", 'mul(bin_int("n"), 10)')


def test_an_index_of_a_set(official: Any, namespace: str, fresh_set: str, name: str) -> None:
    """It makes reading a small set in a large namespace quick, and changes no answer."""
    for number in range(30):
        official.put((namespace, fresh_set, number), {"n": number})
    official.index_set_create(namespace, fresh_set, name)
    (found,) = described(official, namespace, fresh_set)
    assert (found["indexname"], found["indextype"]) == (name, "set")
    assert len(official.query(namespace, fresh_set).results()) == 30
    official.index_remove(namespace, name)
    assert described(official, namespace, fresh_set) == []
    assert len(official.query(namespace, fresh_set).results()) == 30


def test_an_index_by_name(official: Any, namespace: str, fresh_set: str, name: str) -> None:
    create(official, namespace, set=fresh_set, indexname=name, bin="v", type="numeric")
    for number in range(10):
        official.put((namespace, fresh_set, number), {"v": number})
    query = official.query(namespace, fresh_set)
    query.where_with_index_name(name, predicates.between(None, 3, 5))
    assert sorted(bins["v"] for _, _, bins in query.results()) == [3, 4, 5]
    other = official.query(namespace, fresh_set)
    other.where_with_index_name("t_no_such_index", predicates.between(None, 3, 5))
    assert code_of(other.results, {"max_retries": 0}) == 201
