"""The schemes that ship with their sample data: appraised once, and their workbooks as a run leaves them."""

from functools import cache

from xlperf.policy import schemes
from xlperf.reporting.output_tables import outputs
from xlperf.samples import sample, sample_period
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.formulas import FormulaWriter
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.results import write_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically


@cache
def tables_of(name, period="", lang="en"):
    """Return the sample of a scheme; it is shared, nobody changes it."""
    return sample(name, sample_period(schemes.load(name), period), lang)


@cache
def run_of(name, period="", lang="en"):
    """Return what is found in the sample of a scheme; it is shared, nobody changes it."""
    scheme = schemes.load(name)
    return appraise(tables_of(name, period, lang), scheme, sample_period(scheme, period).code)


def template(folder, name, lang):
    """Write the workbook of a scheme with its sample data."""
    shipped = schemes.load(name)
    period = sample_period(shipped)
    path = folder / f"{name}-{lang}.xlsx"
    ours = shipped.with_settings(language=lang, period=period.code)
    save_atomically(build(ours, sample(name, period, lang), lang), path, keep_backup=False)
    return path


def appraised(path):
    """Return the workbook as read, and what a run finds in it; it must be done."""
    book = read_book(path)
    run = appraise(book.tables, book.scheme, found_before=book.problems)
    assert run.done, [problem.found("en") for problem in run.problems if problem.level == "error"]
    return book, run


def written(path, lang, *ways):
    """Write a run's results into copies: as values, native formulas or calls of worksheet functions; return the files."""
    book, run = appraised(path)
    rows = outputs(run, lang, book.fingerprint)
    targets = [path.with_name(f"{path.stem}-{way}.xlsx") for way in ways]
    for way, target in zip(ways, targets, strict=True):
        writer = None if way == "values" else FormulaWriter.of_file(run, path, lang, way)
        write_book(path, target, rows, run.scheme, lang, writer=writer)
    return targets
