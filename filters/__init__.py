"""Filters of ipps443, and what a backend shares with them (CUPS: a backend is a special kind of filter)."""
