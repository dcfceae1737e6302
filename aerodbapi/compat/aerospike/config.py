"""A client's configuration: checked as the official client checks it, and as a ConnInfo."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.dynamic import DynamicFile
from aerodbapi.compat.aerospike.metrics import check
from aerodbapi.compat.aerospike.policies import KEYS, Policies, check_keys
from aerodbapi.compat.aerospike.raising import fail, param_error
from aerodbapi.compat.aerospike.transaction import ConfigProvider
from aerodbapi.compat.aerospike.values import Inward
from aerodbapi.conninfo import ConnInfo, parse
from aerodbapi.errors import ProgrammingError
from aerodbapi.frozen import frozen

__all__ = ["Settings", "settings"]

_WHAT: Final = "client config"
_PATH_MAX: Final = 255
_FILE_VARIABLE: Final = "AEROSPIKE_CLIENT_CONFIG_URL"
_FILE_INTERVAL: Final = 5000  # ms
_SETTING: Final = "Invalid Policy setting value"
#: The keys of the configuration and of its parts (validate_keys).
_KEYS: Final = {
    "": "lua config_provider tls hosts shm serialization policies thread_pool_size max_threads "
    "min_conns_per_node max_conns_per_node max_error_rate error_rate_window connect_timeout "
    "use_shared_connection send_bool_as compression_threshold tend_interval cluster_name "
    "strict_types rack_aware rack_id rack_ids use_services_alternate max_socket_idle "
    "fail_if_not_connected user password validate_keys app_id force_single_node url",
    "lua": "system_path user_path",
    "tls": "enable cafile capath protocols cipher_suite keyfile keyfile_pw cert_blacklist certfile "
    "crl_check crl_check_all log_session_info for_login_only",
    "shm": "shm_max_nodes max_nodes shm_max_namespaces max_namespaces shm_takeover_threshold_sec "
    "takeover_threshold_sec shm_key",
    "policies": "read write apply operate remove query scan batch batch_remove batch_apply "
    "batch_write batch_parent_write info admin txn_verify txn_roll total_timeout auth_mode "
    "login_timeout_ms key exists max_retries replica commit_level metrics",
}
#: Integers of the configuration → fields of ConnInfo.
_NUMBERS: Final = {
    "max_conns_per_node": "max_connections",
    "max_threads": "max_connections",
    "connect_timeout": "connect_timeout",
    "tend_interval": "tend_interval",
    "max_error_rate": "max_error_rate",
    "max_socket_idle": "max_idle",
}
_AUTH: Final = {
    a.AUTH_INTERNAL: "internal",
    a.AUTH_EXTERNAL: "external",
    a.AUTH_EXTERNAL_INSECURE: "external",
    a.AUTH_PKI: "pki",
}
_TLS: Final = {
    "cafile": "tls_cafile",
    "certfile": "tls_certfile",
    "keyfile": "tls_keyfile",
    "keyfile_pw": "tls_keyfile_password",
}


@frozen
class Settings:
    """What a configuration says."""

    conninfo: ConnInfo
    policies: Policies
    inward: Inward
    deserialize: Callable[[Any], Any] | None
    lua_path: str
    shm_key: int | None
    app_id: str | None
    metrics: Any
    file: DynamicFile | None


def settings(config: Any) -> Settings:
    """Read a configuration. Raises ParamError."""
    if not isinstance(config, dict):
        param_error("Config must be a dict")
    validate = config.get("validate_keys", False)
    if not isinstance(validate, bool):
        param_error('config["validate_keys"] must be a boolean')
    if validate:
        _validate(config)
    _check_objects(config)
    given = config.get("policies")
    configured: Mapping[str, Any] = given if isinstance(given, dict) else {}
    configured = _with_threshold(config, configured)
    serialize, deserialize = _serialization(config.get("serialization"))
    strict = config.get("strict_types") is not False
    inward = Inward(config.get("send_bool_as", a.AS_BOOL) == a.INTEGER, serialize, strict, validate)
    lua = config.get("lua")
    shm = config.get("shm")
    conninfo = _conninfo(config, configured)
    file = _file(config)
    return Settings(
        conninfo,
        Policies(_with_parent(configured), inward, validate, file),
        inward,
        deserialize,
        lua.get("user_path", ".") if isinstance(lua, dict) else ".",
        shm.get("shm_key", 0xA9000000) if isinstance(shm, dict) else None,
        config.get("app_id"),
        _metrics(configured.get("metrics")),
        file,
    )


def _validate(config: dict[str, Any]) -> None:
    check_keys(config, frozenset(_KEYS[""].split()), _WHAT)
    for part in ("lua", "tls", "shm", "policies"):
        if isinstance(config.get(part), dict):
            check_keys(config[part], frozenset(_KEYS[part].split()), _WHAT)
    policies = config.get("policies")
    for kind, given in (policies if isinstance(policies, dict) else {}).items():
        if kind in KEYS and isinstance(given, dict):
            check_keys(given, _keys_of(kind), "policy")


def _keys_of(kind: str) -> frozenset[str]:
    return KEYS[kind] | KEYS["batch"] if kind == "batch_write" else KEYS[kind]


def _with_parent(configured: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what is no group of policies under a group's name."""
    wrong = [kind for kind in KEYS if kind in configured and not isinstance(configured[kind], dict)]
    if any(configured[kind] is not None for kind in wrong):
        param_error(_SETTING)
    return configured


def _with_threshold(config: dict[str, Any], configured: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the write policy that the configuration's own compression_threshold asks for."""
    threshold, own = config.get("compression_threshold"), configured.get("write") or {}
    if not isinstance(threshold, int) or threshold <= 0 or not isinstance(own, dict):
        return configured
    return {**configured, "write": {"compression_threshold": threshold, **own}}


def _check_objects(config: dict[str, Any]) -> None:
    provider = config.get("config_provider")
    if "config_provider" in config and not isinstance(provider, ConfigProvider):
        param_error(
            "config_provider must be an aerospike.ConfigProvider class instance. But a "
            f"{type(provider).__name__} was received instead"
        )
    lua = config.get("lua")
    path = lua.get("user_path") if isinstance(lua, dict) else None
    if isinstance(path, str) and len(path) > _PATH_MAX:
        param_error("Lua user path too long")
    for key in ("rack_aware", "use_services_alternate"):
        if not isinstance(config.get(key, False), bool):
            param_error(_SETTING)
    app_id = config.get("app_id")
    if app_id is not None and not isinstance(app_id, str):
        raise TypeError(f"app_id must be str, not {type(app_id).__name__}")
    threshold = config.get("compression_threshold")
    if isinstance(threshold, int) and threshold < 0:
        param_error("Compression value must not be negative")


def _serialization(given: Any) -> tuple[Any, Any]:
    if not isinstance(given, tuple) or len(given) != 2:
        return None, None
    for function, what in zip(given, ("Serializer", "Deserializer")):
        if function is not None and not callable(function):
            param_error(f"{what} must be callable")
    return given[0], given[1]


def _hosts(config: dict[str, Any]) -> list[tuple[Any, ...]]:
    hosts = config.get("hosts")
    if not isinstance(hosts, list):
        param_error("Hosts must be a list")
    if not hosts:
        param_error("Hosts must not be empty")
    return [_host(host) for host in hosts]


def _host(host: Any) -> tuple[Any, ...]:
    if isinstance(host, str) and host:
        name, _, port = host.partition(":")
        return (name, int(port) if port.isdigit() else 3000)
    if not isinstance(host, tuple) or not 2 <= len(host) <= 3 or not isinstance(host[0], str):
        param_error("Invalid host")
    if not isinstance(host[1], int):
        param_error("Invalid host -> The host port must be an integer")
    if len(host) == 3 and isinstance(host[2], str):
        return host
    return host[:2]


def _conninfo(config: dict[str, Any], policies: Mapping[str, Any]) -> ConnInfo:
    url = config.get("url")
    words: dict[str, Any] = {} if url is not None else {"hosts": _hosts(config)}
    for key, name in _NUMBERS.items():
        if isinstance(config.get(key), int):
            words[name] = config[key]
    if "tend_interval" in words:
        words["tend_interval"] = max(words["tend_interval"], 250)
    for key in ("user", "password", "cluster_name"):
        if isinstance(config.get(key), str) and config[key]:
            words[key] = config[key]
    if config.get("use_services_alternate"):
        words["services_alternate"] = True
    words |= _racks(config) | _security(config, policies)
    try:
        conninfo = parse(url, environ={}, **words)
    except ProgrammingError as error:
        fail(-2, error.message)
    return conninfo


def _racks(config: dict[str, Any]) -> dict[str, Any]:
    racks = config.get("rack_ids", [])
    if not isinstance(racks, list) or not all(_is_rack(rack) for rack in racks):
        param_error(_SETTING)
    if not _is_rack(config.get("rack_id", 0)):
        param_error(_SETTING)
    if not config.get("rack_aware"):
        return {}
    racks = racks or [config.get("rack_id", 0)]
    return {"rack_ids": racks}


def _is_rack(value: Any) -> bool:
    return isinstance(value, int) and -(1 << 31) <= value < 1 << 31


def _file(config: dict[str, Any]) -> DynamicFile | None:
    """The file of a ConfigProvider, or that of the environment."""
    provider = config.get("config_provider")
    if provider is not None:
        return DynamicFile(provider.path, provider.interval)
    path = os.environ.get(_FILE_VARIABLE)
    return DynamicFile(path, _FILE_INTERVAL) if path else None


def _metrics(given: Any) -> Any:
    """The metrics policy that enable_metrics() has by itself."""
    if given is None:
        return None
    if type(given).__name__ != "MetricsPolicy":
        param_error(
            "metrics must be an aerospike_helpers.metrics.MetricsPolicy class instance. But a "
            f"{type(given).__name__} was received instead"
        )
    check(given)
    return given


def _security(config: dict[str, Any], policies: Mapping[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    auth = policies.get("auth_mode")
    if auth is not None:
        if auth not in _AUTH:
            param_error("Specify valid auth_mode")
        words["auth"] = _AUTH[auth]
    if isinstance(policies.get("login_timeout_ms"), int):
        words["login_timeout"] = policies["login_timeout_ms"]
    tls = config.get("tls")
    if isinstance(tls, dict) and tls.get("enable"):
        words["tls"] = True
        words |= {name: tls[key] for key, name in _TLS.items() if tls.get(key)}
    return words
