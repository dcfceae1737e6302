"""Runs SQLAlchemy's own dialect suite: `pytest -c tests/sqla/pytest.ini tests/sqla`."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import registry

registry.register("aerospike", "aerodbapi.sqla", "AerospikeDialect")
registry.register("aerospike.aerodbapi", "aerodbapi.sqla", "AerospikeDialect")

pytest.register_assert_rewrite("sqlalchemy.testing.assertions")

from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: E402, F403
