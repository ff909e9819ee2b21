"""Documents and code agree: glossary, architecture, links, and the page that opens each folder."""

import ast
import re
from pathlib import Path

from xlperf.cli import app
from xlperf.policy.rules import RULES
from xlperf.schema import find_sheet

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xlperf"
DOCUMENTS = [
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")),
]


def glossary():
    """The rows of docs/glossary.md: term, Chinese, code names, meaning, not to be confused with."""
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] != "term" and not row[0].startswith("---")]


def names_in_code():
    """Every name and every word of the package: modules, definitions, arguments, codes of columns and sheets."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        found |= set(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found |= {
                word for each in ("name", "id", "attr", "arg") if isinstance(word := getattr(node, each, None), str)
            }
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value.rstrip("*"))  # the mark of a column that is required
    return found


def test_each_term_of_the_glossary_stands_once_with_all_it_needs():
    rows = glossary()
    assert [row for row in rows if len(row) != 5 or not all(row[:4])] == []
    terms = [row[0] for row in rows]
    assert sorted(terms) == sorted(set(terms))
    chinese = [row[1] for row in rows]
    assert sorted(chinese) == sorted(set(chinese))


def test_each_code_name_of_the_glossary_is_in_the_code():
    known = names_in_code()
    named = [(row[0], name) for row in glossary() for name in re.findall("`([^`]+)`", row[2])]
    assert {term for term, _ in named} == {row[0] for row in glossary()}
    assert [each for each in named if each[1] not in known] == []


def test_each_path_of_the_architecture_and_of_contributing_exists():
    for name in ("docs/architecture.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text("utf-8")
        whole = re.findall(r"`((?:xlperf|tests|workbooks|docs)/[\w/.-]*)`", text)
        short = re.findall(r"^[ │▼]+((?:[a-z_]+/)+\w+\.py)", text, re.M)
        assert len(whole) > 10
        missing = [
            path for path in whole if not ({"NAME", "CODE"} & set(re.split("[/.]", path)) or (ROOT / path).exists())
        ]
        assert missing + [path for path in short if not (PACKAGE / path).exists()] == []


def test_every_link_leads_somewhere_and_every_document_is_in_the_index():
    missing = [
        (path.name, target)
        for path in DOCUMENTS
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert missing == []
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    assert [
        path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md" and f"({path.name})" not in index
    ] == []


def test_each_folder_opens_with_its_nouns_and_where_a_change_goes():
    folders = sorted(path for path in PACKAGE.rglob("__init__.py"))
    opening = {path: ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for path in folders}
    assert [path for path, text in opening.items() if not re.search("(?i)\\bnouns?\\b", text)] == []


def test_each_feature_says_where_it_is_met_and_what_shows_it():
    text = (ROOT / "docs" / "features.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if re.match(r"\| \d", line)
    ]
    assert [int(number) for number, *_ in rows] == list(range(1, 113))
    commands = {each.name or each.callback.__name__ for each in app.registered_commands} | {"excel"}
    for number, _, where, shown in rows:
        assert set(re.findall(r"`xlperf ([a-z-]+)", where)) <= commands, number
        assert set(re.findall(r"`xlperf rules (\w+)", where)) <= RULES.keys(), number
        named = re.findall(r"sheets? ((?:[A-Z][a-z-]+(?: [a-z]+)?(?:, )?)+)", where)
        titles = [title for names in named for title in names.removesuffix(" and cards").split(", ")]
        assert [title for title in titles if find_sheet(title) is None] == [], number
        if (test := re.fullmatch(r"`(tests/[\w/]+\.py)::(\w+)`", shown)) is None:
            assert re.match(r"(not yet|partly): ", shown), number
        else:
            assert f"def {test[2]}(" in (ROOT / test[1]).read_text("utf-8"), number
