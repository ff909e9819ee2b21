"""Large workbooks to measure on: a scheme of clients and tasks, and sheets written the way Excel writes them.

The people are as many as are asked for, with 20 clients and 50 tasks each: 10,000 people have 200,000 clients in
12 columns and 500,000 tasks in 8.
"""

from __future__ import annotations

import tempfile
from html import escape
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from xlperf.policy.scheme import Scheme
from xlperf.policy.schemes import from_toml
from xlperf.schema import SHEETS
from xlperf.schema.tables import Tables, table_of
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.reader.workbook import Workbook

CLIENTS, TASKS = 20, 50  # of one person
DAY_ZERO = np.datetime64("1899-12-30", "s")
SCHEME = """
[settings]
scheme = "large"
version = "1"
name = "大型测试"
name_en = "Large"
period = "2026-10"
period_kind = "month"
total_method = "weighted"
weight_basis = "total"
full_points = 100
decimals = 2
if_not_applicable = "redistribute"
if_missing = "block"
minimum_weight = 0.1
grading = "quota"
rounding = "lines"
ties = "better"
pool_by = ["department"]
pool_minimum = 1
small_pool = "merge"
scored_status = ["active"]
ranked_status = ["active"]
cap_total = "no"
minimum_days = 15
movers = "days"
prorate_counts = "yes"
top_minimum_pool = 10
commendation_least = 1
commendation_most = 10
outlier = 1000

[[dimensions]]
code = "work"
name = "工作"
name_en = "Work"
weight = 60

[[dimensions]]
code = "clients"
name = "客户"
name_en = "Clients"
weight = 40
"""
INDICATORS = {  # code: dimension, weight, unit, source, measure, column, where, hit, target
    "on_time": ("work", 30, "%", "tasks", "share", "", "due_date in period and status <> cancelled",
                "done_date <= due_date", 0.9),
    "done": ("work", 20, "项", "tasks", "count", "", "done_date in period and status = done", "", 20),
    "amount": ("work", 10, "元", "tasks", "sum", "amount", "done_date in period", "", 40),
    "contacted": ("clients", 20, "%", "clients", "share", "", "lost_date is empty", "last_contact_date in period", 0.3),
    "filled": ("clients", 10, "%", "clients", "completeness", "phone, birthday, m_level", "", "", 0.9),
    "assets": ("clients", 10, "元", "clients", "sum", "closing_assets", "m_level in (vip, core)", "", 500_000),
}  # fmt: skip


def scheme(levels: str = "employee") -> Scheme:
    """Return the scheme: six indicators of tasks and clients, grades by quota in each department."""
    names = ("dimension", "weight", "unit", "source", "measure", "column", "where", "hit", "target")
    text = SCHEME
    for code, values in INDICATORS.items():
        rows = [f'{name} = {value if isinstance(value, (int, float)) else chr(34) + value + chr(34)}'
                for name, value in zip(names, values, strict=True) if value != ""]  # fmt: skip
        lines = [f'code = "{code}"', f'name = "{code}"', 'direction = "higher"', 'rule = "proportional"',
                 f'levels = "{levels}"']  # fmt: skip
        text += "\n[[indicators]]\n" + "\n".join([*lines, *rows, 'parameters = "cap = 100%; floor = 0%"']) + "\n"
    for code, lower, share in (("A", 85, 0.2), ("B", 60, 0.7), ("C", 0, 0.1)):
        text += f'\n[[grades]]\ncode = "{code}"\nname = "{code}"\nlower = {lower}\nshare = {share}\n'
    found, problems = from_toml(text, "large")
    assert not [each for each in problems if each.level == "error"], [each.found("en") for each in problems]
    return found.with_settings(language="en")


def frames(people: int, seed: int = 7) -> dict[str, pd.DataFrame]:
    """Return so many people with their clients and tasks, by sheet and column code."""
    random = np.random.default_rng(seed)
    ids = np.array([f"E{number:06}" for number in range(people)], object)
    owners = {each: np.repeat(ids, each) for each in (CLIENTS, TASKS)}

    def days(size: int, first: str, last: str, share: float = 1.0) -> pd.Series:
        span = int((np.datetime64(last) - np.datetime64(first)).astype(int))
        drawn = np.datetime64(first, "s") + random.integers(0, span + 1, size).astype("timedelta64[D]")
        return pd.Series(np.where(random.random(size) < share, drawn, np.datetime64("NaT")))

    def words(size: int, *options: str) -> np.ndarray:
        return np.array(options, object)[random.integers(0, len(options), size)]

    clients, tasks = people * CLIENTS, people * TASKS
    due = days(tasks, "2026-09-15", "2026-11-10")
    done = due + pd.to_timedelta(random.integers(-5, 3, tasks), unit="D") + pd.to_timedelta(
        random.integers(28_800, 64_800, tasks), unit="s")  # fmt: skip
    return {
        "employees": pd.DataFrame(
            {"employee_id": ids, "name": [f"Name {each}" for each in ids], "status": "active",
             "department": [f"D{number // 50:04}" for number in range(people)]}),
        "clients": pd.DataFrame({
            "client_id": [f"C{number:08}" for number in range(clients)],
            "client_name": [f"Client {number}" for number in random.integers(0, 50_000, clients)],
            "owner_id": owners[CLIENTS], "created_date": days(clients, "2016-01-01", "2026-10-31"),
            "opened_date": days(clients, "2016-01-01", "2026-10-31", 0.8),
            "lost_date": days(clients, "2026-01-01", "2026-10-31", 0.05),
            "last_contact_date": days(clients, "2026-07-01", "2026-10-31", 0.9),
            "birthday": days(clients, "1945-01-01", "2006-12-31", 0.9),
            "opening_assets": random.gamma(1.0, 80_000.0, clients).round(2),
            "closing_assets": random.gamma(1.0, 80_000.0, clients).round(2),
            "m_level": words(clients, "vip", "core", "other"),
            "phone": np.where(random.random(clients) < 0.9, [f"138{number:08}" for number in range(clients)], None)}),
        "tasks": pd.DataFrame({
            "task_id": [f"T{number:08}" for number in range(tasks)],
            "client_id": np.array([f"C{number:08}" for number in range(clients)], object)[
                random.integers(0, clients, tasks)],
            "owner_id": owners[TASKS], "task_kind": words(tasks, "visit", "call", "review"),
            "due_date": due, "done_date": done.where(random.random(tasks) < 0.85),
            "status": words(tasks, "done", "done", "open", "cancelled"),
            "amount": (random.random(tasks) * 8).round(2)}),
    }  # fmt: skip


def tables(people: int) -> Tables:
    """Return the same as tables."""
    return {sheet: table_of(sheet, frame) for sheet, frame in frames(people).items()}


def make_book(path: Path, people: int) -> dict[str, pd.DataFrame]:
    """Write a workbook of the scheme with so many people; return what is in it."""
    data = frames(people)
    write_book(path, scheme(), data)
    return data


def write_book(path: Path, ours: Scheme, data: dict[str, pd.DataFrame]) -> None:
    """Write a workbook of a scheme, with rows on some of its sheets."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.xlsx"
        save_atomically(build(ours, {}, "en"), template, keep_backup=False)
        with Workbook(template) as book:
            members = {part.member: part.title for part in book.sheets}
        with ZipFile(template) as source, ZipFile(path, "w", ZIP_DEFLATED) as target:
            strings: dict[str, int] = {}
            codes = {SHEETS[sheet].title("en"): sheet for sheet in data}
            styles = source.read("xl/styles.xml").decode()
            date_style = styles[styles.index("<cellXfs") : styles.index("</cellXfs>")].count("<xf ")
            for info in source.infolist():
                content = source.read(info.filename)
                if (sheet := codes.get(members.get(info.filename, ""))) is not None:
                    content = sheet_xml(sheet, data[sheet], strings, date_style)
                elif info.filename == "xl/styles.xml":
                    content = with_date_style(content.decode()).encode()
                elif info.filename == "xl/_rels/workbook.xml.rels":
                    content = content.replace(b"</Relationships>", _RELATION + b"</Relationships>")
                elif info.filename == "[Content_Types].xml":
                    content = content.replace(b"</Types>", _TYPE + b"</Types>")
                if info.filename.endswith(".rels") and "worksheets" in info.filename:
                    continue
                target.writestr(info.filename, content)
            items = "".join(f"<si><t>{escape(each, quote=False)}</t></si>" for each in strings)
            target.writestr(
                "xl/sharedStrings.xml",
                f'<?xml version="1.0" encoding="UTF-8"?>\n<sst xmlns="{_MAIN}">{items}</sst>'.encode(),
            )


def peak() -> float:
    """Return the peak memory of this process in MiB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATION = f'<Relationship Id="rStrings" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'.encode()
_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sharedStrings+xml"/>'
)


def with_date_style(styles: str) -> str:
    """Add a style for dates behind the others."""
    start = styles.index("</cellXfs>")
    return (
        styles[:start] + '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"/>' + styles[start:]
    )


def sheet_xml(sheet: str, frame: pd.DataFrame, strings: dict[str, int], date_style: int) -> bytes:
    """Write a sheet as Excel does: texts shared, dates as serial numbers with a style."""
    headings = [SHEETS[sheet][column].name("en") for column in frame.columns]
    columns: list[list[str]] = []
    for position, (heading, column) in enumerate(zip(headings, frame.columns, strict=True), start=1):
        letter, values = get_column_letter(position), frame[column]
        cells = [f'<c r="{letter}1" t="s"><v>{strings.setdefault(heading, len(strings))}</v></c>']
        if values.dtype.kind == "M":
            serials = ((values.to_numpy("M8[s]") - DAY_ZERO).astype(np.int64) / 86_400).tolist()
            known = values.notna().tolist()
            cells += [f'<c r="{letter}{row}" s="{date_style}"><v>{serial:.15g}</v></c>' if there else ""
                      for row, (serial, there) in enumerate(zip(serials, known, strict=True), start=2)]  # fmt: skip
        elif values.dtype.kind == "f":
            cells += [f'<c r="{letter}{row}"><v>{number!r}</v></c>' for row, number in enumerate(values.tolist(), 2)]
        else:
            places = [strings.setdefault(text, len(strings)) if isinstance(text, str) else None for text in values]
            cells += ["" if place is None else f'<c r="{letter}{row}" t="s"><v>{place}</v></c>'
                      for row, place in enumerate(places, start=2)]  # fmt: skip
        columns.append(cells)
    rows = (f'<row r="{number}" spans="1:{len(columns)}">{"".join(cells)}</row>'
            for number, cells in enumerate(zip(*columns, strict=True), start=1))  # fmt: skip
    head = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}"><sheetData>'
    return (head + "".join(rows) + "</sheetData></worksheet>").encode()
