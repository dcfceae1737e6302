"""How long commands took: histograms by operation, in Prometheus' text format."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

__all__ = [
    "get_metrics_text",
    "internal_stage_profiling",
    "is_internal_stage_metrics_enabled",
    "is_metrics_enabled",
    "observe",
    "set_internal_stage_metrics_enabled",
    "set_metrics_enabled",
]

_BUCKETS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)  # seconds
_NAME: Final = "db_client_operation_duration_seconds"
_STAGES: Final = "db_client_internal_stage_seconds"
#: (namespace, set, operation, error type)
_Labels = tuple[str, str, str, str]


class _Histogram:
    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(_BUCKETS) + 1)
        self.total = 0.0


class _State:
    enabled = True
    stages = os.environ.get("AEROSPIKE_PY_INTERNAL_METRICS", "").strip().lower() in (
        "1",
        "true",
        "yes",
        "on",
    )


_histograms: dict[_Labels, _Histogram] = {}
_lock: Final = Lock()


def observe(labels: _Labels, seconds: float) -> None:
    """Count a command that took so long."""
    bucket = bisect_left(_BUCKETS, seconds)
    with _lock:
        histogram = _histograms.get(labels)
        if histogram is None:
            histogram = _histograms[labels] = _Histogram()
        histogram.counts[bucket] += 1
        histogram.total += seconds


def set_metrics_enabled(enabled: bool) -> None:
    """Measure commands, or do not."""
    if not isinstance(enabled, bool):
        raise TypeError(f"'{type(enabled).__name__}' object is not an instance of 'bool'")
    _State.enabled = enabled


def is_metrics_enabled() -> bool:
    """Whether commands are measured; they are by default."""
    return _State.enabled


def set_internal_stage_metrics_enabled(enabled: bool) -> None:
    """Accepted and remembered: this client has no stages of its own to measure."""
    if not isinstance(enabled, bool):
        raise TypeError(f"'{type(enabled).__name__}' object is not an instance of 'bool'")
    _State.stages = enabled


def is_internal_stage_metrics_enabled() -> bool:
    """What set_internal_stage_metrics_enabled was given last."""
    return _State.stages


@contextmanager
def internal_stage_profiling() -> Iterator[None]:
    """Enable stage metrics within a `with` block."""
    before = _State.stages
    _State.stages = True
    try:
        yield
    finally:
        _State.stages = before


def get_metrics_text() -> str:
    """Everything measured so far."""
    lines = [
        f"# HELP {_NAME} Duration of database client operations.",
        f"# TYPE {_NAME} histogram",
    ]
    with _lock:
        measured = [
            (labels, list(histogram.counts), histogram.total)
            for labels, histogram in _histograms.items()
        ]
    for labels, counts, total in measured:
        lines += _lines(labels, counts, total)
    lines += [
        f"# HELP {_STAGES} Internal stage durations within a database operation.",
        f"# TYPE {_STAGES} histogram",
        "# EOF",
    ]
    return "\n".join(lines) + "\n"


def _lines(labels: _Labels, counts: list[int], total: float) -> Iterator[str]:
    names = ("db_namespace", "db_collection_name", "db_operation_name", "error_type")
    pairs = [("db_system_name", "aerospike"), *zip(names, labels)]
    text = ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs)
    yield f"{_NAME}_sum{{{text}}} {total}"
    yield f"{_NAME}_count{{{text}}} {sum(counts)}"
    seen = 0
    for bound, count in zip([*map(str, _BUCKETS), "+Inf"], counts):
        seen += count
        yield f'{_NAME}_bucket{{le="{bound}",{text}}} {seen}'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
