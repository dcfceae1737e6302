"""Times as the server counts them."""

from __future__ import annotations

import datetime
from typing import Any

from aerodbapi import errors
from aerodbapi.plan.kinds import kind_of

__all__ = ["nanoseconds"]


def nanoseconds(value: Any) -> int | None:
    """Turn a time into nanoseconds since 1970 UTC: an int is that, naive times are local.

    Takes datetimes, ISO texts and the aql tool's 'Dec 18 2017 09:53:20'. Raises
    ProgrammingError for anything else.
    """
    if value is None or kind_of(value) == "int":
        return value if value is None else int(value)
    moment = _moment(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime.datetime):
        raise errors.ProgrammingError(f"a time is a date and time or nanoseconds, not {value!r}")
    return round(moment.timestamp() * 1_000_000) * 1000


def _moment(text: str) -> datetime.datetime | None:
    for read in (datetime.datetime.fromisoformat, _aql_moment):
        try:
            return read(text)
        except ValueError:
            continue
    return None


def _aql_moment(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%b %d %Y %H:%M:%S")
