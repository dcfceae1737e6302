"""The fixtures for other people's tests, as their pytest finds them: by the entry point."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import aerodbapi
from aerodbapi import testing

ROOT = Path(__file__).parent.parent
_TIMEOUT = 120.0

SUITE = """
import aerodbapi
import pytest

seen = set()

def test_connection(aerospike_connection):
    cursor = aerospike_connection.cursor()
    cursor.execute("INSERT INTO test.users (PK, name) VALUES ('u1', 'Ann')")
    assert cursor.execute("SELECT name FROM test.users").fetchall() == [("Ann",)]

@pytest.mark.parametrize("turn", range(3))
def test_nothing_is_left(aerospike_client, aerospike_namespace, turn):
    assert list(aerospike_client.query(aerospike_namespace, None)) == []
    assert aerospike_client.info_random_node("sindex-list:") == ""
    for name in ("a", "b"):
        aerospike_client.put((aerospike_namespace, "s", name), {"turn": turn})
    aerospike_client.index_create(aerospike_namespace, "s", "turn", "turn_index")

def test_other_clients(aerospike_config, aerospike_namespace, aerospike_node):
    aerospike = pytest.importorskip("aerospike")
    assert aerospike_config == {"hosts": [aerospike_node.address]}
    client = aerospike.client(aerospike_config).connect()
    client.put((aerospike_namespace, "s", 1), {"x": 1})
    assert client.get((aerospike_namespace, "s", 1))[2] == {"x": 1}
    client.close()

def test_url(aerospike_url, aerospike_node):
    host, port = aerospike_node.address
    assert aerospike_url == f"aerospike://{host}:{port}/test"
    with open("ports", "a") as file:
        print(port, file=file)
"""

IDLE = """
import sys

def test_nothing():
    loaded = sorted(name for name in sys.modules if name.split(".")[0] == "aerodbapi")
    assert loaded == EXPECTED
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A project of someone else's, in whose environment the package is installed."""
    entry_points = tmp_path / "site" / "aerodbapi-0.dist-info" / "entry_points.txt"
    entry_points.parent.mkdir(parents=True)
    entry_points.write_text("[pytest11]\naerodbapi = aerodbapi.testing\n")
    (entry_points.parent / "METADATA").write_text("Metadata-Version: 2.1\nName: aerodbapi\n")
    (tmp_path / "project").mkdir()
    return tmp_path


def run(elsewhere: Path, suite: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run someone else's test file."""
    (elsewhere / "project" / "test_theirs.py").write_text(suite)
    paths = os.pathsep.join((str(elsewhere / "site"), str(ROOT)))
    environment = {**os.environ, "PYTHONPATH": paths}
    for name in ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"):
        environment.pop(name, None)
    return subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-W", "error", *options),
        cwd=elsewhere / "project",
        env=environment,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )


def test_fixtures(elsewhere: Path) -> None:
    done = run(elsewhere, SUITE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


def test_workers_have_nodes_of_their_own(elsewhere: Path) -> None:
    pytest.importorskip("xdist")
    done = run(elsewhere, SUITE, "--tx", "2*popen", "--dist", "each")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 passed" in done.stdout
    assert len(set((elsewhere / "project" / "ports").read_text().split())) == 2


def test_a_named_server(elsewhere: Path) -> None:
    with testing.serve("bar") as node:
        suite = SUITE.replace("test.users", "bar.users").replace("/test", "/bar")
        host = f"{node.host}:{node.port}"
        done = run(elsewhere, suite, f"--aerospike-hosts={host}", "--aerospike-namespace=bar")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (elsewhere / "project" / "ports").read_text().split() == [str(node.port)]


def test_it_costs_nothing_where_it_is_not_used(elsewhere: Path) -> None:
    done = run(elsewhere, IDLE.replace("EXPECTED", "['aerodbapi', 'aerodbapi.testing']"))
    assert done.returncode == 0, done.stdout


def test_it_can_be_kept_away(elsewhere: Path) -> None:
    done = run(elsewhere, IDLE.replace("EXPECTED", "[]"), "-p", "no:aerodbapi")
    assert done.returncode == 0, done.stdout
    done = run(elsewhere, SUITE, "-p", "no:aerodbapi", "-k", "url")
    assert "fixture 'aerospike_url' not found" in done.stdout


def test_pytest_is_not_needed() -> None:
    program = "import sys, aerodbapi.testing; print('pytest' in sys.modules)"
    done = subprocess.run(
        (sys.executable, "-c", program),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=True,
    )
    assert done.stdout == "False\n"


def test_clear() -> None:
    with testing.serve() as node, aerodbapi.client(node.config) as client:
        for number in range(50):
            client.put(("test", "s", number), {"n": number})
        client.index_create("test", "s", "n", "numbers")
        node.clear()
        assert list(client.query("test", "s")) == []
        assert node.info("sindex-list:") == ""
        node.clear()


def test_an_unknown_namespace_cannot_be_cleared() -> None:
    with testing.serve() as node:
        wrong = testing.Node(*node.address, namespace="nope")
        with pytest.raises(ValueError, match="no such namespace"):
            wrong.clear()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals of POSIX")
def test_the_node_ends_with_the_process_that_wanted_it() -> None:
    program = (
        "import time, aerodbapi.testing as t\n"
        "with t.serve() as node:\n"
        "    print(node.port, flush=True)\n"
        "    time.sleep(600)\n"
    )
    owner = subprocess.Popen(
        (sys.executable, "-c", program), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    port = int(owner.stdout.readline())
    assert listens(port)
    owner.kill()
    owner.wait(_TIMEOUT)
    owner.stdout.close()
    deadline = time.monotonic() + 30
    while listens(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not listens(port)


def listens(port: int) -> bool:
    """Tell whether something accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
