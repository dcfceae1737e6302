"""The table of queries: what query-show tells of them, and query-abort stops.

Texts: server source, query_job.c and thr_info.c. Only long queries have a place in it.
"""

from __future__ import annotations

import itertools
import time
from collections import OrderedDict
from typing import Final

__all__ = ["Job", "Jobs"]

#: Finished queries that are remembered (query-max-done).
MAX_FINISHED: Final = 100


class Job:
    """One query's progress. `progress`: percent. `aborted`: set by whoever stops it."""

    __slots__ = (
        "aborted",
        "client",
        "failed",
        "filtered",
        "finished_at",
        "index_name",
        "kind",
        "n_partitions",
        "n_resumed",
        "namespace",
        "progress",
        "records_per_second",
        "set_name",
        "started_at",
        "succeeded",
        "task_id",
    )

    def __init__(
        self,
        task_id: int,
        kind: str,
        namespace: str,
        set_name: str | None,
        *,
        index_name: str = "",
        records_per_second: int = 0,
        n_partitions: int = 0,
        n_resumed: int = 0,
        client: str = "embedded",
    ) -> None:
        self.task_id = task_id
        self.kind = kind
        self.namespace = namespace
        self.set_name = set_name
        self.index_name = index_name
        self.records_per_second = records_per_second
        self.n_partitions = n_partitions
        self.n_resumed = n_resumed
        self.client = client
        self.aborted = False
        self.progress = 0.0
        self.succeeded = self.failed = self.filtered = 0
        self.started_at = time.monotonic()
        self.finished_at: float | None = None

    def describe(self) -> str:
        """Give the job as query-show does: name=value pairs separated by colons."""
        now = time.monotonic()
        end = self.finished_at
        pairs: list[tuple[str, object]] = [("trid", self.task_id), ("ns", self.namespace)]
        if self.set_name:
            pairs.append(("set", self.set_name))
        if self.index_name:
            pairs.append(("sindex-name", self.index_name))
        if self.n_partitions:
            pairs.append(("n-pids-requested", self.n_partitions))
            pairs.append(("n-keyds-requested", self.n_resumed))
        result = "user-aborted" if self.aborted else "ok"
        pairs += [
            ("rps", self.records_per_second),
            ("active-threads", 0 if end is not None else 1),
            ("status", f"{'active' if end is None else 'done'}({result})"),
            ("job-progress", f"{self.progress:.2f}"),
            ("run-time", int(((now if end is None else end) - self.started_at) * 1000)),
            ("time-since-done", 0 if end is None else int((now - end) * 1000)),
            ("recs-throttled", self.succeeded if self.records_per_second else 0),
            ("recs-filtered-meta", 0),
            ("recs-filtered-bins", self.filtered),
            ("recs-succeeded", self.succeeded),
            ("recs-failed", self.failed),
            ("from", self.client.replace(":", "+")),
            ("job-type", self.kind),
        ]
        return ":".join(f"{name}={value}" for name, value in pairs)


class Jobs:
    """Active queries, and the last finished ones, by task id."""

    __slots__ = ("_active", "_finished", "_own_ids")

    def __init__(self) -> None:
        self._active: dict[int, Job] = {}
        self._finished: OrderedDict[int, Job] = OrderedDict()
        self._own_ids = itertools.count(1)

    def start(self, job: Job) -> bool:
        """Enter a job, giving it an id when it has none; False when its id is known already."""
        if not job.task_id:
            job.task_id = next(self._own_ids)
        if job.task_id in self._finished:
            return False
        return self._active.setdefault(job.task_id, job) is job

    def finish(self, job: Job) -> None:
        """Move a job to the finished ones."""
        job.finished_at = time.monotonic()
        self._finished[job.task_id] = job
        self._active.pop(job.task_id, None)
        while len(self._finished) > MAX_FINISHED:
            self._finished.popitem(last=False)

    def find(self, task_id: int) -> Job | None:
        """Find an active or finished job."""
        return self._active.get(task_id) or self._finished.get(task_id)

    def all(self) -> list[Job]:
        """Give all jobs, the newest of each kind first: active ones, then finished ones."""
        return [*reversed(list(self._active.values())), *reversed(list(self._finished.values()))]

    def abort(self, task_id: int) -> bool:
        """Stop an active job; False when there is none of this id."""
        job = self._active.get(task_id)
        if job is not None:
            job.aborted = True
        return job is not None

    def abort_all(self) -> int:
        """Stop all active jobs; say how many."""
        active = list(self._active.values())
        for job in active:
            job.aborted = True
        return len(active)
