"""TLS of the scripted printer: what no test of the backend would miss if a switch did nothing."""

from __future__ import annotations

import ssl

import pytest

from tests.printer import Printer, make_certificate
from tests.unit.printer_tests.client import Client, attributes_request, trusting


def offering(printer: Printer, version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client's context with this version, and everything that is weak allowed."""
    context = trusting(printer)
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("suite, name", [("rsa-aes128-cbc", "AES128-SHA"), ("rsa-aes128-gcm", "AES128-GCM-SHA256")])
def test_only_one_suite_is_spoken(suite, name):
    """The suite is what was asked for (Q-53)."""
    with Printer(make_certificate(key="rsa2048"), faults=f"suite={suite},tls=1.2") as printer:
        with Client(printer, context=offering(printer, ssl.TLSVersion.TLSv1_2)) as client:
            assert (client.tls.cipher() or ("none",))[0] == name


@pytest.mark.parametrize("fault, resumed", [("resume=on", True), ("resume=off", False)])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed_only_if_wanted(fault, resumed, version):
    """resume=on lets a session be used again, also after the certificate has changed (Q-71); off never does."""
    with Printer(faults=fault) as printer:
        context = offering(printer, version)
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
