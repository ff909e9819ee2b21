"""What a workflow gives back: a result with its problems, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ClassVar, ParamSpec, TypeVar

from xlperf.core.problems import Lang, Problem, Text, counted, has_errors, in_order

Options = ParamSpec("Options")
Done = TypeVar("Done", bound="Result")
OnStep = Callable[[Text], None]  # called with a sentence at each step


@dataclass(frozen=True)
class Result:
    """What every workflow gives back.

    ``problems`` stand in the order of the report, errors first. ``lang`` is the language that the workbook is written
    in; None where it could not be read. ``written`` are the files that were made or replaced.
    """

    refused: ClassVar[bool] = False

    problems: tuple[Problem, ...]
    lang: Lang | None
    written: tuple[Path, ...]


@dataclass(frozen=True)
class Refusal(Result):
    """A workflow could not be done: ``problems`` say why, and nothing was written."""

    refused: ClassVar[bool] = True


class Refused(Exception):  # noqa: N818 - a refusal, which the workflow returns
    """Ends a workflow from within; see :func:`workflow`."""

    def __init__(self, problems: Iterable[Problem], lang: Lang | None) -> None:
        self.problems, self.lang = tuple(in_order(problems)), lang
        super().__init__(counted(self.problems)("en"))


def workflow(work: Callable[Options, Done]) -> Callable[Options, Done | Refusal]:
    """Make a function a workflow: what it refuses, it returns."""

    @wraps(work)
    def do(*args: Options.args, **options: Options.kwargs) -> Done | Refusal:
        try:
            return work(*args, **options)
        except Refused as refused:
            return Refusal(refused.problems, refused.lang, ())

    return do


@contextmanager
def refusing(lang: Lang | None) -> Iterator[None]:
    """Refuse in words where a file cannot be written, or nobody is there to do the work.

    Raises
    ------
    Refused
        With the problem that ``CannotSave`` or ``NoWorkers`` carries.

    Examples
    --------
    >>> from xlperf.xlsx.errors import CannotSave
    >>> try:
    ...     with refusing("en"):
    ...         raise CannotSave(Problem("return-nothing"))
    ... except Refused as refused:
    ...     print(refused.problems[0].found("en"))
    No workbooks were found.
    """
    from xlperf.xlsx.errors import CannotSave
    from xlperf.xlsx.executors import NoWorkers

    try:
        yield
    except (CannotSave, NoWorkers) as refusal:
        raise Refused([refusal.problem], lang) from refusal


def refuse_errors(problems: Iterable[Problem], lang: Lang | None) -> None:
    """Refuse to go on where one of the problems is an error.

    Raises
    ------
    Refused
        With all of the problems.
    """
    found = list(problems)
    if has_errors(found):
        raise Refused(found, lang)


def no_step(_: Text) -> None:
    """Show no progress: what a workflow calls at each step where its caller gives nothing to call.

    >>> no_step(Text("读取", "reading"))
    """
