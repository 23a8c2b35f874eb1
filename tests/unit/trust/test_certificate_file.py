"""Files that printers' web pages, CAs and OpenSSL write, and which certificate in them is the printer's."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trust.certificate_file import NoCertificate, as_pem, choose_authorities, choose_leaf, load_certificates
from tests.printer.certificates import make_certificate, with_chain
from tests.unit.trust.certificates import NOW, authority, certificate

ONE, TWO = certificate("rsa2048").der, certificate("renewed").der
PEM = as_pem(ONE)
KEY = b"-----BEGIN PRIVATE KEY-----\nTm90aGluZyBvZiB0aGUga2luZA==\n-----END PRIVATE KEY-----\n"


def pkcs7(*certificates: bytes, form: str = "PEM") -> bytes:
    """Return the certificates as PKCS #7, made by the openssl command."""
    import subprocess
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(as_pem(der) for der in certificates))
        file.flush()
        command = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", file.name, "-outform", form]
        return subprocess.run(command, capture_output=True, check=True).stdout


FORMS = {
    "PEM": PEM,
    "CRLF": PEM.replace(b"\n", b"\r\n"),
    "CR": PEM.replace(b"\n", b"\r"),
    "no line end": PEM.rstrip(),
    "long lines": b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(ONE) + b"\n-----END CERTIFICATE-----\n",
    "words around": b"subject=/CN=printer\nissuer=x: y\n\n" + PEM + b"\nend of file\n",
    "byte order mark": b"\xef\xbb\xbf" + PEM,
    "indented": PEM.replace(b"\n", b"\n   "),
    "header lines": PEM.replace(b"-----\n", b"-----\nX-Made-By: printer\n\n", 1),
    "X509": PEM.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
    "trusted": PEM.replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE"),
    "with its key": KEY + PEM,
    "twice": PEM + PEM,
    "DER": ONE,
    "DER and a line end": ONE + b"\r\n",
    "bare base64": base64.encodebytes(ONE),
    "PKCS #7 PEM": pkcs7(ONE),
    "PKCS #7 DER": pkcs7(ONE, form="DER"),
}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_one_certificate(form: str) -> None:
    """However the file is written, the certificate in it is the same."""
    assert load_certificates(FORMS[form]) == (ONE,)


@pytest.mark.parametrize(
    "content", [as_pem(ONE) + as_pem(TWO), ONE + TWO, as_pem(ONE).replace(b"\n", b"\r\n") + KEY + as_pem(TWO)]
)
def test_several_certificates(content: bytes) -> None:
    """All certificates of a file are found, in their order."""
    assert load_certificates(content) == (ONE, TWO)


def test_several_in_pkcs7() -> None:
    """PKCS #7 is a set; all of it is found."""
    assert set(load_certificates(pkcs7(ONE, TWO))) == {ONE, TWO}


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "neither PEM nor DER"),
        (b"hello", "neither PEM nor DER"),
        (b"<html>please log in</html>", "neither PEM nor DER"),
        (KEY, "only: PRIVATE KEY"),
        (PEM[: len(PEM) // 2], "cut off"),
        (PEM.replace(b"MII", b"*II", 1), "neither PEM nor DER"),
        (ONE[:-5], "cut off"),
        (PEM.replace(PEM[40:60], b"", 1), ""),
        (b"\x30\x03\x02\x01\x05", "PKCS #12"),
        (b"-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n", "PKCS #7"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n", "CERTIFICATE REQUEST"),
    ],
)
def test_no_certificate(content: bytes, reason: str) -> None:
    """A file without a whole certificate is refused with the reason."""
    with pytest.raises(NoCertificate) as error:
        load_certificates(content)
    assert reason in str(error.value)


def test_pem_as_openssl_writes_it() -> None:
    """The copy kept beside the pin file is PEM as every program reads it."""
    import ssl

    assert ssl.PEM_cert_to_DER_cert(PEM.decode()) == ONE
    assert max(len(line) for line in PEM.split(b"\n")) == 64


# --- which one --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["leaf", "leaf+root", "reversed", "full"])
def test_leaf_of_a_chain(shape: str) -> None:
    """Of a chain in any order the leaf is chosen (Q-64)."""
    made = with_chain(shape, common_name="printer", names=("printer",))
    for content in (made.pem_chain, b"".join(reversed((made.cert_pem, *made.chain)))):
        assert choose_leaf(load_certificates(content), "printer", NOW) == made.der


def test_leaf_beside_its_ca() -> None:
    """The certificate that signed another one of the file is not the printer's."""
    signed = certificate("signed").der
    assert choose_leaf((authority().der, signed), "elsewhere", NOW) == signed


def test_signer_that_does_not_call_itself_a_ca() -> None:
    """Old CAs lack the extension that says so; who signed another one of the file is not the printer all the same."""
    signer = make_certificate("Old CA", names=("printer",))
    signed = make_certificate("x", names=("x",), issuer=signer)
    assert choose_leaf((signer.der, signed.der), "printer", NOW) == signed.der


def test_leaf_by_name_and_by_dates() -> None:
    """Of several leaves the one for this name is taken, then the one in its dates."""
    other, old = certificate("other-name").der, certificate("expired").der
    assert choose_leaf((other, ONE), "printer", NOW) == ONE
    assert choose_leaf((other, ONE), "someone", NOW) == other
    assert choose_leaf((old, ONE), "printer", NOW) == ONE
    assert choose_leaf((old,), "printer", NOW) == old


def test_leaf_in_doubt() -> None:
    """Where several could be meant, nothing is guessed; the fingerprint decides."""
    both = (certificate().der, certificate("impostor").der)
    with pytest.raises(NoCertificate, match="--fingerprint"):
        choose_leaf(both, "printer", NOW)
    for kind in ("usual", "impostor"):
        made = certificate(kind)
        assert choose_leaf(both, "printer", NOW, made.spki_sha256) == made.der
        assert choose_leaf(both, "printer", NOW, made.cert_sha256) == made.der
    with pytest.raises(NoCertificate, match="fingerprint"):
        choose_leaf(both, "printer", NOW, bytes(32))


def test_authorities() -> None:
    """With --ca only certificates that may sign are taken."""
    assert choose_authorities((certificate("signed").der, authority().der)) == (authority().der,)
    with pytest.raises(NoCertificate, match="without --ca"):
        choose_authorities((certificate().der,))


@given(st.binary(max_size=200) | st.sampled_from(sorted(FORMS.values())).flatmap(lambda f: st.just(f[: len(f) // 2])))
def test_any_file(content: bytes) -> None:
    """No file crashes it."""
    try:
        assert load_certificates(content)
    except NoCertificate as error:
        assert str(error)


@given(st.sampled_from(sorted(FORMS)), st.integers(0, 3000), st.integers(0, 255))
def test_any_damage(form: str, position: int, value: int) -> None:
    """No damaged file crashes it either."""
    content = bytearray(FORMS[form])
    content[position % len(content)] = value
    try:
        load_certificates(bytes(content))
    except NoCertificate as error:
        assert str(error)
