"""The options that say where to connect: shared by every command."""

from __future__ import annotations

import argparse
from typing import Any, Final
from urllib.parse import quote

from aerodbapi.errors import ProgrammingError

__all__ = ["add_connection_options", "connection_arguments"]

#: Option name → keyword of `aerodbapi.connect`.
_KEYWORDS: Final = {
    "host": "hosts",
    "port": "port",
    "namespace": "namespace",
    "user": "user",
    "password": "password",
    "auth": "auth",
    "tls": "tls",
    "tls_name": "tls_name",
    "tls_cafile": "tls_cafile",
    "tls_certfile": "tls_certfile",
    "tls_keyfile": "tls_keyfile",
    "tls_keyfile_password": "tls_keyfile_password",
    "services_alternate": "services_alternate",
    "timeout": "timeout",
    "socket_timeout": "socket_timeout",
}
#: What `-P` without a password stands for: it is asked for.
_ASK: Final = object()


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """Add --url, --host and their like to a parser."""
    group = parser.add_argument_group(
        "where to connect",
        "Without any of these an embedded node in memory answers;\n"
        "AEROSPIKE_HOSTS and the other AEROSPIKE_… variables count too.",
    )
    group.add_argument("--url", help="aerospike://user:pw@host:3000/namespace?option=value")
    group.add_argument(
        "--data", metavar="FILE", help="an embedded node that keeps its records there"
    )
    group.add_argument("-h", "--host", help="host[:port][,host…] of a cluster")
    group.add_argument("-p", "--port", help="port for hosts that name none (default 3000)")
    group.add_argument("-n", "--namespace", help="default namespace")
    group.add_argument("-U", "--user")
    group.add_argument(
        "-P",
        "--password",
        nargs="?",
        const=_ASK,
        help="asked for when it is left out; or the variable AEROSPIKE_PASSWORD",
    )
    group.add_argument("--auth", metavar="KIND", help="internal (default), external or pki")
    group.add_argument(
        "--tls", "--tls-enable", dest="tls", action="store_const", const="true", help="encrypt"
    )
    group.add_argument("--tls-name", metavar="NAME", help="what the certificate must be for")
    group.add_argument("--tls-cafile", metavar="FILE", help="authorities to trust")
    group.add_argument("--tls-certfile", metavar="FILE", help="one's own certificate")
    group.add_argument("--tls-keyfile", metavar="FILE", help="its key")
    group.add_argument("--tls-keyfile-password", metavar="TEXT", help="of the key")
    group.add_argument(
        "-a",
        "--services-alternate",
        action="store_const",
        const="true",
        help="connect to the nodes' alternate addresses",
    )
    group.add_argument("-T", "--timeout", help="of a single-record command, in ms")
    group.add_argument("--socket-timeout", help="longest silence of a node, in ms")
    group.add_argument("--help", action="help", help="show this text")


def connection_arguments(given: argparse.Namespace) -> dict[str, Any]:
    """Turn parsed options into the arguments of `aerodbapi.connect`; asks for a password."""
    if given.password is _ASK:
        import getpass

        given.password = getpass.getpass("Password: ")
    keywords = {
        keyword: getattr(given, option)
        for option, keyword in _KEYWORDS.items()
        if getattr(given, option) is not None
    }
    if given.data is None:
        return {"url": given.url, **keywords}
    if given.url is not None or given.host is not None:
        raise ProgrammingError("--data is a node in a file: it goes without --url and --host")
    return {"url": f"aerospike:///{quote(given.data)}", **keywords}
