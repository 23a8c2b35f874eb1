"""What we offer in a handshake, whom OpenSSL has to verify in it, and under which name.

Every setting is read back, because a policy that OpenSSL ignores protects nobody (Q-52).
"""

from __future__ import annotations

import ssl

from backend.errors import InstallationBroken
from backend.trust.addresses import in_dns, is_address
from filters.common.dataclass import dataclass

#: What a queue offers: lowest version, highest version, and security level of OpenSSL. Level 1 still takes the
#: 1024-bit keys that printers are born with; the pin, not a signature, proves such a certificate (Q-55, Q-56).
TLS_PROFILES: dict[str, tuple[ssl.TLSVersion, ssl.TLSVersion, int]] = {
    "1.2": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, 1),
    "1.3": (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, 1),
    "1.2-only": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, 1),
    "legacy": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3, 0),
}
#: How ssl.SSLSocket.version() spells the versions, in rising order.
VERSION_NAMES = {
    ssl.TLSVersion.TLSv1: "TLSv1",
    ssl.TLSVersion.TLSv1_1: "TLSv1.1",
    ssl.TLSVersion.TLSv1_2: "TLSv1.2",
    ssl.TLSVersion.TLSv1_3: "TLSv1.3",
}
#: SSL_OP_LEGACY_SERVER_CONNECT of OpenSSL; Python has a name for it only from 3.12 on.
OP_LEGACY_SERVER_CONNECT = 0x4
#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL: an expired pinned certificate is judged afterwards, by the queue's own rule.
VERIFY_NO_CHECK_TIME = 0x200000


@dataclass(frozen=True)
class Verify:
    """What OpenSSL has to verify in the handshake itself.

    Attributes:
        authorities: PEM text of CA certificates that may vouch for the printer under its name.
        system: the system's CAs may do so as well.
        anchors: PEM text of the pinned certificates; the peer must present one of them, whatever its name and dates.
    """

    authorities: str = ""
    system: bool = False
    anchors: str = ""


@dataclass(frozen=True)
class ClientIdentity:
    """Our own certificate and key for printers that ask for one: paths of PEM files."""

    certificate: str
    key: str


def tls_context(profile: str) -> ssl.SSLContext:
    """Return a context that offers what the profile says, and verify that it does."""
    lowest, highest, level = TLS_PROFILES[profile]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.set_ciphers(f"DEFAULT:@SECLEVEL={level}")
        context.minimum_version, context.maximum_version = lowest, highest
    except (ssl.SSLError, ValueError) as error:
        raise InstallationBroken(f"OpenSSL cannot be set to tls={profile}: {error}") from None
    # A peer that shook hands again could show a different certificate after the judgement.
    context.options |= ssl.OP_NO_RENEGOTIATION
    if profile == "legacy":
        context.options |= OP_LEGACY_SERVER_CONNECT
    else:
        context.options &= ~OP_LEGACY_SERVER_CONNECT
    _read_back(context, profile)
    return context


def add_verification(context: ssl.SSLContext, verify: Verify) -> None:
    """Make the handshake itself fail unless a CA, or being a pinned certificate, vouches for the peer."""
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        if verify.anchors:
            context.load_verify_locations(cadata=verify.anchors)
            context.verify_flags |= ssl.VerifyFlags(VERIFY_NO_CHECK_TIME)
        else:
            context.check_hostname = True
            if verify.authorities:
                context.load_verify_locations(cadata=verify.authorities)
            if verify.system:
                context.set_default_verify_paths()
    except (OSError, ValueError) as error:
        raise InstallationBroken(f"certificates on file cannot be read: {error}") from None
    if context.verify_mode != ssl.CERT_REQUIRED or context.check_hostname == bool(verify.anchors):
        raise InstallationBroken("OpenSSL ignores that certificates have to be verified")


def add_identity(context: ssl.SSLContext, client: ClientIdentity) -> None:
    """Show our own certificate to a peer that asks for one; raise InstallationBroken for one that cannot be used."""
    try:
        context.load_cert_chain(client.certificate, client.key, password="")  # or OpenSSL asks on the terminal
    except (OSError, ValueError) as error:
        cure = "Replace it, or take clientcert out of the device URI"
        raise InstallationBroken(f"certificate {client.certificate} or its key: {error}", cure) from None


def _read_back(context: ssl.SSLContext, profile: str) -> None:
    lowest, highest, level = TLS_PROFILES[profile]
    as_asked = (
        context.minimum_version == lowest
        and context.maximum_version == highest
        and getattr(context, "security_level", level) == level
        and bool(context.options & OP_LEGACY_SERVER_CONNECT) == (profile == "legacy")
        and context.options & ssl.OP_NO_RENEGOTIATION
        and context.get_ciphers()
    )
    if not as_asked:
        raise InstallationBroken(f"OpenSSL ignores the setting tls={profile}")


def offered(profile: str) -> str:
    """Say what a profile offers, for messages."""
    lowest, highest, level = TLS_PROFILES[profile]
    return f"{VERSION_NAMES[lowest]} to {VERSION_NAMES[highest]}, security level {level} of {ssl.OPENSSL_VERSION}"


def server_name(host: str) -> str | None:
    """Return the host as the name for SNI, None for an address (RFC 6066 section 3 allows only names)."""
    bare = host.rstrip(".")
    if is_address(bare):
        return None
    try:
        in_dns(bare)
    except UnicodeError:
        return None
    return bare


def verified_name(host: str) -> str:
    """Return the name or address that the certificate must have when a CA vouches for it."""
    return host.rstrip(".").partition("%")[0]
