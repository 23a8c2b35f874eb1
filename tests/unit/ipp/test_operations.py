"""backend.ipp.codes and operations: numbers, names and requests."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from backend.errors import MalformedMessage
from backend.ipp import operations
from backend.ipp.codes import JobState, Operation, PrinterState, Status, keyword, operation_name, succeeded
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Message, Value, attribute, values_fault
from backend.ipp.operations import Target, clean_name, sanitised_user
from backend.ipp.tags import Tag

TARGET = Target("ipps://printer.example:443/ipp/print", "ana")
HEAD = [
    ("attributes-charset", Tag.CHARSET, ("utf-8",)),
    ("attributes-natural-language", Tag.NATURAL_LANGUAGE, ("en",)),
    ("printer-uri", Tag.URI, ("ipps://printer.example:443/ipp/print",)),
]
USER = ("requesting-user-name", Tag.NAME_WITHOUT_LANGUAGE, ("ana",))
JOB_ID = ("job-id", Tag.INTEGER, (7,))
JOB_NAME = ("job-name", Tag.NAME_WITHOUT_LANGUAGE, ("report",))
FORMAT = ("document-format", Tag.MIME_MEDIA_TYPE, ("text/plain",))
WANTED = ("requested-attributes", Tag.KEYWORD, ("job-id", "job-state"))


def rows(message: Message, tag: Tag) -> list[Any]:
    """Return the attributes of a group as (name, tag, values), in order."""
    group = message.group(tag)
    return [(each.name, each.values[0].tag, each.all) for each in group.attributes] if group else []


#: Operation, how it is built, the operation attributes in order.
REQUESTS: list[tuple[Operation, Callable[..., Message], tuple[Any, ...], list[Any]]] = [
    (Operation.GET_PRINTER_ATTRIBUTES, operations.get_printer_attributes, (), [*HEAD, USER]),
    (
        Operation.GET_PRINTER_ATTRIBUTES,
        operations.get_printer_attributes,
        (("job-id", "job-state"),),
        [*HEAD, USER, WANTED],
    ),
    (Operation.PRINT_JOB, operations.print_job, ("report", "text/plain"), [*HEAD, USER, JOB_NAME, FORMAT]),
    (Operation.PRINT_JOB, operations.print_job, (), [*HEAD, USER]),
    (Operation.CREATE_JOB, operations.create_job, ("report",), [*HEAD, USER, JOB_NAME]),
    (
        Operation.SEND_DOCUMENT,
        operations.send_document,
        (7, "text/plain"),
        [*HEAD, JOB_ID, USER, FORMAT, ("last-document", Tag.BOOLEAN, (True,))],
    ),
    (
        Operation.SEND_DOCUMENT,
        operations.send_document,
        (7,),
        [*HEAD, JOB_ID, USER, ("last-document", Tag.BOOLEAN, (True,))],
    ),
    (
        Operation.GET_JOB_ATTRIBUTES,
        operations.get_job_attributes,
        (7, ["job-id", "job-state"]),
        [*HEAD, JOB_ID, USER, WANTED],
    ),
    (Operation.GET_JOBS, operations.get_jobs, (), [*HEAD, USER]),
    (Operation.CANCEL_JOB, operations.cancel_job, (7,), [*HEAD, JOB_ID, USER]),
]
EACH_REQUEST = pytest.mark.parametrize("operation, build, arguments, expected", REQUESTS)


@EACH_REQUEST
def test_request(operation, build, arguments, expected):
    """Each request has its attributes in the order of RFC 8011, the user always (Q-89); a strict printer takes it."""
    message = build(TARGET, 9, *arguments)
    assert (message.version, message.code, message.request_id) == ((2, 0), operation, 9)
    assert rows(message, Tag.OPERATION_ATTRIBUTES) == expected
    assert len(message.groups) == 1
    assert decode_message(encode_message(message), strict=True).message == message


@EACH_REQUEST
def test_empty_names_are_left_out(operation, build, arguments, expected):
    """Names that are empty, or empty once cleaned, are not sent (Q-86)."""
    arguments = tuple("\x13 " if argument == "report" else argument for argument in arguments)
    message = build(Target(TARGET.printer_uri, ""), 9, *arguments)
    assert rows(message, Tag.OPERATION_ATTRIBUTES) == [row for row in expected if row not in (USER, JOB_NAME)]


@EACH_REQUEST
def test_more_operation_attributes(operation, build, arguments, expected):
    """Further operation attributes follow the request's own; last-document stays last."""
    more = attribute("compression", Tag.KEYWORD, "none")
    found = rows(build(TARGET, 9, *arguments, operation_attributes=[more]), Tag.OPERATION_ATTRIBUTES)
    assert sorted(map(str, found)) == sorted(map(str, [*expected, ("compression", Tag.KEYWORD, ("none",))]))
    assert found[: len(HEAD)] == HEAD
    assert found[-1][0] == ("last-document" if operation is Operation.SEND_DOCUMENT else "compression")


@pytest.mark.parametrize("build", [operations.print_job, operations.create_job])
def test_job_attributes(build):
    """Job attributes make the second group; without any there is no such group (Q-85)."""
    message = build(TARGET, 9, job_attributes=[attribute("copies", Tag.INTEGER, 2)])
    assert [group.tag for group in message.groups] == [Tag.OPERATION_ATTRIBUTES, Tag.JOB_ATTRIBUTES]
    assert rows(message, Tag.JOB_ATTRIBUTES) == [("copies", Tag.INTEGER, (2,))]
    assert [group.tag for group in build(TARGET, 9, job_attributes=iter(())).groups] == [Tag.OPERATION_ATTRIBUTES]


def test_last_document_is_always_sent():
    """last-document is there also when it is false (Q-95)."""
    message = operations.send_document(TARGET, 9, 7, last_document=False)
    assert rows(message, Tag.OPERATION_ATTRIBUTES)[-1] == ("last-document", Tag.BOOLEAN, (False,))


def test_get_jobs_with_everything():
    """Get-Jobs says which jobs, how many, whose, and what is wanted of them."""
    message = operations.get_jobs(TARGET, 9, ("job-id", "job-state"), which_jobs="completed", my_jobs=True, limit=50)
    assert rows(message, Tag.OPERATION_ATTRIBUTES)[len(HEAD) + 1 :] == [
        ("limit", Tag.INTEGER, (50,)),
        WANTED,
        ("which-jobs", Tag.KEYWORD, ("completed",)),
        ("my-jobs", Tag.BOOLEAN, (True,)),
    ]
    assert decode_message(encode_message(message), strict=True).message == message


def test_version_and_names_of_the_target():
    """The target brings the version, and a user name that is cleaned like all names."""
    message = operations.get_jobs(Target("ipp://p/", "a\x13b\udcfc" + "x" * 300, (1, 1)), 3)
    user = message.get("requesting-user-name")
    assert message.version == (1, 1)
    assert user is not None and user.value == "a b\u00fc" + "x" * 250


def test_an_attribute_given_twice_is_refused():
    """What a request has already cannot be added once more (Q-94): encoding refuses it."""
    again = attribute("document-format", Tag.MIME_MEDIA_TYPE, "application/pdf")
    message = operations.print_job(TARGET, 1, "x", "text/plain", operation_attributes=[again])
    with pytest.raises(MalformedMessage, match="'document-format': it is there twice"):
        encode_message(message)


def test_a_uri_that_is_none_is_refused():
    """A printer-uri with a space never reaches a printer."""
    with pytest.raises(MalformedMessage, match="attribute 'printer-uri'"):
        encode_message(operations.get_jobs(Target("ipp://p/a b"), 1))


@pytest.mark.parametrize(
    "text, limit, ending, cleaned",
    [
        ("report", 255, "", "report"),
        ("", 255, "", ""),
        ("  \t ", 255, "", ""),
        ("two\nlines\x13\x7f\x85.", 255, "", "two lines   ."),
        ("Gr\u00fc\u00dfe \u65e5\u672c", 255, "", "Gr\u00fc\u00dfe \u65e5\u672c"),
        ("K\udcfcche", 255, "", "K\u00fcche"),
        ("K\udc85che", 255, "", "K che"),
        ("a" * 300, 255, "", "a" * 255),
        ("\u00fc" * 200, 255, "", "\u00fc" * 127),
        ("abc def", 4, "", "abc"),
        ("report", 255, " 0123456789ab", "report 0123456789ab"),
        ("a" * 300, 255, " 0123456789ab", "a" * 242 + " 0123456789ab"),
        ("\u00fc" * 300, 255, " 0123456789ab", "\u00fc" * 121 + " 0123456789ab"),
        ("", 255, " 0123456789ab", "0123456789ab"),
        ("abc", 2, "xy", "xy"),
    ],
)
def test_clean_name(text, limit, ending, cleaned):
    """Names lose control characters (Q-88) and what is too long, never half a character and never their ending."""
    assert clean_name(text, limit, ending) == cleaned
    assert clean_name(cleaned, limit, ending="") == cleaned[:limit]


@pytest.mark.parametrize(
    "code, cleaned",
    [
        (0x1F, " "),
        (0x20, " "),
        (0x7E, "~"),
        (0x7F, " "),
        (0xA0, "\xa0"),
        (0xD7FF, "\ud7ff"),
        (0xD800, "\ufffd"),
        (0xDC7F, "\ufffd"),
        (0xDC80, " "),
        (0xDCA0, "\xa0"),
        (0xDCFF, "\xff"),
        (0xDD00, "\ufffd"),
        (0xE000, "\ue000"),
    ],
)
def test_clean_name_character_by_character(code, cleaned):
    """Controls become spaces, single octets become Latin-1, other surrogates the replacement character."""
    assert clean_name(f"<{chr(code)}>") == f"<{cleaned}>"


@pytest.mark.parametrize(
    "text, sanitised",
    [
        ("ana", "ana"),
        ("DOMAIN\\ana.b@example.com", "DOMAINanabexamplecom"),
        ("J\u00f6rg-2", "Jrg2"),
        ("\u0661\u00b2", ""),
        ("", ""),
        ("a" * 300, "a" * 255),
    ],
)
def test_sanitised_user(text, sanitised):
    """Only letters and digits of US-ASCII are left for printers that refuse anything else (Q-87)."""
    assert sanitised_user(text) == sanitised


@pytest.mark.parametrize(
    "code, word, success",
    [
        (Status.SUCCESSFUL_OK, "successful-ok", True),
        (0x0001, "successful-ok-ignored-or-substituted-attributes", True),
        (0x0406, "client-error-not-found", False),
        (0x040A, "client-error-document-format-not-supported", False),
        (0x0507, "server-error-busy", False),
        (0x00FF, "0x00ff", True),
        (0x0100, "0x0100", False),
        (0x04FF, "0x04ff", False),
    ],
)
def test_status(code, word, success):
    """A status has the RFC's keyword, or its number if nobody knows it; below 0x100 it means success."""
    assert (keyword(code), succeeded(code)) == (word, success)


@pytest.mark.parametrize(
    "code, name",
    [(2, "Print-Job"), (3, "Print-URI"), (0x0B, "Get-Printer-Attributes"), (0x3B, "Close-Job"), (0x4001, "0x4001")],
)
def test_operation_name(code, name):
    """An operation has the RFC's name, or its number if nobody knows it."""
    assert operation_name(code) == name


def test_states():
    """Job and printer states have the RFC's numbers; a job is over from canceled on."""
    assert [state.value for state in JobState] == [3, 4, 5, 6, 7, 8, 9]
    assert [state.name for state in JobState if state.is_final] == ["CANCELED", "ABORTED", "COMPLETED"]
    assert [state.value for state in PrinterState] == [3, 4, 5]


@pytest.mark.parametrize(
    "tags, fault",
    [
        ((Tag.INTEGER,), ""),
        ((Tag.NO_VALUE,), ""),
        ((Tag.INTEGER, Tag.INTEGER), ""),
        ((Tag.INTEGER, Tag.NO_VALUE), "an out-of-band value stands beside others"),
        ((Tag.UNSUPPORTED, Tag.UNSUPPORTED), "an out-of-band value stands beside others"),
        ((), "there is no value"),
    ],
)
def test_what_is_wrong_with_values(tags: tuple[Tag, ...], fault: str) -> None:
    """One value at least, and one that is out of band alone (RFC 8010 section 3.5.2)."""
    assert values_fault([Value(tag, 1 if tag is Tag.INTEGER else None) for tag in tags]) == fault
