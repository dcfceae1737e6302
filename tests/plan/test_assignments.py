"""SET's right sides: which operation does each, and expression writes mean what they say."""

from __future__ import annotations

import math
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aerodbapi import errors
from aerodbapi.embedded.expressions import compile_expression
from aerodbapi.embedded.expressions.values import UNKNOWN
from aerodbapi.embedded.expressions.values import Context as Running
from aerodbapi.embedded.storage import Record as Stored
from aerodbapi.grammar.ast import Binary, Column, Literal, Parameter, Unary
from aerodbapi.plan.assignments import expression_writes, steps
from aerodbapi.plan.bind import Context
from aerodbapi.plan.catalog import from_sample
from aerodbapi.plan.evaluate import Record, compile_value
from aerodbapi.plan.operations import Step
from aerodbapi.protocol import particles
from tests.plan import strategies

A, B = Column("a"), Column("b")
NUMBERS = st.one_of(strategies.ints, strategies.floats)

expressions = st.recursive(
    st.one_of(st.sampled_from([A, B]), NUMBERS.map(Literal), st.just(Parameter(0))),
    lambda parts: st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), parts, parts),
        st.builds(Unary, st.just("-"), parts),
        st.builds(
            Binary, st.sampled_from("/"), parts, st.sampled_from([Literal(3), Literal(-2.5)])
        ),
    ),
    max_leaves=4,
)


def apply(step, values, bins):
    """Run a step's expression writes, one after another, as the server does."""
    bins = dict(bins)
    for operation in expression_writes(step, values):
        assert operation.value[:1] == b"\x92"
        packed, flags = operation.value[1:-1], operation.value[-1]
        assert flags & 16, "an expression without a value must not fail the write"
        encoded = {name: particles.encode(value) for name, value in bins.items()}
        compiled = compile_expression(packed)
        running = Running(Stored.of(bytes(20), "s", encoded), 0.0, compiled.n_variables)
        value = compiled.function(running)
        if value is None:
            assert flags & 4, "deleting has to be allowed"
            bins.pop(operation.name, None)
        elif value is not UNKNOWN:
            bins[operation.name] = value
    return bins


@settings(
    max_examples=int(os.environ.get("PUSHDOWN_EXAMPLES", "400")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(expressions, NUMBERS, strategies.rows)
def test_expression_writes_do_what_evaluating_does(expression, value, bins):
    kinds = ("int",) if isinstance(value, int) else ("float",)
    (step,) = steps([("a", expression)], Context(parameters=kinds), None)
    if step.how != "expression":
        return
    expected = compile_value(expression)([value])(Record(bins))
    found = apply(step, [value], bins).get("a")
    assert type(found) is type(expected)
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_an_integer_of_more_than_64_bits_is_refused_when_it_is_bound():
    step = Step("a", "expression", Binary("*", B, Parameter(0)))
    with pytest.raises(errors.DataError):
        list(expression_writes(step, [2**63]))


ONE, HALF = Literal(1), Literal(1.5)
INFO = from_sample("n", "s", [(1, {"i": 1, "f": 1.5, "m": 1}), (2, {"m": 1.5, "s": "x"})])

CASES = [
    ("i", Binary("+", Column("i"), ONE), "increment"),
    ("i", Binary("+", ONE, Column("i")), "increment"),
    ("i", Binary("-", Column("i"), ONE), "increment"),
    ("i", Binary("-", ONE, Column("i")), "expression"),
    ("i", Binary("+", Column("i"), HALF), "expression"),
    ("f", Binary("+", Column("f"), ONE), "increment"),
    ("f", Binary("+", Column("f"), HALF), "increment"),
    ("m", Binary("+", Column("m"), ONE), "expression"),
    ("new", Binary("+", Column("new"), ONE), "increment"),
    ("new", Binary("+", Column("new"), HALF), "expression"),
    ("i", Binary("+", Column("f"), ONE), "expression"),
    ("i", Binary("+", Column("i"), Literal(None)), "write"),
    ("i", Binary("+", Column("i"), Literal("x")), "compute"),
    ("s", Binary("||", Column("s"), Literal("x")), "append"),
    ("s", Binary("||", Literal("x"), Column("s")), "prepend"),
    ("s", Binary("||", Column("s"), Literal(1)), "compute"),
    ("s", Binary("||", Column("i"), Literal("x")), "compute"),
    ("s", Column("i"), "compute"),
    ("i", Literal(5), "write"),
    ("i", Binary("/", Column("i"), Column("f")), "compute"),
    ("i", Binary("/", Column("i"), Literal(-1)), "compute"),
    ("i", Binary("*", Column("i"), Column("__gen")), "compute"),
]


@pytest.mark.parametrize(("name", "expression", "how"), CASES)
def test_the_operation_of_an_assignment(name, expression, how):
    (step,) = steps([(name, expression)], Context(), INFO)
    assert step.how == how


def test_increments_have_the_kind_of_the_bin():
    (step,) = steps(
        [("f", Binary("-", Column("f"), Parameter(0)))], Context(parameters=("int",)), INFO
    )
    assert step.how == "increment"
    amount = step.value.function([2])
    assert amount == -2.0
    assert isinstance(amount, float)


def test_right_sides_see_the_record_as_it_was():
    swapped = steps([("a", B), ("b", A)], Context(), None)
    assert [step.how for step in swapped] == ["compute", "compute"]
    mixed = steps([("a", Binary("+", A, ONE)), ("b", Literal(1))], Context(), None)
    assert [step.how for step in mixed] == ["increment", "write"]
    reading = steps([("a", Binary("+", A, ONE)), ("b", Binary("+", A, B))], Context(), None)
    assert {step.how for step in reading} == {"compute"}
