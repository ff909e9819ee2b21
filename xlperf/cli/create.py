"""The commands that make workbooks: demo, new, import, and what ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    asked_language,
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
from xlperf.core.problems import Problem, Text


@command()
def demo(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder. / 文件夹。")] = Path("xlperf-demo"),
    lang: LangOption = None,
) -> None:
    """Build the flagship workbook with sample data, run it, and show the results. / 演示。"""
    from xlperf.workflows.create_book import demo

    with progress(chosen_language(lang, None), 4) as step:
        result = demo(folder, lang=asked_language(lang) or "en", on_step=step)
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
def schemes(lang: LangOption = None, as_json: JsonOption = False) -> None:
    """List the appraisal schemes that ship. / 列出内置方案。"""
    from xlperf.policy.schemes import load, offered

    said = chosen_language(lang, None)
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


@command()
def new(
    scheme: Annotated[str, typer.Argument(help="A scheme of `xlperf schemes`. / 方案。", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The workbook: .xlsx or .xlsm. / 新工作簿。", show_default=False)],
    lang: LangOption = None,
    period: PeriodOption = None,
    sample: Annotated[bool, typer.Option("--sample", help="With sample data. / 带示例数据。")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workbook from a scheme; an .xlsm has buttons and functions. / 由方案建立工作簿。"""
    from xlperf.workflows.create_book import new

    language = asked_language(lang) or "en"
    _, said = done(new(scheme, out, lang=language, period=period, sample=sample), lang, as_json)
    if as_json:
        print_json({"workbook": str(out), "scheme": scheme, "problems": []})
    else:
        say(Text(f"已建立 {out}", f"Made {out}"), said)


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
