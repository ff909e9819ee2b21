"""The README and the code agree. ``python workbooks/build.py`` writes the generated parts anew."""

import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pytest

from workbooks import build
from xlperf.core.problems import LANGUAGES
from xlperf.policy.catalogue import gallery
from xlperf.policy.schemes import names

ROOT = Path(__file__).parents[2]
README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"


def test_the_gallery_is_made_of_the_schemes():
    drawn = {each.stem for each in (ROOT / "docs" / "gallery").glob("*.png")}
    assert drawn <= {*names()}
    assert (ROOT / "docs" / "gallery.md").read_text("utf-8") == gallery(drawn)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_that_help_opens_is_the_guide(lang):
    page = (ROOT / "xlperf" / "binding" / "guide" / f"guide-{lang}.html").read_text("utf-8")
    assert page == build.guide_page(lang)
    assert page.count("<h2 id=") == page.count('<li><a href="#') > 5  # every chapter of the list is there
    assert all(f'id="{unquote(chapter)}"' in page for chapter in re.findall(r'href="#([^"]+)"', page))


def test_generated_parts_are_up_to_date():
    text = README.read_text("utf-8")
    assert build.readme(text) == text
    assert build.some_mistakes(ROOT).count("\n      ") == 10  # five messages, each with what is right and a remedy


def test_the_chinese_readme_shows_messages_of_the_broken_workbook():
    (shown,) = re.findall(r"```text\n(.*?)```", CHINESE.read_text("utf-8"), flags=re.S)
    messages = re.split(r"\n(?=\S)", (ROOT / "workbooks" / "mistakes-zh.txt").read_text("utf-8").strip())
    assert shown.count("\n      ") == 10
    assert [each for each in re.split(r"\n(?=\S)", shown.strip()) if each not in messages] == []


def commands():
    text = README.read_text("utf-8") + CHINESE.read_text("utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, flags=re.S):
        for line in block.splitlines():
            for part in line.split("#")[0].split("&&"):
                words = shlex.split(part)
                if words and words[0].endswith("xlperf"):
                    yield words


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_shown_exists_with_its_options(words):
    import typer.main

    from xlperf.cli import app

    known = typer.main.get_command(app).commands
    assert words[1] in known
    options = {name for parameter in known[words[1]].params for name in parameter.opts}
    assert {word for word in words[2:] if word.startswith("-")} <= options


def test_pictures_and_files_shown_exist():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text("utf-8")):
        assert (ROOT / target).exists(), target
