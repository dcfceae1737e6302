"""Every case of the tables: the node answers as a server did; with `--hosts`, as it does now."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from tests.differential.peers import Case, Peer, outcome
from tests.differential.recording import TABLES, recorded


def groups() -> dict[str, list[Case]]:
    """Put cases of one command together: what their names begin with, up to its arguments."""
    found = defaultdict(list)
    for table, cases in TABLES.items():
        for case in cases():
            found[f"{table}: {re.split(r'[^ a-z-]', case.id)[0].strip()}"].append(case)
    return found


GROUPS = groups()


@pytest.mark.parametrize("group", GROUPS)
def test_cases(node: EmbeddedNode, server: Peer | None, namespace: str, set_name: str, group: str):
    expected = recorded(group.partition(":")[0])
    different = []
    for case in GROUPS[group]:
        ours = outcome(node, namespace, set_name, case)
        theirs = expected[case.id]
        if server is not None:
            theirs = outcome(server, namespace, set_name, case)
            assert theirs == expected[case.id], f"{case.id}: the recorded row is old"
        if ours != theirs:
            different.append((case.id, ours, theirs))
    assert not different


@pytest.mark.parametrize("table", TABLES)
def test_every_recorded_row_has_a_case(table: str):
    assert set(recorded(table)) == {case.id for case in TABLES[table]()}
