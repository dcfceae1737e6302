"""Operations on text: what they read and make, as a server of version 8.2 is described to do."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.errors import (
    BinExists,
    BinTypeError,
    Error,
    OpNotApplicable,
    ParameterError,
    RecordNotFound,
)
from aerodbapi.native import contexts, lists, strings
from aerodbapi.native import expressions as exp
from aerodbapi.native.bin_operations import expression_read
from aerodbapi.native.bits import bit_b64_encode
from aerodbapi.native.strings import NumericType, StringPolicy, StringRegex, StringWrite

E_ACUTE, E_AND_MARK = "caf\u00e9", "cafe\u0301"
G, ALL = StringRegex.GLOBAL, StringRegex

#: The text, a reading operation, its result.
READS: list[tuple[str, Any, Any]] = [
    ("Hello123World", strings.string_strlen("b"), 13),
    ("Hello123World", strings.string_substr("b", 0, 5), "Hello"),
    ("Hello123World", strings.string_char_at("b", -5), "W"),
    ("Hello123World", strings.string_find("b", "l", 3), 11),
    ("Hello123World", strings.string_contains("b", "123"), True),
    ("Hello123World", strings.string_is_numeric("b"), False),
    ("Hello123World", strings.string_regex_compare("b", "[0-9]+"), True),
    ("Hello123World", strings.string_split("b", "123"), ["Hello", "World"]),
    ("12345", strings.string_starts_with("b", "123"), True),
    ("12345", strings.string_ends_with("b", "45"), True),
    ("12345", strings.string_find("b", "x"), -1),
    ("12345", strings.string_substr("b", 2), "345"),
    ("12345", strings.string_substr("b", 0, -1), "1234"),
    ("12345", strings.string_substr("b", -99, 99), "12345"),
    ("12345", strings.string_substr("b", 3, 1), ""),
    ("12345", strings.string_to_integer("b"), 12345),
    ("-12345", strings.string_to_integer("b"), -12345),
    ("12345", strings.string_to_double("b"), 12345.0),
    ("1e3", strings.string_to_double("b"), 1000.0),
    ("12345", strings.string_is_numeric("b", NumericType.ANY), True),
    ("12345", strings.string_is_numeric("b", NumericType.INT), True),
    ("12345", strings.string_is_numeric("b", NumericType.FLOAT), False),
    ("-1.5", strings.string_is_numeric("b", NumericType.FLOAT), True),
    ("12345", strings.string_split("b"), ["1", "2", "3", "4", "5"]),
    ("a,b,,c", strings.string_split("b", ","), ["a", "b", "", "c"]),
    ("abc", strings.string_split("b", ","), ["abc"]),
    (E_ACUTE, strings.string_strlen("b"), 4),
    (E_ACUTE, strings.string_byte_length("b"), 5),
    (E_AND_MARK, strings.string_strlen("b"), 5),
    ("日本語", strings.string_byte_length("b"), 9),
    ("👋hi", strings.string_strlen("b"), 3),
    ("a👋b", strings.string_char_at("b", 1), "👋"),
    ("日本語hi", strings.string_substr("b", 3, 5), "hi"),
    ("👋-world", strings.string_find("b", "world"), 2),
    (E_ACUTE, strings.string_find("b", E_AND_MARK), 0),
    (E_AND_MARK, strings.string_find("b", "\u00e9"), 3),
    (E_AND_MARK, strings.string_contains("b", "e"), False),
    (E_AND_MARK, strings.string_ends_with("b", "\u00e9"), True),
    (E_ACUTE, strings.string_starts_with("b", "cafe"), False),
    ("\uac00\ub098", strings.string_find("b", "\u1102\u1161"), 1),  # Hangul, in two spellings
    ("aaaa", strings.string_find("b", "aa", 2), 2),
    ("aaaa", strings.string_find("b", "aa", 3), -1),
    ("abcabc", strings.string_find("b", "b", -1), 4),
    ("abcabc", strings.string_find("b", "b", -3), -1),
    ("HELLO 1", strings.string_is_upper("b"), True),
    ("HELLo", strings.string_is_upper("b"), False),
    ("hello", strings.string_is_lower("b"), True),
    ("é42", strings.string_to_blob("b"), "é42".encode()),
    ("aGVsbG8=", strings.string_b64_decode("b"), b"hello"),
    ("abc\nDEF", strings.string_regex_compare("b", "^def$", ALL.CASE_INSENSITIVE), False),
    (
        "abc\nDEF",
        strings.string_regex_compare("b", "^def$", ALL.CASE_INSENSITIVE | ALL.MULTILINE),
        True,
    ),
    ("a\rb", strings.string_regex_compare("b", "a.b"), False),
    ("a\rb", strings.string_regex_compare("b", "a.b", ALL.UNIX_LINES), True),
    ("a\nb", strings.string_regex_compare("b", "a.b", ALL.DOTALL), True),
    ("Ünï", strings.string_regex_compare("b", r"^\p{Lu}\p{L}+$"), True),
    ("a.b", strings.string_regex_compare("b", r"^a\Q.\Eb$"), True),
    ("xx", strings.string_regex_compare("b", r"(?<c>x)\k<c>"), True),
    ("\u20ac", strings.string_regex_compare("b", r"\x{20AC}"), True),
]

#: The text, a changing operation, what it makes.
CHANGES: list[tuple[str | None, Any, str | None]] = [
    ("hello world", strings.string_insert("b", 5, " beautiful"), "hello beautiful world"),
    ("abc", strings.string_insert("b", -1, "x"), "abxc"),
    ("abc", strings.string_insert("b", 99, "x"), "abcx"),
    ("abc", strings.string_overwrite("b", 1, "XYZ"), "aXYZ"),
    ("abcdef", strings.string_overwrite("b", -5, "XY"), "aXYdef"),
    ("hello", strings.string_concat("b", ["!", "?"]), "hello!?"),
    ("hello beautiful world", strings.string_snip("b", 5, 15), "hello world"),
    ("hello", strings.string_snip("b", 2), "he"),
    ("hello", strings.string_snip("b", -2), "hel"),
    ("a-a-a", strings.string_replace("b", "a", "b"), "b-a-a"),
    ("aaaa", strings.string_replace_all("b", "aa", "X"), "XX"),
    (E_AND_MARK, strings.string_replace_all("b", "\u00e9", "e"), "cafe"),
    ("abc", strings.string_replace_all("b", "", "x"), "abc"),
    ("straße", strings.string_upper("b"), "STRASSE"),
    ("ÀB", strings.string_lower("b"), "àb"),
    ("Straße", strings.string_case_fold("b"), "strasse"),
    ("e\u0301", strings.string_normalize_nfc("b"), "\u00e9"),
    (" \t hello ", strings.string_trim_start("b"), "hello "),
    (" hello \n", strings.string_trim_end("b"), " hello"),
    ("\u2003hello ", strings.string_trim("b"), "hello"),
    ("hello", strings.string_pad_start("b", 7, "*"), "**hello"),
    ("hello", strings.string_pad_start("b", 8, "ab"), "abahello"),
    ("hello", strings.string_pad_end("b", 3, "."), "hello"),
    ("ab", strings.string_repeat("b", 3), "ababab"),
    ("ab", strings.string_repeat("b", 0), ""),
    ("a1b22", strings.string_regex_replace("b", "[0-9]+", "#"), "a#b22"),
    ("a1b22", strings.string_regex_replace("b", "[0-9]+", "#", G), "a#b#"),
    ("john smith", strings.string_regex_replace("b", r"(\w+) (\w+)", "$2 $1"), "smith john"),
    ("ab", strings.string_regex_replace("b", "(?<x>a)", r"${x}${x}\$"), "aa$b"),
    ("middle", strings.string_prepend("b", "start-"), "start-middle"),
    ("middle", strings.string_append("b", "-end"), "middle-end"),
    # a bin that is missing
    (None, strings.string_append("b", "x"), "x"),
    (None, strings.string_append("b", ""), ""),
    (None, strings.string_insert("b", 5, "x"), "x"),
    (None, strings.string_pad_end("b", 3, "."), "..."),
    (None, strings.string_upper("b"), None),
    (None, strings.string_replace("b", "a", "b"), None),
    (None, strings.string_append("b", "x", StringWrite.UPDATE_ONLY), None),
    (None, strings.string_append("b", "x", {"write_flags": StringWrite.CREATE_ONLY}), "x"),
    # what cannot be done, and is not
    ("a", strings.string_append("b", "x", StringPolicy(1 | 4)), "a"),
    ("a", strings.string_regex_replace("b", "(", "x", 0, StringWrite.NO_FAIL), "a"),
    ("a", strings.string_repeat("b", 1 << 60, StringWrite.NO_FAIL), "a"),
]

#: The value, an operation, the error and its code.
REFUSED: list[tuple[Any, Any, type[Error], int]] = [
    ("a", strings.string_append("b", "x", StringWrite.CREATE_ONLY), BinExists, 6),
    ("a", strings.string_append("b", "x", 3), ParameterError, 4),
    ("a", strings.string_append("b", "x", 8), ParameterError, 4),
    ("a", strings.string_upper("b", StringWrite.CREATE_ONLY), ParameterError, 4),
    (7, strings.string_upper("b", StringWrite.NO_FAIL), BinTypeError, 12),
    (7, strings.string_strlen("b"), BinTypeError, 12),
    ("hello", strings.string_find("b", "x", 0), ParameterError, 4),
    ("hello", strings.string_char_at("b", 5), ParameterError, 4),
    ("hello", strings.string_pad_start("b", 10, ""), ParameterError, 4),
    ("hello", strings.string_pad_end("b", 10, ""), ParameterError, 4),
    ("hello", strings.string_repeat("b", -1), ParameterError, 4),
    ("hello", strings.string_repeat("b", 1 << 60), ParameterError, 4),
    ("hello", strings.string_pad_end("b", 1 << 60, "x"), ParameterError, 4),
    ("hello", strings.string_regex_compare("b", "[unclosed"), ParameterError, 4),
    ("hello", strings.string_regex_compare("b", ")"), ParameterError, 4),
    ("hello", strings.string_regex_compare("b", "x", 99), ParameterError, 4),
    ("hello", strings.string_regex_replace("b", "h", "$7"), ParameterError, 4),
    ("hello", strings.string_regex_replace("b", "h", "$"), ParameterError, 4),
    ("a" * 40 + "b", strings.string_regex_compare("b", "^(a+)+$"), OpNotApplicable, 26),
    ("hello", strings.string_to_integer("b"), OpNotApplicable, 26),
    ("9" * 30, strings.string_to_integer("b"), OpNotApplicable, 26),
    ("1_000", strings.string_to_double("b"), OpNotApplicable, 26),
    ("a===", strings.string_b64_decode("b"), OpNotApplicable, 26),
    ("hello", strings.string_is_numeric("b", 3), ParameterError, 4),
    (["a"], strings.to_string("b"), BinTypeError, 12),
    (b"\xed\xa0\x80", strings.to_string("b"), OpNotApplicable, 26),
    (["a", 1], lists.list_join("b", ","), ParameterError, 4),
    ("a", lists.list_join("b"), BinTypeError, 12),
    (b"abc", bit_b64_encode("b", 4), OpNotApplicable, 26),
    (b"abc", bit_b64_encode("b", -4), ParameterError, 4),
    (b"abc", bit_b64_encode("b", 1, 3), OpNotApplicable, 26),
]


@pytest.fixture(autouse=True)
def _server_knows_text(client: Any, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--hosts") and not client.conninfo.embedded:
        pytest.skip("servers know operations on text from 8.2 on")


def _stored(client: Any, key: Any, value: Any) -> None:
    bins = {"other": 1} if value is None else {"other": 1, "b": value}
    client.put(key, bins, policy={"exists": "create_or_replace"})


@pytest.mark.parametrize(("value", "operation", "result"), READS)
def test_read(client: Any, key: Any, value: str, operation: Any, result: Any) -> None:
    _stored(client, key, value)
    assert client.operate(key, [operation]).bins["b"] == result


@pytest.mark.parametrize(("value", "operation", "made"), CHANGES)
def test_change(client: Any, key: Any, value: str | None, operation: Any, made: str | None) -> None:
    _stored(client, key, value)
    assert client.operate(key, [operation]).bins.get("b") is None
    assert client.get(key).bins.get("b") == made


@pytest.mark.parametrize(("value", "operation", "error", "code"), REFUSED)
def test_refused(
    client: Any, key: Any, value: Any, operation: Any, error: type[Error], code: int
) -> None:
    _stored(client, key, value)
    with pytest.raises(error) as caught:
        client.operate(key, [operation])
    assert caught.value.result_code == code
    assert client.get(key).bins["b"] == value


def test_inside_lists_and_maps(client: Any, key: Any) -> None:
    """A context leads to the text; CREATE_ONLY is no flag there."""
    _stored(client, key, {"k": ["alpha", "beta", 5]})
    last = [contexts.map_key("k"), contexts.list_index(1)]
    client.operate(key, [strings.string_concat("b", ["-gamma"], ctx=last)])
    found = client.operate_ordered(
        key, [strings.string_strlen("b", ctx=last), strings.string_upper("b", ctx=last)]
    )
    assert [value for _, value in found.ordered_bins] == [10, None]
    assert client.get(key).bins["b"] == {"k": ["alpha", "BETA-GAMMA", 5]}
    number = [contexts.map_key("k"), contexts.list_index(2)]
    for operation, code in (
        (strings.string_upper("b", ctx=number), 12),
        (strings.string_upper("b", ctx=[contexts.map_key("z")]), 26),
        (strings.string_append("b", "x", 1, ctx=last), 4),
        (strings.string_upper("other", ctx=last), 4),
    ):
        with pytest.raises(Error) as caught:
            client.operate(key, [operation])
        assert caught.value.result_code == code


def test_text_that_is_not_utf8(client: Any, key: Any) -> None:
    """Every command refuses it (29), with NO_FAIL too."""
    _stored(client, key, "\udced\udca0\udc80")
    for operation in (
        strings.string_strlen("b"),
        strings.string_contains("b", "x"),
        strings.string_upper("b", StringWrite.NO_FAIL),
        strings.string_append("b", "x"),
    ):
        with pytest.raises(Error) as caught:
            client.operate(key, [operation])
        assert caught.value.result_code == 29


@pytest.mark.parametrize(
    ("value", "text"),
    [(42, "42"), (-1, "-1"), (3.14, "3.14"), (True, "true"), ("hello", "hello"), (b"hi", "hi")],
)
def test_to_string(client: Any, key: Any, value: Any, text: str) -> None:
    _stored(client, key, value)
    assert client.operate(key, [strings.to_string("b")]).bins == {"b": text}


def test_lists_and_blobs_as_text(client: Any, key: Any) -> None:
    _stored(client, key, ["a", "b", "c"])
    operations = [lists.list_join("b"), lists.list_join("b", ", "), lists.list_size("b")]
    found = client.operate_ordered(key, operations)
    assert [value for _, value in found.ordered_bins] == ["abc", "a, b, c", 3]
    _stored(client, key, [])
    assert client.operate(key, [lists.list_join("b", ",")]).bins == {"b": ""}
    _stored(client, key, b"hello world")
    encoded = [
        bit_b64_encode("b"),
        bit_b64_encode("b", -5),
        bit_b64_encode("b", 0, 5),
        bit_b64_encode("b", 6, 0, True),
        bit_b64_encode("b", 0, 6, True),
    ]
    found = client.operate_ordered(key, encoded)
    assert [value for _, value in found.ordered_bins] == [
        "aGVsbG8gd29ybGQ=",
        "d29ybGQ=",
        "aGVsbG8=",
        "d29ybGQ=",
        "aGVsbG8=",
    ]


def test_expressions(client: Any, key: Any) -> None:
    client.put(key, {"b": "Hello123World", "n": 42, "l": ["x", "y"], "z": b"hi"})
    wanted: dict[str, tuple[Any, Any]] = {
        "len": (exp.string_strlen("b"), 13),
        "upper": (exp.string_upper("b"), "HELLO123WORLD"),
        "replace": (exp.string_replace("b", "123", "-"), "Hello-World"),
        "regex": (exp.string_regex_replace("b", "[0-9]+", "NUM", G), "HelloNUMWorld"),
        "append": (exp.string_append("b", "!"), "Hello123World!"),
        "nested": (exp.string_lower(exp.string_substr("b", 0, 5)), "hello"),
        "concat": (exp.string_concat("b", [" ", "big"]), "Hello123World big"),
        "other": (exp.string_append("b", exp.to_string(exp.int_bin("n"))), "Hello123World42"),
        "spelled": (exp.to_string(42), "42"),
        "joined": (exp.list_join("l", "+"), "x+y"),
        "base64": (exp.bit_b64_encode("z"), "aGk="),
        "split": (exp.list_size(exp.string_split("b", "1")), 2),
    }
    for name, (expression, value) in wanted.items():
        found = client.operate(key, [expression_read(name, expression)])
        assert found.bins == {name: value}
    assert client.get(key).bins["b"] == "Hello123World"
    contains = {"filter": exp.string_contains("b", "123")}
    assert client.get(key, policy=contains).bins["n"] == 42


def test_a_record_that_is_missing(client: Any, key: Any) -> None:
    client.batch_remove([key])
    with pytest.raises(RecordNotFound):
        client.operate(key, [strings.string_upper("b")])
    client.operate(key, [strings.string_append("b", "new")])
    assert client.get(key).bins == {"b": "new"}


@pytest.mark.parametrize(
    "build",
    [
        lambda: strings.string_append("b", 5),  # type: ignore[arg-type]
        lambda: strings.string_insert("b", "x", "y"),  # type: ignore[arg-type]
        lambda: strings.string_insert("b", 1 << 63, "y"),
        lambda: strings.string_concat("b", "text"),
        lambda: strings.string_concat("b", ["a", 1]),
        lambda: strings.string_upper("b", {"unknown": 1}),
        lambda: strings.to_string(5),  # type: ignore[arg-type]
        lambda: lists.list_join("b", 5),
        lambda: bit_b64_encode("b", "x"),
    ],
)
def test_wrong_arguments(build: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        build()
    assert caught.value.result_code == -2
