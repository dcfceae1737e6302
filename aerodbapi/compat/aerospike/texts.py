"""The helpers' operations and expressions on text, as the engine's commands, by one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.raising import guarded, param_error
from aerodbapi.protocol import string_commands as s
from aerodbapi.protocol.bin_commands import BinCommand

__all__ = ["CODES", "text_command"]

#: Helper's code → the engine's command, and the keys of its arguments in their order.
_TABLE: Final[dict[int, tuple[Callable[..., BinCommand], str]]] = {
    a._OP_STRING_STRLEN: (s.string_strlen, ""),
    a._OP_STRING_SUBSTR: (s.string_substr, "start"),
    a._OP_STRING_SUBSTR_RANGE: (s.string_substr, "start end"),
    a._OP_STRING_CHAR_AT: (s.string_char_at, "index"),
    a._OP_STRING_FIND: (s.string_find, "needle occurrence"),
    a._OP_STRING_CONTAINS: (s.string_contains, "needle"),
    a._OP_STRING_STARTS_WITH: (s.string_starts_with, "prefix"),
    a._OP_STRING_ENDS_WITH: (s.string_ends_with, "suffix"),
    a._OP_STRING_TO_INTEGER: (s.string_to_integer, ""),
    a._OP_STRING_TO_DOUBLE: (s.string_to_double, ""),
    a._OP_STRING_BYTE_LENGTH: (s.string_byte_length, ""),
    a._OP_STRING_IS_NUMERIC: (s.string_is_numeric, "numeric_type"),
    a._OP_STRING_IS_UPPER: (s.string_is_upper, ""),
    a._OP_STRING_IS_LOWER: (s.string_is_lower, ""),
    a._OP_STRING_TO_BLOB: (s.string_to_blob, ""),
    a._OP_STRING_SPLIT: (s.string_split, ""),
    a._OP_STRING_SPLIT_SEPARATOR: (s.string_split, "separator"),
    a._OP_STRING_B64_DECODE: (s.string_b64_decode, ""),
    a._OP_STRING_REGEX_COMPARE: (s.string_regex_compare, "pattern regex_flags"),
    a._OP_STRING_INSERT: (s.string_insert, "index value policy"),
    a._OP_STRING_OVERWRITE: (s.string_overwrite, "index value policy"),
    a._OP_STRING_CONCAT: (s.string_concat, "value_list policy"),
    a._OP_STRING_SNIP: (s.string_snip, "start end policy"),
    a._OP_STRING_SNIP_START: (s.string_snip, "start"),
    a._OP_STRING_REPLACE: (s.string_replace, "needle replacement policy"),
    a._OP_STRING_REPLACE_ALL: (s.string_replace_all, "needle replacement policy"),
    a._OP_STRING_UPPER: (s.string_upper, "policy"),
    a._OP_STRING_LOWER: (s.string_lower, "policy"),
    a._OP_STRING_CASE_FOLD: (s.string_case_fold, "policy"),
    a._OP_STRING_NORMALIZE_NFC: (s.string_normalize_nfc, "policy"),
    a._OP_STRING_TRIM_START: (s.string_trim_start, "policy"),
    a._OP_STRING_TRIM_END: (s.string_trim_end, "policy"),
    a._OP_STRING_TRIM: (s.string_trim, "policy"),
    a._OP_STRING_PAD_START: (s.string_pad_start, "target_length pad_string policy"),
    a._OP_STRING_PAD_END: (s.string_pad_end, "target_length pad_string policy"),
    a._OP_STRING_REPEAT: (s.string_repeat, "count policy"),
    a._OP_STRING_REGEX_REPLACE: (
        s.string_regex_replace,
        "pattern replacement regex_flags policy",
    ),
    a._OP_STRING_APPEND: (s.string_append, "value policy"),
    a._OP_STRING_PREPEND: (s.string_prepend, "value policy"),
}
CODES: Final = frozenset(_TABLE)

_INTEGERS: Final = frozenset(
    [
        "start",
        "end",
        "index",
        "occurrence",
        "numeric_type",
        "regex_flags",
        "target_length",
        "count",
    ]
)
#: What expressions call what operations call otherwise.
_IN_EXPRESSIONS: Final = {"value": "val", "value_list": "val", "policy": "str_policy"}
_LARGEST: Final = (1 << 63) - 1


def text_command(
    code: int, given: Mapping[str, Any], ctx: Any = None, *, in_expression: bool = False
) -> BinCommand:
    """The command that a helper's dictionary describes. Raises ParamError."""
    build, words = _TABLE[code]
    keys = words.split()
    arguments = [
        _argument(key, _IN_EXPRESSIONS.get(key, key) if in_expression else key, given)
        for key in keys
    ]
    command: BinCommand = guarded(build, *arguments, ctx=ctx)
    return command


def _argument(key: str, name: str, given: Mapping[str, Any]) -> Any:
    value = given.get(name)
    if key == "policy":
        return None if value is None else _flags(value)
    if key == "end" and "policy" in given and value is None:
        return None  # of a snip
    if key in _INTEGERS:
        return _integer(key, value)
    if key == "value_list":
        if not isinstance(value, list):
            param_error("Value must be a list")
        return value
    if value is None:
        param_error(f'Operation must contain a "{name}" entry')
    if not isinstance(value, str):
        param_error("String value required")
    return value


def _integer(key: str, value: Any) -> int:
    if value is None:
        param_error(f"Operation missing required entry {key}")
    if not isinstance(value, int):
        param_error(f"{key} must be an integer")
    if not -_LARGEST - 1 <= value <= _LARGEST or (key == "target_length" and value < 0):
        param_error(f"{key} too large")
    return int(value)


def _flags(policy: Any) -> int:
    flags = getattr(policy, "write_flags", None)
    if not isinstance(flags, int):
        param_error("Unable to get write flags from string policy")
    return int(flags)
