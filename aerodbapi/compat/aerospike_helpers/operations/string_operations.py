"""Operations on text (servers from 8.1.3 on), as dictionaries."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.operations.shapes import Ctx, Op, Policy

__all__ = [
    "append",
    "base64_decode",
    "byte_length",
    "casefold",
    "char_at",
    "concat",
    "contains",
    "ends_with",
    "find",
    "insert",
    "is_lower",
    "is_numeric",
    "is_upper",
    "lower",
    "normalize_nfc",
    "overwrite",
    "pad_end",
    "pad_start",
    "prepend",
    "regex_compare",
    "regex_replace",
    "repeat",
    "replace",
    "replace_all",
    "snip",
    "split",
    "split_separator",
    "starts_with",
    "strlen",
    "substr",
    "substr_range",
    "to_blob",
    "to_double",
    "to_integer",
    "to_string",
    "trim",
    "trim_end",
    "trim_start",
    "upper",
]


def strlen(bin_name: str, ctx: Ctx = None) -> Op:
    """The number of code points."""
    return {"op": a._OP_STRING_STRLEN, "bin": bin_name, "ctx": ctx}


def substr(bin_name: str, start: Any, ctx: Ctx = None) -> Op:
    """The text from a code point on."""
    return {"op": a._OP_STRING_SUBSTR, "bin": bin_name, "start": start, "ctx": ctx}


def substr_range(bin_name: str, start: Any, end: Any, ctx: Ctx = None) -> Op:
    """The text between two code points."""
    return {
        "op": a._OP_STRING_SUBSTR_RANGE,
        "bin": bin_name,
        "start": start,
        "end": end,
        "ctx": ctx,
    }


def char_at(bin_name: str, index: Any, ctx: Ctx = None) -> Op:
    """One code point."""
    return {"op": a._OP_STRING_CHAR_AT, "bin": bin_name, "index": index, "ctx": ctx}


def find(bin_name: str, needle: Any, occurrence: Any = 1, ctx: Ctx = None) -> Op:
    """Where the n-th occurrence of `needle` begins, or -1."""
    return {
        "op": a._OP_STRING_FIND,
        "bin": bin_name,
        "needle": needle,
        "occurrence": occurrence,
        "ctx": ctx,
    }


def contains(bin_name: str, needle: Any, ctx: Ctx = None) -> Op:
    """Whether `needle` occurs."""
    return {"op": a._OP_STRING_CONTAINS, "bin": bin_name, "needle": needle, "ctx": ctx}


def starts_with(bin_name: str, prefix: Any, ctx: Ctx = None) -> Op:
    """Whether the text begins with `prefix`."""
    return {"op": a._OP_STRING_STARTS_WITH, "bin": bin_name, "prefix": prefix, "ctx": ctx}


def ends_with(bin_name: str, suffix: Any, ctx: Ctx = None) -> Op:
    """Whether the text ends with `suffix`."""
    return {"op": a._OP_STRING_ENDS_WITH, "bin": bin_name, "suffix": suffix, "ctx": ctx}


def to_integer(bin_name: str, ctx: Ctx = None) -> Op:
    """The text as an integer."""
    return {"op": a._OP_STRING_TO_INTEGER, "bin": bin_name, "ctx": ctx}


def to_double(bin_name: str, ctx: Ctx = None) -> Op:
    """The text as a float."""
    return {"op": a._OP_STRING_TO_DOUBLE, "bin": bin_name, "ctx": ctx}


def byte_length(bin_name: str, ctx: Ctx = None) -> Op:
    """The number of bytes in UTF-8."""
    return {"op": a._OP_STRING_BYTE_LENGTH, "bin": bin_name, "ctx": ctx}


def is_numeric(bin_name: str, numeric_type: Any = 0, ctx: Ctx = None) -> Op:
    """Whether the text is a number of this NumericType."""
    return {
        "op": a._OP_STRING_IS_NUMERIC,
        "numeric_type": numeric_type,
        "bin": bin_name,
        "ctx": ctx,
    }


def is_upper(bin_name: str, ctx: Ctx = None) -> Op:
    """Whether all letters are capitals."""
    return {"op": a._OP_STRING_IS_UPPER, "bin": bin_name, "ctx": ctx}


def is_lower(bin_name: str, ctx: Ctx = None) -> Op:
    """Whether all letters are small."""
    return {"op": a._OP_STRING_IS_LOWER, "bin": bin_name, "ctx": ctx}


def to_blob(bin_name: str, ctx: Ctx = None) -> Op:
    """The text as bytes."""
    return {"op": a._OP_STRING_TO_BLOB, "bin": bin_name, "ctx": ctx}


def split(bin_name: str, ctx: Ctx = None) -> Op:
    """The code points as a list."""
    return {"op": a._OP_STRING_SPLIT, "bin": bin_name, "ctx": ctx}


def split_separator(bin_name: str, separator: str | None, ctx: Ctx = None) -> Op:
    """The parts between separators as a list."""
    return {"op": a._OP_STRING_SPLIT_SEPARATOR, "bin": bin_name, "separator": separator, "ctx": ctx}


def base64_decode(bin_name: str, ctx: Ctx = None) -> Op:
    """The bytes that base-64 text stands for."""
    return {"op": a._OP_STRING_B64_DECODE, "bin": bin_name, "ctx": ctx}


def regex_compare(bin_name: str, pattern: Any, regex_flags: Any = 0, ctx: Ctx = None) -> Op:
    """Whether a regular expression matches."""
    return {
        "op": a._OP_STRING_REGEX_COMPARE,
        "bin": bin_name,
        "pattern": pattern,
        "regex_flags": regex_flags,
        "ctx": ctx,
    }


def to_string(bin_name: str) -> Op:
    """A number, bytes or text as text."""
    return {"op": a._OP_STRING_TO_STRING, "bin": bin_name}


def insert(bin_name: str, index: Any, value: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Insert text before a code point."""
    return {
        "op": a._OP_STRING_INSERT,
        "bin": bin_name,
        "index": index,
        "value": value,
        "policy": policy,
        "ctx": ctx,
    }


def overwrite(bin_name: str, index: Any, value: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Write text over what begins at a code point."""
    return {
        "op": a._OP_STRING_OVERWRITE,
        "bin": bin_name,
        "index": index,
        "value": value,
        "policy": policy,
        "ctx": ctx,
    }


def append(bin_name: str, value: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Put text or bytes behind those of a bin."""
    return {
        "op": a._OP_STRING_APPEND,
        "bin": bin_name,
        "value": value,
        "policy": policy,
        "ctx": ctx,
    }


def prepend(bin_name: str, value: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Put text or bytes before those of a bin."""
    return {
        "op": a._OP_STRING_PREPEND,
        "bin": bin_name,
        "value": value,
        "policy": policy,
        "ctx": ctx,
    }


def concat(bin_name: str, value_list: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Put several texts behind the text."""
    return {
        "op": a._OP_STRING_CONCAT,
        "bin": bin_name,
        "value_list": value_list,
        "policy": policy,
        "ctx": ctx,
    }


def snip(bin_name: str, start: Any, end: Any = None, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Remove the text between two code points."""
    return {
        "op": a._OP_STRING_SNIP,
        "bin": bin_name,
        "start": start,
        "end": end,
        "policy": policy,
        "ctx": ctx,
    }


def replace(
    bin_name: str, needle: Any, replacement: Any, policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Replace the first occurrence."""
    return {
        "op": a._OP_STRING_REPLACE,
        "bin": bin_name,
        "needle": needle,
        "replacement": replacement,
        "policy": policy,
        "ctx": ctx,
    }


def replace_all(
    bin_name: str, needle: Any, replacement: Any, policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Replace every occurrence."""
    return {
        "op": a._OP_STRING_REPLACE_ALL,
        "bin": bin_name,
        "needle": needle,
        "replacement": replacement,
        "policy": policy,
        "ctx": ctx,
    }


def upper(bin_name: str, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Make all letters capitals."""
    return {"op": a._OP_STRING_UPPER, "bin": bin_name, "policy": policy, "ctx": ctx}


def lower(bin_name: str, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Make all letters small."""
    return {"op": a._OP_STRING_LOWER, "bin": bin_name, "policy": policy, "ctx": ctx}


def casefold(bin_name: str, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Fold case for comparisons."""
    return {"op": a._OP_STRING_CASE_FOLD, "bin": bin_name, "policy": policy, "ctx": ctx}


def normalize_nfc(bin_name: str, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Normalize to NFC."""
    return {"op": a._OP_STRING_NORMALIZE_NFC, "bin": bin_name, "policy": policy, "ctx": ctx}


def trim_start(bin_name: str, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Remove white space at the start."""
    return {"op": a._OP_STRING_TRIM_START, "bin": bin_name, "policy": policy, "ctx": ctx}


def trim_end(bin_name: str, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Remove white space at the end."""
    return {"op": a._OP_STRING_TRIM_END, "bin": bin_name, "policy": policy, "ctx": ctx}


def trim(bin_name: str, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Remove white space at both ends."""
    return {"op": a._OP_STRING_TRIM, "bin": bin_name, "policy": policy, "ctx": ctx}


def pad_start(
    bin_name: str, target_length: Any, pad_string: Any, policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Pad at the start to a length."""
    return {
        "op": a._OP_STRING_PAD_START,
        "target_length": target_length,
        "pad_string": pad_string,
        "bin": bin_name,
        "policy": policy,
        "ctx": ctx,
    }


def pad_end(
    bin_name: str, target_length: Any, pad_string: Any, policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Pad at the end to a length."""
    return {
        "op": a._OP_STRING_PAD_END,
        "target_length": target_length,
        "pad_string": pad_string,
        "bin": bin_name,
        "policy": policy,
        "ctx": ctx,
    }


def repeat(bin_name: str, count: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Repeat the text."""
    return {
        "op": a._OP_STRING_REPEAT,
        "bin": bin_name,
        "count": count,
        "policy": policy,
        "ctx": ctx,
    }


def regex_replace(
    bin_name: str,
    pattern: Any,
    replacement: Any,
    regex_flags: Any = 0,
    policy: Policy = None,
    ctx: Ctx = None,
) -> Op:
    """Replace what a regular expression matches."""
    return {
        "op": a._OP_STRING_REGEX_REPLACE,
        "bin": bin_name,
        "pattern": pattern,
        "replacement": replacement,
        "regex_flags": regex_flags,
        "policy": policy,
        "ctx": ctx,
    }
