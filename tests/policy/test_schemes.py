"""The schemes that ship: complete, bilingual, canonical, and true to their sources."""

import re
import tomllib
from collections import Counter
from datetime import date
from fractions import Fraction

import pandas as pd
import pytest

from xlperf.core.periods import WorkCalendar, parse_period
from xlperf.core.problems import has_errors
from xlperf.core.vocabulary import WORDS
from xlperf.policy import conditions, schemes
from xlperf.policy.conditions import Scope
from xlperf.policy.validation import check_scheme
from xlperf.samples import sample
from xlperf.schema import SHEETS, SOURCE_SHEETS
from xlperf.schema.settings import SETTINGS
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMED = ("dimensions", "indicators", "grades", "outcomes")


@pytest.fixture(scope="module", params=schemes.names())
def name(request):
    return request.param


@pytest.fixture(scope="module")
def raw(name):
    return tomllib.loads(schemes.text_of(name))


@pytest.fixture(scope="module")
def scheme(name):
    return schemes.load(name)


def groups_of(raw):
    return {each.get("group", "") for each in raw["indicators"]} - {""} or {""}


def test_a_scheme_runs_as_it_is(name, raw):
    scheme, problems = schemes.from_toml(schemes.text_of(name), name)
    assert problems == []
    found = check_scheme(scheme, groups_of(raw))
    expected = {
        "service-team": {"rest-used"},
        "service-team-year": {"rest-used"},
        "account-positions": {"indicator-purpose"},
    }
    assert {each.code for each in found} == expected.get(name, set())
    assert not has_errors(found)


def test_every_switch_is_in_the_file(name, raw, scheme):
    of_workbook = {"period", "language"}
    assert {each.code for each in scheme.switches() if each.required} - of_workbook <= set(raw["settings"])
    assert set(raw["settings"]) <= set(SETTINGS) - of_workbook
    assert raw["settings"]["scheme"] == name


def test_every_column_is_known(raw):
    for sheet, records in raw.items():
        if sheet != "settings":
            assert SHEETS[sheet].role == "policy"
            for record in records:
                assert set(record) <= set(SHEETS[sheet].by_code), (sheet, record)


def test_words_of_the_layout_are_used_by_their_codes(raw):
    """A file is language-neutral: vocabularies by code, never by a word of one language."""
    for sheet, records in raw.items():
        for column in SHEETS[sheet] if sheet != "settings" else ():
            if column.words:
                used = {word.strip() for record in records for word in record.get(column.code, "").split(",")} - {""}
                assert used <= set(WORDS[column.words]), (sheet, column.code)


def test_keys_are_unique(raw):
    for sheet, records in raw.items():
        if sheet not in ("settings", "headings"):
            keys = Counter(tuple(record.get(column) for column in SHEETS[sheet].key) for record in records)
            assert [key for key, number in keys.items() if number > 1] == [], sheet
    rows = [tuple(record.values()) for record in raw.get("headings", [])]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("sheet", NAMED)
def test_names_are_complete_in_both_languages(raw, sheet):
    for record in raw[sheet]:
        assert CHINESE.search(record["name"]), record
        assert record["name_en"], record
        assert not CHINESE.search(record["name_en"]), record
    for column in ("code", "name", "name_en"):
        names = [record[column] for record in raw[sheet]]
        assert len(names) == len(set(names)), column
    settings = raw["settings"]
    assert CHINESE.search(settings["name"])
    assert not CHINESE.search(settings["name_en"])


def test_every_note_says_where_an_indicator_comes_from(raw):
    for record in raw["indicators"]:
        assert re.search("建议值|原文", record["note"]), record["code"]
        assert re.search(r"/ [^/]*[a-z]", record["note"]), record["code"]


def conditions_of(raw):
    for record in raw["indicators"]:
        scope = Scope.of_sheet(SOURCE_SHEETS[record["source"]])
        for column in ("where", "hit"):
            if column in record:
                yield record[column], scope


def test_conditions_are_canonical_and_survive_translation(raw):
    for text, scope in conditions_of(raw):
        read = conditions.read(text, scope)
        assert conditions.to_text(read, "en") == text
        chinese = conditions.to_text(read, "zh", scope.columns)
        assert CHINESE.search(chinese)
        assert conditions.read(chinese, scope) == read


def test_words_in_conditions_are_declared(raw):
    declared = {(record["column"], record["value"]) for record in raw.get("choices", [])}
    named = {column for column, _ in declared}
    used = [
        (ref.code, word)
        for text, scope in conditions_of(raw)
        for ref, word in conditions.literals_in(conditions.read(text, scope))
    ]
    assert [each for each in used if each[0] in named and each not in declared] == []


def test_weights_total_100_for_every_position_group(raw):
    stated = {record["code"]: Fraction(str(record["weight"])) for record in raw["dimensions"]}
    for group in groups_of(raw):
        weights = Counter()
        for record in raw["indicators"]:
            if record.get("group", group) == group and "employee" in record["levels"]:
                weights[record["dimension"]] += Fraction(str(record["weight"]))
        assert sum(weights.values()) == 100, group
        assert {code: stated[code] for code in weights} == dict(weights), group


def test_targets_and_grades_are_named_rightly(raw):
    indicators = {record["code"] for record in raw["indicators"]}
    grades = {record["code"] for record in raw["grades"]}
    assert {record["indicator"] for record in raw.get("targets", [])} <= indicators
    assert raw["settings"].get("rest_grade", "A") in grades
    limits = re.findall(r"limit_grade = (\w+)", " ".join(record.get("parameters", "") for record in raw["indicators"]))
    assert set(limits) <= grades


def test_the_securities_scheme_uses_most_rules_and_all_four_sides():
    scheme = schemes.load("securities-crm")
    assert len({each.rule for each in scheme.indicators}) >= 15
    weights = {each.code: each.weight for each in scheme.dimensions}
    managers = {each.dimension for each in scheme.indicators if each.group in ("", "client_manager") and each.weight}
    assert managers == {"prospects", "existing", "lost", "daily", "ability"}
    assert sum(weights[code] for code in managers) == 100
    assert [each.share for each in scheme.grades] == [0.1, 0.25, 0.45, 0.15, 0.05]


def test_public_holidays_of_2026():
    days = schemes.load("securities-crm").table("calendar").frame
    named = {kind: frozenset(day.date() for day in rows["date"]) for kind, rows in days.groupby("day_kind")}
    spans = ("01-01 01-03", "02-15 02-23", "04-04 04-06", "05-01 05-05", "06-19 06-21", "09-25 09-27", "10-01 10-07")
    listed = [day.date() for span in spans for day in pd.date_range(*(f"2026-{end}" for end in span.split()))]
    assert named["holiday"] == set(listed)
    assert all(day.weekday() >= 5 for day in named["workday"])
    calendar = WorkCalendar(named["holiday"], named["workday"])
    assert calendar.count_workdays(date(2026, 1, 1), date(2026, 12, 31)) == 248
    assert calendar.count_workdays(date(2026, 10, 1), date(2026, 10, 31)) == 18
    assert calendar.is_workday(date(2026, 10, 10))
    assert not calendar.trade.holds(date(2026, 10, 10))


def test_the_service_team_is_as_its_source_says():
    scheme = schemes.load("service-team")
    assert {each.name.zh: each.weight for each in scheme.dimensions} == {"德": 20, "勤": 20, "能": 30, "绩": 30}
    points = Counter()
    for each in scheme.indicators:
        points[each.dimension, each.weight] += 1
    assert points == {("conduct", 5): 4, ("diligence", 5): 4, ("ability", 7.5): 4, ("results", 7.5): 4}
    shares = {each.name.zh: each.share for each in scheme.grades}
    assert shares == {"优秀": 0.05, "良好": 0.2, "尚可": 0.3, "较差": 0.2, "差": 0.05}  # the source has 差 first
    assert scheme.settings.cap_total == "no"
    assert scheme.settings.pool_by == ("staff_class",)


def test_without_a_grade_for_the_rest_the_service_team_is_blocked():
    scheme = schemes.load("service-team").with_settings(rest_grade="")
    found = {each.code: each for each in check_scheme(scheme)}
    assert found["shares-not-100"].level == "error"
    assert "20%" in found["shares-not-100"].found("en")
    period = parse_period("2026-10")
    assert not appraise(sample("service-team", period), scheme, period.code).done


FILES = {"departments": "sales_teams", "employees": "sales_teams", "clients": "accounts", "tasks": "sales_pipeline"}


def imported(folder, sheet):
    """Read a foreign file by the scheme's Headings sheet, independently of the package's own import."""
    raw = pd.read_csv(folder / f"{FILES[sheet]}.csv", dtype=str)
    headings = schemes.load("sales-pipeline").table("headings").frame.query("sheet == @sheet")
    assert set(headings["heading"]) <= set(raw.columns)
    frame = pd.DataFrame({row.column: raw[row.heading] for row in headings.itertuples()})
    for column in frame.columns.intersection(["created_date", "done_date"]):
        frame[column] = pd.to_datetime(frame[column], format="%m/%d/%Y")
    return table_of(sheet, frame.drop_duplicates(), "en")


@pytest.fixture(scope="module")
def pipeline(real_data):
    return {sheet: imported(real_data / "maven_crm", sheet) for sheet in FILES}


def test_the_pipeline_scheme_appraises_the_real_exports(pipeline):
    result = appraise(pipeline, schemes.load("sales-pipeline"), "2017Q3")
    assert result.done, [each.found("en") for each in result.problems if each.level == "error"]
    deals = pipeline["tasks"].frame
    closed = deals[deals["done_date"].between("2017-07-01", "2017-09-30")]
    won = closed[closed["result"] == "Won"]
    expected = {
        "won_deals": won.groupby("owner_id").size(),
        "revenue": won.groupby("owner_id")["amount"].sum(),
        "win_rate": won.groupby("owner_id").size() / closed.groupby("owner_id").size(),
        "days_to_close": (won["done_date"] - won["created_date"]).dt.days.groupby(won["owner_id"]).mean(),
    }
    for code, wanted in expected.items():
        actual = pd.Series(result.facts.actual[:, result.facts.column(code)], index=result.facts.ids)
        pd.testing.assert_series_equal(
            actual[wanted.index].astype(float), wanted.astype(float), check_names=False, check_index=False
        )
    idle = sorted(set(result.facts.ids) - set(won["owner_id"]))
    assert len(idle) == 5
    ranked = result.ranking.ranked
    assert ranked.sum() == 35


def test_the_pipeline_scheme_finds_the_two_misspelt_values(pipeline):
    result = appraise(pipeline, schemes.load("sales-pipeline"), "2017Q3")
    near = {each.details["cell"]: each.details["near"] for each in result.problems if each.code == "near-value"}
    assert set(near) == {"GTXPro", "technolgy"}
    assert "GTX Pro" in near["GTXPro"]
    assert "technology" in near["technolgy"]
