"""POSIX regular expressions, as regcomp() and regexec() of the GNU C library take them.

Patterns become Python `re` patterns over bytes in the C locale: one byte is one character,
only ASCII has case. Both syntaxes exist: basic (the default) and extended (REG_EXTENDED).
Since only "does it match anywhere" is asked, Python's leftmost-first search answers what
POSIX leftmost-longest would, back references apart.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import Final

from aerodbapi.embedded.expressions.values import ExpressionError

__all__ = ["EXTENDED", "IGNORE_CASE", "NEWLINE", "compile_posix"]

EXTENDED: Final = 1
IGNORE_CASE: Final = 2
NEWLINE: Final = 4

_MAX_REPEAT: Final = 0x7FFF

_CLASSES: Final[dict[bytes, bytes]] = {
    b"alpha": string.ascii_letters.encode(),
    b"digit": string.digits.encode(),
    b"alnum": (string.ascii_letters + string.digits).encode(),
    b"upper": string.ascii_uppercase.encode(),
    b"lower": string.ascii_lowercase.encode(),
    b"space": b" \t\n\v\f\r",
    b"blank": b" \t",
    b"punct": string.punctuation.encode(),
    b"cntrl": bytes((*range(32), 127)),
    b"print": bytes(range(32, 127)),
    b"graph": bytes(range(33, 127)),
    b"xdigit": string.hexdigits.encode(),
}
#: Backslash letters that the GNU library adds to both syntaxes.
_GNU_ESCAPES: Final[dict[int, bytes]] = {
    ord("w"): rb"[A-Za-z0-9_]",
    ord("W"): rb"[^A-Za-z0-9_]",
    ord("s"): rb"[ \t\n\v\f\r]",
    ord("S"): rb"[^ \t\n\v\f\r]",
    ord("b"): rb"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))",
    ord("B"): rb"(?:(?<![A-Za-z0-9_])(?![A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_]))",
    ord("<"): rb"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))",
    ord(">"): rb"(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))",
    ord("`"): rb"\A",
    ord("'"): rb"\Z",
}
_ANCHORS: Final = frozenset(b"bB<>`'")


@lru_cache(maxsize=512)
def compile_posix(pattern: bytes, flags: int) -> re.Pattern[bytes]:
    """Translate and compile; a NUL ends the pattern. Raises ExpressionError when regcomp would."""
    pattern = pattern.split(b"\0", 1)[0]
    translated = _Translator(pattern, flags).translate()
    options = re.DOTALL | (re.IGNORECASE if flags & IGNORE_CASE else 0)
    try:
        return re.compile(translated, options)
    except (re.error, OverflowError, RecursionError) as error:
        raise ExpressionError(f"regular expression {pattern!r}: {error}") from None


class _Translator:
    """One pass over a pattern; methods return what they read as a Python pattern."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        self.pattern = pattern
        self.extended = bool(flags & EXTENDED)
        self.newline = bool(flags & NEWLINE)
        self.fold = bool(flags & IGNORE_CASE)
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()

    def translate(self) -> bytes:
        result = self._alternatives(depth=0)
        if self.at < len(self.pattern):
            raise self._error("unmatched parenthesis")
        return result

    def _error(self, text: str) -> ExpressionError:
        return ExpressionError(f"regular expression {self.pattern!r}: {text}")

    def _peek(self, *tokens: bytes) -> bytes | None:
        """Give the one of `tokens` that stands here."""
        for token in tokens:
            if self.pattern.startswith(token, self.at):
                return token
        return None

    def _skip(self, *tokens: bytes) -> bytes | None:
        token = self._peek(*tokens)
        self.at += len(token or b"")
        return token

    @property
    def _bar(self) -> bytes:
        return b"|" if self.extended else rb"\|"

    @property
    def _close(self) -> bytes:
        return b")" if self.extended else rb"\)"

    def _ends(self, depth: int) -> bool:
        return (
            self.at >= len(self.pattern)
            or self._peek(self._bar) is not None
            or (depth > 0 and self._peek(self._close) is not None)
        )

    def _alternatives(self, depth: int) -> bytes:
        branches = [self._branch(depth)]
        while self._skip(self._bar):
            branches.append(self._branch(depth))
        return b"|".join(branches)

    def _branch(self, depth: int) -> bytes:
        pieces: list[bytes] = []
        start, repeatable = True, False
        while not self._ends(depth):
            if not self.extended and self._peek(rb"\)"):
                raise self._error("unmatched )")
            if self.extended and not repeatable and self._peek(b"*", b"+", b"?", b"{"):
                raise self._error("nothing to repeat")
            atom, repeatable = self._atom(depth, start)
            start = False
            pieces.append(self._repeated(atom) if repeatable else atom)
        return b"".join(pieces)

    def _repeated(self, atom: bytes) -> bytes:
        while True:
            bounds = self._repeat()
            if bounds is None:
                return atom
            atom = b"(?:" + atom + b")" + bounds
            if not self.extended and self._peek(b"*", rb"\{"):
                raise self._error("a repetition of a repetition")

    def _repeat(self) -> bytes | None:
        simple = self._skip(b"*") if not self.extended else self._skip(b"*", b"+", b"?")
        if simple is None and not self.extended:
            escaped = self._skip(rb"\+", rb"\?")
            simple = escaped[1:] if escaped else None
        if simple is not None:
            return simple
        if self._skip(b"{" if self.extended else rb"\{") is None:
            return None
        return self._interval()

    def _interval(self) -> bytes:
        closing = rb"\}" if not self.extended else rb"}"
        found = re.compile(rb"(\d*)(,?)(\d*)" + re.escape(closing)).match(self.pattern, self.at)
        if found is None or (not found[1] and not found[2]):
            raise self._error("a bad interval")
        self.at = found.end()
        least = int(found[1] or b"0")
        most = found[3] if found[2] else found[1]
        if max(least, int(most or b"0")) > _MAX_REPEAT or (most and int(most) < least):
            raise self._error("a bad interval")
        return b"{%d}" % least if not found[2] else b"{%d,%s}" % (least, most)

    def _line_start(self) -> bytes:
        return rb"(?:^|(?<=\n))" if self.newline else rb"\A"

    def _line_end(self) -> bytes:
        return rb"(?=\n|\Z)" if self.newline else rb"\Z"

    def _atom(self, depth: int, start: bool) -> tuple[bytes, bool]:
        """Read one atom; anchors cannot be repeated, which the second value tells."""
        byte = self.pattern[self.at]
        if byte == 0x5B:  # [
            return self._bracket(), True
        if byte == 0x5C:  # \
            return self._escape(depth)
        self.at += 1
        if byte == 0x2E:  # .
            return (rb"[^\n]" if self.newline else b"."), True
        if byte == 0x5E and (self.extended or start):  # ^
            return self._line_start(), False
        if byte == 0x24 and (self.extended or self._ends(1)):  # $
            return self._line_end(), False
        if byte == 0x28 and self.extended:  # (
            return self._group(depth), True
        return re.escape(bytes((byte,))), True

    def _group(self, depth: int) -> bytes:
        self.groups += 1
        number = self.groups
        inner = self._alternatives(depth + 1)
        if self._skip(self._close) is None:
            raise self._error("unmatched (")
        self.closed.add(number)
        return b"(" + inner + b")"

    def _escape(self, depth: int) -> tuple[bytes, bool]:
        if self.at + 1 >= len(self.pattern):
            raise self._error("a trailing backslash")
        byte = self.pattern[self.at + 1]
        self.at += 2
        if not self.extended:
            if byte == 0x28:  # \(
                return self._group(depth), True
            if byte == 0x7B:  # \{
                raise self._error("nothing to repeat")
        if 0x31 <= byte <= 0x39:
            if byte - 0x30 not in self.closed:
                raise self._error("a reference to no group")
            return b"(?:\\%c)" % byte, True
        if byte in _GNU_ESCAPES:
            return _GNU_ESCAPES[byte], byte not in _ANCHORS
        if self.fold and 0x61 <= byte <= 0x7A:
            return b"(?!)", True  # the library compares an escaped letter with upper case
        return re.escape(bytes((byte,))), True

    def _bracket(self) -> bytes:
        self.at += 1
        negated = self._skip(b"^") is not None
        members: set[int] = set()
        first = True
        while first or not self._peek(b"]"):
            first = False
            members |= self._bracket_item()
        self.at += 1
        if self.fold:
            members |= {ord(bytes((byte,)).swapcase()) for byte in members}
        if negated:
            members = set(range(256)) - members
            if self.newline:
                members.discard(0x0A)
        if not members:
            return rb"(?!)"
        return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(members)) + b"]"

    def _bracket_item(self) -> set[int]:
        if self.at >= len(self.pattern):
            raise self._error("unmatched [")
        if self._skip(b"[:"):
            name = self._until(b":]")
            if name not in _CLASSES:
                raise self._error("no such character class")
            return set(_CLASSES[name])
        low = self._bracket_byte()
        if self._peek(b"-") and not self._peek(b"-]"):
            self.at += 1
            if self.at >= len(self.pattern):
                raise self._error("unmatched [")
            if self._peek(b"[:"):
                raise self._error("a bad range")
            high = self._bracket_byte()
            if high < low:
                raise self._error("a bad range")
            return set(range(low, high + 1))
        return {low}

    def _bracket_byte(self) -> int:
        opening = self._skip(b"[.", b"[=")
        if opening:
            symbol = self._until(opening[1:] + b"]")
            if len(symbol) != 1:
                raise self._error("no such collating symbol")
            return symbol[0]
        byte = self.pattern[self.at]
        self.at += 1
        return byte

    def _until(self, closing: bytes) -> bytes:
        end = self.pattern.find(closing, self.at)
        if end < 0:
            raise self._error("unmatched [")
        inner = self.pattern[self.at : end]
        self.at = end + len(closing)
        return inner
