"""Info commands of queries: which run, which are done, stop them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aerodbapi.embedded.info.request import InfoError, Request

__all__ = ["COMMANDS"]

_NOT_FOUND: Final = 2
_PARAMETER: Final = 4


def _task_id(request: Request) -> int | None:
    text = request.parameters.get("id", request.parameters.get("trid"))
    if text is None:
        return None
    try:
        task_id = int(text, 0)
    except ValueError:
        task_id = 0
    if not 0 < task_id < 1 << 64:
        raise InfoError(_PARAMETER, "bad id")
    return task_id


def _show(request: Request) -> str:
    """Describe one query, or all of them separated by semicolons."""
    task_id = _task_id(request)
    if task_id is None:
        return ";".join(job.describe() for job in request.node.jobs.all())
    job = request.node.jobs.find(task_id)
    if job is None:
        raise InfoError(_NOT_FOUND, "job not found")
    return job.describe()


def _abort(request: Request) -> str:
    task_id = _task_id(request)
    if task_id is None:
        raise InfoError(_PARAMETER, "missing 'id'")
    if not request.node.jobs.abort(task_id):
        raise InfoError(_NOT_FOUND, "id not active")
    return "ok"


def _abort_all(request: Request) -> str:
    return f"number-of-queries-killed:{request.node.jobs.abort_all()}"


COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    "query-show": _show,
    "query-abort": _abort,
    "query-abort-all": _abort_all,
}
