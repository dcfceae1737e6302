"""Many threads on the same records, through the official client, which releases the GIL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aerospike
from aerospike_helpers.operations import operations as op

from tests.interop.conftest import Key, code_of

THREADS = 8


def in_threads(work: Any, count: int = THREADS) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return [task.result(60) for task in [pool.submit(work, n) for n in range(count)]]


def test_increments_of_one_record_all_count(official: Any, key: Key) -> None:
    def work(number: int) -> None:
        for _ in range(100):
            official.operate(key, [op.increment("n", 1), op.append("s", "x")])

    in_threads(work)
    assert official.get(key)[2] == {"n": THREADS * 100, "s": "x" * THREADS * 100}
    assert official.get(key)[1]["gen"] == THREADS * 100


def test_one_creator_wins(official: Any, namespace: str, fresh_set: str) -> None:
    create = {"exists": aerospike.POLICY_EXISTS_CREATE}

    def work(number: int) -> list[int]:
        return [
            code_of(official.put, (namespace, fresh_set, n), {"by": number}, policy=create)
            for n in range(100)
        ]

    codes = in_threads(work)
    for answers in zip(*codes):
        assert sorted(answers) == [0] + [5] * (THREADS - 1)


def test_compare_and_set(official: Any, key: Key) -> None:
    """Every success of a write that expects a generation adds exactly one."""
    official.put(key, {"n": 0})

    def work(number: int) -> int:
        done = 0
        for _ in range(60):
            _, meta, bins = official.get(key)
            equal = {"gen": aerospike.POLICY_GEN_EQ}
            code = code_of(official.put, key, {"n": bins["n"] + 1}, {"gen": meta["gen"]}, equal)
            assert code in (0, 3)
            done += code == 0
        return done

    assert official.get(key)[2]["n"] == 0
    assert sum(in_threads(work)) == official.get(key)[2]["n"]


def test_scans_beside_writes(official: Any, namespace: str, fresh_set: str) -> None:
    """A scan sees every record that was there all the time, once."""
    for number in range(300):
        official.put((namespace, fresh_set, number), {"n": number})

    def write(worker: int) -> int:
        for number in range(300):
            key = (namespace, fresh_set, number if worker else f"new{number}")
            official.put(key, {"n": number, f"b{worker}": "x" * number})
        return 0

    def scan(worker: int) -> int:
        for _ in range(10):
            found = [bins["n"] for _, _, bins in official.scan(namespace, fresh_set).results()]
            assert set(found) == set(range(300))
        return 0

    in_threads(lambda worker: write(worker) if worker < 4 else scan(worker))
    assert len(official.scan(namespace, fresh_set).results()) == 600
