"""EBCDIC code pages: the single-byte ones of IBM i from tables of our own, the double-byte ones from the C library."""
