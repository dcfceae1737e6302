"""Commands on text (servers from 8.2 on): what a string operation, or a CALL on text, carries.

Positions count code points from 0, or from the end when negative; the server clamps those out of
range. Arguments may be expressions when the command stands in an expression. Text inside a list
or map is reached by `ctx`; expressions take it out of there first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Union

from aerodbapi.errors import ParameterError
from aerodbapi.protocol.bin_commands import BinCommand, Context, integer, items, steps
from aerodbapi.protocol.bin_policies import StringPolicy, coerce
from aerodbapi.protocol.expressions import CallSystem, Exp, ExpType

__all__ = [
    "NumericType",
    "StringRegex",
    "string_append",
    "string_b64_decode",
    "string_byte_length",
    "string_case_fold",
    "string_char_at",
    "string_concat",
    "string_contains",
    "string_ends_with",
    "string_find",
    "string_insert",
    "string_is_lower",
    "string_is_numeric",
    "string_is_upper",
    "string_lower",
    "string_normalize_nfc",
    "string_overwrite",
    "string_pad_end",
    "string_pad_start",
    "string_prepend",
    "string_regex_compare",
    "string_regex_replace",
    "string_repeat",
    "string_replace",
    "string_replace_all",
    "string_snip",
    "string_split",
    "string_starts_with",
    "string_strlen",
    "string_substr",
    "string_to_blob",
    "string_to_double",
    "string_to_integer",
    "string_trim",
    "string_trim_end",
    "string_trim_start",
    "string_upper",
]

Policy = Union[StringPolicy, Mapping[str, Any], int, None]
Ctx = Union[Context, None]


class NumericType:
    """What string_is_numeric looks for; FLOAT wants a point with a digit behind it."""

    ANY: Final = 0
    INT: Final = 1
    FLOAT: Final = 2


class StringRegex:
    """Flags of the two commands with a regular expression (in ICU's syntax)."""

    DEFAULT: Final = 0
    CASE_INSENSITIVE: Final = 1
    MULTILINE: Final = 2
    DOTALL: Final = 4
    UNIX_LINES: Final = 8
    GLOBAL: Final = 16


def _text(name: str, value: Any) -> Any:
    if isinstance(value, (str, Exp)):
        return value
    raise ParameterError(f"{name} is str, not {type(value).__name__}", result_code=-2)


def _texts(name: str, values: Any) -> Any:
    given = items(name, values)
    return given if isinstance(given, Exp) else [_text(f"one of {name}", value) for value in given]


def _read(code: int, *args: Any, ctx: Ctx, result: int) -> BinCommand:
    return BinCommand(CallSystem.STRING, code, args, False, result, steps(ctx))


def _modify(code: int, *args: Any, policy: Policy, ctx: Ctx) -> BinCommand:
    given = (*args, coerce(StringPolicy, policy).flags)
    return BinCommand(CallSystem.STRING, code, given, True, ExpType.STRING, steps(ctx))


# ---- reading -----------------------------------------------------------------------------------


def string_strlen(*, ctx: Ctx = None) -> BinCommand:
    """The number of code points."""
    return _read(0, ctx=ctx, result=ExpType.INT)


def string_substr(start: Any, end: Any = None, *, ctx: Ctx = None) -> BinCommand:
    """The text from `start` up to, not including, `end`; None is the end of the text."""
    more = () if end is None else (integer("end", end),)
    return _read(1, integer("start", start), *more, ctx=ctx, result=ExpType.STRING)


def string_char_at(index: Any, *, ctx: Ctx = None) -> BinCommand:
    """One code point."""
    return _read(2, integer("index", index), ctx=ctx, result=ExpType.STRING)


def string_find(needle: Any, occurrence: Any = 1, *, ctx: Ctx = None) -> BinCommand:
    """Where the n-th occurrence begins (negative: from the last one), or -1."""
    nth = integer("occurrence", occurrence)
    return _read(3, _text("needle", needle), nth, ctx=ctx, result=ExpType.INT)


def string_contains(needle: Any, *, ctx: Ctx = None) -> BinCommand:
    """Whether `needle` occurs, in any of Unicode's canonically equivalent spellings."""
    return _read(4, _text("needle", needle), ctx=ctx, result=ExpType.BOOL)


def string_starts_with(prefix: Any, *, ctx: Ctx = None) -> BinCommand:
    """Whether the text begins with `prefix`."""
    return _read(5, _text("prefix", prefix), ctx=ctx, result=ExpType.BOOL)


def string_ends_with(suffix: Any, *, ctx: Ctx = None) -> BinCommand:
    """Whether the text ends with `suffix`."""
    return _read(6, _text("suffix", suffix), ctx=ctx, result=ExpType.BOOL)


def string_to_integer(*, ctx: Ctx = None) -> BinCommand:
    """The integer that the text spells; it fails (26) when it spells none."""
    return _read(7, ctx=ctx, result=ExpType.INT)


def string_to_double(*, ctx: Ctx = None) -> BinCommand:
    """The number that the text spells, as a float; it fails (26) when it spells none."""
    return _read(8, ctx=ctx, result=ExpType.FLOAT)


def string_byte_length(*, ctx: Ctx = None) -> BinCommand:
    """The number of bytes in UTF-8."""
    return _read(9, ctx=ctx, result=ExpType.INT)


def string_is_numeric(numeric_type: int = NumericType.ANY, *, ctx: Ctx = None) -> BinCommand:
    """Whether the text spells a number of this NumericType."""
    return _read(10, integer("numeric_type", numeric_type), ctx=ctx, result=ExpType.BOOL)


def string_is_upper(*, ctx: Ctx = None) -> BinCommand:
    """Whether all letters that have case are capitals."""
    return _read(11, ctx=ctx, result=ExpType.BOOL)


def string_is_lower(*, ctx: Ctx = None) -> BinCommand:
    """Whether all letters that have case are small."""
    return _read(12, ctx=ctx, result=ExpType.BOOL)


def string_to_blob(*, ctx: Ctx = None) -> BinCommand:
    """The text's bytes in UTF-8."""
    return _read(13, ctx=ctx, result=ExpType.BLOB)


def string_split(separator: Any = None, *, ctx: Ctx = None) -> BinCommand:
    """The parts between separators as a list; None: every code point."""
    more = () if separator is None else (_text("separator", separator),)
    return _read(14, *more, ctx=ctx, result=ExpType.LIST)


def string_b64_decode(*, ctx: Ctx = None) -> BinCommand:
    """The bytes that base-64 text stands for; it fails (26) when it is none."""
    return _read(15, ctx=ctx, result=ExpType.BLOB)


def string_regex_compare(pattern: Any, flags: int = 0, *, ctx: Ctx = None) -> BinCommand:
    """Whether a regular expression matches somewhere; `flags` are StringRegex's."""
    args = _text("pattern", pattern), integer("flags", flags)
    return _read(16, *args, ctx=ctx, result=ExpType.BOOL)


# ---- changing ----------------------------------------------------------------------------------


def string_insert(index: Any, value: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Insert text before a code point."""
    args = integer("index", index), _text("value", value)
    return _modify(50, *args, policy=policy, ctx=ctx)


def string_overwrite(
    index: Any, value: Any, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Write over the code points from `index` on; the text may grow."""
    args = integer("index", index), _text("value", value)
    return _modify(51, *args, policy=policy, ctx=ctx)


def string_concat(values: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Put all of `values` behind the text."""
    return _modify(52, _texts("values", values), policy=policy, ctx=ctx)


def string_snip(
    start: Any, end: Any = None, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Remove the code points from `start` up to `end`.

    None: all behind `start`; there is no place for a policy then, and none is sent.
    """
    first = integer("start", start)
    if end is None:
        coerce(StringPolicy, policy)
        return BinCommand(CallSystem.STRING, 53, (first,), True, ExpType.STRING, steps(ctx))
    return _modify(53, first, integer("end", end), policy=policy, ctx=ctx)


def string_replace(
    needle: Any, replacement: Any, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Replace the first occurrence."""
    pair = [_text("needle", needle), _text("replacement", replacement)]
    return _modify(54, pair, policy=policy, ctx=ctx)


def string_replace_all(
    needle: Any, replacement: Any, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Replace every occurrence."""
    pair = [_text("needle", needle), _text("replacement", replacement)]
    return _modify(55, pair, policy=policy, ctx=ctx)


def string_upper(policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Make all letters capitals."""
    return _modify(56, policy=policy, ctx=ctx)


def string_lower(policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Make all letters small."""
    return _modify(57, policy=policy, ctx=ctx)


def string_case_fold(policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Fold case, for comparisons that do not look at it."""
    return _modify(58, policy=policy, ctx=ctx)


def string_normalize_nfc(policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Normalize to Unicode's form NFC."""
    return _modify(59, policy=policy, ctx=ctx)


def string_trim_start(policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Remove white space at the start."""
    return _modify(60, policy=policy, ctx=ctx)


def string_trim_end(policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Remove white space at the end."""
    return _modify(61, policy=policy, ctx=ctx)


def string_trim(policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Remove white space at both ends."""
    return _modify(62, policy=policy, ctx=ctx)


def string_pad_start(
    length: Any, padding: Any, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Put `padding` before the text, as often as it takes to `length` code points."""
    args = integer("length", length), _text("padding", padding)
    return _modify(63, *args, policy=policy, ctx=ctx)


def string_pad_end(
    length: Any, padding: Any, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Put `padding` behind the text, as often as it takes to `length` code points."""
    args = integer("length", length), _text("padding", padding)
    return _modify(64, *args, policy=policy, ctx=ctx)


def string_repeat(count: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Repeat the text."""
    return _modify(65, integer("count", count), policy=policy, ctx=ctx)


def string_regex_replace(
    pattern: Any, replacement: Any, flags: int = 0, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Replace the first match, with StringRegex.GLOBAL all; `$1` is the first group's text."""
    pair = [_text("pattern", pattern), _text("replacement", replacement)]
    return _modify(66, pair, integer("flags", flags), policy=policy, ctx=ctx)


def string_append(value: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Put text behind the text."""
    return _modify(67, _text("value", value), policy=policy, ctx=ctx)


def string_prepend(value: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Put text before the text."""
    return _modify(68, _text("value", value), policy=policy, ctx=ctx)
