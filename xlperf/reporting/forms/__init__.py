"""The printable forms: what stands on each of them, filled in from a finished appraisal.

``FORMS`` holds every form in the order of the numbers by which a scheme cites them. A builder returns the form, or says
why the data cannot fill it. How a form looks on paper is the business of ``workbook.write.print_forms``.

Nouns: a form, its pages and blocks. A new form is a builder in ``general`` or ``personal`` and an entry in ``FORMS``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from xlperf.core.problems import Lang, Problem, Text
from xlperf.core.vocabulary import fold
from xlperf.reporting.forms import general, personal
from xlperf.reporting.forms.form_data import FormData, titled
from xlperf.reporting.forms.paper import Form
from xlperf.reporting.output_tables import outputs
from xlperf.scoring.roster import find_person
from xlperf.scoring.stages import Completed

__all__ = ["FORMS", "Form", "FormKind", "fill_forms", "find_form", "find_people"]


@dataclass(frozen=True)
class FormKind:
    """One of the forms: its code, its title, and what fills it in."""

    code: str
    title: Text
    build: Callable[[FormData], Form | Text]


FORMS: dict[str, FormKind] = {
    each.code: each
    for each in (
        FormKind("job-description", general.JOB_TITLE, general.job_descriptions),
        FormKind("targets", personal.TARGETS_TITLE, personal.targets),
        FormKind("feedback-card", personal.CARD_TITLE, personal.feedback_card),
        FormKind("questionnaire", personal.QUESTIONNAIRE_TITLE, personal.questionnaire),
        FormKind("monthly-record", titled(*personal.RECORD_TITLE), personal.record),
        FormKind("monthly-statistics", titled(*general.STATISTICS_TITLE), general.monthly_statistics),
        FormKind("yearly-statistics", titled(*general.STATISTICS_TITLE, "year"), general.yearly_statistics),
    )
}


def find_form(word: str) -> FormKind | None:
    """Return the form that a word means: its code, its title in either language, or its number.

    >>> find_form("表1").code, find_form("Feedback card").code, find_form("7").code
    ('job-description', 'feedback-card', 'yearly-statistics')
    """
    wanted = fold(word)
    for number, each in enumerate(FORMS.values(), start=1):
        if wanted in map(fold, (each.code, *each.title, f"{number}", f"表{number}", f"form {number}")):
            return each
    return None


def fill_forms(
    appraisal: Completed,
    lang: Lang,
    wanted: Collection[str] = (),
    people: Collection[str] = (),
    sheets: Mapping[str, pd.DataFrame] | None = None,
) -> tuple[list[Form], list[Problem]]:
    """Fill in the printable forms.

    Parameters
    ----------
    appraisal : one that is done
    lang : the language of the forms
    wanted : codes, titles or numbers of forms; all of them where none is given
    people : employee IDs or names; everybody who was scored where none is given
    sheets : the output frames of the appraisal in the same language, where they are at hand

    Returns
    -------
    forms : in the order of their numbers; none that the data cannot fill
    problems : forms and people that do not exist, forms left out and why, positions that contradict each other
    """
    kinds, problems = _kinds(wanted)
    frames = outputs(appraisal, lang) if sheets is None else sheets
    results, found = find_people(frames["results"], appraisal, people)
    problems += found
    if results.empty:
        return [], problems
    data = FormData(appraisal, results, frames["detail"], lang, everybody=not people)
    built = [(kind, kind.build(data)) for kind in kinds]
    problems += [
        Problem("form-left-out", details={"form": kind.title, "reason": form})
        for kind, form in built
        if isinstance(form, Text)
    ]
    return [form for _, form in built if isinstance(form, Form)], problems


def _kinds(words: Iterable[str]) -> tuple[list[FormKind], list[Problem]]:
    """Return the forms that words mean, in the order of their numbers."""
    read = {word: find_form(word) for word in words}
    known = [f"{number} {code}" for number, code in enumerate(FORMS, start=1)]
    problems = [
        Problem("form-unknown", details={"cell": word, "known": known}) for word, kind in read.items() if kind is None
    ]
    return [each for each in FORMS.values() if not read or each in read.values()], problems


def find_people(
    results: pd.DataFrame, appraisal: Completed, words: Collection[str]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the results of the people that IDs or names mean, of everybody where none is given."""
    if not words:
        return results, []
    frame = appraisal.people.frame
    wanted: set[str] = set()
    problems: list[Problem] = []
    for word in words:
        at, found = find_person(frame, word)
        problems += found
        if at is not None and frame["employee_id"].iloc[at] in set(results["employee_id"]):
            wanted.add(frame["employee_id"].iloc[at])
        elif at is not None:
            problems.append(Problem("form-of-unscored", details={"cell": word}))
    return results[results["employee_id"].isin(wanted)].reset_index(drop=True), problems
