"""The evaluation of a scheme: what it tells HR, what it never tells, and how it is called."""

import json
import re
import shutil
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from string import Formatter

import numpy as np
import pandas as pd
import pytest
import small
from effort import draws, one_by_default
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sample_books import run_of
from typer.testing import CliRunner

from xlperf.analysis.evaluation import evaluate, evaluation_rows, wordings
from xlperf.cli.evaluate import app
from xlperf.core.problems import LANGUAGES
from xlperf.policy import schemes
from xlperf.schema import SHEETS as LAYOUT
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "evaluation.toml").read_text("utf-8")).get("case", [])
SHEETS = ("departments", "ratings", "adjustments", "history", "feedback", "business")
SHEET = LAYOUT["evaluation"].title
ROOT = Path(__file__).parents[2]


def appraised(case):
    given = {sheet: case[sheet] for sheet in SHEETS if sheet in case}
    done = appraise(small.tables(**given), small.scheme(**case.get("settings", {})), "2026-10")
    assert done.done, [problem.found("en") for problem in done.problems if problem.level == "error"]
    return done


def told(case, lang):
    """Return what is said on the topic of a case, one line a finding."""
    topic = wordings()["topics"][case["topic"]][lang]
    rows = [each.as_dict(lang) for each in evaluate(appraised(case))]
    return [" | ".join([*row.values()][1:]) for row in rows if row["topic"] == topic]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_said_on_a_topic(case, lang):
    assert told(case, lang) == case[lang]


def test_what_is_said_follows_the_topics_in_order():
    topics = [each.topic.en for each in evaluate(appraised({}))]
    assert list(dict.fromkeys(topics)) == [each["en"] for each in wordings()["topics"].values()]


# Nobody is exposed ---------------------------------------------------------------------------------------------------


@cache
def small_appraisal():
    return appraised({})


def findings_on(feedback, **changed):
    done = small_appraisal()
    tables = {**done.tables, "feedback": table_of("feedback", feedback)}
    return evaluate(replace(done, tables=tables, scheme=done.scheme.with_settings(**changed)))


def answer(number, department, question, score):
    row = {"answer_id": f"{number}{question}", "respondent": f"Q{number}", "question": question, "score": score}
    return row | {"full": 5.0, "department": department}


ANSWERS = st.lists(
    st.tuples(st.sampled_from(["N", "S", "W", None]), st.sampled_from(["Fair?", "Clear?"]), st.integers(0, 5)),
    min_size=1,
    max_size=30,
)


@given(ANSWERS, st.integers(2, 6))
@settings(max_examples=draws(60))
def test_few_answers_are_neither_shown_nor_left_over(rows, minimum):
    """What is shown of a department has enough answers, and so has the total of a question less all that is shown."""
    given_answers = [answer(number, *row) for number, row in enumerate(rows)]
    said = [each.finding.en for each in findings_on(given_answers, evaluation_minimum=minimum)]
    for question in ("Fair?", "Clear?"):
        counts = [re.fullmatch(rf'"{re.escape(question)}"(.*): mean .*\((\d+) answers\)\.', each) for each in said]
        shown = {found[1]: int(found[2]) for found in counts if found}
        total = sum(row["question"] == question for row in given_answers)
        assert shown.pop("", None) == (total if total >= minimum else None)
        assert all(count >= minimum for count in shown.values())
        left = total - sum(shown.values())
        assert not shown or left == 0 or left >= minimum


def test_suggestions_tell_neither_who_nor_where():
    rows = [
        {"answer_id": "1", "respondent": "Q9", "department": "North", "suggestion": "b = 1 [bold]"},
        {"answer_id": "2", "respondent": "Q1", "department": "South", "suggestion": "=a"},
    ]
    said = [each for each in findings_on(rows) if "Suggestion" in each.finding.en]
    assert [each.finding.en for each in said] == ["Suggestion: =a", "Suggestion: b = 1 [bold]"]
    words = " ".join(" ".join(each.as_dict("en").values()) for each in findings_on(rows))
    assert not re.search(r"Q1|Q9|North|South", words)


# The sample, and what may be missing ---------------------------------------------------------------------------------


def test_a_period_made_of_smaller_ones_alone_has_no_indicators_of_its_own():
    done = small_appraisal()
    none = np.zeros((len(done.people), 0))
    points = replace(done.points, points=none, targets=none, full=none[0], vetoed=none > 0, unscorable=none > 0)
    totals = replace(done.totals, weights=none, contribution=none)
    rolled = replace(done, indicators=(), applies=none > 0, facts=done.facts.only(()), points=points, totals=totals)
    said = {each.topic.en: each for each in evaluate(rolled)}
    assert "roll-up" in said["Weights in effect"].finding.en
    assert said["Weights in effect"].figure == "100%"
    assert said["Targets attained"].finding.en == "No indicator has both a target and a figure."


@cache
def flagship():
    done = run_of("securities-crm")
    return done, evaluate(done)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_on_the_sample_read_as_sentences(lang):
    rows = [each.as_dict(lang) for each in flagship()[1]]
    assert len({row["topic"] for row in rows}) == len(wordings()["topics"])
    for row in rows:
        assert row["finding"].endswith(("。", "."))
        assert row["advice"].endswith(("。", "."))
        assert not re.search(r"nan|None|\{|\}|inf", row["finding"] + row["figure"] + row["limit"])


def test_the_weights_of_each_position_group_make_the_whole():
    stated = {}
    for each in flagship()[1]:
        if found := re.fullmatch(r"weight (.*)%", each.limit.en):
            stated.setdefault(each.finding.en.partition(":")[0], []).append(float(found[1]))
    assert len(stated) == 2
    assert [sum(weights) for weights in stated.values()] == pytest.approx([100, 100])


def test_the_order_of_rows_does_not_matter():
    done, findings = flagship()
    turned = {
        sheet: table_of(sheet, table.frame.iloc[::-1].reset_index(drop=True)) for sheet, table in done.tables.items()
    }
    again = appraise(turned, schemes.load("securities-crm"), "2026-10")
    assert evaluate(again) == findings


def test_an_empty_threshold_means_the_usual_one():
    empty_cells = dict.fromkeys(("near_target", "evaluation_minimum", "alike_from", "weight_gap", "repeat_from"), 0)
    done = small_appraisal()
    assert evaluate(replace(done, scheme=done.scheme.with_settings(**empty_cells))) == evaluate(done)


def test_rows_of_the_sheet_are_those_of_the_layout():
    rows = evaluation_rows(evaluate(small_appraisal()), "zh")
    assert list(rows) == ["topic", "finding", "figure", "limit", "advice"]
    assert rows["topic"].iloc[0] == "目标达成"
    assert isinstance(rows, pd.DataFrame)
    assert (rows["advice"] != "").all()


# Wording -------------------------------------------------------------------------------------------------------------


def names_in(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_wording_is_used_and_says_the_same_in_both_languages():
    source = (ROOT / "xlperf" / "analysis" / "evaluation.py").read_text("utf-8")
    for kind in ("findings", "advice", "words"):
        for code, wording in wordings()[kind].items():
            assert f'"{code}"' in source, code
            texts = (
                [wording] if kind != "findings" else [wording["finding"], wording.get("limit", {"zh": "", "en": ""})]
            )
            for text in texts:
                assert names_in(text["zh"]) == names_in(text["en"]), code
    assert {wording["topic"] for wording in wordings()["findings"].values()} == set(wordings()["topics"])


# The command ---------------------------------------------------------------------------------------------------------


def call(*words, status=0):
    done = CliRunner().invoke(app, ["evaluate", *map(str, words)], env={"COLUMNS": "200"})
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A workbook with feedback, business figures and history; copy it before changing it."""
    path = tmp_path_factory.mktemp("books") / "small.xlsx"
    tables = small.tables(
        feedback=[answer(number, "N", "Fair?", number) | {"suggestion": "=1+[b]1"} for number in range(5)],
        business=[{"period": "2026-10", "item": "Hours", "business_kind": "cost", "amount": 100}],
        history=[{"period": "2026-09", "employee_id": f"E{n}", "total": 100 - n} for n in range(1, 6)],
    )
    ours = small.scheme(language="en")
    save_atomically(build(ours, tables, "en"), path, keep_backup=False)
    return path


@pytest.fixture
def book(filled, tmp_path):
    return shutil.copy(filled, tmp_path / "small.xlsx")


def test_the_command_prints_topics_and_changes_nothing(book):
    before = Path(book).read_bytes()
    said = call(book, "--lang", "en")
    for topic in wordings()["topics"].values():
        assert topic["en"] in said
    assert "Suggestion: =1+[b]1" in said
    assert "目标达成" in call(book, "--lang", "zh")
    assert Path(book).read_bytes() == before


def test_the_command_gives_json(book):
    data = json.loads(call(book, "--json", "--lang", "en"))
    assert data["period"] == "2026-10"
    assert {"topic", "finding", "figure", "limit", "advice"} == set(data["findings"][0])
    places = [each["figure"] for each in data["findings"] if each["topic"] == "Stability of places"]
    assert places == ["0.97 (n = 5)"]


@pytest.mark.parametrize("lang", one_by_default(LANGUAGES))
def test_the_command_writes_the_sheet_into_the_book_or_beside_it(book, tmp_path, lang):
    out = tmp_path / "out.xlsx"
    call(book, "-o", out, "--lang", lang)
    assert SHEET(lang) not in load_workbook(book).sheetnames
    call(book, "--write", "--lang", lang)
    for path in (out, book):
        rows = list(load_workbook(path)[SHEET(lang)].iter_rows(values_only=True))
        texts = [str(cell) for row in rows for cell in row if cell]
        assert any("=1+[b]1" in each and not each.startswith("=") for each in texts)
        assert {"zh": "目标达成", "en": "Targets attained"}[lang] in texts
    assert len(rows) == 1 + len(json.loads(call(book, "--json"))["findings"])


def test_a_book_with_errors_is_not_evaluated(book):
    workbook = load_workbook(book)
    employees = workbook["Employees"]
    employees.delete_rows(2, employees.max_row)
    workbook.save(book)
    said = call(book, "--write", "--lang", "en", status=1)
    assert "Nothing was written." in said
    assert SHEET("en") not in load_workbook(book).sheetnames
