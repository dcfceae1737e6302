"""The tables of string commands: what each reads from a text, or makes of it."""

from __future__ import annotations

import base64
import binascii
import struct
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.cdt.results import boolean, elements, integer
from aerodbapi.embedded.packed import pack_typed
from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.strings import patterns, spelling
from aerodbapi.embedded.strings.request import Suppressible
from aerodbapi.embedded.strings.searching import Finder
from aerodbapi.frozen import frozen
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["CHANGES", "READS", "Change", "Read"]

_PARAMETER: Final = 4
_NOT_APPLICABLE: Final = 26
_MAX_SIZE: Final = 128 << 20  # the largest message
_DOUBLE = struct.Struct(">d")


@frozen
class Read:
    """A reading command. `run` gets the text, then the arguments."""

    signature: str
    run: Callable[..., Particle]


@frozen
class Change:
    """A changing command. `creates`: whether a missing bin counts as an empty text."""

    signature: str
    run: Callable[..., str]
    creates: bool = False


# ---- reading -----------------------------------------------------------------------------------


def _text(value: str) -> Particle:
    return ParticleType.STRING, value.encode()


def _blob(value: bytes) -> Particle:
    return ParticleType.BLOB, value


def _double(value: float) -> Particle:
    return ParticleType.DOUBLE, _DOUBLE.pack(value)


def _clamped(position: int, length: int) -> int:
    return min(max(position + length if position < 0 else position, 0), length)


def _between(text: str, start: int, end: int | None) -> tuple[int, int]:
    length = len(text)
    first = _clamped(start, length)
    last = length if end is None else _clamped(end, length)
    return first, max(first, last)


def _substr(text: str, start: int, end: int | None = None) -> Particle:
    first, last = _between(text, start, end)
    return _text(text[first:last])


def _char_at(text: str, index: int) -> Particle:
    if not -len(text) <= index < len(text):
        raise Refused(_PARAMETER)
    return _text(text[index])


def _find(text: str, needle: str, occurrence: int = 1) -> Particle:
    if not occurrence:
        raise Refused(_PARAMETER)
    finder = Finder(text, needle)
    if occurrence == 1:
        return integer(next((start for start, _ in finder), -1))
    found = [start for start, _ in finder]
    at = occurrence - 1 if occurrence > 0 else occurrence
    return integer(found[at] if -len(found) <= at < len(found) else -1)


def _contains(text: str, needle: str) -> Particle:
    return boolean(any(True for _ in Finder(text, needle)))


def _starts_with(text: str, prefix: str) -> Particle:
    return boolean(Finder(text, prefix).at_start())


def _ends_with(text: str, suffix: str) -> Particle:
    return boolean(Finder(text, suffix).at_end())


def _split(text: str, separator: str | None = None) -> Particle:
    if not separator:
        parts = list(text)
    else:
        parts, begin = [], 0
        for start, end in Finder(text, separator):
            parts.append(text[begin:start])
            begin = end
        parts.append(text[begin:])
    return elements([pack_typed(ParticleType.STRING, part.encode()) for part in parts])


def _b64_decode(text: str) -> Particle:
    try:
        return _blob(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise Refused(_NOT_APPLICABLE) from None


def _cased(text: str, unwanted: tuple[str, ...]) -> Particle:
    return boolean(not any(unicodedata.category(letter) in unwanted for letter in text))


READS: Final[dict[int, Read]] = {
    0: Read("", lambda text: integer(len(text))),
    1: Read("ii?", _substr),
    2: Read("i", _char_at),
    3: Read("si?", _find),
    4: Read("s", _contains),
    5: Read("s", _starts_with),
    6: Read("s", _ends_with),
    7: Read("", lambda text: integer(spelling.to_integer(text))),
    8: Read("", lambda text: _double(spelling.to_double(text))),
    9: Read("", lambda text: integer(len(text.encode()))),
    10: Read("n?", lambda text, kind=0: boolean(spelling.is_numeric(text, kind))),
    11: Read("", lambda text: _cased(text, ("Ll", "Lt"))),
    12: Read("", lambda text: _cased(text, ("Lu", "Lt"))),
    13: Read("", lambda text: _blob(text.encode())),
    14: Read("s?", _split),
    15: Read("", _b64_decode),
    16: Read("sn?", lambda text, *given: boolean(patterns.matches(text, *given))),
}


# ---- changing ----------------------------------------------------------------------------------


def _insert(text: str, index: int, value: str) -> str:
    at = _clamped(index, len(text))
    return text[:at] + value + text[at:]


def _overwrite(text: str, index: int, value: str) -> str:
    at = _clamped(index, len(text))
    return text[:at] + value + text[at + len(value) :]


def _snip(text: str, start: int, end: int | None = None) -> str:
    first, last = _between(text, start, end)
    return text[:first] + text[last:]


def _replace(text: str, pair: list[str]) -> str:
    return _replaced(text, pair, 1)


def _replace_all(text: str, pair: list[str]) -> str:
    return _replaced(text, pair, None)


def _replaced(text: str, pair: list[str], most: int | None) -> str:
    needle, replacement = pair
    if not needle:
        return text
    parts, begin = [], 0
    for start, end in Finder(text, needle):
        parts += [text[begin:start], replacement]
        begin = end
        if most is not None:
            break
    return "".join([*parts, text[begin:]])


def _padding(text: str, length: int, padding: str) -> str:
    if not padding:
        raise Refused(_PARAMETER)
    missing = max(length - len(text), 0)
    if missing > _MAX_SIZE:
        raise Suppressible(_PARAMETER)
    return (padding * (missing // len(padding) + 1))[:missing]


def _repeat(text: str, count: int) -> str:
    if count * len(text.encode()) > _MAX_SIZE:
        raise Suppressible(_PARAMETER)
    return text * count


def _plain(change: Callable[..., str]) -> Change:
    return Change("f", change)


def _creating(signature: str, change: Callable[..., str]) -> Change:
    return Change(signature, change, creates=True)


def _regex_replace(text: str, pair: list[str], *rest: Any) -> str:
    return patterns.replaced(text, pair[0], pair[1], *rest)


CHANGES: Final[dict[int, Change]] = {
    50: _creating("isf", _insert),
    51: _creating("isf", _overwrite),
    52: _creating("lf", lambda text, values: text + "".join(values)),
    53: Change("ii?f?", _snip),
    54: Change("pf", _replace),
    55: Change("pf", _replace_all),
    56: _plain(str.upper),
    57: _plain(str.lower),
    58: _plain(str.casefold),
    59: _plain(lambda text: unicodedata.normalize("NFC", text)),
    60: _plain(str.lstrip),
    61: _plain(str.rstrip),
    62: _plain(str.strip),
    63: _creating("nsf", lambda text, length, padding: _padding(text, length, padding) + text),
    64: _creating("nsf", lambda text, length, padding: text + _padding(text, length, padding)),
    65: _creating("nf", _repeat),
    66: Change("pnf?", _regex_replace),
    67: _creating("sf", lambda text, value: text + value),
    68: _creating("sf", lambda text, value: value + text),
}
