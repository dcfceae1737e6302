"""The daemon thread that tends a cluster.

It holds its carrier weakly: a carrier that its user forgot to close is collected, and the
thread ends.
"""

from __future__ import annotations

import logging
import threading
import weakref
from typing import TYPE_CHECKING

from aerodbapi.cluster import tend
from aerodbapi.errors import Error

if TYPE_CHECKING:
    from aerodbapi.transport.sync import SyncCarrier

__all__ = ["Tender"]

_log = logging.getLogger("aerodbapi.tend")


class Tender:
    """Runs a round of tending each `interval` seconds."""

    __slots__ = ("_carrier", "_interval", "_stopped", "_thread")

    def __init__(self, carrier: SyncCarrier, interval: float) -> None:
        self._carrier = weakref.ref(carrier)
        self._interval = interval
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def ensure(self) -> None:
        """Start the thread unless it runs. The caller holds the carrier's lock."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=_rounds,
                args=(self._carrier, self._interval, self._stopped),
                name="aerodbapi-tend",
                daemon=True,
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread; returns at once (a round under way loses its connections)."""
        self._stopped.set()


def _rounds(reference: weakref.ref[SyncCarrier], interval: float, stopped: threading.Event) -> None:
    while not stopped.wait(interval):
        carrier = reference()
        if carrier is None:
            return
        try:
            carrier.run(tend.tend(carrier.cluster))
            carrier.reap()
        except Error as error:
            _log.debug("tending failed: %s", error)
        except Exception:  # a bug must not leave the cluster untended
            _log.exception("tending failed")
        del carrier
