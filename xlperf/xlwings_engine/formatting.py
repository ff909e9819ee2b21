"""How cells look: number formats, fonts, colours, alignment, and the sizes of columns and rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any, cast

from xlperf.xlwings_engine import sizes
from xlperf.xlwings_engine.block import Block
from xlperf.xlwings_engine.borders import Borders
from xlperf.xlwings_engine.cells import PLAIN, Styles
from xlperf.xlwings_engine.formats import (
    ALIGNED,
    ALIGNED_BACK,
    Characters,
    RangeFont,
    align,
    colour_of,
    common,
    fill_of,
    paint,
)


class Dressed(Block):
    """A rectangle of cells, and how they look."""

    # Formats --------------------------------------------------------------------------------------------------------

    @property
    def number_format(self) -> str | None:
        """The number format; None where the cells differ."""
        return cast("str | None", common(self._looks(lambda cell: cell.number_format)))

    @number_format.setter
    def number_format(self, value: str) -> None:
        self._dress(lambda cell: setattr(cell, "number_format", value))

    @property
    def color(self) -> tuple[int, int, int] | None:
        """The colour of the fill; None where there is none or the cells differ."""
        return cast("tuple[int, int, int] | None", common(self._looks(fill_of)))

    @color.setter
    def color(self, color_or_rgb: Any) -> None:
        colour = colour_of(color_or_rgb)
        self._dress(lambda cell: paint(cell, colour))

    def set_colors(self, colors: Sequence[Sequence[Any]]) -> None:
        """Colour cells one by one; an ellipsis leaves a cell as it is."""
        for row, line in enumerate(colors, start=1):
            for column, colour in enumerate(line, start=1):
                if colour is not ...:
                    self(row, column).color = colour

    @property
    def font(self) -> RangeFont:
        """The font of the cells."""
        return RangeFont(self)

    @property
    def borders(self) -> Borders:
        """The lines around and between the cells."""
        return Borders(self)

    @property
    def characters(self) -> Characters:
        """The characters of the first cell."""
        return Characters(self)

    @property
    def wrap_text(self) -> bool | None:
        """Whether long text is broken into lines; None where the cells differ."""
        return cast("bool | None", common(self._looks(lambda cell: bool(cell.alignment.wrap_text))))

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self._align(wrap_text=value)

    @property
    def horizontal_alignment(self) -> str | None:
        """How text stands between left and right."""
        shown = common(self._looks(lambda cell: cell.alignment.horizontal or "general"))
        return cast("str | None", ALIGNED_BACK.get(shown, shown))

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        self._align(horizontal=ALIGNED.get(value, value))

    @property
    def vertical_alignment(self) -> str | None:
        """How text stands between top and bottom."""
        return cast("str | None", common(self._looks(lambda cell: cell.alignment.vertical or "bottom")))

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        self._align(vertical=value)

    def adjust_indent(self, amount: int) -> None:
        """Move text away from the edge, by so many steps more or fewer."""
        self._dress(lambda cell: align(cell, indent=max(0, int(cell.alignment.indent or 0) + amount)))

    def _align(self, **how: Any) -> None:
        self._dress(lambda cell: align(cell, **how))

    def _looks(self, of: Callable[[Any], Any]) -> Iterator[Any]:
        """Yield what a property is for each cell; cells that do not exist look like their column."""
        cells, styles, place = self.worksheet._cells, Styles(self.worksheet), self._used()
        for row, column in place.cells():
            cell = cells.get((row, column))
            yield of(cell if cell is not None else styles.example(row, column))

    def _dress(self, how: Callable[[Any], None]) -> None:
        """Format every cell; whole columns and rows also where there is no cell yet."""
        if self.place.whole_columns:
            for number in range(self.place.left, self.place.right + 1):
                how(sizes.column_of(self.worksheet, number))
        elif self.place.whole_rows:
            for number in range(self.place.top, self.place.bottom + 1):
                how(self.worksheet.row_dimensions[number])
        by_style: dict[bytes, Any] = {}
        for cell in self._all():
            before = (cell._style or PLAIN).tobytes()
            if before not in by_style:
                how(cell)
                by_style[before] = cell._style
            else:
                cell._style = copy(by_style[before])

    # Sizes ----------------------------------------------------------------------------------------------------------

    @property
    def column_width(self) -> float | None:
        """The width of the columns in characters; None where they differ."""
        widths = (sizes.characters(self.worksheet, number) for number in self._columns())
        return cast("float | None", common(widths))

    @column_width.setter
    def column_width(self, value: float) -> None:
        for number in self._columns():
            sizes.set_characters(self.worksheet, number, value)

    @property
    def row_height(self) -> float | None:
        """The height of the rows in points; None where they differ."""
        return cast("float | None", common(sizes.row_height(self.worksheet, number) for number in self._rows()))

    @row_height.setter
    def row_height(self, value: float) -> None:
        for number in self._rows():
            self.worksheet.row_dimensions[number].height = value

    @property
    def width(self) -> float:
        """The width in points."""
        return sizes.width(self.worksheet, self.place.left, self.place.right)

    @property
    def height(self) -> float:
        """The height in points."""
        return sizes.height(self.worksheet, self.place.top, self.place.bottom)

    @property
    def left(self) -> float:
        """How far the left edge is from that of the sheet, in points."""
        return sizes.width(self.worksheet, 1, self.place.left - 1)

    @property
    def top(self) -> float:
        """How far the upper edge is from that of the sheet, in points."""
        return sizes.height(self.worksheet, 1, self.place.top - 1)

    def autofit(self, axis: str | None = None) -> None:
        """Fit columns, rows or both to what stands in them."""
        used = self.place.within(self.sheet.used_range.place)
        if used is not None and axis not in ("rows", "r"):
            sizes.fit_columns(self.worksheet, used)
        if used is not None and axis not in ("columns", "c"):
            sizes.fit_rows(self.worksheet, used)

    @property
    def row_hidden(self) -> bool | None:
        """Whether the rows are hidden; None where some are."""
        return cast("bool | None", common(sizes.row_hidden(self.worksheet, number) for number in self._rows()))

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        for number in self._rows():
            self.worksheet.row_dimensions[number].hidden = value

    @property
    def column_hidden(self) -> bool | None:
        """Whether the columns are hidden; None where some are."""
        return cast("bool | None", common(sizes.column_hidden(self.worksheet, number) for number in self._columns()))

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        for number in self._columns():
            sizes.column_of(self.worksheet, number).hidden = value

    def _rows(self) -> range:
        used = self._used() if self.place.whole_columns else self.place
        return range(used.top, used.bottom + 1)

    def _columns(self) -> range:
        used = self._used() if self.place.whole_rows else self.place
        return range(used.left, used.right + 1)
