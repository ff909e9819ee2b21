"""Builds everything that is derived: the workbooks that ship, the texts of VBA and ribbon, the generated documents.

    python workbooks/build.py [FOLDER]

Empty templates, filled examples with their results and one workbook full of mistakes; ``templates/source``; the tables
of README.md, docs/functions.md, docs/sheets.md, and the guides as pages that the Help button opens. Without FOLDER the
checkout itself is renewed.

The examples are golden tests: a run of each must give the results that stand in it, and the workbook of mistakes must
give the messages that stand beside it, word for word.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from openpyxl import Workbook

from xlperf.binding.build import macro_workbook, modules
from xlperf.binding.reference import markdown
from xlperf.binding.ribbon import EDITIONS, ribbon_xml
from xlperf.core.problems import LANGUAGES, LEVEL_NAMES, Lang
from xlperf.core.vocabulary import WORDS
from xlperf.policy.catalogue import gallery, levels_of, system_of, uses
from xlperf.policy.rules import RULES
from xlperf.policy.schemes import load, names, offered
from xlperf.samples import sample, sample_period
from xlperf.schema import SHEETS
from xlperf.schema.settings import SETTINGS
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.sheet_reference import markdown as sheets_markdown
from xlperf.workbook.write.scheme_workbook import build
from xlperf.workflows.appraise_book import run
from xlperf.xlsx.atomic_save import save_atomically, write_atomically

ROOT = Path(__file__).parents[1]
VBA = ROOT / "xlperf" / "binding" / "vba"
MACRO_TEMPLATES = ("securities-crm", "service-team")
EXAMPLES = {("securities-crm", "zh"), ("securities-crm", "en"), ("service-team", "zh"), ("sales-pipeline", "en")}

PAGE_LOOK = (
    "body{max-width:56rem;margin:2rem auto;padding:0 1rem;font:16px/1.6 sans-serif}"
    "img{max-width:100%}"
    "pre{background:#f4f4f4;padding:.7rem;overflow:auto}"
    "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .6rem}"
)

MISTAKES: tuple[tuple[str, str, int, object], ...] = (
    ("indicators", "weight", 1, 4),
    ("indicators", "where", 2, {"zh": "检查日 属于 本期", "en": "check_date in period"}),
    ("indicators", "rule", 3, {"zh": "按次扣", "en": "deduct per occurence"}),
    ("indicators", "parameters", 4, {"zh": "每次扣分 = [X]", "en": "points_each = [X]"}),
    ("grades", "share", 2, "[X] %"),
    ("employees", "employee_id", 3, "{above}"),
    ("employees", "department", 5, {"zh": "客服部", "en": "Services"}),
    ("employees", "hire_date", 6, "2026-02-30"),
    ("employees", "status", 7, {"zh": "在织", "en": "activ"}),
    ("checks", "deduction", 4, "n/a?"),
    ("checks", "employee_id", 6, "20999"),
    ("checks", "date", 8, "#REF!"),
    ("adjustments", "points", 1, 12),
    ("adjustments", "clause", 2, None),
)


def main() -> None:
    """Build everything into the folders of the checkout, or into the folder that is named."""
    arguments = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    arguments.add_argument("folder", nargs="?", type=Path, default=ROOT)
    root: Path = arguments.parse_args().folder
    for folder in ("docs", "templates", "workbooks"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for lang in LANGUAGES:
        for name in offered():
            template(root / "templates" / f"{name}-{lang}.xlsx", name, lang)
            if name in MACRO_TEMPLATES:
                macro_template(root / "templates" / f"{name}-{lang}.xlsm", name, lang)
            if (name, lang) in EXAMPLES:
                example(root / "workbooks" / f"{name}-{lang}.xlsx", name, lang)
        mistakes(root / "workbooks" / f"mistakes-{lang}.xlsx", lang)
    source_texts(root / "templates" / "source")
    documents(root)


def template(path: Path, name: str, lang: Lang) -> None:
    """Build an empty workbook of a scheme."""
    save_atomically(build(load(name).with_settings(language=lang), {}, lang), path, keep_backup=False)


def macro_template(path: Path, name: str, lang: Lang) -> None:
    """Build an empty workbook of a scheme with buttons, functions and ribbon."""
    workbook = build(load(name).with_settings(language=lang), {}, lang)
    write_atomically(macro_workbook(workbook, lang), path, keep_backup=False)


def source_texts(folder: Path) -> None:
    """Write as text what the macro workbooks hold besides the modules of ``xlperf/binding/vba``, to be reviewed."""
    folder.mkdir(parents=True, exist_ok=True)
    written_by_hand = {each.name for each in VBA.iterdir()}
    for module in modules():
        file = f"{module.name}.{'cls' if module.kind == 'class' else 'bas'}"
        if file not in written_by_hand:
            (folder / file).write_text("\n".join(module.text.splitlines()) + "\n", "utf-8")
    part, namespace, _ = EDITIONS[0]
    for lang in LANGUAGES:
        (folder / f"{Path(part).stem}-{lang}.xml").write_bytes(ribbon_xml(lang, namespace))


# Documents --------------------------------------------------------------------------------------------------------


def documents(root: Path) -> None:
    """Write docs/functions.md, docs/sheets.md, docs/gallery.md, and README.md with its generated parts."""
    (root / "docs" / "functions.md").write_text(markdown(), "utf-8")
    (root / "docs" / "sheets.md").write_text(sheets_markdown(), "utf-8")
    drawn = {each.stem for each in (ROOT / "docs" / "gallery").glob("*.png")}
    (root / "docs" / "gallery.md").write_text(gallery(drawn), "utf-8")
    (root / "README.md").write_text(readme((ROOT / "README.md").read_text("utf-8"), root), "utf-8")
    pages = root / "xlperf" / "binding" / "guide"
    pages.mkdir(parents=True, exist_ok=True)
    for lang in LANGUAGES:
        (pages / f"guide-{lang}.html").write_text(guide_page(lang), "utf-8")


def guide_page(lang: Lang) -> str:
    """Return the guide of a language as one page for a browser, pictures within; links elsewhere become plain text."""
    text = (ROOT / "docs" / f"guide-{lang}.md").read_text("utf-8")
    reader = MarkdownIt("commonmark").enable("table")
    text = re.sub(r"(?<!!)\[([^\]]+)\]\((?!#)[^)]*\)", r"\1", text)
    tokens = reader.parse(re.sub(r"(?<=\]\()[\w-]+\.png(?=\))", lambda name: _as_data(ROOT / "docs" / name[0]), text))
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", re.sub(r"[^\w -]", "", inline.content.lower()).replace(" ", "-"))
    body = reader.renderer.render(tokens, reader.options, {})
    head = f'<meta charset="utf-8"><title>xlperf</title>\n<style>{PAGE_LOOK}</style>'
    return f'<!doctype html>\n<html lang="{lang}"><head>{head}</head><body>\n{body}</body></html>\n'


def _as_data(picture: Path) -> str:
    """Return a picture as an address that holds it, so that a page needs no file beside it."""
    return f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"


def readme(text: str, root: Path = ROOT) -> str:
    """Return the text of the README with its generated parts written anew."""
    parts = {"rules": rules_table(), "schemes": schemes_table(), "mistakes": some_mistakes(root)}
    for name, part in parts.items():
        before, head, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"\n<!-- /{name} -->")
        text = f"{before}{head}{part}{end}{after}"
    return text


def rules_table() -> str:
    """Return the table of scoring rules in Markdown."""
    head = "| rule | 中文 | | what it does |\n| --- | --- | --- | --- |"
    rows = [f"| `{each.code}` | {each.name.zh} | {each.name.en} | {each.summary.en} |" for each in RULES.values()]
    return "\n".join([head, *rows])


def schemes_table() -> str:
    """Return the table of schemes in Markdown."""
    head = "| system | scheme | | levels | period | exercises |\n| --- | --- | --- | --- | --- | --- |"
    rows = []
    for name in names():
        scheme = load(name)
        period = WORDS["period_kind"][scheme.settings.period_kind].en
        cells = (system_of(scheme), f"`{name}`", scheme.name("en"), levels_of(scheme).en, period, uses(scheme).en)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([head, *rows])


def some_mistakes(root: Path) -> str:
    """Return some messages of the workbook of mistakes, word for word."""
    messages = re.split(r"\n(?=\S)", (root / "workbooks" / "mistakes-en.txt").read_text("utf-8").strip())
    wanted = re.compile(r"\w+  (Employees!K|Grades!E3|Indicators!Q3|Employees!A3|Checks!F)")
    return "```\n" + "\n".join(each for each in messages if wanted.match(each)) + "\n```"


# Workbooks --------------------------------------------------------------------------------------------------------


def filled(name: str, lang: Lang) -> Workbook:
    """Build a workbook with sample data."""
    scheme = load(name)
    period = sample_period(scheme)
    assert period is not None
    return build(scheme.with_settings(language=lang, period=period.code), sample(name, period, lang), lang)


def example(path: Path, name: str, lang: Lang) -> None:
    """Build a workbook with sample data and its results."""
    save_atomically(filled(name, lang), path, keep_backup=False)
    done = run(path, keep_backup=False)
    assert not done.refused, [problem.found("en") for problem in done.problems]


def mistakes(path: Path, lang: Lang) -> None:
    """Build a workbook with one of each mistake, and beside it the messages that it gets."""
    workbook = filled("service-team", lang)
    home = workbook[SHEETS["settings"].title(lang)]
    for row in home.iter_rows():
        if row[0].value == SETTINGS["rest_grade"].name(lang) or (
            len(row) > 1 and row[1].value == SETTINGS["rest_grade"].name(lang)
        ):
            for cell in row:
                if cell.value == "C":
                    cell.value = None
    for sheet, column, below, value in MISTAKES:
        plant(workbook, sheet, column, below, value[lang] if isinstance(value, dict) else value, lang)
    save_atomically(workbook, path, keep_backup=False)
    book = read_book(path)
    problems = appraise(book.tables, book.scheme, found_before=book.problems).problems
    lines = [
        f"{LEVEL_NAMES[problem.level](lang)}  {problem.place}  {problem.found(lang)}\n"
        f"      {problem.expected(lang)}\n      {problem.remedy(lang)}\n"
        for problem in problems
    ]
    path.with_suffix(".txt").write_text("".join(lines), "utf-8")


def plant(workbook: Workbook, sheet: str, column: str, below: int, value: object, lang: Lang) -> None:
    """Type something wrong into a cell, so many rows below its heading."""
    ws, heading = workbook[SHEETS[sheet].title(lang)], SHEETS[sheet][column].name(lang)
    for row in ws.iter_rows():
        for cell in row:
            if str(cell.value).rstrip(" *") == heading:
                target = ws.cell(cell.row + below, cell.column)
                target.value = ws.cell(cell.row + below - 1, cell.column).value if value == "{above}" else value
                return
    raise LookupError(f"{heading} is not on {ws.title}")


if __name__ == "__main__":
    main()
