"""Text files: their encoding, what ends a row, what separates cells, and what is refused."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlperf.core.problems import LANGUAGES
from xlperf.workbook.sources.encodings import decode
from xlperf.workbook.sources.text_files import TextOptions, layout_words, read_text_file

CHINESE = "工号,姓名,部门\r\n00201,张三,N\r\n00202,李四,S\r\n"
TAIWANESE = "Employee ID,Name\r\nE001,林淑芬\r\n"
GERMAN = "Employee ID,Name\r\nE001,Jörg Schäfer\r\nE002,Günter Bär\r\n"
FRENCH = "Employee ID,Name\r\nE001,Élodie Lefèvre\r\nE002,François Noël\r\n"
POLISH = "Employee ID,Name\r\nE001,Paweł Wójcik\r\n"
RUSSIAN = "Employee ID,Name\r\nE001,Иван Петров\r\n"
JAPANESE = "社員番号,氏名\r\n1,山田太郎\r\n2,さくら\r\n"
KOREAN = "Employee ID,Name\r\nE001,김철수\r\n"
RARE = "Employee ID,Name\r\nE001,龚祎昊\r\n"


def read(tmp_path, content, **options):
    path = tmp_path / "theirs.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_text_file(path, options=TextOptions(**options))


def rows(found):
    columns = found.grid.columns.values()
    return [list(row) for row in zip(*columns, strict=True)]


def codes(found):
    return [problem.code for problem in found.problems]


# Encodings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "utf-16"),
        (CHINESE, "utf-16-le"),
        (CHINESE, "utf-16-be"),
        (CHINESE, "utf-32"),
        (CHINESE, "utf-32-le"),
        (CHINESE, "utf-32-be"),
        (GERMAN, "utf-16-le"),
        (CHINESE, "gb18030"),
        (CHINESE, "gbk"),
        (TAIWANESE, "big5"),
        (GERMAN, "cp1252"),
        (GERMAN, "latin-1"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift-jis"),
    ],
)
def test_a_short_file_is_read_as_it_was_written(text, encoding):
    found = decode(text.encode(encoding), "theirs.csv", layout_words())
    assert found.text == text
    quiet = encoding.startswith("utf")
    assert [problem.level for problem in found.problems] == ([] if quiet else [found.problems[0].level])
    assert quiet or found.problems[0].code in ("encoding-by-words", "encoding-likely")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (KOREAN, "cp949"),
        (RARE, "gb18030"),
        (RUSSIAN, "koi8-r"),
        (FRENCH, "mac-roman"),
        (JAPANESE, "euc-jp"),
        ("Employee ID,Name\r\nE001,Łukasz Żółć\r\n", "cp1250"),
    ],
)
def test_what_is_not_sure_is_refused_and_never_read_wrongly(text, encoding):
    raw = text.encode(encoding)
    found = decode(raw, "theirs.csv", layout_words())
    assert found.text is None
    (problem,) = found.problems
    assert problem.level == "error"
    assert "--encoding" in problem.remedy("en")
    assert decode(raw, "theirs.csv", encoding=encoding).text == text


@given(
    st.lists(
        st.text("张李王陈林淑芬雅婷志明龚祎昊äöüéèñçøåőłśИванПетрさくら太郎김철수", min_size=1, max_size=4), max_size=5
    ),
    st.sampled_from(["gb18030", "big5", "cp1252", "cp1250", "cp1251", "shift-jis", "cp949", "euc-jp", "utf-8"]),
)
def test_a_reading_that_is_sure_of_itself_names_its_evidence(names, encoding):
    text = "Employee ID,Name\r\n" + "".join(f"E{number},{name}\r\n" for number, name in enumerate(names))
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError:
        return
    found = decode(raw, "theirs.csv", layout_words())
    quiet = found.encoding == "utf-8"
    assert (found.text is None) == any(problem.level == "error" for problem in found.problems)
    assert quiet or found.problems
    for problem in found.problems:
        for lang in LANGUAGES:
            assert problem.found(lang)


def test_names_that_the_workbook_knows_decide():
    raw = "Employee ID,Name\r\nE001,李娜\r\n".encode("gb18030")
    assert decode(raw, "theirs.csv").text is None
    found = decode(raw, "theirs.csv", {"李娜"})
    assert "李娜" in found.text
    assert found.problems[0].code == "encoding-by-words"
    assert decode(raw, "theirs.csv", {"李强", "张娜"}).problems[0].code == "encoding-likely"


def test_a_file_of_two_encodings_is_refused_with_its_line():
    raw = "工号,姓名\n1,张三\n".encode() + "2,李四\n".encode("gb18030")
    (problem,) = decode(raw, "theirs.csv", layout_words()).problems
    assert (problem.code, problem.cells) == ("encoding-mixed", "A3")


def test_the_encoding_of_the_caller_is_held_to(tmp_path):
    assert codes(read(tmp_path, CHINESE.encode("gb18030"), encoding="utf-8")) == ["encoding-wrong"]
    (problem,) = read(tmp_path, CHINESE, encoding="gb1830").problems
    assert problem.code == "encoding-unknown"
    assert "gb18030" in problem.expected("en")
    assert codes(read(tmp_path, CHINESE, encoding="base64")) == ["encoding-unknown"]


def test_letters_that_were_lost_before_are_reported(tmp_path):
    (problem,) = read(tmp_path, "工号,姓名\n1,张\ufffd\n").problems
    assert (problem.code, problem.level, problem.cells) == ("text-lost-letters", "warning", "B2")


# Rows and cells -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_three_ways_to_end_a_row(tmp_path, end):
    assert rows(read(tmp_path, end.join(["工号,姓名", "1,甲", "2,乙"]))) == [["工号", "姓名"], ["1", "甲"], ["2", "乙"]]


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_other_signs_stay_in_their_cell(tmp_path, sign):
    found = read(tmp_path, f"工号,姓名\n1,Ann{sign}Lee\n2,乙\n")
    assert rows(found) == [["工号", "姓名"], ["1", "Ann Lee"], ["2", "乙"]]


def test_a_line_break_in_quotes_is_part_of_its_cell(tmp_path):
    found = read(tmp_path, '工号,备注\n1,"a\nb, c"\n2,"say ""x"""\n')
    assert rows(found)[1:] == [["1", "a\nb, c"], ["2", 'say "x"']]
    assert found.grid.rows == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('工号,姓名\n1,"甲,N\n2,乙,S\n', "A2"),
        ('工号,姓名\n1,甲\n2,"乙\n', "A3"),
        ('工号,姓名\n1,"甲\n2,"乙",S\n', "A2"),
        ('工号,姓名\n1,"甲"x\n', "A2"),
    ],
)
def test_a_quote_that_does_not_close_is_refused_with_its_row(tmp_path, text, cell):
    found = read(tmp_path, text)
    assert found.grid is None
    assert [(each.code, each.cells) for each in found.problems] == [("text-quote", cell)]


def test_a_quote_within_plain_text_is_a_sign_like_others(tmp_path):
    assert rows(read(tmp_path, '编号,备注\n1,5" pipe\n'))[1] == ["1", '5" pipe']


def test_text_wrapped_for_excel(tmp_path):
    found = read(tmp_path, '工号,姓名\n="00305",甲\n"=""00306""",乙\n=A1,丙\n')
    assert [row[0] for row in rows(found)[1:]] == ["00305", "00306", "=A1"]


@pytest.mark.parametrize(
    ("separator", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe"), ("^", "^")]
)
def test_separators(tmp_path, separator, name):
    text = f"工号{separator}姓名{separator}部门\n1{separator}甲{separator}N\n"
    expected = [["工号", "姓名", "部门"], ["1", "甲", "N"]]
    assert rows(read(tmp_path, text, separator=name)) == expected
    if separator != "^":
        assert rows(read(tmp_path, text)) == expected


def test_the_line_that_tells_excel_the_separator(tmp_path):
    found = read(tmp_path, "sep=^\n工号^姓名\n1^甲, 乙\n")
    assert rows(found) == [["工号", "姓名"], ["1", "甲, 乙"]]
    assert found.grid.rows == [2, 3]


def test_a_separator_of_several_signs_is_refused(tmp_path):
    assert codes(read(tmp_path, CHINESE, separator="::")) == ["separator-unknown"]


def test_decimal_commas_do_not_make_columns(tmp_path):
    text = "工号;姓名;金额\r\n00123;张伟;1,5\r\n\r\n1E5;李娜;2,25\r\n"
    found = read(tmp_path, text)
    assert rows(found) == [["工号", "姓名", "金额"], ["00123", "张伟", "1,5"], ["1E5", "李娜", "2,25"]]
    assert found.grid.rows == [1, 2, 4]


# What Excel cannot hold -----------------------------------------------------------------------------------------------


def test_padding_is_dropped_with_a_note_and_control_signs_are_refused(tmp_path):
    padded = read(tmp_path, "工号,部门\n1,N\0\0\n")
    assert rows(padded)[1] == ["1", "N"]
    assert [(each.code, each.cells) for each in padded.problems] == [("text-padding", "B2")]
    assert codes(read(tmp_path, "工号,部门\n1,N\0S\n")) == ["text-control"]
    assert codes(read(tmp_path, "工号,部门\n1,\x1b[31mN\n")) == ["text-control"]


def test_more_columns_than_excel_has_are_refused(tmp_path):
    text = ",".join(["工号", *(f"x{number}" for number in range(20_000))]) + "\n"
    assert codes(read(tmp_path, text + "1\n")) == ["text-too-wide"]


@pytest.mark.parametrize("length", [32_768, 40_000, 200_000])
def test_longer_texts_than_excel_holds_are_refused(tmp_path, length):
    found = read(tmp_path, f'工号,备注\n1,"{"x" * length}"\n')
    assert codes(found) == ["text-cell-too-long"]
    assert found.problems[0].cells.endswith("2")
    assert found.grid is None


def test_the_longest_text_is_read(tmp_path):
    assert len(rows(read(tmp_path, f"工号,备注\n1,{'x' * 32_767}\n"))[1][1]) == 32_767


@given(
    st.lists(
        st.lists(st.text("abc,;\"'\n 甲乙", min_size=1, max_size=6), min_size=2, max_size=4), min_size=1, max_size=6
    )
)
def test_what_a_csv_writer_writes_is_read(tmp_path_factory, cells):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["工号", "姓名", "部门"], *cells])
    grid = read(tmp_path_factory.mktemp("csv"), out.getvalue(), separator=",").grid
    written = {
        (row, column): cell
        for row, each in enumerate(cells, start=2)
        for column, cell in enumerate(each, start=1)
        if cell.strip()
    }
    found = {
        (row, column): values[place]
        for column, values in grid.columns.items()
        for place, row in enumerate(grid.rows)
        if row > 1 and values[place] is not None
    }
    assert found == written


# What does not look like a table ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7\n", b"\x1f\x8b\x08"])
def test_another_kind_of_file_is_no_matter_of_encodings(tmp_path, start):
    assert codes(read(tmp_path, start + b"\0" * 100)) == ["text-other-kind"]


def test_the_sign_that_ends_old_files_is_no_cell(tmp_path):
    found = read(tmp_path, CHINESE + "\x1a")
    assert (len(rows(found)), codes(found)) == (3, [])


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("工号,姓名,部门\n1,张,三,N\n2,李四,S\n", "D2"),
        ("某公司,,\n工号,姓名,部门\n1,张三,N\n2,李,四,S\n3,王,五,S\n4,甲,N\n", "D4:D5 (2)"),
    ],
)
def test_a_row_with_more_cells_than_the_headings_is_told(tmp_path, text, cells):
    found = read(tmp_path, text)
    assert [(each.code, each.level, each.cells) for each in found.problems] == [("text-rows-wider", "warning", cells)]


@pytest.mark.parametrize(
    "text", ["工号,姓名\n1,张三,\n2,李四,,\n", "部门：,一部\n工号,姓名,部门\n1,张三,N\n2,李四,S\n"]
)
def test_blank_cells_at_the_end_and_lines_above_make_no_row_wider(tmp_path, text):
    assert codes(read(tmp_path, text)) == []
