"""The commands that make workbooks: demo, new, import, and what ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    app,
    appraised,
    chosen_language,
    console,
    fail,
    guarded,
    make_workbook,
    pair,
    print_rows,
    progress,
    read,
    say,
    sheet_named,
    show_lists,
    show_problems,
    show_results,
    word_of,
    written,
)
from xlperf.core.problems import Problem, Text, has_errors, in_order


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder. / 文件夹。")] = Path("xlperf-demo"),
    lang: LangOption = None,
) -> None:
    """Build the flagship workbook with sample data, run it, and show the results. / 演示。"""
    said = chosen_language(lang, "en")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"securities-crm-{said}.xlsx"
    with progress(said, 4) as step:
        step(Text("建立工作簿", "building the workbook"))
        make_workbook("securities-crm", path, said, None, sample=True)
        book, appraisal = appraised(path, None, step)
        step(Text("写入结果", "writing the results"))
        sheets = written(book, appraisal, path, said, keep_backup=False)
    show_results(sheets["results"], appraisal.scheme, said)
    show_lists(sheets["lists"], said)
    show_problems(appraisal.problems, said, brief=True)
    say(Text(f"\n工作簿：{path}", f"\nThe workbook: {path}"), said)
    first = sheets["results"]["employee_id"].iloc[0]
    say(
        Text(
            f"看一个人的来龙去脉：xlperf explain {path} {first}",
            f"How one person got there: xlperf explain {path} {first}",
        ),
        said,
    )


@app.command()
def schemes(lang: LangOption = None, as_json: JsonOption = False) -> None:
    """List the appraisal schemes that ship. / 列出内置方案。"""
    from xlperf.policy.schemes import load, names

    said = chosen_language(lang, "en")
    rows = [
        {
            "scheme": name,
            "name": scheme.name(said),
            "period": word_of("period_kind", scheme.settings.period_kind, said),
            "indicators": str(len(scheme.indicators)),
            "grading": word_of("grading", scheme.settings.grading, said),
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
    print_rows(rows, headings, said, as_json)


@app.command()
def rules(
    name: Annotated[str | None, typer.Argument(help="One rule. / 一条规则。")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the scoring rules, or explain one. / 列出或说明评分规则。"""
    from xlperf.core.spelling import similar
    from xlperf.policy.rules import RULES
    from xlperf.policy.scheme.codec import find_rule

    said = chosen_language(lang, "en")
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
        typer.echo(json.dumps(card | {"parameters": rows}, ensure_ascii=False, indent=2))
        return
    out = console()
    out.print(f"[bold]{rule.name(said)}[/bold] ({rule.code})\n{rule.summary(said)}\n")
    for row in rows:
        mark = "" if row["required"] == "yes" else Text("（可不填）", " (optional)")(said)
        out.print(f"  {row['parameter']}: {row['name']}{mark} – {row['note']}")
    out.print(Text(f"\n出处：{rule.source}", f"\nSource: {rule.source}")(said))


@app.command()
def new(
    scheme: Annotated[str, typer.Argument(help="A scheme of `xlperf schemes`. / 方案。", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The workbook: .xlsx or .xlsm. / 新工作簿。", show_default=False)],
    lang: LangOption = None,
    period: PeriodOption = None,
    sample: Annotated[bool, typer.Option("--sample", help="With sample data. / 带示例数据。")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workbook from a scheme; an .xlsm has buttons and functions. / 由方案建立工作簿。"""
    from xlperf.core.spelling import similar
    from xlperf.policy.calendars import calendar_of
    from xlperf.policy.schemes import load, names

    said = chosen_language(lang, "en")
    problems = []
    if scheme not in names():
        problems.append(
            Problem("scheme-unknown", details={"cell": scheme, "near": similar(scheme, names()) or names()})
        )
    if out.suffix.lower() not in (".xlsx", ".xlsm"):
        problems.append(Problem("new-kind", details={"cell": out.name}))
    if out.exists():
        problems.append(Problem("file-exists", details={"cell": out.name}))
    if period is not None and scheme in names() and calendar_of(load(scheme))[0].find(period) is None:
        problems.append(Problem("period-unreadable", details={"cell": period}))
    if problems:
        fail(problems, said, as_json)
    guarded(lambda: make_workbook(scheme, out, said, period, sample), said, as_json)
    if as_json:
        typer.echo(json.dumps({"workbook": str(out), "scheme": scheme}, ensure_ascii=False))
    else:
        say(Text(f"已建立 {out}", f"Made {out}"), said)


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
    from xlperf.workbook.read.importing import import_files
    from xlperf.workbook.write.results import write_inputs

    pairs = dict(pair(each, lang) for each in mapping or [])
    ours = read(book, lang, as_json)
    said = chosen_language(lang, ours.lang)
    target = sheet_named(sheet, said, as_json)
    imported = import_files(ours, files, target, pairs)
    if has_errors(imported.problems):
        fail(imported.problems, said, as_json)
    guarded(lambda: write_inputs(book, output or book, imported.tables, said), said, as_json)
    rows = [each.as_dict(said) for each in imported.done]
    if as_json:
        problems = [each.as_dict(said) for each in in_order(imported.problems)]
        typer.echo(json.dumps({"imported": rows, "problems": problems}, ensure_ascii=False, indent=2))
        return
    for each in imported.done:
        console().print(each.in_words(said), markup=False, soft_wrap=True)
    show_problems(imported.problems, said)
