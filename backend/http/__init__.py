"""HTTP/1.1 as values: one exchange, and authentication."""

#: HTTP statuses that a chunked request may get for being chunked, although nothing else is wrong with it.
FRAMING_REFUSALS = frozenset({400, 411, 413, 417, 501, 505})
#: HTTP statuses that mean "not now" (RFC 6585 section 4, RFC 9110 section 15.6.4).
NOT_NOW = frozenset({429, 503})
