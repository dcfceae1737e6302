"""The info channel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import ParameterError
from aerodbapi.protocol import info

LINES = st.text(st.characters(codec="utf-8", exclude_characters="\n\t"), min_size=1, max_size=20)


@given(st.lists(LINES, max_size=5))
def test_requests(names: list[str]) -> None:
    request = info.encode_request(names)
    assert request[:2] == b"\2\1"
    assert info.decode_request(request[8:]) == names


@given(st.dictionaries(LINES, LINES, max_size=5))
def test_replies(values: dict[str, str]) -> None:
    assert info.decode_reply(info.encode_reply(values)[8:]) == values
    assert info.decode_reply(info.encode_reply(list(values.items()))[8:]) == values


def test_one_command_is_one_line() -> None:
    with pytest.raises(ParameterError):
        info.encode_request(["node\ntruncate:namespace=test"])


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"", {}),
        (b"node\tA\n", {"node": "A"}),
        (b"node\tA", {"node": "A"}),
        (b"empty\t\nbare\n", {"empty": "", "bare": ""}),
        (b"tabs\ta\tb\n", {"tabs": "a\tb"}),
        (b"\xff\t\xfe\n", {"\udcff": "\udcfe"}),
    ],
)
def test_reply_bodies(body: bytes, values: dict[str, str]) -> None:
    assert info.decode_reply(body) == values


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("ok", None),
        ("", None),
        ("OK", None),
        ("errors=0;fails=1", None),
        ("ERRORS", None),
        ("ERROR:4:unrecognized command", (4, "unrecognized command")),
        ("ERROR:200:index with the same name: exists", (200, "index with the same name: exists")),
        ("FAIL:201:no index", (201, "no index")),
        ("FAIL::no such thing", (1, "no such thing")),
        ("ERROR:4", (4, "")),
        ("ERROR::", (1, "")),
        ("ERROR", (1, "")),
        ("FAIL", (1, "")),
        ("FAIL:no code", (1, "no code")),
        ("ERROR:42nd", (1, "42nd")),
        ("error:4:lower case", (4, "lower case")),
        ("fail:0:no code at all", (1, "no code at all")),
        ("ERROR=4:text", (4, "text")),
        ("error=not_found", (100, "not_found")),
        ("error=compile_error;file=a.lua;line=3", (100, "compile_error;file=a.lua;line=3")),
    ],
)
def test_errors(value: str, error: tuple[int, str] | None) -> None:
    assert info.error_of(value) == error


def test_pairs() -> None:
    assert info.pairs("a=1;b=;c;;d=x=y") == {"a": "1", "b": "", "c": "", "d": "x=y"}
    assert info.pairs("ns=t:set=s", ":") == {"ns": "t", "set": "s"}
    assert info.pairs("") == {}
