"""What can be the name of a queue: the one rule, for commands, settings, and files that are named for queues.

cupsd takes names of up to 127 bytes without control characters, spaces, / and # (validate_name of its ipp.c), whoever
makes the queue; lpadmin(8) refuses a few more, which shells take for something else. A queue with ] in its name prints,
and has no settings, tables or traces of its own: that sign ends the name of a section in ipps443.conf.
"""

from __future__ import annotations

LONGEST = 127
#: What is refused beside what cannot be printed, and what lpadmin refuses besides.
_FORBIDDEN, _LPADMIN = frozenset(" /#]"), frozenset("\\?'\"")


def is_queue_name(name: str) -> bool:
    """Tell whether a queue can have this name, and settings and files that belong to it."""
    return (
        name not in ("", ".", "..")
        and name.isprintable()
        and not _FORBIDDEN.intersection(name)
        and len(name.encode("utf-8")) <= LONGEST
    )


def may_be_made(name: str) -> bool:
    """Tell whether a new queue may have this name: nothing in it troubles lpadmin, or a shell."""
    return is_queue_name(name) and not _LPADMIN.intersection(name) and not name.startswith("-")
