"""The PIN of a job as IPP attributes: job-password and job-password-encryption, PWG 5100.11. Pure.

A printer that takes it keeps the job until someone types the PIN at its panel. Both attributes are operation
attributes of Create-Job and Print-Job and of no other operation. A PIN that the printer cannot take is an error, never
a reason to print without it.
"""

from __future__ import annotations

from backend.cupsd.printer_state import number, texts
from backend.errors import JobPasswordNotTaken
from backend.ipp.message import Attribute, Message, Range, attribute
from backend.ipp.tags import Tag
from filters.common.job import JobPassword

#: The attributes, and what has to be asked of the printer.
NAMES = ("job-password", "job-password-encryption")
ABILITIES = (
    "job-password-encryption-supported",
    "job-password-length-supported",
    "job-password-repertoire-configured",
    "job-password-repertoire-supported",
    "job-password-supported",
)
#: job-password-encryption to the name of the hash in hashlib, the best first; "none" is the PIN as it is.
ENCRYPTIONS = {
    "sha2-512": "sha512",
    "sha2-384": "sha384",
    "sha2-256": "sha256",
    "sha3-512": "sha3_512",
    "sha3-384": "sha3_384",
    "sha3-256": "sha3_256",
    "sha2-224": "sha224",
    "sha3-224": "sha3_224",
    "sha": "sha1",
    "md5": "md5",
    "none": "",
}
#: The longest octetString(255).
MOST_OCTETS = 255


def job_password_attributes(password: JobPassword, supported: Message | None, printer: str) -> tuple[Attribute, ...]:
    """Return the operation attributes for a PIN.

    Args:
        supported: the printer's answer about ABILITIES, None if it gave none.

    Raises:
        JobPasswordNotTaken: the printer cannot take this PIN.
    """
    trouble = _trouble(password, supported)
    if trouble:
        raise JobPasswordNotTaken(printer, trouble)
    assert supported is not None
    encryption = _choose_encryption(password, supported)
    if not encryption:
        raise JobPasswordNotTaken(printer, "takes it only in an encryption that is not known here")
    return (
        attribute("job-password", Tag.OCTET_STRING, _encrypted(password.text, encryption)),
        attribute("job-password-encryption", Tag.KEYWORD, encryption),
    )


def _trouble(password: JobPassword, supported: Message | None) -> str:
    """Return why the printer cannot take the PIN, in words that do not give it away; "" if it can."""
    most = number(supported, "job-password-supported", Tag.PRINTER_ATTRIBUTES) if supported else None
    if supported is None or not most or most < 1:
        return "cannot take one"
    if not password.text:
        return "gets an empty one"
    if not password.whole:
        return "would get a part of it: CUPS does not pass on blanks, quotes, braces or backslashes in it"
    fewest, longest = 1, min(most, MOST_OCTETS)
    found = supported.get("job-password-length-supported", Tag.PRINTER_ATTRIBUTES)
    for each in found.all if found else ():
        if isinstance(each, Range):
            fewest, longest = max(fewest, each.lower), min(longest, each.upper)
    if len(password.text.encode()) > longest:
        return f"takes at most {longest} characters"
    if len(password.text) < fewest:
        return f"wants at least {fewest} characters"
    return _outside(password.text, supported)


def _outside(text: str, supported: Message) -> str:
    """Return what is wrong with the characters: job-password-repertoire, PWG 5100.11."""
    repertoires = texts(supported, "job-password-repertoire-configured", Tag.PRINTER_ATTRIBUTES)
    repertoires = repertoires or texts(supported, "job-password-repertoire-supported", Tag.PRINTER_ATTRIBUTES)
    known = [name for name in repertoires if name in _REPERTOIRES] or ["iana_us-ascii_any"]
    if not any(_REPERTOIRES[name](text) for name in known):
        return f"takes other characters ({', '.join(known)[:40]})"
    return ""


def _is_complex(text: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return _is_printable(text) and all(any(map(kind, text)) for kind in kinds)


def _is_printable(text: str) -> bool:
    return text.isascii() and text.isprintable()


_REPERTOIRES = {
    "iana_us-ascii_digits": lambda text: text.isascii() and text.isdigit(),
    "iana_us-ascii_letters": lambda text: text.isascii() and text.isalpha(),
    "iana_us-ascii_complex": _is_complex,
    "iana_us-ascii_any": _is_printable,
    "iana_utf-8_digits": str.isdigit,
    "iana_utf-8_letters": str.isalpha,
    "iana_utf-8_any": lambda text: text.isprintable() and "\ufffd" not in text,
}


def _choose_encryption(password: JobPassword, supported: Message) -> str:
    """Return the encryption that the job names if both sides have it, else the best; "" for none in common."""
    listed = texts(supported, "job-password-encryption-supported", Tag.PRINTER_ATTRIBUTES) or ("none",)
    wanted = [password.encryption, *ENCRYPTIONS]
    return next((name for name in wanted if name in ENCRYPTIONS and name in listed), "")


def _encrypted(text: str, encryption: str) -> bytes:
    """Return the octets of job-password."""
    if encryption == "none":
        return text.encode()
    import hashlib

    return hashlib.new(ENCRYPTIONS[encryption], text.encode(), usedforsecurity=False).digest()
