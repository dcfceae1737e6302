"""aerospike.rst, data_mapping.rst, exception.rst, geojson.rst and their examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.samples.conftest import Official


def test_client_with_policies(official: Official) -> None:
    aerospike = official.aerospike
    config = {**official.config, "policies": {"read": {"total_timeout": 1000}}}
    client = aerospike.client(config)
    assert client.is_connected()
    client.close()
    assert not client.is_connected()


def test_exceptions(official: Official) -> None:
    ex, aerospike = official.exception, official.aerospike
    config = {**official.config, "policies": {"total_timeout": 1200}}
    client = aerospike.client(config)
    client.close()
    with pytest.raises(ex.AerospikeError) as failure:
        client.get(official.key())
    e = failure.value
    assert f"Error: {e.msg} [{e.code}]" == "Error: No connection to aerospike cluster [11]"
    assert isinstance(e, ex.ClusterError)


def test_validated_keys(official: Official) -> None:
    aerospike, ex = official.aerospike, official.exception
    if "url" in official.config:
        pytest.skip("hosts are a key that the document has")
    config = {**official.config, "validate_keys": True, "username": "user", "password": "password"}
    with pytest.raises(ex.ParamError) as failure:
        aerospike.client(config)
    assert failure.value.msg == '"username" is an invalid client config dictionary key'
    client = aerospike.client({**official.config, "validate_keys": True})
    policy = {"key_policy": aerospike.POLICY_KEY_SEND}
    with pytest.raises(ex.ParamError) as failure:
        client.get(official.key(), policy=policy)
    assert failure.value.msg == '"key_policy" is an invalid policy dictionary key'
    client.close()


def test_geojson(official: Official) -> None:
    aerospike = official.aerospike
    loc = aerospike.geodata({"type": "Point", "coordinates": [63.342222, 45.920278]})
    assert loc.unwrap()["coordinates"] == [63.342222, 45.920278]
    loc = aerospike.geojson('{"type": "Point", "coordinates": [-80.604333, 28.608389]}')
    assert json.loads(loc.dumps()) == loc.unwrap()
    geo = aerospike.GeoJSON({"type": "Point", "coordinates": [0, 1]})
    geo.wrap({"type": "Point", "coordinates": [-80.604333, 28.608389]})
    assert geo.unwrap()["coordinates"] == [-80.604333, 28.608389]
    geo.loads('{"type": "Point", "coordinates": [1, 2]}')
    assert geo.unwrap() == {"type": "Point", "coordinates": [1, 2]}
    if official.prefix:
        pytest.importorskip("s2geometry")
    official.client.put(official.key(), {"loc": geo})
    assert official.client.get(official.key())[2]["loc"].unwrap() == geo.unwrap()


LISTS = [[1, 2, 3], [2, 3, 4], [1, "a"]]


def test_wildcard_and_infinite(official: Official) -> None:
    aerospike, client = official.aerospike, official.client
    list_ops = official.helpers("operations.list_operations")
    client.put(official.key(), {"list_bin": LISTS})
    ops = [
        list_ops.list_get_by_value(
            "list_bin", [1, aerospike.CDTWildcard()], aerospike.LIST_RETURN_VALUE
        )
    ]
    assert client.operate(official.key(), ops)[2] == {"list_bin": [LISTS[0], LISTS[2]]}
    ops = [
        list_ops.list_get_by_value_range(
            "list_bin", aerospike.LIST_RETURN_VALUE, [1], [1, aerospike.CDTInfinite()]
        )
    ]
    assert client.operate(official.key(), ops)[2] == {"list_bin": [LISTS[0], LISTS[2]]}


def test_serializers(official: Official) -> None:
    aerospike, client = official.aerospike, official.client
    used: list[str] = []

    def noted(name: str, function: object) -> object:
        def call(value: object) -> object:
            used.append(name)
            return function(value)  # type: ignore[operator]

        return call

    aerospike.set_serializer(noted("class", json.dumps))
    aerospike.set_deserializer(noted("class", json.loads))
    own = (noted("local", json.dumps), noted("local", json.loads))
    second = aerospike.client({**official.config, "serialization": own})
    if "url" in official.config:
        second.close()
        pytest.skip("a second client of a node in the process has a node of its own")
    try:
        tuple_bin = {"bin": (1, 2, 3)}
        client.put(official.key("foo2"), tuple_bin, serializer=aerospike.SERIALIZER_USER)
        assert client.get(official.key("foo2"))[2] == {"bin": [1, 2, 3]}
        assert set(used) == {"class"}
        used.clear()
        second.put(official.key("foo3"), tuple_bin, serializer=aerospike.SERIALIZER_USER)
        assert second.get(official.key("foo3"))[2] == {"bin": [1, 2, 3]}
        assert set(used) == {"local"}
        with pytest.raises(official.exception.ParamError):
            client.put(official.key("foo1"), tuple_bin)
    finally:
        aerospike.unset_serializers()
        second.close()


def test_logs(official: Official) -> None:
    aerospike = official.aerospike
    heard: list[tuple[object, ...]] = []

    def log_callback(level: int, func: str, path: str, line: int, msg: str) -> None:
        heard.append((level, func, path, line, msg))

    aerospike.set_log_handler(None)
    aerospike.set_log_handler()
    aerospike.set_log_handler(log_callback)
    aerospike.set_log_level(aerospike.LOG_LEVEL_OFF)
    aerospike.set_log_level(aerospike.LOG_LEVEL_TRACE)
    try:
        aerospike.client(official.config).close()
    finally:
        aerospike.set_log_level(aerospike.LOG_LEVEL_ERROR)
        aerospike.set_log_handler(None)
    assert heard
    assert [type(part) for part in heard[0]] == [int, str, str, int, str]


def test_digests(official: Official) -> None:
    digest = official.aerospike.calc_digest("test", "demo", 1)
    assert (type(digest), len(digest)) == (bytearray, 20)
    official.client.put(("test", official.set, 1), {"a": 1})
    known = ("test", official.set, None, official.aerospike.calc_digest("test", official.set, 1))
    assert official.client.get(known)[2] == {"a": 1}


def test_key_ordered_dictionaries(official: Official) -> None:
    aerospike, client = official.aerospike, official.client
    mop = official.helpers("operations.map_operations")
    lop = official.helpers("operations.list_operations")
    ctx = official.helpers("cdt_ctx")
    key = official.key(100)
    client.put(key, {"map_list": []})
    map_policy = {"map_order": aerospike.MAP_KEY_VALUE_ORDERED}
    dicts = [{"a": 1, "b": 2, "c": 3}, {"d": 4, "e": 5, "f": 6}, {"g": 7, "h": 8, "i": 9}]
    ops = [lop.list_append_items("map_list", dicts)]
    ops += [
        mop.map_set_policy("map_list", map_policy, [ctx.cdt_ctx_list_index(i)]) for i in range(3)
    ]
    client.operate(key, ops)
    assert client.get(key)[2] == {"map_list": dicts}
    element = aerospike.KeyOrderedDict({"f": 6, "e": 5, "d": 4})
    ops = [lop.list_get_by_value("map_list", element, aerospike.LIST_RETURN_COUNT)]
    assert client.operate(key, ops)[2] == {"map_list": 1}


#: data_mapping.rst: what is written → the type that comes back.
MAPPED = [
    (1, int),
    (1.5, float),
    (True, bool),
    ("text", str),
    (b"bytes", bytes),
    (bytearray(b"bytes"), bytes),
    ([1, "a", [2.5, None]], list),
    ({"a": 1, "b": {"c": [1]}}, dict),
]


@pytest.mark.parametrize(("value", "kind"), MAPPED, ids=[str(n) for n in range(len(MAPPED))])
def test_data_mapping(official: Official, value: object, kind: type) -> None:
    official.client.put(official.key(), {"bin": value})
    found = official.client.get(official.key())[2]["bin"]
    assert (type(found), found) == (kind, value)


LUA = """
local function is_greater_than_or_equal(binname, threshold)
    return function(rec) return rec[binname] >= threshold end
end
local function count(bin_name)
    return function(counts_map, rec)
        if rec[bin_name] then
            counts_map[rec[bin_name]] = (counts_map[rec[bin_name]] or 0) + 1
        end
        return counts_map
    end
end
local function add_values(val1, val2) return val1 + val2 end
local function reduce_groups(a, b) return map.merge(a, b, add_values) end
function group_count(stream, binname_to_group, binname, threshold)
    if binname and threshold then
        local filter = is_greater_than_or_equal(binname, threshold)
        return stream : filter(filter) : aggregate(map{}, count(binname_to_group)) \
: reduce(reduce_groups)
    end
    return stream : aggregate(map{}, count(binname_to_group)) : reduce(reduce_groups)
end
"""


def test_stream_udfs(official: Official, way: str, tmp_path: Path) -> None:
    pytest.importorskip("lupa")
    config = {**official.config, "lua": {"user_path": "./"}}
    client = official.aerospike.client(config)
    module = tmp_path / f"groups_{way}_{official.set}.lua"
    module.write_text(LUA)
    client.udf_put(str(module))
    people = [("Jeff", 20), ("Derek", 24), ("Derek", 21), ("Derek", 29), ("Jeff", 29)]
    for number, (name, age) in enumerate(people):
        client.put(official.key(f"user{number}"), {"name": name, "age": age})
    query = client.query(official.ns, official.set)
    query.apply(module.stem, "group_count", ["name", "age", 21])
    assert query.results() == [{"Derek": 3, "Jeff": 1}]
    client.udf_remove(module.name)
    client.close()
