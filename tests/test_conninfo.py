"""conninfo: URLs, keywords and environment, and what each mistake says."""

from __future__ import annotations

import dataclasses
import pathlib
import pickle
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aerodbapi.conninfo import ConnInfo, Host, TLSInfo, parse
from aerodbapi.errors import ProgrammingError


def info(url: str | None = None, **keywords):
    return parse(url, environ={}, **keywords)


#: URL → the fields that differ from the defaults
URLS = {
    None: {},
    "": {},
    "aerospike://": {},
    "aerospike:///": {},
    "aerospike:///:memory:": {},
    "AEROSPIKE:///": {},
    "aerospike:///?namespace=bar&profile=AQL": {"namespace": "bar", "profile": "aql"},
    "aerospike:///data/file.db": {"path": "data/file.db"},
    "aerospike:///file%20one.db": {"path": "file one.db"},
    "aerospike:////srv/data/file.db": {"path": "/srv/data/file.db"},
    "aerospike:////srv/file.db?timeout=5": {"path": "/srv/file.db", "timeout": 5},
    "aerospike://h1": {"hosts": (Host("h1"),), "embedded": False},
    "aerospike://h1/": {"hosts": (Host("h1"),), "embedded": False},
    "aerospike://h1/test": {"hosts": (Host("h1"),), "embedded": False, "namespace": "test"},
    "aerospike://h1:4000,h2,10.0.0.3:3": {
        "hosts": (Host("h1", 4000), Host("h2"), Host("10.0.0.3", 3)),
        "embedded": False,
    },
    "aerospike://h1,h2?port=4444": {
        "hosts": (Host("h1", 4444), Host("h2", 4444)),
        "embedded": False,
    },
    "aerospike://[::1]:4000,[fe80::1]/ns": {
        "hosts": (Host("::1", 4000), Host("fe80::1")),
        "embedded": False,
        "namespace": "ns",
    },
    "aerospike://h1:tls.name:4333,[::1]:other:1": {
        "hosts": (Host("h1", 4333, "tls.name"), Host("::1", 1, "other")),
        "embedded": False,
    },
    "aerospike://u:p%40%2F%3A%25@h1": {
        "hosts": (Host("h1"),),
        "embedded": False,
        "user": "u",
        "password": "p@/:%",
    },
    "aerospike://u+x:a+b@h1": {
        "hosts": (Host("h1"),),
        "embedded": False,
        "user": "u+x",
        "password": "a+b",
    },
    "aerospike://u:a@b@h1": {
        "hosts": (Host("h1"),),
        "embedded": False,
        "user": "u",
        "password": "a@b",
    },
    "aerospike://u@h1": {"hosts": (Host("h1"),), "embedded": False, "user": "u"},
    "aerospike://h1?tls=true": {"hosts": (Host("h1"),), "embedded": False, "tls": TLSInfo()},
    "aerospike://h1?tls_cafile=/a%20b.pem&tls_verify=no&tls_name=n": {
        "hosts": (Host("h1"),),
        "embedded": False,
        "tls": TLSInfo(cafile="/a b.pem", verify=False, name="n"),
    },
    "aerospike://h1?tls=false&tls_cafile=x": {"hosts": (Host("h1"),), "embedded": False},
    "aerospike://h1?rack_ids=1,2&replica=prefer-rack&send_key=off": {
        "hosts": (Host("h1"),),
        "embedded": False,
        "rack_ids": (1, 2),
        "replica": "prefer_rack",
        "send_key": False,
    },
    "aerospike:///?ttl=never": {"ttl": 0xFFFFFFFF},
    "aerospike:///?ttl=-1": {"ttl": 0xFFFFFFFF},
    "aerospike:///?ttl=-2": {"ttl": 0xFFFFFFFE},
    "aerospike:///?ttl=keep": {"ttl": 0xFFFFFFFE},
    "aerospike:///?ttl=315360000": {"ttl": 315_360_000},
    "aerospike:///?timeout=0&max_retries=0": {"timeout": 0, "max_retries": 0},
}


@pytest.mark.parametrize("url", URLS)
def test_url_means(url):
    assert info(url) == dataclasses.replace(ConnInfo(), **URLS[url])


#: keywords → the fields that differ from the defaults
KEYWORDS = [
    ({"hosts": "h1:1,h2"}, {"hosts": (Host("h1", 1), Host("h2"))}),
    ({"hosts": ["h1:1", ("h2", 2)]}, {"hosts": (Host("h1", 1), Host("h2", 2))}),
    ({"hosts": [("h3", 3, "tls")]}, {"hosts": (Host("h3", 3, "tls"),)}),
    ({"hosts": [("h1", 3000), ("h1", 3000)]}, {"hosts": (Host("h1"),)}),
    ({"hosts": ("h1", 4)}, {"hosts": (Host("h1", 4),)}),
    ({"hosts": Host("h1", 5)}, {"hosts": (Host("h1", 5),)}),
    ({"hosts": [["h1", 6]]}, {"hosts": (Host("h1", 6),)}),
    ({"host": "h1", "port": 9}, {"hosts": (Host("h1", 9),)}),
    ({"host": "::1"}, {"hosts": (Host("::1"),)}),
    ({"host": "[::1]", "port": 9}, {"hosts": (Host("::1", 9),)}),
    ({"path": pathlib.PurePosixPath("/x/y.db")}, {"path": "/x/y.db"}),
    ({"path": ":memory:"}, {}),
    ({"embedded": True}, {}),
    ({"timeout": "250", "send_key": "No"}, {"timeout": 250, "send_key": False}),
    ({"tls": {"name": "n"}}, {"tls": TLSInfo(name="n")}),
    ({"tls": TLSInfo(cafile="c")}, {"tls": TLSInfo(cafile="c")}),
    ({"rack_ids": 3}, {"rack_ids": (3,)}),
    ({"rack_ids": [3, 4]}, {"rack_ids": (3, 4)}),
    ({"timeout": None, "user": None}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("keywords", "fields"), KEYWORDS)
def test_keywords_mean(keywords, fields):
    expected = dataclasses.replace(ConnInfo(), **fields)
    expected = dataclasses.replace(expected, embedded=not expected.hosts)
    assert info(**keywords) == expected


#: (URL, keywords, what the error says)
MISTAKES = [
    ("http://h1", {}, "starts with aerospike://"),
    ("h1:3000", {}, "starts with aerospike://"),
    ("aerospike:/h1", {}, "starts with aerospike://"),
    (17, {}, "URL is text, not int"),
    ("aerospike://h1?time_out=5", {}, r"'time_out'; did you mean timeout"),
    ("aerospike://h1?max_conections=5", {}, "did you mean max_connections"),
    ("aerospike://h1?zzz=5", {}, "'zzz'; known: hosts"),
    (None, {"usr": "x"}, "did you mean user"),
    ("aerospike://h1?timeout=5&timeout=6", {}, "timeout stands twice"),
    ("aerospike://h1?timeout", {}, "timeout needs a value"),
    ("aerospike://h1?timeout=", {}, "timeout is a whole number of milliseconds, not ''"),
    ("aerospike://h1?timeout=1.5", {}, "timeout is a whole number of milliseconds"),
    ("aerospike://h1?timeout=-1", {}, "timeout is between 0 and 2147483647"),
    ("aerospike://h1?timeout=2147483648", {}, "timeout is between"),
    (None, {"timeout": True}, "timeout is a whole number"),
    (None, {"timeout": 1.5}, "timeout is a whole number"),
    (None, {"max_connections": 0}, "max_connections is between 1"),
    ("aerospike://h1?tls=maybe", {}, "tls is true or false, not 'maybe'"),
    ("aerospike://h1?replica=nearest", {}, "sequence, any, prefer_rack, master"),
    ("aerospike://h1?profile=mysql", {}, "profile is one of sql, aql"),
    ("aerospike://h1?rack_ids=a", {}, "rack_ids is a whole number"),
    ("aerospike:///?ttl=999999999", {}, "ten years"),
    ("aerospike:///?ttl=-3", {}, "ttl is between"),
    ("aerospike://h1:0", {}, "port is between 1 and 65535"),
    ("aerospike://h1:65536", {}, "port is between 1 and 65535"),
    ("aerospike://h1:x", {}, "port is a whole number, not 'x'"),
    ("aerospike://::1:3000", {}, "brackets"),
    ("aerospike://[::1", {}, "IPv6"),
    ("aerospike://[::1]3000", {}, "IPv6"),
    ("aerospike://h1,,h2", {}, "'' is not a host name"),
    ("aerospike://h 1", {}, "'h 1' is not a host name"),
    ("aerospike://h1/a/b", {}, "namespace is a name"),
    ("aerospike://h1/" + "n" * 32, {}, "1 to 31 bytes"),
    (None, {"namespace": ""}, "1 to 31 bytes"),
    (None, {"namespace": 5}, "namespace is text, not int"),
    ("aerospike://u:a/b@h1", {}, "%2F"),
    ("aerospike://u:%ff@h1", {}, "password is not percent-encoded UTF-8$"),
    ("aerospike://h1?user=%ff", {}, "user is not percent-encoded"),
    (None, {"hosts": "h1", "path": "x"}, "not both"),
    ("aerospike://h1", {"path": "x", "host": "h2"}, "not both"),
    (None, {"hosts": "h1", "host": "h2"}, "host or hosts, not both"),
    (None, {"hosts": "h1", "embedded": True}, "not both"),
    (None, {"embedded": False}, "needs hosts"),
    (None, {"path": ""}, "path is empty"),
    (None, {"path": "a\0b"}, "zero byte"),
    (None, {"hosts": 5}, "hosts is text or a list of hosts"),
    (None, {"hosts": [5]}, "hosts holds"),
    (None, {"hosts": [("a", 1, "t", 4)]}, "hosts holds"),
    ("aerospike://h1", {"password": "x"}, "password needs user"),
    ("aerospike://h1", {"user": "u", "password": b"x"}, "password is text, not bytes"),
    ("aerospike://u:p@h1?auth=external", {}, "needs tls=true"),
    ("aerospike://h1?auth=pki&tls=true", {}, "needs tls_certfile"),
    ("aerospike://h1?tls_keyfile=k", {}, "tls_keyfile needs tls_certfile"),
    (None, {"hosts": "h", "tls": {"ca_file": "x"}}, "did you mean tls_cafile"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "keywords", "text"), MISTAKES)
def test_mistake_says(url, keywords, text):
    with pytest.raises(ProgrammingError, match=text):
        info(url, **keywords)


def test_keywords_override_the_url_and_it_the_environment():
    environ = {
        "AEROSPIKE_HOSTS": "e1:1",
        "AEROSPIKE_USER": "eu",
        "AEROSPIKE_PASSWORD": "ep",
        "AEROSPIKE_NAMESPACE": "en",
        "AEROSPIKE_TIMEOUT": "77",
        "AEROSPIKE_UNKNOWN": "x",
    }
    found = parse(environ=environ)
    assert (found.hosts, found.user, found.password) == ((Host("e1", 1),), "eu", "ep")
    assert (found.namespace, found.timeout) == ("en", 1000)
    found = parse("aerospike://uu:up@h2/un?timeout=5", environ=environ)
    assert (found.hosts, found.user, found.password) == ((Host("h2"),), "uu", "up")
    assert (found.namespace, found.timeout) == ("un", 5)
    found = parse("aerospike://uu:up@h2/un?timeout=5", environ=environ, namespace="kn", timeout=6)
    assert (found.user, found.namespace, found.timeout) == ("uu", "kn", 6)
    found = parse("aerospike://h2", environ=environ, hosts="h3")
    assert found.hosts == (Host("h3"),)
    assert found.user == "eu"


def test_embedded_node_does_not_look_at_a_clusters_environment():
    environ = {"AEROSPIKE_HOSTS": "e1", "AEROSPIKE_USER": "u", "AEROSPIKE_NAMESPACE": "n"}
    environ |= {"AEROSPIKE_PASSWORD": "p", "AEROSPIKE_TLS": "true"}
    for found in (
        parse("aerospike:///", environ=environ),
        parse(path="x.db", environ=environ).replace(path=":memory:"),
        parse(embedded=True, environ=environ),
    ):
        assert found == ConnInfo(namespace="n")


def test_process_environment_is_read(monkeypatch):
    monkeypatch.setenv("AEROSPIKE_HOSTS", "from.environment:1234")
    assert parse().hosts == (Host("from.environment", 1234),)
    assert parse("").hosts == (Host("from.environment", 1234),)


def test_repr_keeps_secrets():
    found = info("aerospike://u:topsecret@h1?tls_certfile=c&tls_keyfile_password=hidden")
    assert found.password == "topsecret"
    assert found.tls is not None
    assert found.tls.keyfile_password == "hidden"
    assert "topsecret" not in repr(found)
    assert "hidden" not in repr(found)


def test_mistakes_near_a_password_do_not_show_it():
    for url in ("aerospike://u:sec/ret@h", "aerospike://u:secret%ff@h", "bolt://u:secret@h:1/x/y"):
        with pytest.raises(ProgrammingError) as caught:
            info(url)
        assert "secret" not in str(caught.value)
        assert "ret" not in str(caught.value).replace("written", "")


def test_replace_checks_and_keeps_the_rest():
    first = info("aerospike://u:p@h1/ns?timeout=5&tls=true")
    assert first.replace() == first
    assert first.replace(timeout="7") == dataclasses.replace(first, timeout=7)
    assert first.replace(tls_verify=False).tls == TLSInfo(verify=False)
    assert first.replace(tls_verify=False).replace(tls_name="n").tls == TLSInfo(
        verify=False, name="n"
    )
    assert first.replace(tls=False).tls is None
    assert first.replace(hosts="h2").hosts == (Host("h2"),)
    assert first.replace(path="x.db").path == "x.db"
    assert info(path="x.db").replace(hosts="h").path is None
    assert first.replace(user=None, password=None).user is None
    with pytest.raises(ProgrammingError, match="did you mean timeout"):
        first.replace(timeuot=5)


def test_pickles():
    found = info("aerospike://u:p@h1/ns?tls=true")
    assert pickle.loads(pickle.dumps(found)) == found


def test_host_prints_as_an_address():
    assert [str(Host("h", 1)), str(Host("::1", 2))] == ["h:1", "[::1]:2"]


@given(user=st.text(min_size=1), password=st.text(), name=st.text(min_size=1))
def test_any_text_survives_percent_encoding(user, password, name):
    texts = [text.replace("\0", "") for text in (user, password, name)]
    assume(texts[0] or not texts[1])  # a password without a user is refused
    try:
        quoted = [quote(text, safe="") for text in texts]
    except UnicodeEncodeError:  # lone surrogates have no UTF-8
        return
    found = info(f"aerospike://{quoted[0]}:{quoted[1]}@h1?cluster_name={quoted[2]}x")
    if texts[0] and texts[1]:
        assert (found.user, found.password) == (texts[0], texts[1])
    assert found.cluster_name == texts[2] + "x"


@given(st.text())
def test_any_text_is_a_url_or_a_programming_error(text):
    for url in (text, "aerospike://" + text, "aerospike://h1?" + text, "aerospike:///" + text):
        try:
            found: object = info(url)
        except ProgrammingError as error:
            found = error
        assert isinstance(found, (ConnInfo, ProgrammingError))
