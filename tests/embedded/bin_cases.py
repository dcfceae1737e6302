"""Bit and HLL commands as a real server did them: `vectors/bin_cases.json`, row by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, OpType
from aerodbapi.protocol.message import encode_op
from tests.embedded.test_differential import answer, get_all, remove, request

VECTORS = Path(__file__).parent / "vectors" / "bin_cases.json"
SET = "bin_cases"
BIN = "b"


class Case(NamedTuple):
    """What the bin holds, (particle type, hex) or nothing; the operation and its payload."""

    held: tuple[Any, ...]
    kind: int
    payload: str

    @property
    def name(self) -> str:
        return f"{'-'.join(map(str, self.held))[:12]} {self.kind} {self.payload[:24]}"


def recorded() -> list[tuple[Case, list[Any]]]:
    """Give all cases with what the server made of them."""
    rows = json.loads(VECTORS.read_text())
    return [(Case(tuple(held), kind, payload), rest) for held, kind, payload, *rest in rows]


def outcome(node: Any, case: Case) -> list[Any]:
    """Do a case on a new record: result code, the reply's operations, what the bin holds."""
    found = digest(SET, "k")
    fields = [
        (FieldType.NAMESPACE, b"test"),
        (FieldType.SET, SET.encode()),
        (FieldType.DIGEST, found),
    ]
    writes = [encode_op(OpType.WRITE, "other", 1, bytes(8))]
    if case.held:
        kind, value = case.held
        writes.append(encode_op(OpType.WRITE, BIN, kind, bytes.fromhex(value)))
    answer(node, remove(found))
    (code, *_), _ = answer(node, request((0, Info2.WRITE, 0, 0, 0, 0, 1000), fields, writes))
    assert code == 0
    op = encode_op(case.kind, BIN, 4, bytes.fromhex(case.payload))
    header = (Info1.READ, Info2.WRITE, 0, 0, 0, 0, 1000)
    (code, _, _, results), _ = answer(node, request(header, fields, [op]))
    (_, _, _, bins), _ = answer(node, get_all(found))
    answer(node, remove(found))
    shown = [[one.op, one.particle_type, one.value.hex()] for one in results]
    kept = [[one.particle_type, one.value.hex()] for one in bins if one.name == BIN]
    return [code, shown, kept]
