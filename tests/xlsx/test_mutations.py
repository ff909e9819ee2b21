"""Workbooks whose parts were changed at random are read, changed, or refused in words: no traceback, no long wait."""

import random
import re
import shutil
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pytest
import small_book
from census import members
from effort import THOROUGH

import xlperf
from xlperf.policy import schemes
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.results import write_book
from xlperf.xlsx.errors import CannotSave

SCHEME = schemes.load("service-team")
RESULTS = {
    "results": pd.DataFrame({"employee_id": ["E1", "E2"], "name": ["Ann", "Bo"], "total": [88.5, 70.0]}),
    "run": pd.DataFrame({"item": ["xlperf"], "value": ["1"]}),
}
VALUES = (
    b"", b"x", b"-1", b"0", b"1e400", b"NaN", b"99999999999999999999", b"2000000000", b"A1", b"A1:B2", b"XFE1", b"A0", b"?:?",
    b"A:A", b"1:1", b"$B$2", b"rId1", b"rId99", b"../../../x.xml", b"\xe8\xa1\xa8", b"1.5", b"true", b"shared", b"array", b"s",
    b"&amp;", b"#REF!",
)  # fmt: skip
ATTRIBUTE = re.compile(rb' [\w:]+="[^"]*"')
TEXT = re.compile(rb">[^<]+<")
TAG = re.compile(rb"<[^>]*>")


def mutated(parts: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Return the parts of a workbook with one to three changes."""
    parts = dict(parts)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(sorted(parts))
        if chance.random() < 0.04:
            del parts[name]
        else:
            parts[name] = MUTATIONS[chance.randrange(len(MUTATIONS))](parts[name], chance)
    return parts


def replaced(pattern: re.Pattern[bytes], new):
    """Return how to change one of the places that a pattern finds."""

    def change(data: bytes, chance: random.Random) -> bytes:
        found = list(pattern.finditer(data))
        if not found:
            return data
        one = chance.choice(found)
        return data[: one.start()] + new(one[0], chance) + data[one.end() :]

    return change


def other_byte(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


MUTATIONS = (
    replaced(ATTRIBUTE, lambda old, chance: old.partition(b"=")[0] + b'="' + chance.choice(VALUES) + b'"'),
    replaced(ATTRIBUTE, lambda old, chance: old.partition(b"=")[0] + b'="' + chance.choice(VALUES) + b'"'),
    replaced(ATTRIBUTE, lambda _, __: b""),
    replaced(TEXT, lambda _, chance: b">" + chance.choice(VALUES) + b"<"),
    replaced(TAG, lambda _, __: b""),
    replaced(TAG, lambda old, _: old * 2),
    replaced(re.compile(rb"<(\w+)\b[^>]*/>"), lambda _, __: b""),
    replaced(re.compile(rb"<(\w+)\b[^>]*/>"), lambda old, _: old * 3),
    replaced(re.compile(rb"<(\w+)\b[^>/]*>[^<]*</\1>"), lambda _, __: b""),
    replaced(re.compile(rb"<(\w+)\b[^>/]*>[^<]*</\1>"), lambda old, _: old * 2),
    lambda data, chance: data[: chance.randrange(len(data) + 1)],
    other_byte,
)


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> dict[str, Path]:
    """Workbooks with everything that a run reads and writes, and one with everything that HR puts beside it."""
    folder = tmp_path_factory.mktemp("mutations")
    plain = small_book.save(folder / "plain.xlsx", small_book.policy("en"))
    write_book(plain, plain, RESULTS, SCHEME, "en", keep_backup=False)
    pytest.importorskip("xlsxwriter")
    from decorated import decorated

    full = folder / "full.xlsm"
    full.write_bytes(decorated())
    write_book(full, full, RESULTS, SCHEME, "en", keep_backup=False)
    return {"plain": plain, "full": full}


def attempt(path: Path, seed: int) -> None:
    """Read a workbook, change a cell and write results; only a refusal in words may keep it from that."""
    for work in (
        lambda: read_book(path),
        lambda: xlperf.edit_book(path, path.with_name(f"edited{path.suffix}"), {"Results": {"B2": seed}}),
        lambda: write_book(path, path.with_name(f"written{path.suffix}"), RESULTS, SCHEME, "en", keep_backup=False),
    ):
        with suppress(CannotSave):
            work()


LOTS = 20 if THOROUGH else 7  # of thirty changed workbooks each


@pytest.mark.parametrize("name", ["plain", "full"])
@pytest.mark.parametrize("lot", [0, *(pytest.param(lot, marks=pytest.mark.slow) for lot in range(1, LOTS))])
def test_a_changed_part_gives_an_answer_and_no_traceback(books, tmp_path, name, lot):
    parts, path = members(books[name]), tmp_path / books[name].name
    for seed in range(lot * 30, lot * 30 + 30):
        with ZipFile(path, "w", ZIP_DEFLATED) as package:
            for part, data in mutated(parts, random.Random(seed)).items():
                package.writestr(part, data)
        shutil.copy(path, tmp_path / "last-tried")  # what to look at where this test fails
        attempt(path, seed)
