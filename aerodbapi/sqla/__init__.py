"""The SQLAlchemy dialect: `create_engine("aerospike://…")`, types, and upserts.

SQLAlchemy finds it by its entry points; nothing here needs to be imported for plain use.
"""

from __future__ import annotations

from aerodbapi.sqla.datatype import GEOJSON, HLL, LIST, MAP
from aerodbapi.sqla.dialect import AerospikeDialect
from aerodbapi.sqla.dml import Insert, insert

__all__ = ["GEOJSON", "HLL", "LIST", "MAP", "AerospikeDialect", "Insert", "insert"]
