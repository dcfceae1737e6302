"""The single-record command: which failures are tried again, where, when, and what is in doubt."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from aerodbapi.cluster.commands import Resume, command, failure_of
from aerodbapi.cluster.effects import Exchange
from aerodbapi.cluster.policy import Policy, server_timeout
from aerodbapi.errors import (
    AuthenticationError,
    ConnectionFailed,
    DeviceOverload,
    Error,
    KeyBusy,
    NamespaceNotFound,
    PartitionUnavailable,
    ProtocolError,
    RecordExists,
    RecordNotFound,
    Timeout,
    error_for,
)
from aerodbapi.protocol.commands import read_request
from aerodbapi.protocol.frame import COMPRESSED
from tests.cluster.simulated import Simulation

POLICY = Policy(max_retries=2)
FRAME = read_request("test", "s", b"\1" * 20, timeout_ms=1000)


def broken(*, sent: bool) -> ConnectionFailed:
    return ConnectionFailed("the connection broke", in_doubt=sent)


def silent() -> Timeout:
    return Timeout("timed out waiting for the reply", in_doubt=True)


def go(
    outcomes: list[list[int | Error]],
    *,
    policy: Policy = POLICY,
    write: bool = False,
    pid: int = 0,
    nodes: int = 3,
    **keywords: Any,
) -> tuple[Simulation, Any]:
    """Run a command; `outcomes[i]` is what node i answers in turn (then 0, success)."""
    simulation = Simulation(nodes, factor=2).connect()
    for node, codes in zip(simulation.nodes, outcomes, strict=False):
        node.reply_codes = list(codes)
    conversation = command(
        simulation.cluster, "test", pid, FRAME, policy=policy, write=write, **keywords
    )
    try:
        return simulation, simulation.run(conversation)
    except Error as error:
        return simulation, error


def asked(simulation: Simulation) -> list[str]:
    return [e.node.name for e in simulation.carrier.effects if isinstance(e, Exchange)]


def test_success_at_once() -> None:
    simulation, body = go([[]])
    assert body[5] == 0
    assert asked(simulation) == ["N0"]
    effect = simulation.carrier.effects[0]
    assert effect.request is FRAME
    assert effect.deadline == pytest.approx(1001.0)
    assert effect.socket_timeout == 30.0


def test_no_timeouts_at_all() -> None:
    simulation, _ = go([[]], policy=Policy(total_timeout=0, socket_timeout=0))
    effect = simulation.carrier.effects[0]
    assert effect.deadline is None
    assert effect.socket_timeout is None


# Partition 0: master N0, replica N1 (levels of Simulation: (pid + level) % 3 == number).
# pid 0: level 0 at node 0; level 1: (0 + 1) % 3 == 1 at node 1.
RETRIES = [
    # outcomes at N0, at N1, write → nodes asked
    ([11], [], False, ["N0", "N1"]),
    ([18], [], False, ["N0", "N1"]),
    ([9], [], False, ["N0", "N1"]),
    ([silent()], [], False, ["N0", "N1"]),
    ([broken(sent=True)], [], False, ["N0", "N1"]),
    ([error_for(-7)], [], False, ["N0", "N1"]),
    ([11, 0], [11], False, ["N0", "N1", "N0"]),
    ([11], [], True, ["N0", "N1"]),
    ([18], [], True, ["N0", "N1"]),
    ([broken(sent=False)], [], True, ["N0", "N1"]),
    ([9], [], True, ["N0", "N0"]),
    ([silent()], [], True, ["N0", "N0"]),
    ([error_for(-7)], [], True, ["N0", "N0"]),
]


@pytest.mark.parametrize(("first", "second", "write", "nodes"), RETRIES)
def test_retries(first: Any, second: Any, write: bool, nodes: list[str]) -> None:
    simulation, body = go([first, second], write=write)
    assert isinstance(body, bytes)
    assert asked(simulation) == nodes


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (2, RecordNotFound),
        (5, RecordExists),
        (14, KeyBusy),
        (80, AuthenticationError),
        (error_for(-9), ConnectionFailed),
        (ProtocolError("garbage"), ProtocolError),
    ],
)
def test_answers_that_are_final(outcome: int | Error, kind: type[Error]) -> None:
    simulation, error = go([[outcome]])
    assert type(error) is kind
    assert asked(simulation) == ["N0"]
    assert "try" not in str(error)
    assert "N0@10.0.0.1:3000" in str(error)
    assert simulation.carrier.sleeps == []


def test_accepted_codes_are_answers() -> None:
    _, body = go([[2]], accept=frozenset({0, 2}))
    assert body[5] == 2


def test_retries_used_up() -> None:
    simulation, error = go([[11, 11], [11]])
    assert type(error) is PartitionUnavailable
    assert asked(simulation) == ["N0", "N1", "N0"]
    assert "3 tries, no more allowed" in str(error)
    assert error.node == "N0@10.0.0.1:3000"


def test_master_only() -> None:
    simulation, error = go([[11, 11, 11]], policy=Policy(max_retries=2, replica="master"))
    assert isinstance(error, PartitionUnavailable)
    assert asked(simulation) == ["N0"] * 3
    simulation, _ = go([[11, 11]], policy=Policy(max_retries=2, linearize=True, replica="any"))
    assert asked(simulation) == ["N0"] * 3


@pytest.mark.parametrize(
    ("write", "outcomes", "sleeps"),
    [
        (False, [[11, 11], [11]], [0.05]),  # at once to another replica, then after a pause
        (True, [[9, 9]], [0.05, 0.05]),  # the same node again: never at once
    ],
)
def test_sleeps(write: bool, outcomes: Any, sleeps: list[float]) -> None:
    policy = Policy(max_retries=2, sleep_between_retries=50)
    simulation, _ = go(outcomes, policy=policy, write=write)
    assert simulation.carrier.sleeps == sleeps


IN_DOUBT = [
    # outcomes at N0, at N1, write, retries → in doubt
    ([broken(sent=True)], [], True, 0, True),
    ([broken(sent=False)], [], True, 0, False),
    ([silent()], [], True, 0, True),
    ([9], [], True, 0, True),
    ([18], [], True, 0, False),
    ([5], [], True, 0, False),
    ([broken(sent=True)], [5], True, 2, True),  # the first try may be what exists now
    ([18], [5], True, 2, False),
    ([broken(sent=False)], [3], True, 2, False),
    ([silent()], [], False, 0, False),
    ([ProtocolError("garbage", in_doubt=True)], [], True, 2, True),
]


@pytest.mark.parametrize(("first", "second", "write", "retries", "doubt"), IN_DOUBT)
def test_in_doubt(first: Any, second: Any, write: bool, retries: int, doubt: bool) -> None:
    _, error = go([first, second], write=write, policy=Policy(max_retries=retries))
    assert isinstance(error, Error)
    assert error.in_doubt is doubt
    assert error.node is not None


def test_short_reply_is_a_protocol_error() -> None:
    simulation = Simulation(1).connect()
    error = failure_of(b"\x16\0\0", simulation.cluster.nodes["N0"])
    assert isinstance(error, ProtocolError)
    assert error.in_doubt


# ---- time --------------------------------------------------------------------------------------


def test_the_deadline_ends_the_tries() -> None:
    simulation = Simulation(2, factor=2).connect()
    for node in simulation.nodes:
        node.delay = 5.0
    with pytest.raises(Timeout, match="1 try, total timeout of 1000 ms"):
        simulation.run(command(simulation.cluster, "test", 0, FRAME, policy=POLICY, write=False))
    assert simulation.carrier.now == 1001.0


def test_no_sleep_beyond_the_deadline() -> None:
    policy = Policy(total_timeout=100, max_retries=9, sleep_between_retries=60)
    simulation, error = go([[11] * 9, [11] * 9], policy=policy)
    assert isinstance(error, PartitionUnavailable)
    assert "total timeout of 100 ms" in str(error)
    assert simulation.carrier.sleeps == [0.06]


@pytest.mark.parametrize("as_function", [False, True])
def test_the_servers_timeout_shrinks(as_function: bool) -> None:
    simulation = Simulation(2, factor=2).connect()
    simulation.nodes[0].reply_codes = [11]
    simulation.nodes[0].delay = 0.4
    request = (
        (lambda ms: read_request("test", "s", b"\1" * 20, timeout_ms=ms))
        if (as_function)
        else FRAME
    )
    simulation.run(command(simulation.cluster, "test", 0, request, policy=POLICY, write=False))
    exchanges = [e for e in simulation.carrier.effects if isinstance(e, Exchange)]
    timeouts = [struct.unpack_from(">I", e.request, 22)[0] for e in exchanges]
    assert timeouts[0] == 1000
    assert timeouts[1] in (599, 600)
    assert [len(e.request) for e in exchanges] == [len(FRAME)] * 2


@pytest.mark.parametrize(
    ("total", "silence", "remaining", "expected"),
    [
        (1000, 30000, None, 1000),
        (1000, 200, None, 200),
        (0, 200, None, 0),
        (0, 0, None, 0),
        (1000, 0, 0.25, 250),
        (1000, 200, 0.25, 200),
        (1000, 0, -3.0, 1),
    ],
)
def test_server_timeout(total: int, silence: int, remaining: float | None, expected: int) -> None:
    policy = Policy(total_timeout=total, socket_timeout=silence)
    assert server_timeout(policy, remaining) == expected


def test_compression() -> None:
    frame = read_request("test", "s" * 60, b"\1" * 20, bins=["b" * 15] * 10, timeout_ms=1000)
    simulation = Simulation(1).connect()
    policy = Policy(compress=True)
    simulation.run(command(simulation.cluster, "test", 0, frame, policy=policy, write=False))
    assert simulation.carrier.effects[0].request[1] == COMPRESSED


# ---- circuit breaker ---------------------------------------------------------------------------


def test_circuit_breaker() -> None:
    simulation = Simulation(2, factor=2, max_error_rate=3).connect()
    node = simulation.cluster.nodes["N0"]
    simulation.nodes[0].reply_codes = [18] * 4
    for _ in range(4):
        simulation.run(command(simulation.cluster, "test", 0, FRAME, policy=POLICY, write=False))
    assert node.tripped
    simulation.carrier.effects.clear()
    simulation.run(command(simulation.cluster, "test", 0, FRAME, policy=POLICY, write=False))
    assert asked(simulation) == ["N1"]
    with pytest.raises(Error, match="too many errors") as caught:
        simulation.run(command(simulation.cluster, "test", 0, FRAME, policy=POLICY, write=True))
    assert caught.value.result_code == -14
    assert not caught.value.in_doubt
    node.reset_errors()
    assert not node.tripped


def test_a_missing_record_does_not_count_as_error() -> None:
    simulation, _ = go([[2]])
    assert simulation.cluster.nodes["N0"].errors == 0


# ---- hand-over ---------------------------------------------------------------------------------


def test_resume_goes_on_at_the_second_try() -> None:
    simulation = Simulation(3, factor=2).connect()
    node = simulation.cluster.nodes["N0"]
    started = simulation.carrier.now - 0.3
    resume = Resume(DeviceOverload(node=str(node)), node, started)
    simulation.run(
        command(simulation.cluster, "test", 0, FRAME, policy=POLICY, write=False, resume=resume)
    )
    assert asked(simulation) == ["N1"]
    effect = simulation.carrier.effects[0]
    assert effect.deadline == pytest.approx(started + 1)
    assert struct.unpack_from(">I", effect.request, 22)[0] in (699, 700)


def test_resume_counts_the_first_try() -> None:
    simulation = Simulation(3, factor=2).connect()
    resume = Resume(silent(), simulation.cluster.nodes["N0"], simulation.carrier.now)
    policy = Policy(max_retries=0)
    with pytest.raises(Timeout, match="1 try, no more allowed") as caught:
        simulation.run(
            command(simulation.cluster, "test", 0, FRAME, policy=policy, write=True, resume=resume)
        )
    assert caught.value.in_doubt
    assert simulation.carrier.effects == []


# ---- no node -----------------------------------------------------------------------------------


def test_unknown_namespace_is_final() -> None:
    simulation = Simulation(2).connect()
    with pytest.raises(NamespaceNotFound, match=r"'nope'.*it has: test"):
        simulation.run(command(simulation.cluster, "nope", 0, FRAME, policy=POLICY, write=False))


def test_nodes_in_this_process_make_namespaces() -> None:
    simulation = Simulation(1, embedded=True, hosts=())
    simulation.carrier.peers["127.0.0.1:3000"] = simulation.nodes[0]
    simulation.connect()
    body = simulation.run(command(simulation.cluster, "new", 0, FRAME, policy=POLICY, write=False))
    assert body[5] == 0
