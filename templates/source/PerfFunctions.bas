Attribute VB_Name = "PerfFunctions"
Option Explicit
' The worksheet functions: made from the registry in Python, and made again by "xlperf excel rebind".

Public Function PERF_PROPORTIONAL(actual, target, full, direction, Optional cap, Optional floor, Optional lower_by) As Variant
    PERF_PROPORTIONAL = PerfCall("PERF_PROPORTIONAL", Array(actual, target, full, direction, cap, floor, lower_by))
End Function

Public Function PERF_BONUS_OVER_TARGET(actual, target, full, direction, step_size, points_each, unit, steps, Optional max_bonus, Optional lower_by) As Variant
    PERF_BONUS_OVER_TARGET = PerfCall("PERF_BONUS_OVER_TARGET", Array(actual, target, full, direction, step_size, points_each, unit, steps, max_bonus, lower_by))
End Function

Public Function PERF_EXTRA_THRESHOLD(actual, target, full, direction, value2, extra_points, Optional lower_by) As Variant
    PERF_EXTRA_THRESHOLD = PerfCall("PERF_EXTRA_THRESHOLD", Array(actual, target, full, direction, value2, extra_points, lower_by))
End Function

Public Function PERF_DEDUCT_PER_STEP(actual, target, full, direction, step_size, points_each, steps, Optional floor) As Variant
    PERF_DEDUCT_PER_STEP = PerfCall("PERF_DEDUCT_PER_STEP", Array(actual, target, full, direction, step_size, points_each, steps, floor))
End Function

Public Function PERF_UP_AND_DOWN(actual, target, full, direction, step_size, points_down, step_up, points_up, steps, Optional cap, Optional floor) As Variant
    PERF_UP_AND_DOWN = PerfCall("PERF_UP_AND_DOWN", Array(actual, target, full, direction, step_size, points_down, step_up, points_up, steps, cap, floor))
End Function

Public Function PERF_DEDUCT_PER_OCCURRENCE(actual, full, points_each, Optional floor) As Variant
    PERF_DEDUCT_PER_OCCURRENCE = PerfCall("PERF_DEDUCT_PER_OCCURRENCE", Array(actual, full, points_each, floor))
End Function

Public Function PERF_ZERO_ITEM(actual, full, limit) As Variant
    PERF_ZERO_ITEM = PerfCall("PERF_ZERO_ITEM", Array(actual, full, limit))
End Function

Public Function PERF_ATTAINMENT_5432(actual, target, full, direction, met_at, near_at, level_above, level_met, level_near, level_below, Optional lower_by) As Variant
    PERF_ATTAINMENT_5432 = PerfCall("PERF_ATTAINMENT_5432", Array(actual, target, full, direction, met_at, near_at, level_above, level_met, level_near, level_below, lower_by))
End Function

Public Function PERF_BANDS(actual, target, direction, bands, of, Optional lower_by) As Variant
    PERF_BANDS = PerfCall("PERF_BANDS", Array(actual, target, direction, bands, of, lower_by))
End Function

Public Function PERF_CURVE(actual, target, full, direction, anchors, of, Optional worth, Optional lower_by) As Variant
    PERF_CURVE = PerfCall("PERF_CURVE", Array(actual, target, full, direction, anchors, of, worth, lower_by))
End Function

Public Function PERF_PASS_FAIL(actual, target, full, operator) As Variant
    PERF_PASS_FAIL = PerfCall("PERF_PASS_FAIL", Array(actual, target, full, operator))
End Function

Public Function PERF_ALL_OF(met, full) As Variant
    PERF_ALL_OF = PerfCall("PERF_ALL_OF", Array(met, full))
End Function

Public Function PERF_RATING_SCALE(actual, full, direction, low, high) As Variant
    PERF_RATING_SCALE = PerfCall("PERF_RATING_SCALE", Array(actual, full, direction, low, high))
End Function

Public Function PERF_INTERPOLATED_LEVELS(actual, full, direction, value_a, value_b, value_c, value_d) As Variant
    PERF_INTERPOLATED_LEVELS = PerfCall("PERF_INTERPOLATED_LEVELS", Array(actual, full, direction, value_a, value_b, value_c, value_d))
End Function

Public Function PERF_SYMMETRIC_120(actual, target, full, direction, step_size, points_each, Optional cap, Optional floor, Optional low, Optional high, Optional lower_by) As Variant
    PERF_SYMMETRIC_120 = PerfCall("PERF_SYMMETRIC_120", Array(actual, target, full, direction, step_size, points_each, cap, floor, low, high, lower_by))
End Function

Public Function PERF_RANGE_SCALE(actual, full, direction, worst, best) As Variant
    PERF_RANGE_SCALE = PerfCall("PERF_RANGE_SCALE", Array(actual, full, direction, worst, best))
End Function

Public Function PERF_TARGET_RANGE(actual, full, low, high, step_size, points_each, steps, Optional floor) As Variant
    PERF_TARGET_RANGE = PerfCall("PERF_TARGET_RANGE", Array(actual, full, low, high, step_size, points_each, steps, floor))
End Function

Public Function PERF_RANK_PERCENTILE(actual, full, group, direction, bands) As Variant
    PERF_RANK_PERCENTILE = PerfCall("PERF_RANK_PERCENTILE", Array(actual, full, group, direction, bands))
End Function

Public Function PERF_STANDARD_SCORE(actual, full, group, direction, centre, spread, Optional cap, Optional floor) As Variant
    PERF_STANDARD_SCORE = PerfCall("PERF_STANDARD_SCORE", Array(actual, full, group, direction, centre, spread, cap, floor))
End Function

Public Function PERF_BASE_PLUS_MINUS(numerator, denominator, base_points, plus_points, minus_points, Optional low, Optional high) As Variant
    PERF_BASE_PLUS_MINUS = PerfCall("PERF_BASE_PLUS_MINUS", Array(numerator, denominator, base_points, plus_points, minus_points, low, high))
End Function

Public Function PERF_VETO(actual, target, operator, Optional met) As Variant
    PERF_VETO = PerfCall("PERF_VETO", Array(actual, target, operator, met))
End Function

Public Function PERF_SCORE(rule, actual, Optional target, Optional full, Optional direction, Optional parameters, Optional bands, Optional group, Optional denominator, Optional met) As Variant
    PERF_SCORE = PerfCall("PERF_SCORE", Array(rule, actual, target, full, direction, parameters, bands, group, denominator, met))
End Function

Public Function PERF_GRADE(totals, lower_bounds, grades, Optional best_allowed) As Variant
    PERF_GRADE = PerfCall("PERF_GRADE", Array(totals, lower_bounds, grades, best_allowed))
End Function

Public Function PERF_RANK(scores, Optional groups, Optional ties, Optional tie_keys) As Variant
    PERF_RANK = PerfCall("PERF_RANK", Array(scores, groups, ties, tie_keys))
End Function

Public Function PERF_QUOTAS(sizes, shares, Optional rounding) As Variant
    PERF_QUOTAS = PerfCall("PERF_QUOTAS", Array(sizes, shares, rounding))
End Function

Public Function PERF_DISTRIBUTE(scores, shares, grades, Optional groups, Optional rounding, Optional ties, Optional tie_keys) As Variant
    PERF_DISTRIBUTE = PerfCall("PERF_DISTRIBUTE", Array(scores, shares, grades, groups, rounding, ties, tie_keys))
End Function

Public Function PERF_STREAK(people, period, condition, headings, history) As Variant
    PERF_STREAK = PerfCall("PERF_STREAK", Array(people, period, condition, headings, history))
End Function

Public Function PERF_ROUND(value, digits) As Variant
    PERF_ROUND = PerfCall("PERF_ROUND", Array(value, digits))
End Function

Public Function PERF_TOTAL(points, weights, digits, Optional dimensions, Optional dimension_weights, Optional method, Optional if_missing, Optional adjustments, Optional full_points, Optional cap) As Variant
    PERF_TOTAL = PerfCall("PERF_TOTAL", Array(points, weights, digits, dimensions, dimension_weights, method, if_missing, adjustments, full_points, cap))
End Function

Public Function PERF_ROLLUP(scores, weights, Optional if_missing) As Variant
    PERF_ROLLUP = PerfCall("PERF_ROLLUP", Array(scores, weights, if_missing))
End Function

Public Function PERF_RATERS(people, employees, relations, scores, weights, Optional raters) As Variant
    PERF_RATERS = PerfCall("PERF_RATERS", Array(people, employees, relations, scores, weights, raters))
End Function

Public Function PERF_FACT(condition, headings, rows, Optional measure, Optional hit, Optional column, Optional period_start, Optional period_end) As Variant
    PERF_FACT = PerfCall("PERF_FACT", Array(condition, headings, rows, measure, hit, column, period_start, period_end))
End Function

Public Function PERF_CLASS(r, f, m, levels, Optional classes) As Variant
    PERF_CLASS = PerfCall("PERF_CLASS", Array(r, f, m, levels, classes))
End Function

Public Function PERF_POOL(fund, people, totals, Optional weights, Optional place_shares, Optional remainder, Optional unit) As Variant
    PERF_POOL = PerfCall("PERF_POOL", Array(fund, people, totals, weights, place_shares, remainder, unit))
End Function

Public Function PERF_EXPLAIN(rule, actual, Optional target, Optional full, Optional direction, Optional parameters, Optional bands, Optional denominator, Optional met, Optional language) As Variant
    PERF_EXPLAIN = PerfCall("PERF_EXPLAIN", Array(rule, actual, target, full, direction, parameters, bands, denominator, met, language))
End Function

Public Function PERF_LASTERROR(Optional language, Optional after) As Variant
    PERF_LASTERROR = PerfTold("PERF_LASTERROR", Array(language, after))
End Function
