"""The CUPS backend ipps443: print over TLS, directly on port 443, to printers whose certificates are pinned."""

__version__ = "0.2.0"
