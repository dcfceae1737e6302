"""Operations on text, for `operate` (servers from 8.2 on, and the embedded node).

client.operate(key, [string_trim("name"), string_upper("name"), string_strlen("name")])
"""

from __future__ import annotations

from aerodbapi.native.bin_operations import named, operation
from aerodbapi.protocol import string_commands as commands
from aerodbapi.protocol.bin_policies import StringPolicy, StringWrite
from aerodbapi.protocol.flags import OpType
from aerodbapi.protocol.message import Operation
from aerodbapi.protocol.string_commands import NumericType, StringRegex

__all__ = [
    "NumericType",
    "StringPolicy",
    "StringRegex",
    "StringWrite",
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
    "to_string",
]

string_append = operation(commands.string_append)
string_b64_decode = operation(commands.string_b64_decode)
string_byte_length = operation(commands.string_byte_length)
string_case_fold = operation(commands.string_case_fold)
string_char_at = operation(commands.string_char_at)
string_concat = operation(commands.string_concat)
string_contains = operation(commands.string_contains)
string_ends_with = operation(commands.string_ends_with)
string_find = operation(commands.string_find)
string_insert = operation(commands.string_insert)
string_is_lower = operation(commands.string_is_lower)
string_is_numeric = operation(commands.string_is_numeric)
string_is_upper = operation(commands.string_is_upper)
string_lower = operation(commands.string_lower)
string_normalize_nfc = operation(commands.string_normalize_nfc)
string_overwrite = operation(commands.string_overwrite)
string_pad_end = operation(commands.string_pad_end)
string_pad_start = operation(commands.string_pad_start)
string_prepend = operation(commands.string_prepend)
string_regex_compare = operation(commands.string_regex_compare)
string_regex_replace = operation(commands.string_regex_replace)
string_repeat = operation(commands.string_repeat)
string_replace = operation(commands.string_replace)
string_replace_all = operation(commands.string_replace_all)
string_snip = operation(commands.string_snip)
string_split = operation(commands.string_split)
string_starts_with = operation(commands.string_starts_with)
string_strlen = operation(commands.string_strlen)
string_substr = operation(commands.string_substr)
string_to_blob = operation(commands.string_to_blob)
string_to_double = operation(commands.string_to_double)
string_to_integer = operation(commands.string_to_integer)
string_trim = operation(commands.string_trim)
string_trim_end = operation(commands.string_trim_end)
string_trim_start = operation(commands.string_trim_start)
string_upper = operation(commands.string_upper)


def to_string(bin: str) -> Operation:
    """An integer, float, bool, text or UTF-8 blob as text."""
    return Operation(OpType.TO_STRING, named(bin))
