"""Job attributes and copies: printers that take them, refuse them, or ignore them. Q-94, Q-112, Q-113."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.faults.harness import JOB_UUID, Outcome, Run, comes_from_another_cupsd, device_uri, own_certificate
from tests.faults.harness import places, record_in, run_backend
from tests.printer import Printer

pytestmark = pytest.mark.usefixtures("quickly")

PDF = b"%PDF-1.4\nthe document \x0c in one page\n%%EOF\n"
PCL = b"\x1bEthe document\x0c\x1bE"
QUESTION = "only=Get-Printer-Attributes"
FILTERED = {"FINAL_CONTENT_TYPE": "application/pdf"}
RAW = {"FINAL_CONTENT_TYPE": "application/vnd.cups-raw"}


def options(text: str, copies: int = 1) -> tuple[str, ...]:
    """Return the arguments of a job."""
    return ("7", "somebody", "a title", str(copies), f"job-uuid={JOB_UUID} {text}")


def print_pdf(printer: Printer, text: str, **more: Any) -> Outcome:
    """Print a PDF that comes from the filters."""
    return run_backend(printer, PDF, arguments=options(text), environ=FILTERED, **more)


def print_with(printer: Printer, description: str, text: str, document: bytes = PDF, **environ: str) -> Outcome:
    """Print on a queue with a description of these lines."""
    with places() as folder:
        ppd = folder / "etc" / "faulty.ppd"
        ppd.write_text('*PPD-Adobe: "4.3"\n' + description)
        given = {**FILTERED, "PPD": str(ppd), **environ}
        return run_backend(printer, document, arguments=options(text), environ=given, folder=folder)


def print_file(printer: Printer, document: bytes, text: str, copies: int, folder: Path, **more: Any) -> Outcome:
    """Print a file in several copies."""
    path = folder / "document"
    path.write_bytes(document)
    given: dict[str, Any] = {"files": (str(path),), "folder": folder, **more}
    return run_backend(printer, document, arguments=options(text, copies), environ=RAW, **given)


def template(printer: Printer, job: int = 0) -> dict[str, Any]:
    """Return the Job Template attributes of a job."""
    return {each.name: each.value for each in printer.jobs[job].template}


def warnings(outcome: Outcome) -> str:
    """Return all warnings on one line."""
    return " ".join(outcome.said("WARNING"))


@pytest.mark.parametrize("operation", ["Create-Job", "Print-Job"])
def test_options_reach_the_printer(operation: str) -> None:
    """The request that makes the job carries its options, once each; the one that carries the document does not."""
    faults = "strict=duplicate-attribute" + (",missing=Create-Job" if operation == "Print-Job" else "")
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = print_pdf(printer, "sides=two-sided-long-edge media=iso_a5_148x210mm,tray-2 print-quality=5")
    assert (outcome.exit_code, outcome.printed, warnings(outcome)) == (0, 1, "")
    assert set(template(printer)) == {"sides", "media-col", "print-quality"}
    carriers = [each.name for each in printer.operations if each.message.group(Tag.JOB_ATTRIBUTES)]
    assert carriers == [operation]


def test_pcl_needs_no_attributes() -> None:
    """PCL says itself what it wants; the printer is not even asked what it supports (Q-114)."""
    with Printer(certificate=own_certificate()) as printer:
        outcome = run_backend(printer, PCL, arguments=options("sides=two-sided-long-edge"), environ=RAW)
    assert outcome.exit_code == 0 and template(printer) == {}
    assert printer.operation_names.count("Get-Printer-Attributes") == 1


def test_what_the_printer_does_not_take_is_told() -> None:
    """A wish that cannot be met is one WARNING, and the job prints."""
    with Printer(certificate=own_certificate()) as printer:
        outcome = print_pdf(printer, "print-color-mode=color output-bin=face-up sides=two-sided-long-edge")
    assert (outcome.exit_code, outcome.printed, set(template(printer))) == (0, 1, {"sides"})
    (warning,) = outcome.said("WARNING")
    assert "output-bin=face-up" in warning and "print-color-mode=color" in warning and "sides" not in warning


@pytest.mark.parametrize("faults", ["", "missing=Create-Job"])
@pytest.mark.parametrize("strict", ["job-template", "media-col"])
def test_a_printer_that_refuses_attributes(faults: str, strict: str) -> None:
    """The job is sent without what was refused, once, and a WARNING says so (Q-112)."""
    with Printer(certificate=own_certificate(), faults=f"strict={strict},{faults}".strip(",")) as printer:
        outcome = print_pdf(printer, "media=iso_a5_148x210mm,tray-2")
    assert (outcome.exit_code, outcome.printed, outcome.same, template(printer)) == (0, 1, True, {})
    assert "refuses media-col; the job is sent without" in warnings(outcome)


def test_no_answer_about_abilities() -> None:
    """A printer that breaks off when it is asked what it supports gets what the job asks for, and no defaults."""
    faults = "at=rst@reply-status,only=Get-Printer-Attributes,skip=1,times=2"
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = print_with(printer, "*DefaultPageSize: A4\n*DefaultDuplex: None\n", "print-quality=5")
    assert (outcome.exit_code, outcome.printed) == (0, 1)
    assert template(printer) == {"print-quality": 5}


@pytest.mark.parametrize(
    "faults, questions", [("", [2, 1, 1]), (f"at=rst@reply-status,{QUESTION},skip=2,times=1", [2, 3, 2])]
)
def test_a_known_printer_is_asked_once(faults: str, questions: list[int]) -> None:
    """What it is and what it supports are one question from the second job on; two again once it breaks off there."""
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        for job in (1, 2, 3):
            before = printer.operation_names.count("Get-Printer-Attributes")
            asked = options("sides=two-sided-long-edge print-color-mode=color")
            outcome = run_backend(printer, PDF, arguments=asked, environ=FILTERED, folder=folder)
            assert (outcome.exit_code, outcome.printed) == (0, job)
            assert template(printer) == {"sides": "two-sided-long-edge"} and "print-color-mode" in warnings(outcome)
            made = printer.operation_names.count("Get-Printer-Attributes") - before
            assert made == questions[job - 1]


def test_defaults_of_the_queue() -> None:
    """What the web interface has set in the description of the queue is sent."""
    with Printer(certificate=own_certificate()) as printer:
        outcome = print_with(printer, "*DefaultPageSize: Letter\n*DefaultDuplex: DuplexTumble\n", "")
    assert outcome.exit_code == 0
    assert template(printer) == {"media": "na_letter_8.5x11in", "sides": "two-sided-short-edge"}


# --- what no page language carries ---------------------------------------------------------------------------


def listing(**values: tuple[Any, ...]) -> dict[str, Any]:
    """Return what a printer says that it supports."""
    tags = {"finishings": Tag.ENUM}
    names = {name.replace("_", "-"): each for name, each in values.items()}
    return {
        f"{name}-supported": attribute(f"{name}-supported", tags.get(name, Tag.KEYWORD), *each)
        for name, each in names.items()
    }


FINISHER = {
    **listing(finishings=(3, 4, 20), output_bin=("face-down", "stacker-1"), print_color_mode=("color", "monochrome")),
    "job-account-id-supported": attribute("job-account-id-supported", Tag.BOOLEAN, True),
    "job-accounting-user-id-supported": attribute("job-accounting-user-id-supported", Tag.BOOLEAN, False),
}
POSTSCRIPT = b"%!PS-Adobe-3.0\nshowpage\n%%EOF\n"
#: Options that cupsd or a filter has seen to, as desktops and cupsd send them.
USUAL = (
    "finishings=3 number-up=1 print-color-mode=monochrome job-originating-host-name=localhost date-time-at-creation= "
    "time-at-creation=1795899336 cpi=12 fit-to-page Collate=True outputorder=reverse job-sheets=none,none media=A4 "
    "AP_D_InputSlot= com.apple.print.DocumentTicket.x=1 nocollate page-left=36 sides=one-sided Resolution=600dpi"
)


#: What is asked for -> what the printer gets, and what a WARNING names.
NOT_CARRIED: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("finishings=20", {"finishings": 20}, ()),
    ("finishings=4,20", {"finishings": 4}, ()),
    ("OutputBin=Stacker1", {"output-bin": "stacker-1"}, ()),
    ("output-mode=monochrome print-color-mode=color", {"print-color-mode": "monochrome"}, ()),
    ("StapleLocation=UpperLeft", {}, ("StapleLocation=UpperLeft",)),
    ("HPPunch=2Hole finishings=20 XRFold=BiFold", {"finishings": 20}, ("HPPunch=2Hole", "XRFold=BiFold")),
    ("job-account-id=Dept.7-B", {"job-account-id": "Dept.7-B"}, ()),
    ("job-accounting-user-id=anna", {}, ("job-accounting-user-id=anna",)),
    ("presentation-direction-number-up=toleft-tobottom number-up=1", {}, ()),
    ("presentation-direction-number-up=toleft-tobottom number-up=2", {}, ("toleft-tobottom",)),
    ("print-content-optimize=auto print-rendering-intent=auto print-scaling=auto media-type=auto", {}, ()),
    ("pserrorhandler-requested=standard com.apple.print.x=1", {}, ()),
    ("StapleLocation=None Punch=Off HPBooklet=False", {}, ()),
    (USUAL, {}, ()),
)


@pytest.mark.parametrize("number, asked, sent, warned", [(number, *row) for number, row in enumerate(NOT_CARRIED)])
def test_what_no_page_language_carries(number: int, asked: str, sent: dict[str, Any], warned: tuple[str, ...]) -> None:
    """It is sent where the printer has it, and named in one WARNING where it has not; nobody is warned of the rest.

    What each language carries: tests/unit/backend/job/test_options.py; here the rows have them by turns.
    """
    document = (PCL, POSTSCRIPT, PDF)[number % 3]
    with Printer(certificate=own_certificate(), attributes=FINISHER) as printer:
        outcome = run_backend(printer, document, arguments=options(asked), environ=RAW)
        assert (outcome.exit_code, outcome.printed) == (0, 1), str(outcome)
        got = {
            name: value
            for name, value in template(printer).items()
            if name in (*sent, "finishings", "output-bin", "job-account-id")
        }
    assert got == sent
    (warning, *more) = outcome.said("WARNING") or [""]
    assert not more and all(word in warning for word in warned) and bool(warning) == bool(warned)


@pytest.mark.parametrize("asked, value", [("Staple=Upper", 20), ("Staple=Left", 4), ("Staple=None", None)])
def test_a_vendor_description_that_translates(asked: str, value: int | None) -> None:
    """cupsIPPFinishings says what a vendor's choice is in IPP."""
    description = (
        '*OpenUI *Staple: PickOne\n*DefaultStaple: None\n*Staple Upper: ""\n*Staple Left: ""\n'
        '*cupsIPPFinishings 20/staple-top-left: "*Staple Upper"\n*cupsIPPFinishings 4/staple: "*Staple Left"\n'
    )
    with Printer(certificate=own_certificate(), attributes=FINISHER) as printer:
        outcome = print_with(printer, description, asked)
        assert outcome.exit_code == 0 and template(printer).get("finishings") == value, str(outcome)
    assert not warnings(outcome)


def test_a_choice_that_a_description_does_not_translate() -> None:
    """With PDF nothing carries it; PostScript has it from CUPS's own filters."""
    description = '*OpenUI *Trim: PickOne\n*DefaultTrim: None\n*Trim Edge: "(x) trim"\n'
    for document, warned in ((PDF, True), (POSTSCRIPT, False)):
        with Printer(certificate=own_certificate(), attributes=FINISHER) as printer:
            outcome = print_with(printer, description, "Trim=Edge", document, CONTENT_TYPE="", FINAL_CONTENT_TYPE="")
        assert outcome.exit_code == 0 and ("Trim=Edge" in warnings(outcome)) == warned, str(outcome)


@pytest.mark.parametrize("missing", ["none", "Create-Job"])
def test_a_grey_two_sided_job_stays_so(missing: str) -> None:
    """A printer that refuses media-col, and does not say that, loses media-col and nothing else."""
    with Printer(certificate=own_certificate(), faults=f"strict=media-col,missing={missing}") as printer:
        asked = "sides=two-sided-long-edge print-color-mode=monochrome media=iso_a5_148x210mm,tray-2 print-quality=5"
        outcome = print_pdf(printer, asked)
        assert outcome.exit_code == 0 and outcome.printed == 1, str(outcome)
        (printed,) = printer.printed
        kept = {each.name: each.value for each in printed.template}
    assert kept == {"sides": "two-sided-long-edge", "print-color-mode": "monochrome", "print-quality": 5}


# --- copies -------------------------------------------------------------------------------------------------

ONE_COPY = "copies=1-1"
#: A printer without copies-supported.
SILENT = "missing_attributes=copies-supported"


@pytest.mark.parametrize(
    "document, faults, jobs, copies",
    [
        (PDF, "", 1, 3),
        (PDF, "missing=Create-Job", 1, 3),
        (PDF, ONE_COPY, 3, 1),
        (PDF, SILENT, 3, 1),
        (PDF, "strict=job-template", 3, 1),
        (PCL, "", 3, 1),
        # It has taken the attributes with Create-Job, and means something else.
        (PDF, "status=Send-Document:client-error-attributes-or-values-not-supported", 1, 3),
    ],
)
def test_copies_of_a_file(document: bytes, faults: str, jobs: int, copies: int) -> None:
    """Three copies come out: by an attribute where document and printer are fit for it, else one after the other."""
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = print_file(printer, document, "", 3, folder)
        assert outcome.exit_code == 0, str(outcome)
        assert (len(printer.printed), [job.copies for job in printer.printed]) == (jobs, [copies] * jobs)
        assert sum(job.pages for job in printer.printed) == 3


@pytest.mark.parametrize("operation", ["Create-Job", "Print-Job"])
def test_copies_that_the_printer_ignores(operation: str) -> None:
    """A printer that takes the job and says that it ignores copies gets the other ones as well."""
    more = ",missing=Create-Job" if operation == "Print-Job" else ""
    with places() as folder, Printer(certificate=own_certificate(), faults="copies=told" + more) as printer:
        outcome = print_file(printer, PDF, "", 3, folder)
        assert outcome.exit_code == 0 and len(printer.printed) == 3, str(outcome)
        assert sum(job.pages for job in printer.printed) == 3
    assert "ignores copies" in warnings(outcome)


def was_interrupted(folder: Path, **more: Any) -> None:
    """Make of the record what a run leaves behind that was killed after the printer had taken its document."""
    path = record_in(folder / "cache" / "ipps443")
    changes = {"index": 0, "phase": "accepted", "job_id": 1, "printed": 0, "status": None, **more}
    comes_from_another_cupsd(path.rename(path.with_name(path.name.replace("ended-", "job-"))), **changes)


@pytest.mark.parametrize("wanted", [3, 2, 5])
def test_a_run_that_takes_up_copies(wanted: int) -> None:
    """A run that was killed after the printer had taken three copies prints only what is missing."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        uri = device_uri(printer)
        first = print_file(printer, PDF, "", 3, folder, uri=uri)
        assert first.exit_code == 0
        was_interrupted(folder, printer=f"ipps://localhost:{printer.port}/ipp/print", copies=3)
        second = print_file(printer, PDF, "", wanted, folder, uri=uri)
        assert second.exit_code == 0, str(second)
        assert [job.copies for job in printer.printed] == ([3] if wanted <= 3 else [3, 2])


def test_two_interruptions() -> None:
    """What the printer was found to make of an adopted job stays written down: it ignores copies, two are missing."""

    def killed(run: Run) -> None:
        if run.said("Waiting for the printer to finish"):
            os.kill(run.pid, signal.SIGKILL)

    with places() as folder, Printer(certificate=own_certificate(), faults="copies=told,page_time=1.5") as printer:
        uri = device_uri(printer)
        for _ in range(2):
            print_file(printer, PDF, "", 3, folder, uri=uri, watch=killed)
            assert json.loads(record_in(folder / "cache" / "ipps443").read_text())["copies"] == 1
        last = print_file(printer, PDF, "", 3, folder, uri=uri)
        assert last.exit_code == 0 and sum(job.pages for job in printer.printed) == 3, str(last)


def test_a_lost_answer_may_have_told_that_copies_are_ignored() -> None:
    """A job whose Create-Job was not answered is not used for several copies."""
    faults = "at=rst@reply-status,only=Create-Job,times=1,copies=told"
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = print_file(printer, PDF, "", 3, folder)
        assert outcome.exit_code == 0 and sum(job.pages for job in printer.printed) == 3, str(outcome)


def test_a_failure_after_the_first_copy() -> None:
    """What is printed is not printed again by the next run or the next member of a class: the job is held."""
    faults = "busy=always@Get-Printer-Attributes,only=Get-Printer-Attributes,skip=1"
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = print_file(printer, PCL, "", 2, folder)
        assert (outcome.exit_code, outcome.code, len(printer.printed)) == (3, "P14", 1), str(outcome)
        assert "1 document or copy is printed" in outcome.errors[-1]


def test_an_odd_option_does_not_stop_the_queue() -> None:
    """Whatever a user writes, the job prints."""
    with Printer(certificate=own_certificate(), faults="missing_attributes=media-type-supported") as printer:
        outcome = print_pdf(printer, "media-type=x!y")
    assert (outcome.exit_code, outcome.printed) == (0, 1) and "media-type=x!y" in warnings(outcome)
