"""HTTP/1.1 as values: one exchange, and authentication."""
