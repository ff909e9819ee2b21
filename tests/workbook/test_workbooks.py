"""The workbooks that ship are what the code builds, and a run of each gives the results that stand in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from effort import some_by_default
from small_book import decided, unlike

import xlperf
from workbooks import build
from xlperf.policy.schemes import load, offered
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").glob("*.xlsx"))
EXAMPLES = sorted(path for path in (ROOT / "workbooks").glob("*.xlsx") if not path.stem.startswith("mistakes"))
MISTAKES = sorted((ROOT / "workbooks").glob("mistakes-*.xlsx"))


def name_of(path):
    return path.stem


def test_all_of_them_are_there():
    assert {path.stem for path in TEMPLATES} == {f"{name}-{lang}" for name in offered() for lang in ("zh", "en")}
    assert {tuple(path.stem.rsplit("-", 1)) for path in EXAMPLES} == build.EXAMPLES
    assert len(MISTAKES) == 2


@pytest.mark.parametrize("path", some_by_default(TEMPLATES, 9))
def test_a_template_is_what_the_code_builds(path, tmp_path):
    """What the code builds is read back as it was in ``test_templates``."""
    fresh = tmp_path / path.name
    build.template(fresh, *path.stem.rsplit("-", 1))
    assert fresh.read_bytes() == path.read_bytes() or unlike(fresh, path) == []  # another zlib packs otherwise


@pytest.mark.parametrize("path", TEMPLATES[::9])
def test_a_template_gives_its_scheme_back_unchanged(path):
    """TOML → workbook → TOML is the identity, in either language."""
    book = read_book(path)
    assert [problem.found("en") for problem in book.problems if problem.level == "error"] == []
    name, lang = path.stem.rsplit("-", 1)
    assert decided(book.scheme) == decided(load(name).with_settings(language=lang))


@pytest.mark.parametrize(
    "path", [pytest.param(each, marks=pytest.mark.slow if "crm" in each.stem else ()) for each in EXAMPLES], ids=name_of
)
def test_a_run_of_an_example_gives_the_results_that_stand_in_it(path, tmp_path):
    again = tmp_path / path.name
    assert not xlperf.run(path, again).refused
    assert unlike(again, path) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", [each for each in EXAMPLES if each.stem.endswith("-en")], ids=name_of)
def test_another_processor_finds_the_same_to_the_last_digit(path, tmp_path):
    """NumPy and its linear algebra choose their loops by the processor; here they are told that it is an old one."""
    told = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR", "OPENBLAS_CORETYPE": "Prescott"}
    again = shutil.copy(path, tmp_path)
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "xlperf", "run", again], env=os.environ | told, check=True, timeout=120
    )
    assert unlike(again, path) == []


@pytest.mark.parametrize("path", MISTAKES, ids=name_of)
def test_mistakes_get_their_messages_word_for_word(path, tmp_path):
    fresh = tmp_path / path.name
    build.mistakes(fresh, path.stem.rsplit("-", 1)[1])
    assert unlike(fresh, path) == []
    assert fresh.with_suffix(".txt").read_text("utf-8") == path.with_suffix(".txt").read_text("utf-8")
    assert not appraise(read_book(path).tables, read_book(path).scheme, found_before=read_book(path).problems).done
