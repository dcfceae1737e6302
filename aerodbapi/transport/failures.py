"""Foreign errors become errors of the package: once, here, with the node's name.

`in_doubt` on a result means: the whole request may have reached the node. Whether that
matters (it was a write) is for the conversation to say.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Final

from aerodbapi.errors import ConnectionClosed, ConnectionFailed, Error, Timeout, error_for

__all__ = ["closed", "failure", "hung_up", "no_connection", "no_login", "tls_failure", "too_late"]

#: (what OpenSSL says, what to do about it)
_TLS_HINTS: Final = (
    ("hostname mismatch", "tls_name must be the name that the server's certificate carries"),
    ("ip address mismatch", "tls_name must be the name that the server's certificate carries"),
    ("certificate_required", "the server wants a client certificate: tls_certfile, tls_keyfile"),
    ("certificate_verify_failed", "tls_cafile must hold the authority that signed the server's"),
    ("wrong_version_number", "this port does not speak TLS: its TLS port is another one"),
    ("record layer failure", "this port does not speak TLS: its TLS port is another one"),
    ("unknown_ca", "the server does not know the authority of tls_certfile"),
    ("handshake_failure", "server and client share no TLS version or cipher"),
    ("eof", "the server hung up: this may not be its TLS port, or it wants tls_certfile"),
)


def failure(error: BaseException, node: object, *, sent: bool, doing: str) -> Error | None:
    """Translate `error`, met while `doing` (such as "waiting for the reply"); None: not ours.

    `sent`: the whole request may have reached the node.
    """
    if isinstance(error, Error):
        if error.node is None:
            error.node = str(node)
        error.in_doubt = error.in_doubt or sent
        return error
    if _is_timeout(error) or getattr(error, "errno", None) == errno.ETIMEDOUT:
        return Timeout(f"timed out {doing}", node=str(node), in_doubt=sent)
    if _is_a(error, "ssl", "SSLError"):
        return tls_failure(error, node, sent=sent)
    if isinstance(error, (OSError, EOFError)):
        return ConnectionFailed(
            f"the connection broke {doing}: {reason(error)}", node=str(node), in_doubt=sent
        )
    return None


def _is_timeout(error: BaseException) -> bool:
    # Up to Python 3.10 asyncio's timeout is a class of its own.
    return isinstance(error, (BlockingIOError, TimeoutError)) or _is_a(
        error, "asyncio", "TimeoutError"
    )


def _is_a(error: BaseException, module: str, name: str) -> bool:
    """Tell whether `error` is of a class whose module is imported only where it is used."""
    found = sys.modules.get(module)
    return found is not None and isinstance(error, getattr(found, name, ()))


def no_login(error: BaseException, node: object) -> Error | None:
    """Translate what stopped a connection's login: no command was sent, so none is in doubt."""
    found = failure(error, node, sent=False, doing="in the login")
    if isinstance(found, Timeout):
        return ConnectionFailed("timed out in the login", node=found.node)
    if found is not None:
        found.in_doubt = False
    return found


def reason(error: BaseException) -> str:
    """Say in the operating system's words what went wrong."""
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number > 0 and not _is_a(error, "ssl", "SSLError"):
        return os.strerror(number)
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def tls_failure(error: BaseException, node: object, *, sent: bool = False) -> ConnectionFailed:
    """Translate what `ssl` raised, with what to do about it (result code -9)."""
    text = reason(error)
    hint = next((hint for key, hint in _TLS_HINTS if key in text.lower()), "")
    return ConnectionFailed(
        f"TLS failed: {text}" + (f"; {hint}" if hint else ""),
        result_code=-9,
        node=str(node),
        in_doubt=sent,
    )


def hung_up(node: object, got: int, wanted: int | None = None) -> ConnectionFailed:
    """The node closed the connection after `got` bytes of a reply of `wanted`."""
    amount = f"after {got} of {wanted} bytes of" if wanted else f"after {got} bytes of"
    text = f"the node closed the connection {amount if got else 'before'} its reply"
    return ConnectionFailed(text, node=str(node), in_doubt=True)


def too_late(node: object) -> Timeout:
    """The deadline had passed before anything was sent."""
    return Timeout("the deadline passed before the command was sent", node=str(node))


def no_connection(node: object, limit: int) -> Error:
    """All of a node's connections stayed in use (result code -7)."""
    return error_for(
        -7,
        f"no free connection: all of max_connections={limit} stayed in use; raise it, "
        "or close result sets that are not read to their end",
        node=str(node),
    )


def closed() -> ConnectionClosed:
    """The carrier was closed by its user."""
    return ConnectionClosed("the connection to the cluster has been closed")
