"""Total and bands to grade: which band a total falls into, and what a limit or a grade is worth.

A grade is its position in the scheme's list, best first: 0 is the best grade, -1 means no grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Grades = npt.NDArray[np.intp]
Limit = Literal["not_better", "not_worse"]

NO_GRADE = -1


def grade_by_band(totals: npt.ArrayLike, lower_bounds: Sequence[float]) -> Grades:
    """Grade each total by the band it falls into; a lower bound belongs to its own band.

    Use it where the grade depends on a person's own total; where it depends on the others in the pool,
    shares of a forced distribution decide instead.

    Parameters
    ----------
    totals : n numbers, points
        Already rounded as shown to HR: 89.95 shown as 90.0 must arrive as 90.0. NaN means not scored.
    lower_bounds : sequence of k numbers, points, best grade first
        Lowest total of each grade. ``-inf`` as the last one gives everybody a grade.

    Returns
    -------
    n integers from 0 (best) to k - 1; -1 where the total is NaN or below the last bound.

    Raises
    ------
    ValueError
        "lower bounds must fall from grade to grade, got 80, 90".

    Examples
    --------
    >>> grade_by_band([95, 90, 89.9, 60, 59.9, float("nan")], [90, 80, 60]).tolist()
    [0, 0, 1, 2, -1, -1]
    """
    bounds = np.asarray(lower_bounds, dtype=float)
    if not (bounds[1:] < bounds[:-1]).all() or np.isnan(bounds).any():
        raise ValueError(f"lower bounds must fall from grade to grade, got {', '.join(f'{b:g}' for b in bounds)}")
    points = np.asarray(totals, dtype=float)
    reached = np.searchsorted(bounds[::-1], points, side="right")
    return np.where(np.isnan(points) | (reached == 0), NO_GRADE, len(bounds) - reached)


def limit_grade(grade: npt.ArrayLike, limit: npt.ArrayLike, how: Limit) -> Grades:
    """Hold each grade against a limit: no better than it (a ceiling) or no worse than it (a floor).

    Parameters
    ----------
    grade, limit : n integers, or one limit for all
        0 is the best grade. A missing limit (-1) leaves the grade as it is; a missing grade stays missing.
    how : "not_better" or "not_worse"
        Take the worse of the two, or the better of the two.

    Raises
    ------
    ValueError
        'how must be "not_better" or "not_worse", got "cap"'.

    Examples
    --------
    >>> limit_grade([0, 1, 3, -1], 2, "not_better").tolist()
    [2, 2, 3, -1]
    >>> limit_grade([0, 3, 3], [1, 1, -1], "not_worse").tolist()
    [0, 1, 3]
    """
    own, bound = np.asarray(grade, dtype=np.intp), np.asarray(limit, dtype=np.intp)
    if how == "not_better":
        held = np.maximum(own, bound)
    elif how == "not_worse":
        held = np.minimum(own, bound)
    else:
        raise ValueError(f'how must be "not_better" or "not_worse", got "{how}"')
    return np.where((own < 0) | (bound < 0), own, held)


def coefficients(grade: npt.ArrayLike, table: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return the pay coefficient of each grade; NaN where there is no grade.

    Parameters
    ----------
    grade : array of positions in the scheme's list of grades; -1 means no grade
    table : the coefficient of each grade, best grade first; 1.2 is 120 % of the pay

    Examples
    --------
    >>> coefficients([1, 0, -1], [1.2, 1.0, 0.8]).tolist()
    [1.0, 1.2, nan]
    """
    none_then_grades = np.array([np.nan, *table], dtype=float)
    return none_then_grades[np.asarray(grade, dtype=np.intp) - NO_GRADE]
