"""List and map operations: a payload and a particle in, the new particle and a result out.

A payload is a packed list: a command's number and its arguments, or 255, a context and such a
list, or 254 and a path (server source: cdt.c `cdt_process_state_*`). Numbers below 64 are
commands on lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt.arguments import Arguments
from aerodbapi.embedded.cdt.contexts import dig
from aerodbapi.embedded.cdt.edits import INCOMPATIBLE_TYPE, PARAMETER, Edit
from aerodbapi.embedded.cdt.list_commands import LIST_COMMANDS
from aerodbapi.embedded.cdt.map_commands import MAP_COMMANDS
from aerodbapi.embedded.cdt.values import (
    ORDERED,
    VALUES_ORDERED,
    ListValue,
    MapValue,
    empty_list,
    empty_map,
)
from aerodbapi.embedded.packed import LIST, MAP, PackedError, Reader
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.cdt.commands import Command
    from aerodbapi.embedded.ops import State
    from aerodbapi.embedded.storage import Particle
    from aerodbapi.protocol.message import Operation

__all__ = ["call", "modify", "read"]

_FIRST_OF_MAPS: Final = 64
_SELECT: Final = 0xFE
_CONTEXT: Final = 0xFF
_NUMBER: Final = 0xFFFFFFFF
_PERSIST: Final = 0x10

_CONTAINERS: Final = (ParticleType.LIST, ParticleType.MAP)
_PARTICLE_TYPES: Final[dict[int, int]] = {LIST: ParticleType.LIST, MAP: ParticleType.MAP}


def modify(state: State, op: Operation) -> Particle | None:
    """Do a CDT_MODIFY operation on its bin; give its result."""
    new, result = _execute(op.value, state.bins.get(op.name), modify=True)
    if new is not None:
        state.bins[op.name] = new
    return result


def read(state: State, op: Operation) -> Particle | None:
    """Do a CDT_READ operation on its bin, which is there."""
    return _execute(op.value, state.bins[op.name], modify=False)[1]


def call(command: bytes, particle: Particle | None, modify: bool) -> Particle | None:
    """Do an operation inside an expression; give the result, or the modified particle.

    Raises Refused.
    """
    new, result = _execute(command, particle, modify=modify)
    if not modify:
        return result
    return particle if new is None else new


def _execute(
    payload: bytes, particle: Particle | None, *, modify: bool
) -> tuple[Particle | None, Particle | None]:
    """Give the new particle (None: the old one stays) and the result. Raises Refused."""
    try:
        return _outcome(payload, particle, modify=modify)
    except RecursionError:  # arguments are nested as deep as a client likes
        raise Refused(PARAMETER) from None


def _outcome(
    payload: bytes, particle: Particle | None, *, modify: bool
) -> tuple[Particle | None, Particle | None]:
    try:
        number, reader, count = _open(payload)
    except PackedError:
        raise Refused(PARAMETER) from None
    if number == _SELECT:
        # Late: paths need expressions, which call lists and maps.
        from aerodbapi.embedded.cdt.paths import select

        outcome = select(reader, count, particle, modify=modify)
    elif number == _CONTEXT:
        outcome = _in_context(reader, count, particle, modify=modify)
    else:
        outcome = _on_bin(number, Arguments(reader, count), particle, modify=modify)
    if outcome.packed is None:
        return None, outcome.result
    return (_PARTICLE_TYPES[Reader(outcome.packed).peek()], outcome.packed), outcome.result


def _open(payload: bytes) -> tuple[int, Reader, int]:
    """Read the command's number; give it, the reader and the number of arguments."""
    if payload[:1] == b"\0" and len(payload) > 1:  # of clients before msgpack headed it all
        reader = Reader(payload, 2)
        return payload[1], reader, 0 if reader.done() else reader.list_size()
    reader = Reader(payload)
    count = reader.list_size()
    return reader.integer() & _NUMBER, reader, count - 1


def _on_bin(number: int, given: Arguments, particle: Particle | None, *, modify: bool) -> Edit:
    wanted = ParticleType.LIST if number < _FIRST_OF_MAPS else ParticleType.MAP
    if particle is not None and particle[0] != wanted:
        raise Refused(INCOMPATIBLE_TYPE)
    if particle is None and not modify:
        raise Refused(INCOMPATIBLE_TYPE)
    command = _command(number, modify=modify)
    if particle is not None:
        return _run(number, command, given, particle[1])
    if command.refusal:
        raise Refused(command.refusal)
    if command.created is None:
        return Edit()
    arguments = given.take(command.signature)
    empty = _empty(number, command, arguments)
    outcome = command.run(_parsed(number, empty), *arguments)
    return Edit(outcome.packed or empty, outcome.result)


def _in_context(reader: Reader, count: int, particle: Particle | None, *, modify: bool) -> Edit:
    if count != 2:
        raise Refused(PARAMETER)
    if particle is None and not modify:
        raise Refused(PARAMETER)
    if particle is not None and particle[0] not in _CONTAINERS:
        raise Refused(PARAMETER)
    way = dig(None if particle is None else particle[1], reader, modify=modify)
    try:
        given = Arguments(reader, reader.list_size() - 1)
        number = reader.integer() & _NUMBER
    except PackedError:
        raise Refused(PARAMETER) from None
    given.tainted = way.tainted
    if way.packed is not None:
        wanted = LIST if number < _FIRST_OF_MAPS else MAP
        if Reader(way.packed).peek() != wanted:
            raise Refused(INCOMPATIBLE_TYPE)
        outcome = _run(number, _command(number, modify=modify), given, way.packed)
    else:
        command = _command(number, modify=modify)
        outcome = _created(number, command, given, bin_exists=particle is not None)
    if outcome.packed is None:
        return outcome
    return Edit(way.put(outcome.packed), outcome.result)


def _created(number: int, command: Command, given: Arguments, *, bin_exists: bool) -> Edit:
    """Run a command on a list or map that its context would create."""
    if command.refusal and (not bin_exists or command.created is None):
        raise Refused(command.refusal)
    if command.created is None:
        return Edit()
    arguments = given.take(command.signature)
    # The flag that a list's index is kept shows on a list in a new bin: nobody strips it there.
    shown = 0 if bin_exists else _PERSIST
    empty = _empty(number, command, arguments, shown)
    return command.run(_parsed(number, empty), *arguments)


def _run(number: int, command: Command, given: Arguments, packed: bytes) -> Edit:
    arguments = given.take(command.signature)
    return command.run(_parsed(number, packed), *arguments)


def _parsed(number: int, packed: bytes) -> ListValue | MapValue:
    return ListValue(packed) if number < _FIRST_OF_MAPS else MapValue(packed)


def _command(number: int, *, modify: bool) -> Command:
    table = LIST_COMMANDS if number < _FIRST_OF_MAPS else MAP_COMMANDS
    command = table.get(number)
    if command is None or command.modifies != modify:
        raise Refused(PARAMETER)
    return command


def _empty(number: int, command: Command, arguments: list[int], shown: int = 0) -> bytes:
    """Pack the empty list or map that a command begins with; flags that are none count as 0.

    `shown`: flags of lists that are kept besides the order.
    """
    at = command.created
    flags = 0
    if at is not None and 0 <= at < len(arguments):
        flags = arguments[at] & 0xFF
    if number < _FIRST_OF_MAPS:
        return empty_list(0 if flags & ~(ORDERED | _PERSIST) else flags & (ORDERED | shown))
    orders = ORDERED | VALUES_ORDERED
    return empty_map(0 if flags & ~(orders | _PERSIST) else flags & orders)
