"""What the commands share: the options, reading and writing a workbook, and how things are shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from xlperf.core.problems import LEVEL_NAMES, Lang, Problem, Text, counted, in_order

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from xlperf.policy.scheme import Scheme
    from xlperf.scoring.pipeline import Appraisal
    from xlperf.workbook.read.book import Book

app = typer.Typer(
    help="Performance appraisal in Excel, headless. / 无需 Excel 的绩效考核。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Language(StrEnum):
    """The languages that sheets and messages can be written in."""

    zh = "zh"
    en = "en"


class Way(StrEnum):
    """How computed cells are written: as values, as native formulas, or as calls of worksheet functions."""

    values = "values"
    native = "native"
    udf = "udf"


BookPath = Annotated[Path, typer.Argument(help="The workbook. / 工作簿。", show_default=False)]
OutPath = Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead. / 另存为。")]
LangOption = Annotated[Language | None, typer.Option("--lang", envvar="XLPERF_LANG", help="zh or en. / 语言。")]
PeriodOption = Annotated[str | None, typer.Option("--period", help="Such as 2026-10, 2026Q4. / 考核周期。")]
FactsOption = Annotated[
    list[str] | None,
    typer.Option("--facts", help="SHEET=SOURCE: .parquet, .csv, sqlite:///FILE#TABLE, postgresql://… / 外部数据。"),
]
FormulasOption = Annotated[
    Way,
    typer.Option("--formulas", help="How computed cells are written. / 计算单元格的写法：数值、原生公式、自定义函数。"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON. / 输出 JSON。")]

LEVEL_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


# Work ----------------------------------------------------------------------------------------------------------------


def make_workbook(scheme: str, path: Path, lang: Lang, period: str | None, sample: bool) -> None:
    """Make the workbook of a scheme that ships, with sample data if asked for; an .xlsm with buttons and functions."""
    from xlperf.policy.schemes import load
    from xlperf.samples import sample as sample_of
    from xlperf.samples import sample_period
    from xlperf.workbook.write.scheme_workbook import build
    from xlperf.xlsx.atomic_save import save_atomically, write_atomically

    shipped = load(scheme)
    when = sample_period(shipped, period or "")
    code = when.code if when is not None else (period or "")
    ours = shipped.with_settings(language=lang, period=code)
    tables = sample_of(scheme, when, lang) if sample and when is not None else {}
    workbook = build(ours, tables, lang)
    if path.suffix.lower() == ".xlsm":
        from xlperf.addin.build import macro_workbook

        write_atomically(macro_workbook(workbook, lang), path, keep_backup=False)
    else:
        save_atomically(workbook, path, keep_backup=False)


def appraised(
    path: Path, period: str | None, step: Any, facts: Mapping[str, str] | None = None
) -> tuple[Book, Appraisal]:
    """Read a workbook, and facts from outside, and appraise it; what is wrong with the files joins the problems."""
    from xlperf.scoring.pipeline import appraise
    from xlperf.workbook.read.book import read_book

    step(Text("读取工作簿", "reading the workbook"))
    book = read_book(path, facts)
    step(Text("计分与排名", "scoring and ranking"))
    appraisal = appraise(book.tables, book.scheme, period, book.problems)
    return book, appraisal


def read(path: Path, lang: Language | None, as_json: bool) -> Book:
    """Read a workbook; where it cannot be read at all, say so and stop."""
    from xlperf.workbook.read.book import read_book

    book = read_book(path)
    if not book.tables:
        fail(book.problems, chosen_language(lang, book.lang), as_json)
    return book


def written(
    book: Book, appraisal: Appraisal, target: Path, lang: Lang, keep_backup: bool = True, way: Way = Way.values
) -> dict[str, pd.DataFrame]:
    """Write the output sheets, and return them; of formulas, say how many cells they are."""
    from xlperf.reporting.dashboards import views_of
    from xlperf.reporting.output_tables import outputs
    from xlperf.workbook.write.results import write_book

    views = views_of(appraisal, lang) if appraisal.scheme.has_views() else None
    sheets = outputs(appraisal, lang, book.fingerprint)
    if way is Way.values:
        write_book(book.path, target, sheets, appraisal.scheme, lang, keep_backup, views)
        return sheets
    from xlperf.workbook.formulas import Author

    author = Author.of_file(appraisal, book.path, lang, "native" if way is Way.native else "udf")
    write_book(book.path, target, sheets, appraisal.scheme, lang, keep_backup, views, author)
    return sheets | {"formulas": author.record()}


def stale_with(book: Book, appraisal: Appraisal, lang: Lang, way: Way) -> list[Problem]:
    """Return where the results in the workbook are not those of a run; nothing is written beside it or into it."""
    from tempfile import TemporaryDirectory

    from xlperf.workbook.write.verify import stale_results

    with TemporaryDirectory() as folder:
        fresh = Path(folder) / book.path.name
        written(book, appraisal, fresh, lang, keep_backup=False, way=way)
        return stale_results(book.path, fresh)


def guarded(work: Any, lang: Lang, as_json: bool) -> Any:
    """Do some writing; where the file cannot be written, say so in words."""
    from xlperf.xlsx.errors import CannotSave

    try:
        return work()
    except CannotSave as refusal:
        fail([refusal.problem], lang, as_json)


def sheet_named(word: str | None, lang: Lang, as_json: bool) -> str | None:
    """Return the code of the sheet that a word means; where there is none, say so and stop."""
    from xlperf.core.spelling import similar
    from xlperf.schema import SHEETS, find_sheet

    if word is None:
        return None
    found = find_sheet(word)
    if found is None or found.role == "output":
        names = [name for each in SHEETS.values() if each.role != "output" for name in (each.code, *each.title)]
        fail([Problem("no-such-sheet", details={"cell": word, "near": similar(word, names)})], lang, as_json)
    return found.code


def pair(text: str, lang: Language | None) -> tuple[str, str]:
    """Split ``COLUMN=HEADING``."""
    column, equals, heading = text.partition("=")
    if not equals or not column.strip() or not heading.strip():
        fail([Problem("map-unreadable", details={"cell": text})], chosen_language(lang, "en"), as_json=False, status=2)
    return column.strip(), heading.strip()


def sources_of(calls: list[str] | None, lang: Lang, as_json: bool) -> dict[str, str]:
    """Split each ``SHEET=SOURCE``; where one is none, say so and stop."""
    split = {call: call.partition("=") for call in calls or ()}
    wrong = [call for call, (sheet, _, source) in split.items() if not sheet.strip() or not source.strip()]
    if wrong:
        fail([Problem("facts-call", details={"cell": wrong[0].partition("://")[0]})], lang, as_json, status=2)
    return {sheet.strip(): source.strip() for sheet, _, source in split.values()}


def chosen_language(chosen: Language | None, otherwise: Lang) -> Lang:
    """Return the language asked for, otherwise the one given."""
    return otherwise if chosen is None else chosen.value


def word_of(words: str, code: str, lang: Lang) -> str:
    """Return a word of a vocabulary in a language."""
    from xlperf.core.vocabulary import WORDS

    return WORDS[words][code](lang)


# Showing -------------------------------------------------------------------------------------------------------------


def console(stderr: bool = False) -> Console:
    """Return where people read."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


@contextmanager
def progress(lang: Lang, steps: int) -> Iterator[Any]:
    """Show a progress bar on a terminal while long work is done; nothing elsewhere."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    screen = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("", total=steps)

        def step(what: Text | None) -> None:
            if what is None:
                bar.stop()
            else:
                bar.update(task, description=what(lang))
                bar.advance(task)

        yield step


def say(words: Text, lang: Lang) -> None:
    """Print a sentence."""
    console().print(words(lang), markup=False, soft_wrap=True)


def fail(problems: Iterable[Problem], lang: Lang, as_json: bool, status: int = 1) -> NoReturn:
    """Show the problems that forbid going on, and stop; nothing was written."""
    if as_json:
        shown = [each.as_dict(lang) for each in in_order(problems)]
        typer.echo(json.dumps({"problems": shown}, ensure_ascii=False, indent=2))
    else:
        show_problems(problems, lang)
        say(Text("什么都没有写入。", "Nothing was written."), lang)
    raise typer.Exit(status)


def show_problems(problems: Iterable[Problem], lang: Lang, brief: bool = False) -> None:
    """Print problems: where, what is wrong, what was expected, what to do. Briefly: only their number and the worst."""
    from rich.text import Text as Styled

    found, out = in_order(problems), console()
    for problem in found:
        if brief and problem.level == "note":
            continue
        line = Styled(LEVEL_NAMES[problem.level](lang) + "  ", style=LEVEL_STYLES[problem.level])
        line.append(problem.place + "  " if problem.place else "", style="bold")
        line.append(problem.found(lang), style="default")
        out.print(line, soft_wrap=True)
        for sentence in (problem.expected(lang), problem.remedy(lang)):
            out.print("      " + sentence, markup=False, soft_wrap=True)
    say(counted(found), lang)


def print_rows(rows: list[dict[str, str]], headings: list[Text], lang: Lang, as_json: bool) -> None:
    """Print rows as a table for people, or as JSON."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table(*(heading(lang) for heading in headings), box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row.values())
    console().print(table)


def show_results(results: pd.DataFrame, scheme: Scheme, lang: Lang) -> None:
    """Print a table a pool: place, person, the dimension scores where the terminal is wide, total, grade and lists."""
    from xlperf.schema import SHEETS

    out, sheet, digits = console(), SHEETS["results"], scheme.settings.decimals
    names = {each.code: each.name(lang) for each in scheme.dimensions}
    for pool, rows in results.groupby("pool", sort=False):
        scores = [code for code in names if rows[code].notna().any()] if out.width >= 170 else []
        codes = ["place", "employee_id", "name", *(["department_name"] if out.width >= 100 else []), *scores, "total"]
        headings = [names.get(code) or sheet[code].name(lang) for code in [*codes, "grade_name", "outcome"]]
        numbers = {"place": 0} | dict.fromkeys([*scores, "total"], digits)
        lines = [
            [cell(row[code], numbers.get(code)) for code in [*codes, "grade_name"]] + [row["remark"] or row["outcome"]]
            for _, row in rows.iterrows()
        ]
        print_table(str(pool) or NOT_RANKED(lang), headings, lines, {*scores, "place", "total"} & set(codes), codes)


def cell(value: Any, digits: int | None) -> str:
    """Write one cell of the result table."""
    from xlperf.core.numbers import round_half_up

    if value is None or value != value:
        return "–" if digits == 0 else ""
    return str(value) if digits is None else f"{round_half_up(value, digits):.{digits}f}"


def print_table(title: str, headings: list[str], lines: list[list[str]], numeric: set[str], codes: list[str]) -> None:
    """Print a table whose last column gives way when the terminal is narrow."""
    from rich.cells import cell_len
    from rich.table import Table

    out = console()
    table = Table(title=title, title_justify="left", title_style="bold", box=None, header_style="dim", pad_edge=False)
    used = 0
    for position, heading in enumerate(headings[:-1]):
        width = max(cell_len(heading), *(cell_len(line[position]) for line in lines))
        used += width + 2
        right = position < len(codes) and codes[position] in numeric
        table.add_column(heading, justify="right" if right else "left", no_wrap=True, min_width=width)
    table.add_column(headings[-1], no_wrap=True, overflow="ellipsis", max_width=max(8, out.width - used))
    for line in lines:
        table.add_row(*line)
    out.print(table)
    out.print()


NOT_RANKED = Text("不排名", "not ranked")


def show_differences(differences: pd.DataFrame, scheme: Scheme, lang: Lang) -> None:
    """Print what a new run of a locked period would change, if anything."""
    from xlperf.schema import SHEETS

    if differences.empty:
        return
    columns = [each for each in SHEETS["differences"] if each.code != "period"]
    digits = dict.fromkeys(("kept_total", "total", "difference"), scheme.settings.decimals)
    lines = [[cell(row[each.code], digits.get(each.code)) for each in columns] for _, row in differences.iterrows()]
    codes = [each.code for each in columns]
    print_table(SHEETS["differences"].title(lang), [each.name(lang) for each in columns], lines, {*digits}, codes)


def show_units(units: pd.DataFrame | None, scheme: Scheme, lang: Lang) -> None:
    """Print a table a level: how teams, departments and the company did."""
    from xlperf.schema import SHEETS

    if units is None:
        return
    codes = ["place", "unit", "unit_name", "people", "mean_total", "total", "grade_name"]
    digits = {"place": 0, "people": 0} | dict.fromkeys(("mean_total", "total"), scheme.settings.decimals)
    headings = [SHEETS["units"][code].name(lang) for code in codes]
    for level, rows in units.groupby("level", sort=False):
        lines = [[cell(row[code], digits.get(code)) for code in codes] for _, row in rows.iterrows()]
        print_table(word_of("level", str(level), lang), headings, lines, {*digits}, codes)


def show_lists(lists: pd.DataFrame, lang: Lang) -> None:
    """Print who is on which list."""
    out = console()
    for name, rows in lists.groupby("outcome", sort=False):
        people = ", ".join(f"{row['name']} ({row['employee_id']})" for _, row in rows.iterrows())
        out.print(f"[bold]{name}[/bold]: {people}", soft_wrap=True)
    out.print()


def json_of(sheets: Mapping[str, pd.DataFrame], appraisal: Appraisal, target: Path, lang: Lang) -> str:
    """Return the results, lists and problems of a run as JSON."""
    written = [code for code in ("results", "lists", "units", "pay_results", "differences") if code in sheets]
    data = {
        "workbook": str(target),
        "period": appraisal.period.code if appraisal.period else None,
        **{code: json.loads(sheets[code].to_json(orient="records", double_precision=15)) for code in written},
        "problems": [each.as_dict(lang) for each in appraisal.problems],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)
