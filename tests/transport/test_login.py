"""Login and TLS: who we are, who they are, and what to do when that fails."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from aerodbapi.errors import (
    AuthenticationError,
    ConnectionFailed,
    NotSupportedError,
    ProtocolError,
    Timeout,
)
from aerodbapi.protocol import admin
from aerodbapi.protocol.admin import AdminMessage, Command, Field
from aerodbapi.protocol.frame import ADMIN
from aerodbapi.transport.login import Credentials, Session, authenticate
from tests.transport.scripted import REPLY, REQUEST, Peer, Server, SyncFace, info_for

HASH = admin.hash_password("pw")


class Guard:
    """The script of a server with security. `log`: what each connection did, in order."""

    def __init__(self, *, ttl: int | None = 3600, security: bool = True) -> None:
        self.ttl = ttl
        self.security = security
        self.token = b"token-1"
        self.log: list[str] = []
        self.inside: set[Peer] = set()
        self.logins: list[AdminMessage] = []
        self.delay = 0.0

    def __call__(self, peer: Peer, request: bytes) -> None:
        if request[1] != ADMIN:
            self.log.append("command")
            allowed = peer in self.inside or not self.security
            peer.send(REPLY if allowed else b"\x02\x03\0\0\0\0\0\x03no!")
            return
        message = admin.decode_request(request[8:])
        login = message.command == Command.LOGIN
        self.log.append("login" if login else "token")
        time.sleep(self.delay)
        result, fields = self._login(message) if login else self._check(message)
        if result == 0:
            self.inside.add(peer)
        peer.send(admin.encode(AdminMessage(message.command, result, fields)))

    def _login(self, message: AdminMessage) -> tuple[int, tuple[tuple[int, bytes], ...]]:
        self.logins.append(message)
        if not self.security:
            return 52, ()
        if message.field(Field.USER) != b"ann":
            return 60, ()
        if message.field(Field.CREDENTIAL) != HASH:
            return 65, ()
        fields = [(Field.SESSION_TOKEN, self.token)]
        if self.ttl is not None:
            fields.append((Field.SESSION_TTL, self.ttl.to_bytes(4, "big")))
        return 0, tuple(fields)

    def _check(self, message: AdminMessage) -> tuple[int, tuple[tuple[int, bytes], ...]]:
        known = message.field(Field.SESSION_TOKEN) == self.token
        return (0 if known and message.field(Field.USER) == b"ann" else 66), ()


def test_first_connection_logs_in_and_the_others_show_its_token(serve, face):
    guard = Guard()
    server = serve(guard)
    carrier, node = face(server, user="ann", password="pw"), server.node()
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert carrier.exchange(node, REQUEST) == b"reply"
    server.drop()
    server.wait_open(0)
    carrier.pause(0.02)
    node.link.weed()
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert guard.log == ["login", "command", "command", "token", "command"]


def test_without_user_nobody_logs_in(serve, face):
    guard = Guard(security=False)
    server = serve(guard)
    assert face(server).exchange(server.node(), REQUEST) == b"reply"
    assert guard.log == ["command"]


def test_server_without_security_is_asked_once(serve, face):
    guard = Guard(security=False)
    server = serve(guard)
    carrier, node = face(server, user="ann", password="pw"), server.node()
    assert carrier.exchange(node, REQUEST) == b"reply"
    server.drop()
    server.wait_open(0)
    carrier.pause(0.02)
    node.link.weed()
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert guard.log == ["login", "command", "command"]


@pytest.mark.parametrize(
    ("user", "password", "code", "text"),
    [
        ("bob", "pw", 60, "login of user 'bob' failed: no such user"),
        ("ann", "wrong", 65, "login of user 'ann' failed: wrong user or password"),
        ("ann", None, 65, "login of user 'ann' failed"),
    ],
)
def test_refused_login(user, password, code, text, serve, face):
    guard = Guard()
    server = serve(guard)
    carrier, node = face(server, user=user, password=password), server.node()
    with pytest.raises(AuthenticationError, match=text) as caught:
        carrier.exchange(node, REQUEST)
    assert caught.value.result_code == code
    assert caught.value.node == str(node)
    assert not caught.value.in_doubt
    carrier.pause(0.01)
    assert server.wait_open(0) == 0
    assert node.link.live == {}


def test_expired_token_is_renewed(serve, face):
    guard = Guard()
    server = serve(guard)
    carrier, node = face(server, user="ann", password="pw"), server.node()
    carrier.exchange(node, REQUEST)
    guard.token = b"token-2"  # the server forgot the first
    server.drop()
    server.wait_open(0)
    carrier.pause(0.02)
    node.link.weed()
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert guard.log == ["login", "command", "token", "login", "command"]


@pytest.mark.parametrize(
    ("ttl", "seconds"), [(3600, 3540), (100, 50), (60, 30), (0, 0), (None, float("inf"))]
)
def test_token_is_renewed_before_its_end(ttl, seconds):
    session = Session()
    steps = authenticate(Credentials(info_for(user="ann", password="pw")), session)
    request = admin.decode_request(next(steps)[8:])
    assert request.field(Field.CREDENTIAL) == HASH
    _, fields = Guard(ttl=ttl)._login(request)
    with pytest.raises(StopIteration):
        steps.send(admin.encode(AdminMessage(20, 0, fields))[8:])
    assert session.expires - time.monotonic() == pytest.approx(seconds, abs=2)
    assert (session.current() is None) == (seconds == 0)


def test_external_login_sends_the_password_and_pki_nothing():
    external = info_for(user="ann", password="pw", auth="external", tls=True)
    login = admin.decode_request(Credentials(external).login()[8:])
    assert login.field(Field.CLEAR_PASSWORD) == b"pw"
    pki = info_for(auth="pki", tls_certfile="c.pem")
    assert Credentials(pki).needed
    assert admin.decode_request(Credentials(pki).login()[8:]).fields == ()
    shown = admin.decode_request(Credentials(pki).show(b"t")[8:])
    assert shown.fields == ((Field.SESSION_TOKEN, b"t"),)


def test_threads_that_connect_together_log_in_once(serve):
    guard = Guard()
    guard.delay = 0.1
    server = serve(guard)
    carrier, node = SyncFace(info_for(server, user="ann", password="pw")), server.node()
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: answers.append(carrier.exchange(node, REQUEST)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    carrier.close()
    assert answers == [b"reply"] * 6
    assert guard.log.count("login") == 1


FAULTS = {
    "hangs up": (lambda peer, _: False, ConnectionFailed, "closed the connection"),
    "answers a message": (lambda peer, _: peer.send(REPLY), ProtocolError, "kind 3 answers"),
    "cuts it short": (
        lambda peer, _: peer.send(b"\x02\x02\0\0\0\0\0\x04\0\0\0\0"),
        ProtocolError,
        "cut off",
    ),
    "says nothing": (lambda peer, _: None, ConnectionFailed, "timed out in the login"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_in_the_login(name, serve, face):
    script, kind, text = FAULTS[name]
    server = serve(script)
    carrier = face(server, user="ann", password="pw", login_timeout=200)
    node = server.node()
    with pytest.raises(kind, match=text) as caught:
        carrier.exchange(node, REQUEST)
    assert caught.value.node == str(node)
    assert not caught.value.in_doubt
    assert node.link.live == {}


def test_missing_bcrypt_says_what_to_install(serve, face, monkeypatch):
    def missing(password: str) -> bytes:
        raise NotSupportedError('pip install "aerodbapi[auth]"')

    monkeypatch.setattr(admin, "hash_password", missing)
    server = serve(Guard())
    with pytest.raises(NotSupportedError, match="pip install"):
        face(server, user="ann", password="pw").exchange(server.node(), REQUEST)


# ---- TLS ---------------------------------------------------------------------------------------

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")


@pytest.fixture(scope="module")
def pem(tmp_path_factory) -> Path:
    """A directory with server.pem and client.pem (key and self-signed certificate each)."""
    directory = tmp_path_factory.mktemp("pem")
    for who, password in (("server", None), ("client", "opensesame")):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "2", "-sha256"]
        command += ["-subj", f"/CN={who}.test", "-addext", f"subjectAltName=DNS:{who}.test"]
        command += ["-keyout", f"{who}.key", "-out", f"{who}.crt"]
        command += ["-nodes"] if password is None else ["-passout", f"pass:{password}"]
        subprocess.run(command, cwd=directory, check=True, capture_output=True, timeout=30)
    return directory


def context_of(pem: Path, *, ask: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem / "server.crt", pem / "server.key")
    if ask:
        context.load_verify_locations(pem / "client.crt")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def secure(pem, serve) -> Server:
    return serve(context=context_of(pem))


@openssl
def test_tls_with_a_named_certificate(pem, secure, face):
    carrier = face(secure, tls_cafile=pem / "server.crt", tls_name="server.test")
    node = secure.node()
    for _ in range(3):
        assert carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5) == b"reply"
    assert secure.connections == 1


@openssl
def test_tls_name_of_a_node_wins(pem, secure, face):
    carrier = face(secure, tls_cafile=pem / "server.crt", tls_name="other.test")
    node = secure.node()
    node.tls_name = "server.test"
    assert carrier.exchange(node, REQUEST) == b"reply"


@openssl
def test_tls_without_verification(secure, face):
    assert face(secure, tls_verify=False).exchange(secure.node(), REQUEST) == b"reply"


@openssl
def test_tls_with_a_client_certificate(pem, serve, face):
    server = serve(context=context_of(pem, ask=True))
    options = {"tls_cafile": pem / "server.crt", "tls_name": "server.test"}
    options |= {"tls_certfile": pem / "client.crt", "tls_keyfile": pem / "client.key"}
    carrier = face(server, **options, tls_keyfile_password="opensesame")
    assert carrier.exchange(server.node(), REQUEST) == b"reply"
    with pytest.raises(ConnectionFailed, match="cannot use tls_certfile") as caught:
        face(server, **options, tls_keyfile_password="wrong").exchange(server.node(), REQUEST)
    assert caught.value.result_code == -9


#: what is wrong → (options, what the error says)
TLS_MISTAKES = {
    "unknown authority": ({}, "tls_cafile must hold"),
    "wrong name": ({"tls_cafile": "server.crt", "tls_name": "else.test"}, "tls_name must be"),
    "no name for an address": ({"tls_cafile": "server.crt"}, "tls_name must be"),
    "no such file": ({"tls_cafile": "nowhere.crt"}, "cannot use tls_cafile=.*No such file"),
    "file of another kind": ({"tls_cafile": "server.key"}, "cannot use tls_cafile"),
}


@openssl
@pytest.mark.parametrize("name", TLS_MISTAKES)
def test_tls_mistake_says_what_to_do(name, pem, secure, face):
    options, text = TLS_MISTAKES[name]
    options = {k: pem / v if k == "tls_cafile" else v for k, v in options.items()}
    carrier, node = face(secure, tls=True, **options), secure.node()
    with pytest.raises(ConnectionFailed, match=text) as caught:
        carrier.exchange(node, REQUEST)
    assert caught.value.result_code == -9
    assert caught.value.node == str(node)
    assert not caught.value.in_doubt
    assert node.link.live == {}


def test_tls_to_a_port_that_does_not_speak_it(serve, face):
    server = serve()
    carrier = face(server, tls_verify=False)
    with pytest.raises(ConnectionFailed, match="TLS failed") as caught:
        carrier.exchange(server.node(), REQUEST)
    assert caught.value.result_code == -9
    assert not caught.value.in_doubt


@openssl
def test_plain_client_of_a_tls_port(secure, face):
    with pytest.raises((ConnectionFailed, ProtocolError)):
        face(secure).exchange(secure.node(), REQUEST, 5.0, time.monotonic() + 5)


@openssl
def test_tls_faults(pem, serve, face):
    """Hanging up and silence mean the same under TLS."""
    silent = serve(lambda peer, _: None, context=context_of(pem))
    carrier = face(silent, tls_verify=False)
    with pytest.raises(Timeout):
        carrier.exchange(silent.node(), REQUEST, None, time.monotonic() + 0.3)
    rude = serve(lambda peer, _: False, context=context_of(pem))
    with pytest.raises(ConnectionFailed, match="closed the connection") as caught:
        carrier.exchange(rude.node(), REQUEST, None, time.monotonic() + 5)
    assert caught.value.in_doubt


@openssl
def test_large_replies_and_idle_connections_under_tls(pem, serve, face):
    body = bytes(range(256)) * 2000
    server = serve(lambda peer, _: peer.send(b"\x02\x03" + len(body).to_bytes(6, "big") + body),
                   context=context_of(pem))  # fmt: skip
    carrier, node = face(server, tls_verify=False), server.node()
    assert carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5) == body
    node.link.idle[0].used -= 5  # old enough to be looked at
    assert carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5) == body
    assert server.connections == 1
    server.drop()
    server.wait_open(0)
    node.link.idle[0].used -= 5
    assert carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5) == body
    assert server.connections == 2
