"""The commands about the sheets of a workbook: sheets, add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    command,
    done,
    print_json,
    print_line,
    print_rows,
    problems_data,
    say,
    show_problems,
)
from xlperf.core.problems import Lang, Text

if TYPE_CHECKING:
    from xlperf.schema import Sheet


@command()
def sheets(
    name: Annotated[str | None, typer.Argument(help="One sheet. / 一张工作表。", show_default=False)] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the sheets that a workbook may have, or the columns of one. / 列出全部工作表，或说明一张表的各列。"""
    from xlperf.workbook.sheet_reference import sheet_data
    from xlperf.workflows.sheet_catalogue import sheets

    found, said = done(sheets(name), lang, as_json)
    if as_json:
        print_json([sheet_data(each) for each in found.sheets])
        return
    if name is None:
        _show_list(found.sheets, said)
    else:
        _show_sheet(found.sheets[0], said)


def _show_list(sheets: Sequence[Sheet], lang: Lang) -> None:
    """Print a line about each sheet."""
    from xlperf.workbook.write.home import ROLE_NAMES

    rows = [
        {
            "sheet": each.code,
            "title": each.title(lang),
            "role": ROLE_NAMES[each.role](lang),
            "about": each.about(lang),
        }
        for each in sheets
    ]
    headings = [Text("代码", "Sheet"), Text("名称", "Title"), Text("用途", "Kind"), Text("说明", "What it is for")]
    print_rows(rows, headings, lang, as_json=False)


def _show_sheet(sheet: Sheet, lang: Lang) -> None:
    """Print what a sheet is for, and its columns; of Home every setting too."""
    from xlperf.workbook.sheet_reference import in_one_line
    from xlperf.workbook.write.table_sheet import heading

    say(
        Text(
            f"{sheet.title.zh}（{sheet.code}）：{sheet.about.zh}", f"{sheet.title.en} ({sheet.code}): {sheet.about.en}"
        ),
        lang,
    )
    print_line()
    rows = [
        {
            "column": column.code,
            "heading": heading(column, sheet.role, lang),
            "note": in_one_line(column, sheet, lang),
        }
        for column in sheet
    ]
    print_rows(
        rows, [Text("代码", "Column"), Text("标题", "Heading"), Text("说明", "What stands there")], lang, as_json=False
    )
    if sheet.code == "settings":
        _show_settings(lang)


def _show_settings(lang: Lang) -> None:
    """Print every setting that Home may list, and how one is added."""
    from xlperf.policy.scheme.codec import setting_text
    from xlperf.schema.settings import SETTINGS
    from xlperf.workbook.sheet_reference import ADD_A_SETTING, setting_in_one_line, setting_name

    print_line()
    rows = [
        {
            "setting": setting_name(each, lang),
            "usual": setting_text(each, each.usual)(lang),
            "note": setting_in_one_line(each, lang),
        }
        for each in SETTINGS.values()
    ]
    headings = [Text("设置项", "Setting"), Text("常用", "Usual"), Text("说明", "What it means")]
    print_rows(rows, headings, lang, as_json=False)
    print_line()
    say(ADD_A_SETTING, lang)


@command()
def add(
    book: BookPath,
    names: Annotated[list[str], typer.Argument(help="Sheets of `xlperf sheets`. / 工作表。", show_default=False)],
    output: OutPath = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add empty sheets to a workbook, each where it belongs; all else stays as it is. / 在工作簿中增加工作表。"""
    from xlperf.workflows.sheet_catalogue import add

    found, said = done(add(book, names, output), lang, as_json)
    if as_json:
        data = {"workbook": str(output or book), "added": list(found.added), "there": list(found.there)}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    if found.problems:
        show_problems(found.problems, said)
    if found.added:
        zh, en = "、".join(found.added), ", ".join(found.added)
        say(Text(f"已加入 {found.written[0]}：{zh}", f"Added to {found.written[0]}: {en}"), said)
    else:
        say(Text("没有新的工作表，什么都没有写入。", "No sheet is new; nothing was written."), said)
