"""Makes workbooks: a new one from a scheme, and the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, Text
from xlperf.workflows.appraise_book import RunResult, run
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, refusing, workflow

if TYPE_CHECKING:
    from xlperf.xlsx.atomic_save import FileSnapshot

FLAGSHIP = "securities-crm"


@dataclass(frozen=True)
class NewResult(Result):
    """A workbook of a scheme was made."""

    scheme: str


@workflow
def new(
    scheme: str, output: str | Path, *, lang: Lang = "en", period: str | None = None, sample: bool = False
) -> NewResult:
    """Make a workbook from a scheme that ships.

    Parameters
    ----------
    scheme : its name
    output : the file: an .xlsx, or an .xlsm with buttons and functions; one that exists is not overwritten
    lang : of its sheets
    period : such as ``2026-10``
    sample : whether it is filled with sample data

    Returns
    -------
    NewResult; Refusal where there is no such scheme or period, or the file exists or cannot be written.
    """
    from xlperf.core.spelling import similar
    from xlperf.policy.calendars import calendar_of
    from xlperf.policy.schemes import load, names
    from xlperf.xlsx.atomic_save import WORKBOOKS, FileSnapshot

    target, problems = Path(output), []
    if scheme not in names():
        near = similar(scheme, names()) or names()
        problems.append(Problem("scheme-unknown", details={"cell": scheme, "near": near}))
    if target.suffix.lower() not in WORKBOOKS:
        problems.append(Problem("new-kind", details={"cell": target.name}))
    if _exists(target):
        problems.append(Problem("file-exists", details={"cell": target.name}))
    if period is not None and scheme in names() and calendar_of(load(scheme))[0].find(period) is None:
        problems.append(Problem("period-unreadable", details={"cell": period}))
    refuse_errors(problems, None)
    _make(scheme, target, lang, period, sample, FileSnapshot(target, None))
    return NewResult((), lang, (target,), scheme)


@workflow
def demo(folder: str | Path, *, lang: Lang = "en", on_step: OnStep = no_step) -> RunResult:
    """Make the flagship workbook with sample data in a folder, and run it.

    Returns
    -------
    RunResult; Refusal where the folder cannot be made or written to.
    """
    from xlperf.xlsx.atomic_save import make_folder

    path = Path(folder) / f"{FLAGSHIP}-{lang}.xlsx"
    on_step(Text("建立工作簿", "building the workbook"))
    with refusing(None):
        make_folder(path.parent)
    _make(FLAGSHIP, path, lang, None, sample=True)
    done = run(path, keep_backup=False, on_step=on_step)
    if not isinstance(done, RunResult):
        raise Refused(done.problems, done.lang)
    return done


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except (OSError, ValueError):  # of a folder that may not be looked into, or a name that no file has
        return False


def _make(
    scheme: str, path: Path, lang: Lang, period: str | None, sample: bool, absent: FileSnapshot | None = None
) -> None:
    """Make the workbook of a scheme that ships, with sample data if asked for."""
    from xlperf.policy.schemes import load
    from xlperf.samples import sample as sample_of
    from xlperf.samples import sample_period
    from xlperf.workbook.write.scheme_workbook import build
    from xlperf.xlsx.atomic_save import save_atomically, write_atomically

    shipped = load(scheme)
    when = sample_period(shipped, period or "")
    code = when.code if when is not None else (period or "")
    ours = shipped.with_settings(language=lang, period=code)
    tables = sample_of(scheme, when, lang) if sample and when is not None else {}
    workbook = build(ours, tables, lang)
    with refusing(None):
        if path.suffix.lower() == ".xlsm":
            from xlperf.binding.build import macro_workbook

            write_atomically(macro_workbook(workbook, lang), path, keep_backup=False, unchanged=absent)
        else:
            save_atomically(workbook, path, keep_backup=False, unchanged=absent)
