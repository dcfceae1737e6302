"""Helpers of `aerospike`: operations, expressions, contexts, batch records, metrics."""

from aerodbapi.types import HyperLogLog

__all__ = ["HyperLogLog"]
