"""TLS and certificate faults of the scripted printer: Q-50 to Q-73."""

from __future__ import annotations

import datetime
import ssl
import warnings

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.printer import Certificate, Printer, make_authority, make_certificate
from tests.printer.certificates import read_certificate
from tests.printer.hello import parse_client_hello
from tests.unit.printer_tests.client import Client, Ended, attributes_request, trusting

CHANGE_CIPHER_SPEC = 20
VERSIONS = {"1.0": "TLSv1", "1.1": "TLSv1.1", "1.2": "TLSv1.2", "1.3": "TLSv1.3"}
UPGRADE = b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n"


def offering(
    printer: Printer, *, lowest: str = "1.2", highest: str = "1.3", ciphers: str = "DEFAULT"
) -> ssl.SSLContext:
    """A client's context with these versions, and everything that is weak allowed."""
    context = trusting(printer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = getattr(ssl.TLSVersion, VERSIONS[lowest].replace(".", "_"))
        context.maximum_version = getattr(ssl.TLSVersion, VERSIONS[highest].replace(".", "_"))
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    return context


def handshake(printer: Printer, context: ssl.SSLContext | None = None, server_name: str | None = "localhost") -> str:
    """What a handshake comes to: the version, once a request was answered in it; the alert; or how it ended."""
    try:
        with Client(printer, context or offering(printer), server_name) as client:
            assert client.ask(attributes_request(printer)).status == 200
            version = client.tls.version() or ""
            assert printer.connection_log[-1].tls_version == version
            return version
    except ssl.SSLError as error:
        return str(error)
    except Ended as end:
        return "rst" if end.how == "while sending" else end.how


def record_types(wire: bytes) -> list[int]:
    """The types of the TLS records: RFC 5246 section 6.2.1."""
    types, at = [], 0
    while at < len(wire):
        types.append(wire[at])
        at += 5 + int.from_bytes(wire[at + 3 : at + 5], "big")
    return types


def certificates_in(wire: bytes) -> list[bytes]:
    """The DER blocks of a TLS 1.2 server's Certificate message: RFC 5246 section 7.4.2."""
    handshake, at = b"", 0
    while at < len(wire) and wire[at] == 22:
        length = int.from_bytes(wire[at + 3 : at + 5], "big")
        handshake += wire[at + 5 : at + 5 + length]
        at += 5 + length
    hello = 4 + int.from_bytes(handshake[1:4], "big")
    message = handshake[hello:]
    assert message[0] == 11
    found, at, end = [], 7, 4 + int.from_bytes(message[1:4], "big")
    while at < end:
        length = int.from_bytes(message[at : at + 3], "big")
        found.append(message[at + 3 : at + 3 + length])
        at += 3 + length
    return found


def suite_of(client: Client) -> str:
    return (client.tls.cipher() or ("none",))[0]


def blind(printer: Printer) -> ssl.SSLContext:
    """A client's context that looks at no dates and no names; for tests of what is shown, never of what is trusted."""
    context = offering(printer, lowest="1.0")
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def shown(printer: Printer) -> Certificate:
    """The certificate that a new connection sees, as DER."""
    with Client(printer, context=blind(printer), server_name=None) as client:
        der = client.tls.getpeercert(binary_form=True)
    return next(each for each in printer.certificates if each.der == der)


# --- versions, suites, handshakes ---


@pytest.mark.parametrize(
    "fault, versions",
    [
        ("tls=1.0", ["1.0"]),
        ("tls=1.1", ["1.1"]),
        ("tls=1.2", ["1.2"]),
        ("tls=1.3", ["1.3"]),
        ("tls=1.0-1.1", ["1.0", "1.1"]),
        ("tls=1.0-1.2", ["1.0", "1.1", "1.2"]),
        ("tls=1.0-1.3", ["1.0", "1.1", "1.2", "1.3"]),
        ("tls=1.1-1.2", ["1.1", "1.2"]),
        ("tls=1.1-1.3", ["1.1", "1.2", "1.3"]),
        ("http=1.1", ["1.2", "1.3"]),
    ],
)
def test_only_some_versions_are_spoken(fault, versions):
    """Each version inside the range is what the client gets, each outside ends the handshake (Q-50, Q-51)."""
    with Printer(faults=fault) as printer:
        for version, name in VERSIONS.items():
            came = handshake(printer, offering(printer, lowest=version, highest=version))
            assert came == name if version in versions else "alert" in came or "unsupported protocol" in came, came


@pytest.mark.parametrize(
    "fault, offer, ending",
    [
        ("tls13=alert", {}, "alert handshake failure"),
        ("tls13=alert", {"highest": "1.2"}, "TLSv1.2"),
        ("tls13=close", {}, "fin"),
        ("tls13=close", {"highest": "1.2"}, "TLSv1.2"),
        # A printer with 3DES or RC4 only refuses every client of today, whose OpenSSL has them no more.
        ("suite=3des", {"lowest": "1.0"}, "alert handshake failure"),
        ("suite=rc4", {"lowest": "1.0"}, "alert handshake failure"),
        ("suite=ecdhe-cbc,tls=1.2", {"ciphers": "CHACHA20"}, "alert handshake failure"),
        ("handshake=close", {}, "fin"),
        ("handshake=rst", {}, "rst"),
        ("handshake=alert:70", {}, "protocol version"),
        ("handshake=alert:42", {}, "bad certificate"),
        ("handshake=garbage", {}, "wrong version number"),
        ("upgrade=accept", {}, "fin"),
    ],
)
def test_a_handshake_may_end(fault, offer, ending):
    """In an alert of any number, an end or rubbish, for all clients or some (Q-51, Q-53, Q-72)."""
    with Printer(faults=fault) as printer:
        assert ending in handshake(printer, offering(printer, **offer))
        assert printer.handshakes == (ending == "TLSv1.2")


@pytest.mark.parametrize(
    "fault, key, name",
    [
        ("suite=rsa-aes128-cbc", "rsa2048", "AES128-SHA"),
        ("suite=rsa-aes128-gcm", "rsa2048", "AES128-GCM-SHA256"),
        ("suite=ecdhe-cbc", "ec256", "ECDHE-ECDSA-AES128-SHA"),
        ("suite=openssl:ECDHE-ECDSA-AES256-GCM-SHA384", "ec256", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ],
)
def test_only_one_suite_is_spoken(fault, key, name):
    """The suite is what was asked for (Q-53)."""
    with Printer(make_certificate(key=key), faults=f"{fault},tls=1.2") as printer:
        with Client(printer, context=offering(printer)) as client:
            assert suite_of(client) == name


def test_a_handshake_may_be_slow():
    """handshake=slow:S: silence, and then a good handshake (Q-69)."""
    with Printer(faults="handshake=slow:0.3") as printer, Client(printer, handshake=False) as client:
        client.raw.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.handshake()
        client.raw.settimeout(10)
        client.handshake()
        assert client.ask(attributes_request(printer)).status == 200


def test_a_handshake_may_stop_in_the_middle():
    """handshake=hang@half: the beginning of a ServerHello, then silence."""
    with Printer(faults="handshake=hang@half") as printer, Client(printer, handshake=False) as client:
        client.raw.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.handshake()
        assert client._incoming.pending == 0


def test_a_printer_may_lack_secure_renegotiation():
    """legacy=no-rfc5746: OpenSSL refuses, unless it is told to connect to such servers (Q-54)."""
    with Printer(faults="legacy=no-rfc5746") as printer:
        assert "unsafe legacy renegotiation disabled" in handshake(printer)
        context = trusting(printer)
        context.options |= 0x4  # SSL_OP_LEGACY_SERVER_CONNECT
        with Client(printer, context=context) as client:
            assert client.ask(attributes_request(printer)).status == 200
            assert printer.connection_log[-1].cipher == suite_of(client) == "ECDHE-ECDSA-AES128-GCM-SHA256"


@pytest.mark.parametrize(
    "key, ciphers", [("ec256", "DEFAULT"), ("rsa2048", "DEFAULT"), ("rsa2048", "AES128-GCM-SHA256")]
)
def test_a_printer_may_ask_for_a_new_handshake(key, ciphers):
    """legacy=hello-request: after the first bytes a new handshake takes place, and the conversation goes on (Q-54)."""
    with Printer(make_certificate(key=key), faults="legacy=hello-request") as printer:
        with Client(printer, context=offering(printer, ciphers=ciphers)) as client:
            for _ in range(3):
                assert client.ask(attributes_request(printer)).status == 200
            assert record_types(client.wire).count(CHANGE_CIPHER_SPEC) == 2


@pytest.mark.parametrize(
    "fault, good, bad",
    [
        ("sni=require", "localhost", None),
        ("sni=require:localhost", "localhost", "printer"),
        ("sni=reject", None, "localhost"),
    ],
)
def test_the_server_name_may_decide(fault, good, bad):
    """A wrong, missing or unwanted SNI gets unrecognized_name (Q-66)."""
    with Printer(faults=fault) as printer:
        context = offering(printer)
        context.check_hostname = False
        assert handshake(printer, context, good) == "TLSv1.3"
        assert "unrecognized name" in handshake(printer, context, bad)
        assert printer.server_names_seen == [good, bad]


@pytest.mark.parametrize("fault, resumed", [("resume=on", True), ("resume=off", False)])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_sessions_are_resumed_only_if_wanted(fault, resumed, version):
    """resume=on lets a session be used again, also after the certificate has changed (Q-71); off never does."""
    with Printer(faults=fault) as printer:
        context = offering(printer, lowest=version, highest=version)
        with Client(printer, context=context) as client:
            client.ask(attributes_request(printer))
            session = client.tls.session
        if resumed:
            printer.certificate = make_certificate()
        with Client(printer, handshake=False) as client:
            incoming, outgoing = client._incoming, client._outgoing
            client.tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost", session=session)
            client.handshake()
            assert client.ask(attributes_request(printer)).status == 200
            assert client.tls.session_reused == resumed
        assert printer.connection_log[-1].resumed == resumed


@pytest.mark.parametrize("fault", ["client_cert=request", "client_cert=require"])
def test_the_client_may_have_to_show_a_certificate(fault, tmp_path):
    """Without a certificate of the right CA only ``request`` lets a client in; what it shows is on record."""
    authority = make_authority("Clients")
    mine = make_certificate("queue", names=(), issuer=authority)
    with Printer(faults=fault, client_ca=authority) as printer:
        context = offering(printer)
        context.load_cert_chain(*mine.write(tmp_path))
        assert handshake(printer, context) == "TLSv1.3"
        assert printer.connection_log[-1].client_certificate == mine.der
        assert (handshake(printer) == "TLSv1.3") == (fault == "client_cert=request")
        assert len(printer.operations) == (2 if fault == "client_cert=request" else 1)


# --- RFC 2817 ---


def test_a_plain_port_may_change_to_tls():
    """upgrade=accept: 101, then TLS on the same connection, whose bytes are counted from there."""
    with Printer(faults="upgrade=accept") as printer, Client(printer, plain=True) as client:
        client.send(UPGRADE)
        assert client.reply().status == 101
        with_tls = Client.__new__(Client)
        with_tls.__dict__.update(client.__dict__, plain=False)
        with_tls._incoming, with_tls._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        with_tls.tls = trusting(printer).wrap_bio(with_tls._incoming, with_tls._outgoing, server_hostname="localhost")
        with_tls.handshake()
        assert with_tls.ask(attributes_request(printer)).status == 200
        assert printer.connection_log[0].before_tls > 0 < printer.http_bytes


@pytest.mark.parametrize(
    "fault, came",
    [
        ("upgrade=decline:200", "200"),
        ("upgrade=decline:400", "400"),
        ("upgrade=accept-plain", "101"),
        ("upgrade=close", "fin"),
        ("upgrade=rst", "rst"),
        ("upgrade=hang", "silence"),
    ],
)
def test_an_upgrade_may_come_to_something_else(fault, came):
    """Another status, 101 and no TLS, or no answer to OPTIONS at all."""
    with Printer(faults=fault) as printer, Client(printer, plain=True) as client:
        client.send(UPGRADE)
        if came.isdigit():
            assert client.reply().status == int(came)
            assert came != "101" or client.ask(attributes_request(printer)).status == 200
        else:
            assert ("silence" if came == "silence" and client.is_silent() else client.ending()) == came
            assert came == "silence" or printer.connection_log[0].ended_by == f"{came}@upgrade"
        assert printer.handshakes == 0


def test_a_plain_port_wants_an_upgrade():
    """Without the request to upgrade comes 426, whatever is asked."""
    with Printer(faults="upgrade=accept") as printer, Client(printer, plain=True) as client:
        assert client.ask(attributes_request(printer)).status == 426
        assert printer.operations == []


# --- certificates ---


def _facts(certificate: Certificate):
    return x509.load_der_x509_certificate(certificate.der)


@pytest.mark.parametrize(
    "fault, holds",
    [
        ("cert=expired", lambda cert: cert.not_valid_after.year < 2100 and _past(cert.not_valid_after)),
        ("cert=1970", lambda cert: (cert.not_valid_before.year, cert.not_valid_after.year) == (1970, 1980)),
        ("cert=1972", lambda cert: cert.not_valid_after.year == 1972),
        ("cert=future", lambda cert: not _past(cert.not_valid_before)),
        ("cert=rsa512", lambda cert: cert.public_key().key_size == 512),
        ("cert=rsa1024", lambda cert: cert.public_key().key_size == 1024),
        ("cert=rsa2048", lambda cert: cert.public_key().key_size == 2048),
        ("cert=ec256", lambda cert: cert.public_key().curve.name == "secp256r1"),
        ("cert=ec384", lambda cert: cert.public_key().curve.name == "secp384r1"),
        ("cert=ed25519", lambda cert: type(cert.public_key()).__name__.startswith(("_Ed25519", "Ed25519"))),
        ("cert=sha1", lambda cert: cert.signature_hash_algorithm.name == "sha1"),
        ("cert=md5", lambda cert: cert.signature_hash_algorithm.name == "md5"),
        ("cert=cn-other", lambda cert: "localhost" not in _names(cert)),
        ("cert=no-san", lambda cert: _names(cert) == []),
        ("cert=one-name", lambda cert: _names(cert) == ["printer.example", "localhost"]),
        ("cert=serial-0", lambda cert: cert.serial_number == 0),
        ("cert=serial-1", lambda cert: cert.serial_number == 1),
    ],
)
def test_a_certificate_of_each_kind_is_shown(fault, holds):
    """The handshake succeeds with it, and it is what the switch says (Q-55 to Q-57, Q-61, Q-62, Q-65)."""
    with Printer(faults=fault) as printer:
        if fault == "cert=rsa512":
            # OpenSSL signs TLS 1.2 and 1.3 handshakes with RSA-PSS or SHA-256, for both of which 512 bits are too few.
            assert holds(_facts(printer.certificate))
        else:
            assert holds(_facts(shown(printer)))


def test_a_certificate_can_be_kept_in_files(tmp_path):
    """What was written is read again as the same certificate."""
    made = make_certificate()
    cert, key = made.write(tmp_path)
    again = read_certificate(cert, key)
    assert (again.der, again.spki_sha256, again.cert_sha256) == (made.der, made.spki_sha256, made.cert_sha256)
    assert key.stat().st_mode & 0o077 == 0


def _past(when) -> bool:
    return when < datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def _names(cert) -> list[str]:
    try:
        names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize(
    "fault, compare",
    [
        ("cert=rotate-after-2", lambda old, new: new > old),
        ("cert=rotate-after-2:later", lambda old, new: new > old),
        ("cert=rotate-after-2:equal", lambda old, new: abs((new - old).total_seconds()) < 60),
        ("cert=rotate-after-2:earlier", lambda old, new: new < old),
    ],
)
def test_the_certificate_may_change(fault, compare):
    """After N connections another key is shown, which ends later, at the same time, or earlier (Q-58)."""
    with Printer(faults=fault) as printer:
        seen = [shown(printer) for _ in range(3)]
        assert seen[0] is seen[1] and seen[0].spki_sha256 != seen[2].spki_sha256
        assert compare(_facts(seen[0]).not_valid_after, _facts(seen[2]).not_valid_after)


def test_the_certificate_may_be_renewed_with_the_same_key():
    """renew-same-key: another certificate, the same key (Q-63)."""
    with Printer(faults="cert=renew-same-key-after-1") as printer:
        first, second = shown(printer), shown(printer)
        assert first.cert_sha256 != second.cert_sha256 and first.spki_sha256 == second.spki_sha256


def test_one_of_several_certificates_may_be_picked_at_random():
    """random-of-N: all of them are seen in the end (Q-59)."""
    with Printer(faults="cert=random-of-3") as printer:
        assert {shown(printer).cert_sha256 for _ in range(40)} == {each.cert_sha256 for each in printer.certificates}
        assert len(printer.certificates) == 3


@pytest.mark.parametrize(
    "fault, subjects",
    [
        ("chain=leaf+root", ["localhost", "Test Root"]),
        ("chain=intermediate", ["localhost", "Test Intermediate"]),
        ("chain=full", ["localhost", "Test Intermediate", "Test Root"]),
        ("chain=reversed", ["localhost", "Test Root", "Test Intermediate"]),
        ("chain=missing-intermediate", ["localhost", "Test Root"]),
        ("chain=foreign-root", ["localhost", "Test Intermediate", "Foreign Root"]),
    ],
)
def test_chains_of_each_shape_are_sent(fault, subjects):
    """The chain on the wire has these certificates in this order (Q-64)."""
    with Printer(faults=f"{fault},tls=1.2") as printer, Client(printer, context=blind(printer)) as client:
        chain = [x509.load_der_x509_certificate(der) for der in certificates_in(client.wire)]
        assert [each.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value for each in chain] == subjects


def test_what_is_no_client_hello_is_none():
    """Other messages and cut ones are not taken for a ClientHello."""
    assert parse_client_hello(b"\x02" + bytes(50)) is None
    assert parse_client_hello(b"\x01\x00") is None
