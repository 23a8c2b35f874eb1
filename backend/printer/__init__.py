"""What we say to a printer: ask, print, find, watch, cancel; what it takes; what was learned about it."""
