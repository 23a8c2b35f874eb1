"""What the readers of text, carriage control and spooled files say to the layout."""

from __future__ import annotations

from typing import NamedTuple, Union

from filters.layout.page import Line


class Lines(NamedTuple):
    """Whole lines, each of which ends here; tabs are expanded, controls gone."""

    lines: list[Line]
    #: They are all bytes, and none ends with a blank.
    trimmed: bool = False


class FormFeed(NamedTuple):
    """The page ends."""


Event = Union[Lines, FormFeed]
