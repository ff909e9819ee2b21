"""Pictures and charts: what openpyxl can draw. Other shapes stay in the file untouched.

The names of pictures and charts are those that a macro gives them; they last as long as the book is open, since the
files that openpyxl writes do not hold them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openpyxl import chart as charts
from openpyxl.chart import Reference
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AbsoluteAnchor, AnchorMarker, OneCellAnchor, TwoCellAnchor
from openpyxl.drawing.xdr import XDRPoint2D, XDRPositiveSize2D
from openpyxl.utils import coordinate_to_tuple
from xlwings import base_classes

from xlperf.xlwings_engine.interfaces import SheetOwner
from xlperf.xlwings_engine.other_shapes import OtherShape, shapes_in
from xlperf.xlwings_engine.sizes import height_of_rows, width_of_columns

EMU_OF_POINT = 12_700
POINTS_OF_PIXEL = 0.75
POINTS_OF_CM = 72 / 2.54
CHART_SIZE = (355.0, 211.0)  # points, as Excel makes them

_CHARTS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "column_clustered": (charts.BarChart, {"type": "col", "grouping": "clustered"}),
    "column_stacked": (charts.BarChart, {"type": "col", "grouping": "stacked", "overlap": 100}),
    "column_stacked_100": (charts.BarChart, {"type": "col", "grouping": "percentStacked", "overlap": 100}),
    "bar_clustered": (charts.BarChart, {"type": "bar", "grouping": "clustered"}),
    "bar_stacked": (charts.BarChart, {"type": "bar", "grouping": "stacked", "overlap": 100}),
    "bar_stacked_100": (charts.BarChart, {"type": "bar", "grouping": "percentStacked", "overlap": 100}),
    "line": (charts.LineChart, {}),
    "line_markers": (charts.LineChart, {}),
    "area": (charts.AreaChart, {}),
    "pie": (charts.PieChart, {}),
    "doughnut": (charts.DoughnutChart, {}),
    "radar": (charts.RadarChart, {}),
    "xy_scatter": (charts.ScatterChart, {}),
}


class _Drawing:
    """A picture or a chart, where it is anchored on its sheet."""

    kind = ""

    def __init__(self, sheet: SheetOwner, drawn: Any) -> None:
        self._parent, self._drawn = sheet, drawn

    @property
    def parent(self) -> SheetOwner:
        """The sheet that it lies on."""
        return self._parent

    @property
    def api(self) -> Any:
        """The picture or chart as openpyxl keeps it."""
        return self._drawn

    @property
    def _all(self) -> list[Any]:
        drawn: list[Any] = getattr(self.parent.worksheet, "_images" if self.kind == "picture" else "_charts")
        return drawn

    @property
    def number(self) -> int:
        """The place among its kind, from 1."""
        return next(n for n, each in enumerate(self._all, start=1) if each is self._drawn)

    @property
    def name(self) -> str:
        """The name: the one that was given, else the kind with a number."""
        return self.parent.drawing_names.get(id(self._drawn)) or f"{self.kind.capitalize()} {self.number}"

    @name.setter
    def name(self, value: str) -> None:
        self.parent.drawing_names[id(self._drawn)] = value

    @property
    def type(self) -> str:
        """What kind of shape it is."""
        return self.kind

    def delete(self) -> None:
        """Remove it."""
        self._all[:] = [each for each in self._all if each is not self._drawn]
        self.parent.drawing_names.pop(id(self._drawn), None)

    # Where it is, in points ---------------------------------------------------------------------------------------

    @property
    def left(self) -> float:
        """How far it is from the left edge of the sheet."""
        return self._corner()[0]

    @left.setter
    def left(self, value: float) -> None:
        self._put(value, self.top, self.width, self.height)

    @property
    def top(self) -> float:
        """How far it is from the upper edge of the sheet."""
        return self._corner()[1]

    @top.setter
    def top(self, value: float) -> None:
        self._put(self.left, value, self.width, self.height)

    @property
    def width(self) -> float:
        """How wide it is."""
        return self._size()[0]

    @width.setter
    def width(self, value: float) -> None:
        self._put(self.left, self.top, value, self.height)

    @property
    def height(self) -> float:
        """How high it is."""
        return self._size()[1]

    @height.setter
    def height(self, value: float) -> None:
        self._put(self.left, self.top, self.width, value)

    def _corner(self) -> tuple[float, float]:
        anchor = self._drawn.anchor
        if isinstance(anchor, str):
            row, column = coordinate_to_tuple(anchor)
            return self._points(AnchorMarker(col=column - 1, row=row - 1))
        if isinstance(anchor, AbsoluteAnchor):
            return anchor.pos.x / EMU_OF_POINT, anchor.pos.y / EMU_OF_POINT
        return self._points(anchor._from)

    def _points(self, marker: AnchorMarker) -> tuple[float, float]:
        worksheet = self.parent.worksheet
        left, top = width_of_columns(worksheet, 1, marker.col), height_of_rows(worksheet, 1, marker.row)
        return left + marker.colOff / EMU_OF_POINT, top + marker.rowOff / EMU_OF_POINT

    def _size(self) -> tuple[float, float]:
        anchor = self._drawn.anchor
        if isinstance(anchor, (OneCellAnchor, AbsoluteAnchor)) and anchor.ext is not None:
            return anchor.ext.cx / EMU_OF_POINT, anchor.ext.cy / EMU_OF_POINT
        if isinstance(anchor, TwoCellAnchor):
            (left, top), (right, bottom) = self._points(anchor._from), self._points(anchor.to)
            return right - left, bottom - top
        if self.kind == "picture":
            return self._drawn.width * POINTS_OF_PIXEL, self._drawn.height * POINTS_OF_PIXEL
        return self._drawn.width * POINTS_OF_CM, self._drawn.height * POINTS_OF_CM

    def _put(self, left: float, top: float, wide: float, high: float) -> None:
        x, y, cx, cy = (round(points * EMU_OF_POINT) for points in (left, top, wide, high))
        self._drawn.anchor = AbsoluteAnchor(pos=XDRPoint2D(x, y), ext=XDRPositiveSize2D(cx, cy))
        if self.kind == "picture":
            self._drawn.width, self._drawn.height = wide / POINTS_OF_PIXEL, high / POINTS_OF_PIXEL
        else:
            self._drawn.width, self._drawn.height = wide / POINTS_OF_CM, high / POINTS_OF_CM


class Picture(_Drawing, base_classes.Picture):
    """A picture on a sheet."""

    kind = "picture"
    lock_aspect_ratio = True

    def update(self, filename: str) -> Picture:
        """Show another file in its place and size."""
        left, top, wide, high, name = self.left, self.top, self.width, self.height, self.name
        self.delete()
        new = Picture(self.parent, Image(filename))
        self.parent.worksheet._images.append(new.api)
        new._put(left, top, wide, high)
        new.name = name
        return new

    @property
    def width(self) -> float:
        """How wide it is; the height follows."""
        return self._size()[0]

    @width.setter
    def width(self, value: float) -> None:
        self._put(self.left, self.top, value, self.height * value / self.width)

    @property
    def height(self) -> float:
        """How high it is; the width follows."""
        return self._size()[1]

    @height.setter
    def height(self, value: float) -> None:
        self._put(self.left, self.top, self.width * value / self.height, value)


class Chart(_Drawing, base_classes.Chart):
    """A chart on a sheet."""

    kind = "chart"

    @property
    def chart_type(self) -> str:
        """What kind of chart it is; unknown kinds answer with openpyxl's name."""
        for name, (kind, how) in _CHARTS.items():
            if type(self._drawn) is kind and all(getattr(self._drawn, key) == value for key, value in how.items()):
                return name
        return str(self._drawn.tagname)

    @chart_type.setter
    def chart_type(self, value: str) -> None:
        new = _new_chart(value)
        old, new.anchor, new.title = self._drawn, self._drawn.anchor, self._drawn.title
        new.width, new.height = old.width, old.height
        new.series = [*old.series]
        self._all[self.number - 1] = new
        if id(old) in self.parent.drawing_names:
            self.parent.drawing_names[id(new)] = self.parent.drawing_names.pop(id(old))
        self._drawn = new

    @property
    def title(self) -> str | None:
        """The title."""
        title = self._drawn.title
        rich = title.tx.rich if title is not None and title.tx is not None else None
        return "".join(run.t for part in rich.paragraphs for run in part.r or ()) if rich is not None else None

    @title.setter
    def title(self, value: str | None) -> None:
        self._drawn.title = value

    def set_source_data(self, rng: Any, plot_by: str | None = None) -> None:
        """Draw the columns of a range against its first one, with headings as names; or its rows."""
        place, worksheet = rng.place, rng.worksheet
        by_rows = plot_by == "rows" or (plot_by is None and place.width > place.height)
        everything = Reference(worksheet, place.left, place.top, place.right, place.bottom)
        self._drawn.series = []
        if isinstance(self._drawn, charts.ScatterChart):
            self._scatter(worksheet, place)
            return
        first = (
            Reference(worksheet, place.left + 1, place.top, place.right, place.top)
            if by_rows
            else Reference(worksheet, place.left, place.top + 1, place.left, place.bottom)
        )
        everything = (
            Reference(worksheet, place.left, place.top + 1, place.right, place.bottom)
            if by_rows
            else Reference(worksheet, place.left + 1, place.top, place.right, place.bottom)
        )
        self._drawn.add_data(everything, from_rows=by_rows, titles_from_data=True)
        self._drawn.set_categories(first)

    def _scatter(self, worksheet: Any, place: Any) -> None:
        x = Reference(worksheet, place.left, place.top + 1, place.left, place.bottom)
        for column in range(place.left + 1, place.right + 1):
            y = Reference(worksheet, column, place.top, column, place.bottom)
            self._drawn.series.append(charts.Series(y, x, title_from_data=True))


def _new_chart(kind: str) -> Any:
    if kind not in _CHARTS:
        raise NotImplementedError(f"charts of the kind {kind}: draw one of {', '.join(_CHARTS)}")
    make, how = _CHARTS[kind]
    made = make()
    for name, value in how.items():
        setattr(made, name, value)
    return made


class Shape(base_classes.Shape):
    """A picture or a chart, seen as a shape."""

    def __init__(self, drawing: Picture | Chart) -> None:
        self._drawing = drawing

    @property
    def api(self) -> Any:
        """The picture or chart as openpyxl keeps it."""
        return self._drawing.api

    @property
    def parent(self) -> SheetOwner:
        """The sheet."""
        return self._drawing.parent

    @property
    def type(self) -> str:
        """Whether it is a picture or a chart."""
        return self._drawing.type

    @property
    def name(self) -> str:
        """The name."""
        return self._drawing.name

    @name.setter
    def name(self, value: str) -> None:
        self._drawing.name = value

    @property
    def left(self) -> float:
        """How far it is from the left edge of the sheet, in points."""
        return self._drawing.left

    @left.setter
    def left(self, value: float) -> None:
        self._drawing.left = value

    @property
    def top(self) -> float:
        """How far it is from the upper edge of the sheet, in points."""
        return self._drawing.top

    @top.setter
    def top(self, value: float) -> None:
        self._drawing.top = value

    @property
    def width(self) -> float:
        """How wide it is, in points."""
        return self._drawing.width

    @width.setter
    def width(self, value: float) -> None:
        self._drawing._put(self.left, self.top, value, self.height)

    @property
    def height(self) -> float:
        """How high it is, in points."""
        return self._drawing.height

    @height.setter
    def height(self, value: float) -> None:
        self._drawing._put(self.left, self.top, self.width, value)

    def delete(self) -> None:
        """Remove it."""
        self._drawing.delete()


class _Collection:
    """The drawings of one kind on a sheet."""

    def __init__(self, sheet: SheetOwner) -> None:
        self._parent = sheet

    @property
    def parent(self) -> SheetOwner:
        """The sheet that they lie on."""
        return self._parent

    @property
    def api(self) -> list[Any]:
        """The drawings as openpyxl keeps them."""
        return [each.api for each in self._known()]

    def _known(self) -> list[Any]:
        raise TypeError("a collection of some kind")

    def __call__(self, key: int | str) -> Any:
        for number, each in enumerate(self._known(), start=1):
            if key in (number, each.name):
                return each
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self._known())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._known())

    def __contains__(self, key: object) -> bool:
        return any(each.name == key for each in self._known())


class Pictures(_Collection, base_classes.Pictures):
    """The pictures on a sheet."""

    def _known(self) -> list[Any]:
        return [Picture(self.parent, each) for each in self.parent.worksheet._images]

    def add(
        self, filename: str, link_to_file: bool, save_with_document: bool, left: float | None, top: float | None,
        width: float, height: float, anchor: Any = None,
    ) -> Picture:  # fmt: skip
        """Put the picture of a file on the sheet; a width and height of -1 are those of the file."""
        image = Image(filename)
        across, down = _points_of_pixel(filename)
        picture = Picture(self.parent, image)
        self.parent.worksheet._images.append(image)
        left, top = (anchor.left, anchor.top) if anchor is not None else (left or 0, top or 0)
        wide = width if width >= 0 else image.width * across
        high = height if height >= 0 else image.height * down
        picture._put(left, top, wide, high)
        return picture


def _points_of_pixel(filename: Any) -> tuple[float, float]:
    """Return how many points a pixel of a picture takes, as the file says; else as many as one of the screen."""
    import PIL.Image  # Pillow is there where a picture could be read

    with PIL.Image.open(filename) as picture:
        across, down = picture.info.get("dpi", (0, 0))
    return tuple(72 / float(each) if each else POINTS_OF_PIXEL for each in (across, down))  # type: ignore[return-value]


class Charts(_Collection, base_classes.Charts):
    """The charts on a sheet."""

    def _known(self) -> list[Any]:
        return [Chart(self.parent, each) for each in self.parent.worksheet._charts]

    def add(
        self, left: float | None = None, top: float | None = None, width: float | None = None,
        height: float | None = None, chart_type: str | None = None, source: Any = None, plot_by: str | None = None,
        name: str | None = None, anchor: Any = None, style: int | None = None,
    ) -> Chart:  # fmt: skip
        """Draw a chart; columns where no kind is given."""
        drawn = _new_chart(chart_type or "column_clustered")
        chart = Chart(self.parent, drawn)
        self.parent.worksheet._charts.append(drawn)
        left, top = (anchor.left, anchor.top) if anchor is not None else (left or 0, top or 0)
        chart._put(left, top, width or CHART_SIZE[0], height or CHART_SIZE[1])
        if source is not None:
            chart.set_source_data(source, plot_by)
        if name:
            chart.name = name
        return chart


class Shapes(_Collection, base_classes.Collection):
    """Pictures and charts together, and then the shapes that can only be looked at."""

    def _known(self) -> list[Any]:
        source, title = self.parent.book.title_in_file(self.parent.worksheet)
        others = shapes_in(source, title) if source else []
        drawn = [Shape(each) for each in (*Pictures(self.parent), *Charts(self.parent))]
        return [*drawn, *(OtherShape(self.parent, each) for each in others)]
