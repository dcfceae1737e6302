"""POSIX patterns: the answers are the GNU C library's, in the C locale."""

from __future__ import annotations

import pytest

from aerodbapi.embedded.expressions import ExpressionError
from aerodbapi.embedded.expressions.regex import EXTENDED, IGNORE_CASE, NEWLINE, compile_posix

BASIC = 0


@pytest.mark.parametrize(
    ("pattern", "flags", "matching", "other"),
    [
        (b"^a.*b$", BASIC, [b"ab", b"a\nb"], [b"abc", b"xab"]),
        (b"a+", BASIC, [b"a+"], [b"aa"]),
        (b"a\\+b", BASIC, [b"aab"], [b"b"]),
        (b"a+", EXTENDED, [b"a", b"aa"], [b"b"]),
        (b"(a|b)c", EXTENDED, [b"ac", b"bc"], [b"c"]),
        (b"(a|b)", BASIC, [b"(a|b)"], [b"a"]),
        (b"\\(a\\|b\\)c", BASIC, [b"ac"], [b"c"]),
        (b"*a", BASIC, [b"*a"], [b"a"]),
        (b"^*a", BASIC, [b"*a"], [b"a"]),
        (b"a\\{2\\}", BASIC, [b"aa"], [b"a"]),
        (b"a{2,3}$", EXTENDED, [b"aa", b"baaa"], [b"a"]),
        (b"^a{,2}$", EXTENDED, [b"", b"aa"], [b"aaa"]),
        (b"[]a]", BASIC, [b"]", b"a"], [b"b"]),
        (b"[^]a]", BASIC, [b"b"], [b"]", b"a"]),
        (b"[a-]", BASIC, [b"-"], [b"b"]),
        (b"[[:digit:][:upper:]]", BASIC, [b"1", b"X"], [b"x", b"\xc3\x89"]),
        (b"[[.a.]]", BASIC, [b"a"], [b"b"]),
        (b"[[=a=]]", BASIC, [b"a"], [b"A"]),
        (b"a$b", BASIC, [b"a$b"], [b"a"]),
        (b"a^b", BASIC, [b"a^b"], [b"ab"]),
        (b"ABC", IGNORE_CASE, [b"abc"], [b"ab"]),
        (b"[^a]", IGNORE_CASE, [b"b"], [b"A", b"a"]),
        (b"^b$", NEWLINE, [b"a\nb\nc"], [b"ab"]),
        (b"^b$", BASIC, [b"b"], [b"a\nb\nc"]),
        (b"a.b", NEWLINE, [b"axb"], [b"a\nb"]),
        (b"(a)\\1", EXTENDED, [b"aa"], [b"a"]),
        (b"\\<ab\\>", BASIC, [b"x ab y"], [b"xab"]),
        (b"\\w\\W", BASIC, [b"a-"], [b"ab"]),
        (b"^.$", BASIC, [b"\xff"], [b"\xc3\xa9"]),
        (b"a\0(", EXTENDED, [b"a"], [b"b"]),
        (b")", EXTENDED, [b")"], [b"("]),
        (b"", BASIC, [b"", b"x"], []),
        (b"a||b", EXTENDED, [b""], []),
    ],
)
def test_patterns(pattern, flags, matching, other):
    search = compile_posix(pattern, flags).search
    assert [text for text in matching if not search(text)] == []
    assert [text for text in other if search(text)] == []


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (b"(", EXTENDED),
        (b"\\(", BASIC),
        (b"\\)", BASIC),
        (b"[a", BASIC),
        (b"[b-a]", BASIC),
        (b"[[:letters:]]", BASIC),
        (b"[[.ab.]]", BASIC),
        (b"*a", EXTENDED),
        (b"a|*b", EXTENDED),
        (b"^*", EXTENDED),
        (b"a{2", EXTENDED),
        (b"a{3,2}", EXTENDED),
        (b"a{99999}", EXTENDED),
        (b"a**", BASIC),
        (b"\\{1\\}", BASIC),
        (b"\\1", BASIC),
        (b"a\\", BASIC),
    ],
)
def test_what_regcomp_refuses(pattern, flags):
    with pytest.raises(ExpressionError):
        compile_posix(pattern, flags)
