"""The inconsistencies of the source documents, put back into the schemes that ship: what the user is told, I1 to I20.

Each test takes a scheme that ships with its sample, brings one inconsistency back, and looks at what HR gets: a problem
that names the figures and blocks the results or does not, or a statement that stands on a sheet. In both languages.
"""

import io
import json
import re
from functools import cache

import numpy as np
import pytest
from openpyxl import load_workbook
from sample_books import tables_of
from typer.testing import CliRunner

from xlperf.cli import app
from xlperf.core.problems import LANGUAGES, has_errors
from xlperf.core.vocabulary import WORDS
from xlperf.policy.schemes import from_toml, load, text_of
from xlperf.reporting.forms import FORMS, fill_forms
from xlperf.reporting.output_tables import outputs
from xlperf.samples import sample_period
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.stages import Finished, Scored
from xlperf.workbook.write.scheme_workbook import build

pytestmark = pytest.mark.parametrize("lang", LANGUAGES)


def changed(name, replaced):
    """Read a scheme that ships after replacing texts of its file, each as often as it occurs."""
    text = text_of(name)
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return from_toml(text, name)


def entry(name, sheet, code):
    """Return the text of one entry of a scheme file, to be changed."""
    heading = f"[[{sheet}]]\n"
    entries = text_of(name).split(heading)[1:]
    (found,) = (each for each in entries if re.search(rf'^\w+ = "{code}"$', each, re.MULTILINE))
    return heading + found.split("\n[[")[0]


def within(name, sheet, code, old, new):
    """Return the replacement of a text inside one entry of a scheme file."""
    found = entry(name, sheet, code)
    assert old in found, old
    return {found: found.replace(old, new)}


def run(name, replaced):
    """Appraise the sample of a scheme after replacing texts of the scheme's file; what is found has both languages."""
    return appraised(name, tuple(replaced.items()))


@cache
def appraised(name, replaced):
    scheme, problems = changed(name, dict(replaced))
    return appraise(tables_of(name), scheme, sample_period(load(name)).code, problems)


def problems_of(result, code):
    found = [each for each in result.problems if each.code == code]
    assert found, sorted({each.code for each in result.problems})
    return found


def the_problem(result, code):
    (found,) = problems_of(result, code)
    return found


def said(problem, lang):
    return " ".join((problem.found(lang), problem.expected(lang), problem.remedy(lang)))


def blocks(result, code):
    """Whether a problem forbids results, and there are none."""
    return has_errors(problems_of(result, code)) and not isinstance(result, Finished)


@cache
def workbook(name, lang):
    """Return the workbook that ``xlperf new`` gives, as it comes back from a file."""
    file = io.BytesIO()
    build(load(name).with_settings(language=lang), None, lang).save(file)
    return load_workbook(file)


def rows_on(name, lang, sheet):
    """Return the rows of a sheet of the workbook as lists of texts, empty cells left out."""
    rows = workbook(name, lang)[sheet].iter_rows(values_only=True)
    return [[str(cell) for cell in row if cell is not None] for row in rows]


def row_of(name, lang, sheet, word):
    """Return the one row of a sheet that has a cell with this text, in one piece."""
    (row,) = (row for row in rows_on(name, lang, sheet) if word in row)
    return " | ".join(row)


def zh_or_en(lang, zh, en):
    return zh if lang == "zh" else en


def run_sheet(result, lang):
    return dict(outputs(result, lang)["run"].itertuples(index=False, name=None))


# Grades of the customer-service department -----------------------------------------------------------------------------


def test_i1_shares_of_80_per_cent_are_refused(lang):
    result = run("service-team", {'rest_grade = "C"\n': ""})
    assert blocks(result, "shares-not-100")
    words = said(the_problem(result, "shares-not-100"), lang)
    assert "5% + 20% + 30% + 20% + 5% = 80%" in words
    assert zh_or_en(lang, "缺少 20%", "20% is missing") in words
    assert "50%" in words  # what the middle grade would have to be; it is not chosen


def test_i1_the_rest_goes_where_a_setting_says(lang):
    result = run("service-team", {})
    assert result.done
    assert "20%" in said(the_problem(result, "rest-used"), lang)
    shares = run_sheet(result, lang)[zh_or_en(lang, "强制分布比例（含其余）", "Shares in force (with the rest)")]
    assert re.findall(r"[\d.]+%", shares) == ["5%", "20%", "50%", "20%", "5%"]


def test_i2_names_against_their_usual_order_are_pointed_out(lang):
    result = run("service-team", {'"较差"': '"?"', '"差"': '"较差"', '"?"': '"差"'})
    problem = the_problem(result, "grade-names-order")
    assert problem.level == "warning"
    assert result.done
    assert "差" in said(problem, lang)
    assert "较差" in said(problem, lang)
    assert "grade-names-order" not in {each.code for each in run("service-team", {}).problems}


def test_i3_the_job_description_of_another_position_is_pointed_out(lang):
    name = "account-management"
    replaced = within(name, "positions", "account_staff", '"account_staff"', '"hr_manager"')
    result = run(name, replaced)
    problem = the_problem(result, "position-not-described")
    assert problem.level == "warning"
    assert result.done
    words = said(problem, lang)
    assert "account_staff" in words
    assert "hr_manager" in words


def test_i4_a_kind_of_check_without_weight_is_listed_as_not_counted(lang):
    result = run("service-team-year", {})
    assert result.done
    problem = the_problem(result, "checks-not-counted")
    checks = tables_of("service-team-year", lang=lang)["checks"].frame
    spot = checks[checks["check_kind"] == "spot"].drop_duplicates(["employee_id", "date"])
    assert len(spot) > 0
    assert f" {len(spot)} " in problem.found(lang)
    assert zh_or_en(lang, "抽检", "spot check") in problem.found(lang)


def test_i4_a_form_that_is_cited_but_not_listed_is_reported_with_the_list(lang):
    result = run("service-team", {})
    _, problems = fill_forms(result, lang, ["表7", "表8"], ["00101"])
    (problem,) = (each for each in problems if each.code == "form-unknown")
    assert "表8" in problem.found(lang)
    assert all(code in problem.expected(lang) for code in FORMS)
    assert len(FORMS) == 7


def test_i5_weights_inside_a_part_are_equal_and_stated_on_the_sheet(lang):
    equal = zh_or_en(lang, "每次等权", "each one the same")
    sheet, proposed = zh_or_en(lang, ("汇总", "建议值"), ("Roll-up", "proposed"))
    for part in zh_or_en(lang, ("周检月检平均", "月考核平均"), ("Weekly and monthly checks", "Monthly appraisals")):
        row = row_of("service-team-year", lang, sheet, part)
        assert equal in row
        assert proposed in row


def test_i5_left_empty_they_are_equal_all_the_same(lang):
    stated = run("service-team-year", {})
    left_empty = run("service-team-year", {'inner = "each"\n': ""})
    np.testing.assert_array_equal(stated.totals.total, left_empty.totals.total)


def test_i6_what_is_not_said_between_80_and_100_is_a_parameter(lang):
    sheets = zh_or_en(lang, ("指标", "规则说明"), ("Indicators", "Rules"))
    indicator = row_of("securities-crm", lang, sheets[0], "internal_csat")
    assert zh_or_en(lang, "接近线 = 80%", "near_at = 80%") in indicator
    assert zh_or_en(lang, "达标线 = 100%", "met_at = 100%") in indicator
    assert "5/4/3/2" in row_of("securities-crm", lang, sheets[1], "attainment_5432")


@pytest.mark.parametrize(("near", "points"), [("80%", 60), ("90%", 60), ("91%", 40)])
def test_i6_the_bounds_are_edited_on_the_sheet(lang, near, points):
    """7.2 of 8 is 90 %: near the standard, level 3 of 5, or else the rest, level 2 of 5."""
    scheme, problems = changed("securities-crm", {"near_at = 80%": f"near_at = {near}"})
    assert problems == []
    (each,) = (each for each in scheme.indicators if each.code == "internal_csat")
    inputs = {"actual": np.array([7.2]), "target": np.array([8.0]), "full": np.array([100.0]), "direction": "higher"}
    needed = {name: value for name, value in inputs.items() if name in each.card.inputs}
    assert each.card.function(**needed, **each.parameters).tolist() == [points]
    assert each.card.name(lang)


# The client administrator ----------------------------------------------------------------------------------------------


def test_i7_a_hole_between_bands_is_found_before_scoring(lang):
    name = "client-administrator"
    bands = 'high = 80\nhigh_included = "no"'
    result = run(name, {bands: 'high = 79\nhigh_included = "yes"'})
    assert blocks(result, "bands-hole")
    assert not isinstance(result, Scored)
    assert "(79, 80)" in the_problem(result, "bands-hole").found(lang)


def test_i7_the_upper_end_of_100_and_the_overlap_are_found_too(lang):
    lower = run("it-operations", {"low = 0.9\n": "low = 0.85\n"})
    assert blocks(lower, "bands-overlap")
    assert all(figure in the_problem(lower, "bands-overlap").found(lang) for figure in ("0.85", "0.9"))
    endless = 'low = 4\nlow_included = "no"\n'
    opened = run("it-operations", {endless: f'{endless}high = 8\nhigh_included = "yes"\n'})
    assert blocks(opened, "bands-open")
    assert "> 8" in the_problem(opened, "bands-open").found(lang)


def test_i8_open_placeholders_are_all_listed_and_block_the_run(lang):
    replaced = {"points = 0.6\n": 'points = "[X]"\n', "target = 8.5\n": 'target = "[基础分数]"\n'}
    result = run("client-administrator", replaced)
    assert blocks(result, "placeholder")
    assert {each.details["cell"] for each in problems_of(result, "placeholder")} == {"[X]", "[基础分数]"}
    for each in problems_of(result, "placeholder"):
        assert each.details["cell"] in each.found(lang)
        assert each.cells


CHURN_BASE = (
    "opened_date <= period end and (lost_date is empty or lost_date >= period start or won_back_date < period start)"
)
OPENING_BASE = (
    "opened_date < period start and (lost_date is empty or lost_date >= period start or won_back_date < period start)"
)


def test_i9_the_base_of_the_churn_rate_is_recorded_on_the_output(lang):
    name = "client-administrator"
    replaced = within(name, "indicators", "churn_rate", CHURN_BASE, OPENING_BASE)
    indicator = zh_or_en(lang, "客户流失率 (churn_rate)", "Churn rate (churn_rate)")
    recorded = [run_sheet(run(name, each), lang)[indicator] for each in ({}, replaced)]
    with_new = zh_or_en(lang, "“开户日期”不晚于本期最后一天", '"Opened" is not later than the last day of the period')
    opening = zh_or_en(lang, "“开户日期”早于本期第一天", '"Opened" is before the first day of the period')
    assert with_new in recorded[0], recorded[0]
    assert opening in recorded[1], recorded[1]
    note = row_of(name, lang, zh_or_en(lang, "指标", "Indicators"), "churn_rate")
    assert zh_or_en(lang, "基数：期初客户 + 本期新增（建议值", "Base: opening plus new clients (proposed") in note


HALVES = "small-company-accounts"  # two indicators of 50 % each, in a dimension each


def thirty_and_twenty():
    first, second, third, fourth, last = text_of(HALVES).split("weight = 50\n")
    return {
        text_of(HALVES): f"{first}weight = 30\n{second}weight = 20\n{third}weight = 30\n{fourth}weight = 20\n{last}"
    }


def test_i10_weights_of_30_and_20_are_refused(lang):
    result = run(HALVES, thirty_and_twenty())
    assert blocks(result, "weights-not-100")
    words = said(the_problem(result, "weights-not-100"), lang)
    assert "30% + 20% = 50%" in words
    assert "+50%" in words


def test_i10_one_command_makes_them_100_again_and_logs_what_it_did(lang, tmp_path):
    scheme, _ = changed(HALVES, thirty_and_twenty())
    period = sample_period(scheme).code
    path = tmp_path / "book.xlsx"
    build(scheme.with_settings(language=lang, period=period), tables_of(HALVES, lang=lang), lang).save(path)
    status, found = command("check", path, lang)
    assert status == 1
    assert "weights-not-100" in {each["code"] for each in found["problems"]}

    status, done = command("weights", path, lang, "--normalise", "--write")
    assert status == 0
    log = {
        each["name"]: (each["before"], each["after"])
        for each in done["scaled"]
        if each["cell"].startswith(zh_or_en(lang, "指标", "Indicators"))
    }
    timely = zh_or_en(lang, "资金收付的及时性", "Receipts and payments in time")
    assert log.pop(timely) == (20, 40)
    assert list(log.values()) == [(30, 60)]

    status, found = command("check", path, lang)
    assert status == 0
    assert not {"weights-not-100", "dimension-differs"} & {each["code"] for each in found["problems"]}
    assert command("run", path, lang)[0] == 0
    assert command("weights", path, lang, "--normalise", "--write") == (
        0,
        {"scaled": [], "written": None, "problems": []},
    )


def command(name, path, lang, *options):
    """Run a command of the command line; return its exit status and what it prints as data."""
    done = CliRunner().invoke(app, [name, str(path), *options, "--json", "--lang", lang])
    return done.exit_code, json.loads(done.output)


# Account management ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["", 'unit = "%"\n'], ids=["none", "rate"])
def test_i11_a_rate_that_is_a_count_must_declare_its_unit(lang, unit):
    name = "account-positions"
    result = run(name, within(name, "indicators", "maintenance_errors", 'unit = "times"\n', unit))
    code = "unit-measure" if unit else "unit-missing"
    assert blocks(result, code)
    words = said(the_problem(result, code), lang)
    assert zh_or_en(lang, "错误率（失误次数）", "Errors (a count)") in words
    assert zh_or_en(lang, "次数", "count") in words


def test_i12_rewarding_what_is_found_is_noted(lang):
    result = run("account-positions", {})
    assert result.done
    problem = the_problem(result, "indicator-purpose")
    assert problem.level == "note"
    (found,) = (each for each in result.scheme.indicators if each.code == "vulnerabilities_found")
    assert found.name(lang) in problem.found(lang)
    assert found.direction == "higher"
    assert zh_or_en(lang, "不是没有问题", "not their absence") in problem.expected(lang)


# Managers and raters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("garbled", ["?类", "？？", "业务□", "业绩\ufffd"], ids=["half", "all", "box", "lost"])
def test_i13_garbled_categories_are_reported(lang, garbled):
    replaced = {
        'name = "团队合作"\nname_en = "Teamwork"\nweight': f'name = "{garbled}"\nname_en = "Teamwork"\nweight',
        'name = "风险控制"\nname_en = "Risk control"\nweight': f'name = "风险控制"\nname_en = "{garbled}"\nweight',
    }
    result = run("project-management", replaced)
    assert blocks(result, "garbled")
    assert len(problems_of(result, "garbled")) == 2
    assert all(garbled in each.found(lang) for each in problems_of(result, "garbled"))


def test_i13_a_category_must_have_a_name(lang):
    result = run("project-management", {'name = "团队合作"\nname_en = "Teamwork"\nweight': "weight"})
    assert blocks(result, "cell-required")
    assert zh_or_en(lang, "名称", "Name") in problems_of(result, "cell-required")[0].found(lang)


def test_i14_relations_without_weights_are_refused(lang):
    text = text_of("project-management")
    raters = text[text.index("[[raters]]") : text.index("[[positions]]")]
    result = run("project-management", {raters: re.sub(r"weight = .*\n", "", raters)})
    assert blocks(result, "cell-required")
    assert len(problems_of(result, "cell-required")) >= 1
    assert zh_or_en(lang, "权重", "Weight") in problems_of(result, "cell-required")[0].found(lang)
    assert "rater-weights" not in {each.code for each in result.problems}  # what is missing is said once, at its cell


def test_i14_a_rated_dimension_without_relations_is_refused(lang):
    name = "it-incentives"
    text = text_of(name)
    first, third = (text.index(f'[[raters]]\ndimension = "{each}"') for each in ("collaboration", "data"))
    result = run(name, {text[first:third]: ""})
    assert blocks(result, "rater-weights-missing")
    words = said(the_problem(result, "rater-weights-missing"), lang)
    assert zh_or_en(lang, "团队协作", "Collaboration") in words
    assert zh_or_en(lang, "内部协作", "Collaboration in the house") in words


# Securities --------------------------------------------------------------------------------------------------------------


def test_i15_r_is_the_return_on_investment_which_is_a_column_by_that_name(lang):
    sheets = zh_or_en(lang, ("客户", "指标"), ("Clients", "Indicators"))
    column = zh_or_en(lang, "投资回报率", "return_rate")
    headings = [cell for row in rows_on("adviser-classes", lang, sheets[0]) for cell in row]
    assert {zh_or_en(lang, "R级", "R level"), zh_or_en(lang, "投资回报率", "Return")} <= set(headings)
    assert column in row_of("adviser-classes", lang, sheets[1], "advice_return")
    assert WORDS["r_level"].find("高回报") == "high"


def test_i16_what_was_lost_is_marked_as_proposed(lang):
    """The source's tables of indicators are lost: each indicator says on its sheet that it is ours, or whose it is."""
    sheet = zh_or_en(lang, "指标", "Indicators")
    for each in load("securities-crm").indicators:
        row = row_of("securities-crm", lang, sheet, each.code)
        assert re.search(zh_or_en(lang, "建议值|公开", "[Pp]roposed|public|source leaves"), row), each.code


# The back office -------------------------------------------------------------------------------------------------------


def test_i17_the_sheet_says_which_ends_are_included(lang):
    indicators, bands = zh_or_en(lang, ("指标", "区间"), ("Indicators", "Bands"))
    for code in ("system_failures", "data_error_rate"):
        row = row_of("it-operations", lang, indicators, code)
        assert zh_or_en(lang, "比较方式 = 低于（不含）", "operator = below") in row
        assert zh_or_en(lang, "不含", "not included") in row
    yes = zh_or_en(lang, "是", "yes")
    tickets = next(row for row in rows_on("it-operations", lang, bands) if row[0] == "tickets")
    repairs = next(row for row in rows_on("it-operations", lang, bands) if row[0] == "repair_hours")
    assert tickets[1:5] == ["0.9", yes, "1", yes]  # 90 % or more
    assert repairs[1:3] == ["1", yes]  # within 1 hour


@pytest.mark.parametrize(("operator", "points"), [("below", 0), ("at_most", 100)])
def test_i17_the_end_is_a_parameter_of_the_rule(lang, operator, points):
    name = "it-operations"
    result = run(name, within(name, "indicators", "system_failures", "operator = below", f"operator = {operator}"))
    column = result.facts.column("system_failures")
    three = result.facts.actual[:, column] == 3
    assert three.any()
    assert set(result.points.points[three, column]) == {points}


def test_i18_the_rest_of_a_pool_must_be_decided(lang):
    name = "it-incentives"
    result = run(name, {'remainder = "by_score"\n': ""})
    assert blocks(result, "remainder-missing")
    words = said(the_problem(result, "remainder-missing"), lang)
    assert "50%" in words
    for option in zh_or_en(lang, ("不分配", "平分", "按总分"), ("unallocated", "equal parts", "by their totals")):
        assert option in words


def test_i19_what_the_source_only_names_is_marked_as_proposed(lang):
    for name in ("it-operations", "it-incentives"):
        for code in ("cost_control", "service_satisfaction"):
            row = row_of(name, lang, zh_or_en(lang, "指标", "Indicators"), code)
            assert zh_or_en(lang, "原文只在概述中点名", "The source only names") in row
            assert zh_or_en(lang, "全部为建议值", "proposed") in row


def test_i20_a_total_above_100_is_kept_unless_the_switch_says_otherwise(lang):
    kept, capped = (run("service-team", each) for each in ({}, {'cap_total = "no"': 'cap_total = "yes"'}))
    switch = zh_or_en(lang, "总分封顶", "Cap the total")
    assert kept.done
    assert capped.done
    assert np.nanmax(kept.ranking.total) > 100
    assert np.nanmax(capped.ranking.total) == 100
    assert run_sheet(kept, lang)[switch] == zh_or_en(lang, "否", "no")
    assert run_sheet(capped, lang)[switch] == zh_or_en(lang, "是", "yes")
    assert zh_or_en(lang, "否", "no") in row_of("service-team", lang, zh_or_en(lang, "首页", "Home"), switch)
