"""Writes the sheet Calibration: who has which grade, what HR changes it to, and what that means for quotas and bonuses.

Everything that follows from what is typed is a formula, so that head-counts, verdicts, places and amounts are there at
once in Excel, before any run: quotas point to Ranking, coefficients to Grades, the budget to Home.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.scheme import Scheme
from xlperf.reporting.calibration_board import (
    COMPLETE,
    DOWN,
    LACKING,
    STRAY,
    TYPED,
    UNKNOWN,
    UP,
    Board,
    quotas_of,
    total_pay,
)
from xlperf.schema import SHEETS, Column
from xlperf.scoring.calibration import ASKED, SHEET, Quota
from xlperf.workbook.area import Area, area_of
from xlperf.workbook.formulas.cell_addresses import Policy, can_be_criteria, text_in_formula
from xlperf.workbook.write import style
from xlperf.workbook.write.fill_rows import area_on
from xlperf.workbook.write.log_sheets import add_entries
from xlperf.workbook.write.table_sheet import (
    VALIDATED_ROWS,
    TableLook,
    fresh_sheet,
    offer_words,
    sheet_in,
    write_heading,
    write_sheet,
)
from xlperf.xlsx.formula import Formula, put

FIRST_GRADE = 4  # the column of the best grade in the panel above the list
GRADES_ROW, COEFFICIENTS_ROW, FIRST_POOL_ROW = 3, 4, 5
HINT = Text(
    "在米色列填要改的等级；名额与奖金即时更新；改动须有理由、调整人、日期。",
    "Fill in the cream cells where a grade changes: quotas and bonuses follow. A change needs reason, person, date.",
)
FINAL, DRAFT = Text("已定稿", "final"), Text("未定稿", "not final")
ACTUAL, PEOPLE, COEFFICIENT = (
    Text("实际 / 名额", "Actual / quota"),
    Text("人数", "People"),
    Text("绩效系数", "Coefficient"),
)
BONUS = Text("奖金（元）", "Bonus")
COMPUTED, AFTER, DIFFERENCE = Text("计算 ", "computed "), Text("最终 ", "final "), Text("差额 ", "difference ")
CHANGED, TO_ADD = Text("改动 ", "changed: "), Text(" 人，待补 ", ", incomplete: ")
ROWS_TO_ADD = Text(" 人", "")
WITHIN, BEYOND = Text("✓ 预算内，余 ", "✓ within budget, left: "), Text("▲ 超预算 ", "▲ above budget by ")
OVER, SHORT = Text(" ▲ 超 ", " ▲ over by "), Text(" ▽ 缺 ", " ▽ short by ")


def write_calibration(workbook: Workbook, board: Board, scheme: Scheme, policy: Policy, lang: Lang, title: str) -> None:
    """Write the sheet where ``fresh_board`` has made room for it.

    Parameters
    ----------
    workbook : with the sheet Ranking as the run has written it
    board : what the sheet shows
    scheme : its grades and their colours
    policy : where the coefficients and the budget stand
    lang : of the words
    title : the period, in words
    """
    ws = sheet_in(workbook, SHEET)
    assert ws is not None
    page = _Page(ws, board, scheme, policy, lang)
    page.write_panel(title, _ranking_cells(workbook, scheme, board))
    page.write_list()
    page.colour()


def fresh_board(workbook: Workbook, board: Board, lang: Lang) -> None:
    """Make room for the sheet where it belongs, before the sheets that list it are written, and add what the log lacks.

    Parameters
    ----------
    workbook : with the log in full, if it has one
    board : what the sheet will show
    lang : of new titles and of the words of the log
    """
    fresh_sheet(workbook, SHEETS[SHEET], lang)
    if len(board.found.new_entries):
        add_entries(workbook, board.found.log, board.found.new_entries, lang)


def _ranking_cells(workbook: Workbook, scheme: Scheme, board: Board) -> dict[tuple[int, int], str]:
    """Return the cell of the quota of each pool and grade on Ranking, where they stand."""
    ws = sheet_in(workbook, "ranking")
    area = area_on(ws, SHEETS["ranking"]) if ws is not None else None
    if ws is None or area is None or "quota" not in area.letters:
        return {}
    grades = len(scheme.grades)
    return {
        (pool, g): f"{quote_sheetname(ws.title)}!${area.letters['quota']}${area.first_row + pool * grades + g}"
        for pool in range(len(board.pools))
        for g in range(grades)
    }


@dataclass
class _Page:
    """The sheet being written."""

    ws: Worksheet
    board: Board
    scheme: Scheme
    policy: Policy
    lang: Lang

    def __post_init__(self) -> None:
        rows, sheet = self.board.rows, SHEETS[SHEET]
        paid = rows["bonus_rate"].notna().any()
        shown = [each for each in sheet if paid or not each.code.startswith("bonus")]
        own = [Column(code, Text(code, code)) for code in rows.columns if code not in sheet.by_code]
        self.columns = [*shown, *own]
        together = [each for pool in range(len(self.board.pools)) for each in quotas_of(self.board, pool)]
        self.grouped: list[Quota] = [each for each in together if len(each.grades) > 1]
        self.money_row = FIRST_POOL_ROW + len(self.board.pools) + len(self.grouped)
        self.area: Area = area_of(self.columns, rows, self.money_row + 2, 1)

    # Addresses ---

    def whole(self, code: str) -> str:
        """Return the cells of a column."""
        letter, last = self.area.letters[code], max(self.area.last_row, self.area.first_row)
        return f"${letter}${self.area.first_row}:${letter}${last}"

    def grade_cell(self, g: int, row: int) -> str:
        """Return a cell of the panel below a grade."""
        return f"${get_column_letter(FIRST_GRADE + g)}${row}"

    def across(self, row: int) -> str:
        """Return the cells of the panel below all grades."""
        return f"{self.grade_cell(0, row)}:{self.grade_cell(len(self.scheme.grades) - 1, row)}"

    def counted(self, pool: str, code: str, grade: str) -> str:
        """Count the people of a pool who have a grade."""
        pools, grades = self.whole("pool"), self.whole(code)
        if can_be_criteria([*self.board.pools, *(each.name(self.lang) for each in self.scheme.grades)]):
            return f"COUNTIFS({pools},{pool},{grades},{grade})"
        return f"SUMPRODUCT(({pools}={pool})*({grades}={grade}))"

    # The panel ---

    def put(self, place: str, value: Any, **look: Any) -> None:
        put(self.ws[place], value)
        style.Look(self.lang, **{"line": "", **look}).register(self.ws).apply_to(self.ws[place])

    def write_panel(self, title: str, quota_cells: dict[tuple[int, int], str]) -> None:
        """Write head-counts and quotas of each pool, and what bonuses come to."""
        lang, grades = self.lang, self.scheme.grades
        state = FINAL if self.board.found.final else DRAFT
        self.put("B1", SHEETS[SHEET].title(lang), size=18, bold=True, colour=style.ACCENT)
        self.put("B2", f"{title} · {state(lang)} · {HINT(lang)}", colour=style.MUTED)
        head = {"bold": True, "colour": style.ACCENT, "fill": style.TINT, "bottom": style.ACCENT}
        self.put(f"B{GRADES_ROW}", ACTUAL(lang), **head)
        self.put(f"C{GRADES_ROW}", PEOPLE(lang), **head, align="right")
        self.put(f"B{COEFFICIENTS_ROW}", COEFFICIENT(lang), colour=style.MUTED)
        for g, (grade, fill) in enumerate(zip(grades, style.grade_fills(len(grades)), strict=True)):
            chip = style.chip(fill, of_grade=True)
            self.put(self.grade_cell(g, GRADES_ROW), grade.name(lang), **chip, align="center", bottom=style.ACCENT)
            cell = self.policy.number("grades", "coefficient", g)
            value = grade.coefficient if grade.coefficient == grade.coefficient else None
            shown = Formula(cell, value) if value is not None else None
            self.put(self.grade_cell(g, COEFFICIENTS_ROW), shown, align="center", colour=style.MUTED)
        for pool, name in enumerate(self.board.pools):
            self._pool(pool, name, FIRST_POOL_ROW + pool, quota_cells)
        for number, quota in enumerate(self.grouped):
            self._group(quota, FIRST_POOL_ROW + len(self.board.pools) + number)
        self._money()

    def _pool(self, pool: int, name: str, row: int, quota_cells: dict[tuple[int, int], str]) -> None:
        here = self.board.rows[self.board.rows["pool"] == name]
        self.put(f"B{row}", name, bold=True)
        self.put(f"C{row}", Formula(f"COUNTIF({self.whole('pool')},B{row})", len(here)), align="right")
        limits = {each.grades[0]: each for each in quotas_of(self.board, pool) if len(each.grades) == 1}
        for g, grade in enumerate(self.scheme.grades):
            count = int((here["final_grade"] == grade.name(self.lang)).sum())
            heading = self.grade_cell(g, GRADES_ROW)
            counted = self.counted(f"$B{row}", "final_grade", heading)
            if g not in limits:
                self.put(self.grade_cell(g, row), Formula(counted, count), align="center")
                continue
            least, most = self._ends(limits[g], row, heading, quota_cells.get((pool, g), ""))
            self._verdict(self.grade_cell(g, row), counted, count, (least, limits[g].least), (most, limits[g].most))

    def _ends(self, quota: Quota, row: int, heading: str, cell: str) -> tuple[str, str]:
        """Return the formulas of what a grade of a pool may have: between its quota and what was computed."""
        if not cell or self.board.found.computed.limits:
            return str(quota.least), str(quota.most)
        computed = self.counted(f"$B{row}", "grade_name", heading)
        return f"MIN({cell},{computed})", f"MAX({cell},{computed})"

    def _group(self, quota: Quota, row: int) -> None:
        name = self.board.pools[quota.pool]
        here = self.board.rows[self.board.rows["pool"] == name]
        those = [self.scheme.grades[g].name(self.lang) for g in quota.grades]
        counted = "+".join(
            self.counted(text_in_formula(name), "final_grade", self.grade_cell(g, GRADES_ROW)) for g in quota.grades
        )
        self.put(f"B{row}", f"{name}：{quota.words(self.lang)}" if self.lang == "zh" else f"{name}: {quota.words.en}")
        ends = (str(quota.least), quota.least), (str(quota.most), quota.most)
        count = int(here["final_grade"].isin(those).sum())
        self._verdict(self.grade_cell(quota.grades[0], row), counted, count, *ends)

    def _verdict(self, place: str, counted: str, count: int, least: tuple[str, int], most: tuple[str, int]) -> None:
        """Write a head-count beside what it may be, and how far it is from that."""
        lang, (low, least_now), (high, most_now) = self.lang, least, most
        span = f'IF({low}={high},{high},{low}&"–"&{high})'
        over, short = text_in_formula(OVER(lang)), text_in_formula(SHORT(lang))
        said = f'IF({counted}>{high},{over}&({counted}-{high}),IF({counted}<{low},{short}&({low}-{counted})," ✓"))'
        shown = str(most_now) if least_now == most_now else f"{least_now}–{most_now}"
        off = max(count - most_now, 0) or -max(least_now - count, 0)
        end = f"{OVER(lang)}{off}" if off > 0 else f"{SHORT(lang)}{-off}" if off else " ✓"
        text = f'({counted})&" / "&{span}&{said}'
        self.put(place, Formula(text, f"{count} / {shown}{end}"), align="center")

    def _money(self) -> None:
        lang, row, rows = self.lang, self.money_row, self.board.rows
        places = [self.grade_cell(at, row) for at in (0, 1, 2, 3, 5)]  # long words run on into an empty cell
        changed, lacking = self.whole("change"), self.whole("verdict")
        mark = text_in_formula(LACKING(lang)[:1] + "*")
        count = f'COUNTIF({changed},"?*")'
        text = (
            f"{text_in_formula(CHANGED(lang))}&{count}&{text_in_formula(TO_ADD(lang))}&COUNTIF({lacking},{mark})"
            f"&{text_in_formula(ROWS_TO_ADD(lang))}"
        )
        moved = int((rows["change"].fillna("") != "").sum())
        self.put(places[3], Formula(text, f"{CHANGED(lang)}{moved}{TO_ADD(lang)}0{ROWS_TO_ADD(lang)}"), bold=True)
        if "bonus_after" not in self.area.letters:
            return
        before, after = (total_pay(rows[code]) for code in ("bonus_before", "bonus_after"))
        sums = [f"SUM({self.whole(code)})" for code in ("bonus_before", "bonus_after")]
        shown = '"#,##0.00"'
        self.put(f"B{row}", BONUS(lang), bold=True)
        self.put(places[0], Formula(f"{text_in_formula(COMPUTED(lang))}&TEXT({sums[0]},{shown})",
                                    f"{COMPUTED(lang)}{before:,.2f}"))  # fmt: skip
        self.put(places[1], Formula(f"{text_in_formula(AFTER(lang))}&TEXT({sums[1]},{shown})",
                                    f"{AFTER(lang)}{after:,.2f}"))  # fmt: skip
        more = after - before
        self.put(places[2], Formula(
            f'{text_in_formula(DIFFERENCE(lang))}&TEXT({sums[1]}-{sums[0]},"+#,##0.00;-#,##0.00;0.00")',
            f"{DIFFERENCE(lang)}{more:+,.2f}" if round(more, 2) else f"{DIFFERENCE(lang)}0.00"), bold=True)  # fmt: skip
        budget = self.scheme.settings.calibration_budget
        if budget > 0:
            left = f"ROUND({self.policy.setting('calibration_budget')}-{sums[1]},2)"
            text = (
                f"IF({left}<0,{text_in_formula(BEYOND(lang))}&TEXT(-{left},{shown}),"
                f"{text_in_formula(WITHIN(lang))}&TEXT({left},{shown}))"
            )
            rest = round(budget - after, 2)
            said = f"{BEYOND(lang)}{-rest:,.2f}" if rest < 0 else f"{WITHIN(lang)}{rest:,.2f}"
            self.put(places[4], Formula(text, said))

    # The list ---

    def write_list(self) -> None:
        """Write a row for everybody who is graded, with formulas for what follows from the typed cells."""
        rows, sheet = self.board.rows, SHEETS[SHEET]
        formulas: dict[str, dict[int, str]] = {code: {} for code in FOLLOWING if code in self.area.letters}
        for row in range(len(rows)):
            if not pd.isna(rows["pool"].iloc[row]):
                for code in formulas:
                    formulas[code][row] = FOLLOWING[code](self, self.area.first_row + row)
        points = [style.fixed(self.scheme.settings.decimals)] * len(rows)
        fills = {code: [style.CREAM] * len(rows) for code in TYPED}
        look = TableLook(formats={"total": points}, fills=fills, formulas=formulas)
        corner, title = (self.area.heading_row, 1), self.scheme.name(self.lang)
        write_sheet(self.ws, replace(sheet, role="output"), rows, self.lang, self.columns, title, corner, look)
        for column in self.columns:
            if column.code in TYPED:
                write_heading(
                    self.ws, f"{self.area.letters[column.code]}{self.area.heading_row}", column, sheet, self.lang
                )
        grades = [each.name(self.lang) for each in self.scheme.grades]
        offer_words(self.ws, self.area.column("adjusted", VALIDATED_ROWS), "grades", grades, self.lang)
        self.ws.sheet_properties.tabColor = style.TAB_COLOURS["input"]
        if len(self.board.pools) + len(self.grouped) <= MOST_FROZEN:
            self.ws.freeze_panes = f"C{self.area.first_row}"
        self.ws.row_dimensions[1].height = 30

    def here(self, code: str, row: int) -> str:
        """Return the cell of a column in a row."""
        return f"${self.area.letters[code]}{row}"

    def order_of(self, grade: str) -> str:
        """Return the position of a grade in the list, best first."""
        return f"MATCH({grade},{self.across(GRADES_ROW)},0)"

    def final_grade(self, row: int) -> str:
        typed, computed = self.here("adjusted", row), self.here("grade_name", row)
        codes = "{" + ",".join(text_in_formula(each.code) for each in self.scheme.grades) + "}"
        by_code = f"MATCH({typed},{codes},0)"
        return f'IF({typed}="",{computed},IF(ISNUMBER({by_code}),INDEX({self.across(GRADES_ROW)},1,{by_code}),{typed}))'

    def change(self, row: int) -> str:
        final, computed = self.here("final_grade", row), self.here("grade_name", row)
        unknown, up, down = (text_in_formula(each(self.lang)) for each in (UNKNOWN, UP, DOWN))
        at, before = self.order_of(final), self.order_of(computed)
        return f'IF({final}={computed},"",IF(ISNUMBER({at}),IF({at}<{before},{up},{down}),{unknown}))'

    def verdict(self, row: int) -> str:
        cells = [self.here(code, row) for code in ASKED]
        headings = [SHEETS[SHEET][code].name(self.lang) for code in ASKED]
        lacks = "&".join(
            f'IF({cell}="",{text_in_formula(word + " ")},"")' for cell, word in zip(cells, headings, strict=True)
        )
        all_there, missing, stray = (text_in_formula(each(self.lang)) for each in (COMPLETE, LACKING, STRAY))
        typed = "+".join(f'({cell}<>"")' for cell in cells)
        changed = self.here("change", row)
        return f'IF({changed}="",IF({typed}>0,{stray},""),IF({typed}=3,{all_there},{missing}&TRIM({lacks})))'

    def final_place(self, row: int) -> str:
        pools, pool = self.whole("pool"), self.here("pool", row)
        same = f"({pools}={pool})"
        order, place = self.here("final_order", row), self.here("place", row)
        orders, places = self.whole("final_order"), self.whole("place")
        better = f"SUMPRODUCT({same}*(({orders}<{order})+({orders}={order})*({places}<{place})))+1"
        return f'IF(SUMPRODUCT({same}*({self.whole("change")}<>""))=0,{place},{better})'

    def final_order(self, row: int) -> str:
        final, computed = self.order_of(self.here("final_grade", row)), self.order_of(self.here("grade_name", row))
        return f"IF(ISNUMBER({final}),{final},{computed})"

    def bonus(self, row: int, order: str) -> str:
        rate = self.here("bonus_rate", row)
        amount = f"ROUND(ROUND({rate}*INDEX({self.across(COEFFICIENTS_ROW)},1,{order}),8),2)"
        return f.unless(f'{rate}=""', amount)

    # Colours ---

    def colour(self) -> None:
        """Mark changed rows, what is missing, quotas that are not kept, and the final grades."""
        first, last = self.area.first_row, max(self.area.last_row, self.area.first_row)
        letters = list(self.area.letters.values())
        fills = style.grade_fills(len(self.scheme.grades))
        final = self.here("final_grade", first)
        for g, fill in enumerate(fills):
            said = f"{final}={self.grade_cell(g, GRADES_ROW)}"
            self._mark(
                self.area.column("final_grade"), said, fill, font=Font(bold=True, color=style.text_colour_on(fill))
            )
        changed = self.here("change", first)
        for code in ASKED:
            cell = self.here(code, first)
            self._mark(self.area.column(code), f'AND({changed}<>"",{cell}="")', style.AMBER, stopIfTrue=True)
        self._mark(f"{letters[0]}{first}:{letters[-1]}{last}", f'{changed}<>""', style.TINT)
        corner = f"{get_column_letter(FIRST_GRADE)}{FIRST_POOL_ROW}"
        end = f"{get_column_letter(FIRST_GRADE + max(len(fills), 6) - 1)}{self.money_row}"
        for mark, fill in (("▲", style.AMBER), ("▽", style.TINT)):
            self._mark(f"{corner}:{end}", f'ISNUMBER(FIND("{mark}",{corner}))', fill, font=_on(fill))

    def _mark(self, cells: str, condition: str, fill: str, **look: Any) -> None:
        rule_of: Any = FormulaRule
        colour = PatternFill("solid", bgColor=fill, fgColor=fill)
        self.ws.conditional_formatting.add(cells, rule_of([condition], fill=colour, **look))


def _on(fill: str) -> Font:
    """Return strong letters that can be read on a colour."""
    return Font(bold=True, color=style.text_colour_on(fill))


MOST_FROZEN = 8  # pools that leave enough of the list in view
FOLLOWING = {
    "final_grade": _Page.final_grade,
    "change": _Page.change,
    "verdict": _Page.verdict,
    "final_place": _Page.final_place,
    "bonus_before": lambda page, row: page.bonus(row, page.order_of(page.here("grade_name", row))),
    "bonus_after": lambda page, row: page.bonus(row, page.here("final_order", row)),
    "final_order": _Page.final_order,
}
