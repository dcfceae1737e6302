"""Client: all methods together; a client connects when it is made."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike.base import _UNSET
from aerodbapi.compat.aerospike.batches import BatchMethods
from aerodbapi.compat.aerospike.cluster import ClusterMethods
from aerodbapi.compat.aerospike.definitions import DefinitionMethods
from aerodbapi.compat.aerospike.jobs import JobMethods
from aerodbapi.compat.aerospike.lists import ListMethods
from aerodbapi.compat.aerospike.raising import param_error
from aerodbapi.compat.aerospike.records import RecordMethods
from aerodbapi.compat.aerospike.security import SecurityMethods
from aerodbapi.compat.aerospike.transaction import Transaction, aborted, committed

__all__ = ["Client", "client"]


class Client(
    RecordMethods,
    BatchMethods,
    DefinitionMethods,
    JobMethods,
    ClusterMethods,
    SecurityMethods,
    ListMethods,
):
    """A client of a cluster: `Client({"hosts": [("127.0.0.1", 3000)]})`."""

    def commit(self, transaction: Transaction) -> int:
        """Make a transaction's writes permanent; answers with COMMIT_*."""
        return committed(self, _checked(transaction))

    def abort(self, transaction: Transaction) -> int:
        """Undo a transaction's writes; answers with ABORT_*."""
        return aborted(self, _checked(transaction))


def _checked(transaction: Any) -> Transaction:
    if not isinstance(transaction, Transaction):
        param_error("transaction is not of type aerospike.Transaction")
    return transaction


def client(config: Any = _UNSET) -> Client:
    """Make a client, which is connected."""
    return Client(config)
