"""What the scripted printer says of itself and of its jobs: RFC 8011 sections 5.3 and 5.4, PWG 5100.9 supplies."""

from __future__ import annotations

import time
from typing import Any, Iterable

from backend.ipp.codes import Operation, PrinterState
from backend.ipp.message import Attribute, Collection, Range, Resolution, attribute
from backend.ipp.operations import clean_name
from backend.ipp.tags import Tag

from tests.printer.faults import Faults, operation_set, plain_name
from tests.printer.jobs import ReceivedJob

PCL, OCTETS, TEXT = "application/vnd.hp-PCL", "application/octet-stream", "text/plain"
FORMATS = {
    "any": (PCL, OCTETS, TEXT, "application/postscript", "application/pdf", "image/pwg-raster"),
    "octet-only": (OCTETS,),
    "refuse-octet": (PCL, OCTETS, TEXT),
    "unlisted-ok": (TEXT,),
    "pcl-only": (PCL,),
    "none-listed": (),
    "refuse-pdf": ("application/pdf", "image/urf"),
    "refuse-jpeg": ("image/jpeg", "application/pdf"),
    "refuse-pdf-name": ("application/pdf", "image/urf", OCTETS),
}
VERSIONS = {
    "all": ("1.0", "1.1", "2.0", "2.1", "2.2"),
    "1.0-only": ("1.0",),
    "1.1-only": ("1.1",),
}
OPERATIONS = (
    Operation.PRINT_JOB,
    Operation.VALIDATE_JOB,
    Operation.CREATE_JOB,
    Operation.SEND_DOCUMENT,
    Operation.CANCEL_JOB,
    Operation.GET_JOB_ATTRIBUTES,
    Operation.GET_JOBS,
    Operation.GET_PRINTER_ATTRIBUTES,
    Operation.IDENTIFY_PRINTER,
)
MEDIA = ("iso_a4_210x297mm", "iso_a5_148x210mm", "na_letter_8.5x11in", "na_legal_8.5x14in")

COLLATED, UNCOLLATED = "separate-documents-collated-copies", "separate-documents-uncollated-copies"

# Attributes that a client sees only when it asks for them by name (RFC 8011 section 4.2.5.1 allows that for large
# ones).
BY_NAME_ONLY = {"media-col-database"}
JOB_TEMPLATE_STEMS = (
    "copies",
    "finishings",
    "job-hold-until",
    "job-priority",
    "job-sheets",
    "media",
    "media-col",
    "multiple-document-handling",
    "number-up",
    "orientation-requested",
    "output-bin",
    "page-ranges",
    "print-color-mode",
    "print-quality",
    "printer-resolution",
    "sides",
)


def keywords(name: str, *values: str) -> Attribute:
    return attribute(name, Tag.KEYWORD, *values)


def integers(name: str, *values: int) -> Attribute:
    return attribute(name, Tag.INTEGER, *values)


def printer_attributes(
    uri: str, faults: Faults, state: PrinterState, reasons: tuple[str, ...], queued: int, up_time: int
) -> list[Attribute]:
    """All printer attributes; what the faults leave out or spoil is already left out or spoilt."""
    listed = [
        *_description(uri, faults),
        *_abilities(faults),
        *_job_template(faults),
        *_supplies(faults),
        attribute("printer-state", Tag.ENUM, int(state)),
        keywords("printer-state-reasons", *reasons),
        attribute("printer-is-accepting-jobs", Tag.BOOLEAN, faults.accepting == "yes"),
        integers("queued-job-count", queued),
        integers("printer-up-time", up_time),
    ]
    return [each for each in listed if each.values and each.name not in faults.words("missing_attributes")]


def _description(uri: str, faults: Faults) -> list[Attribute]:
    authentication = {"none": "requesting-user-name", "basic": "basic"}.get(faults.auth, "digest")
    return [
        attribute("printer-uri-supported", Tag.URI, uri),
        keywords("uri-security-supported", "none" if faults.tls.startswith("plain") else "tls"),
        keywords("uri-authentication-supported", authentication),
        attribute("printer-name", Tag.NAME_WITHOUT_LANGUAGE, "scripted"),
        attribute("printer-info", Tag.TEXT_WITHOUT_LANGUAGE, "Scripted printer"),
        attribute("printer-location", Tag.TEXT_WITHOUT_LANGUAGE, "Loopback"),
        attribute("printer-make-and-model", Tag.TEXT_WITHOUT_LANGUAGE, "Scripted Printer PCL"),
        attribute("printer-device-id", Tag.TEXT_WITHOUT_LANGUAGE, "MFG:Scripted;MDL:Printer;CMD:PCL,PJL;CLS:PRINTER;"),
        attribute("printer-more-info", Tag.URI, "https://localhost/"),
        attribute("printer-uuid", Tag.URI, "urn:uuid:4509a320-00a0-008f-00b6-002507510eca"),
        attribute("printer-firmware-name", Tag.NAME_WITHOUT_LANGUAGE, "scripted"),
        attribute("printer-firmware-string-version", Tag.TEXT_WITHOUT_LANGUAGE, faults.firmware),
        attribute("charset-configured", Tag.CHARSET, "utf-8"),
        attribute("charset-supported", Tag.CHARSET, "us-ascii", "utf-8"),
        attribute("natural-language-configured", Tag.NATURAL_LANGUAGE, "en"),
        attribute("generated-natural-language-supported", Tag.NATURAL_LANGUAGE, "en"),
        keywords("pdl-override-supported", "attempted"),
        attribute("color-supported", Tag.BOOLEAN, False),
        integers("pages-per-minute", 30),
    ]


def _abilities(faults: Faults) -> list[Attribute]:
    formats = FORMATS[faults.format]
    return [
        keywords("ipp-versions-supported", *VERSIONS[faults.ipp]),
        attribute("operations-supported", Tag.ENUM, *(int(operation) for operation in listed_operations(faults))),
        attribute("document-format-default", Tag.MIME_MEDIA_TYPE, *formats[:1]),
        attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, *formats),
        keywords("compression-supported", "none", "gzip"),  # gzip is refused all the same
        attribute("multiple-document-jobs-supported", Tag.BOOLEAN, True),
        integers("multiple-operation-time-out", 60),
        keywords("which-jobs-supported", "completed", "not-completed"),
        attribute("job-ids-supported", Tag.BOOLEAN, True),
        keywords(
            "job-creation-attributes-supported", "copies", "media", "sides", "orientation-requested", "print-quality"
        ),
    ]


def _job_template(faults: Faults) -> list[Attribute]:
    return [
        integers("copies-default", 1),
        attribute("copies-supported", Tag.RANGE_OF_INTEGER, Range(1, 1 if faults.copies == "1-1" else 999)),
        attribute("finishings-default", Tag.ENUM, 3),
        attribute("finishings-supported", Tag.ENUM, 3),
        keywords("media-default", MEDIA[0]),
        keywords("media-supported", *MEDIA),
        keywords("media-ready", MEDIA[0]),
        attribute("media-col-default", Tag.BEG_COLLECTION, _media_col(21000, 29700)),
        keywords("media-col-supported", "media-size", "media-source", "media-type"),
        attribute("media-col-database", Tag.BEG_COLLECTION, _media_col(21000, 29700), _media_col(21590, 27940)),
        keywords("media-source-supported", "auto", "tray-1", "tray-2", "manual"),
        keywords("media-type-supported", "stationery", "transparency"),
        keywords("multiple-document-handling-default", COLLATED),
        keywords("multiple-document-handling-supported", COLLATED, UNCOLLATED),
        attribute("orientation-requested-default", Tag.ENUM, 3),
        attribute("orientation-requested-supported", Tag.ENUM, 3, 4),
        keywords("output-bin-default", "face-down"),
        keywords("output-bin-supported", "face-down"),
        attribute("page-ranges-supported", Tag.BOOLEAN, True),
        keywords("print-color-mode-default", "monochrome"),
        keywords("print-color-mode-supported", "auto", "monochrome"),
        attribute("print-quality-default", Tag.ENUM, 4),
        attribute("print-quality-supported", Tag.ENUM, 3, 4, 5),
        attribute("printer-resolution-default", Tag.RESOLUTION, Resolution(600, 600)),
        attribute("printer-resolution-supported", Tag.RESOLUTION, Resolution(300, 300), Resolution(600, 600)),
        keywords("sides-default", "one-sided"),
        keywords("sides-supported", "one-sided", "two-sided-long-edge", "two-sided-short-edge"),
    ]


def _media_col(width: int, height: int) -> Collection:
    size = Collection((integers("x-dimension", width), integers("y-dimension", height)))
    return Collection((attribute("media-size", Tag.BEG_COLLECTION, size), keywords("media-type", "stationery")))


def _supplies(faults: Faults) -> list[Attribute]:
    return [
        attribute("marker-names", Tag.NAME_WITHOUT_LANGUAGE, "Black Toner", "Imaging Drum"),
        attribute("marker-colors", Tag.NAME_WITHOUT_LANGUAGE, "#000000", "none"),
        keywords("marker-types", "toner", "opc"),
        integers("marker-levels", 5 if faults.supplies == "low" else 80, 60),
        integers("marker-low-levels", 10, 10),
        integers("marker-high-levels", 100, 100),
    ]


def unsupported(template: Iterable[Attribute], printer: Iterable[Attribute]) -> list[Attribute]:
    """Those Job Template attributes of a request that a printer with these attributes does not carry out."""
    abilities = {each.name: each.all for each in printer}
    return [each for each in template if not _is_supported(each, abilities.get(f"{each.name}-supported", ()))]


def _is_supported(wanted: Attribute, listed: tuple[Any, ...]) -> bool:
    for value in wanted.all:
        if isinstance(value, Collection):
            good = {member.name for member in value.attributes} <= set(listed)
        elif isinstance(value, Range) or listed == (True,):  # page-ranges and accounts: a boolean says whether
            good = True in listed
        else:
            ranges = (each for each in listed if isinstance(each, Range))
            good = value in listed or any(each.lower <= value <= each.upper for each in ranges)
        if not good:
            return False
    return True


def listed_operations(faults: Faults) -> list[Operation]:
    unlisted = operation_set(faults.missing)
    return [operation for operation in OPERATIONS if plain_name(operation.name) not in unlisted]


def supports(operation: int, faults: Faults) -> bool:
    refused = operation_set(faults.missing) | operation_set(faults.broken)
    return any(operation == known and plain_name(known.name) not in refused for known in OPERATIONS)


def select(attributes: Iterable[Attribute], requested: tuple[str, ...], template: Iterable[str]) -> list[Attribute]:
    """Those attributes that requested-attributes asks for, by name or by group name."""
    names = set(requested)
    template = set(template)
    chosen = []
    for each in attributes:
        groups = {"all", "job-template"} if each.name in template else {"all", "printer-description", "job-description"}
        by_group = bool(groups & names) and each.name not in BY_NAME_ONLY
        if by_group or each.name in names:
            chosen.append(each)
    return chosen


def template_names() -> set[str]:
    """The printer attributes of the group "job-template"."""
    endings = ("", "-default", "-supported", "-ready", "-database")
    return {stem + ending for stem in JOB_TEMPLATE_STEMS for ending in endings}


def job_attributes(job: ReceivedJob, uri: str, faults: Faults, began: float) -> list[Attribute]:
    """All attributes of a job."""
    now = time.monotonic()
    listed = [
        *job_identity(job, uri, faults),
        attribute("job-printer-uri", Tag.URI, uri),
        attribute("job-name", Tag.NAME_WITHOUT_LANGUAGE, clean_name(job.name or "") or "Untitled"),
        attribute("job-originating-user-name", Tag.NAME_WITHOUT_LANGUAGE, clean_name(job.user or "") or "anonymous"),
        attribute("job-uuid", Tag.URI, f"urn:uuid:4509a320-00a0-008f-00b6-{job.id:012x}"),
        *_job_states(job, faults),
        _moment("time-at-creation", job.created, began, now),
        _moment("time-at-processing", job.start, began, now),
        _moment("time-at-completed", job.end if job.end <= now else None, began, now),
        integers("job-printer-up-time", max(1, int(now - began))),
        integers("number-of-documents", len(job.documents)),
        integers("job-k-octets", (job.size + 1023) // 1024),
        *_progress(job, faults),
        *job.template,
    ]
    return [each for each in listed if each.name not in faults.words("missing_attributes")]


def job_identity(job: ReceivedJob, uri: str, faults: Faults) -> list[Attribute]:
    numbered = [integers("job-id", job.id)] if faults.job_id in ("ok", "wrong-group") else []
    named = [attribute("job-uri", Tag.URI, f"{uri}/{job.id}")] if faults.job_id != "none" else []
    return named + numbered


def _job_states(job: ReceivedJob, faults: Faults) -> list[Attribute]:
    ended = job.state.is_final and faults.end_reasons != "usual"
    told = [keywords("job-state-reasons", *(faults.words("end_reasons") if ended else job.reasons))]
    if faults.job_message != "none":
        told.append(attribute("job-state-message", Tag.TEXT_WITHOUT_LANGUAGE, faults.job_message))
    return [attribute("job-state", Tag.ENUM, int(job.state)), *told]


def _progress(job: ReceivedJob, faults: Faults) -> list[Attribute]:
    names = ("job-impressions-completed", "job-media-sheets-completed") if faults.impressions == "ok" else ()
    return [integers(name, job.impressions) for name in names]


def _moment(name: str, when: float | None, began: float, now: float) -> Attribute:
    if when is None or when > now:
        return attribute(name, Tag.NO_VALUE)
    return integers(name, max(1, int(when - began)))


def of_values(values: dict[str, Any]) -> list[Attribute]:
    """Printer attributes that a test gave: Attribute objects, or strings, numbers and truth values."""
    return [_given(name, value) for name, value in values.items()]


def _given(name: str, value: Any) -> Attribute:
    tags = {bool: Tag.BOOLEAN, int: Tag.INTEGER, str: Tag.KEYWORD}
    return value if isinstance(value, Attribute) else attribute(name, tags[type(value)], value)
