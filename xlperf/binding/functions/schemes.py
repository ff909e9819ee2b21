"""The small schemes and periods that worksheet functions hand to the steps; made once for the same policy."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlperf.policy.conditions import When
    from xlperf.policy.scheme import Scheme

FIGURES = {"r": "return_rate", "f": "trade_count", "m": "commission"}  # columns that hold the figures of an axis
LevelRow = tuple[str, str, str, float | None]


@lru_cache(maxsize=64)
def totalling(
    weights: tuple[float, ...],
    dimensions: tuple[str, ...],
    of_dimensions: tuple[tuple[str, float], ...],
    switches: tuple[str, str, float, int],
) -> Scheme:
    """Return a scheme of these indicators and dimensions; ``switches`` are method, cap, full points and decimals."""
    from xlperf.policy.scheme import scheme_of
    from xlperf.schema.tables import table_of

    known = dict(of_dimensions) or dict.fromkeys(dimensions, 0.0)
    basis = "dimension" if of_dimensions else "total"
    names = ["total_method", "cap_total", "full_points", "decimals", "weight_basis"]
    codes = [f"i{k}" for k in range(len(weights))]
    return scheme_of(
        {
            "settings": table_of("settings", {"setting": names, "value": [*switches, basis]}),
            "dimensions": table_of("dimensions", {"code": list(known), "weight": list(known.values())}),
            "indicators": table_of("indicators", {"code": codes, "dimension": dimensions, "weight": weights}),
        }
    )[0]


@lru_cache(maxsize=16)
def rating(relations: tuple[str, ...], weights: tuple[float, ...]) -> tuple[Scheme, When]:
    """Return a scheme with one rated item, and a period that holds every day."""
    from xlperf.policy.scheme import scheme_of
    from xlperf.schema.tables import table_of

    item = {"code": "item", "source": "ratings", "measure": "mean", "column": "score"}
    tables = {
        "indicators": table_of("indicators", [item]),
        "raters": table_of("raters", {"relation": relations, "weight": weights}),
    }
    return scheme_of(tables)[0], every_day()


@lru_cache(maxsize=16)
def classifying(levels: tuple[LevelRow, ...], classes: tuple[tuple[str, ...], ...]) -> Scheme:
    """Return a scheme with these levels and classes of clients."""
    from xlperf.policy.scheme import scheme_of
    from xlperf.schema.tables import table_of

    of_levels = [
        {"axis": axis, "level": level, "column": FIGURES[axis], "mode": mode, "lower": lower}
        for axis, level, mode, lower in levels
    ]
    of_classes = [dict(zip(("code", "r_level", "f_level", "m_level"), each, strict=True)) for each in classes]
    tables = {"classes": table_of("classes", of_levels), "client_classes": table_of("client_classes", of_classes)}
    return scheme_of(tables)[0]


def every_day() -> When:
    """Return a period that holds every day of a workbook."""
    from datetime import date

    from xlperf.policy.conditions import When

    first, last = date(1900, 1, 1), date(2199, 12, 31)
    return When(first, last, first, last)
