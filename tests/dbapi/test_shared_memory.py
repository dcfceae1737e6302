"""In-memory nodes with a name: one for the process, until its last connection is closed."""

from __future__ import annotations

import pytest

import aerodbapi

NAMED = "aerospike:///?memory=shared-by-tests&namespace=test"


def test_connections_with_the_name_see_the_same_records() -> None:
    with aerodbapi.connect(memory="shared-by-tests") as one, aerodbapi.connect(NAMED) as two:
        one.execute("INSERT INTO test.t (PK, n) VALUES ('a', 1)")
        assert two.execute("SELECT n FROM test.t WHERE PK = 'a'").fetchall() == [(1,)]
        one.close()
        assert two.execute("SELECT n FROM test.t").fetchall() == [(1,)]
    with aerodbapi.connect(memory="shared-by-tests") as fresh:
        assert fresh.execute("SELECT n FROM test.t").fetchall() == []


def test_other_names_and_none_are_other_nodes() -> None:
    with aerodbapi.connect(memory="a") as one, aerodbapi.connect(memory="b") as two:
        one.execute("INSERT INTO test.t (PK, n) VALUES ('a', 1)")
        assert two.execute("SELECT n FROM test.t").fetchall() == []
        with aerodbapi.connect() as own:
            assert own.execute("SELECT n FROM test.t").fetchall() == []


@pytest.mark.parametrize("also", [{"path": "x.db"}, {"hosts": "127.0.0.1"}, {"memory": ""}])
def test_a_name_is_for_memory_only(also: dict[str, str]) -> None:
    with pytest.raises(aerodbapi.ProgrammingError, match="memory"):
        aerodbapi.connect(**{"memory": "a", **also})
