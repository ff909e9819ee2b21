"""Finds the formats of an output sheet that HR staff gave to it, so that a run keeps them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from xlperf.xlsx.package.styles import Key, Styles

_COLOUR = re.compile(r"'([0-9A-F]{2})?([0-9A-F]{6})'")
_BOLD = frozenset(("b", "i"))


@dataclass(frozen=True)
class OwnFormats:
    """The formats that a run may give to a cell: number formats, a pattern of further ones, and colours (RRGGBB)."""

    numbers: frozenset[str] = frozenset()
    further_numbers: str = "(?!)"
    colours: frozenset[str] = frozenset()


class KeptFormats:
    """Separates the formats that xlperf gives to cells from those of HR: any piece that a run cannot give is HR's.

    Parameters
    ----------
    styles : the formats of the workbook that is kept
    own : the formats that a run gives
    bold : whether xlperf writes bold or italic letters there, as it does on pages, but not in tables
    """

    def __init__(self, styles: Styles, own: OwnFormats, bold: bool) -> None:
        self.styles, self.own, self.bold = styles, own, bold
        self._pieces: dict[int, dict[str, Key]] = {}

    def pieces(self, number: int) -> dict[str, Key]:
        """Return the pieces of a format of the workbook that is kept."""
        if number not in self._pieces:
            self._pieces[number] = self.styles.pieces(number)
        return self._pieces[number]

    def own_pieces(self, old: int, new: Iterable[int]) -> frozenset[str]:
        """Return which pieces of an old format neither are among those of new ones nor can have come from a run.

        A piece of the workbook's default format was given to no cell in particular: a run leaves it in cells that it
        writes without a format.
        """
        olds, news, default = self.pieces(old), [self.pieces(number) for number in new], self.pieces(0)
        return frozenset(
            name
            for name, piece in olds.items()
            if all(piece != each[name] for each in (default, *news)) and not self._is_ours(name, piece)
        )

    def column(self, old: Mapping[int, int], new: Mapping[int, int]) -> Callable[[int, int | None], int]:
        """Return the function that gives the cells of a column their formats.

        Parameters
        ----------
        old, new : the formats of the cells that were there and of those that come, by row

        Returns
        -------
        A function of the format that a cell would have and of the row where its record stood before, if it did.
        """
        fresh = set(new.values())
        own = {number: self.own_pieces(number, fresh) for number in set(old.values())}
        everywhere: dict[str, set[Key]] = defaultdict(set)
        for number in own:
            for name in own[number]:
                everywhere[name].add(self.pieces(number)[name])
        uniform = frozenset(
            name
            for name, pieces in everywhere.items()
            if len(pieces) == 1 and all(name in each for each in own.values())
        )
        sample = next(iter(sorted(own)), 0)

        def format_of(number: int, row: int | None) -> int:
            was = old.get(row) if row is not None else None
            if was is None:
                return self.styles.mixed(number, sample, uniform) if uniform else number
            return self.styles.mixed(number, was, own[was]) if own[was] else number

        return format_of

    def _is_ours(self, name: str, piece: Key) -> bool:
        match name:
            case "numFmt":
                return piece[0] in self.own.numbers or bool(re.fullmatch(self.own.further_numbers, str(piece[0])))
            case "fill" | "border":
                colours = {found[1] for found in _COLOUR.findall(repr(piece))}
                return colours <= self.own.colours
            case "font":
                plain = _BOLD.isdisjoint(each[0] for each in piece[3])
                return (plain or self.bold) and {found[1] for found in _COLOUR.findall(repr(piece))} <= self.own.colours
            case "alignment":
                return piece == ()
            case _:
                return False
