"""What a server answered to every case, kept in files: a row per case.

`python -m tests.differential.recording HOST:PORT` asks a server again and writes the files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.differential import list_cases, map_cases, nested_cases
from tests.differential.peers import Case, Outcome, Peer, outcome, stored_before

__all__ = ["TABLES", "all_cases", "recorded"]

_FOLDER = Path(__file__).parent / "recorded"

#: Name of the file → its cases.
TABLES: dict[str, Callable[[], Iterable[Case]]] = {
    "lists": list_cases.cases,
    "maps": map_cases.cases,
    "nested": nested_cases.cases,
}


def all_cases() -> Iterator[tuple[str, Case]]:
    """Walk all cases with the name of their table."""
    for table, cases in TABLES.items():
        for case in cases():
            yield table, case


@cache
def recorded(table: str) -> dict[str, Outcome]:
    """Read what a server answered: case id → outcome."""
    rows = json.loads((_FOLDER / f"{table}.json").read_text())
    before = {case.id: stored_before(case) for case in TABLES[table]()}
    return {
        id: Outcome.of((code, results, before.get(id) if stored is None else stored))
        for id, (code, results, stored) in rows.items()
    }


def record(address: tuple[str, int], namespace: str, set_name: str) -> None:
    """Ask a server and write the files."""
    _FOLDER.mkdir(exist_ok=True)
    peer = Peer(address)
    for table, cases in TABLES.items():
        rows: dict[str, str] = {}
        for case in cases():
            assert case.id not in rows, f"two cases {case.id!r}"
            found = outcome(peer, namespace, set_name, case)
            if found.stored == stored_before(case):
                found = found._replace(stored=None)  # the usual thing: shorter files
            rows[case.id] = json.dumps(found)
        _write(table, rows)
    peer.close()


def record_official(address: tuple[str, int], namespace: str, set_name: str) -> None:
    """Ask a server through the official client and write the file."""
    from tests.differential import test_official

    client = test_official.connected(address)
    key = namespace, set_name, "official"
    rows = {
        name: json.dumps(test_official.answer(client, key, name)) for name in test_official.CASES
    }
    _write("official", rows)
    client.close()


def _write(table: str, rows: dict[str, str]) -> None:
    lines = ",\n".join(f"{json.dumps(id)}: {row}" for id, row in rows.items())
    (_FOLDER / f"{table}.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    host, _, port = sys.argv[1].rpartition(":")
    record((host, int(port)), "test", "differential")
    record_official((host, int(port)), "test", "differential")
