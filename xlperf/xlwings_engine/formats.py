"""Fonts, fills, alignment and borders, as xlwings names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any, cast

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Color, PatternFill
from openpyxl.styles.colors import COLOR_INDEX
from xlwings import base_classes

from xlperf.xlwings_engine.block import Block

RGB = tuple[int, int, int]

ALIGNED = {"center_across_selection": "centerContinuous", "general": None}
ALIGNED_BACK = {"centerContinuous": "center_across_selection"}


def shared_value(values: Iterable[Any]) -> Any:
    """Return what all values have in common; None where they differ.

    >>> shared_value(["0%", "0%"]), shared_value([1, 2]), shared_value([])
    ('0%', None, None)
    """
    first, *others = list(dict.fromkeys(values)) or [None]
    return None if others else first


# Colours ----------------------------------------------------------------------------------------------------------


def to_file_colour(colour: Any) -> str | None:
    """Return a colour as the file writes it, from a tuple, a hex text or Excel's number.

    >>> to_file_colour((31, 78, 121)), to_file_colour("#1f4e79"), to_file_colour(0x794E1F), to_file_colour(None)
    ('1F4E79', '1F4E79', '1F4E79', None)
    """
    if colour is None:
        return None
    if isinstance(colour, str):
        return colour.removeprefix("#").upper()
    if isinstance(colour, int):
        colour = (colour & 255, colour >> 8 & 255, colour >> 16 & 255)
    return "".join(f"{int(part):02X}" for part in colour)


def to_rgb(colour: Color | None) -> RGB | None:
    """Return a colour of the file as a tuple; None for colours of the theme, which depend on it."""
    if colour is None:
        return None
    text = colour.rgb if colour.type == "rgb" else None
    if colour.type == "indexed" and colour.indexed < len(COLOR_INDEX):
        text = COLOR_INDEX[colour.indexed]
    if not isinstance(text, str):
        return None
    return cast("RGB", tuple(int(text[-6:][at : at + 2], 16) for at in (0, 2, 4)))


def read_fill(cell: Any) -> RGB | None:
    """Return the colour of a cell's fill."""
    fill = cell.fill
    return to_rgb(fill.fgColor) if fill.fill_type == "solid" else None


def fill_cell(cell: Any, colour: str | None) -> None:
    """Fill a cell with a colour, or with none."""
    cell.fill = PatternFill("solid", fgColor=colour) if colour else PatternFill()


def align_cell(cell: Any, **how: Any) -> None:
    """Change some of how the text of a cell stands."""
    alignment = copy(cell.alignment)
    for name, value in how.items():
        setattr(alignment, name, value)
    cell.alignment = alignment


# Fonts ------------------------------------------------------------------------------------------------------------


class RangeFont(base_classes.Font):
    """The font of the cells of a range."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @property
    def api(self) -> Any:
        """The font of the first cell as openpyxl keeps it."""
        return self._block.first.font

    def _shared(self, name: str) -> Any:
        return shared_value(self._block.formats(lambda cell: getattr(cell.font, name)))

    def _change(self, **how: Any) -> None:
        def change(cell: Any) -> None:
            font = copy(cell.font)
            for name, value in how.items():
                setattr(font, name, value)
            cell.font = font

        self._block.format(change)

    @property
    def bold(self) -> bool | None:
        """Whether the text is bold."""
        return cast("bool | None", self._shared("b"))

    @bold.setter
    def bold(self, value: bool) -> None:
        self._change(b=value)

    @property
    def italic(self) -> bool | None:
        """Whether the text is italic."""
        return cast("bool | None", self._shared("i"))

    @italic.setter
    def italic(self, value: bool) -> None:
        self._change(i=value)

    @property
    def size(self) -> float | None:
        """The size in points."""
        return cast("float | None", self._shared("sz"))

    @size.setter
    def size(self, value: float) -> None:
        self._change(sz=value)

    @property
    def name(self) -> str | None:
        """The name of the font."""
        return cast("str | None", self._shared("name"))

    @name.setter
    def name(self, value: str) -> None:
        self._change(name=value, scheme=None)

    @property
    def color(self) -> RGB | None:
        """The colour; black where the file leaves it open."""
        return cast("RGB | None", shared_value(self._block.formats(lambda cell: to_rgb(cell.font.color) or (0, 0, 0))))

    @color.setter
    def color(self, value: Any) -> None:
        self._change(color=to_file_colour(value))


class Characters(base_classes.Characters):
    """Some of the characters of a cell."""

    def __init__(self, block: Block, of: slice = slice(None)) -> None:
        self._block, self._slice = block, of

    @property
    def api(self) -> Any:
        """The openpyxl cell."""
        return self._block.first

    @property
    def text(self) -> str:
        """What they say."""
        value = self._block.values()[0][0]
        return ("" if value is None else str(value))[self._slice]

    @property
    def font(self) -> RangeFont | CharactersFont:
        """Their font: that of the cell where all characters are meant."""
        return RangeFont(self._block) if self._slice == slice(None) else CharactersFont(self._block, self._slice)

    def __getitem__(self, item: int | slice) -> Characters:
        return Characters(self._block, item if isinstance(item, slice) else slice(item, item + 1))


class CharactersFont(base_classes.Font):
    """The font of some characters of a cell, which becomes rich text where it is changed."""

    def __init__(self, block: Block, of: slice) -> None:
        self._block, self._slice = block, of

    @property
    def api(self) -> Any:
        """The openpyxl cell."""
        return self._block.first

    def _letters(self) -> list[tuple[str, InlineFont | None]]:
        value: Any = self._block.first.value
        if isinstance(value, CellRichText):
            runs = [(str(run), run.font if isinstance(run, TextBlock) else None) for run in value]
        else:
            runs = [(str(value or ""), None)]
        return [(letter, font) for text, font in runs for letter in text]

    def _shared(self, name: str, otherwise: Any) -> Any:
        fonts = (font for _, font in self._letters()[self._slice])
        return shared_value(getattr(font, name) if font is not None else otherwise for font in fonts)

    def _change(self, **how: Any) -> None:
        letters = self._letters()
        for at in range(*self._slice.indices(len(letters))):
            letter, font = letters[at]
            font = copy(font) if font is not None else _inline(self._block.first.font)
            for name, value in how.items():
                setattr(font, name, value)
            letters[at] = (letter, font)
        self._block.first.value = CellRichText(*_joined(letters))

    @property
    def bold(self) -> bool | None:
        """Whether they are bold."""
        return cast("bool | None", self._shared("b", self._block.first.font.b))

    @bold.setter
    def bold(self, value: bool) -> None:
        self._change(b=value)

    @property
    def italic(self) -> bool | None:
        """Whether they are italic."""
        return cast("bool | None", self._shared("i", self._block.first.font.i))

    @italic.setter
    def italic(self, value: bool) -> None:
        self._change(i=value)

    @property
    def size(self) -> float | None:
        """Their size in points."""
        return cast("float | None", self._shared("sz", self._block.first.font.sz))

    @size.setter
    def size(self, value: float) -> None:
        self._change(sz=value)

    @property
    def name(self) -> str | None:
        """The name of their font."""
        return cast("str | None", self._shared("rFont", self._block.first.font.name))

    @name.setter
    def name(self, value: str) -> None:
        self._change(rFont=value)

    @property
    def color(self) -> RGB | None:
        """Their colour."""
        return to_rgb(self._shared("color", self._block.first.font.color)) or (0, 0, 0)

    @color.setter
    def color(self, value: Any) -> None:
        self._change(color=to_file_colour(value))


def _inline(font: Any) -> InlineFont:
    return InlineFont(rFont=font.name, sz=font.sz, b=font.b, i=font.i, color=copy(font.color), u=font.u)


def _joined(letters: Iterable[tuple[str, InlineFont | None]]) -> Iterator[str | TextBlock]:
    """Join letters of one font to runs."""
    text, last = "", None
    for letter, font in [*letters, ("", object())]:
        if text and font != last:
            yield TextBlock(last, text) if last is not None else text
            text = ""
        text, last = text + letter, cast("InlineFont | None", font)
