"""The commands that make workbooks: demo, new, import, and what ships."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    Language,
    OutPath,
    PeriodOption,
    chosen_language,
    command,
    console,
    done,
    fail,
    pairs_of,
    print_json,
    print_line,
    print_rows,
    problems_data,
    progress,
    say,
    show_lists,
    show_problems,
    show_results,
    word_of,
)
from xlperf.core.problems import Lang, Problem, Text
from xlperf.core.vocabulary import fold

if TYPE_CHECKING:
    from xlperf.policy.scorecard import ScaledColumn
    from xlperf.workflows.start_from_table import NewFromTableResult


@command()
def demo(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder. / 文件夹。")] = Path("xlperf-demo"),
    lang: LangOption = None,
) -> None:
    """Build the flagship workbook with sample data, run it, and show the results. / 演示。"""
    from xlperf.workflows.create_book import demo

    language = chosen_language(lang, None)
    with progress(language, 4) as step:
        result = demo(folder, lang=language, on_step=step)
    found, said = done(result, lang, as_json=False)
    (path,), results = found.written, found.sheets["results"]
    show_results(results, found.appraisal.scheme, said)
    show_lists(found.sheets["lists"], said)
    show_problems(found.problems, said, brief=True)
    print_line()
    say(Text(f"工作簿：{path}", f"The workbook: {path}"), said)
    how = f"xlperf explain {path} {results['employee_id'].iloc[0]}"
    say(Text(f"看一个人的来龙去脉：{how}", f"How one person got there: {how}"), said)


@command()
def schemes(
    name: Annotated[str | None, typer.Argument(help="One scheme. / 一个方案。", show_default=False)] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the appraisal schemes that ship, or say whom one is for and what it scores. / 列出或说明内置方案。"""
    from xlperf.policy.schemes import load, offered

    said = chosen_language(lang, None)
    if name is not None:
        _show_scheme(name, said, as_json)
        return
    rows = [
        {
            "scheme": name,
            "name": scheme.name(said),
            "period": word_of("period_kind", scheme.settings.period_kind, said),
            "indicators": str(len(scheme.indicators)),
            "grading": word_of("grading", scheme.settings.grading, said),
        }
        for name in offered()
        for scheme in [load(name)]
    ]
    headings = [
        Text("方案", "Scheme"),
        Text("名称", "Name"),
        Text("周期", "Period"),
        Text("指标数", "Indicators"),
        Text("评等", "Grades"),
    ]
    print_rows(rows, headings, said, as_json)


def _show_scheme(name: str, lang: Lang, as_json: bool) -> None:
    """Say whom a scheme is for, and list its indicators."""
    from xlperf.core.spelling import similar
    from xlperf.policy.catalogue import dimensions_of, for_whom, uses
    from xlperf.policy.schemes import load, offered

    if name not in offered():
        fail([Problem("scheme-unknown", details={"cell": name, "near": similar(name, offered())})], lang, as_json)
    scheme = load(name)
    about = {
        "name": (Text("名称", "Name"), scheme.name(lang)),
        "for": (Text("适用", "For"), for_whom(scheme)(lang)),
        "period": (Text("周期", "Period"), word_of("period_kind", scheme.settings.period_kind, lang)),
        "grading": (Text("评等", "Grades"), word_of("grading", scheme.settings.grading, lang)),
        "dimensions": (Text("维度", "Dimensions"), dimensions_of(scheme)(lang)),
        "uses": (Text("用到", "Makes use of"), uses(scheme)(lang)),
        "basis": (Text("依据", "Based on"), scheme.settings.basis),
    }
    names = {each.code: each.name(lang) for each in scheme.dimensions}
    rows = [
        {"indicator": each.name(lang), "dimension": names.get(each.dimension, each.dimension),
         "weight": f"{each.weight:.10g}", "rule": each.card.name(lang) if each.rule else ""}
        for each in scheme.indicators
    ]  # fmt: skip
    if as_json:
        print_json({"scheme": name} | {code: said for code, (_, said) in about.items()} | {"indicators": rows})
        return
    for heading, said in about.values():
        if said:
            say(Text(f"{heading.zh}：{said}", f"{heading.en}: {said}"), lang)
    print_line()
    headings = [Text("指标", "Indicator"), Text("维度", "Dimension"), Text("权重", "Weight"), Text("规则", "Rule")]
    print_rows(rows, headings, lang, as_json=False)


@command()
def rules(
    name: Annotated[str | None, typer.Argument(help="One rule. / 一条规则。")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the scoring rules, or explain one. / 列出或说明评分规则。"""
    from xlperf.core.spelling import similar
    from xlperf.policy.rules import RULES
    from xlperf.policy.scheme.codec import find_rule

    said = chosen_language(lang, None)
    if name is None:
        rows = [{"rule": each.code, "name": each.name(said), "summary": each.summary(said)} for each in RULES.values()]
        print_rows(rows, [Text("规则", "Rule"), Text("名称", "Name"), Text("说明", "What it does")], said, as_json)
        return
    rule = find_rule(name)
    if rule is None:
        fail([Problem("rule-unknown", details={"cell": name, "near": similar(name, RULES)})], said, as_json)
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
        print_json(card | {"parameters": rows})
        return
    out = console()
    out.print(f"[bold]{rule.name(said)}[/bold] ({rule.code})\n{rule.summary(said)}\n")
    for row in rows:
        mark = "" if row["required"] == "yes" else Text("（可不填）", " (optional)")(said)
        out.print(f"  {row['parameter']}: {row['name']}{mark} – {row['note']}")
    out.print(Text(f"\n出处：{rule.source}", f"\nSource: {rule.source}")(said))


FORM_OF_NEW = Text(
    "xlperf new 方案 新工作簿，或 xlperf new 新工作簿 --from 文件 --total 列=权重,列=权重",
    "xlperf new SCHEME FILE, or xlperf new FILE --from TABLE --total COLUMN=WEIGHT,COLUMN=WEIGHT",
)
FORM_OF_SHARES = Text("名称=数，用逗号分开，例如 {}", "NAME=NUMBER with commas between, such as {}")
FORM_OF_SCALES = Text("列=最差值..最优值，例如 缺勤=10..0", "COLUMN=WORST..BEST, such as absences=10..0")

FORM_OF_UNITS = Text("列=单位，用逗号分开，例如 缺勤=天", "COLUMN=UNIT with commas between, such as absences=days")


@command()
def new(
    scheme: Annotated[
        str,
        typer.Argument(help="A scheme of `xlperf schemes`, or blank; none with --from. / 方案。", show_default=False),
    ],
    out: Annotated[
        Path | None, typer.Argument(help="The workbook: .xlsx or .xlsm. / 新工作簿。", show_default=False)
    ] = None,
    lang: LangOption = None,
    period: PeriodOption = None,
    sample: Annotated[bool, typer.Option("--sample", help="With sample data. / 带示例数据。")] = False,
    source: Annotated[
        Path | None, typer.Option("--from", help="A table of people and figures. / 人员和数字的表。")
    ] = None,
    total: Annotated[list[str] | None, typer.Option(help="COLUMN=WEIGHT,… that add up to 100. / 列=权重。")] = None,
    by: Annotated[str | None, typer.Option(help="The column of departments. / 部门列。")] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="The column of IDs. / 工号列。")] = None,
    name_column: Annotated[str | None, typer.Option("--name", help="The column of names. / 姓名列。")] = None,
    grades: Annotated[
        list[str] | None, typer.Option(help="GRADE=SHARE,… from the best, such as A=20,B=70,C=10. / 等级=比例。")
    ] = None,
    scale: Annotated[
        list[str] | None, typer.Option(help="COLUMN=WORST..BEST; else its lowest and highest. / 列=最差值..最优值。")
    ] = None,
    less: Annotated[list[str] | None, typer.Option(help="COLUMN,… of which less is better. / 越低越好的列。")] = None,
    unit: Annotated[list[str] | None, typer.Option(help="COLUMN=UNIT,… / 列=单位。")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a text file. / 文本文件的编码。")] = None,
    separator: Annotated[str | None, typer.Option(help="Of a text file. / 文本文件的分隔符。")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a workbook from a scheme or a table; an .xlsm has buttons and functions. / 由方案或数据表建立工作簿。"""
    from xlperf.workflows.create_book import new
    from xlperf.workflows.start_from_table import new_from_table

    language = chosen_language(lang, None)
    of_table = {"--total": total, "--by": by, "--id": id_column, "--name": name_column, "--grades": grades,
                "--scale": scale, "--less": less, "--unit": unit, "--encoding": encoding,
                "--separator": separator}  # fmt: skip
    if source is not None:
        wrong = [Problem("option-needs", details={"option": "--total", "form": FORM_OF_NEW})] if not total else []
        wrong += [Problem("option-idle", details={"option": "--sample", "form": FORM_OF_NEW})] if sample else []
        wrong += [Problem("option-idle", details={"option": scheme, "form": FORM_OF_NEW})] if out is not None else []
        if wrong:
            fail(wrong, language, as_json, status=2)
        weights = _numbers(total, "--total", "sales=60,service=40", lang, as_json)
        given = new_from_table(
            scheme,
            source,
            weights,
            by=by,
            employee_id=id_column,
            name=name_column,
            grades=_numbers(grades, "--grades", "A=20,B=70,C=10", lang, as_json) or None,
            scales=_scales(scale, lang, as_json),
            less=_headings(less, weights),
            units={name: value for _, name, value in _parts(unit, "--unit", FORM_OF_UNITS, lang, as_json)},
            lang=language,
            period=period,
            encoding=encoding,
            separator=separator,
        )
        _show_new_from_table(*done(given, lang, as_json), as_json)
        return
    idle = [
        Problem("option-idle", details={"option": option, "form": FORM_OF_NEW})
        for option, said in of_table.items()
        if said
    ]
    if idle or out is None:
        needs = [] if idle else [Problem("option-needs", details={"option": "OUT", "form": FORM_OF_NEW})]
        fail([*idle, *needs], language, as_json, status=2)
    _, said = done(new(scheme, out, lang=language, period=period, sample=sample), lang, as_json)
    if as_json:
        print_json({"workbook": str(out), "scheme": scheme, "problems": []})
    else:
        say(Text(f"已建立 {out}", f"Made {out}"), said)


def _parts(
    calls: list[str] | None, option: str, form: Text, lang: Language | None, as_json: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield each NAME=VALUE of options with commas between them, as it was typed, and split; a name may have commas."""
    known: set[str] = set()
    for call in calls or ():
        open_part = ""
        for piece in re.split("[,，]", call):
            part = f"{open_part},{piece}" if open_part else piece
            name, equals, value = part.replace("＝", "=").rpartition("=")
            open_part = "" if equals else part
            if not equals:
                continue
            if fold(name) in known:
                fail([Problem("option-twice", details={"cell": name.strip(), "option": option})],
                     chosen_language(lang, None), as_json, status=2)  # fmt: skip
            known.add(fold(name))
            yield part, name.strip(), value.strip()
        if open_part:
            _unreadable(open_part, option, form, lang, as_json)


def _unreadable(cell: str, option: str, form: Text, lang: Language | None, as_json: bool) -> NoReturn:
    details = {"cell": cell.strip(), "option": option, "form": form}
    fail([Problem("option-unreadable", details=details)], chosen_language(lang, None), as_json, status=2)


def _numbers(
    calls: list[str] | None, option: str, example: str, lang: Language | None, as_json: bool
) -> dict[str, float]:
    """Split NAME=NUMBER, …; where a part is none, tell it and end with status 2."""
    form = Text(*(each.format(example) for each in FORM_OF_SHARES))
    found = {}
    for part, name, value in _parts(calls, option, form, lang, as_json):
        number = _number(value.rstrip("%％"))
        if not name or number is None:
            _unreadable(part, option, form, lang, as_json)
        found[name] = number
    return found


def _scales(calls: list[str] | None, lang: Language | None, as_json: bool) -> dict[str, tuple[float, float]]:
    """Split COLUMN=WORST..BEST, …; where a part is none, tell it and end with status 2."""
    found = {}
    for part, name, value in _parts(calls, "--scale", FORM_OF_SCALES, lang, as_json):
        worst, _, best = value.replace("…", "..").partition("..")
        ends = _number(worst), _number(best)
        if not name or ends[0] is None or ends[1] is None or ends[0] == ends[1]:
            _unreadable(part, "--scale", FORM_OF_SCALES, lang, as_json)
        found[name] = (ends[0], ends[1])
    return found


def _headings(calls: list[str] | None, known: Collection[str]) -> list[str]:
    """Split headings with commas between them; a heading that has a comma itself stays whole."""
    found: list[str] = []
    for call in calls or ():
        found += [call.strip()] if call.strip() in known else [each.strip() for each in re.split("[,，、]", call)]
    return [each for each in dict.fromkeys(found) if each]


def _number(text: str) -> float | None:
    """Return the number that a text says; None where it says none."""
    from xlperf.core.numbers import parse_number

    found = parse_number(text)
    return found.value if found.kind == "number" and math.isfinite(found.value) else None


def _direction(column: ScaledColumn) -> str:
    return "higher" if column.best > column.worst else "lower"


def _show_new_from_table(found: NewFromTableResult, said: Lang, as_json: bool) -> None:
    from xlperf.policy.scorecard import NO_UNIT

    if as_json:
        print_json({
            "workbook": str(found.written[0]),
            "period": found.period,
            "people": found.people,
            "columns": [
                {"column": each.heading, "weight": each.weight, "direction": _direction(each), "worst": each.worst,
                 "best": each.best, "unit": each.unit}
                for each in found.columns
            ],
            "departments": dict(found.departments),
            "grades": dict(found.grades),
            "problems": problems_data(found.problems, said),
        })  # fmt: skip
        return
    rows = [
        {
            "column": each.heading,
            "weight": f"{each.weight:.10g}",
            "direction": word_of("direction", _direction(each), said),
        }
        | {"worst": f"{each.worst:.10g}", "best": f"{each.best:.10g}", "unit": each.unit or NO_UNIT(said)}
        for each in found.columns
    ]
    headings = [Text("列", "Column"), Text("权重", "Weight"), Text("方向", "Direction"), Text("0 分", "No points"),
                Text("满分", "Full points"), Text("单位", "Unit")]  # fmt: skip
    print_rows(rows, headings, said, as_json)
    print_line()
    between = Text("、", ", ")(said)
    pools = between.join(f"{name} {count}" for name, count in found.departments.items())
    shares = between.join(f"{name} {share:.10g} %" for name, share in found.grades.items())
    zh = "两端之间按直线计分。越低越好：--less 列；另定两端：--scale 列=最差值..最优值。"
    en = "Points lie on a straight line between. Less is better: --less COLUMN; other ends: --scale COLUMN=WORST..BEST."
    say(Text(zh, en), said)
    if pools:
        say(Text(f"分部门排名：{pools}。", f"Ranked within: {pools}."), said)
    say(Text(f"等级：{shares}。", f"Grades: {shares}."), said)
    if found.problems:
        show_problems(found.problems, said)
    path = found.written[0]
    say(
        Text(
            f"已建立 {path}：{found.people} 人，考核周期 {found.period}。",
            f"Made {path}: {found.people} people, period {found.period}.",
        ),
        said,
    )
    say(Text(f"下一步：xlperf run {path}", f"Next: xlperf run {path}"), said)


@command(name="import")
def import_(
    book: BookPath,
    files: Annotated[list[Path], typer.Argument(help="CSV files and workbooks. / 外来文件。", show_default=False)],
    sheet: Annotated[str | None, typer.Option("--as", help="The sheet they belong to. / 放入的工作表。")] = None,
    mapping: Annotated[list[str] | None, typer.Option("--map", help="COLUMN=HEADING. / 我方列=对方标题。")] = None,
    words: Annotated[list[str] | None, typer.Option("--word", help="THEIRS=OURS. / 对方用词=我方用词。")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of text files. / 文本文件的编码。")] = None,
    separator: Annotated[str | None, typer.Option(help="Of text files. / 文本文件的分隔符。")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, write nothing. / 只预览，不写入。")] = False,
    list_words: Annotated[
        bool, typer.Option("--list-words", help="Only list unknown words, to be explained. / 只列出不认识的词。")
    ] = False,
    output: OutPath = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring foreign workbooks and CSV files into the input sheets. / 导入外来数据。"""
    from xlperf.workflows.import_tables import import_files

    headings = dict(pairs_of(mapping, "map-unreadable", lang, as_json))
    meanings = dict(pairs_of(words, "word-unreadable", lang, as_json))
    result = import_files(
        book,
        files,
        output,
        sheet=sheet,
        headings=headings,
        words=meanings,
        encoding=encoding,
        separator=separator,
        dry_run=dry_run,
        list_words=list_words,
    )
    found, said = done(result, lang, as_json)
    if as_json:
        rows = [each.as_dict(said) for each in found.previews or found.summaries]
        print_json({"imported": rows, "problems": problems_data(found.problems, said)})
        return
    for each in found.previews or found.summaries:
        for line in each.in_words(said).splitlines():
            print_line(line)
    show_problems(found.problems, said)
    if dry_run:
        say(Text("只是预览，没有写入。", "This was a preview; nothing was written."), said)
