"""Keeps a copy of a workbook in which every formula is its value, without macros."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xlperf.core.problems import Lang, Problem
from xlperf.workflows.result import Refused, Result, refuse_errors, refusing, workflow


@dataclass(frozen=True)
class FreezeResult(Result):
    """The copy was written."""


@workflow
def freeze(book: str | Path, output: str | Path | None = None, *, lang: Lang | None = None) -> FreezeResult:
    """Write a copy of a workbook, its own or another's, that computes nothing and calls nothing.

    Parameters
    ----------
    book : the file
    output : the copy; ``NAME-values.xlsx`` beside the workbook, if none is given
    lang : of the workbook, where it is known

    Returns
    -------
    FreezeResult; Refusal where a formula has no value yet, or a file cannot be read or written.
    """
    from xlperf.xlsx.values_only import write_values_only

    path = Path(book)
    target = Path(output) if output is not None else path.with_name(f"{path.stem}-values.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise Refused([Problem("file-kind", details={"cell": target.name})], lang)
    if target.resolve() == path.resolve():
        raise Refused([Problem("file-exists", details={"cell": target.name})], lang)
    with refusing(lang):
        refuse_errors(write_values_only(path, target), lang)
    return FreezeResult((), lang, (target,))
