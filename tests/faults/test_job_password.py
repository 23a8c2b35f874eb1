"""A job with a PIN (job-password, PWG 5100.11): it goes to the printer with it or not at all, and nobody sees it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.codes import Operation
from backend.ipp.message import Range, attribute
from backend.ipp.tags import Tag
from tests.faults.harness import DOCUMENT, Knowledge, Outcome, device_uri, own_certificate, places, run_backend
from tests.printer import Printer
from tests.secret_marks import PIN

pytestmark = pytest.mark.usefixtures("quickly")

PDF = b"%PDF-1.4\n" + b"x" * 2000 + b"\n%%EOF\n"
TAKES: dict[str, Any] = {"job-password-supported": attribute("job-password-supported", Tag.INTEGER, 16)}


def encryptions(*names: str) -> dict[str, Any]:
    """Return what a printer says that takes a PIN in these encryptions."""
    name = "job-password-encryption-supported"
    return {**TAKES, name: attribute(name, Tag.KEYWORD, *names)}


def print_pin(
    printer: Printer, options: str = f"job-password={PIN}", document: bytes = DOCUMENT, **more: Any
) -> Outcome:
    """Print a job with a PIN as cupsd hands it over, and look for the PIN wherever it must not be."""
    arguments = ("7", "somebody", "a title", "1", f"{options} finishings=3 number-up=1")
    with places() as folder:
        given: dict[str, Any] = {"folder": folder, "arguments": arguments, "knows": Knowledge(chunks=True), **more}
        outcome = run_backend(printer, document, **given)
        kept = [path for path in Path(folder).rglob("*") if path.is_file() and PIN.encode() in path.read_bytes()]
    assert not kept
    assert PIN not in str(outcome) and not [line for line in outcome.lines if line.fault]
    digests = [hashlib.new(name, PIN.encode()).hexdigest() for name in ("md5", "sha256", "sha512")]
    assert not any(digest in str(outcome) for digest in digests)
    for each in printer.operations:
        carries = each.message.get("job-password") or each.message.get("job-password-encryption")
        creates = each.message.code in (Operation.CREATE_JOB, Operation.PRINT_JOB)
        assert not carries or creates
        assert not carries or each.message.get("job-password", Tag.OPERATION_ATTRIBUTES)
    return outcome


def pin_of(printer: Printer) -> tuple[bytes, str]:
    """Return job-password and its encryption as the printed job has them."""
    (job,) = printer.printed
    return job.attributes["job-password"], job.attributes["job-password-encryption"]


SHA2, SHA3 = hashlib.sha256(PIN.encode()).digest(), hashlib.sha3_256(PIN.encode()).digest()


@pytest.mark.parametrize("missing, document", [("none", DOCUMENT), ("Create-Job", PDF)], ids=["pcl", "pdf"])
@pytest.mark.parametrize(
    "listed, value, encryption",
    [
        ((), PIN.encode(), "none"),
        (("none",), PIN.encode(), "none"),
        (("none", "md5", "sha2-256"), SHA2, "sha2-256"),
        (("md2", "sha2-256", "none"), SHA2, "sha2-256"),
        (("sha3-256", "sha"), SHA3, "sha3-256"),
        (("md4", "md5"), hashlib.md5(PIN.encode()).digest(), "md5"),
    ],
)
def test_the_pin_arrives(listed: tuple[str, ...], value: bytes, encryption: str, missing: str, document: bytes) -> None:
    """In the best encryption that both have, in Create-Job or Print-Job, whatever the document is."""
    said = encryptions(*listed) if listed else TAKES
    with Printer(certificate=own_certificate(), attributes=said, faults=f"missing={missing}") as printer:
        outcome = print_pin(printer, document=document)
        assert outcome.exit_code == 0, str(outcome)
        assert pin_of(printer) == (value, encryption)
    carriers = [each.name for each in printer.operations if each.message.get("job-password")]
    assert carriers == ["Print-Job" if missing == "Create-Job" else "Create-Job"]


def test_the_encryption_that_the_job_names() -> None:
    """It counts where the printer has it, as in CUPS's own backend; else the best."""
    for wanted, sent in (("md5", "md5"), ("sha2-512", "sha2-256"), ("rot13", "sha2-256")):
        with Printer(certificate=own_certificate(), attributes=encryptions("md5", "sha2-256")) as printer:
            assert print_pin(printer, f"job-password={PIN} job-password-encryption={wanted}").exit_code == 0
            assert pin_of(printer)[1] == sent


LENGTH = {
    "job-password-length-supported": attribute("job-password-length-supported", Tag.RANGE_OF_INTEGER, Range(4, 6))
}
DIGITS, LETTERS = (
    {name: attribute(name, Tag.KEYWORD, f"iana_us-ascii_{kind}")}
    for name, kind in (
        ("job-password-repertoire-configured", "digits"),
        ("job-password-repertoire-supported", "letters"),
    )
)
NO_OCTET = attribute("job-password-supported", Tag.INTEGER, 0)
HELD_BEFORE: dict[str, tuple[dict[str, Any], str, str]] = {
    "no job-password-supported": ({}, PIN, "cannot take one"),
    "job-password-supported=0": ({"job-password-supported": NO_OCTET}, PIN, "cannot take one"),
    "too long": ({"job-password-supported": attribute("job-password-supported", Tag.INTEGER, 4)}, PIN, "at most 4"),
    "longer than the range": ({**TAKES, **LENGTH}, PIN, "at most 6"),
    "shorter than the range": ({**TAKES, **LENGTH}, "7z5", "at least 4"),  # no part of a fingerprint
    "letters where digits are": ({**TAKES, **DIGITS}, "7351abcd", "other characters"),
    "digits where letters are": ({**TAKES, **LETTERS}, PIN, "other characters"),
    "not ASCII": (TAKES, "7351\u00e49264", "other characters"),
    "encryption not known": (encryptions("md2", "rc5", "shake-256"), PIN, "encryption"),
    "a blank in it": (TAKES, "7351 9264", "a part of it"),
    "a blank before it": (TAKES, " 73519264", "empty"),
    "a quote in it": (TAKES, "7351'9264", "a part of it"),
    "a backslash in it": (TAKES, "7351\\9264", "a part of it"),
    "a brace in it": (TAKES, "{73519264", "a part of it"),
    "a blank and a word in it": (TAKES, "7351 9264x", "a part of it"),
    "a blank and what looks like an option": (TAKES, "7351 x=9264", "a part of it"),
    "more of them": (TAKES, "7351 9264=x media=a4", "a part of it"),
    "and no option that is true": (TAKES, "7351 Pin=true", "a part of it"),
    "empty": (TAKES, "", "empty"),
}


@pytest.mark.parametrize("case", sorted(HELD_BEFORE))
def test_held_before_anything_is_sent(case: str) -> None:
    """What the printer cannot take is never printed without: exit 3, and the printer gets no job at all."""
    said, pin, reason = HELD_BEFORE[case]
    with Printer(certificate=own_certificate(), attributes=said) as printer:
        outcome = print_pin(printer, f"job-password={pin}")
        assert (outcome.exit_code, outcome.code, printer.jobs) == (3, "P24", []), str(outcome)
    assert reason in outcome.errors[-1] and len(outcome.errors[-1]) <= 160
    assert not pin or pin not in str(outcome)


def test_a_lost_connection_says_nothing_about_pins() -> None:
    """The printer may take one: it is the connection that the message is about."""
    faults = "at=rst@reply-status,only=Get-Printer-Attributes,skip=1"
    with Printer(certificate=own_certificate(), attributes=TAKES, faults=faults) as printer:
        outcome = print_pin(printer)
        assert (outcome.exit_code, outcome.code, printer.jobs) == (3, "N02", []), str(outcome)


@pytest.mark.parametrize("busy", ["busy=1@Get-Printer-Attributes", "answer=status:503,times=1,retry_after=0"])
def test_a_printer_that_is_busy_when_it_is_asked_about_pins_is_waited_for(busy: str) -> None:
    """The message said that it cannot take a PIN, and the job was held."""
    faults = f"{busy},only=Get-Printer-Attributes,skip=1"
    with Printer(certificate=own_certificate(), attributes=TAKES, faults=faults) as printer:
        outcome = print_pin(printer)
        assert (outcome.exit_code, outcome.code) == (0, "") and outcome.printed == 1, str(outcome)
        assert pin_of(printer) == (PIN.encode(), "none")


@pytest.mark.parametrize("missing", ["none", "Create-Job"])
@pytest.mark.parametrize("pin, copies", [("refuse", 1), ("unnamed", 1), ("told", 1)])
def test_a_printer_that_will_not_have_it(pin: str, copies: int, missing: str) -> None:
    """Refused by name or without, or ignored: the job is cancelled there and held, and its PIN was never left out."""
    faults = f"pin={pin},missing={missing},job_time=30"
    with Printer(certificate=own_certificate(), attributes=TAKES, faults=faults) as printer:
        outcome = print_pin(printer, f"job-password={PIN} sides=two-sided-long-edge", document=PDF)
        assert outcome.exit_code == 3 and outcome.printed == 0, str(outcome)
        late = pin == "told" and missing == "Create-Job"  # the answer comes with the document already there
        assert outcome.code == ("P09" if late else "P24"), str(outcome)
        assert all(job.state.is_final for job in printer.jobs)
        creations = [e for e in printer.operations if e.message.code in (Operation.CREATE_JOB, Operation.PRINT_JOB)]
        assert creations and all(each.message.get("job-password") for each in creations)


RETRIES = {
    "attributes refused": "strict=job-template",
    "Send-Document not there": "broken=Send-Document",
    "no number from Create-Job": "job_id=none",
    "bad request at first": "status=Create-Job:client-error-bad-request*1",
    "Create-Job refused": "status=Create-Job:server-error-operation-not-supported",
    "answer to Create-Job lost": "at=rst@reply-status,only=Create-Job,times=1",
    "answer to the document lost": "lose_reply=before-accept,only=documents,times=1",
    "chunks refused": "chunk=411",
    "busy": "busy=1@Create-Job",
    "aborted on the way": "at=rst@body-middle,only=documents,times=1",
    "odd user names refused": "strict=user-alnum",
}


@pytest.mark.parametrize("case", sorted(RETRIES))
def test_no_way_round_leaves_the_pin_out(case: str) -> None:
    """Whatever makes the job go out again: each request that makes a job has the PIN, and what prints has it."""
    with Printer(certificate=own_certificate(), attributes=encryptions("none"), faults=RETRIES[case]) as printer:
        uri = device_uri(printer, contimeout="30")
        outcome = print_pin(printer, f"job-password={PIN} sides=two-sided-long-edge", document=PDF, uri=uri)
        creations = [e for e in printer.operations if e.message.code in (Operation.CREATE_JOB, Operation.PRINT_JOB)]
        assert creations and all(each.message.get("job-password") for each in creations)
        assert outcome.exit_code == 0 and outcome.printed == 1, str(outcome)
        assert pin_of(printer) == (PIN.encode(), "none")


@pytest.mark.parametrize(
    "following", ["media=a4", "Duplex=None", "job-uuid=urn:uuid:1", "job-account-id=7", "Own=Upper"]
)
def test_what_may_follow_a_pin(following: str) -> None:
    """Options of CUPS, of IPP and of the queue's description leave no doubt where it ends."""
    with places() as folder, Printer(certificate=own_certificate(), attributes=TAKES) as printer:
        ppd = folder / "etc" / "faulty.ppd"
        ppd.write_text('*PPD-Adobe: "4.3"\n*OpenUI *Own: PickOne\n*DefaultOwn: None\n*Own Upper: ""\n*CloseUI: *Own\n')
        arguments = ("7", "somebody", "a title", "1", f"job-password={PIN} {following}")
        outcome = run_backend(printer, folder=folder, arguments=arguments, environ={"PPD": str(ppd)})
        assert outcome.exit_code == 0, str(outcome)
        assert pin_of(printer) == (PIN.encode(), "none")


def test_a_warning_beside_a_pin_has_no_values() -> None:
    """lp itself splits a PIN with a blank; what is behind it is an option then, and stands in no line."""
    with Printer(certificate=own_certificate(), attributes=TAKES) as printer:
        outcome = print_pin(printer, "job-password=12 media=a4 73519264=x x=73519264 output-bin=73519264")
    assert outcome.said("WARNING") == [
        f"{printer.uri().split('/')[2]} does not take output-bin, other options; printed without"
    ]


def test_a_job_without_a_pin_asks_for_none() -> None:
    """Nothing of it is asked or sent."""
    with Printer(certificate=own_certificate(), attributes=TAKES) as printer:
        assert print_pin(printer, "media=a4").exit_code == 0
        assert printer.operation_names.count("Get-Printer-Attributes") == 1
        assert not any(each.message.get("job-password") for each in printer.operations)


def test_a_job_that_is_to_wait_for_its_owner_is_held() -> None:
    """We cannot ask a printer for that; it gets nothing, not even an empty job."""
    with Printer(certificate=own_certificate()) as printer:
        arguments = ("7", "somebody", "a title", "1", "job-release-action=owner-authorized")
        outcome = run_backend(printer, DOCUMENT, arguments=arguments)
        assert (outcome.exit_code, outcome.code) == (3, "P28") and not printer.jobs, str(outcome)
