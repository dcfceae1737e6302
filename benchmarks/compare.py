"""Our client beside the official one, against the same server in the same run.

    python benchmarks/compare.py --hosts 127.0.0.1:3000 [--namespace test] [--rounds 15]

Both clients do the same work in alternating rounds, so that whatever else the machine does
touches both; what is printed are the medians and, since only that says anything about another
machine, their ratio. Writes go to the set `t_benchmark`, which is truncated afterwards.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import aerospike
from aerospike_helpers.batch import records as official_batch
from aerospike_helpers.operations import operations

import aerodbapi
from aerodbapi.native import client as native

SET = "t_benchmark"
#: What a round repeats a single-record command, so that the clock's own cost does not count.
SINGLE_COMMANDS = 100
BATCH = 1_000
WHOLE_SET = 10_000

#: 19 bins, as a row of a wide table has: 9 integers, 4 floats, 5 texts, 1 list.
WIDE: dict[str, Any] = {
    **{f"i{number}": number * 1_000_003 for number in range(9)},
    **{f"f{number}": number * 1.1 for number in range(4)},
    **{f"s{number}": f"text {number} of usual length" for number in range(5)},
    "l": [1, 2, 3, "four"],
}
NARROW = {"n": 42}

Work = Callable[[], Any]


class Row(NamedTuple):
    """A line of the result. `ratio` is of medians; `quiet` of the fastest rounds, which other
    work on the machine touches least."""

    name: str
    ours: float
    theirs: float
    ratio: float
    quiet: float


@dataclass(slots=True)
class Comparison:
    """One kind of work: `per_call` is how many times a round's function does it."""

    name: str
    ours: Work
    theirs: Work
    per_call: int = 1
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "theirs": []})

    def run_round(self, number: int) -> None:
        """Time both sides once; who goes first alternates."""
        sides = [("ours", self.ours), ("theirs", self.theirs)]
        for side, work in sides if number % 2 else reversed(sides):
            start = time.perf_counter()
            work()
            self.seconds[side].append((time.perf_counter() - start) / self.per_call)

    def row(self) -> Row:
        ours, theirs = (statistics.median(self.seconds[side]) for side in ("ours", "theirs"))
        quiet = min(self.seconds["ours"]) / min(self.seconds["theirs"])
        return Row(self.name, ours, theirs, ours / theirs, quiet)


def repeated(work: Work) -> Work:
    def run() -> None:
        for _ in range(SINGLE_COMMANDS):
            work()

    return run


class Bench:
    """The two clients, the records they work on, and the comparisons."""

    def __init__(self, host: str, port: int, namespace: str) -> None:
        limits = {"total_timeout": 60_000, "socket_timeout": 60_000}
        policies = dict.fromkeys(("read", "write", "batch", "scan", "query"), limits)
        self.namespace = namespace
        self.theirs = aerospike.client({"hosts": [(host, port)], "policies": policies}).connect()
        self.ours = native.client({"hosts": [(host, port)], "timeout": 60_000}).connect()
        self.connection = aerodbapi.connect(f"aerospike://{host}:{port}/{namespace}?timeout=60000")
        self.cursor = self.connection.cursor()

    def key(self, name: Any) -> tuple[str, str, Any]:
        return self.namespace, SET, name

    def fill(self) -> None:
        """Write what is read: two single records, and a set of 10,000 wide ones."""
        self.theirs.put(self.key("wide"), WIDE)
        self.theirs.put(self.key("narrow"), NARROW)
        ops = [operations.write(name, value) for name, value in WIDE.items()]
        for start in range(0, WHOLE_SET, BATCH):
            keys = [self.key(number) for number in range(start, start + BATCH)]
            self.theirs.batch_operate(keys, ops)

    def comparisons(self) -> list[Comparison]:
        return [*self.single_records(), *self.many_records(), self.point_select()]

    def single_records(self) -> list[Comparison]:
        found = []
        for name, bins in (("wide", WIDE), ("narrow", NARROW)):
            key, new = self.key(name), self.key(f"{name} put")
            label = f"{len(bins)} bin{'s' if len(bins) > 1 else ''}"
            found.append(self.single(f"get, {label}", "get", key))
            found.append(self.single(f"put, {label}", "put", new, bins))
        return found

    def single(self, name: str, method: str, *arguments: Any) -> Comparison:
        ours, theirs = getattr(self.ours, method), getattr(self.theirs, method)
        return Comparison(
            name,
            repeated(lambda: ours(*arguments)),
            repeated(lambda: theirs(*arguments)),
            SINGLE_COMMANDS,
        )

    def many_records(self) -> list[Comparison]:
        keys = [self.key(number) for number in range(BATCH)]
        rows = [(self.key(f"batch {number}"), WIDE) for number in range(BATCH)]
        return [
            Comparison(
                f"batch read of {BATCH:,}",
                lambda: self.ours.batch_read(keys),
                lambda: self.theirs.batch_read(keys),
            ),
            Comparison(
                f"batch write of {BATCH:,}",
                lambda: self.ours.batch_write(rows),
                lambda: self.batch_write(rows),
            ),
            Comparison(
                f"set read of {WHOLE_SET + 4 + BATCH:,}",
                lambda: sum(1 for _ in self.ours.query(self.namespace, SET)),
                lambda: len(self.theirs.query(self.namespace, SET).results()),
            ),
        ]

    def batch_write(self, rows: list[tuple[Any, dict[str, Any]]]) -> Any:
        """Write rows as a user of the official client does: operations built from bins."""
        records = [
            official_batch.Write(
                key, [operations.write(name, value) for name, value in bins.items()]
            )
            for key, bins in rows
        ]
        return self.theirs.batch_write(official_batch.BatchRecords(records))

    def point_select(self) -> Comparison:
        statement = f"SELECT * FROM {self.namespace}.{SET} WHERE PK = ?"
        key = self.key("wide")
        return Comparison(
            "point SELECT beside get, 19 bins",
            repeated(lambda: self.cursor.execute(statement, ("wide",)).fetchall()),
            repeated(lambda: self.theirs.get(key)),
            SINGLE_COMMANDS,
        )

    def close(self) -> None:
        self.theirs.truncate(self.namespace, SET, 0)
        self.connection.close()
        self.ours.close()
        self.theirs.close()


def table(rows: list[Row]) -> str:
    lines = [f"{'':34} {'ours':>12} {'official':>12} {'ratio':>7} {'(fastest)':>10}"]
    for name, ours, theirs, ratio, quiet in rows:
        times = f"{ours * 1e6:9,.0f} µs {theirs * 1e6:9,.0f} µs"
        lines.append(f"{name:34} {times} {ratio:7.2f} {quiet:10.2f}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--hosts", metavar="HOST:PORT", required=True)
    parser.add_argument("--namespace", default="test")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    host, _, port = options.hosts.split(",")[0].rpartition(":")
    bench = Bench(host, int(port), options.namespace)
    try:
        bench.fill()
        comparisons = bench.comparisons()
        gc.disable()
        for number in range(options.rounds + 1):
            for comparison in comparisons:
                comparison.run_round(number)
                gc.collect()
                if number == 0:  # The first round warms up.
                    comparison.seconds = {"ours": [], "theirs": []}
        print(table([comparison.row() for comparison in comparisons]))
    finally:
        bench.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
