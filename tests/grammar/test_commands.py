"""AQL's own statements: their trees, their plain SQL spellings, and what is refused in them."""

from __future__ import annotations

import pytest

from aerodbapi import errors
from aerodbapi.grammar import ast, lift, parse, parse_shape, to_sql
from aerodbapi.grammar.tokens import words
from tests.grammar.corpus import _lines as lines

PROFILES = ("sql", "aql")

STATEMENTS = lines(
    r"""
// functions
EXECUTE myudfs.inc('foo', 2) ON test.demo WHERE PK = 'k1'
EXECUTE my-udfs.inc() ON test.my-set
EXECUTE m.f(LIST('[1]'), NULL, 1.5, TRUE, X'00ff') ON test.demo WHERE a = 5
EXECUTE m.f() ON test.demo IN LIST WHERE tags = 'red'
EXECUTE m.f() ON test.demo WHERE loc WITHIN GEOJSON('{"type":"Point","coordinates":[1,2]}')
EXECUTE m.f(?, 5) ON test.demo WHERE PK = ? WITH (ttl = 60)
CALL m.f(1) ON test.demo WHERE PK = 'k1'
SELECT UDF('m', 'f', 5) FROM test.demo WHERE PK = 'k1'
SELECT UDF('m', 'f') AS it FROM test.demo WHERE a > 5
AGGREGATE m.total('foo') ON test.demo
AGGREGATE m.total('foo') ON test WHERE bar BETWEEN 0 AND 9
AGGREGATE m.total() ON test.demo IN MAPVALUES WHERE m = 5
SELECT AGGREGATE('m', 'total', 'foo') FROM test.demo WHERE b = 3
SELECT AGGREGATE('m', 'total', 'foo') AS sum FROM test.demo
// operations
OPERATE READ(a) ON test.demo WHERE PK = 'k1'
OPERATE MAP_PUT(m, 'a', 1) WITH_POLICY (AS_MAP_KEY_ORDERED), READ(m) ON test.demo WHERE PK = 'k1'
OPERATE map_put(m, 'a', 1) with_policy(as_map_key_ordered, AS_MAP_CREATE_ONLY) ON t WHERE PK = 1
OPERATE TOUCH(), WRITE(a, NULL), DELETE() ON test WHERE EDIGEST = 'E5/omCK2PfwXOupRzPLvCRqzEp8='
OPERATE MAP_SET_TYPE(m, AS_MAP_KEY_ORDERED) ON t WHERE PK = 1
OPERATE LIST_APPEND(l, ?) ON t WHERE PK IN (1, 2) WITH (ttl = 5)
// modules
REGISTER MODULE '/path/test1.lua'
REGISTER PACKAGE 'test1.lua' AS 'return {}'
REGISTER MODULE ? AS ?
REMOVE MODULE test1.lua
REMOVE PACKAGE "my-module.lua"
DESC MODULE test1.lua
DESCRIBE PACKAGE a.b.lua
CALL sys.register_module('p')
CALL sys.describe_module(?)
// information
STAT SYSTEM
STAT NAMESPACE test
STAT INDEX test my-index
SHOW STATISTICS
SHOW STATISTICS FROM test
SHOW STATISTICS FROM test.i
ASINFO 'sets/test'
KILL QUERY 14997398722839664624
KILL SCAN '5'
KILL_QUERY 5
KILL_SCAN ?
SHOW USERS
SHOW USER bob
SHOW ROLE sys-admin
SHOW SETTINGS
SHOW JOBS
// the session
SET TIMEOUT 500
SET timeout = -1
SET OUTPUT TO json
SET OUTPUT = DEFAULT
SET LUA_USERPATH '/a/b'
SET KEY_SEND true
SET RECORD_TTL ?
GET ALL
GET output
SHOW OUTPUT
RESET OUTPUT
RESET ALL
USE test
USE my-ns
RUN 'a.aql'
// users and roles
CREATE USER bob PASSWORD 'x'
CREATE USER "b b" PASSWORD ? ROLES read, sys-admin
CREATE USER 'bob' PASSWORD secret ROLE my-role
DROP USER bob
DROP ROLE IF EXISTS my-role
CREATE ROLE r PRIVILEGES read.test.demo, sys-admin WHITELIST '10.0.0.1', '10.0.0.2/8'
CREATE ROLE r WHITELIST '1.2.3.4,5.6.7.8'
CREATE ROLE r PRIVILEGE read READ_QUOTA 5 WRITE_QUOTA = 6
GRANT PRIVILEGES read.test.demo, sys-admin TO r
GRANT PRIVILEGE read-write-udf.my-ns TO my-role
REVOKE PRIVILEGE read FROM r
GRANT ROLE a, b TO bob
REVOKE ROLES a-b FROM bob
SET PASSWORD 'x'
SET PASSWORD 'x' FOR bob
SET WHITELIST '1.2.3.4', '5.6.7.8' FOR r
SET WHITELIST NONE FOR r
SET QUOTAS READ 5 WRITE = 6 FOR r
SET QUOTA WRITE 7 FOR r
// indexes
CREATE INDEX i ON test.demo (a.b[0]) NUMERIC
CREATE INDEX i ON test.demo (m['x']['y']) STRING
CREATE LIST INDEX IF NOT EXISTS i ON test.demo (m.x['y']) STRING
CREATE INDEX i ON test.demo ((a + 1)) NUMERIC
CREATE INDEX i ON test.demo (a * 2 - b) NUMERIC
EXPLAIN EXECUTE m.f() ON test.demo WHERE PK = 1
"""
)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("text", STATEMENTS)
def test_text_and_tree_are_one(text: str, profile: str) -> None:
    tree = parse(text, profile)
    assert parse(to_sql(tree, profile), profile) == tree
    assert parse(text.upper() if "'" not in text and '"' not in text else text, profile)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("text", STATEMENTS)
def test_shapes_keep_the_tree(text: str, profile: str) -> None:
    from aerodbapi.grammar import substitute
    from aerodbapi.grammar.shape import Placeholder

    shape = lift(text, profile)
    values = shape.values
    if any(isinstance(value, Placeholder) for value in values):
        parse_shape(shape, text)
    else:
        assert substitute(parse_shape(shape, text), values) == parse(text, profile)


#: AQL's form, and what generic SQL tools can pass on.
TWINS = [
    ("EXECUTE m.f(1) ON test.demo WHERE PK = 'k'", "CALL m.f(1) ON test.demo WHERE PK = 'k'"),
    ("DROP INDEX test.demo i", "DROP INDEX i ON test.demo"),
    ("GET OUTPUT", "SHOW OUTPUT"),
    ("RESET OUTPUT", "SET OUTPUT = DEFAULT"),
    ("GET OUTPUT", "CALL sys.get('OUTPUT')"),
    ("RESET OUTPUT", "CALL sys.reset('output')"),
    ("SET TIMEOUT 5", "CALL sys.set('timeout', 5)"),
    ("REGISTER MODULE 'p'", "CALL sys.register_module('p')"),
    ("REGISTER MODULE 'p' AS ?", "CALL sys.register_module('p', ?)"),
    ("REMOVE MODULE m.lua", "CALL sys.remove_module('m.lua')"),
    ("DESC MODULE m.lua", "CALL sys.describe_module('m.lua')"),
    ("ASINFO 'build'", "CALL sys.info('build')"),
    ("STAT SYSTEM", "CALL sys.stat('system')"),
    ("STAT NAMESPACE test", "SHOW STATISTICS FROM test"),
    ("STAT INDEX test i", "SHOW STATISTICS FROM test.i"),
    ("STAT INDEX test i", "CALL sys.stat('index', 'test', 'i')"),
    ("KILL_QUERY 5", "KILL QUERY 5"),
    ("KILL_SCAN 5", "CALL sys.kill_scan(5)"),
    ("AGGREGATE m.f('x') ON t WHERE b = 3", "SELECT AGGREGATE('m', 'f', 'x') FROM t WHERE b = 3"),
]


@pytest.mark.parametrize(("form", "twin"), TWINS, ids=[twin for _, twin in TWINS])
def test_plain_sql_spellings(form: str, twin: str) -> None:
    assert parse(form) == parse(twin)


@pytest.mark.parametrize("twin", [twin for _, twin in TWINS if " IN " not in twin])
def test_plain_sql_spellings_pass_through_sqlglot(
    twin: str, caplog: pytest.LogCaptureFixture
) -> None:
    import logging

    sqlglot = pytest.importorskip("sqlglot")
    caplog.set_level(logging.CRITICAL, "sqlglot")
    assert parse(sqlglot.transpile(twin)[0]) == parse(twin)


def test_trees() -> None:
    execute = parse("EXECUTE m.f('a', 2) ON test.demo WHERE PK = 1")
    assert isinstance(execute, ast.Execute)
    assert (execute.module, execute.function) == ("m", "f")
    assert execute.arguments == (ast.Literal("a"), ast.Literal(2))
    role = parse("CREATE ROLE r PRIVILEGES Read.test, sys_admin WHITELIST '1.2.3.4, 5.6.7.8'")
    assert role == ast.CreateRole(
        "r",
        (ast.PrivilegeName("read", "test"), ast.PrivilegeName("sys-admin")),
        ("1.2.3.4", "5.6.7.8"),
    )
    assert parse("SET timeout 5") == ast.Setting("SET", "TIMEOUT", ast.Literal(5))
    index = parse("CREATE INDEX i ON test.demo (m.a[0]) NUMERIC")
    assert isinstance(index, ast.CreateIndex)
    assert index.bin == ""
    assert index.source == ast.Subscript(ast.Column("a", ("m",)), ast.Literal(0))


def test_keywords_stay_names() -> None:
    names = words(
        "execute aggregate operate module package register remove stat asinfo kill query scan"
        " get reset use run call user role grant revoke password privilege whitelist quota"
        " read write to system namespace with_policy"
    )
    tree = parse(f"SELECT {', '.join(names)} FROM t")
    assert isinstance(tree, ast.Select)
    assert [item.expression for item in tree.items] == [ast.Column(name) for name in names]


REFUSED = [
    ("EXECUTE m.f() «»", "the text ends, expected"),
    ("EXECUTE m.f(«x») ON t", "a value is wanted here"),
    ("EXECUTE f«(») ON t", "expected"),
    ("«CALL m.f(1)»", "needs ON and a table"),
    ("«CALL sys.register_modul('x')»", "did you mean sys.register_module"),
    ("«CALL sys.stat('index', 'x')»", "stat('system')"),
    ("«CALL sys.set('x')»", "takes 2 arguments, not 1"),
    ("OPERATE READ(«5») ON t", "the first argument of READ is a bin"),
    ("OPERATE LIST_APPEND(l, «x») ON t", "a value is wanted here"),
    ("OPERATE READ(a) «»", "the text ends"),
    ("SELECT «UDF('m', 'f')», a FROM t", "stand alone after SELECT"),
    ("SELECT «UDF('m', f)» FROM t", "takes two texts first"),
    ("SELECT «AGGREGATE('m', 'f')» FROM t ORDER BY 1", "stand alone after SELECT"),
    ("SET «TIMEOT» 5", "did you mean TIMEOUT"),
    ("GET «NOTHING»", "there is no such setting"),
    ("SET TIMEOUT 5 «6»", "near token '6'"),
    ("GET ALL «x»", "near token 'x'"),
    ("STAT «TABLE» x", "near token 'TABLE'"),
    ("KILL QUERY «x»", "near token 'x'"),
    ("KILL QUERY «1.5»", "a job's id is a whole number"),
    ("GRANT PRIVILEGES «reed» TO r", "did you mean read"),
    ("GRANT PRIVILEGES «sys-admin.test» TO r", "is for the whole cluster"),
    ("GRANT PRIVILEGES «read.a.b.c» TO r", "is for one namespace and set"),
    ("CREATE ROLE r «»", "the text ends"),
    ("CREATE ROLE r READ_QUOTA «x»", "near token 'x'"),
    ("SET QUOTAS READ «99999999999» FOR r", "expected records per second"),
    ("CREATE USER bob «»", "the text ends, expected PASSWORD"),
    ("SET WHITELIST «'1.2.3.4,'» FOR r", "an address is missing"),
    ("CREATE INDEX i ON t («1 + 2») NUMERIC", "an index is over a bin"),
    ("REGISTER MODULE «test1»", "near token 'test1'"),
]


@pytest.mark.parametrize(("marked", "message"), REFUSED, ids=[marked for marked, _ in REFUSED])
def test_refused_with_its_place(marked: str, message: str) -> None:
    before, after = marked.split("«")
    before = before if after != "»" else before.rstrip()
    with pytest.raises(errors.SyntaxError) as caught:
        parse(before + after.replace("»", ""))
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (1, len(before) + 1)


def test_shell_commands_stay_out() -> None:
    for text in ("PRINT hello", "SYSTEM ls"):
        with pytest.raises(errors.NotSupportedError, match="is not supported"):
            parse(text)
