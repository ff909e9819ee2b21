"""A locked period keeps its results: running it again writes nothing but what would differ."""

import io

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.small import scheme, tables
from xlperf.cli import app
from xlperf.reporting.output_tables import outputs
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.scheme_workbook import build

LOCKED = {
    '[[outcomes]]\ncode = "award"': '[[periods]]\nperiod = "2026-10"\nstatus = "locked"\n\n[[outcomes]]\ncode = "award"'
}


def kept(total=92.5, **more):
    return [{"period": "2026-10", "employee_id": "E1", "name": "Name E1", "total": total, "grade": "A", **more}]


def run_on(history):
    given = tables(("E1", "E2", "E3", "E4", "E5"), history=history)
    return appraise(given, scheme(LOCKED), "2026-10"), given


@pytest.fixture
def results():
    """What the period came to before it was locked."""
    rows = appraise(tables(), scheme(), "2026-10").results
    return rows[["employee_id", "name", "total", "grade"]].assign(period="2026-10").to_dict("records")


def test_nothing_differs_while_the_facts_are_the_same(results):
    found, _ = run_on(results)
    assert found.done
    assert found.differences.empty
    assert {"locked-same"} == {each.code for each in found.problems if each.code.startswith("locked")}
    assert set(outputs(found, "en")) == {"problems", "run", "differences"}


def test_a_result_that_would_differ_is_shown_beside_the_kept_one(results):
    changed = [{**row, "total": row["total"] - 1.5} if row["employee_id"] == "E2" else row for row in results]
    found, _ = run_on(changed)
    (row,) = found.differences.to_dict("records")
    assert (row["employee_id"], row["difference"]) == ("E2", 1.5)


def test_a_locked_period_without_kept_results_cannot_be_run():
    found, _ = run_on([])
    assert not found.done
    assert "locked-without-results" in {each.code for each in found.problems}


@pytest.mark.parametrize(("lang", "said"), [("zh", "锁定"), ("en", "locked")])
def test_the_workbook_keeps_its_results(results, tmp_path, lang, said):
    changed = [{**row, "total": row["total"] - 1.5} for row in results]
    ours = scheme(LOCKED).with_settings(period="2026-10", language=lang)
    book = build(ours, tables(history=changed), lang)
    title = {"zh": "考核结果", "en": "Results"}[lang]
    book.create_sheet(title)["A1"] = "as it was decided"
    path = tmp_path / "book.xlsx"
    book.save(path)
    done = CliRunner().invoke(app, ["run", str(path), "--lang", lang])
    assert done.exit_code == 0, done.output
    assert said in done.output
    again = load_workbook(io.BytesIO(path.read_bytes()))
    assert again[title]["A1"].value == "as it was decided"
    rows = list(again[{"zh": "差异", "en": "Differences"}[lang]].values)
    assert len(rows) == 6
