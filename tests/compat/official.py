"""One program on two modules: lines of Python run with the original `aerospike` and with ours.

A line is an expression over the names below; what it answers, or raises, is noted in a form that
both must agree on. Both clients talk to the same node, and to the same records one after the
other.
"""

from __future__ import annotations

import importlib
import re
import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Any

#: Names in lines → modules of aerospike_helpers.
HELPERS = {
    "helpers": "",
    "ops": ".operations.operations",
    "lists": ".operations.list_operations",
    "maps": ".operations.map_operations",
    "bits": ".operations.bitwise_operations",
    "hlls": ".operations.hll_operations",
    "exprs": ".operations.expression_operations",
    "texts": ".operations.string_operations",
    "text_helpers": ".string_helpers",
    "text_exps": ".expressions.string",
    "ctx": ".cdt_ctx",
    "exp": ".expressions",
    "batch": ".batch.records",
    "metrics": ".metrics",
}
ORIGINAL = ("aerospike", "aerospike_helpers")
OURS = ("aerodbapi.compat.aerospike", "aerodbapi.compat.aerospike_helpers")

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_MODULES = re.compile(r"\b(aerodbapi\.compat\.)?(aerospike(_helpers)?)\b")
TIMEOUT = 20_000
POLICIES = {
    kind: {"total_timeout": TIMEOUT, "socket_timeout": TIMEOUT}
    for kind in ("read", "write", "apply", "operate", "remove", "query", "scan", "batch")
}


@dataclass
class Face:
    """A module with a client of it, and the names that lines use."""

    aerospike: ModuleType
    client: Any
    names: dict[str, Any]

    def close(self) -> None:
        self.client.close()


def face(
    modules: tuple[str, str],
    address: tuple[str, int],
    namespace: str,
    set: str,
    **config: Any,
) -> Face:
    """Connect a client of one of the two modules."""
    module = importlib.import_module(modules[0])
    names = {name: importlib.import_module(modules[1] + rest) for name, rest in HELPERS.items()}
    client = module.client({"hosts": [address], "policies": POLICIES, **config}).connect()
    names |= {
        "aerospike": module,
        "client": client,
        "a": module,
        "p": module.predicates,
        "ns": namespace,
        "set": set,
        "key": (namespace, set, "k"),
        "k": lambda pk: (namespace, set, pk),
        "both": lambda *results: results,
        "host": address,
    }
    return Face(module, client, names)


def noted(value: Any) -> Any:
    """A form of a result in which both modules' are equal."""
    if hasattr(value, "batch_records"):
        return (
            "batch",
            value.result,
            [
                (type(r).__name__, r.result, noted(r.record), r.in_doubt)
                for r in value.batch_records
            ],
        )
    return _ADDRESS.sub("", _MODULES.sub("aerospike", repr(_steady(value))))


def _steady(value: Any) -> Any:
    """TTLs in minutes, since time passes; bins sorted, since their order says nothing."""
    if type(value) is dict and value.keys() == {"ttl", "gen"}:
        return {"gen": value["gen"], "minutes": (value["ttl"] + 30) // 60}
    if type(value) is tuple and len(value) == 3 and type(value[2]) is dict:
        value = (*value[:2], dict(sorted(value[2].items())))
    if type(value) in (tuple, list):
        return type(value)(_steady(item) for item in value)
    return value


def run(face: Face, line: str, *, messages: bool = False) -> Any:
    """What a line answers or raises. `messages`: with the text of the exception."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return noted(eval(line, dict(face.names)))
        except Exception as error:
            code = getattr(error, "code", None)
            code = error.args[0] if error.args and isinstance(error.args[0], int) else code
            text = error.args[1] if messages and len(error.args) > 1 else ""
            return ("raises", type(error).__name__, code, text)


def lines(text: str) -> list[str]:
    """The lines of a table; those that begin with # are comments, and a backslash joins two."""
    joined = re.sub(r"\\\n\s*", "", text)
    return [line.strip() for line in joined.splitlines() if line.strip() and line.strip()[0] != "#"]
