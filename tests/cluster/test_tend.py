"""Seeds, peers and partition maps over simulated nodes that come, go, move and lie."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from aerodbapi.cluster.effects import Exchange
from aerodbapi.cluster.tend import Tended, connect, tend
from aerodbapi.conninfo import Host, TLSInfo
from aerodbapi.errors import AuthenticationError, ConnectionFailed, ProtocolError
from aerodbapi.protocol import info as wire
from tests.cluster.simulated import SimNode, Simulation


def rounds(simulation: Simulation, count: int = 1) -> Tended:
    done = Tended()
    for _ in range(count):
        done = simulation.run(tend(simulation.cluster))
    return done


def names(simulation: Simulation) -> list[str]:
    return sorted(simulation.cluster.nodes)


def asked(simulation: Simulation) -> list[tuple[str, list[str]]]:
    return [
        (str(e.node), wire.decode_request(e.request[8:]))
        for e in simulation.carrier.effects
        if isinstance(e, Exchange)
    ]


# ---- connecting --------------------------------------------------------------------------------


def test_one_seed_finds_all_nodes() -> None:
    simulation = Simulation(3)
    done = simulation.run(connect(simulation.cluster))
    assert names(simulation) == ["N0", "N1", "N2"]
    assert {node.name for node in done.added} == {"N0", "N1", "N2"}
    table = simulation.cluster.partitions["test"]
    assert [table.replicas[0][pid].name for pid in range(3)] == ["N0", "N1", "N2"]
    assert table.factor == 2
    assert simulation.cluster.nodes["N1"].version == (8, 1, 2, 0)


def test_the_first_question_to_a_seed() -> None:
    simulation = Simulation(1, cluster_name="sim")
    simulation.run(connect(simulation.cluster))
    first = asked(simulation)[0]
    assert first == ("10.0.0.1:3000", ["node", "partition-generation", "build", "cluster-name"])


def test_peers_of_peers() -> None:
    simulation = Simulation(4)
    for number, node in enumerate(simulation.nodes):
        node.lists = [f"N{(number + 1) % 4}"]
    simulation.run(connect(simulation.cluster))
    assert names(simulation) == ["N0", "N1", "N2", "N3"]


def test_seeds_that_are_down_are_skipped() -> None:
    seeds = (Host("10.9.9.9"), Host("10.0.0.2"))
    simulation = Simulation(3, hosts=seeds)
    simulation.run(connect(simulation.cluster))
    assert names(simulation) == ["N0", "N1", "N2"]


def test_all_seeds_down() -> None:
    simulation = Simulation(3, hosts=(Host("10.9.9.9"), Host("10.0.0.1"), Host("10.0.0.2", 3100)))
    simulation.nodes[0].delay = 60.0
    with pytest.raises(ConnectionFailed) as caught:
        simulation.run(connect(simulation.cluster))
    text = str(caught.value)
    assert "no seed can be reached" in text
    assert "10.9.9.9:3000: cannot connect to 10.9.9.9:3000: refused: start the server" in text
    assert "10.0.0.1:3000: timed out" in text
    assert "raise connect_timeout" in text
    assert "10.0.0.2:3100" in text
    assert simulation.carrier.now == 1001.0  # one connect_timeout


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ({"partition-generation": "-1"}, "still starting: wait"),
        ({"build": "5.7.0.1"}, "needs 6.0 or later: use a newer server"),
        ({"node": ""}, "does not name a node and its build: check that this is the service port"),
    ],
)
def test_seeds_that_will_not_do(info: dict[str, str], reason: str) -> None:
    simulation = Simulation(1)
    simulation.nodes[0].info = info
    with pytest.raises(ConnectionFailed, match=reason):
        simulation.run(connect(simulation.cluster))


def test_another_cluster_is_fatal() -> None:
    simulation = Simulation(2, cluster_name="other", hosts=(Host("10.0.0.1"), Host("10.0.0.2")))
    with pytest.raises(ConnectionFailed, match="'sim', not to 'other'") as caught:
        simulation.run(connect(simulation.cluster))
    assert type(caught.value) is ConnectionFailed
    assert len(asked(simulation)) == 1


def test_a_refused_login_is_fatal() -> None:
    simulation = Simulation(2, hosts=(Host("10.0.0.1"), Host("10.0.0.2")))

    class Locked:
        def exchange(self, *args: Any) -> bytes:
            raise AuthenticationError("wrong user or password", result_code=65)

    simulation.carrier.peers["10.0.0.1:3000"] = Locked()  # type: ignore[assignment]
    with pytest.raises(AuthenticationError):
        simulation.run(connect(simulation.cluster))
    assert len(asked(simulation)) == 1


def test_maps_that_cannot_be_read() -> None:
    simulation = Simulation(1)
    simulation.nodes[0].info = {"replicas": "test:0,1,%%%;"}
    with pytest.raises(ProtocolError):
        simulation.run(connect(simulation.cluster))


def test_peers_that_cannot_be_reached_do_not_matter() -> None:
    simulation = Simulation(3)
    del simulation.carrier.peers[simulation.nodes[2].address]
    simulation.run(connect(simulation.cluster))
    assert names(simulation) == ["N0", "N1"]
    simulation.listen(simulation.nodes[2])
    done = rounds(simulation)  # peers are read again although their generation did not change
    assert [node.name for node in done.added] == ["N2"]
    assert names(simulation) == ["N0", "N1", "N2"]


def test_an_impostor_is_not_added() -> None:
    simulation = Simulation(2)
    simulation.nodes[1].info = {"node": "OTHER"}
    simulation.run(connect(simulation.cluster))
    assert names(simulation) == ["N0"]


@pytest.mark.parametrize(
    ("tls", "alternate", "command"),
    [
        (None, False, "peers-clear-std"),
        (None, True, "peers-clear-alt"),
        (TLSInfo(), False, "peers-tls-std"),
        (TLSInfo(), True, "peers-tls-alt"),
    ],
)
def test_which_peers(tls: TLSInfo | None, alternate: bool, command: str) -> None:
    simulation = Simulation(1, services_alternate=alternate, tls=tls)
    simulation.nodes[0].info = {command: "1,3000,[]"}
    simulation.run(connect(simulation.cluster))
    assert [command] in [question for _, question in asked(simulation)]


def test_tls_names_travel_to_peers() -> None:
    simulation = Simulation(2, tls=TLSInfo(name="cert"))
    simulation.nodes[0].info = {
        "service-tls-std": "10.0.0.1:3000",
        "peers-tls-std": "1,3000,[[N1,peercert,[10.0.0.2]]]",
    }
    simulation.nodes[1].info = {"peers-tls-std": "1,3000,[[N0,,[10.0.0.1]]]"}
    simulation.run(connect(simulation.cluster))
    assert simulation.cluster.nodes["N0"].tls_name == "cert"
    assert simulation.cluster.nodes["N1"].tls_name == "peercert"


def test_a_load_balancer_is_left_behind() -> None:
    simulation = Simulation(2, hosts=(Host("balancer.example"),))
    simulation.carrier.peers["balancer.example:3000"] = simulation.nodes[1]
    simulation.run(connect(simulation.cluster))
    assert simulation.cluster.nodes["N1"].address == "10.0.0.2:3000"


def test_internal_addresses_are_not_used() -> None:
    simulation = Simulation(1, hosts=(Host("public.example"),))
    simulation.carrier.peers["public.example:3000"] = simulation.nodes[0]
    del simulation.carrier.peers["10.0.0.1:3000"]
    simulation.run(connect(simulation.cluster))
    assert simulation.cluster.nodes["N0"].address == "public.example:3000"


@pytest.mark.parametrize(("build", "greeted"), [("8.1.0.0", True), ("7.2.0.0", False)])
def test_user_agent(build: str, greeted: bool) -> None:
    simulation = Simulation(1)
    simulation.nodes[0].build = build
    simulation.run(connect(simulation.cluster))
    sent = [q[0] for _, q in asked(simulation) if q[0].startswith("user-agent-set:value=")]
    assert bool(sent) is greeted
    if greeted:
        text = base64.b64decode(sent[0].partition("=")[2]).decode()
        assert text.startswith("1,aerodbapi-")
        assert len(text) < 64


def test_a_node_in_this_process() -> None:
    simulation = Simulation(1, hosts=(), embedded=True)
    simulation.carrier.peers["127.0.0.1:3000"] = simulation.nodes[0]
    simulation.run(connect(simulation.cluster))
    assert names(simulation) == ["N0"]


# ---- tending -----------------------------------------------------------------------------------


def test_a_quiet_round_asks_each_node_once() -> None:
    simulation = Simulation(3).connect()
    before = simulation.cluster.partitions
    done = rounds(simulation)
    assert len(asked(simulation)) == 3
    assert done == Tended()
    assert simulation.cluster.partitions == before


def test_a_new_node() -> None:
    simulation = Simulation(2).connect()
    node = simulation.add("N9", "10.0.0.9", 2, 9, 10)
    simulation.listen(node)
    simulation.nodes[0].peers_generation += 1
    done = rounds(simulation)
    assert [n.name for n in done.added] == ["N9"]
    assert simulation.cluster.partitions["test"].owns_any(simulation.cluster.nodes["N9"])


def test_a_map_that_moves() -> None:
    simulation = Simulation(2).connect()
    for node in simulation.nodes:
        node.claims = [set(range(4096)), set()] if node.name == "N1" else [set(), set(range(4096))]
        node.partition_generation += 1
    rounds(simulation)
    table = simulation.cluster.partitions["test"]
    assert {node.name for node in table.replicas[0]} == {"N1"}
    assert {node.name for node in table.replicas[1]} == {"N0"}


def test_a_node_that_fails_stays_while_others_list_it() -> None:
    simulation = Simulation(3).connect()
    simulation.nodes[2].down = True
    rounds(simulation, 8)
    assert names(simulation) == ["N0", "N1", "N2"]
    assert simulation.cluster.nodes["N2"].failures >= 8
    simulation.nodes[2].down = False
    rounds(simulation)
    assert simulation.cluster.nodes["N2"].failures == 0


def test_a_node_that_fails_and_is_not_listed_goes() -> None:
    simulation = Simulation(3).connect()
    gone = simulation.cluster.nodes["N2"]
    simulation.nodes[2].down = True
    for node in simulation.nodes[:2]:
        node.lists = [n.name for n in simulation.nodes[:2]]
        node.peers_generation += 1
    done = rounds(simulation)
    assert done.removed == (gone,)
    assert names(simulation) == ["N0", "N1"]
    assert not simulation.cluster.partitions["test"].owns_any(gone)


def test_a_node_that_left_the_cluster_goes_when_it_owns_nothing() -> None:
    simulation = Simulation(3).connect()
    lonely = simulation.nodes[2]
    for node in simulation.nodes[:2]:
        node.lists = [n.name for n in simulation.nodes[:2]]
        node.peers_generation += 1
    rounds(simulation)
    assert "N2" in names(simulation)  # it still owns partitions
    for number, node in enumerate(simulation.nodes[:2]):
        node.claims = [{p for p in range(4096) if (p + level) % 2 == number} for level in (0, 1)]
        node.partition_generation += 1
    lonely.claims = [set(), set()]
    lonely.partition_generation += 1
    rounds(simulation)
    simulation.nodes[0].peers_generation += 1
    rounds(simulation)
    assert names(simulation) == ["N0", "N1"]


def test_all_nodes_fail_for_five_rounds_then_the_seeds() -> None:
    simulation = Simulation(2).connect()
    for node in simulation.nodes:
        node.down = True
    rounds(simulation, 4)
    assert names(simulation) == ["N0", "N1"]
    done = rounds(simulation)
    assert len(done.removed) == 2
    assert names(simulation) == []
    with pytest.raises(ConnectionFailed, match=r"10\.0\.0\.1:3000"):
        rounds(simulation)
    for node in simulation.nodes:
        node.down = False
    rounds(simulation)
    assert names(simulation) == ["N0", "N1"]
    assert simulation.cluster.partitions["test"].node_count() == 2


def test_a_restart_under_another_name() -> None:
    simulation = Simulation(1).connect()
    old = simulation.cluster.nodes["N0"]
    simulation.nodes[0].name = "NEW"
    assert rounds(simulation).removed == (old,)
    rounds(simulation)
    assert names(simulation) == ["NEW"]
    assert simulation.cluster.partitions["test"].replicas[0][0].name == "NEW"


def test_a_changed_address() -> None:
    simulation = Simulation(3).connect()
    old = simulation.cluster.nodes["N2"]
    node = simulation.nodes[2]
    del simulation.carrier.peers[node.address]
    node.host = "10.0.0.77"
    simulation.listen(node)
    for other in simulation.nodes:
        other.peers_generation += 1
    done = rounds(simulation)
    assert done.removed == (old,)
    assert simulation.cluster.nodes["N2"].address == "10.0.0.77:3000"
    table = simulation.cluster.partitions["test"]
    assert not table.owns_any(old)
    assert table.owns_any(simulation.cluster.nodes["N2"])


def test_a_split_off_node_does_not_change_the_map() -> None:
    simulation = Simulation(3).connect()
    split = simulation.nodes[2]
    split.lists = []
    split.peers_generation += 1
    split.claims = [set(range(4096)), set()]
    split.partition_generation += 1
    rounds(simulation)
    masters = {node.name for node in simulation.cluster.partitions["test"].replicas[0]}
    assert masters == {"N0", "N1", "N2"}


def test_a_map_of_a_lower_regime_is_ignored() -> None:
    simulation = Simulation(2)
    for node in simulation.nodes:
        node.regime = 7
    simulation.connect()
    stale: SimNode = simulation.nodes[1]
    stale.claims, stale.regime = [set(range(4096)), set()], 6
    stale.partition_generation += 1
    rounds(simulation)
    masters = {node.name for node in simulation.cluster.partitions["test"].replicas[0]}
    assert masters == {"N0", "N1"}


def test_bad_answers_count_as_failures() -> None:
    simulation = Simulation(2).connect()
    simulation.nodes[1].info = {"peers-clear-std": "garbage"}
    simulation.nodes[1].peers_generation += 1
    rounds(simulation)
    assert simulation.cluster.nodes["N1"].failures == 1
    simulation.nodes[1].info = {"replicas": "garbage"}
    simulation.nodes[1].partition_generation += 1
    rounds(simulation)
    assert names(simulation) == ["N0", "N1"]


def test_each_round_closes_circuits() -> None:
    simulation = Simulation(2, max_error_rate=1).connect()
    node = simulation.cluster.nodes["N0"]
    for _ in range(3):
        node.count_error(1)
    assert node.tripped
    rounds(simulation)
    assert not node.tripped


# ---- racks -------------------------------------------------------------------------------------


def test_racks() -> None:
    simulation = Simulation(2, rack_ids=(2,))
    for number, node in enumerate(simulation.nodes):
        node.info = {"rebalance-generation": "1", "rack-ids": f"test:{number + 1};bar:0"}
    simulation.connect()
    assert simulation.cluster.nodes["N1"].racks == {"test": 2, "bar": 0}
    assert simulation.cluster.node_for("test", 0, 0, "prefer_rack").name == "N1"
    simulation.nodes[1].info["rack-ids"] = "test:1"
    rounds(simulation)  # the first round that sees a generation reads again
    simulation.nodes[1].info = {"rebalance-generation": "2", "rack-ids": "test:5"}
    rounds(simulation)
    assert simulation.cluster.nodes["N1"].racks == {"test": 5}


def test_no_racks_in_the_community_edition() -> None:
    simulation = Simulation(2, rack_ids=(1,)).connect()
    assert simulation.cluster.nodes["N0"].racks == {}
    assert rounds(simulation) == Tended()


def test_errors_of_a_round_are_not_raised() -> None:
    simulation = Simulation(2).connect()
    simulation.nodes[0].info = {"node": "ERROR:1:broken"}
    rounds(simulation)
    assert simulation.cluster.nodes["N0"].failures > 0
