"""The asyncio client of aerospike-py against the node: many commands at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aerospike_py as aero
import pytest
from aerospike_py import exp

from tests.interop.conftest import TIMEOUT

Work = Callable[[Any, str, str], Awaitable[None]]


async def many_puts_and_gets(client: Any, namespace: str, set_name: str) -> None:
    keys = [(namespace, set_name, number) for number in range(500)]
    await asyncio.gather(*(client.put(key, {"n": key[2], "s": "x" * key[2]}) for key in keys))
    records = await asyncio.gather(*(client.get(key) for key in keys))
    assert [record.bins for record in records] == [
        {"n": number, "s": "x" * number} for number in range(500)
    ]


async def one_counter_for_all(client: Any, namespace: str, set_name: str) -> None:
    key = (namespace, set_name, "counter")
    await asyncio.gather(*(client.increment(key, "n", 1) for _ in range(300)))
    record = await client.get(key)
    assert record.bins == {"n": 300}
    assert record.meta.gen == 300


async def one_winner(client: Any, namespace: str, set_name: str) -> None:
    key = (namespace, set_name, "once")
    create = {"exists": aero.POLICY_EXISTS_CREATE_ONLY}
    answers = await asyncio.gather(
        *(client.put(key, {"n": number}, policy=create) for number in range(50)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, aero.RecordExistsError)]
    assert len(refused) == 49
    assert not any(isinstance(answer, Exception) for answer in answers if answer not in refused)


async def batches(client: Any, namespace: str, set_name: str) -> None:
    keys = [(namespace, set_name, f"b{number}") for number in range(400)]
    halves = (keys[:200], keys[200:])
    await asyncio.gather(
        *(client.batch_write([(key, {"k": key[2]}) for key in half]) for half in halves)
    )
    found = await client.batch_read(keys)
    assert found.to_list() == [{"k": key[2]} for key in keys]
    await client.batch_remove(keys[::2])
    found = await client.batch_read(keys)
    assert [record.result for record in found.batch_records] == [2, 0] * 200


async def queries(client: Any, namespace: str, set_name: str) -> None:
    keys = [(namespace, set_name, number) for number in range(100)]
    await client.batch_write([(key, {"n": key[2]}) for key in keys])
    low = {"filter_expression": exp.lt(exp.int_bin("n"), exp.int_val(30))}
    answers = await asyncio.gather(
        *(client.query(namespace, set_name).results(low) for _ in range(5))
    )
    for records in answers:
        assert sorted(record.bins["n"] for record in records) == list(range(30))


async def a_cancelled_command(client: Any, namespace: str, set_name: str) -> None:
    key = (namespace, set_name, "k")
    await client.put(key, {"n": 1})
    task = asyncio.ensure_future(client.get(key))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await client.get(key)).bins == {"n": 1}


WORK: list[Work] = [
    many_puts_and_gets,
    one_counter_for_all,
    one_winner,
    batches,
    queries,
    a_cancelled_command,
]


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_async(node_address: tuple[str, int], namespace: str, fresh_set: str, work: Work) -> None:
    async def run() -> None:
        client = aero.AsyncClient({"hosts": [node_address], "timeout": TIMEOUT})
        await client.connect()
        try:
            await work(client, namespace, fresh_set)
        finally:
            await client.close()

    asyncio.run(asyncio.wait_for(run(), 60))
