"""The lines around and between cells, as xlwings names them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, cast

from openpyxl.styles import Border as CellBorder
from openpyxl.styles import Side
from xlwings import base_classes

from xlperf.xlwings_engine.block import Block
from xlperf.xlwings_engine.cells import PLAIN
from xlperf.xlwings_engine.formats import RGB, shared_value, to_file_colour, to_rgb

_LINES = {  # style and weight, by openpyxl's name of a line
    "hair": ("continuous", "hairline"),
    "thin": ("continuous", "thin"),
    "medium": ("continuous", "medium"),
    "thick": ("continuous", "thick"),
    "dashed": ("dash", "thin"),
    "mediumDashed": ("dash", "medium"),
    "dotted": ("dot", "thin"),
    "double": ("double", "thick"),
    "dashDot": ("dash_dot", "thin"),
    "mediumDashDot": ("dash_dot", "medium"),
    "dashDotDot": ("dash_dot_dot", "thin"),
    "mediumDashDotDot": ("dash_dot_dot", "medium"),
    "slantDashDot": ("slant_dash_dot", "medium"),
}
_BY_LINE = {line: name for name, line in reversed(_LINES.items())}


class Borders(base_classes.Borders):
    """The lines around and between the cells of a range."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @property
    def api(self) -> Any:
        """The border of the first cell as openpyxl keeps it."""
        return self._block.first.border

    def __getitem__(self, key: str) -> Border:
        return Border(self._block, key)

    def _grid_sides(self) -> list[str]:
        sides, place = ["edge_top", "edge_bottom", "edge_left", "edge_right"], self._block.place
        if place.width > 1:
            sides.append("inside_vertical")
        if place.height > 1:
            sides.append("inside_horizontal")
        return sides

    def _shared(self, name: str) -> Any:
        return shared_value(getattr(self[side], name) for side in self._grid_sides())

    @property
    def line_style(self) -> str | None:
        """The style that all sides share."""
        return cast("str | None", self._shared("line_style"))

    @line_style.setter
    def line_style(self, value: str | None) -> None:
        self.set(base_classes.BORDER_GRID_SIDES, line_style=value)

    @property
    def weight(self) -> str | None:
        """The weight that all sides share."""
        return cast("str | None", self._shared("weight"))

    @weight.setter
    def weight(self, value: str) -> None:
        self.set(base_classes.BORDER_GRID_SIDES, weight=value)

    @property
    def color(self) -> RGB | None:
        """The colour that all sides share."""
        return cast("RGB | None", self._shared("color"))

    @color.setter
    def color(self, value: Any) -> None:
        self.set(base_classes.BORDER_GRID_SIDES, color=value)

    def set(
        self,
        which: Any = "all",
        *,
        line_style: Any = base_classes._UNSET,
        weight: Any = base_classes._UNSET,
        color: Any = base_classes._UNSET,
    ) -> None:
        """Change some sides: colour first, then weight, then style."""
        changes = [
            change(value)
            for change, value in ((_coloured, color), (_weighing, weight), (_styled, line_style))
            if value is not base_classes._UNSET
        ]
        draw_lines(self._block, which, changes)


class Border(base_classes.Border):
    """The lines on one side of a range, or between its cells."""

    def __init__(self, block: Block, side: str) -> None:
        self._block, self._side = block, side

    @property
    def api(self) -> Any:
        """The line as openpyxl keeps it, of the first cell that has it."""
        place = self._block.place
        row = place.height if self._side == "edge_bottom" else 1
        column = place.width if self._side == "edge_right" else 1
        names = {"inside_vertical": "right", "inside_horizontal": "bottom"}
        name = names.get(self._side) or self._side.removeprefix("edge_").partition("_")[0]
        return getattr(self._block.cell(row, column).border, name)

    @property
    def _line(self) -> Any:
        return self.api or Side()

    @property
    def line_style(self) -> str:
        """The style of the line; none where there is no line."""
        return _LINES[self._line.style][0] if self._line.style else "none"

    @line_style.setter
    def line_style(self, value: str | None) -> None:
        draw_lines(self._block, [self._side], [_styled(value)])

    @property
    def weight(self) -> str:
        """How thick the line is."""
        return _LINES[self._line.style][1] if self._line.style else "thin"

    @weight.setter
    def weight(self, value: str) -> None:
        draw_lines(self._block, [self._side], [_weighing(value)])

    @property
    def color(self) -> RGB | None:
        """The colour of the line; None where there is no line."""
        return (to_rgb(self._line.color) or (0, 0, 0)) if self._line.style else None

    @color.setter
    def color(self, value: Any) -> None:
        draw_lines(self._block, [self._side], [_coloured(value)])


Change = Callable[[Any], Any]  # from one line to another


def _coloured(colour: Any) -> Change:
    return lambda line: Side(line.style or "thin", color=to_file_colour(colour))


def _weighing(weight: str) -> Change:
    def change(line: Any) -> Side:
        style = _LINES[line.style][0] if line.style else "continuous"
        drawn: Any = _BY_LINE.get((style, weight)) or _BY_LINE["continuous", weight]
        return Side(drawn, color=copy(line.color))

    return change


def _styled(style: str | None) -> Change:
    def change(line: Any) -> Side:
        if style in (None, "none"):
            return Side()
        weight = _LINES[line.style][1] if line.style else "thin"
        drawn: Any = _BY_LINE.get((style, weight)) or next(each for each, (name, _) in _LINES.items() if name == style)
        return Side(drawn, color=copy(line.color))

    return change


def draw_lines(block: Block, sides: Iterable[str], changes: Iterable[Change]) -> None:
    """Change the lines on some sides of a range; cells that look alike and lie alike share the work."""
    wanted, steps = set(sides), list(changes)
    (top, left, bottom, right), done = block.place, {}
    for cell in block.all():
        key = ((cell._style or PLAIN).tobytes(), cell.row == top, cell.row == bottom, cell.column == left,
               cell.column == right)  # fmt: skip
        if key not in done:
            names = _names(wanted, *key[1:])
            if names:
                cell.border = _redrawn(cell.border, names, wanted, steps)
            done[key] = cell._style
        else:
            cell._style = copy(done[key])


def _names(sides: set[str], first: bool, last: bool, leftmost: bool, rightmost: bool) -> list[str]:
    """Return the sides of a cell that the sides of its range mean; a line between two cells belongs to the first."""
    means = {
        "top": first and "edge_top" in sides,
        "bottom": ("edge_bottom" if last else "inside_horizontal") in sides,
        "left": leftmost and "edge_left" in sides,
        "right": ("edge_right" if rightmost else "inside_vertical") in sides,
        "diagonal": bool(sides & {"diagonal_down", "diagonal_up"}),
    }
    return [name for name, meant in means.items() if meant]


_border: Any = CellBorder


def _redrawn(border: Any, names: Iterable[str], sides: set[str], changes: Iterable[Change]) -> Any:
    lines = {name: copy(getattr(border, name)) or Side() for name in ("left", "right", "top", "bottom", "diagonal")}
    for name in names:
        for change in changes:
            lines[name] = change(lines[name])
    ways = {"diagonalDown": border.diagonalDown, "diagonalUp": border.diagonalUp}
    for side, way in (("diagonal_down", "diagonalDown"), ("diagonal_up", "diagonalUp")):
        if side in sides:
            ways[way] = lines["diagonal"].style is not None
    return _border(**lines, **ways)
