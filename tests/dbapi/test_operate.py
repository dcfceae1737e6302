"""OPERATE: every operation of the table, its answers, and the policies."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi import errors
from aerodbapi.plan.bin_functions import FUNCTIONS

LIST = [3, 1, 2]
MAP = {"a": 1, "b": 2, "c": 3}

#: Operation, its answer (... for none), and the bin afterwards.
LISTS: list[tuple[str, Any, Any]] = [
    ("LIST_APPEND(l, 9)", 4, [3, 1, 2, 9]),
    ("LIST_APPEND(l, LIST('[9]'))", 4, [3, 1, 2, [9]]),
    ("LIST_APPEND_ITEMS(l, LIST('[8, 9]'))", 5, [3, 1, 2, 8, 9]),
    ("LIST_INSERT(l, 1, 9)", 4, [3, 9, 1, 2]),
    ("LIST_INSERT_ITEMS(l, -1, LIST('[8, 9]'))", 5, [3, 1, 8, 9, 2]),
    ("LIST_SET(l, 0, 'x')", ..., ["x", 1, 2]),
    ("LIST_INCREMENT(l, 0, 10)", 13, [13, 1, 2]),
    ("LIST_INCREMENT(l, 0)", 4, [4, 1, 2]),
    ("LIST_POP(l, 0)", 3, [1, 2]),
    ("LIST_POP_RANGE(l, 0, 2)", [3, 1], [2]),
    ("LIST_POP_RANGE(l, 1)", [1, 2], [3]),
    ("LIST_REMOVE(l, 0)", 1, [1, 2]),
    ("LIST_REMOVE_RANGE(l, 0, 2)", 2, [2]),
    ("LIST_REMOVE_RANGE(l, 1)", 2, [3]),
    ("LIST_TRIM(l, 1, 1)", 2, [1]),
    ("LIST_TRIM(l, 1)", 1, [1, 2]),
    ("LIST_CLEAR(l)", ..., []),
    ("LIST_SORT(l)", ..., [1, 2, 3]),
    ("LIST_SIZE(l)", 3, LIST),
    ("LIST_GET(l, -1)", 2, LIST),
    ("LIST_GET_RANGE(l, 1)", [1, 2], LIST),
    ("LIST_GET_RANGE(l, 0, 1)", [3], LIST),
    ("LIST_GET_BY_VALUE(l, 1) WITH_POLICY (AS_LIST_RETURN_INDEX)", [1], LIST),
    ("LIST_GET_BY_VALUE_LIST(l, LIST('[1, 3]'))", [3, 1], LIST),
    ("LIST_GET_BY_VALUE_RANGE(l, 2, 9)", [3, 2], LIST),
    ("LIST_GET_BY_INDEX(l, 0)", 3, LIST),
    ("LIST_GET_BY_INDEX_RANGE(l, 0, 2)", [3, 1], LIST),
    ("LIST_GET_BY_RANK(l, 0)", 1, LIST),
    ("LIST_GET_BY_RANK_RANGE(l, 1) WITH_POLICY (AS_LIST_RETURN_COUNT)", 2, LIST),
    ("LIST_REMOVE_BY_VALUE(l, 1)", [1], [3, 2]),
    ("LIST_REMOVE_BY_VALUE_LIST(l, LIST('[1, 3]'))", [3, 1], [2]),
    ("LIST_REMOVE_BY_VALUE_RANGE(l, 2, 9) WITH_POLICY (AS_LIST_RETURN_COUNT)", 2, [1]),
    ("LIST_REMOVE_BY_INDEX(l, 0)", 3, [1, 2]),
    ("LIST_REMOVE_BY_INDEX_RANGE(l, 1)", [1, 2], [3]),
    ("LIST_REMOVE_BY_RANK(l, -1)", 3, [1, 2]),
    ("LIST_REMOVE_BY_RANK_RANGE(l, 0, 1)", [1], [3, 2]),
]
MAPS: list[tuple[str, Any, Any]] = [
    ("MAP_PUT(m, 'd', 4)", 4, {**MAP, "d": 4}),
    ("MAP_PUT(m, 'a', 4)", 3, {**MAP, "a": 4}),
    ('MAP_PUT_ITEMS(m, MAP(\'{"a": 9, "z": 8}\'))', 4, {**MAP, "a": 9, "z": 8}),
    ("MAP_INCREMENT(m, 'a', 10)", 11, {**MAP, "a": 11}),
    ("MAP_DECREMENT(m, 'a')", 0, {**MAP, "a": 0}),
    ("MAP_CLEAR(m)", ..., {}),
    ("MAP_SET_TYPE(m, AS_MAP_KEY_ORDERED)", ..., MAP),
    ("MAP_SIZE(m)", 3, MAP),
    ("MAP_GET_BY_KEY(m, 'a')", {"a": 1}, MAP),
    ("MAP_GET_BY_KEY(m, 'z')", None, MAP),
    ("MAP_GET_BY_KEY(m, 'a') WITH_POLICY (AS_MAP_RETURN_VALUE)", 1, MAP),
    ('MAP_GET_BY_KEY_LIST(m, LIST(\'["a", "z"]\'))', {"a": 1}, MAP),
    ("MAP_GET_BY_KEY_RANGE(m, 'b', 'z')", {"b": 2, "c": 3}, MAP),
    ("MAP_GET_BY_VALUE(m, 2)", {"b": 2}, MAP),
    ("MAP_GET_BY_VALUE_LIST(m, LIST('[1, 3]'))", {"a": 1, "c": 3}, MAP),
    ("MAP_GET_BY_VALUE_RANGE(m, 2, 9)", {"b": 2, "c": 3}, MAP),
    ("MAP_GET_BY_INDEX(m, 0)", {"a": 1}, MAP),
    ("MAP_GET_BY_INDEX_RANGE(m, 1)", {"b": 2, "c": 3}, MAP),
    ("MAP_GET_BY_INDEX_RANGE(m, 0, 1) WITH_POLICY (AS_MAP_RETURN_KEY)", ["a"], MAP),
    ("MAP_GET_BY_RANK(m, -1)", {"c": 3}, MAP),
    ("MAP_GET_BY_RANK_RANGE(m, 0, 2)", {"a": 1, "b": 2}, MAP),
    ("MAP_REMOVE_BY_KEY(m, 'a')", {"a": 1}, {"b": 2, "c": 3}),
    ('MAP_REMOVE_BY_KEY_LIST(m, LIST(\'["a", "b"]\'))', {"a": 1, "b": 2}, {"c": 3}),
    ("MAP_REMOVE_BY_KEY_RANGE(m, 'b', 'z')", {"b": 2, "c": 3}, {"a": 1}),
    ("MAP_REMOVE_BY_VALUE(m, 2)", {"b": 2}, {"a": 1, "c": 3}),
    ("MAP_REMOVE_BY_VALUE_LIST(m, LIST('[1, 3]'))", {"a": 1, "c": 3}, {"b": 2}),
    ("MAP_REMOVE_BY_VALUE_RANGE(m, 2, 9)", {"b": 2, "c": 3}, {"a": 1}),
    ("MAP_REMOVE_BY_INDEX(m, 0)", {"a": 1}, {"b": 2, "c": 3}),
    ("MAP_REMOVE_BY_INDEX_RANGE(m, 0, 2)", {"a": 1, "b": 2}, {"c": 3}),
    ("MAP_REMOVE_BY_RANK(m, 0)", {"a": 1}, {"b": 2, "c": 3}),
    ("MAP_REMOVE_BY_RANK_RANGE(m, 1)", {"b": 2, "c": 3}, {"a": 1}),
]


@pytest.fixture
def record(cursor: Any, table: str) -> str:
    """Name a table with the record "k"."""
    cursor.execute(f"UPSERT INTO {table} (PK, l, m, n, s) VALUES ('k', ?, ?, 5, 'b')", (LIST, MAP))
    return table


def operated(cursor: Any, record: str, operation: str, bin: str) -> tuple[Any, Any]:
    """(the answer or ..., the bin afterwards)"""
    cursor.execute(f"OPERATE {operation}, READ({bin}) ON {record} WHERE PK = 'k'")
    (row,) = cursor.fetchall()
    return (... if len(row) == 1 else row[0]), row[-1]


@pytest.mark.parametrize(("operation", "answer", "after"), LISTS, ids=[e[0] for e in LISTS])
def test_lists(cursor: Any, record: str, operation: str, answer: Any, after: Any) -> None:
    assert operated(cursor, record, operation, "l") == (answer, after)


@pytest.mark.parametrize(("operation", "answer", "after"), MAPS, ids=[e[0] for e in MAPS])
def test_maps(cursor: Any, record: str, operation: str, answer: Any, after: Any) -> None:
    found, left = operated(cursor, record, operation, "m")
    assert (found or None if answer is None else found) == answer
    assert left == after


def test_every_operation_is_shown() -> None:
    shown = {entry[0].partition("(")[0] for entry in (*LISTS, *MAPS)}
    assert shown | {"TOUCH", "DELETE", "READ", "WRITE", "INCR", "APPEND", "PREPEND"} == set(
        FUNCTIONS
    )


def test_scalars(cursor: Any, record: str) -> None:
    cursor.execute(
        "OPERATE INCR(n, 2), APPEND(s, 'c'), PREPEND(s, 'a'), WRITE(w, ?), TOUCH(), READ(n),"
        f" READ(s), READ(w), READ(missing) ON {record} WHERE PK = 'k'",
        (1.5,),
    )
    assert [column[0] for column in cursor.description] == ["n", "s", "w", "missing"]
    assert cursor.fetchall() == [(7, "abc", 1.5, None)]


def test_without_answers_there_is_a_count(cursor: Any, record: str) -> None:
    cursor.execute(f"OPERATE INCR(n, 2) ON {record} WHERE PK = 'k'")
    assert cursor.description is None
    assert cursor.rowcount == 1
    cursor.execute(f"OPERATE WRITE(w, NULL), DELETE() ON {record} WHERE PK = 'k'")
    cursor.execute(f"SELECT * FROM {record} WHERE PK = 'k'")
    assert cursor.fetchall() == []


def test_columns_tell_answers_apart(cursor: Any, record: str) -> None:
    cursor.execute(
        f"OPERATE LIST_APPEND(l, 1), LIST_SIZE(l), READ(l), MAP_SIZE(m) ON {record} WHERE PK = 'k'"
    )
    names = [column[0] for column in cursor.description]
    assert names == ["LIST_APPEND(l)", "LIST_SIZE(l)", "l", "m"]
    assert cursor.fetchall() == [(4, 4, [3, 1, 2, 1], 3)]


def test_a_record_that_is_not_there(cursor: Any, record: str) -> None:
    cursor.execute(f"OPERATE READ(n) ON {record} WHERE PK = 'missing'")
    assert cursor.fetchall() == []
    cursor.execute(f"OPERATE INCR(n, 1), READ(n) ON {record} WHERE PK = 'made'")
    assert cursor.fetchall() == [(1,)]


def test_conditions_travel_with_it(cursor: Any, record: str) -> None:
    cursor.execute(f"OPERATE INCR(n, 1), READ(n) ON {record} WHERE PK = 'k' AND n > 5")
    assert cursor.fetchall() == []
    cursor.execute(f"OPERATE INCR(n, 1), READ(n) ON {record} WHERE PK = 'k' AND n = 5")
    assert cursor.fetchall() == [(6,)]


def test_many_records(cursor: Any, record: str) -> None:
    cursor.execute(f"UPSERT INTO {record} (PK, n) VALUES ('j', 50), ('i', 1)")
    cursor.execute(f"OPERATE INCR(n, 1), READ(n) ON {record} WHERE PK IN ('k', 'j', 'missing2')")
    assert sorted(row[0] for row in cursor.fetchall()) == [1, 6, 51]
    cursor.execute(f"OPERATE INCR(n, 1), READ(n) ON {record} WHERE n > 5")
    assert sorted(row[0] for row in cursor.fetchall()) == [7, 52]
    cursor.execute(f"OPERATE INCR(n, 1) ON {record} WHERE n > 5")
    assert cursor.rowcount == 2


def test_executemany(cursor: Any, record: str) -> None:
    cursor.executemany(f"OPERATE INCR(n, ?) ON {record} WHERE PK = ?", [(1, "k"), (2, "k")])
    assert cursor.rowcount == 2
    with pytest.raises(errors.ProgrammingError, match="not queries"):
        cursor.executemany(f"OPERATE READ(n) ON {record} WHERE PK = ?", [("k",)])


def test_policies_of_maps(cursor: Any, record: str) -> None:
    where = f"ON {record} WHERE PK = 'k'"
    with pytest.raises(errors.Error):
        cursor.execute(f"OPERATE MAP_PUT(m, 'a', 9) with_policy(AS_MAP_CREATE_ONLY) {where}")
    with pytest.raises(errors.Error):
        cursor.execute(f"OPERATE MAP_PUT(m, 'z', 9) with_policy(AS_MAP_UPDATE_ONLY) {where}")
    policy = "with_policy(AS_MAP_KEY_VALUE_ORDERED, AS_MAP_CREATE_ONLY)"
    cursor.execute(f"OPERATE MAP_PUT(new, 'z', 9) {policy}, READ(new) {where}")
    assert cursor.fetchall() == [(1, {"z": 9})]
    cursor.execute(
        f"OPERATE LIST_APPEND(l, 3) WITH_POLICY (AS_LIST_ADD_UNIQUE, AS_LIST_NO_FAIL) {where}"
    )
    assert cursor.fetchall() == [(3,)]


REFUSED = [
    ("NOTHING(l)", "OPERATE knows no NOTHING"),
    ("LIST_APEND(l, 1)", "did you mean LIST_APPEND"),
    ("LIST_APPEND(l)", "LIST_APPEND is written LIST_APPEND(bin, value)"),
    ("LIST_APPEND()", "LIST_APPEND is written LIST_APPEND(bin, value)"),
    ("LIST_SIZE(l, 1)", "LIST_SIZE is written LIST_SIZE(bin)"),
    ("LIST_GET(l, 'x')", "LIST_GET(bin, index)"),
    ("TOUCH(l)", "TOUCH is written TOUCH()"),
    ("INCR(n, 'x')", "INCR takes a number"),
    ("APPEND(s, 5)", "APPEND takes text or bytes"),
    ("READ(PK)", "PK is no bin"),
    ("READ(n) WITH_POLICY (AS_MAP_UPDATE)", "READ takes no policy"),
    ("LIST_SIZE(l) WITH_POLICY (AS_LIST_ORDERED)", "LIST_SIZE takes no policy"),
    ("MAP_PUT(m, 'a', 1) WITH_POLICY (AS_LIST_ORDERED)", "is no policy of a map"),
    ("MAP_SET_TYPE(m, 'x')", "MAP_SET_TYPE takes AS_MAP_UNORDERED"),
    ("READ(abcdefghijklmnopq)", "1 to 15 are allowed"),
]


@pytest.mark.parametrize(("operation", "message"), REFUSED, ids=[e[0] for e in REFUSED])
def test_refused(operation: str, message: str) -> None:
    import aerodbapi

    with aerodbapi.connect() as connection, pytest.raises(errors.Error) as caught:
        connection.execute(f"OPERATE {operation} ON test.t WHERE PK = 'k'")
    assert message in str(caught.value)


def test_only_what_the_server_decides() -> None:
    import aerodbapi

    with aerodbapi.connect() as connection, pytest.raises(errors.NotSupportedError) as caught:
        connection.execute("OPERATE READ(a) ON test.t WHERE PK = 'k' AND a LIKE b")
    assert "conditions that the server decides" in str(caught.value)


def test_functions_in_set_are_operations(cursor: Any, record: str) -> None:
    cursor.execute(f"UPDATE {record} SET l = LIST_APPEND(l, 7) WHERE PK = 'k'")
    assert cursor.rowcount == 1
    cursor.execute(f"UPDATE {record} SET l = LIST_REMOVE(l, 0), m = MAP_PUT(m, 'z', 1)")
    cursor.execute(f"SELECT l, m FROM {record} WHERE PK = 'k'")
    assert cursor.fetchall() == [([1, 2, 7], {**MAP, "z": 1})]
