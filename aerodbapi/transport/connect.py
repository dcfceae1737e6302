"""Make a blocking connection: TCP over all addresses of a host, then TLS, then the login.

The TLS context and the socket options serve asyncio too.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Final

from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo, TLSInfo
from aerodbapi.errors import ConnectionFailed
from aerodbapi.transport import failures

__all__ = ["open_socket", "options", "tls_context", "tls_name", "words", "wrap"]

#: (level, option, value): close to the official client's; those a platform lacks are skipped.
_OPTIONS: Final = (
    (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 60),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 15),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 4),
)


def options(sock: socket.socket) -> None:
    """Send at once, and notice peers that vanished."""
    for level, name, value in _OPTIONS:
        option = getattr(socket, name, None)
        if option is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(level, option, value)


def open_socket(node: Node, timeout: float | None) -> socket.socket:
    """Connect to the node's host within `timeout` seconds; the socket has that timeout set.

    Every address of the host is tried in the resolver's order.
    Raises ConnectionFailed naming each address and why it failed.
    """
    until = None if timeout is None else time.monotonic() + timeout
    try:
        found = socket.getaddrinfo(node.host, node.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(
            f"cannot find host {node.host!r}: {failures.reason(error)}", node=str(node)
        ) from error
    attempts = []
    for position, (family, kind, protocol, _, address) in enumerate(found):
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            attempts.append("no time left for the other addresses")
            break
        # An address that swallows packets must leave time for those behind it.
        share = None if left is None else left / (len(found) - position)
        try:
            return _connected(socket.socket(family, kind, protocol), address, share, left)
        except OSError as error:
            attempts.append(f"{address[0]}: {words(error)}")
    raise ConnectionFailed(f"cannot connect: {'; '.join(attempts)}", node=str(node))


def _connected(
    sock: socket.socket, address: object, share: float | None, left: float | None
) -> socket.socket:
    try:
        options(sock)
        sock.settimeout(share)
        sock.connect(address)  # type: ignore[arg-type]
        sock.settimeout(left)
    except BaseException:
        sock.close()
        raise
    return sock


def words(error: OSError) -> str:
    """Say why an address could not be reached."""
    return "timed out" if isinstance(error, TimeoutError) else failures.reason(error)


def tls_context(tls: TLSInfo) -> ssl.SSLContext:
    """Build the client's context. Raises ConnectionFailed (code -9) naming the bad file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    what = f"tls_cafile={tls.cafile!r}"
    try:
        if tls.cafile is not None:
            context.load_verify_locations(tls.cafile)
        elif tls.verify:
            context.load_default_certs()
        if tls.certfile is not None:
            what = f"tls_certfile={tls.certfile!r}, tls_keyfile={tls.keyfile!r}"
            # A callback: without a password OpenSSL would ask on the terminal.
            password = tls.keyfile_password or ""
            context.load_cert_chain(tls.certfile, tls.keyfile, lambda: password)
    except (OSError, ValueError) as error:
        raise ConnectionFailed(
            f"cannot use {what}: {failures.reason(error)}", result_code=-9
        ) from error
    return context


def tls_name(node: Node, conninfo: ConnInfo) -> str:
    """The name that the node's certificate must carry."""
    return node.tls_name or (conninfo.tls and conninfo.tls.name) or node.host


def wrap(context: ssl.SSLContext, sock: socket.socket, node: Node, name: str) -> ssl.SSLSocket:
    """Do the TLS handshake within the socket's timeout. Raises ConnectionFailed (code -9)."""
    try:
        return context.wrap_socket(sock, server_hostname=name)
    except TimeoutError:
        sock.close()
        raise failures.tls_failure(TimeoutError("the handshake timed out"), node) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no certificate can carry
        sock.close()
        raise failures.tls_failure(error, node) from error
    except BaseException:
        sock.close()
        raise
