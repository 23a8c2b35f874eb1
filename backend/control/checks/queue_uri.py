"""The device URI of a queue, and the lpadmin commands that change a part of it.

cupsd leaves user name and password out of what it tells, so they are read from its printers.conf, as root. They go to
the printer and nowhere else: a command has USER:PASSWORD in their place.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from urllib.parse import unquote

from backend import errors
from backend.control.host import PrinterHost, parse_printer_host
from backend.device_uri import OPTIONS, parse_device_uri, quoted

#: What stands in commands for the user name and password that the administrator has to write.
ACCOUNT = "USER:PASSWORD@"
#: printers.conf of a server with thousands of queues has less.
LONGEST_FILE = 32 << 20

_QUEUE = re.compile(r"<(?:Default)?Printer ([^>\s]+)>")


def stored_queues(server_root: str) -> dict[str, dict[str, str]]:
    """Return the directives of all queues in printers.conf(5); none if it cannot be read."""
    found: dict[str, dict[str, str]] = {}
    directives: dict[str, str] = {}
    try:
        with open(os.path.join(server_root, "printers.conf"), encoding="utf-8", errors="replace") as file:
            lines = file.read(LONGEST_FILE).splitlines()
    except OSError:
        return {}
    for line in lines:
        begins = _QUEUE.match(line)
        if begins:
            directives = found.setdefault(begins[1], {})
        else:
            name, _, value = line.partition(" ")
            directives[name] = value.strip()
    return found


def without_account(uri: str) -> str:
    """Return a device URI without user name and password, as cupsd tells it.

    Whatever stands before an @ in front of the path is that for cupsd, a question mark too.
    """
    scheme, separator, rest = uri.partition("://")
    head, slash, path = rest.partition("/")
    authority, question, query = head.partition("?")
    if "@" in authority:
        return scheme + separator + authority.rpartition("@")[2] + question + query + slash + path
    return scheme + separator + head.rpartition("@")[2] + slash + path


@dataclass(frozen=True)
class QueueURI:
    """The device URI of a queue.

    Attributes:
        text: without user name and password.
        whole: as the backend gets it.
        asks: lp asks the user for a user name and password (auth-info-required).
        is_stored: cupsd has written it to its file, so that its user name and password are known.
    """

    queue: str
    text: str
    whole: str
    asks: bool = False
    is_stored: bool = True

    @classmethod
    def of(cls, queue: str, told: str, stored: dict[str, str]) -> QueueURI:
        """Return it from what cupsd tells; printers.conf counts only if it says the same, because it may be older."""
        text, known = without_account(told), stored.get("DeviceURI", "")
        asks = "password" in stored.get("AuthInfoRequired", "")
        is_stored = bool(known) and without_account(known) == text
        return cls(queue, text, known if is_stored else told, asks, is_stored)

    @property
    def printer(self) -> PrinterHost:
        """Return the printer; raise Misused."""
        return parse_printer_host(self.whole)

    @property
    def has_account(self) -> bool:
        """Tell whether user name or password stand in it."""
        return self.whole != self.text

    def lpadmin(self, text: str | None = None, *, account: bool = False) -> str:
        """Return the command that gives the queue a device URI and enables it.

        Args:
            account: it needs a user name and password, whether it has them now or not.
        """
        text = self.text if text is None else text
        if account or self.has_account:
            text = text.replace("://", f"://{ACCOUNT}", 1)
        return f"lpadmin -p {shlex.quote(self.queue)} -E -v {quoted(text)}"

    @property
    def _parts(self) -> tuple[str, str, list[str]]:
        """Return host with port, path, and options."""
        address, _, query = self.text.partition("?")
        authority, slash, path = address.partition("://")[2].partition("/")
        return authority, slash + path, [option for option in query.split("&") if option]

    def with_path(self, path: str) -> str:
        """Return the URI with a different path."""
        authority, _, options = self._parts
        return _join(authority, path, options)

    @property
    def host(self) -> str:
        """The host as it stands there, an address of IPv6 in brackets, without port."""
        return re.sub(r":\d*$", "", self._parts[0])

    def with_address(self, address: str, path: str | None = None, *, without: str = "") -> str:
        """Return the URI with a different host, or host:port, and perhaps path; ``without`` an option."""
        _, old, options = self._parts
        kept = [each for each in options if not without or _name(each) != without]
        return _join(address, old if path is None else path, kept)

    def with_option(self, option: str) -> str:
        """Return the URI with an option in the place of those of the same name; without a value the name goes."""
        authority, path, options = self._parts
        name, equals, _ = option.partition("=")
        kept = [each for each in options if each.partition("=")[0].lower() != name]
        return _join(authority, path, kept + [option] * bool(equals))

    def with_timeout(self, part: str, seconds: float) -> str:
        """Return the URI with one of its timeouts changed, and the others as they were."""
        _, _, options = self._parts
        listed = [value for name, _, value in (each.partition("=") for each in options) if name.lower() == "timeout"]
        parts = [each for each in ",".join(listed).split(",") if each and each.partition(":")[0] != part]
        return self.with_option(f"timeout={','.join([*parts, f'{part}:{seconds:g}'])}")

    def corrected(self) -> str | None:
        """Return the URI with what cannot be understood replaced by the nearest known word, None without one."""
        authority, path, options = self._parts
        good = []
        for option in options:
            name, equals, value = option.partition("=")
            nearest = _nearest_word(_join(authority, path, [option]))
            if nearest is None:
                good.append(option)
            elif nearest:
                known = (f"{nearest}{equals}{value}", f"{name}={nearest}")
                good += [each for each in known if _nearest_word(_join(authority, path, [each])) is None][:1]
        text = _join(authority, path, good)
        return text if text != self.text and len(good) == len(options) and _nearest_word(text) is None else None

    def without_unknown(self) -> str | None:
        """Return the URI without the options that there are not, None if that is not all that is wrong.

        An option whose name is like one that there is was meant for something: ``pim=x`` for a pin.
        """
        authority, path, options = self._parts
        unknown = [each for each in options if _name(each) not in OPTIONS]
        text = _join(authority, path, [each for each in options if each not in unknown])
        meant = any(_nearest_word(_join(authority, path, [each])) for each in unknown)
        return text if unknown and not meant and _nearest_word(text) is None else None

    def repaired(self) -> tuple[str, str] | None:
        """Return the URI without the one thing that keeps it from being understood, and what that is.

        A pin stays: without it the queue could print to a printer that was never compared.
        """
        authority, path, options = self._parts
        if _nearest_word(self.text) is None:  # what a CA on file contradicts is only seen with that
            return (self.with_option("sni"), "sni=no") if "sni=no" in options else None
        for at, option in enumerate(options):
            others = options[:at] + options[at + 1 :]
            text = _join(authority, path, others)
            contradicts = any(_name(each) == _name(option) and each != option for each in others)
            alone = _nearest_word(_join(authority, path, [option]))
            if _name(option) != "pin" and not contradicts and alone is None and _nearest_word(text) is None:
                return text, option
        text = _join(re.sub(r":\d+$", "", authority), path, options)
        return (text, "the port") if _nearest_word(text) is None else None


def _join(authority: str, path: str, options: list[str]) -> str:
    return f"ipps443://{authority}{path}" + (f"?{'&'.join(options)}" if options else "")


def _name(option: str) -> str:
    """Return the name of an option, as the backend reads it."""
    return unquote(option.partition("=")[0]).lower()


def is_understood(text: str) -> bool:
    """Tell whether a device URI can be understood."""
    return _nearest_word(text) is None


def _nearest_word(text: str) -> str | None:
    """Return None if a device URI can be understood, else the word that was probably meant, "" if there is none."""
    try:
        parse_device_uri(text)
    except errors.BadDeviceURI as error:
        return error.nearest or ""
    except ValueError:
        return ""
    return None
