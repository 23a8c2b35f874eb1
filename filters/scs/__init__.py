"""SNA character strings: the spooled files of IBM i, from bytes to pages of runs at exact positions."""
