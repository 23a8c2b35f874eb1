"""Bytes to a printer, and the pin check of who gets them."""
