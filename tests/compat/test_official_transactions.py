"""Transactions by the original client and by ours, against a node that has them: equal answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from tests.compat.official import ORIGINAL, OURS, Face, face, lines, run

#: Programs: what each line answers, line by line; `t` and `u` are transactions.
PROGRAMS = {
    "commit": r"""
client.put(key, {'n': 1})
client.put(key, {'n': 2}, policy={'txn': t})
client.get(key, {'txn': t})[2]
client.get(key)[2]
client.put(k('new'), {'n': 3}, policy={'txn': t})
client.exists(k('new'))[1] is None
client.remove(k('gone'), policy={'txn': t, 'durable_delete': True})
t.state
client.commit(t)
t.state
t.in_doubt
client.get(key)[2]
client.get(k('new'))[2]
client.commit(t)
client.abort(t)
client.put(key, {'n': 4}, policy={'txn': t})
client.get(key, {'txn': t})
""",
    "abort": r"""
client.put(key, {'n': 1})
client.operate(key, [ops.increment('n', 5), ops.read('n')], policy={'txn': t})[2]
client.append(key, 's', 'x', policy={'txn': t})
client.abort(t)
t.state
client.get(key)[2]
client.abort(t)
client.commit(t)
client.put(key, {'n': 4}, policy={'txn': t})
""",
    "nothing": r"""
client.commit(t)
client.abort(u)
t.state, u.state
""",
    "reads only": r"""
client.put(key, {'n': 1})
client.get(key, {'txn': t})[2]
client.exists(key, {'txn': t})[1] is None
client.select(key, ['n'], {'txn': t})[2]
client.commit(t)
""",
    "changed meanwhile": r"""
client.put(key, {'n': 1})
client.get(key, {'txn': t})[2]
client.put(k('other'), {'n': 1}, policy={'txn': t})
client.put(key, {'n': 9})
client.commit(t)
t.state
t.in_doubt
client.exists(k('other'))[1] is None
client.get(key)[2]
""",
    "locked": r"""
client.put(key, {'n': 1})
client.put(key, {'n': 2}, policy={'txn': t})
client.put(key, {'n': 3})
client.put(key, {'n': 3}, policy={'txn': u})
client.get(key, {'txn': u})
client.remove(key)
client.remove(key, policy={'durable_delete': True})
client.operate(key, [ops.read('n')])[2]
client.abort(u)
client.commit(t)
client.get(key)[2]
""",
    "batches": r"""
client.put(key, {'n': 1})
client.batch_write(batch.BatchRecords([batch.Write(key, [ops.write('n', 5)]), \
    batch.Write(k(2), [ops.write('n', 6)]), batch.Read(k(3), None)]), {'txn': t})
client.batch_read([key, k(2), k(3)], policy={'txn': t})
client.batch_read([key, k(2)])
client.batch_operate([key, k(4)], [ops.increment('n', 1)], {'txn': t})
[r.result for r in client.batch_remove([k(2)], {'txn': t}, {'durable_delete': True}).batch_records]
client.commit(t)
client.batch_read([key, k(2), k(4)])
""",
    "locking only": r"""
client.put(key, {'n': 1})
client.put(key, {'n': 2}, policy={'txn': t, 'on_locking_only': True})
client.put(key, {'n': 3}, policy={'txn': t, 'on_locking_only': True})
client.commit(t)
client.get(key)[2]
""",
    "another namespace": r"""
client.put(key, {'n': 1}, policy={'txn': t})
client.put(('plain', set, 1), {'n': 1}, policy={'txn': t})
client.put(('plain', set, 1), {'n': 1}, policy={'txn': u})
client.abort(t)
""",
    "wrong": r"""
client.put(key, {'n': 1}, policy={'txn': 5})
client.commit(5)
client.abort(None)
client.commit()
a.Transaction('x')
a.Transaction(-1)
a.Transaction(2 ** 40)
a.Transaction(8, 8).timeout
t.timeout
setattr(t, 'timeout', 30)
t.timeout
setattr(t, 'timeout', 'x')
setattr(t, 'timeout', -1)
setattr(t, 'timeout', 2 ** 40)
setattr(t, 'id', 5)
setattr(t, 'state', 5)
setattr(t, 'in_doubt', True)
t.id > 0
a.TXN_STATE_OPEN, a.TXN_STATE_VERIFIED, a.TXN_STATE_COMMITTED, a.TXN_STATE_ABORTED
""",
    "too late": r"""
setattr(t, 'timeout', 30)
client.put(key, {'n': 1})
client.put(key, {'n': 2}, policy={'txn': t})
end()
client.put(key, {'n': 3}, policy={'txn': t})
client.get(key)[2]
client.commit(t)
t.state
client.abort(t)
client.get(key)[2]
client.put(key, {'n': 4})
""",
}


@pytest.fixture(scope="module")
def node() -> Iterator[EmbeddedNode]:
    node = EmbeddedNode(namespaces=("plain",), strong_consistency=("test",))
    yield node
    node.close()


@pytest.fixture(scope="module")
def faces(node: EmbeddedNode) -> Iterator[tuple[Face, Face]]:
    with serve(node, "127.0.0.1", 0) as server:
        pair = tuple(face(modules, server.address, "test", "s") for modules in (ORIGINAL, OURS))
        yield pair  # type: ignore[misc]
        for one in pair:
            one.close()


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(faces: tuple[Face, Face], node: EmbeddedNode, name: str) -> None:
    theirs, mine = (_done(one, node, PROGRAMS[name]) for one in faces)
    assert mine == theirs


def _done(one: Face, node: EmbeddedNode, program: str) -> list[Any]:
    """What each line of a program answers, on records that are not there before."""

    def end() -> None:
        transactions: Any = node.store.namespaces["test"].transactions
        for monitor in list(transactions._monitors.values()):
            monitor.deadline = 0
        transactions.expire()

    names = one.names
    names |= {"t": one.aerospike.Transaction(), "u": one.aerospike.Transaction(), "end": end}
    answers = [(line, run(one, line)) for line in lines(program)]
    end()
    for found in one.client.scan("test", "s").results():
        key = ("test", "s", None, found[0][3])
        one.client.remove(key, policy={"durable_delete": True})
    return answers
