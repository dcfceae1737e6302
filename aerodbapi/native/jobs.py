"""Background queries under way: how far they are, waiting for them, ending them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.cluster import info_texts, jobs
from aerodbapi.cluster.forks import together
from aerodbapi.cluster.info import info_node
from aerodbapi.errors import ConnectionFailed, Error, ParameterError, RecordNotFound
from aerodbapi.protocol import info as wire

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.cluster.policy import Policy

__all__ = ["JobInfo", "JobStatus", "job_abort", "job_info", "job_wait"]

_MODULES: Final = ("query", "scan")
_U64_MAX: Final = (1 << 64) - 1


class JobStatus:
    """Whether a job is at work. One that no node knows (any more) is completed."""

    UNDEFINED: Final = 0
    IN_PROGRESS: Final = 1
    COMPLETED: Final = 2


class JobInfo(NamedTuple):
    """`progress_pct` of the node that is behind, `records_read` on all nodes, a JobStatus."""

    progress_pct: int
    records_read: int
    status: int


def _id(job_id: Any) -> int:
    if isinstance(job_id, bool) or not isinstance(job_id, int) or not 0 <= job_id <= _U64_MAX:
        raise ParameterError(f"a job's id is an integer of 64 bits, not {job_id!r}", result_code=-2)
    return job_id


def _module(module: Any) -> str:
    if module not in _MODULES:
        raise ParameterError(f"module is query or scan, not {module!r}", result_code=-2)
    return str(module)


def job_info(
    cluster: Cluster, job_id: int, module: str = "query", *, policy: Policy
) -> Conversation[JobInfo]:
    """What the nodes say of a job."""
    task, kind = _id(job_id), _module(module)
    nodes = list(cluster.nodes.values())
    if not nodes:
        raise ConnectionFailed("the cluster has no node that can be reached")
    outcomes = yield from together(
        info_node(cluster, node, info_texts.query_show(node.version, task, kind), policy=policy)
        for node in nodes
    )
    found: list[JobInfo] = []
    for outcome in outcomes:
        if isinstance(outcome, RecordNotFound):
            continue
        if isinstance(outcome, Error):
            raise outcome
        found.append(_parsed(outcome))
    if not found:
        return JobInfo(0, 0, JobStatus.COMPLETED)
    return JobInfo(
        min(job.progress_pct for job in found),
        sum(job.records_read for job in found),
        min(job.status for job in found),
    )


def _parsed(text: str) -> JobInfo:
    fields = wire.pairs(text, ":")
    active = fields.get("status", "").lower().startswith(("active", "in_progress"))
    status = JobStatus.IN_PROGRESS if active else JobStatus.COMPLETED
    progress = fields.get("job-progress", "0").partition(".")[0]
    read = fields.get("recs-succeeded") or fields.get("recs-read") or "0"
    return JobInfo(_number(progress), _number(read), status)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def job_wait(
    cluster: Cluster, job_id: int, module: str = "query", *, policy: Policy, timeout: int = 0
) -> Conversation[None]:
    """Wait until every node is done with a job; Timeout after `timeout` ms (0: without limit)."""
    del policy  # polls as often as it takes
    yield from jobs.wait(cluster, _id(job_id), total_timeout=timeout, module=_module(module))


def job_abort(cluster: Cluster, job_id: int, *, policy: Policy) -> Conversation[bool]:
    """End a query on all nodes; tell whether any of them was still at work on it."""
    del policy
    return (yield from jobs.abort(cluster, _id(job_id)))
