"""The commands that send out and take back: publish, collect."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlperf.cli.common import (
    BookPath,
    FactsOption,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    app,
    appraised,
    chosen_language,
    console,
    fail,
    guarded,
    progress,
    say,
    show_problems,
    sources_of,
)
from xlperf.core.problems import Lang, Problem, Text, has_errors, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlperf.reporting.placeholders import Audience, FormAudience
    from xlperf.scoring.pipeline import Appraisal
    from xlperf.workbook.write.scorecard_files import Press, Published
    from xlperf.xlsx.template.context import Copies

FEW, FEW_PROTECTED = 5000, 40  # files that one process writes sooner than others have started


class To(StrEnum):
    """Whom files are for."""

    employees = "employees"
    departments = "departments"
    company = "company"
    raters = "raters"
    figures = "figures"


class Formulas(StrEnum):
    """How figures are written that Excel could compute from others on the page."""

    values = "values"
    native = "native"


FolderOption = Annotated[Path | None, typer.Option("--output", "-o", help="The folder of the files. / 输出文件夹。")]
ToOption = Annotated[To, typer.Option("--to", help="Whom the files are for. / 发给谁。")]
PasswordsOption = Annotated[Path | None, typer.Option("--passwords", help="CSV: id,password. / 密码文件。")]
PseudonymsOption = Annotated[Path | None, typer.Option("--pseudonyms", help="CSV: id,pseudonym. / 化名文件。")]
TemplateOption = Annotated[Path | None, typer.Option("--template", help="Your own template. / 自己的模板。")]
WriteTemplateOption = Annotated[
    Path | None, typer.Option("--write-template", help="Write the template to restyle it. / 输出模板。")
]
PdfOption = Annotated[bool, typer.Option("--pdf", help="PDF files too, by LibreOffice. / 同时生成 PDF。")]
FormulasOption = Annotated[Formulas, typer.Option("--formulas", help="values or native. / 数值或公式。")]
JobsOption = Annotated[int, typer.Option("--jobs", min=0, help="Processes; 0: as many as it pays. / 进程数。")]
ClusterOption = Annotated[str, typer.Option("--cluster", help="Address of a dask scheduler. / 集群地址。")]


@app.command()
def publish(
    book: BookPath,
    output: FolderOption = None,
    to: ToOption = To.employees,
    passwords: PasswordsOption = None,
    pseudonyms: PseudonymsOption = None,
    template: TemplateOption = None,
    write_template: WriteTemplateOption = None,
    pdf: PdfOption = False,
    formulas: FormulasOption = Formulas.values,
    jobs: JobsOption = 0,
    cluster: ClusterOption = "",
    period: PeriodOption = None,
    facts: FactsOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one workbook for each recipient, with only what that recipient may see. / 逐人、逐部门发布。"""
    from xlperf.workbook.write.scorecard_files import get_ready, manifest_of
    from xlperf.workbook.write.scorecard_files import publish as write
    from xlperf.xlsx.encryption import key_beside
    from xlperf.xlsx.executors import workers

    said = chosen_language(lang, "en")
    refused = list(_refusals(to.value, pdf, passwords, pseudonyms))
    if refused:
        fail(refused, said, as_json)
    sources = sources_of(facts, said, as_json)
    with progress(said, 2) as step:
        ours, appraisal = appraised(book, period, step, sources)
    said = chosen_language(lang, ours.lang)
    _ready(appraisal, to.value, said, as_json)
    if write_template is not None:
        guarded(lambda: _write_template(to.value, said, write_template), said, as_json)
        say(Text(f"模板已写入 {write_template}", f"The template is in {write_template}"), said)
        return
    folder = (output or book.with_name(f"{book.stem}-published")) / to.value
    native = formulas is Formulas.native
    press, problems = _press(appraisal, to.value, folder, template, native, said)
    count = jobs or _jobs_for(appraisal, to.value, passwords is not None)
    with _telling(said, as_json), workers(count, cluster) as executor:
        if not cluster and not has_errors(problems):
            get_ready(press, executor, count)
        made, called, found = _copies(appraisal, book, to.value, pseudonyms, native, said)
        problems += found
        words, found = _passwords(passwords, made, called)
        problems += found
        if has_errors(problems):
            fail(problems, said, as_json)
        with progress(said, len(made)) as step:
            done = guarded(
                lambda: write(made, press, key_beside(book), words, executor, count, lambda n: _advance(step, n)),
                said,
                as_json,
            )
    problems += _after(done, folder, pdf)
    if as_json:
        data = {"folder": str(folder), "manifest": str(manifest_of(folder)), "files": len(done.lines)}
        data |= {"written": done.written, "problems": [each.as_dict(said) for each in in_order(problems)]}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    if problems:
        show_problems(problems, said)
    new, same = len(done.written), done.unchanged
    say(Text(f"写入 {new} 个文件，{same} 个没有变化。", f"Files written: {new}; unchanged: {same}."), said)
    say(
        Text(
            f"文件在 {folder}，清单在 {manifest_of(folder)}", f"They are in {folder}, listed in {manifest_of(folder)}"
        ),
        said,
    )


def _ready(appraisal: Appraisal, to: Audience, lang: Lang, as_json: bool) -> None:
    """Stop where there is nothing to publish: results must be there, forms need no more than sound sheets."""
    from xlperf.reporting.placeholders import FORMS

    if to in FORMS:
        if appraisal.people is None or not appraisal.indicators:
            fail(appraisal.problems, lang, as_json)
    elif not appraisal.done or appraisal.differences is not None:
        locked = [] if appraisal.differences is None else [Problem("publish-locked")]
        fail([*appraisal.problems, *locked], lang, as_json)


def _jobs_for(appraisal: Appraisal, to: Audience, protected: bool) -> int:
    """Tell how many processes it pays to have write the files."""
    assert appraisal.people is not None
    many = to == "employees" and len(appraisal.people.ids) >= (FEW_PROTECTED if protected else FEW)
    return os.cpu_count() or 1 if many else 1


def _refusals(to: Audience, pdf: bool, passwords: Path | None, pseudonyms: Path | None) -> Iterator[Problem]:
    """Refuse what cannot be done, before any work."""
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


def _press(
    appraisal: Appraisal, to: Audience, folder: Path, template: Path | None, native: bool, lang: Lang
) -> tuple[Press, list[Problem]]:
    """Return what files are made with; a template of one's own is looked at before it is opened."""
    from xlperf.reporting.placeholders import native_formulas
    from xlperf.workbook.write.default_templates import template as own
    from xlperf.workbook.write.scorecard_files import Press, stencil_of
    from xlperf.xlsx.atomic_save import packed
    from xlperf.xlsx.reader.safety import check_package

    natives = native_formulas(appraisal.scheme.settings.decimals) if native else {}
    if template is None:
        return Press(packed(own(to, lang)), to, str(folder), tuple(natives.items())), []
    problems = check_package(template)
    if has_errors(problems):
        return Press(b"", to, str(folder)), problems
    press = Press(template.read_bytes(), to, str(folder), tuple(natives.items()))
    return press, [*problems, *stencil_of(press)[1]]


def _write_template(to: Audience, lang: Lang, path: Path) -> None:
    from xlperf.workbook.write.default_templates import template
    from xlperf.xlsx.atomic_save import save_atomically

    save_atomically(template(to, lang), path)


def _copies(
    appraisal: Appraisal, book: Path, to: Audience, pseudonyms: Path | None, native: bool, lang: Lang
) -> tuple[Copies, dict[str, str], list[Problem]]:
    """Return what everybody gets, and how people are called there if not by their IDs."""
    from xlperf.reporting.placeholders import AUDIENCES, MARKS
    from xlperf.reporting.scorecards import copies_of, disguised
    from xlperf.xlsx.encryption import pseudonyms_for
    from xlperf.xlsx.template.context import Copies

    if to == "raters" or to == "figures":
        made = _forms(appraisal, book, to, lang)
        return made, {}, [] if made else [Problem("nothing-to-ask", details={"form": AUDIENCES[to]})]
    made = copies_of(appraisal, to, lang, native)
    if pseudonyms is None:
        return made, {}, []
    assert appraisal.people is not None
    people = appraisal.people.frame
    called, problems = pseudonyms_for(pseudonyms, people["employee_id"].tolist())
    if problems:
        return Copies.of([]), {}, problems
    names = dict(zip(people["employee_id"], people["name"].fillna(""), strict=True))
    return disguised(made, called, names, MARKS[to]), called, []


def _forms(appraisal: Appraisal, book: Path, form: FormAudience, lang: Lang) -> Copies:
    """Return a signed form for everybody who is asked something."""
    from xlperf.reporting.form_returns import forms_of, questions, signed_text
    from xlperf.xlsx.encryption import key_beside, signature
    from xlperf.xlsx.template.context import Copies

    assert appraisal.period is not None
    key, about = key_beside(book), (form, appraisal.period.code, appraisal.scheme.settings.scheme)
    asked = questions(appraisal, form)
    signatures = {who: signature(key, signed_text(*about, who, each)) for who, each in asked.items()}
    return Copies.of(forms_of(appraisal, form, signatures, lang))


def _passwords(path: Path | None, made: Copies, called: dict[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the password of each recipient, who stands in the file by the real ID."""
    from xlperf.xlsx.encryption import missing_passwords, read_pairs

    if path is None:
        return {}, []
    pairs, problems = read_pairs(path)
    if problems:
        return {}, problems
    real = {name: who for who, name in called.items()}
    owners = {each: real.get(each, each) for each in made.recipients}
    problems = list(missing_passwords(pairs, owners.values(), path))
    return {who: pairs.get(owner, "") for who, owner in owners.items()}, problems


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


def _advance(step: Any, count: int) -> None:
    for _ in range(count):
        step(Text("写入文件", "writing the files"))


@contextmanager
def _telling(lang: Lang, as_json: bool) -> Iterator[None]:
    """Say in words that there is nobody to do the work."""
    from xlperf.xlsx.executors import NoWorkers

    try:
        yield
    except NoWorkers as refusal:
        fail([refusal.problem], lang, as_json)


@app.command()
def collect(
    book: BookPath,
    files: Annotated[
        list[Path], typer.Argument(help="Forms, or folders of forms. / 填好的表或文件夹。", show_default=False)
    ],
    output: OutPath = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring filled forms back into the workbook, with where each figure came from. / 回收填好的表。"""
    from xlperf.reporting.form_returns import SHEET
    from xlperf.reporting.placeholders import FORMS
    from xlperf.schema import SHEETS
    from xlperf.workbook.read.returned_forms import collected, files_in, of_this_period, read_return
    from xlperf.workbook.write.results import write_inputs
    from xlperf.xlsx.encryption import key_beside, key_path

    said = chosen_language(lang, "en")
    paths = files_in(files)
    with progress(said, len(paths) + 3) as step:
        ours, appraisal = appraised(book, period, step)
        said = chosen_language(lang, ours.lang)
        if appraisal.people is None or appraisal.period is None:
            fail(appraisal.problems, said, as_json)
        if not key_path(book).exists():
            fail([Problem("return-no-key", details={"file": key_path(book).name})], said, as_json)
        problems, returned = [] if paths else [Problem("return-nothing")], []
        for path in paths:
            step(Text("读取交回的表", "reading the forms"))
            form, found = read_return(path, key_beside(book), appraisal.scheme)
            problems += found
            if form is not None:
                problems += of_this_period(form, appraisal.period.code, appraisal.scheme.settings.scheme)
                returned.append(form)
        tables, counts, found = collected(appraisal, returned, ours.lang)
        problems += found
        if has_errors(problems):
            step(None)
            fail(problems, said, as_json)
        step(Text("写入", "writing"))
        guarded(lambda: write_inputs(book, output or book, tables, ours.lang), said, as_json)
    if as_json:
        data = {"workbook": str(output or book), "files": len(returned), "collected": counts}
        data |= {"problems": [each.as_dict(said) for each in in_order(problems)]}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for form_of in FORMS:
        if form_of in counts:
            title = SHEETS[SHEET[form_of]].title
            said_of = Text(f"{title.zh}：{counts[form_of]} 个", f"{title.en}: {counts[form_of]}")
            console().print(said_of(said), markup=False)
    show_problems(problems, said)
    say(Text(f"已写入 {output or book}", f"Written to {output or book}"), said)
