"""DuckDB's errors → PEP 249's, once: at this border."""

from __future__ import annotations

import re
from typing import Final

import duckdb

from aerodbapi import errors
from aerodbapi.relational.columns import Misfit

__all__ = ["meaning"]

#: The first that fits counts.
_CLASSES: Final[tuple[tuple[str, type[errors.Error]], ...]] = (
    ("InterruptException", errors.QueryAborted),
    ("OutOfMemoryException", errors.OperationalError),
    ("NotImplementedException", errors.NotSupportedError),
    ("ParserException", errors.InternalError),
    ("SyntaxException", errors.InternalError),
    ("CatalogException", errors.InternalError),
    ("BinderException", errors.ProgrammingError),
    ("InvalidInputException", errors.DataError),
    ("DataError", errors.DataError),
    ("IntegrityError", errors.IntegrityError),
    ("OperationalError", errors.OperationalError),
    ("NotSupportedError", errors.NotSupportedError),
    ("ProgrammingError", errors.ProgrammingError),
    ("InternalError", errors.InternalError),
)
#: What a message begins with when it came through Arrow.
_WORDS: Final = {
    "Conversion Error": errors.DataError,
    "Out of Range Error": errors.DataError,
    "Invalid Input Error": errors.DataError,
    "Out of Memory Error": errors.OperationalError,
    "INTERRUPT Error": errors.QueryAborted,
    "Interrupted!": errors.QueryAborted,
}


def meaning(error: BaseException) -> BaseException:
    """What is raised for an error of DuckDB's, or of Arrow's on the way; others as they are."""
    if isinstance(error, (errors.Error, Misfit)) or not isinstance(error, Exception):
        return error
    text = _text(error)
    if isinstance(error, duckdb.Error):
        kind = next((k for n, k in _CLASSES if isinstance(error, _class(n))), errors.DatabaseError)
    else:
        found = next((word for word in _WORDS if word in str(error)), None)
        kind = errors.InternalError if found is None else _WORDS[found]
    return kind(text)


def _class(name: str) -> type[BaseException]:
    found: type[BaseException] = getattr(duckdb, name, _Never)
    return found


class _Never(Exception):
    """Stands for a class that this version of DuckDB lacks."""


def _text(error: Exception) -> str:
    """The message without the place in SQL that nobody wrote, and lists of functions."""
    text = re.split(r"\n+(?:LINE \d|\s*Candidate )", str(error))[0]
    return re.sub(r"^(?:Invalid(?: Input)? Error: )?[A-Z][A-Za-z ]* Error: ", "", text).strip()
