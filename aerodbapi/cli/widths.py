"""How many columns of a terminal a text takes."""

from __future__ import annotations

import unicodedata

__all__ = ["width_of"]


def width_of(text: str) -> int:
    """Count the columns: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)
