"""The README and the code agree. ``python tests/test_readme.py`` writes the generated parts anew."""

import re
import shlex
from pathlib import Path

import pytest

from xlperf.core.vocabulary import WORDS
from xlperf.policy.catalogue import levels_of, system_of, uses
from xlperf.policy.rules import RULES
from xlperf.policy.schemes import load, names

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def rules_table():
    head = "| rule | 中文 | | what it does |\n| --- | --- | --- | --- |"
    rows = [f"| `{each.code}` | {each.name.zh} | {each.name.en} | {each.summary.en} |" for each in RULES.values()]
    return "\n".join([head, *rows])


def schemes_table():
    head = "| system | scheme | | levels | period | exercises |\n| --- | --- | --- | --- | --- | --- |"
    rows = []
    for name in names():
        scheme = load(name)
        period = WORDS["period_kind"][scheme.settings.period_kind].en
        cells = (system_of(scheme), f"`{name}`", scheme.name("en"), levels_of(scheme).en, period, uses(scheme).en)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([head, *rows])


def mistakes():
    """Some of the messages of the workbook of mistakes, word for word."""
    text = (ROOT / "workbooks" / "mistakes-en.txt").read_text("utf-8")
    messages = re.split(r"\n(?=\S)", text.strip())
    shown = [
        each for each in messages if re.match(r"\w+  (Employees!K|Grades!F3|Indicators!N3|Employees!A3|Checks!F)", each)
    ]
    assert len(shown) == 5
    return "```\n" + "\n".join(shown) + "\n```"


PARTS = {"rules": rules_table, "schemes": schemes_table, "mistakes": mistakes}


def with_parts(text):
    for name, part in PARTS.items():
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", lambda m, part=part: m[1] + part() + m[2], text, flags=re.S
        )
    return text


@pytest.mark.parametrize("part", PARTS)
def test_generated_parts_are_up_to_date(part):
    assert f"<!-- {part} -->\n{PARTS[part]()}\n<!-- /{part} -->" in README.read_text("utf-8")


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


if __name__ == "__main__":
    README.write_text(with_parts(README.read_text("utf-8")), "utf-8")
