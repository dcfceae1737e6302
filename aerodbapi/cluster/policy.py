"""How long to try, how often, and at which replica: the options of every conversation.

Retry rules (the field's own; wire.md "Retry, timeout and node selection"):

- Tried again: a partition that is unavailable (11), an overloaded device (18), timeouts of
  server (9) or client, failed connections (-10, -7, -8), a node whose circuit is open (-14).
  Never: any other answer of a server, TLS and authentication failures, and bad bytes.
- The next try goes to the next replica, unless the replica policy is master. A write stays at
  its node after a timeout, a full pool or an open circuit, which say nothing about the owner.
- The first try at another replica follows at once; all others after `sleep_between_retries`.
"""

from __future__ import annotations

from typing import Final

from aerodbapi.frozen import frozen

__all__ = ["BATCH", "INFO", "QUERY", "READ", "WRITE", "Policy", "server_timeout"]

#: Result codes after which another try may help.
RETRYABLE: Final = frozenset({9, 11, 18, -7, -8, -10, -14})
#: Of those, the ones that do not move a write to another replica.
STAYS: Final = frozenset({9, -7, -14})
#: Result codes that also count for a node's circuit breaker: the node or its connection ails.
NODE_ERRORS: Final = frozenset({9, 11, 18, -10})


@frozen
class Policy:
    """Options of one command, batch or query. Times are milliseconds; 0 means without limit.

    `total_timeout`: from the first byte of the first try to the end, all tries together.
    `socket_timeout`: the longest silence of a connection. `max_retries`: tries after the first.
    `replica`: sequence | any | prefer_rack | master. `linearize`: only the master may answer.
    `compress` (Enterprise servers): requests longer than `compression_threshold` bytes, and what
    they are answered with. `deserialize`: False leaves lists and maps packed, as bytes.
    """

    total_timeout: int = 1000
    socket_timeout: int = 30_000
    max_retries: int = 2
    sleep_between_retries: int = 0
    replica: str = "sequence"
    linearize: bool = False
    compress: bool = False
    compression_threshold: int = 128
    deserialize: bool = True


READ: Final = Policy()
WRITE: Final = Policy(max_retries=0)
BATCH: Final = Policy(total_timeout=10_000)
QUERY: Final = Policy(total_timeout=0, max_retries=5, sleep_between_retries=100)
INFO: Final = Policy(total_timeout=5000, max_retries=1)


def server_timeout(policy: Policy, remaining: float | None = None) -> int:
    """Milliseconds to write into a request: how long the server should bother with it.

    The socket timeout when it is the shorter of the two, else the total timeout; never more
    than the `remaining` seconds before the deadline; 0 is the server's default.
    """
    total, silence = policy.total_timeout, policy.socket_timeout
    limit = silence if 0 < silence < total else total
    if remaining is None:
        return limit
    return min(limit, max(1, int(remaining * 1000)))
