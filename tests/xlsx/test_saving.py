"""Saving: whatever happens, the file is whole, and the one that was there is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from xlperf.policy import schemes
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx import atomic_save as saving
from xlperf.xlsx.atomic_save import backup_of, save_atomically
from xlperf.xlsx.errors import CannotSave

ROWS = 1500

# Saves books full of "a" and of "b" by turns, for ever; at a moment that is named the process ends as kill -9 would.
CHILD = f"""
import os, stat, sys
from itertools import cycle
from pathlib import Path
from openpyxl import Workbook
from xlperf.xlsx import atomic_save as saving

def book(letter):
    workbook = Workbook()
    for _ in range({ROWS}):
        workbook.active.append([letter] * 4)
    return workbook

path, moment = Path(sys.argv[1]), sys.argv[2]
moments = {{
    "the new file is written": ("fsync", lambda file: stat.S_ISREG(os.fstat(file).st_mode)),
    "the previous file gets a second name": ("link", lambda file, name: Path(file) == path),
    "this name becomes the backup's": ("replace", lambda file, name: Path(name) == saving.backup_of(path)),
    "the new file takes its place": ("replace", lambda file, name: Path(name) == path),
    "the folder is written": ("fsync", lambda file: stat.S_ISDIR(os.fstat(file).st_mode)),
}}

def deadly(work, is_the_moment):
    def step(*args):
        if is_the_moment(*args):
            os._exit(9)
        return work(*args)
    return step

books = [book("a"), book("b")]
if moment:
    step, is_the_moment = moments[moment]
    setattr(os, step, deadly(getattr(os, step), is_the_moment))
for workbook in cycle(books):
    saving.save_atomically(workbook, path)
    print("saved", flush=True)
"""


def book_of(letter: str) -> Workbook:
    workbook = Workbook()
    for _ in range(ROWS):
        workbook.active.append([letter] * 4)
    return workbook


def letter_in(path: Path) -> str:
    """Return the letter that fills a workbook, having made sure that it is whole."""
    rows = list(load_workbook(path).active.iter_rows(values_only=True))
    (letter,) = {value for row in rows for value in row}
    assert len(rows) == ROWS
    return letter


def saver(path: Path, moment: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(path), moment]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def leftovers(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.name.startswith(".")]


@pytest.mark.slow
def test_the_file_is_whole_whenever_the_process_is_killed(tmp_path):
    path = tmp_path / "book.xlsx"
    seen = set()
    for times in range(2, 7):
        child = saver(path)
        for _ in range(times):
            assert child.stdout.readline() == "saved\n"
        child.kill()
        child.wait()
        seen.add(letter_in(path))
        assert letter_in(backup_of(path)) in "ab"
    assert seen <= {"a", "b"}
    save_atomically(book_of("c"), path)
    assert letter_in(path) == "c"
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="fsync is called at other places")
@pytest.mark.parametrize(
    ("moment", "now", "kept"),
    [
        ("the new file is written", "x", None),
        ("the previous file gets a second name", "x", None),
        ("this name becomes the backup's", "x", None),
        ("the new file takes its place", "x", "x"),
        ("the folder is written", "a", "x"),
    ],
)
def test_the_file_is_whole_wherever_the_process_ends(moment, now, kept, tmp_path):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("x"), path)
    child = saver(path, moment)
    child.communicate()
    assert child.returncode == 9
    assert letter_in(path) == now
    assert backup_of(path).exists() == (kept is not None)
    if kept:
        assert letter_in(backup_of(path)) == kept
    save_atomically(book_of("y"), path)
    assert (letter_in(path), letter_in(backup_of(path))) == ("y", now)
    assert leftovers(tmp_path) == []


def test_the_previous_file_is_kept_once(tmp_path):
    path = tmp_path / "book.xlsx"
    for letter in "abc":
        save_atomically(book_of(letter), path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["book.backup.xlsx", "book.xlsx"]
    assert (letter_in(path), letter_in(backup_of(path))) == ("c", "b")


def test_no_backup_where_none_is_wanted_and_none_of_a_new_file(tmp_path):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    assert not backup_of(path).exists()
    save_atomically(book_of("b"), path, keep_backup=False)
    assert not backup_of(path).exists()
    assert letter_in(path) == "b"


def test_a_disk_without_second_names_keeps_a_copy(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    save_atomically(book_of("b"), path)
    assert (letter_in(path), letter_in(backup_of(path))) == ("b", "a")
    assert leftovers(tmp_path) == []


def refuse_to_replace(refused: Path):
    replace = os.replace

    def step(source, target):
        if Path(target) == refused:
            raise PermissionError(13, "used by another process")
        replace(source, target)

    return step


def test_a_file_that_excel_holds_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    monkeypatch.setattr(os, "replace", refuse_to_replace(path))
    with pytest.raises(CannotSave) as refusal:
        save_atomically(book_of("b"), path)
    problem = refusal.value.problem
    assert (problem.code, problem.level) == ("file-held", "error")
    assert all("book.xlsx" in problem.found(lang) for lang in ("zh", "en"))
    assert letter_in(path) == "a"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("place", ["nowhere/book.xlsx", "file.txt/book.xlsx"])
def test_a_place_that_cannot_be_written_to_is_told_in_words(place, tmp_path):
    (tmp_path / "file.txt").write_text("not a folder")
    with pytest.raises(CannotSave) as refusal:
        save_atomically(book_of("a"), tmp_path / place)
    assert refusal.value.problem.code == "file-not-written"
    assert refusal.value.problem.remedy("zh")


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotSave) as refusal:
        save_atomically(book_of("b"), path)
    assert refusal.value.problem.code == "file-not-written"
    assert letter_in(path) == "a"
    assert leftovers(tmp_path) == []


def test_a_workbook_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    workbook = book_of("b")
    workbook.properties.title = "\x00"
    with pytest.raises(ValueError, match="XML"):
        save_atomically(workbook, path)
    assert letter_in(path) == "a"
    assert leftovers(tmp_path) == []


def test_only_our_leftovers_of_the_same_file_are_removed(tmp_path):
    path = tmp_path / "book [1].xlsx"
    ours = ".book [1].xlsx.abcd_123.xlperf-tmp"
    others = [".book 1.xlsx.abcd_123.xlperf-tmp", ".book [1].xlsx.abcd_123.tmp", "~$book [1].xlsx", ".book [1].xlsx"]
    for name in (ours, *others):
        (tmp_path / name).write_text("")
    save_atomically(book_of("a"), path)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*others, path.name])


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there anyway")
def test_what_another_save_is_writing_is_not_removed(tmp_path):
    path = tmp_path / "book.xlsx"
    busy = tmp_path / ".book.xlsx.abcd_123.xlperf-tmp"
    with busy.open("wb") as stream:
        saving._hold(stream)
        save_atomically(book_of("a"), path)
        assert busy.exists()
    save_atomically(book_of("a"), path)
    assert not busy.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_permissions_stay(tmp_path):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    (tmp_path / "plain").write_text("")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    path.chmod(0o640)
    save_atomically(book_of("b"), path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_same_workbook_gives_the_same_bytes_at_another_time(tmp_path, monkeypatch):
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    now = time.time()
    for each, later in zip(files, (0, 86_400), strict=True):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        save_atomically(build(schemes.load("service-team"), lang="zh"), each)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_file_names_no_day_and_only_xlperf(tmp_path):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    properties = load_workbook(path).properties
    assert (properties.creator, properties.created, properties.modified) == ("xlperf", *[datetime(2000, 1, 1)] * 2)


def test_the_author_of_a_workbook_stays_its_author(tmp_path):
    path = tmp_path / "book.xlsx"
    workbook = book_of("a")
    workbook.properties.creator, workbook.properties.created = "Ann", datetime(2020, 2, 2)
    save_atomically(workbook, path)
    properties = load_workbook(path).properties
    assert (properties.creator, properties.created) == ("Ann", datetime(2020, 2, 2))


def test_excel_is_not_told_to_compute_everything_anew(tmp_path):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    assert load_workbook(path).calculation.fullCalcOnLoad is False


def test_a_saved_workbook_can_be_saved_again(tmp_path):
    path = tmp_path / "book.xlsx"
    workbook = book_of("a")
    workbook.active["A1"].comment = Comment("note", "Ann")
    save_atomically(workbook, path)
    shutil.copy(path, tmp_path / "copy.xlsx")
    save_atomically(workbook, path)
    assert path.read_bytes() == (tmp_path / "copy.xlsx").read_bytes()


# What others do with the file meanwhile ------------------------------------------------------------------------------


def test_a_file_that_was_changed_after_it_was_read_is_left_alone(tmp_path):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    read = saving.FileSnapshot.of(path)
    save_atomically(book_of("b"), path, unchanged=read)
    with pytest.raises(CannotSave) as refusal:
        save_atomically(book_of("c"), path, unchanged=read)
    assert refusal.value.problem.code == "file-changed-meanwhile"
    assert (letter_in(path), letter_in(backup_of(path))) == ("b", "a")
    assert leftovers(tmp_path) == []


def test_a_file_that_was_not_there_must_still_be_absent(tmp_path):
    path = tmp_path / "book.xlsx"
    absent = saving.FileSnapshot.of(path)
    save_atomically(book_of("a"), path, unchanged=absent)
    with pytest.raises(CannotSave):
        save_atomically(book_of("b"), path, unchanged=absent)
    assert letter_in(path) == "a"


def test_of_many_saves_of_what_was_read_at_once_one_is_done(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"0")
    read, ready = saving.FileSnapshot.of(path), threading.Barrier(8)

    def save(number):
        ready.wait()
        try:
            saving.write_atomically(str(number).encode() * 9, path, unchanged=read)
        except CannotSave as refusal:
            return refusal.problem.code
        return number

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(save, range(1, 9)))
    (winner,) = [each for each in done if each != "file-changed-meanwhile"]
    assert path.read_bytes() == str(winner).encode() * 9
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_stays_and_the_file_that_it_points_to_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "october.xlsx", tmp_path / "book.xlsx"
    save_atomically(book_of("a"), real)
    link.symlink_to(real)
    save_atomically(book_of("b"), link)
    assert link.is_symlink()
    assert (letter_in(real), letter_in(backup_of(real))) == ("b", "a")
    assert leftovers(tmp_path) == leftovers(real.parent) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_in_a_circle_are_refused_in_words(tmp_path):
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(CannotSave):
        save_atomically(book_of("a"), one)
    assert one.is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_a_file_is_never_open_to_more_people_than_the_one_it_replaces(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    save_atomically(book_of("a"), path)
    path.chmod(0o600)
    seen = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (seen.append(os.fstat(file).st_mode & 0o777), fsync(file)))
    save_atomically(book_of("b"), path)
    assert seen[0] == 0o600
    assert {each.stat().st_mode & 0o777 for each in (path, backup_of(path))} == {0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_temporary_file_is_never_somebody_elses(tmp_path, monkeypatch):
    path, trap = tmp_path / "book.xlsx", tmp_path / "precious"
    trap.write_text("keep")
    names = iter(["trapped0", "mine0000"])
    monkeypatch.setattr(saving.secrets, "token_hex", lambda _: next(names))
    (tmp_path / f".book.xlsx.trapped0{saving.TEMPORARY_SUFFIX}").symlink_to(trap)
    save_atomically(book_of("a"), path)
    assert trap.read_text() == "keep"
    assert letter_in(path) == "a"


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("book.xlsx", "out.txt", "target-kind"),
        ("book.xlsx", "out.xls", "target-kind"),
        ("book.xlsx", "out", "target-kind"),
        ("book.xlsx", "out.xlsm", "target-other-kind"),
        ("book.xlsm", "out.xlsx", "target-other-kind"),
        ("book.xlsx", "OUT.XLSX", None),
        ("book.xlsm", "out.xlsm", None),
    ],
)
def test_a_target_is_named_as_a_workbook_of_its_kind(source, target, code):
    try:
        saving.demand_kind(Path(source), Path(target))
        found = None
    except CannotSave as refusal:
        found = refusal.problem.code
    assert found == code
