"""What is raised when some records of a statement could not be written."""

from __future__ import annotations

from aerodbapi.cluster.batch import BatchResult
from aerodbapi.errors import Error, error_for

__all__ = ["Failures", "error_of", "first_of"]

#: (index of the record, its error)
Failures = list[tuple[int, Error]]


def error_of(result: BatchResult) -> Error:
    if result.error is not None:
        error = result.error
        return error_for(
            result.result_code, error.message, node=result.node, in_doubt=result.in_doubt
        )
    return error_for(result.result_code, node=result.node, in_doubt=result.in_doubt)


def first_of(failures: Failures, total: int) -> Error:
    """The first failure, with all of them in its `results`, in the order of the rows."""
    error = failures[0][1]
    if total > 1:
        error.args = (
            f"{error.message} [{len(failures)} of {total} rows failed; the others are written]",
        )
    results: list[Error | None] = [None] * total
    for index, failure in failures:
        results[index] = failure
    error.results = tuple(results)
    return error
