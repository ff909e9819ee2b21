"""The check beside the Indicators sheet: what the weights of each position total, and whether that is what they must.

Totals are formulas on the cells of the sheet, so that they follow while HR types; `check` says the same with the cells
to mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.numbers import SHARE_TOLERANCE
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.validation.basics import ALL_POSITIONS
from xlperf.schema import WEIGHT_CHECK
from xlperf.workbook.area import Area
from xlperf.workbook.formulas.cell_addresses import text_in_formula
from xlperf.workbook.write import style
from xlperf.workbook.write.style import Look
from xlperf.workbook.write.table_sheet import fit_what_stands_beside, paint
from xlperf.xlsx.formula import Formula, put

BESIDE = 2  # columns between the table and the check
ROWS_COUNTED = 500  # of the table, so that indicators that come later count too
_HEADINGS = (Text("岗位", "Position"), Text("合计", "Total"), Text("应为", "To be"), Text("核对", "Check"))
_WIDTHS = (20.0, 9.0, 9.0, 12.0)


@dataclass(frozen=True)
class _Line:
    """What some indicators total: of a position, maybe within one dimension; ``group`` and ``dimension`` are codes."""

    name: str
    group: str
    dimension: str
    total: float


def write_weight_check(ws: Worksheet, area: Area, scheme: Scheme, lang: Lang) -> None:
    """Write the check to the right of the table, from its first row on: headings there would be those of columns.

    Parameters
    ----------
    ws : the Indicators sheet
    area : where its table stands
    scheme : whose positions and weights they are
    lang : "zh" or "en"
    """
    first = max(map(column_index_from_string, area.letters.values())) + BESIDE
    letters = [get_column_letter(first + number) for number in range(len(_HEADINGS))]
    for letter, width in zip(letters, _WIDTHS, strict=True):
        ws.column_dimensions[letter].width = width
    top = area.first_row
    _write_row(ws, letters, top, [WEIGHT_CHECK(lang), "", "", ""], style.section_look(lang))
    _write_row(ws, letters, top + 1, [each(lang) for each in _HEADINGS], style.heading_look("output", lang))
    wanted = _wanted(scheme)
    lines = [*_lines(scheme, lang)]
    for row, line in enumerate(lines, start=top + 2):
        total, to_be = f"{letters[1]}{row}", f"{letters[2]}{row}"
        fits = abs(line.total - wanted) <= SHARE_TOLERANCE
        said = "" if not line.total else "✓" if fits else f"✗ {wanted - line.total:+.10g}"
        gap = f"ROUND({to_be}-{total},6)"
        wrong = f'"✗ "&IF({gap}>0,"+","")&{gap}'
        check = f'IF({total}=0,"",IF(ABS({to_be}-{total})<={float(SHARE_TOLERANCE)!r},"✓",{wrong}))'
        values = [line.name, Formula(_total(area, line, lang), line.total), wanted, Formula(check, said)]
        _write_row(ws, letters, row, values, Look(lang))
    checks = f"{letters[3]}{top + 2}:{letters[3]}{top + 1 + len(lines)}"
    mark = f"LEFT({letters[3]}{top + 2},1)"
    paint(ws, checks, good=f'{mark}="✓"', bad=f'{mark}="✗"')
    fit_what_stands_beside(ws, area)


def _write_row(ws: Worksheet, letters: list[str], row: int, values: list[object], look: Look) -> None:
    for number, (letter, value) in enumerate(zip(letters, values, strict=True)):
        aligned = replace(look, align="right", number_format="#,##0.##") if number in (1, 2) else look
        put(ws[f"{letter}{row}"], value or None)
        aligned.register(ws).apply_to(ws[f"{letter}{row}"])


def _wanted(scheme: Scheme) -> float:
    """Return what the weights must total: 100 (per cent), or the full points where points are added up."""
    settings = scheme.settings
    return float(settings.full_points) if settings.total_method == "sum" else 100.0


def _lines(scheme: Scheme, lang: Lang) -> Iterator[_Line]:
    """Yield what has to total the same: each position, within each dimension where weights are shares of it."""
    scored = scheme.of_level("employee")
    names = {each.group: each.name(lang) for each in scheme.positions}
    for group in sorted({each.group for each in scored if each.group}) or [""]:
        mine = [each for each in scored if each.group in ("", group)]
        name = (names.get(group) or group) if group else ALL_POSITIONS(lang)
        if scheme.settings.weight_basis != "dimension":
            yield _Line(name, group, "", _sum(mine))
            continue
        for dimension in scheme.dimensions:
            inside = [each for each in mine if each.dimension == dimension.code]
            if inside:
                yield _Line(f"{name} · {dimension.name(lang)}", group, dimension.code, _sum(inside))


def _sum(indicators: list[Indicator]) -> float:
    return round(sum(each.weight for each in indicators if each.weight == each.weight), 10)


def _total(area: Area, line: _Line, lang: Lang) -> str:
    """Add up the weights of the rows that belong to everybody, or to the position, and are asked of employees.

    SUMIFS, once for each way to be such a row: not every spreadsheet program searches a whole column inside SUMPRODUCT.
    """
    groups, levels, weights, dimensions = (
        f"${area.letters[code]}${area.first_row}:${area.letters[code]}${area.heading_row + ROWS_COUNTED}"
        for code in ("group", "levels", "weight", "dimension")
    )
    asked = [f'{levels},""', f"{levels},{text_in_formula('*' + WORDS['level']['employee'](lang) + '*')}"]
    belonging = [f',{groups},""', f",{groups},{_criterion(line.group)}"] if line.group else [""]
    inside = f",{dimensions},{_criterion(line.dimension)}" if line.dimension else ""
    return f"SUM({','.join(f'SUMIFS({weights},{level}{group}{inside})' for level, group in product(asked, belonging))})"


def _criterion(code: str) -> str:
    """Write a code as SUMIFS compares it: its own signs for any text (``*``, ``?``) stand for themselves."""
    return text_in_formula("=" + re.sub(r"[*?~]", r"~\g<0>", code))
