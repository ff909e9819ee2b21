"""The condition language: both languages read as one tree, write back, and find the rows that a person would find."""

from datetime import date, timedelta

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlperf.core.periods import WorkCalendar
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import (
    Misread,
    Scope,
    Streak,
    When,
    columns_in,
    days_of,
    figure,
    in_words,
    literals_by_sheet,
    literals_in,
    read,
    read_expression,
    relations_in,
    rows_meeting,
    streaks_in,
    to_text,
    with_literals,
)
from xlperf.policy.conditions.tree import (
    All,
    Among,
    Anniversary,
    Any_,
    Calc,
    Compare,
    Contains,
    CountOf,
    Empty,
    Filled,
    InPeriod,
    Lookup,
    MovedBy,
    Not,
    Placed,
    Ref,
    Shift,
    Value,
    Within,
    Word,
    WorkdaysBetween,
)
from xlperf.schema import Column

TASKS = Scope.of_sheet("tasks", [Column("Deal size", Text("Deal size", "Deal size"), "number")])
RESULTS = Scope.of_sheet("results")
CLIENTS = Scope.of_sheet(
    "clients", elsewhere={"tasks": [Column("Deal size", Text("Deal size", "Deal size"), "number")]}
)
OCTOBER = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))

PAIRS = [
    ("应完成日期 属于 本期 且 状态 <> 已取消", "due_date in period and status <> cancelled"),
    ("应完成日期 属于本期且 状态<>已取消", "due_date in period and status <> cancelled"),
    ("完成日期 ≤ 应完成日期", "done_date <= due_date"),
    ("完成日期 在 创建日期 后 7 天 内", "done_date within 7 days of created_date"),
    ("完成日期 在 创建日期 后 2 个交易日 内", "done_date within 2 trading days of created_date"),
    ("创建日期 < 期末 - 90 天", "created_date < period end - 90 days"),
    ("创建日期 >= 上期期初 + 1 个月", "created_date >= previous period start + 1 months"),
    ("创建日期 >= 季度初 且 应完成日期 <= 季度末", "created_date >= quarter start and due_date <= quarter end"),
    ("创建日期 > 上个半年末", "created_date > previous half-year end"),
    (
        "创建日期 >= 上个季度初 或 创建日期 < 上年初",
        "created_date >= previous quarter start or created_date < previous year start",
    ),
    ("应完成日期 = 年末", "due_date = year end"),
    ("状态 属于（已完成，已取消）", "status in (done, cancelled)"),
    ("状态 不属于 (已完成, 已取消)", "status not in (done, cancelled)"),
    (
        "完成日期 为空 或 非 (金额 > 1.2万 且 金额 < 3万)",
        "done_date is empty or not (amount > 12000 and amount < 30000)",
    ),
    ("(任务类型, 客户编号) 已填", "(task_kind, client_id) is filled"),
    ("完成结果 包含 “成交”", 'result contains "成交"'),
    ("任务类型 = 拜访", 'task_kind = "拜访"'),
    ("[Deal size] > 5%", "[Deal size] > 5%"),
    ("金额 / [Deal size] - 1 > 0.5", "amount / [Deal size] - 1 > 0.5"),
    ("客户.M级 = VIP 且 状态 = 已完成", "client.m_level = vip and status = done"),
    ("客户 . [客户类别] 属于 (A1, “B2”)", 'client.client_class in ("A1", "B2")'),
    ("应完成日期 在 客户.开户日期 后 15 天 内", "due_date within 15 days of client.opened_date"),
    ("客户．流失日期 为空 且 客户.[交易次数] > 3", "client.lost_date is empty and client.trade_count > 3"),
    ("创建日期 = 客户.生日 周年", "created_date = anniversary of client.birthday"),
]


@pytest.mark.parametrize(("zh", "en"), PAIRS)
def test_both_languages_are_one_tree(zh, en):
    tree = read(zh, TASKS)
    assert tree == read(en, TASKS)
    assert to_text(tree, "en") == en
    assert read(to_text(tree, "zh", TASKS.columns), TASKS) == tree


CLIENT_PAIRS = [
    (
        '任务数(任务类型 = "contact" 且 状态 = 已完成 且 完成日期 属于 本期) >= 1',
        'tasks(task_kind = "contact" and status = done and done_date in period) >= 1',
    ),
    (
        "任务数（ 状态 不属于（已完成，已取消） 或 应完成日期<期末 ）＝0",
        "tasks(status not in (done, cancelled) or due_date < period end) = 0",
    ),
    (
        "任务数() > 2 且 非 任务数([Deal size] > 5) > 任务数() / 2",
        "tasks() > 2 and not tasks([Deal size] > 5) > tasks() / 2",
    ),
    (
        "客户状态 = 流失 且 任务数((状态 = 已完成 或 金额 > 1) 且 完成日期 > 期初) < 1",
        "client_status = lost and tasks((status = done or amount > 1) and done_date > period start) < 1",
    ),
    ("生日 周年 属于 本期", "anniversary of birthday in period"),
    ("[生日] 周年日 不属于 上期", "anniversary of birthday not in previous period"),
    ("周年日（生日） 已填", "anniversary of birthday is filled"),
    (
        "最近联系日期 在 周年日(开户日期) 后 3 个工作日 内",
        "last_contact_date within 3 workdays of anniversary of opened_date",
    ),
    ("最近联系日期 < 周年日(开户日期) - 7 天", "last_contact_date < anniversary of opened_date - 7 days"),
]


@pytest.mark.parametrize(("zh", "en"), CLIENT_PAIRS)
def test_both_languages_are_one_tree_on_clients(zh, en):
    tree = read(zh, CLIENTS)
    assert tree == read(en, CLIENTS)
    assert to_text(tree, "en") == en
    assert read(to_text(tree, "zh", CLIENTS.columns), CLIENTS) == tree


def test_a_count_a_look_at_the_client_and_an_anniversary_are_expressions():
    assert read_expression("任务数() + 1", CLIENTS) == read_expression("tasks() + 1", CLIENTS)
    assert read_expression("anniversary of birthday - 7 days", CLIENTS) == Shift(
        Anniversary(Ref("birthday", "date")), -7, "days"
    )
    assert read_expression("due_date - client.opened_date", TASKS).right == Lookup(Ref("opened_date", "date"))


@pytest.mark.parametrize("word", ["tasks", "client", "anniversary", "周年", "周年日", "任务数"])
def test_words_of_other_sheets_may_be_names_of_columns(word):
    scope = Scope.of_sheet("tasks", [Column(word, Text(word, word), "number")])
    for lang in ("zh", "en"):
        tree = Compare(Ref(word, "number"), ">", Value(3.0))
        assert read(to_text(tree, lang, scope.columns), scope) == tree


@pytest.mark.parametrize(
    ("text", "scope", "code"),
    [
        ("tasks(status = done) > 1", TASKS, "condition-no-tasks"),
        ("total > 1 and 任务数() > 1", RESULTS, "condition-no-tasks"),
        ("tasks(tasks() > 1) > 1", CLIENTS, "condition-no-tasks"),
        ("tasks() > 1", Scope.of_sheet("ratings"), "condition-no-tasks"),
        ("client.m_level = vip", CLIENTS, "condition-no-client"),
        ("client.m_level = vip", RESULTS, "condition-no-client"),
        ("任务数(客户.M级 = VIP) > 1", CLIENTS, "condition-no-client"),
        ("tasks(top 5%) > 1", CLIENTS, "condition-no-ranking"),
        ("tasks(amount > 1 for 3 periods) > 1", CLIENTS, "condition-no-history"),
        ("tasks(birthday in period) > 1", CLIENTS, "condition-unknown-word"),
        ("client.due_date in period", TASKS, "condition-unknown-word"),
        ("client.m_level = gold", TASKS, "condition-unknown-choice"),
        ("tasks(status = gold) > 1", CLIENTS, "condition-unknown-choice"),
        ("anniversary of client_name in period", CLIENTS, "condition-needs-date"),
        ('tasks() = "3"', CLIENTS, "condition-kinds"),
        ("tasks(status = done)", CLIENTS, "condition-unreadable"),
        ("tasks(amount) > 1", CLIENTS, "condition-unreadable"),
    ],
)
def test_other_sheets_are_refused_where_they_cannot_be_seen(text, scope, code):
    with pytest.raises(Misread) as fault:
        read(text, scope)
    assert fault.value.code == code
    for lang in ("zh", "en"):
        problem = Problem(code, details=fault.value.details)
        assert all("{" not in part(lang) for part in (problem.found, problem.expected, problem.remedy))


def test_other_sheets_in_words():
    tree = read("tasks(status = done) >= 2 and anniversary of birthday in period", CLIENTS)
    assert in_words(tree, "en", CLIENTS.columns) == (
        'the number of tasks (those where "Status" is done) is at least 2, '
        'and the anniversary of "Birthday" lies in the period'
    )
    assert in_words(tree, "zh", CLIENTS.columns) == ("任务数（其中“状态”是已完成）不低于2，并且“生日”的周年日在本期内")
    tree = read("client.m_level = core", TASKS)
    assert in_words(tree, "en", TASKS.columns) == 'the client\'s "M level" is core'
    assert in_words(tree, "zh", TASKS.columns) == "客户的“M级”是核心"


def test_what_a_condition_names_is_known_by_sheet():
    tree = read('origin = "web" and tasks(task_kind = "visit" and result in ("won", "lost")) > 1', CLIENTS)
    assert [ref.code for ref in columns_in(tree)] == ["origin"]
    assert [text for _, text in literals_in(tree)] == ["web"]
    assert {(sheet, ref.code, text) for sheet, ref, text in literals_by_sheet(tree, "clients")} == {
        ("clients", "origin", "web"),
        ("tasks", "task_kind", "visit"),
        ("tasks", "result", "won"),
        ("tasks", "result", "lost"),
    }
    assert [each.where for each in relations_in(tree)] == [tree.items[1].left.where]
    tree = read('client.origin <> "web" and note = "x" and not client.client_class in (A, B)', TASKS)
    assert [ref.code for ref in columns_in(tree)] == ["note"]
    assert {(sheet, ref.code, text) for sheet, ref, text in literals_by_sheet(tree, "tasks")} == {
        ("clients", "origin", "web"),
        ("tasks", "note", "x"),
        ("clients", "client_class", "A"),
        ("clients", "client_class", "B"),
    }


STREAKS = [
    ("总分 >= 90 连续 3 期", "total >= 90 for 3 periods"),
    ("总分>=90连续3个周期", "total >= 90 for 3 periods"),
    ("连续 3 期 总分 >= 90", "total >= 90 for 3 consecutive periods"),
    ("（总分 ≥ 90 且 名次 ≤ 3）连续 3 期", "(total >= 90 and place <= 3) for 3 periods"),
    ("连续 2 期（总分 >= 90 或 名次 = 1）且 前 5%", "(total >= 90 or place = 1) for 2 periods and top 5%"),
    ("等级 = A 连续 2 期 或 总分 > 100", "grade = A for 2 consecutive periods or total > 100"),
    ("非 等级 属于 (A, 优秀) 连续 2 期", 'not grade in ("A", "优秀") for 2 periods'),
    ("（等级 不属于 (A, B)）连续 12 期", "(grade not in (A, B)) for 12 periods"),
]


@pytest.mark.parametrize(("zh", "en"), STREAKS)
def test_consecutive_periods_read_alike_in_both_languages(zh, en):
    tree = read(zh, RESULTS)
    assert tree == read(en, RESULTS)
    assert read(to_text(tree, "en"), RESULTS) == tree
    assert read(to_text(tree, "zh", RESULTS.columns), RESULTS) == tree


def test_a_streak_binds_tighter_than_not_and_and():
    total, place = (Compare(Ref(code, "number"), ">=", Value(1.0)) for code in ("total", "place"))
    assert read("total >= 1 and not place >= 1 for 2 periods", RESULTS) == All((total, Not(Streak(place, 2))))
    assert read("(not place >= 1) for 2 periods", RESULTS) == Streak(Not(place), 2)


@pytest.mark.parametrize(
    ("text", "scope", "code"),
    [
        ("amount > 3 for 2 periods", TASKS, "condition-no-history"),
        ("status = done and (amount > 3 for 2 periods)", TASKS, "condition-no-history"),
        ("top 5%", TASKS, "condition-no-ranking"),
        ("base > 3 for 2 periods", RESULTS, "condition-streak-column"),
        ("(total > 3 and 人员类别 = office) 连续 2 期", RESULTS, "condition-streak-column"),
        ("(total > 3 and top 5%) for 2 periods", RESULTS, "condition-streak-inside"),
        ("(total > 3 for 2 periods) for 3 periods", RESULTS, "condition-streak-inside"),
        ("total > 3 for 1 periods", RESULTS, "condition-streak-count"),
        ("total > 3 for 2.5 periods", RESULTS, "condition-streak-count"),
        ("total > 3 for periods", RESULTS, "condition-unreadable"),
    ],
)
def test_consecutive_periods_are_refused_where_nothing_is_known(text, scope, code):
    with pytest.raises(Misread) as fault:
        read(text, scope)
    assert fault.value.code == code
    for lang in ("zh", "en"):
        problem = Problem(code, details=fault.value.details)
        assert all("{" not in part(lang) for part in (problem.found, problem.expected, problem.remedy))


@pytest.mark.parametrize(
    ("tree", "code"),
    [(Placed("top", 0.05), "condition-no-ranking"), (Streak(All(()), 2), "condition-no-history")],
)
def test_a_run_without_places_and_history_says_so(tree, code):
    with pytest.raises(Misread) as fault:
        rows_meeting(tree, OCTOBER)
    assert fault.value.code == code


@pytest.mark.parametrize("word", ["grade", "Grade", "[Grade code]", "grade_name", "等级", "等级编号"])
def test_a_grade_has_one_column_under_all_its_headings(word):
    assert read(f"{word} = A", RESULTS) == Compare(Ref("grade", "key"), "=", Value("A"))


def test_a_streak_in_words():
    tree = read("(total >= 90 and place <= 3) for 3 periods", RESULTS)
    assert in_words(tree, "en", RESULTS.columns) == (
        '("Total" is at least 90, and "Place" is at most 3) in each of the last 3 periods (this one included)'
    )
    assert in_words(tree, "zh", RESULTS.columns) == "连续 3 期（含本期）每期（“总分”不低于90，并且“名次”不超过3）"


def test_parts_of_a_tree_are_found_and_changed():
    tree = read('(grade = good or not grade in (fair, "poor")) for 3 periods and total > 3 and name = "good"', RESULTS)
    assert [ref.code for ref in columns_in(tree)] == ["grade", "grade", "total", "name"]
    assert [each.count for each in streaks_in(tree)] == [3]
    upper = with_literals(tree, lambda column, text: text.upper() if column.code == "grade" else text)
    assert [word for _, word in literals_in(upper)] == ["GOOD", "FAIR", "POOR", "good"]
    assert to_text(upper, "en") == (
        '(grade = "GOOD" or grade not in ("FAIR", "POOR")) for 3 periods and total > 3 and name = "good"'
    )


def test_an_expression_is_arithmetic_or_a_duration():
    assert to_text(read_expression("完成日期 - 创建日期", TASKS), "en") == "done_date - created_date"
    assert to_text(read_expression("(金额 + 1) * 2 / 金额", TASKS), "en") == "(amount + 1) * 2 / amount"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("due_date in", "condition-unreadable"),
        ("(due_date in period and (status = done", "text-bracket-open"),
        ("status in (done；cancelled)", "text-semicolon"),
        ("＝status <> done", "text-equals-sign"),
        ("due_date < 2026-02-30", "condition-bad-date"),
        ("due_dat in period", "condition-unknown-word"),
        ("status = finished", "condition-unknown-choice"),
        ("due_date > 3", "condition-kinds"),
        ("amount in period", "condition-needs-date"),
        ("due_date + amount > 3", "condition-arithmetic"),
        ("done_date within 1.5 days of due_date", "condition-whole-days"),
        ("result = won", "condition-unknown-word"),
        ("due_date <= created_date + 3 workdays + 1 days + 1 months", "condition-months-last"),
    ],
)
def test_what_cannot_be_read_is_explained(text, code):
    with pytest.raises(Misread) as fault:
        read(text, TASKS)
    assert fault.value.code == code


def test_an_unknown_column_names_similar_headings():
    with pytest.raises(Misread) as fault:
        read("应完成日 属于 本期", TASKS)
    assert "应完成日期" in fault.value.details["near"]


def test_a_sentence_explains_it():
    tree = read("due_date in period and (status <> cancelled or done_date is empty)", TASKS)
    assert in_words(tree, "en", TASKS.columns) == (
        '"Due" lies in the period, and ("Status" is not cancelled, or "Done" is empty)'
    )
    assert in_words(tree, "zh", TASKS.columns) == "“应完成日期”在本期内，并且（“状态”不是已取消，或者“完成日期”为空）"


# Trees made at random ------------------------------------------------------------------------------------------------

dates = st.sampled_from([Ref(code, "date") for code in ("due_date", "done_date", "created_date")])
days = st.dates(date(2026, 8, 1), date(2026, 12, 31)).map(Value)
units = st.sampled_from(["days", "workdays", "trading"])
shifts = st.recursive(
    dates,
    lambda starts: (
        st.builds(Shift, starts, st.integers(-40, 40), units)
        | st.builds(MovedBy, starts, st.just(Ref("hold_days", "number")), units)
    ),
    max_leaves=3,
)
moments = days | shifts
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
statuses = st.sampled_from([Word(code, "task_status") for code in WORDS["task_status"]])
status = Ref("status", "choice")
leaves = (
    st.builds(Compare, shifts, signs, moments)
    | st.builds(Compare, st.builds(Calc, st.just("-"), shifts, shifts), signs, st.integers(-9, 9).map(float).map(Value))
    | st.builds(Compare, st.builds(WorkdaysBetween, shifts, moments), signs, st.integers(-9, 9).map(float).map(Value))
    | st.builds(InPeriod, shifts, st.booleans())
    | st.builds(Within, dates, st.integers(0, 30), st.sampled_from(["days", "workdays"]), shifts)
    | st.builds(Compare, st.just(Ref("amount", "money")), signs, st.integers(-5, 5).map(lambda n: Value(float(n))))
    | st.builds(Compare, st.just(status), st.sampled_from(["=", "<>"]), statuses)
    | st.builds(Among, st.just(status), st.lists(statuses, min_size=1, max_size=3).map(tuple))
    | st.builds(Filled, st.lists(dates, min_size=1, max_size=2).map(tuple))
    | st.builds(Empty, st.lists(dates, min_size=1, max_size=2).map(tuple))
    | st.builds(Contains, st.just(Ref("result", "text")), st.sampled_from(["a", "成"]))
)


def _grown(items):
    several = st.lists(items, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, items) | st.builds(All, several) | st.builds(Any_, several)


trees = st.recursive(leaves, _grown, max_leaves=6)


@given(trees)
def test_reading_undoes_writing(tree):
    plain = read(to_text(tree, "en"), TASKS)  # brackets that change nothing are gone
    for lang in ("en", "zh"):
        assert read(to_text(tree, lang, TASKS.columns), TASKS) == plain
        assert read(to_text(plain, lang, TASKS.columns), TASKS) == plain
    assert found(plain, SOME_ROWS, OCTOBER) == found(tree, SOME_ROWS, OCTOBER)


counts = st.builds(CountOf, trees | st.just(All(())))
birthdays = st.just(Anniversary(Ref("birthday", "date")))
of_clients = st.recursive(
    st.builds(Compare, counts, signs, st.integers(0, 5).map(float).map(Value) | counts)
    | st.builds(InPeriod, birthdays, st.booleans())
    | st.builds(Compare, birthdays, signs, days),
    _grown,
    max_leaves=4,
)
levels = st.sampled_from([Word(code, "m_level") for code in WORDS["m_level"]])
openings = st.just(Lookup(Ref("opened_date", "date")))
of_their_clients = st.recursive(
    leaves
    | st.builds(Compare, st.just(Lookup(Ref("m_level", "choice"))), st.sampled_from(["=", "<>"]), levels)
    | st.builds(Compare, dates, signs, openings)
    | st.builds(Within, dates, st.integers(0, 30), st.just("workdays"), openings)
    | st.builds(InPeriod, st.builds(Anniversary, openings), st.booleans()),
    _grown,
    max_leaves=4,
)


@given(of_clients.map(lambda tree: (tree, CLIENTS)) | of_their_clients.map(lambda tree: (tree, TASKS)))
def test_reading_undoes_writing_across_sheets(example):
    tree, scope = example
    plain = read(to_text(tree, "en"), scope)
    for lang in ("en", "zh"):
        assert read(to_text(tree, lang, scope.columns), scope) == plain
        assert read(to_text(plain, lang, scope.columns), scope) == plain


figures = st.builds(
    Compare,
    st.sampled_from([Ref("total", "number"), Ref("place", "number")]),
    signs,
    st.integers(-5, 5).map(float).map(Value),
)
grade = st.just(Ref("grade", "key"))
marks = st.sampled_from(["A", "优秀", "for", "not so good"]).map(Value)
looks = (
    figures
    | st.builds(Compare, grade, st.sampled_from(["=", "<>"]), marks)
    | st.builds(Among, grade, st.lists(marks, min_size=1, max_size=3).map(tuple))
)
streaks = st.builds(Streak, st.recursive(looks, _grown, max_leaves=4), st.integers(2, 12))
shares = st.builds(Placed, st.sampled_from(["top", "last"]), st.integers(1, 100).map(lambda n: n / 100))
outcomes = st.recursive(looks | streaks | shares, _grown, max_leaves=6)


@given(outcomes)
def test_reading_undoes_writing_for_outcomes(tree):
    plain = read(to_text(tree, "en"), RESULTS)
    assert list(streaks_in(plain)) == [read(to_text(each, "en"), RESULTS) for each in streaks_in(tree)]
    for lang in ("en", "zh"):
        assert read(to_text(tree, lang, RESULTS.columns), RESULTS) == plain
        assert read(to_text(plain, lang, RESULTS.columns), RESULTS) == plain


rows = st.fixed_dictionaries(
    {
        "due_date": st.none() | st.dates(date(2026, 8, 15), date(2026, 11, 15)),
        "done_date": st.none() | st.dates(date(2026, 8, 15), date(2026, 11, 15)),
        "created_date": st.none() | st.dates(date(2026, 8, 15), date(2026, 11, 15)),
        "status": st.none() | st.sampled_from(list(WORDS["task_status"])),
        "amount": st.none() | st.integers(-6, 6).map(float),
        "hold_days": st.none() | st.integers(0, 12).map(float),
        "result": st.none() | st.sampled_from(["a", "b", "成交"]),
    }
)
SOME_ROWS = [
    {
        "due_date": due,
        "done_date": done,
        "created_date": date(2026, 9, 30),
        "status": state,
        "amount": amount,
        "hold_days": hold,
        "result": "a",
    }
    for due in (None, date(2026, 10, 1), date(2026, 11, 3))
    for done in (None, date(2026, 10, 1), date(2026, 10, 31))
    for state, amount, hold in (("done", 1.0, None), ("cancelled", None, 3.0), (None, -2.0, 0.0))
]
HOLIDAYS = frozenset({date(2026, 10, day) for day in range(1, 8)})
MADE_UP = frozenset({date(2026, 9, 27), date(2026, 10, 10)})
CALENDAR = WorkCalendar(HOLIDAYS, MADE_UP)


@given(trees, st.lists(rows, min_size=1, max_size=5))
def test_the_column_expression_finds_the_rows_that_a_person_finds(tree, records):
    """The referee evaluates the tree row by row, in plain Python, with the calendar of the periods module."""
    when = When(
        OCTOBER.start, OCTOBER.end, OCTOBER.previous_start, OCTOBER.previous_end, tuple(HOLIDAYS), tuple(MADE_UP)
    )
    assert found(tree, records, when) == [holds(tree, row) for row in records]


def found(tree, records, when):
    columns = {
        name: pd.Series([row[name] for row in records], dtype=kind)
        for name, kind in (
            ("due_date", "datetime64[s]"),
            ("done_date", "datetime64[s]"),
            ("created_date", "datetime64[s]"),
            ("status", "str"),
            ("amount", "float64"),
            ("hold_days", "float64"),
            ("result", "str"),
        )
    }
    frame = nw.from_native(pd.DataFrame(columns | {"row": np.arange(len(records))}))
    met = set(frame.filter(rows_meeting(tree, when))["row"].to_list())
    return [position in met for position in range(len(records))]


def holds(node, row):
    match node:
        case Compare(left, "<>", right):
            return not holds(Compare(left, "=", right), row)
        case Compare(left, sign, right):
            a, b = value(left, row), value(right, row)
            if a is None or b is None:
                return False
            return {"=": a == b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]
        case InPeriod(left, previous):
            day = value(left, row)
            start, end = (OCTOBER.previous_start, OCTOBER.previous_end) if previous else (OCTOBER.start, OCTOBER.end)
            return day is not None and start <= day <= end
        case Within(left, amount, unit, anchor):
            first = value(anchor, row)
            last = value(Shift(anchor, amount, unit), row)
            day = value(left, row)
            return None not in (first, last, day) and first <= day <= last
        case Among(left, values):
            return value(left, row) in [value(each, row) for each in values]
        case Filled(columns):
            return all(value(each, row) is not None for each in columns)
        case Empty(columns):
            return all(value(each, row) is None for each in columns)
        case Contains(left, part):
            return part in (value(left, row) or "")
        case Not(item):
            return not holds(item, row)
        case All(items):
            return all(holds(item, row) for item in items)
        case Any_(items):
            return any(holds(item, row) for item in items)
    raise AssertionError(node)


def value(node, row):
    match node:
        case Ref(code):
            return row[code]
        case Word(code):
            return code
        case Value(plain):
            return plain
        case Calc("-", left, right):
            later, earlier = value(left, row), value(right, row)
            return None if None in (later, earlier) else (later - earlier).days
        case WorkdaysBetween(first, last):
            earlier, later = value(first, row), value(last, row)
            return None if None in (earlier, later) else workdays_behind(earlier, later)
        case MovedBy(start, Ref(code), unit):
            amount = int(row[code] or 0)
            return value(Shift(start, amount, unit), row) if amount else value(start, row)
        case Shift(start, amount, unit):
            day = value(start, row)
            if day is None:
                return None
            if unit == "days":
                return day + timedelta(days=amount)
            works = CALENDAR.is_workday if unit == "workdays" else CALENDAR.trade.holds
            return nth(day, amount, works)
    raise AssertionError(node)


def workdays_behind(first, last):
    """The working days after one day up to another, counted one by one; below zero where the other comes first."""
    if last < first:
        return -workdays_behind(last, first)
    return sum(CALENDAR.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def nth(day, amount, works):
    """The n-th working day after a day (before it, if n is negative), counted one by one.

    For n = 0 it is the last working day up to and including the day itself.
    """
    if amount == 0:
        while not works(day):
            day -= timedelta(days=1)
        return day
    step = timedelta(days=1 if amount > 0 else -1)
    for _ in range(abs(amount)):
        day += step
        while not works(day):
            day += step
    return day


DEADLINES = [  # created on Friday 9 October 2026 and done on Friday the 16th, which is the fifth working day behind
    ("done_date <= created_date + 5 workdays", True),
    ("done_date <= created_date + 3 workdays + 2 workdays", True),
    ("done_date <= created_date + 3 workdays + 1 workdays", False),
    ("done_date <= created_date + 6 workdays - 2 workdays", False),
    ("done_date within 2 workdays of created_date + 3 workdays", True),
    ("done_date within 1 workdays of created_date + 3 workdays", False),
    ("done_date - 5 workdays = created_date", True),
    ("done_date - (created_date + 3 workdays) = 2", True),  # the third working day is Wednesday the 14th
    ("created_date + 3 workdays in (2026-10-14, 2026-10-15)", True),
    ("created_date + 3 workdays + 5 days > done_date + 1 trading days", False),  # both are Monday the 19th
    ("created_date + 3 workdays + 5 days = done_date + 1 trading days", True),
    ("created_date + 3 workdays is filled and due_date + 3 workdays is empty", True),
    ("done_date <= created_date + 3 workdays + hold_days workdays", False),  # nothing stands in the column
    ("workdays(created_date, done_date) = 5", True),
    ("workdays(created_date, created_date) = 0", True),
    ("workdays(created_date, 2026-10-12) = 1 and workdays(created_date, 2026-10-11) = 0", True),  # Monday, Sunday
]


@pytest.mark.parametrize(("text", "met"), DEADLINES)
def test_working_days_are_counted_wherever_they_stand_in_an_expression(text, met):
    row = {"created_date": date(2026, 10, 9), "done_date": date(2026, 10, 16), "due_date": None}
    row |= {"status": None, "amount": None, "hold_days": None, "result": None}
    when = When(OCTOBER.start, OCTOBER.end, OCTOBER.previous_start, OCTOBER.previous_end)
    assert found(read(text, TASKS), [row], when) == [met]


@pytest.mark.parametrize(("hold", "text", "met"), [
    (1, "done_date <= created_date + 3 workdays + hold_days workdays", False),  # to Thursday the 15th
    (2, "done_date <= created_date + 3 workdays + hold_days workdays", True),  # to Friday the 16th
    (2, "done_date <= created_date + 3 workdays + hold_days days", True),  # Wednesday and two days: the same Friday
    (6, "created_date + hold_days workdays = 2026-10-19", True),
    (None, "created_date + hold_days workdays = created_date", True),
])  # fmt: skip
def test_a_deadline_is_moved_by_the_days_on_hold(hold, text, met):
    """Created on Friday 9 October 2026, done on Friday the 16th; in three working days it was due on Wednesday the 14th."""
    row = {"created_date": date(2026, 10, 9), "done_date": date(2026, 10, 16), "due_date": None, "hold_days": hold}
    row |= {"status": None, "amount": None, "result": None}
    when = When(OCTOBER.start, OCTOBER.end, OCTOBER.previous_start, OCTOBER.previous_end)
    assert found(read(text, TASKS), [row], when) == [met]
    chinese = to_text(read(text, TASKS), "zh", TASKS.columns)
    assert read(chinese, TASKS) == read(text, TASKS)
    assert "暂停天数" in chinese


@pytest.mark.parametrize(("text", "code"), [
    ("done_date <= due_date + status days", "condition-arithmetic"),
    ("done_date <= amount + hold_days days", "condition-needs-date"),
    ("done_date <= due_date + hold_days months", "condition-unreadable"),
    ("done_date <= due_date + hold_day days", "condition-unknown-word"),
    ("workdays(amount, done_date) > 1", "condition-needs-date"),
    ("workdays(done_date) > 1", "condition-unreadable"),
])  # fmt: skip
def test_what_moves_no_day_is_refused(text, code):
    with pytest.raises(Misread) as fault:
        read(text, TASKS)
    assert fault.value.code == code


def test_days_moved_by_a_column_are_found_for_a_frame_too():
    frame = pd.DataFrame({
        "due_date": np.array(["2026-10-09", "2026-10-10", "NaT"], "M8[s]"), "hold_days": [1.0, np.nan, 2.0],
    })  # fmt: skip
    when = When(OCTOBER.start, OCTOBER.end, OCTOBER.previous_start, OCTOBER.previous_end)
    moved = days_of(read_expression("due_date + hold_days workdays", TASKS), frame, when)
    assert moved.astype(str).tolist() == ["2026-10-12", "2026-10-10", "NaT"]  # Friday to Monday; Saturday stays


def test_a_day_counted_in_working_days_has_no_time_of_day():
    """Done at three in the afternoon of the 16th: two days and 15 hours after the 14th begins."""
    frame = nw.from_native(pd.DataFrame({
        "created_date": np.array(["2026-10-09T10:30"], "M8[s]"), "done_date": np.array(["2026-10-16T15:00"], "M8[s]"),
    }))  # fmt: skip
    overdue = read_expression("done_date - (created_date + 3 workdays)", TASKS)
    when = When(OCTOBER.start, OCTOBER.end, OCTOBER.previous_start, OCTOBER.previous_end)
    assert frame.select(days=figure(overdue, when))["days"].to_list() == [2.625]


def test_a_holiday_that_is_worked_is_a_working_day_and_no_trading_day():
    """Off from Thursday 1 to Wednesday 7 October; the 7th is worked all the same."""
    when = When(
        OCTOBER.start, OCTOBER.end, OCTOBER.previous_start, OCTOBER.previous_end, tuple(HOLIDAYS), (date(2026, 10, 7),)
    )
    row = {"created_date": date(2026, 9, 30), "done_date": None, "due_date": None}
    row |= {"status": None, "amount": None, "hold_days": None, "result": None}
    assert found(read("created_date + 1 workdays = 2026-10-07", TASKS), [row], when) == [True]
    assert found(read("created_date + 1 trading days = 2026-10-08", TASKS), [row], when) == [True]


# Anniversaries -------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.none() | st.dates(date(1950, 1, 1), date(2029, 12, 31)), min_size=1, max_size=6),
    st.dates(date(2024, 1, 1), date(2029, 1, 1)),
    st.integers(0, 364),
)
def test_an_anniversary_is_the_day_that_a_person_finds_in_the_calendar(births, start, length):
    end = start + timedelta(days=length)
    when = When(start, end, date(2020, 1, 1), date(2020, 12, 31))
    frame = nw.from_native(pd.DataFrame({"birthday": pd.Series(births, dtype="datetime64[s]")}))
    found = frame.select(day=figure(Anniversary(Ref("birthday", "date")), when))["day"].to_list()
    assert [None if pd.isna(day) else day.date() for day in found] == [comes_round(day, start, end) for day in births]


def comes_round(birth, start, end):
    """Go through the days of the period one by one."""
    if birth is None:
        return None
    day = start
    while day <= end:
        leap = day.year % 4 == 0
        wanted = (2, 28) if (birth.month, birth.day) == (2, 29) and not leap else (birth.month, birth.day)
        if (day.month, day.day) == wanted and day > birth:
            return day
        day += timedelta(days=1)
    return None


@pytest.mark.parametrize(("year", "day"), [(2026, date(2026, 2, 28)), (2028, date(2028, 2, 29))])
def test_who_was_born_on_29_february_celebrates_on_the_28th_in_other_years(year, day):
    when = When(date(year, 1, 1), date(year, 12, 31), date(year - 1, 1, 1), date(year - 1, 12, 31))
    frame = nw.from_native(pd.DataFrame({"birthday": pd.Series(["1996-02-29"], dtype="datetime64[s]")}))
    found = frame.select(day=figure(Anniversary(Ref("birthday", "date")), when))["day"].to_list()
    assert [each.date() for each in found] == [day]
