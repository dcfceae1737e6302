"""From aerospike-py's configuration to a ConnInfo, and to the limit on commands at a time."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, Final

from aerodbapi.compat.aerospike_py._arguments import instance
from aerodbapi.compat.aerospike_py.exception import from_native
from aerodbapi.conninfo import DEFAULT_PORT, ConnInfo, Host, parse
from aerodbapi.errors import Error
from aerodbapi.frozen import frozen

__all__ = ["Limit", "conninfo", "limit"]

_NUMBERS: Final = {
    "timeout": "connect_timeout",
    "idle_timeout": "max_idle",
    "max_conns_per_node": "max_connections",
    "tend_interval": "tend_interval",
}
#: For aerospike-py itself: pools open no connections ahead here.
_IGNORED_NUMBERS: Final = ("min_conns_per_node", "conn_pools_per_node")
_AUTH: Final = {0: "internal", 1: "external", 2: "pki"}


@frozen
class Limit:
    """So many commands at a time (0: any number); others wait so many seconds (0: no end)."""

    commands: int = 0
    wait: float = 0.0


def conninfo(config: Mapping[str, Any]) -> ConnInfo:
    """Read a configuration. Raises TypeError and ValueError as aerospike-py does.

    `url` may stand for `hosts`: "aerospike:///" is an embedded node. Without either it raises
    ValueError; unknown keys are ignored. A value that cannot be,
    such as a port above 65535, raises InvalidArgError.
    """
    url = None if "hosts" in config else config.get("url")
    options: dict[str, Any] = {"send_key": False}
    if url is None:
        options["hosts"] = _hosts(config)
    for key, ours in _NUMBERS.items():
        if key in config:
            options[ours] = operator.index(config[key])
    for key in _IGNORED_NUMBERS:
        operator.index(config.get(key, 0))
    if config.get("cluster_name") is not None:
        options["cluster_name"] = instance(config["cluster_name"], str)
    if config.get("use_services_alternate"):
        options["services_alternate"] = True
    if config.get("user") is not None:
        options["user"] = instance(config["user"], str)
        options["password"] = instance(config.get("password", ""), str)
        options["auth"] = _AUTH.get(operator.index(config.get("auth_mode", 0)), "internal")
    try:
        return parse(url, **options, environ={})
    except Error as error:
        raise from_native(error) from error


def limit(config: Mapping[str, Any]) -> Limit:
    """Read `max_concurrent_operations` and `operation_queue_timeout_ms`."""
    commands = operator.index(config.get("max_concurrent_operations", 0))
    wait = operator.index(config.get("operation_queue_timeout_ms", 0))
    if commands < 0 or wait < 0:
        raise OverflowError("can't convert negative int to unsigned")
    return Limit(commands, wait / 1000)


def _hosts(config: Mapping[str, Any]) -> list[Host]:
    if "hosts" not in config:
        raise ValueError("Config must contain 'hosts' key")
    hosts = [_host(item) for item in instance(config["hosts"], list)]
    if not hosts:
        raise ValueError("hosts list must not be empty")
    return hosts


def _host(item: Any) -> Host:
    if isinstance(item, tuple):
        port = operator.index(item[1]) if len(item) > 1 else DEFAULT_PORT
        return Host(instance(item[0], str), port)
    if not isinstance(item, str):
        raise TypeError("Host must be a (host, port) tuple or a string")
    name, colon, port_text = item.rpartition(":")
    if not colon:
        return Host(item)
    if not port_text.isdigit():
        raise ValueError(
            f"Invalid port in host string '{item}': '{port_text}' is not a valid port number"
        )
    return Host(name, int(port_text))
