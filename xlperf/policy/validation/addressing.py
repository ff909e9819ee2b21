"""What the checks share: a problem at a cell of a policy sheet, and how shares and weights are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from xlperf.core.problems import Problem
from xlperf.policy.scheme import Scheme

Check = Callable[[Scheme], Iterable[Problem]]


def at(scheme: Scheme, code: str, sheet: str, column: str, positions: Iterable[int], /, **details: object) -> Problem:
    """Return a problem with the address of one or more cells of a policy sheet.

    Parameters
    ----------
    code : of the message
    sheet, column, positions : the codes of a policy sheet and of its column, and the positions of its rows, from 0
    details : what the message names

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> at(load("service-team"), "grade-names-order", "grades", "name", [4]).place
    "'service-team.toml[grades]'!name 5"
    """
    table = scheme.table(sheet)
    return Problem(code, table.title, table.cells(column, list(positions)), details)


def report(
    scheme: Scheme, code: str, sheet: str, column: str, positions: Iterable[int], /, **details: object
) -> Iterator[Problem]:
    """Yield a problem at cells; nothing where one of them was not understood, which is reported there already.

    Parameters
    ----------
    code : of the message
    sheet, column, positions : the codes of a policy sheet and of its column, and the positions of its rows
    details : what the message names
    """
    rows = list(positions)
    if scheme.is_read(sheet, rows, column):
        yield at(scheme, code, sheet, column, rows, **details)


def report_setting(scheme: Scheme, code: str, setting: str, /, **details: object) -> Iterator[Problem]:
    """Yield a problem at the value of a setting; nothing where the value was not understood.

    Parameters
    ----------
    code : of the message
    setting : its code, as the Home sheet lists it
    details : what the message names
    """
    table = scheme.table("settings")
    where = [i for i, name in enumerate(table["setting"]) if name == setting]
    if scheme.is_read("settings", where, "value"):
        yield Problem(code, table.title, table.cells("value", where) if where else "", details)


def as_percent(share: Fraction) -> str:
    """Return a share as a percentage of at most ten significant digits, without floating-point dust.

    >>> as_percent(Fraction(1, 5)), as_percent(Fraction(1, 40))
    ('20%', '2.5%')
    """
    return f"{float(share * 100):.10g}%"


def listed(weights: Iterable[float], sign: str = "") -> str:
    """Return weights as they are written when they are added up.

    Parameters
    ----------
    weights : numbers, in the unit that ``sign`` names
    sign : what stands behind each, such as "%"

    Examples
    --------
    >>> listed([30, 20.5], "%")
    '30% + 20.5%'
    """
    return " + ".join(f"{weight:.10g}{sign}" for weight in weights)
