"""Bit and HLL commands recorded with a real server: the node does them alike."""

from __future__ import annotations

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from tests.embedded.bin_cases import outcome, recorded

CASES = recorded()


@pytest.fixture(scope="module")
def node():
    return EmbeddedNode()


@pytest.mark.parametrize(
    ("case", "expected"), CASES, ids=[f"{n} {case.name}" for n, (case, _) in enumerate(CASES)]
)
def test_case(node, case, expected):
    assert outcome(node, case) == expected


def test_cases_cover_every_command_and_code():
    commands = {(case.kind, bytes.fromhex(case.payload)[1]) for case, _ in CASES}
    assert commands >= {(13, n) for n in range(13)} | {(12, n) for n in range(50, 55)}
    assert commands >= {(16, n) for n in range(5)} | {(15, n) for n in range(50, 57)}
    assert {code for _, (code, *_) in CASES} == {0, 4, 6, 12, 17, 26}
