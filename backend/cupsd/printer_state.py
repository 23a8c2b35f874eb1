"""What a printer says of itself and of a job, as lines for cupsd: printer-state-reasons, supplies, progress.

Pure: attributes in, words and texts out. Which words a queue may carry is decided here, because printers send stale
and made-up ones (Q-111), and because a few words make cupsd act ("paused" stops the queue).
"""

from __future__ import annotations

from backend.ipp.codes import PrinterState
from backend.ipp.message import Message
from backend.ipp.tags import Tag

#: Words of RFC 8011 section 5.4.12 and PWG 5100.9 that a queue may show, without their suffix.
KNOWN_REASONS = frozenset(
    """
    cover-open developer-empty developer-low door-open fuser-over-temp fuser-under-temp
    input-cannot-feed-size-selected input-tray-missing interlock-open interpreter-resource-unavailable
    marker-supply-empty marker-supply-low marker-supply-missing marker-waste-almost-full marker-waste-full
    marker-waste-missing media-empty media-jam media-low media-needed offline opc-life-over opc-near-eol
    output-area-almost-full output-area-full output-tray-missing spool-area-full toner-empty toner-low
    """.split()
)
#: Reasons for which a printer stands still until someone comes: it is worth waiting for.
WAITING_FOR_SOMEONE = (
    "cover-open",
    "door-open",
    "input-tray-missing",
    "interlock-open",
    "marker-supply-empty",
    "media-empty",
    "media-jam",
    "media-needed",
    "offline",
    "output-area-full",
    "output-tray-missing",
    "paused",
    "stopped",
    "stopping",
    "toner-empty",
)
#: Those of which a printer may have several: it goes on with another one, unless it calls that an error.
ONE_OF_SEVERAL = (
    "input-tray-missing",
    "marker-supply-empty",
    "media-empty",
    "media-needed",
    "output-area-full",
    "output-tray-missing",
    "toner-empty",
)
#: Words for the reasons that someone at the printer can change.
REASON_WORDS = {
    "media-empty": "it is out of paper",
    "media-needed": "it is out of paper, or wants another one",
    "media-jam": "paper is jammed",
    "door-open": "a door is open",
    "interlock-open": "a door is open",
    "cover-open": "a cover is open",
    "toner-empty": "it is out of toner",
    "marker-supply-empty": "it is out of ink or toner",
    "toner-low": "toner is low",
    "marker-supply-low": "ink or toner is low",
    "output-area-full": "its output tray is full",
    "output-tray-missing": "its output tray is missing",
    "input-tray-missing": "a tray is missing",
    "paused": "it is paused",
    "offline": "it is offline",
    "shutdown": "it is shut down",
    "stopped-partly": "a part of it is stopped",
}
SUFFIXES = ("-error", "-warning", "-report")
#: What supplies are called in IPP and in ATTR: lines alike.
MARKER_ATTRIBUTES = (
    "marker-colors",
    "marker-high-levels",
    "marker-levels",
    "marker-low-levels",
    "marker-message",
    "marker-names",
    "marker-types",
)
#: Characters of a printer's own sentence that are shown.
LONGEST_SENTENCE = 120
#: And of the one behind our own words for why it stands still.
LONGEST_REMARK = 60


def without_suffix(reason: str) -> str:
    """Return a reason without the severity at its end."""
    return next((reason[: -len(suffix)] for suffix in SUFFIXES if reason.endswith(suffix)), reason)


def texts(message: Message, name: str, tag: int | None = None) -> tuple[str, ...]:
    """Return the string values of an attribute; with or without a language; other values do not count."""
    found = message.get(name, tag)
    values = (getattr(value, "text", value) for value in found.all) if found else ()
    return tuple(value for value in values if isinstance(value, str))


def sentence(message: Message, name: str, tag: int | None = None, limit: int = LONGEST_SENTENCE) -> str:
    """Return what a printer says in words: on one line, printable, and no longer than a message has room for."""
    said = " ".join(" ".join(texts(message, name, tag)).split()).rstrip(".")
    said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return said if len(said) <= limit else said[: limit - 3].rstrip() + "..."


def number(message: Message, name: str, tag: int | None = None) -> int | None:
    """Return the integer value of an attribute, None if there is none."""
    found = message.get(name, tag)
    value = found.value if found else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def reasons_to_show(message: Message) -> frozenset[str]:
    """Return those of printer-state-reasons that the queue may carry."""
    reasons = texts(message, "printer-state-reasons", Tag.PRINTER_ATTRIBUTES)
    return frozenset(reason for reason in reasons if without_suffix(reason) in KNOWN_REASONS)


def changes(shown: frozenset[str], now: frozenset[str]) -> tuple[str, ...]:
    """Return what has to be said so that the queue carries ``now`` and no longer the rest of ``shown``."""
    return tuple(f"-{word}" for word in sorted(shown - now)) + tuple(f"+{word}" for word in sorted(now - shown))


def needs_someone(message: Message) -> bool:
    """Tell whether the printer waits for paper, a closed door and the like, so that waiting for it makes sense."""
    reasons = texts(message, "printer-state-reasons", Tag.PRINTER_ATTRIBUTES)
    waiting = any(without_suffix(reason) in WAITING_FOR_SOMEONE for reason in reasons)
    return waiting or number(message, "printer-state", Tag.PRINTER_ATTRIBUTES) == PrinterState.STOPPED


def standstill(message: Message, *, is_stalled: bool = False) -> str:
    """Return why the printer has stopped until someone comes, in our words and its own; "" if it goes on.

    An empty tray beside a full one is none, while it prints and does not call that an error.

    Args:
        is_stalled: it takes nothing more, whatever it says that it does.
    """
    state = number(message, "printer-state", Tag.PRINTER_ATTRIBUTES)
    reasons = texts(message, "printer-state-reasons", Tag.PRINTER_ATTRIBUTES)
    if state != PrinterState.STOPPED:
        prints = state != PrinterState.IDLE and not is_stalled
        light = ("-warning", "-report", *ONE_OF_SEVERAL) if prints else ("-warning", "-report")
        reasons = tuple(reason for reason in reasons if not reason.endswith(light))
    bare = [reason for reason in map(without_suffix, reasons) if reason in WAITING_FOR_SOMEONE]
    words = dict.fromkeys(REASON_WORDS[reason] for reason in bare if reason in REASON_WORDS)
    if not words and state != PrinterState.STOPPED:
        return ""
    said = sentence(message, "printer-state-message", Tag.PRINTER_ATTRIBUTES, LONGEST_REMARK)
    return (", ".join(words) or "it has stopped") + (f" ({said})" if said else "")


def supplies(message: Message) -> tuple[tuple[str, str], ...]:
    """Return marker attributes as ATTR: lines want them: values behind commas, strings in quotes."""
    lines = []
    for name in MARKER_ATTRIBUTES:
        found = message.get(name, Tag.PRINTER_ATTRIBUTES)
        values = [_attr_value(value) for value in found.all] if found else []
        if values and all(values):
            lines.append((name, ",".join(values)))
    return tuple(lines)


def _attr_value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        return ""
    if value and all(c.isalnum() or c in "-_#." for c in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
