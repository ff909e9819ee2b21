"""The card of a scoring rule, and the decorator that enters a function with its card in ``RULES``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from math import nan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xlperf.core.problems import Text
from xlperf.policy.rules.formulas import literal

Column = NDArray[np.float64]
Kind = Literal["number", "fraction", "points", "choice", "code", "condition"]
Direction = Literal["higher", "lower", "range"]
TargetUse = Literal["none", "number", "ratio"]

COLUMNS = ("actual", "target", "full", "numerator", "denominator", "met", "group")
INPUTS = (*COLUMNS, "direction", "bands", "anchors")


@dataclass(frozen=True)
class Parameter:
    """One policy value that a rule asks for; ``usual`` is a proposal for templates and never a default.

    ``kind`` tells the unit: a number is in the unit of the indicator, a fraction is stored as 0.05 and shown as
    5 %, a code names an entry of another sheet, a condition is a sentence of the condition language. ``above`` is the
    code of the parameter that it must not be below, ``bound`` what the number itself must be, and ``synonyms`` are
    other names.
    """

    code: str
    name: Text
    kind: Kind
    note: Text
    required: bool = True
    usual: float | str | None = None
    choices: Mapping[str, Text] = field(default_factory=dict)
    above: str = ""
    bound: Literal["", "positive", "not_negative"] = ""
    synonyms: tuple[str, ...] = ()

    def allows(self, value: float) -> bool:
        """Tell whether a number is within the parameter's own bound."""
        return value > 0 if self.bound == "positive" else value >= 0 or self.bound == ""


@dataclass(frozen=True)
class Rule:
    """A scoring rule with everything that a list, a form, a worksheet function or an explanation needs.

    ``inputs`` and ``arguments`` are the two parts of the function's signature: what comes from the facts and the
    indicator, and the codes of the parameters that it takes itself. The other parameters are looked up for it
    (``band_set`` gives ``bands``, ``curve`` gives ``anchors``, a condition gives ``met``) or tell what follows from a
    veto. ``native`` says the same as the function in an Excel formula.
    """

    code: str
    name: Text
    summary: Text
    words: Text
    source: str
    function: Callable[..., Column]
    native: Callable[..., str]
    parameters: tuple[Parameter, ...]
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    directions: tuple[Direction, ...]
    target: TargetUse
    veto: bool = False

    @property
    def ranks(self) -> bool:
        """Whether the points of one depend on the figures of the others."""
        return "group" in self.inputs

    @property
    def compares_cells(self) -> bool:
        """Whether its formula can compare a figure with cells that are listed as ``alike``, not with columns only."""
        return "alike" in inspect.signature(self.native).parameters

    @property
    def brief(self) -> Text:
        """The first sentence of the summary, for a line in a table.

        >>> RULES["pass_fail"].brief.en
        'Full points when the target is met, otherwise none; the comparison says whether the target itself counts.'
        """
        return Text(self.summary.zh.partition("。")[0] + "。", self.summary.en.partition(". ")[0].rstrip(".") + ".")

    def formula(self, cells: Mapping[str, Any], given: Mapping[str, Any]) -> str:
        """Return the Excel formula of the points, without the sign of equality.

        Parameters
        ----------
        cells : by input, the text of its cell; the word of ``direction``, the ``BandCells`` of ``bands``, the
            ``CurveCells`` of ``anchors``
            A rule that ranks takes the columns too, as ``actuals`` and ``groups``; one that ``compares_cells`` may take
            the cells of the group instead, with commas between them, as ``alike``.
        given : the values of the parameters by code

        Examples
        --------
        >>> cells = {"actual": "H5", "target": "I5", "full": "O5", "direction": "higher"}
        >>> RULES["proportional"].formula(cells, {"cap": 1.2})
        'IF(OR(H5="",I5="",I5<=0,H5<0),"",MIN(1.2*O5,O5*(H5/I5)))'
        """
        values = {
            code: literal(value) if isinstance(value, (int, float)) else value
            for code, value in ((code, given.get(code)) for code in self.arguments)
        }
        taken = inspect.signature(self.native).parameters
        return self.native(**{name: value for name, value in {**cells, **values}.items() if name in taken})


RULES: dict[str, Rule] = {}


def rule(
    *,
    name: Text,
    summary: Text,
    words: Text,
    parameters: tuple[Parameter, ...] = (),
    directions: tuple[Direction, ...],
    target: TargetUse,
    native: Callable[..., str],
    veto: bool = False,
) -> Callable[[Callable[..., Column]], Callable[..., Column]]:
    """Return a decorator that enters a scoring function in ``RULES`` under its own name, and makes it work on columns.

    Parameters
    ----------
    name : what HR calls the rule
    summary : when to use it and what it gives, in two sentences: the help of its worksheet function
    words : the sentence that explains one result, with ``{actual}``, ``{points}`` and the parameters in braces
    parameters : the policy values that it asks for
    directions : those that it can score
    target : whether it needs a target: "none", a "number", or a "ratio", whose target must be above zero
    native : takes arguments of the same names as texts of cells and numbers, and returns the text of an Excel formula
    veto : whether the result is no points, but 1 where a requirement is not met and 0 where it is

    Notes
    -----
    The card's source is the Source section of the function's docstring.
    """

    def register(function: Callable[..., Column]) -> Callable[..., Column]:
        names = tuple(inspect.signature(function).parameters)
        choices = {parameter.code: tuple(parameter.choices) for parameter in parameters if parameter.choices}
        scored = _over_columns(function, {"direction": directions, **choices})
        RULES[function.__name__] = Rule(
            code=function.__name__,
            name=name,
            summary=summary,
            words=words,
            source=_source(function),
            function=scored,
            native=native,
            parameters=parameters,
            inputs=tuple(needed for needed in names if needed in INPUTS),
            arguments=tuple(needed for needed in names if needed not in INPUTS),
            directions=directions,
            target=target,
            veto=veto,
        )
        return scored

    return register


def _source(function: Callable[..., Column]) -> str:
    section = inspect.cleandoc(function.__doc__ or "").partition("Source\n------\n")[2]
    return " ".join(section.partition("\n\n")[0].split())


def _over_columns(function: Callable[..., Column], allowed: Mapping[str, tuple[str, ...]]) -> Callable[..., Column]:
    """Let a rule see float columns of one length, and refuse a word that is not among the allowed ones."""
    signature = inspect.signature(function)
    optional = {name for name, parameter in signature.parameters.items() if parameter.default is None}

    @wraps(function)
    def scored(*args: Any, **kwargs: Any) -> Column:
        given = signature.bind(*args, **kwargs).arguments
        for name, words in allowed.items():
            left_out = name in optional and given.get(name) is None
            if name in given and not left_out and given[name] not in words:
                raise ValueError(f'{name} must be one of {", ".join(words)}, got "{given[name]}"')
        names = [name for name in COLUMNS if name in given and not (given[name] is None and name in optional)]
        columns = np.broadcast_arrays(*(_finite(np.atleast_1d(np.asarray(given[name], np.float64))) for name in names))
        with np.errstate(all="ignore"):
            points = function(**{**given, **dict(zip(names, columns, strict=True))})
        return _finite(points) + 0.0  # turns -0.0 into 0.0

    return scored


def _finite(numbers: Column) -> Column:
    return np.where(np.isinf(numbers), nan, numbers) if np.isinf(numbers).any() else numbers
