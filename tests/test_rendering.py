"""LibreOffice, which nobody here wrote, opens what xlperf writes and prints it."""

import shutil
import subprocess
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "workbooks").glob("*.xlsx"))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The text of every example as it comes out of the printer."""
    if not (shutil.which("soffice") and shutil.which("pdftotext")):
        pytest.skip("LibreOffice and poppler-utils are not installed")
    folder = tmp_path_factory.mktemp("printed")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, EXAMPLES)]
    subprocess.run(convert, check=True, capture_output=True, timeout=600)
    return {
        path.stem: subprocess.run(["pdftotext", "-layout", folder / f"{path.stem}.pdf", "-"], check=True, capture_output=True)
        .stdout.decode("utf-8")
        for path in EXAMPLES
    }  # fmt: skip


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
        ("securities-crm-zh", ("考核结果", "一线员工", "排名与分布", "何初晴", "99.93")),
        ("securities-crm-en", ("Results", "front-line staff", "Ranking", "Chuqing He", "99.93")),
        ("mistakes-zh", ("员工", "[X]")),
    ],
)
def test_the_results_can_be_read_on_paper(printed, name, words):
    for word in words:
        assert word in printed[name]
