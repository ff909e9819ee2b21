"""The command of the reports: how client profiles, losses and routine work stand, and the task guide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    progress,
    say,
    show_problems,
)
from xlperf.core.problems import Lang, Problem, Text, has_errors, in_order

if TYPE_CHECKING:
    from xlperf.policy.access import Scope
    from xlperf.reporting.forms import Form
    from xlperf.reporting.reports import Report
    from xlperf.scoring.stages import Appraisal

ReportOption = Annotated[list[str] | None, typer.Option("--report", help="A report by code, title or number. / 报表。")]
DepartmentOption = Annotated[list[str] | None, typer.Option("--department", help="With all below it. / 部门及其下级。")]
RoleOption = Annotated[str | None, typer.Option("--role", help="company, branch or employee. / 查看者的角色。")]
PersonOption = Annotated[str | None, typer.Option("--person", help="Who looks: an employee ID. / 查看者工号。")]
GUIDE = "task-guide"


@app.command()
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
    from xlperf.workbook.write.reports import write_reports

    target = output or book.with_name(f"{book.stem}-reports.xlsx")
    refused = _refusals(book, target, role, person)
    if refused:
        fail(refused, chosen_language(lang, "en"), as_json)
    with progress(chosen_language(lang, "en"), 4) as step:
        ours, appraisal = appraised(book, period, step)
        said = chosen_language(lang, ours.lang)
        if appraisal.failed:
            step(None)
            fail(appraisal.problems, said, as_json)
        step(Text("统计", "counting"))
        scope, problems = _scope(appraisal, role, person)
        filled, found = (
            _filled(appraisal, said, report or [], department or [], role, scope) if not problems else ([], [])
        )
        guide = _guide(appraisal, said, report or [])
        problems += found
        if has_errors(problems) or not (filled or guide):
            step(None)
            fail(problems, said, as_json)
        step(Text("写入报表", "writing the reports"))
        guarded(lambda: write_reports(filled, guide, target, said), said, as_json)
    if as_json:
        typer.echo(_json(filled, guide, problems, target, said))
        return
    for title in (*(each.title for each in filled), *(each.title for each in guide)):
        console().print(f"  {title}", markup=False)
    show_problems(problems, said)
    say(Text(f"报表已写入 {target}", f"The reports are in {target}"), said)


def _refusals(book: Path, target: Path, role: str | None, person: str | None) -> list[Problem]:
    """Refuse a target that is no workbook or the workbook itself, and a role that is none or needs a person."""
    from xlperf.policy.access import ROLES, find_role

    if target.suffix != ".xlsx":
        return [Problem("file-kind", details={"cell": target.name})]
    if target.resolve() == book.resolve():
        return [Problem("reports-into-book", details={"cell": target.name})]
    found = find_role(role) if role else None
    if role and found is None:
        return [Problem("role-unknown", details={"cell": role, "known": list(ROLES)})]
    if found is not None and found.reach != "company" and not person:
        return [Problem("role-without-person", details={"role": found.name})]
    return []


def _scope(appraisal: Appraisal, role: str | None, person: str | None) -> tuple[Scope | None, list[Problem]]:
    from xlperf.core.spelling import similar
    from xlperf.policy.access import find_role, scope_of

    people = appraisal.people
    found = find_role(role) if role else None
    if found is None or people is None:
        return None, []
    if person and person not in set(people.ids):
        return None, [Problem("person-unknown", details={"cell": person, "near": similar(person, people.ids)})]
    return scope_of(found.code, person or "", people.frame, people.ancestors), []


def _filled(
    appraisal: Appraisal, lang: Lang, wanted: list[str], departments: list[str], role: str | None, scope: Scope | None
) -> tuple[list[Report], list[Problem]]:
    from xlperf.policy.access import find_role
    from xlperf.reporting.reports import fill_reports

    named = [each for each in wanted if each != GUIDE]
    if wanted and not named:
        return [], []
    found = find_role(role) if role else None
    return fill_reports(appraisal, lang, named, departments, found.code if found else "", scope)


def _guide(appraisal: Appraisal, lang: Lang, wanted: list[str]) -> list[Form]:
    from xlperf.reporting.forms.guide import guide_forms

    return guide_forms(appraisal, lang) if not wanted or GUIDE in wanted else []


def _json(filled: list[Report], guide: list[Form], problems: list[Problem], target: Path, lang: Lang) -> str:
    reports = [
        {"report": each.code, "title": each.title, "check": each.check,
         "rows": json.loads(each.rows.to_json(orient="records", double_precision=15))}
        for each in filled
    ]  # fmt: skip
    shown = [each.as_dict(lang) for each in in_order(problems)]
    data = {"workbook": str(target), "reports": reports, "guide": [each.code for each in guide], "problems": shown}
    return json.dumps(data, ensure_ascii=False, indent=2)
