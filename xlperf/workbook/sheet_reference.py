"""What each sheet and column is for, as data and as the page docs/sheets.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.policy.scheme.codec import setting_form, setting_text
from xlperf.schema import SHEETS, Column, Sheet
from xlperf.schema.settings import SETTINGS, Setting
from xlperf.workbook.write.home import ROLE_NAMES
from xlperf.workbook.write.table_sheet import note

ADD_A_SETTING = Text(
    "带 + 的设置项不是每个工作簿都有：在首页最后一个设置项下面新起一行，写上名称和取值。",
    "A setting marked + is not in every workbook: type its name and its value in a new row below the last one on Home.",
)


def sheet_data(sheet: Sheet) -> dict[str, Any]:
    """Return what there is to know of a sheet, in both languages.

    >>> sheet_data(SHEETS["grades"])["title"]
    {'zh': '等级', 'en': 'Grades'}
    """
    return {
        "sheet": sheet.code,
        "title": sheet.title._asdict(),
        "kind": sheet.role,
        "about": sheet.about._asdict(),
        "names": list(sheet.synonyms),
        "columns": [_column_data(column, sheet) for column in sheet],
    } | ({"settings": [setting_data(each) for each in SETTINGS.values()]} if sheet.code == "settings" else {})


def setting_data(setting: Setting) -> dict[str, Any]:
    """Return what there is to know of a setting of Home, in both languages.

    >>> setting_data(SETTINGS["trim_share"])["usual"]
    {'zh': '0%', 'en': '0%'}
    """
    return {
        "setting": setting.code,
        "name": setting.name._asdict(),
        "kind": setting.kind,
        "usual": setting_text(setting, setting.usual)._asdict(),
        "words": {code: word._asdict() for code, word in setting.vocabulary.items()} if setting.words else {},
        "always_on_home": not setting.extra and not setting.needs,
        "about": {lang: setting_in_one_line(setting, lang) for lang in LANGUAGES},
    }


def setting_in_one_line(setting: Setting, lang: Lang) -> str:
    """Return what a setting means and what it may hold, in one line.

    >>> setting_in_one_line(SETTINGS["calibration_budget"], "en")
    'The most that bonuses may come to after calibration; 0: no limit. Allowed: a number.'
    """
    between = "、" if lang == "zh" else ", "
    words = between.join(word(lang) for word in setting.vocabulary.values()) if setting.words else ""
    allowed = words or setting_form(setting)(lang)
    return f"{setting.meaning.zh}可填：{allowed}。" if lang == "zh" else f"{setting.meaning.en} Allowed: {allowed}."


def _column_data(column: Column, sheet: Sheet) -> dict[str, Any]:
    return {
        "column": column.code,
        "heading": column.name._asdict(),
        "kind": column.kind,
        "required": column.required,
        "words": {code: word._asdict() for code, word in column.vocabulary.items()} if column.words else {},
        "names": list(column.synonyms),
        "about": {lang: in_one_line(column, sheet, lang) for lang in LANGUAGES},
    }


def in_one_line(column: Column, sheet: Sheet, lang: Lang) -> str:
    """Return what the note on a heading says, in one line.

    >>> in_one_line(SHEETS["ratings"]["score"], SHEETS["ratings"], "en")
    'A number.'
    """
    return ("" if lang == "zh" else " ").join(note(column, sheet, lang).split("\n"))


def markdown() -> str:
    """Return the page of the documentation that lists every sheet and column.

    >>> markdown().splitlines()[0]
    '# Sheets · 工作表'
    """
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Sheets · 工作表"
    yield ""
    yield "Written by `python workbooks/build.py`. `xlperf sheets NAME` says the same, and `xlperf add BOOK NAME` adds"
    yield "a sheet to a workbook. A star marks what must be filled in; headings are understood in both languages."
    for role, name in ROLE_NAMES.items():
        for sheet in (each for each in SHEETS.values() if each.role == role):
            yield ""
            yield f"## {sheet.title.en} · {sheet.title.zh}"
            yield ""
            yield f"`{sheet.code}` ({name.en} · {name.zh}). {sheet.about.en} {sheet.about.zh}"
            yield ""
            yield "| column | heading | 标题 | what stands there | 说明 |"
            yield "| --- | --- | --- | --- | --- |"
            for column in sheet:
                star = " *" if column.required and role != "output" else ""
                texts = [in_one_line(column, sheet, lang) for lang in ("en", "zh")]
                cells = (f"`{column.code}`", f"{column.name.en}{star}", f"{column.name.zh}{star}", *texts)
                yield _markdown_row(cells)
            if sheet.code == "settings":
                yield from _settings_lines()


def _settings_lines() -> Iterator[str]:
    yield ""
    yield f"{ADD_A_SETTING.en} {ADD_A_SETTING.zh}"
    yield ""
    yield "| setting | name | 名称 | usual | 常用 | what it means | 说明 |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for setting in SETTINGS.values():
        usual = setting_text(setting, setting.usual)
        texts = [setting_in_one_line(setting, lang) for lang in ("en", "zh")]
        names = [setting_name(setting, lang) for lang in ("en", "zh")]
        yield _markdown_row((f"`{setting.code}`", *names, usual.en, usual.zh, *texts))


def setting_name(setting: Setting, lang: Lang) -> str:
    """Return the name of a setting, with a + where a new workbook may not list it.

    >>> setting_name(SETTINGS["place_figures"], "en")
    'Figures of places +'
    """
    return setting.name(lang) + (" +" if setting.extra or setting.needs else "")


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(each.replace('|', chr(92) + '|') for each in cells)} |"
