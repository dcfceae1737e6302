"""Operations at random: what is stored is always well-formed; with `--hosts`, a server's answer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aerodbapi.embedded.containers import canonical
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.packed import LIST, MAP
from tests.differential import strategies
from tests.differential.payloads import Packed
from tests.differential.peers import Case, Outcome, Peer, outcome, read_op, write_op

KINDS = {19: MAP, 20: LIST}
#: A list that a context makes in a new bin shows the flag that its index is kept.
PERSISTED = ("c70010", "c70011")
#: All that may come of an operation on a list or map.
CODES = (0, 1, 4, 12, 23, 24, 26)

STARTS = st.one_of(
    strategies.lists(strategies.values).map(lambda packed: (20, packed)),
    strategies.maps(strategies.values).map(lambda packed: (19, packed)),
    st.none(),
)
LOOSE_STARTS = st.one_of(
    strategies.lists(strategies.loose_values).map(lambda packed: (20, packed)),
    strategies.maps(strategies.loose_values).map(lambda packed: (19, packed)),
)

many = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def compare(node: EmbeddedNode, server: Peer | None, namespace: str, set_name: str):
    """Send a case to the node, and to the server when there is one."""

    def run(start: tuple[int, bytes] | None, modifies: bool, payload: Packed) -> Outcome:
        bins = {"a": 1} if start is None else {"a": 1, "b": start}
        op = (write_op if modifies else read_op)(payload)
        case = Case("random", bins, (op,), writes=modifies)
        ours = outcome(node, namespace, set_name, case)
        assert ours.code in CODES
        for kind, value in ours.stored.values():
            if kind in KINDS and not any(flag in value for flag in PERSISTED):
                assert canonical(bytes.fromhex(value), KINDS[kind]).hex() == value
        if server is not None:
            assert ours == outcome(server, namespace, set_name, case)
        return ours

    return run


@many
@given(STARTS, strategies.commands())
def test_commands(compare, start, command):
    compare(start, *command)


@many
@given(STARTS, strategies.contexts(), strategies.commands())
def test_commands_in_contexts(compare, start, context, command):
    modifies, inner = command
    compare(start, modifies, Packed(b"\x93\xcc\xff" + context + inner))


@many
@given(LOOSE_STARTS, strategies.paths())
def test_paths(compare, start, path):
    compare(start, *path)
