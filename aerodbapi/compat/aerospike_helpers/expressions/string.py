"""Expressions on text (servers from 8.1.3 on)."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.expressions.base import StrBin
from aerodbapi.compat.aerospike_helpers.expressions.resources import _BaseExpr, expression

__all__ = [
    "Append",
    "Base64Decode",
    "ByteLength",
    "CaseFold",
    "CharAt",
    "Concat",
    "Contains",
    "EndsWith",
    "Find",
    "Insert",
    "IsLower",
    "IsNumeric",
    "IsUpper",
    "Lower",
    "NormalizeNFC",
    "Overwrite",
    "PadEnd",
    "PadStart",
    "Prepend",
    "RegexCompare",
    "RegexReplace",
    "Repeat",
    "Replace",
    "ReplaceAll",
    "Snip",
    "Split",
    "SplitSeparator",
    "StartsWith",
    "StrLen",
    "SubStr",
    "SubStrRange",
    "ToBlob",
    "ToDouble",
    "ToInteger",
    "ToString",
    "Trim",
    "TrimEnd",
    "TrimStart",
    "Upper",
]


def _text(name: str, op: int, parameters: str, doc: str, **fixed: str) -> Any:
    """An expression whose only child is the bin; `fixed`: key = parameter of the others."""

    def split(given: dict[str, Any]) -> tuple[dict[str, Any] | None, tuple[Any, ...]]:
        chosen = {key: given[parameter] for key, parameter in fixed.items()}
        return chosen or None, (_outer(given["bin"]),)

    return expression(__name__, name, op, parameters, split, doc)


def _outer(bin: Any) -> _BaseExpr:
    return bin if isinstance(bin, _BaseExpr) else StrBin(bin)


class Snip(_BaseExpr):
    """Remove the text between two code points (`end` None: to the end)."""

    def __init__(self, policy: Any, start: int, end: int | None, bin: Any) -> None:
        self._op = a._OP_STRING_SNIP_START if end is None else a._OP_STRING_SNIP
        self._fixed = {"str_policy": policy, "start": start, "end": end}
        self._children = (_outer(bin),)


StrLen = _text("StrLen", a._OP_STRING_STRLEN, "bin", "The number of code points.")
SubStr = _text(
    "SubStr", a._OP_STRING_SUBSTR, "start bin", "The text from a code point on.", start="start"
)
SubStrRange = _text(
    "SubStrRange",
    a._OP_STRING_SUBSTR_RANGE,
    "start end bin",
    "The text between two code points.",
    start="start",
    end="end",
)
CharAt = _text("CharAt", a._OP_STRING_CHAR_AT, "index bin", "One code point.", index="index")
Find = _text(
    "Find",
    a._OP_STRING_FIND,
    "needle occurrence bin",
    "Where the n-th occurrence of `needle` begins, or -1.",
    needle="needle",
    occurrence="occurrence",
)
Contains = _text(
    "Contains", a._OP_STRING_CONTAINS, "needle bin", "Whether `needle` occurs.", needle="needle"
)
StartsWith = _text(
    "StartsWith",
    a._OP_STRING_STARTS_WITH,
    "prefix bin",
    "Whether the text begins with `prefix`.",
    prefix="prefix",
)
EndsWith = _text(
    "EndsWith",
    a._OP_STRING_ENDS_WITH,
    "suffix bin",
    "Whether the text ends with `suffix`.",
    suffix="suffix",
)
ToInteger = _text("ToInteger", a._OP_STRING_TO_INTEGER, "bin", "The text as an integer.")
ToDouble = _text("ToDouble", a._OP_STRING_TO_DOUBLE, "bin", "The text as a float.")
ByteLength = _text("ByteLength", a._OP_STRING_BYTE_LENGTH, "bin", "The number of bytes in UTF-8.")
IsNumeric = _text(
    "IsNumeric",
    a._OP_STRING_IS_NUMERIC,
    "numeric_type bin",
    "Whether the text is a number of this NumericType.",
    numeric_type="numeric_type",
)
IsUpper = _text("IsUpper", a._OP_STRING_IS_UPPER, "bin", "Whether all letters are capitals.")
IsLower = _text("IsLower", a._OP_STRING_IS_LOWER, "bin", "Whether all letters are small.")
ToBlob = _text("ToBlob", a._OP_STRING_TO_BLOB, "bin", "The text as bytes.")
Split = _text("Split", a._OP_STRING_SPLIT, "bin", "The code points as a list.")
SplitSeparator = _text(
    "SplitSeparator",
    a._OP_STRING_SPLIT_SEPARATOR,
    "separator bin",
    "The parts between separators as a list.",
    separator="separator",
)
Base64Decode = _text(
    "Base64Decode", a._OP_STRING_B64_DECODE, "bin", "The bytes that base-64 text stands for."
)
RegexCompare = _text(
    "RegexCompare",
    a._OP_STRING_REGEX_COMPARE,
    "pattern bin regex_flags=0",
    "Whether a regular expression matches.",
    pattern="pattern",
    regex_flags="regex_flags",
)
ToString = _text("ToString", a._OP_STRING_TO_STRING, "bin", "A number, bytes or text as text.")
Insert = _text(
    "Insert",
    a._OP_STRING_INSERT,
    "policy index value bin",
    "Insert text before a code point.",
    str_policy="policy",
    index="index",
    val="value",
)
Overwrite = _text(
    "Overwrite",
    a._OP_STRING_OVERWRITE,
    "policy index value bin",
    "Write text over what begins at a code point.",
    str_policy="policy",
    index="index",
    val="value",
)
Append = _text(
    "Append",
    a._OP_STRING_APPEND,
    "policy value bin",
    "Put text behind.",
    str_policy="policy",
    val="value",
)
Prepend = _text(
    "Prepend",
    a._OP_STRING_PREPEND,
    "policy value bin",
    "Put text before.",
    str_policy="policy",
    val="value",
)
Concat = _text(
    "Concat",
    a._OP_STRING_CONCAT,
    "policy values bin",
    "Put several texts behind the text.",
    str_policy="policy",
    val="values",
)
Replace = _text(
    "Replace",
    a._OP_STRING_REPLACE,
    "policy needle replacement bin",
    "Replace the first occurrence.",
    str_policy="policy",
    needle="needle",
    replacement="replacement",
)
ReplaceAll = _text(
    "ReplaceAll",
    a._OP_STRING_REPLACE_ALL,
    "policy needle replacement bin",
    "Replace every occurrence.",
    str_policy="policy",
    needle="needle",
    replacement="replacement",
)
Upper = _text(
    "Upper", a._OP_STRING_UPPER, "policy bin", "Make all letters capitals.", str_policy="policy"
)
Lower = _text(
    "Lower", a._OP_STRING_LOWER, "policy bin", "Make all letters small.", str_policy="policy"
)
CaseFold = _text(
    "CaseFold",
    a._OP_STRING_CASE_FOLD,
    "policy bin",
    "Fold case for comparisons.",
    str_policy="policy",
)
NormalizeNFC = _text(
    "NormalizeNFC",
    a._OP_STRING_NORMALIZE_NFC,
    "policy bin",
    "Normalize to NFC.",
    str_policy="policy",
)
TrimStart = _text(
    "TrimStart",
    a._OP_STRING_TRIM_START,
    "policy bin",
    "Remove white space at the start.",
    str_policy="policy",
)
TrimEnd = _text(
    "TrimEnd",
    a._OP_STRING_TRIM_END,
    "policy bin",
    "Remove white space at the end.",
    str_policy="policy",
)
Trim = _text(
    "Trim", a._OP_STRING_TRIM, "policy bin", "Remove white space at both ends.", str_policy="policy"
)
PadStart = _text(
    "PadStart",
    a._OP_STRING_PAD_START,
    "policy target_length pad_string bin",
    "Pad at the start to a length.",
    str_policy="policy",
    target_length="target_length",
    pad_string="pad_string",
)
PadEnd = _text(
    "PadEnd",
    a._OP_STRING_PAD_END,
    "policy target_length pad_string bin",
    "Pad at the end to a length.",
    str_policy="policy",
    target_length="target_length",
    pad_string="pad_string",
)
Repeat = _text(
    "Repeat",
    a._OP_STRING_REPEAT,
    "policy count bin",
    "Repeat the text.",
    str_policy="policy",
    count="count",
)
RegexReplace = _text(
    "RegexReplace",
    a._OP_STRING_REGEX_REPLACE,
    "policy pattern replacement regex_flags bin",
    "Replace what a regular expression matches.",
    str_policy="policy",
    pattern="pattern",
    replacement="replacement",
    regex_flags="regex_flags",
)
