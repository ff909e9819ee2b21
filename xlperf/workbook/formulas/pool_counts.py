"""How many people are in a pool and how many are better, and which grade a position in the list of grades is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlperf.core.problems import Lang
from xlperf.policy.rules import formulas as f
from xlperf.workbook.formulas.cell_addresses import Policy, text_in_formula

LARGEST = "1E+300"  # below any text, above any number that is measured


@dataclass(frozen=True)
class Key:
    """A column and the cell that its values must equal; ``plain`` tells whether COUNTIFS can tell its texts apart."""

    column: str
    cell: str
    plain: bool


def members(keys: Sequence[Key], figures: str, present: Sequence[str] = ()) -> str:
    """Count the rows with equal keys that have a figure, and a text in the columns of ``present``."""
    if all(each.plain for each in keys):
        return f"COUNTIFS({_criteria(keys, present)},{figures},{f.NUMBERS})"
    return f"SUMPRODUCT({_products(keys, present)}*({figures}<{LARGEST}))"


def such(keys: Sequence[Key], figures: str, sign: str, figure: str, present: Sequence[str] = ()) -> str:
    """Count the rows with equal keys whose figure is above (below, at least, ...) the figure of a cell.

    >>> such([Key("$D$2:$D$9", "D2", True)], "$F$2:$F$9", ">", "F2")
    'COUNTIFS($D$2:$D$9,D2,$F$2:$F$9,">"&F2)'
    """
    if all(each.plain for each in keys):
        return f'COUNTIFS({_criteria(keys, present)},{figures},"{sign}"&{figure})'
    return f"SUMPRODUCT({_products(keys, present)}*({figures}{sign}{figure})*({figures}<{LARGEST}))"


def _criteria(keys: Sequence[Key], present: Sequence[str]) -> str:
    pairs = [f"{each.column},{each.cell}" for each in keys]
    return ",".join([*pairs, *(f'{each},"?*"' for each in present)])


def _products(keys: Sequence[Key], present: Sequence[str]) -> str:
    equal = [f"({each.column}={each.cell})" for each in keys]
    return "*".join([*equal, *(f'({each}<>"")' for each in present)])


@dataclass(frozen=True)
class GradeList:
    """The list of grades, best first, as formulas point to it."""

    policy: Policy
    lang: Lang

    def __len__(self) -> int:
        return len(self.policy.scheme.grades)

    def by_score(self, total: str) -> str:
        """Return the position of the grade whose lower bound a total reaches; one more than there are for none."""
        bounds = self.policy.column("grades", "lower")
        if bounds:
            return f'COUNTIF({bounds},">"&{total})+1'
        cells = [self.policy.number("grades", "lower", each) for each in range(len(self))]
        return "+".join([*(f"({each}>{total})" for each in cells), "1"])

    def code(self, position: str) -> str:
        """Return the code of the grade at a position."""
        return self._label("code", [each.code for each in self.policy.scheme.grades], position)

    def name(self, position: str) -> str:
        """Return the name of the grade at a position."""
        is_english = self.lang == "en" and self.policy.scheme.table("grades")["name_en"].notna().any()
        column = "name_en" if is_english else "name"
        return self._label(column, [each.name(self.lang) for each in self.policy.scheme.grades], position)

    def coefficient(self, position: str) -> str:
        """Return the coefficient of the grade at a position, nothing where it has none."""
        given = [each.coefficient for each in self.policy.scheme.grades]
        column = self.policy.column("grades", "coefficient")
        if column and all(each == each for each in given):
            return f"INDEX({column},{position})"
        cells = [self.policy.number("grades", "coefficient", each) for each in range(len(self))]
        return f"CHOOSE({position},{','.join(cells)})"

    def _label(self, column: str, texts: Sequence[str], position: str) -> str:
        frame = self.policy.scheme.table("grades").frame
        cells = self.policy.texts("grades", column) if frame[column].tolist() == list(texts) else ""
        if cells:
            return f"INDEX({cells},{position})"
        return f"CHOOSE({position},{','.join(map(text_in_formula, texts))})"
