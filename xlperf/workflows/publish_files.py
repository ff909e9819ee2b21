"""Publishes one file for each recipient, with only what that recipient may see."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, has_errors, in_order
from xlperf.workflows.appraise_book import appraised
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, refusing, workflow
from xlperf.workflows.store import BookOrPath, WorkbookStore, file_of, store_of

if TYPE_CHECKING:
    from xlperf.reporting.placeholders import Audience, FormAudience
    from xlperf.scoring.stages import Appraisal, Gathered
    from xlperf.workbook.write.scorecard_files import Published, PublishJob
    from xlperf.xlsx.template.context import Contexts

FEW, FEW_PROTECTED = 5000, 40  # files that one process writes sooner than others have started


@dataclass(frozen=True)
class PublishPlan(Result):
    """A workbook that can be published: its results are there, or its sheets are sound where forms are asked for."""

    store: WorkbookStore
    appraisal: Gathered
    to: Audience


@dataclass(frozen=True)
class PublishResult(Result):
    """What was published. ``written`` are the files that are new or changed; ``unchanged`` counts the others."""

    folder: Path
    manifest: Path
    files: int
    unchanged: int


@dataclass(frozen=True)
class TemplateResult(Result):
    """The template was written, to be restyled."""


@workflow
def plan_publication(
    book: BookOrPath,
    to: Audience = "employees",
    *,
    period: str | None = None,
    facts: Mapping[str, str] | None = None,
    on_step: OnStep = no_step,
) -> PublishPlan:
    """Appraise a workbook that is to be published; nothing is written.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    to : whom the files are for: employees, departments, company; raters and figures are forms to be filled
    period, facts, on_step : as for :func:`xlperf.run`

    Returns
    -------
    PublishPlan, for :func:`publish_planned`; Refusal where there is nothing to publish.
    """
    from xlperf.reporting.placeholders import FORMS
    from xlperf.scoring.stages import Completed, Gathered, Locked

    store = store_of(book)
    ours, appraisal = appraised(store, period, facts, on_step)
    if to in FORMS:
        if not isinstance(appraisal, Gathered) or not appraisal.indicators:
            raise Refused(appraisal.problems, ours.lang)
    elif not isinstance(appraisal, Completed):
        locked = [Problem("publish-locked")] if isinstance(appraisal, Locked) else []
        raise Refused([*appraisal.problems, *locked], ours.lang)
    file_of(store, ours.lang)
    return PublishPlan(tuple(appraisal.problems), ours.lang, (), store, appraisal, to)


@workflow
def publish_planned(
    plan: PublishPlan,
    output: str | Path | None = None,
    *,
    passwords: str | Path | None = None,
    pseudonyms: str | Path | None = None,
    template: str | Path | None = None,
    pdf: bool = False,
    native: bool = False,
    jobs: int = 0,
    cluster: str = "",
    lang: Lang | None = None,
    on_files: Callable[[int, int], None] = lambda done, total: None,
) -> PublishResult:
    """Write the files of a workbook that can be published.

    A file whose contents are already there is not written again: a run that was interrupted goes on where it stopped.

    Parameters
    ----------
    plan : the workbook, and whom the files are for
    output : the folder of the files; ``NAME-published`` beside the workbook, if none is given
    passwords : a CSV file with a password for each recipient
    pseudonyms : a CSV file with a pseudonym for each employee; who has none gets one
    template : one of your own
    pdf : whether PDF files are made too, by LibreOffice
    native : whether figures that Excel can compute from others on the page are formulas
    jobs : processes that write; 0: as many as it pays
    cluster : the address of a dask scheduler, whose workers write
    lang : of the files; that of the workbook, if none is given
    on_files : called with how many more files are done, and how many there are

    Returns
    -------
    PublishResult; Refusal where a file cannot be read or written. What is finished stays, and is not written again.
    """
    from xlperf.workbook.write.scorecard_files import manifest_of, warm_up_workers
    from xlperf.workbook.write.scorecard_files import publish as write
    from xlperf.xlsx.encryption import key_beside
    from xlperf.xlsx.executors import workers

    words_file, names_file = (Path(each) if each is not None else None for each in (passwords, pseudonyms))
    refuse_errors(refused_options(plan.to, pdf, words_file, names_file), plan.lang)
    said = lang or plan.lang or "en"
    path, appraisal = file_of(plan.store, plan.lang), plan.appraisal
    folder = (Path(output) if output is not None else path.with_name(f"{path.stem}-published")) / plan.to
    with refusing(plan.lang):
        own = Path(template) if template is not None else None
        job, problems = _job(appraisal, path, plan.to, folder, own, native, said)
        refuse_errors(problems, plan.lang)
        count = jobs or _jobs_for(appraisal, plan.to, words_file is not None)
        with workers(count, cluster) as executor:
            if not cluster:
                warm_up_workers(job, executor, count)
            made, called, found = _copies(appraisal, path, plan.to, names_file, native, said)
            problems += found
            words, found = _passwords(words_file, made, called)
            problems += found
            refuse_errors(problems, plan.lang)
            done = write(
                made, job, key_beside(path), words, executor, count, lambda number: on_files(number, len(made))
            )
    problems += _after(done, folder, pdf)
    if names_file is not None:
        _level_times([folder / line.file for line in done.lines])
    written = tuple(folder / each for each in done.written)
    return PublishResult(
        tuple(in_order(problems)), plan.lang, written, folder, manifest_of(folder), len(done.lines), done.unchanged
    )


@workflow
def publish(
    book: BookOrPath,
    output: str | Path | None = None,
    to: Audience = "employees",
    *,
    period: str | None = None,
    facts: Mapping[str, str] | None = None,
    passwords: str | Path | None = None,
    pseudonyms: str | Path | None = None,
    template: str | Path | None = None,
    pdf: bool = False,
    native: bool = False,
    jobs: int = 0,
    cluster: str = "",
    lang: Lang | None = None,
    on_step: OnStep = no_step,
    on_files: Callable[[int, int], None] = lambda done, total: None,
) -> PublishResult:
    """Publish a workbook at once: one file for each recipient, with only what that recipient may see.

    Parameters
    ----------
    book, to, period, facts, on_step : as for :func:`plan_publication`
    output, passwords, pseudonyms, template, pdf, native, jobs, cluster, lang, on_files : as for :func:`publish_planned`

    Returns
    -------
    PublishResult; Refusal where there is nothing to publish, or a file cannot be read or written.
    """
    words_file, names_file = (Path(each) if each is not None else None for each in (passwords, pseudonyms))
    refuse_errors(refused_options(to, pdf, words_file, names_file), None)
    plan = plan_publication(book, to, period=period, facts=facts, on_step=on_step)
    if not isinstance(plan, PublishPlan):
        raise Refused(plan.problems, plan.lang)
    done = publish_planned(
        plan, output, passwords=passwords, pseudonyms=pseudonyms, template=template, pdf=pdf, native=native,
        jobs=jobs, cluster=cluster, lang=lang, on_files=on_files,
    )  # fmt: skip
    if not isinstance(done, PublishResult):
        raise Refused(done.problems, done.lang)
    return done


@workflow
def write_template(plan: PublishPlan, path: str | Path, lang: Lang | None = None) -> TemplateResult:
    """Write the template that files are made with, to be restyled in Excel."""
    from xlperf.workbook.write.default_templates import template
    from xlperf.xlsx.atomic_save import demand_kind, save_atomically

    target = Path(path)
    with refusing(plan.lang):
        demand_kind(Path("template.xlsx"), target)
        save_atomically(template(plan.to, lang or plan.lang or "en"), target)
    return TemplateResult((), plan.lang, (target,))


def refused_options(to: Audience, pdf: bool, passwords: Path | None, pseudonyms: Path | None) -> Iterator[Problem]:
    """Yield what forbids publishing before any work: options that exclude each other, and libraries that are not there.

    Parameters
    ----------
    to : whom the files are for
    pdf : whether PDF files are wanted too
    passwords, pseudonyms : the CSV files, if there are any
    """
    from xlperf.reporting.placeholders import FORMS
    from xlperf.xlsx.encryption import can_protect
    from xlperf.xlsx.pdf import office

    if to in FORMS and pseudonyms is not None:
        yield Problem("pseudonyms-forms")
    if pdf and office() is None:
        yield Problem("pdf-no-office")
    if pdf and passwords is not None:
        yield Problem("pdf-protected")
    if passwords is not None and not can_protect():
        yield Problem("password-library")


def _jobs_for(appraisal: Gathered, to: Audience, protected: bool) -> int:
    """Return how many processes it pays to have write the files."""
    many = to == "employees" and len(appraisal.people.ids) >= (FEW_PROTECTED if protected else FEW)
    return os.cpu_count() or 1 if many else 1


def _job(
    appraisal: Appraisal, book: Path, to: Audience, folder: Path, template: Path | None, native: bool, lang: Lang
) -> tuple[PublishJob, list[Problem]]:
    """Return what files are made with; a template of one's own is looked at before it is opened."""
    from xlperf.reporting.card_layout import CardLayout, layout_of
    from xlperf.reporting.placeholders import native_formulas
    from xlperf.scoring.stages import Completed
    from xlperf.workbook.read.people_in_template import people_in_template
    from xlperf.workbook.write.default_templates import template as own
    from xlperf.workbook.write.scorecard_files import PublishJob, compile_job
    from xlperf.xlsx.atomic_save import packed
    from xlperf.xlsx.reader.safety import check_package

    natives = tuple(native_formulas(appraisal.scheme.settings.decimals).items()) if native else ()
    mode = book.stat().st_mode & 0o666
    if template is None:
        layout = layout_of(appraisal) if isinstance(appraisal, Completed) else CardLayout()
        layout = replace(layout, has_levels=bool(appraisal.scheme.rating_levels))
        return PublishJob(packed(own(to, lang, layout)), to, str(folder), natives, mode), []
    problems = check_package(template)
    if has_errors(problems):
        return PublishJob(b"", to, str(folder)), problems
    job = PublishJob(template.read_bytes(), to, str(folder), natives, mode)
    return job, [*problems, *compile_job(job)[1], *people_in_template(template, appraisal.table("employees"))]


def _copies(
    appraisal: Gathered, book: Path, to: Audience, pseudonyms: Path | None, native: bool, lang: Lang
) -> tuple[Contexts, dict[str, str], list[Problem]]:
    """Return what everybody gets, and how people are called there if not by their IDs."""
    from xlperf.reporting.placeholders import AUDIENCES, MARKS
    from xlperf.reporting.scorecards import copies_of, disguised
    from xlperf.scoring.stages import Completed
    from xlperf.xlsx.encryption import pseudonyms_for
    from xlperf.xlsx.template.context import Contexts

    if to == "raters" or to == "figures":
        made = _forms(appraisal, book, to, lang)
        return made, {}, [] if made else [Problem("nothing-to-ask", details={"form": AUDIENCES[to]})]
    assert isinstance(appraisal, Completed)  # the plan was refused otherwise
    made = copies_of(appraisal, to, lang, native)
    if pseudonyms is None:
        return made, {}, []
    people = appraisal.people.frame
    called, problems = pseudonyms_for(pseudonyms, people["employee_id"].tolist())
    if problems:
        return Contexts.of([]), {}, problems
    names = dict(zip(people["employee_id"], people["name"].fillna(""), strict=True))
    return disguised(made, called, names, MARKS[to]), called, []


def _forms(appraisal: Gathered, book: Path, form: FormAudience, lang: Lang) -> Contexts:
    """Return a signed form for everybody who is asked something."""
    from xlperf.reporting.form_returns import forms_of, questions, signed_text
    from xlperf.xlsx.encryption import key_beside, signature
    from xlperf.xlsx.template.context import Contexts

    key, about = key_beside(book), (form, appraisal.period.code, appraisal.scheme.settings.scheme)
    asked = questions(appraisal, form)
    signatures = {who: signature(key, signed_text(*about, who, each)) for who, each in asked.items()}
    return Contexts.of(forms_of(appraisal, form, signatures, lang))


def _passwords(path: Path | None, made: Contexts, called: dict[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the password of each recipient, who stands in the file by the real ID."""
    from xlperf.xlsx.encryption import missing_passwords, read_pairs, weak_passwords

    if path is None:
        return {}, []
    pairs, problems = read_pairs(path)
    if problems:
        return {}, problems
    real = {name: who for who, name in called.items()}
    owners = {each: real.get(each, each) for each in made.recipients}
    problems = [*missing_passwords(pairs, owners.values(), path), *weak_passwords(pairs, owners.values(), path)]
    return {who: pairs.get(owner, "") for who, owner in owners.items()}, problems


def _level_times(files: Sequence[Path]) -> None:
    """Give files one time: they were written in the order of the IDs, which would undo pseudonyms."""
    every = [other for file in files for other in (file, file.with_suffix(".pdf")) if other.exists()]
    latest = max((file.stat().st_mtime_ns for file in every), default=0)
    for file in every:
        os.utime(file, ns=(latest, latest))


def _after(done: Published, folder: Path, pdf: bool) -> list[Problem]:
    """Make PDF files where they are wanted, and tell what needs attention."""
    from xlperf.xlsx.pdf import convert

    problems = []
    if done.left_over:
        problems.append(
            Problem("publish-left-over", details={"count": len(done.left_over), "files": done.left_over[:8]})
        )
    if pdf:
        files = [folder / line.file for line in done.lines]
        wanted = [each for each in files if each.name in done.written or not each.with_suffix(".pdf").exists()]
        failed = [each.name for lot in convert(wanted) for each in lot] if wanted else []
        if failed:
            problems.append(Problem("pdf-not-made", details={"count": len(failed), "files": failed[:8]}))
    return problems
