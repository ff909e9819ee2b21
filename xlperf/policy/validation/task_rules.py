"""Checks the task rules: what triggers them, when their tasks are due, of what kind they are, and what they feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xlperf.core.problems import Problem
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.conditions import ALWAYS, Operand
from xlperf.policy.conditions.tree import Ref, Shift
from xlperf.policy.scheme import Scheme, TaskRule
from xlperf.policy.validation.addressing import Check, report
from xlperf.schema import SHEETS

SHEET = "task_rules"


def check_codes_can_be_told_apart(scheme: Scheme) -> Iterator[Problem]:
    """A rule's code begins the ID of its tasks: it stands once, and holds no hyphen, which ends it there."""
    counts = Counter(rule.code for rule in scheme.task_rules)
    for position, rule in enumerate(scheme.task_rules):
        if counts[rule.code] > 1 or "-" in rule.code:
            yield from report(scheme, "task-rule-code", SHEET, "code", [position], cell=rule.code)


def check_triggers_given(scheme: Scheme) -> Iterator[Problem]:
    """A rule that is for certain clients has a day that triggers it; one of employees has every working day."""
    for position, rule in enumerate(scheme.task_rules):
        if rule.per == "employee" and (rule.trigger is not None or rule.where != ALWAYS):
            column = "trigger" if rule.trigger is not None else "where"
            name = SHEETS[SHEET][column].name
            yield from report(scheme, "task-rule-of-employees", SHEET, column, [position], rule=rule.code, column=name)
        elif rule.per != "employee" and rule.trigger is None and rule.where != ALWAYS:
            yield from report(scheme, "task-rule-no-trigger", SHEET, "trigger", [position], rule=rule.code)


def check_due_after_trigger(scheme: Scheme) -> Iterator[Problem]:
    """A task is not due before it is made, as far as the two expressions alone can tell."""
    for position, rule in enumerate(scheme.task_rules):
        if _due_too_early(rule):
            yield from report(scheme, "task-rule-due-early", SHEET, "due", [position], rule=rule.code)


def _due_too_early(rule: TaskRule) -> bool:
    base, steps = _steps(rule.due)
    if base == Ref("trigger", "date"):
        amounts = steps
    elif rule.trigger is not None and base == _steps(rule.trigger)[0]:
        amounts = Counter(steps)
        amounts.subtract(_steps(rule.trigger)[1])
    else:
        return False
    return any(amount < 0 for amount in amounts.values()) and not any(amount > 0 for amount in amounts.values())


def _steps(operand: Operand) -> tuple[Operand, Counter[str]]:
    """Return the day from which an expression counts, and how far it goes in each unit."""
    if not isinstance(operand, Shift):
        return operand, Counter()
    base, steps = _steps(operand.start)
    steps[operand.unit] += operand.amount
    return base, steps


def check_kinds_known(scheme: Scheme) -> Iterator[Problem]:
    """The kind of a task is among the choices of its column, where these are listed."""
    choices = scheme.table("choices").frame
    column = SHEETS["tasks"]["task_kind"]
    names = {fold(name) for name in (column.code, *column.name)}
    known = set(choices["value"][[fold(str(each)) in names for each in choices["column"]]].dropna())
    for position, rule in enumerate(scheme.task_rules):
        if known and rule.task_kind not in known:
            near = similar(rule.task_kind, known)
            yield from report(
                scheme, "task-kind-unknown", SHEET, "task_kind", [position], cell=rule.task_kind, near=near
            )


def check_feeds_known(scheme: Scheme) -> Iterator[Problem]:
    """The indicators that a rule feeds exist."""
    codes = [each.code for each in scheme.indicators]
    for position, rule in enumerate(scheme.task_rules):
        for code in rule.feeds:
            if code not in codes:
                details = {"cell": code, "column": SHEETS[SHEET]["feeds"].name, "sheet": SHEETS["indicators"].title}
                yield from report(
                    scheme, "code-unknown", SHEET, "feeds", [position], **details, near=similar(code, codes)
                )


def check_samples_are_shares(scheme: Scheme) -> Iterator[Problem]:
    """The share of a sample is above 0 and at most 100 %."""
    for position, rule in enumerate(scheme.task_rules):
        if not 0 < rule.sample <= 1:
            yield from report(
                scheme, "task-sample", SHEET, "sample", [position], rule=rule.code, cell=float(rule.sample)
            )


CHECKS: tuple[Check, ...] = (
    check_codes_can_be_told_apart,
    check_triggers_given,
    check_due_after_trigger,
    check_kinds_known,
    check_feeds_known,
    check_samples_are_shares,
)
