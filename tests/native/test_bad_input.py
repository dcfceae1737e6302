"""Bad input: the documented exception class and result code, and a node that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi import errors
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from aerodbapi.native import bits, hlls, lists, maps, operations, queries
from aerodbapi.native import expressions as exp
from aerodbapi.native.client import Client
from aerodbapi.types import GeoJSON

P, D = errors.ParameterError, errors.DataError
MEGABYTE = 1 << 20

#: What is done (k: the key of a record with bin n), the class of the error, its code.
CALLS: list[tuple[Any, type[errors.Error], int | None]] = [
    # wrong types of arguments
    (lambda c, k: c.get(5), P, -2),
    (lambda c, k: c.get(("test",)), P, -2),
    (lambda c, k: c.get((5, "s", 1)), P, -2),
    (lambda c, k: c.get(("test", 5, 1)), P, -2),
    (lambda c, k: c.get(("test", "s", 1.5)), P, -2),
    (lambda c, k: c.get(("test", "s", None)), P, -2),
    (lambda c, k: c.get(("test", "s", None, b"short")), P, -2),
    (lambda c, k: c.get(("test", "s", True)), P, -2),
    (lambda c, k: c.put(k, 5), P, -2),
    (lambda c, k: c.put(k, {"n": object()}), D, None),
    (lambda c, k: c.put(k, {"n": {1, 2}}), D, None),
    (lambda c, k: c.put(k, {"n": [object()]}), D, None),
    (lambda c, k: c.put(k, {"n": {"k": 1j}}), D, None),
    (lambda c, k: c.put(k, {"n": {1.5: 1}}), D, None),
    (lambda c, k: c.put(k, {"n": {None: 1}}), D, None),
    (lambda c, k: c.select(k, "n"), P, -2),
    (lambda c, k: c.select(k, [5]), P, -2),
    (lambda c, k: c.operate(k, []), P, -2),
    (lambda c, k: c.operate(k, [5]), P, -2),
    (lambda c, k: c.operate(k, {}), P, -2),
    (lambda c, k: c.increment(k, "n", "x"), D, None),
    (lambda c, k: c.append(k, "n", 5), D, None),
    (lambda c, k: c.batch_read("abc"), P, -2),
    (lambda c, k: c.batch_read([5]), P, -2),
    (lambda c, k: c.batch_write([5]), P, -2),
    (lambda c, k: c.query(5), P, -2),
    (lambda c, k: c.query("test", "s", where=5), P, -2),
    (lambda c, k: c.apply(k, 5, "f"), P, -2),
    (lambda c, k: c.apply(k, "m", "f", 5), P, -2),
    # policies
    (lambda c, k: c.get(k, policy=5), P, -2),
    (lambda c, k: c.get(k, policy={"nonsense": 1}), P, -2),
    (lambda c, k: c.get(k, policy={"total_timeout": "x"}), P, -2),
    (lambda c, k: c.get(k, policy={"total_timeout": -1}), P, -2),
    (lambda c, k: c.get(k, policy={"total_timeout": 1 << 40}), P, -2),
    (lambda c, k: c.get(k, policy={"replica": "nowhere"}), P, -2),
    (lambda c, k: c.get(k, policy={"replica": 99}), P, -2),
    (lambda c, k: c.get(k, policy={"expressions": 5}), P, -2),
    (lambda c, k: c.get(k, policy={"txn": 5}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, policy={"exists": 99}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, policy={"gen": "x"}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, {"gen": 1 << 16}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, {"gen": -1}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, {"ttl": "x"}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, {"ttl": 1 << 32}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, {"nonsense": 1}), P, -2),
    (lambda c, k: c.put(k, {"n": 1}, {"ttl": 315_360_001}), P, 4),
    (lambda c, k: c.scan("test", policy={"max_records": -1}), P, -2),
    (lambda c, k: c.operate(k, [lists.list_append("l", 1, {"nonsense": 1})]), P, -2),
    # integers out of range
    (lambda c, k: c.put(k, {"n": 1 << 63}), D, None),
    (lambda c, k: c.put(k, {"n": [1 << 64]}), D, None),
    (lambda c, k: c.put(k, {"n": {1 << 64: 1}}), D, None),
    (lambda c, k: c.get(("test", "s", 1 << 63)), D, None),
    (lambda c, k: c.increment(k, "n", 1 << 63), D, None),
    (lambda c, k: lists.list_get("l", 1 << 63), P, -2),
    (lambda c, k: maps.map_get_by_index("m", 1 << 63), P, -2),
    (lambda c, k: bits.bit_get("b", 1 << 63, 1), P, -2),
    (lambda c, k: hlls.hll_init("h", 1 << 63), P, -2),
    (lambda c, k: c.operate(k, [hlls.hll_init("h", 99)]), P, 4),
    (lambda c, k: queries.between("n", 0, 1 << 63), D, None),
    # names
    (lambda c, k: c.put(k, {"a" * 16: 1}), errors.BinNameError, 21),
    (lambda c, k: c.put(k, {5: 1}), P, -2),
    (lambda c, k: c.put(("test", "s" * 64, 1), {"n": 1}), P, 4),
    (lambda c, k: c.index_create("test", "s", "a" * 16, "ix"), errors.Error, 4),
    # records that are too big, and shapes that are none
    (lambda c, k: c.put(k, {"b": bytes(9 * MEGABYTE)}), errors.RecordTooBig, 13),
    (lambda c, k: c.put(k, {"b": [bytes(5 * MEGABYTE), bytes(5 * MEGABYTE)]}), errors.Error, 13),
    (lambda c, k: c.put(k, {"g": GeoJSON.trusted("no JSON")}), errors.InvalidGeoJSON, 160),
    (lambda c, k: c.put(k, {"g": GeoJSON.trusted('{"type": "Nothing"}')}), errors.Error, 160),
    (
        lambda c, k: c.put(
            k, {"g": GeoJSON.trusted('{"type": "Point", "coordinates": [999, 999]}')}
        ),
        errors.InvalidGeoJSON,
        160,
    ),
    (lambda c, k: queries.geo("g", "no JSON"), errors.InvalidGeoJSON, 160),
    # expressions that are none
    (lambda c, k: c.get(k, policy={"filter": b"no expression"}), P, 4),
    (lambda c, k: c.get(k, policy={"filter": exp.Exp(9999)}), P, 4),
    (lambda c, k: c.get(k, policy={"filter": exp.add(1, 2)}), P, 4),
    (lambda c, k: c.get(k, policy={"filter": exp.eq(exp.int_bin("n"), "x")}), P, 4),
    # operations on what is something else
    (lambda c, k: c.operate(k, [lists.list_size("n")]), errors.BinTypeError, 12),
    (lambda c, k: c.operate(k, [maps.map_put("n", 1, 1)]), errors.BinTypeError, 12),
    (lambda c, k: c.append(k, "n", "x"), errors.BinTypeError, 12),
    (lambda c, k: c.operate(k, [operations.increment("s", 1)]), errors.BinTypeError, 12),
    # things that are not there
    (lambda c, k: c.apply(k, "no_module", "f"), errors.UDFError, 100),
    (lambda c, k: c.udf_get("no_module.lua"), errors.UDFError, 100),
    (lambda c, k: c.udf_put("m.lua", source="no Lua"), errors.UDFError, None),
    (lambda c, k: c.udf_put("/no/such/file.lua"), errors.Error, None),
    (lambda c, k: c.info_all("no-such-command"), errors.Error, 4),
    (lambda c, k: c.info_single_node("build", "no-such-node"), errors.Error, None),
]

LUA = """
function forever(rec) while true do end end
function eat(rec) local t = {} for i = 1, 1e9 do t[i] = i end end
function nested(rec) return nested(rec) + 1 end
function broken(rec) error("no") end
function many(rec) for i = 1, 1e6 do rec["b" .. i] = i end aerospike:update(rec) end
"""


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_call(client: Any, key: Any, number: int) -> None:
    call, error, code = CALLS[number]
    client.put(key, {"n": 1, "s": "text"})
    with pytest.raises(error) as caught:
        call(client, key)
    assert isinstance(caught.value, errors.Error)
    assert code is None or caught.value.result_code == code
    assert client.get(key).bins == {"n": 1, "s": "text"}


@pytest.mark.parametrize("function", ["forever", "eat", "nested", "broken", "many"])
def test_functions(client: Any, key: Any, function: str, request: pytest.FixtureRequest) -> None:
    """They end in the time of their command; what they began is undone; the node goes on."""
    pytest.importorskip("lupa.lua54")
    if request.config.getoption("--hosts") and not client.conninfo.embedded:
        pytest.skip("a real server is not to be kept busy with this")
    client.put(key, {"n": 1})
    client.udf_put("bad_input.lua", source=LUA)
    policy = {"total_timeout": 20_000, "socket_timeout": 500}
    with pytest.raises(errors.Error) as caught:
        client.apply(key, "bad_input", function, policy=policy)
    assert caught.value.result_code in (9, 100)
    assert client.get(key).bins == {"n": 1}
    client.put(key, {"n": 2})


@pytest.fixture(scope="module")
def secured() -> Iterator[Any]:
    node = EmbeddedNode(security=True)
    with serve(node, port=0) as server:

        def connected(user: str, password: str) -> Client:
            config = {"hosts": [server.address], "user": user, "password": password}
            return Client(config).connect()

        yield connected
    node.close()


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [("admin", "wrong", 65), ("admin", "", 65), ("nobody", "x", 60), ("u" * 100, "x", 60)],
)
def test_wrong_passwords(secured: Any, user: str, password: str, code: int) -> None:
    with pytest.raises(errors.AuthenticationError) as caught:
        secured(user, password)
    assert caught.value.result_code == code
    with secured("admin", "admin") as admin:
        assert admin.is_connected()


def test_roles_that_are_revoked_meanwhile(secured: Any) -> None:
    key = ("test", "s", 1)
    with secured("admin", "admin") as admin:
        admin.put(key, {"n": 1})
        admin.admin_create_user("eve", "pw", ["read-write"])
        with secured("eve", "pw") as eve:
            assert eve.get(key).bins == {"n": 1}
            admin.admin_revoke_roles("eve", ["read-write"])
            for call in (
                lambda: eve.get(key),
                lambda: eve.put(key, {"n": 2}),
                lambda: list(eve.scan("test", "s")),
                lambda: eve.truncate("test", "s"),
                lambda: eve.admin_query_users_info(),
            ):
                with pytest.raises(errors.Error) as caught:
                    call()
                assert caught.value.result_code == 81
            assert eve.batch_read([key])[0].result == 81
            admin.admin_grant_roles("eve", ["read"])
            assert eve.get(key).bins == {"n": 1}
            admin.admin_drop_user("eve")
            with pytest.raises(errors.Error):
                eve.get(key)
        assert admin.get(key).bins == {"n": 1}


@pytest.mark.parametrize(
    "config",
    [
        5,
        {"hosts": 5},
        {"hosts": []},
        {"hosts": [("127.0.0.1", 99999)]},
        {"hosts": [("127.0.0.1", "x")]},
        {"nonsense": 1},
        {"policies": 5},
        {"policies": {"nonsense": {}}},
        {"policies": {"read": {"nonsense": 1}}},
        {"policies": {"read": {"total_timeout": -5}}},
        {"timeout": "x"},
        "no-such-scheme://host",
    ],
)
def test_configurations(config: Any) -> None:
    with pytest.raises(errors.Error):
        Client(config)
