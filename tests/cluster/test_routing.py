"""Partition maps and the choice of a node."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.node import Node, parse_version
from aerodbapi.cluster.partitions import merge, replace_nodes
from aerodbapi.conninfo import ConnInfo, Host
from aerodbapi.errors import ConnectionFailed, NamespaceNotFound, PartitionUnavailable
from aerodbapi.protocol.partitions import Replicas, bitmap


def node(name: str, rack: int | None = None) -> Node:
    made = Node(name, "10.0.0.1", 3000, build="8.1.0.0")
    if rack is not None:
        made.racks = {"test": rack}
    return made


def claim(*levels: set[int], regime: int = 0) -> Replicas:
    return Replicas(regime, len(levels), tuple(bitmap(level) for level in levels))


A, B, C = node("A", 1), node("B", 2), node("C", 2)


def cluster(*claims: tuple[Node, Replicas], racks: tuple[int, ...] = ()) -> Cluster:
    made = Cluster(
        ConnInfo(hosts=(Host("h"),), embedded=False, rack_ids=racks), choices=random.Random(1)
    )
    table = None
    for owner, owned in claims:
        table, _ = merge(table, owner, owned)
    assert table is not None
    made.publish_nodes({n.name: n for n, _ in claims})
    made.publish_partitions({"test": table})
    return made


THREE = (
    (A, claim({0}, {1}, {2})),
    (B, claim({1}, {2}, {0})),
    (C, claim({2}, {0}, {1})),
)


@pytest.mark.parametrize(
    ("pid", "attempt", "replica", "previous", "racks", "expected"),
    [
        (0, 0, "sequence", None, (), A),
        (0, 1, "sequence", A, (), C),
        (0, 2, "sequence", C, (), B),
        (0, 3, "sequence", B, (), A),
        (1, 0, "sequence", None, (), B),
        (0, 0, "master", None, (), A),
        (0, 5, "master", A, (), A),
        (0, 0, "prefer_rack", None, (1,), A),
        (0, 0, "prefer_rack", None, (2,), C),
        (0, 1, "prefer_rack", C, (2,), B),  # same rack, not the one that just failed
        (0, 1, "prefer_rack", A, (1,), C),  # the only node of the rack failed
        (0, 0, "prefer_rack", None, (9,), A),  # no such rack: in sequence
        (0, 0, "prefer_rack", None, (9, 2), C),  # racks in order of preference
        (0, 0, "prefer_rack", None, (), A),
    ],
)
def test_choice(
    pid: int,
    attempt: int,
    replica: str,
    previous: Node | None,
    racks: tuple[int, ...],
    expected: Node,
) -> None:
    assert cluster(*THREE, racks=racks).node_for("test", pid, attempt, replica, previous) is (
        expected
    )


def test_any_uses_all_replicas_and_avoids_the_last_one() -> None:
    made = cluster(*THREE)
    assert {made.node_for("test", 0, 0, "any") for _ in range(50)} == {A, B, C}
    assert A not in {made.node_for("test", 0, 1, "any", A) for _ in range(50)}


def test_any_with_one_replica() -> None:
    made = cluster((A, claim({0})))
    assert made.node_for("test", 0, 1, "any", A) is A


def test_holes_in_the_map() -> None:
    made = cluster((A, claim({0}, {1})), (B, claim(set(), {2})))
    assert made.node_for("test", 1) is A  # no master known: a replica
    assert made.node_for("test", 2, 4) is B
    with pytest.raises(PartitionUnavailable, match="partition 7 of namespace test"):
        made.node_for("test", 7)
    with pytest.raises(PartitionUnavailable):
        made.node_for("test", 1, 0, "master")
    with pytest.raises(PartitionUnavailable):
        made.node_for("test", 7, 0, "any")


def test_unknown_namespace() -> None:
    with pytest.raises(NamespaceNotFound, match="it has: test"):
        cluster(*THREE).node_for("other", 0)


def test_an_empty_cluster() -> None:
    empty = Cluster(ConnInfo(hosts=(Host("h"),), embedded=False))
    with pytest.raises(ConnectionFailed):
        empty.node_for("test", 0)
    with pytest.raises(ConnectionFailed):
        empty.random_node()


def test_random_node_prefers_sound_ones() -> None:
    made = cluster(*THREE)
    A.tripped, B.failures = True, 1
    try:
        assert {made.random_node() for _ in range(30)} == {C}
        C.tripped = True
        assert len({made.random_node() for _ in range(50)}) == 3
    finally:
        A.tripped = C.tripped = False
        B.failures = 0


# ---- maps --------------------------------------------------------------------------------------


def test_a_lower_regime_is_ignored() -> None:
    table, _ = merge(None, A, claim({0, 1}, regime=5))
    table, displaced = merge(table, B, claim({0, 2}, regime=4))
    assert table.replicas[0][:3] == [A, A, B]
    assert table.regime == 5
    assert table.regimes[:3] == [5, 5, 4]
    assert displaced == set()


@pytest.mark.parametrize("regime", [5, 6])
def test_an_equal_or_higher_regime_wins(regime: int) -> None:
    table, _ = merge(None, A, claim({0, 1}, regime=5))
    table, displaced = merge(table, B, claim({0}, regime=regime))
    assert table.replicas[0][:2] == [B, A]
    assert displaced == {A}


def test_merging_leaves_the_old_table_alone() -> None:
    old, _ = merge(None, A, claim({0}, {1}))
    before = [list(level) for level in old.replicas]
    merge(old, B, claim({0, 1}, {2}, {3}))
    assert [list(level) for level in old.replicas] == before


def test_the_replication_factor_may_change() -> None:
    table, _ = merge(None, A, claim({0}, {1}))
    wider, _ = merge(table, B, claim({1}, {0}, {2}))
    assert (wider.factor, len(wider.replicas)) == (3, 3)
    narrow, _ = merge(wider, B, claim({1}))
    assert (narrow.factor, len(narrow.replicas)) == (1, 1)


def test_replace_nodes() -> None:
    table, _ = merge(None, A, claim({0}, {1}))
    table, _ = merge(table, B, claim({1}, {0}))
    fresh = node("A")
    swapped = replace_nodes(table, lambda old: fresh if old is A else None, [A])
    assert swapped.replicas[0][:2] == [fresh, B]
    gone = replace_nodes(table, lambda old: None, [A])
    assert gone.replicas[0][0] is None
    assert gone.owns_any(B)
    assert not gone.owns_any(A)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([A, B, C]), st.integers(0, 3), st.sets(st.integers(0, 40), max_size=20)
        ),
        max_size=8,
    )
)
def test_the_last_claim_of_the_highest_regime_holds(
    claims: list[tuple[Node, int, set[int]]],
) -> None:
    table = None
    expected: dict[int, tuple[int, Node]] = {}
    for owner, regime, owned in claims:
        table, _ = merge(table, owner, claim(owned, regime=regime))
        for pid in owned:
            if pid not in expected or regime >= expected[pid][0]:
                expected[pid] = regime, owner
    for pid in range(41):
        holder = table.replicas[0][pid] if table is not None else None
        assert holder is (expected[pid][1] if pid in expected else None)


@pytest.mark.parametrize(
    ("build", "version"),
    [
        ("8.1.2.0", (8, 1, 2, 0)),
        ("7.0.0.5-rc1", (7, 0, 0, 5)),
        ("8.1.3", (8, 1, 3)),
        ("8.x", (8,)),
        ("", ()),
    ],
)
def test_versions(build: str, version: tuple[int, ...]) -> None:
    assert parse_version(build) == version


def test_addresses() -> None:
    assert str(Node("", "::1", 3000)) == "[::1]:3000"
    assert str(Node("N", "h", 3000)) == "N@h:3000"
