"""Settings shared by all tests."""

import os
from pathlib import Path

import pytest
import sample_books
from hypothesis import settings

settings.register_profile("quick", deadline=None, max_examples=8)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

collect_ignore = ["calc_runs_vba.py"]  # runs inside LibreOffice, with its Python
REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory):
    """Return a way to the sample workbook of a scheme, built once for all tests and processes; copy it to change it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "samples"
    folder.mkdir(exist_ok=True)

    def of(name, lang):
        path = folder / f"{name}-{lang}.xlsx"
        return path if path.exists() else sample_books.template(folder, name, lang)

    return of


@pytest.fixture(scope="session")
def real_data():
    """The folder of real data beside the checkout; its files have licences of their own and are not part of xlperf."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data sets are not beside this checkout")
    return REAL_DATA
