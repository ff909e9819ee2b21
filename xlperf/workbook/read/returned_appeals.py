"""Reads forms of appeals that come back: the one row that its owner fills in, if it is still that owner's."""

from __future__ import annotations

from collections.abc import Iterable

from xlperf.core.problems import Lang, Problem
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table, table_of
from xlperf.scoring.appeals import IDENTIFYING, SHEET, TO_FILL_IN, appeal_number
from xlperf.workbook.read.sheet_table import read_sheet
from xlperf.xlsx.reader.workbook import Grid


def read_appeal(
    grid: Grid, formulas: Iterable[str], person: str, period: str, file: str
) -> tuple[Table | None, list[Problem]]:
    """Return the row of an appeal, or None with the reason.

    Parameters
    ----------
    grid, formulas : the page, and its cells that hold a formula
    person, period : whose form it is and for which period, as it was signed
    file : its name
    """
    table = read_sheet(grid, SHEETS[SHEET]).table
    signed = dict(zip(IDENTIFYING, (appeal_number(period, person), period, person), strict=True))
    place = f"{table.letters.get('appeal_id', 'A')}{table.rows[0]}" if len(table) else "A1"
    if len(table) != 1 or any(table[code].iloc[0] != value for code, value in signed.items()):
        return None, [Problem("return-changed", details={"file": file, "cell": place})]
    typed = {code: f"{table.letters[code]}{table.rows[0]}" for code in TO_FILL_IN if code in table.letters}
    calculated = sorted(set(typed.values()) & set(formulas))
    if calculated:
        return None, [Problem("return-formula", details={"file": file, "cell": calculated[0]})]
    if not isinstance(table["statement"].iloc[0], str):
        return None, [Problem("return-appeal-empty", details={"file": file, "cell": typed.get("statement", place)})]
    row = {**signed, **{code: table[code].iloc[0] for code in typed}, "state": "filed"}
    return table_of(SHEET, [row]), []


def with_appeals(appeals: Table, returned: Iterable[tuple[str, Table]], lang: Lang) -> tuple[Table, int, list[Problem]]:
    """Return the Appeals sheet with the appeals that came back, how many are new, and those that stand there already.

    Parameters
    ----------
    appeals : the sheet as it is
    returned : the file and the row of each
    lang : of the words of the new rows
    """
    new, problems = 0, []
    for file, row in returned:
        number = row["appeal_id"].iloc[0]
        if number in appeals["appeal_id"].tolist():
            problems.append(Problem("return-appeal-known", appeals.title, details={"file": file, "cell": number}))
            continue
        appeals, new = appeals.append(table_of(SHEET, row.frame, lang)), new + 1
    return appeals, new, problems
