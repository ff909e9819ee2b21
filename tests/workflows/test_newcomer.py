"""A newcomer's first month, in both languages: from nothing to a graded, published, collected and rolled month."""

import openpyxl
import pytest
from effort import one_by_default
from own_scorecard import fill

import xlperf
from xlperf.core.problems import LANGUAGES, Text
from xlperf.core.vocabulary import WORDS
from xlperf.reporting.placeholders import ANSWERS, MARKS
from xlperf.schema import SHEETS

SAID = {
    "for_whom": Text("客服部", "Service"),
    "period": Text("2026-11", "2026-11"),
    "scored": Text(
        "业绩：销售额（万元，目标 50）、投诉（次，4..0）；态度：服务（评分 1-5）；能力：专业（评分 1-5）；纪律：守纪（扣分）",
        "Results: Sales (10k, target 50), Complaints (count, 4..0); Attitude: Service (rated 1-5); "
        "Ability: Skill (rated 1-5); Order: Discipline (deductions)",
    ),
    "weights": Text("销售额 30、投诉 20、服务 20、专业 20、守纪 10",
                    "Sales 30, Complaints 20, Service 20, Skill 20, Discipline 10"),
    "raters": Text("直接上级 60、同事 30、自评 10", "direct superior 60, peer 30, self 10"),
    "grades": Text("A 20%、B 60%、C 20%；人员类别", "A 20%, B 60%, C 20%; staff class"),
    "follows": Text("奖金：A 1.5、B 1、C 0.5", "bonus: A 1.5, B 1, C 0.5"),
    "save": Text("客服部.xlsx；中文", "service.xlsx; English"),
}  # fmt: skip
NUMBER = 10  # people, five of each class; 000 is their superior and not appraised


def staff(lang):
    active = SHEETS["employees"]["status"].vocabulary["active"](lang)
    classes = list(WORDS["staff_class"].values())[:2]
    return [
        {"employee_id": f"{number:03}", "name": f"P{number}", "department": "S", "manager_id": "000",
         "staff_class": classes[number % 2](lang), "status": active, "performance_base": 1000}
        for number in range(1, NUMBER + 1)
    ]  # fmt: skip


def codes_of(path):
    """The codes of rated indicators, of figures and of deductions."""
    items = xlperf.read_book(path).scheme.indicators
    return {sheet: [each.code for each in items if each.sheet == sheet] for sheet in ("ratings", "actuals", "checks")}


def answer(path, to, lang, form, figure):
    """Fill in the visible page of a form and put it where forms come back to."""
    book = openpyxl.load_workbook(path)
    ws = book.worksheets[0]
    names = [MARKS[form].blocks["ask"][1][name](lang) for name in ("employee_id", "indicator")]
    heading = next(row for row in ws.iter_rows() if {cell.value for cell in row} >= {*names, ANSWERS[form][0](lang)})
    column = {cell.value: cell.column for cell in heading}
    for row in range(heading[0].row + 1, ws.max_row + 1):
        who, what = (ws.cell(row, column[name]).value for name in names)
        if who:
            ws.cell(row, column[ANSWERS[form][0](lang)]).value = figure(who, what)
    to.parent.mkdir(exist_ok=True)
    book.save(to)


def begun(folder, lang):
    """Make her workbook from the answers, and return it with the codes of its indicators."""
    made = xlperf.begin({code: text(lang) for code, text in SAID.items()}, folder=folder, lang=lang)
    assert not made.refused, [each.found(lang) for each in made.problems]
    return made.written[0], codes_of(made.written[0])


def asked_of_peers(people, codes, lang):
    peer = WORDS["relation"]["peer"](lang)
    return [{"employee_id": each["employee_id"], "indicator": code, "relation": peer,
             "rater_id": f"{number % NUMBER + 1:03}"}
            for number, each in enumerate(people, start=1) for code in codes["ratings"]]  # fmt: skip


def change(path, cells):
    """Type into cells by sheet, column and row, of which row 1 holds the headings; return the addresses."""
    book, known = openpyxl.load_workbook(path), xlperf.read_book(path)
    places = []
    for (sheet, column, row), value in cells.items():
        title, cell = SHEETS[sheet].title(known.lang), f"{known.tables[sheet].letters[column]}{row}"
        book[title][cell].value = value
        places.append(f"{title}!{cell}")
    book.save(path)
    return places


@pytest.mark.parametrize("lang", one_by_default(LANGUAGES))
def test_slips_in_a_workbook_are_told_at_their_cells_with_the_mend(lang, tmp_path):
    """What is mistyped on any sheet is told on the first pass, with what was probably meant."""
    book, codes = begun(tmp_path, lang)
    people = staff(lang)
    fill(book, {"employees": people, "ratings": asked_of_peers(people, codes, lang)}, lang)
    slips = {
        ("ratings", "indicator", 2): {"zh": "服物", "en": "Servce"}[lang],
        ("ratings", "score", 3): 11,
        ("ratings", "employee_id", 4): "0O4",
        ("ratings", "relation", 5): {"zh": "同是", "en": "colleage"}[lang],
        ("indicators", "weight", 3): None,
        ("indicators", "dimension", 4): {"zh": "态渡", "en": "Attitud"}[lang],
        ("indicators", "rule", 2): {"zh": "按比利得分", "en": "Proportinal"}[lang],
        ("grades", "share", 2): 30,
        ("employees", "status", 1): {"zh": "员工情况", "en": "Employment"}[lang],
    }
    places = change(book, slips)
    told = {each.place: each for each in xlperf.check(book).problems}
    assert {*places} - told.keys() == set()
    assert all(told[place].expected(lang) and told[place].remedy(lang) for place in places)
    meant = {"zh": ("服务", "004", "态度", "按比例得分"), "en": ("Service", "004", "attitude", "Proportional")}[lang]
    assert all(any(word in told[place].expected(lang) for place in places) for word in meant)


@pytest.mark.parametrize("lang", one_by_default(LANGUAGES))
def test_slips_on_forms_are_told_by_file_and_cell(lang, tmp_path):
    book, codes = begun(tmp_path, lang)
    people = staff(lang)
    fill(book, {"employees": people, "ratings": asked_of_peers(people, codes, lang)}, lang)
    assert not xlperf.publish(book, tmp_path / "out", to="raters").refused
    sent, back = sorted((tmp_path / "out" / "raters").glob("*.xlsx")), tmp_path / "back"
    superior = back / "superior.xlsx"
    answer(sent[0], superior, lang, "raters", lambda *_: 3)
    answered = superior.read_bytes()

    def collected(*, value=3, typed=None):
        """Collect the form twice: the superior's, with one cell changed, and a second copy with other answers."""
        form = openpyxl.load_workbook(superior)  # five rows of it stand above the answers
        for row in form.worksheets[0].iter_rows():
            for cell in row:
                if typed and cell.value == typed[0] and cell.row > 4:
                    cell.value, typed = typed[1], None
        form.save(superior)
        if value != 3:
            answer(sent[0], back / "again.xlsx", lang, "raters", lambda *_: value)
        found = xlperf.collect(book, back, tmp_path / "collected.xlsx")
        superior.write_bytes(answered)
        (back / "again.xlsx").unlink(missing_ok=True)
        assert found.refused
        errors = [each for each in found.problems if each.level == "error"]
        assert all(each.expected(lang) and each.remedy(lang) for each in errors)
        return errors[0].code, " ".join(each.found(lang) for each in errors)

    code, words = collected(typed=("001", "0O1"))
    assert (code, "superior.xlsx" in words, "K6" in words) == ("return-changed", True, True)
    code, words = collected(typed=(3, "good"))
    assert (code, "superior.xlsx" in words, "K6" in words) == ("return-not-number", True, True)
    code, words = collected(typed=(ANSWERS["raters"][0](lang), "X"))
    assert (code, "superior.xlsx" in words) == ("return-without-table", True)
    code, words = collected(value=4)
    assert (code, "again.xlsx!K6" in words, "superior.xlsx!K6" in words) == ("return-conflict", True, True)

    # The same form twice counts once; a workbook that is open elsewhere is told
    (back / "again.xlsx").write_bytes(answered)
    (tmp_path / f"~${book.name}").write_bytes(b"")
    found = xlperf.collect(book, [back])
    assert not found.refused
    assert {each.code for each in found.problems} >= {"book-open", "return-twice"}
    assert [*found.answers.values()] == [NUMBER * len(codes["ratings"])]


@pytest.mark.parametrize("lang", one_by_default(LANGUAGES))
def test_a_first_month(lang, tmp_path):
    # From nothing to a workbook of her own
    book, codes = begun(tmp_path, lang)
    people = staff(lang)
    assert {sheet: len(found) for sheet, found in codes.items()} == {"ratings": 2, "actuals": 2, "checks": 1}
    asked = asked_of_peers(people, codes, lang)
    deductions = [{"check_id": "K1", "employee_id": "003", "indicator": codes["checks"][0], "date": "2026-11-05",
                   "deduction": 2}]  # fmt: skip

    # The slips of a first month are told at their cells, with the mend, all at once
    slips = [people[0] | {"manager_id": "Boss", "status": None}, people[1] | {"status": "activ"}, *people[2:]]
    wrong = [deductions[0] | {"employee_id": "3"}, deductions[0] | {"check_id": "K2", "date": "2027-11-05"},
             deductions[0] | {"check_id": "K3", "deduction": 200}, deductions[0] | {"check_id": "K4", "deduction": None}]  # fmt: skip
    fill(book, {"employees": slips, "ratings": asked, "checks": wrong}, lang)
    told = xlperf.check(book)
    letter = {sheet: xlperf.read_book(book).tables[sheet].letters for sheet in ("employees", "checks")}
    places = {(each.sheet, cell.strip()) for each in told.problems for cell in each.cells.partition(" (")[0].split(",")}
    slipped = {("employees", "manager_id", 2), ("employees", "status", 2), ("employees", "status", 3),
               ("checks", "employee_id", 2), ("checks", "date", 3), ("checks", "deduction", 4),
               ("checks", "deduction", 5)}  # fmt: skip
    for sheet, column, row in slipped:
        assert (SHEETS[sheet].title(lang), f"{letter[sheet][column]}{row}") in places, (sheet, column, row)
    assert all(each.remedy(lang) and each.expected(lang) for each in told.problems)
    fill(book, {"employees": people, "checks": [*deductions, *[dict.fromkeys(deductions[0])] * 3]}, lang)

    # Handing out, a slip on a form, collecting
    for form in ("raters", "figures"):
        sent = xlperf.publish(book, to=form)
        assert not sent.refused, [each.found(lang) for each in sent.problems]
    out, back = (tmp_path / f"{book.stem}-{name}" for name in ("published", "returned"))
    assert xlperf.status(book).next.command.split()[1] == "collect"
    for path in sorted((out / "raters").glob("*.xlsx")):
        answer(path, back / f"r-{path.name}", lang, "raters", lambda who, _: 6 if who == "005" else 2 + int(who) % 4)
    for path in sorted((out / "figures").glob("*.xlsx")):
        answer(path, back / path.name, lang, "figures",
               lambda who, what: 40 + int(who) if what == codes["actuals"][0] else int(who) % 3)  # fmt: skip
    refused = xlperf.collect(book)
    assert refused.refused
    assert {each.code for each in refused.problems if each.level == "error"} == {"return-off-scale"}
    for path in sorted((out / "raters").glob("*.xlsx")):
        answer(path, back / f"r-{path.name}", lang, "raters", lambda who, _: 2 + int(who) % 4)

    # The month end
    ended = xlperf.month_end(book)
    assert not ended.problems, [each.found(lang) for each in ended.problems]
    assert [each.step for each in ended.steps] == ["collected", "run", "published", "rolled"]
    assert ended.ended
    results = xlperf.run(book).sheets["results"].set_index("employee_id")
    # 003: 43 ÷ 50 → 86 × 0.3; no complaints → 100 × 0.2; rated 5 → 100 × 0.4; 2 of 10 points deducted → 80 × 0.1
    assert results["total"]["003"] == 25.8 + 20 + 40 + 8
    assert (
        results.groupby("pool")["grade"].apply(lambda grades: sorted(grades)).tolist()
        == [["A", "B", "B", "B", "C"]] * 2
    )
    coefficient = {"A": 1500, "B": 1000, "C": 500}
    assert results["pay"].tolist() == [coefficient[grade] for grade in results["grade"]]
    assert len(list((out / "employees").glob("*.xlsx"))) == NUMBER

    # The month after
    following = ended.steps[-1].written[-1]
    december = xlperf.read_book(following)
    assert december.scheme.settings.period == "2026-12"
    assert len(december.tables["history"]) == NUMBER
    status = xlperf.status(following)
    assert [each.code for each in status.steps if each.done] == []
    warned = {each.code for each in xlperf.check(following).problems}
    assert "missing-figures" in warned
