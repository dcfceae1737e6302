"""Frames to a server on TCP as to a node in the process: the same `receive` for both."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from aerodbapi.embedded.replies import frame
from aerodbapi.protocol import cdt, info
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3, OpType
from aerodbapi.protocol.frame import HEADER_SIZE, INFO
from aerodbapi.protocol.message import (
    Message,
    Operation,
    decode_message,
    encode_field,
    encode_message,
    messages,
    request_frame,
)

NAMESPACE = b"test"
TIMEOUT_MS = 20_000


class Receiver(Protocol):
    """What answers a request frame with reply frames."""

    def receive(self, request: bytes) -> Iterator[bytes]: ...


class Remote:
    """A server; a connection for each request."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address

    def receive(self, request: bytes) -> Iterator[bytes]:
        with socket.create_connection(self.address, timeout=30) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as stream:
                while True:
                    header = stream.read(HEADER_SIZE)
                    body = stream.read(int.from_bytes(header[2:], "big"))
                    yield header + body
                    if request[1] == INFO or _is_last(request, body):
                        return


def _is_last(request: bytes, body: bytes) -> bool:
    asked = decode_message(request, HEADER_SIZE)[0]
    if asked.field(FieldType.DIGEST) is not None:
        return True
    *_, last = messages(body)
    return bool(last.info3 & Info3.LAST) or (last.result_code != 0 and not last.ops)


class Lua:
    """Modules and calls of their functions, at whatever receives frames."""

    def __init__(self, receiver: Receiver, set_name: str = "udf_t") -> None:
        self.receiver = receiver
        self.set_name = set_name

    def info(self, command: str) -> str:
        [reply] = self.receiver.receive(info.encode_request([command]))
        return info.decode_reply(reply[HEADER_SIZE:])[command]

    def put_module(self, filename: str, text: str | bytes) -> str:
        source = text.encode() if isinstance(text, str) else text
        content = base64.b64encode(source).decode()
        length = len(content)
        return self.info(
            f"udf-put:filename={filename};content={content};content-len={length};udf-type=LUA;"
        )

    def remove_module(self, filename: str) -> str:
        return self.info(f"udf-remove:filename={filename}")

    def command(
        self,
        key: Any,
        *,
        fields: Iterable[tuple[int, bytes]] = (),
        ops: Sequence[bytes] = (),
        info1: int = 0,
        info2: int = 0,
        info3: int = 0,
        generation: int = 0,
        ttl: int = 0,
        timeout: int = TIMEOUT_MS,
    ) -> Message:
        """One record's command, as a message of its own."""
        name = self.set_name
        sent = [(FieldType.NAMESPACE, NAMESPACE), (FieldType.SET, name.encode())]
        sent += [(FieldType.DIGEST, digest(name, key)), *fields]
        packed = b"".join(encode_field(*field) for field in sent)
        request = request_frame(
            info1, info2, info3, 0, generation, ttl, timeout, len(sent), packed, len(ops),
            b"".join(ops),
        )  # fmt: skip
        [reply] = self.receiver.receive(request)
        return decode_message(reply, HEADER_SIZE)[0]

    def call(self, key: Any, module: str, function: str, *args: Any, **flags: Any) -> Message:
        """Apply a record function; `flags` as of `command`."""
        fields = [*call_fields(module, function, args), *flags.pop("fields", ())]
        return self.command(key, fields=fields, info2=Info2.WRITE | flags.pop("info2", 0), **flags)

    def get(self, key: Any) -> Message:
        return self.command(key, info1=Info1.READ | Info1.GET_ALL)

    def put(self, key: Any, ops: Sequence[bytes], **flags: Any) -> Message:
        return self.command(key, ops=ops, info2=Info2.WRITE, **flags)

    def remove(self, key: Any) -> Message:
        return self.command(key, info2=Info2.WRITE | Info2.DELETE)

    def query(
        self,
        kind: int,
        module: str,
        function: str,
        *args: Any,
        fields: Iterable[tuple[int, bytes]] = (),
        task: int = 0,
        **flags: Any,
    ) -> list[Message]:
        """Run a UDF query of a kind (1 aggregation, 2 background) over the set."""
        sent = [
            (FieldType.NAMESPACE, NAMESPACE),
            (FieldType.SET, self.set_name.encode()),
            (FieldType.UDF_OP, bytes((kind,))),
            *call_fields(module, function, args),
            (FieldType.TASK_ID, task.to_bytes(8, "big")),
            *fields,
        ]
        info1, info2 = (Info1.READ, 0) if kind == 1 else (0, Info2.WRITE)
        message = Message(info1, info2, fields=tuple(sent), **flags)
        return self.receive(frame(encode_message(message)))

    def receive(self, request: bytes) -> list[Message]:
        return [
            message
            for reply in self.receiver.receive(request)
            for message in messages(reply[HEADER_SIZE:])
        ]


def call_fields(module: str, function: str, args: Sequence[Any]) -> list[tuple[int, bytes]]:
    return [
        (FieldType.UDF_PACKAGE, module.encode()),
        (FieldType.UDF_FUNCTION, function.encode()),
        (FieldType.UDF_ARGS, cdt.pack(list(args))),
    ]


def result(message: Message) -> tuple[int, str, bytes]:
    """A call's result code and the one operation that it answers: name and bytes."""
    if not message.ops:
        return message.result_code, "", b""
    [operation] = message.ops
    return message.result_code, operation.name, operation.value


def writes(*bins: tuple[str, int, bytes]) -> list[bytes]:
    """Encode write operations of particles."""
    return [_encode(Operation(OpType.WRITE, *found)) for found in bins]


def _encode(operation: Operation) -> bytes:
    from aerodbapi.protocol.message import encode_op

    return encode_op(operation.op, operation.name, operation.particle_type, operation.value)
