"""The policies that a connection's options ask for, for every kind of command."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from aerodbapi.native.policies import (
    AdminPolicy,
    BatchPolicy,
    InfoPolicy,
    QueryPolicy,
    ReadPolicy,
    WritePolicy,
)

if TYPE_CHECKING:
    from aerodbapi.conninfo import ConnInfo

__all__ = ["policies_of"]


def policies_of(info: ConnInfo) -> dict[str, Any]:
    """The policies by what they are for, as a client's configuration names them."""
    base: dict[str, Any] = {
        "socket_timeout": info.socket_timeout,
        "sleep_between_retries": info.sleep_between_retries,
        "replica": info.replica,
        "compress": info.compress,
    }
    single = {**base, "total_timeout": info.timeout}
    read = ReadPolicy(max_retries=info.max_retries, **single)
    write = WritePolicy(
        send_key=info.send_key,
        ttl=info.ttl,
        durable_delete=info.durable_delete,
        commit=info.commit,
        **single,
    )
    batch = BatchPolicy(total_timeout=info.batch_timeout, max_retries=info.max_retries, **base)
    patient = {**base, "sleep_between_retries": max(info.sleep_between_retries, 100)}
    query = QueryPolicy(
        total_timeout=info.query_timeout, records_per_second=info.records_per_second, **patient
    )
    txn = BatchPolicy(
        total_timeout=10_000,
        socket_timeout=3000,
        max_retries=5,
        sleep_between_retries=1000,
        replica="master",
    )
    return {
        "read": read,
        "batch_read": read,
        **dict.fromkeys(("write", "operate", "remove", "apply"), write),
        **dict.fromkeys(("batch_write", "batch_remove", "batch_apply"), write),
        "batch": batch,
        "batch_parent_write": dataclasses.replace(batch, max_retries=0),
        "query": query,
        "scan": query,
        "info": InfoPolicy(),
        "admin": AdminPolicy(),
        "txn_verify": dataclasses.replace(txn, read_mode_sc="linearize"),
        "txn_roll": txn,
    }
