"""A job as cupsd hands it to a filter or a backend: filter(7) and backend(7), "OPERATION".

    argv[0]  argv[1]  argv[2]  argv[3]  argv[4]  argv[5]   [argv[6] ...]
    name     job-id   user     title    copies   options   [files]

The options are one string, written by cupsd and read here as libcups' cupsParseOptions() reads it:

- ``name=value`` pairs between white space; a bare ``name`` is "true", a bare ``noname`` sets ``name`` to "false";
- a value may be quoted by ' or " in whole or in part, and a backslash takes the next character literally;
- ``{...}`` is a collection: one value, white space and all, kept with its braces; braces around the whole
  string are taken off, which makes the same function read what is inside a collection;
- job-password comes from cupsd as it is, without quotes, and is kept apart from all other options;
- a name given again, in whatever case, replaces the earlier one; print-quality and cupsPrintQuality, which are
  the same thing to CUPS, replace each other.

Who applies the copies (they are the same in argv[4] for every filter and the backend): the first program that knows
how, and nobody after it. A filter always applies them, a backend only when it is given files.
"""

from __future__ import annotations

import os

from filters.common.dataclass import dataclass, field

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Mapping, Optional, Sequence

#: What isspace() finds in the C locale, in which libcups reads options.
_WHITE = " \t\n\v\f\r"
#: What isspace() does not find and yet ends a name.
_ENDS_NAME = _WHITE + "="
#: A job has at most this many copies: PCL and IPP both stop there or earlier (MAX(32767, ...)).
MOST_COPIES = 32767

_TWINS = {"print-quality": "cupsprintquality", "cupsprintquality": "print-quality"}

_TRUE = frozenset(("true", "on", "yes", "1"))
_FALSE = frozenset(("false", "off", "no", "none", "0"))

#: IPP's sides and the names PPD files use for duplexing, to the word of IPP.
_SIDES = {
    "one-sided": "one-sided",
    "two-sided-long-edge": "two-sided-long-edge",
    "two-sided-short-edge": "two-sided-short-edge",
    "none": "one-sided",
    "off": "one-sided",
    "false": "one-sided",
    "simplex": "one-sided",
    "on": "two-sided-long-edge",
    "true": "two-sided-long-edge",
    "duplexnotumble": "two-sided-long-edge",
    "duplextumble": "two-sided-short-edge",
}
#: PPD options that mean duplexing, in the order libcups looks for them.
_DUPLEX_OPTIONS = ("sides", "Duplex", "JCLDuplex", "EFDuplex", "KD03Duplex")


class JobUsageError(Exception):
    """The program was not called as cupsd calls it; ``reason`` says in what."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


#: Options that cupsd writes as one word, because they are booleans of IPP.
_BARE_WORDS = frozenset(
    """
    blackplot fit-to-page fitplot ipp-attribute-fidelity landscape mirror natural-scaling page-border
    preserve-unprintable prettyprint raw
    """.split()
)
#: What reads otherwise than it was written.
_SPECIAL = frozenset("'\"\\{}")


@dataclass(frozen=True)
class JobPassword:
    """The PIN that a job asks for (PWG 5100.11). It stands in no text: its repr is empty.

    Attributes:
        encryption: job-password-encryption, if the job names one.
        whole: the arguments leave no doubt where the PIN ends, provided that there is an option named ``following``.
    """

    text: str = field(repr=False)
    encryption: str = ""
    whole: bool = True
    following: str = field(default="", repr=False)


@dataclass(frozen=True)
class Job:
    """One job: what stands in the argument list, and what cupsd says about it in the environment."""

    job_id: int
    user: str
    title: str
    copies: int
    options: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    #: Queue ($PRINTER), document type at the start of the filters ($CONTENT_TYPE) and printer description ($PPD).
    queue: str = ""
    content_type: str = ""
    ppd: str = ""
    #: The backend that gets the print data: the scheme of $DEVICE_URI.
    backend: str = ""
    #: Not among the options, so that nothing that shows or passes on options shows it.
    password: Optional[JobPassword] = field(default=None, repr=False)

    def option(self, name: str) -> Optional[str]:
        """Return the value of an option whose name is equal but for its case, as cupsGetOption() does."""
        return get_option(self.options, name)


def parse_job(argv: Sequence[str], environ: Mapping[str, str]) -> Job:
    """Read the arguments (with argv[0]) and the environment of a filter or backend.

    Raises:
        JobUsageError: fewer than five arguments, or a job-id or number of copies that is none.
    """
    if len(argv) < 6:
        raise JobUsageError(f"called with {len(argv) - 1} arguments, not job-id user title copies options [file]")
    options = parse_options(clean(argv[5]))
    password = _take_password(clean(argv[5]), options)
    return Job(
        job_id=_number(argv[1], "job-id", lowest=0),
        user=clean(argv[2]),
        title=clean(argv[3]),
        copies=min(_number(argv[4], "number of copies", lowest=1), MOST_COPIES),
        options=options,
        files=tuple(argv[6:]),
        queue=clean(environ.get("PRINTER", "")),
        content_type=environ.get("CONTENT_TYPE", ""),
        ppd=environ.get("PPD", ""),
        backend=environ.get("DEVICE_URI", "").partition(":")[0],
        password=password,
    )


def _take_password(text: str, options: dict[str, str]) -> Optional[JobPassword]:
    """Take job-password out of the options; cupsd writes it without quotes, so a blank in it ends it too early."""
    names = {name.lower(): name for name in options}
    encryption = options.pop(names.get("job-password-encryption", ""), "")
    if "job-password" not in names:
        return None
    value = options.pop(names["job-password"])
    written = f"{names['job-password']}={value}".lower()
    words = text.lower().split(" ")
    at = words.index(written) if written in words else -1
    following = next((word for word in words[at + 1 :] if word), "=")
    whole = at >= 0 and not _SPECIAL & set(value) and ("=" in following or following.removeprefix("no") in _BARE_WORDS)
    name, equals, _ = following.partition("=")
    return JobPassword(value, encryption, whole, name if equals else "")


def _number(text: str, what: str, lowest: int) -> int:
    digits = text.strip()
    if not digits.isascii() or not digits.lstrip("+").isdigit():
        raise JobUsageError(f"the {what} is not a number: {clean(text)!r}")
    # A number of absurd length is read no further than is needed to see that it is absurd.
    return max(int(digits.lstrip("+")[:18]), lowest)


def clean(argument: str) -> str:
    """Return an argument as text: bytes that were not UTF-8 become U+FFFD instead of lone surrogates."""
    return os.fsencode(argument).decode("utf-8", "replace") if not argument.isascii() else argument


def get_option(options: Mapping[str, str], name: str) -> Optional[str]:
    """Return the value of an option, its name compared without case."""
    if name in options:
        return options[name]
    wanted = name.lower()
    return next((value for key, value in options.items() if key.lower() == wanted), None)


def parse_options(text: str) -> dict[str, str]:
    """Read an options string as cupsParseOptions() does."""
    options: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in _pairs(_without_braces(text)):
        twin = _TWINS.get(name.lower())
        if twin in names:
            del options[names.pop(twin)]
        # cupsAddOption() finds an option by its name without case and keeps the first spelling.
        options[names.setdefault(name.lower(), name)] = value
    return options


def format_options(options: Mapping[str, str]) -> str:
    """Return options as cupsd writes them, so that ``parse_options`` reads them back."""
    return " ".join(f"{name}={_quote(value)}" for name, value in options.items())


def _quote(value: str) -> str:
    if value.startswith("{"):
        return value
    return "".join(f"\\{each}" if each in _WHITE or each in _SPECIAL else each for each in value)


def _without_braces(text: str) -> str:
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    at = _skip(text, 0, _WHITE)
    while at < len(text):
        end = _find(text, at, _ENDS_NAME)
        name, after = text[at:end], _skip(text, end, _WHITE)
        if not name:
            break
        if text[after : after + 1] == "=":
            value, at = _read_value(text, after + 1)
        else:
            name, value = (name[2:], "false") if name[:2].lower() == "no" else (name, "true")
            at = after
        if name:
            pairs.append((name, value))
        at = _skip(text, at, _WHITE)
    return pairs


def _skip(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at


def _find(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] not in characters:
        at += 1
    return at


def _read_value(text: str, at: int) -> tuple[str, int]:
    """Return the value that starts at ``at`` and the place after it."""
    value: list[str] = []
    while at < len(text) and text[at] not in _WHITE:
        if text[at] == ",":
            value.append(",")
            at += 1
        elif text[at] in "'\"":
            at = _read_quoted(text, at, value)
        elif text[at] == "{":
            at = _read_collection(text, at, value)
        else:
            at = _read_plain(text, at, value)
    return "".join(value), at


def _read_escaped(text: str, at: int, value: list[str]) -> int:
    """Take one character, or the one after a backslash."""
    if text[at] == "\\" and at + 1 < len(text):
        at += 1
    value.append(text[at])
    return at + 1


def _read_quoted(text: str, at: int, value: list[str]) -> int:
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        at = _read_escaped(text, at, value)
    return at + 1


def _read_collection(text: str, at: int, value: list[str]) -> int:
    depth = 0
    while at < len(text):
        character = text[at]
        at = _read_escaped(text, at, value)
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if not depth:
                break
    return at


def _read_plain(text: str, at: int, value: list[str]) -> int:
    while at < len(text) and text[at] not in _WHITE:
        at = _read_escaped(text, at, value)
    return at


def job_uuid(options: Mapping[str, str]) -> Optional[str]:
    """Return the UUID of the job, lower case and without "urn:uuid:", or None when the options have none."""
    value = (get_option(options, "job-uuid") or "").strip().lower()
    return value[9:] if value.startswith("urn:uuid:") and len(value) == 45 else None


def parse_boolean(value: Optional[str], default: bool) -> bool:
    """Return what an option says, or the default when it says neither yes nor no."""
    word = (value or "").strip().lower()
    return True if word in _TRUE else False if word in _FALSE else default


def not_known(name: str, value: str) -> str:
    """Return the words for an option whose value means nothing."""
    return f"option {name}={value} is not known, the queue's default is used"


def unknown_sides(options: Mapping[str, str]) -> list[str]:
    """Return a line for each option that should say something about sides and does not."""
    given = ((name, get_option(options, name)) for name in _DUPLEX_OPTIONS)
    return [not_known(name, word) for name, word in given if word is not None and word.lower() not in _SIDES]


def find_sides(options: Mapping[str, str]) -> Optional[str]:
    """Return "one-sided", "two-sided-long-edge" or "two-sided-short-edge", or None when no option says."""
    for name in _DUPLEX_OPTIONS:
        word = get_option(options, name)
        if word is not None and word.lower() in _SIDES:
            return _SIDES[word.lower()]
    return None
