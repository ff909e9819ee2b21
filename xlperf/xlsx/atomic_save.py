"""Saves workbooks so that nothing can be lost: the file is whole, old or new, at any moment, and the old one is kept.

Two saves of the same workbook give the same bytes: neither the clock nor the machine leaves a trace in the file.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter

from xlperf.core.problems import Problem
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.formula import cached_of
from xlperf.xlsx.package.cached_values import with_cached

if sys.platform != "win32":
    import fcntl

FIXED_DATE = datetime(2000, 1, 1)
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
TEMPORARY_SUFFIX = ".xlperf-tmp"


def save_atomically(workbook: Workbook, path: str | Path, keep_backup: bool = True) -> None:
    """Save a workbook in place of a file that may exist.

    The workbook is written beside the file and takes its place in one step. Whatever happens meanwhile, the power
    failing included, the file is complete: either the old one or the new one.

    Parameters
    ----------
    workbook : Workbook
    path : path
    keep_backup : bool
        Whether the file that is replaced is kept, as ``NAME.backup.xlsx``.

    Raises
    ------
    CannotSave
        Where Excel holds the file open, or the folder cannot be written to or is full. The file is as it was.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> save_atomically(Workbook(), folder / "book.xlsx")
    >>> save_atomically(Workbook(), folder / "book.xlsx")
    >>> sorted(each.name for each in folder.iterdir())
    ['book.backup.xlsx', 'book.xlsx']
    """
    write_atomically(packed(workbook), path, keep_backup)


def write_atomically(data: bytes, path: str | Path, keep_backup: bool = True) -> None:
    """Write a whole file in place of one that may exist, as ``save_atomically`` does with a workbook."""
    path = Path(path)
    _remove_leftovers(path)
    with _refusals(path, "file-not-written"):
        handle, name = tempfile.mkstemp(TEMPORARY_SUFFIX, _prefix(path), path.parent)
    temporary = Path(name)
    try:
        with _refusals(path, "file-not-written"), os.fdopen(handle, "w+b") as stream:
            _hold(stream)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _copy_permissions(path, temporary)
        with _refusals(path, "file-held"):
            if keep_backup and path.exists():
                _keep(path, backup_of(path))
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def backup_of(path: Path) -> Path:
    """Return where the previous file is kept.

    >>> backup_of(Path("appraisal.xlsx")).name
    'appraisal.backup.xlsx'
    """
    return path.with_name(f"{path.stem}.backup{path.suffix}")


@contextmanager
def _refusals(path: Path, code: str) -> Iterator[None]:
    """Tell in words that the system does not allow it, or that the disk is full."""
    try:
        yield
    except OSError as refusal:
        held = code if isinstance(refusal, PermissionError) else "file-not-written"
        raise CannotSave(Problem(held, details={"cell": path.name, "folder": str(path.parent)})) from refusal


def _keep(path: Path, backup: Path) -> None:
    """Make the backup a second name of the file, or a copy where the disk knows no second names."""
    handle, name = tempfile.mkstemp(TEMPORARY_SUFFIX, _prefix(path), path.parent)
    os.close(handle)
    spare = Path(name)
    try:
        spare.unlink()
        try:
            os.link(path, spare)
        except OSError:
            shutil.copy2(path, spare)
        os.replace(spare, backup)
    finally:
        spare.unlink(missing_ok=True)  # it is still there if the backup was the same file already


# Temporary files --------------------------------------------------------------------------------------------------


def _prefix(path: Path) -> str:
    return f".{path.name}."


def _remove_leftovers(path: Path) -> None:
    """Remove what interrupted saves of the same file have left behind, but not what another save is writing now."""
    ours = re.compile(re.escape(_prefix(path)) + r"[a-z0-9_]{8}" + re.escape(TEMPORARY_SUFFIX))
    if path.parent.is_dir():
        for each in path.parent.iterdir():
            if ours.fullmatch(each.name) and not _in_use(each):
                with suppress(OSError):
                    each.unlink()


if sys.platform == "win32":

    def _hold(stream: IO[bytes]) -> None:
        """An open file cannot be removed on Windows."""

    def _in_use(path: Path) -> bool:
        return False

    def _flush_folder(folder: Path) -> None:
        """Windows writes folders by itself."""

else:

    def _hold(stream: IO[bytes]) -> None:
        """Mark a file as being written; the mark goes with the process."""
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _in_use(path: Path) -> bool:
        try:
            with path.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False

    def _flush_folder(folder: Path) -> None:
        """Let the new name survive a power failure."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):
                os.fsync(handle)
        finally:
            os.close(handle)


def _copy_permissions(path: Path, temporary: Path) -> None:
    """Give the new file the permissions of the old one, or those of any new file."""
    if path.exists():
        shutil.copymode(path, temporary)
    else:
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)


# Contents ---------------------------------------------------------------------------------------------------------


class _DatelessZip(ZipFile):
    """A package whose members bear no date of their own."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any) -> None:
        name = getattr(zinfo_or_arcname, "filename", zinfo_or_arcname)
        super().writestr(self._member(name), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:
        with open(filename, "rb") as source, self.open(self._member(arcname), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, 1 << 20)

    def _member(self, name: str) -> ZipInfo:
        member = ZipInfo(name, FIRST_ZIP_DATE)
        member.compress_type = self.compression
        member.create_system = 0  # as Excel does, wherever it is written
        member.external_attr = 0
        return member


def packed(workbook: Workbook) -> bytes:
    """Return the workbook as the bytes of its file, the same whenever and wherever it is saved."""
    properties: Any = workbook.properties
    if properties.creator in (None, "openpyxl"):  # nobody's own
        properties.creator, properties.created = "xlperf", FIXED_DATE
    properties.modified = FIXED_DATE
    calculation: Any = workbook.calculation
    calculation.fullCalcOnLoad = False
    file = BytesIO()
    pictures = [
        (picture, picture.ref.getvalue())
        for ws in workbook.worksheets
        for picture in cast("Any", ws)._images
        if isinstance(picture.ref, BytesIO)
    ]
    with _DatelessZip(file, "w", ZIP_DEFLATED, allowZip64=True) as package:
        ExcelWriter(workbook, package).save()
    for picture, data in pictures:  # openpyxl closes what it has written, so that it could not be saved again
        picture.ref = BytesIO(data)
    results = cached_of(workbook)
    return with_cached(file.getvalue(), results) if results else file.getvalue()
