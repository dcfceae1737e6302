"""Client's methods that begin queries, start functions in the servers, and follow jobs."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.query import (
    ALL,
    Query,
    Scan,
    background_call,
    background_udf,
    check_options,
)
from aerodbapi.compat.aerospike.raising import param_error
from aerodbapi.native import jobs

__all__ = ["JobMethods"]

Dict = dict[str, Any]
_MISSING: Any = object()


class JobMethods(BaseClient):
    """Queries, scans, background jobs."""

    def query(self, namespace: str = _MISSING, set: str | None = None) -> Query:
        """A query of a set's records."""
        _given("query", namespace)
        return Query._made(self, namespace, set)  # type: ignore[no-any-return]

    def scan(self, namespace: str = _MISSING, set: str | None = None) -> Scan:
        """A scan of a set's records."""
        _given("scan", namespace)
        return Scan._made(self, namespace, set)  # type: ignore[no-any-return]

    def query_apply(
        self,
        ns: str,
        set: str,
        predicate: Any,
        module: str,
        function: str,
        args: Any = _MISSING,
        policy: Dict | None = None,
    ) -> int:
        """Call a UDF on the records that a predicate selects; answers with the job's id."""
        call = background_call(self, module, function, _listed(args))
        return background_udf(self, ns, set, predicate, call, self._background(policy))

    def scan_apply(
        self,
        ns: str,
        set: str,
        module: str,
        function: str,
        args: Any = None,
        policy: Dict | None = None,
        options: Dict | None = None,
    ) -> int:
        """Call a UDF on a set's records; answers with the job's id."""
        call = background_call(self, module, function, args)
        check_options(options)
        return background_udf(self, ns, set, ALL, call, self._background(policy))

    def _background(self, policy: Dict | None) -> Any:
        return self._settings.policies("scan", policy)

    def job_info(self, job_id: int, module: str, policy: Dict | None = None) -> Dict:
        """{"progress_pct", "records_read", "status"} of a background job."""
        if module not in (a.JOB_SCAN, a.JOB_QUERY):
            param_error(
                "Module can have only two values: aerospike.JOB_SCAN or aerospike.JOB_QUERY"
            )
        chosen = self._settings.policies("info", policy)
        found = self._run(jobs.job_info(self._cluster, job_id, module, policy=chosen))
        return found._asdict()


def _given(method: str, namespace: Any) -> None:
    if namespace is _MISSING:
        param_error(f"{method}() expects atleast 1 parameter")


def _listed(args: Any) -> Any:
    if args is None:
        param_error("Arguments should be a list")
    return None if args is _MISSING else args
