"""What could come next where the cursor stands: words of the language, and names of the cluster."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from aerodbapi.errors import Error
from aerodbapi.grammar import keywords
from aerodbapi.grammar.scripts import statements
from aerodbapi.grammar.settings import SETTINGS
from aerodbapi.grammar.tokens import words

if TYPE_CHECKING:
    from aerodbapi.dbapi.connection import Connection

__all__ = ["FUNCTIONS", "STATEMENTS", "Names", "completions"]

STATEMENTS: Final = words(
    "SELECT INSERT UPSERT REPLACE UPDATE DELETE TRUNCATE CREATE DROP ALTER SHOW DESCRIBE DESC"
    " EXPLAIN EXECUTE AGGREGATE OPERATE CALL REGISTER REMOVE STAT ASINFO KILL SET GET RESET USE"
    " RUN GRANT REVOKE REFRESH BEGIN COMMIT ROLLBACK WITH VALUES HELP EXIT"
)
FUNCTIONS: Final = words(
    "COUNT SUM AVG MIN MAX COALESCE NULLIF CAST UPPER LOWER LENGTH SUBSTRING TRIM REPLACE ROUND"
    " ABS LIST_CONTAINS LIST_APPEND LIST_SIZE LIST_GET MAP_PUT MAP_HAS_KEY MAP_HAS_VALUE"
    " MAP_GET_BY_KEY GEO_WITHIN GEO_CONTAINS CURRENT_TIMESTAMP CURRENT_DATE EXTRACT DATE_TRUNC"
    " LIST MAP JSON GEOJSON"
)
SHOWN: Final = words(
    "NAMESPACES SETS BINS INDEXES MODULES NODES QUERIES SCANS JOBS FUNCTIONS SETTINGS USERS ROLES"
    " STATISTICS TABLES"
)
#: The values of settings that are words.
_VALUES: Final = {
    "OUTPUT": words("TABLE JSON CSV RAW MUTE"),
    "PROFILE": words("AQL SQL"),
}
_TRUTH: Final = words("TRUE FALSE")
#: Words behind which a table stands.
_TABLES: Final = frozenset(words("FROM INTO UPDATE JOIN TABLE TRUNCATE ON DESCRIBE"))
_WORD: Final = re.compile(r"[\w$.\\-]*\Z")
_TOKEN: Final = re.compile(r"'(?:[^']|'')*'?|\"(?:[^\"]|\"\")*\"?|[\w$-]+(?:\.[\w$*-]+)*|\S")
_TABLE_NAMES: Final = re.compile(
    r"\b(?:FROM|INTO|UPDATE|JOIN|ON)\s+([\w$-]+(?:\.[\w$-]+)?)", re.IGNORECASE
)
_OPEN: Final = re.compile(r"'[^']*\Z|\"[^\"]*\Z")
_AGE: Final = 30.0  # seconds that names are remembered


class Names:
    """The names that a connection's cluster knows, asked for when they are wanted."""

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._kept: dict[str, tuple[float, list[str]]] = {}

    def _asked(self, statement: str, column: int) -> list[str]:
        """A column of a statement's rows; [] where that fails."""
        now = self._clock()
        known = self._kept.get(statement)
        if known is not None and known[0] > now:
            return known[1]
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                found = [str(row[column]) for row in cursor.fetchall() if row[column]]
        except Error:
            found = []
        self._kept[statement] = (now + _AGE, found)
        return found

    def forget(self) -> None:
        """Ask again: a statement may have changed the names."""
        self._kept = {}

    def namespaces(self) -> list[str]:
        return self._asked("SHOW NAMESPACES", 0)

    def sets(self, namespace: str) -> list[str]:
        return self._asked(f'SHOW SETS FROM "{namespace}"', 1)

    def bins(self, table: str) -> list[str]:
        namespace, _, set_name = table.partition(".")
        if not set_name:
            default = self.default
            if default is None:
                return []
            namespace, set_name = default, namespace
        return self._asked(f'SHOW BINS "{namespace}"."{set_name}"', 2)

    def modules(self) -> list[str]:
        return self._asked("SHOW MODULES", 0)

    def indexes(self) -> list[str]:
        return self._asked("SHOW INDEXES", 2)

    @property
    def default(self) -> str | None:
        """The namespace of sets that are named alone; none in AQL."""
        if self._connection.settings["PROFILE"] == "aql":
            return None
        return self._connection.database


def completions(text: str, names: Names) -> tuple[str, list[str]]:
    """(the word begun before the cursor, what it could become) at the end of `text`."""
    last = ""
    for statement, start in statements(text):
        last = text[start:] if not text[start + len(statement) :].strip() else ""
    if _OPEN.search(_closed_away(last)):
        return "", []
    begun = _WORD.search(last)
    prefix = begun.group() if begun else ""
    before: list[str] = _TOKEN.findall(last[: len(last) - len(prefix)])
    found = _candidates(before, prefix, last, names)
    lower = prefix.lower()
    matching = sorted({word for word in found if word.lower().startswith(lower)})
    return prefix, [_cased(word, prefix) for word in matching if word != prefix]


def _closed_away(text: str) -> str:
    """`text` without the strings in it that are closed."""
    return re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "", text)


def _cased(word: str, prefix: str) -> str:
    """A word of the language in the case that was begun."""
    return word.lower() if word.isupper() and prefix.islower() else word


def _candidates(before: list[str], prefix: str, text: str, names: Names) -> Iterable[str]:
    if not before:
        return STATEMENTS
    first, last = before[0].upper(), before[-1].upper()
    special = _BY_FIRST.get(first)
    if special is not None:
        return special(before, names)
    if last in ("MODULE", "PACKAGE"):
        return names.modules()
    if last == "INDEX" and first == "DROP":
        return names.indexes()
    if last == "SHOW":
        return SHOWN
    if last in ("EXECUTE", "AGGREGATE", "CALL"):
        return [f"{name.removesuffix('.lua')}." for name in names.modules()]
    if last in _TABLES or (last in ("IN", "FROM") and first == "SHOW"):
        return _tables(prefix, names)
    bins = [name for table in _TABLE_NAMES.findall(text) for name in names.bins(table)]
    return [*bins, *keywords(), *FUNCTIONS, *(["PK"] if bins else [])]


def _tables(prefix: str, names: Names) -> list[str]:
    namespace, dot, _ = prefix.partition(".")
    if dot:
        return [f"{namespace}.{name}" for name in names.sets(namespace)]
    found = list(names.namespaces())
    if names.default is not None:
        found += names.sets(names.default)
    return found


def _setting(before: list[str], names: Names) -> Iterable[str]:
    if len(before) == 1:
        extra = ("PASSWORD", "WHITELIST", "QUOTAS") if before[0].upper() == "SET" else ("ALL",)
        return [*SETTINGS, *extra]
    return (*_VALUES.get(before[1].upper(), _TRUTH), "DEFAULT")


_BY_FIRST: Final[dict[str, Callable[[list[str], Names], Iterable[str]]]] = {
    "SET": _setting,
    "GET": _setting,
    "RESET": _setting,
    "USE": lambda before, names: names.namespaces(),
    "STAT": lambda before, names: (
        words("SYSTEM NAMESPACE INDEX") if len(before) == 1 else names.namespaces()
    ),
    "KILL": lambda before, names: words("QUERY SCAN"),
}
