"""The side of CUPS: signals, side channel, retries, what a queue shows, records and locks."""
