"""Pictures to pages: decoded by Pillow, placed on a sheet, written as PDF."""
