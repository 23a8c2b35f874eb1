"""IPP faults of the scripted printer: versions, encodings, operations, what it says of itself.

Q-80 to Q-98, Q-105 to Q-117.
"""

from __future__ import annotations

import gzip
from typing import Callable

import pytest

from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Collection, Group, Message, attribute
from backend.ipp.operations import create_job, print_job
from backend.ipp.tags import Tag

from tests.printer import Printer
from tests.unit.printer_tests.client import (
    Client,
    attributes_request,
    create_request,
    document_request,
    job_request,
    outcome,
    print_request,
    target,
    validate_request,
    value,
    values,
)

OK = "successful-ok"
BAD, UNSUPPORTED = "client-error-bad-request", "client-error-attributes-or-values-not-supported"
NO_VERSION = "server-error-version-not-supported"


def with_attribute(message: Message, extra: Attribute, tag: Tag = Tag.OPERATION_ATTRIBUTES) -> Message:
    """The message with one more attribute in the group of that tag."""
    groups = [Group(g.tag, (*g.attributes, extra)) if g.tag == tag else g for g in message.groups]
    if message.group(tag) is None:
        groups.append(Group(tag, (extra,)))
    return Message(message.version, message.code, message.request_id, tuple(groups))


def with_field(octets: bytes, tag: int, name: bytes, value: bytes) -> bytes:
    """An encoded request with a field that no encoder would write."""
    field = bytes([tag]) + len(name).to_bytes(2, "big") + name + len(value).to_bytes(2, "big") + value
    return octets[:-1] + field + octets[-1:]


def with_name(printer: Printer, name: bytes, user: str = "somebody") -> bytes:
    """Print-Job with this job-name."""
    return with_field(encode_message(print_job(target(printer, user), 1, "")), 0x42, b"job-name", name)


def of_printer(printer: Printer, *requested: str) -> Message:
    """What the printer says of itself."""
    with Client(printer) as client:
        return client.ask(attributes_request(printer, *requested)).message


# --- a fair printer ---


def test_replies_of_a_fair_printer_are_strictly_right():
    """Every reply passes the strict decoder and echoes version and request-id; what came is on record."""
    with Printer() as printer, Client(printer) as client:
        requests = [
            attributes_request(printer, user="first"),
            print_request(printer, user="second"),
            create_request(printer),
            document_request(printer, 2),
            job_request(printer, 2),
            job_request(printer, 99),
        ]
        for request in requests:
            reply = client.ask(request)
            decoded = decode_message(reply.body, strict=True)
            assert decoded.length == len(reply.body)
            assert (decoded.message.version, decoded.message.request_id) == (request.version, request.request_id)
        assert all(operation.notes == () for operation in printer.operations)
        assert printer.operation_names[:3] == ["Get-Printer-Attributes", "Print-Job", "Create-Job"]
        assert printer.users_seen[:2] == ["first", "second"] and printer.operations[1].status == OK


def test_requested_attributes_choose():
    """Names and groups choose what is sent; media-col-database only by its name; the test's values come first."""
    with Printer(attributes={"queued-job-count": 7}) as printer:

        def names(*requested: str) -> set[str]:
            group = of_printer(printer, *requested).group(Tag.PRINTER_ATTRIBUTES)
            return {each.name for each in group.attributes} if group else set()

        assert names("printer-state", "nonsense") == {"printer-state"}
        assert names("media-col-database") == {"media-col-database"}
        everything, template, description = names("all"), names("job-template"), names("printer-description")
        assert names() == everything == template | description
        assert "media-supported" in template and "printer-state" in description and not template & description
        assert "media-col-database" not in everything
        assert values(of_printer(printer), "queued-job-count") == [7]


@pytest.mark.parametrize("octets", [b"", b"<html>no ipp</html>" * 10, b"\x02\x00\x00\x0b\x00\x00\x00\x01\x01"])
def test_rubbish_is_a_bad_request(octets):
    """What is no IPP message gets client-error-bad-request, and is no operation."""
    with Printer() as printer:
        assert outcome(printer, octets, b"") == BAD
        assert printer.operations == []


# --- what operations come to ---

REQUESTS: dict[str, Callable[[Printer], Message | bytes]] = {
    "of 1.0": lambda printer: attributes_request(printer, version=(1, 0)),
    "of 1.1": lambda printer: attributes_request(printer, version=(1, 1)),
    "of 2.0": attributes_request,
    "of anna": lambda printer: print_request(printer, user="anna"),
    "Print-Job": print_request,
    "Create-Job": create_request,
    "Validate-Job": validate_request,
    "request-id 0": lambda p: encode_message(print_request(p))[:4] + bytes(4) + encode_message(print_request(p))[8:],
    "Ctrl-S": lambda printer: with_name(printer, b"re\x13port"),
}
# What requests of these kinds come to, one after the other, and how many jobs there are then.
OPERATIONS = [
    ("missing=Create-Job+Send-Document", ["Create-Job"], ["server-error-operation-not-supported"], 0),
    ("broken=Create-Job", ["Create-Job"], ["server-error-operation-not-supported"], 0),
    ("hidden=Create-Job", ["Create-Job"], [OK], 1),
    ("status=Print-Job:server-error-temporary-error*1", ["Print-Job"] * 2, ["server-error-temporary-error", OK], 1),
    ("status=Create-Job:client-error-not-found", ["Create-Job"] * 2, ["client-error-not-found"] * 2, 0),
    ("status=Print-Job:client-error-gone,status_user=anna", ["of anna", "Print-Job"], ["client-error-gone", OK], 1),
    ("busy=2@Create-Job,refuse_close=keep", ["Create-Job"] * 3, ["server-error-busy"] * 2 + [OK], 1),
    ("busy=always@Create-Job,refuse_close=keep", ["Create-Job"] * 3, ["server-error-busy"] * 3, 0),
    ("validate=bad-request", ["Validate-Job", "Print-Job"], [BAD, OK], 1),
    ("validate=close-2-of-3", ["Validate-Job"] * 4, ["close_notify", "close_notify", OK, "close_notify"], 0),
    ("validate=hang", ["Validate-Job"], ["silence"], 0),
    ("gpa=internal-error", ["of 2.0"], ["server-error-internal-error"], 0),
    ("accepting=no", ["Print-Job"], ["server-error-not-accepting-jobs"], 0),
    ("ipp=rst-1.1", ["of 1.1", "of 1.0", "of 2.0"], ["rst", OK, NO_VERSION], 0),
    ("ipp=rst-2.0", ["of 1.1", "of 2.0"], [OK, "rst"], 0),
    ("strict=request-id", ["request-id 0"], [BAD], 0),
    ("strict=none", ["request-id 0"], [BAD], 0),  # by every printer, as RFC 8011 section 4.1.2 wants
    ("strict=job-name-control-hang", ["Print-Job", "Ctrl-S"], [OK, "silence"], 1),
    ("strict=none", ["Ctrl-S"], [OK], 1),
]


@pytest.mark.parametrize("fault, kinds, wanted, jobs", OPERATIONS)
def test_what_operations_come_to(fault, kinds, wanted, jobs):
    """Whether they work, are refused, time and again or for a while (Q-83, Q-88, Q-90 to Q-93, Q-105, Q-108, Q-109)."""
    with Printer(faults=fault) as printer:
        for kind, status in zip(kinds, wanted):
            assert outcome(printer, REQUESTS[kind](printer), b"", silent=status == "silence") == status
        assert len(printer.jobs) == jobs


@pytest.mark.parametrize(
    "fault, listed", [("missing=Create-Job", False), ("broken=Create-Job", True), ("hidden=Create-Job", False)]
)
def test_operations_that_are_listed(fault, listed):
    """What operations-supported says and what works are two things (Q-90, Q-93)."""
    with Printer(faults=fault) as printer:
        assert (5 in values(of_printer(printer), "operations-supported")) == listed


def test_busy_comes_before_the_document_has_been_read():
    """The reply is there while the body is still being sent."""
    with Printer(faults="busy=1@Print-Job") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        assert client.reply().ipp_status == "server-error-busy"
        assert printer.jobs == []


def test_asking_may_take_long():
    """gpa_delay (Q-42)."""
    with Printer(faults="gpa_delay=0.3") as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        assert client.is_silent(0.1)
        assert client.reply().ipp_status == OK


@pytest.mark.parametrize(
    "fault, good",
    [
        ("ipp=1.0-only", {(1, 0)}),
        ("ipp=1.1-only", {(1, 1)}),
        ("ipp=2.0-only", {(2, 0)}),
        ("ipp=up-to-1.1", {(1, 0), (1, 1)}),
        ("ipp=all", {(1, 0), (1, 1), (2, 0), (2, 1), (2, 2)}),
    ],
)
def test_only_some_ipp_versions_are_spoken(fault, good):
    """Others get server-error-version-not-supported, in a version that is (Q-81)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        for version in ((0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0)):
            reply = client.ask(attributes_request(printer, version=version))
            assert reply.ipp_status == (OK if version in good else NO_VERSION)
            assert reply.message.version in good


@pytest.mark.parametrize(
    "fault, version, request_id, state",
    [
        ("ipp2=empty", (2, 0), 11, None),
        ("reply_version=1.0", (1, 0), 11, 3),
        ("reply_version=1.1", (1, 1), 11, 3),
        ("reply_version=2.0", (2, 0), 11, 3),
        ("reply_id=0", (2, 0), 0, 3),
        ("reply_id=wrong", (2, 0), 11 ^ 0x55, 3),
        ("ipp=1.0-only,version_error=id-0", (1, 0), 0, None),
        ("gpa=internal-error", (2, 0), 11, 3),
    ],
)
def test_replies_may_not_echo_or_be_empty(fault, version, request_id, state):
    """Version, request-id and what is said (Q-80 to Q-82, Q-109)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        asked = (1, 1) if fault == "reply_version=2.0" else (2, 0)
        message = client.ask(attributes_request(printer, version=asked)).message
        assert (message.version, message.request_id, value(message, "printer-state")) == (version, request_id, state)


# --- encodings ---


@pytest.mark.parametrize(
    "fault, octets",
    [
        ("encoding=member-outside", b"\x4a\x00\x00\x00\x0amedia-size\x21\x00\x00\x00\x04"),
        ("encoding=empty-mime", b"document-format-preferred\x00\x00"),
        ("encoding=latin1+short-integer", b"B\xfcro"),
        ("encoding=nul-text", b"Office\x00\x00"),
        ("encoding=overlong", b"\x75\x30short"),
        ("encoding=unknown-group", b"\x0f\x21\x00\x0dvendor-number"),
        ("encoding=unknown-tag", b"\x3f\x00\x0cvendor-thing"),
        ("encoding=orphan-value", b"\x05\x44\x00\x00\x00\x06orphan"),
        ("encoding=latin1+short-integer", b"vendor-number\x00\x02\x00\x01"),
        ("encoding=open-collection", b"\x34\x00\x11vendor-collection\x00\x00\x4a\x00\x00\x00\x06member\x03"),
        ("encoding=duplicate-group", b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8\x03"),
    ],
)
def test_replies_may_be_wrongly_encoded(fault, octets):
    """The mistake is in the octets; a patient decoder still reads the rest, a strict one refuses (Q-84)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(print_request(printer), b"text")
        assert octets in reply.body
        assert reply.ipp_status == OK and reply.notes


@pytest.mark.parametrize(
    "fault, length",
    [
        ("encoding=truncated", lambda whole: whole // 2),
        ("encoding=no-end", lambda whole: whole - 1),
        ("encoding=trailing-garbage", lambda whole: whole + 3 * 19),
        ("encoding=bare-status", lambda whole: 8),
    ],
)
def test_replies_may_be_cut_or_followed_by_rubbish(fault, length):
    """The message is shorter or longer than it should be, and HTTP's length fits what is sent."""
    bodies = []
    for faults in ("", fault):
        with Printer(faults=faults) as printer, Client(printer) as client:
            bodies.append(len(client.ask(print_request(printer), b"text").body))
    assert bodies[1] == length(bodies[0])


# --- strictness ---


MEDIA_COL = Collection((attribute("media-type", Tag.KEYWORD, "a"),))
# What such a printer refuses with a status, though a fair one takes it, and what it takes.
STRICT = [
    ("strict=empty-group", BAD, lambda p: encode_message(print_request(p))[:-1] + b"\x02\x03", print_request),
    ("strict=empty-name", BAD, lambda p: with_name(p, b"", user=""), print_request),
    (
        "strict=user-alnum",
        BAD,
        lambda p: print_request(p, user="dom\\me"),
        lambda p: print_request(p, user="domme"),
    ),
    (
        "strict=user-alnum-internal",
        "server-error-internal-error",
        lambda p: print_request(p, user="jürgen"),
        lambda p: print_request(p, user="juergen"),
    ),
    (
        "strict=name-max-255",
        "client-error-request-value-too-long",
        lambda p: with_name(p, b"n" * 256),
        lambda p: print_job(target(p), 1, "n" * 255),
    ),
    ("strict=require-user", BAD, lambda p: attributes_request(p, user=""), attributes_request),
    (
        "strict=create-job-format",
        UNSUPPORTED,
        lambda p: with_attribute(create_request(p), attribute("document-format", Tag.MIME_MEDIA_TYPE, "text/plain")),
        create_request,
    ),
    (
        "strict=job-template",
        UNSUPPORTED,
        lambda p: create_job(target(p), 1, "x", job_attributes=[attribute("copies", Tag.INTEGER, 2)]),
        create_request,
    ),
    (
        "strict=media-col",
        UNSUPPORTED,
        lambda p: create_job(target(p), 1, "x", job_attributes=[attribute("media-col", Tag.BEG_COLLECTION, MEDIA_COL)]),
        lambda p: create_job(target(p), 1, "x", job_attributes=[attribute("media", Tag.KEYWORD, "iso_a4_210x297mm")]),
    ),
    (
        "strict=duplicate-attribute",
        BAD,
        lambda p: with_field(encode_message(print_request(p)), 0x49, b"document-format", b"text/plain"),
        print_request,
    ),
]


@pytest.mark.parametrize("fault, status, bad, good", STRICT, ids=[case[0] for case in STRICT])
def test_a_printer_may_be_stricter_than_it_should(fault, status, bad, good):
    """This printer refuses what a fair one takes, with that status, and takes its better twin (Q-85 to Q-112)."""
    with Printer() as printer:
        assert outcome(printer, bad(printer), b"") == OK
    with Printer(faults=fault) as printer:
        assert (outcome(printer, bad(printer), b""), outcome(printer, good(printer), b"")) == (status, OK)


@pytest.mark.parametrize("fault", ["strict=last-document", "strict=none"])
def test_send_document_without_last_document_is_refused(fault):
    """By every printer, as RFC 8011 section 4.3.1 wants (Q-95)."""
    with Printer(faults=fault) as printer:
        outcome(printer, create_request(printer), b"")
        message = document_request(printer, 1)
        (group,) = message.groups
        kept = tuple(each for each in group.attributes if each.name != "last-document")
        bare = Message(message.version, message.code, message.request_id, (Group(group.tag, kept),))
        assert (outcome(printer, bare), outcome(printer, message)) == (BAD, OK)


# --- formats, compression, copies ---

OCTETS, PCL, TEXT = "application/octet-stream", "application/vnd.hp-PCL", "text/plain"
PDF, URF = "application/pdf", "image/urf"


@pytest.mark.parametrize(
    "fault, listed, taken, refused",
    [
        ("format=octet-only", [OCTETS], [OCTETS, ""], [PCL]),
        ("format=refuse-octet", [PCL, OCTETS, TEXT], [PCL, TEXT, ""], [OCTETS]),
        ("format=unlisted-ok", [TEXT], [PCL, OCTETS, TEXT, "x/y"], []),
        ("format=pcl-only", [PCL], [PCL, ""], [OCTETS]),
        ("format=none-listed", [], [PCL, OCTETS, ""], []),
        ("format=refuse-pdf", [PDF, URF], [URF], [PDF, OCTETS]),
        ("format=refuse-jpeg", ["image/jpeg", PDF], [PDF], ["image/jpeg", OCTETS]),
        ("format=refuse-pdf-name", [PDF, URF, OCTETS], [URF, OCTETS, ""], [PDF]),
    ],
)
def test_formats_listed_and_formats_taken_are_two_things(fault, listed, taken, refused):
    """Q-97, with the refused format in the unsupported group."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert values(client.ask(attributes_request(printer)).message, "document-format-supported") == listed
        for format_ in taken:
            assert client.ask(print_job(target(printer), 1, "x", format_), b"t").ipp_status == OK
        for format_ in refused:
            reply = client.ask(print_job(target(printer), 1, "x", format_), b"t")
            assert reply.ipp_status == "client-error-document-format-not-supported"
            assert value(reply.message, "document-format", Tag.UNSUPPORTED_ATTRIBUTES) == format_
        assert len(printer.jobs) == len(taken)


PACKED = gzip.compress(b"text" * 100)


@pytest.mark.parametrize(
    "fault, listed, status, stored",
    [
        ("gzip=ok", ["none", "gzip"], OK, [b"text" * 100]),
        ("gzip=print-raw", ["none", "gzip"], OK, [PACKED]),
        ("gzip=refuse", ["none"], "client-error-compression-not-supported", []),
    ],
)
def test_compression_may_not_be_undone(fault, listed, status, stored):
    """gzip: undone, printed as it comes (Q-98), or neither listed nor taken."""
    with Printer(faults=fault) as printer:
        request = with_attribute(print_request(printer), attribute("compression", Tag.KEYWORD, "gzip"))
        assert values(of_printer(printer), "compression-supported") == listed
        assert outcome(printer, request, PACKED) == status
        assert [job.document for job in printer.jobs] == stored


@pytest.mark.parametrize(
    "fault, upper, pages",
    [("copies=ok", 999, 3), ("copies=ignore", 999, 1), ("copies=told", 999, 1), ("copies=1-1", 1, 1)],
)
def test_copies_may_be_ignored(fault, upper, pages):
    """What copies-supported says, and how many come out (Q-113)."""
    with Printer(faults=fault) as printer:
        (supported,) = values(of_printer(printer), "copies-supported")
        assert supported.upper == upper
        three = attribute("copies", Tag.INTEGER, 3)
        outcome(printer, with_attribute(print_request(printer), three, Tag.JOB_ATTRIBUTES))
        assert printer.jobs[0].copies == 3 and printer.jobs[0].impressions == pages


# --- what the printer says of itself ---


@pytest.mark.parametrize(
    "fault, name, said",
    [
        ("missing_attributes=printer-state+printer-name", "printer-name", []),
        ("bogus=printer-make-and-model", "printer-make-and-model", ["printer-make-and-model"]),
        ("supplies=ok", "marker-levels", [80, 60]),
        ("supplies=low", "marker-levels", [5, 60]),
        ("supplies=empty", "marker-levels", [0, 60]),
        ("supplies=unknown", "marker-levels", [-1, -3]),
        ("supplies=ragged", "marker-levels", [80]),
        ("supplies=none", "marker-names", []),
        ("firmware=20140521", "printer-firmware-string-version", ["20140521"]),
        ("accepting=no", "printer-is-accepting-jobs", [False]),
    ],
)
def test_a_printer_may_say_anything(fault, name, said):
    """What is left out, is its own name, or is odd (Q-115)."""
    with Printer(faults=fault) as printer:
        assert values(of_printer(printer), name) == said


def test_reasons_may_be_a_weird_list_that_changes():
    """reasons: words for ever, and words for a time (Q-111)."""
    with Printer(faults="reasons=none-report+media-low-warning@0-0.3+cover-open-error@0.3-99") as printer:

        def reasons() -> list[object]:
            return values(of_printer(printer, "printer-state-reasons"), "printer-state-reasons")

        assert reasons() == ["none-report", "media-low-warning"]
        assert printer.wait_until(lambda: reasons() == ["none-report", "cover-open-error"])


@pytest.mark.parametrize(
    "fault, said", [("says=keyword", "client-error-account-closed"), ("says=Ask the office", "Ask the office")]
)
def test_a_refusal_has_a_sentence(fault, said):
    """says: the status-message of what the printer refuses; successes have none."""
    with Printer(faults=f"{fault},status=Print-Job:client-error-account-closed") as printer, Client(printer) as client:
        assert value(client.ask(print_request(printer), b"text").message, "status-message") == said
        assert value(of_printer(printer), "status-message") is None


@pytest.mark.parametrize("code, told", [(429, "7"), (503, "7"), (500, None)])
def test_a_time_to_come_back_may_be_named(code, told):
    """retry_after: in the headers of HTTP 429 and 503, and of no other status."""
    for more, wanted in ((",retry_after=7", told), ("", None)):
        with Printer(faults=f"answer=status:{code}{more}") as printer, Client(printer) as client:
            assert client.ask(print_request(printer), b"text").headers.get("retry-after") == wanted


@pytest.mark.parametrize(
    "fault, status, named, jobs",
    [
        ("pin=ok", OK, False, 1),
        ("pin=silent", OK, False, 1),
        ("pin=told", "successful-ok-ignored-or-substituted-attributes", True, 1),
        ("pin=refuse", UNSUPPORTED, True, 0),
        ("pin=unnamed", UNSUPPORTED, False, 0),
    ],
)
def test_a_pin_may_be_ignored_or_refused(fault, status, named, jobs):
    """pin: what job-password gets; a job without one is taken by all of them."""
    pin = attribute("job-password", Tag.OCTET_STRING, b"4711")
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(with_attribute(print_request(printer), pin), b"text")
        assert reply.ipp_status == status
        assert (reply.message.get("job-password", Tag.UNSUPPORTED_ATTRIBUTES) is not None) == named
        assert len(printer.jobs) == jobs
        assert client.ask(print_request(printer), b"text").ipp_status == OK
