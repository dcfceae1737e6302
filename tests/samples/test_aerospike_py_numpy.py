"""aerospike-py's numpy guides: arrays written, and batches read as arrays."""

from __future__ import annotations

import pytest

from tests.samples.conftest import Rust

np = pytest.importorskip("numpy")


def test_writing_arrays(rust: Rust) -> None:
    dtype = np.dtype([("_key", "i4"), ("score", "f8"), ("count", "i4")])
    data = np.array([(1, 0.95, 10), (2, 0.87, 20), (3, 0.72, 15)], dtype=dtype)
    results = rust.client.batch_write_numpy(data, rust.ns, rust.set, dtype)
    assert [br.result for br in results.batch_records] == [0, 0, 0]
    assert rust.client.get(rust.key(2)).bins == {"score": 0.87, "count": 20}
    dtype = np.dtype([("user_id", "i8"), ("score", "f8")])
    data = np.array([(100, 1.5), (101, 2.5)], dtype=dtype)
    rust.client.batch_write_numpy(data, rust.ns, rust.set, dtype, key_field="user_id", retry=3)
    assert rust.client.get(rust.key(101)).bins == {"score": 2.5}


def test_writing_vectors(rust: Rust) -> None:
    dim = 16
    dtype = np.dtype([("_key", "i4"), ("embedding", f"V{dim * 4}"), ("label", "i4")])
    embeddings = np.arange(3 * dim, dtype=np.float32).reshape(3, dim)
    data = np.zeros(3, dtype=dtype)
    data["_key"] = np.arange(3)
    for i in range(3):
        data["embedding"][i] = embeddings[i].tobytes()
    data["label"] = [5, 6, 7]
    rust.client.batch_write_numpy(data, rust.ns, rust.set, dtype)
    bins = rust.client.get(rust.key(1)).bins
    assert bins["label"] == 6
    assert np.array_equal(np.frombuffer(bins["embedding"], np.float32), embeddings[1])


def test_reading_arrays(rust: Rust) -> None:
    for i in range(20):
        bins = {"temperature": 20.0 + i * 0.5, "humidity": 40 + i, "status": 1}
        policy = {"key": rust.aerospike.POLICY_KEY_SEND}
        rust.client.put(rust.key(f"sensor_{i}"), bins, policy=policy)
    dtype = np.dtype([("temperature", "f8"), ("humidity", "i4"), ("status", "u1")])
    keys = [rust.key(f"sensor_{i}") for i in range(20)]
    batch = rust.client.batch_read(keys)
    array = batch.to_numpy(dtype) if hasattr(batch, "to_numpy") else batch
    assert array.batch_records["temperature"].mean() == 24.75
    assert array.batch_records[0]["humidity"] == 40
    assert array.get("sensor_12")["temperature"] == 26.0
    assert array.meta["gen"].tolist() == [1] * 20
    assert (array.result_codes == 0).all()
    if rust.prefix:  # versions until 0.10 read arrays at once
        array = rust.client.batch_read([*keys, rust.key("none")], _dtype=dtype)
        hot = array.batch_records[array.batch_records["temperature"] > 25.0]
        assert len(hot) == 9
        assert array.result_codes.tolist() == [0] * 20 + [2]
        with pytest.raises(TypeError):
            rust.client.batch_read(keys, _dtype=np.dtype([("name", "U10")]))
