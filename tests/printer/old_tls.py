"""A TLS 1.2 server of our own, for what OpenSSL 3 can no longer be. RFC 5246, RFC 5288.

The printer of quirk Q-54 is played with it: without secure renegotiation, its ServerHello has no renegotiation_info
(RFC 5746). One suite, for RSA certificates; no resumption, no client certificates. For tests on loopback only: nothing
here resists an attacker.

    client                               server
    ClientHello             -------->    ServerHello, Certificate, ServerHelloDone
    ClientKeyExchange
    ChangeCipherSpec, Finished ----->    ChangeCipherSpec, Finished

A record is type 1 | version 2 | length 2 | fragment; an encrypted fragment is explicit nonce 8 | ciphertext | tag 16.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import struct
from typing import Any

from tests.printer.certificates import Certificate
from tests.printer.hello import parse_client_hello

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
SERVER_HELLO, CERTIFICATE, SERVER_HELLO_DONE, FINISHED = 2, 11, 14, 20
VERSION = b"\x03\x03"
MOST_IN_RECORD = 16384

SUITE, SUITE_NAME = 0x009C, "AES128-GCM-SHA256"


class OldTLS:
    """The server's end of a connection; ``recv``, ``sendall`` and ``unwrap`` are as those of an SSLSocket."""

    def __init__(self, raw: socket.socket, certificate: Certificate) -> None:
        self.raw = raw
        self.certificate = certificate
        self._messages = b""  # all handshake messages so far, for Finished
        self._handshake = bytearray()
        self._plain = bytearray()
        self._read_key: _Key | None = None
        self._write_key: _Key | None = None

    # --- the handshake ---

    def do_handshake(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key: Any = load_pem_private_key(self.certificate.key_pem, None)
        hello = parse_client_hello(self._next_message())
        if hello is None or SUITE not in hello.suites:
            raise OSError("no ClientHello with this suite")
        client_random = self._messages[6:38]  # after type, length and version
        server_random = os.urandom(32)
        self._send_message(SERVER_HELLO, VERSION + server_random + b"\x00" + struct.pack(">H", SUITE) + b"\x00")
        self._send_message(CERTIFICATE, _vector(_vector(self.certificate.der, 3), 3))
        self._send_message(SERVER_HELLO_DONE, b"")
        premaster = key.decrypt(self._next_message()[6:], PKCS1v15())
        master = prf(premaster, b"master secret", client_random + server_random, 48)
        self._change_keys(master, server_random + client_random)

    def _change_keys(self, master: bytes, randoms: bytes) -> None:
        """Read the client's ChangeCipherSpec and Finished, send ours."""
        block = prf(master, b"key expansion", randoms, 40)
        if self._next_record()[0] != CHANGE_CIPHER_SPEC:
            raise OSError("no ChangeCipherSpec")
        self._read_key = _Key(block[:16], block[32:36])
        expected = self._verify_data(master, b"client finished")
        if self._next_message()[4:] != expected:
            raise OSError("wrong Finished")
        self._send_record(CHANGE_CIPHER_SPEC, b"\x01")
        self._write_key = _Key(block[16:32], block[36:40])
        self._send_message(FINISHED, self._verify_data(master, b"server finished"))

    def _verify_data(self, master: bytes, label: bytes) -> bytes:
        return prf(master, label, hashlib.sha256(self._messages).digest(), 12)

    # --- the conversation ---

    def recv(self, limit: int) -> bytes:
        """Application data; none after close_notify or the end of TCP."""
        while not self._plain:
            kind, content = self._next_record()
            if kind == APPLICATION_DATA:
                self._plain += content
            elif kind == ALERT:
                return b""
        found = bytes(self._plain[:limit])
        del self._plain[:limit]
        return found

    def sendall(self, data: bytes) -> None:
        for at in range(0, len(data), MOST_IN_RECORD):
            self._send_record(APPLICATION_DATA, data[at : at + MOST_IN_RECORD])

    def unwrap(self) -> None:
        self._send_record(ALERT, b"\x01\x00")

    def settimeout(self, seconds: float | None) -> None:
        self.raw.settimeout(seconds)

    # --- records ---

    def _send_message(self, kind: int, body: bytes) -> None:
        message = bytes([kind]) + _vector(body, 3)
        self._messages += message
        self._send_record(HANDSHAKE, message)

    def _next_message(self) -> bytes:
        while len(self._handshake) < 4 or len(self._handshake) < 4 + int.from_bytes(self._handshake[1:4], "big"):
            kind, content = self._next_record()
            if kind != HANDSHAKE:
                raise OSError(f"record of type {kind} in the handshake: {content[:2].hex()}")
            self._handshake += content
        length = 4 + int.from_bytes(self._handshake[1:4], "big")
        message = bytes(self._handshake[:length])
        del self._handshake[:length]
        self._messages += message
        return message

    def _send_record(self, kind: int, content: bytes) -> None:
        if self._write_key is not None:
            content = self._write_key.seal(kind, content)
        self.raw.sendall(bytes([kind]) + VERSION + _vector(content, 2))

    def _next_record(self) -> tuple[int, bytes]:
        head = self._exactly(5)
        if not head:
            return ALERT, b"\x01\x00"
        content = self._exactly(int.from_bytes(head[3:5], "big"))
        return head[0], self._read_key.open(head[0], content) if self._read_key else content

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            block = self.raw.recv(count - len(found))
            if not block:
                return b""
            found += block
        return found


class _Key:
    """AES-128-GCM in one direction: RFC 5288 section 3."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.cipher = AESGCM(key)
        self.salt = salt
        self.sequence = 0

    def _header(self, kind: int, length: int) -> bytes:
        header = struct.pack(">QB", self.sequence, kind) + VERSION + struct.pack(">H", length)
        self.sequence += 1
        return header

    def seal(self, kind: int, content: bytes) -> bytes:
        explicit = struct.pack(">Q", self.sequence)
        return explicit + self.cipher.encrypt(self.salt + explicit, content, self._header(kind, len(content)))

    def open(self, kind: int, sealed: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            header = self._header(kind, len(sealed) - 24)
            return bytes(self.cipher.decrypt(self.salt + sealed[:8], sealed[8:], header))
        except InvalidTag as error:
            raise OSError("a record that is not the client's") from error


def prf(secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """The pseudorandom function with SHA-256: RFC 5246 section 5."""
    seed = label + seed
    a, out = seed, b""
    while len(out) < length:
        a = hmac.digest(secret, a, "sha256")
        out += hmac.digest(secret, a + seed, "sha256")
    return out[:length]


def _vector(data: bytes, size: int) -> bytes:
    """Data with its length before it."""
    return len(data).to_bytes(size, "big") + data
