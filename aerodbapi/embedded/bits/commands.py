"""The table of bit commands, and the rules that all of them share: when a bin may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.bits import encoding, fields, request, resizing, scans
from aerodbapi.embedded.bits.fields import NotApplicable
from aerodbapi.embedded.bits.request import Form, Request
from aerodbapi.embedded.cdt.contexts import dig
from aerodbapi.embedded.packed import BYTES, Reader
from aerodbapi.embedded.packed_command import open_command
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["modified", "result"]

_PARAMETER: Final = 4
_CONTEXT: Final = 0xFF
_BIN_EXISTS: Final = 6
_INCOMPATIBLE_TYPE: Final = 12
_BIN_NOT_FOUND: Final = 17

_RESIZE, _INSERT, _REMOVE = 0, 1, 2
_CREATING: Final = frozenset((_RESIZE, _INSERT))

_UPDATE: Final = request.UPDATE_ONLY | request.NO_FAIL
_CREATE: Final = _UPDATE | request.CREATE_ONLY
_IN_PART: Final = _UPDATE | request.PARTIAL
_RESIZE_FLAGS: Final = request.FROM_FRONT | request.GROW_ONLY | request.SHRINK_ONLY
_ARITHMETIC_FLAGS: Final = request.SIGNED | request.SATURATE | request.WRAP

_RANGE: Final = (request.OFFSET, request.SIZE)
_INTEGER_RANGE: Final = (request.OFFSET, request.INTEGER_SIZE)
_LOGIC: Final = Form((*_RANGE, request.BUFFER, request.FLAGS), 3, _IN_PART)
_SHIFT: Final = Form((*_RANGE, request.SHIFT, request.FLAGS), 3, _IN_PART)
_ARITHMETIC: Final = Form(
    (*_INTEGER_RANGE, request.INTEGER, request.FLAGS, request.EXTRA), 3, _UPDATE, _ARITHMETIC_FLAGS
)

#: The blob and the request → the new blob, or None when there is nothing to change.
_Modify = Callable[["bytes | None", Request], "bytes | None"]


def _changing(compute: fields.Change) -> _Modify:
    def modify(blob: bytes | None, request: Request) -> bytes:
        return fields.change(blob or b"", request, compute)

    return modify


_MODIFY_FORMS: Final[dict[int, Form]] = {
    _RESIZE: Form((request.NEW_SIZE, request.FLAGS, request.EXTRA), 1, _CREATE, _RESIZE_FLAGS),
    _INSERT: Form((request.BYTE_OFFSET, request.BUFFER, request.FLAGS), 2, _CREATE),
    _REMOVE: Form((request.BYTE_OFFSET, request.BYTE_SIZE, request.FLAGS), 2, _IN_PART),
    **dict.fromkeys((3, 4, 5, 6), _LOGIC),
    7: Form((*_RANGE, request.FLAGS), 2, _IN_PART),
    **dict.fromkeys((8, 9), _SHIFT),
    **dict.fromkeys((10, 11), _ARITHMETIC),
    12: Form((*_INTEGER_RANGE, request.INTEGER, request.FLAGS), 3, _UPDATE),
}

_MODIFY: Final[dict[int, _Modify]] = {
    _RESIZE: resizing.resize,
    _INSERT: resizing.insert,
    _REMOVE: resizing.remove,
    **{command: _changing(compute) for command, compute in fields.CHANGES.items()},
}

_SCAN: Final = Form((*_RANGE, request.BOOLEAN), 3)
_READ: Final[dict[int, tuple[Form, Callable[[bytes, Request], Particle]]]] = {
    50: (Form(_RANGE, 2), scans.get),
    51: (Form(_RANGE, 2), scans.count),
    52: (_SCAN, scans.left_scan),
    53: (_SCAN, scans.right_scan),
    54: (Form((*_INTEGER_RANGE, request.EXTRA), 2, 0, request.SIGNED), scans.get_integer),
}


def modified(payload: bytes, particle: Particle | None) -> Particle | None:
    """Give the particle that a command makes of the bin's, None to leave the bin alone."""
    reader, command, count = open_command(payload)
    form = _MODIFY_FORMS.get(command)
    if form is None:
        raise Refused(_PARAMETER)
    parsed = request.parse(form, reader, count)
    refusal = _refusal(command, parsed, particle)
    if refusal:
        if parsed.has(request.NO_FAIL):
            return None
        raise Refused(refusal)
    if particle is not None and particle[0] != ParticleType.BLOB:
        raise Refused(_INCOMPATIBLE_TYPE)
    blob = None if particle is None else particle[1]
    _count_from_start(parsed, len(blob or b""))
    try:
        changed = _MODIFY[command](blob, parsed)
    except NotApplicable:
        if parsed.has(request.NO_FAIL):
            return None
        raise
    return None if changed is None else (ParticleType.BLOB, changed)


def result(payload: bytes, particle: Particle) -> Particle:
    """Give what a reading command finds in the bin's particle."""
    reader, command, count = open_command(payload)
    if command == _CONTEXT:
        reader, command, count, particle = _inside(reader, count, particle)
    if command == encoding.B64_ENCODE:
        return encoding.encoded(_blob(particle), reader, count)
    if command not in _READ:
        raise Refused(_PARAMETER)
    form, read = _READ[command]
    parsed = request.parse(form, reader, count)
    blob = _blob(particle)
    _count_from_start(parsed, len(blob))
    return read(blob, parsed)


def _blob(particle: Particle) -> bytes:
    if particle[0] != ParticleType.BLOB:
        raise Refused(_INCOMPATIBLE_TYPE)
    return particle[1]


def _inside(reader: Reader, count: int, particle: Particle) -> tuple[Reader, int, int, Particle]:
    """Walk a context to a blob in a list or map; give the command behind it, and that blob."""
    if count != 2 or particle[0] not in (ParticleType.LIST, ParticleType.MAP):
        raise Refused(_PARAMETER)
    way = dig(particle[1], reader, modify=False)
    assert way.packed is not None  # only creating leads to nothing
    kind, payload = Reader(way.packed).token()
    if kind != BYTES:
        raise Refused(_INCOMPATIBLE_TYPE)
    assert isinstance(payload, bytes)
    inner, command, count = open_command(reader.span())
    return inner, command, count, (payload[0], payload[1:])


def _refusal(command: int, parsed: Request, particle: Particle | None) -> int:
    """Give the code of a bin that must not be there, or must be; 0 when it is right."""
    if particle is not None:
        return _BIN_EXISTS if parsed.has(request.CREATE_ONLY) else 0
    if command in _CREATING and not parsed.has(request.UPDATE_ONLY):
        return 0
    return _BIN_NOT_FOUND


def _count_from_start(parsed: Request, size: int) -> None:
    """Make a negative offset one from the start; Refused(4) when that is before the blob."""
    if parsed.offset < 0:
        parsed.offset += 8 * size
        if parsed.offset < 0:
            raise Refused(_PARAMETER)
