"""The bins of a record in a reply: what every read spends most of its time on.

Two modules do the same: this one, and `_bins`, which is compiled where there is a C compiler.
"""

from __future__ import annotations

import struct
from typing import Any, Final

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import BIN_NAME_MAX

__all__ = ["decode_bins"]

#: size, particle type, name length; the operation code is not looked at.
_unpack_op = struct.Struct(">IxBxB").unpack_from
_unpack_i64 = struct.Struct(">q").unpack_from
_unpack_f64 = struct.Struct(">d").unpack_from
_decode_particle = particles.decode


def decode_bins(body: bytes, position: int, n_ops: int, bins: dict[str, Any]) -> int:
    """Put the values of `n_ops` operations into `bins`; return the offset behind them.

    Offsets only grow, so that one look at the end tells whether a slice was cut short.
    """
    names = _names
    try:
        for _ in range(n_ops):
            size, kind, name_length = _unpack_op(body, position)
            begin = position + 8 + name_length
            raw = body[position + 8 : begin]
            position += 4 + size
            try:
                name = names[raw]
            except KeyError:
                name = _new_name(raw)
            if kind == 3 and begin <= position:
                try:
                    bins[name] = body[begin:position].decode()
                except UnicodeDecodeError:
                    bins[name] = body[begin:position].decode("utf-8", "surrogateescape")
            elif kind == 1:
                if position - begin != 8:
                    raise ProtocolError(f"an integer of {position - begin} bytes")
                bins[name] = _unpack_i64(body, begin)[0]
            elif kind == 2 and position - begin == 8:
                bins[name] = _unpack_f64(body, begin)[0]
            elif begin <= position <= len(body):
                bins[name] = _decode_particle(kind, body[begin:position])
            else:
                raise ProtocolError(f"an operation of {size} bytes does not fit its reply")
    except struct.error:
        raise ProtocolError("a reply is cut off inside a bin") from None
    if position > len(body):
        raise ProtocolError("a reply is cut off inside a bin")
    return position


#: Names of bins as they came before: replies repeat them, and a look-up is cheaper than decoding.
_names: dict[bytes, str] = {}
_NAMES_KEPT: Final = 4096


def _new_name(raw: bytes) -> str:
    name = raw.decode("utf-8", "surrogateescape")
    if len(_names) >= _NAMES_KEPT:
        _names.clear()
    if len(raw) <= BIN_NAME_MAX:
        _names[raw] = name
    return name
