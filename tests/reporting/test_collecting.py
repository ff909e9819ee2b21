"""Collecting: what was asked comes back once, from whom it was asked, and nothing else gets in."""

import shutil
import zipfile
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from small_book import codes, one, policy, save
from typer.testing import CliRunner

from xlperf.cli import app
from xlperf.core.problems import has_errors
from xlperf.reporting.card_layout import CardLayout
from xlperf.reporting.form_returns import (
    Answer,
    Asked,
    filled_in,
    forms_of,
    late,
    once,
    questions,
    signed_text,
    unanswered,
)
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.read.returned_forms import files_in, of_this_period, read_return
from xlperf.workbook.write.default_templates import template
from xlperf.workbook.write.scorecard_files import PublishJob, compile_job
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.encryption import signature
from xlperf.xlsx.template.render import TemplateRenderer

KEY = b"a key of HR"
RATERS = """
[[raters]]
relation = "manager"
weight = 50

[[raters]]
relation = "self"
weight = 20

[[raters]]
relation = "subordinate"
weight = 20

[[raters]]
relation = "peer"
weight = 10

[[dimensions]]
code = "work"
"""


def staff(number, per_manager=10):
    """Return people of whom each tenth leads the nine that follow."""
    return [
        {"employee_id": f"E{n:03}", "name": f"人{n}", "manager_id": f"E{n - n % per_manager:03}"} for n in range(number)
    ]


def appraisal_of(people, ratings=(), scheme=None, **more):
    ratings = list(ratings) or [{"period": "2026-09", "employee_id": "E000", "indicator": "skill", "score": 3.0}]
    return appraise(small.tables(people, ratings=ratings, **more), scheme or small.scheme())


def rating(who, rater="B", score=4.0, relation="manager", **more):
    return {
        "period": "2026-10", "employee_id": who, "indicator": "skill", "rater_id": rater, "relation": relation, "score": score
    } | more  # fmt: skip


def forms(appraisal, form="raters", key=KEY, lang="zh"):
    """Return the forms as files, by whom they are for."""
    asked = questions(appraisal, form)
    about = (form, appraisal.period.code, appraisal.scheme.settings.scheme)
    signatures = {who: signature(key, signed_text(*about, who, each)) for who, each in asked.items()}
    compiled, problems = compile_job(PublishJob(packed(template(form, lang)), form, ""))
    assert not problems
    renderer = TemplateRenderer(compiled)
    return {each.recipient: renderer.render(each) for each in forms_of(appraisal, form, signatures, lang)}


def opened(data):
    """Return a form as openpyxl opens it, the sheet to fill in, the row of headings, and the column of each heading."""
    book = openpyxl.load_workbook(BytesIO(data))
    ws = book.worksheets[0]
    row = next(row for row in range(1, 20) if ws.cell(row, 1).value in ("序号", "No."))
    return book, ws, row, {ws.cell(row, column).value: column for column in range(1, ws.max_column + 1)}


def filled(data, path, answer, column="评分"):
    """Fill in a form as somebody would, and save it; ``answer`` tells what to write in a row."""
    book, ws, head, columns = opened(data)
    for row in range(head + 1, ws.max_row + 1):
        if ws.cell(row, 1).value is not None:
            about = {name: ws.cell(row, at).value for name, at in columns.items()}
            ws.cell(row, columns[column]).value = answer(about)
    book.save(path)
    return path


def back(path, appraisal, key=KEY):
    return read_return(path, key, appraisal.scheme)


# Asking -----------------------------------------------------------------------------------------------------------


def test_superiors_are_asked_about_their_people_where_nobody_says_otherwise():
    asked = questions(appraisal_of(staff(12)), "raters")
    assert {who: [each.employee_id for each in several] for who, several in asked.items()} == {
        "E000": [f"E{n:03}" for n in range(1, 10)],
        "E010": ["E011"],
    }


def test_relations_are_asked_as_far_as_the_policy_weighs_them():
    scheme = small.scheme({'\n[[dimensions]]\ncode = "work"\n': RATERS})
    asked = questions(appraisal_of(staff(3), scheme=scheme), "raters")
    pairs = {(who, each.employee_id, each.relation) for who, several in asked.items() for each in several}
    everybody = {(f"E{n:03}", f"E{n:03}", "self") for n in range(3)}
    assert pairs == everybody | {
        ("E000", "E001", "manager"), ("E000", "E002", "manager"), ("E001", "E000", "subordinate"), ("E002", "E000", "subordinate"),
    }  # fmt: skip


def test_rows_that_wait_for_a_score_are_asked_and_those_that_have_one_are_not():
    rows = [rating("E001", "X7", None, "peer"), rating("E001", "E000", 5.0), rating("E002", "X8", 4.0, "peer")]
    asked = questions(appraisal_of(staff(3), rows), "raters")
    assert asked == {"E000": [Asked("E002", "skill", "manager")], "X7": [Asked("E001", "skill", "peer")]}


def test_a_form_names_only_the_people_that_it_asks_about():
    made = forms(appraisal_of(staff(12)))
    package = zipfile.ZipFile(BytesIO(made["E010"]))
    text = "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    assert "E011" in text
    assert not any(f"E{n:03}" in text for n in range(10))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_answers_can_be_changed_and_they_are_checked(lang):
    book, ws, head, columns = opened(forms(appraisal_of(staff(12)), lang=lang)["E000"])
    assert ws.protection.sheet
    assert book.worksheets[1].sheet_state == "veryHidden"
    open_cells = {
        cell.column
        for row in ws.iter_rows(min_row=head + 1, max_row=head + 9)
        for cell in row
        if not cell.protection.locked
    }
    assert open_cells == {columns[name] for name in (("评分", "评语") if lang == "zh" else ("Score", "Comment"))}
    (check,) = ws.data_validations.dataValidation
    assert str(check.sqref) == f"K{head + 1}:K{head + 9}"
    assert (check.operator, check.formula1, check.formula2) == ("between", f"$I{head + 1}", f"$J{head + 1}")


# Coming back ------------------------------------------------------------------------------------------------------


def test_a_round_trip_of_200_people_loses_and_invents_nothing(tmp_path):
    appraisal = appraisal_of(staff(200))
    scores = {f"E{n:03}": 1 + n * 7 % 5 for n in range(200)}
    for place, data in enumerate(forms(appraisal).values()):
        filled(data, tmp_path / f"renamed {place}.xlsx", lambda row: scores[row["工号"]])
    returned = [back(path, appraisal) for path in files_in([tmp_path])]
    assert [problem for _, problems in returned for problem in problems] == []
    answers = [answer for form, _ in returned for answer in form.answers]
    table, problems = filled_in(appraisal, "raters", answers, "zh")
    assert problems == []
    led = [person for person in staff(200) if person["manager_id"] != person["employee_id"]]
    heads = [rating(f"E{n:03}", "BOARD", scores[f"E{n:03}"]) for n in range(0, 200, 10)]
    direct = [rating(person["employee_id"], person["manager_id"], scores[person["employee_id"]]) for person in led]
    now = table.frame[table.frame["period"] == "2026-10"].to_dict("records")
    columns = ("period", "employee_id", "indicator", "rater_id", "relation", "score")
    assert sorted(tuple(row[name] for name in columns) for row in now) == sorted(
        tuple(row[name] for name in columns) for row in direct
    )
    results = [
        appraisal_of(staff(200), [*rows, *heads]).results
        for rows in ([{name: row[name] for name in columns} for row in now], direct)
    ]
    assert results[0].equals(results[1])
    assert len(results[0]) == 200


def test_every_figure_tells_where_it_came_from(tmp_path):
    appraisal = appraisal_of(staff(2))
    path = filled(forms(appraisal)["E000"], tmp_path / "from the boss.xlsx", lambda _: 4)
    form, _ = back(path, appraisal)
    table, _ = filled_in(appraisal, "raters", form.answers, "zh")
    row = table.frame.iloc[-1]
    cell = opened(path.read_bytes())[1][row["来源单元格"]]
    assert (row["来源文件"], cell.value) == ("from the boss.xlsx", 4)
    assert datetime.fromisoformat(row["来源时间"])


def test_rows_that_waited_are_filled_and_others_come_below(tmp_path):
    appraisal = appraisal_of(staff(3), [rating("E001", "E000", None), rating("E002", "X", 2.0, "peer")])
    form, _ = back(filled(forms(appraisal)["E000"], tmp_path / "f.xlsx", lambda row: int(row["工号"][-1])), appraisal)
    table, problems = filled_in(appraisal, "raters", form.answers, "zh")
    assert problems == []
    assert table.frame[["employee_id", "rater_id", "score"]].to_numpy().tolist() == [
        ["E001", "E000", 1.0], ["E002", "X", 2.0], ["E002", "E000", 2.0],
    ]  # fmt: skip


def test_figures_of_ones_own_come_back_too(tmp_path):
    scheme = small.scheme(
        {
            'source = "ratings"\nmeasure = "mean"\ncolumn = "score"': 'source = "actuals"\nmeasure = "mean"\ncolumn = "actual"'
        }
    )
    appraisal = appraise(small.tables(staff(3), ratings=[], actuals=[
        {"period": "2026-10", "employee_id": "E001", "indicator": "skill", "actual": 3.0}
    ]), scheme)  # fmt: skip
    made = forms(appraisal, "figures")
    assert set(made) == {"E000", "E002"}
    form, problems = back(filled(made["E002"], tmp_path / "f.xlsx", lambda _: "1.5万", "实际值"), appraisal)
    table, _ = filled_in(appraisal, "figures", form.answers, "zh")
    assert problems == []
    assert table.frame[["employee_id", "actual"]].to_numpy().tolist() == [["E001", 3.0], ["E002", 15000.0]]


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(tmp_path):
    """Return an appraisal, a form of three questions, and where it will be saved."""
    appraisal = appraisal_of(staff(4))
    return appraisal, forms(appraisal)["E000"], tmp_path / "form.xlsx"


def hidden_cell(place, value):
    return lambda book, ws, head, columns: book.worksheets[1].__setitem__(place, value)


def visible(column, value, below=1):
    return lambda book, ws, head, columns: setattr(ws.cell(head + below, columns[column]), "value", value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (hidden_cell("B2", "E003"), "return-tampered"),  # about whom
        (hidden_cell("C2", "done"), "return-tampered"),  # on what
        (hidden_cell("D2", "self"), "return-tampered"),  # as whose what
        (hidden_cell("E1", "E002"), "return-tampered"),  # who says so
        (hidden_cell("C1", "2026-11"), "return-tampered"),  # when
        (hidden_cell("F1", "0" * 64), "return-tampered"),
        (hidden_cell("A1", "something"), "return-foreign"),
        (visible("工号", "E003"), "return-changed"),
        (visible("指标编号", "done"), "return-changed"),
        (visible("序号", 2), "return-changed"),  # asks a second time
        (visible("序号", 9), "return-changed"),
        (visible("评分", "=1+1"), "return-formula"),
        (visible("评分", "很好"), "return-not-number"),
        (visible("评分", True), "return-not-number"),
        (visible("评分", "100%"), "return-not-number"),
        (visible("评分", 6), "return-off-scale"),
        (visible("评分", 0), "return-off-scale"),
        (visible("评分", "分数", below=0), "return-without-table"),
    ],
)
def test_a_form_that_was_changed_is_refused(sent, change, code):
    appraisal, data, path = sent
    book, *where = opened(data)
    change(book, *where)
    book.save(path)
    form, problems = back(path, appraisal)
    assert code in codes(problems)
    assert form is None or len(form.answers) == 0
    assert all("form.xlsx" in problem.found("en") for problem in problems)


@pytest.mark.parametrize(("below", "refused"), [(4, 5), (6, "3"), (5, "签字")])
def test_a_figure_in_a_row_that_asks_nothing_is_told(sent, below, refused):
    appraisal, data, path = sent
    book, ws, head, columns = opened(data)
    ws.cell(head + below, columns["评分"]).value = refused
    book.save(path)
    _, problems = back(path, appraisal)
    assert codes(problems) == ([] if refused == "签字" else ["return-changed"])


def test_an_untouched_form_has_no_answers_and_no_problems(sent):
    appraisal, data, path = sent
    path.write_bytes(data)
    form, problems = back(path, appraisal)
    assert (len(form.asked), form.answers, problems) == (3, (), [])


def test_a_form_of_another_workbook_is_refused(sent, tmp_path):
    appraisal, data, path = sent
    path.write_bytes(data)
    assert codes(back(path, appraisal, b"another key")[1]) == ["return-tampered"]


def test_sorted_rows_are_still_understood(sent):
    appraisal, data, path = sent
    book, ws, head, columns = opened(data)
    rows = [[ws.cell(head + n, at).value for at in columns.values()] for n in (3, 1, 2)]
    for n, row in enumerate(rows, start=1):
        for at, value in zip(columns.values(), row, strict=True):
            ws.cell(head + n, at).value = value
        ws.cell(head + n, columns["评分"]).value = int(row[1][-1])
    book.save(path)
    form, problems = back(path, appraisal)
    assert problems == []
    assert {each.asked.employee_id: each.figure for each in form.answers} == {"E001": 1, "E002": 2, "E003": 3}


def test_a_comment_stays_a_text(sent, tmp_path):
    appraisal, data, path = sent
    book, ws, head, columns = opened(data)
    for place, comment in ((1, "=cmd|'/c calc'!A1"), (2, "好")):
        ws.cell(head + place, columns["评分"]).value = 3
        cell = ws.cell(head + place, columns["评语"])
        cell.value, cell.data_type = comment, "s"
    cell = ws.cell(head + 3, columns["评语"])
    ws.cell(head + 3, columns["评分"]).value, cell.value = 3, "=1+1"
    book.save(path)
    form, _ = back(path, appraisal)
    assert [each.comment for each in form.answers] == ["=cmd|'/c calc'!A1", "好", ""]


def test_hostile_and_foreign_files_are_told_apart(tmp_path):
    appraisal = appraisal_of(staff(2))
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_text("no workbook")
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b" " * (3 << 20))
    (tmp_path / "~$z.xlsx").write_text("lock")
    found = {path.name: codes(back(path, appraisal)[1]) for path in files_in([tmp_path])}
    assert found == {"a.xlsx": ["return-foreign"], "b.xlsx": ["book-not-excel"], "c.xlsx": ["book-too-large"]}


def test_a_form_of_another_period_or_scheme_is_refused(sent):
    appraisal, data, path = sent
    path.write_bytes(data)
    form, _ = back(path, appraisal)
    assert codes(of_this_period(form, "2026-11", "small")) == ["return-other-period"]
    assert codes(of_this_period(form, "2026-10", "big")) == ["return-other-scheme"]
    assert codes(of_this_period(form, "2026-10", "small")) == []


# Twice, late, missing -----------------------------------------------------------------------------------------------


def answer(figure=4.0, file="a.xlsx", comment="", rater="B", who="E1"):
    return Answer(rater, Asked(who, "skill", "manager"), figure, comment, file, "K8", datetime(2026, 11, 5, 23, 59))


def test_the_same_answer_twice_counts_once_and_another_one_is_a_conflict():
    kept, problems = once([answer(file="b.xlsx"), answer()])
    assert (kept, codes(problems)) == ([answer()], ["return-twice"])
    _, problems = once([answer(3.0, "b.xlsx"), answer()])
    assert "4 (a.xlsx!K8), 3 (b.xlsx!K8)" in one(problems, "return-conflict").found("en")
    assert has_errors(problems)


@given(
    st.permutations(
        [
            answer(f, n, w, who=p)
            for f, n, w, p in ((1, "a", "", "E1"), (1, "b", "", "E1"), (2, "a", "", "E2"), (3, "c", "x", "E2"))
        ]
    )
)
def test_the_order_of_files_decides_nothing(answers):
    first = [answer(1, "a", who="E1"), answer(2, "a", who="E2")]
    kept, problems = once(answers)
    assert kept == first
    assert sorted(codes(problems)) == ["return-conflict", "return-twice"]


def test_a_figure_that_the_workbook_has_is_neither_doubled_nor_overwritten():
    appraisal = appraisal_of(staff(2), [rating("E001", "E000", 4.0)])
    about = Asked("E001", "skill", "manager")
    same, other = (Answer("E000", about, figure, "", "f.xlsx", "K8", datetime(2026, 11, 1)) for figure in (4.0, 5.0))
    for each, expected in ((same, []), (other, ["return-differs"])):
        table, problems = filled_in(appraisal, "raters", [each], "zh")
        assert codes(problems) == expected
        assert table.frame["score"].tolist() == [4.0]


def test_late_forms_are_told_by_day():
    assert late([answer()], datetime(2026, 11, 5).date()) == []
    assert codes(late([answer(), answer(who="E2")], datetime(2026, 11, 4).date())) == ["return-late"]
    assert late([answer()], None) == []


def test_who_has_not_answered_is_told():
    asked = {
        "B": [Asked("E1", "skill", "manager"), Asked("E2", "skill", "manager")],
        "C": [Asked("E1", "skill", "peer")],
    }
    (problem,) = unanswered(asked, [answer()])
    assert problem.details["count"] == 2
    assert "B, C" in problem.found("en")
    assert unanswered({"B": asked["B"][:1]}, [answer()]) == []


def test_an_answer_that_is_refused_has_come_back(book, tmp_path):
    run("publish", book, "-o", tmp_path / "out", "--to", "raters")
    (form,) = (tmp_path / "out" / "raters").iterdir()
    filled(form.read_bytes(), tmp_path / "reply.xlsx", lambda row: 6 if row["工号"] == "E3" else 3)
    said = run("collect", book, tmp_path / "reply.xlsx", "--lang", "en", status=1)
    assert "off the scale" in said
    assert "not come back" not in said


# The commands -------------------------------------------------------------------------------------------------------


def run(*args, status=0):
    done = CliRunner().invoke(app, [*map(str, args)])
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture
def book(tmp_path):
    people = [["工号", "姓名", "直接上级工号"], *[[f"E{n}", f"员工{n}", "E1"] for n in range(1, 6)]]
    done = [["任务编号", "责任人工号", "应完成日期", "完成日期", "状态"]]
    done += [[f"T{n}", f"E{n}", "2026-10-10", "2026-10-09", "已完成"] for n in range(1, 6)]
    sheets = policy()
    sheets["首页"] += [["回收截止日期", "2026-11-05"]]
    rated = [
        ["周期", "被评人工号", "指标编号", "评价人工号", "评价关系", "评分"],
        ["2026-10", "E1", "skill", "BOARD", "直接上级", 5],
    ]
    return save(tmp_path / "book.xlsx", {**sheets, "员工": people, "评分": rated, "任务": done})


def test_publish_fill_collect_run(book, tmp_path):
    out = tmp_path / "out"
    run("publish", book, "-o", out, "--to", "raters")
    (form,) = (out / "raters").iterdir()
    filled(form.read_bytes(), tmp_path / "reply.xlsx", lambda row: int(row["工号"][-1]))
    said = run("collect", book, tmp_path / "reply.xlsx", "--lang", "en")
    assert "Ratings: 4" in said
    assert "own" not in run("check", book, "--lang", "en"), "columns that say where a figure came from are ours"
    table = read_book(book).tables["ratings"].frame
    assert dict(zip(table["employee_id"], table["score"], strict=True)) == {"E1": 5, "E2": 2, "E3": 3, "E4": 4, "E5": 5}
    assert "nothing left to ask" in run("publish", book, "-o", out, "--to", "raters", "--lang", "en", status=1)


def test_one_bad_form_and_nothing_is_written(book, tmp_path):
    out = tmp_path / "out"
    run("publish", book, "-o", out, "--to", "raters")
    (form,) = (out / "raters").iterdir()
    filled(form.read_bytes(), tmp_path / "one.xlsx", lambda row: 3)
    filled(form.read_bytes(), tmp_path / "two.xlsx", lambda row: 4)
    before = book.read_bytes()
    said = run("collect", book, tmp_path / "one.xlsx", tmp_path / "two.xlsx", "--lang", "en", status=1)
    assert "different answers" in said
    assert book.read_bytes() == before


def test_without_the_key_nothing_is_collected(book, tmp_path):
    shutil.copy(book, tmp_path / "other.xlsx")
    assert "other.xlperf-key" in run("collect", tmp_path / "other.xlsx", book, "--lang", "en", status=1)
    assert not (tmp_path / "other.xlperf-key").exists()


def test_an_empty_folder_is_said(book, tmp_path):
    (tmp_path / "empty").mkdir()
    run("publish", book, "-o", tmp_path / "out", "--to", "raters")
    assert "No workbooks" in run("collect", book, tmp_path / "empty", "--lang", "en", status=1)


# Levels with labels -------------------------------------------------------------------------------------------------

LEVELS = "".join(
    f'\n[[rating_levels]]\nlabel = "{label}"\nlabel_en = "{english}"\nvalue = {value}\nanchor = "{anchor}"\nanchor_en = "{other}"\n'
    for label, english, value, anchor, other in (
        ("优秀", "Excellent", 5, "主动解决他人的问题", "solves the problems of others unasked"),
        ("良好", "Good", 4, "独立完成全部工作", "does the whole work alone"),
        ("待改进", "To improve", 2, "需要反复提醒", "has to be reminded"),
    )
)


def labelled_forms(lang="zh"):
    scheme = small.scheme({'\n[[grades]]\ncode = "A"': LEVELS + '\n[[grades]]\ncode = "A"'})
    appraisal = appraisal_of(staff(3), scheme=scheme)
    asked = questions(appraisal, "raters")
    about = ("raters", appraisal.period.code, appraisal.scheme.settings.scheme)
    signatures = {who: signature(KEY, signed_text(*about, who, each)) for who, each in asked.items()}
    compiled, problems = compile_job(
        PublishJob(packed(template("raters", lang, CardLayout(has_levels=True))), "raters", "")
    )
    assert not problems
    renderer = TemplateRenderer(compiled)
    return appraisal, {
        each.recipient: renderer.render(each) for each in forms_of(appraisal, "raters", signatures, lang)
    }


def test_a_form_offers_the_levels_and_says_what_they_mean():
    _, made = labelled_forms("en")
    book, ws, head, columns = opened(made["E000"])
    (offered,) = [each for each in ws.data_validations.dataValidation if each.type == "list"]
    codes = f"{'FGH'[0]}{head + 1}"
    assert ws[codes].value == "skill"
    assert offered.formula1 == (
        f"OFFSET('Rating levels'!$C$1,MATCH(${codes},'Rating levels'!$A:$A,0)-1,0,COUNTIF('Rating levels'!$A:$A,${codes}),1)"
    )
    assert str(offered.sqref) == f"{openpyxl.utils.get_column_letter(columns['Score'])}{head + 1}:" + (
        f"{openpyxl.utils.get_column_letter(columns['Score'])}{head + 2}"
    )
    listed = [[cell.value for cell in row] for row in book["Rating levels"].iter_rows() if row[0].value == "skill"]
    assert [row[2:] for row in listed] == [
        ["Excellent", 5, "solves the problems of others unasked"],
        ["Good", 4, "does the whole work alone"],
        ["To improve", 2, "has to be reminded"],
    ]


def test_labels_and_scores_come_back_and_what_is_neither_is_told(tmp_path):
    appraisal, made = labelled_forms()
    answers = {"E001": " 良好", "E002": 3.5}
    path = filled(made["E000"], tmp_path / "a.xlsx", lambda about: answers[about["工号"]])
    returned, problems = back(path, appraisal)
    assert not problems
    assert {each.asked.employee_id: each.figure for each in returned.answers} == {"E001": 4, "E002": 3.5}
    path = filled(made["E000"], tmp_path / "b.xlsx", lambda about: {"E001": "优", "E002": "优秀"}[about["工号"]])
    returned, problems = back(path, appraisal)
    assert one(problems, "return-label-unknown").details["allowed"][0].zh == "优秀 = 5"
    assert [each.figure for each in returned.answers] == [5]
