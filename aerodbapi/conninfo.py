"""Where and how to connect: URL, keywords and environment become one frozen ConnInfo.

Precedence: keywords, then the URL, then `AEROSPIKE_*` variables, then the defaults below.

====================================================  =======================================
URL                                                   meaning
====================================================  =======================================
``aerospike://user:pw@h1:3000,h2:tlsname:4333/ns?…``  a cluster; hosts are seeds
``aerospike://`` ``aerospike:///`` "" None            embedded node, in memory
``aerospike:///:memory:``                             embedded node, in memory
``aerospike:///data/file.db``                         embedded node, file relative to the
                                                      working directory (as SQLite's URLs)
``aerospike:////srv/file.db``                         embedded node, absolute file
====================================================  =======================================

User, password, namespace, path and query values are percent-decoded ("+" stays "+"). None and
"" read `AEROSPIKE_HOSTS`; a URL never does. Every mistake raises ProgrammingError.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any, Final

from aerodbapi.errors import ProgrammingError
from aerodbapi.frozen import frozen, names

__all__ = ["DEFAULT_PORT", "ConnInfo", "Host", "TLSInfo", "parse"]

DEFAULT_PORT: Final = 3000
_SCHEME: Final = "aerospike"
_MAX_MS: Final = 2**31 - 1  # transaction_ttl travels as a signed 32-bit count of milliseconds
_MAX_TTL: Final = 315_360_000  # ten years: the server's own limit (result code 4 above it)
_TTL_NAMES: Final = {"default": 0, "never": 0xFFFFFFFF, "keep": 0xFFFFFFFE}
_TTL_SIGNED: Final = {-1: 0xFFFFFFFF, -2: 0xFFFFFFFE}
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


@frozen
class Host:
    """A seed. `tls_name`: the name its certificate must carry, when it is not `name`."""

    name: str
    port: int = DEFAULT_PORT
    tls_name: str | None = None

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


@frozen
class TLSInfo:
    """How to encrypt: PEM files; `cafile` None trusts the system's authorities.

    `verify`: check the certificate and its name. `name`: the name it must carry on hosts that
    have no tls_name of their own.
    """

    cafile: str | None = None
    certfile: str | None = None
    keyfile: str | None = None
    keyfile_password: str | None = field(default=None, repr=False)
    verify: bool = True
    name: str | None = None


@frozen
class ConnInfo:
    """Everything that a connection was asked to be. Times are milliseconds unless said.

    Build it with `parse`, change it with `replace`: both check every value.
    """

    hosts: tuple[Host, ...] = ()
    embedded: bool = True
    path: str | None = None  # durable embedded node's file; None: in memory
    memory: str | None = None  # name of an in-memory node that the process shares; None: one's own
    namespace: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    auth: str = "internal"  # internal | external | pki
    profile: str = "sql"  # sql | aql
    tls: TLSInfo | None = None
    cluster_name: str | None = None
    services_alternate: bool = False
    rack_ids: tuple[int, ...] = ()
    replica: str = "sequence"  # sequence | any | prefer_rack | master
    connect_timeout: int = 1000
    login_timeout: int = 5000
    socket_timeout: int = 30_000  # longest silence; 0: none
    timeout: int = 1000  # a single-record command's whole life; 0: none
    batch_timeout: int = 10_000
    query_timeout: int = 0
    max_retries: int = 2
    sleep_between_retries: int = 0
    max_connections: int = 100  # each node
    max_idle: int = 55  # seconds; the server hangs up after 60
    tend_interval: int = 1000
    max_error_rate: int = 100  # errors in a tend interval that break a node's circuit; 0: never
    send_key: bool = True
    ttl: int = 0  # wire value: 0 the namespace's default, 0xFFFFFFFF never, 0xFFFFFFFE keep
    durable_delete: bool = False
    commit: str = "all"  # all | master
    compress: bool = False
    scans: str = "allow"  # allow | limit | refuse: SQL that reads a set without key or index
    max_rows: int = 0  # rows that a statement may return, an error beyond; 0: any number
    records_per_second: int = 0  # of each node, in queries; 0: as fast as it can

    def replace(self, **keywords: Any) -> ConnInfo:
        """Return a copy with `keywords` changed, checked as `parse` checks them.

        `tls_…` keywords change single fields of `tls`; None sets a field to its default.
        """
        values = {name: getattr(self, name) for name in names(ConnInfo)}
        values["tls"] = self.tls is not None
        if self.tls is not None:
            values |= {f"tls_{name}": getattr(self.tls, name) for name in _TLS_FIELDS}
        if keywords.get("hosts") is not None or keywords.get("host") is not None:
            values["path"] = values["embedded"] = None
        elif keywords.get("path") is not None or keywords.get("embedded"):
            values["hosts"] = values["embedded"] = None
        if any(name.startswith("tls_") for name in keywords):
            values["tls"] = None
        return _build({**values, **keywords})


_TLS_FIELDS: Final = names(TLSInfo)

# ---- values ------------------------------------------------------------------------------------

_Check = Callable[[str, Any], Any]


def _integer(low: int, high: int, unit: str = "") -> _Check:
    def check(key: str, value: Any) -> int:
        number = value
        if isinstance(value, str):
            try:
                number = int(value.strip())
            except ValueError:
                number = None
        if isinstance(number, bool) or not isinstance(number, int):
            raise ProgrammingError(f"{key} is a whole number{unit}, not {value!r}")
        if not low <= number <= high:
            raise ProgrammingError(f"{key} is between {low} and {high}{unit}, not {number}")
        return number

    return check


def _boolean(key: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    answer = _BOOLEANS.get(str(value).strip().lower())
    if answer is None:
        raise ProgrammingError(f"{key} is true or false, not {value!r}")
    return answer


def _choice(*names: str) -> _Check:
    def check(key: str, value: Any) -> str:
        name = str(value).strip().lower().replace("-", "_")
        if name not in names:
            raise ProgrammingError(f"{key} is one of {', '.join(names)}, not {value!r}")
        return name

    return check


def _text(key: str, value: Any) -> str:
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str):
        raise ProgrammingError(f"{key} is text, not {type(value).__name__}")
    if "\0" in value:
        raise ProgrammingError(f"{key} contains a zero byte")
    return value


def _secret(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ProgrammingError(f"{key} is text, not {type(value).__name__}")
    return value


def _namespace(key: str, value: Any) -> str:
    name = _text(key, value)
    if not 0 < len(name.encode()) <= 31 or any(c in name for c in ":;/ "):
        raise ProgrammingError(
            f"{key} is a name of 1 to 31 bytes without ':', ';', '/' or space, not {name!r}"
        )
    return name


def _ttl(key: str, value: Any) -> int:
    if isinstance(value, str) and value.strip().lower() in _TTL_NAMES:
        return _TTL_NAMES[value.strip().lower()]
    number: int = _integer(-2, 0xFFFFFFFF, " of seconds")(key, value)
    number = _TTL_SIGNED.get(number, number)
    if number > _MAX_TTL and number not in _TTL_NAMES.values():
        raise ProgrammingError(f"{key} is at most {_MAX_TTL} seconds (ten years), not {number}")
    return number


def _rack_ids(key: str, value: Any) -> tuple[int, ...]:
    items: Iterable[Any] = value.split(",") if isinstance(value, str) else (value,)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = value
    return tuple(_integer(0, 1_000_000)(key, item) for item in items if item != "")


def _host(key: str, value: Any, port: int) -> Host:
    if isinstance(value, Host):
        parts: list[Any] = [value.name, value.port, value.tls_name]
    elif isinstance(value, str):
        parts = list(_split_host(key, value, port))
    else:
        parts = list(value) if isinstance(value, (tuple, list)) else []
    if not 1 <= len(parts) <= 3:
        raise ProgrammingError(
            f"{key} holds 'host:port' or (host, port[, tls_name]), not {value!r}"
        )
    name, number, tls_name = parts + [None] * (3 - len(parts))
    name = _text(key, name)
    if not name or any(c.isspace() or c in "/@?#" for c in name):
        raise ProgrammingError(f"{key}: {name!r} is not a host name")
    number = _integer(1, 65535)("port", port if number is None else number)
    return Host(name, number, _text("tls_name", tls_name) if tls_name else None)


def _split_host(key: str, text: str, port: int) -> tuple[str, Any, str | None]:
    """Split `host`, `host:port`, `host:tlsname:port`, `[v6]:port` or `[v6]:tlsname:port`."""
    text = text.strip()
    if text.startswith("["):
        name, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ProgrammingError(f"{key}: an IPv6 address looks like [::1]:3000, not {text!r}")
        parts = rest[1:].split(":") if rest else []
    else:
        name, *parts = text.split(":")
    if len(parts) > 2:
        raise ProgrammingError(
            f"{key}: {text!r} has too many colons (an IPv6 address stands in brackets: [::1]:3000)"
        )
    return name, (parts[-1] or port) if parts else port, parts[0] if len(parts) == 2 else None


def _is_ipv6(text: Any) -> bool:
    import ipaddress

    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return isinstance(text, str)


def _hosts(key: str, value: Any, port: int = DEFAULT_PORT) -> tuple[Host, ...]:
    if isinstance(value, (str, Host)):
        value = value.split(",") if isinstance(value, str) else (value,)
    elif isinstance(value, tuple) and len(value) > 1 and isinstance(value[1], int):
        value = (value,)
    try:
        items = list(value)
    except TypeError:
        raise ProgrammingError(f"{key} is text or a list of hosts, not {value!r}") from None
    return tuple(dict.fromkeys(_host(key, item, port) for item in items))


_MS: Final = _integer(0, _MAX_MS, " of milliseconds")

#: Every key of a URL's query and of `parse`, and its check.
_OPTIONS: Final[dict[str, _Check]] = {
    "hosts": _hosts,
    "host": _hosts,
    "port": _integer(1, 65535),
    "embedded": _boolean,
    "path": _text,
    "memory": _text,
    "namespace": _namespace,
    "user": _text,
    "password": _secret,
    "auth": _choice("internal", "external", "pki"),
    "profile": _choice("sql", "aql"),
    "tls": _boolean,
    "tls_cafile": _text,
    "tls_certfile": _text,
    "tls_keyfile": _text,
    "tls_keyfile_password": _secret,
    "tls_verify": _boolean,
    "tls_name": _text,
    "cluster_name": _text,
    "services_alternate": _boolean,
    "rack_ids": _rack_ids,
    "replica": _choice("sequence", "any", "prefer_rack", "master"),
    "connect_timeout": _MS,
    "login_timeout": _MS,
    "socket_timeout": _MS,
    "timeout": _MS,
    "batch_timeout": _MS,
    "query_timeout": _MS,
    "max_retries": _integer(0, 10_000),
    "sleep_between_retries": _MS,
    "max_connections": _integer(1, 100_000),
    "max_idle": _integer(0, 86_400, " of seconds"),
    "tend_interval": _integer(50, 3_600_000, " of milliseconds"),
    "max_error_rate": _integer(0, 1_000_000),
    "send_key": _boolean,
    "ttl": _ttl,
    "durable_delete": _boolean,
    "commit": _choice("all", "master"),
    "compress": _boolean,
    "scans": _choice("allow", "limit", "refuse"),
    "max_rows": _integer(0, 2**63 - 1, " of rows"),
    "records_per_second": _integer(0, 2**32 - 1),
}

#: Read from AEROSPIKE_<KEY>. Not every option: other programs own variables of that prefix.
_ENVIRONMENT: Final = (
    *("hosts", "user", "password", "auth", "namespace", "profile", "cluster_name"),
    *("services_alternate", "tls", "tls_cafile", "tls_certfile", "tls_keyfile"),
    *("tls_keyfile_password", "tls_verify", "tls_name"),
)
#: What of the environment says nothing to an embedded node.
_CLUSTER_ONLY: Final = [key for key in _ENVIRONMENT if key not in ("namespace", "profile")]

# ---- parsing -----------------------------------------------------------------------------------


def parse(
    url: str | None = None, *, environ: Mapping[str, str] | None = None, **keywords: Any
) -> ConnInfo:
    """Build a ConnInfo. A keyword that is None counts as not given.

    `hosts`: "h1:3000,h2", or a list of such texts, of Host, or of (host, port[, tls_name]);
    `host` and `port` name a single one. `environ` stands in for os.environ.
    Raises ProgrammingError, naming the key and those that are spelled nearly like it.
    """
    given = {key: value for key, value in keywords.items() if value is not None}
    located = {"hosts", "host", "path", "embedded"} & given.keys()
    settings = _from_url(url) if url else {}
    if located:
        settings = {k: v for k, v in settings.items() if k not in ("hosts", "path", "embedded")}
    surroundings = _from_environment(os.environ if environ is None else environ)
    if located or url:
        surroundings.pop("hosts", None)
    merged = {**surroundings, **settings, **given}
    if not merged.get("hosts") and not merged.get("host"):
        merged = {k: v for k, v in merged.items() if k not in _CLUSTER_ONLY} | {
            k: v for k, v in {**settings, **given}.items() if k in _CLUSTER_ONLY
        }
    return _build(merged)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found = {key: environ.get(f"AEROSPIKE_{key.upper()}") for key in _ENVIRONMENT}
    return {key: value for key, value in found.items() if value}


def _from_url(url: str) -> dict[str, Any]:
    if not isinstance(url, str):
        raise ProgrammingError(f"the connection URL is text, not {type(url).__name__}")
    scheme, colon, rest = url.partition("://")
    if not colon or scheme.strip().lower() != _SCHEME:
        raise ProgrammingError(
            f"a connection URL starts with {_SCHEME}://, not {(scheme + colon)[:24]!r}"
        )
    rest, _, query = rest.partition("?")
    authority, _, tail = rest.partition("/")
    if "@" in tail and "@" not in authority and ":" in authority:
        raise ProgrammingError("'/' in a URL's user or password is written %2F")
    settings = _from_authority(authority) if authority else {}
    tail = _decode("the URL's path", tail)
    if not settings.get("hosts"):
        settings |= {"embedded": True}
        if tail not in ("", ":memory:"):
            settings["path"] = tail
    elif tail.strip("/"):
        settings["namespace"] = tail.strip("/")
    return {**settings, **_from_query(query)}


def _from_authority(authority: str) -> dict[str, Any]:
    credentials, at, hosts = authority.rpartition("@")
    settings: dict[str, Any] = {"hosts": _decode("hosts", hosts)} if hosts else {}
    if at:
        user, colon, password = credentials.partition(":")
        settings["user"] = _decode("user", user)
        if colon:
            settings["password"] = _decode("password", password, secret=True)
    return settings


def _from_query(query: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for part in filter(None, query.split("&")):
        key, equals, value = part.partition("=")
        key = _decode("a query key", key)
        _known(key)
        if not equals:
            raise ProgrammingError(f"{key} needs a value: {key}=…")
        if key in settings:
            raise ProgrammingError(f"{key} stands twice in the URL")
        settings[key] = _decode(key, value, secret=key.endswith("password"))
    return settings


def _decode(what: str, text: str, *, secret: bool = False) -> str:
    from urllib.parse import unquote

    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        shown = "" if secret else f": {text!r}"
        raise ProgrammingError(f"{what} is not percent-encoded UTF-8{shown}") from None


def _known(key: str) -> None:
    if key in _OPTIONS:
        return
    import difflib

    near = difflib.get_close_matches(key.lower().replace("-", "_"), _OPTIONS, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(_OPTIONS)}"
    raise ProgrammingError(f"unknown connection option {key!r}; {hint}")


# ---- building ----------------------------------------------------------------------------------


def _build(settings: Mapping[str, Any]) -> ConnInfo:
    for key in settings:
        _known(key)
    settings = dict(settings)
    tls = settings.pop("tls", None)
    if isinstance(tls, TLSInfo):
        tls = {name: getattr(tls, name) for name in _TLS_FIELDS}
    if isinstance(tls, Mapping):
        settings = {**{f"tls_{key}": value for key, value in tls.items()}, **settings}
        tls = True
        for key in settings:
            _known(key)
    located = ("hosts", "host")
    values = {
        k: _OPTIONS[k](k, v) for k, v in settings.items() if v is not None and k not in located
    }
    port = values.pop("port", DEFAULT_PORT)
    host = settings.get("host")
    hosts = settings.get("hosts") or settings.get("host")
    if isinstance(hosts, str) and _is_ipv6(settings.get("host")):
        hosts = Host(hosts, port)
    if host and settings.get("hosts"):
        raise ProgrammingError("give host or hosts, not both")
    values["hosts"] = _hosts("hosts", hosts, port) if hosts else ()
    values["tls"] = _tls(values, None if tls is None else _boolean("tls", tls))
    _place(values)
    _check_authentication(values)
    return ConnInfo(**values)


def _tls(values: dict[str, Any], wanted: bool | None) -> TLSInfo | None:
    """Take the tls_… values out of `values`; any of them turns TLS on unless tls is false."""
    fields = {name: values.pop(f"tls_{name}", None) for name in _TLS_FIELDS}
    fields = {name: value for name, value in fields.items() if value is not None}
    if wanted is False or (wanted is None and not fields):
        return None
    if fields.get("keyfile") and not fields.get("certfile"):
        raise ProgrammingError("tls_keyfile needs tls_certfile beside it")
    return TLSInfo(**fields)


def _place(values: dict[str, Any]) -> None:
    """Decide between cluster and embedded node, once."""
    hosts, path, embedded = values["hosts"], values.get("path"), values.get("embedded")
    if path == ":memory:":
        path = values["path"] = None
        embedded = True if embedded is None else embedded
    if values.get("memory") is not None and (hosts or path is not None):
        raise ProgrammingError("memory names an embedded node in memory: no hosts, no path")
    if hosts and (path is not None or embedded):
        raise ProgrammingError("hosts name a cluster, path and embedded an embedded node: not both")
    if embedded is False and not hosts:
        raise ProgrammingError("embedded=false needs hosts")
    for name, value in (("path", path), ("memory", values.get("memory"))):
        if value == "":
            raise ProgrammingError(f"{name} is empty; leave it out for an embedded node in memory")
    values["embedded"] = not hosts


def _check_authentication(values: Mapping[str, Any]) -> None:
    auth = values.get("auth", "internal")
    if values.get("password") and not values.get("user"):
        raise ProgrammingError("password needs user beside it")
    if values["embedded"]:
        return
    if auth == "external" and values["tls"] is None:
        raise ProgrammingError("auth=external sends the password itself: it needs tls=true")
    if auth == "pki" and (values["tls"] is None or values["tls"].certfile is None):
        raise ProgrammingError("auth=pki logs in by certificate: it needs tls_certfile")
