"""Plans as wholes: columns and types, what the catalog is asked for, EXPLAIN's rows."""

from __future__ import annotations

import pytest

from aerodbapi import errors
from aerodbapi.grammar.parser import parse
from aerodbapi.plan import explain
from aerodbapi.plan import operations as op
from aerodbapi.plan.bind import Context
from aerodbapi.plan.catalog import Catalog
from aerodbapi.plan.planner import missing, plan, tables
from aerodbapi.plan.pushdown import NOTHING, build, is_exact
from tests.plan.catalogs import catalog

CONTEXT = Context(namespace="test", server=(8, 1, 2))


def planned(text, context=CONTEXT, known=None):
    return plan(parse(text, context.profile), known or catalog(), context)


def columns(text):
    return [(column.name, column.type) for column in planned(text).columns]


def test_types_of_a_select_list():
    text = (
        "SELECT PK, name, age, w, ok, raw, loc, tags, mix, nobody, __gen, __digest, __set,"
        " age + n AS sum, age + w AS real, name || 'x' AS text, age > 5 AS test, -age AS minus,"
        " 'x' AS literal, NULL AS nothing, CAST(age AS VARCHAR) AS made FROM demo"
    )
    assert columns(text) == [
        ("PK", "VARCHAR"),
        ("name", "VARCHAR"),
        ("age", "BIGINT"),
        ("w", "DOUBLE"),
        ("ok", "BOOLEAN"),
        ("raw", "BLOB"),
        ("loc", "GEOJSON"),
        ("tags", "JSON"),
        ("mix", "JSON"),
        ("nobody", "JSON"),
        ("__gen", "BIGINT"),
        ("__digest", "BLOB"),
        ("__set", "VARCHAR"),
        ("sum", "BIGINT"),
        ("real", "DOUBLE"),
        ("text", "VARCHAR"),
        ("test", "BOOLEAN"),
        ("minus", "BIGINT"),
        ("literal", "VARCHAR"),
        ("nothing", "VARCHAR"),
        ("made", "VARCHAR"),
    ]


def test_names_of_columns_are_unique():
    names = [name for name, _ in columns("SELECT name, age AS name, name_1, * FROM demo")]
    assert names[:3] == ["name", "name_1", "name_1_1"]
    assert len(set(names)) == len(names)


def test_empty_plans_keep_their_columns():
    made = planned("SELECT name, age FROM demo WHERE 1 = 0")
    assert [column.name for column in made.columns] == ["name", "age"]
    assert isinstance(made.root.child, op.Empty)


@pytest.mark.parametrize(
    ("text", "sets", "indexes"),
    [
        ("SELECT * FROM demo WHERE PK = 'a'", [], []),
        ("SELECT name FROM demo WHERE PK IN ('a', 'b')", [], []),
        ("SELECT name FROM demo", [], []),
        ("SELECT * FROM demo", ["demo"], []),
        ("SELECT name FROM demo WHERE name = 'x'", [], ["test"]),
        ("SELECT * FROM demo LIMIT 0", ["demo"], []),
        ("UPDATE demo SET age = age + 1 WHERE PK = 'a'", [], []),
        ("DELETE FROM demo WHERE age = 5", [], ["test"]),
        ("INSERT INTO demo (PK, a) VALUES ('k', 1)", [], []),
        ("DESCRIBE demo", ["demo"], []),
        ("CREATE INDEX i ON demo (age)", ["demo"], []),
        ("SELECT 1", [], []),
    ],
)
def test_what_the_catalog_should_know_first(text, sets, indexes):
    try:
        found = missing(parse(text), Catalog(), CONTEXT)
    except errors.ProgrammingError:
        assert text.startswith("CREATE")
        return
    assert [target.set for target in found.sets] == sets
    assert found.indexes == indexes
    assert bool(found) is bool(sets or indexes)


def test_a_numeric_index_makes_the_types_of_bins_matter():
    known = Catalog()
    known.put_indexes("test", catalog().indexes("test"))
    found = missing(parse("SELECT name FROM demo WHERE age = 5"), known, CONTEXT)
    assert [target.set for target in found.sets] == ["demo"]
    assert not missing(parse("SELECT name FROM demo WHERE age = 5"), catalog(), CONTEXT)


def test_tables_that_a_plan_depends_on():
    def names(text):
        return [table.parts[-1] for table in tables(parse(text))]

    assert names("SELECT * FROM demo") == ["demo"]
    assert names("EXPLAIN SELECT d.x FROM demo AS d WHERE d.x = 1") == ["demo"]
    assert names("DELETE FROM demo") == ["demo"]
    assert names("DESCRIBE demo") == ["demo"]
    for text in (
        "SELECT * FROM demo WHERE PK = 'a' AND x = 1",
        "UPDATE demo SET a = 1 WHERE PK IN (1, 2)",
        "INSERT INTO demo (PK, a) VALUES (1, 2)",
        "SELECT 1",
        "SHOW SETS",
    ):
        assert names(text) == []


def test_a_plan_says_how_many_values_it_takes_and_which_catalog_it_saw():
    known = catalog()
    made = planned(
        "SELECT * FROM demo WHERE age = ? LIMIT ?",
        Context(namespace="test", parameters=("int", "int")),
        known,
    )
    assert made.parameters == 2
    assert made.catalog_version == known.version


def test_bound_values_decide_what_the_kinds_leave_open():
    context = Context(namespace="test", parameters=("str",))
    made = planned("SELECT * FROM bare WHERE c LIKE ?", context)
    pushed = made.root.child.child.pushed
    assert not pushed.exact
    assert pushed.builder(["ab%"]).exact
    assert not pushed.builder(["%ab"]).exact
    assert pushed.builder([None]).exp is NOTHING


def test_conditions_that_stay_here_keep_the_filter_from_being_final():
    made = planned("SELECT * FROM bare WHERE a || 'x' = 'ax' AND b = 1")
    assert not made.root.child.child.pushed.builder(()).exact
    batch = planned("SELECT * FROM bare WHERE PK IN ('a', 'b') AND PK > 'a' AND b = 1")
    assert not batch.root.child.child.pushed.builder(()).exact


def test_filters_of_trees_that_differ_in_a_literal_s_type_only_differ():
    packed = {
        repr(build(parse(f"SELECT * FROM t WHERE a = {text}").where, ())) for text in ("1", "TRUE")
    }
    assert len(packed) == 2


def test_explain_has_a_row_for_each_node_and_runs_nothing():
    made = planned("EXPLAIN SELECT name FROM demo WHERE age > 5 AND name LIKE '%x' LIMIT 3")
    assert made.explain
    assert [column.name for column in made.columns] == [c.name for c in explain.COLUMNS]
    rows = [dict(zip((c.name for c in explain.COLUMNS), row)) for row in explain.rows(made)]
    assert [row["node"] for row in rows] == ["Project", "Limit", "Filter", "IndexQuery"]
    assert [row["parent"] for row in rows] == [None, 1, 2, 3]
    leaf = rows[-1]
    assert leaf["command_type"] == "si_query"
    assert (leaf["namespace"], leaf["set_name"]) == ("test", "demo")
    assert (leaf["index_name"], leaf["index_type"], leaf["bin_name"]) == ("i_age", "NUMERIC", "age")
    assert leaf["entries_per_value"] == 3
    assert leaf["pushed"] == "name LIKE '%x'"
    assert rows[2]["residual"] == "name LIKE '%x'"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("SELECT * FROM demo WHERE PK = 'a'", "key_query"),
        ("SELECT * FROM demo WHERE PK IN ('a', 'b')", "batch"),
        ("SELECT * FROM demo", "set_query"),
        ("SELECT * FROM test.*", "pi_query"),
        ("SHOW SETS", "info_query"),
        ("SELECT 1", "local"),
        ("SELECT * FROM demo LIMIT 0", "local"),
    ],
)
def test_command_types(text, command):
    assert explain.rows(planned(text))[-1][3] == command


def test_explain_shows_the_notes():
    assert "i_w not used" in explain.rows(planned("SELECT * FROM demo WHERE w = 3"))[0][-1]


def test_every_error_has_its_place():
    with pytest.raises(errors.ProgrammingError, match=r"ambiguous: .* \(line 3, column 10\)"):
        planned("SELECT a.age\nFROM demo a, demo b\nORDER BY name")


def test_a_condition_that_is_a_parameter_decides_how_exact_the_rest_is():
    where = parse("SELECT 1 FROM t WHERE ? OR LENGTH(a) = 1").where
    assert not is_exact(where, ["bool"])
