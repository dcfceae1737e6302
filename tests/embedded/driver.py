"""Speaks to a node in the tests' words: keys, bins and result codes instead of frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol import commands, info, particles
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, OpType
from aerodbapi.protocol.frame import HEADER_SIZE
from aerodbapi.protocol.message import Message, decode_message, encode_field, encode_op, messages

OK = 0
NOT_FOUND = 2
GENERATION = 3
PARAMETER = 4
EXISTS = 5
BIN_TYPE = 12
TOO_BIG = 13
UNSUPPORTED = 16
KEY_MISMATCH = 19
NAMESPACE = 20
BIN_NAME = 21
ENTERPRISE_ONLY = 25
FILTERED_OUT = 27


class Answer(NamedTuple):
    """One record's reply; `ops`: the operations' (code, bin, value), in order."""

    code: int
    generation: int
    void_time: int
    ops: list[tuple[int, str, Any]]

    @property
    def bins(self) -> dict[str, Any]:
        return {name: value for _, name, value in self.ops}


def op(kind: int, name: str, value: Any = None) -> bytes:
    """Encode an operation whose value is an ordinary particle."""
    particle_type, data = particles.encode(value)
    return encode_op(kind, name, particle_type, data)


def writes(bins: Mapping[str, Any]) -> list[bytes]:
    return [op(OpType.WRITE, name, value) for name, value in bins.items()]


class Driver:
    """Commands on one set of one namespace."""

    def __init__(self, node: EmbeddedNode, namespace: str = "test", set: str | None = "s") -> None:
        self.node = node
        self.namespace = namespace
        self.set = set

    def put(self, key: Any, bins: Mapping[str, Any], **flags: Any) -> Answer:
        return self.operate(key, *writes(bins), **flags)

    def get(self, key: Any, **flags: Any) -> Answer:
        info1 = Info1.READ | Info1.GET_ALL | flags.pop("info1", 0)
        return self.command(key, [], info1=info1, info2=0, **flags)

    def exists(self, key: Any, **flags: Any) -> Answer:
        return self.command(key, [], info1=Info1.READ | Info1.NOBINDATA, info2=0, **flags)

    def select(self, key: Any, *names: str, **flags: Any) -> Answer:
        ops = [op(OpType.READ, name) for name in names]
        info1 = Info1.READ | flags.pop("info1", 0)
        return self.command(key, ops, info1=info1, **{"info2": 0, **flags})

    def remove(self, key: Any, info2: int = 0, **flags: Any) -> Answer:
        return self.command(key, [], info2=Info2.WRITE | Info2.DELETE | info2, **flags)

    def operate(self, key: Any, *ops: bytes, info2: int = 0, **flags: Any) -> Answer:
        return self.command(key, ops, info2=Info2.WRITE | info2, **flags)

    def command(
        self,
        key: Any,
        ops: Iterable[bytes],
        *,
        info1: int = 0,
        info2: int = 0,
        info3: int = 0,
        generation: int = 0,
        ttl: int = 0,
        send_key: Any = None,
        set: str | None = "",
        fields: Iterable[tuple[int, bytes]] = (),
    ) -> Answer:
        """Send one command; `set` replaces the SET field (None leaves it out), not the digest."""
        from aerodbapi.protocol.message import request_frame

        encoded = [encode_field(FieldType.NAMESPACE, self.namespace.encode())]
        if set is not None:
            encoded.append(encode_field(FieldType.SET, (set or self.set or "").encode()))
        encoded.append(encode_field(FieldType.DIGEST, digest(self.set, key)))
        if send_key is not None:
            encoded.append(commands.key_field(send_key))
        encoded += [encode_field(kind, value) for kind, value in fields]
        ops = list(ops)
        request = request_frame(
            info1,
            info2,
            info3,
            0,
            generation,
            ttl,
            1000,
            len(encoded),
            b"".join(encoded),
            len(ops),
            b"".join(ops),
        )
        return answer_of(one(self.node, request))

    def info(self, name: str) -> str:
        (reply,) = self.node.receive(info.encode_request([name]))
        return info.decode_reply(reply[HEADER_SIZE:])[name]


def one(node: EmbeddedNode, request: bytes) -> Message:
    """Send a request whose reply is one frame of one message."""
    (reply,) = node.receive(request)
    message, end = decode_message(reply, HEADER_SIZE)
    assert end == len(reply)
    return message


def many(node: EmbeddedNode, request: bytes) -> list[Message]:
    """Send a request whose reply is many messages."""
    return [m for reply in node.receive(request) for m in messages(reply[HEADER_SIZE:])]


def answer_of(message: Message) -> Answer:
    ops = [(o.op, o.name, particles.decode(o.particle_type, o.value)) for o in message.ops]
    return Answer(message.result_code, message.generation, message.record_ttl, ops)
