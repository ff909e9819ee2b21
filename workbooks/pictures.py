"""Draws the pictures of the documents anew, from the workbooks beside this file: ``python workbooks/pictures.py``.

``python workbooks/pictures.py gallery`` draws the results of each scheme with its sample data, small, for
docs/gallery.md; names of schemes after it draw these only.

LibreOffice prints one sheet, and poppler makes a picture of its first page. Look at what has changed before you commit.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops

from xlperf.policy.schemes import names
from xlperf.schema import SHEETS
from xlperf.workbook.write.drilldown import FIRST_LINE
from xlperf.workbook.write.table_sheet import sheet_in
from xlperf.workflows import create_book, publish_files
from xlperf.workflows.appraise_book import run
from xlperf.workflows.result import Result
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlsx.pdf import convert

ROOT = Path(__file__).parents[1]
SCALE, SMALL = 1210, 600  # pixels across
COLOURS = 256
PICTURES = (  # the workbook, the sheet, the heading of the block on it that is shown alone, and the picture
    ("securities-crm-en", "results", "", "results-en"),
    ("securities-crm-zh", "results", "", "results-zh"),
    ("securities-crm-en", "company", "", "company-en"),
    ("securities-crm-zh", "company", "", "company-zh"),
    ("securities-crm-en", "ranking", "", "ranking-en"),
    ("securities-crm-en", "settings", "", "home-en"),
    ("securities-crm-zh", "settings", "", "home-zh"),
    ("securities-crm-en", "by_unit", "Churn rate ↓ · company", "drill-1-branches-en"),
    ("securities-crm-en", "by_person", "Churn rate ↓ · New District branch", "drill-2-managers-en"),
    ("securities-crm-en", "behind", "Churn rate ↓ · Wenbin Bai (01998)", "drill-3-clients-en"),
)
CARDS = (("securities-crm-en", "01973", "card-en"), ("securities-crm-zh", "01973", "card-zh"))  # workbook, whose card
WITH_BUTTONS = (("securities-crm-en", "home-buttons-en"), ("securities-crm-zh", "home-buttons-zh"))
MARGIN = 12  # pixels around what is shown


def draw(workbook: Path, code: str, picture: Path, scale: int = SCALE, block: str = "") -> None:
    """Draw the first page of a sheet.

    Parameters
    ----------
    workbook : the file
    code : of the sheet, such as ``results``
    picture : the PNG file to write
    scale : how many pixels across
    block : the heading of the block that is shown alone, below what stands on top of the sheet
    """
    book = load_exactly(workbook.read_bytes(), data_only=True)
    kept = sheet_in(book, code)
    if kept is None:
        raise SystemExit(f"{workbook.name} has no sheet {SHEETS[code].title.en}")
    for ws in book.worksheets:
        if ws is not kept:
            book.remove(ws)
    if block:
        _show_alone(kept, block)
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "sheet.xlsx"
        save_atomically(book, alone)
        _draw_first_page(alone, picture, scale)
    if block:
        _cut_out(picture)
    _reduce(picture)


def draw_home(workbook: Path, picture: Path) -> None:
    """Draw Home of a macro workbook with its buttons, which do not print otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        printing = Path(folder) / workbook.name
        with ZipFile(workbook) as given, ZipFile(printing, "w", ZIP_DEFLATED) as changed:
            for name in given.namelist():
                changed.writestr(name, given.read(name).replace(b'fPrintsWithSheet="0"', b'fPrintsWithSheet="1"'))
        _draw_first_page(printing, picture, SCALE)
    _cut_out(picture)
    _reduce(picture)


def draw_card(workbook: Path, person: str, picture: Path) -> None:
    """Draw the scorecard that one person gets."""
    with tempfile.TemporaryDirectory() as folder:
        done(publish_files.publish(workbook, folder))
        _draw_first_page(Path(folder) / "employees" / f"{person}.xlsx", picture, SCALE)
    _cut_out(picture)
    _reduce(picture)


def _draw_first_page(workbook: Path, picture: Path, scale: int) -> None:
    if any(each for lot in convert([workbook]) for each in lot):
        raise SystemExit("LibreOffice could not print the sheet")
    across = ["-scale-to-x", str(scale), "-scale-to-y", "-1"]
    pdf = workbook.with_suffix(".pdf")
    subprocess.run(["pdftoppm", "-png", "-singlefile", *across, pdf, picture.with_suffix("")], check=True)


def _show_alone(ws: Worksheet, block: str) -> None:
    """Hide the other blocks of a sheet, which an empty row keeps apart."""
    texts = [[cell.value for cell in row if cell.value is not None] for row in ws.iter_rows()]
    first = next((row for row, values in enumerate(texts, start=1) if block in values), None)
    if first is None:
        raise SystemExit(f"{ws.title} has no block {block}")
    last = next((row for row in range(first, len(texts)) if not texts[row]), len(texts))
    for row in range(FIRST_LINE, len(texts) + 1):
        ws.row_dimensions[row].hidden = not first <= row <= last


def _cut_out(picture: Path) -> None:
    """Cut off the white around what is shown, and the number of the page below it."""
    with Image.open(picture) as drawn:
        page = drawn.convert("RGB")
    page = page.crop((0, 0, page.width, round(page.height * 0.9)))
    left, top, right, bottom = ImageChops.difference(page, Image.new("RGB", page.size, "white")).getbbox()
    edges = (max(left - MARGIN, 0), max(top - MARGIN, 0), min(right + MARGIN, page.width), bottom + MARGIN)
    page.crop(edges).save(picture)


def _reduce(picture: Path) -> None:
    """Keep a picture of text and lines in few colours, at a third of its size."""
    with Image.open(picture) as drawn:
        drawn.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            picture, optimize=True
        )


def draw_gallery(wanted: Sequence[str]) -> None:
    """Draw the results of schemes with their sample data: of all, where none is named."""
    (ROOT / "docs" / "gallery").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted or names():
            path = Path(folder) / f"{name}.xlsx"
            done(create_book.new(name, path, lang="en", sample=True))
            done(run(path, keep_backup=False))
            draw(path, "results", ROOT / "docs" / "gallery" / f"{name}.png", SMALL)


def done(result: Result) -> None:
    """Stop where a workflow was refused."""
    if result.refused:
        raise SystemExit("\n".join(f"{each.place} {each.found('en')}" for each in result.problems))


if __name__ == "__main__":
    wanted = sys.argv[1:]
    if wanted[:1] == ["gallery"]:
        draw_gallery(wanted[1:])
        sys.exit()
    for workbook, code, block, picture in PICTURES:
        if not wanted or picture in wanted:
            draw(ROOT / "workbooks" / f"{workbook}.xlsx", code, ROOT / "docs" / f"{picture}.png", block=block)
    for workbook, person, picture in CARDS:
        if not wanted or picture in wanted:
            draw_card(ROOT / "workbooks" / f"{workbook}.xlsx", person, ROOT / "docs" / f"{picture}.png")
    for workbook, picture in WITH_BUTTONS:
        if not wanted or picture in wanted:
            draw_home(ROOT / "templates" / f"{workbook}.xlsm", ROOT / "docs" / f"{picture}.png")
