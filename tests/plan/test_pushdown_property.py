"""A pushed filter passes every record that the predicate selects, and no other when exact.

Two judges that share no code: `plan.evaluate` for the predicate, and the embedded node's
evaluator of packed expressions for the filter.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aerodbapi.embedded.filters import matches
from aerodbapi.embedded.storage import Record as Stored
from aerodbapi.errors import DataError
from aerodbapi.grammar.ast import Binary, Literal, Unary
from aerodbapi.plan.evaluate import Record, compile_predicate
from aerodbapi.plan.pushdown import Options, compile_filter
from aerodbapi.protocol import particles
from aerodbapi.protocol.expressions import pack_expression
from tests.plan import strategies

SETTINGS = settings(
    max_examples=int(os.environ.get("PUSHDOWN_EXAMPLES", "400")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def stored(bins, key):
    packed = None
    if key is not None:
        particle_type, data = particles.encode(key)
        packed = bytes((particle_type,)) + data
    encoded = {name: particles.encode(value) for name, value in bins.items()}
    return Stored.of(bytes(20), "s", encoded, key=packed)


def verdicts(predicate, values, bins, key, options):
    """Return (selected, passed, exact); `selected` is None where evaluating raises."""
    built = compile_filter(predicate, options)(values)
    try:
        selected = compile_predicate(predicate)(values)(Record(bins, key))
    except DataError:
        selected = None
    if built.exp is None:
        return selected, True, built.exact
    return selected, matches(pack_expression(built.exp), stored(bins, key), 0.0), built.exact


@pytest.mark.parametrize("in_list", [False, True])
@SETTINGS
@given(strategies.predicates, strategies.bound, strategies.rows, strategies.keys)
def test_the_filter_is_a_superset_and_exact_when_it_says_so(in_list, predicate, values, bins, key):
    selected, passed, exact = verdicts(predicate, values, bins, key, Options(in_list=in_list))
    assert passed or not selected, "a record is lost"
    if exact and selected is not None:
        assert passed == selected, "a record is too much"


@SETTINGS
@given(strategies.predicates, strategies.bound, strategies.rows, strategies.keys)
def test_without_nul_characters_all_of_like_may_go_out(predicate, values, bins, key):
    assume(not any(isinstance(value, str) and "\0" in value for value in (*bins.values(), key)))
    options = Options(nul_free=True)
    selected, passed, exact = verdicts(predicate, values, bins, key, options)
    assert passed or not selected
    if exact and selected is not None:
        assert passed == selected


@SETTINGS
@given(
    strategies.sums, strategies.comparisons, strategies.ints, strategies.numeric_rows, st.booleans()
)
def test_a_record_whose_sum_overflows_comes_and_raises(sum, op, constant, bins, negated):
    predicate = Binary(op, sum, Literal(constant))
    predicate = Unary("NOT", predicate) if negated else predicate
    selected, passed, exact = verdicts(predicate, (), bins, None, Options())
    assert passed or selected is False
    assert not exact or selected is passed
