"""Does what is left to do at the end of a period, in the right order: each step once, none passed over in silence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from xlperf.core.problems import LANGUAGES, Problem, Text, counted, in_order
from xlperf.reporting.home_page import StepCode
from xlperf.workflows.appraise_book import RunResult, check, run
from xlperf.workflows.begin_period import PeriodResult, roll
from xlperf.workflows.book_status import StatusResult, command_line, named_after, status
from xlperf.workflows.collect_forms import CollectResult, collect
from xlperf.workflows.publish_files import PublishResult, publish
from xlperf.workflows.result import OnStep, Refused, Result, no_step, workflow
from xlperf.workflows.store import BookOrPath

if TYPE_CHECKING:
    from xlperf.core.periods import Period
    from xlperf.policy.scheme import Scheme

Decision = Literal["do", "pass", "stop"]
MAY_BE_PASSED: frozenset[StepCode] = frozenset({"filled", "published", "collected", "appealed"})
BY_PEOPLE: frozenset[StepCode] = frozenset({"filled", "calibrated", "appealed"})  # nobody else can decide or fill in


@dataclass(frozen=True)
class StepDone(Result):
    """A step was done, or passed over: what came of it in words."""

    step: StepCode
    said: Text
    passed_over: bool = False


@dataclass(frozen=True)
class MonthEndResult(Result):
    """How far the routine came: what was done, whether the period has ended, and how far the work is now.

    ``problems`` are those that stand in the way, where it has not ended.
    """

    steps: tuple[StepDone, ...]
    ended: bool
    status: StatusResult


Decide = Callable[[StatusResult, bool], Decision]  # whether to go on; the second says if xlperf can do the step itself


def go_on(_: StatusResult, can_be_done: bool) -> Decision:
    """Do what can be done and pass over the rest: what a routine does where nobody is asked.

    Parameters
    ----------
    can_be_done : whether xlperf can take the step itself
    """
    return "do" if can_be_done else "pass"


@workflow
def month_end(
    book: BookOrPath,
    *,
    decide: Decide = go_on,
    on_done: Callable[[StepDone], None] | None = None,
    on_step: OnStep = no_step,
) -> MonthEndResult:
    """Take the steps that are left of a period: collect, check, run, publish, and begin the next one.

    It goes by :func:`status`, so that it can be broken off and taken up again at any step.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    decide : called before each step; without it, whatever can be done is done. Filling in and publishing may be passed
        over, and so may forms that have not come back and appeals; checking, running, calibrating and rolling may not
    on_done : called with each step that was done or passed over
    on_step : called with a sentence at each step of the work

    Returns
    -------
    MonthEndResult; Refusal where the workbook cannot be read.
    """
    steps: list[StepDone] = []
    passed: set[StepCode] = set()
    while True:
        now = _status(book, passed, on_step)
        step, verb = now.next.step, now.next.verb
        if verb == "status":
            return MonthEndResult((), now.lang, _written(steps), tuple(steps), True, now)
        if step == "checked":
            return _stopped(check(book, on_step=on_step).problems, now, steps)
        tried = {each.step for each in steps}
        waits = step == "collected" and (step in tried or not now.next.words[-1].is_dir())
        can_be_done = step not in BY_PEOPLE and not waits
        decision = decide(now, can_be_done)
        passes = decision == "pass" or not can_be_done
        if decision == "stop" or (passes and step not in MAY_BE_PASSED):
            return _stopped((), now, steps)
        if passes:
            passed.add(step)
            done: Result = StepDone((), now.lang, (), step, _left(now), passed_over=True)
        else:
            done = _done(book, now, on_step)
        if not isinstance(done, StepDone):
            return _stopped(done.problems, now, steps)
        steps.append(done)
        if on_done is not None:
            on_done(done)


def _status(book: BookOrPath, passed: Collection[StepCode], on_step: OnStep) -> StatusResult:
    now = status(book, passed_over=passed, on_step=on_step)
    if not isinstance(now, StatusResult):
        raise Refused(now.problems, now.lang)
    return now


def _written(steps: list[StepDone]) -> tuple[Path, ...]:
    return tuple(path for each in steps for path in each.written)


def _stopped(problems: tuple[Problem, ...], now: StatusResult, steps: list[StepDone]) -> MonthEndResult:
    return MonthEndResult(tuple(in_order(problems)), now.lang, _written(steps), tuple(steps), False, now)


def _left(now: StatusResult) -> Text:
    seen = next(each.seen for each in now.steps if each.code == now.next.step)
    return Text(f"未做：{seen.zh.rstrip('。')}。", f"Passed over: {seen.en.rstrip('.')}.")


def _done(book: BookOrPath, now: StatusResult, on_step: OnStep) -> Result:
    """Do the next step; a refusal comes back as it is."""
    match now.next.step:
        case "collected":
            result: Result = collect(book, on_step=on_step)
        case "run":
            result = run(book, on_step=on_step)
        case "published":
            result = publish(book, on_step=on_step)
        case _:
            result = roll(book, now.next.words[-1], on_step=on_step)
    said = _told(result, now)
    if said is None:
        return result
    problems = list(result.problems)
    if isinstance(result, PeriodResult):
        problems = [*_due(result.plan.book.scheme, result.plan.ended, now)]
    return StepDone(tuple(in_order(problems)), result.lang, result.written, now.next.step, said)


def _told(result: Result, now: StatusResult) -> Text | None:
    """Say what came of a step; None of a refusal."""
    if isinstance(result, CollectResult):
        answers = sum(result.answers.values())
        return Text(
            f"收回 {result.forms} 份表，{answers} 项填报。",
            f"Forms collected: {result.forms}, with {answers} answers.",
        )
    if isinstance(result, RunResult):
        count = counted(result.problems)
        return Text(f"结果已写入工作簿：{count.zh}", f"The results are in the workbook: {count.en}")
    if isinstance(result, PublishResult):
        new, same, folder = len(result.written), result.unchanged, result.folder
        return Text(
            f"写入 {new} 个文件，{same} 个没有变化，在 {folder}。",
            f"Files written: {new}; unchanged: {same}; in {folder}.",
        )
    if isinstance(result, PeriodResult):
        plan, target = result.plan, now.next.words[-1]
        emptied = plan.emptied.values()
        return Text(
            f"{plan.begun.label('zh')}在 {target} 中开始；清空：{'、'.join(emptied) or '无'}。",
            f"{plan.begun.label('en')} begins in {target}; emptied: {', '.join(emptied) or 'nothing'}.",
        )
    return None


def _due(scheme: Scheme, ended: Period, now: StatusResult) -> Iterator[Problem]:
    """Tell of longer periods that end with this one and are made of their periods."""
    from xlperf.policy.calendars import calendar_of

    calendar, path = calendar_of(scheme)[0], now.next.words[0]
    kinds = {each.period_kind for each in scheme.parts}
    longer = calendar.parent(ended)
    while longer is not None and longer.end == ended.end:
        if longer.kind in kinds:
            target = named_after(path, ended, longer)
            names = [Text(*(each.label(lang) for lang in LANGUAGES)) for each in (longer, ended)]
            roll_it = f"{command_line('roll', path, target)} --period {longer.code}"
            details = {"longer": names[0], "period": names[1], "roll": roll_it, "run": command_line("run", target)}
            yield Problem("quarter-due", details=details)
        longer = calendar.parent(longer)
