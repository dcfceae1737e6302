"""SET's right sides: which operation does each, and that the server writes what SQL means."""

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
from aerodbapi.grammar.ast import Binary, Call, Case, Column, Literal, Parameter, Unary
from aerodbapi.plan.assignments import operations, steps
from aerodbapi.plan.bind import Context
from aerodbapi.plan.catalog import from_sample
from aerodbapi.plan.evaluate import Record, compile_value
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import OpType
from tests.plan import strategies

A, B = Column("a"), Column("b")
NUMBERS = st.one_of(
    strategies.ints, strategies.floats, st.sampled_from([2**62, 2**63 - 1, -(2**63), 3, -1, 0])
)

expressions = st.recursive(
    st.one_of(st.sampled_from([A, B]), NUMBERS.map(Literal), st.just(Parameter(0))),
    lambda parts: st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), parts, parts),
        st.builds(Unary, st.just("-"), parts),
        st.builds(
            Binary,
            st.sampled_from(["/", "//", "%"]),
            parts,
            st.sampled_from([Literal(3), Literal(-2.5), Literal(-1), Literal(0)]),
        ),
        st.builds(lambda part: Call("COALESCE", (B, part)), parts),
        st.builds(lambda one, two: Call("GREATEST", (one, two)), parts, parts),
        st.builds(
            lambda one, two, three: Case(None, ((Binary(">", one, Literal(1)), two),), three),
            parts,
            parts,
            parts,
        ),
    ),
    max_leaves=4,
)


def written(operation, bins):
    """What the server makes of an expression write: a value, or UNKNOWN, which it refuses."""
    assert operation.op == OpType.EXP_MODIFY
    assert (operation.value[:1], operation.value[-1:]) == (b"\x92", b"\0")
    encoded = {name: particles.encode(value) for name, value in bins.items()}
    compiled = compile_expression(operation.value[1:-1])
    running = Running(Stored.of(bytes(20), "s", encoded), 0.0, compiled.n_variables)
    return compiled.function(running)


@settings(
    max_examples=int(os.environ.get("PUSHDOWN_EXAMPLES", "600")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    expressions,
    NUMBERS,
    strategies.rows,
    st.dictionaries(st.sampled_from("ab"), NUMBERS),
    st.lists(strategies.rows, max_size=2),
)
def test_expression_writes_do_what_evaluating_does(expression, value, row, numbers, others):
    """Whatever the catalog says of the bins: the server writes SQL's value, or refuses."""
    bins = {**row, **numbers}
    kinds = ("int",) if isinstance(value, int) else ("float",)
    info = from_sample("n", "s", [(1, other) for other in others]) if others else None
    (step,) = steps([("a", (), expression)], Context(parameters=kinds), info)
    if step.how != "expression":
        return
    made = operations([step], [value])
    if made is None:
        return
    found = written(made[0], bins)
    if found is UNKNOWN:
        return
    expected = compile_value(expression)([value])(Record(bins))
    if isinstance(expected, str):
        expected = expected.encode()  # as the node holds it
    if not isinstance(expected, (int, float, bytes)):
        return
    assert type(found) is type(expected)
    assert found == expected or (math.isnan(found) and math.isnan(expected))


INT = from_sample("n", "s", [(1, {"a": 1, "b": 2})])
LEAST, MOST = -(2**63), 2**63 - 1


@pytest.mark.parametrize(
    ("expression", "bins", "expected"),
    [
        (Binary("+", A, Literal(1)), {"a": 41}, 42),
        (Binary("+", A, Literal(1)), {"a": MOST}, UNKNOWN),
        (Binary("+", A, Literal(1)), {"a": MOST - 1}, MOST),
        (Binary("-", A, Literal(1)), {"a": LEAST}, UNKNOWN),
        (Binary("-", A, Literal(1)), {"a": LEAST + 1}, LEAST),
        (Binary("+", A, Literal(1)), {}, UNKNOWN),
        (Binary("+", A, Literal(1)), {"a": 1.5}, UNKNOWN),
        (Binary("+", A, B), {"a": MOST, "b": LEAST}, -1),
        (Binary("+", A, B), {"a": MOST, "b": 1}, UNKNOWN),
        (Binary("-", A, B), {"a": 0, "b": LEAST}, UNKNOWN),
        (Binary("-", A, B), {"a": -1, "b": LEAST}, MOST),
        (Binary("*", A, Literal(-2)), {"a": 2**62}, LEAST),
        (Binary("*", A, Literal(-2)), {"a": 2**62 + 1}, UNKNOWN),
        (Binary("*", A, Literal(-1)), {"a": LEAST}, UNKNOWN),
        (Unary("-", A), {"a": LEAST}, UNKNOWN),
        (Binary("/", A, Literal(2)), {"a": 5}, 2.5),
        (Binary("//", A, Literal(2)), {"a": -5}, -2),
        (Binary("%", A, Literal(3)), {"a": -5}, -2),
        (Binary("+", Call("COALESCE", (A, Literal(0))), Literal(1)), {}, 1),
        (Binary("+", Call("COALESCE", (A, Literal(0))), Literal(1)), {"a": 6}, 7),
        (Binary("+", Call("COALESCE", (A, Literal(0))), Literal(1)), {"a": "x"}, UNKNOWN),
        (Call("GREATEST", (A, B, Literal(3))), {"a": 1, "b": 2}, 3),
        (Case(None, ((Binary(">", A, Literal(3)), Literal(1)),), A), {"a": 3}, 3),
        (Case(None, ((Binary(">", A, Literal(3)), Literal(1)),), A), {"a": 4}, 1),
        (Case(None, ((Binary(">", A, Literal(3)), Literal(1)),), A), {"a": "x"}, UNKNOWN),
        (B, {"a": 4, "b": 5}, 5),
    ],
)
def test_what_is_written(expression, bins, expected):
    (step,) = steps([("a", (), expression)], Context(), INT)
    assert step.how == "expression"
    (operation,) = operations([step], [])
    found = written(operation, bins)
    assert (type(found), found) == (type(expected), expected)


def test_an_integer_of_more_than_64_bits_is_computed_and_then_refused():
    (step,) = steps([("a", (), Binary("*", B, Parameter(0)))], Context(parameters=("int",)), INT)
    assert step.how == "expression"
    assert operations([step], [2**63]) is None
    with pytest.raises(errors.DataError):
        compile_value(step.expression)([2**63])(Record({"b": 1}))


ONE, HALF = Literal(1), Literal(1.5)
INFO = from_sample("n", "s", [(1, {"i": 1, "f": 1.5, "m": 1}), (2, {"m": 1.5, "s": "x"})])

CASES = [
    ("i", Binary("+", Column("i"), ONE), "expression"),
    ("i", Binary("-", ONE, Column("i")), "expression"),
    ("i", Binary("+", Column("i"), HALF), "expression"),
    ("f", Binary("+", Column("f"), ONE), "expression"),
    ("m", Binary("+", Column("m"), ONE), "expression"),
    ("m", Binary("+", Column("m"), Column("s")), "compute"),
    ("new", Binary("+", Column("new"), ONE), "expression"),
    ("i", Binary("+", Column("i"), Literal(None)), "compute"),
    ("i", Binary("+", Column("i"), Literal("x")), "compute"),
    ("s", Binary("||", Column("s"), Literal("x")), "append"),
    ("s", Binary("||", Literal("x"), Column("s")), "prepend"),
    ("s", Binary("||", Column("s"), Literal(1)), "compute"),
    ("s", Binary("||", Column("i"), Literal("x")), "compute"),
    ("s", Column("i"), "expression"),
    ("s", Column("new"), "compute"),
    ("i", Literal(5), "write"),
    ("i", Binary("/", Column("i"), Column("f")), "compute"),
    ("i", Binary("*", Column("i"), Column("i")), "compute"),
    ("i", Binary("*", Column("i"), Column("__gen")), "compute"),
]


@pytest.mark.parametrize(("name", "expression", "how"), CASES)
def test_the_operation_of_an_assignment(name, expression, how):
    (step,) = steps([(name, (), expression)], Context(), INFO)
    assert step.how == how


def hows(*assignments):
    """What steps are chosen, in their order, for (bin, expression) pairs."""
    given = [(name, (), expression) for name, expression in assignments]
    return [(step.bin, step.how) for step in steps(given, Context(), INT)]


def test_right_sides_see_the_record_as_it_was():
    plus = Binary("+", A, ONE)
    assert hows(("a", B), ("b", A)) == [("a", "compute"), ("b", "compute")]
    assert hows(("a", plus), ("b", Literal(1))) == [("a", "expression"), ("b", "write")]
    # What reads a bin goes before what writes it.
    assert hows(("a", plus), ("b", Binary("+", A, B))) == [("b", "expression"), ("a", "expression")]
    assert hows(("b", Literal(1)), ("a", B)) == [("a", "expression"), ("b", "write")]
    both = hows(("a", Binary("||", B, A)), ("b", plus))
    assert both == [("a", "compute"), ("b", "compute")]
