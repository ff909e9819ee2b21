"""What LibreOffice makes of forms and cards on paper: as many pages as were announced, a card on one."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from own_scorecard import CHOSEN, fill

import xlperf
from xlperf.core.problems import LANGUAGES
from xlperf.xlsx.pdf import convert, office

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (office() and shutil.which("pdftotext")), reason="LibreOffice or pdftotext is not installed"
    ),
]
SCHEMES = ("service-team", "managers-360")
SIGNATURE = {"zh": "被考核人（签字）", "en": "Appraiser"}


def pages(path):
    """Return the text of each printed page of a workbook."""
    assert list(convert([path])) == [[]]
    text = subprocess.run(["pdftotext", "-layout", path.with_suffix(".pdf"), "-"], capture_output=True, check=True)
    return text.stdout.decode("utf-8").split("\f")[:-1]


@pytest.fixture(scope="module", params=[(name, lang) for name in SCHEMES for lang in LANGUAGES])
def appraised(request, tmp_path_factory):
    name, lang = request.param
    path = tmp_path_factory.mktemp("paper") / "book.xlsx"
    xlperf.new(name, path, lang=lang, sample=True)
    assert not xlperf.run(path, keep_backup=False).refused
    return lang, path


def test_forms_have_as_many_pages_as_were_announced(appraised):
    lang, path = appraised
    target = path.with_name("forms.xlsx")
    found = xlperf.forms(path, target, lang=lang)
    assert not found.refused
    assert len(pages(target)) == sum(found.pages)


def signed_pages(path, lang, who=None):
    """Return the pages of a card on which somebody signs: that of one person, or of the first."""
    folder = path.with_name("cards")
    assert not xlperf.publish(path, folder, lang=lang).refused
    card = min((folder / "employees").glob(f"{who or '*'}.xlsx"))
    printed = pages(card)
    name = {"zh": "姓名", "en": "Name"}[lang]
    assert name in printed[0]
    return [number for number, text in enumerate(printed) if SIGNATURE[lang] in text]


def test_a_card_is_one_page_from_the_name_to_the_signature(appraised):
    lang, path = appraised
    assert signed_pages(path, lang) == [0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_card_with_thirty_indicators_is_one_page_too(lang, tmp_path):
    path = tmp_path / "book.xlsx"
    xlperf.new("securities-crm", path, lang=lang, sample=True)
    assert not xlperf.run(path, keep_backup=False).refused
    assert signed_pages(path, lang, "01973") == [0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_card_of_ones_own_scheme_is_one_page(lang, tmp_path):
    path = tmp_path / "book.xlsx"
    xlperf.new("blank", path, lang="zh", period="2026-10")
    fill(path, CHOSEN)
    assert not xlperf.run(path, keep_backup=False).refused
    assert signed_pages(path, lang) == [0]


def test_home_is_one_page_and_the_settings_follow(appraised):
    lang, path = appraised
    printed = pages(path)
    home = [number for number, text in enumerate(printed) if {"zh": "关键数字", "en": "Key figures"}[lang] in text]
    links = [number for number, text in enumerate(printed) if {"zh": "米色：", "en": "Cream:"}[lang] in text]
    assert home == links == [0]
