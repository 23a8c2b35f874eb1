"""filters.scs.controls: each control by its code, how long it is, and where to go on after a damaged one."""

from __future__ import annotations

import pytest

from filters.scs.controls import CONTROLS, Incomplete, after_damage, claims_too_much, describe_unknown, find_control
from filters.scs.controls import length_at, parameters_of

#: In the order of the table: the beginning of each, and its name.
CODES = """
    00 NUL 05 HT 06 RNL 09 SPS 0A RPT 0B VT 0C FF 0D CR 0E SO 0F SI 14 ENP 15 NL 16 BS 1A UBS 1C IFS 1D IGS 1E IRS
    1F IUS 23 WUS 24 INP 25 LF 2A SW 2F BEL 33 IR 36 NBS 38 SBS 39 IT 3A RFF 3F SUB 04 VCS 08 GE 28 SA 03 ATRN 35 TRN
    34C0 AHPP 34C4 AVPP 34C8 RHPP 344C RVPP 2BC102 SHF 2BC202 SVF 2BC602 SLD 2BC802 SGEA 2BFE02 LAC
    2BD10201 SCG 2BD10203 SCGL 2BD10205 SFG 2BD10281 SCGL 2BD10287 SFFC 2BD1028A BES 2BD1028E EES
    2BD20201 STAB 2BD20203 JTF 2BD20207 SIL 2BD20209 SLS 2BD2020B RLM 2BD2020D SJM 2BD20211 SHM 2BD20215 SSLD
    2BD20229 SCD 2BD20240 SPPS 2BD20245 SIC 2BD20248 PPM 2BD20249 SVM 2BD2024C SPSU 2BD20285 SEA 2BD302F6 STO
    2BD4020A BUS 2BD4020E EUS 2BD40272 BOS 2BD40276 EOS 2BFD0200 DGL 2BFD0201 SCSO 2BFD0202 SFSS 2BFD0203 SPCC
""".split()


def test_each_control() -> None:
    """All of the table are found by their codes, and nothing else is."""
    found = [find_control(bytes.fromhex(code)) for code in CODES[::2]]
    assert [control.name if control else "" for control in found] == CODES[1::2]
    assert found == [*CONTROLS]
    for code in ("07", "34C1", "2BC3", "2BC3 02", "2BD2 01", "2BD2 0200", "2BD4 0201"):
        assert find_control(bytes.fromhex(code)) is None


@pytest.mark.parametrize(
    "control, parameters, unknown",
    [
        ("05", "", "05"),
        ("34 C0 0A", "0A", "34 C0"),
        ("04 81", "81", "04"),
        ("08 41", "41", "08"),
        ("28 41 F1", "41 F1", "28"),
        ("03 00", "", "03"),
        ("35 02 C1 C2", "C1 C2", "35"),
        ("2B C1 00", "", "2B C1"),
        ("2B C1 01", "", "2B C1"),
        ("2B C1 02 50", "50", "2B C1"),
        ("2B D2 01", "", "2B D2"),
        ("2B D2 04 29 00 0A", "00 0A", "2B D2 29"),
        ("2B FD 04 01 00 02", "00 02", "2B FD 01"),
        ("2B D5 04 29 00 0A", "29 00 0A", "2B D5"),
    ],
)
def test_lengths(control: str, parameters: str, unknown: str) -> None:
    """A control ends where it says, wherever it stands, and not before."""
    data = bytes.fromhex(control)
    assert length_at(data, 0) == length_at(b"\x35" + data + b"\x40\x40", 1) == len(data)
    for size in range(1, len(data)):
        with pytest.raises(Incomplete):
            length_at(data[:size], 0)
    assert (parameters_of(data).hex(" ").upper(), describe_unknown(data)) == (parameters, unknown)


@pytest.mark.parametrize(
    "within, too_much", [("2BC102", True), ("34C04181C1", True), ("34C041C1", False), ("40", False)]
)
def test_controls_within_others(within: str, too_much: bool) -> None:
    """What has another within it is damaged; its own beginning does not count."""
    assert claims_too_much(bytes.fromhex("3540" + within)) is too_much
    assert not claims_too_much(bytes.fromhex("2BC10240"))


@pytest.mark.parametrize(
    "data, place",
    [
        (b"\x2b" + b"\x40" * 11 + b"\x15", 12),
        (b"\x2b" + b"\x40" * 12 + b"\x15", 3),
        (b"\x2b\x2b", 1),
        (b"\x2b\x0c", 1),
        (b"\x2b\x40\x34", 2),
        (b"\x2b\x40", 2),
        (b"\x2b\x40\x40", 3),
        (b"\x2b\x40\x40\x40", 3),
    ],
)
def test_after_damage(data: bytes, place: int) -> None:
    """At the next control if it is within twelve bytes, else behind three."""
    assert after_damage(data, 0) == after_damage(b"\x15" + data, 1) - 1 == place
