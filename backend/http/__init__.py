"""HTTP/1.1 as values: one exchange, and authentication."""

#: HTTP statuses that a chunked request may get for being chunked, although nothing else is wrong with it.
FRAMING_REFUSALS = frozenset({400, 411, 413, 417, 501, 505})
