"""PCL 5: commands, symbol sets, media, and pages written as PCL."""
