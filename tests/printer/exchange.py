"""One HTTP exchange of the scripted printer: judge the request, carry it out, reply; faults in each step.

The order is that of a fair server: framing, path, host, authentication, expectation, body, operation, reply. Faults
that need the name of the operation before the body is read (``only``, ``auth_ops``, ``chunk=ops:``) look at its first
octets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator

from backend.ipp.codes import Status, operation_name

from tests.printer.auth import Authenticator, Credential
from tests.printer.body import Body, Refused
from tests.printer.faults import REQUEST, Faults, Setting, plain_name
from tests.printer.http_messages import Reply, Request, error_page, interim
from tests.printer.ipp_messages import bare_reply
from tests.printer.ipp_service import IPPService
from tests.printer.replies import send_reply
from tests.printer.wire import Break, Stream

DOCUMENTS = frozenset({"printjob", "senddocument"})
HANG = {"hang": "headers", "hang@reply": "reply-status", "hang@mid-reply": "reply-middle"}


@dataclass
class Site:
    """What all exchanges of a printer share."""

    ipp: IPPService
    auth: Authenticator
    credentials: list[Credential]
    turn: Callable[[Faults], bool]  # counts the requests that faults are for; whether this one is treated badly
    boots: Callable[[Faults], bool]  # whether the printer is still starting up


class Exchange:
    """One request and its reply. After ``run`` the connection goes on, or not."""

    def __init__(self, stream: Stream, request: Request, faults: Faults, site: Site) -> None:
        self.stream = stream
        self.request = request
        self.faults = faults
        self.site = site
        self.framing = request.framing
        self.strikes: tuple[Setting, ...] = ()
        self.keep = True
        self.body = Body(stream, self.framing, faults, self.reach)

    def run(self) -> bool:
        """Serve the request; whether another may follow on this connection."""
        self._confine()
        self.strikes = self._planned_strikes()
        self.reach("headers")
        try:
            reply = self._answer()
        except Refused as refused:
            return self._refuse(refused.reply)
        return self._send(reply)

    # --- which faults are for this request ---

    def _confine(self) -> None:
        """Serve the request fairly when ``only``, ``skip`` and ``times`` do not mean it."""
        setting = self.faults.setting("only")
        wanted = None if setting.form == "all" else DOCUMENTS if setting.form == "documents" else setting.operations
        mine = wanted is None or self._operation() in wanted
        if not mine or not self.site.turn(self.faults):
            self.faults = self.body.faults = self.faults.fair(REQUEST)

    def _operation(self) -> str:
        code = self.body.peek_operation()
        name = operation_name(code) if code is not None else ""
        self.request.operation = name
        return plain_name(name)

    def _planned_strikes(self) -> tuple[Setting, ...]:
        """Where the connection breaks: the ``at`` switch, and for chunked requests what ``chunk`` says."""
        planned = list(self.faults.settings("at"))
        chunk = self.faults.setting("chunk")
        if self.framing.kind == "chunked":
            if chunk.form in HANG:
                planned.append(Setting("hang@PHASE", {"phase": HANG[chunk.form]}))
            elif chunk.form.endswith("@PHASE"):
                planned.append(chunk)
        return tuple(planned)

    def reach(self, phase: str) -> None:
        """Strike at this moment if it is planned."""
        for strike in self.strikes:
            if _is_due(strike.phase, phase):
                how = strike.form.partition("@")[0]
                if how == "hang":
                    self.stream.end("hang")
                raise Break(how)

    # --- judging the head ---

    def _answer(self) -> Reply:
        """Carry out the request."""
        if self.request.method != "POST":
            return self._page()
        for refusal in self._refusals():
            if refusal is not None:
                self.body.refuse(*refusal)
        ignored = self._ignored_body()
        if ignored is not None:
            return ignored
        self._expectation()
        self._interim_replies()
        self.body.quiet = not self.strikes and not self.body.refusals and "-" not in self.faults.chunk
        return Reply(200, self.site.ipp.serve(self.body, self.request, self.faults))

    def _page(self) -> Reply:
        """A GET gets a file, or the printer's page, with the certificate's name for people who look."""
        self.body.drain()
        if self.request.method == "GET" and self.request.target in self.site.ipp.files:
            return Reply(200, self.site.ipp.files[self.request.target], "text/plain")
        found = self.request.method in ("GET", "HEAD") and self.request.target == "/"
        status = 200 if found else 404 if self.request.method in ("GET", "HEAD") else 405
        return Reply(status, error_page(status), "text/html")

    def _refusals(self) -> Iterator[tuple[str, Reply] | None]:
        """The refusals by HTTP status, with their moments, in the order in which a server looks for them."""
        yield self._at_boot()
        yield self._by_path()
        yield self._by_host()
        yield self._by_redirect()
        yield self._by_framing()
        yield self._by_credentials()
        yield self._early()

    def _at_boot(self) -> tuple[str, Reply] | None:
        return ("headers", _page_reply(503)) if self.site.boots(self.faults) else None

    def _by_path(self) -> tuple[str, Reply] | None:
        path = self.faults.path
        ours = path == "any" or self.request.target == path or self.request.target.startswith(f"{path}/")
        if ours and path != "none":
            return None
        if self.faults.path_error == "not-found":
            return "end", Reply(200, bare_reply(Status.CLIENT_ERROR_NOT_FOUND))
        return "headers", _page_reply(int(self.faults.path_error))

    def _by_host(self) -> tuple[str, Reply] | None:
        setting = self.faults.setting("host")
        hosts = self.request.all_headers("host")
        if setting.form == "any":
            # RFC 9112 section 3.2: exactly one Host in HTTP/1.1
            fair = len(hosts) == 1 or self.request.version == "HTTP/1.0"
            return None if fair else ("headers", _page_reply(400))
        return None if hosts and hosts[0] in setting.text.split("+") else ("headers", _page_reply(400))

    def _by_redirect(self) -> tuple[str, Reply] | None:
        setting = self.faults.setting("redirect")
        if setting.form == "none":
            return None
        location = setting.places.get("text") or f"https://localhost:631{self.request.target}"
        reply = _page_reply(setting.code)
        reply.headers.append(("Location", location))
        return "headers", reply

    def _by_framing(self) -> tuple[str, Reply] | None:
        """411 and its kin, for bodies that come in a way this printer does not take."""
        kind = self.framing.kind
        if kind == "none":
            return "headers", _page_reply(411)  # a POST without any length; fair servers say so too
        setting = self.faults.setting("chunk" if kind == "chunked" else "sized")
        if setting.form == "413@N":
            return f"{setting.number} only", _page_reply(413)
        if setting.form == "ops:OPS":
            return None if self._operation() in setting.operations else (self._when(), _page_reply(411))
        if setting.form == "status:CODE":
            return self._when(), _page_reply(setting.code)
        return (self._when(), _page_reply(int(setting.form))) if setting.form.isdigit() else None

    def _when(self) -> str:
        return self.faults.refuse_at

    def _by_credentials(self) -> tuple[str, Reply] | None:
        faults = self.faults
        credential, stale = self.site.auth.check(self.request, faults)
        if credential is not None:
            self.site.credentials.append(credential)
        if faults.auth == "none" or (credential is not None and credential.accepted):
            return None
        wanted = faults.setting("auth_ops")
        if wanted.form == "OPS" and self._operation() not in wanted.operations:
            return None
        reply = _page_reply(401)
        reply.headers += self.site.auth.challenges(faults, stale)
        return faults.auth_at, reply

    def _early(self) -> tuple[str, Reply] | None:
        setting = self.faults.setting("early_reply")
        if setting.form == "CODE@N":
            return f"{setting.number} only", _page_reply(setting.code)
        if setting.form == "ok@N":
            return f"{setting.number} only", Reply(200, bare_reply(Status.SUCCESSFUL_OK))
        if setting.form == "ipp:STATUS@N":
            status = Status[setting.status.upper().replace("-", "_")]
            return f"{setting.number} only", Reply(200, bare_reply(status))
        return None

    def _ignored_body(self) -> Reply | None:
        """``chunk=ignore``: the body counts as empty, and its octets are taken for the next request (Q-07)."""
        form = self.faults.setting("chunk").form
        if self.framing.kind != "chunked" or not form.startswith("ignore"):
            return None
        self.body.skip()
        if form == "ignore:400":
            return _page_reply(400)
        if form == "ignore:empty-job":
            return Reply(200, self.site.ipp.empty_job(self.faults))
        return Reply(200, bare_reply(Status.CLIENT_ERROR_BAD_REQUEST))

    def _expectation(self) -> None:
        """Expect: 100-continue (RFC 9110 section 10.1.1)."""
        expectation = self.request.header("expect")
        if expectation is None:
            return
        if self.faults.expect in ("400", "417"):
            raise Refused(_page_reply(int(self.faults.expect)))
        if expectation.lower() != "100-continue":
            raise Refused(_page_reply(417))
        if self.faults.expect == "ok" and self.faults.http == "1.1":
            self.stream.write(interim(100))

    def _interim_replies(self) -> None:
        """1xx replies that nobody asked for."""
        setting = self.faults.setting("interim")
        at_once: dict[str, Callable[[], list[bytes]]] = {
            "unasked": lambda: [interim(100)],
            "repeated:N": lambda: [interim(100)] * setting.number,
            "with-headers": lambda: [
                interim(100, "Content-Type: application/ipp\r\nConnection: close\r\nContent-Length: 9\r\n")
            ],
            "102": lambda: [interim(102)],
            "103": lambda: [interim(103, "Link: </style.css>; rel=preload\r\n")],
        }
        if setting.form in at_once:
            self.stream.write(*at_once[setting.form]())
        elif setting.form == "late":
            self.body.after_first_block = lambda: self.stream.write(interim(100))

    # --- replying ---

    def _refuse(self, reply: Reply) -> bool:
        """Send a refusal while the body is perhaps not read, and go on as ``refuse_close`` says."""
        self.request.http_status = reply.status
        how = self.faults.refuse_close
        closes = how in ("close", "rst") and not self.body.finished
        keep = send_reply(self, reply, close=closes)
        if how == "rst" and not self.body.finished:
            raise Break("rst")
        if how == "keep":
            self.body.drain()
        return keep and not closes

    def _send(self, reply: Reply) -> bool:
        """Send the reply to a request that was carried out."""
        if not self.body.finished:
            return self._refuse(reply)
        self.request.http_status = reply.status
        return send_reply(self, reply, close=False)


def _page_reply(status: int) -> Reply:
    return Reply(status, error_page(status), "text/html")


def _is_due(planned: str, phase: str) -> bool:
    """Whether a planned phase has come; "body:N" and "chunk:N" also when more has come at once."""
    kind, _, number = planned.partition(":")
    if not number or not phase.startswith(f"{kind}:"):
        return planned == phase
    return int(phase.partition(":")[2]) >= int(number)
