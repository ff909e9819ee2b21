"""The script that a colleague would write for the large scheme: pandas reads, openpyxl fills a card for each person.

It is written as well as such scripts are: whole columns where pandas has them, one template that is loaded and filled
for every card. It checks nothing. Its card can be plain - six indicators and a total - or say what a card of xlperf
says - the tasks of the period and the rows behind each indicator too, without the formats of the lists - or it can be
the very card of xlperf, with its formats, whose cells are filled in once more.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

START, END = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-10-31 23:59:59")
WEIGHTS = {"on_time": 30, "done": 20, "amount": 10, "contacted": 20, "filled": 10, "assets": 10}
TARGETS = {"on_time": 0.9, "done": 20, "amount": 40, "contacted": 0.3, "filled": 0.9, "assets": 500_000}
TOLD = ("Client ID", "Task kind", "Due", "Status", "Done", "M level", "Lost", "Last contact")  # of a row behind


def read(path: Path) -> dict[str, pd.DataFrame]:
    """Read the three sheets."""
    return {
        sheet: pd.read_excel(path, sheet_name=sheet, engine="openpyxl") for sheet in ("Employees", "Clients", "Tasks")
    }


def score(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, tuple[pd.DataFrame, pd.Series]]]:
    """Score six indicators, total them, and share out the grades; return the results, and the rows behind them."""
    clients, tasks = tables["Clients"], tables["Tasks"]
    people = tables["Employees"].set_index("Employee ID")
    due, done = tasks["Due"].between(START, END), tasks["Done"].between(START, END)
    live = tasks[due & (tasks["Status"] != "cancelled")]
    actual = pd.DataFrame(index=people.index)
    actual["on_time"] = (live["Done"].dt.floor("D") <= live["Due"]).groupby(live["Owner"]).mean()
    actual["done"] = tasks[done & (tasks["Status"] == "done")].groupby("Owner").size()
    actual["amount"] = tasks[done].groupby("Owner")["Amount"].sum()
    kept = clients[clients["Lost"].isna()]
    actual["contacted"] = kept["Last contact"].between(START, END).groupby(kept["Client manager"]).mean()
    filled = clients[["Phone", "Birthday", "M level"]].notna().mean(axis=1)
    actual["filled"] = filled.groupby(clients["Client manager"]).mean()
    best = clients[clients["M level"].isin(["vip", "core"])]
    actual["assets"] = best.groupby("Client manager")["Closing assets"].sum()
    actual = actual.fillna({"done": 0, "amount": 0, "assets": 0})
    points = (actual / pd.Series(TARGETS)).clip(upper=1.0) * pd.Series(WEIGHTS)
    results = people.join(actual)
    results["total"] = points.sum(axis=1).round(2)
    by_unit = results.groupby("Department")["total"]
    results["rank"] = by_unit.rank(ascending=False, method="min")
    share = results["rank"] / by_unit.transform("size")
    results["grade"] = np.select([share <= 0.2, share <= 0.9], ["A", "B"], "C")
    behind = {
        "on_time": (live, live["Done"].dt.floor("D") <= live["Due"]),
        "done": (tasks[done & (tasks["Status"] == "done")], None),
        "amount": (tasks[done], None),
        "contacted": (kept, kept["Last contact"].between(START, END)),
        "filled": (clients, filled == 1),
        "assets": (best, None),
    }
    return results, behind


def lists(behind: dict[str, tuple[pd.DataFrame, pd.Series | None]], tasks: pd.DataFrame) -> tuple[dict, dict]:
    """Return the tasks of the period, and the rows behind the indicators, of everybody: as they stand on a card."""
    now = tasks[tasks["Due"].between(START, END) | tasks["Done"].between(START, END)]
    on_time = np.where(now["Done"].dt.floor("D") <= now["Due"], "yes", "")
    shown = now[["Task ID", "Task kind", "Client ID", "Due", "Done", "Status"]].astype(object).where(now.notna(), None)
    work = shown.assign(on_time=on_time).groupby(now["Owner"]).apply(lambda rows: rows.values.tolist()).to_dict()
    rows: dict[str, list[list[object]]] = {}
    for indicator, (table, hit) in behind.items():
        owner = "Owner" if "Owner" in table else "Client manager"
        columns = [each for each in TOLD if each in table and each != table.columns[0]]
        details = table[columns[0]].astype(str).radd(f"{columns[0]}: ")
        for column in columns[1:]:
            details += f"; {column}: " + table[column].astype(str)
        marks = np.where(hit, "yes", "") if hit is not None else [""] * len(table)
        for who, *line in zip(table[owner], marks, table.iloc[:, 0], details, strict=True):
            rows.setdefault(who, []).append([indicator, *line])
    return work, rows


def cards(results: pd.DataFrame, folder: Path, most: int, work: dict, rows: dict) -> int:
    """Load the template, fill it and save it, for so many people; the lists where there are some."""
    path = folder / "template.xlsx"
    template(path)
    made = results.head(most)
    for row in made.reset_index().to_dict("records"):
        book = openpyxl.load_workbook(path)
        sheet, who = book["Card"], row["Employee ID"]
        sheet["B1"], sheet["B2"], sheet["B3"] = who, row["Name"], row["Department"]
        for number, (indicator, target) in enumerate(TARGETS.items(), start=6):
            sheet.cell(number, 1).value, sheet.cell(number, 2).value = indicator, row[indicator]
            sheet.cell(number, 3).value, sheet.cell(number, 4).value = target, WEIGHTS[indicator]
        sheet["B13"], sheet["B14"], sheet["B15"] = row["total"], row["grade"], row["rank"]
        for title, of in (("Tasks", work), ("Rows", rows)):
            for line in of.get(who, ()):
                book[title].append(line)
        book.save(folder / f"{who}.xlsx")
    return len(made)


def same_cards(results: pd.DataFrame, folder: Path, most: int, card: Path) -> int:
    """Load a card that is as HR wants it, fill in every cell that says something, and save it, for so many people."""
    example = openpyxl.load_workbook(card)
    filled = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in example.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    for who in results.index[:most]:
        book = openpyxl.load_workbook(card)
        for title, place, value in filled:
            book[title][place].value = value
        book.save(folder / f"{who}.xlsx")
    return min(most, len(results))


def template(path: Path) -> None:
    """Draw a plain card."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Card"
    book.create_sheet("Tasks").append(["Task", "Kind", "Client", "Due", "Done", "Status", "On time"])
    book.create_sheet("Rows").append(["Indicator", "Hit", "Row", "Details"])
    line = Border(bottom=Side("thin"))
    for number, label in enumerate(("ID", "Name", "Department", None, "Indicator"), start=1):
        sheet.cell(number, 1).value = label
        sheet.cell(number, 1).font = Font(bold=True)
    for number in range(5, 16):
        for column in range(1, 5):
            cell = sheet.cell(number, column)
            cell.border, cell.alignment = line, Alignment(horizontal="center")
            cell.fill = PatternFill("solid", fgColor="EEEEEE" if number == 5 else "FFFFFF")
    for number, label in enumerate(("Total", "Grade", "Rank"), start=13):
        sheet.cell(number, 1).value = label
    sheet.column_dimensions["A"].width = 24
    book.save(path)
