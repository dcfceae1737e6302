"""The names of a session's settings: AQL's, and ours. What they do is in `dbapi.settings`."""

from __future__ import annotations

from typing import Final

from aerodbapi.grammar.tokens import words

__all__ = ["SETTINGS"]

SETTINGS: Final = frozenset(
    words(
        "ECHO VERBOSE OUTPUT OUTPUT_TYPES TIMEOUT SOCKET_TIMEOUT LUA_USERPATH RECORD_TTL"
        " RECORD_PRINT_METADATA KEY_SEND DURABLE_DELETE SCAN_RECORDS_PER_SECOND NO_BINS"
        " USE_SMD REPLICA_ANY LINEARIZE_READ FAIL_ON_CLUSTER_CHANGE SCAN_PRIORITY"
        " BATCH_TIMEOUT QUERY_TIMEOUT NAMESPACE PROFILE SCANS MAX_ROWS TIMING PAGER"
    )
)
