"""The settings of a session: AQL's, and ours. SET changes them for this connection, at once.

Most of them are fields of the session's policies; the others are kept here for whoever asks:
`OUTPUT` and its like for the command line, `NO_BINS` for the statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import ProgrammingError
from aerodbapi.frozen import frozen, replace
from aerodbapi.grammar import ast
from aerodbapi.protocol.flags import TTL_KEEP, TTL_NEVER

if TYPE_CHECKING:
    from aerodbapi.dbapi.session import Session
    from aerodbapi.grammar.ast import Statement

__all__ = ["SETTINGS", "Settings"]

_BOOLEANS: Final = {
    **dict.fromkeys(("TRUE", "T", "1", "ON", "YES"), True),
    **dict.fromkeys(("FALSE", "F", "0", "OFF", "NO"), False),
}
_LARGEST: Final = 0x7FFFFFFF
_TTL_SHOWN: Final = {TTL_NEVER: -1, TTL_KEEP: -2}


# ---- values ------------------------------------------------------------------------------------


def _boolean(value: Any) -> bool:
    found = value if isinstance(value, bool) else _BOOLEANS.get(str(value).upper())
    if found is None:
        raise ValueError("TRUE or FALSE")
    return found


def _number(low: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = low - 1
        if isinstance(value, (bool, float)) or not low <= number <= _LARGEST:
            raise ValueError(f"a whole number from {low} on")
        return number

    return check


def _ttl(value: Any) -> int:
    number = _number(-2)(value)
    return {-1: TTL_NEVER, -2: TTL_KEEP}.get(number, number)


def _one_of(*words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        word = str(value).upper()
        if word not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return word

    return check


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text")
    return value


def _shown(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


# ---- where they are kept -----------------------------------------------------------------------


@frozen
class _Setting:
    """`check` makes a value of what was given (ValueError says what is wanted)."""

    check: Callable[[Any], Any]
    get: Callable[[Session], Any]
    put: Callable[[Session, Any], None]
    meaning: str


_BATCHES: Final = ("batch_policy", "batch_write_policy")
_POLICIES: Final = {
    "point": ("read_policy", "write_policy"),
    "all": ("read_policy", "write_policy", *_BATCHES, "query_policy"),
    "reads": ("read_policy", "batch_policy", "query_policy"),
    "batch": _BATCHES,
    "query": ("query_policy",),
    "write": ("write_policy",),
    "stores": ("write_policy", "query_policy"),
    "read": ("read_policy",),
}


def _policy(
    which: str, field: str, check: Callable[[Any], Any], meaning: str, shown: Any = None
) -> _Setting:
    """A field of some of the session's policies."""
    names = _POLICIES[which]

    def get(session: Session) -> Any:
        value = getattr(getattr(session, names[0]), field)
        return value if shown is None else shown(value)

    def put(session: Session, value: Any) -> None:
        for name in names:
            setattr(session, name, replace(getattr(session, name), **{field: value}))

    return _Setting(check, get, put, meaning)


def _local(name: str, check: Callable[[Any], Any], meaning: str) -> _Setting:
    """A value that is only kept."""

    def put(session: Session, value: Any) -> None:
        session.settings.local[name] = value

    return _Setting(check, lambda session: session.settings.local[name], put, meaning)


def _conninfo(field: str, check: Callable[[Any], Any], meaning: str) -> _Setting:
    """An option of the connection."""

    def put(session: Session, value: Any) -> None:
        session.conninfo = session.conninfo.replace(**{field: value})

    def get(session: Session) -> Any:
        return getattr(session.conninfo, field)

    return _Setting(check, get, put, meaning)


def _linearize(session: Session, value: bool) -> None:
    mode = "linearize" if value else "session"
    for name in ("read_policy", "batch_policy"):
        policy = replace(getattr(session, name), read_mode_sc=mode, linearize=value)
        setattr(session, name, policy)


def _any_replica(session: Session, value: bool) -> None:
    replica = "any" if value else session.conninfo.replica
    for name in _POLICIES["reads"]:
        setattr(session, name, replace(getattr(session, name), replica=replica))


def _silence(session: Session, value: int) -> None:
    milliseconds = session.conninfo.socket_timeout if value < 0 else value
    for name in _POLICIES["all"]:
        setattr(session, name, replace(getattr(session, name), socket_timeout=milliseconds))


#: What `local` holds at the beginning.
_LOCAL: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "ECHO": False,
        "VERBOSE": False,
        "OUTPUT": "TABLE",
        "OUTPUT_TYPES": True,
        "LUA_USERPATH": "",
        "RECORD_PRINT_METADATA": False,
        "NO_BINS": False,
        "USE_SMD": False,
        "FAIL_ON_CLUSTER_CHANGE": True,
        "SCAN_PRIORITY": "AUTO",
        "TIMING": True,
        "PAGER": True,
    }
)
_NOTHING: Final = "taken from older programs, without effect"

#: Every setting by its name.
SETTINGS: Final[Mapping[str, _Setting]] = MappingProxyType(
    {
        "BATCH_TIMEOUT": _policy("batch", "total_timeout", _number(0), "ms of a batch, 0 is none"),
        "DURABLE_DELETE": _policy("stores", "durable_delete", _boolean, "deletes leave tombstones"),
        "ECHO": _local("ECHO", _boolean, "print each statement first"),
        "FAIL_ON_CLUSTER_CHANGE": _local("FAIL_ON_CLUSTER_CHANGE", _boolean, _NOTHING),
        "KEY_SEND": _policy("write", "send_key", _boolean, "store the key with the record"),
        "LINEARIZE_READ": _Setting(
            _boolean,
            lambda session: session.read_policy.read_mode_sc == "linearize",
            _linearize,
            "reads in strong consistency see the last write",
        ),
        "LUA_USERPATH": _local(
            "LUA_USERPATH", _text, "folder of modules for AGGREGATE; empty: those of the cluster"
        ),
        "MAX_ROWS": _conninfo("max_rows", _number(0), "a statement gives at most, 0 any number"),
        "NAMESPACE": _conninfo("namespace", _text, "where tables without a namespace are"),
        "NO_BINS": _local("NO_BINS", _boolean, "SELECT * gives digests only"),
        "OUTPUT": _local(
            "OUTPUT", _one_of("TABLE", "JSON", "CSV", "RAW", "MUTE"), "how results are printed"
        ),
        "OUTPUT_TYPES": _local("OUTPUT_TYPES", _boolean, "lists and maps are marked as such"),
        "PAGER": _local("PAGER", _boolean, "tables wider or longer than the terminal are paged"),
        "PROFILE": _conninfo(
            "profile",
            lambda value: _one_of("AQL", "SQL")(value).lower(),
            'what "x" and INSERT mean',
        ),
        "QUERY_TIMEOUT": _policy("query", "total_timeout", _number(0), "ms of a query, 0 is none"),
        "RECORD_PRINT_METADATA": _local(
            "RECORD_PRINT_METADATA", _boolean, "SELECT * shows digest, set, ttl and generation"
        ),
        "RECORD_TTL": _policy(
            "write",
            "ttl",
            _ttl,
            "seconds; 0 the namespace's default, -1 never, -2 keep",
            lambda value: _TTL_SHOWN.get(value, value),
        ),
        "REPLICA_ANY": _Setting(
            _boolean,
            lambda session: session.read_policy.replica == "any",
            _any_replica,
            "read from any copy",
        ),
        "SCANS": _conninfo(
            "scans",
            lambda value: _one_of("ALLOW", "LIMIT", "REFUSE")(value).lower(),
            "whether sets may be read without key or index",
        ),
        "SCAN_PRIORITY": _local("SCAN_PRIORITY", str, _NOTHING),
        "SCAN_RECORDS_PER_SECOND": _policy(
            "query", "records_per_second", _number(0), "of each node, 0 is without limit"
        ),
        "SOCKET_TIMEOUT": _Setting(
            _number(-1),
            lambda session: session.read_policy.socket_timeout,
            _silence,
            "ms of silence, 0 is none, -1 as the connection was opened",
        ),
        "TIMEOUT": _policy("point", "total_timeout", _number(0), "ms of a command on one record"),
        "TIMING": _local("TIMING", _boolean, "print how long statements took"),
        "USE_SMD": _local("USE_SMD", _boolean, _NOTHING),
        "VERBOSE": _local("VERBOSE", _boolean, "say what is done"),
    }
)


class Settings:
    """One session's settings by name."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.local: dict[str, Any] = dict(_LOCAL)
        self._defaults: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return SETTINGS[name].get(self._session)

    def put(self, name: str, value: Any) -> None:
        """Change a setting. Raises ProgrammingError for a value that it cannot have."""
        setting = _known(name)
        try:
            checked = setting.check(value)
        except ValueError as error:
            raise ProgrammingError(f"{name} is {error}, not {value!r}") from None
        self._defaults.setdefault(name, setting.get(self._session))
        setting.put(self._session, checked)
        self._session.forget_plans()

    def reset(self, name: str) -> None:
        """Give a setting (or ALL) the value that it had when the connection was opened."""
        for each in list(self._defaults) if name == "ALL" else [name]:
            setting = _known(each)
            if each in self._defaults:
                default = self._defaults.pop(each)
                setting.put(self._session, _ttl(default) if each == "RECORD_TTL" else default)
        self._session.forget_plans()

    def rows(self, name: str = "ALL") -> Iterator[tuple[str, str | None, str | None, str]]:
        """(name, value, default, meaning) of one setting, or of ALL."""
        for each in sorted(SETTINGS) if name == "ALL" else [name]:
            setting = _known(each)
            value = setting.get(self._session)
            default = self._defaults.get(each, value)
            yield each, _shown(value), _shown(default), setting.meaning

    def as_shown(self, tree: Statement) -> Statement:
        """A SELECT * with what NO_BINS and RECORD_PRINT_METADATA make of its columns."""
        bare, metadata = self.local["NO_BINS"], self.local["RECORD_PRINT_METADATA"]
        if not (bare or metadata) or not isinstance(tree, ast.Select) or tree.table is None:
            return tree
        items: list[ast.SelectItem] = []
        for item in tree.items:
            if not isinstance(item.expression, ast.Star):
                items.append(item)
                continue
            items += [] if bare else [item]
            wanted = _METADATA if metadata else _METADATA[:1]
            items += (
                ast.SelectItem(ast.Column(name, item.expression.table), shown, True)
                for name, shown in wanted
            )
        return replace(tree, items=tuple(items))


#: Metadata columns, and what they are called in a result.
_METADATA: Final = (
    ("__digest", "{digest}"),
    ("__set", "{set}"),
    ("__ttl", "{ttl}"),
    ("__gen", "{gen}"),
)


def _known(name: str) -> _Setting:
    setting = SETTINGS.get(name)
    if setting is None:
        raise ProgrammingError(f"there is no setting {name}; SHOW SETTINGS lists them")
    return setting
