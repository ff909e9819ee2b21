"""The real data sets, which nobody in this project made: what people really hand in is taken in, or the reason why not."""

import numpy as np
import pandas as pd
import pytest
from small_book import book_of, codes, one

from xlperf.core.problems import has_errors
from xlperf.policy.schemes import from_toml, load
from xlperf.schema.tables import table_of
from xlperf.workbook.read.importing import import_files

# Importing: a sales system --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sales(real_data):
    """The four CSV files of a sales system in a book of the scheme that was made for them."""
    folder = real_data / "maven_crm"
    names = ("accounts.csv", "sales_pipeline.csv", "sales_teams.csv")
    return import_files(book_of(load("sales-pipeline"), "en"), [folder / name for name in names])


def test_sales_every_row_is_taken(sales, real_data):
    counts = {code: len(table) for code, table in sales.tables.items()}
    assert counts == {"clients": 85, "tasks": 8800, "employees": 35, "departments": 3}
    assert not has_errors(sales.problems)
    assert set(codes(sales.problems)) == {"date-month-first"}
    assert [(each.file, each.added) for each in sales.done] == [
        ("sales_teams.csv", 35),
        ("sales_teams.csv", 3),
        ("accounts.csv", 85),
        ("sales_pipeline.csv", 8800),
    ]


def test_sales_the_tasks_are_the_opportunities(sales, real_data):
    theirs = pd.read_csv(real_data / "maven_crm" / "sales_pipeline.csv", dtype=str, keep_default_na=False)
    ours = sales.tables["tasks"].frame
    same = {"task_id": "opportunity_id", "owner_id": "sales_agent", "client_id": "account", "result": "deal_stage"}
    for column, heading in {**same, "product": "product"}.items():
        assert ours[column].fillna("").tolist() == theirs[heading].tolist()
    for column, heading in {"created_date": "engage_date", "done_date": "close_date"}.items():
        assert ours[column].equals(
            pd.to_datetime(theirs[heading], format="%m/%d/%Y").astype("datetime64[s]").rename(column)
        )
    assert np.array_equal(ours["amount"], pd.to_numeric(theirs["close_value"]), equal_nan=True)
    assert (int(ours["client_id"].isna().sum()), int(ours["created_date"].isna().sum())) == (1425, 500)
    assert (ours["created_date"].min(), ours["done_date"].max()) == (
        pd.Timestamp("2016-10-20"),
        pd.Timestamp("2017-12-31"),
    )


def test_sales_people_clients_and_departments(sales):
    employees, clients = sales.tables["employees"].frame, sales.tables["clients"].frame
    assert employees["name"].equals(employees["employee_id"].rename("name"))
    assert employees["department"].value_counts().to_dict() == {"Central": 11, "East": 12, "West": 12}
    assert employees["team"].nunique() == 6
    assert sorted(sales.tables["departments"].frame["department"]) == ["Central", "East", "West"]
    assert clients["client_name"].equals(clients["client_id"].rename("client_name"))
    assert "technolgy" in set(clients["sector"])
    assert clients["revenue"].dtype == "float64"


@pytest.mark.slow
def test_sales_taken_again_changes_nothing(sales, real_data):
    folder = real_data / "maven_crm"
    names = ("accounts.csv", "sales_pipeline.csv", "sales_teams.csv")
    again = import_files(book_of(load("sales-pipeline"), "en", **sales.tables), [folder / name for name in names])
    assert again.tables == {}
    assert [(each.added, each.same) for each in again.done] == [(0, 35), (0, 3), (0, 85), (0, 8800)]


def test_sales_products_are_choices(real_data):
    scheme, _ = from_toml(RESEARCH)
    file = real_data / "maven_crm" / "products.csv"
    imported = import_files(book_of(scheme), [file], sheet="choices", mapping={"value": "product"})
    choices = imported.tables["choices"].frame
    assert set(choices["column"]) == {"product"}
    assert len(choices) == 7
    assert "GTX Pro" in set(choices["value"])
    assert imported.done[0].unused == ("series", "sales_price")


# Importing: Chinese workbooks -----------------------------------------------------------------------------------------

RESEARCH = """
[settings]
scheme = "research"
version = "1"
name = "研发月度考核"
period = "2023-08"

[[dimensions]]
code = "work"
name = "工作"
weight = 100
""" + "".join(
    f"""
[[indicators]]
code = "{code}"
name = "{name}"
dimension = "work"
weight = {weight}
direction = "higher"
source = "ratings"
measure = "mean"
column = "score"
rule = "rating_scale"
parameters = "low = 0; high = 100"
"""
    for code, name, weight in (
        ("quality", "质量", 20),
        ("submit", "提交", 15),
        ("num", "数量", 30),
        ("culture", "文化", 30),
        ("ad", "附加", 5),
    )
)


@pytest.fixture(scope="module")
def workbooks(real_data):
    return real_data / "cn_scorecards"


@pytest.fixture
def research():
    """A book with the 38 people of the research department."""
    scheme, problems = from_toml(RESEARCH)
    assert not has_errors(problems)
    names = [f"员工{number:02}" if number != 10 else "员工10军" for number in range(1, 39)]
    people = [{"employee_id": f"R{number:02}", "name": name} for number, name in enumerate(names, start=1)]
    return book_of(scheme, employees=table_of("employees", people, "zh"))


def test_a_roster_and_the_quarters_of_a_year(workbooks):
    scheme, _ = from_toml(RESEARCH)
    imported = import_files(book_of(scheme), [workbooks / "员工绩效表.xlsx", workbooks / "员工基本信息表.xlsx"])
    assert not has_errors(imported.problems)
    employees, history = imported.tables["employees"], imported.tables["history"]
    assert len(employees) == 24
    assert employees.frame["hire_date"].notna().all()
    assert sorted(employees.frame["employee_id"]) == [str(number) for number in range(1001, 1025)]
    assert (employees.frame["name"] == "陈伟").sum() == 2
    assert history.frame["period"].value_counts().to_dict() == {f"2024Q{number}": 24 for number in (1, 2, 3, 4)}
    assert history.frame["total"].between(1, 5).all()
    assert list(history.frame.columns) == list(history.sheet.by_code)
    blank = {each.file: each.blank for each in imported.done}
    assert blank["员工绩效表.xlsx"] == 11


def test_a_month_in_a_wide_table_with_one_person_twice(workbooks, research):
    imported = import_files(research, [workbooks / "rd_flat_2023-08.xlsx"])
    problem = one(imported.problems, "person-twice")
    assert (problem.level, problem.cells) == ("error", "A15, A21 (2)")
    assert "员工17" in problem.found("zh")
    ratings = imported.tables["ratings"].frame
    assert len(ratings) == 37 * 5
    assert set(ratings["period"]) == {"2023-08"}
    assert ratings[ratings["employee_id"] == "R10"].set_index("indicator")["score"].to_dict() == {
        "quality": 100,
        "submit": 100,
        "num": 100,
        "culture": 10,
        "ad": 60,
    }
    assert imported.done[0].unused == ("depart", "quality_p", "submit_p", "num_p", "culture_p", "ad_p", "extra")


def test_a_sheet_without_a_heading_over_its_names(workbooks, research):
    path = workbooks / "editor_bonus_sheet.xlsx"
    unclear = import_files(research, [path])
    assert unclear.tables == {}
    problem = one(unclear.problems, "import-unclear")
    assert "头条/头条篇数" in problem.found("zh")
    assert "employee_id=A" in problem.remedy("zh")
    imported = import_files(research, [path], sheet="employees", mapping={"employee_id": "A"})
    new = imported.tables["employees"].frame.iloc[38:]
    assert new["employee_id"].tolist() == [f"编辑{number:02}" for number in range(1, 15)]
    assert (new[["头条/头条篇数", "次条/次条点赞1000", "勘误/错字", "勘误/其他", "绩效"]] == 0).all(axis=None)
    assert [rows for _, rows in imported.done[0].skipped] == ["18:19 (2)", "20"]


def test_a_form_for_one_person(workbooks, research):
    path = workbooks / "appraisal_form.xlsx"
    problem = one(import_files(research, [path]).problems, "import-form")
    assert problem.cells == "G3"
    mapping = {"code": "业务考核指标", "name": "业务考核指标", "dimension": "项目", "weight": "权重分解（100%）"}
    imported = import_files(research, [path], sheet="indicators", mapping=mapping)
    new = imported.tables["indicators"].frame.iloc[5:]
    assert new["weight"].tolist() == [0.25, 0.25, 0.35, 0.15]
    assert set(new["dimension"]) == {"关键业绩"}
    assert len(new) == 4
