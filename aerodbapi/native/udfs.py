"""User-defined functions: Lua modules on the servers, and running them on single records."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.cluster import info
from aerodbapi.cluster.policy import server_timeout
from aerodbapi.errors import ParameterError, UDFError
from aerodbapi.native.calls import Call
from aerodbapi.native.keys import resolve
from aerodbapi.native.policies import WritePolicy, packed_filter
from aerodbapi.protocol import cdt
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.commands import decode_reply, operate_request
from aerodbapi.protocol.flags import FieldType

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.cluster.policy import Policy
    from aerodbapi.native.results import Key

__all__ = ["UDFModule", "apply", "function_call", "get", "put", "read_file", "remove", "udf_list"]

#: Result codes that are a function's answer: the text of its error is in the reply.
_ANSWERS: Final = frozenset({0, 100})
_SUCCESS: Final = "SUCCESS"
_FAILURE: Final = "FAILURE"


class UDFModule(NamedTuple):
    """A module as the servers list it. `hash`: in hexadecimal digits, of what they store."""

    name: str
    hash: str
    type: str


# ---- running -----------------------------------------------------------------------------------


def function_call(module: str, function: str, args: Sequence[Any] | None) -> tuple[Any, ...]:
    """(module, function, packed arguments), checked. Raises ParameterError (-2), DataError."""
    named: tuple[tuple[str, Any], ...] = (("module", module), ("function", function))
    for what, name in named:
        if not isinstance(name, str) or not name:
            raise ParameterError(f"a {what} is named by text, not {name!r}", result_code=-2)
    if args is not None and not isinstance(args, (list, tuple)):
        raise ParameterError(
            f"the arguments of a function are a list, not {type(args).__name__}", result_code=-2
        )
    return module, function, cdt.pack(list(args or ()))


def apply(
    key: Any, module: str, function: str, args: Sequence[Any] | None, policy: WritePolicy
) -> Call[Any]:
    """Run a function on a record, which need not exist; answers with what it returns.

    Raises UDFError with Lua's message.
    """
    full = resolve(key)
    package, name, packed = function_call(module, function, args)
    fields = (
        (FieldType.UDF_PACKAGE, package.encode()),
        (FieldType.UDF_FUNCTION, name.encode()),
        (FieldType.UDF_ARGS, packed),
    )
    frame = operate_request(
        full[0],
        full[1],
        full[3],
        b"",
        0,
        info2=policy.info2,
        info3=policy.info3,
        info4=policy.info4,
        ttl=policy.ttl & 0xFFFFFFFF,
        timeout_ms=server_timeout(policy),
        filter=packed_filter(policy.filter),
        key=full[2] if policy.send_key else None,
        extra=fields,
    )
    return Call(full, frame, policy, _returned, write=True, accept=_ANSWERS, txn=policy.txn)


def _returned(body: bytes, key: Key) -> Any:
    code, _, _, bins = decode_reply(body)
    if code or _FAILURE in bins:
        raise UDFError(str(bins.get(_FAILURE) or "the UDF failed"), result_code=100)
    return bins.get(_SUCCESS)


# ---- modules -----------------------------------------------------------------------------------


def read_file(filename: str) -> bytes:
    """The source in a file. Raises ParameterError (-2) when it cannot be read."""
    try:
        with open(filename, "rb") as file:
            return file.read()
    except (OSError, TypeError, ValueError) as error:
        raise ParameterError(f"no Lua module can be read: {error}", result_code=-2) from None


def put(
    cluster: Cluster,
    filename: str,
    source: bytes | str | None = None,
    language: int = 0,
    *,
    policy: Policy,
) -> Conversation[None]:
    """Store a Lua module on every node; return when all of them have it.

    `filename`: a path, whose last part becomes the module's name. `source`: the module's text,
    None to read the file. Raises UDFError when Lua refuses it.
    """
    _check_language(language)
    content = read_file(filename) if source is None else source
    if isinstance(content, str):
        content = content.encode()
    name = _checked(PurePath(filename).name)
    text = base64.b64encode(content).decode()
    yield from _ask(
        cluster,
        f"udf-put:filename={name};content={text};content-len={len(text)};udf-type=LUA;",
        policy,
    )

    def ready() -> Conversation[bool]:
        try:
            answers = yield from info.info_all(cluster, f"udf-get:filename={name};", policy=policy)
        except UDFError:
            return False  # a node that does not have it yet
        return all(wire.pairs(answer).get("content") == text for answer in answers.values())

    yield from info.poll(
        cluster, ready, total_timeout=policy.total_timeout, what=f"storing the module {name}"
    )


def remove(cluster: Cluster, filename: str, *, policy: Policy) -> Conversation[None]:
    """Remove a module from every node; return when none has it. Missing ones are no error."""
    name = _checked(filename)
    yield from _ask(cluster, f"udf-remove:filename={name};", policy, missing_ok=True)

    def ready() -> Conversation[bool]:
        found = yield from _everywhere(cluster, policy)
        return not any(module.name == name for modules in found for module in modules)

    yield from info.poll(
        cluster, ready, total_timeout=policy.total_timeout, what=f"removing the module {name}"
    )


def udf_list(cluster: Cluster, *, policy: Policy) -> Conversation[list[UDFModule]]:
    """The modules of some node, by name."""
    text = yield from _ask(cluster, "udf-list", policy)
    return _modules(text)


def get(cluster: Cluster, module: str, language: int = 0, *, policy: Policy) -> Conversation[str]:
    """A module's source. Raises UDFError when there is no such module."""
    _check_language(language)
    text = yield from _ask(cluster, f"udf-get:filename={_checked(module)};", policy)
    content = wire.pairs(text).get("content", "")
    return base64.b64decode(content).decode("utf-8", "surrogateescape")


def _check_language(language: Any) -> None:
    if language != 0:
        raise ParameterError(f"functions are written in Lua (0), not {language!r}", result_code=-2)


def _everywhere(cluster: Cluster, policy: Policy) -> Conversation[list[list[UDFModule]]]:
    answers = yield from info.info_all(cluster, "udf-list", policy=policy)
    return [_modules(text) for text in answers.values()]


def _modules(text: str) -> list[UDFModule]:
    modules = []
    for line in text.split(";"):
        fields = wire.pairs(line, ",")
        if fields.get("filename"):
            modules.append(
                UDFModule(fields["filename"], fields.get("hash", ""), fields.get("type", "LUA"))
            )
    return sorted(modules)


def _checked(name: Any) -> str:
    if not isinstance(name, str) or not name or any(c in name for c in ";:=\t\r\n\0"):
        raise ParameterError(
            f"a module's name is text without ';', ':', '=' and newlines, not {name!r}",
            result_code=-2,
        )
    return name


def _ask(
    cluster: Cluster, command: str, policy: Policy, *, missing_ok: bool = False
) -> Conversation[str]:
    """Ask some node; what it says of modules and of Lua is said clearly."""
    try:
        answers = yield from info.info_one(cluster, command, policy=policy)
    except UDFError as error:
        fields = wire.pairs("error=" + error.message.partition(" [info command")[0])
        if missing_ok and fields["error"] == "not_found":
            return ""
        error.args = (_lua_message(fields),)
        raise
    return next(iter(answers.values()))


def _lua_message(fields: dict[str, str]) -> str:
    """What "error=compile_error;file=…;line=…;message=<base 64>" says."""
    parts = [fields["error"]]
    if fields.get("file"):
        parts.append(f"{fields['file']}:{fields.get('line', '?')}")
    if fields.get("message"):
        try:
            parts.append(base64.b64decode(fields["message"], validate=True).decode())
        except ValueError:
            parts.append(fields["message"])
    return ": ".join(parts)
