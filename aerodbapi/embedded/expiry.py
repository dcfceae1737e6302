"""The reaper: frees the memory of records whose time is over.

Reads never see an expired record; the reaper only takes it out of memory, indexes and the
durable file. A node on TCP sweeps from a thread of its own (`sweep`); one inside a program has
no thread and does a little at its writes (`step`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.storage import N_PARTITIONS, now_2010

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Namespace, Store

__all__ = ["Reaper"]

_STEP_SECONDS: Final = 0.1  # at most one step in this time
_STEP_PARTITIONS: Final = 16  # then all 4096 have had their turn after half a minute


class Reaper:
    """Removes expired records of a store, partition by partition."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next_step = 0.0
        self._partition = 0

    def sweep(self) -> int:
        """Remove every expired record now; say how many."""
        removed = self._reap(range(N_PARTITIONS))
        self._store.confirm()
        return removed

    def step(self) -> None:
        """Look at the next few partitions, when the last look is long enough ago."""
        now = time.monotonic()
        if now < self._next_step:
            return
        self._next_step = now + _STEP_SECONDS
        first = self._partition
        self._partition = (first + _STEP_PARTITIONS) % N_PARTITIONS
        self._reap(range(first, first + _STEP_PARTITIONS))

    def _reap(self, partitions: range) -> int:
        removed = 0
        now = now_2010()
        for namespace in list(self._store.namespaces.values()):
            if namespace.transactions is not None:
                namespace.transactions.expire()
            if namespace.has_void_times:
                for pid in partitions:
                    removed += _reap_partition(namespace, pid, now)
        return removed


def _reap_partition(namespace: Namespace, pid: int, now: int) -> int:
    removed = 0
    for record in namespace.records(pid):
        if record.expired(now):
            with namespace.locks[pid]:
                if namespace.find(record.set_name, record.digest) is record:
                    namespace.remove(record)
                    removed += 1
    return removed
