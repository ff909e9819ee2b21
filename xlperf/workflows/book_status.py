"""Tells how far the work on a period is, and what comes next: from the workbook and the files beside it alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import LANGUAGES, Text
from xlperf.reporting.home_page import (
    NO_FORMS,
    NOT_YET,
    Step,
    StepCode,
    appealed_step,
    asked_for,
    calibrated_step,
    checked_step,
    filled_step,
)
from xlperf.workflows.appraise_book import appraised
from xlperf.workflows.result import OnStep, Result, no_step, workflow
from xlperf.workflows.store import BookOrPath, file_of, store_of

if TYPE_CHECKING:
    from xlperf.core.periods import Period
    from xlperf.reporting.placeholders import Audience, FormAudience
    from xlperf.workbook.read.book import Book


@dataclass(frozen=True)
class NextStep:
    """What comes next, the step that it belongs to, and the command that does it.

    ``verb`` and ``words`` are the command in pieces; a step that only people can do has ``check`` or ``status``.
    """

    step: StepCode
    what: Text
    verb: str
    words: tuple[Path, ...]

    @property
    def command(self) -> str:
        """The command as one types it."""
        return command_line(self.verb, *self.words)


@dataclass(frozen=True)
class StatusResult(Result):
    """How far the work on a period is: the steps in order, and the next one."""

    period: str | None
    steps: tuple[Step, ...]
    next: NextStep


@workflow
def status(
    book: BookOrPath,
    *,
    facts: Mapping[str, str] | None = None,
    passed_over: Collection[StepCode] = (),
    on_step: OnStep = no_step,
) -> StatusResult:
    """Tell how far the work on the period of a workbook is, and what comes next; nothing is written.

    Published files are looked for in ``NAME-published`` beside the workbook, filled forms in ``NAME-returned``, and the
    next period in the workbooks of its folder.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    facts : sheets whose rows come from outside, and where from
    passed_over : steps that are not the next one, although they are not done
    on_step : called with a sentence at each step

    Returns
    -------
    StatusResult; Refusal where the workbook cannot be read.
    """
    from xlperf.reporting.placeholders import FORMS
    from xlperf.workbook.read.files_beside import next_books, published_files, run_record, shows_period

    store = store_of(book)
    ours, appraisal = appraised(store, None, facts, on_step)
    path = file_of(store, ours.lang)
    period = appraisal.period
    files = published_files(path.with_name(f"{path.stem}-published"))
    now = {each for each, found in files.items() if period is not None and shows_period(found[0], period)}
    forms = {each: files[each] for each in FORMS if each in now}
    later = next_books(ours, path, period, appraisal.calendar) if period is not None else []
    more = asked_for(ours.scheme, ours.tables)
    every = (
        filled_step(ours.scheme, ours.tables, period is not None),
        _sent(forms),
        _collected(forms, ours, path),
        checked_step(appraisal.problems),
        _run(ours, run_record(path), period),
        calibrated_step(appraisal),
        _published(files, now),
        appealed_step(appraisal),
        _rolled(later),
    )
    steps = tuple(each for each in every if each.code in more or each.code not in ("calibrated", "appealed"))
    following = appraisal.calendar.next(period) if period is not None else None
    code = period.code if period is not None else None
    return StatusResult((), ours.lang, (), code, steps, _next(path, steps, later, period, following, passed_over))


# What is done -----------------------------------------------------------------------------------------------------


def _run(ours: Book, record: Mapping[str, str], period: Period | None) -> Step:
    """The Run sheet names the inputs that stand there now."""
    if not record:
        return Step("run", False, NOT_YET)
    if period is not None and not _names_period(record, period):
        return Step("run", False, Text("尚未；结果工作表是上期的", "not yet; the sheets of results are the old ones"))
    if ours.fingerprint in record.values():
        return Step("run", True, Text("结果与现有数据一致", "the results are those of the data as they are"))
    return Step("run", False, Text("计算之后数据或政策有改动", "data or policy have changed since the run"))


def _names_period(record: Mapping[str, str], period: Period) -> bool:
    labels = {f"{period.label(lang)} (" for lang in LANGUAGES}
    return any(value.startswith(label) for value in record.values() for label in labels)


def _published(files: Mapping[Audience, list[Path]], now: set[Audience]) -> Step:
    """Files for people, departments or the company show the period; ``now`` are the audiences of which they do."""
    from xlperf.reporting.placeholders import AUDIENCES, FORMS

    ours = {audience: len(found) for audience, found in files.items() if audience not in FORMS}
    shown = {audience: count for audience, count in ours.items() if audience in now} or ours
    if not shown:
        return Step("published", False, NOT_YET)
    zh = "，".join(f"{AUDIENCES[each].zh} {count}" for each, count in shown.items())
    en = ", ".join(f"{AUDIENCES[each].en} {count}" for each, count in shown.items())
    if now & ours.keys():
        return Step("published", True, Text(f"文件：{zh}", f"files: {en}"))
    return Step("published", False, Text(f"文件不是本期的：{zh}", f"files that do not show this period: {en}"))


def _sent(forms: Mapping[FormAudience, list[Path]]) -> Step:
    """Forms of the period are among the published files."""
    from xlperf.reporting.placeholders import AUDIENCES

    zh = "，".join(f"{AUDIENCES[each].zh} {len(found)}" for each, found in forms.items())
    en = ", ".join(f"{AUDIENCES[each].en} {len(found)}" for each, found in forms.items())
    return Step("sent", True, Text(zh, en)) if forms else Step("sent", None, NO_FORMS)


def _collected(forms: Mapping[FormAudience, list[Path]], ours: Book, path: Path) -> Step:
    """As many forms came back as were sent out: rows that were collected say what file they came from."""
    from xlperf.reporting.form_returns import SHEET
    from xlperf.schema import ORIGIN
    from xlperf.workflows.write_reminders import reminded_people

    sent = sum(map(len, forms.values()))
    if not sent:
        return Step("collected", None, NO_FORMS)
    back = 0
    for form, found in forms.items():
        table = ours.tables.get(SHEET[form])
        columns = [] if table is None else [table[name].dropna() for name in ORIGIN["file"] if name in table.frame]
        back += min(len(found), len({name for column in columns for name in column}))
    zh, en = f"{sent} 份收回 {back} 份", f"{back} of {sent}"
    if back < sent and path.with_name(f"{path.stem}-returned").is_dir():
        zh, en = f"{zh}；交回的文件夹已在", f"{en}; the folder of returned forms is there"
    reminded = reminded_people(path.with_name(f"{path.stem}-reminders"))
    if back < sent and reminded:
        zh, en = f"{zh}；提醒已写给 {reminded} 人", f"{en}; reminders written: {reminded}"
    return Step("collected", back == sent, Text(zh, en))


def _rolled(later: list[Path]) -> Step:
    if not later:
        return Step("rolled", False, NOT_YET)
    names = [each.name for each in later]
    return Step("rolled", True, Text("、".join(names), ", ".join(names)))


# What comes next ----------------------------------------------------------------------------------------------------


def _next(
    path: Path,
    steps: tuple[Step, ...],
    later: list[Path],
    period: Period | None,
    following: Period | None,
    passed_over: Collection[StepCode],
) -> NextStep:
    """Return the first thing that is left to do; forms come back before what they say is checked and run."""
    step = {each.code: replace(each, done=True) if each.code in passed_over else each for each in steps}

    def to_do(code: StepCode, zh: str, en: str, command: str, *words: Path) -> NextStep:
        seen = step[code].seen
        more = Text("", "") if seen == NOT_YET else Text(f"（{seen.zh.rstrip('。')}）", f" ({seen.en.rstrip('.')})")
        return NextStep(code, Text(f"{zh}{more.zh}。", f"{en}{more.en}."), command, words)

    if later and step["run"].done:
        return to_do("rolled", "本期已结束，到下期的工作簿继续", "Go on with the next period", "status", later[0])
    if step["collected"].done is False:
        folder = path.with_name(f"{path.stem}-returned")
        return to_do("collected", "回收表格", "Collect the forms", "collect", path, folder)
    if not step["filled"].done and not step["run"].done:  # what is empty may be so for good reason
        return to_do("filled", "填写工作簿", "Fill in the workbook", "check", path)
    if not step["checked"].done:
        return to_do("checked", "改正问题", "Mend the problems", "check", path)
    if not step["run"].done:
        return to_do("run", "计算", "Compute the results", "run", path)
    if "calibrated" in step and not step["calibrated"].done:
        return to_do(
            "calibrated", "校准等级并定稿", "Calibrate the grades, and close the calibration", "calibrate", path
        )
    if not step["published"].done:
        return to_do("published", "发布结果", "Publish the results", "publish", path)
    if "appealed" in step and step["appealed"].done is False:
        return to_do("appealed", "处理申诉", "Decide the appeals", "appeals", path)
    target = named_after(path, period, following)
    return to_do("rolled", "转入下期", "Begin the next period", "roll", path, target)


def named_after(path: Path, period: Period | None, following: Period | None) -> Path:
    """Name the workbook of another period: its own period in the name gives way to that one."""
    name = path.stem.removesuffix(f"-{period.code}") if period else path.stem
    return path.with_name(f"{name}-{following.code if following else 'next'}{path.suffix}")


def command_line(command: str, *words: str | Path) -> str:
    """Write a command as one types it.

    >>> command_line("run", "my book.xlsx")
    'xlperf run "my book.xlsx"'
    """
    return " ".join(["xlperf", command, *map(_quoted, map(str, words))])


def _quoted(word: str) -> str:
    return f'"{word}"' if any(map(str.isspace, word)) else word
