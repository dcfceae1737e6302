"""Text that is refused: the error's class, its words, and where the caret stands.

In the texts « and » enclose what the caret line marks.
"""

from __future__ import annotations

import pytest

from aerodbapi import errors
from aerodbapi.grammar import lift, parse, parse_shape

SYNTAX = [
    # text, words of the message
    ("select * from t where«»", "the text ends, expected an expression"),
    ("select «*»", "near token '*': FROM must follow"),
    ("SELECT a, «*», b", "FROM must follow"),
    ("select * from t limit «5.5»", "near token '5.5': expected a whole number"),
    ("select * from t limit «true»", "near token 'true'"),
    ("select * from t limit «-1»", "expected a whole number from 0"),
    ("select * from t limit «a»", "near token 'a': expected a whole number from 0"),
    ("select * from t limit («select 1»)", "expected a whole number from 0"),
    ("select * from t «offset» all", "ALL is for LIMIT"),
    ("SELECT * «FORM» t", "did you mean FROM?"),
    ("SELECT a b «c» FROM t", "near token 'c': expected FROM"),
    ("SELECT * «test».demo WHERE a = 1", "FROM is missing before the table"),
    ("DELETE «test».demo WHERE PK = 1", "FROM is missing before the table"),
    ("«SELCT» * FROM t", "did you mean SELECT?"),
    ("SELECT * FROM t WHERE name = Bob «Smith»", "stands in single quotes"),
    ("SELECT * FROM t WHERE name = «'»Bob", "this quote is not closed"),
    ('SELECT * FROM t WHERE «"»a = 1', "this quote is not closed"),
    ("SELECT * FROM t «/*» never closed", "this comment is not closed"),
    ("SELECT * FROM t WHERE «(»a = 1", "'(' is not closed"),
    ("SELECT f(a, (b + 1 «FROM» t", "near token 'FROM'"),
    ("SELECT m«[»'a'", "'[' is not closed"),
    ("SELECT * FROM t WHERE a = 1«)»", "this parenthesis was never opened"),
    ("SELECT * FROM t WHERE a =«=» 1", "equality is written ="),
    ("SELECT * FROM t WHERE a = 1 «&&» b = 2", "conditions are joined with AND"),
    ("SELECT * FROM t WHERE a = «%»s", "parameters are written ? or :name"),
    ("SELECT * FROM t WHERE a = «$1»", "parameters are written ? or :name"),
    ("SELECT «`a`» FROM t", 'names are quoted as "name"'),
    ("SELECT * FROM t WHERE a = «“»x”", "straight quotes"),
    ("SELECT * FROM t WHERE «!»a", "negation is written NOT"),
    ("SELECT a «#» b", "only where a line begins"),
    ("SELECT a FROM t; «SELECT» 1", "one statement at a time"),
    ("DELETE FROM t WHERE a = 1 «garbage»", "near token 'garbage'"),
    ("SHOW SETS test.demo «garbage»", "expected the end"),
    ("INSERT INTO t (PK, a) VALUES ('x', «\"bob\"»)", "in single quotes: 'bob'"),
    ("INSERT INTO t (PK, a) VALUES ('x', «bob»)", "in single quotes: 'bob'"),
    ("INSERT INTO t (PK, a) VALUES (1, 2), «('x')»", "1 and not 2 values"),
    ("INSERT INTO t (PK, a) VALUES («1»)", "1 value for 2 columns"),
    ("INSERT INTO t (PK) VALUES («1, 2»)", "2 values for 1 column"),
    ("INSERT INTO t (PK, «PK») VALUES (1, 2)", "the column 'PK' stands twice"),
    ("INSERT «t» (PK) VALUES (1)", "expected INTO"),
    ("UPDATE t SET a = 1, «a» = 2", "stands twice"),
    ("INSERT INTO t (a) VALUES (1) «WITH (ttl = 1, TTL = 2)»", "the option 'ttl' stands twice"),
    ('TRUNCATE t UPTO «"x"»', "double quotes are for names here"),
    ("SELECT * FROM t WHERE a = ? AND b = «:x»", "mixes two kinds of parameters"),
    ("SELECT * FROM t WHERE a = ?1 AND b = «?»", "mixes two kinds of parameters"),
    ("SELECT «?0»", "parameters count from ?1"),
    ("SHOW «TABELS»", "did you mean TABLES?"),
    ("CREATE INDEX i ON t (a) «NUMBER»", "did you mean NUMERIC?"),
    ("CREATE INDEX i ON t («5»)", "an index is over a bin"),
    ("DROP INDEX «a.b»", "an index name has no dot"),
    ("SELECT «12abc»", "neither a number nor a name"),
    ("SELECT 'a' «'b'»", "near token"),
    ("SELECT a «'b'»", "a string cannot follow a name"),
    ("SELECT x«'abc'»", "even number of hexadecimal digits"),
    ("SELECT a FROM t ORDER BY a «WHERE b = 1»", "WHERE must stand before ORDER BY"),
    ("SELECT a FROM t LIMIT 1 «ORDER BY a»", "ORDER BY must stand before LIMIT"),
    ("SELECT a FROM t WHERE a «WHERE b»", "a second WHERE"),
    ("SELECT 1 ORDER BY «1» UNION SELECT 2", "needs parentheses"),
    ("SELECT a FROM «t IN LIST» JOIN u ON b", "IN LIST belongs to a query of one table"),
    ("VALUES (1), «(2, 3)»", "2 and not 1 values"),
    ("VALUES (1) «WHERE a»", "WHERE cannot follow VALUES"),
    ("SELECT a FROM t WHERE x IN («)»", "expected an expression"),
    ("«;»", "expected SELECT"),
    ("«»", "the statement is empty"),
    ("-- nothing\n", "the statement is empty"),
]


def _marked(text: str) -> tuple[str, int, int]:
    """(the text without its marks, where they begin, where they end)"""
    start = text.find("«")
    if start < 0:
        return text, 0, 0
    plain = text.replace("«", "")
    end = plain.index("»")
    return plain.replace("»", ""), start, end


@pytest.mark.parametrize(("marked", "words"), SYNTAX)
def test_syntax_errors(marked: str, words: str) -> None:
    text, start, end = _marked(marked)
    with pytest.raises(errors.SyntaxError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == (1, start + 1)
    assert caught.value.token == text[start:end]
    _, line, caret, *_ = str(caught.value).split("\n")
    if text.strip() and not text.startswith("--"):
        assert line == f"  {text}"
        assert caret == "  " + " " * start + "^" * max(1, end - start)


@pytest.mark.parametrize(("marked", "words"), SYNTAX)
def test_shapes_are_refused_with_the_users_text(marked: str, words: str) -> None:
    text, _, _ = _marked(marked)
    with pytest.raises(errors.SyntaxError) as caught:
        parse(text)
    with pytest.raises(errors.SyntaxError) as again:
        parse_shape(lift(text), text)
    assert str(again.value) == str(caught.value)


DATA = [
    ("SELECT * FROM t WHERE a = «9223372036854775808»", "does not fit 64 bits"),
    ("SELECT * FROM t WHERE a = «-9223372036854775809»", "does not fit 64 bits"),
    ("SELECT «0xFFFFFFFFFFFFFFFFF»", "does not fit 64 bits"),
    ("SELECT «" + "9" * 90 + "»", "does not fit 64 bits"),
    ("SELECT LIST(«'{'»)", "is not JSON"),
    ("SELECT LIST(«'{}'»)", "is not a JSON array"),
    ("SELECT MAP(«'[]'»)", "is not a JSON object"),
    ("SELECT JSON(«'[NaN]'»)", "NaN is not JSON"),
    ("SELECT JSON(«'[1e999]'»)", "out of a number's range"),
    ("SELECT JSON(«'[9223372036854775808]'»)", "does not fit 64 bits"),
    ("SELECT GEOJSON(«'[]'»)", "JSON object"),
    ("SELECT INT(«'abc'»)", "is not an integer"),
    ("SELECT * FROM t LIMIT «99999999999999999999»", "does not fit 64 bits"),
    ("SELECT CAST(«'1.5x'» AS INT)", "is not an integer"),
    ("SELECT CAST(«1e300» AS INT)", "does not fit 64 bits"),
    ("SELECT FLOAT(«'x'»)", "is not a number"),
    ("SELECT BOOL(«'maybe'»)", "is not a boolean"),
    ("SELECT LIST(«5»)", "is not a JSON array"),
]


@pytest.mark.parametrize(("marked", "words"), DATA)
def test_constants_that_are_no_values(marked: str, words: str) -> None:
    text, start, end = _marked(marked)
    with pytest.raises(errors.DataError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert f"(line 1, column {start + 1})" in str(caught.value)
    caret = str(caught.value).split("\n")[2]
    assert caret == "  " + " " * start + "^" * (end - start)


UNSUPPORTED = [
    "MERGE INTO t USING s ON TRUE",
    "PRINT hello",
    "SYSTEM ls",
    "CREATE SCHEMA s",
    "DROP DATABASE d",
]


@pytest.mark.parametrize("text", UNSUPPORTED)
def test_statements_of_later(text: str) -> None:
    with pytest.raises(errors.NotSupportedError, match=r"is not supported \(line 1, column \d+\)"):
        parse(text)


def test_the_caret_stands_in_its_line() -> None:
    with pytest.raises(errors.SyntaxError) as caught:
        parse("SELECT a\n\tFROM t\n\tWHERE a = = 1\nLIMIT 5")
    assert (caught.value.line, caught.value.column, caught.value.token) == (3, 12, "=")
    assert "\n  \tWHERE a = = 1\n  \t          ^" in str(caught.value)


def test_long_lines_are_cut_around_the_caret() -> None:
    text = "SELECT * FROM t WHERE a IN (" + "1, " * 200 + ")" + " " * 200
    with pytest.raises(errors.SyntaxError) as caught:
        parse(text)
    _, line, caret, *_ = str(caught.value).split("\n")
    assert len(line) < 110
    assert line[caret.index("^")] == ")"
    assert line.startswith("  …")


def test_the_end_of_a_text_of_several_lines() -> None:
    with pytest.raises(errors.SyntaxError) as caught:
        parse("SELECT a\nFROM t\nWHERE a =  \n\n")
    assert (caught.value.line, caught.value.column) == (3, 10)


def test_an_unknown_profile() -> None:
    with pytest.raises(errors.ProgrammingError, match="no profile 'ansi'"):
        parse("SELECT 1", "ansi")


def test_deep_nesting_is_refused_or_parsed_but_never_breaks() -> None:
    text = "SELECT " + "(" * 20_000 + "a" + ")" * 20_000 + " FROM t"
    assert parse(text) == parse("SELECT a FROM t")
    with pytest.raises(errors.SyntaxError, match="nested too deeply"):
        parse("SELECT LIST(a) " + "+ f(1 " * 20_000 + ")" * 20_000)
