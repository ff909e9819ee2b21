"""Makes a workbook that is ready to run from a table of people and figures, such as an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, Text, in_order
from xlperf.workflows.create_book import for_period, save_new, wrong_target
from xlperf.workflows.result import Result, refuse_errors, workflow

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from xlperf.policy.scheme import Scheme
    from xlperf.policy.scorecard import ScaledColumn
    from xlperf.schema.settings import Settings
    from xlperf.schema.tables import Table

USUAL_GRADES: Mapping[str, float] = {"A": 20, "B": 70, "C": 10}  # where the caller says none; they stand on Grades then
MOST_ROWS = 1_048_575  # of a sheet of Excel, below its headings


@dataclass(frozen=True)
class NewFromTableResult(Result):
    """A workbook was made from a table: of how many people, how each column is scored, who competes with whom.

    ``departments`` has the number of people of each, and nothing where everybody is one pool.
    """

    period: str
    people: int
    columns: tuple[ScaledColumn, ...]
    departments: Mapping[str, int]
    grades: Mapping[str, float]


@workflow
def new_from_table(
    output: str | Path,
    source: str | Path,
    total: Mapping[str, float],
    *,
    by: str | None = None,
    employee_id: str | None = None,
    name: str | None = None,
    grades: Mapping[str, float] | None = None,
    scales: Mapping[str, tuple[float, float]] | None = None,
    less: Collection[str] = (),
    units: Mapping[str, str] | None = None,
    lang: Lang = "en",
    period: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> NewFromTableResult:
    """Make a workbook that is ready to run from a table of people and figures, such as an export.

    Each column is an indicator, on a straight line from its worst value to its best one; grades are given by quota.

    Parameters
    ----------
    output : the file: an .xlsx, or an .xlsm with buttons and functions; one that exists is not overwritten
    source : a text file or a workbook with one row for each person
    total : the weight of each column by its heading; they add up to 100
    by : the heading of the column that says who competes with whom, such as the department; without it all do
    employee_id, name : the headings of the columns of IDs and names; found by the usual headings, if none is given
    grades : from best to worst, with the share of people in per cent; 20 % A, 70 % B and 10 % C, if none are given
    scales : worst and best value by heading; the lowest and the highest of the column, for those that are not given
    less : the headings of the columns of which less is better
    units : what the figures of a column are, by heading; the words in brackets in the heading, if none is given
    lang : of its sheets
    period : such as ``2026-10``; that of the samples, if none is given
    encoding, separator : of text files, where their contents do not decide

    Returns
    -------
    NewFromTableResult, with a warning for each column that has blank cells: what was not measured is not zero; and for
    each that sounds as if less were better although nobody says so.
    Refusal where a column is not there, a cell is no number, an ID stands there twice, or weights do not add up to 100.
    """
    from xlperf.policy.scorecard import scorecard
    from xlperf.samples import sample_period
    from xlperf.workbook.read.scorecard_table import Asked, read_scorecard_table
    from xlperf.xlsx.atomic_save import FileSnapshot

    target, quotas = Path(output), dict(grades or USUAL_GRADES)
    problems = [*wrong_target(target), *_not_100(total, "--total"), *_not_100(quotas, "--grades")]
    blank = _blank_for(period, problems)
    asked = Asked(tuple(total), employee_id, name, by)
    table, found = read_scorecard_table(Path(source), asked, encoding=encoding, separator=separator)
    problems += [*found, *_not_scored(total, {"--scale": scales or {}, "--less": less, "--unit": units or {}})]
    problems += _contradictory(scales or {}, less)
    refuse_errors(problems, None)
    assert table is not None
    problems += _too_many(len(table), len(total))
    said = _Said(scales or {}, less, units or {})
    columns = _scaled(table, Path(source).name, total, said, problems)
    refuse_errors(problems, None)
    problems += [*_less_unsaid(columns, said, table, total), *_unit_unsaid(columns, lang)]
    departments = dict(Counter(table["department"])) if by is not None else {}
    problems += _small(departments, blank.settings, table)
    when = blank.settings.period or str(getattr(sample_period(blank), "code", ""))
    scheme = scorecard(columns, quotas, lang, name=target.stem, by_department=by is not None)
    scheme = scheme.with_settings(period=when, period_kind=blank.settings.period_kind)
    tables = _tables_of(table, scheme, lang)
    save_new(scheme, tables, target, lang, FileSnapshot(target, None))
    return NewFromTableResult(
        tuple(in_order(problems)), lang, (target,), when, len(table), tuple(columns), departments, quotas
    )


def _not_100(shares: Mapping[str, float], option: str) -> Iterator[Problem]:
    """Report weights or shares that are not above zero, or do not add up to 100."""
    from xlperf.core.numbers import SHARE_TOLERANCE, fraction_of

    wrong = [name for name, share in shares.items() if not 0 < share < float("inf")]
    for name in wrong:
        yield Problem("share-not-positive", details={"cell": name, "share": float(shares[name]), "option": option})
    if wrong:
        return
    total = sum((fraction_of(float(share)) for share in shares.values()), Fraction(0))
    if abs(total - 100) > SHARE_TOLERANCE:
        listed = " + ".join(f"{name} {share:.10g}" for name, share in shares.items())
        details = {"option": option, "sum": float(total), "gap": f"{float(100 - total):+.10g}", "listed": listed or "0"}
        yield Problem("option-not-100", details=details)


def _too_many(people: int, figures: int) -> Iterator[Problem]:
    """Report more figures than a sheet has rows, each of which would take one."""
    if people * figures > MOST_ROWS:
        yield Problem("figures-too-many", details={"count": people * figures, "most": MOST_ROWS})


def _small(departments: Mapping[str, int], settings: Settings, table: Table) -> Iterator[Problem]:
    """Report departments with so few people that they will not be ranked by themselves."""
    from xlperf.core.vocabulary import WORDS

    few = [f"{name} {count}" for name, count in departments.items() if count < settings.pool_minimum]
    if few:
        policy = WORDS["small_pool"][settings.small_pool]
        details = {"departments": few, "minimum": settings.pool_minimum, "policy": policy}
        yield Problem("departments-small", table.title, table.letters["department"], details)


def _blank_for(period: str | None, problems: list[Problem]) -> Scheme:
    """Return the blank scheme for a period; report one that cannot be read."""
    from xlperf.policy.calendars import calendar_of
    from xlperf.policy.schemes import BLANK, load

    if period is not None and calendar_of(load(BLANK))[0].find(period) is None:
        problems.append(Problem("period-unreadable", details={"cell": period}))
    return for_period(load(BLANK), period)


@dataclass(frozen=True)
class _Said:
    """What the caller says of columns, by heading."""

    scales: Mapping[str, tuple[float, float]]
    less: Collection[str]
    units: Mapping[str, str]

    def ends(self, heading: str, figures: pd.Series) -> tuple[float, float]:
        """Return the worst and the best value of a column."""
        usual = (figures.max(), figures.min()) if heading in self.less else (figures.min(), figures.max())
        worst, best = self.scales.get(heading, usual)
        return float(worst), float(best)


def _not_scored(total: Mapping[str, float], options: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """Report options about columns that are not scored."""
    from xlperf.core.spelling import similar

    for option, headings in options.items():
        for heading in headings:
            if heading not in total:
                details = {"cell": heading, "option": option, "headings": list(total), "near": similar(heading, total)}
                yield Problem("column-absent", details=details)


def _contradictory(scales: Mapping[str, tuple[float, float]], less: Collection[str]) -> Iterator[Problem]:
    for heading in less:
        worst, best = scales.get(heading, (1, 0))
        if worst < best:
            details = {"column": heading, "scale": f"{worst:.10g}..{best:.10g}", "turned": f"{best:.10g}..{worst:.10g}"}
            yield Problem("scale-against-less", details=details)


def _less_unsaid(
    columns: Sequence[ScaledColumn], said: _Said, table: Table, total: Mapping[str, float]
) -> Iterator[Problem]:
    """Ask about columns that sound as if less were better, where nobody says which end is the good one."""
    from xlperf.policy.scorecard import sounds_less_is_better
    from xlperf.workbook.read.scorecard_table import figure_code

    letters = {heading: table.letters[figure_code(number)] for number, heading in enumerate(total)}
    for each in columns:
        if each.heading not in {*said.scales, *said.less} and sounds_less_is_better(each.heading):
            scale = f"{each.worst:.10g}..{each.best:.10g}"
            yield Problem("less-unsaid", table.title, letters[each.heading], {"column": each.heading, "scale": scale})


def _unit_unsaid(columns: Sequence[ScaledColumn], lang: Lang) -> Iterator[Problem]:
    from xlperf.policy.scorecard import NO_UNIT

    unsaid = [each.heading for each in columns if not each.unit]
    if unsaid:
        yield Problem("unit-unsaid", details={"columns": unsaid, "unit": NO_UNIT(lang), "first": unsaid[0]})


def _scaled(
    table: Table,
    file: str,
    total: Mapping[str, float],
    said: _Said,
    problems: list[Problem],
) -> list[ScaledColumn]:
    """Return how each column is scored; report blank figures, and columns that cannot tell people apart."""
    from xlperf.policy.scorecard import ScaledColumn, unit_in
    from xlperf.workbook.read.scorecard_table import figure_code

    columns = []
    for number, (heading, weight) in enumerate(total.items()):
        code = figure_code(number)
        figures, letter = table[code], table.letters[code]
        given = figures.dropna()
        worst, best = said.ends(heading, given)
        if given.empty or worst == best:
            value = Text("空白", "nothing") if given.empty else worst
            problems.append(Problem("column-alike", table.title, letter, {"column": heading, "cell": value}))
            continue
        off = ((figures < min(worst, best)) | (figures > max(worst, best))).to_numpy()
        if off.any():
            details = {"column": heading, "worst": worst, "best": best, "count": int(off.sum())}
            problems.append(Problem("figure-off-scale", table.title, table.cells(code, off), details))
        blank = figures.isna().to_numpy() & ~_marked(table, code)
        if blank.any():
            details = {"column": heading, "count": int(blank.sum())}
            problems.append(Problem("figure-blank", table.title, table.cells(code, blank), details))
        note = _note(file, letter, worst < best, is_given=heading in said.scales)
        columns.append(
            ScaledColumn(heading, float(weight), worst, best, note, said.units.get(heading, unit_in(heading)))
        )
    return columns


def _marked(table: Table, code: str) -> np.ndarray:
    """Return which figures are marked as not applicable."""
    import numpy as np

    return table.not_applicable.get(code, np.zeros(len(table), bool))


def _note(file: str, letter: str, more_is_better: bool, is_given: bool) -> Text:
    if is_given:
        return Text(f"来自 {file} 的 {letter} 列。", f"Column {letter} of {file}.")
    if more_is_better:
        zh, en = "最低值得 0 分，最高值得满分", "its lowest value earns nothing, its highest the full points"
    else:
        zh, en = "最高值得 0 分，最低值得满分", "its highest value earns nothing, its lowest the full points"
    return Text(f"来自 {file} 的 {letter} 列；{zh}。", f"Column {letter} of {file}; {en}.")


def _tables_of(table: Table, scheme: Scheme, lang: Lang) -> dict[str, Table]:
    """Return the input sheets: who is there, and one figure a row, a blank one where there is none."""
    import numpy as np
    import pandas as pd

    from xlperf.schema.tables import table_of
    from xlperf.workbook.read.scorecard_table import figure_code

    people = table.frame[[code for code in ("employee_id", "name", "department") if code in table.frame]]
    codes = [figure_code(number) for number in range(len(scheme.indicators))]
    marked = np.column_stack([_marked(table, code) for code in codes]).ravel()
    actuals = pd.DataFrame(
        {
            "period": scheme.settings.period,
            "employee_id": np.repeat(people["employee_id"].to_numpy(), len(codes)),
            "indicator": [each.code for each in scheme.indicators] * len(table),
            "actual": table.frame[codes].to_numpy().ravel(),
            "not_applicable": ["yes" if each else None for each in marked],
        }
    )
    sheets = {"employees": people.assign(status="active"), "actuals": actuals}
    if "department" in people:
        names = sorted(people["department"].unique())
        sheets["departments"] = pd.DataFrame({"department": names, "department_name": names})
    return {code: table_of(code, frame, lang) for code, frame in sheets.items()}
