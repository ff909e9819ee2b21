"""Makes the scheme of a plain scorecard: columns of figures with weights, grades with quotas.

Every column is an indicator whose figures are typed in, on a straight line from its worst value to its best one. All
that is decided here stands on the sheets of the workbook afterwards, to be changed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlperf.core.problems import Lang, Text
from xlperf.policy.scheme import Scheme
from xlperf.policy.schemes import BLANK, from_records, text_of

DIMENSION = ("results", Text("业绩", "Results"))
NO_UNIT = Text("个", "units")  # the unit of figures of which nobody says what they count
_UNIT_IN_HEADING = re.compile(r"[(（]([^()（）]*[^()（）\d\W][^()（）]*)[)）]\s*$")
_LESS = re.compile(
    "absen|late|overdue|delay|complain|error|mistake|defect|fault|fail|reject|return|rework|accident|incident|"
    "injur|violat|penal|churn|attrition|turnover rate|lost|cost|expens|downtime|"
    "缺勤|旷工|迟到|早退|请假|投诉|差错|错误|失误|缺陷|不良|次品|逾期|超期|延误|拖延|流失|离职|成本|费用|事故|工伤|违规|违纪|处罚|"
    "扣分|退货|返工|报废|停机|漏",
    re.IGNORECASE,
)  # words in headings of figures of which one usually wants few: they are asked about, never decided


@dataclass(frozen=True)
class ScaledColumn:
    """A column of figures: its heading, what it weighs, and the values that earn nothing and the full points."""

    heading: str
    weight: float
    worst: float
    best: float
    note: Text = Text("", "")
    unit: str = ""


def unit_in(heading: str) -> str:
    """Return the unit that a heading ends with in brackets; "" where it names none.

    >>> unit_in("Sales (10k yuan)"), unit_in("缺勤（天）"), unit_in("Service (1-5)"), unit_in("Sales")
    ('10k yuan', '天', '', '')
    """
    found = _UNIT_IN_HEADING.search(heading)
    return found[1].strip() if found else ""


def sounds_less_is_better(heading: str) -> bool:
    """Whether a heading has a word for something of which one usually wants little.

    >>> sounds_less_is_better("Days absent"), sounds_less_is_better("投诉数"), sounds_less_is_better("Sales")
    (True, True, False)
    """
    return _LESS.search(heading) is not None


def scorecard(
    columns: Sequence[ScaledColumn], grades: Mapping[str, float], lang: Lang, *, name: str, by_department: bool = False
) -> Scheme:
    """Return the scheme of a plain scorecard.

    Parameters
    ----------
    columns : one for each indicator; their weights total 100, and no worst value is the best one
    grades : from best to worst, with the share of people in per cent; they total 100
    lang : of notes and units
    name : of the scheme, which is its code too
    by_department : whether each department is a pool of its own

    Raises
    ------
    ValueError
        Where the columns or the grades are not as they must be.

    Examples
    --------
    >>> columns = [ScaledColumn("Sales", 60, 0, 50), ScaledColumn("Absences", 40, 10, 0)]
    >>> scheme = scorecard(columns, {"A": 20, "B": 80}, "en", name="mine")
    >>> [(each.code, each.direction, each.parameters) for each in scheme.indicators]
    [('sales', 'higher', {'worst': 0.0, 'best': 50.0}), ('absences', 'lower', {'worst': 10.0, 'best': 0.0})]
    """
    raw = tomllib.loads(text_of(BLANK))
    own: dict[str, Any] = {"scheme": name, "name": name, "name_en": name, "grading": "quota"}
    pools = {"pool_by": ["department"]} if by_department else {}
    code, title = DIMENSION
    records = {
        "settings": raw["settings"] | own | pools,
        "dimensions": [{"code": code, "name": title.zh, "name_en": title.en, "weight": 100}],
        "indicators": [
            {
                "code": word,
                "name": each.heading,
                "dimension": code,
                "weight": each.weight,
                "levels": "employee",
                "kind": "quantitative",
                "unit": each.unit or NO_UNIT(lang),
                "direction": "higher" if each.best > each.worst else "lower",
                "source": "actuals",
                "measure": "given",
                "rule": "range_scale",
                "parameters": f"worst = {each.worst:.15g}; best = {each.best:.15g}",
                "note": each.note(lang),
            }
            for word, each in zip(codes_of([each.heading for each in columns]), columns, strict=True)
        ],
        "grades": [{"code": grade, "name": grade, "share": share / 100} for grade, share in grades.items()],
    }
    scheme, problems = from_records(records, name)
    if wrong := [each.found("en") for each in problems if each.level == "error"]:
        raise ValueError("; ".join(wrong))
    return scheme


def codes_of(headings: Sequence[str]) -> list[str]:
    """Return codes for columns with some headings: letters, digits and low lines, no two alike.

    >>> codes_of(["Job satisfaction (1-4)", "销售额", "job satisfaction 1 4"])
    ['job_satisfaction_1_4', '销售额', 'job_satisfaction_1_4_2']
    """
    codes: list[str] = []
    for heading in headings:
        plain = re.sub(r"\W+", "_", heading).strip("_").lower() or "figure"
        number, code = 1, plain
        while code in codes:
            number += 1
            code = f"{plain}_{number}"
        codes.append(code)
    return codes
