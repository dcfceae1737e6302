"""A cluster of simulated nodes that answer the real protocol from plain dictionaries.

`Simulation(n, factor)` spreads 4096 partitions round-robin; every node holds all records of the
partitions that it owns at any level. Faults are attributes of a node: `down`, `frames_left`
(its streams break after so many frames, and the node goes down), `refuses` (partitions it
reports as unavailable), `reply_codes` (result codes to answer next), `delay`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo, Host
from aerodbapi.errors import ConnectionFailed, Error
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.batch import decode_batch_request
from aerodbapi.protocol.digest import digest as digest_of
from aerodbapi.protocol.digest import partition_id
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3
from aerodbapi.protocol.message import Message, Operation, decode_message, encode_message
from aerodbapi.protocol.partitions import (
    Peer,
    Replicas,
    bitmap,
    encode_peers,
    encode_replicas,
)
from aerodbapi.protocol.query import QueryRequest, parse_query
from tests.cluster.carrier import FakeCarrier

N = 4096
RECORDS_PER_FRAME = 3


@dataclass
class Record:
    key: int
    digest: bytes
    value: int  # of the bin "i", and of its index

    @property
    def pid(self) -> int:
        return partition_id(self.digest)


def make_records(count: int) -> list[Record]:
    return [Record(key, digest_of("s", key), key * 7 % 50) for key in range(count)]


@dataclass(eq=False)
class SimNode:
    """One node. `claims`: partition ids by level; `info`: values that replace the usual ones."""

    simulation: Simulation
    name: str
    host: str
    port: int = 3000
    build: str = "8.1.2.0"
    claims: list[set[int]] = field(default_factory=list)
    regime: int = 0
    lists: list[str] | None = None  # names of its peers; None: all others
    partition_generation: int = 1
    peers_generation: int = 1
    info: dict[str, str] = field(default_factory=dict)
    down: bool = False
    frames_left: int | None = None
    refuses: set[int] = field(default_factory=set)
    reply_codes: list[int | Error] = field(default_factory=list)
    query_code: int = 0
    delay: float = 0.0
    requests: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    # ---- as the carrier's peer ---------------------------------------------------------------

    def exchange(self, node: Node, request: bytes, carrier: Any) -> bytes:
        self._check(node, carrier)
        self.requests.append(request)
        if request[1] == 1:
            return self._info(wire.decode_request(request[8:]))
        code = self.reply_codes.pop(0) if self.reply_codes else 0
        if isinstance(code, Error):
            raise code
        return encode_message(Message(result_code=code, generation=1))

    def stream(self, node: Node, request: bytes, carrier: Any) -> Iterator[bytes]:
        self._check(node, carrier)
        self.requests.append(request)
        message, _ = decode_message(request[8:])
        frames = self._batch if message.info1 & Info1.BATCH else self._query
        return self._cut(node, frames(message), carrier)

    def _check(self, node: Node, carrier: Any) -> None:
        if self.down:
            raise ConnectionFailed(f"cannot connect to {node.address}: refused", node=str(node))
        if self.delay:
            carrier.wait(self.delay)

    def _cut(self, node: Node, frames: Iterator[bytes], carrier: Any) -> Iterator[bytes]:
        for frame in frames:
            if self.delay:
                carrier.wait(self.delay)
            if self.frames_left is not None:
                if self.frames_left == 0:
                    self.down = True
                    return
                self.frames_left -= 1
            if self.down:
                return
            yield frame

    # ---- info --------------------------------------------------------------------------------

    def _info(self, names: list[str]) -> bytes:
        return wire.encode_reply([(name, self._value(name)) for name in names])[8:]

    def _value(self, name: str) -> str:
        if name in self.info:
            return self.info[name]
        values = {
            "node": lambda: self.name,
            "build": lambda: self.build,
            "cluster-name": lambda: "sim",
            "partition-generation": lambda: str(self.partition_generation),
            "peers-generation": lambda: str(self.peers_generation),
            "rebalance-generation": lambda: "ERROR:25:enterprise only",
            "rack-ids": lambda: "ERROR:25:enterprise only",
            "service-clear-std": lambda: self.address,
            "peers-clear-std": self._peers,
            "replicas": self._replicas,
        }
        return values.get(name, lambda: "ERROR:4:unrecognized command")()

    def _peers(self) -> str:
        others = [
            node
            for node in self.simulation.nodes
            if node is not self and (self.lists is None or node.name in self.lists)
        ]
        peers = [Peer(node.name, "", ((node.host, node.port),)) for node in others]
        return encode_peers(self.peers_generation, 3000, peers)

    def _replicas(self) -> str:
        bitmaps = tuple(bitmap(level) for level in self.claims)
        return encode_replicas({"test": Replicas(self.regime, len(bitmaps), bitmaps)})

    # ---- batches and queries -----------------------------------------------------------------

    def _batch(self, message: Message) -> Iterator[bytes]:
        value = message.field(FieldType.BATCH)
        assert value is not None
        keys = decode_batch_request(value)
        self.simulation.batches.append((self.name, [key.index for key in keys]))
        for start in range(0, len(keys), RECORDS_PER_FRAME):
            yield b"".join(
                encode_message(self._batch_reply(key))
                for key in keys[start : start + RECORDS_PER_FRAME]
            )
        yield encode_message(Message(info3=Info3.LAST, result_code=self.query_code))

    def _batch_reply(self, key: Any) -> Message:
        pid = partition_id(key.digest)
        code = self.simulation.key_codes.get((self.name, key.index), 0)
        owned = any(pid in level for level in self.claims)
        record = self.simulation.by_digest.get(key.digest)
        if not owned or pid in self.refuses:
            return Message(result_code=11, transaction_ttl=key.index)
        if code or (record is None and not key.info2 & Info2.WRITE):
            return Message(result_code=code or 2, transaction_ttl=key.index)
        ops = () if record is None else (_bin(record),)
        return Message(generation=1, transaction_ttl=key.index, ops=ops)

    def _query(self, message: Message) -> Iterator[bytes]:
        request = parse_query(message)
        self.simulation.queries.append((self.name, request))
        if self.query_code:
            yield encode_message(Message(info3=Info3.LAST, result_code=self.query_code))
            return
        wanted = [(pid, None, 0) for pid in request.partitions]
        bvals = request.bvals or (0,) * len(request.digests)
        wanted += [(partition_id(d), d, b) for d, b in zip(request.digests, bvals, strict=True)]
        messages: list[bytes] = []
        sent = 0
        for pid, after, bval in wanted:
            if pid in self.refuses or not any(pid in level for level in self.claims):
                messages.append(
                    encode_message(
                        Message(info3=Info3.PARTITION_DONE, result_code=11, generation=pid)
                    )
                )
                continue
            for record in self.simulation.in_order(pid, request):
                if after is not None and _position(record, request) <= (
                    (bval, after) if request.range else (after,)
                ):
                    continue
                if request.max_records and sent >= request.max_records:
                    break
                for _ in range(self.simulation.repeats):
                    sent += 1
                    messages.append(encode_message(_message(record, request)))
                while len(messages) >= RECORDS_PER_FRAME:
                    yield b"".join(messages[:RECORDS_PER_FRAME])
                    del messages[:RECORDS_PER_FRAME]
        yield b"".join([*messages, encode_message(Message(info3=Info3.LAST))])


def _bin(record: Record) -> Operation:
    return Operation(1, "i", 1, record.value.to_bytes(8, "big"))


def _position(record: Record, request: QueryRequest) -> tuple[Any, ...]:
    return (record.value, record.digest) if request.range else (record.digest,)


def _message(record: Record, request: QueryRequest) -> Message:
    fields = [
        (int(FieldType.NAMESPACE), b"test"),
        (int(FieldType.DIGEST), record.digest),
        (int(FieldType.SET), b"s"),
    ]
    if request.range:
        fields.append((int(FieldType.BVAL_ARRAY), struct.pack("<q", record.value)))
    return Message(generation=1, fields=tuple(fields), ops=(_bin(record),))


class Simulation:
    """Several nodes and the records they share; a carrier to reach them, a cluster to tend."""

    def __init__(
        self, count: int = 3, factor: int = 2, records: int = 0, seed: int = 0, **conninfo: Any
    ) -> None:
        self.nodes: list[SimNode] = []
        self.records = make_records(records)
        self.by_digest = {record.digest: record for record in self.records}
        self.by_pid: dict[int, list[Record]] = {}
        for record in self.records:
            self.by_pid.setdefault(record.pid, []).append(record)
        self.repeats = 1
        self.batches: list[tuple[str, list[int]]] = []
        self.queries: list[tuple[str, QueryRequest]] = []
        self.key_codes: dict[tuple[str, int], int] = {}
        for number in range(count):
            self.add(f"N{number}", f"10.0.0.{number + 1}", factor, number, count)
        self.carrier = FakeCarrier({node.address: node for node in self.nodes}, seed)
        options: dict[str, Any] = {"hosts": (Host("10.0.0.1"),), "embedded": False, **conninfo}
        self.cluster = Cluster(
            ConnInfo(**options), clock=self.carrier.clock, choices=self.carrier.random
        )

    def add(self, name: str, host: str, factor: int, number: int, count: int) -> SimNode:
        claims = [
            {pid for pid in range(N) if (pid + level) % count == number}
            for level in range(min(factor, count))
        ]
        node = SimNode(self, name, host, claims=claims)
        self.nodes.append(node)
        return node

    def listen(self, node: SimNode) -> None:
        """Make a node reachable at its (new) address."""
        self.carrier.peers[node.address] = node

    def in_order(self, pid: int, request: QueryRequest) -> list[Record]:
        records = self.by_pid.get(pid, [])
        return sorted(records, key=lambda record: _position(record, request))

    def connect(self) -> Simulation:
        from aerodbapi.cluster.tend import connect

        self.run(connect(self.cluster))
        self.carrier.effects.clear()
        return self

    def run(self, conversation: Any) -> Any:
        return self.carrier.run(conversation)

    def owner(self, pid: int, level: int = 0) -> SimNode:
        return next(node for node in self.nodes if pid in node.claims[level])
