"""The picture of each curve beside its anchors points to the cells that HR changes."""

import small

from tests.workbook.test_native import curve, indicator
from xlperf.workbook.write.scheme_workbook import build


def test_each_curve_has_a_picture_of_its_own_cells():
    plan = [(0, 0, "jump", "hold"), (0.8, 50, "line", ""), (1, 100, "line", "hold")]
    slices = [(0, 0.03, "slice", "hold"), (1000, 0.05, "", "")]
    rows = "".join(
        text.removesuffix("\n[[outcomes]]")
        for name, anchors in (("plan", plan), ("slices", slices))
        for text in curve(name, anchors).values()
    )
    replaced = indicator("curve", "curve = plan; of = attainment") | {"\n[[outcomes]]": rows + "\n[[outcomes]]"}
    first, second = build(small.scheme(replaced, language="en"), small.tables(), "en")["Curves"]._charts
    assert [series.yVal.numRef.f for series in first.series] == ["'Curves'!$C$2", "'Curves'!$C$3:$C$4"]
    assert [series.val.numRef.f for series in second.series] == ["'Curves'!$C$5:$C$6"]
