"""Makes workbooks: a new one from a scheme, and the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, Text
from xlperf.workflows.appraise_book import RunResult, run
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, refusing, workflow

if TYPE_CHECKING:
    from xlperf.policy.scheme import Scheme
    from xlperf.schema.tables import Tables
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
    """Make a workbook from a scheme that ships, or a blank one for a scheme of one's own.

    Parameters
    ----------
    scheme : its name; ``blank`` for the sheets to fill in, without any policy
    output : the file: an .xlsx, or an .xlsm with buttons and functions; one that exists is not overwritten
    lang : of its sheets
    period : such as ``2026-10``; without one a blank workbook leaves it open
    sample : whether it is filled with sample data

    Returns
    -------
    NewResult; Refusal where there is no such scheme or period, or the file exists or cannot be written.
    """
    from xlperf.core.spelling import similar
    from xlperf.policy.calendars import calendar_of
    from xlperf.policy.schemes import BLANK, load, offered
    from xlperf.xlsx.atomic_save import FileSnapshot

    target, problems = Path(output), []
    if scheme not in offered():
        problems.append(Problem("scheme-unknown", details={"cell": scheme, "near": similar(scheme, offered())}))
    if sample and scheme == BLANK:
        problems.append(Problem("scheme-no-sample", details={"cell": scheme}))
    problems += wrong_target(target)
    if period is not None and scheme in offered() and calendar_of(load(scheme))[0].find(period) is None:
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


def wrong_target(target: Path) -> Iterator[Problem]:
    """Report a new workbook of another kind, or one that is there already."""
    from xlperf.xlsx.atomic_save import WORKBOOKS

    if target.suffix.lower() not in WORKBOOKS:
        yield Problem("new-kind", details={"cell": target.name})
    if _exists(target):
        yield Problem("file-exists", details={"cell": target.name})


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except (OSError, ValueError):  # of a folder that may not be looked into, or a name that no file has
        return False


def _make(
    scheme: str, path: Path, lang: Lang, period: str | None, sample: bool, absent: FileSnapshot | None = None
) -> None:
    """Make the workbook of a scheme that ships, with sample data if asked for."""
    from xlperf.policy.schemes import BLANK, load
    from xlperf.samples import sample as sample_of
    from xlperf.samples import sample_period

    shipped = load(scheme)
    if scheme == BLANK:
        save_new(for_period(shipped, period), {}, path, lang, absent)
        return
    when = sample_period(shipped, period or "")
    code = when.code if when is not None else (period or "")
    tables = sample_of(scheme, when, lang) if sample and when is not None else {}
    save_new(shipped.with_settings(period=code), tables, path, lang, absent)


def for_period(scheme: Scheme, period: str | None) -> Scheme:
    """Return a scheme of one's own for a period, of the kind that it appraises from then on; none leaves it open."""
    from xlperf.policy.calendars import calendar_of

    found = calendar_of(scheme)[0].find(period) if period else None
    return scheme.with_settings(period=found.code, period_kind=found.kind) if found else scheme


def save_new(scheme: Scheme, tables: Tables, path: Path, lang: Lang, absent: FileSnapshot | None = None) -> None:
    """Build the workbook of a scheme and save it."""
    from xlperf.workbook.write.scheme_workbook import build
    from xlperf.xlsx.atomic_save import save_atomically, write_atomically

    workbook = build(scheme.with_settings(language=lang), tables, lang)
    with refusing(None):
        if path.suffix.lower() == ".xlsm":
            from xlperf.binding.build import macro_workbook

            write_atomically(macro_workbook(workbook, lang), path, keep_backup=False, unchanged=absent)
        else:
            save_atomically(workbook, path, keep_backup=False, unchanged=absent)
