"""Transactions by their commands: locks, versions, monitors, rolling, expiry, and restarts."""

from __future__ import annotations

import random
import struct
import threading
import time

import pytest

from aerodbapi.embedded import transactions as module
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol import batch, cdt, particles
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3, Info4, OpType
from aerodbapi.protocol.frame import MESSAGE, frame
from aerodbapi.protocol.message import Message, Operation, encode_message
from tests.embedded.driver import NOT_FOUND, OK, PARAMETER, Driver, many, one

GENERATION, EXISTS, FORBIDDEN, ENTERPRISE_ONLY = 3, 5, 22, 25
BLOCKED, MISMATCH, EXPIRED, TOO_MANY = 120, 121, 122, 123
COMMITTED, ABORTED, ALREADY_LOCKED, MONITOR_EXISTS = 124, 125, 126, 127
MONITORS = "<ERO~MRT"
NO_VERSION = bytes(7)


@pytest.fixture
def node():
    return EmbeddedNode(namespaces=("test", "plain"), strong_consistency=("test",))


@pytest.fixture
def db(node):
    driver = Driver(node)
    assert driver.put("k", {"n": 1}).code == OK
    return driver


class Txn:
    """A transaction as a client drives it, one message at a time."""

    def __init__(self, node, id=None, *, namespace="test", set="s", timeout=0):
        self.node = node
        self.id = id or random.getrandbits(64) | 1
        self.namespace = namespace
        self.set = set
        self.timeout = timeout
        self.deadline = 0

    def send(
        self,
        key,
        *,
        info1=0,
        info2=0,
        info3=0,
        info4=0,
        bins=None,
        ops=(),
        version=None,
        txn=True,
        generation=0,
        set=None,
    ):
        set = self.set if set is None else set
        fields = [
            (FieldType.NAMESPACE, self.namespace.encode()),
            (FieldType.SET, set.encode()),
            (FieldType.DIGEST, digest(set, key)),
        ]
        if txn:
            fields.append((FieldType.TXN_ID, struct.pack("<Q", self.id)))
        if version is not None:
            fields.append((FieldType.RECORD_VERSION, version))
        written = [
            Operation(OpType.WRITE, name, *particles.encode(value))
            for name, value in (bins or {}).items()
        ]
        message = Message(
            info1,
            info2,
            info3,
            info4,
            generation=generation,
            record_ttl=self.timeout if set == MONITORS else 0,
            fields=tuple(fields),
            ops=(*written, *ops),
        )
        return one(self.node, frame(MESSAGE, encode_message(message)))

    # The records:

    def get(self, key, **flags):
        return self.send(key, info1=Info1.READ | Info1.GET_ALL, **flags)

    def value(self, key):
        answer = self.get(key)
        return answer.result_code or {o.name: particles.decode(*o[2:]) for o in answer.ops}

    def write(self, key, bins, **flags):
        return self.send(key, info2=Info2.WRITE | flags.pop("info2", 0), bins=bins, **flags)

    def put(self, key, bins, **flags):
        """Write as a client does: into the monitor's list first."""
        assert self.add(key).result_code == OK
        return self.write(key, bins, **flags).result_code

    def remove(self, key, info2=Info2.DURABLE_DELETE):
        assert self.add(key).result_code == OK
        return self.send(key, info2=Info2.WRITE | Info2.DELETE | info2).result_code

    def verify(self, key, version):
        info1 = Info1.READ | Info1.NOBINDATA
        info3, info4 = Info3.SC_READ_TYPE, Info4.TXN_VERIFY_READ
        found = self.send(key, info1=info1, info3=info3, info4=info4, version=version, txn=False)
        return found.result_code

    def roll(self, key, *, forward):
        info4 = Info4.TXN_ROLL_FORWARD if forward else Info4.TXN_ROLL_BACK
        return self.send(key, info2=Info2.WRITE | Info2.DURABLE_DELETE, info4=info4).result_code

    # The monitor:

    def signed(self):
        return self.id - (1 << 64) if self.id >> 63 else self.id

    def monitor(self, *ops, info2=Info2.WRITE, info1=0):
        return self.send(self.signed(), info1=info1, info2=info2, ops=ops, set=MONITORS, txn=False)

    def add(self, *keys, first=None):
        first = self.deadline == 0 if first is None else first
        items = [digest(self.set, key) for key in keys]
        call = [2, items, 1, 13] if len(items) > 1 else [1, *items, 1, 13]
        ops = [Operation(OpType.WRITE, "id", *particles.encode(self.signed()))] if first else []
        ops.append(Operation(OpType.CDT_MODIFY, "keyds", 4, cdt.pack(call)))
        answer = self.monitor(*ops)
        if answer.result_code == OK:
            self.deadline = int.from_bytes(answer.field(FieldType.TXN_DEADLINE), "little")
        return answer

    def mark(self):
        return self.monitor(Operation(OpType.WRITE, "fwd", 17, b"\1")).result_code

    def close(self, info2=Info2.DURABLE_DELETE):
        return self.monitor(info2=Info2.WRITE | Info2.DELETE | info2).result_code


def version_of(answer):
    return answer.field(FieldType.RECORD_VERSION)


def test_nothing_of_it_where_consistency_is_not_strong(node):
    txn = Txn(node, namespace="plain")
    assert txn.write("k", {"n": 1}).result_code == ENTERPRISE_ONLY
    assert txn.get("k").result_code == ENTERPRISE_ONLY
    assert txn.verify("k", NO_VERSION) == ENTERPRISE_ONLY
    assert txn.roll("k", forward=True) == ENTERPRISE_ONLY
    db = Driver(node, "plain")
    assert db.put("k", {"n": 1}).code == OK
    assert db.remove("k", Info2.DURABLE_DELETE).code == ENTERPRISE_ONLY


def test_clients_learn_of_strong_consistency(node):
    db = Driver(node)
    replicas = dict(part.split(":", 1) for part in db.info("replicas").split(";"))
    assert (replicas["test"][0], replicas["plain"][0]) == ("1", "0")
    assert "strong-consistency=true" in db.info("namespace/test")
    assert "strong-consistency=false" in db.info("namespace/plain")


@pytest.mark.parametrize("id", [1, 1 << 63, (1 << 64) - 1, 0x0123456789ABCDEF])
def test_a_transaction_from_begin_to_commit(node, db, id):
    txn = Txn(node, id)
    assert txn.put("k", {"n": 2}) == OK
    assert txn.put("new", {"n": 3}) == OK
    assert txn.remove("k2") == NOT_FOUND
    assert (txn.value("k"), db.get("k").bins) == ({"n": 2}, {"n": 1})
    assert (txn.value("new"), db.get("new").code) == ({"n": 3}, NOT_FOUND)
    assert txn.mark() == OK
    assert db.get("k").bins == {"n": 1}
    assert txn.roll("k", forward=True) == OK
    assert db.get("k").bins == {"n": 2}
    assert txn.roll("new", forward=True) == OK
    assert db.get("new").bins == {"n": 3}
    assert txn.roll("k", forward=True) == OK  # again, as after a lost answer
    assert txn.close() == OK
    assert db.put("k", {"n": 4}).code == OK
    assert txn.close() == NOT_FOUND


def test_a_transaction_that_is_aborted(node, db):
    txn = Txn(node)
    assert txn.put("k", {"n": 2, "m": 3}) == OK
    assert txn.put("new", {"n": 3}) == OK
    assert txn.roll("k", forward=False) == OK
    assert txn.write("new", {"n": 4}).result_code == ABORTED
    assert (txn.add("x").result_code, txn.mark()) == (ABORTED, ABORTED)
    assert txn.roll("new", forward=True) == ABORTED
    assert txn.roll("new", forward=False) == OK
    assert txn.close() == OK
    assert (db.get("k").bins, db.get("new").code) == ({"n": 1}, NOT_FOUND)
    assert db.put("k", {"n": 2}).code == OK


def test_generations_go_on_from_the_record(node, db):
    txn = Txn(node)
    txn.put("k", {"n": 2})
    assert txn.get("k").generation == 2
    assert txn.write("k", {"n": 3}, info2=Info2.GENERATION, generation=1).result_code == GENERATION
    assert txn.write("k", {"n": 3}, info2=Info2.GENERATION, generation=2).result_code == OK
    assert db.get("k").generation == 1
    txn.mark()
    txn.roll("k", forward=True)
    assert db.get("k").generation == 3


def test_removal(node, db):
    txn = Txn(node)
    assert txn.remove("k", info2=0) == FORBIDDEN
    assert db.put("k", {"n": 1}).code == OK  # the failed one locked nothing
    assert txn.remove("k") == OK
    assert (txn.get("k").result_code, db.get("k").bins) == (NOT_FOUND, {"n": 1})
    assert txn.write("k", {"m": 1}).result_code == OK
    assert txn.value("k") == {"m": 1}
    assert txn.remove("k") == OK
    txn.mark()
    assert txn.roll("k", forward=True) == OK
    assert db.get("k").code == NOT_FOUND


@pytest.mark.parametrize(("durable", "code"), [(Info2.DURABLE_DELETE, OK), (0, FORBIDDEN)])
def test_deletes_outside_have_to_be_durable(db, durable, code):
    assert db.remove("k", durable).code == code
    assert db.get("k").code == (NOT_FOUND if code == OK else OK)
    db.put("k", {"n": 1})
    last_bin = struct.pack(">IBBBB", 5, OpType.WRITE, 0, 0, 1) + b"n"
    assert db.operate("k", last_bin, info2=durable).code == code


def test_locks(node, db):
    first, second = Txn(node), Txn(node)
    assert first.put("k", {"n": 2}) == OK
    assert second.add("k").result_code == OK
    assert second.write("k", {"n": 3}).result_code == BLOCKED
    assert second.get("k").result_code == BLOCKED
    assert db.put("k", {"n": 4}).code == BLOCKED
    assert db.operate("k", info2=Info2.DELETE | Info2.DURABLE_DELETE).code == BLOCKED
    assert db.get("k").bins == {"n": 1}
    assert second.roll("k", forward=True) == OK  # not its lock: nothing happens
    assert first.value("k") == {"n": 2}
    assert first.roll("k", forward=False) == OK
    assert db.put("k", {"n": 4}).code == OK


def test_a_record_to_be_made_is_locked_too(node, db):
    txn = Txn(node)
    assert txn.put("new", {"n": 2}) == OK
    assert db.put("new", {"n": 3}).code == BLOCKED


def test_writes_that_have_to_lock_first(node, db):
    txn = Txn(node)
    once = {"info4": Info4.TXN_ON_LOCKING_ONLY}
    assert txn.put("k", {"n": 2}, **once) == OK
    assert txn.write("k", {"n": 3}, **once).result_code == ALREADY_LOCKED
    assert txn.get("k", **once).result_code == OK
    assert txn.value("k") == {"n": 2}


def test_versions(node, db):
    txn = Txn(node)
    version = version_of(txn.get("k"))
    assert len(version) == 7
    assert version != NO_VERSION
    assert txn.verify("k", version) == OK
    assert txn.get("k", version=version).result_code == OK
    db.put("k", {"n": 2})
    assert txn.verify("k", version) == MISMATCH
    assert txn.get("k", version=version).result_code == MISMATCH
    txn.add("k")
    assert txn.write("k", {"n": 3}, version=version).result_code == MISMATCH
    again = version_of(txn.get("k"))
    assert txn.write("k", {"n": 3}, version=again).result_code == OK
    assert version_of(txn.get("k")) is None  # its own version needs no verifying


def test_versions_of_what_is_not_there(node, db):
    txn = Txn(node)
    answer = txn.get("none")
    assert (answer.result_code, version_of(answer)) == (NOT_FOUND, NO_VERSION)
    assert txn.verify("none", NO_VERSION) == OK
    db.put("none", {"n": 1})
    assert txn.verify("none", NO_VERSION) == MISMATCH


def test_a_failed_write_was_a_read(node, db):
    txn = Txn(node)
    txn.add("k")
    answer = txn.write("k", {"n": 2}, info2=Info2.CREATE_ONLY)
    assert answer.result_code == EXISTS
    assert txn.verify("k", version_of(answer)) == OK
    assert db.put("k", {"n": 3}).code == OK  # and locked nothing
    assert version_of(txn.write("k", {"n": 2})) is None


def test_what_somebody_else_is_writing_cannot_be_verified(node, db):
    """Else two transactions that each read what the other writes could both commit."""
    txn, other = Txn(node), Txn(node)
    version = version_of(txn.get("k"))
    other.put("k", {"n": 2})
    assert txn.verify("k", version) == BLOCKED


def test_monitors(node, db):
    txn = Txn(node, timeout=60)
    assert txn.add("k", first=False).result_code == EXPIRED
    assert txn.add("k", "l", "m").result_code == OK
    assert 55 < txn.deadline + 1262304000 - time.time() <= 60
    assert txn.add("x", first=True).result_code == MONITOR_EXISTS
    deadline, txn.timeout = txn.deadline, 100
    assert txn.add("x", "k").result_code == OK
    assert txn.deadline == deadline
    seen = Driver(node, set=MONITORS).get(txn.signed())
    assert seen.bins == {
        "id": txn.signed(),
        "keyds": sorted(digest("s", key) for key in ("k", "l", "m", "x")),
    }
    txn.mark()
    assert Driver(node, set=MONITORS).get(txn.signed()).bins["fwd"] is True
    assert (txn.mark(), txn.add("y").result_code) == (COMMITTED, COMMITTED)
    assert txn.write("k", {"n": 2}).result_code == COMMITTED
    assert txn.roll("k", forward=False) == COMMITTED
    assert txn.close(info2=0) == FORBIDDEN
    assert txn.close() == OK
    assert txn.mark() == EXPIRED


def test_a_write_needs_its_monitor(node, db):
    assert Txn(node).write("k", {"n": 2}).result_code == EXPIRED
    assert db.put("k", {"n": 2}).code == OK


def test_too_many_writes(node, db):
    txn = Txn(node)
    assert txn.add(*range(4096)).result_code == OK
    assert txn.add(5).result_code == OK
    assert txn.add(4096).result_code == TOO_MANY


KEYS = Operation(OpType.CDT_MODIFY, "keyds", 4, cdt.pack([1, bytes(20), 1, 13]))
ID = Operation(OpType.WRITE, "id", 1, struct.pack(">Q", 7))
MARK = Operation(OpType.WRITE, "fwd", 17, b"\1")


@pytest.mark.parametrize(
    "ops",
    [
        [],
        [ID],
        [KEYS, MARK],
        [KEYS, Operation(OpType.WRITE, "id", 3, b"7")],
        [KEYS, Operation(OpType.WRITE, "id", 1, b"7")],
        [ID, Operation(OpType.WRITE, "keyds", 20, b"\x90")],
        [ID, Operation(OpType.CDT_MODIFY, "other", 4, KEYS.value)],
        [ID, KEYS._replace(value=cdt.pack([1, bytes(19), 1, 13]))],
        [ID, KEYS._replace(value=cdt.pack([1, 5, 1, 13]))],
        [ID, KEYS._replace(value=cdt.pack([2, bytes(20), 1, 13]))],
        [ID, KEYS._replace(value=cdt.pack([9, 0, bytes(20)]))],
        [ID, KEYS._replace(value=cdt.pack([1]))],
        [ID, KEYS._replace(value=cdt.pack(5))],
        [ID, KEYS._replace(value=b"\xc1")],
        [ID, KEYS._replace(value=b"")],
        [Operation(OpType.WRITE, "fwd", 17, b"\0")],
        [Operation(OpType.WRITE, "fwd", 1, bytes(8))],
        [Operation(OpType.TOUCH, "")],
        [ID._replace(value=bytes(8)), KEYS],
        [ID._replace(value=struct.pack(">Q", 8)), KEYS],
    ],
)
def test_nothing_else_can_be_written_to_monitors(node, ops):
    txn = Txn(node, 7)
    assert txn.monitor(*ops).result_code == PARAMETER
    assert txn.add("k").result_code == OK


@pytest.mark.parametrize(
    ("timeout", "code"), [(1, OK), (120, OK), (121, PARAMETER), (0xFFFFFFFF, PARAMETER)]
)
def test_timeouts(node, timeout, code):
    assert Txn(node, timeout=timeout).add("k").result_code == code


MALFORMED = [
    ({"info1": 3, "fields": [(FieldType.TXN_ID, b"1234567")]}, PARAMETER),
    ({"info1": 3, "fields": [(FieldType.TXN_ID, bytes(8))]}, PARAMETER),
    ({"info1": 3, "fields": [(FieldType.TXN_ID, b"\1" * 8), (3, b"123456")]}, PARAMETER),
    ({"info1": 3, "fields": [(FieldType.TXN_ID, b"")]}, PARAMETER),
]


@pytest.mark.parametrize(("request_", "code"), MALFORMED)
def test_malformed_fields(db, request_, code):
    assert db.command("k", [], **request_).code == code


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ({"info1": 1, "info4": Info4.TXN_VERIFY_READ, "txn": False}, PARAMETER),
        ({"info2": 1, "info4": Info4.TXN_VERIFY_READ, "version": bytes(7)}, PARAMETER),
        ({"info1": 1, "info4": Info4.TXN_VERIFY_READ, "version": b"123"}, MISMATCH),
        ({"info2": 1, "info4": Info4.TXN_ROLL_FORWARD, "txn": False}, PARAMETER),
        ({"info1": 1, "info4": Info4.TXN_ROLL_FORWARD}, PARAMETER),
        ({"info2": 1, "info4": Info4.TXN_ROLL_BACK}, OK),
    ],
)
def test_malformed_flags(node, db, flags, code):
    assert Txn(node).send("k", **flags).result_code == code
    assert db.get("k").bins == {"n": 1}


@pytest.mark.parametrize("marked", [False, True])
def test_the_deadline(node, db, marked, monkeypatch):
    txn = Txn(node, timeout=5)
    txn.put("k", {"n": 2})
    if marked:
        txn.mark()
    real = module.now_2010
    monkeypatch.setattr(module, "now_2010", lambda: real() + 6)
    assert db.get("k").bins == {"n": 2 if marked else 1}
    assert txn.write("k", {"n": 3}).result_code == EXPIRED
    assert (txn.mark(), txn.add("x").result_code) == (EXPIRED, EXPIRED)
    assert db.put("k", {"n": 4}).code == OK
    assert txn.roll("k", forward=True) == OK
    assert db.get("k").bins == {"n": 4}
    assert txn.close() == NOT_FOUND


def test_the_reaper_ends_what_nobody_asks_for(node, db, monkeypatch):
    txn = Txn(node, timeout=5)
    txn.put("k", {"n": 2})
    real = module.now_2010
    monkeypatch.setattr(module, "now_2010", lambda: real() + 6)
    node.reaper.sweep()
    assert not node.store.namespaces["test"].transactions.provisional


def test_a_monitor_that_goes_takes_its_locks_along(node, db):
    txn = Txn(node)
    txn.put("k", {"n": 2})
    assert txn.close() == OK
    assert db.get("k").bins == {"n": 1}
    assert db.put("k", {"n": 3}).code == OK


def test_queries_see_the_records_as_they_were(node, db):
    from tests.embedded.test_queries import request

    db.info("sindex-create:namespace=test;set=s;indexname=n;bin=n;type=numeric")
    txn = Txn(node)
    txn.put("k", {"n": 2})
    txn.put("new", {"n": 3})

    def numbers(**flags):
        *found, last = many(node, request(**flags))
        assert last.result_code == OK
        return sorted(particles.decode(*o[2:]) for m in found for o in m.ops if o.name == "n")

    assert numbers(set=b"s") == [1]
    assert numbers(set=None) == [1]  # without the monitors
    assert len(many(node, request(set=MONITORS.encode()))) == 2
    txn.mark()
    for key in ("k", "new"):
        txn.roll(key, forward=True)
    assert numbers(set=None) == [2, 3]


def test_batches(node, db):
    txn = Txn(node)
    txn.add("k", "new")
    field = (FieldType.TXN_ID, struct.pack("<Q", txn.id))
    write = Operation(OpType.WRITE, "n", 1, struct.pack(">q", 9))

    def entry(index, key, info, *, ops=(), fields=()):
        """An entry with info1 to info4 (type 0x12)."""
        from aerodbapi.protocol.message import encode_field, encode_op

        all_fields = [(FieldType.NAMESPACE, b"test"), (FieldType.SET, b"s"), *fields]
        return (
            struct.pack(">I", index)
            + digest("s", key)
            + b"\x12"
            + bytes(info)
            + struct.pack(">HH", len(all_fields), len(ops))
            + b"".join(encode_field(*f) for f in all_fields)
            + b"".join(encode_op(o.op, o.name, o.particle_type, o.value) for o in ops)
        )

    def run(*entries):
        value = struct.pack(">IB", len(entries), 5) + b"".join(entries)
        message = Message(info1=Info1.BATCH, fields=((FieldType.BATCH, value),))
        *found, last = many(node, frame(MESSAGE, encode_message(message)))
        assert last.result_code == OK
        return {m.transaction_ttl: m for m in found}

    found = run(
        entry(0, "k", (0, 0x81, 0, 0), ops=[write], fields=[field]),
        entry(1, "new", (0, 0x81, 0, 0), ops=[write], fields=[field]),
        entry(2, "none", (3, 0, 0, 0), fields=[field]),
        entry(3, "k", (3, 0, 0, 0)),
    )
    assert [found[i].result_code for i in range(4)] == [OK, OK, NOT_FOUND, OK]
    assert [version_of(found[i]) for i in range(4)] == [None, None, NO_VERSION, None]
    verified = run(
        entry(0, "none", (0x21, 0, 0x40, 1), fields=[(FieldType.RECORD_VERSION, NO_VERSION)]),
        entry(1, "k", (0x21, 0, 0x40, 1), fields=[(FieldType.RECORD_VERSION, NO_VERSION)]),
    )
    assert [verified[i].result_code for i in range(2)] == [OK, BLOCKED]
    assert txn.mark() == OK
    rolled = run(
        *(entry(i, k, (0, 0x11, 0, 2), fields=[field]) for i, k in enumerate(("k", "new")))
    )
    assert [rolled[i].result_code for i in range(2)] == [OK, OK]
    assert (db.get("k").bins, db.get("new").bins) == ({"n": 9}, {"n": 9})


def test_a_read_in_a_transaction_does_not_renew(node, db):
    db.put("short", {"n": 1}, ttl=100)
    before = db.get("short").void_time
    node.store.namespaces["test"].default_ttl = 0
    txn = Txn(node)
    assert txn.get("short").result_code == OK
    assert db.get("short").void_time == before


@pytest.mark.parametrize("marked", [False, True])
def test_restarts(tmp_path, marked):
    path = str(tmp_path / "data.db")
    node = EmbeddedNode(path, strong_consistency=("test",))
    db, txn = Driver(node), Txn(node)
    db.put("k", {"n": 1})
    db.put("gone", {"n": 1})
    txn.put("k", {"n": 2})
    txn.put("new", {"n": 3}, info2=0)
    txn.remove("gone")
    if marked:
        assert txn.mark() == OK
        assert txn.roll("k", forward=True) == OK
    node.close()
    again = EmbeddedNode(path, strong_consistency=("test",))
    db = Driver(again)
    found = [db.get(key).bins for key in ("k", "new", "gone")]
    assert found == ([{"n": 2}, {"n": 3}, {}] if marked else [{"n": 1}, {}, {"n": 1}])
    assert Driver(again, set=MONITORS).get(txn.signed()).code == NOT_FOUND
    assert not again.store.definitions("provisional")
    assert db.put("k", {"n": 5}).code == OK
    again.close()


def test_money_stays(node):
    """Threads move amounts between accounts in transactions; the sum never changes."""
    db = Driver(node)
    for account in range(6):
        db.put(account, {"n": 100})
    failures, moved = [], []

    def transfer(choice):
        txn = Txn(node)
        a, b = choice.sample(range(6), 2)
        reads = {key: txn.get(key) for key in (a, b)}
        if any(answer.result_code for answer in reads.values()):
            return False
        have = {key: particles.decode(*answer.ops[0][2:]) for key, answer in reads.items()}
        txn.add(a, b)
        done = all(
            txn.write(key, {"n": have[key] + by}, version=version_of(reads[key])).result_code == OK
            for key, by in ((a, -1), (b, 1))
        )
        if done:
            assert txn.mark() == OK
        for key in (a, b):
            txn.roll(key, forward=done)
        assert txn.close() == OK
        return done

    def work(seed):
        choice = random.Random(seed)
        try:
            moved.append(sum(transfer(choice) for _ in range(150)))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert sum(moved) > 0
    assert sum(db.get(account).bins["n"] for account in range(6)) == 600
    assert not node.store.namespaces["test"].transactions.provisional


def test_batch_module_writes_what_the_node_reads(node, db):
    """An ordinary batch in the namespace goes by the locks too."""
    txn = Txn(node)
    txn.put("k", {"n": 2})
    entries = [batch.read_entry("test", "s", digest("s", "k")), *_writes("k", "free")]
    replies = many(node, batch.encode_batch(entries))
    codes = {m.transaction_ttl: m.result_code for m in replies[:-1]}
    assert codes == {0: OK, 1: BLOCKED, 2: OK}


def _writes(*keys):
    from aerodbapi.protocol.commands import bins_ops

    n_ops, ops = bins_ops({"n": 7})
    return [batch.write_entry("test", "s", digest("s", key), ops, n_ops) for key in keys]
