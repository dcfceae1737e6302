"""String operations: a payload and a particle in, the new particle or a result out.

A payload is a packed list: a command's number and its arguments, or 255, a context and such a
list, as for lists and maps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt.contexts import Way, dig
from aerodbapi.embedded.cdt.results import NOT_APPLICABLE
from aerodbapi.embedded.packed import LIST, MAP, STRING, PackedError, Reader, pack_typed
from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.strings.commands import CHANGES, READS, Change
from aerodbapi.embedded.strings.request import (
    CREATE_ONLY,
    NO_FAIL,
    UPDATE_ONLY,
    Suppressible,
    flags_of,
    parse,
    utf8,
)
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.ops import State
    from aerodbapi.embedded.storage import Particle
    from aerodbapi.protocol.message import Operation

__all__ = ["call", "modify", "read", "to_string", "to_string_particle"]

_PARAMETER: Final = 4
_BIN_EXISTS: Final = 6
_INCOMPATIBLE_TYPE: Final = 12
_CONTEXT: Final = 0xFF
_CONTAINERS: Final = {LIST: ParticleType.LIST, MAP: ParticleType.MAP}
_PAYLOADS: Final = (ParticleType.STRING, ParticleType.BLOB)


def read(state: State, op: Operation) -> Particle | None:
    """Read from the bin's text."""
    _check_payload(op)
    return _result(op.value, state.bins[op.name])


def modify(state: State, op: Operation) -> None:
    """Change the bin's text, or make it; nothing is answered."""
    _check_payload(op)
    changed = _changed(op.value, state.bins.get(op.name))
    if changed is not None:
        state.bins[op.name] = changed


def call(command: bytes, particle: Particle | None, is_modify: bool) -> Particle | None:
    """Do a command of an expression: give the changed text, or a reading command's result."""
    if is_modify:
        changed = _changed(command, particle)
        return particle if changed is None else changed
    if particle is None:
        raise Refused(_INCOMPATIBLE_TYPE)
    return _result(command, particle)


def to_string(state: State, op: Operation) -> Particle | None:
    """Give a number, bool, text or UTF-8 blob as text."""
    return to_string_particle(state.bins[op.name])


def to_string_particle(particle: Particle) -> Particle:
    """Give a value as text: Refused(12) for lists, maps, HLLs and shapes, (26) for bad bytes."""
    from aerodbapi.embedded.strings.spelling import spelled

    return ParticleType.STRING, spelled(particle)


def _check_payload(op: Operation) -> None:
    if op.particle_type not in _PAYLOADS:
        raise Refused(_PARAMETER)


def _open(payload: bytes) -> tuple[int, Reader, int]:
    reader = Reader(payload)
    try:
        count = reader.list_size()
        return reader.integer(), reader, count - 1
    except PackedError:
        raise Refused(_PARAMETER) from None


def _result(payload: bytes, particle: Particle) -> Particle:
    number, reader, count = _open(payload)
    text = None
    if number == _CONTEXT:
        way, number, count = _walk(reader, count, particle, modify=False)
        text = _leaf(way)
    command = READS.get(number)
    if command is None:
        raise Refused(_PARAMETER)
    arguments = parse(reader, command.signature, count)
    if text is None:
        text = _text_of(particle)
    try:
        return command.run(utf8(text), *arguments)
    except Suppressible as fault:
        raise Refused(fault.result_code) from None


def _changed(payload: bytes, particle: Particle | None) -> Particle | None:
    """Give the particle that a command makes of the bin's, None to leave the bin alone."""
    number, reader, count = _open(payload)
    if number == _CONTEXT:
        return _changed_inside(reader, count, particle)
    command, arguments, flags = _change(reader, number, count)
    if particle is None:
        if flags & UPDATE_ONLY or not command.creates:
            return None
    elif flags & CREATE_ONLY:
        _text_of(particle)
        if flags & NO_FAIL:
            return None
        raise Refused(_BIN_EXISTS)
    text = b"" if particle is None else _text_of(particle)
    made = _made(command, text, arguments, flags)
    return None if made is None else (ParticleType.STRING, made)


def _changed_inside(reader: Reader, count: int, particle: Particle | None) -> Particle | None:
    way, number, count = _walk(reader, count, particle, modify=True)
    command, arguments, flags = _change(reader, number, count)
    if flags & CREATE_ONLY:
        raise Refused(_PARAMETER)
    made = _made(command, _leaf(way), arguments, flags)
    if made is None:
        return None
    whole = way.put(pack_typed(ParticleType.STRING, made))
    return _CONTAINERS[Reader(whole).peek()], whole


def _change(reader: Reader, number: int, count: int) -> tuple[Change, list[object], int]:
    """Read a changing command; give it, its arguments and its flags."""
    command = CHANGES.get(number)
    if command is None:
        raise Refused(_PARAMETER)
    arguments = parse(reader, command.signature, count)
    flags = flags_of(arguments, command.signature, creates=command.creates)
    return command, arguments, flags


def _made(command: Change, text: bytes, arguments: list[object], flags: int) -> bytes | None:
    known = utf8(text)
    try:
        made = command.run(known, *arguments)
    except Suppressible as fault:
        if flags & NO_FAIL:
            return None
        raise Refused(fault.result_code) from None
    return made.encode()


def _walk(
    reader: Reader, count: int, particle: Particle | None, *, modify: bool
) -> tuple[Way, int, int]:
    """Walk the context; give the way, the number of the command behind it, and its arguments'."""
    if count != 2 or particle is None or particle[0] not in _CONTAINERS.values():
        raise Refused(_PARAMETER)
    way = dig(particle[1], reader, modify=modify)
    try:
        count = reader.list_size() - 1
        return way, reader.integer(), count
    except PackedError:
        raise Refused(_PARAMETER) from None


def _leaf(way: Way) -> bytes:
    if way.packed is None:
        raise Refused(NOT_APPLICABLE)
    kind, payload = Reader(way.packed).token()
    if kind != STRING:
        raise Refused(_INCOMPATIBLE_TYPE)
    assert isinstance(payload, bytes)
    return payload[1:]


def _text_of(particle: Particle) -> bytes:
    if particle[0] != ParticleType.STRING:
        raise Refused(_INCOMPATIBLE_TYPE)
    return particle[1]
