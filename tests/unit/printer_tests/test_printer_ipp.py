"""IPP faults of the scripted printer: versions, encodings, operations, what it says of itself.

Q-80 to Q-98, Q-105 to Q-117.
"""

from __future__ import annotations

import gzip

import pytest

from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Collection, Group, Message, attribute
from backend.ipp.operations import create_job, print_job
from backend.ipp.tags import Tag

from tests.printer import Printer
from tests.unit.printer_tests.client import (
    Client,
    Ended,
    attributes_request,
    create_request,
    document_request,
    job_request,
    print_request,
    target,
    validate_request,
    value,
    values,
)

ALL_OPERATIONS = [2, 4, 5, 6, 8, 9, 10, 11, 0x3C]


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


# --- a fair printer ---


def test_replies_of_a_fair_printer_are_strictly_right():
    """Every reply passes the strict decoder and echoes version and request-id."""
    with Printer() as printer, Client(printer) as client:
        requests = [
            attributes_request(printer),
            print_request(printer),
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


def test_requested_attributes_choose():
    """Names and groups choose what is sent; media-col-database only by its name."""
    with Printer() as printer, Client(printer) as client:

        def names(*requested: str) -> set[str]:
            group = client.ask(attributes_request(printer, *requested)).message.group(Tag.PRINTER_ATTRIBUTES)
            return {each.name for each in group.attributes} if group else set()

        assert names("printer-state", "nonsense") == {"printer-state"}
        assert names("media-col-database") == {"media-col-database"}
        everything, template, description = names("all"), names("job-template"), names("printer-description")
        assert names() == everything == template | description
        assert "media-supported" in template and "printer-state" in description and not template & description
        assert "media-col-database" not in everything


def test_what_a_client_sent_is_on_record():
    """Operations in order, users, and the messages themselves."""
    with Printer() as printer, Client(printer) as client:
        client.ask(attributes_request(printer, user="first"))
        client.ask(print_request(printer, user="second"), b"text", chunked=True)
        assert printer.operation_names == ["Get-Printer-Attributes", "Print-Job"]
        assert printer.users_seen == ["first", "second"]
        assert printer.operations[1].document_bytes == 4
        assert printer.operations[1].status == "successful-ok"
        assert values(printer.operations[1].message, "job-name") == ["report"]


def test_attributes_of_the_printer_can_be_given():
    """The test's own values take the place of the printer's."""
    with Printer(
        attributes={"printer-name": attribute("printer-name", Tag.NAME_WITHOUT_LANGUAGE, "mine"), "queued-job-count": 7}
    ) as printer:
        with Client(printer) as client:
            message = client.ask(attributes_request(printer)).message
            assert values(message, "printer-name") == ["mine"] and values(message, "queued-job-count") == [7]


@pytest.mark.parametrize(
    "octets, status",
    [
        (b"", "client-error-bad-request"),
        (b"<html>no ipp</html>" * 10, "client-error-bad-request"),
        (b"\x02\x00\x00\x0b\x00\x00\x00\x01\x01", "client-error-bad-request"),
    ],
)
def test_rubbish_is_a_bad_request(octets, status):
    """What is no IPP message gets client-error-bad-request, and is no operation."""
    with Printer() as printer, Client(printer) as client:
        assert client.ask(octets).ipp_status == status
        assert printer.operations == []


# --- versions ---


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
            wanted = "successful-ok" if version in good else "server-error-version-not-supported"
            assert reply.ipp_status == wanted
            assert reply.message.version in good


@pytest.mark.parametrize("fault, fatal, harmless", [("ipp=rst-1.1", (1, 1), (1, 0)), ("ipp=rst-2.0", (2, 0), (1, 1))])
def test_a_version_may_crash_the_printer(fault, fatal, harmless):
    """The connection is reset by that version, others are served (Q-83)."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client, pytest.raises(Ended) as end:
            client.ask(attributes_request(printer, version=fatal))
        assert end.value.how == "rst"
        with Client(printer) as client:
            assert client.ask(attributes_request(printer, version=harmless)).ipp_status == "successful-ok"


def test_ipp_2_may_get_almost_nothing():
    """ipp2=empty: success without attributes for 2.0, all of them for 1.1 (Q-80)."""
    with Printer(faults="ipp2=empty") as printer, Client(printer) as client:
        reply = client.ask(attributes_request(printer))
        assert reply.ipp_status == "successful-ok" and reply.message.get("printer-state") is None
        assert client.ask(attributes_request(printer, version=(1, 1))).message.get("printer-state") is not None


@pytest.mark.parametrize(
    "fault, version, request_id",
    [
        ("reply_version=1.0", (1, 0), 11),
        ("reply_version=1.1", (1, 1), 11),
        ("reply_version=2.0", (2, 0), 11),
        ("reply_id=0", (2, 0), 0),
        ("reply_id=wrong", (2, 0), 11 ^ 0x55),
        ("ipp=1.0-only,version_error=id-0", (1, 0), 0),
    ],
)
def test_replies_may_not_echo(fault, version, request_id):
    """Version and request-id of the reply are others (Q-81, Q-82)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        asked = (1, 1) if fault == "reply_version=2.0" else (2, 0)
        message = client.ask(attributes_request(printer, version=asked)).message
        assert (message.version, message.request_id) == (version, request_id)


# --- encodings ---


@pytest.mark.parametrize(
    "fault, octets",
    [
        ("encoding=member-outside", b"\x4a\x00\x00\x00\x0amedia-size\x21\x00\x00\x00\x04"),
        ("encoding=empty-mime", b"document-format-preferred\x00\x00"),
        ("encoding=latin1", b"B\xfcro"),
        ("encoding=nul-text", b"Office\x00\x00"),
        ("encoding=overlong", b"\x75\x30short"),
        ("encoding=unknown-group", b"\x0f\x21\x00\x0dvendor-number"),
        ("encoding=unknown-tag", b"\x3f\x00\x0cvendor-thing"),
        ("encoding=orphan-value", b"\x05\x44\x00\x00\x00\x06orphan"),
        ("encoding=short-integer", b"vendor-number\x00\x02\x00\x01"),
        ("encoding=open-collection", b"\x34\x00\x11vendor-collection\x00\x00\x4a\x00\x00\x00\x06member\x03"),
        ("encoding=duplicate-group", b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8\x03"),
    ],
)
def test_replies_may_be_wrongly_encoded(fault, octets):
    """The mistake is in the octets; a patient decoder still reads the rest, a strict one refuses (Q-84)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(print_request(printer), b"text")
        assert octets in reply.body
        assert reply.ipp_status == "successful-ok"
        assert reply.notes


@pytest.mark.parametrize(
    "fault", ["encoding=truncated", "encoding=no-end", "encoding=trailing-garbage", "encoding=bare-status"]
)
def test_replies_may_be_cut_or_followed_by_rubbish(fault):
    """The message is shorter or longer than it should be, and HTTP's length fits what is sent."""
    with Printer() as printer, Client(printer) as client:
        whole = client.ask(print_request(printer), b"text").body
    with Printer(faults=fault) as printer, Client(printer) as client:
        body = client.ask(print_request(printer), b"text").body
        lengths = {"truncated": len(whole) // 2, "no-end": len(whole) - 1, "bare-status": 8}
        wanted = lengths.get(fault.partition("=")[2])
        assert len(body) == wanted if wanted else len(body) > len(whole)


def test_mistakes_can_be_joined():
    """A list of mistakes is made in that order."""
    with Printer(faults="encoding=latin1+short-integer") as printer, Client(printer) as client:
        body = client.ask(print_request(printer), b"text").body
        assert b"B\xfcro" in body and b"vendor-number\x00\x02" in body


# --- strictness ---


def _empty_name(printer: Printer) -> bytes:
    octets = encode_message(print_job(target(printer, user=""), 1, ""))
    return with_field(octets, 0x42, b"job-name", b"")


STRICT = [
    # fault, what it refuses, what it takes, status
    (
        "strict=empty-group",
        lambda p: encode_message(print_request(p))[:-1] + b"\x02\x03",
        lambda p: print_request(p),
        "client-error-bad-request",
    ),
    ("strict=empty-name", _empty_name, lambda p: print_request(p), "client-error-bad-request"),
    (
        "strict=user-alnum",
        lambda p: print_request(p, user="dom\\me"),
        lambda p: print_request(p, user="domme"),
        "client-error-bad-request",
    ),
    (
        "strict=user-alnum-internal",
        lambda p: print_request(p, user="jürgen"),
        lambda p: print_request(p, user="juergen"),
        "server-error-internal-error",
    ),
    (
        "strict=name-max-255",
        lambda p: with_field(encode_message(print_job(target(p), 1, "")), 0x42, b"job-name", b"n" * 256),
        lambda p: print_job(target(p), 1, "n" * 255),
        "client-error-request-value-too-long",
    ),
    (
        "strict=require-user",
        lambda p: attributes_request(p, user=""),
        lambda p: attributes_request(p),
        "client-error-bad-request",
    ),
    (
        "strict=create-job-format",
        lambda p: with_attribute(create_request(p), attribute("document-format", Tag.MIME_MEDIA_TYPE, "text/plain")),
        lambda p: create_request(p),
        "client-error-attributes-or-values-not-supported",
    ),
    (
        "strict=job-template",
        lambda p: create_job(target(p), 1, "x", job_attributes=[attribute("copies", Tag.INTEGER, 2)]),
        lambda p: create_request(p),
        "client-error-attributes-or-values-not-supported",
    ),
    (
        "strict=media-col",
        lambda p: create_job(
            target(p),
            1,
            "x",
            job_attributes=[
                attribute("media-col", Tag.BEG_COLLECTION, Collection((attribute("media-type", Tag.KEYWORD, "a"),)))
            ],
        ),
        lambda p: create_job(target(p), 1, "x", job_attributes=[attribute("media", Tag.KEYWORD, "iso_a4_210x297mm")]),
        "client-error-attributes-or-values-not-supported",
    ),
    (
        "strict=duplicate-attribute",
        lambda p: with_field(encode_message(print_request(p)), 0x49, b"document-format", b"text/plain"),
        lambda p: print_request(p),
        "client-error-bad-request",
    ),
]


@pytest.mark.parametrize("fault, bad, good, status", STRICT, ids=[case[0] for case in STRICT])
def test_a_printer_may_be_stricter_than_it_should(fault, bad, good, status):
    """This printer refuses what a fair one takes, with that status, and takes its better twin (Q-85 to Q-112)."""
    with Printer() as printer, Client(printer) as client:
        assert client.ask(bad(printer)).ipp_status == "successful-ok"
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert client.ask(bad(printer)).ipp_status == status
        assert client.ask(good(printer)).ipp_status == "successful-ok"


@pytest.mark.parametrize("fault", ["strict=request-id", "strict=none"])
def test_request_id_zero_is_refused(fault):
    """By every printer, as RFC 8011 section 4.1.2 wants (Q-117)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        octets = encode_message(attributes_request(printer))
        assert client.ask(octets[:4] + bytes(4) + octets[8:]).ipp_status == "client-error-bad-request"


@pytest.mark.parametrize("fault", ["strict=last-document", "strict=none"])
def test_send_document_without_last_document_is_refused(fault):
    """By every printer, as RFC 8011 section 4.3.1 wants (Q-95)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.ask(create_request(printer))
        message = document_request(printer, 1)
        (group,) = message.groups
        kept = tuple(each for each in group.attributes if each.name != "last-document")
        bare = Message(message.version, message.code, message.request_id, (Group(group.tag, kept),))
        assert client.ask(bare, b"text").ipp_status == "client-error-bad-request"
        assert client.ask(message, b"text").ipp_status == "successful-ok"


def test_a_control_character_may_lock_the_printer():
    """strict=job-name-control-hang: Ctrl-S in the name, and no answer ever (Q-88)."""
    with Printer(faults="strict=job-name-control-hang") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), b"text").ipp_status == "successful-ok"
        client.post(with_field(encode_message(print_job(target(printer), 1, "")), 0x42, b"job-name", b"re\x13port"))
        assert client.is_silent()


# --- operations ---


@pytest.mark.parametrize(
    "fault, listed, works",
    [
        ("missing=Create-Job+Send-Document", False, False),
        ("broken=Create-Job", True, False),
        ("hidden=Create-Job", False, True),
    ],
)
def test_operations_may_be_missing_broken_or_hidden(fault, listed, works):
    """What operations-supported says and what works are two things (Q-90, Q-93)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        operations = values(client.ask(attributes_request(printer)).message, "operations-supported")
        assert (5 in operations) == listed
        assert set(operations) < set(ALL_OPERATIONS) or listed
        status = client.ask(create_request(printer)).ipp_status
        assert status == ("successful-ok" if works else "server-error-operation-not-supported")


def test_an_operation_may_be_answered_with_any_status():
    """status: always, or so many times; the document is read first and no job is left (Q-93, Q-108)."""
    fault = "status=Send-Document:client-error-not-found+Print-Job:server-error-temporary-error*1"
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert client.ask(print_request(printer), b"text").ipp_status == "server-error-temporary-error"
        assert printer.jobs == []
        assert client.ask(print_request(printer), b"text").ipp_status == "successful-ok"
        client.ask(create_request(printer))
        for _ in range(2):
            assert client.ask(document_request(printer, 2), b"text").ipp_status == "client-error-not-found"
        assert len(printer.printed) == 1


@pytest.mark.parametrize("fault, times", [("busy=2@Create-Job", 2), ("busy=always@Create-Job", 99)])
def test_an_operation_may_be_busy(fault, times):
    """busy: so many times server-error-busy, then success (Q-105)."""
    with Printer(faults=f"{fault},refuse_close=keep") as printer, Client(printer) as client:
        got = [client.ask(create_request(printer)).ipp_status for _ in range(4)]
        assert got == ["server-error-busy" if number < times else "successful-ok" for number in range(4)]


def test_busy_comes_before_the_document_has_been_read():
    """The reply is there while the body is still being sent."""
    with Printer(faults="busy=1@Print-Job") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        assert client.reply().ipp_status == "server-error-busy"
        assert printer.jobs == []


def test_validate_job_may_be_refused():
    """validate=bad-request (Q-92)."""
    with Printer(faults="validate=bad-request") as printer, Client(printer) as client:
        assert client.ask(validate_request(printer)).ipp_status == "client-error-bad-request"
        assert client.ask(print_request(printer), b"text").ipp_status == "successful-ok"


def test_validate_job_may_drop_the_connection_now_and_then():
    """validate=close-2-of-3: two connections end, the third is answered (Q-91)."""
    with Printer(faults="validate=close-2-of-3") as printer:

        def outcome() -> str:
            with Client(printer) as client:
                try:
                    return client.ask(validate_request(printer)).ipp_status
                except Ended as end:
                    return end.how

        assert [outcome() for _ in range(4)] == ["close_notify", "close_notify", "successful-ok", "close_notify"]


def test_validate_job_may_hang():
    """validate=hang (Q-91)."""
    with Printer(faults="validate=hang") as printer, Client(printer) as client:
        client.post(validate_request(printer))
        assert client.is_silent()


def test_asking_may_take_long():
    """gpa_delay (Q-42)."""
    with Printer(faults="gpa_delay=0.3") as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        assert client.is_silent(0.1)
        assert client.reply().ipp_status == "successful-ok"


def test_asking_may_always_give_a_bad_status():
    """gpa=internal-error: the attributes are good all the same (Q-109)."""
    with Printer(faults="gpa=internal-error") as printer, Client(printer) as client:
        reply = client.ask(attributes_request(printer))
        assert reply.ipp_status == "server-error-internal-error"
        assert values(reply.message, "printer-state") == [3]


def test_a_printer_may_not_accept_jobs():
    """accepting=no: it says so, and refuses jobs (Q-105)."""
    with Printer(faults="accepting=no") as printer, Client(printer) as client:
        assert values(client.ask(attributes_request(printer)).message, "printer-is-accepting-jobs") == [False]
        assert client.ask(print_request(printer), b"text").ipp_status == "server-error-not-accepting-jobs"


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
        ("format=refuse-pdf-name", [PDF, URF, OCTETS], [URF, OCTETS, ""], [PDF]),
    ],
)
def test_formats_listed_and_formats_taken_are_two_things(fault, listed, taken, refused):
    """Q-97, with the refused format in the unsupported group."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert values(client.ask(attributes_request(printer)).message, "document-format-supported") == listed
        for format_ in taken:
            assert client.ask(print_job(target(printer), 1, "x", format_), b"t").ipp_status == "successful-ok"
        for format_ in refused:
            reply = client.ask(print_job(target(printer), 1, "x", format_), b"t")
            assert reply.ipp_status == "client-error-document-format-not-supported"
            assert value(reply.message, "document-format", Tag.UNSUPPORTED_ATTRIBUTES) == format_
        assert len(printer.jobs) == len(taken)


def test_a_fair_printer_refuses_what_it_does_not_list():
    """A format outside its list gets document-format-not-supported."""
    with Printer() as printer, Client(printer) as client:
        reply = client.ask(print_job(target(printer), 1, "x", "application/vnd.nothing"), b"t")
        assert reply.ipp_status == "client-error-document-format-not-supported"


@pytest.mark.parametrize("fault, stored", [("gzip=ok", True), ("gzip=print-raw", False)])
def test_compression_may_not_be_undone(fault, stored):
    """gzip=print-raw: the compressed bytes come out on paper (Q-98); a fair printer undoes it."""
    packed = gzip.compress(b"text" * 100)
    with Printer(faults=fault) as printer, Client(printer) as client:
        request = with_attribute(print_request(printer), attribute("compression", Tag.KEYWORD, "gzip"))
        assert client.ask(request, packed).ipp_status == "successful-ok"
        assert printer.jobs[0].document == (b"text" * 100 if stored else packed)


def test_compression_may_be_refused():
    """gzip=refuse: neither listed nor taken."""
    with Printer(faults="gzip=refuse") as printer, Client(printer) as client:
        assert values(client.ask(attributes_request(printer)).message, "compression-supported") == ["none"]
        request = with_attribute(print_request(printer), attribute("compression", Tag.KEYWORD, "gzip"))
        assert client.ask(request, b"x").ipp_status == "client-error-compression-not-supported"


@pytest.mark.parametrize(
    "fault, upper, pages",
    [("copies=ok", 999, 3), ("copies=ignore", 999, 1), ("copies=told", 999, 1), ("copies=1-1", 1, 1)],
)
def test_copies_may_be_ignored(fault, upper, pages):
    """What copies-supported says, and how many come out (Q-113)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        (supported,) = values(client.ask(attributes_request(printer)).message, "copies-supported")
        assert supported.upper == upper
        client.ask(
            with_attribute(print_request(printer), attribute("copies", Tag.INTEGER, 3), Tag.JOB_ATTRIBUTES), b"t"
        )
        assert printer.jobs[0].copies == 3 and printer.jobs[0].impressions == pages


# --- what the printer says of itself ---


def test_attributes_may_be_missing_or_bogus():
    """missing_attributes and bogus (Q-115): left out, or with their own name as value."""
    fault = "missing_attributes=printer-state+printer-name,bogus=printer-make-and-model"
    with Printer(faults=fault) as printer, Client(printer) as client:
        message = client.ask(attributes_request(printer)).message
        assert values(message, "printer-state") == values(message, "printer-name") == []
        assert values(message, "printer-make-and-model") == ["printer-make-and-model"]


def test_reasons_may_be_a_weird_list_that_changes():
    """reasons: words for ever, and words for a time (Q-111)."""
    with Printer(faults="reasons=none-report+media-low-warning@0-0.3+cover-open-error@0.3-99") as printer:
        with Client(printer) as client:

            def reasons() -> list[object]:
                return values(
                    client.ask(attributes_request(printer, "printer-state-reasons")).message, "printer-state-reasons"
                )

            assert reasons() == ["none-report", "media-low-warning"]
            assert printer.wait_until(lambda: reasons() == ["none-report", "cover-open-error"])


@pytest.mark.parametrize(
    "fault, levels",
    [
        ("supplies=ok", [80, 60]),
        ("supplies=low", [5, 60]),
        ("supplies=empty", [0, 60]),
        ("supplies=unknown", [-1, -3]),
        ("supplies=ragged", [80]),
        ("supplies=none", []),
    ],
)
def test_supplies_may_be_anything(fault, levels):
    """marker-levels, with as many names, or not."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        message = client.ask(attributes_request(printer)).message
        assert values(message, "marker-levels") == levels
        assert len(values(message, "marker-names")) == (2 if levels else 0)


def test_the_firmware_has_a_version():
    """firmware: what an update would change."""
    with Printer(faults="firmware=20140521") as printer, Client(printer) as client:
        assert values(client.ask(attributes_request(printer)).message, "printer-firmware-string-version") == [
            "20140521"
        ]


# --- what it says about refusals ---


@pytest.mark.parametrize(
    "fault, said", [("says=keyword", "client-error-account-closed"), ("says=Ask the office", "Ask the office")]
)
def test_a_refusal_has_a_sentence(fault, said):
    """says: the status-message of what the printer refuses; successes have none."""
    with Printer(faults=f"{fault},status=Print-Job:client-error-account-closed") as printer, Client(printer) as client:
        assert value(client.ask(print_request(printer), b"text").message, "status-message") == said
        assert value(client.ask(attributes_request(printer)).message, "status-message") is None


def test_a_status_may_be_for_one_user_alone():
    """status_user: the others print."""
    faults = "status=Print-Job:client-error-account-limit-reached,status_user=anna"
    with Printer(faults=faults) as printer, Client(printer) as client:
        assert client.ask(print_request(printer, user="anna")).ipp_status == "client-error-account-limit-reached"
        assert client.ask(print_request(printer, user="berta")).ipp_status == "successful-ok"


@pytest.mark.parametrize("code, told", [(429, "7"), (503, "7"), (500, None)])
def test_a_time_to_come_back_may_be_named(code, told):
    """retry_after: in the headers of HTTP 429 and 503, and of no other status."""
    faults = f"only=Print-Job,refuse_close=keep,answer=status:{code}"
    with Printer(faults=f"{faults},retry_after=7") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), b"text").headers.get("retry-after") == told
    with Printer(faults=faults) as printer, Client(printer) as client:
        assert "retry-after" not in client.ask(print_request(printer), b"text").headers


# --- PINs of jobs ---


@pytest.mark.parametrize(
    "fault, status, named, jobs",
    [
        ("pin=ok", "successful-ok", False, 1),
        ("pin=silent", "successful-ok", False, 1),
        ("pin=told", "successful-ok-ignored-or-substituted-attributes", True, 1),
        ("pin=refuse", "client-error-attributes-or-values-not-supported", True, 0),
        ("pin=unnamed", "client-error-attributes-or-values-not-supported", False, 0),
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
        assert client.ask(print_request(printer), b"text").ipp_status == "successful-ok"
