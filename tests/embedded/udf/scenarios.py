"""What is asked of a server and of the node, and how the answers are written down.

`python -m tests.embedded.udf.scenarios HOST:PORT` asks a server and rewrites expected.json.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aerodbapi.protocol.message import Message
from tests.embedded.driver import op
from tests.embedded.udf.endpoint import Lua, Remote, writes

HERE = Path(__file__).parent
EXPECTED = HERE / "expected.json"
EPOCH_2010 = 1262304000
DEFAULT_TTL = 30 * 86400
POINT = '{"type":"Point","coordinates":[1.0,2.0]}'

#: The bins of the record that snippets run on; `h` is an HLL, `o` an ordered list.
RECORD = [
    ("n", 1, struct.pack(">q", 7)),
    ("s", 3, b"text"),
    ("d", 2, struct.pack(">d", 1.5)),
    ("t", 17, b"\1"),
    ("l", 20, bytes.fromhex("93 01 a2 03 78 91 02")),
    ("m", 19, bytes.fromhex("82 05 a2 03 79 a2 03 61 01")),
    ("b", 4, b"\1\2"),
    ("g", 23, bytes(3) + POINT.encode()),
    ("h", 18, bytes((0, 4, 0)) + bytes(20)),
    ("o", 20, bytes.fromhex("93 c7 00 01 01 04")),
]
ARGUMENTS = ([1, "x"], "arg")

#: Stream functions of streams.lua that take arguments.
STREAM_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "sumn": ("n",),
    "filt": (50,),
    "args": (1, "x", [2]),
}
#: Those whose failure names a line of the server's own Lua.
STREAM_FAILURES_DIFFER = ("nothing", "bad1", "bad2")
RECORDS = 60


def snippets() -> list[str]:
    lines = (HERE / "snippets.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def snippet_module() -> str:
    return "".join(
        f"function f{number}(rec, a, b) {body} end\n" for number, body in enumerate(snippets())
    )


def run_snippet(lua: Lua, number: int, *, exists: bool) -> list[Any]:
    """Run one on a missing record or on RECORD; gives the answer and the record afterwards."""
    key = f"snippet {number}"
    lua.remove(key)
    if exists:
        lua.put(key, writes(*RECORD))
    answer = lua.call(key, "t_snippets", f"f{number}", *ARGUMENTS)
    found = [described(answer), described(lua.get(key))]
    lua.remove(key)
    return found


def described(message: Message) -> list[Any]:
    """Code, generation, TTL in hours (-1: never), operations; without the server's folders."""
    hours = -1
    if message.record_ttl:
        hours = round((message.record_ttl + EPOCH_2010 - time.time()) / 3600)
    ops = [[o.name, o.particle_type, _text(o.particle_type, o.value)] for o in message.ops]
    return [message.result_code, message.generation, hours, ops]


def _text(kind: int, value: bytes) -> str:
    if kind != 3:
        return value.hex()
    return re.sub(r"(?:/[^/:\s']+)+/lua/(\w+\.lua)", r"\1", value.decode("utf-8", "replace"))


# ---- bytes ---------------------------------------------------------------------------------------

BYTES_MODULE = """
function call(rec, b, name, ...)
  local found = table.pack(bytes[name](b, ...))
  local out = list()
  for i = 1, found.n do
    list.append(out, found[i] == nil and "nil" or found[i])
  end
  list.append(out, b)
  return out
end
"""
_CONTENTS = (b"", b"\1", b"\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0\5\6")
_VALUES = (0, 1, -1, 128, 255, 256, 32768, -32769, 2**31, -(2**31), 2**62, "3", "x", None, 1.0, 1.5)
_NUMBERS = ("byte", "int16", "int16_le", "int32_be", "int32_le", "int64", "int64_le", "var_int")


def bytes_calls() -> Iterator[list[Any]]:
    """Arguments of `call`: contents, function, its arguments; none that reads past the end."""
    for content in _CONTENTS:
        size = len(content)
        for name in ("size", "get_type"):
            yield [content, name]
        for value, name in itertools.product(_VALUES[:10], ("set_size", "set_type")):
            yield [content, name, value]
        for kind in _NUMBERS:
            if kind != "var_int":
                for at in (1, 2, 3, 9, 10, 11, 0, -1, "1", "x", None, 1.5):
                    yield [content, f"get_{kind}", at]
            for value in _VALUES:
                yield [content, f"append_{kind}", value]
            for at, value in itertools.product((1, size + 1, 0, -1), _VALUES[::3]):
                yield [content, f"set_{kind}", at, value]
        for value in ("", "a", "hello", 5, 1.5, None, True):
            yield [content, "append_string", value]
            yield [content, "set_string", size + 1, value]
            yield [content, "set_string", 1, value]
        for value, n in itertools.product((b"", b"zz"), (0, 1, 2, -1)):
            yield [content, "append_bytes", value, n]
            yield [content, "set_bytes", 1, value, min(n, len(value))]
        for at, n in ((1, 0), (1, size), (2, size - 1), (0, 0), (-1, 0)):
            if n >= 0:
                yield [content, "get_string", at, n]
                yield [content, "get_bytes", at, n]


def run_bytes_call(lua: Lua, args: list[Any]) -> list[Any]:
    answer = lua.call("bytes", "t_bytes", "call", *args)
    return [answer.result_code, *(_text(o.particle_type, o.value) for o in answer.ops)]


# ---- streams -------------------------------------------------------------------------------------


def stream_module() -> str:
    return (HERE / "streams.lua").read_text(encoding="utf-8")


def stream_functions() -> list[str]:
    return re.findall(r"^function (\w+)\(s", stream_module(), re.MULTILINE)


def fill(lua: Lua) -> None:
    """Write the records that streams run over: n, s, g; every second one has its key."""
    for n in range(RECORDS):
        ops = [op(2, "n", n), op(2, "s", f"s{n % 7}"), op(2, "g", f"g{n % 3}")]
        fields = [(2, b"\1" + struct.pack(">q", n))] if n % 2 == 0 else []
        lua.put(n, ops, fields=fields)


def run_stream(lua: Lua, function: str) -> list[Any]:
    """Final code, number of values, and of their sorted list the hash; or the failure."""
    answers = lua.query(1, "t_streams", function, *STREAM_ARGUMENTS.get(function, ()))
    found = [
        [o.name, o.particle_type, _text(o.particle_type, o.value)]
        for message in answers
        for o in message.ops
    ]
    failures = [text for name, _, text in found if name == "FAILURE"]
    if failures:
        return [answers[-1].result_code, failures[0]]
    content = json.dumps(sorted(found, key=repr)).encode()
    return [answers[-1].result_code, len(found), hashlib.sha256(content).hexdigest()]


# ---- writing down --------------------------------------------------------------------------------


def register(lua: Lua) -> None:
    for name, text in (
        ("t_snippets.lua", snippet_module()),
        ("t_bytes.lua", BYTES_MODULE),
        ("t_streams.lua", stream_module()),
    ):
        answer = lua.put_module(name, text)
        assert answer == "ok", answer


def capture(lua: Lua) -> dict[str, Any]:
    register(lua)
    fill(lua)
    streams = {name: run_stream(lua, name) for name in stream_functions()}
    for n in range(RECORDS):
        lua.remove(n)
    return {
        "snippets": {
            body: [run_snippet(lua, number, exists=exists) for exists in (False, True)]
            for number, body in enumerate(snippets())
        },
        "bytes": [run_bytes_call(lua, args) for args in bytes_calls()],
        "streams": streams,
    }


def write(found: dict[str, Any]) -> None:
    """Write one answer a line."""
    parts = []
    for section, answers in found.items():
        if isinstance(answers, dict):
            lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in answers.items()]
            parts.append(f"{json.dumps(section)}: {{\n" + ",\n".join(lines) + "\n}")
        else:
            lines = [json.dumps(value) for value in answers]
            parts.append(f"{json.dumps(section)}: [\n" + ",\n".join(lines) + "\n]")
    EXPECTED.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    host, _, port = sys.argv[1].rpartition(":")
    write(capture(Lua(Remote((host, int(port))))))
