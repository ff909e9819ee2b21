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

from PIL import Image

from xlperf.policy.schemes import names
from xlperf.schema import SHEETS
from xlperf.workbook.write.table_sheet import sheet_in
from xlperf.workflows import create_book
from xlperf.workflows.appraise_book import run
from xlperf.workflows.result import Result
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlsx.pdf import convert

ROOT = Path(__file__).parents[1]
SCALE, SMALL = 1210, 600  # pixels across
COLOURS = 256
PICTURES = (
    ("securities-crm-en", "results", "results-en"),
    ("securities-crm-zh", "results", "results-zh"),
    ("securities-crm-en", "company", "company-en"),
    ("securities-crm-zh", "company", "company-zh"),
    ("securities-crm-en", "ranking", "ranking-en"),
)


def draw(workbook: Path, code: str, picture: Path, scale: int = SCALE) -> None:
    """Draw the first page of a sheet.

    Parameters
    ----------
    workbook : the file
    code : of the sheet, such as ``results``
    picture : the PNG file to write
    scale : how many pixels across
    """
    book = load_exactly(workbook.read_bytes(), data_only=True)
    kept = sheet_in(book, code)
    if kept is None:
        raise SystemExit(f"{workbook.name} has no sheet {SHEETS[code].title.en}")
    for ws in book.worksheets:
        if ws is not kept:
            book.remove(ws)
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "sheet.xlsx"
        save_atomically(book, alone)
        failed = [each for lot in convert([alone]) for each in lot]
        if failed:
            raise SystemExit("LibreOffice could not print the sheet")
        command = [
            "pdftoppm",
            "-png",
            "-singlefile",
            "-scale-to-x",
            str(scale),
            "-scale-to-y",
            "-1",
            alone.with_suffix(".pdf"),
        ]
        subprocess.run([*command, picture.with_suffix("")], check=True)
    _reduce(picture)


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
    for workbook, code, picture in PICTURES:
        if not wanted or picture in wanted:
            draw(ROOT / "workbooks" / f"{workbook}.xlsx", code, ROOT / "docs" / f"{picture}.png")
