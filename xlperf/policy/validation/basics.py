"""Checks what every scheme has: weights, shares, bands, grades, codes, targets and units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from xlperf.core.intervals import EVERYTHING, Interval, holes, overlaps, uncovered
from xlperf.core.numbers import SHARE_TOLERANCE, fraction_of
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS, fold, unit_name
from xlperf.policy.scheme import UNSCORED, Grade, Indicator, Scheme
from xlperf.policy.validation.addressing import Check, as_percent, listed, report, report_setting
from xlperf.schema import SHEETS
from xlperf.schema.settings import SETTINGS

NO_GROUP = Text("没有岗位编号的人", "people without a position group")
ALL_POSITIONS = Text("所有岗位", "all positions")


# What is there at all ----------------------------------------------------------------------------------------------


def check_scheme_filled(scheme: Scheme) -> Iterator[Problem]:
    """The sheets without which nothing can be appraised have rows; of a blank scheme one problem tells the order."""
    if scheme.is_blank:
        lacking = [SHEETS[code].title for code in ("dimensions", "indicators", "grades") if not len(scheme.table(code))]
        yield Problem("scheme-blank", scheme.table("settings").title, details={"sheets": lacking})
    elif not scheme.indicators and not scheme.parts:
        yield Problem("indicators-missing", scheme.table("indicators").title)


def check_settings_in_order(scheme: Scheme) -> Iterator[Problem]:
    """The fewest points of a commendation are not above the most."""
    low, high = SETTINGS["commendation_least"], SETTINGS["commendation_most"]
    least, most = scheme.settings.commendation_least, scheme.settings.commendation_most
    if least > most:
        yield from report_setting(
            scheme, "settings-reversed", low.code, low=low.name, high=high.name, low_value=least, high_value=most
        )


# Weights -----------------------------------------------------------------------------------------------------------


def weights_of_groups(scheme: Scheme, groups: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each position group whose weights do not total what they must.

    Parameters
    ----------
    groups : the position groups that people hold, "" for people without one; those of the indicators are checked anyway

    Yields
    ------
    Problem: ``weights-not-100`` where they are not 100 %, or not the full points where points are added up;
    ``weights-of-dimension`` where they are shares of their dimension and not 100 % in it; ``dimension-differs``
    where they do not total what their dimension states. Nothing where a weight was not understood or is below zero,
    which is reported there.

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> list(weights_of_groups(load("service-team"), []))
    []
    """
    if not scheme.is_read("indicators", range(len(scheme.indicators)), "weight", "group", "levels", "dimension"):
        return  # which weights belong together is not known
    if any((scheme.table(sheet)["weight"] < 0).any() for sheet in ("indicators", "dimensions")):
        return  # reported where it stands
    scored = scheme.of_level("employee")
    held = set(groups)
    named = {indicator.group for indicator in scored if indicator.group} | held - {""}
    if named and "" in held:
        named.add("")  # people without a group, to whom only the indicators of all positions belong
    members_of = {group: [each for each in scored if each.group in ("", group)] for group in sorted(named) or [""]}
    if scheme.settings.weight_basis != "dimension":
        yield from _dimensions_agree(scheme, members_of)
    full = fraction_of(scheme.settings.full_points)
    wanted = full if scheme.settings.total_method == "sum" else Fraction(100)
    for group, members in members_of.items():
        shown = group or (NO_GROUP if len(members_of) > 1 else ALL_POSITIONS)
        if scheme.settings.weight_basis != "dimension":
            yield from _total(scheme, members, wanted, "weights-not-100", group=shown)
            continue
        for dimension in scheme.dimensions:
            inside = [each for each in members if each.dimension == dimension.code]
            yield from _total(scheme, inside, Fraction(100), "weights-of-dimension",
                              group=shown, dimension=dimension.name)  # fmt: skip


def _total(
    scheme: Scheme, members: list[Indicator], wanted: Fraction, code: str, **details: object
) -> Iterator[Problem]:
    weights = [each.weight for each in members]
    total = sum((fraction_of(weight) for weight in weights if weight == weight), Fraction(0))
    if members and abs(total - wanted) > SHARE_TOLERANCE:
        sign = "" if scheme.settings.total_method == "sum" else "%"
        yield from report(
            scheme, code, "indicators", "weight", (scheme.indicators.index(each) for each in members),
            sum=f"{float(total):.10g}{sign}", wanted=f"{float(wanted):.10g}{sign}",
            gap=f"{float(wanted - total):+.10g}{sign}", listed=listed(weights, sign), **details,
        )  # fmt: skip


def _dimensions_agree(scheme: Scheme, members_of: Mapping[str, list[Indicator]]) -> Iterator[Problem]:
    """A dimension's own weight is the total of its indicators, in every position group that uses it."""
    known = {each.code for each in scheme.dimensions}
    if any(each.dimension not in known for each in scheme.indicators):
        return  # a dimension that is not known is reported where it stands
    for position, dimension in enumerate(scheme.dimensions):
        sums: dict[Fraction, list[str]] = {}
        for group, members in members_of.items():
            weights = [each.weight for each in members if each.dimension == dimension.code]
            if weights:
                total = sum((fraction_of(weight) for weight in weights if weight == weight), Fraction(0))
                sums.setdefault(total, []).append(group)
        for total, groups in sums.items() if dimension.weight == dimension.weight else ():
            if abs(total - fraction_of(dimension.weight)) > SHARE_TOLERANCE:
                shown = [each or ALL_POSITIONS for each in groups]
                yield from report(scheme, "dimension-differs", "dimensions", "weight", [position],
                                  dimension=dimension.name, stated=dimension.weight, sum=float(total),
                                  group=shown)  # fmt: skip


def check_dimension_weights(scheme: Scheme) -> Iterator[Problem]:
    """Where indicators weigh within their dimension, the dimensions total 100 %."""
    if scheme.settings.weight_basis != "dimension":
        return
    weights = [each.weight for each in scheme.dimensions]
    total = sum((fraction_of(weight) for weight in weights if weight == weight), Fraction(0))
    if abs(total - 100) > SHARE_TOLERANCE:
        yield from report(scheme, "dimension-weights", "dimensions", "weight", range(len(weights)), wanted="100%",
                  sum=f"{float(total):.10g}%", gap=f"{float(100 - total):+.10g}%",
                  listed=listed(weights, "%"))  # fmt: skip


def check_weights_not_negative(scheme: Scheme) -> Iterator[Problem]:
    """No indicator and no dimension has a weight below zero."""
    for sheet in ("indicators", "dimensions"):
        for position, weight in enumerate(scheme.table(sheet)["weight"]):
            if weight < 0:
                yield from report(scheme, "weight-negative", sheet, "weight", [position], cell=float(weight))


def check_weights_within_limits(scheme: Scheme) -> Iterator[Problem]:
    """Every weight lies between the least and the most that its own row states.

    >>> from xlperf.policy.schemes import load
    >>> list(check_weights_within_limits(load("service-team")))
    []
    """
    table = scheme.table("indicators")
    limits = zip(scheme.indicators, table["weight_least"], table["weight"], table["weight_most"], strict=False)
    for position, (each, least, weight, most) in enumerate(limits):
        details = {"indicator": each.name, "least": float(least), "most": float(most)}
        if least > most:
            yield from report(scheme, "weight-limits-reversed", "indicators", "weight_least", [position], **details)
        elif weight < least:
            yield from report(scheme, "weight-below-least", "indicators", "weight", [position], cell=float(weight),
                              **details)  # fmt: skip
        elif weight > most:
            yield from report(scheme, "weight-above-most", "indicators", "weight", [position], cell=float(weight),
                              **details)  # fmt: skip


# Codes -------------------------------------------------------------------------------------------------------------


def check_codes_known(scheme: Scheme) -> Iterator[Problem]:
    """Dimensions of indicators and indicators of targets exist."""
    dimensions = [each.code for each in scheme.dimensions]
    indicators = [each.code for each in scheme.indicators]
    yield from _unknown(scheme, "indicators", "dimension", dimensions, "dimensions")
    yield from _unknown(scheme, "targets", "indicator", indicators, "indicators")


def _unknown(scheme: Scheme, sheet: str, column: str, known: list[str], other: str) -> Iterator[Problem]:
    if not scheme.is_read(other, range(len(scheme.table(other))), "code"):
        return  # which codes there are is not known
    for position, code in enumerate(scheme.table(sheet)[column]):
        if isinstance(code, str) and code not in known:
            yield from report(scheme, "code-unknown", sheet, column, [position], cell=code, near=similar(code, known),
                      column=SHEETS[sheet][column].name, sheet=SHEETS[other].title)  # fmt: skip


def check_codes_apart(scheme: Scheme) -> Iterator[Problem]:
    """No two records of a sheet have codes that differ in case or width only, or the same name."""
    for sheet in ("dimensions", "indicators", "grades", "outcomes", "pay"):
        table = scheme.table(sheet)
        for column in ("code", "name"):
            first: dict[str, str] = {}
            for position, word in enumerate(table[column]):
                other = first.setdefault(fold(word), word) if isinstance(word, str) else word
                if other != word or (column == "name" and word in list(table[column])[:position]):
                    yield from report(scheme, "words-alike", sheet, column, [position], cell=word, other=other,
                                      column=SHEETS[sheet][column].name)  # fmt: skip


def check_targets_set(scheme: Scheme) -> Iterator[Problem]:
    """A target for a department, a position or a person says for which one, and is above 0 where it divides."""
    table = scheme.table("targets")
    divides = {each.code for each in scheme.indicators if each.rule != UNSCORED and each.card.target == "ratio"}
    names = {each.code: each for each in scheme.indicators}
    columns = (table[code] for code in ("indicator", "scope", "scope_id", "target"))
    for position, (code, scope, scope_id, target) in enumerate(zip(*columns, strict=True)):
        if scope in ("department", "group", "employee") and not isinstance(scope_id, str):
            yield from report(scheme, "target-of-whom", "targets", "scope_id", [position],
                              scope=WORDS["target_scope"][scope])  # fmt: skip
        if code in divides and target <= 0:
            yield from report(scheme, "target-zero", "targets", "target", [position], indicator=names[code].name,
                              rule=names[code].card.name, target=target)  # fmt: skip


def check_dimensions_told_apart(scheme: Scheme) -> Iterator[Problem]:
    """No dimension has the code of a column of the results, which conditions ask about."""
    columns = SHEETS["results"].by_code
    for position, each in enumerate(scheme.dimensions):
        if each.code in columns:
            yield from report(scheme, "dimension-reserved", "dimensions", "code", [position], cell=each.code,
                              column=columns[each.code].name)  # fmt: skip


def check_tie_chain(scheme: Scheme) -> Iterator[Problem]:
    """A tie-break chain names dimensions, indicators or the hire date."""
    settings = scheme.settings
    if settings.ties != "chain":
        return
    if not settings.tie_chain:
        yield from report_setting(scheme, "chain-empty", "tie_chain")
    known = [*(each.code for each in scheme.dimensions), *(each.code for each in scheme.indicators), "hire_date"]
    for code in settings.tie_chain:
        if code not in known:
            yield from report_setting(
                scheme, "chain-unknown", "tie_chain", cell=code, known=similar(code, known) or known[:8]
            )


# Indicators --------------------------------------------------------------------------------------------------------


TINY, HUGE = 1 / 50, 2  # of full points: nobody means less, and nobody reaches more


def is_off_scale(points: float, full: float) -> bool:
    """Tell whether points are so few or so many that they cannot be meant on a scale of full points.

    >>> is_off_scale(0.85, 100), is_off_scale(850, 100), is_off_scale(85, 100), is_off_scale(0, 100)
    (True, True, False, False)
    """
    return 0 < points <= TINY * full or points > HUGE * full


def check_rules_fit(scheme: Scheme) -> Iterator[Problem]:
    """A rule serves the indicator's direction, has its target and its bands; a veto has no weight."""
    overridden = set(scheme.table("targets")["indicator"])
    for position, each in enumerate(scheme.indicators):
        if each.rule == UNSCORED:
            continue
        rule = each.card
        if each.direction not in rule.directions and scheme.is_read("indicators", [position], "direction"):
            words = WORDS["direction"]
            yield from report(
                scheme, "rule-direction", "indicators", "direction", [position], indicator=each.name, rule=rule.name,
                direction=words[each.direction], allowed=[words[d] for d in rule.directions],
            )  # fmt: skip
        if rule.target != "none" and each.target != each.target and each.code not in overridden:
            yield from report(scheme, "target-missing", "indicators", "target", [position], indicator=each.name,
                     rule=rule.name,
                      unit=unit_name(each.unit))  # fmt: skip
        if rule.target == "ratio" and each.target <= 0:
            yield from report(scheme, "target-zero", "indicators", "target", [position], indicator=each.name,
                     rule=rule.name,
                      target=each.target)  # fmt: skip
        band_set = each.parameters.get("band_set")
        if band_set is not None and band_set not in scheme.bands:
            yield from report(scheme, "bands-missing", "indicators", "parameters", [position], band_set=band_set,
                      near=similar(band_set, scheme.bands))  # fmt: skip
        if rule.veto and each.weight > 0:
            yield from report(
                scheme, "veto-weight", "indicators", "weight", [position], indicator=each.name, weight=each.weight
            )


RATIOS = ("share", "completeness", "mean", "ratio", "growth")  # measures that stay what they are over fewer days
RATE_UNITS = ("%", "％", "multiple", "‰")


def check_units_declared(scheme: Scheme) -> Iterator[Problem]:
    """A unit is declared, and a rate is not a count."""
    for position, each in enumerate(scheme.indicators):
        if not each.unit:
            yield from report(scheme, "unit-missing", "indicators", "unit", [position], indicator=each.name)
        elif not scheme.is_read("indicators", [position], "measure"):
            continue
        elif (each.is_count and each.unit in RATE_UNITS) or (
            each.measure in ("share", "completeness", "growth") and each.unit not in RATE_UNITS
        ):
            yield from report(scheme, "unit-measure", "indicators", "unit", [position], indicator=each.name,
                      unit=unit_name(each.unit), measure=WORDS["measure"][each.measure])  # fmt: skip


MOST_OF_SHARE, MOST_OF_RATE = 1, 10  # targets in % above these are usually percentages without their sign


def check_targets_in_percent(scheme: Scheme) -> Iterator[Problem]:
    """A target in % is a fraction: 80 would be 8,000 %."""
    most = {
        each.code: MOST_OF_SHARE if each.measure in ("share", "completeness") else MOST_OF_RATE
        for each in scheme.indicators
        if each.unit in ("%", "％")
    }
    for sheet, column in (("indicators", "code"), ("targets", "indicator")):
        table = scheme.table(sheet)
        for position, (code, target) in enumerate(zip(table[column], table["target"], strict=True)):
            if code in most and target > most[code]:
                yield from report(scheme, "target-in-percent", sheet, "target", [position], target=float(target),
                                  percent=f"{target:,.0%}", meant=f"{target:.10g}%")  # fmt: skip


def check_parameters_in_percent(scheme: Scheme) -> Iterator[Problem]:
    """A parameter in % is a fraction: a cap of 100 would be 10,000 %."""
    for position, each in enumerate(scheme.indicators):
        for parameter in each.card.parameters if each.rule != UNSCORED else ():
            value = each.parameters.get(parameter.code)
            if parameter.kind == "fraction" and isinstance(value, float) and abs(value) > MOST_OF_RATE:
                yield from report(scheme, "parameter-in-percent", "indicators", "parameters", [position],
                                  parameter=parameter.name, cell=value, percent=f"{value:,.0%}",
                                  meant=f"{value:.10g}%")  # fmt: skip


def check_coefficients_in_percent(scheme: Scheme) -> Iterator[Problem]:
    """A coefficient is a factor: 120 would pay a hundred times as much as 1.2."""
    for position, grade in enumerate(scheme.grades):
        if grade.coefficient > MOST_OF_RATE:
            yield from report(scheme, "coefficient-in-percent", "grades", "coefficient", [position], grade=grade.name,
                              coefficient=grade.coefficient, meant=f"{grade.coefficient / 100:.10g}")  # fmt: skip


def check_columns_used(scheme: Scheme) -> Iterator[Problem]:
    """A count and a share are of rows: a column beside them does nothing."""
    for position, each in enumerate(scheme.indicators):
        if each.measure in ("count", "share") and each.columns:
            yield from report(scheme, "column-unused", "indicators", "column", [position], indicator=each.name,
                              measure=WORDS["measure"][each.measure])  # fmt: skip


FINDING = re.compile(r"发现|漏洞|found|detected", re.IGNORECASE)


def check_purpose_noted(scheme: Scheme) -> Iterator[Problem]:
    """An indicator that rewards finding faults says so."""
    for position, each in enumerate(scheme.indicators):
        if each.direction == "higher" and each.measure == "count" and any(map(FINDING.search, each.name)):
            yield from report(scheme, "indicator-purpose", "indicators", "direction", [position], indicator=each.name)


GARBLED = re.compile(r"[?？]+类|[?？]{2,}|[□\ufffd]|锟斤拷")


def check_names_readable(scheme: Scheme) -> Iterator[Problem]:
    """Names hold no garbled characters."""
    for sheet in ("dimensions", "indicators", "grades", "outcomes"):
        for column in ("name", "name_en"):
            for position, name in enumerate(scheme.table(sheet)[column]):
                if isinstance(name, str) and GARBLED.search(name):
                    yield from report(
                        scheme, "garbled", sheet, column, [position], cell=name, column=SHEETS[sheet][column].name
                    )


# Bands and grades --------------------------------------------------------------------------------------------------


def check_bands_cover(scheme: Scheme) -> Iterator[Problem]:
    """Bands have no holes, no overlaps, and points for every value that can occur."""
    band_sets = list(scheme.table("bands")["band_set"])
    used_by = {each.parameters.get("band_set"): each for each in scheme.indicators}
    for name, bands in scheme.bands.items():
        rows = [i for i, each in enumerate(band_sets) if each == name]
        intervals = [interval for interval, _ in bands]
        gaps = holes(intervals)
        for hole in gaps:
            yield from report(scheme, "bands-hole", "bands", "low", rows, band_set=name, hole=hole.show())
        for first, second in overlaps(intervals):
            yield from report(
                scheme, "bands-overlap", "bands", "low", rows, band_set=name, first=first.show(), second=second.show()
            )
        indicator = used_by.get(name)
        if indicator is not None:
            for hole in uncovered(intervals, _possible(indicator)):
                if hole not in gaps:
                    yield from report(scheme, "bands-open", "bands", "low", rows, band_set=name, open=hole.show())


def _possible(indicator: Indicator) -> Interval:
    """The values that an indicator can have: shares lie in 0..1, counts start at 0, positions in a ranking end at 1."""
    if indicator.rule == "rank_percentile":
        return Interval(0.0, False, 1.0, True)
    if indicator.parameters.get("of") == "attainment":
        return Interval(0.0, True, float("inf"), False)
    if indicator.measure in ("share", "completeness"):
        return Interval(0.0, True, 1.0, True)
    if indicator.measure == "count":
        return Interval(0.0, True, float("inf"), False)
    return EVERYTHING


def check_grades_fall(scheme: Scheme) -> Iterator[Problem]:
    """Grades by score have bounds that fall, without a hole above, between or below."""
    grades, settings = scheme.grades, scheme.settings
    if scheme.is_blank and not grades:
        return  # `scheme_filled` says so
    if not grades:
        yield Problem("grades-missing", scheme.table("grades").title)
        return
    if settings.grading == "quota" and settings.small_pool != "bands":
        return
    for position, grade in enumerate(grades):
        if grade.lower != grade.lower:
            yield from report(scheme, "grade-without-bound", "grades", "lower", [position], grade=grade.name)
    bounded = [(i, grade) for i, grade in enumerate(grades) if grade.lower == grade.lower]
    for (_, above), (position, grade) in pairwise(bounded):
        if grade.lower >= above.lower:
            yield from report(scheme, "grades-order", "grades", "lower", [position], grade=grade.name,
                     lower=grade.lower,
                      above=above.lower)  # fmt: skip
        elif grade.upper < above.lower:
            hole = Interval(grade.upper, False, above.lower, False)
            yield from report(scheme, "grades-hole", "grades", "upper", [position], grade=grade.name, upper=grade.upper,
                      above=above.lower, hole=hole.show())  # fmt: skip
    yield from _grade_ends(scheme, grades)


def check_grades_on_scale(scheme: Scheme) -> Iterator[Problem]:
    """The best grade begins at points of which full points are not many times as much, and no grade far above them."""
    full = scheme.settings.full_points
    for position, grade in enumerate(scheme.grades):
        if is_off_scale(grade.lower, full) or (position == 0 and 0 < grade.lower < full / 5):
            yield from report(scheme, "grade-off-scale", "grades", "lower", [position], grade=grade.name,
                              lower=grade.lower, full=full)  # fmt: skip


def _grade_ends(scheme: Scheme, grades: tuple[Grade, ...]) -> Iterator[Problem]:
    best, worst = grades[0], grades[-1]
    if worst.lower > 0:
        yield from report(
            scheme, "grades-open-below", "grades", "lower", [len(grades) - 1], grade=worst.name, lower=worst.lower
        )
    if best.upper == best.upper and scheme.settings.cap_total == "no":
        yield from report(scheme, "grades-open-above", "grades", "upper", [0], grade=best.name, upper=best.upper)


def check_coefficients_fall(scheme: Scheme) -> Iterator[Problem]:
    """No coefficient is below zero, and none is above that of a better grade."""
    for position, grade in enumerate(scheme.grades):
        if grade.coefficient < 0:
            yield from report(scheme, "coefficient-negative", "grades", "coefficient", [position], grade=grade.name,
                              coefficient=grade.coefficient)  # fmt: skip
    given = [(i, grade) for i, grade in enumerate(scheme.grades) if grade.coefficient >= 0]
    for (_, better), (position, worse) in pairwise(given):
        if worse.coefficient > better.coefficient:
            yield from report(scheme, "coefficient-rises", "grades", "coefficient", [position], grade=worse.name,
                              coefficient=worse.coefficient, better=better.name, above=better.coefficient)  # fmt: skip


def check_grade_names(scheme: Scheme) -> Iterator[Problem]:
    """Yield a warning where the grade 较差 stands below 差: in common use it is the milder one (``grade-names-order``).

    >>> from xlperf.policy.schemes import load
    >>> [each.code for each in check_grade_names(load("service-team"))]
    []
    """
    for (_, better), (position, worse) in pairwise(enumerate(scheme.grades)):
        if (better.name.zh, worse.name.zh) == ("差", "较差"):
            yield from report(
                scheme, "grade-names-order", "grades", "name", [position], better=better.name, worse=worse.name
            )


def check_shares_total(scheme: Scheme) -> Iterator[Problem]:
    """The shares of a forced distribution total 100 %, or the rest is assigned by a setting."""
    if scheme.settings.grading == "bands" or not scheme.grades:
        return
    for position, grade in enumerate(scheme.grades):
        if not 0 <= _share(grade) <= 1:
            yield from report(
                scheme,
                "shares-negative",
                "grades",
                "share",
                [position],
                grade=grade.name,
                share=as_percent(_share(grade)),
            )
    if not all(0 <= _share(grade) <= 1 for grade in scheme.grades):
        return
    total = sum(map(_share, scheme.grades), Fraction(0))
    details = {
        "sum": as_percent(total),
        "listed": " + ".join(as_percent(_share(grade)) for grade in scheme.grades),
    }
    rows = range(len(scheme.grades))
    rest = scheme.settings.rest_grade
    if rest and rest not in {name for grade in scheme.grades for name in (grade.code, *grade.name)}:
        yield from report_setting(
            scheme, "rest-unknown", "rest_grade", cell=rest, grades=[each.code for each in scheme.grades]
        )
    if total - 1 > SHARE_TOLERANCE:
        yield from report(scheme, "shares-over-100", "grades", "share", rows, over=as_percent(total - 1), **details)
    elif 1 - total > SHARE_TOLERANCE:
        missing = 1 - total
        if rest:
            yield from report_setting(
                scheme, "rest-used", "rest_grade", sum=details["sum"], missing=as_percent(missing), grade=rest
            )
        else:
            middle = scheme.grades[len(scheme.grades) // 2]
            yield from report(scheme, "shares-not-100", "grades", "share", rows, missing=as_percent(missing),
                      middle=middle.name, filled=as_percent(_share(middle) + missing), **details)  # fmt: skip


def _share(grade: Grade) -> Fraction:
    return fraction_of(grade.share) if grade.share == grade.share else Fraction(0)


def exact_shares(scheme: Scheme) -> list[Fraction]:
    """Return the shares of the grades, the rest added where the setting says; they total exactly 1."""
    shares = [_share(grade) for grade in scheme.grades]
    rest = scheme.settings.rest_grade
    for position, grade in enumerate(scheme.grades):
        if rest and rest in (grade.code, *grade.name):
            shares[position] += 1 - sum(shares)
            break
    total = sum(shares)
    return [share / total for share in shares] if total else shares


# Proration ---------------------------------------------------------------------------------------------------------


def check_prorations_fit(scheme: Scheme) -> Iterator[Problem]:
    """A target that follows days is that of a figure that grows with the days, and it exists."""
    listed_targets = set(scheme.table("targets")["indicator"])
    for row, each in enumerate(scheme.indicators):
        if each.proration in ("", "none") or not each.is_understood:
            continue
        stated = WORDS["proration"][each.proration]
        if each.measure in RATIOS or each.unit in RATE_UNITS:
            yield from report(scheme, "proration-of-ratio", "indicators", "proration", [row], indicator=each.name,
                              stated=stated, none=WORDS["proration"]["none"])  # fmt: skip
        elif each.target != each.target and each.code not in listed_targets:
            yield from report(scheme, "proration-without-target", "indicators", "proration", [row],
                              indicator=each.name, stated=stated)  # fmt: skip


CHECKS: tuple[Check, ...] = (
    check_scheme_filled,
    check_settings_in_order,
    check_codes_known,
    check_codes_apart,
    check_dimensions_told_apart,
    check_weights_not_negative,
    check_weights_within_limits,
    check_rules_fit,
    check_units_declared,
    check_targets_in_percent,
    check_targets_set,
    check_parameters_in_percent,
    check_columns_used,
    check_prorations_fit,
    check_purpose_noted,
    check_names_readable,
    check_dimension_weights,
    check_bands_cover,
    check_grades_fall,
    check_grades_on_scale,
    check_coefficients_fall,
    check_coefficients_in_percent,
    check_grade_names,
    check_shares_total,
    check_tie_chain,
)
