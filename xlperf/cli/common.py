"""What the commands share: the options, how they end, and how things are shown."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from xlperf.core.problems import LEVEL_NAMES, NOTHING_WRITTEN, Lang, Problem, Text, counted, in_order

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from xlperf.policy.scheme import Scheme
    from xlperf.workflows.result import Refusal, Result

    Done = TypeVar("Done", bound=Result)

WRONG_CALL, INTERRUPTED, TERMINATED, MISTAKEN = 2, 130, 143, 70  # exit status, as shells and sysexits.h have them


class Terminated(BaseException):
    """The system asks the process to end."""


def is_wrong_call(mistake: Exception) -> bool:
    """Whether an exception is how typer says that a call is wrong; it may have a click of its own."""
    return hasattr(mistake, "format_message")


@contextmanager
def _printable_errors() -> Iterator[None]:
    """Let what is said of a wrong call contain nothing that a terminal would obey."""
    try:
        yield
    except Exception as wrong:
        if is_wrong_call(wrong):
            wrong.message = printable(wrong.message)  # type: ignore[attr-defined]
        raise


def _legible(value: Any) -> Any:
    """Write out the bytes of an argument that are no characters; those of a file name stay, since they name it."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_legible, value))
    return _NO_CHARACTER.sub(lambda found: printable(found[0]), value) if type(value) is str else value


class GuardedGroup(TyperGroup):
    """Commands under one name."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is called."""
        with _printable_errors():
            return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command."""
        with _printable_errors():
            return super().parse_args(ctx, args)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Make ready to read what was typed."""
        with telling_early_ends(args):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is called."""
        with telling_early_ends([*getattr(ctx, "_protected_args", ()), *ctx.args]):
            return super().invoke(ctx)


@contextmanager
def telling_early_ends(typed: Sequence[str]) -> Iterator[None]:
    """Tell what ends a call before a command begins: an interruption, or a wrong call."""
    try:
        yield
    except Exception as wrong:
        if not is_wrong_call(wrong) or type(wrong).__name__ == "NoArgsIsHelpError":
            raise
        from xlperf.cli.wrong_calls import wrong_call_problem

        tell_problems([wrong_call_problem(wrong, typed)], language_typed(typed), "--json" in typed)
        sys.exit(WRONG_CALL)
    except (KeyboardInterrupt, Terminated) as ended:
        doing = " ".join(["xlperf", *typed[:1]])
        tell_problems([Problem("interrupted", details={"doing": doing})], language_typed(typed), "--json" in typed)
        sys.exit(INTERRUPTED if isinstance(ended, KeyboardInterrupt) else TERMINATED)


class GuardedCommand(TyperCommand):
    """A command that ends in words, whatever ends it: an interruption, or a mistake of xlperf's own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read arguments and options."""
        with _printable_errors():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        ctx.params = {name: _legible(value) for name, value in ctx.params.items()}
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            self._end(ctx, self._interrupted(ctx), INTERRUPTED)
        except Terminated:
            self._end(ctx, self._interrupted(ctx), TERMINATED)
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as mistake:
            if is_wrong_call(mistake):
                raise
            from xlperf.workflows.error_log import WHOLE, mistake_problem

            self._end(ctx, mistake_problem(mistake, ctx.command_path, WHOLE), MISTAKEN)

    @staticmethod
    def _interrupted(ctx: Any) -> Problem:
        return Problem("interrupted", details={"doing": ctx.command_path})

    @staticmethod
    def _end(ctx: Any, problem: Problem, status: int) -> NoReturn:
        chosen = ctx.params.get("lang")
        tell_problems([problem], chosen_language(chosen, None), bool(ctx.params.get("as_json")))
        raise typer.Exit(status)


app = typer.Typer(
    cls=GuardedGroup,
    help="Performance appraisal in Excel, headless. / 无需 Excel 的绩效考核。",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
command = partial(app.command, cls=GuardedCommand)


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
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why. / 理由。")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who decides. / 谁决定。")]
DateOption = Annotated[str | None, typer.Option("--date", help="On which day. / 日期，例如 2026-11-02。")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON. / 输出 JSON。")]

CHINESE = 0x04  # the language of a Windows identifier of language and country
STARTING = Text("正在准备", "getting ready")
LEAST_COLUMN = 10  # characters of a table in the terminal, where its texts are as long: narrower ones cannot be read
LEVEL_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


# Reading what was typed ------------------------------------------------------------------------------------------


def pairs_of(
    calls: Iterable[str] | None, code: str, lang: Language | None, as_json: bool, may_be_empty: bool = False
) -> list[tuple[str, str]]:
    """Split each ``KEY=VALUE``; where one is none, tell the problem of a code and end with status 2."""
    split = {call: call.replace("＝", "=", 1).partition("=") for call in calls or ()}
    wrong = [
        call
        for call, (key, equals, value) in split.items()
        if not (key.strip() and equals and (value.strip() or may_be_empty))
    ]
    if wrong:
        cells = [each.partition("://")[0] for each in wrong]  # an address may hold a password
        problems = [Problem(code, details={"cell": each}) for each in cells]
        fail(problems, chosen_language(lang, None), as_json, status=2)
    return [(key.strip(), value.strip()) for key, _, value in split.values()]


def facts_of(calls: list[str] | None, lang: Language | None, as_json: bool) -> dict[str, str]:
    """Split each ``SHEET=SOURCE``."""
    return dict(pairs_of(calls, "facts-call", lang, as_json))


def asked_language(lang: Language | None) -> Lang | None:
    """Return the language that was asked for; None leaves it to the workbook."""
    return None if lang is None else lang.value


def chosen_language(chosen: Language | str | None, of_workbook: Lang | None) -> Lang:
    """Return the language asked for, otherwise that of the workbook, otherwise that of the computer."""
    if chosen is not None:
        return Language(chosen).value
    return of_workbook or language_of_computer()


def language_typed(typed: Sequence[str]) -> Lang:
    """Return the language that a call asks for which could not be read, otherwise that of the computer.

    >>> language_typed(["run", "--lang", "zh", "--page"]), language_typed(["run", "--lang=en"])
    ('zh', 'en')
    """
    words = " ".join(typed).replace("--lang=", "--lang ").partition("--lang ")[2].split()
    asked = [*words[:1], os.environ.get("XLPERF_LANG", "")]
    return chosen_language(next((each for each in asked if each in Language.__members__), None), None)


def language_of_computer() -> Lang:
    """Return the language that the computer is set to: Chinese, or else English."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if not named and sys.platform == "win32":
        import ctypes

        return "zh" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == CHINESE else "en"
    return "zh" if named.lower().startswith("zh") else "en"


def word_of(words: str, code: str, lang: Lang) -> str:
    """Return a word of a vocabulary in a language."""
    from xlperf.core.vocabulary import WORDS

    return WORDS[words][code](lang)


# Showing -------------------------------------------------------------------------------------------------------------


# What a terminal would obey or a reader could not see: controls, halves of a character, changes of direction.
_UNSEEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_NO_CHARACTER = re.compile("[\\ud800-\\udfff]")
_BYTES = range(0xDC80, 0xDD00)  # how Python keeps the bytes of a file name that are no UTF-8


def printable(text: str, keep_lines: bool = False) -> str:
    """Write out the characters of a text that a terminal would obey.

    >>> printable("evil\\x1b[31m\\n.xlsx"), printable("n\\udcff.xlsx")
    ('evil\\\\x1b[31m\\\\n.xlsx', 'n\\\\xff.xlsx')
    """

    def escaped(found: re.Match[str]) -> str:
        code = ord(found[0])
        if keep_lines and found[0] == "\n":
            return "\n"
        return (
            f"\\x{code - 0xDC00:02x}" if code in _BYTES else found[0].encode("unicode_escape", "surrogatepass").decode()
        )

    return _UNSEEN.sub(escaped, text)


def console(stderr: bool = False) -> Console:
    """Return where people read; no text that is printed there can do more than be read."""
    from rich.console import Console
    from rich.text import Text as Styled

    class Terminal(Console):
        def render_str(self, text: str, *args: Any, **options: Any) -> Styled:
            return super().render_str(printable(text, keep_lines=True), *args, **options)

    return Terminal(stderr=stderr, highlight=False)


def print_json(data: Any) -> None:
    """Print JSON for programs, in which every character is printable."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    typer.echo(_UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text))


def problems_data(problems: Iterable[Problem], lang: Lang) -> list[dict[str, str]]:
    """Return problems for JSON, errors first."""
    return [each.as_dict(lang) for each in in_order(problems)]


@contextmanager
def progress(lang: Lang, steps: int) -> Iterator[Any]:
    """Show a progress bar on a terminal while long work is done; nothing elsewhere."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    screen = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(STARTING(lang), total=steps)

        def step(what: Text, advance: float = 1) -> None:
            bar.update(task, description=what(lang), advance=advance)

        yield step


def say(words: Text, lang: Lang) -> None:
    """Print a sentence."""
    print_line(words(lang))


def print_line(line: str = "") -> None:
    """Print one line as it is."""
    console().print(printable(line), markup=False, soft_wrap=True)


def done(result: Done | Refusal, lang: Language | None, as_json: bool) -> tuple[Done, Lang]:
    """Return the result of a workflow, and the language to tell it in; tell a refusal and stop."""
    from xlperf.workflows.result import Refusal

    said = chosen_language(lang, result.lang)
    if isinstance(result, Refusal):
        fail(result.problems, said, as_json)
    return result, said


@contextmanager
def show_refusals(lang: Lang, as_json: bool) -> Iterator[None]:
    """Say in words that a file cannot be written, and stop."""
    from xlperf.xlsx.errors import CannotSave

    try:
        yield
    except CannotSave as refusal:
        fail([refusal.problem], lang, as_json)


def fail(problems: Iterable[Problem], lang: Lang, as_json: bool, status: int = 1) -> NoReturn:
    """Tell the problems that forbid going on, and stop; nothing was written."""
    tell_problems(problems, lang, as_json)
    if not as_json:
        say(NOTHING_WRITTEN, lang)
    raise typer.Exit(status)


def tell_problems(problems: Iterable[Problem], lang: Lang, as_json: bool) -> None:
    """Print problems for people, or as ``{"problems": [...]}`` for programs."""
    if as_json:
        print_json({"problems": problems_data(problems, lang)})
    else:
        show_problems(problems, lang)


def show_problems(problems: Iterable[Problem], lang: Lang, brief: bool = False) -> None:
    """Print problems: where, what is wrong, what was expected, what to do. Briefly: only their number and the worst."""
    from rich.text import Text as Styled

    found, out = in_order(problems), console()
    for problem in found:
        if brief and problem.level == "note":
            continue
        line = Styled(LEVEL_NAMES[problem.level](lang) + "  ", style=LEVEL_STYLES[problem.level])
        line.append(printable(problem.place) + "  " if problem.place else "", style="bold")
        line.append(printable(problem.found(lang)), style="default")
        out.print(line, soft_wrap=True)
        for sentence in (problem.expected(lang), problem.remedy(lang)):
            print_line("      " + sentence)
    say(counted(found), lang)


def print_rows(rows: list[dict[str, str]], headings: list[Text], lang: Lang, as_json: bool) -> None:
    """Print rows as a table for people, or as JSON."""
    if as_json:
        print_json(rows)
        return
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text as Styled

    table = Table(box=None, header_style="bold", pad_edge=False)
    lines = [[printable(each, keep_lines=True) for each in row.values()] for row in rows]
    for number, heading in enumerate(headings):  # the first column is what one types: never cut, never broken
        texts = [heading(lang), *(line[number] for line in lines)]
        whole = max(cell_len(part) for text in texts for part in text.split("\n"))
        least = min(whole, LEAST_COLUMN) if number else whole
        table.add_column(heading(lang), no_wrap=number == 0, min_width=least, overflow="fold")
    for line in lines:
        table.add_row(*map(Styled, line))
    console().print(table, crop=False)


def show_results(results: pd.DataFrame, scheme: Scheme, lang: Lang) -> None:
    """Print a table a pool: place, person, the dimension scores where the terminal is wide, total, grade and lists."""
    from xlperf.core.vocabulary import NOT_RANKED
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
    from rich.text import Text as Styled

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
        table.add_row(*(Styled(printable(each)) for each in line))
    out.print(table)
    out.print()


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
    from rich.text import Text as Styled

    out = console()
    for name, rows in lists.groupby("outcome", sort=False):
        ids, names = rows["employee_id"], rows["name"].where(rows["name"].notna(), "")
        named = (f"{name} ({who})" if name else who for who, name in zip(ids, names, strict=True))
        people = ", ".join(named)
        out.print(Styled.assemble((printable(str(name)), "bold"), printable(f": {people}")), soft_wrap=True)
    out.print()


def records(frame: pd.DataFrame) -> Any:
    """Return the rows of a table for JSON."""
    return json.loads(frame.to_json(orient="records", double_precision=15))
