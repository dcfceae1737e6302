"""Pools: idle connections that died, grew old, or came too late."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from aerodbapi.cluster.effects import Exchange
from aerodbapi.errors import ConnectionFailed, InterfaceError, OperationalError
from aerodbapi.transport import pool as pool_module
from aerodbapi.transport.pool import BasePool
from tests.transport.scripted import REPLY, REQUEST, Peer, Script, SyncFace, info_for


def replying_then(ending: str) -> Script:
    """Answer each connection's first request; then hang up at once."""

    def script(peer: Peer, request: bytes) -> bool | None:
        peer.send(REPLY)
        if peer.number == 0:
            if ending == "reset":
                peer.reset()
            return False
        return None

    return script


@pytest.mark.parametrize("ending", ["fin", "reset"])
def test_connection_that_died_while_idle_is_replaced_unnoticed(ending, serve, face, monkeypatch):
    monkeypatch.setattr("aerodbapi.transport.sync.FRESH", -1.0)
    monkeypatch.setattr("aerodbapi.transport.aio.FRESH", -1.0)
    monkeypatch.setattr(pool_module, "FRESH", -1.0)
    server = serve(replying_then(ending))
    carrier, node = face(server), server.node()
    assert carrier.exchange(node, REQUEST) == b"reply"
    time.sleep(0.05)
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert (server.connections, server.requests) == (2, 2)


@pytest.mark.parametrize("kind", ["exchange", "stream"])
def test_send_that_fails_is_repeated_on_another_connection(kind, serve):
    server = serve()
    carrier, node = SyncFace(info_for(server)), server.node()
    carrier.exchange(node, REQUEST)
    # Only sending fails at once: what the kernel does when the peer's RST has come already.
    node.link.idle[0].sock.shutdown(socket.SHUT_WR)
    if kind == "exchange":
        assert carrier.exchange(node, REQUEST) == b"reply"
    else:
        from tests.transport.test_conversations import read

        server.script = lambda peer, _: peer.send(b"\x02\x03\0\0\0\0\0\x03end")
        assert carrier.run(read(node, "0")) == 0
    assert server.connections == 2
    assert server.requests == 2
    carrier.close()


def test_reply_that_never_comes_on_an_old_connection_is_not_repeated(serve, face):
    def script(peer: Peer, request: bytes) -> bool | None:
        if peer.requests == 2:
            return False
        peer.send(REPLY)
        return None

    server = serve(script)
    carrier, node = face(server), server.node()
    carrier.exchange(node, REQUEST)
    with pytest.raises(ConnectionFailed) as caught:
        carrier.exchange(node, REQUEST)
    assert caught.value.in_doubt
    assert server.requests == 2


def test_restarted_node_costs_one_command_at_most(serve):
    server = serve()
    carrier, node = SyncFace(info_for(server)), server.node()
    barrier = threading.Barrier(8)
    server.script = lambda peer, _: (time.sleep(0.05), peer.send(REPLY))[1]
    threads = [
        threading.Thread(target=lambda: (barrier.wait(), carrier.exchange(node, REQUEST)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert server.wait_open(8) == 8
    server.drop()
    server.wait_open(0)
    with pytest.raises(ConnectionFailed):
        carrier.exchange(node, REQUEST)
    for _ in range(8):
        assert carrier.exchange(node, REQUEST) == b"reply"
    assert server.connections == 9
    carrier.close()


def test_unasked_bytes_in_an_idle_connection_end_it(serve, face, monkeypatch):
    monkeypatch.setattr("aerodbapi.transport.sync.FRESH", -1.0)
    monkeypatch.setattr("aerodbapi.transport.aio.FRESH", -1.0)
    monkeypatch.setattr(pool_module, "FRESH", -1.0)
    server = serve()
    carrier, node = face(server), server.node()
    carrier.exchange(node, REQUEST)
    server.peers[0].send(b"surprise")
    time.sleep(0.05)
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert server.connections == 2


def test_old_idle_connections_are_reaped_and_not_used(serve, face):
    server = serve()
    carrier, node = face(server, max_idle=1), server.node()
    carrier.carrier.cluster.publish_nodes({node.name: node})
    carrier.exchange(node, REQUEST)
    node.link.idle[0].used -= 5
    carrier.carrier.reap()
    carrier.pause(0.01)
    assert server.wait_open(0) == 0
    carrier.exchange(node, REQUEST)
    node.link.idle[0].used -= 5
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert server.connections == 3


def test_idle_zero_keeps_connections_for_ever(serve, face):
    server = serve()
    carrier, node = face(server, max_idle=0), server.node()
    carrier.carrier.cluster.publish_nodes({node.name: node})
    carrier.exchange(node, REQUEST)
    node.link.idle[0].used -= 1e6
    carrier.carrier.reap()
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert server.connections == 1


def test_reaping_closes_the_pools_of_nodes_that_are_gone(serve, face):
    server = serve()
    carrier, node = face(server), server.node()
    carrier.exchange(node, REQUEST)
    carrier.carrier.reap()
    carrier.pause(0.01)
    assert server.wait_open(0) == 0
    assert carrier.exchange(node, REQUEST) == b"reply"


def test_node_that_takes_over_a_link_keeps_its_connections(serve, face):
    server = serve()
    carrier, probe = face(server), server.node("")
    carrier.exchange(probe, REQUEST)
    node = server.node("A1")
    node.link = probe.link
    carrier.carrier.cluster.publish_nodes({node.name: node})
    carrier.carrier.reap()
    carrier.exchange(node, REQUEST)
    assert server.connections == 1


def test_reap_keeps_the_order_of_age():
    class Idle:
        def __init__(self, used: float) -> None:
            self.used = used
            self.closed = False

        def close(self) -> None:
            self.closed = True

        interrupt = close

        def alive(self) -> bool:
            return True

    node_pool: BasePool[Idle] = BasePool(info_for().hosts, info_for(max_idle=10))  # type: ignore[arg-type]
    connections = [Idle(used) for used in (1.0, 5.0, 20.0)]
    node_pool.idle.extend(connections)
    assert node_pool.reap(15.0) == 2
    assert [c.closed for c in connections] == [True, True, False]
    assert node_pool.take(20.5) is connections[2]
    assert node_pool.take(20.5) is None


def test_waiting_threads_get_connections_as_they_come_back(serve):
    server = serve(lambda peer, _: (time.sleep(0.02), peer.send(REPLY))[1])
    carrier, node = SyncFace(info_for(server, max_connections=2)), server.node()
    answers: list[object] = []

    def work() -> None:
        try:
            answers.append(carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 10))
        except OperationalError as error:
            answers.append(error)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert answers == [b"reply"] * 20
    assert server.connections == 2
    carrier.close()


def test_connection_that_is_forgotten_frees_its_slot(serve):
    server = serve()
    carrier, node = SyncFace(info_for(server, max_connections=1)), server.node()
    carrier.exchange(node, REQUEST)
    node.link.idle.pop()  # as an interrupt between two lines of Python would lose it
    assert node.link.live == {}
    assert carrier.exchange(node, REQUEST, 1.0, time.monotonic() + 1) == b"reply"
    carrier.close()


# ---- interrupts, forks, other loops ------------------------------------------------------------


def test_ctrl_c_leaves_no_half_used_connection(serve):
    """Signals at random moments: every answer must still be the one to its own request."""
    script = """
        import os, signal, sys, time
        from aerodbapi.protocol.frame import frame
        from tests.transport.scripted import Server, SyncFace, info_for

        server = Server(lambda peer, request: peer.send(request))
        face, node = SyncFace(info_for(server, max_connections=3)), server.node()
        armed = False

        def interrupt(*_):
            global armed
            if armed:
                armed = False  # not while the last one is being handled
                raise KeyboardInterrupt

        signal.signal(signal.SIGALRM, interrupt)
        interrupts = number = 0
        until = time.monotonic() + 10
        while interrupts < 300 and time.monotonic() < until:
            try:
                # It repeats: an interrupt that strikes a finalizer is lost.
                delay = 0.001 + number % 17 * 0.00004
                signal.setitimer(signal.ITIMER_REAL, delay, delay * 3)
                while time.monotonic() < until:
                    armed = True
                    number += 1
                    body = b"%d" % number * (number % 50)
                    answer = face.exchange(node, frame(3, body), 5.0, time.monotonic() + 5)
                    armed = False
                    if answer != body:
                        print("mixed up", body[:20], answer[:20])
                        sys.exit(1)
            except KeyboardInterrupt:
                interrupts += 1
        armed = False
        assert face.exchange(node, frame(3, b"last"), 5.0, time.monotonic() + 5) == b"last"
        assert len(node.link.live) <= 3, node.link.live
        print("interrupts", interrupts)
        os._exit(0)
    """
    done = _python(script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[-1]) >= 50


def test_ctrl_c_ends_a_wait_and_a_fork_at_once(serve):
    script = """
        import os, signal, time
        from tests.transport.scripted import REQUEST, Server, SyncFace, info_for
        from tests.transport.test_conversations import ask, read
        from aerodbapi.cluster.effects import Fork, Sleep

        def together():
            yield Fork(tuple(ask(node, "x") for _ in range(3)))

        def sleeping():
            yield Sleep(30)

        server = Server(lambda peer, request: None)
        face, node = SyncFace(info_for(server)), server.node()
        signal.signal(signal.SIGALRM, lambda *_: signal.default_int_handler(signal.SIGINT, None))
        waits = (
            lambda: face.exchange(node, REQUEST, 30.0, time.monotonic() + 30),
            lambda: face.run(together()),
            lambda: next(face.items(together())),
            lambda: face.run(read(node, "5")),
            lambda: face.run(sleeping()),
        )
        for wait in waits:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            started = time.monotonic()
            try:
                wait()
            except KeyboardInterrupt:
                took = time.monotonic() - started
                assert took < 2, took
            else:
                raise AssertionError("no interrupt")
            assert server.wait_open(0) == 0, server.open
        print("ok")
        os._exit(0)
    """
    done = _python(script)
    assert done.stdout.split() == ["ok"], done.stdout + done.stderr


def _python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_child_of_a_fork_has_connections_of_its_own():
    script = """
        import os
        from tests.transport.scripted import REQUEST, Server, SyncFace, info_for
        from tests.transport.test_conversations import ask
        from aerodbapi.cluster.effects import Fork

        def together():
            return (yield Fork(tuple(ask(node, str(n)) for n in range(3))))

        server = Server(lambda peer, request: peer.send(request))
        face, node = SyncFace(info_for(server, tend_interval=50)), server.node()
        face.carrier.start_tending()
        assert face.run(together()) == [b"0", b"1", b"2"]
        assert face.exchange(node, REQUEST) == b"request"
        before = server.connections
        child = os.fork()
        if child == 0:
            ok = face.exchange(node, REQUEST) == b"request"
            ok = ok and face.run(together()) == [b"0", b"1", b"2"]
            face.close()
            os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert server.connections > before
        after = server.connections
        assert face.exchange(node, REQUEST) == b"request"
        assert server.connections == after
        print("ok")
        os._exit(0)
    """
    done = _python(script.replace("import os\n", "import os\n", 1))
    assert done.stdout.split() == ["ok"], done.stdout + done.stderr


def test_asyncio_carrier_belongs_to_one_loop(serve):
    import asyncio

    from tests.transport.scripted import AsyncFace

    server = serve()
    first = AsyncFace(info_for(server))
    node = server.node()
    first.exchange(node, REQUEST)
    other = asyncio.new_event_loop()

    def talk():
        yield Exchange(node, REQUEST)

    try:
        for work in (
            first.carrier.exchange(node, REQUEST),
            first.carrier.run(talk()),
            first.carrier.iterate(talk()).__anext__(),
        ):
            with pytest.raises(InterfaceError, match="another event loop"):
                other.run_until_complete(work)
    finally:
        other.close()
        first.close()


@pytest.mark.parametrize("how", ["cancelled", "wait_for"])
def test_cancelled_command_closes_its_connection(how, serve):
    import asyncio

    from tests.transport.scripted import AsyncFace

    server = serve(lambda peer, request: peer.number == 0 or peer.send(REPLY))
    face, node = AsyncFace(info_for(server)), server.node()

    async def work() -> None:
        command = asyncio.ensure_future(face.carrier.exchange(node, REQUEST))
        await asyncio.sleep(0.05)
        if how == "cancelled":
            command.cancel()
            with pytest.raises(asyncio.CancelledError):
                await command
        else:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(command, 0.05)
        await asyncio.sleep(0.01)
        assert node.link.live == {}
        assert await face.carrier.exchange(node, REQUEST) == b"reply"

    face.loop.run_until_complete(work())
    assert server.connections == 2
    face.close()


def test_cancelled_fork_and_iteration_close_their_connections(serve):
    import asyncio

    from aerodbapi.cluster.effects import Fork
    from tests.transport.scripted import AsyncFace
    from tests.transport.test_conversations import ask, read

    server = serve(lambda peer, request: None)
    face, node = AsyncFace(info_for(server)), server.node()

    def together():
        yield Fork((ask(node, "a"), read(node, "5"), ask(node, "b")))

    async def work() -> None:
        for start in (
            lambda: face.carrier.run(together()),
            lambda: face.carrier.iterate(together()).__anext__(),
            lambda: face.carrier.run(read(node, "5")),
        ):
            task = asyncio.ensure_future(start())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.01)
            assert node.link.live == {}

    face.loop.run_until_complete(work())
    assert server.wait_open(0) == 0
    face.close()


def test_many_tasks_share_few_connections(serve):
    import asyncio

    from aerodbapi.protocol.frame import frame
    from tests.transport.scripted import AsyncFace

    server = serve(lambda peer, request: peer.send(request))
    face, node = AsyncFace(info_for(server, max_connections=3)), server.node()

    async def work() -> list[bytes]:
        requests = [frame(3, b"%d" % n) for n in range(500)]
        return await asyncio.gather(
            *(face.carrier.exchange(node, r, 5.0, time.monotonic() + 20) for r in requests)
        )

    assert face.loop.run_until_complete(work()) == [b"%d" % n for n in range(500)]
    assert server.connections <= 3
    face.close()
