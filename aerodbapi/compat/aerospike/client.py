"""Client: all methods together; a client connects when it is made."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike.base import _UNSET
from aerodbapi.compat.aerospike.batches import BatchMethods
from aerodbapi.compat.aerospike.calls import parse_all
from aerodbapi.compat.aerospike.cluster import ClusterMethods
from aerodbapi.compat.aerospike.definitions import DefinitionMethods
from aerodbapi.compat.aerospike.jobs import JobMethods
from aerodbapi.compat.aerospike.lists import ListMethods
from aerodbapi.compat.aerospike.records import RecordMethods
from aerodbapi.compat.aerospike.security import SecurityMethods
from aerodbapi.compat.aerospike.transaction import Transaction
from aerodbapi.native import transactions

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
        policies = self._settings.policies
        talk = transactions.commit(
            self._cluster,
            _checked(transaction),
            verify=policies("txn_verify", None),
            roll=policies("txn_roll", None),
        )
        return self._run(talk)

    def abort(self, transaction: Transaction) -> int:
        """Undo a transaction's writes; answers with ABORT_*."""
        roll = self._settings.policies("txn_roll", None)
        return self._run(transactions.abort(self._cluster, _checked(transaction), roll=roll))


parse_all(Client, without=("connect", "query", "scan"))


def _checked(transaction: Any) -> transactions.Transaction:
    if not isinstance(transaction, Transaction):
        raise TypeError(f"an aerospike.Transaction is due, not {type(transaction).__name__}")
    return transaction._engine


def client(config: Any = _UNSET) -> Client:
    """Make a client, which is connected."""
    return Client(config)
