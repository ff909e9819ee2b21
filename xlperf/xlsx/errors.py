"""What keeps a file from being opened or written, as an exception that carries its problem."""

from __future__ import annotations

from xlperf.core.problems import Problem


class CannotSave(Exception):  # noqa: N818 - a refusal, told to the user in the words of its problem
    """The file could not be written; what stands there is as it was."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.found("en"))
        self.problem = problem


class DamagedPart(ValueError):  # noqa: N818 - names what was found, not what went wrong in the code
    """A part of a package says something that the file format does not allow, such as a row below the last one."""
