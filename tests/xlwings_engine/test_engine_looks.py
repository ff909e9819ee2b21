"""How cells look, and how wide and high they are."""

import pytest


def test_formats_of_a_range(sheet):
    cells = sheet["A1:B2"]
    cells.number_format, cells.color, cells.wrap_text = "0.0%", (31, 78, 121), True
    cells.horizontal_alignment, cells.vertical_alignment = "center", "top"
    assert (cells.number_format, cells.color, cells.wrap_text) == ("0.0%", (31, 78, 121), True)
    assert (cells.horizontal_alignment, cells.vertical_alignment) == ("center", "top")
    sheet["A1"].number_format, sheet["A1"].color = "0", "#FF0000"
    assert cells.number_format is None
    assert sheet["A1"].color == (255, 0, 0)
    sheet["A1"].color = None
    assert sheet["A1"].color is None
    assert sheet["D4"].horizontal_alignment == "general"


def test_fonts(sheet):
    font = sheet["A1:B2"].font
    font.bold, font.italic, font.size, font.name, font.color = True, True, 14, "Arial", (0, 102, 204)
    assert (font.bold, font.italic, font.size, font.name, font.color) == (True, True, 14, "Arial", (0, 102, 204))
    assert sheet["C1"].font.bold is False
    assert sheet["A1:C1"].font.bold is None


def test_some_characters_look_different(sheet, headless):
    sheet["A1"].value = "Python"
    sheet["A1"].characters[:2].font.bold = True
    assert sheet["A1"].characters[:2].text == "Py"
    assert sheet["A1"].characters[:2].font.bold
    assert not sheet["A1"].characters[2:].font.bold
    assert sheet["A1"].value == "Python"


def test_borders(sheet):
    cells = sheet["B2:D4"]
    cells.borders.set("outside", line_style="double")
    assert cells.borders["edge_top"].line_style == "double"
    assert sheet["B2"].borders["edge_left"].line_style == "double"
    assert sheet["C3"].borders["edge_left"].line_style == "none"
    cells.borders.set("inside", line_style="continuous", weight="medium", color=(255, 0, 0))
    inside = cells.borders["inside_horizontal"]
    assert (inside.line_style, inside.weight, inside.color) == ("continuous", "medium", (255, 0, 0))
    cells.borders.clear()
    assert cells.borders["edge_top"].line_style == "none"


def test_sizes(sheet):
    sheet["B:C"].column_width = 20
    sheet["3:3"].row_height = 30
    assert sheet["B1"].column_width == pytest.approx(20, abs=0.01)
    assert sheet["A1:B1"].column_width is None
    assert sheet["A3"].row_height == 30
    assert sheet["A1"].column_width == pytest.approx(8.43, abs=0.3)
    assert sheet["A4"].top == pytest.approx(2 * sheet["A1"].height + 30)
    assert sheet["B1"].left == pytest.approx(sheet["A1"].width)


def test_columns_fit_their_text(sheet):
    sheet["A1"].value = "a text that needs more than the usual width"
    before = sheet["A1"].column_width
    sheet["A1"].columns.autofit()
    assert sheet["A1"].column_width > before
    assert sheet["A1"].column_width == pytest.approx(42, abs=6)


def test_colours_cell_by_cell(sheet):
    sheet["A1:B1"].color = (1, 2, 3)
    sheet["A1:C1"].set_colors([[(9, 9, 9), ..., None]])
    assert [sheet["A1"].color, sheet["B1"].color, sheet["C1"].color] == [(9, 9, 9), (1, 2, 3), None]
