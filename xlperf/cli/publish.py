"""The commands that send out and take back: publish, collect."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    FactsOption,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    asked_language,
    chosen_language,
    command,
    done,
    facts_of,
    fail,
    print_json,
    problems_data,
    progress,
    say,
    show_problems,
)
from xlperf.core.problems import Text


class To(StrEnum):
    """Whom files are for."""

    employees = "employees"
    departments = "departments"
    company = "company"
    raters = "raters"
    figures = "figures"


class Formulas(StrEnum):
    """How figures are written that Excel could compute from others on the page."""

    values = "values"
    native = "native"


WRITING = Text("写入文件", "writing the files")
FolderOption = Annotated[Path | None, typer.Option("--output", "-o", help="The folder of the files. / 输出文件夹。")]
ToOption = Annotated[To, typer.Option("--to", help="Whom the files are for. / 发给谁。")]
PasswordsOption = Annotated[Path | None, typer.Option("--passwords", help="CSV: id,password. / 密码文件。")]
PseudonymsOption = Annotated[Path | None, typer.Option("--pseudonyms", help="CSV: id,pseudonym. / 化名文件。")]
TemplateOption = Annotated[Path | None, typer.Option("--template", help="Your own template. / 自己的模板。")]
WriteTemplateOption = Annotated[
    Path | None, typer.Option("--write-template", help="Write the template to restyle it. / 输出模板。")
]
PdfOption = Annotated[bool, typer.Option("--pdf", help="PDF files too, by LibreOffice. / 同时生成 PDF。")]
FormulasOption = Annotated[Formulas, typer.Option("--formulas", help="values or native. / 数值或公式。")]
JobsOption = Annotated[int, typer.Option("--jobs", min=0, help="Processes; 0: as many as it pays. / 进程数。")]
ClusterOption = Annotated[str, typer.Option("--cluster", help="Address of a dask scheduler. / 集群地址。")]


@command()
def publish(
    book: BookPath,
    output: FolderOption = None,
    to: ToOption = To.employees,
    passwords: PasswordsOption = None,
    pseudonyms: PseudonymsOption = None,
    template: TemplateOption = None,
    write_template: WriteTemplateOption = None,
    pdf: PdfOption = False,
    formulas: FormulasOption = Formulas.values,
    jobs: JobsOption = 0,
    cluster: ClusterOption = "",
    period: PeriodOption = None,
    facts: FactsOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one workbook for each recipient, with only what that recipient may see. / 逐人、逐部门发布。"""
    from xlperf.workflows.publish_files import plan_publication, publish_planned, refused_options
    from xlperf.workflows.publish_files import write_template as write_template_of

    refused = list(refused_options(to.value, pdf, passwords, pseudonyms))
    if refused:
        fail(refused, chosen_language(lang, None), as_json)
    sources, language = facts_of(facts, lang, as_json), asked_language(lang)
    with progress(chosen_language(lang, None), 2) as step:
        planned = plan_publication(book, to.value, period=period, facts=sources, on_step=step)
    plan, said = done(planned, lang, as_json)
    if write_template is not None:
        done(write_template_of(plan, write_template, said), lang, as_json)
        if as_json:
            print_json({"template": str(write_template), "problems": []})
        else:
            say(Text(f"模板已写入 {write_template}", f"The template is in {write_template}"), said)
        return
    with progress(said, 100) as step:
        result = publish_planned(
            plan, output, passwords=passwords, pseudonyms=pseudonyms, template=template, pdf=pdf,
            native=formulas is Formulas.native, jobs=jobs, cluster=cluster, lang=language,
            on_files=lambda count, total: step(WRITING, 100 * count / max(total, 1)),
        )  # fmt: skip
    found, said = done(result, lang, as_json)
    names = [each.name for each in found.written]
    if as_json:
        data = {"folder": str(found.folder), "manifest": str(found.manifest), "files": found.files, "written": names}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    if found.problems:
        show_problems(found.problems, said)
    new, same, folder, listed = len(names), found.unchanged, found.folder, found.manifest
    say(Text(f"写入 {new} 个文件，{same} 个没有变化。", f"Files written: {new}; unchanged: {same}."), said)
    say(Text(f"文件在 {folder}，清单在 {listed}", f"They are in {folder}, listed in {listed}"), said)


@command()
def collect(
    book: BookPath,
    files: Annotated[
        list[Path], typer.Argument(help="Forms, or folders of forms. / 填好的表或文件夹。", show_default=False)
    ],
    output: OutPath = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring filled forms back into the workbook, with where each figure came from. / 回收填好的表。"""
    from xlperf.reporting.form_returns import APPEALS, SHEET
    from xlperf.schema import SHEETS
    from xlperf.workflows.collect_forms import collect

    with progress(chosen_language(lang, None), len(files) + 3) as step:
        result = collect(book, files, output, period=period, on_step=step)
    found, said = done(result, lang, as_json)
    target = next(iter(found.written), None)
    if as_json:
        data = {"workbook": str(target or book), "files": found.forms, "collected": dict(found.answers)}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    for form, sheet in (*SHEET.items(), (APPEALS, APPEALS)):
        if form in found.answers:
            title, count = SHEETS[sheet].title, found.answers[form]
            say(Text(f"{title.zh}：{count} 个", f"{title.en}: {count}"), said)
    show_problems(found.problems, said)
    written = Text(f"已写入 {target}", f"Written to {target}")
    say(written if target is not None else Text("没有新内容，工作簿未改动。", "Nothing new: the workbook stays."), said)
