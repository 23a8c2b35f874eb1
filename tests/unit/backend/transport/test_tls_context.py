"""backend.transport.tls_context: what is offered and verified, and that OpenSSL has taken it."""

from __future__ import annotations

import os
import pty
import select
import signal
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from backend.errors import InstallationBroken
from backend.transport import tls_context
from backend.transport.tls_context import OP_LEGACY_SERVER_CONNECT, TLS_PROFILES, ClientIdentity, Verify, server_name
from tests.printer import Certificate, make_certificate
from tests.unit.backend.tls_peer import peer
from tests.unit.backend.transport.loopback import connected, stays

V = ssl.TLSVersion
CHECKOUT = Path(__file__).resolve().parents[4]

#: Python warns of TLS 1.0 and 1.1 wherever they are named; the legacy profile names them.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")


@pytest.mark.parametrize("profile", sorted(TLS_PROFILES))
def test_a_context_offers_what_its_profile_says(profile: str) -> None:
    """Versions, level, RFC 5746; and no verification that nobody asked for."""
    lowest, highest, level = TLS_PROFILES[profile]
    context = tls_context.tls_context(profile)
    assert (context.minimum_version, context.maximum_version) == (lowest, highest)
    assert getattr(context, "security_level", level) == level
    assert bool(context.options & OP_LEGACY_SERVER_CONNECT) is (profile == "legacy")
    assert context.options & ssl.OP_NO_COMPRESSION
    assert context.options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.parametrize("changed", [(V.TLSv1_2, V.TLSv1_3, 9), (V.TLSv1_3, V.TLSv1_3, 99)])
def test_a_setting_that_openssl_ignores_is_an_error(monkeypatch: pytest.MonkeyPatch, changed: tuple[V, V, int]) -> None:
    """A policy that did not take effect protects nobody (Q-52)."""
    monkeypatch.setattr(tls_context, "TLS_PROFILES", {**TLS_PROFILES, "1.2": changed})
    with pytest.raises(InstallationBroken):
        tls_context.tls_context("1.2")


class Ignores:
    """The ssl module of an OpenSSL that takes a setting without a word and does not do it."""

    def __init__(self, setting: str, mask: int = 0) -> None:
        if setting == "options":
            names = {"options": property(lambda made: _OPTIONS.__get__(made) & ~mask, _set_options)}
        else:
            kept = ssl.TLSVersion.TLSv1_1 if setting == "minimum_version" else ssl.TLSVersion.TLSv1_2
            names = {setting: property(lambda made: kept, lambda made, value: None)}
        self.SSLContext = type("IgnoringContext", (ssl.SSLContext,), names)

    def __getattr__(self, name: str) -> object:
        return getattr(ssl, name)


_OPTIONS: Any = ssl.SSLContext.options


def _set_options(made: ssl.SSLContext, value: ssl.Options) -> None:
    _OPTIONS.__set__(made, value)


@pytest.mark.parametrize(
    "setting, mask, profile",
    [
        ("options", ssl.OP_NO_RENEGOTIATION, "1.2"),
        ("options", OP_LEGACY_SERVER_CONNECT, "legacy"),
        ("minimum_version", 0, "1.2"),
        ("maximum_version", 0, "1.3"),
    ],
)
def test_each_setting_is_read_back(monkeypatch: pytest.MonkeyPatch, setting: str, mask: int, profile: str) -> None:
    """Whichever of them OpenSSL ignores: a peer that could shake hands again could show another certificate."""
    monkeypatch.setattr(tls_context, "ssl", Ignores(setting, mask))
    with pytest.raises(InstallationBroken, match="ignores"):
        tls_context.tls_context(profile)


def first_message(profile: str, name: str | None) -> bytes:
    """Return the ClientHello that a profile sends."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = tls_context.tls_context(profile).wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("name", [None, "printer", "a" * 63 + ".example", ".".join(["b" * 60] * 4)])
def test_a_small_first_message_can_be_had(name: str | None) -> None:
    """tls=1.2-only fits in the smallest segment that TCP has to take, whatever OpenSSL offers otherwise."""
    assert len(first_message("1.2-only", name)) <= 536
    assert len(first_message("1.2", name)) > 500  # so it is worth an option


def test_old_versions_are_for_one_queue_only() -> None:
    """No profile but legacy goes below TLS 1.2 or level 1."""
    for name, (lowest, _, level) in TLS_PROFILES.items():
        assert (lowest >= V.TLSv1_2 and level >= 1) is (name != "legacy")


@pytest.mark.parametrize(
    "host, name",
    [
        ("printer", "printer"),
        ("printer.local.", "printer.local"),
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("fe80::1%eth0", None),
        ("fe80::1%1", None),
        ("a" * 64, None),
        ("1.2.3.4.5", "1.2.3.4.5"),
    ],
)
def test_knows_names_from_addresses(host: str, name: str | None) -> None:
    """RFC 6066 section 3: no addresses, no trailing dot."""
    assert server_name(host) == name


@pytest.mark.parametrize(
    "verify", [Verify(authorities="no certificate"), Verify(anchors="no certificate"), Verify(authorities="\n")]
)
def test_text_that_is_no_certificate_is_an_error(verify: Verify) -> None:
    """It never means that nothing is verified."""
    with peer(stays) as server, pytest.raises(InstallationBroken):
        connected(server.port, verify=verify)


def test_a_client_key_that_cannot_be_used_is_an_error(tmp_path: Path, certificate: Certificate) -> None:
    """The key is missing, or belongs to another certificate."""
    cert, _ = make_certificate().write(tmp_path, "one")
    _, key = make_certificate().write(tmp_path, "two")
    for wrong in (key, tmp_path / "missing"):
        with pytest.raises(InstallationBroken):
            connected(
                1, verify=Verify(anchors=certificate.cert_pem.decode()), client=ClientIdentity(str(cert), str(wrong))
            )


@pytest.mark.parametrize("form", ["TraditionalOpenSSL", "PKCS8"])
def test_an_encrypted_client_key_asks_nobody(tmp_path: Path, form: str) -> None:
    """OpenSSL would ask for the pass phrase on the terminal, and wait; the key is refused instead."""
    own = make_certificate()
    cert, key = own.write(tmp_path)
    secret = serialization.load_pem_private_key(own.key_pem, None)
    sealed = serialization.BestAvailableEncryption(b"secret")
    encoding = serialization.Encoding.PEM
    key.write_bytes(secret.private_bytes(encoding, getattr(serialization.PrivateFormat, form), sealed))
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from backend.errors import InstallationBroken\n"
        "from backend.transport.tls_context import ClientIdentity, add_identity, tls_context\n"
        f"try: add_identity(tls_context('1.2'), ClientIdentity({str(cert)!r}, {str(key)!r}))\n"
        "except InstallationBroken as error: print('refused')\n"
    )
    assert on_a_terminal([sys.executable, "-I", "-c", program]).split() == [b"refused"]


def on_a_terminal(command: list[str]) -> bytes:
    """Run a command on a terminal at which no one types, and return what it shows there."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    shown = b""
    try:
        while select.select([terminal], [], [], 20)[0]:
            shown += os.read(terminal, 4096)
            assert b"phrase" not in shown
    except OSError:
        pass  # it has ended
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    return shown
