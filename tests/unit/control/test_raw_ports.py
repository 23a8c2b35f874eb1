"""ipps443ctl and ports on which printers print what comes: not even a handshake goes there."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from backend.device_uri import RAW_PORTS
from tests.unit.control.conftest import Desk


@pytest.mark.parametrize("port", sorted(RAW_PORTS))
@pytest.mark.parametrize("words", [("pin", "--yes"), ("verify",), ("probe",)])
def test_a_port_for_raw_data_gets_no_handshake(
    desk: Desk, port: int, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names one is told so, and nothing connects."""

    def connects(*ignored: Any, **named: Any) -> socket.socket:
        raise AssertionError("it connects")

    monkeypatch.setattr("backend.transport.tcp._connect_one", connects)
    desk.write(f"localhost:{port} cert-sha256:{'0' * 64}\n" if words[0] == "verify" else "# nothing\n")
    before = desk.text
    assert desk.run(words[0], f"localhost:{port}", *words[1:]) != 0
    assert f"port {port}" in desk.errors
    assert desk.text == before


def test_a_pin_of_such_a_port_can_still_be_taken_off(desk: Desk) -> None:
    """It may stand in an old file."""
    desk.write(f"localhost:9100 cert-sha256:{'0' * 64}\n")
    assert desk.run("unpin", "localhost:9100") == 0
    assert "9100" not in (desk.text or "")
