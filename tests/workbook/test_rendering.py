"""LibreOffice, which nobody here wrote, opens what xlperf writes and prints it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from xlperf.schema import SHEETS

EXAMPLES = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
FOR_THE_SCREEN = {title for code in ("by_person", "behind", "task_list", "figures") for title in SHEETS[code].title}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The text of every example as it comes out of the printer, but for the long lists that links lead to."""
    if not (shutil.which("soffice") and shutil.which("pdftotext")):
        pytest.skip("LibreOffice and poppler-utils are not installed")
    folder = tmp_path_factory.mktemp("printed")
    copies = [_without_long_lists(path, folder / path.name) for path in EXAMPLES]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, copies)]
    subprocess.run(convert, check=True, capture_output=True, timeout=600)
    return {
        path.stem: subprocess.run(["pdftotext", "-layout", folder / f"{path.stem}.pdf", "-"], check=True, capture_output=True)
        .stdout.decode("utf-8")
        for path in EXAMPLES
    }  # fmt: skip


def _without_long_lists(path: Path, copy: Path) -> Path:
    workbook = load_workbook(path)
    for ws in workbook.worksheets:
        if ws.title in FOR_THE_SCREEN:
            ws.sheet_state = "hidden"
    workbook.save(copy)
    return copy


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_a_workbook_prints_without_an_error_value(printed, name):
    text = printed[name]
    assert len(text) > 5000
    if not name.startswith("mistakes"):
        for error in ("#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "Err:5", "#####"):
            assert error not in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("securities-crm-zh", ("考核结果", "一线员工", "排名与分布", "何初晴")),
        ("securities-crm-en", ("Results", "front-line staff", "Ranking", "Chuqing He")),
        ("mistakes-zh", ("员工", "[X]")),
    ],
)
def test_the_results_can_be_read_on_paper(printed, name, words):
    for word in words:
        assert word in printed[name]


@pytest.mark.parametrize(("name", "title"), [("securities-crm-zh", "考核结果"), ("securities-crm-en", "Results")])
def test_every_total_stands_on_paper(printed, name, title):
    headings, *rows = load_workbook(EXAMPLES[0].parent / f"{name}.xlsx", read_only=True)[title].values
    total = headings.index("总分" if name.endswith("zh") else "Total")
    totals = [row[total] for row in rows if isinstance(row[total], (int, float))]
    assert len(totals) > 30
    for each in totals:
        assert f"{each:.2f}" in printed[name]
