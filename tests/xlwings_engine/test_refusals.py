"""What needs Excel is refused with a word on what to do instead."""

import pytest


@pytest.mark.parametrize(
    ("ask", "instead"),
    [
        (lambda sheet: sheet["A1:A2"].sort(1), "sort them in Python"),
        (lambda sheet: sheet["A1:A2"].remove_duplicates(1), "in Python"),
        (lambda sheet: sheet["A1"].replace_all("a", "b"), "in Python"),
        (lambda sheet: sheet["A1"].autofill(sheet["A1:A3"]), "whole range"),
        (lambda sheet: sheet["A1"].move(sheet["B1"]), "copy the range"),
        (lambda sheet: sheet["A1"].add_comment("x"), "add a note"),
        (lambda sheet: sheet["A1"].copy_picture(), "save the book"),
        (lambda sheet: sheet["A1"].insert("down"), "whole ones"),
        (lambda sheet: sheet["A1"].delete("up"), "whole ones"),
        (lambda sheet: sheet["A1"].copy_from(sheet["B1"], "link"), "values"),
        (lambda sheet: sheet["A1"].paste("column_widths"), "copy a range first"),
        (lambda sheet: sheet.book.save("book.xlsx", password="x"), "in Excel"),
        (lambda sheet: sheet.charts.add().__setattr__("chart_type", "surface"), "column_clustered"),
        (lambda sheet: sheet.tables.add(sheet["A1:A2"], has_headers=False), "show_headers"),
    ],
)
def test_what_needs_excel_says_what_to_do_instead(sheet, headless, ask, instead):
    with pytest.raises(NotImplementedError, match=instead):
        ask(sheet)
