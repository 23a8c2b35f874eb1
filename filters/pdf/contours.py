"""Outlines of TrueType fonts as paths of PDF."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from filters.pcl.truetype import Contours, decode_outline

#: A point of an outline: x, y, and whether it is on the curve.
_Point = Tuple[float, float, bool]


def draw_contours(path: Any, contours: Contours) -> None:
    """Add TrueType contours to a path: curves of second order become those of third order that PDF has."""
    for contour in contours:
        points: list[_Point] = [(x, y, on) for x, y, on in contour]
        if not points[0][2]:
            # Starting between two points of the curve is as good as on one.
            points.insert(0, _middle(points[-1], points[0]) if not points[-1][2] else points.pop())
        path.moveTo(*points[0][:2])
        here = points[0]
        control: Optional[_Point] = None
        for point in (*points[1:], points[0]):
            if control:
                end = point if point[2] else _middle(control, point)
                path.curveTo(*_toward(here, control), *_toward(end, control), *end[:2])
                here = end
            elif point[2]:
                path.lineTo(*point[:2])
                here = point
            control = None if point[2] else point
        path.close()


def _middle(a: _Point, b: _Point) -> _Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, True


def _toward(point: _Point, control: _Point) -> tuple[float, float]:
    """Return the control point of the third order that goes with an end of the curve."""
    return point[0] + (control[0] - point[0]) * 2 / 3, point[1] + (control[1] - point[1]) * 2 / 3


def find_box(contours: Contours) -> tuple[int, int, int, int]:
    """Return left, bottom, right and top of a box with all points, a unit more on each side."""
    xs = [point.x for contour in contours for point in contour]
    ys = [point.y for contour in contours for point in contour]
    return min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1


def make_form(canvas: Any, name: str, outline: bytes) -> None:
    """Draw a glyph of a TrueType font once, as a form of a reportlab canvas, in units of the font."""
    contours = decode_outline(outline)
    path = canvas.beginPath()
    draw_contours(path, contours)
    canvas.beginForm(name, *find_box(contours))
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
    canvas.endForm()
