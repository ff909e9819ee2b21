"""Makes a workbook of one's own from the answers to eight questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, in_order
from xlperf.workflows.create_book import save_new, wrong_target
from xlperf.workflows.result import Refused, Result, refuse_errors, refusing, workflow

if TYPE_CHECKING:
    from xlperf.policy.scheme import Scheme


@dataclass(frozen=True)
class BeginResult(Result):
    """A workbook was made from answers: its scheme, and the titles of the sheets that are to be filled in."""

    scheme: Scheme
    to_fill: tuple[str, ...]


@dataclass(frozen=True)
class QuestionnaireResult(Result):
    """The eight questions were written as a sheet to fill in."""


@workflow
def begin(
    answers: Mapping[str, str] | str | Path, *, folder: str | Path | None = None, lang: Lang = "en"
) -> BeginResult:
    """Make a workbook from the answers to eight questions.

    Parameters
    ----------
    answers : by the code of the question, as :data:`xlperf.policy.questionnaire.QUESTIONS` lists them; or the file that
        holds them: the sheet of :func:`write_questionnaire`, filled in, or a TOML file
    folder : where the workbook is saved; beside the file of answers, or in the present folder, if none is given
    lang : of who answers; a sheet has its own

    Returns
    -------
    BeginResult; Refusal where an answer is missing or cannot be read, all of them at once with their cells, or where
    the workbook exists or cannot be written.
    """
    from xlperf.policy.questionnaire import read_answers, replace_place, scheme_of_answers
    from xlperf.schema import SHEETS
    from xlperf.workbook.read.answered_questions import Answered, read_answered
    from xlperf.xlsx.atomic_save import FileSnapshot

    answered: Answered | None
    if isinstance(answers, Mapping):
        answered, problems, beside = Answered(answers, {}), list[Problem](), Path()
    else:
        beside = Path(answers).parent
        answered, problems = read_answered(Path(answers))
    if answered is None:
        raise Refused(problems, lang)
    said, places = answered.lang or lang, answered.places
    known, found = read_answers(answered.said, places, said)
    refuse_errors([*problems, *found], said)
    target = (Path(folder) if folder is not None else beside) / known.file
    scheme, wrong = scheme_of_answers(known)
    found = [replace_place(_asked(code, each), places.get(code, ("", ""))) for code, each in wrong]
    found += [replace_place(each, places.get("save", ("", ""))) for each in wrong_target(target)]
    refuse_errors(found, said)
    save_new(scheme, {}, target, known.lang, FileSnapshot(target, None))
    filled = {"employees", *(each.sheet for each in scheme.indicators)}
    to_fill = [SHEETS[code].title(known.lang) for code in scheme.input_sheets() if code in filled]
    return BeginResult(tuple(in_order(problems)), said, (target,), scheme, tuple(to_fill))


def _asked(code: str, problem: Problem) -> Problem:
    """Say a problem of the scheme as one of the answer that led to it."""
    from xlperf.core.problems import LANGUAGES, Text
    from xlperf.policy.questionnaire import BY_CODE

    why, expected, remedy = (
        Text(*(said(lang) for lang in LANGUAGES)) for said in (problem.found, problem.expected, problem.remedy)
    )
    details = {"question": BY_CODE[code].asks, "why": why, "expected": expected, "remedy": remedy}
    return Problem("begin-scheme", details=details)


@workflow
def write_questionnaire(output: str | Path, *, lang: Lang = "en") -> QuestionnaireResult:
    """Write the eight questions as a sheet to fill in with Excel.

    Parameters
    ----------
    output : the file, an .xlsx; one that exists is not overwritten
    lang : of the questions

    Returns
    -------
    QuestionnaireResult; Refusal where the file exists or cannot be written.
    """
    from xlperf.workbook.write.questionnaire import questionnaire
    from xlperf.xlsx.atomic_save import FileSnapshot, save_atomically

    target = Path(output)
    problems = [*wrong_target(target)]
    if target.suffix.lower() == ".xlsm":
        problems.append(Problem("new-kind", details={"cell": target.name}))
    refuse_errors(problems, lang)
    with refusing(lang):
        save_atomically(questionnaire(lang), target, keep_backup=False, unchanged=FileSnapshot(target, None))
    return QuestionnaireResult((), lang, (target,))
