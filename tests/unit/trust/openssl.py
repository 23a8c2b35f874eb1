"""OpenSSL's own view of a certificate, through ctypes: the key of the structure that a handshake uses."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=None)
def _library() -> Any:
    """Return libcrypto; the one that Python's ssl has loaded, because it has the same name."""
    library = ctypes.CDLL(ctypes.util.find_library("crypto"))
    pointer, size = ctypes.c_void_p, ctypes.c_long
    text = ctypes.POINTER(ctypes.c_char_p)
    library.d2i_X509.restype, library.d2i_X509.argtypes = pointer, [pointer, text, size]
    library.X509_get_X509_PUBKEY.restype, library.X509_get_X509_PUBKEY.argtypes = pointer, [pointer]
    library.i2d_X509_PUBKEY.restype, library.i2d_X509_PUBKEY.argtypes = ctypes.c_int, [pointer, pointer]
    library.X509_get0_pubkey.restype, library.X509_get0_pubkey.argtypes = pointer, [pointer]
    library.X509_free.restype, library.X509_free.argtypes = None, [pointer]
    library.ERR_clear_error.restype, library.ERR_clear_error.argtypes = None, []
    return library


def openssl_spki(der: bytes) -> tuple[bool, bytes | None]:
    """Return whether OpenSSL takes the bytes, all of them, as a certificate with a key that it can use; and its key.

    The key is None when it takes them and cannot use the key: no handshake is made with such a certificate.
    """
    library = _library()
    at = ctypes.c_char_p(der)
    begin = ctypes.cast(at, ctypes.c_void_p).value or 0
    certificate = library.d2i_X509(None, ctypes.byref(at), len(der))
    library.ERR_clear_error()
    if not certificate:
        return False, None
    try:
        if (ctypes.cast(at, ctypes.c_void_p).value or 0) - begin != len(der):
            return False, None
        usable = library.X509_get0_pubkey(certificate)
        library.ERR_clear_error()
        key = library.X509_get_X509_PUBKEY(certificate)
        buffer = ctypes.create_string_buffer(library.i2d_X509_PUBKEY(key, None))
        end = ctypes.c_void_p(ctypes.addressof(buffer))
        library.i2d_X509_PUBKEY(key, ctypes.byref(end))
        return True, buffer.raw if usable else None
    finally:
        library.X509_free(certificate)
