"""Makes PDF files of workbooks with LibreOffice, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

PROGRAMS = ("soffice", "libreoffice")
AT_ONCE = 100  # files that one start of LibreOffice converts


def office() -> str | None:
    """Return where LibreOffice is, None where it is not installed."""
    return next((found for each in PROGRAMS if (found := shutil.which(each))), None)


def convert(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Make a PDF file beside each workbook; yields those that could not be made, lot by lot."""
    program = office()
    assert program is not None
    with tempfile.TemporaryDirectory() as profile:
        for start in range(0, len(files), AT_ONCE):
            lot = files[start : start + AT_ONCE]
            target = str(lot[0].parent)
            command = [program, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless"]
            subprocess.run([*command, "--convert-to", "pdf", "--outdir", target, *map(str, lot)], capture_output=True)
            yield [each for each in lot if not each.with_suffix(".pdf").exists()]
