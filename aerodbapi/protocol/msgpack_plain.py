"""A msgpack reader in Python for what the `msgpack` library refuses: ext type -1.

It calls the same hooks as the library does, so its results are the same. Requests that compare
with WILDCARD or INFINITY come through here; stored values cannot hold those.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["unpack"]

#: Deeper nesting than this is refused (the server refuses far less).
MAX_DEPTH: Final = 128

#: Code → struct of the number that follows.
_NUMBERS: Final = {
    0xCA: struct.Struct(">f"),
    0xCB: struct.Struct(">d"),
    0xCC: struct.Struct(">B"),
    0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"),
    0xCF: struct.Struct(">q"),  # unsigned on paper; the server reads it as signed
    0xD0: struct.Struct(">b"),
    0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"),
    0xD3: struct.Struct(">q"),
}
_CONSTANTS: Final = {0xC0: None, 0xC2: False, 0xC3: True}
_U8, _U16, _U32 = struct.Struct(">B"), struct.Struct(">H"), struct.Struct(">I")
#: Code → struct of the length that follows.
_STRINGS: Final = {0xD9: _U8, 0xDA: _U16, 0xDB: _U32}
_BLOBS: Final = {0xC4: _U8, 0xC5: _U16, 0xC6: _U32}
_EXTS: Final = {0xC7: _U8, 0xC8: _U16, 0xC9: _U32}
_FIXED_EXTS: Final = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_LISTS: Final = {0xDC: _U16, 0xDD: _U32}
_MAPS: Final = {0xDE: _U16, 0xDF: _U32}


class _Reader:
    __slots__ = ("data", "ext_hook", "list_hook", "offset", "pairs_hook", "raw")

    def __init__(
        self,
        data: bytes,
        raw: bool,
        list_hook: Callable[[list[Any]], Any] | None,
        pairs_hook: Callable[[Iterable[tuple[Any, Any]]], Any],
        ext_hook: Callable[[int, bytes], Any],
    ) -> None:
        self.data = data
        self.offset = 0
        self.raw = raw
        self.list_hook = list_hook
        self.pairs_hook = pairs_hook
        self.ext_hook = ext_hook

    def number(self, form: struct.Struct) -> Any:
        value = form.unpack_from(self.data, self.offset)[0]
        self.offset += form.size
        return value

    def take(self, size: int) -> bytes:
        end = self.offset + size
        if end > len(self.data):
            raise ProtocolError("a list or map ends inside a value")
        part = self.data[self.offset : end]
        self.offset = end
        return part

    def text(self, size: int) -> Any:
        part = self.take(size)
        return part if self.raw else part.decode("utf-8", "surrogateescape")

    def items(self, count: int, depth: int) -> Any:
        values = [self.value(depth + 1) for _ in range(count)]
        return values if self.list_hook is None else self.list_hook(values)

    def pairs(self, count: int, depth: int) -> Any:
        values = [(self.value(depth + 1), self.value(depth + 1)) for _ in range(count)]
        return self.pairs_hook(values)

    def ext(self, size: int) -> Any:
        code = self.number(_NUMBERS[0xD0])
        return self.ext_hook(code, self.take(size))

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ProtocolError("a list or map is nested too deeply")
        code = self.number(_U8)
        if code < 0x80:
            return code
        if code < 0x90:
            return self.pairs(code & 0x0F, depth)
        if code < 0xA0:
            return self.items(code & 0x0F, depth)
        if code < 0xC0:
            return self.text(code & 0x1F)
        if code >= 0xE0:
            return code - 256
        return self.long_form(code, depth)

    def long_form(self, code: int, depth: int) -> Any:
        if code in _CONSTANTS:
            return _CONSTANTS[code]
        if code in _NUMBERS:
            return self.number(_NUMBERS[code])
        if code in _STRINGS:
            return self.text(self.number(_STRINGS[code]))
        if code in _BLOBS:
            return self.take(self.number(_BLOBS[code]))
        if code in _LISTS:
            return self.items(self.number(_LISTS[code]), depth)
        if code in _MAPS:
            return self.pairs(self.number(_MAPS[code]), depth)
        if code in _FIXED_EXTS:
            return self.ext(_FIXED_EXTS[code])
        if code in _EXTS:
            return self.ext(self.number(_EXTS[code]))
        raise ProtocolError(f"a list or map holds the unused msgpack code {code:#x}")


def unpack(
    data: bytes,
    raw: bool,
    list_hook: Callable[[list[Any]], Any] | None,
    pairs_hook: Callable[[Iterable[tuple[Any, Any]]], Any],
    ext_hook: Callable[[int, bytes], Any],
) -> Any:
    """Return the one value that `data` holds; anything else raises ProtocolError.

    `raw`: strings stay bytes.
    """
    reader = _Reader(data, raw, list_hook, pairs_hook, ext_hook)
    try:
        value = reader.value(0)
    except ProtocolError:
        raise
    except struct.error:
        raise ProtocolError("a list or map ends inside a value") from None
    except RecursionError:
        raise ProtocolError("a list or map is nested too deeply") from None
    except Exception as error:
        # What the hooks raise.
        raise ProtocolError(f"a list or map is malformed: {error}") from None
    if reader.offset != len(data):
        raise ProtocolError(f"{len(data) - reader.offset} bytes follow a list or map")
    return value
