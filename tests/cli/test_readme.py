"""The README and the code agree. ``python workbooks/build.py`` writes the generated parts anew."""

import re
import shlex
from pathlib import Path

import pytest

from workbooks import build

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def test_generated_parts_are_up_to_date():
    text = README.read_text("utf-8")
    assert build.readme(text) == text
    assert build.some_mistakes(ROOT).count("\n      ") == 10  # five messages, each with what is right and a remedy


def commands():
    for block in re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), flags=re.S):
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
