"""MIME types of what is made for printers that take no PCL."""

from __future__ import annotations

PDF, URF, PWG, JPEG = "application/pdf", "image/urf", "image/pwg-raster", "image/jpeg"
#: Types of raster: no place in them can say how many copies there are.
RASTERS = (URF, PWG)
