"""The faults of the scripted printer as data: one named field a switch, one grammar for all values.

A fault is written ``switch=value``, as in ``chunk=411,keepalive=close``; in Python ``Faults(chunk="411")``.
The values a switch takes stand beside it as *forms*; capital letters in a form are places for something else:

    N       a whole number          S       seconds, a decimal           CODE    an HTTP status, three digits
    OP      an operation name       OPS     operation names with "+"     STATUS  an IPP status keyword
    PHASE   a moment of one exchange, see PHASES                         TEXT    anything

A switch marked as a list takes several values joined by "+". Anything else is refused, with the forms that exist.

Each switch belongs to one of three kinds. ``only`` and ``only_connection`` confine the faults of a kind to some
operations or some connections, ``skip`` and ``times`` to the n-th such request; outside, that request or connection
is served fairly. The sources are the quirks that the documentation of this project numbers as Q-01 and on; each
switch names its own.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from tests.printer.grammar import (
    CONNECTION,
    PHASES,
    PRINTER,
    REQUEST,
    BadFault,
    Setting,
    match,
    operation_set,
    plain_name,
    switch,
)

__all__ = [
    "CONNECTION",
    "PHASES",
    "PRINTER",
    "REQUEST",
    "BadFault",
    "Faults",
    "Setting",
    "describe",
    "operation_set",
    "plain_name",
]


@dataclass(frozen=True)
class Faults:
    """What is wrong with a printer. Without arguments nothing is."""

    # --- which requests and connections the faults are for ---
    only: str = switch("all", "all documents OPS", "the operations whose requests are treated badly", PRINTER)
    only_connection: str = switch("all", "all N", "the connections, counted from 1, that are treated badly", PRINTER)
    skip: str = switch("0", "N", "so many matching requests are served fairly first", PRINTER)
    times: str = switch("always", "always N", "so many matching requests are treated badly, the rest fairly", PRINTER)

    # --- how a request's body may be framed (Q-01 to Q-18) ---
    chunk: str = switch(
        "ok",
        "ok 400 411 413@N 417 501 505 status:CODE ignore ignore:empty-job ignore:400 raw drop-byte rst@PHASE"
        " fin@PHASE close@PHASE hang hang@reply hang@mid-reply hang@PHASE ops:OPS max-N min-N",
        "what becomes of chunked requests; sized ones are taken",
    )
    refuse_at: str = switch(
        "headers", "headers chunk1 end N", "when a refusal by HTTP status is sent: N bytes into the body"
    )
    refuse_close: str = switch(
        "close",
        "close keep rst confuse",
        "after a refusal: close, read the rest, reset, or take the rest for a request",
    )
    sized: str = switch("ok", "ok 400 411 413@N 501 505 status:CODE", "what becomes of requests with Content-Length")
    http: str = switch("1.1", "1.1 1.0", "the version in status lines; 1.0 closes after each reply and never sends 100")
    gap: str = switch("ok", "ok S", "reset when a chunk's data comes more than S seconds after its size line (Q-14)")
    idle_limit: str = switch("none", "none S", "reset when a body pauses for S seconds (Q-15)")

    # --- interim replies and early ones (Q-05, Q-18, Q-20 to Q-24) ---
    expect: str = switch("ok", "ok ignore 400 417", "what becomes of Expect: 100-continue")
    interim: str = switch(
        "none",
        "none unasked late repeated:N with-headers 102 103",
        "1xx replies that nobody asked for, or too many of them",
    )
    early_reply: str = switch(
        "none", "none CODE@N ok@N ipp:STATUS@N", "a final reply after N bytes of body, the rest unread (refuse_close)"
    )

    # --- replies (Q-20, Q-25 to) ---
    reply: str = switch(
        "sized",
        "sized chunked close split one-byte odd-chunks late-zero:S no-zero",
        "how the reply's body is framed and written",
    )
    answer: str = switch(
        "ipp",
        "ipp html:CODE html no-type other-type status:CODE ipp-in:CODE truncated:CODE empty garbage"
        " bad-status-line short long-length two-lengths endless-headers",
        "what is sent in the place of the IPP reply",
    )
    accept_encoding: str = switch("ok", "ok gzip-garbage", "offering gzip in Accept-Encoding is answered with rubbish")
    slow_reply: str = switch("0", "S", "seconds before the reply's first byte")
    drip: str = switch("0", "S", "seconds between the reply's single bytes")
    endless: str = switch(
        "none",
        "none interim head body chunks extension trailer",
        "which part of the reply has no end; in single bytes with drip, else as fast as it is read",
    )
    rest: str = switch("0", "S", "seconds after a reply in which nothing more is read")

    # --- connections (Q-12, Q-13, Q-29 to) ---
    at: str = switch(
        "none",
        "none rst@PHASE fin@PHASE close@PHASE hang@PHASE half-close@PHASE",
        "reset, FIN without close_notify, orderly close, silence, or a closed sending side, at moments of an"
        " exchange",
        several=True,
    )
    keepalive: str = switch(
        "ok",
        "ok lie lie:rst lie:hang close close-after-N stuck@N",
        "breaks on a connection's second request, says close, closes after N, or stops reading N bytes into a"
        " second request",
        CONNECTION,
    )
    idle_close: str = switch("never", "never S", "seconds until a connection without a request is closed", CONNECTION)
    max_conn: str = switch(
        "none",
        "none N:refuse N:hang N:abort",
        "so many connections at once; more are reset, silent, or abort the job",
        CONNECTION,
    )
    slow_read: str = switch("ok", "ok N:S", "a pause of S seconds after each N bytes read", CONNECTION)
    sleep: str = switch("none", "none N", "the first N connections are reset at once (Q-110)", PRINTER)
    cut: str = switch(
        "none",
        "none received:N sent:N received:N:fin sent:N:fin received:N:close sent:N:close",
        "the connection is reset (or ended) once N bytes of HTTP have come, or gone",
        CONNECTION,
    )

    # --- TLS (Q-50 to) ---
    tls: str = switch(
        "1.2-1.3",
        "1.0 1.1 1.2 1.3 1.0-1.1 1.2-1.3 plain plain:CODE",
        "the versions; or HTTP without TLS, answering normally or with CODE",
        CONNECTION,
    )
    tls13: str = switch("ok", "ok alert close", "what a ClientHello that offers TLS 1.3 meets", CONNECTION)
    suite: str = switch(
        "default", "default rsa-aes128-cbc rsa-aes128-gcm 3des rc4", "the only cipher suite", CONNECTION
    )
    handshake: str = switch(
        "ok",
        "ok hang slow:S alert:N close rst garbage hang@half",
        "silence, delay, alert number N, end or rubbish instead of a ServerHello",
        CONNECTION,
    )
    close_notify: str = switch(
        "ok",
        "ok no-reply abrupt",
        "end of a connection: orderly, never answering close_notify, TCP closed without it",
        CONNECTION,
    )
    sni: str = switch("any", "any require require:TEXT reject", "the server name in the ClientHello", CONNECTION)
    resume: str = switch("off", "off on", "session resumption", CONNECTION)
    client_cert: str = switch("none", "none require", "the client's certificate", CONNECTION)
    legacy: str = switch("none", "none no-rfc5746", "a TLS 1.2 of our own, without RFC 5746", CONNECTION)
    upgrade: str = switch(
        "none",
        "none accept decline:CODE close rst hang accept-plain",
        "RFC 2817: what OPTIONS with Upgrade gets on this plain port; without it 426",
        CONNECTION,
    )

    # --- certificates (Q-55 to Q-65) ---
    cert: str = switch(
        "own",
        "own rotate-after-N random-of-N",
        "the change of the certificate after N connections, to one that ends later; or one of N",
        PRINTER,
    )

    # --- authentication (Q-33 to Q-37) ---
    auth: str = switch(
        "none",
        "none basic digest-md5 digest-sha256 digest-both digest-stale digest-old multi negotiate never",
        "the scheme of the challenge; negotiate and never cannot be met",
    )
    auth_at: str = switch("headers", "headers N", "the 401 comes after the headers, or N bytes into the body")
    auth_ops: str = switch("all", "all OPS", "the operations that need a password")
    user: str = switch("someone", "TEXT", "the name that opens", PRINTER)
    password: str = switch("secret", "TEXT", "the password that opens", PRINTER)

    # --- names of the service (Q-39, Q-40, Q-43, Q-44) ---
    redirect: str = switch("none", "none CODE CODE:TEXT", "a redirect, to TEXT or to another port of this host")
    host: str = switch("any", "any strict:TEXT", "a Host other than TEXT (several with '+') gets 400")
    path: str = switch("/ipp/print", "none any TEXT", "the resource that prints", PRINTER)
    path_error: str = switch(
        "404", "CODE not-found", "what other resources get: HTTP status, or IPP client-error-not-found"
    )

    # --- IPP: versions and messages (Q-80 to) ---
    ipp: str = switch("all", "all 1.0-only 1.1-only", "the IPP versions")
    ipp2: str = switch("ok", "ok empty", "requests of IPP/2.0 get charset and language only")
    reply_version: str = switch("echo", "echo 1.0", "the IPP version of replies")
    encoding: str = switch("ok", "ok latin1", "a text in replies that is no UTF-8")
    strict: str = switch(
        "none",
        "none user-alnum job-template media-col duplicate-attribute",
        "requests that this printer refuses (Q-87, Q-94, Q-112)",
    )

    # --- IPP: operations (Q-90 to) ---
    missing: str = switch("none", "none OPS", "operations neither listed nor understood", PRINTER)
    broken: str = switch("none", "none OPS", "operations listed, but answered with operation-not-supported", PRINTER)
    status: str = switch(
        "none",
        "none OP:STATUS OP:STATUS*N",
        "operations answered with that status, N times or always; the document is read first",
        several=True,
    )
    busy: str = switch(
        "none", "none N@OP always@OP", "so many server-error-busy, before the document is read", several=True
    )
    format: str = switch(
        "any",
        "any octet-only refuse-octet unlisted-ok pcl-only none-listed refuse-pdf refuse-pdf-name refuse-jpeg",
        "document formats (Q-97)",
        PRINTER,
    )
    copies: str = switch(
        "ok", "ok ignore told 1-1", "the copies attribute; ignored, ignored and said so, not supported", PRINTER
    )
    lose_reply: str = switch(
        "none",
        "none after-accept before-accept after-accept:fin before-accept:fin after-accept:close after-accept:hang",
        "the reply to a document is lost after slow_reply seconds, with the job taken or forgotten (Q-16, Q-107)",
    )
    reply_when: str = switch(
        "accepted", "accepted printed", "the reply to a document comes when it is accepted, or printed (Q-106)"
    )
    gpa_delay: str = switch("0", "S", "seconds that Get-Printer-Attributes takes")
    gpa: str = switch("ok", "ok internal-error", "Get-Printer-Attributes with good attributes and a bad status (Q-109)")
    boot: str = switch("0", "N S:busy", "requests that get HTTP 503 first; or seconds of busy", PRINTER)
    job_id: str = switch("ok", "ok none wrong-group uri-only", "job-id in the replies to a job (Q-99)", PRINTER)

    # --- IPP: what is said of the printer and of jobs (Q-100 to) ---
    accepting: str = switch("yes", "yes no", "printer-is-accepting-jobs; no refuses jobs", PRINTER)
    missing_attributes: str = switch("none", "none TEXT", "attributes left out of every reply", PRINTER, several=True)
    reasons: str = switch("none", "none TEXT", "printer-state-reasons", PRINTER, several=True)
    supplies: str = switch("ok", "ok low", "the marker attributes", PRINTER)
    firmware: str = switch("1.0", "TEXT", "printer-firmware-string-version", PRINTER)
    state: str = switch(
        "completed",
        "completed pending-held canceled@pageN aborted document-format-error",
        "what a job comes to",
        PRINTER,
    )
    history: str = switch(
        "keep", "keep none not-possible", "jobs that are done: known, not-found, or not-possible", PRINTER
    )
    stall: str = switch(
        "none",
        "none N:S N:release TEXT@N:release",
        "N bytes into a document reading stops, with a state reason, for S seconds or until release()",
        PRINTER,
    )
    says: str = switch("keyword", "keyword TEXT", "the status-message of refusals", PRINTER)
    status_user: str = switch("all", "all TEXT", "the only requesting-user-name that the status switch is for", PRINTER)
    pin: str = switch(
        "ok",
        "ok told refuse unnamed",
        "job-password: taken; ignored and said so; refused by its name, or without naming it",
        PRINTER,
    )
    end_reasons: str = switch("usual", "usual TEXT", "job-state-reasons of jobs that are over", PRINTER, several=True)
    job_message: str = switch("none", "none TEXT", "job-state-message of all jobs", PRINTER)
    retry_after: str = switch("none", "none TEXT", "the Retry-After of HTTP 429 and 503")
    begin: str = switch(
        "complete", "complete first-byte", "printing starts with the whole document, or while it comes in", PRINTER
    )
    partial: str = switch("abort", "abort incoming vanish", "a job whose document broke off", PRINTER)
    job_time: str = switch("0", "S", "seconds a job needs", PRINTER)
    page_time: str = switch("0", "S", "seconds a page needs", PRINTER)
    pages: str = switch("count", "count N", "pages of a job: its form feeds, or N", PRINTER)
    impressions: str = switch("ok", "ok missing", "how progress is told", PRINTER)
    store: str = switch(
        "keep", "keep hash count", "documents are kept, or hashed, or only counted (for speed)", PRINTER
    )

    def __post_init__(self) -> None:
        for declared in dataclasses.fields(self):
            for value in self._values(declared.name):
                match(declared, value)

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Faults from ``switch=value,switch=value``; a comma inside a value is not possible, "+" joins lists."""
        given: dict[str, str] = {}
        names = {declared.name for declared in dataclasses.fields(cls)}
        for item in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = item.partition("=")
            name = name.strip().replace("-", "_")
            if not equals or name not in names:
                raise BadFault(f'"{item}" is no fault; switches are: {", ".join(sorted(names))}')
            given[name] = f"{given[name]}+{value}" if name in given else value
        return cls(**given)

    def _values(self, name: str) -> list[str]:
        value = getattr(self, name)
        if not isinstance(value, str):
            raise BadFault(f"{name}={value!r}: values are strings")
        several = type(self).__dataclass_fields__[name].metadata["several"]
        return value.split("+") if several else [value]

    def setting(self, name: str) -> Setting:
        """The value of a switch that takes one."""
        return match(type(self).__dataclass_fields__[name], getattr(self, name))

    def settings(self, name: str) -> tuple[Setting, ...]:
        """The values of a switch that takes several; none when it is "none" or "ok"."""
        declared = type(self).__dataclass_fields__[name]
        found = (match(declared, value) for value in self._values(name))
        return tuple(setting for setting in found if setting.form not in ("none", "ok"))

    def words(self, name: str) -> tuple[str, ...]:
        """The values of a list of free words."""
        return tuple(value for value in self._values(name) if value != "none")

    def fair(self, *kinds: str) -> Faults:
        """These faults with all switches of some kinds at their fair values."""
        fields = dataclasses.fields(self)
        fair: dict[str, Any] = {f.name: f.default for f in fields if f.metadata["kind"] in kinds}
        return dataclasses.replace(self, **fair)

    def given(self) -> dict[str, str]:
        """The switches that are not at their fair values."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if getattr(self, f.name) != f.default}

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.given().items()) or "fair"


def describe() -> str:
    """All switches with their forms and meanings, for ``--list-faults``."""
    lines = []
    for declared in dataclasses.fields(Faults):
        forms = " ".join(declared.metadata["forms"])
        joined = " (a list)" if declared.metadata["several"] else ""
        lines.append(f"{declared.name}={declared.default}{joined}\n    {declared.metadata['meaning']}\n    {forms}")
    return "\n".join(lines)
