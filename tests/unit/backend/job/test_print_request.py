"""backend.job.print_request: what a printer is asked for, from a job, the beginning of a document and its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from backend.device_uri import parse_device_uri
from backend.document.joined import OURS
from backend.errors import ConnectionLost, JobPasswordNotTaken, JobReleaseNotTaken, PrinterBusy
from backend.http.exchange import Response
from backend.ipp.codes import Status
from backend.ipp.message import Attribute, Group, Message, Range, attribute
from backend.ipp.tags import Tag
from backend.job.cups_job import CupsJob
from backend.job.print_request import Wanted, kind_of, make_print_request, name_job
from backend.printer.capabilities import Capabilities
from backend.printer.learned import Facts
from backend.printer.printer import Printer, Reply
from filters.common.job import JobPassword, parse_job
from filters.common.report import Report

UEL, PCL, PDF = b"\x1b%-12345X", "application/vnd.hp-PCL", "application/pdf"
MARK = "0123456789ab"


class ScriptedPrinter:
    """A printer that lists some attributes, or does not answer."""

    def __init__(self, *abilities: Attribute, silent: bool = False) -> None:
        self.name = "printer"
        self.uri = parse_device_uri("ipps443://printer:8443/ipp/print")
        self.answer = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, abilities),))
        self.silent = silent
        self.questions: list[tuple[str, ...]] = []
        self.disconnected = 0

    def get_attributes(self, attributes: tuple[str, ...]) -> Reply:
        self.questions.append(attributes)
        if self.silent:
            raise ConnectionLost(self.name, "asking", "it hung up")
        return Reply(cast(Any, None), self.answer)

    def disconnect(self) -> None:
        self.disconnected += 1


def capabilities(*formats: str, device_id: str = "", facts: Facts = Facts()) -> Capabilities:
    """Return what a printer says of its formats."""
    said = [attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, *formats)] if formats else []
    said += [attribute("printer-device-id", Tag.TEXT_WITHOUT_LANGUAGE, device_id)] if device_id else []
    return Capabilities(Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, tuple(said)),)), facts)


def request(
    printer: ScriptedPrinter,
    options: str = "",
    *,
    kind: str = PCL,
    head: bytes = UEL,
    copies: int = 1,
    files: tuple[str, ...] = (),
    formats: tuple[str, ...] = (PCL, PDF),
    device_id: str = "",
    facts: Facts = Facts(),
    warnings: list[str] | None = None,
) -> Any:
    """Return the request for a document of a job with some options."""
    report = Report()
    job = parse_job(["ipps443", "7", "anna", "Report", str(copies), options, *files], {"PRINTER": "office"})
    said: list[str] = [] if warnings is None else warnings
    wanted = Wanted(f"Report {MARK}", kind, head, None, copies)
    cups_job = CupsJob(job, {"PRINTER": "office"}, report)
    takes = capabilities(*formats, device_id=device_id, facts=facts)
    return make_print_request(wanted, cups_job, cast(Printer, printer), takes, report=report, warn=said.append)


@pytest.mark.parametrize(
    "document, index, is_part, name",
    [
        (1, 0, True, f"Report {MARK}"),
        (1, 0, False, f"Report {MARK}"),
        (2, 0, True, f"Report (2) {MARK}"),
        (1, 1, False, f"Report (2) {MARK}"),
        (1, 1, True, f"Report (1.2) {MARK}"),
        (2, 1, True, f"Report (2.2) {MARK}"),
        (2, 2, False, f"Report (2.3) {MARK}"),
    ],
)
def test_names_tell_documents_and_copies_apart(document: int, index: int, is_part: bool, name: str) -> None:
    """Two jobs at the printer for one of ours never have the same name, and each ends in its mark."""
    assert name_job("Report", MARK, document, index, is_part=is_part) == name


def test_a_long_title_leaves_room_for_the_mark() -> None:
    """A job whose mark was cut off could not be found again."""
    assert name_job("ä" * 400, MARK, 2, 1, is_part=True).endswith(f" (2.2) {MARK}")


@pytest.mark.parametrize(
    "head, number, kind",
    [
        (b"%PDF-1.4", 1, PCL),  # cupsd's word is about the first
        (b"%PDF-1.4", 2, PDF),
        (OURS + b" NAME=x", 2, PCL),
        (b"no one knows", 2, PCL),
    ],
)
def test_types_of_joined_documents(head: bytes, number: int, kind: str) -> None:
    """cupsd names the type of the first; that of others is what they begin with, if it is no work of our filters."""
    assert kind_of(PCL, head, number) == kind


def test_a_document_that_carries_its_options_needs_no_question() -> None:
    """PCL of a job without wishes beyond it: a name and formats, and not a word to the printer."""
    printer = ScriptedPrinter()
    made = request(printer, "sides=two-sided-long-edge media=A4 number-up=2")
    assert (made.job_name, made.formats, made.job_attributes, made.copies) == (f"Report {MARK}", (PCL, ""), (), 1)
    assert made.password == () and printer.questions == []


def test_what_no_language_carries_is_asked_for() -> None:
    """Staples go beside PCL as an attribute, where the printer lists them."""
    printer = ScriptedPrinter(attribute("finishings-supported", Tag.ENUM, 3, 4))
    made = request(printer, "finishings=4 sides=two-sided-long-edge")
    assert [(each.name, each.value) for each in made.job_attributes] == [("finishings", 4)]
    assert len(printer.questions) == 1


def test_a_document_without_options_gets_them_as_attributes() -> None:
    """PDF does not say on how many sides it is printed."""
    printer = ScriptedPrinter(attribute("sides-supported", Tag.KEYWORD, "one-sided", "two-sided-long-edge"))
    made = request(printer, "sides=two-sided-long-edge", kind=PDF, head=b"%PDF-")
    assert [(each.name, each.value) for each in made.job_attributes] == [("sides", "two-sided-long-edge")]


def test_a_picture_that_goes_as_it_is(tmp_path: Path) -> None:
    """It is scaled as our pages are, and turned where the description says that the printer turns pictures."""
    printer = ScriptedPrinter(
        attribute("print-scaling-supported", Tag.KEYWORD, "auto", "fit"),
        attribute("orientation-requested-supported", Tag.ENUM, 3, 7),
    )
    path = tmp_path / "queue.ppd"
    for line, turned in (("0 0 0", False), ("0 0 0 turns", True)):
        path.write_text(f'*PPD-Adobe: "4.3"\n*ipps443Jpeg: "{line}"\n')
        environ = {"PRINTER": "office", "PPD": str(path)}
        cups_job = CupsJob(parse_job(["ipps443", "7", "a", "t", "1", "print-scaling=auto"], environ), environ, Report())
        wanted = Wanted("t", "image/jpeg", b"\xff\xd8\xff", passed=True)
        made = make_print_request(
            wanted, cups_job, cast(Printer, printer), capabilities("image/jpeg"), report=Report(), warn=pytest.fail
        )
        assert made.formats == ("image/jpeg",)
        expected = [("orientation-requested", 7)] if turned else []
        assert [(each.name, each.value) for each in made.job_attributes] == [*expected, ("print-scaling", "fit")]


def test_what_was_said_with_the_rest_is_not_asked_again() -> None:
    """The first answer may have been about options too."""
    printer = ScriptedPrinter(silent=True)
    said = attribute("sides-supported", Tag.KEYWORD, "one-sided", "two-sided-short-edge")
    both = Capabilities(Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, (said,)),)), Facts(), has_more=True)
    for options, sent in (("two-sided-long-edge", []), ("two-sided-short-edge", ["sides"])):
        job = parse_job(["ipps443", "7", "anna", "Report", "1", f"sides={options}"], {"PRINTER": "office"})
        made = make_print_request(
            Wanted("t", PDF, b"%PDF-"),
            CupsJob(job, {}, Report()),
            cast(Printer, printer),
            both,
            report=Report(),
            warn=lambda text: None,
        )
        assert [each.name for each in made.job_attributes] == sent and printer.questions == []


def test_a_printer_that_does_not_answer_gets_what_is_asked_for() -> None:
    """No answer about attributes is no reason to leave them out; the connection is made anew."""
    printer = ScriptedPrinter(silent=True)
    made = request(printer, "sides=two-sided-long-edge", kind=PDF, head=b"%PDF-")
    assert "sides" in [each.name for each in made.job_attributes] and printer.disconnected == 1


@pytest.mark.parametrize("pin, named", [("", "SomeVendorOption=Yes"), ("job-password=1234 media=A4 ", "other options")])
def test_what_is_not_taken_is_named(pin: str, named: str) -> None:
    """In a warning; beside a PIN what nobody knows may be the rest of it, and is not shown."""
    printer = ScriptedPrinter(
        attribute("job-password-supported", Tag.INTEGER, 8),
        attribute("job-password-encryption-supported", Tag.KEYWORD, "none"),
    )
    warnings: list[str] = []
    request(printer, f"{pin}SomeVendorOption=Yes", warnings=warnings)
    (warning,) = warnings
    assert named in warning and ("Yes" in warning) is (pin == "")


def test_a_pin_goes_with_the_request_and_stands_in_no_text() -> None:
    """Where the printer lists it; the attributes are shown nowhere."""
    printer = ScriptedPrinter(attribute("job-password-supported", Tag.INTEGER, 8))
    made = request(printer, "job-password=4711 job-uuid=urn:uuid:0")
    assert [each.name for each in made.password] == ["job-password", "job-password-encryption"]
    assert "4711" not in repr(made)


@pytest.mark.parametrize("silent, error", [(True, ConnectionLost), (False, JobPasswordNotTaken)])
def test_no_pin_no_job(silent: bool, error: type[Exception]) -> None:
    """A printer that has no PINs, or breaks off when it is asked about them, gets nothing of the job."""
    with pytest.raises(error):
        request(ScriptedPrinter(silent=silent), "job-password=4711 job-uuid=urn:uuid:0")


def test_a_printer_that_is_busy_when_it_is_asked_about_pins_may_take_one() -> None:
    """It is asked again later; whatever else it answers without saying that it takes one, it gets nothing."""

    def refusal(code: int | None, status: int = 200) -> type[Exception]:
        printer: Any = ScriptedPrinter()
        response = Response(status, "Later", "1.1", (("retry-after", "7"),), b"", complete=True, early=False)
        message = None if code is None else Message((2, 0), code, 1, ())
        printer.get_attributes = lambda attributes: Reply(response, message)
        with pytest.raises((PrinterBusy, JobPasswordNotTaken)) as caught:
            request(printer, "job-password=4711 job-uuid=urn:uuid:0")
        if isinstance(caught.value, PrinterBusy):
            reason = f"HTTP {status} Later" if code is None else "server-error-busy"
            assert (caught.value.reason, caught.value.retry_after) == (reason, 7)
        return caught.type

    assert {refusal(Status.SERVER_ERROR_BUSY), refusal(None, 429), refusal(None, 503)} == {PrinterBusy}
    others = {refusal(Status.SERVER_ERROR_INTERNAL_ERROR), refusal(None, 500), refusal(Status.CLIENT_ERROR_FORBIDDEN)}
    assert others == {JobPasswordNotTaken}


def test_a_pin_with_an_unknown_word_behind_it_may_have_been_longer() -> None:
    """CUPS passes on a PIN with a blank as two options; only a known option ends it for certain."""
    printer = ScriptedPrinter(attribute("job-password-supported", Tag.INTEGER, 8))
    with pytest.raises(JobPasswordNotTaken):
        request(printer, "job-password=47 11=x")
    assert request(printer, "job-password=47 media=A4").password


#: Values of job-release-action, and whether a job with them is held.
RELEASES = {
    True: ("owner-authorized", "button-press", "BUTTON-PRESS", "made-up", "job-password", "owner-authorized {}"),
    False: ("job-password {}", "none", ""),
}


@pytest.mark.parametrize("kind", ["application/vnd.hp-pcl", "application/pdf"])
@pytest.mark.parametrize("release, is_held", [(each, held) for held, values in RELEASES.items() for each in values])
def test_no_job_prints_openly_that_is_to_wait_for_its_owner(release: str, is_held: bool, kind: str) -> None:
    """One that a printer cannot be told to keep gets no further than here, in any language (PWG 5100.11)."""
    printer = ScriptedPrinter(attribute("job-password-supported", Tag.INTEGER, 8))
    name = "Job-Release-Action" if release.isupper() else "job-release-action"
    options = f"{name}={release}".format("job-password=4711")
    if is_held:
        with pytest.raises(JobReleaseNotTaken, match=r"\[P28\]$"):
            request(printer, options, kind=kind)
    else:
        assert bool(request(printer, options, kind=kind).password) is ("4711" in options)


@pytest.mark.parametrize(
    "option, is_named",
    [
        ("job-save-disposition=x", True),
        ("job-recipient-name=Anna", True),
        ("job-storage=x", True),
        ("job-hold-until=indefinite", False),
        ("job-priority=50", False),
        ("job-sheets=none,none", False),
        ("job-originating-host-name=localhost", False),
    ],
)
def test_options_of_a_job_that_have_no_way_to_the_printer_are_named(option: str, is_named: bool) -> None:
    """What cupsd adds to each job, and does itself, causes no warning."""
    warnings: list[str] = []
    request(ScriptedPrinter(), option, warnings=warnings)
    assert (option.partition("=")[0] in "".join(warnings)) is is_named


@pytest.mark.parametrize(
    "formats, device_id, is_told",
    [((PDF,), "", True), ((PCL, PDF), "MFG:HP;CMD:PCL3GUI,URF;MDL:X;", True), ((PCL, PDF), "CMD:PCL;", False)],
)
def test_a_language_that_is_not_listed_is_told_with_the_command_that_helps(
    formats: tuple[str, ...], device_id: str, is_told: bool
) -> None:
    """In one warning; the job prints all the same."""
    warnings: list[str] = []
    request(ScriptedPrinter(), formats=formats, device_id=device_id, warnings=warnings)
    assert [("does not list PCL" in each, "lpadmin -p office" in each) for each in warnings] == [(True, True)] * is_told


def test_a_password_shows_nothing_of_itself() -> None:
    """Not in the job that carries it either."""
    assert "4711" not in repr(JobPassword("4711", following="x"))


@pytest.mark.parametrize("makes_them, copies", [(None, 3), (True, 3), (False, 1)])
def test_copies_of_a_printer_that_makes_one(makes_them: bool | None, copies: int) -> None:
    """Once that is known of it, each copy is sent by itself."""
    several = attribute("copies-supported", Tag.RANGE_OF_INTEGER, Range(1, 99))
    made = request(ScriptedPrinter(several), kind=PDF, head=b"%PDF-1.7", copies=3, facts=Facts(copies=makes_them))
    assert made.copies == copies
