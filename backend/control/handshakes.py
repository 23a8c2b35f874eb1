"""Which TLS a printer can: what is found before anything is known of it, so anyone on the way may have a hand in it.

Rules of this module:

- the usual hello is best, and one success of it decides: no exception is needed, whatever happened before. A printer
  that is waking up, and someone who disturbs some connections, choose nothing;
- an exception is taken only when, by turns, it helped twice and its absence failed before, between and behind;
- tls=legacy only when the absence failed with an alert about versions, each time, and the administrator says so:
  whoever is on the way can answer each modern hello with that alert for as long as it takes, and no number of tries
  tells him from an old printer. (Where the printer then agrees on TLS 1.2 or newer all the same, the alerts were not
  its own, and nothing is chosen.) The administrator can, who knows how old the printer is.

What is left to someone who answers every modern hello himself while the queue is made: tls=1.2-only (TLS 1.2 with
forward secrecy, the same pin) or sni=no. Both are said aloud, and a later ``probe`` without the option shows it.
"""

from __future__ import annotations

from dataclasses import replace

from backend import errors
from backend.control.console import Console
from backend.control.failure import is_about_versions
from backend.control.host import PrinterHost, Refused
from backend.control.waiting import Waiting, is_nowhere
from backend.device_uri import DeviceURI
from backend.transport.connection import PeerCertificate
from backend.trust import BY_CA

#: What a queue may need: a printer that breaks at TLS 1.3 or at a server name it does not know, and one that has
#: nothing newer than TLS 1.1.
EXCEPTIONS: dict[str, dict[str, object]] = {
    "tls=1.2-only": {"tls": "1.2-only"},
    "sni=no": {"sni": False},
    "tls=legacy": {"tls": "legacy"},
}
LEGACY = "tls=legacy"

#: What a printer that has nothing newer agrees on. One that has agrees on the newest version that is offered beside the
#: old ones; nobody on the way can change that, because both ends prove what was offered (RFC 5246 section 7.4.9).
OLD_VERSIONS = ("TLSv1", "TLSv1.1")

#: How often an exception must have helped, between failures of the usual hello.
HELPED = 2
#: How often the usual hello fails before "cannot agree" is believed.
TRIES = 5


def find_tls(printer: PrinterHost, console: Console, legacy: bool = False) -> tuple[PrinterHost, str, PeerCertificate]:
    """Return the printer with TLS options that make a handshake, the option for its queue, and what it showed.

    Args:
        legacy: the administrator has said that tls=legacy may be used.

    Raises:
        PrinterUnreachable, TlsRefused, NotTls: of the usual hello, when nothing helps.
        Refused: tls=legacy would help, and no one has allowed it.
    """
    if not _may_be_changed(printer.uri):
        return printer, "", Waiting(console).until(lambda: console.fetch(printer))
    search = _Search(printer, console)
    while True:
        try:
            return printer, "", console.fetch(printer)
        except (errors.TlsRefused, errors.PrinterUnreachable, errors.NotTls) as error:
            found = search.failed(error)
        if found is not None:
            option, way, peer = found
            if option == LEGACY:
                _ask_for_legacy(printer, peer, console, legacy)
            console.note(f"{printer.key} fails without {option} and works with it, seen {HELPED} times by turns")
            return way, option, peer


class _Search:
    """What was seen while the usual hello failed."""

    def __init__(self, printer: PrinterHost, console: Console) -> None:
        self._printer = printer
        self._console = console
        self._waiting = Waiting(console)
        self._failures = 0
        #: The last usual hellos, in a row, that ended because of versions.
        self._about_versions = 0
        self._tried = dict.fromkeys(EXCEPTIONS, 0)
        #: The exception that is being looked at, and what it showed each time, without a failure between.
        self._option = ""
        self._shown: list[PeerCertificate] = []
        #: A hello with old versions was answered in a new one: the alerts about versions are not the printer's.
        self._contradicted = False

    def failed(self, error: errors.IppsError) -> tuple[str, PrinterHost, PeerCertificate] | None:
        """Take a failure of the usual hello, try an exception beside it; return the one that is proven.

        Raises:
            IppsError: it is time to give up.
        """
        self._failures += 1
        self._about_versions = self._about_versions + 1 if is_about_versions(error) else 0
        if self._option == LEGACY and not self._about_versions:
            self._shown.clear()
        if len(self._shown) >= HELPED:
            return self._option, self._way(self._option), self._shown[-1]
        if is_nowhere(error):
            raise error
        if isinstance(error, errors.TlsRefused) or "TLS handshake" in getattr(error, "reason", ""):
            self._try_exception()
        self._pause(error)
        return None

    def _try_exception(self) -> None:
        if not self._shown:
            self._option = self._next_option()
        self._tried[self._option] += 1
        try:
            peer = self._console.fetch(self._way(self._option))
        except (errors.TlsRefused, errors.PrinterUnreachable, errors.NotTls):
            self._shown.clear()
        else:
            if self._option == LEGACY and peer.tls_version not in OLD_VERSIONS:
                self._contradicted = True
                self._shown.clear()
            else:
                self._shown.append(peer)

    def _next_option(self) -> str:
        """Return the exception that was tried least; old versions only where the printer says that they are."""
        options = [option for option in EXCEPTIONS if option != LEGACY or self._about_versions >= 2]
        if self._about_versions >= 2:
            options.remove("sni=no")
        return min(options, key=self._tried.__getitem__)

    def _way(self, option: str) -> PrinterHost:
        changes = EXCEPTIONS[option]
        return replace(self._printer, uri=replace(self._printer.uri, **changes))  # type: ignore[arg-type]

    def _pause(self, error: errors.IppsError) -> None:
        answered = isinstance(error, (errors.TlsRefused, errors.NotTls))
        if answered and not self._shown and self._failures >= TRIES:
            if self._contradicted:
                raise Refused(
                    f"{self._printer.key} speaks new TLS and alerts say it does not: someone on the network may send"
                    " them; try from a different network"
                )
            raise error  # a definite answer, and nothing has changed it
        silent = "within" in getattr(error, "reason", "")  # a try takes long there, so their number counts
        self._waiting.pause(error, at_least=bool(self._shown) or (silent and self._failures <= TRIES))


def _may_be_changed(uri: DeviceURI) -> bool:
    """Say whether exceptions may be tried: what the URI says about TLS is not ours to change."""
    return uri.tls == DeviceURI.tls and uri.sni and not uri.clientcert and uri.trust not in BY_CA


def _ask_for_legacy(printer: PrinterHost, peer: PeerCertificate, console: Console, allowed: bool) -> None:
    """Let the administrator decide about old TLS; raise Refused unless the answer is yes."""
    what = f"{printer.key} refuses TLS 1.2 and newer with an alert about versions, and answers {peer.tls_version}"
    if allowed:
        return
    if not console.can_ask:
        raise Refused(f"{what}; anyone on the network can make it look so. If the printer is that old, add --legacy")
    console.say(f"{what}.")
    console.say("Anyone on the network can make it look so, to weaken this queue for good. Is the printer that old?")
    if not console.ask("Allow TLS 1.0 for this queue (tls=legacy)?"):
        raise Refused(f"{printer.key} was not taken with tls=legacy; nothing was changed")
