"""The command line: everything that the buttons in Excel do, without Excel.

Each command reads a workbook, calls the same functions as everybody else, and prints words for people or JSON for
programs. Exit status: 0 done, 1 problems of level error and nothing written, 2 wrong call.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from xlperf import __version__
from xlperf.problems import LEVEL_NAMES, Lang, Problem, Text, has_errors, in_order

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from xlperf.appraisal import Appraisal
    from xlperf.books.reading import Book
    from xlperf.scheme import Scheme

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


BookPath = Annotated[Path, typer.Argument(help="The workbook. / 工作簿。", show_default=False)]
OutPath = Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead. / 另存为。")]
LangOption = Annotated[Language | None, typer.Option("--lang", envvar="XLPERF_LANG", help="zh or en. / 语言。")]
PeriodOption = Annotated[str | None, typer.Option("--period", help="Such as 2026-10, 2026Q4. / 考核周期。")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON. / 输出 JSON。")]

LEVEL_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


# Commands ------------------------------------------------------------------------------------------------------------


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder. / 文件夹。")] = Path("xlperf-demo"),
    lang: LangOption = None,
) -> None:
    """Build the flagship workbook with sample data, run it, and show the results. / 演示。"""
    said = _said(lang, "en")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"securities-crm-{said}.xlsx"
    with _progress(said, 4) as step:
        step(Text("建立工作簿", "building the workbook"))
        _build("securities-crm", path, said, None, sample=True)
        book, appraisal = _appraised(path, None, step)
        step(Text("写入结果", "writing the results"))
        sheets = _written(book, appraisal, path, said, keep_backup=False)
    _show_results(sheets["results"], appraisal.scheme, said)
    _show_lists(sheets["lists"], said)
    _show_problems(appraisal.problems, said, brief=True)
    _say(Text(f"\n工作簿：{path}", f"\nThe workbook: {path}"), said)
    first = sheets["results"]["employee_id"].iloc[0]
    _say(
        Text(
            f"看一个人的来龙去脉：xlperf explain {path} {first}",
            f"How one person got there: xlperf explain {path} {first}",
        ),
        said,
    )


@app.command()
def schemes(lang: LangOption = None, as_json: JsonOption = False) -> None:
    """List the appraisal schemes that ship. / 列出内置方案。"""
    from xlperf.schemes import load, names

    said = _said(lang, "en")
    rows = [
        {
            "scheme": name,
            "name": scheme.name(said),
            "period": _word("period_kind", scheme.settings.period_kind, said),
            "indicators": str(len(scheme.indicators)),
            "grading": _word("grading", scheme.settings.grading, said),
        }
        for name in names()
        for scheme in [load(name)]
    ]
    headings = [
        Text("方案", "Scheme"),
        Text("名称", "Name"),
        Text("周期", "Period"),
        Text("指标数", "Indicators"),
        Text("评等", "Grades"),
    ]
    _print(rows, headings, said, as_json)


@app.command()
def rules(
    name: Annotated[str | None, typer.Argument(help="One rule. / 一条规则。")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the scoring rules, or explain one. / 列出或说明评分规则。"""
    from xlperf.rules import RULES
    from xlperf.spelling import similar
    from xlperf.wording import find_rule

    said = _said(lang, "en")
    if name is None:
        rows = [{"rule": each.code, "name": each.name(said), "summary": each.summary(said)} for each in RULES.values()]
        _print(rows, [Text("规则", "Rule"), Text("名称", "Name"), Text("说明", "What it does")], said, as_json)
        return
    rule = find_rule(name)
    if rule is None:
        _fail([Problem("rule-unknown", details={"cell": name, "near": similar(name, RULES)})], said, as_json)
    rows = [
        {
            "parameter": each.code,
            "name": each.name(said),
            "note": each.note(said),
            "required": "yes" if each.required else "no",
        }
        for each in rule.parameters
    ]
    if as_json:
        card = {"rule": rule.code, "name": rule.name(said), "summary": rule.summary(said), "source": rule.source}
        typer.echo(json.dumps(card | {"parameters": rows}, ensure_ascii=False, indent=2))
        return
    out = _console()
    out.print(f"[bold]{rule.name(said)}[/bold] ({rule.code})\n{rule.summary(said)}\n")
    for row in rows:
        mark = "" if row["required"] == "yes" else Text("（可不填）", " (optional)")(said)
        out.print(f"  {row['parameter']}: {row['name']}{mark} – {row['note']}")
    out.print(Text(f"\n出处：{rule.source}", f"\nSource: {rule.source}")(said))


@app.command()
def new(
    scheme: Annotated[str, typer.Argument(help="A scheme of `xlperf schemes`. / 方案。", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The workbook to make (.xlsx). / 新工作簿。", show_default=False)],
    lang: LangOption = None,
    period: PeriodOption = None,
    sample: Annotated[bool, typer.Option("--sample", help="With sample data. / 带示例数据。")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workbook from a scheme. / 由方案建立工作簿。"""
    from xlperf.periods import parse_period
    from xlperf.schemes import names
    from xlperf.spelling import similar

    said = _said(lang, "en")
    problems = []
    if scheme not in names():
        problems.append(
            Problem("scheme-unknown", details={"cell": scheme, "near": similar(scheme, names()) or names()})
        )
    if out.suffix != ".xlsx":
        problems.append(Problem("file-kind", details={"cell": out.name}))
    if out.exists():
        problems.append(Problem("file-exists", details={"cell": out.name}))
    if period is not None and parse_period(period) is None:
        problems.append(Problem("period-unreadable", details={"cell": period}))
    if problems:
        _fail(problems, said, as_json)
    _build(scheme, out, said, period, sample)
    if as_json:
        typer.echo(json.dumps({"workbook": str(out), "scheme": scheme}, ensure_ascii=False))
    else:
        _say(Text(f"已建立 {out}", f"Made {out}"), said)


@app.command(name="import")
def import_(
    book: BookPath,
    files: Annotated[list[Path], typer.Argument(help="CSV files and workbooks. / 外来文件。", show_default=False)],
    sheet: Annotated[str | None, typer.Option("--as", help="The sheet they belong to. / 放入的工作表。")] = None,
    mapping: Annotated[list[str] | None, typer.Option("--map", help="COLUMN=HEADING. / 我方列=对方标题。")] = None,
    output: OutPath = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring foreign workbooks and CSV files into the input sheets. / 导入外来数据。"""
    from xlperf.books.importing import import_files
    from xlperf.books.results import write_inputs

    pairs = dict(_pair(each, lang) for each in mapping or [])
    ours = _read(book, lang, as_json)
    said = _said(lang, ours.lang)
    target = _sheet_named(sheet, said, as_json)
    imported = import_files(ours, files, target, pairs)
    if has_errors(imported.problems):
        _fail(imported.problems, said, as_json)
    _guarded(lambda: write_inputs(book, output or book, imported.tables, said), said, as_json)
    rows = [each.as_dict(said) for each in imported.done]
    if as_json:
        problems = [each.as_dict(said) for each in in_order(imported.problems)]
        typer.echo(json.dumps({"imported": rows, "problems": problems}, ensure_ascii=False, indent=2))
        return
    for each in imported.done:
        _console().print(each.in_words(said), markup=False, soft_wrap=True)
    _show_problems(imported.problems, said)


@app.command()
def check(book: BookPath, period: PeriodOption = None, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Show every problem of a workbook at once, with its address. / 检查工作簿。"""
    said = _said(lang, "en")
    with _progress(said, 2) as step:
        ours, appraisal = _appraised(book, period, step)
    said = _said(lang, ours.lang)
    if as_json:
        typer.echo(json.dumps([each.as_dict(said) for each in appraisal.problems], ensure_ascii=False, indent=2))
    else:
        _show_problems(appraisal.problems, said)
    raise typer.Exit(1 if has_errors(appraisal.problems) else 0)


@app.command()
def run(
    book: BookPath,
    output: OutPath = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Appraise, and write the results into the workbook; the previous one is kept as a backup. / 运行考核。"""
    said = _said(lang, "en")
    with _progress(said, 3) as step:
        ours, appraisal = _appraised(book, period, step)
        said = _said(lang, ours.lang)
        if not appraisal.done:
            step(None)
            _fail(appraisal.problems, said, as_json)
        step(Text("写入结果", "writing the results"))
        target = output or book
        sheets = _guarded(lambda: _written(ours, appraisal, target, said), said, as_json)
    if as_json:
        typer.echo(_json_of(sheets, appraisal, target, said))
        return
    _show_results(sheets["results"], appraisal.scheme, said)
    _show_problems(appraisal.problems, said, brief=True)
    _say(Text(f"结果已写入 {target}", f"The results are in {target}"), said)


@app.command()
def explain(
    book: BookPath,
    person: Annotated[str, typer.Argument(help="Employee ID or name. / 工号或姓名。", show_default=False)],
    indicator: Annotated[str | None, typer.Argument(help="Down to the rows. / 指标。")] = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a result, from the grade down to the client and task rows. / 说明结果的来龙去脉。"""
    from xlperf.explain import as_lines
    from xlperf.explain import explain as story_of

    ours, appraisal = _appraised(book, period, lambda _: None)
    said = _said(lang, ours.lang)
    if not appraisal.done:
        _fail(appraisal.problems, said, as_json)
    story, problems = story_of(appraisal, person, indicator, said)
    if story is None:
        _fail(problems, said, as_json)
    if as_json:
        typer.echo(json.dumps(story.as_dict(), ensure_ascii=False, indent=2))
    else:
        _console().print("\n".join(as_lines(story, said)), markup=False, highlight=False, soft_wrap=True)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version. / 版本。")] = False) -> None:
    """Print the version where it is asked for."""
    if show:
        typer.echo(f"xlperf {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a file that cannot be used is a problem in words, not a trace."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # a Windows console may use another code page
    app()


# Work ----------------------------------------------------------------------------------------------------------------


def _build(scheme: str, path: Path, lang: Lang, period: str | None, sample: bool) -> None:
    from xlperf.books.saving import save_atomically
    from xlperf.books.templates import build
    from xlperf.periods import parse_period
    from xlperf.samples import DEFAULT_PERIODS
    from xlperf.samples import sample as sample_of
    from xlperf.schemes import load

    shipped = load(scheme)
    when = parse_period(period or DEFAULT_PERIODS.get(shipped.settings.period_kind, ""))
    code = when.code if when is not None else (period or "")
    ours = shipped.with_settings(language=lang, period=code)
    tables = sample_of(scheme, when, lang) if sample and when is not None else {}
    save_atomically(build(ours, tables, lang), path, keep_backup=False)


def _appraised(path: Path, period: str | None, step: Any) -> tuple[Book, Appraisal]:
    """Read a workbook and appraise it; what is wrong with the file itself joins the problems."""
    from xlperf.appraisal import appraise
    from xlperf.books.reading import read_book

    step(Text("读取工作簿", "reading the workbook"))
    book = read_book(path)
    step(Text("计分与排名", "scoring and ranking"))
    appraisal = appraise(book.tables, book.scheme, period, book.problems)
    return book, appraisal


def _read(path: Path, lang: Language | None, as_json: bool) -> Book:
    from xlperf.books.reading import read_book

    book = read_book(path)
    if not book.tables:
        _fail(book.problems, _said(lang, book.lang), as_json)
    return book


def _written(
    book: Book, appraisal: Appraisal, target: Path, lang: Lang, keep_backup: bool = True
) -> dict[str, pd.DataFrame]:
    from xlperf.books.results import write_book
    from xlperf.outputs import outputs

    sheets = outputs(appraisal, lang, book.fingerprint)
    write_book(book.path, target, sheets, appraisal.scheme, lang, keep_backup)
    return sheets


def _guarded(work: Any, lang: Lang, as_json: bool) -> Any:
    """Do some writing; where the file cannot be written, say so in words."""
    from xlperf.books.saving import CannotSave

    try:
        return work()
    except CannotSave as refusal:
        _fail([refusal.problem], lang, as_json)


def _sheet_named(word: str | None, lang: Lang, as_json: bool) -> str | None:
    from xlperf.layout import SHEETS, find_sheet
    from xlperf.spelling import similar

    if word is None:
        return None
    found = find_sheet(word)
    if found is None or found.role == "output":
        names = [name for each in SHEETS.values() if each.role != "output" for name in (each.code, *each.title)]
        _fail([Problem("no-such-sheet", details={"cell": word, "near": similar(word, names)})], lang, as_json)
    return found.code


def _pair(text: str, lang: Language | None) -> tuple[str, str]:
    column, equals, heading = text.partition("=")
    if not equals or not column.strip() or not heading.strip():
        _fail([Problem("map-unreadable", details={"cell": text})], _said(lang, "en"), as_json=False, status=2)
    return column.strip(), heading.strip()


def _said(chosen: Language | None, otherwise: Lang) -> Lang:
    return otherwise if chosen is None else chosen.value


def _word(words: str, code: str, lang: Lang) -> str:
    from xlperf.vocabulary import WORDS

    return WORDS[words][code](lang)


# Showing -------------------------------------------------------------------------------------------------------------


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


@contextmanager
def _progress(lang: Lang, steps: int) -> Iterator[Any]:
    """Show a progress bar on a terminal while long work is done; nothing elsewhere."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = _console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=steps)

        def step(what: Text | None) -> None:
            if what is None:
                bar.stop()
            else:
                bar.update(task, description=what(lang))
                bar.advance(task)

        yield step


def _say(words: Text, lang: Lang) -> None:
    _console().print(words(lang), markup=False, soft_wrap=True)


def _fail(problems: Iterable[Problem], lang: Lang, as_json: bool, status: int = 1) -> NoReturn:
    """Show the problems that forbid going on, and stop; nothing was written."""
    if as_json:
        shown = [each.as_dict(lang) for each in in_order(problems)]
        typer.echo(json.dumps({"problems": shown}, ensure_ascii=False, indent=2))
    else:
        _show_problems(problems, lang)
        _say(Text("什么都没有写入。", "Nothing was written."), lang)
    raise typer.Exit(status)


def _show_problems(problems: Iterable[Problem], lang: Lang, brief: bool = False) -> None:
    """Print problems: where, what is wrong, what was expected, what to do. Briefly: only their number and the worst."""
    from rich.text import Text as Styled

    found, out = in_order(problems), _console()
    for problem in found:
        if brief and problem.level == "note":
            continue
        line = Styled(LEVEL_NAMES[problem.level](lang) + "  ", style=LEVEL_STYLES[problem.level])
        line.append(problem.place + "  " if problem.place else "", style="bold")
        line.append(problem.found(lang), style="default")
        out.print(line, soft_wrap=True)
        for sentence in (problem.expected(lang), problem.remedy(lang)):
            out.print("      " + sentence, markup=False, soft_wrap=True)
    _say(_counted(found), lang)


def _counted(problems: list[Problem]) -> Text:
    counts = {level: sum(each.level == level for each in problems) for level in LEVEL_NAMES}
    zh = "，".join(f"{name.zh} {counts[level]}" for level, name in LEVEL_NAMES.items())
    en = ", ".join(
        f"{counts[level]} {name.en}{'' if counts[level] == 1 else 's'}" for level, name in LEVEL_NAMES.items()
    )
    return Text(f"{zh}。", f"{en}.")


def _print(rows: list[dict[str, str]], headings: list[Text], lang: Lang, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table(*(heading(lang) for heading in headings), box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row.values())
    _console().print(table)


def _show_results(results: pd.DataFrame, scheme: Scheme, lang: Lang) -> None:
    """Print a table a pool: place, person, the dimension scores where the terminal is wide, total, grade and lists."""
    from xlperf.layout import SHEETS

    out, sheet, digits = _console(), SHEETS["results"], scheme.settings.decimals
    names = {each.code: each.name(lang) for each in scheme.dimensions}
    for pool, rows in results.groupby("pool", sort=False):
        scores = [code for code in names if rows[code].notna().any()] if out.width >= 170 else []
        codes = ["place", "employee_id", "name", *(["department_name"] if out.width >= 100 else []), *scores, "total"]
        headings = [names.get(code) or sheet[code].name(lang) for code in [*codes, "grade_name", "outcome"]]
        numbers = {"place": 0} | dict.fromkeys([*scores, "total"], digits)
        lines = [
            [_cell(row[code], numbers.get(code)) for code in [*codes, "grade_name"]] + [row["remark"] or row["outcome"]]
            for _, row in rows.iterrows()
        ]
        _print_table(str(pool) or _NOT_RANKED(lang), headings, lines, {*scores, "place", "total"} & set(codes), codes)


def _cell(value: Any, digits: int | None) -> str:
    if value is None or value != value:
        return "–" if digits == 0 else ""
    return str(value) if digits is None else f"{value:.{digits}f}"


def _print_table(title: str, headings: list[str], lines: list[list[str]], numeric: set[str], codes: list[str]) -> None:
    """Print a table whose last column gives way when the terminal is narrow."""
    from rich.cells import cell_len
    from rich.table import Table

    out = _console()
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


_NOT_RANKED = Text("不排名", "not ranked")


def _show_lists(lists: pd.DataFrame, lang: Lang) -> None:
    out = _console()
    for name, rows in lists.groupby("outcome", sort=False):
        people = ", ".join(f"{row['name']} ({row['employee_id']})" for _, row in rows.iterrows())
        out.print(f"[bold]{name}[/bold]: {people}", soft_wrap=True)
    out.print()


def _json_of(sheets: Mapping[str, pd.DataFrame], appraisal: Appraisal, target: Path, lang: Lang) -> str:
    data = {
        "workbook": str(target),
        "period": appraisal.period.code if appraisal.period else None,
        "results": json.loads(sheets["results"].to_json(orient="records", double_precision=15)),
        "lists": json.loads(sheets["lists"].to_json(orient="records", double_precision=15)),
        "problems": [each.as_dict(lang) for each in appraisal.problems],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)
