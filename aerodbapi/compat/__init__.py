"""The official client and aerospike-py, both on this package: import them, or install() them."""
