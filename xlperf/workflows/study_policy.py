"""Studies a policy: what another one would change, and what weights are founded on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlperf.core.problems import Lang, Problem, in_order
from xlperf.workflows.result import Refused, Result, refuse_errors, workflow
from xlperf.workflows.store import BookOrPath, WorkbookStore, read_from, store_of

if TYPE_CHECKING:
    from fractions import Fraction

    from xlperf.analysis.whatif import WhatIf
    from xlperf.policy.ahp import Floats
    from xlperf.policy.scheme import Scheme
    from xlperf.policy.weights import Proposal
    from xlperf.scoring.stages import Appraisal
    from xlperf.workbook.read.book import Book

    NewWeights = Mapping[str, Mapping[int, Fraction]]  # by sheet and row


@dataclass(frozen=True)
class WhatIfResult(Result):
    """What would be otherwise under another policy; nothing was written."""

    found: WhatIf


@dataclass(frozen=True)
class WeightsResult(Result):
    """The weights that judgements give, set by set, and the rows whose weights were written, before and after."""

    sets: Sequence[Mapping[str, Any]]
    changes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class ScaledWeightsResult(Result):
    """The rows whose weights must change to total what they must, before and after; none where they do."""

    changes: Sequence[Mapping[str, Any]]


@workflow
def whatif(
    book: BookOrPath, changes: Sequence[tuple[str, str]], *, normalise: bool = False, period: str | None = None
) -> WhatIfResult:
    """Show who would change grade under another policy, and what it costs; nothing is written.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    changes : a key and a value each; a key is a setting, or a cell of a policy sheet: ``grades.A.share``
    normalise : whether other weights make room, so that they total what they must
    period : such as ``2026-10``; the one on Home, if none is given

    Returns
    -------
    WhatIfResult; Refusal where a key or a value is not understood, or there are no results after the change.
    """
    from xlperf.analysis.whatif import what_if

    ours = read_from(store_of(book))
    found = what_if(ours.tables, ours.scheme, list(changes), normalise, period, ours.problems)
    if not found.done:
        raise Refused(found.problems, ours.lang)
    return WhatIfResult(tuple(found.problems), ours.lang, (), found)


@workflow
def weights(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    write: bool = False,
    period: str | None = None,
    lang: Lang | None = None,
) -> WeightsResult:
    """Show the weights that pairwise comparisons give, and what the spread of the points says.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    output : another file to write; the workbook itself, if none is given
    write : whether the judged weights are written
    period : such as ``2026-10``; the one on Home, if none is given
    lang : of the names; that of the workbook, if none is given

    Returns
    -------
    WeightsResult; Refusal where the weights are to be written and are not certain.
    """
    from xlperf.policy.ahp import judge
    from xlperf.policy.weights import propose, unweighted
    from xlperf.schema import SHEETS
    from xlperf.scoring.pipeline import appraise

    store = store_of(book)
    ours = read_from(store)
    said = lang or ours.lang
    judged, found = judge(ours.scheme)
    proposals = propose(ours.scheme, judged)
    problems = [*found, *_of_pairs(ours), *unweighted(ours.scheme, proposals)]
    if not any(each.found for each in judged):
        problems.append(Problem("pairs-none", SHEETS["pairs"].title(said), strictness="error" if write else None))
    appraisal = appraise(ours.tables, ours.scheme, period, ours.problems)
    sets = [_opinions(each, appraisal, said) for each in proposals if len(each.judged.compared.items) > 1]
    changed: list[dict[str, Any]] = []
    written: tuple[Path, ...] = ()
    if write:
        wanted = _certain_weights(ours, proposals, problems)
        written = _put(store, ours, output, wanted)
        changed = _log(ours.scheme, wanted, said)
    return WeightsResult(tuple(in_order(problems)), ours.lang, written, sets, changed)


@workflow
def normalise_weights(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    write: bool = False,
    period: str | None = None,
    lang: Lang | None = None,
) -> ScaledWeightsResult:
    """Scale weights so that they total 100 % in every position group, or the full points where points are added.

    Parameters
    ----------
    book, output, write, period, lang : as for :func:`weights`

    Returns
    -------
    ScaledWeightsResult; Refusal where weights cannot be scaled.
    """
    from xlperf.policy.weights import normalise

    store = store_of(book)
    ours = read_from(store)
    new, problems = normalise(ours.scheme, _groups_held(ours, period))
    refuse_errors(problems, ours.lang)
    changed = _log(ours.scheme, new, lang or ours.lang)
    written = _put(store, ours, output, new) if changed and write else ()
    return ScaledWeightsResult(tuple(in_order(problems)), ours.lang, written, changed)


def _certain_weights(book: Book, proposals: Sequence[Proposal], problems: Sequence[Problem]) -> NewWeights:
    """Return the judged weights; refuse them where they are not certain."""
    from xlperf.policy.weights import changes

    wanted, shared = changes(book.scheme, proposals)
    certain = [replace(each, strictness="error") if each.code == "pairs-missing" else each for each in problems]
    refuse_errors([*certain, *shared], book.lang)
    return wanted


def _put(store: WorkbookStore, ours: Book, output: str | Path | None, new: NewWeights) -> tuple[Path, ...]:
    """Write weights into the workbook."""
    from xlperf.workbook.write.policy_cells import put_policy_cells
    from xlperf.workbook.write.update import looked_at_in_full

    cells = {(sheet, "weight"): {i: float(weight) for i, weight in column.items()} for sheet, column in new.items()}
    return store.change(
        looked_at_in_full(*new),
        lambda workbook: put_policy_cells(workbook, ours.tables, cells),
        Path(output) if output is not None else None,
    )


def _of_pairs(book: Book) -> list[Problem]:
    """Return what is wrong with the comparisons: how they are written, and which of them do not fit."""
    from xlperf.policy.validation.pairs import CHECKS

    title = book.scheme.table("pairs").title
    read_wrongly = [each for each in book.problems if each.sheet == title and each.level == "error"]
    return read_wrongly + [problem for check in CHECKS for problem in check(book.scheme)]


def _opinions(proposal: Proposal, appraisal: Appraisal, lang: Lang) -> dict[str, Any]:
    """Return what is to be said of one comparison set: every weight in the unit of the sheet."""
    from xlperf.policy.ahp import critic_weights, entropy_weights
    from xlperf.policy.validation.pairs import set_name

    judged, total = proposal.judged, float(proposal.total) if proposal.total is not None else 100.0
    points = _points_of(proposal, appraisal)
    by_judgement = proposal.weights if judged.found and proposal.weights else [None] * len(judged.compared.items)
    opinions = zip(judged.compared.items, by_judgement, entropy_weights(points), critic_weights(points), strict=True)
    return {
        "set": set_name(judged.compared)(lang),
        "total": total,
        "consistency_ratio": _number(judged.found.consistency_ratio) if judged.found else None,
        "consistent": judged.found.consistent if judged.found else None,
        "items": [
            {
                "code": item.code,
                "name": item.name(lang),
                "now": _number(item.weight),
                "judged": None if weight is None else float(weight),
                "entropy": _number(entropy * total),
                "critic": _number(critic * total),
            }
            for item, weight, entropy, critic in opinions
        ],
    }


def _points_of(proposal: Proposal, appraisal: Appraisal) -> Floats:
    """Return the points of people on the items of a set; of nobody where nothing could be scored."""
    import numpy as np

    from xlperf.policy.ahp import points_on
    from xlperf.scoring.stages import Scored

    compared = proposal.judged.compared
    if not isinstance(appraisal, Scored):
        return np.full((0, len(compared.items)), np.nan)
    scores = appraisal.points.points if compared.within else appraisal.totals.dimensions
    return points_on(compared, appraisal.indicators, appraisal.applies, scores)


def _number(value: float) -> float | None:
    return None if value != value else float(value)


def _log(scheme: Scheme, weights: NewWeights, lang: Lang) -> list[dict[str, Any]]:
    """Return the weight of each row before and after."""
    return [
        _written(scheme, sheet, position, float(weight), lang)
        for sheet, column in weights.items()
        for position, weight in column.items()
    ]


def _written(scheme: Scheme, sheet: str, position: int, weight: float, lang: Lang) -> dict[str, Any]:
    table = scheme.table(sheet)
    cell = Problem("", table.title, table.cells("weight", [position])).place
    item = (scheme.dimensions if sheet == "dimensions" else scheme.indicators)[position]
    return {"cell": cell, "code": item.code, "name": item.name(lang), "before": _number(item.weight), "after": weight}


def _groups_held(book: Book, period: str | None) -> list[str]:
    """Return the position groups of the employees; none where the period is not known."""
    from xlperf.scoring.pipeline import appraise
    from xlperf.scoring.stages import Gathered

    appraisal = appraise(book.tables, book.scheme, period, book.problems)
    return appraisal.people.groups() if isinstance(appraisal, Gathered) else []
