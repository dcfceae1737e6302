"""LIKE as regular expressions: each side of the approximation, on every kind of string."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.embedded.expressions.regex import compile_posix
from aerodbapi.plan.matching import like_tester, pattern_of
from aerodbapi.plan.matching import lower as lowered
from aerodbapi.plan.patterns import Equal, NoneKnown, Regex, lower, upper

TEXT = st.text(alphabet="abKk%_é\u212aſ\0.*[\\$^(){}|+?\n", max_size=6)


def matches(bound, text):
    if isinstance(bound, Equal):
        return bound.text == text
    if isinstance(bound, NoneKnown):
        return None
    seen = text.encode().split(b"\0", 1)[0]  # the server reads a C string
    return compile_posix(bound.source.encode(), bound.flags).search(seen) is not None


@given(TEXT, TEXT, st.booleans())
def test_upper_and_lower_enclose_like(pattern, text, ignore_case):
    pieces = pattern_of(pattern, None)
    wanted = like_tester(pattern, None, ignore_case)(text)
    over = matches(upper(pieces, ignore_case, False), text)
    under = matches(lower(pieces, ignore_case, False), text)
    assert over in (True, None) or not wanted
    assert under in (False, None) or wanted


@given(TEXT, TEXT, st.booleans(), st.booleans())
def test_exact_means_exact(pattern, text, ignore_case, nul_free):
    if nul_free:
        text = text.replace("\0", "")
    for side in (upper, lower):
        bound = side(pattern_of(pattern, None), ignore_case, nul_free)
        if isinstance(bound, Equal) or (isinstance(bound, Regex) and bound.exact):
            assert matches(bound, text) is like_tester(pattern, None, ignore_case)(text)


@pytest.mark.parametrize(
    ("pattern", "ignore_case", "expected"),
    [
        ("ab%", False, Regex("^ab", 1, True)),
        ("a.b%", False, Regex(r"^a\.b", 1, True)),
        ("ab", False, Equal("ab")),
        ("", False, Equal("")),
        ("%", False, NoneKnown(True)),
        ("%ab", False, NoneKnown(False)),
        ("a_%", False, Regex("^a", 1, False)),
        ("a%b", False, Regex("^a", 1, False)),
        ("aé%", False, Regex("^aé", 1, True)),
        ("aé%", True, Regex("^a", 3, False)),
        ("AK%", True, Regex("^a(k|\u212a)", 3, True)),
        ("a\0b%", False, Regex("^a", 1, False)),
    ],
)
def test_what_is_sent(pattern, ignore_case, expected):
    assert upper(pattern_of(pattern, None), ignore_case, False) == expected


def test_two_characters_fold_to_ascii():
    folding = [chr(code) for code in range(128, sys.maxunicode + 1) if lowered(chr(code)) < "\x80"]
    assert folding == ["\u0130", "\N{KELVIN SIGN}"]
