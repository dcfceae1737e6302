"""The catalog that the fixtures are planned against, and how a fixture file is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from aerodbapi import errors
from aerodbapi.grammar.parser import parse
from aerodbapi.plan import explain
from aerodbapi.plan.bind import Context
from aerodbapi.plan.catalog import Catalog, from_sample, indexes_from_info
from aerodbapi.plan.planner import plan
from aerodbapi.types import GeoJSON

FIXTURES = Path(__file__).parent / "fixtures"

POINT = GeoJSON('{"type":"Point","coordinates":[0,0]}')

#: Records of test.demo: `age` and `n` are integers, `w` holds a double, `mix` anything.
DEMO = (
    ("u1", {"name": "Ann", "age": 31, "n": 1, "w": 1.5, "tags": ["x"], "m": {"a": 1}}),
    ("u2", {"name": "Bob", "age": 5, "n": 2, "w": 3, "ok": True, "raw": b"x", "loc": POINT}),
    ("u3", {"name": "Eve", "mix": 1, "nums": [1, 2]}),
    ("u4", {"mix": "x"}),
)

INDEXES = ";".join(
    f"ns=test:indexname={name}:set={set_name}:bin={bin}:type={type}:indextype={kind}"
    f":context={context}:exp=null:state={state}"
    for name, set_name, bin, type, kind, context, state in (
        ("i_age", "demo", "age", "numeric", "default", "null", "RW"),
        ("i_n", "demo", "n", "numeric", "default", "null", "RW"),
        ("i_n_all", "null", "n", "numeric", "default", "null", "RW"),
        ("i_w", "demo", "w", "numeric", "default", "null", "RW"),
        ("i_new", "demo", "new", "numeric", "default", "null", "RW"),
        ("i_name", "demo", "name", "string", "default", "null", "RW"),
        ("i_mix", "demo", "mix", "string", "default", "null", "WO"),
        ("i_path", "demo", "ok", "string", "default", "khAA", "RW"),
        ("i_raw", "demo", "raw", "blob", "default", "null", "RW"),
        ("i_tags", "demo", "tags", "string", "list", "null", "RW"),
        ("i_nums", "demo", "nums", "numeric", "list", "null", "RW"),
        ("i_mk", "demo", "m", "string", "mapkeys", "null", "RW"),
        ("i_mv", "demo", "m", "numeric", "mapvalues", "null", "RW"),
        ("i_loc", "demo", "loc", "geo2dsphere", "default", "null", "RW"),
    )
)
STATS = {
    "i_age": "entries_per_bval=3;load_pct=100",
    "i_n": "entries_per_bval=1",
    "i_n_all": "entries_per_bval=1",
    "i_name": "entries_per_bval=2",
}


def catalog() -> Catalog:
    """A catalog that knows test.demo and its indexes; test.bare has neither."""
    known = Catalog()
    known.put(from_sample("test", "demo", DEMO))
    known.put(from_sample("test", None, DEMO))
    known.put_indexes("test", indexes_from_info(INDEXES, STATS))
    return known


class Fixture(NamedTuple):
    """A statement, what it is planned with, and the plan's lines (or the error)."""

    place: str
    text: str
    profile: str
    context: Context
    expected: str


def fixtures(name: str) -> Iterator[Fixture]:
    """Read `fixtures/<name>.txt`: blocks of settings, statement, `=>`, plan; blank lines between.

    Settings stand before the statement as `-- key: value`: profile, namespace, server,
    parameters (kinds, by commas).
    """
    path = FIXTURES / f"{name}.txt"
    line = 1
    for block in path.read_text().split("\n\n"):
        if block.strip():
            yield _fixture(f"{name}:{line}", block.strip("\n"))
        line += block.count("\n") + 2


def _fixture(place: str, block: str) -> Fixture:
    head, _, expected = block.partition("\n=>")
    lines = head.split("\n")
    settings = {}
    while lines[0].startswith("-- "):
        key, _, value = lines.pop(0)[3:].partition(": ")
        settings[key] = value
    kinds = settings.get("parameters")
    context = Context(
        profile=settings.get("profile", "sql"),
        namespace=settings.get("namespace", "test") or None,
        parameters=tuple(kinds.split(", ")) if kinds else (),
        server=tuple(map(int, settings.get("server", "8.1.2").split("."))),
    )
    return Fixture(place, "\n".join(lines), context.profile, context, expected.strip("\n"))


def planned(fixture: Fixture) -> str:
    """The plan's lines, or the error's class and text."""
    try:
        statement = parse(fixture.text, fixture.profile)
        return "\n".join(explain.lines(plan(statement, catalog(), fixture.context)))
    except errors.SyntaxError:
        return "SyntaxError"  # the grammar's tests say the rest
    except errors.Error as error:
        return f"{type(error).__name__}: {error}"
