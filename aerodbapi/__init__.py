"""Aerospike for Python: PEP 249, AQL and SQL, and the native client."""
