"""The commands of the reports, how client profiles, losses and routine work stand, and of the tables as CSV files."""

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
    done,
    print_json,
    print_line,
    problems_data,
    progress,
    records,
    say,
    show_problems,
)
from xlperf.core.problems import Text

ReportOption = Annotated[list[str] | None, typer.Option("--report", help="A report by code, title or number. / 报表。")]
DepartmentOption = Annotated[list[str] | None, typer.Option("--department", help="With all below it. / 部门及其下级。")]
RoleOption = Annotated[str | None, typer.Option("--role", help="company, branch or employee. / 查看者的角色。")]
PersonOption = Annotated[str | None, typer.Option("--person", help="Who looks: an employee ID. / 查看者工号。")]


@command()
def reports(
    book: BookPath,
    output: OutPath = None,
    report: ReportOption = None,
    department: DepartmentOption = None,
    role: RoleOption = None,
    person: PersonOption = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the client and work reports and the task guide, all or of one role. / 生成统计报表和任务说明。"""
    from xlperf.workflows.fill_reports import reports

    language = asked_language(lang)
    with progress(chosen_language(lang, None), 4) as step:
        result = reports(
            book, output, report=report or (), department=department or (), role=role, person=person,
            period=period, lang=language, on_step=step,
        )  # fmt: skip
    found, said = done(result, lang, as_json)
    (target,) = found.written
    if as_json:
        filled = [
            {"report": each.code, "title": each.title, "check": each.check, "rows": records(each.rows)}
            for each in found.reports
        ]
        data = {"workbook": str(target), "reports": filled, "guide": [each.code for each in found.guide]}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    for title in (*(each.title for each in found.reports), *(each.title for each in found.guide)):
        print_line(f"  {title}")
    show_problems(found.problems, said)
    say(Text(f"报表已写入 {target}", f"The reports are in {target}"), said)


FolderOption = Annotated[Path, typer.Option("--output", "-o", help="The folder. / 写入的文件夹。")]
BomOption = Annotated[bool, typer.Option("--bom/--no-bom", help="With the mark by which Excel knows UTF-8. / 带 BOM。")]


@command()
def export(
    book: BookPath,
    output: FolderOption,
    bom: BomOption = True,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write every output table as a CSV file into a folder. / 把全部结果表导出为 CSV 文件。"""
    from xlperf.workflows.export_tables import export

    language = asked_language(lang)
    with progress(chosen_language(lang, None), 3) as step:
        result = export(book, output, period=period, bom=bom, lang=language, on_step=step)
    found, said = done(result, lang, as_json)
    if as_json:
        files = [str(each) for each in found.written]
        print_json({"files": files, "problems": problems_data(found.problems, said)})
        return
    for each in found.written:
        print_line(f"  {each.name}")
    show_problems(found.problems, said)
    say(Text(f"CSV 已写入 {output}", f"The CSV files are in {output}"), said)
