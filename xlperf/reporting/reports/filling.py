"""Fills in the reports that are asked for, for whoever looks at them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import pandas as pd

from xlperf.core.problems import Lang, Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.access import ROLES, Scope, may_see, within
from xlperf.reporting.reports.client_reports import lost_clients, profiles, prospects
from xlperf.reporting.reports.lines import figures_of_block, lines_of, owners_of, positions_of, seen_within
from xlperf.reporting.reports.measures import BETWEEN, MARKS, Block, Chart, Level, Report, Topic
from xlperf.reporting.reports.work import routine_work
from xlperf.schema import OWNER_COLUMNS
from xlperf.schema.tables import Table
from xlperf.scoring.stages import Gathered

NOBODY = Text("未归属", "Belongs to nobody")
TOTAL, SUBTOTAL = Text("合计", "Total"), Text("小计", "subtotal")
NO_DEPARTMENT, ITSELF = Text("未分配部门", "No department"), Text("（部门本身）", "(the department itself)")


@dataclass(frozen=True)
class ReportKind:
    """One of the reports."""

    code: str
    title: Text
    level: Level
    tell: Callable[[Gathered, Lang], Topic | Text] = field(repr=False)

    @property
    def rights(self) -> tuple[str, ...]:
        """What allows somebody to see it, any one of them."""
        return ("manager_reports",) if self.level == "manager" else ("company_reports", "branch_reports")


def find_report(word: str) -> ReportKind | None:
    """Return the report that a word means: its code, its title in either language, or its number.

    >>> find_report("流失客户情况统计表").code, find_report("4").code
    ('lost-clients', 'manager-profiles')
    """
    wanted = fold(word)
    for number, each in enumerate(REPORTS.values(), start=1):
        if wanted in map(fold, (each.code, *each.title, str(number))):
            return each
    return None


def fill_reports(
    appraisal: Gathered,
    lang: Lang,
    wanted: Collection[str] = (),
    departments: Collection[str] = (),
    role: str = "",
    scope: Scope | None = None,
) -> tuple[list[Report], list[Problem]]:
    """Fill in the reports.

    Parameters
    ----------
    appraisal : one without errors
    lang : the language of the reports
    wanted : codes, titles or numbers of reports; all of them where none is given
    departments : codes or names of departments to keep to, with all below them; the whole company where none is given
    role, scope : who will look at them, and what that person may see; everything where none is given

    Returns
    -------
    reports : in their order; none that the data cannot fill or the role may not see
    problems : reports and departments that do not exist, reports left out and why
    """
    kinds, problems = _kinds(wanted)
    places, found = _departments(appraisal, departments)
    problems += found
    people = appraisal.people
    if departments:
        chosen = within(places, people.frame, people.ancestors)
        scope = chosen if scope is None else scope & chosen
    topics = {kind.tell: kind.tell(appraisal, lang) for kind in kinds}
    reports = []
    for kind in kinds:
        topic = topics[kind.tell]
        if role and not any(may_see(role, right) for right in kind.rights):
            reason = Text(f"{ROLES[role].name.zh}不能查看", f"{ROLES[role].name.en} may not see it")
            problems.append(Problem("report-left-out", details={"report": kind.title, "reason": reason}))
        elif isinstance(topic, Text):
            problems.append(Problem("report-left-out", details={"report": kind.title, "reason": topic}))
        else:
            reports.append(_report(appraisal, kind, topic, scope, lang))
    return reports, problems


def _kinds(words: Iterable[str]) -> tuple[list[ReportKind], list[Problem]]:
    read_as = {word: find_report(word) for word in words}
    known = [f"{number} {code}" for number, code in enumerate(REPORTS, start=1)]
    problems = [
        Problem("report-unknown", details={"cell": word, "known": known}) for word, kind in read_as.items() if not kind
    ]
    return [each for each in REPORTS.values() if not read_as or each in read_as.values()], problems


def _departments(appraisal: Gathered, words: Iterable[str]) -> tuple[list[str], list[Problem]]:
    """Return the departments that codes or names mean."""
    people = appraisal.people
    codes = {name: code for code, name in people.department_names.items()} | {each: each for each in people.ancestors}
    unknown = [word for word in words if word not in codes]
    problems = [Problem("department-unknown", details={"cell": word, "near": similar(word, codes)}) for word in unknown]
    return [codes[word] for word in words if word in codes], problems


REPORTS: dict[str, ReportKind] = {
    each.code: each
    for each in (
        ReportKind("profiles", Text("客户资料完成情况统计表", "Client profiles"), "department", profiles),
        ReportKind("lost-clients", Text("流失客户情况统计表", "Lost clients"), "department", lost_clients),
        ReportKind("routine-work", Text("常态化工作情况统计表", "Routine work"), "department", routine_work),
        ReportKind(
            "manager-profiles", Text("客户经理客户资料完成情况统计表", "Profiles by manager"), "manager", profiles
        ),
        ReportKind(
            "manager-lost-clients",
            Text("客户经理流失客户情况统计表", "Lost clients by manager"),
            "manager",
            lost_clients,
        ),
        ReportKind(
            "manager-routine-work", Text("客户经理常态化工作情况统计表", "Work by manager"), "manager", routine_work
        ),
        ReportKind("prospects", Text("潜在客户情况统计表", "Prospects"), "department", prospects),
        ReportKind(
            "manager-prospects", Text("客户经理潜在客户情况统计表", "Prospects by manager"), "manager", prospects
        ),
    )
}


def _report(appraisal: Gathered, kind: ReportKind, topic: Topic, scope: Scope | None, lang: Lang) -> Report:
    table = appraisal.table(topic.sheet)
    usual = OWNER_COLUMNS[topic.sheet]
    columns = {usual} | {each for block in topic.blocks for each in block.whose.values() if each in table.frame}
    owners = {column: owners_of(appraisal, table[column]) for column in sorted(columns)}
    seen = {column: seen_within(each, kind.level, scope) for column, each in owners.items()}
    every = pd.concat([each[seen[column]] for column, each in owners.items()]).drop_duplicates()
    groups = every.sort_values(["nobody", "department", "employee"]).reset_index(drop=True)
    at = {column: positions_of(each, groups) for column, each in owners.items()}
    lines = lines_of(appraisal, kind.level, topic.sheet, groups, scope)

    def figures_of(block: Block) -> pd.DataFrame:
        counting = {each.code: block.whose.get(each.code, usual) for each in topic.measures}
        known = {code: column if column in at else usual for code, column in counting.items()}
        return figures_of_block(
            block, topic.measures, lines, {code: (seen[each], at[each]) for code, each in known.items()}, len(groups)
        )

    parts = [figures_of(block) for block in topic.blocks]
    names = [block.name(lang) for block, part in zip(topic.blocks, parts, strict=True) for _ in range(len(part))]
    found = pd.concat(parts, ignore_index=True)
    labels, figures = _labels(appraisal, found, kind.level, lang), found[[each.code for each in topic.measures]]
    rows = pd.concat([pd.DataFrame({"block": names, "line": found["line"]}), labels, figures], axis=1)
    return Report(
        kind.code,
        kind.title(lang),
        f"{appraisal.scheme.name(lang)}{BETWEEN}{appraisal.period.label(lang)}",
        kind.level,
        topic.measures,
        rows,
        _check(table, owners[usual][seen[usual]], scope, lang),
        _charts(kind, topic, rows, lang),
    )


# Words ---------------------------------------------------------------------------------------------------------------


def _labels(appraisal: Gathered, rows: pd.DataFrame, level: Level, lang: Lang) -> pd.DataFrame:
    """Return what stands in front of the figures: department, and at manager level the person."""
    people = appraisal.people
    kinds, codes = rows["line"], rows["department"]
    names = codes.map(lambda code: people.department_names.get(code, code) or NO_DEPARTMENT(lang))
    below = names + " " + SUBTOTAL(lang)
    departments = names.mask(kinds == "subtotal", below).mask(kinds == "nobody", NOBODY(lang))
    labels = pd.DataFrame({"department": codes, "department_name": departments.mask(kinds == "total", TOTAL(lang))})
    if level == "department":
        return labels
    of = dict(zip(people.frame["employee_id"], people.frame["name"].fillna(""), strict=True))
    names = rows["employee_id"].map(lambda code: of.get(code, ITSELF(lang)))
    return labels.assign(employee_id=rows["employee_id"], name=names.where(kinds == "unit", ""))


def _check(table: Table, owners: pd.DataFrame, scope: Scope | None, lang: Lang) -> str:
    """Say how many rows of the sheet the report rests on, and that they are all in its total."""
    rows, nobody = len(owners), int(owners["nobody"].sum())
    sheet = table.sheet.title
    if scope is not None and not scope.company:
        return Text(
            f"只含查看范围内的 {rows} 行“{sheet.zh}”；合计只是这些行的合计。",
            f"Only the {rows} rows of the {sheet.en} sheet within the scope; the total is theirs alone.",
        )(lang)
    return Text(
        f"“{sheet.zh}”表共 {rows} 行：有归属的 {rows - nobody} 行，未归属的 {nobody} 行；全部计入合计。",
        f"{rows} rows of the {sheet.en} sheet: {rows - nobody} belong to somebody, {nobody} to nobody; "
        "the total holds all of them.",
    )(lang)


def _charts(kind: ReportKind, topic: Topic, rows: pd.DataFrame, lang: Lang) -> tuple[Chart, ...]:
    """Return the charts of a report: a rate line by line in each whole block, and what divides the total."""
    measures = {each.code: each for each in topic.measures}
    label = "department_name" if kind.level == "department" else "name"
    units = rows[(rows["line"] == "unit") & rows[topic.charted].notna()]
    of_blocks = [(block.name(lang), units[units["block"] == block.name(lang)]) for block in topic.blocks if block.whole]
    rate = measures[topic.charted]
    charts = [
        Chart(f"{name}{BETWEEN}{rate.name(lang)}", tuple(mine[label]), tuple(mine[rate.code]), rate.kind)
        for name, mine in of_blocks
    ]
    if topic.parted[0]:
        measure, begins = measures[topic.parted[0]], topic.parted[1] + dict(MARKS)[lang]
        totals = rows[rows["block"].str.startswith(begins) & (rows["line"] == "total")]
        title = f"{measure.name(lang)}{BETWEEN}{topic.parted[1]}"
        labels = tuple(totals["block"].str.removeprefix(begins))
        charts.append(Chart(title, labels, tuple(totals[measure.code]), measure.kind))
    return tuple(each for each in charts if each.labels)
