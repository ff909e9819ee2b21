"""Shapes that openpyxl does not know: text boxes, rectangles, lines, groups. They are seen, and kept as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from xlwings import base_classes

from xlperf.xlsx.package.opc import Workbook, child, children, local, tree
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlwings_engine.interfaces import SheetOwner
from xlperf.xlwings_engine.sizes import height_of_rows, width_of_columns

EMU_OF_POINT = 12_700
_KINDS = {"sp": "auto_shape", "grpSp": "group", "cxnSp": "line"}


def shapes_in(source: bytes, title: str) -> list[Any]:
    """Return the anchors of the shapes on a sheet that are neither pictures nor charts, in the order of the file.

    Parameters
    ----------
    source : the file
    title : the title of the sheet in it
    """
    book = Workbook(Parts.read(source))
    found = []
    for part in book.linked(book.sheet(title).part, "drawing"):
        found += [each for each in tree(book.parts[part]) if _shape(each) is not None]
    return found


def _shape(anchor: Any) -> Any:
    return next((each for each in anchor if isinstance(each.tag, str) and local(each) in _KINDS), None)


def _named(element: Any, name: str) -> Iterator[Any]:
    return (each for each in element.iter() if isinstance(each.tag, str) and local(each) == name)


def _only_read(read: Callable[[Any], Any]) -> Any:
    """Return a property that cannot be set."""

    def refuse(shape: OtherShape, _: Any) -> None:
        shape._refuse()

    return property(read, refuse, doc=read.__doc__)


class OtherShape(base_classes.Shape):
    """A shape that can be looked at, and changed in Excel only.

    Parameters
    ----------
    parent : the sheet that it lies on
    anchor : how the file describes where it is and what it is
    """

    def __init__(self, parent: SheetOwner, anchor: Any) -> None:
        self._parent, self._anchor, self._element = parent, anchor, _shape(anchor)

    @property
    def api(self) -> Any:
        """The element of the file."""
        return self._element

    @property
    def parent(self) -> SheetOwner:
        """The sheet that it lies on."""
        return self._parent

    @_only_read
    def name(self) -> str:
        """The name."""
        return str(next(_named(self._element, "cNvPr")).get("name", ""))

    @property
    def type(self) -> str:
        """What kind of shape it is: auto_shape, text_box, group or line."""
        described = next(_named(self._element, "cNvSpPr"), None)
        text_box = described is not None and described.get("txBox") in ("1", "true")
        return "text_box" if text_box else _KINDS[local(self._element)]

    @_only_read
    def text(self) -> str:
        """What it says, paragraph by paragraph."""
        body = child(self._element, "txBody")
        paragraphs = children(body, "p") if body is not None else []
        return "\n".join("".join(each.text or "" for each in _named(part, "t")) for part in paragraphs)

    @_only_read
    def left(self) -> float:
        """How far it is from the left edge of the sheet, in points."""
        return self._corner("from", "pos")[0]

    @_only_read
    def top(self) -> float:
        """How far it is from the upper edge of the sheet, in points."""
        return self._corner("from", "pos")[1]

    @_only_read
    def width(self) -> float:
        """How wide it is, in points."""
        return self._size()[0]

    @_only_read
    def height(self) -> float:
        """How high it is, in points."""
        return self._size()[1]

    def _corner(self, marker: str, position: str = "") -> tuple[float, float]:
        found, worksheet = child(self._anchor, marker), self.parent.worksheet
        if found is None:
            absolute = child(self._anchor, position)
            return int(absolute.get("x")) / EMU_OF_POINT, int(absolute.get("y")) / EMU_OF_POINT
        numbers = {local(each): int(each.text) for each in found}
        return (
            width_of_columns(worksheet, 1, numbers["col"]) + numbers["colOff"] / EMU_OF_POINT,
            height_of_rows(worksheet, 1, numbers["row"]) + numbers["rowOff"] / EMU_OF_POINT,
        )

    def _size(self) -> tuple[float, float]:
        extent = child(self._anchor, "ext")
        if extent is not None:
            return int(extent.get("cx")) / EMU_OF_POINT, int(extent.get("cy")) / EMU_OF_POINT
        (left, top), (right, bottom) = self._corner("from"), self._corner("to")
        return right - left, bottom - top

    def _refuse(self, *_: Any) -> NoReturn:
        raise NotImplementedError(f"the shape '{self.name}' is kept as it stands in the file; change it in Excel")

    delete = activate = scale_height = scale_width = _refuse
    font = characters = property(_refuse)
