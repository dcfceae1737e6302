"""From index or rank and count, as clients give them, to places in a container of `n` elements.

Negative ones count from the end (server source: cdt.c `calc_index_count`).
"""

from __future__ import annotations

from typing import Final

from aerodbapi.embedded.cdt.results import NOT_APPLICABLE
from aerodbapi.embedded.replies import Refused

__all__ = ["ALL", "complement", "relative", "resolve"]

#: The count that stands for all that follow.
ALL: Final = 0xFFFFFFFF


def resolve(index: int, count: int, n: int, multi: bool) -> tuple[int, int]:
    """Give (start, count) of the elements that are there.

    An operation on one element refuses (26) an index that is outside.
    """
    if not multi:
        if not -n <= index < n:
            raise Refused(NOT_APPLICABLE)
        return index % n, min(count, 1)
    if index >= n:
        return n, 0
    if index < 0:
        index += n
    if index < 0:
        return 0, min(max(count + index, 0), n)
    return index, min(count, n - index)


def relative(index: int, count: int, base: int) -> tuple[int, int]:
    """Give (index, count) of a range that is given relative to the place `base`."""
    index += base
    if index < 0:
        return 0, max(count + index, 0)
    return index, count


def complement(start: int, count: int, n: int) -> tuple[int, int] | None:
    """Give the run of all others; None when they are on both sides."""
    if not count:
        return 0, n
    if not start:
        return count, n - count
    if start + count >= n:
        return 0, start
    return None
