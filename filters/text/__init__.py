"""Input of text filters: bytes to one stream of events."""
