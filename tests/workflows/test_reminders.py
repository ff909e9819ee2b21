"""Reminders: who has not answered, as texts, mail drafts and calendar entries of the same bytes, nothing sent."""

import email
import json
from email.policy import default

import pytest
import small
from typer.testing import CliRunner

import xlperf
from tests.small_book import codes
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.workbook.write.scheme_workbook import build


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reminders")


def made(folder, name="book", rated=("E1",), due="2026-11-05", mail=True):
    """E1 to E3 have the superior M, who has rated some of them."""
    people = [{"employee_id": each, "name": f"Name {each}", "manager_id": "M"} | ({"邮箱": f"{each}@x.cn"} if mail else {})
              for each in ("E1", "E2", "E3")]  # fmt: skip
    people.append({"employee_id": "M", "name": "王总", "status": "leave"} | ({"邮箱": "m@x.cn"} if mail else {}))
    ratings = [{"period": "2026-10", "employee_id": each, "indicator": "skill", "rater_id": "M", "relation": "manager",
                "score": 4.0} for each in rated]  # fmt: skip
    path = folder / f"{name}.xlsx"
    build(small.scheme(return_by=due), small.tables(people, ratings=ratings), "zh").save(path)
    return path


def test_who_has_not_answered_gets_a_text_a_draft_and_an_entry(folder):
    path = made(folder)
    done = xlperf.reminders(path)
    assert [each.employee_id for each in done.reminders] == ["M"]
    out = folder / "book-reminders"
    assert sorted(each.name for each in out.iterdir()) == ["M.eml", "M.ics", "M.txt", "reminders.csv"]
    text = (out / "M.txt").read_text("utf-8")
    assert text == (
        "王总：\n\n《小方案》2026年10月还有 2 件事待您填写：\n\n"
        "- 评价 Name E2 (E2)：1 项\n- 评价 Name E3 (E3)：1 项\n\n请在 2026-11-05 前填好并交回。\n"
    )
    mail = email.message_from_bytes((out / "M.eml").read_bytes(), policy=default)
    assert (mail["To"], mail["X-Unsent"], mail["Date"]) == ("m@x.cn", "1", None)
    assert mail.get_content().replace("\r\n", "\n") == text
    entry = (out / "M.ics").read_bytes().decode("utf-8")
    assert "DTSTART;VALUE=DATE:20261105\r\nDTEND;VALUE=DATE:20261106\r\n" in entry
    assert all(len(line.encode()) <= 75 for line in entry.split("\r\n"))


def test_the_same_workbook_gives_the_same_bytes_in_both_languages(folder):
    path = made(folder, "same")
    for lang in LANGUAGES:
        first = xlperf.reminders(path, folder / f"one-{lang}", lang=lang)
        xlperf.reminders(path, folder / f"two-{lang}", lang=lang)
        assert len(first.written) == 4
        for each in (folder / f"one-{lang}").iterdir():
            assert each.read_bytes() == (folder / f"two-{lang}" / each.name).read_bytes()
        assert xlperf.reminders(path, folder / f"one-{lang}", lang=lang).written == ()
    english = (folder / "one-en" / "M.txt").read_text("utf-8")
    assert english.startswith("Dear 王总,\n\nSmall scheme, October 2026: 2 things to fill in.")


def test_the_files_of_who_has_answered_since_are_removed_and_others_stay(folder):
    out = folder / "later"
    xlperf.reminders(made(folder, "later"), out)
    (out / "mine.txt").write_text("kept")
    done = xlperf.reminders(made(folder, "later", rated=("E1", "E2", "E3")), out)
    assert done.reminders == ()
    assert sorted(each.name for each in done.removed) == ["M.eml", "M.ics", "M.txt"]
    assert sorted(each.name for each in out.iterdir()) == ["mine.txt", "reminders.csv"]


def test_without_day_and_addresses_it_says_so_and_writes_the_rest(folder):
    done = xlperf.reminders(made(folder, "bare", due="", mail=False))
    assert codes(done.problems) == ["reminder-no-address", "reminder-no-due"]
    assert sorted(each.suffix for each in done.written) == [".csv", ".eml", ".txt"]


def test_a_workbook_that_is_none_is_refused(tmp_path):
    assert xlperf.reminders(tmp_path / "none.xlsx").refused


def test_the_command_says_who_and_that_nothing_was_sent(folder):
    path = made(folder, "told")
    done = CliRunner().invoke(app, ["reminders", str(path), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "Still to answer: 1 (M)." in done.output
    assert "nothing was sent" in done.output
    data = json.loads(CliRunner().invoke(app, ["reminders", str(path), "--json"]).output)
    assert [each["employee_id"] for each in data["reminders"]] == ["M"]
