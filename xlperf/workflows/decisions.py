"""What somebody decides about a result: the reason, the person and the day, as they are typed on a command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xlperf.core.numbers import parse_dates
from xlperf.core.problems import Problem, Text
from xlperf.schema.coercion import KIND_EXAMPLES


@dataclass(frozen=True)
class Decision:
    """Why something is decided, by whom, and on which day; what was not typed is None."""

    reason: str | None
    by: str | None
    date: str | None

    @property
    def options(self) -> dict[str, str | None]:
        """What was typed, by the option of the command."""
        return {"--reason": self.reason, "--by": self.by, "--date": self.date}

    @property
    def cells(self) -> dict[str, Any]:
        """What the sheets hold of it, by the code of the column."""
        return {"reason": self.reason, "decided_by": self.by, "decided_on": parse_dates([self.date]).dates[0]}

    def problems(self, needed: Mapping[str, str | None], form: Text | None = None) -> list[Problem]:
        """Return a problem for each option that is needed and empty, and one for a date that is no day.

        Parameters
        ----------
        needed : what was typed for the options that are needed
        form : what is expected, where something is needed

        Examples
        --------
        >>> decided = Decision("tender", None, "soon")
        >>> [each.code for each in decided.problems(decided.options, Text("三项", "all three"))]
        ['option-needs', 'option-unreadable']
        """
        empty = [option for option, value in needed.items() if not (value or "").strip()]
        found = [Problem("option-needs", details={"option": option, "form": form}) for option in empty]
        if self.date and parse_dates([self.date]).bad:
            details = {"option": "--date", "cell": self.date, "form": KIND_EXAMPLES["date"]}
            found.append(Problem("option-unreadable", details=details))
        return found
