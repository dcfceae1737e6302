"""Lifting: what is lifted and what stays; the tree of a shape is the tree of its text."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aerodbapi import errors
from aerodbapi.grammar import Placeholder, bind, lift, nodes, parse, parse_shape, substitute
from aerodbapi.grammar.ast import Parameter
from aerodbapi.types import GeoJSON
from tests.grammar.corpus import AQL, EXTENSIONS, PLAIN

POINT = '{"type":"Point","coordinates":[1,2]}'


def user(key: int | str) -> Placeholder:
    return Placeholder(key)


LIFTED: list[tuple[str, str, tuple[Any, ...]]] = [
    # text, key, values
    ("SELECT * FROM t WHERE PK='u1'", "SELECT * FROM t WHERE PK=?", ("u1",)),
    ("SELECT * FROM t WHERE PK='u2';", "SELECT * FROM t WHERE PK=?", ("u2",)),
    ("SELECT * FROM t WHERE PK=?", "SELECT * FROM t WHERE PK=?", (user(0),)),
    ("SELECT * FROM t WHERE PK=:id", "SELECT * FROM t WHERE PK=?", (user("id"),)),
    ("SELECT * FROM t WHERE PK = -5", "SELECT * FROM t WHERE PK = ?", (-5,)),
    ("SELECT * FROM t WHERE PK='it''s'", "SELECT * FROM t WHERE PK=?", ("it's",)),
    ("select a, b.c from t where a = 1", "select a, b.c from t where a = ?", (1,)),
    (
        "SELECT a FROM t u WHERE a = 1 AND b > ? AND c <> 'x' OR d <= 1.5 AND e >= ?",
        "SELECT a FROM t u WHERE a = ? AND b > ? AND c <> ? OR d <= ? AND e >= ?",
        (1, user(0), "x", 1.5, user(1)),
    ),
    (
        "SELECT a FROM t WHERE a = :x AND b = 'y' AND c = :x",
        "SELECT a FROM t WHERE a = ? AND b = ? AND c = ?",
        (user("x"), "y", user("x")),
    ),
    (
        "SELECT a FROM t WHERE a = ?2 AND b = ?1",
        "SELECT a FROM t WHERE a = ? AND b = ?",
        (user(1), user(0)),
    ),
    (
        "SELECT a FROM t WHERE b BETWEEN -1 AND 0x10 AND c LIKE 'x%' AND d ILIKE 'y'",
        "SELECT a FROM t WHERE b BETWEEN ? AND ? AND c LIKE ? AND d ILIKE ?",
        (-1, 16, "x%", "y"),
    ),
    (
        "SELECT a FROM t WHERE a IN (1, 'x', ?) LIMIT 10 OFFSET 3",
        "SELECT a FROM t WHERE a IN (?, ?, ?) LIMIT ? OFFSET ?",
        (1, "x", user(0), 10, 3),
    ),
    ("SELECT a FROM t LIMIT 5 WHERE b = 1", "SELECT a FROM t LIMIT ? WHERE b = ?", (5, 1)),
    (
        "SELECT a FROM t IN LIST WHERE b = 1 AND c = a + 2 AND d * 3 < e / 4",
        "SELECT a FROM t IN LIST WHERE b = ? AND c = a + ? AND d * ? < e / ?",
        (1, 2, 3, 4),
    ),
    (
        f"SELECT a FROM t WHERE g WITHIN GEOJSON('{POINT}') AND l = LIST('[1]')",
        "SELECT a FROM t WHERE g WITHIN ? AND l = ?",
        (GeoJSON(POINT), [1]),
    ),
    (
        "SELECT a FROM t WHERE b = CAST('5' AS INT) AND c = X'00ff' AND d = BOOL(1)",
        "SELECT a FROM t WHERE b = ? AND c = ? AND d = ?",
        (5, b"\0\xff", True),
    ),
    (
        "INSERT INTO t (PK, a, b, c) VALUES ('k', 1, NULL, true), (?, MAP('{}'), -2.5, 'x')",
        "INSERT INTO t (PK, a, b, c) VALUES (?, ?, ?, ?), (?, ?, ?, ?)",
        ("k", 1, None, True, user(0), {}, -2.5, "x"),
    ),
    (
        "INSERT INTO t (PK) VALUES (1) WITH (ttl = 5, gen = ?)",
        "INSERT INTO t (PK) VALUES (?) WITH (ttl = 5, gen = ?)",
        (1, user(0)),
    ),
    (
        "UPDATE t SET a = a + 1, b = 'x' || b, c = '' WHERE PK = 'k'",
        "UPDATE t SET a = a + ?, b = ? || b, c = ? WHERE PK = ?",
        (1, "x", "", "k"),
    ),
    ("DELETE FROM t WHERE a = 1", "DELETE FROM t WHERE a = ?", (1,)),
    # what stays
    ("SELECT 1, 'x', a = 5 FROM t", "SELECT 1, 'x', a = 5 FROM t", ()),
    ("SELECT a = 5 FROM t WHERE b = 6", "SELECT a = 5 FROM t WHERE b = ?", (6,)),
    ("SELECT ?, a = 5 FROM t WHERE b = 6", "SELECT ?, a = 5 FROM t WHERE b = 6", (user(0),)),
    ("SELECT * FROM t WHERE 1=0", "SELECT * FROM t WHERE 1=0", ()),
    ("SELECT * FROM t WHERE 1 = 1 AND a = 1", "SELECT * FROM t WHERE 1 = 1 AND a = ?", (1,)),
    ("SELECT * FROM t LIMIT 0", "SELECT * FROM t LIMIT 0", ()),
    ("SELECT a FROM t WHERE a = NULL AND b = TRUE", None, ()),
    ("SELECT a FROM t WHERE f(1, 'x') = 2", "SELECT a FROM t WHERE f(1, 'x') = ?", (2,)),
    ("SELECT a FROM t WHERE a = UPPER('x')", None, ()),
    ("SELECT a FROM t WHERE a = '5'::int", None, ()),
    ("SELECT a FROM t WHERE a = '5' /* c */ ::int", None, ()),
    ("SELECT a FROM t WHERE a IN (1, b)", None, ()),
    ("SELECT a FROM t WHERE a = DATE '2020-01-01' + INTERVAL '1' DAY", None, ()),
    (
        "SELECT a FROM t WHERE a LIKE 'x' ESCAPE '!'",
        "SELECT a FROM t WHERE a LIKE ? ESCAPE '!'",
        ("x",),
    ),
    (
        "SELECT a FROM t WHERE a = 1 GROUP BY b + 2 HAVING c = 3 LIMIT 4",
        "SELECT a FROM t WHERE a = ? GROUP BY b + 2 HAVING c = 3 LIMIT 4",
        (1,),
    ),
    (
        "SELECT a FROM t WHERE a = 1 AND b IN (SELECT c FROM u WHERE d = 2) AND e = ?",
        "SELECT a FROM t WHERE a = ? AND b IN (SELECT c FROM u WHERE d = 2) AND e = ?",
        (1, user(0)),
    ),
    ("SELECT a FROM t JOIN u ON a = 1 WHERE b = 2", None, ()),
    ("SELECT a FROM t WHERE a = 9223372036854775808", None, ()),
    ("SELECT a FROM t WHERE a = LIST('{')", None, ()),
    ("INSERT INTO t (PK, a) VALUES ('k', UPPER('x'))", None, ()),
    ("TRUNCATE t UPTO 5", None, ()),
    ("EXPLAIN SELECT * FROM t WHERE a = 5", None, ()),
    (
        "EXPLAIN SELECT * FROM t WHERE a = :x",
        "EXPLAIN SELECT * FROM t WHERE a = ?",
        (user("x"),),
    ),
    # strings and comments are passed over whole
    (
        "SELECT a FROM t WHERE 'b = 1 ?' = c /* d = 2 ? */ AND e = 3 AND g = 5 -- f = 4 ?",
        "SELECT a FROM t WHERE 'b = 1 ?' = c /* d = 2 ? */ AND e = ? AND g = 5 -- f = 4 ?",
        (3,),
    ),
    ('SELECT a FROM t WHERE "b = 1" = 2', 'SELECT a FROM t WHERE "b = 1" = ?', (2,)),
]


@pytest.mark.parametrize(("text", "key", "values"), LIFTED)
def test_what_is_lifted(text: str, key: str | None, values: tuple[Any, ...]) -> None:
    shape = lift(text)
    assert shape.key == (text if key is None else key)
    assert shape.values == values
    assert [type(value) for value in shape.values] == [type(value) for value in values]


AQL_LIFTED: list[tuple[str, str | None, tuple[Any, ...]]] = [
    ('SELECT * FROM t WHERE PK="u1"', "SELECT * FROM t WHERE PK=?", ("u1",)),
    ('SELECT * FROM t WHERE "a b" = "x"', 'SELECT * FROM t WHERE "a b" = ?', ("x",)),
    ('SELECT * FROM t WHERE a = "x" + 1', 'SELECT * FROM t WHERE a = "x" + ?', (1,)),
    ('SELECT * FROM t WHERE a = "x"."y"', None, ()),
    ('UPDATE t SET a = "x" AND "b"', None, ()),
    (
        'UPDATE t SET a = "x", b = "y" WHERE c = "z"',
        "UPDATE t SET a = ?, b = ? WHERE c = ?",
        ("x", "y", "z"),
    ),
    (
        "INSERT INTO t (PK, 'a b') VALUES (\"k\", 'x')",
        "INSERT INTO t (PK, 'a b') VALUES (?, ?)",
        ("k", "x"),
    ),
    ("SELECT * FROM t WHERE x:y = :p", "SELECT * FROM t WHERE x:y = ?", (user("p"),)),
]


@pytest.mark.parametrize(("text", "key", "values"), AQL_LIFTED)
def test_what_is_lifted_in_aql(text: str, key: str | None, values: tuple[Any, ...]) -> None:
    shape = lift(text, "aql")
    assert (shape.key, shape.values) == (text if key is None else key, values)


# ---- the rule ----------------------------------------------------------------------------------


def tree_with_parameters(text: str, profile: str) -> Any:
    """The tree of `text`, the user's parameters put in as Placeholders."""
    tree = parse(text, profile)
    found = {node.index: node for node in nodes(tree) if isinstance(node, Parameter)}
    return substitute(
        tree,
        {  # type: ignore[arg-type]
            index: Placeholder(node.name if node.name and not node.name.isdigit() else index)
            for index, node in found.items()
        },
    )


def holds(text: str, profile: str) -> bool:
    """Check the rule for one text; False when it is no statement."""
    shape = lift(text, profile)
    try:
        tree = tree_with_parameters(text, profile)
    except errors.DatabaseError:
        with pytest.raises(errors.DatabaseError):
            parse_shape(shape, text)
        return False
    assert substitute(parse_shape(shape), shape.values) == tree
    assert substitute(parse_shape(shape, text), shape.values) == tree
    return True


@pytest.mark.parametrize("profile", ["sql", "aql"])
@pytest.mark.parametrize("text", PLAIN + EXTENSIONS)
def test_shapes_keep_the_tree(text: str, profile: str) -> None:
    assert holds(text, profile)


@pytest.mark.parametrize("text", AQL)
def test_shapes_keep_the_tree_in_aql(text: str) -> None:
    assert holds(text, "aql")


#: Pieces that texts are made of, two spaces apart.
PIECES = [
    *re.split(
        r"\s\s+",
        r"""SELECT  *  FROM  WHERE  t  a  b  a.b  =  <>  <  +  -  *  /  %  5  -5  1.5  0x1F  1e5
        'x'  'it''s'  "q"  ''  ""  AND  OR  NOT  IN  (  )  ,  BETWEEN  LIKE  ESCAPE  IS  NULL
        TRUE  LIMIT  OFFSET  ?  :p  ?2  X'00'  LIST('[1]')  INT('5')  CAST('5' AS INT)
        CAST(a AS TEXT)  UPPER('x')  f(1, 'y')  ::int  [0]  /* c = 1 */  ;  GROUP BY  ORDER BY
        HAVING  UPDATE  SET  INSERT INTO  VALUES  (1, 'x')  DELETE FROM  WITH  UNION  CASE WHEN
        THEN  END  IN LIST  WITHIN  DATE '2020'  INTERVAL '1' DAY  limit  ||  BOOL(1)
        9223372036854775808  JOIN u ON  EXISTS (SELECT 1)  1=0  (?, :p)  ILIKE  .5  5.  a-b  x:y""",
    ),
    "--\n",
    "\n# x\n",
]

HEADS = [
    "SELECT a FROM t WHERE",
    "SELECT a, 1 FROM t u",
    "UPDATE t SET a =",
    "DELETE FROM t WHERE",
    "INSERT INTO t (PK, a) VALUES",
    "SELECT",
    "SELECT a FROM t WHERE a =",
]


@settings(max_examples=400, deadline=None)
@example("SELECT a FROM t WHERE", ["b", "=", "'x'", "::int"], " ", "sql")
@example("UPDATE t SET a =", ['"q"', "AND", "b"], " ", "aql")
@example("SELECT a FROM t WHERE", ["CASE WHEN", "a", "THEN", ":p", "END"], "", "sql")
@given(
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.sampled_from([" ", " ", " ", ""]),
    st.sampled_from(["sql", "aql"]),
)
def test_shapes_keep_the_tree_of_any_text(
    head: str, pieces: list[str], space: str, profile: str
) -> None:
    holds(f"{head} {space.join(pieces)}", profile)


OPERAND = st.sampled_from(
    [
        "a",
        "b.c",
        "5",
        "-5",
        "1.5",
        "'x'",
        "'it''s'",
        '"q"',
        "?",
        "f('y', 2)",
        "X'00'",
        "TRUE",
        "NULL",
        "INT('5')",
        "LIST('[1]')",
        "CAST('5' AS TEXT)",
        "'5'::int",
        "m['k']",
        "-a",
        "(5)",
    ]
)
CONDITION = st.one_of(
    st.tuples(OPERAND, st.sampled_from(["=", "<>", "<", ">=", "+ 1 =", "|| 'z' ="]), OPERAND),
    st.tuples(OPERAND, st.sampled_from(["LIKE", "NOT ILIKE"]), OPERAND),
    st.tuples(
        OPERAND, st.sampled_from(["BETWEEN", "NOT BETWEEN"]), OPERAND, st.just("AND"), OPERAND
    ),
    st.tuples(
        OPERAND,
        st.sampled_from(["IN", "NOT IN"]),
        st.lists(OPERAND, min_size=1, max_size=3).map(lambda found: f"({', '.join(found)})"),
    ),
).map(" ".join)


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(["SELECT a FROM t WHERE", "UPDATE t SET a = 'x', b = b + 1 WHERE"]),
    st.lists(CONDITION, min_size=1, max_size=4),
    st.sampled_from([" AND ", " OR ", " AND NOT "]),
    st.sampled_from(["sql", "aql"]),
)
def test_shapes_keep_the_tree_of_conditions(
    head: str, conditions: list[str], joint: str, profile: str
) -> None:
    assert holds(f"{head} {joint.join(conditions)}", profile) or profile == "aql"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="SELECT *FROMt=?':\"-/#();\n1axX.,[]", max_size=40))
def test_lifting_never_fails(text: str) -> None:
    for profile in ("sql", "aql"):
        shape = lift(text, profile)
        assert shape.profile == profile


def test_places_in_a_shape_are_those_of_the_text() -> None:
    text = "SELECT a FROM t WHERE b = 'a long string' AND c = 5 ORDER BY a"
    tree: Any = parse_shape(lift(text), text)
    assert tree.relational == parse(text).relational  # type: ignore[union-attr]
    assert tree.where.right.span == parse(text).where.right.span  # type: ignore[union-attr]
    assert tree.where.right.right == Parameter(1)


# ---- binding -----------------------------------------------------------------------------------


def test_values_are_bound_in_their_places() -> None:
    assert bind(lift("SELECT a FROM t WHERE a = 1 AND b = 'x'")) == (1, "x")
    assert bind(lift("SELECT a FROM t WHERE a = ? AND b = 'x' AND c = ?"), [1, 2]) == (1, "x", 2)
    shape = lift("SELECT a FROM t WHERE a = :x AND b = 'x' AND c = :x AND d = :y")
    assert bind(shape, {"x": 1, "y": 2, "z": 3}) == (1, "x", 1, 2)
    assert bind(lift("SELECT a FROM t WHERE a = ?2 AND b = ?1"), ("p", "q")) == ("q", "p")


@pytest.mark.parametrize(
    ("text", "parameters", "words"),
    [
        ("SELECT ?, ?", [1], r"no value for parameter \?2"),
        ("SELECT ?", None, r"no value for parameter \?1"),
        ("SELECT ?", [1, 2], "takes 1 parameters, 2 were given"),
        ("SELECT 1", [1], "takes 0 parameters, 1 were given"),
        ("SELECT :a, :b", {"a": 1}, "no value for parameter :b"),
        ("SELECT :a", [1], "given as a mapping"),
        ("SELECT ?", {"a": 1}, "given as a sequence"),
    ],
)
def test_parameters_that_do_not_fit(text: str, parameters: Any, words: str) -> None:
    with pytest.raises(errors.ProgrammingError, match=words):
        bind(lift(text), parameters)


def test_lifting_does_not_load_the_parser() -> None:
    code = (
        "import sys; from aerodbapi.grammar import lift, bind;"
        "bind(lift(\"SELECT * FROM t WHERE a = 1 AND b = 'x'\")); print('lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.returncode) == ("False", 0)
