"""Facts that need no record: STAT, ASINFO, DESC MODULE, GET, and SHOW's users, roles and jobs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import info, info_texts
from aerodbapi.cluster.effects import Emit
from aerodbapi.errors import ProgrammingError, UDFError
from aerodbapi.native import users
from aerodbapi.native.policies import ADMIN
from aerodbapi.plan import operations as plans
from aerodbapi.plan.values import resolve
from aerodbapi.protocol import info as wire

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.plan import actions

__all__ = ["LOOKS", "SHOWS", "look"]

_Rows = list[tuple[Any, ...]]
_Dicts = list[dict[str, Any]]
#: Privileges by their codes on the wire.
PRIVILEGE_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        code: name.lower().replace("_", "-")
        for name, code in vars(users.Privilege).items()
        if name.isupper()
    }
)


def look(session: Session, action: actions.Look, values: Sequence[Any]) -> Conversation[int]:
    """Emit the rows of one look."""
    arguments = [
        resolve(value, values)
        if isinstance(value, (plans.Slot, plans.Constant, plans.Computed))
        else value
        for value in action.arguments
    ]
    rows = yield from LOOKS[action.what](session, *arguments)
    yield Emit(rows)
    return len(rows)


def _words(*names: str) -> tuple[str, ...]:
    """Names that stay in their place in an info command."""
    for name in names:
        if not name or any(c in name for c in "/;:\n\t\0"):
            raise ProgrammingError(f"{name!r} cannot be the name of a namespace or an index")
    return names


# ---- STAT, ASINFO ------------------------------------------------------------------------------


def _statistics(session: Session, kind: str, *names: str) -> Conversation[_Rows]:
    """(node, name, value) of each node's statistics."""
    if kind != "SYSTEM":
        session.cluster.check_namespace(names[0])
    command = "statistics"
    if kind == "NAMESPACE":
        command = f"namespace/{_words(*names)[0]}"
    elif kind == "INDEX":
        version = info.lowest_version(session.cluster)
        command = info_texts.sindex_stat(version, *_words(*names))
    answers = yield from info.info_all(session.cluster, command)
    return [
        (_address(session, node), name, value)
        for node, text in answers.items()
        for name, value in wire.pairs(text.strip()).items()
    ]


def _address(session: Session, name: str) -> str:
    node = session.cluster.nodes.get(name)
    return name if node is None else str(node.address)


def _info(session: Session, command: Any) -> Conversation[_Rows]:
    if not isinstance(command, str) or not command.strip() or "\n" in command.strip():
        raise ProgrammingError(f"ASINFO takes one info command as text, not {command!r}")
    text = command.strip()
    answers = yield from info.info_all(session.cluster, text)
    return [
        (_address(session, node), text, answer.rstrip("\n")) for node, answer in answers.items()
    ]


# ---- modules, settings -------------------------------------------------------------------------


def _module(session: Session, name: Any) -> Conversation[_Rows]:
    """The text of a module, with what SHOW MODULES says of it."""
    if not isinstance(name, str) or not name or any(c in name for c in ";:=\t\n\0"):
        raise ProgrammingError(f"a module is named by text, not {name!r}")
    answers = yield from info.info_one(session.cluster, f"udf-get:filename={name};")
    facts = wire.pairs(next(iter(answers.values())))
    content = base64.b64decode(facts.get("content", "")).decode("utf-8", "replace")
    listed = yield from info.info_one(session.cluster, "udf-list")
    found = [wire.pairs(entry, ",") for entry in next(iter(listed.values())).split(";")]
    digest = next((entry.get("hash") for entry in found if entry.get("filename") == name), None)
    if not facts.get("content"):
        raise UDFError(f"there is no module {name}", result_code=100)
    return [(name, facts.get("type"), digest, content)]


def _settings(session: Session, name: str) -> Conversation[_Rows]:
    yield from ()
    return list(session.settings.rows(name))


#: What a plan's Look names → its rows.
LOOKS: Final[Mapping[str, Callable[..., Conversation[_Rows]]]] = MappingProxyType(
    {
        "statistics": _statistics,
        "info": _info,
        "module": _module,
        "settings": _settings,
    }
)


# ---- SHOW --------------------------------------------------------------------------------------


def _show_settings(session: Session, arguments: tuple[str, ...]) -> Conversation[_Dicts]:
    yield from ()
    names = ("name", "value", "default", "meaning")
    return [dict(zip(names, row)) for row in session.settings.rows()]


def _show_users(session: Session, arguments: tuple[str, ...]) -> Conversation[_Dicts]:
    found = yield from users.query_users(session.cluster, policy=ADMIN)
    return [_user_row(name, found[name]) for name in sorted(found)]


def _show_user(session: Session, arguments: tuple[str, ...]) -> Conversation[_Dicts]:
    """One user, or without a name oneself."""
    name = ".".join(arguments) or session.conninfo.user
    if name is None:
        raise ProgrammingError("SHOW USER takes a name: nobody has logged in")
    found = yield from users.query_user(session.cluster, name, policy=ADMIN)
    return [_user_row(name, found)]


def _user_row(name: str, user: users.User) -> dict[str, Any]:
    return {
        "user": name,
        "roles": ", ".join(sorted(user.roles)),
        "connections": user.conns_in_use,
        "read_quota": user.read_info[0] if user.read_info else 0,
        "write_quota": user.write_info[0] if user.write_info else 0,
    }


def _show_roles(session: Session, arguments: tuple[str, ...]) -> Conversation[_Dicts]:
    found = yield from users.query_roles(session.cluster, policy=ADMIN)
    return [_role_row(name, found[name]) for name in sorted(found)]


def _show_role(session: Session, arguments: tuple[str, ...]) -> Conversation[_Dicts]:
    name = ".".join(arguments)
    if not name:
        raise ProgrammingError("SHOW ROLE takes a name; SHOW ROLES shows all of them")
    found = yield from users.query_role(session.cluster, name, policy=ADMIN)
    return [_role_row(name, found)]


def _role_row(name: str, role: users.Role) -> dict[str, Any]:
    return {
        "role": name,
        "privileges": ", ".join(map(privilege_text, role.privileges)),
        "whitelist": ", ".join(role.whitelist),
        "read_quota": role.read_quota,
        "write_quota": role.write_quota,
    }


def privilege_text(privilege: Mapping[str, Any]) -> str:
    """A privilege as GRANT takes it."""
    name = PRIVILEGE_NAMES.get(privilege["code"], str(privilege["code"]))
    return ".".join(filter(None, (name, privilege["ns"], privilege["set"])))


#: Columns of SHOW QUERIES → the names that servers have for them.
_JOB_FACTS: Final = {
    "job": ("trid", "id"),
    "namespace": ("ns", "namespace"),
    "set": ("set",),
    "kind": ("job-type",),
    "module": ("udf-filename",),
    "function": ("udf-function",),
    "index": ("sindex-name",),
    "status": ("status",),
    "progress": ("job-progress",),
    "run_time": ("run-time",),
    "records": ("recs-succeeded", "recs-read"),
    "from": ("from",),
}
_NUMBERS: Final = frozenset({"run_time", "records"})


def _jobs(wanted: Callable[[Mapping[str, str]], bool]) -> Callable[..., Conversation[_Dicts]]:
    """SHOW QUERIES, SCANS and JOBS: what the nodes know of queries, those that are over too."""

    def show(session: Session, arguments: tuple[str, ...]) -> Conversation[_Dicts]:
        version = info.lowest_version(session.cluster)
        command = "query-show" if version >= (5, 7) else "jobs:module=query"
        answers = yield from info.info_all(session.cluster, command)
        return [
            _job_row(_address(session, node), facts)
            for node, text in answers.items()
            for facts in _entries(text)
            if wanted(facts)
        ]

    return show


def _entries(text: str) -> Iterator[dict[str, str]]:
    for entry in text.strip().split(";"):
        if entry:
            yield wire.pairs(entry, ":")


def _job_row(node: str, facts: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"node": node}
    for column, names in _JOB_FACTS.items():
        value: Any = next((facts[name] for name in names if facts.get(name)), None)
        if column in _NUMBERS:
            value = int(value) if value is not None and value.isdecimal() else None
        elif column == "progress":
            value = None if value is None else float(value)
        row[column] = value
    return row


def _is_index_query(facts: Mapping[str, str]) -> bool:
    return bool(facts.get("sindex-name"))


def _show_functions(session: Session, arguments: tuple[str, ...]) -> Conversation[_Dicts]:
    """Functions by name: which are worked out anywhere, and which by the engine only."""
    from aerodbapi.plan import bin_functions, functions
    from aerodbapi.relational import functions as engine

    yield from ()
    found: dict[str, dict[str, Any]] = {}
    for kind, needs_engine, names in (
        ("scalar", True, engine.NAMES),
        ("window", True, engine.WINDOWS),
        ("aggregate", True, engine.AGGREGATES),
        ("scalar", False, functions.FUNCTIONS),
    ):
        for name in names:
            row = {"function": name, "kind": kind, "engine": needs_engine, "usage": None}
            found[name] = row
    for name, function in bin_functions.FUNCTIONS.items():
        row = {"function": name, "kind": "operation", "engine": False, "usage": function.usage}
        found.setdefault(name, row)["usage"] = function.usage
    return [found[name] for name in sorted(found)]


#: What SHOW names beside `showing.SHOWS`.
SHOWS: Final[Mapping[str, Callable[..., Conversation[_Dicts]]]] = MappingProxyType(
    {
        "settings": _show_settings,
        "functions": _show_functions,
        "users": _show_users,
        "user": _show_user,
        "roles": _show_roles,
        "role": _show_role,
        "jobs": _jobs(lambda facts: True),
        "queries": _jobs(_is_index_query),
        "scans": _jobs(lambda facts: not _is_index_query(facts)),
    }
)
