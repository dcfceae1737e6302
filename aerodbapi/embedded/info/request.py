"""One info command taken apart: `command`, `command/path/…` or `command:key=value;…`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.embedded.storage import EPOCH_2010
from aerodbapi.frozen import frozen

if TYPE_CHECKING:
    from aerodbapi.embedded.node import EmbeddedNode, Session
    from aerodbapi.embedded.storage import Namespace

__all__ = ["InfoError", "Request", "parse", "to_2010_ms"]


class InfoError(Exception):
    """The reply is an error: `ERROR:<code>:<text>`."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"ERROR:{code}:{text}")


@frozen
class Request:
    """One command of an info request. `path`: what follows slashes, at most two names."""

    node: EmbeddedNode
    command: str
    path: tuple[str, ...]
    parameters: dict[str, str]
    peer: Session | None

    def required(self, name: str, *, code: int = 4, limit: int = 0) -> str:
        """Give a parameter; InfoError when it is missing, or longer than `limit` bytes."""
        value = self.parameters.get(name, "")
        if not value:
            raise InfoError(code, f"missing '{name}'")
        if limit and len(value.encode()) > limit:
            raise InfoError(code, f"'{name}' value too long")
        return value

    def namespace_name(self) -> str:
        """Give the `namespace` parameter, or `ns` as older clients call it."""
        name = "ns" if self.parameters.get("ns") else "namespace"
        return self.required(name, code=20, limit=31)

    def known_namespace(self) -> Namespace:
        """Give the namespace that the parameters name; InfoError when there is none."""
        found = self.node.store.namespaces.get(self.namespace_name())
        if found is None:
            raise InfoError(20, "namespace not found on node")
        return found


def parse(node: EmbeddedNode, text: str, peer: Session | None) -> Request:
    """Take a command apart."""
    head, _, tail = text.partition(":")
    command, *path = head.split("/", 2)
    pairs = (pair.partition("=") for pair in tail.split(";") if pair)
    parameters = {name: value for name, _, value in pairs}
    return Request(node, command, tuple(path), parameters, peer)


def to_2010_ms(unix_ns: int) -> int:
    """Convert nanoseconds since 1970 to milliseconds since 2010."""
    return unix_ns // 1_000_000 - EPOCH_2010 * 1000
