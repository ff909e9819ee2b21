"""Writes the client and work reports and the task guide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, Text, in_order
from xlperf.workflows.appraise_book import appraised
from xlperf.workflows.fill_forms import target_beside
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, refusing, workflow
from xlperf.workflows.store import BookOrPath, store_of

if TYPE_CHECKING:
    from xlperf.policy.access import Scope
    from xlperf.reporting.forms import Form
    from xlperf.reporting.reports import Report
    from xlperf.scoring.stages import Gathered

GUIDE = "task-guide"


@dataclass(frozen=True)
class ReportsResult(Result):
    """The reports, and the pages of the task guide."""

    reports: tuple[Report, ...]
    guide: tuple[Form, ...]


@workflow
def reports(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    report: Sequence[str] = (),
    department: Sequence[str] = (),
    role: str | None = None,
    person: str | None = None,
    period: str | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> ReportsResult:
    """Write the client and work reports and the task guide, all or of one role.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    output : the workbook of the reports; ``NAME-reports.xlsx`` beside the workbook, if none is given
    report : reports by code, title or number; ``task-guide`` is the guide
    department : only these, with all below them
    role, person : who looks: company, branch or employee, and the employee ID; nobody sees more than the role may
    period, lang, on_step : as for :func:`xlperf.run`

    Returns
    -------
    ReportsResult; Refusal where a sheet has errors, or something named is not known.
    """
    from xlperf.scoring.stages import Gathered
    from xlperf.workbook.write.reports import write_reports

    store = store_of(book)
    target = target_beside(store.path, output, "reports", "reports-into-book")
    refuse_errors(_refused_role(role, person), None)
    ours, appraisal = appraised(store, period, None, on_step)
    if not isinstance(appraisal, Gathered):
        raise Refused(appraisal.problems, ours.lang)
    refuse_errors(appraisal.problems, ours.lang)
    said = lang or ours.lang
    on_step(Text("统计", "counting"))
    scope, problems = _scope(appraisal, role, person)
    refuse_errors(problems, ours.lang)
    filled, problems = _filled(appraisal, said, report, department, role, scope)
    guide = _guide(appraisal, said, report)
    refuse_errors(problems, ours.lang)
    if not (filled or guide):
        raise Refused(problems, ours.lang)
    on_step(Text("写入报表", "writing the reports"))
    with refusing(ours.lang):
        write_reports(filled, guide, target, said)
    return ReportsResult(tuple(in_order(problems)), ours.lang, (target,), tuple(filled), tuple(guide))


def _refused_role(role: str | None, person: str | None) -> list[Problem]:
    """Refuse a role that is none, or that needs a person."""
    from xlperf.policy.access import ROLES, find_role

    found = find_role(role) if role else None
    if role and found is None:
        return [Problem("role-unknown", details={"cell": role, "known": list(ROLES)})]
    if found is not None and found.reach != "company" and not person:
        return [Problem("role-without-person", details={"role": found.name})]
    return []


def _scope(appraisal: Gathered, role: str | None, person: str | None) -> tuple[Scope | None, list[Problem]]:
    from xlperf.core.spelling import similar
    from xlperf.policy.access import find_role, scope_of

    people = appraisal.people
    found = find_role(role) if role else None
    if found is None:
        return None, []
    if person and person not in set(people.ids):
        return None, [Problem("person-unknown", details={"cell": person, "near": similar(person, people.ids)})]
    return scope_of(found.code, person or "", people.frame, people.ancestors), []


def _filled(
    appraisal: Gathered,
    lang: Lang,
    wanted: Sequence[str],
    departments: Sequence[str],
    role: str | None,
    scope: Scope | None,
) -> tuple[list[Report], list[Problem]]:
    from xlperf.policy.access import find_role
    from xlperf.reporting.reports import fill_reports

    named = [each for each in wanted if each != GUIDE]
    if wanted and not named:
        return [], []
    found = find_role(role) if role else None
    return fill_reports(appraisal, lang, named, list(departments), found.code if found else "", scope)


def _guide(appraisal: Gathered, lang: Lang, wanted: Sequence[str]) -> list[Form]:
    from xlperf.reporting.forms.guide import guide_forms

    return guide_forms(appraisal, lang) if not wanted or GUIDE in wanted else []
