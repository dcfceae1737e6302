"""Commands that change definitions or the session: modules, users, roles, settings, KILL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import jobs
from aerodbapi.dbapi.looking import PRIVILEGE_NAMES
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import Error, ProgrammingError, RecordNotFound
from aerodbapi.native import udfs, users
from aerodbapi.native.policies import ADMIN, INFO

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session

__all__ = ["COMMANDS"]

_Command = Callable[..., "Conversation[Outcome]"]
_CODES: Final = {name: code for code, name in PRIVILEGE_NAMES.items()}
_NO_USER: Final = 60
_NO_ROLE: Final = 70
_U64: Final = (1 << 64) - 1


# ---- modules and jobs --------------------------------------------------------------------------


def _register(session: Session, name: Any, source: Any) -> Conversation[Outcome]:
    """Store a module: the file at the path `name`, or the text `source` under that name."""
    if not isinstance(name, str) or not isinstance(source, (str, bytes, type(None))):
        raise ProgrammingError("REGISTER MODULE takes a path, or a name and the module's text")
    yield from udfs.put(session.cluster, name, source, policy=INFO)
    return Outcome(messages=[])


def _remove(session: Session, name: Any) -> Conversation[Outcome]:
    found = yield from udfs.udf_list(session.cluster, policy=INFO)
    if name not in [module.name for module in found]:
        raise ProgrammingError(f"there is no module {name}")
    yield from udfs.remove(session.cluster, name, policy=INFO)
    return Outcome()


def _kill(session: Session, kind: str, job: Any) -> Conversation[Outcome]:
    """End a query on all nodes."""
    number = int(job) if isinstance(job, str) and job.isdecimal() else job
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _U64:
        raise ProgrammingError(f"KILL {kind} takes the number of a job, not {job!r}")
    if not (yield from jobs.abort(session.cluster, number)):
        raise RecordNotFound(f"no node is at work on the {kind.lower()} {number}", result_code=2)
    return Outcome()


# ---- the session -------------------------------------------------------------------------------


def _set(session: Session, name: str, value: Any) -> Conversation[Outcome]:
    yield from ()
    if name == "NAMESPACE":
        session.cluster.check_namespace(value)
    session.settings.put(name, value)
    return Outcome()


def _reset(session: Session, name: str) -> Conversation[Outcome]:
    yield from ()
    session.settings.reset(name)
    return Outcome()


def _use(session: Session, namespace: str) -> Conversation[Outcome]:
    return (yield from _set(session, "NAMESPACE", namespace))


# ---- users and roles ---------------------------------------------------------------------------


def _then(talk: Conversation[None]) -> Conversation[Outcome]:
    yield from talk
    return Outcome()


def _password(value: Any) -> str:
    if not isinstance(value, str):
        raise ProgrammingError(f"a password is text, not {type(value).__name__}")
    return value


def _create_user(
    session: Session, user: str, password: Any, roles: Sequence[str]
) -> Conversation[Outcome]:
    talk = users.create_user(session.cluster, user, _password(password), roles, policy=ADMIN)
    return _then(talk)


def _dropping(drop: Callable[..., Conversation[None]], missing: int) -> _Command:
    def command(session: Session, name: str, if_exists: bool) -> Conversation[Outcome]:
        try:
            yield from drop(session.cluster, name, policy=ADMIN)
        except Error as error:
            if not (if_exists and error.result_code == missing):
                raise
        return Outcome()

    return command


def _set_password(session: Session, password: Any, user: str | None) -> Conversation[Outcome]:
    """Anybody's password, as a user administrator; or one's own."""
    new, own = _password(password), session.conninfo.user
    if user is not None and user != own:
        yield from users.set_password(session.cluster, user, new, policy=ADMIN)
        return Outcome()
    old = session.conninfo.password
    if own is None or old is None:
        raise ProgrammingError("SET PASSWORD without FOR is about oneself, and nobody logged in")
    yield from users.change_password(session.cluster, own, new, old, policy=ADMIN)
    session.conninfo = session.conninfo.replace(password=new)
    session.use_password(new)
    return Outcome()


def _roles(change: Callable[..., Conversation[None]]) -> _Command:
    def command(session: Session, user: str, roles: Sequence[str]) -> Conversation[Outcome]:
        return _then(change(session.cluster, user, roles, policy=ADMIN))

    return command


def _privileges(privileges: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"code": _CODES[name], "ns": namespace, "set": set_name}
        for name, namespace, set_name in privileges
    ]


def _changing(change: Callable[..., Conversation[None]]) -> _Command:
    def command(session: Session, role: str, privileges: Any) -> Conversation[Outcome]:
        return _then(change(session.cluster, role, _privileges(privileges), policy=ADMIN))

    return command


def _create_role(
    session: Session,
    role: str,
    privileges: Any,
    whitelist: Sequence[str],
    read_quota: int,
    write_quota: int,
) -> Conversation[Outcome]:
    return _then(
        users.create_role(
            session.cluster,
            role,
            _privileges(privileges),
            whitelist,
            read_quota,
            write_quota,
            policy=ADMIN,
        )
    )


def _set_whitelist(session: Session, role: str, addresses: Sequence[str]) -> Conversation[Outcome]:
    return _then(users.set_whitelist(session.cluster, role, addresses, policy=ADMIN))


def _set_quotas(
    session: Session, role: str, read: int | None, write: int | None
) -> Conversation[Outcome]:
    if read is None or write is None:
        known = yield from users.query_role(session.cluster, role, policy=ADMIN)
        read = known.read_quota if read is None else read
        write = known.write_quota if write is None else write
    yield from users.set_quotas(session.cluster, role, read, write, policy=ADMIN)
    return Outcome()


#: What a plan's Command names → the conversation that does it.
COMMANDS: Final[Mapping[str, _Command]] = MappingProxyType(
    {
        "REGISTER MODULE": _register,
        "REMOVE MODULE": _remove,
        "KILL": _kill,
        "SET": _set,
        "RESET": _reset,
        "USE": _use,
        "CREATE USER": _create_user,
        "DROP USER": _dropping(users.drop_user, _NO_USER),
        "SET PASSWORD": _set_password,
        "GRANT ROLES": _roles(users.grant_roles),
        "REVOKE ROLES": _roles(users.revoke_roles),
        "CREATE ROLE": _create_role,
        "DROP ROLE": _dropping(users.drop_role, _NO_ROLE),
        "GRANT PRIVILEGES": _changing(users.grant_privileges),
        "REVOKE PRIVILEGES": _changing(users.revoke_privileges),
        "SET WHITELIST": _set_whitelist,
        "SET QUOTAS": _set_quotas,
    }
)
