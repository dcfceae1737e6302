"""One node of the cluster as the client sees it: its address, its version, its recent record.

A node is mutable state shared by the tending conversation, which changes it, and by everyone
else, who reads single attributes: each is replaced whole, so that readers need no lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Node", "Version", "parse_version"]

#: A server's version, such as (8, 1, 2, 0); compare it with shorter tuples: `>= (8, 1)`.
Version = tuple[int, ...]

#: "Never asked", for the generations below: unequal to all that a server sends.
UNKNOWN: Final = -1


class Node:
    """A node: `name` is the server's own ("" before it was asked), `host` and `port` its address.

    `link` belongs to the carrier (its connection pool). `tls_name`: what the certificate must
    carry, or None. `racks`: namespace → rack id, empty in the Community Edition.
    `errors` counts failures since the last tend; `tripped` is the open circuit breaker. The
    totals count failed tries of single-record commands: timeouts, records in use, all others.
    """

    __slots__ = (
        "build",
        "busy_total",
        "error_total",
        "errors",
        "failures",
        "host",
        "link",
        "name",
        "partition_generation",
        "peers_count",
        "peers_generation",
        "port",
        "racks",
        "rebalance_generation",
        "references",
        "timeout_total",
        "tls_name",
        "tripped",
        "version",
    )

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        tls_name: str | None = None,
        *,
        build: str = "",
    ) -> None:
        self.name = name
        self.host = host
        self.port = port
        self.tls_name = tls_name
        self.build = build
        self.version: Version = parse_version(build)
        self.link: Any = None
        self.racks: Mapping[str, int] = {}
        self.errors = 0
        self.error_total = self.timeout_total = self.busy_total = 0
        self.tripped = False
        self.failures = 0  # tends in a row that failed
        self.references = 0  # other nodes that list this one as their peer
        self.peers_count = 0
        self.peers_generation = UNKNOWN
        self.partition_generation = UNKNOWN
        self.rebalance_generation = UNKNOWN

    @property
    def address(self) -> str:
        """`host:port`, the host in brackets when it is an IPv6 address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def count_error(self, limit: int) -> None:
        """Count a failure; more than `limit` of them before the next tend open the circuit.

        `limit` 0 never opens it. Lost counts of two threads that race are harmless.
        """
        self.errors += 1
        if 0 < limit < self.errors:
            self.tripped = True

    def count_failure(self, result_code: int | None) -> None:
        """Count a failed try for good."""
        if result_code == 9:
            self.timeout_total += 1
        elif result_code == 14:
            self.busy_total += 1
        else:
            self.error_total += 1

    def reset_errors(self) -> None:
        """Begin a new window of errors, and close the circuit."""
        self.errors = 0
        self.tripped = False

    def __str__(self) -> str:
        return f"{self.name}@{self.address}" if self.name else self.address

    def __repr__(self) -> str:
        return f"<Node {self}>"


def parse_version(build: str) -> Version:
    """Parse a build such as "8.1.2.0-rc1" into its leading integers; () when there is none."""
    numbers = []
    for part in build.split("-", 1)[0].split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)
