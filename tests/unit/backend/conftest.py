"""Fixtures of the backend's tests."""

from tests.unit.backend.tls_peer import certificate

__all__ = ["certificate"]
