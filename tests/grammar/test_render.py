"""Trees written back: the tree of the text that a tree is written as is that tree."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aerodbapi.grammar import parse, to_sql
from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Delete,
    Distinct,
    Exists,
    Frame,
    In,
    InQuery,
    Insert,
    Interval,
    IsNull,
    IsTruth,
    Join,
    Like,
    Literal,
    OrderItem,
    Over,
    Parameter,
    Select,
    SelectItem,
    SetOperation,
    Star,
    Subquery,
    Subscript,
    TableName,
    Unary,
    Update,
    Window,
)
from tests.grammar.corpus import AQL, EXTENSIONS, PLAIN


@pytest.mark.parametrize("profile", ["sql", "aql"])
@pytest.mark.parametrize("text", PLAIN + EXTENSIONS)
def test_the_corpus_comes_back(text: str, profile: str) -> None:
    tree = parse(text, profile)
    assert parse(to_sql(tree, profile), profile) == tree


@pytest.mark.parametrize("text", AQL)
def test_the_aql_corpus_comes_back(text: str) -> None:
    tree = parse(text, "aql")
    assert parse(to_sql(tree, "aql"), "aql") == tree


WRITTEN = [
    (
        "select a,b  c from t where not(a=1 or b=2)and c in(1,'x')",
        ("SELECT a, b AS c FROM t WHERE NOT (a = 1 OR b = 2) AND c IN (1, 'x')"),
    ),
    ("select -(5), - -a, a-(b-c), (a+b)*c", "SELECT -(5), -(-a), a - (b - c), (a + b) * c"),
    ("select 'it''s', X'00', 1e3, null", "SELECT 'it''s', X'00', 1000.0, NULL"),
    ("select list('[1]'), bool(1), a::int", "SELECT LIST('[1]'), TRUE, CAST(a AS BIGINT)"),
    (
        "select a from my-ns.my-set limit ? where b = ?",
        ('SELECT a FROM "my-ns"."my-set" WHERE b = ?2 LIMIT ?1'),
    ),
    ("select a from t where b = :x limit :y", "SELECT a FROM t WHERE b = :x LIMIT :y"),
    ("delete from t where a=?", "DELETE FROM t WHERE a = ?"),
    ("drop index t i", "DROP INDEX i ON t"),
    ("upsert into t(pk) values(1)with(ttl=5)", "UPSERT INTO t (pk) VALUES (1) WITH (ttl = 5)"),
]


@pytest.mark.parametrize(("text", "written"), WRITTEN)
def test_the_layout(text: str, written: str) -> None:
    assert to_sql(parse(text)) == written


def test_parts_of_statements_are_written_too() -> None:
    assert to_sql(Binary("=", Column("a"), Parameter(3))) == "a = ?4"
    assert to_sql(Binary("=", Column("a"), Parameter(3)), parameters="bare") == "a = ?"
    assert to_sql(TableName(("a", "b c"), "d")) == 'a."b c" AS d'
    assert to_sql(Literal(float("inf"))) == "CAST('inf' AS DOUBLE)"


def test_columns_are_named_by_their_expression() -> None:
    tree: Any = parse("select a, t.b, upper( a ), count(*), 1+a, a as z, x.* from t")
    assert [item.name for item in tree.items] == [
        *("a", "b", "UPPER(a)", "COUNT(*)", "1 + a", "z", "x.*")
    ]


# ---- any tree that the parser can build --------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "limit", "count", "Größe", "x1", "group", "key"])
ODD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)
LITERALS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.binary(max_size=4),
    st.lists(st.integers(0, 9) | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2),
).map(Literal)
COLUMNS = st.one_of(
    st.builds(Column, NAMES, st.just(()) | st.tuples(NAMES) | st.tuples(NAMES, ODD)),
    st.builds(Column, ODD, st.just(()) | st.tuples(ODD), st.just(True)),
)
LEAVES = st.one_of(COLUMNS, LITERALS)


@cache
def _compound(depth: int) -> Any:
    operand = expressions(depth)
    several = st.lists(operand, min_size=1, max_size=3).map(tuple)
    orders = st.lists(st.builds(OrderItem, operand, st.booleans(), st.booleans()), max_size=2).map(
        tuple
    )
    query = st.builds(
        lambda expression, where: Select(
            (SelectItem(expression, "n", True),), TableName(("t",)), where
        ),
        operand,
        st.none() | operand,
    )
    bound = st.tuples(st.sampled_from(["PRECEDING", "FOLLOWING"]), st.none() | operand) | st.just(
        ("CURRENT ROW", None)
    )
    frames = st.builds(Frame, st.sampled_from(["ROWS", "RANGE"]), bound, st.none() | bound)
    call = st.builds(
        Call,
        st.sampled_from(["F", "COUNT", "MOD.F", "LEFT"]),
        several,
        st.booleans(),
    )
    return st.one_of(
        st.builds(
            Binary,
            st.sampled_from("= <> < <= > >= AND OR + - * / % ||".split()),  # noqa: SIM905
            operand,
            operand,
        ),
        st.builds(Unary, st.sampled_from("+-"), operand),
        operand.filter(lambda node: not hasattr(node, "negated")).map(lambda n: Unary("NOT", n)),
        st.builds(Between, operand, operand, operand, st.booleans()),
        st.builds(In, operand, several, st.booleans()),
        st.builds(InQuery, operand, query, st.booleans()),
        st.builds(Like, operand, operand, st.none() | operand, st.booleans(), st.booleans()),
        st.builds(IsNull, operand, st.booleans()),
        st.builds(IsTruth, operand, st.none() | st.booleans(), st.booleans()),
        st.builds(Distinct, operand, operand, st.booleans()),
        st.builds(Subscript, operand, operand),
        st.builds(
            Case,
            st.none() | operand,
            st.lists(st.tuples(operand, operand), min_size=1, max_size=2).map(tuple),
            st.none() | operand,
        ),
        st.builds(Cast, COLUMNS, st.sampled_from(["BIGINT", "DATE", "DECIMAL(10, 2)"])),
        st.builds(Interval, st.integers(-9, 9).map(Literal), st.just("DAY")),
        st.builds(Exists, query),
        st.builds(Subquery, query),
        call,
        st.builds(Call, st.just("AGG"), several, st.just(False), orders, st.none() | operand),
        st.builds(
            Over,
            call,
            st.sampled_from(["w", "a b"])
            | st.builds(Window, st.just(()) | several, orders, st.none() | frames),
        ),
    )


@st.composite
def expressions(draw: Any, depth: int) -> Any:
    """Any expression of at most `depth` levels above its leaves."""
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return draw(LEAVES)
    return draw(_compound(depth - 1))


@st.composite
def sources(draw: Any) -> Any:
    return draw(_SOURCES)


EXPRESSIONS = expressions(2)
TABLES = st.builds(
    TableName,
    st.tuples(ODD.filter(lambda t: t != "*")) | st.tuples(NAMES, NAMES),
    st.none() | NAMES | ODD,
)
_SOURCES = st.recursive(
    TABLES,
    lambda source: st.one_of(
        st.builds(Join, st.just("CROSS"), source, source),
        st.builds(Join, st.sampled_from(["INNER", "LEFT", "FULL"]), source, source, EXPRESSIONS),
        st.builds(Join, st.just("RIGHT"), source, source, st.none(), st.tuples(NAMES, ODD)),
    ),
    max_leaves=3,
)
ITEMS = st.lists(
    st.builds(SelectItem, EXPRESSIONS, NAMES | ODD, st.just(True))
    | st.just(SelectItem(Star(), "*")),
    min_size=1,
    max_size=3,
).map(tuple)
COUNTS = st.none() | st.integers(0, 2**63 - 1).map(Literal)


@st.composite
def selects(draw: Any) -> Select:
    from_one = draw(st.booleans())
    source = draw(TABLES if from_one else sources().filter(lambda s: isinstance(s, Join)))
    return Select(
        draw(ITEMS),
        table=source if from_one else None,
        source=None if from_one else source,
        where=draw(st.none() | EXPRESSIONS),
        limit=draw(COUNTS),
        offset=draw(COUNTS),
        order=draw(st.lists(st.builds(OrderItem, EXPRESSIONS), max_size=2).map(tuple)),
        membership=draw(st.sampled_from([None, "LIST", "MAPKEYS"])) if from_one else None,
        distinct=draw(st.booleans()),
        group=draw(st.lists(EXPRESSIONS, max_size=2).map(tuple)),
        having=draw(st.none() | EXPRESSIONS),
    )


VALUES = st.recursive(LITERALS, lambda v: st.builds(Binary, st.just("+"), v, v), max_leaves=3)


@st.composite
def inserts(draw: Any) -> Insert:
    names = draw(st.lists(NAMES | ODD, min_size=1, max_size=3, unique=True))
    columns = tuple(Column(name, quoted=True) for name in names)
    rows = draw(st.lists(st.tuples(*[VALUES] * len(names)), min_size=1, max_size=2))
    options = draw(st.sampled_from([(), (("ttl", Literal(5)),)]))
    verb = draw(st.sampled_from(["INSERT", "UPSERT", "REPLACE"]))
    return Insert(verb, draw(TABLES.map(_bare)), columns, tuple(rows), options)


def _bare(table: TableName) -> TableName:
    return TableName(table.parts)


_STATEMENTS = st.one_of(
    selects(),
    inserts(),
    st.builds(
        SetOperation,
        st.sampled_from(["UNION", "EXCEPT", "INTERSECT"]),
        selects(),
        selects(),
        st.booleans(),
        limit=COUNTS,
    ),
    st.builds(
        Update,
        TABLES,
        st.builds(Column, NAMES).flatmap(
            lambda column: EXPRESSIONS.map(lambda value: ((column, value),))
        ),
        st.none() | EXPRESSIONS,
    ),
    st.builds(Delete, TABLES, st.none() | EXPRESSIONS),
)


@st.composite
def written_statements(draw: Any) -> Any:
    return draw(_STATEMENTS)


@settings(max_examples=200, deadline=None)
@given(expressions(3))
@example(Unary("-", Subscript(Literal(0), Literal(None))))
def test_any_expression_comes_back(tree: Any) -> None:
    text = to_sql(tree)
    statement: Any = parse(f"SELECT 1 FROM t WHERE {text}")
    assert statement.where == tree
    assert to_sql(statement.where) == text


@settings(max_examples=100, deadline=None)
@given(written_statements())
def test_any_statement_comes_back(tree: Any) -> None:
    assert parse(to_sql(tree)) == tree
