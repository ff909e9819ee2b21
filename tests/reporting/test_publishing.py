"""Publishing: everybody gets a file of their own, and nothing of anybody else is in any byte of it."""

import csv
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import small
from effort import one_by_default
from small_book import codes, one
from typer.testing import CliRunner

import xlperf
from xlperf.cli import app
from xlperf.core.numbers import round_half_up, show_number
from xlperf.reporting.card_layout import CardLayout, layout_of
from xlperf.reporting.dashboards import rows_behind
from xlperf.reporting.output_tables import outputs
from xlperf.reporting.placeholders import AUDIENCES, FORMS, MARKS, native_formulas
from xlperf.reporting.scorecards import copies_of, disguised
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write import style
from xlperf.workbook.write.default_templates import template
from xlperf.workbook.write.scorecard_files import PublishJob, compile_job, file_names, manifest_of
from xlperf.workbook.write.scorecard_files import publish as publish_all
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.encryption import (
    key_beside,
    key_path,
    missing_passwords,
    protect,
    pseudonyms_for,
    read_pairs,
    weak_passwords,
)
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.executors import workers
from xlperf.xlsx.pdf import office
from xlperf.xlsx.template.context import Block, Computed, Context, Contexts
from xlperf.xlsx.template.render import TemplateRenderer

FLAGSHIP = Path(__file__).parents[2] / "workbooks" / "securities-crm-zh.xlsx"
SEEN = [each for each in AUDIENCES if each not in FORMS]
KEY = b"a key of HR"
BETWEEN = {"zh": "；", "en": "; "}
SHORT_FIGURE = re.compile(r"[0-9]{1,3}[.][0-9]{1,3}")


@pytest.fixture(scope="module")
def flagship():
    book = read_book(FLAGSHIP)
    return appraise(book.tables, book.scheme, found_before=book.problems)


@pytest.fixture(scope="module")
def small_appraisal():
    return appraise(small.tables(), small.scheme())


OPENED = {}


def open_handed(appraisal):
    """Return an appraisal whose settings let places and pay be published."""
    if id(appraisal) not in OPENED:
        scheme = appraisal.scheme.with_settings(publish_place="yes", publish_pay="yes")
        OPENED[id(appraisal)] = replace(appraisal, scheme=scheme)
    return OPENED[id(appraisal)]


MADE = {}


def made_of(appraisal, to, lang="zh", natives=False):
    """Return the copies of an audience, which are made once."""
    key = (id(appraisal), to, lang, natives)
    if key not in MADE:
        MADE[key] = appraisal, list(copies_of(appraisal, to, lang, natives))
    return MADE[key][1]


def job_of(to, folder="", lang="zh", natives=()):
    return PublishJob(packed(template(to, lang)), to, str(folder), natives)


def files_of(appraisal, to, lang="zh"):
    """Return the files of an audience by recipient."""
    compiled, problems = compile_job(job_of(to, lang=lang))
    assert not problems
    renderer = TemplateRenderer(compiled)
    return {each.recipient: renderer.render(each) for each in made_of(appraisal, to, lang)}


def cells(data, title=None):
    """Return every value of a workbook, or of one of its sheets."""
    book = openpyxl.load_workbook(BytesIO(data), data_only=True)
    sheets = [book[title]] if title else book.worksheets
    return [cell.value for ws in sheets for row in ws.iter_rows() for cell in row if cell.value is not None]


# Privacy ----------------------------------------------------------------------------------------------------------


class Secrets:
    """What would betray somebody: IDs, names, clients and tasks, and figures that nobody else has."""

    def __init__(self, appraisal):
        results, detail, units = frames_of(appraisal)
        clients, tasks = appraisal.table("clients").frame, appraisal.table("tasks").frame
        employees = appraisal.table("employees").frame
        self.people = dict(zip(employees["employee_id"], employees["name"], strict=True))
        self.words = {who: {who} for who in self.people}
        for who, client in zip(clients["owner_id"], clients["client_id"], strict=True):
            self.words.setdefault(who, set()).add(client)
        for who, task in zip(tasks["owner_id"], tasks["task_id"], strict=True):
            self.words.setdefault(who, set()).add(task)
        owners = {}
        history = appraisal.table("history").frame  # of which a card shows one's own
        of_people = [each.groupby("employee_id") for each in (results, detail, history)]
        for who, frame in (pair for groups in (*of_people, units.groupby("unit")) for pair in groups):
            for figure in figures_in(frame):
                owners.setdefault(figure, set()).add(who)
        for figure, whose in owners.items():
            if len(whose) == 1 and (who := next(iter(whose))) in self.people:
                self.words[who].add(figure)

    def betrayed(self, data, inside):
        """Return what a file tells of people who are not inside."""
        package = zipfile.ZipFile(BytesIO(data))
        text = "\n".join(
            [*package.namelist(), *(package.read(name).decode("utf-8", "replace") for name in package.namelist())]
        )
        words = set(re.findall(r"[0-9A-Za-z_.-]+", text))
        in_cells = set(re.findall(r"<v>([^<]*)</v>", text))
        words = {word for word in words if not SHORT_FIGURE.fullmatch(word)} | in_cells  # 94.42 may be part of a text
        outside = [who for who in self.words if who not in inside]
        own = set().union(*(self.words.get(who, set()) for who in inside))
        found = {word for who in outside for word in self.words[who] & words} - own
        return found | {name for who, name in self.people.items() if who not in inside and name and name in text}


def figures_in(frame):
    """Return the figures of a frame as a file would hold them, as they are, rounded as cards show them, and as percentages."""
    values = [value for column in frame.select_dtypes("number") for value in frame[column].dropna().tolist()]
    return {
        f"{each!r}"
        for value in values
        for each in (value, round_half_up(value, 2), round_half_up(value * 100, 2))
        if len(f"{each!r}") > 4
    }


def frames_of(appraisal):
    frames = outputs(appraisal, "zh")
    units = pd.concat([frames["units"], frames["unit_detail"]])
    return frames["results"], frames["detail"], units


@pytest.fixture(scope="module")
def secrets(flagship):
    return Secrets(flagship)


def inside_of(appraisal, to, recipient):
    """Whose figures a recipient may see, from the sheets alone."""
    employees, departments = appraisal.table("employees").frame, appraisal.table("departments").frame
    if to == "employees":
        return {recipient}
    if to == "company":
        return set()
    below = {recipient}
    for _ in range(len(departments)):
        below |= set(departments.loc[departments["parent"].isin(below), "department"])
    return set(employees.loc[employees["department"].isin(below), "employee_id"])


@pytest.mark.parametrize("to", one_by_default(SEEN))
def test_no_byte_tells_of_anybody_whom_the_recipient_may_not_see(flagship, secrets, to):
    files = files_of(open_handed(flagship), to)
    assert files
    for recipient, data in files.items():
        assert secrets.betrayed(data, inside_of(flagship, to, recipient)) == set(), recipient


def test_the_scanner_would_find_what_is_there(flagship, secrets):
    """The test above can fail: a card seen with the eyes of somebody else betrays its owner."""
    data = files_of(open_handed(flagship), "employees")["01973"]
    assert {"01973", "何初晴"} < secrets.betrayed(data, {"01974"})


def test_raters_are_never_named():
    tables = small.tables(ratings=[
        {"period": "2026-10", "employee_id": f"E{n}", "indicator": "skill", "rater_id": "RATER7", "relation": "manager", "score": 4.0}
        for n in range(1, 6)
    ])  # fmt: skip
    for data in files_of(appraise(tables, small.scheme()), "employees").values():
        package = zipfile.ZipFile(BytesIO(data))
        assert not any(b"RATER7" in package.read(name) for name in package.namelist())


# Contents ---------------------------------------------------------------------------------------------------------


def test_everybody_who_is_scored_gets_a_card_with_the_figures_of_the_results(flagship):
    results, detail, _ = frames_of(flagship)
    made = {each.recipient: each for each in made_of(flagship, "employees")}
    assert list(made) == sorted(results["employee_id"])
    for row in results.itertuples():
        card = made[row.employee_id]
        assert (card.values["total"], card.values["grade"], card.values["name"]) == (
            row.total,
            row.grade_name,
            row.name,
        )
        assert len(card.blocks["item"]) == (detail["employee_id"] == row.employee_id).sum()


def test_what_does_not_count_stands_apart_and_nothing_is_left_out(flagship):
    """The flagship has figures of weight 0 that are only to be known; a veto of weight 0 can change a result."""
    weights = {each.name.zh: each.weight for each in flagship.scheme.indicators}
    card = next(each for each in made_of(flagship, "employees") if each.recipient == "01973")
    counted, further, every = ([record[1] for record in card.blocks[name]] for name in ("counted", "further", "item"))
    assert sorted([*counted, *further]) == sorted(every)
    assert {weights[name] for name in further} == {0}
    assert [name for name in counted if weights[name] == 0] == ["投诉超期否决"]


def test_every_indicator_that_counts_has_a_sentence(flagship):
    how = [*MARKS["employees"].blocks["counted"][1]].index("how")
    for card in made_of(flagship, "employees"):
        assert all(record[how] for record in card.blocks["counted"])


def test_a_card_draws_a_radar_where_everybody_has_three_dimensions():
    """Two dimensions span no area: they are drawn as bars."""
    drawn = {
        has_shape: type(template("employees", "en", CardLayout(has_shape=has_shape)).worksheets[0]._charts[0]).__name__
        for has_shape in (True, False)
    }
    assert drawn == {True: "RadarChart", False: "BarChart"}


def test_the_layout_of_a_card_follows_from_what_there_is(flagship, small_appraisal):
    """The flagship scores each person in three dimensions or more, the small scheme in two."""
    assert (layout_of(flagship).has_shape, layout_of(small_appraisal).has_shape) == (True, False)
    assert (layout_of(flagship).has_further, layout_of(small_appraisal).has_further) == (True, False)
    only = CardLayout(has_further=False, has_evidence=False, has_tasks=False, has_rows=False)
    assert template("employees", "en", only).sheetnames == ["Scorecard", "Chart data"]


def test_a_page_of_a_department_has_no_column_and_no_sheet_that_is_empty_for_everybody():
    """Places and pay that the settings keep back leave no heading behind, nor tasks a sheet where there are none."""
    bare = template("departments", "en", CardLayout(has_tasks=False, has_places=False, has_pay=False))
    assert bare.sheetnames == ["Units", "Figures of units", "People", "Indicators of people"]
    assert [cell.value for cell in bare["People"][4]][4:] == ["Total", "Grade", "Lists"]
    whole = template("departments", "en")
    assert [cell.value for cell in whole["People"][4]][4:] == ["Total", "Grade", "Place", "Pool size", "Lists", "Pay"]
    assert "Tasks" in whole.sheetnames


def test_the_layout_of_a_department_follows_the_settings(flagship):
    shown = flagship.scheme.with_settings(publish_place="yes")
    hidden = flagship.scheme.with_settings(publish_place="no")
    assert [layout_of(replace(flagship, scheme=each)).has_places for each in (shown, hidden)] == [True, False]


def test_the_grade_of_a_card_has_the_colour_that_it_has_on_results(flagship):
    workbook = template("employees", "zh", layout_of(flagship))
    card = workbook.worksheets[0]
    (cells,) = (each for each in card.conditional_formatting if "优秀" in str(each.rules[0].formula))
    fills = {rule.formula[0].split('"')[1]: rule.dxf.fill.bgColor.rgb[-6:] for rule in cells.rules}
    names = [each.name.zh for each in flagship.scheme.grades]
    assert fills == dict(zip(names, style.grade_fills(len(names)), strict=True))


def test_points_that_are_added_up_stand_beside_no_percentage(small_appraisal):
    """5 points at a weight of 5 % would be read as a quarter of a point."""
    summed = replace(small_appraisal, scheme=small_appraisal.scheme.with_settings(total_method="sum"))
    place = [*MARKS["employees"].blocks["item"][1]].index("weight")
    weights = {
        name: {item[place] for copy in copies_of(each, "employees", "en") for item in copy.blocks["item"]}
        for name, each in (("weighted", small_appraisal), ("sum", summed))
    }
    assert None not in weights["weighted"]
    assert weights["sum"] == {None}


def test_a_file_has_no_headings_without_a_row_below():
    department = PublishJob(packed(template("departments", "en")), "departments", "", ())
    renderer = TemplateRenderer(compile_job(department)[0])
    blocks = {name: Block() for name in MARKS["departments"].blocks}
    values = dict.fromkeys(MARKS["departments"].values, "x")
    book = openpyxl.load_workbook(BytesIO(renderer.render(Context("300", values, blocks))))
    assert {ws.title: ws.max_row for ws in book.worksheets[1:]} == dict.fromkeys(book.sheetnames[1:], 2)


def test_places_and_pay_are_shown_only_where_the_settings_say_so(flagship):
    of = {"yes": made_of(open_handed(flagship), "employees"), "no": made_of(flagship, "employees")}
    assert any(each.values["place"] for each in of["yes"])
    assert not any(each.values["place"] or each.values["pool_size"] for each in of["no"])
    assert not any(record[1] for each in of["no"] for record in each.blocks["list"]), "evidence tells places"


def test_the_settings_are_read_from_the_home_sheet(tmp_path):
    from small_book import policy, save

    sheets = policy()
    sheets["首页"] += [["公布名次", "是"], ["Forms are due by", "2026-11-05"]]
    settings = read_book(save(tmp_path / "book.xlsx", sheets)).scheme.settings
    assert (settings.publish_place, settings.publish_pay, settings.return_by) == ("yes", "no", "2026-11-05")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("to", SEEN)
def test_every_mark_of_our_templates_is_filled(small_appraisal, to, lang):
    for data in files_of(small_appraisal, to, lang).values():
        assert not [value for value in cells(data) if isinstance(value, str) and "{" in value]


def test_a_company_file_has_units_and_nobody_in_person(flagship):
    (company,) = made_of(flagship, "company")
    assert set(company.blocks) == {"unit", "figure", "pool"}
    assert {record[0] for record in company.blocks["unit"]} >= {"101", "102", "103", "company"}


def test_a_department_sees_its_own_people_and_units_below(flagship):
    made = {each.recipient: each for each in made_of(flagship, "departments")}
    assert {record[0] for record in made["101"].blocks["unit"]} == {"101"}
    assert {record[2] for record in made["101"].blocks["person"]} == {"滨江营业部"}
    assert len(made["000"].blocks["unit"]) == 6


def test_native_formulas_give_the_figures_that_stand_beside_them(flagship):
    natives = tuple(native_formulas(flagship.scheme.settings.decimals).items())
    compiled, _ = compile_job(job_of("employees", natives=natives))
    card = next(each for each in made_of(flagship, "employees", natives=True) if each.recipient == "01973")
    data = TemplateRenderer(compiled).render(card)
    formulas, values = (openpyxl.load_workbook(BytesIO(data), data_only=only)["成绩卡"] for only in (False, True))
    found = [cell.coordinate for row in formulas.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(found) > len(card.blocks["counted"]) / 2
    total = next(cell for row in formulas.iter_rows() for cell in row if str(cell.value).startswith("=ROUND(SUM("))
    assert values[total.coordinate].value == card.values["total"]
    for place in found:
        if match := re.fullmatch(r"=(\w+)\*(\w+)", formulas[place].value):
            product = (values[match[1]].value or 0) * (values[match[2]].value or 0)
            assert product == pytest.approx(values[place].value, abs=1e-9)


def said(column, value, lang):
    """Return a cell in words, with its heading."""
    if value is None or value != value:
        return ""
    if column.kind == "choice":
        value = column.vocabulary[value](lang)
    elif column.kind == "date":
        value = f"{value:%Y-%m-%d}"
    elif column.kind in ("number", "money"):
        value = show_number(value)
    return f"{column.name(lang)}{'：' if lang == 'zh' else ': '}{value}"


@pytest.mark.parametrize("lang", one_by_default(["zh", "en"]))
def test_the_rows_behind_a_figure_say_what_the_indicator_looks_at(flagship, lang):
    """Row by row and cell by cell; what is blank is left out, and so are the names of people."""
    names = {*flagship.people.frame["employee_id"], *flagship.people.frame["name"]}
    expected = {}
    for behind in rows_behind(flagship):
        for owner, at, hit in behind.rows[["owner", "at", "hit"]].itertuples(index=False):
            row = behind.table.frame.iloc[at]
            (_, key), *others = ((column, row[column.code]) for column in behind.columns)
            words = [said(column, value, lang) for column, value in others if value not in names]
            told = (behind.indicator.name(lang), "✓" if hit else "", key, BETWEEN[lang].join(filter(None, words)))
            expected.setdefault(owner, []).append(told)
    assert any(words.count("：" if lang == "zh" else ": ") for rows in expected.values() for *_, words in rows)
    for card in made_of(flagship, "employees", lang):
        told = [(*row[:3], row[3] or "") for row in card.blocks["row"]]
        assert told == [(*row[:2], row[2] if row[2] == row[2] else None, row[3]) for row in expected[card.recipient]]


# Files ------------------------------------------------------------------------------------------------------------


def copies(appraisal):
    return made_of(appraisal, "employees")


def publish(made, *how, **more):
    return publish_all(Contexts.of(made), *how, **more)


def digests(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}


def test_a_second_run_writes_nothing_and_one_with_a_change_writes_that(small_appraisal, tmp_path):
    made, job = copies(small_appraisal), job_of("employees", tmp_path / "cards")
    assert len(publish(made, job, KEY).written) == len(made) == 5
    again = publish(made, job, KEY)
    assert (again.written, again.unchanged) == ([], 5)
    changed = [*made[:-1], replace(made[-1], values={**made[-1].values, "total": 1.0})]
    assert publish(changed, job, KEY).written == ["E5.xlsx"]


@pytest.mark.parametrize(
    "value",
    ["1", None, 1.5, date(2026, 10, 5), datetime(2026, 10, 5), Computed(1.0)],
    ids=["a text", "nothing", "another figure", "a day", "a moment", "a figure with a formula"],
)
@pytest.mark.parametrize("place", ["values", "blocks"])
def test_whatever_changes_is_written_and_what_is_equal_is_not(tmp_path, place, value):
    """Equal words and figures are equal wherever they come from."""
    job = job_of("employees", tmp_path / "cards")

    def card(total):
        name = "".join(["Ann", " of Hangzhou"])  # a text of its own each time
        shown = {"employee_id": "E1", "name": name, "total": total if place == "values" else 1.0}
        points = total if place == "blocks" else 1.0
        return Context(
            "E1", shown, {"item": Block.of([("Service", "%", 0.9, 1.0, points, 100.0, 1.0, points, None, "", "")])}
        )

    publish([card(1.0)], job, KEY)
    assert publish([card(float("1"))], job, KEY).written == []
    assert publish([card(value)], job, KEY).written == ["E1.xlsx"]
    assert publish([card(value)], job, KEY).written == []


def test_other_formulas_make_other_files(tmp_path):
    card = Context("E1", {"employee_id": "E1", "total": Computed(1.0)}, {})
    for natives in ((), (("total", ("1",)),), (("total", ("2",)),)):
        assert publish([card], job_of("employees", tmp_path / "cards", natives=natives), KEY).written == ["E1.xlsx"]


def test_a_file_that_was_tampered_with_or_lost_is_written_again(small_appraisal, tmp_path):
    made, job = copies(small_appraisal), job_of("employees", tmp_path / "cards")
    publish(made, job, KEY)
    before = digests(tmp_path / "cards")
    (tmp_path / "cards" / "E1.xlsx").write_bytes(b"not mine")
    (tmp_path / "cards" / "E2.xlsx").unlink()
    assert publish(made, job, KEY).written == ["E1.xlsx", "E2.xlsx"]
    assert digests(tmp_path / "cards") == before


def test_a_stop_in_the_middle_costs_nothing_that_is_finished(small_appraisal, tmp_path, monkeypatch):
    made, job = copies(small_appraisal), job_of("employees", tmp_path / "cards")
    replace, finished = os.replace, []

    def failing(spare, path):
        if len(finished) == 3:
            raise KeyboardInterrupt
        finished.append(path)
        replace(spare, path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", failing)
        with pytest.raises(KeyboardInterrupt):
            publish(made, job, KEY)
    rest = publish(made, job, KEY)
    assert (rest.unchanged, len(rest.written)) == (3, 2)
    assert sorted(path.name for path in (tmp_path / "cards").iterdir()) == [f"E{n}.xlsx" for n in range(1, 6)]


def test_the_manifest_tells_whose_file_is_which_with_its_digest(small_appraisal, tmp_path):
    from hashlib import sha256

    folder = tmp_path / "cards"
    publish(copies(small_appraisal), job_of("employees", folder), KEY)
    with manifest_of(folder).open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert [line["recipient"] for line in lines] == [f"E{n}" for n in range(1, 6)]
    assert all(line["sha256"] == sha256((folder / line["file"]).read_bytes()).hexdigest() for line in lines)


def test_files_of_people_who_left_are_pointed_out(small_appraisal, tmp_path):
    made, job = copies(small_appraisal), job_of("employees", tmp_path / "cards")
    publish(made, job, KEY)
    assert publish(made[1:], job, KEY).left_over == ["E1.xlsx"]
    assert publish(made[1:], job, KEY).left_over == ["E1.xlsx"], "until somebody deletes it"


@pytest.mark.parametrize("ids", [["a/b", "a_b", "..", "CON", "e1", "E1", "张三", "x" * 300, "a:b", " "]])
def test_every_id_gives_a_name_that_every_system_takes(ids):
    names = file_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    assert all(re.fullmatch(r"[\w-]{1,100}\.xlsx", name) for name in names.values())
    assert not any(name.casefold() == "con.xlsx" for name in names.values())


def test_processes_write_the_same_bytes(small_appraisal, tmp_path):
    made = copies(small_appraisal)
    publish(made, job_of("employees", tmp_path / "one"), KEY)
    with workers(2) as executor:
        done = publish(made, job_of("employees", tmp_path / "two"), KEY, executor=executor, jobs=2)
    assert len(done.written) == 5
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


# Passwords and pseudonyms -----------------------------------------------------------------------------------------


def test_a_protected_file_opens_with_its_password_only(small_appraisal, tmp_path):
    msoffcrypto = pytest.importorskip("msoffcrypto")
    made, folder = copies(small_appraisal)[:2], tmp_path / "cards"
    plain = files_of(small_appraisal, "employees")
    publish(made, job_of("employees", folder), KEY, {"E1": "correct horse", "E2": "battery"})
    for word, who in (("correct horse", "E1"), ("battery", "E2")):
        file, opened = msoffcrypto.OfficeFile(BytesIO((folder / f"{who}.xlsx").read_bytes())), BytesIO()
        file.load_key(password=word, verify_password=True)
        file.decrypt(opened)
        assert opened.getvalue() == plain[who]
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        file.load_key(password="correct horse", verify_password=True)
    assert "horse" not in manifest_of(folder).read_text("utf-8-sig")


def test_another_password_makes_another_file(small_appraisal, tmp_path):
    pytest.importorskip("msoffcrypto")
    made, job = copies(small_appraisal)[:1], job_of("employees", tmp_path / "cards")
    publish(made, job, KEY, {"E1": "one"})
    assert publish(made, job, KEY, {"E1": "one"}).written == []
    assert publish(made, job, KEY, {"E1": "two"}).written == ["E1.xlsx"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("id,password\nE1,a\nE1,b\n", "publish-id-twice"),
        ("id,password\nE1\n", "publish-row-unreadable"),
        ("id,password\nE1,\n", "publish-row-unreadable"),
        (b"\xff\xfe\x00\xd8", "publish-file-unreadable"),
    ],
)
def test_a_file_of_passwords_that_is_not_clear_is_refused(tmp_path, text, code):
    path = tmp_path / "words.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    pairs, problems = read_pairs(path)
    assert (pairs, codes(problems)) == ({}, [code])


def test_whoever_has_no_password_is_told_before_anything_is_written():
    (problem,) = missing_passwords({"E1": "x"}, ["E1", "E2", "E3"], Path("words.csv"))
    assert "E2, E3" in problem.found("en")


@pytest.mark.parametrize("word", ["", "   ", "1234567", "aaaaaaaaaa", "12121212", "e0001e0001", "E0001E0001"])
def test_a_password_that_others_can_guess_is_refused_without_being_told(word):
    words = {"E0001": word, "E0002": "seven green boats", "E0003": "nine old bridges"}
    (problem,) = weak_passwords(words, words, Path("words.csv"))
    assert (problem.code, problem.details["people"].en) == ("passwords-weak", "E0001")
    assert not word.strip() or word not in problem.found("en") + problem.remedy("zh")


def test_a_password_of_two_recipients_opens_the_cards_of_both():
    words = {"E1": "seven green boats", "E2": "seven green boats", "E3": "nine old bridges"}
    (problem,) = weak_passwords(words, ["E1", "E2", "E3"], Path("words.csv"))
    assert problem.details["people"].en == "E1, E2"
    assert not [*weak_passwords(words, ["E1", "E3"], Path("words.csv"))]


@pytest.mark.parametrize(("name", "who"), [("E0001", "E0001"), ("x-e0001", "E0001"), ("E0002", "E0001")])
def test_a_pseudonym_that_tells_the_id_is_refused(tmp_path, name, who):
    path = tmp_path / "names.csv"
    path.write_text(f"id,pseudonym\n{who},{name}\n", "utf-8")
    called, (problem,) = pseudonyms_for(path, ["E0001", "E0002"])
    assert (called, problem.code, problem.details["people"].en) == ({}, "pseudonyms-telling", who)


@pytest.mark.parametrize("text", ["", "\n", "secret", "0" * 64, "ab" * 16, "ä" * 64])
def test_a_key_that_was_emptied_cut_or_typed_by_hand_is_no_key(tmp_path, text):
    book = tmp_path / "book.xlsx"
    key_path(book).write_text(text, "utf-8")
    with pytest.raises(CannotSave) as refused:
        key_beside(book)
    assert refused.value.problem.code == "key-unusable"


def test_the_time_of_a_file_does_not_undo_its_pseudonym(book, tmp_path):
    names = tmp_path / "names.csv"
    run(book, "-o", tmp_path / "out", "--pseudonyms", names)
    files = [*(tmp_path / "out/employees").glob("*.xlsx")]
    assert len({each.stat().st_mtime_ns for each in files}) == 1 < len(files)


def test_pseudonyms_stay_and_new_people_get_new_ones(tmp_path):
    path = tmp_path / "names.csv"
    first, _ = pseudonyms_for(path, ["E1", "E2"])
    second, _ = pseudonyms_for(path, ["E1", "E2", "E3"])
    assert first.items() < second.items()
    assert len(set(second.values())) == 3


@pytest.mark.parametrize(("added_up", "heading"), [(True, "Full points"), (False, "Weight")])
def test_a_card_shows_what_an_indicator_counts_for(added_up, heading):
    """Points times a weight says nothing where points are added up: 5 points x 5 % are not 5 points."""
    said = [
        str(cell.value)
        for row in template("employees", "en", CardLayout(added_up=added_up))["Scorecard"].rows
        for cell in row
    ]
    assert [each for each in said if each in ("Full points", "Weight")] == [heading]


def test_a_pseudonymous_card_names_nobody(flagship, tmp_path):
    people = flagship.people.frame
    called, _ = pseudonyms_for(tmp_path / "names.csv", people["employee_id"].tolist())
    names = dict(zip(people["employee_id"], people["name"], strict=True))
    for to in ("employees", "departments"):
        compiled, _ = compile_job(job_of(to))
        for each in disguised(Contexts.of(made_of(flagship, to)), called, names, MARKS[to]):
            package = zipfile.ZipFile(BytesIO(TemplateRenderer(compiled).render(each)))
            text = "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
            words = set(re.findall(r"[0-9A-Za-z]+", text))
            assert not set(names) & words
            assert not [name for name in names.values() if name in text]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions in another way")
@pytest.mark.parametrize(("of_book", "of_folder"), [(0o600, 0o700), (0o640, 0o750), (0o644, 0o755)])
def test_nobody_may_read_a_card_who_could_not_read_the_workbook(of_book, of_folder, sample_path, tmp_path):
    book = tmp_path / "book.xlsx"
    shutil.copyfile(sample_path("service-team", "en"), book)
    book.chmod(of_book)
    umask = os.umask(0)
    try:
        assert not xlperf.publish(book).refused
        folder = tmp_path / "book-published" / "employees"
        card = sorted(folder.glob("*.xlsx"))[0]
        modes = {each.stat().st_mode & 0o777 for each in (*folder.iterdir(), folder.with_suffix(".csv"))}
        assert (modes, folder.stat().st_mode & 0o777) == ({of_book}, of_folder)
        card.chmod(0o600)
        card.write_bytes(card.read_bytes() + b"changed")
        assert not xlperf.publish(book).refused
        assert card.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(umask)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    book = tmp_path / "book.xlsx"
    assert key_beside(book) == key_beside(book)
    assert (tmp_path / "book.xlperf-key").stat().st_mode & 0o077 == 0
    assert key_beside(tmp_path / "other.xlsx") != key_beside(book)


def test_protection_is_of_the_strong_kind():
    pytest.importorskip("msoffcrypto")
    data = protect(packed(openpyxl.Workbook()), "word")
    assert b'spinCount="100000"' in data
    assert b'hashAlgorithm="SHA512"' in data


# The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path):
    from small_book import policy, save

    people = [["工号", "姓名"], *[[f"E{n}", f"员工{n}"] for n in range(1, 6)]]
    rated = [["周期", "被评人工号", "指标编号", "评价人工号", "评价关系", "评分"]]
    rated += [["2026-10", f"E{n}", "skill", "B", "直接上级", n] for n in range(1, 6)]
    done = [["任务编号", "责任人工号", "应完成日期", "完成日期", "状态"]]
    done += [[f"T{n}", f"E{n}", "2026-10-10", "2026-10-09", "已完成"] for n in range(1, 6)]
    return save(tmp_path / "book.xlsx", {**policy(), "员工": people, "评分": rated, "任务": done})


def run(*args, status=0):
    done = CliRunner().invoke(app, ["publish", *map(str, args)])
    assert done.exit_code == status, done.output
    return done.output


def test_the_command_writes_a_folder_and_its_manifest(book, tmp_path):
    out = run(book, "-o", tmp_path / "out", "--lang", "en")
    assert "Files written: 5; unchanged: 0" in out
    assert len(list((tmp_path / "out" / "employees").glob("*.xlsx"))) == 5
    assert (tmp_path / "out" / "employees.csv").exists()
    assert "unchanged: 5" in run(book, "-o", tmp_path / "out", "--lang", "en")


def test_a_template_comes_back_restyled(book, tmp_path):
    mine = tmp_path / "mine.xlsx"
    run(book, "--write-template", mine, "--lang", "zh")
    workbook = openpyxl.load_workbook(mine)
    workbook.active["A1"] = "我们公司 {姓名} 得 {总分} 分"
    workbook.save(mine)
    run(book, "-o", tmp_path / "out", "--template", mine)
    ws = openpyxl.load_workbook(tmp_path / "out" / "employees" / "E5.xlsx").active
    assert re.fullmatch(r"我们公司 员工5 得 [0-9.]+ 分", ws["A1"].value)


def test_people_who_stand_in_a_template_are_told(book, tmp_path):
    mine = tmp_path / "mine.xlsx"
    run(book, "--write-template", mine, "--lang", "en")
    assert "names or IDs" not in run(book, "-o", tmp_path / "out", "--template", mine, "--lang", "en")
    workbook = openpyxl.load_workbook(mine)
    hidden = workbook.create_sheet("draft")
    hidden.sheet_state = "veryHidden"
    hidden["B2"] = "员工5 E4 的奖金"
    workbook.save(mine)
    out = run(book, "-o", tmp_path / "out", "--template", mine, "--lang", "en")
    assert re.search(r"draft!B2\s+The template holds names or IDs of employees: E4, E5", out)


def test_a_template_with_an_unknown_mark_is_refused_before_anything_is_written(book, tmp_path):
    bad = openpyxl.Workbook()
    bad.active["B2"] = "{salary}"
    bad.save(tmp_path / "bad.xlsx")
    out = run(book, "-o", tmp_path / "out", "--template", tmp_path / "bad.xlsx", "--lang", "en", status=1)
    assert "Sheet!B2" in out
    assert not (tmp_path / "out").exists()


def test_missing_passwords_stop_the_command_and_are_not_told_to_anybody(book, tmp_path):
    pytest.importorskip("msoffcrypto")
    words = tmp_path / "words.csv"
    words.write_text("id,password\nE1,hush-hush\n", "utf-8")
    out = run(book, "-o", tmp_path / "out", "--passwords", words, "--lang", "en", status=1)
    assert "E2, E3, E4, E5" in out
    assert "hush" not in out
    assert not (tmp_path / "out").exists()


def test_a_workbook_with_errors_publishes_nothing(book, tmp_path):
    workbook = openpyxl.load_workbook(book)
    workbook["评分"]["F2"] = "很好"
    workbook.save(book)
    run(book, "-o", tmp_path / "out", status=1)
    assert not (tmp_path / "out").exists()


def test_without_libreoffice_there_is_no_pdf_and_it_is_said(book, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "LibreOffice" in run(book, "-o", tmp_path / "out", "--pdf", "--lang", "en", status=1)


@pytest.mark.slow
@pytest.mark.skipif(not (office() and shutil.which("pdftotext")), reason="LibreOffice or pdftotext is not installed")
def test_the_pdf_of_a_card_says_what_the_card_says_and_names_nobody_else(book, tmp_path):
    run(book, "-o", tmp_path / "out", "--pdf")
    folder = tmp_path / "out" / "employees"
    assert {path.stem for path in folder.glob("*.pdf")} == {"E1", "E2", "E3", "E4", "E5"}
    for number in range(1, 6):
        told = subprocess.run(["pdftotext", "-layout", folder / f"E{number}.pdf", "-"], capture_output=True, check=True)
        said = told.stdout.decode()
        card = openpyxl.load_workbook(folder / f"E{number}.xlsx").active
        points = [cell.value for cell in card["F"] if isinstance(cell.value, (int, float))]  # of three indicators
        assert f"员工{number}" in said
        assert len(points) >= 3
        figures = [card["A7"].value, *points]
        assert all((each if isinstance(each, str) else f"{each:.2f}") in said for each in figures)
        assert not [other for other in range(1, 6) if other != number and f"员工{other}" in said]
    made = (folder / "E1.pdf").stat().st_mtime_ns
    (folder / "E2.pdf").unlink()
    run(book, "-o", tmp_path / "out", "--pdf")
    assert (folder / "E2.pdf").exists()
    assert (folder / "E1.pdf").stat().st_mtime_ns == made


def test_the_rows_of_the_problem_are_worded(tmp_path):
    _, problems = pseudonyms_for(shared(tmp_path), ["E1"])
    assert one(problems, "pseudonyms-shared").found("en")


def shared(folder):
    path = folder / "names.csv"
    path.write_text("id,pseudonym\nE1,X\nE2,X\n", "utf-8")
    return path


def test_an_amount_on_a_card_has_two_decimals():
    """124,774.1935 yuan says more than anybody pays."""
    rules = [each for cells in template("employees", "en").worksheets[0].conditional_formatting for each in cells.rules]
    formats = {each.dxf.numFmt.formatCode for each in rules if '"yuan"' in str(each.formula)}
    assert formats == {style.MONEY}
