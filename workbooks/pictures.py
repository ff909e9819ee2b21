"""Draws the pictures of the documents anew, from the workbooks beside this file: ``python workbooks/pictures.py``.

LibreOffice prints one sheet, and poppler makes a picture of its first page. Look at what has changed before you commit.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from xlperf.schema import SHEETS
from xlperf.workbook.write.table_sheet import sheet_in
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlsx.pdf import convert

ROOT = Path(__file__).parents[1]
SCALE = "1210"  # pixels across
PICTURES = (
    ("securities-crm-en", "results", "results-en"),
    ("securities-crm-zh", "results", "results-zh"),
    ("securities-crm-en", "company", "company-en"),
    ("securities-crm-zh", "company", "company-zh"),
)


def draw(workbook: str, code: str, picture: Path) -> None:
    """Draw the first page of a sheet.

    Parameters
    ----------
    workbook : the name of a workbook in this folder, without its ending
    code : of the sheet, such as ``results``
    picture : the PNG file to write
    """
    book = load_exactly((ROOT / "workbooks" / f"{workbook}.xlsx").read_bytes(), data_only=True)
    kept = sheet_in(book, code)
    if kept is None:
        raise SystemExit(f"{workbook} has no sheet {SHEETS[code].title.en}")
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
            SCALE,
            "-scale-to-y",
            "-1",
            alone.with_suffix(".pdf"),
        ]
        subprocess.run([*command, picture.with_suffix("")], check=True)


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for workbook, code, picture in PICTURES:
        if not wanted or picture in wanted:
            draw(workbook, code, ROOT / "docs" / f"{picture}.png")
