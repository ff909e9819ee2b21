"""The six reports on clients and work, by department and by client manager: what was done, in figures that reconcile.

Every report has the same shape: a block for each group of rows of its sheet (a kind of task, a reason for loss), in
each block a line for each department or person, subtotals, a line for the rows that belong to nobody, and the total of
all rows. Counts and amounts are summed, and a rate is a sum over a sum. What counts as what is said by the indicators
of the scheme where it has them: which fields a profile needs, who is lost, which tasks are due, whose a row is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from typing import Literal

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.appraised import Appraisal
from xlperf.clients import UNCLASSIFIED, UNCLASSIFIED_NAME, owner_column
from xlperf.conditions import Condition, Operand, figure, in_words, read, rows_meeting
from xlperf.conditions import Scope as Words
from xlperf.conditions.tree import All, Filled, Not, Ref
from xlperf.guide import kind_names, shown_kind
from xlperf.layout import OWNER_COLUMNS, SHEETS
from xlperf.numbers import fraction_of
from xlperf.problems import LANGUAGES, Lang, Problem, Text
from xlperf.roles import ROLES, Scope, may_see, within
from xlperf.scheme import ClientClass, Indicator
from xlperf.spelling import similar
from xlperf.tables import Table, columns_of
from xlperf.vocabulary import WORDS, fold

Level = Literal["department", "manager"]
Kind = Literal["count", "money", "share"]

NOBODY = Text("未归属", "Belongs to nobody")
TOTAL, SUBTOTAL = Text("合计", "Total"), Text("小计", "subtotal")
NO_DEPARTMENT, ITSELF = Text("未分配部门", "No department"), Text("（部门本身）", "(the department itself)")
ALL_CLIENTS, ALL_TASKS = Text("全部客户", "All clients"), Text("全部任务", "All tasks")
NOT_GIVEN, NO_KIND = Text("未填写", "not given"), Text("无类型", "no kind")

USUAL: dict[str, str] = {  # what counts where the scheme has no indicator that says so
    "opening": "opened_date < period start and "
    "(lost_date is empty or lost_date >= period start or won_back_date < period start)",
    "new": "opened_date in period",
    "base": "opened_date <= period end and "
    "(lost_date is empty or lost_date >= period start or won_back_date < period start)",
    "lost": "opened_date <= period end and lost_date in period",
    "won_back": "won_back_date in period",
    "due": "due_date in period and status <> cancelled",
    "done": "done_date <= period end",
    "on_time": "done_date <= due_date",
    "cancelled": "due_date in period and status = cancelled",
    "finished": "done_date in period",
}
AXES = ("r_level", "f_level", "m_level")
CHURN, WIN_BACK, ASSETS = "churn_rate", "win_back_rate", "lost_assets"  # the indicators that say so
NEW, COMPLETION, PUNCTUALITY = "new_clients", "task_completion_rate", "task_on_time_rate"


@dataclass(frozen=True)
class Measure:
    """A column of figures; a share is one of the others ``of`` a second, and ``over`` is the heading above several."""

    code: str
    name: Text
    kind: Kind = "count"
    of: tuple[str, str] = ("", "")
    over: Text = Text("", "")


@dataclass(frozen=True)
class Block:
    """Some ``rows`` of a sheet that are told apart from the others, and what each row adds to which measures.

    A measure that is missing does not apply here. Who has nothing in the block is shown only where it is ``whole``.
    ``whose`` names the column of owners that a measure counts for, where it is another than the usual one of the sheet.
    """

    name: Text
    figures: pd.DataFrame
    rows: np.ndarray
    whose: Mapping[str, str]
    whole: bool = True


@dataclass(frozen=True)
class Topic:
    """What a report tells, at whichever level: figures of the rows of a sheet, and the two that are worth a chart."""

    sheet: str
    measures: tuple[Measure, ...]
    blocks: tuple[Block, ...]
    charted: str
    parted: tuple[str, str] = ("", "")  # a measure, and what the names of the blocks begin with that divide it


@dataclass(frozen=True)
class Chart:
    """A few bars."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    kind: Kind


@dataclass(frozen=True)
class Report:
    """A report in one language, ready to be written.

    ``rows`` has a row a line: ``block``, ``line`` (unit, subtotal, nobody or total), ``department``,
    ``department_name``, at manager level ``employee_id`` and ``name``, and a column a measure (NaN: does not apply).
    """

    code: str
    title: str
    subtitle: str
    level: Level
    measures: tuple[Measure, ...]
    rows: pd.DataFrame
    check: str
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class ReportKind:
    """One of the six reports."""

    code: str
    title: Text
    level: Level
    tell: Callable[[Appraisal, Lang], Topic | Text] = field(repr=False)

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
    appraisal: Appraisal,
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
    assert appraisal.people is not None
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


def _departments(appraisal: Appraisal, words: Iterable[str]) -> tuple[list[str], list[Problem]]:
    """Return the departments that codes or names mean."""
    assert appraisal.people is not None
    people = appraisal.people
    codes = {name: code for code, name in people.department_names.items()} | {each: each for each in people.ancestors}
    unknown = [word for word in words if word not in codes]
    problems = [Problem("department-unknown", details={"cell": word, "near": similar(word, codes)}) for word in unknown]
    return [codes[word] for word in words if word in codes], problems


# What each report tells ----------------------------------------------------------------------------------------------


def profiles(appraisal: Appraisal, lang: Lang) -> Topic | Text:
    """Which fields of the profiles are filled in: a block for each indicator that measures completeness."""
    indicators = [each for each in appraisal.scheme.indicators if _measures(each, "clients", "completeness")]
    if not indicators:
        return Text("方案中没有衡量客户资料完整率的指标", "no indicator measures how complete profiles are")
    table, columns = appraisal.table("clients"), columns_of(appraisal.tables, "clients")
    fields = {_code(each): each for indicator in indicators for each in indicator.columns}
    names = {
        code: columns[each.code].name if isinstance(each, Ref) and each.code in columns
        else Text(*(in_words(each, tongue, columns) for tongue in LANGUAGES))
        for code, each in fields.items()
    }  # fmt: skip
    measures = (
        Measure("clients", Text("户数", "Clients")),
        Measure("complete", Text("资料齐全户数", "Complete")),
        Measure("completion", Text("资料完成率", "Completed"), "share", ("complete", "clients")),
        Measure("required", Text("应填项数", "Fields required")),
        Measure("filled", Text("已填项数", "Fields filled")),
        Measure("completeness", Text("资料完整率", "Completeness"), "share", ("filled", "required")),
        *(
            Measure(f"{part} {code}", word, over=names[code])
            for code in fields
            for part, word in (("filled", Text("已填", "filled")), ("missing", Text("缺", "missing")))
        ),
    )
    return Topic("clients", measures, tuple(_profile(appraisal, table, each) for each in indicators), "completion")


def _profile(appraisal: Appraisal, table: Table, each: Indicator) -> Block:
    """Return what each client adds to the figures of the profiles that an indicator is about."""
    found = _masks(
        appraisal, table, {"inside": _hits(each)} | {_code(column): Filled((column,)) for column in each.columns}
    )
    inside, codes = found["inside"], [_code(column) for column in each.columns]
    filled = np.column_stack([found[code] for code in codes])
    figures = {
        "clients": inside,
        "complete": inside & filled.all(axis=1),
        "required": inside * len(codes),
        "filled": inside * filled.sum(axis=1),
    }
    figures |= {f"filled {code}": inside & found[code] for code in codes}
    figures |= {f"missing {code}": inside & ~found[code] for code in codes}
    return Block(each.name, _as_figures(figures), inside, dict.fromkeys(figures, owner_column(each)))


def lost_clients(appraisal: Appraisal, lang: Lang) -> Topic | Text:
    """Who came, went and came back: all clients, by reason for the loss, and by class."""
    table = appraisal.table("clients")
    if not len(table):
        return Text("没有客户数据", "there are no clients")
    churn, back = (_indicator(appraisal, code, "clients", "share") for code in (CHURN, WIN_BACK))
    new = _indicator(appraisal, NEW, "clients", "count")
    found = _masks(
        appraisal,
        table,
        {
            "opening": _usual("clients", "opening"),
            "new": _hits(new) if new else _usual("clients", "new"),
            "lost": _hits(churn) if churn else _usual("clients", "lost"),
            "won_back": _hits(back) if back else _usual("clients", "won_back"),
            "base": churn.where if churn else _usual("clients", "base"),
        },
    )
    all_clients = _as_figures({**found, "lost_assets": _lost_assets(appraisal, table, found["lost"])})
    measures = (
        Measure("opening", Text("期初客户数", "Opening")),
        Measure("new", Text("新增客户数", "New")),
        Measure("lost", Text("流失客户数", "Lost")),
        Measure("won_back", Text("挽回客户数", "Won back")),
        Measure("base", Text("流失率基数", "Base of the rate")),
        Measure("churn_rate", Text("流失率", "Churn rate"), "share", ("lost", "base")),
        Measure("lost_assets", Text("流失资产（元）", "Assets lost (yuan)"), "money"),
    )
    reason = SHEETS["clients"]["lost_reason"].name
    gone = all_clients[["lost", "lost_assets"]]
    assets = _indicator(appraisal, ASSETS, "clients", "sum")
    whose = _whose({"new": new, "lost": churn, "base": churn, "won_back": back, "lost_assets": assets})
    everybody = Block(ALL_CLIENTS, all_clients, np.ones(len(table), bool), whose)
    reasons = _parted(replace(everybody, figures=gone), table["lost_reason"], reason, {}, NOT_GIVEN)
    blocks = (everybody, *reasons, *_classes(appraisal, table, everybody))
    return Topic("clients", measures, blocks, "churn_rate", ("lost", reason(lang)))


def _lost_assets(appraisal: Appraisal, table: Table, lost: np.ndarray) -> np.ndarray:
    """Return the assets that went with each client: as the scheme's indicator says, otherwise what they opened with."""
    each = _indicator(appraisal, ASSETS, "clients", "sum")
    if each is None:
        return np.where(lost, table["opening_assets"].fillna(0.0), 0.0)
    rows = _masks(appraisal, table, {"rows": _hits(each)})["rows"]
    return np.where(rows, _values(appraisal, table, each.columns[0]), 0.0)


def _classes(appraisal: Appraisal, table: Table, everybody: Block) -> list[Block]:
    """Return the blocks of each class of clients; of each R, F and M level where nobody has a class."""
    columns = SHEETS["clients"]
    classes = table["client_class"].where(table["client_class"] != UNCLASSIFIED)
    if classes.notna().any():
        names = {each.code: _class_name(each) for each in appraisal.scheme.client_classes}
        return _parted(everybody, classes, columns["client_class"].name, names, UNCLASSIFIED_NAME)
    known = [axis for axis in AXES if table[axis].notna().any()]
    parts = (_parted(everybody, table[axis], columns[axis].name, WORDS[axis], UNCLASSIFIED_NAME) for axis in known)
    return [*chain.from_iterable(parts)]


def _class_name(each: ClientClass) -> Text:
    """Name a class by its code, its levels and its service group."""
    words = [WORDS[axis].get(level, Text(level, level)) for axis, level in zip(AXES, each.levels, strict=True)]
    return Text(*(" ".join(filter(None, [each.code, *(word(lang) for word in [*words, each.service_group])]))
                  for lang in LANGUAGES))  # fmt: skip


def _whose(indicators: Mapping[str, Indicator | None]) -> dict[str, str]:
    """Return the columns of owners that measures count for, as the indicators say that define them."""
    return {code: owner_column(each) for code, each in indicators.items() if each is not None}


def routine_work(appraisal: Appraisal, lang: Lang) -> Topic | Text:
    """Which tasks were due, and what became of them: all of them, and by kind."""
    table = appraisal.table("tasks")
    if not len(table):
        return Text("没有任务数据", "there are no tasks")
    completion, punctuality = (_indicator(appraisal, code, "tasks", "share") for code in (COMPLETION, PUNCTUALITY))
    found = _masks(
        appraisal,
        table,
        {
            "due": completion.where if completion else _usual("tasks", "due"),
            "done": _hit(completion) or _usual("tasks", "done"),
            "on_time": _hit(punctuality) or _usual("tasks", "on_time"),
            "cancelled": _usual("tasks", "cancelled"),
            "finished": All((_usual("tasks", "finished"), Not(_usual("tasks", "cancelled")))),
        },
    )
    due = found["due"]
    done, on_time = due & found["done"], due & found["on_time"]
    figures = {
        "due": due,
        "done": done,
        "on_time": on_time,
        "late": done & ~on_time,
        "open": due & ~done,
        "cancelled": found["cancelled"],
        "finished": found["finished"],
    }
    measures = (
        Measure("due", Text("应完成", "Due")),
        Measure("done", Text("已完成", "Done")),
        Measure("on_time", Text("按期完成", "On time")),
        Measure("late", Text("逾期完成", "Late")),
        Measure("open", Text("未完成", "Open")),
        Measure("cancelled", Text("已取消", "Cancelled")),
        Measure("completion", Text("完成率", "Completion"), "share", ("done", "due")),
        Measure("punctuality", Text("及时率", "On-time rate"), "share", ("on_time", "due")),
        Measure("finished", Text("本期办结", "Finished in the period")),
    )
    tasks, names = _as_figures(figures), kind_names(appraisal.scheme, appraisal.tables)
    title = SHEETS["tasks"]["task_kind"].name
    shown = {kind: Text(*(shown_kind(kind, names, tongue) for tongue in LANGUAGES)) for kind in names}
    defined = {code: punctuality if code == "on_time" else completion for code in ("due", "done", "on_time", "open")}
    everything = Block(ALL_TASKS, tasks, np.ones(len(table), bool), _whose(defined))
    kinds = _parted(everything, table["task_kind"], title, shown, NO_KIND)
    return Topic("tasks", measures, (everything, *kinds), "completion")


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
    )
}


# Figures of rows -----------------------------------------------------------------------------------------------------


def _measures(each: Indicator, sheet: str, measure: str) -> bool:
    return each.sheet == sheet and each.measure == measure


def _indicator(appraisal: Appraisal, code: str, sheet: str, measure: str) -> Indicator | None:
    """Return the indicator of the scheme that says what counts, if it has one of this code and nature."""
    fitting = (each for each in appraisal.scheme.indicators if each.code == code and _measures(each, sheet, measure))
    return next(fitting, None)


def _hits(each: Indicator) -> Condition:
    return All((each.where, each.hit)) if each.hit is not None else each.where


def _hit(each: Indicator | None) -> Condition | None:
    return each.hit if each is not None else None


def _usual(sheet: str, code: str) -> Condition:
    return read(USUAL[code], Words.of_sheet(sheet))


def _code(column: Operand) -> str:
    return column.code if isinstance(column, Ref) else in_words(column, "en", {})


def _masks(appraisal: Appraisal, table: Table, conditions: Mapping[str, Condition]) -> dict[str, np.ndarray]:
    """Return which rows of a sheet meet some conditions."""
    assert appraisal.when is not None
    found = nw.from_native(table.frame).with_columns(
        **{f"meets {name}": rows_meeting(each, appraisal.when) for name, each in conditions.items()}
    )
    return {name: found[f"meets {name}"].to_numpy().astype(bool) for name in conditions}


def _values(appraisal: Appraisal, table: Table, column: Operand) -> np.ndarray:
    """Return the figure of each row; nothing where there is none."""
    assert appraisal.when is not None
    found = nw.from_native(table.frame).with_columns(figure(column, appraisal.when).alias("its figure"))
    return np.nan_to_num(found["its figure"].to_numpy().astype(np.float64))


def _as_figures(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame({code: np.asarray(values, np.float64) for code, values in columns.items()})


def _parted(whole: Block, values: pd.Series, title: Text, names: Mapping[str, Text], without: Text) -> list[Block]:
    """Divide a block by the values of a column: in the order of their names, the most frequent first; blanks last."""
    known, filled = {word: place for place, word in enumerate(names)}, values.fillna("").to_numpy(object)
    counts = pd.Series(filled[(whole.figures.to_numpy() != 0).any(axis=1)], dtype=object).value_counts()
    words = sorted(counts.index, key=lambda word: (word == "", known.get(word, len(known)), -counts[word], word))
    named = {word: names.get(word, Text(word, word)) if word else without for word in words}
    titles = {word: Text(*(f"{title(lang)}{mark}{named[word](lang)}" for lang, mark in _MARKS)) for word in words}
    return [replace(whole, name=titles[word], rows=filled == word, whole=False) for word in words]


_MARKS: tuple[tuple[Lang, str], ...] = (("zh", "："), ("en", ": "))


# Lines ---------------------------------------------------------------------------------------------------------------

_LAST = chr(0x10FFFF)  # sorts a subtotal behind all that it is made of
_LABELS = ["line", "department", "employee_id"]


@dataclass(frozen=True)
class _Lines:
    """The lines of a report (``frame``), and which ``group`` of rows each ``line`` holds."""

    frame: pd.DataFrame
    line: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, lines: Sequence[tuple[str, str, str, Sequence[int]]]) -> _Lines:
        """Make lines of their kind, department, employee and groups."""
        frame = pd.DataFrame([each[:3] for each in lines], columns=_LABELS, dtype=object)
        line = np.repeat(np.arange(len(lines)), [len(each[3]) for each in lines])
        return cls(frame, line, np.array([group for each in lines for group in each[3]], np.intp))

    def summed(self, groups: np.ndarray) -> np.ndarray:
        """Return the sums of the lines, of those of the groups."""
        return np.bincount(self.line, groups[self.group], len(self.frame))

    def summed_exactly(self, groups: Mapping[int, Fraction]) -> np.ndarray:
        """Return the sums of the lines, of amounts of the groups that have any."""
        sums = [Fraction(0)] * len(self.frame)
        for line, group in zip(self.line.tolist(), self.group.tolist(), strict=True):
            sums[line] += groups.get(group, 0)
        return np.array(sums, np.float64)


def _report(appraisal: Appraisal, kind: ReportKind, topic: Topic, scope: Scope | None, lang: Lang) -> Report:
    assert appraisal.period is not None
    table = appraisal.table(topic.sheet)
    usual = OWNER_COLUMNS[topic.sheet]
    columns = {usual} | {each for block in topic.blocks for each in block.whose.values() if each in table.frame}
    owners = {column: _owners(appraisal, table[column]) for column in sorted(columns)}
    seen = {column: _within(each, kind.level, scope) for column, each in owners.items()}
    every = pd.concat([each[seen[column]] for column, each in owners.items()]).drop_duplicates()
    groups = every.sort_values(["nobody", "department", "employee"]).reset_index(drop=True)
    at = {column: _positions(each, groups) for column, each in owners.items()}
    lines = _lines(appraisal, kind.level, topic.sheet, groups, scope)

    def figures_of(block: Block) -> pd.DataFrame:
        counting = {each.code: block.whose.get(each.code, usual) for each in topic.measures}
        known = {code: column if column in at else usual for code, column in counting.items()}
        return _block(
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
        f"{appraisal.scheme.name(lang)}{_BETWEEN}{appraisal.period.label(lang)}",
        kind.level,
        topic.measures,
        rows,
        _check(table, owners[usual][seen[usual]], scope, lang),
        _charts(kind, topic, rows, lang),
    )


def _owners(appraisal: Appraisal, owners: pd.Series) -> pd.DataFrame:
    """Return whose each row of a sheet is: a person with the person's department, a department itself, or nobody's."""
    assert appraisal.people is not None
    people = appraisal.people
    owner = owners.fillna("").astype(object)
    homes = dict(zip(people.frame["employee_id"], people.frame["department"].fillna("").astype(object), strict=True))
    person = owner.isin(list(homes))
    unit = ~person & owner.isin(list(people.ancestors))
    return pd.DataFrame(
        {
            "nobody": ~person & ~unit,
            "department": owner.map(homes).where(person, owner.where(unit, "")).astype(object),
            "employee": owner.where(person, ""),
        }
    )


def _positions(owners: pd.DataFrame, groups: pd.DataFrame) -> np.ndarray:
    """Return the group of each row; -1 where it has none, being out of scope."""
    numbered = owners.merge(groups.assign(group=np.arange(len(groups))), how="left")["group"]
    return numbered.fillna(-1).to_numpy(np.intp)


def _within(owners: pd.DataFrame, level: Level, scope: Scope | None) -> np.ndarray:
    """Tell which rows may be seen; those of nobody only by who sees the company."""
    if scope is None:
        return np.ones(len(owners), bool)
    inside = owners["department"].isin(scope.departments)
    if level == "manager":
        inside = (inside & (owners["employee"] == "")) | owners["employee"].isin(scope.people)
    return np.asarray(np.where(owners["nobody"], scope.company, inside), bool)


def _lines(appraisal: Appraisal, level: Level, sheet: str, groups: pd.DataFrame, scope: Scope | None) -> _Lines:
    """Return the lines of a report: departments in the order of the tree, or their people; the rest, and the total."""
    assert appraisal.people is not None
    expected = _expected(appraisal, level, sheet, scope)
    owned = groups.loc[~groups["nobody"], ["department", "employee"]]
    whose = pd.concat([owned, expected]).drop_duplicates().sort_values(["department", "employee"])
    at = {key: group for group, key in zip(owned.index, owned.itertuples(index=False, name=None), strict=True)}
    ancestors = appraisal.people.ancestors
    of_people = level == "manager"
    lines = _of_people(whose, ancestors, at) if of_people else _of_departments(whose, ancestors, at, scope)
    nobody = np.flatnonzero(groups["nobody"]).tolist()
    lines += [("nobody", "", "", nobody)] if nobody else []
    return _Lines.of([*lines, ("total", "", "", range(len(groups)))])


def _expected(appraisal: Appraisal, level: Level, sheet: str, scope: Scope | None) -> pd.DataFrame:
    """Return the people who have indicators on a sheet, and so belong on its reports even with no row of their own."""
    assert appraisal.people is not None
    frame = appraisal.people.frame
    groups = {each.group for each in appraisal.scheme.of_level("employee") if each.sheet == sheet}
    there = frame["scored"] & (frame["group"].fillna("").isin(groups) | ("" in groups))
    people = frame.loc[there, ["department", "employee_id"]].fillna("").rename(columns={"employee_id": "employee"})
    if scope is None:
        return people.astype(object)
    column, seen = ("employee", scope.people) if level == "manager" else ("department", scope.departments)
    return people[people[column].isin(seen)].astype(object)


def _of_departments(
    whose: pd.DataFrame,
    ancestors: Mapping[str, tuple[str, ...]],
    at: Mapping[tuple[str, str], int],
    scope: Scope | None,
) -> list[tuple[str, str, str, Sequence[int]]]:
    """Return a line for each department's own rows, and a subtotal for each that has others below it."""
    paths = {code: ancestors.get(code, (code,)) for code in whose["department"].unique()}
    held: dict[str, list[int]] = {code: [] for code in paths}
    for (code, _), group in at.items():
        held[code].append(group)
    lines: dict[tuple[str, ...], tuple[str, str, str, Sequence[int]]] = {
        path: ("unit", code, "", held[code]) for code, path in paths.items()
    }
    for above in {code for path in paths.values() for code in path[:-1] if scope is None or code in scope.departments}:
        inside = [group for code, path in paths.items() if above in path for group in held[code]]
        lines[*ancestors.get(above, (above,)), _LAST] = ("subtotal", above, "", inside)
    return [lines[path] for path in sorted(lines)]


def _of_people(
    whose: pd.DataFrame, ancestors: Mapping[str, tuple[str, ...]], at: Mapping[tuple[str, str], int]
) -> list[tuple[str, str, str, Sequence[int]]]:
    """Return a line for each person, department by department, with a subtotal where there is more than one."""
    lines: list[tuple[str, str, str, Sequence[int]]] = []
    departments = {str(code): list(people) for code, people in whose.groupby("department")["employee"]}
    for code in sorted(departments, key=lambda each: ancestors.get(each, (each,))):
        held = [[at[code, each]] if (code, each) in at else [] for each in departments[code]]
        lines += [("unit", code, each, group) for each, group in zip(departments[code], held, strict=True)]
        lines += [("subtotal", code, "", [*chain.from_iterable(held)])] if len(held) > 1 else []
    return lines


def _block(
    block: Block,
    measures: Sequence[Measure],
    lines: _Lines,
    whose: Mapping[str, tuple[np.ndarray, np.ndarray]],
    count: int,
) -> pd.DataFrame:
    """Return the lines of one block with their figures; ``whose`` are the rows seen and their groups, by measure."""
    rows = lines.frame.copy()
    for each in measures:
        if each.code in block.figures:
            seen, at = whose[each.code]
            picked = block.rows & seen
            values, groups = block.figures[each.code].to_numpy()[picked], at[picked]
            money = each.kind == "money"
            sums = (
                lines.summed_exactly(_amounts(values, groups))
                if money
                else lines.summed(np.bincount(groups, values, count))
            )
            rows[each.code] = sums
    plain = [each.code for each in measures if each.code in rows]
    for each in measures:
        if each.kind == "share" and set(each.of) <= set(plain):
            above, below = (rows[code].to_numpy(np.float64) for code in each.of)
            rows[each.code] = np.divide(above, below, out=np.full(len(rows), np.nan), where=below != 0)
    kept = block.whole | (rows[plain] != 0).any(axis=1) | (rows["line"] == "total")
    return rows[kept].reindex(columns=[*_LABELS, *(each.code for each in measures)])


def _amounts(values: np.ndarray, at: np.ndarray) -> dict[int, Fraction]:
    """Sum amounts to the last decimal, in whatever order they stand."""
    sums: dict[int, Fraction] = {}
    for place in np.flatnonzero(values):
        group = int(at[place])
        sums[group] = sums.get(group, Fraction(0)) + fraction_of(float(values[place]))
    return sums


# Words ---------------------------------------------------------------------------------------------------------------


def _labels(appraisal: Appraisal, rows: pd.DataFrame, level: Level, lang: Lang) -> pd.DataFrame:
    """Return what stands in front of the figures: department, and at manager level the person."""
    assert appraisal.people is not None
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
        Chart(f"{name}{_BETWEEN}{rate.name(lang)}", tuple(mine[label]), tuple(mine[rate.code]), rate.kind)
        for name, mine in of_blocks
    ]
    if topic.parted[0]:
        measure, begins = measures[topic.parted[0]], topic.parted[1] + dict(_MARKS)[lang]
        totals = rows[rows["block"].str.startswith(begins) & (rows["line"] == "total")]
        title = f"{measure.name(lang)}{_BETWEEN}{topic.parted[1]}"
        labels = tuple(totals["block"].str.removeprefix(begins))
        charts.append(Chart(title, labels, tuple(totals[measure.code]), measure.kind))
    return tuple(each for each in charts if each.labels)


_BETWEEN = "  ·  "
