"""Flags and policies of the operations on text (servers from 8.1.3 on)."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["NumericType", "RegexFlags", "StringPolicy", "WriteFlags"]


class RegexFlags(IntEnum):
    """How a regular expression matches; MULTILINE: ^ and $ match at every line's ends."""

    DEFAULT = 0
    CASE_INSENSITIVE = 1
    MULTILINE = 2
    DOTALL = 4
    UNIX_LINES = 8
    GLOBAL = 16


class WriteFlags(IntEnum):
    """When a change is made; NO_FAIL: a change that cannot be made is none, and no error."""

    DEFAULT = 0
    CREATE_ONLY = 1
    UPDATE_ONLY = 2
    NO_FAIL = 4


class NumericType(IntEnum):
    """What is_numeric looks for."""

    ANY = 0
    INT = 1
    FLOAT = 2


class StringPolicy:
    """The policy of changes to text."""

    def __init__(self, write_flags: WriteFlags = WriteFlags.DEFAULT) -> None:
        self.write_flags = write_flags
