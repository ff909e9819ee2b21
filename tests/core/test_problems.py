"""Messages: every kind is used, complete in both languages, and speaks the words of HR."""

import re
from pathlib import Path
from string import Formatter

import pytest

from xlperf.core.problems import LANGUAGES, LEVELS, Problem, has_errors, in_order, messages

PACKAGE = Path(__file__).parents[2] / "xlperf"
SOURCES = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))
FORBIDDEN = re.compile(
    r"\b(NaN|None|null|dtype|KeyError|[Tt]raceback|[Ii]ndex|DataFrame|[Ii]nvalid|[Ii]llegal|[Ff]ailed)\b"
)


def faults_of(message):
    """What is wrong with the wording of a message."""
    if message.level not in LEVELS:
        yield f"level {message.level}"
    for part in (message.found, message.expected, message.remedy):
        for lang in LANGUAGES:
            words = part(lang)
            if FORBIDDEN.search(words) or not words.strip().endswith(("。", ".", "}", "？", "?")):
                yield words
        if names_in(part.zh) != names_in(part.en) and "{near}" not in part.zh + part.en:
            yield f"the languages name different things: {part}"


def test_every_message_is_complete_and_in_the_words_of_hr():
    assert {code: faults for code, each in messages().items() if (faults := list(faults_of(each)))} == {}


def names_in(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_message_is_used():
    """A message that nothing reports is dead; codes that end in a kind are put together at run time."""
    together = {f"not-{kind}" for kind in ("number", "fraction", "money", "date")}
    assert [code for code in messages() if code not in together and f'"{code}"' not in SOURCES] == []


def test_every_problem_reported_has_a_message():
    reported = set(
        re.findall(r'(?:Problem|report|note|Misread|_at|_setting_at)\(\s*(?:scheme,\s*)?"([a-z-]+[a-z])"', SOURCES)
    )
    assert reported - set(messages()) == set()


def test_problems_are_shown_worst_first_then_by_address():
    a = Problem("outlier", details=dict.fromkeys(("person", "indicator", "actual", "target", "times", "limit"), "x"))
    b = Problem("placeholder", "Grades", "C14", {"cell": "[X]", "column": "Share"})
    c = Problem("placeholder", "Grades", "D9", {"cell": "[X]", "column": "Share"})
    assert in_order([a, b, c, b]) == [c, b, a]
    assert has_errors([a, b])
    assert not has_errors([a])


def test_near_spellings_become_a_sentence_or_nothing():
    near = Problem("scheme-unknown", details={"cell": "sale", "near": ["sales-pipeline"]})
    alone = Problem("scheme-unknown", details={"cell": "sale", "near": []})
    assert near.expected("en") == "A scheme that xlperf schemes lists. Similar: sales-pipeline."
    assert alone.expected("en") == "A scheme that xlperf schemes lists."
    assert near.expected("zh").endswith("相近的有：sales-pipeline。")


def test_a_place_can_be_typed_into_the_name_box():
    assert Problem("placeholder", "Task rules", "B4", {"cell": "", "column": ""}).place == "'Task rules'!B4"


@pytest.mark.parametrize(
    ("sheet", "address"),
    [
        ("Tasks", "Tasks!B2"),
        ("客户", "客户!B2"),
        ("Pay 2026", "'Pay 2026'!B2"),
        ("Pay-2026", "'Pay-2026'!B2"),
        ("2026", "'2026'!B2"),
        ("Q3", "'Q3'!B2"),
        ("R1C1", "'R1C1'!B2"),
        ("O'Neill", "'O''Neill'!B2"),
        ("任务（旧）", "'任务（旧）'!B2"),
        ("", "B2"),
    ],
)
def test_a_problem_is_where_excel_goes_when_its_address_is_typed(sheet, address):
    assert Problem("not-xlperf", sheet, "B2").place == address
