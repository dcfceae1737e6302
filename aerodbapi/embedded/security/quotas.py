"""Quotas: how many records per second a user reads and writes.

Every record of a single or batch command takes one from its user's bucket, which holds a
second's worth and fills evenly; a query reserves its rate for as long as it runs, and one
without a rate cannot be had by a user with a quota.
"""

from __future__ import annotations

import time
from typing import Final

__all__ = ["Meter", "Meters"]

#: Requested rates at or above this count as unlimited.
_MAX_RATE: Final = 0xFFFFFFFF


class Meter:
    """One user's use of one quota; rates in records per second."""

    __slots__ = ("_at", "_counted", "_rate", "_second", "_tokens", "reserved", "unlimited")

    def __init__(self) -> None:
        self._tokens = 0.0
        self._at = 0.0  # time.monotonic() of the last look; 0 before the first
        self._second = 0
        self._counted = 0
        self._rate = 0
        self.reserved = 0  # by queries that run
        self.unlimited = 0  # queries that run without a rate

    def take(self, quota: int) -> bool:
        """Count one record; False when the quota (0: none) has nothing left for it."""
        now = time.monotonic()
        if quota:
            room = max(quota - self.reserved, 0)
            filled = room if not self._at else self._tokens + (now - self._at) * room
            self._at = now
            self._tokens = min(filled, float(room))
            if self._tokens < 1:
                return False
            self._tokens -= 1
        self._count(int(now))
        return True

    def reserve(self, rate: int, quota: int) -> bool:
        """Set a query's rate (0: unlimited) aside; False when the quota has no room for it."""
        if quota and (not 0 < rate < _MAX_RATE or self.reserved + rate > quota):
            return False
        if rate:
            self.reserved += rate
        else:
            self.unlimited += 1
        return True

    def release(self, rate: int) -> None:
        """Give back what `reserve` set aside."""
        if rate:
            self.reserved -= rate
        else:
            self.unlimited -= 1

    def recent(self) -> int:
        """Records counted in the last full second."""
        self._roll(int(time.monotonic()))
        return self._rate

    def _count(self, second: int) -> None:
        self._roll(second)
        self._counted += 1

    def _roll(self, second: int) -> None:
        if second != self._second:
            self._rate = self._counted if second == self._second + 1 else 0
            self._counted = 0
            self._second = second


class Meters:
    """All users' meters: (user, whether of writes) → meter."""

    __slots__ = ("_meters",)

    def __init__(self) -> None:
        self._meters: dict[tuple[str, bool], Meter] = {}

    def of(self, user: str, *, writes: bool) -> Meter:
        """Give a user's meter, made on first use."""
        return self._meters.setdefault((user, writes), Meter())

    def forget(self, user: str) -> None:
        """Drop a user's meters."""
        for writes in (False, True):
            self._meters.pop((user, writes), None)
