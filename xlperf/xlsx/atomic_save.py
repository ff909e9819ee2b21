"""Saves workbooks so that nothing can be lost: the file is whole, old or new, at any moment, and the old one is kept.

Two saves of the same workbook give the same bytes: neither the clock nor the machine leaves a trace in the file.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter

from xlperf.core.problems import Problem
from xlperf.xlsx.column_sheet import FrameWriter
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.exact_openpyxl import spelt
from xlperf.xlsx.formula import cached_of
from xlperf.xlsx.package.cached_values import with_cached

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FIXED_DATE = datetime(2000, 1, 1)
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
TEMPORARY_SUFFIX = ".xlperf-tmp"
TRIES = 100  # names for a temporary file
STYLES = "xl/styles.xml"
ORDER_IN_FONTS = (  # ECMA-376 part 1, A.2, CT_Font; openpyxl has another one
    *("b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name"),
    *("family", "charset", "scheme"),
)
WORKBOOKS = (".xlsx", ".xlsm")


def save_atomically(
    workbook: Workbook, path: str | Path, keep_backup: bool = True, unchanged: FileSnapshot | None = None
) -> None:
    """Save a workbook in place of a file that may exist.

    The workbook is written beside the file and takes its place in one step. Whatever happens meanwhile, the power
    failing included, the file is complete: either the old one or the new one.

    Parameters
    ----------
    workbook : Workbook
    path : path
    keep_backup : bool
        Whether the file that is replaced is kept, as ``NAME.backup.xlsx``.
    unchanged : FileSnapshot or None
        A file that must still be what it was; see :func:`write_atomically`.

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
    write_atomically(packed(workbook), path, keep_backup, unchanged)


def write_atomically(
    data: bytes, path: str | Path, keep_backup: bool = True, unchanged: FileSnapshot | None = None
) -> None:
    """Write a whole file in place of one that may exist, as ``save_atomically`` does with a workbook.

    Parameters
    ----------
    data : the contents of the file
    path : where to write; where a symbolic link stands, the file that it points to is replaced and the link stays
    keep_backup : whether the file that is replaced is kept, as ``NAME.backup.xlsx``
    unchanged : a file that must still be what it was when ``data`` was computed from it, or that must still be absent

    Raises
    ------
    CannotSave
        Where ``unchanged`` no longer holds, Excel holds the file open, or the folder cannot be written to or is full.
        The file is as it was.
    """
    path = _behind_links(Path(path))
    with _refusals(path, "file-held"), _folder_lock(path.parent):  # else another save takes ours for a leftover
        _remove_leftovers(path)
        with _refusals(path, "file-not-written"):
            handle, temporary = _temporary(path)
        try:
            with _refusals(path, "file-not-written"), os.fdopen(handle, "w+b") as stream:
                _hold(stream)
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if unchanged is not None:
                unchanged.demand()
            if path.exists():
                shutil.copymode(path, temporary)
                if keep_backup:
                    _keep(path, backup_of(path))
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def write_what_differs(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write files into a folder, which is made if need be; those that hold the same already are left alone.

    Returns
    -------
    The files that were written.

    Raises
    ------
    CannotSave
        Where one cannot be written, with the problem in words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in files:
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            write_atomically(content, path, keep_backup=False)
            written.append(path)
    return written


def backup_of(path: Path) -> Path:
    """Return where the previous file is kept.

    >>> backup_of(Path("appraisal.xlsx")).name
    'appraisal.backup.xlsx'
    """
    return path.with_name(f"{path.stem}.backup{path.suffix}")


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, unless it is there.

    Raises
    ------
    CannotSave
        Where it cannot be made.
    """
    with _refusals(path, "file-not-written"):
        path.mkdir(parents=True, exist_ok=True)


def demand_kind(source: Path, target: Path) -> None:
    """Refuse a target that is not named as a workbook of the kind that is written: a copy of ``source``.

    A workbook with macros under the name of one without does not open in Excel, nor the other way round.

    Raises
    ------
    CannotSave
        Where the target's ending is none of a workbook, or another one than the source's.
    """
    if target.suffix.lower() not in WORKBOOKS:
        raise CannotSave(Problem("target-kind", details={"cell": target.name}))
    if target.suffix.lower() != source.suffix.lower() and source.suffix.lower() in WORKBOOKS:
        details = {"cell": target.name, "file": source.name, "kind": source.suffix.lower()}
        raise CannotSave(Problem("target-other-kind", details=details))


@dataclass(frozen=True)
class FileSnapshot:
    """What a file held at one moment, so that a later save can tell whether somebody has changed it meanwhile.

    >>> path = Path(tempfile.mkdtemp()) / "book.xlsx"
    >>> absent = FileSnapshot.of(path)
    >>> _ = path.write_bytes(b"somebody else")
    >>> absent.holds(), FileSnapshot.of(path).holds()
    (False, True)
    """

    path: Path
    digest: bytes | None  # of the contents; None where there is no such file, or it cannot be read

    @classmethod
    def of(cls, path: Path) -> FileSnapshot:
        """Return what a file holds now."""
        try:
            with path.open("rb") as file:
                return cls(path, file_digest(file, "sha256").digest())
        except OSError:
            return cls(path, None)

    def holds(self) -> bool:
        """Whether the file is still what it was."""
        return FileSnapshot.of(self.path).digest == self.digest

    def is_of(self, path: Path, data: bytes) -> bool:
        """Whether it is of a file, and that held some contents."""
        return path == self.path and sha256(data).digest() == self.digest

    def demand(self) -> None:
        """Refuse to go on where the file is no longer what it was.

        Raises
        ------
        CannotSave
            Where its contents are others, or it is gone, or it has come to be.
        """
        if not self.holds():
            raise CannotSave(Problem("file-changed-meanwhile", details={"cell": self.path.name}))


@contextmanager
def _refusals(path: Path, code: str) -> Iterator[None]:
    """Tell in words that the system does not allow it, or that the disk is full."""
    try:
        yield
    except (OSError, ValueError) as refusal:  # a name that no file can have is a ValueError
        held = code if isinstance(refusal, PermissionError) else "file-not-written"
        raise CannotSave(Problem(held, details={"cell": path.name, "folder": str(path.parent)})) from refusal


def _behind_links(path: Path) -> Path:
    """Return the file that is to be replaced: the one that a symbolic link points to."""
    try:
        if not path.is_symlink():
            return path
        target = Path(os.path.realpath(path))
        if not target.is_symlink():  # it is where links go round in a circle
            return target
    except (OSError, ValueError):
        pass
    raise CannotSave(Problem("file-not-written", details={"cell": path.name, "folder": str(path.parent)}))


def _keep(path: Path, backup: Path) -> None:
    """Make the backup a second name of the file, or a copy where the disk knows no second names."""
    handle, spare = _temporary(path)
    os.close(handle)
    try:
        spare.unlink()
        try:
            os.link(path, spare)
        except OSError:
            _copy(path, spare)
        os.replace(spare, backup)
    finally:
        spare.unlink(missing_ok=True)  # it is still there if the backup was the same file already


def _copy(path: Path, spare: Path) -> None:
    with path.open("rb") as source, os.fdopen(open_new(spare, 0o600), "wb") as target:
        shutil.copyfileobj(source, target)
    shutil.copystat(path, spare)


# Temporary files --------------------------------------------------------------------------------------------------


def open_new(path: str | Path, mode: int = 0o666) -> int:
    """Create a file that must not exist yet, under its very name and not behind a link; return its descriptor.

    ``mode`` is narrowed by the umask, as for any new file.
    """
    no_link = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | no_link, mode)


def _temporary(path: Path) -> tuple[int, Path]:
    """Create a file beside another one, never readable by more people than that one is.

    A file that replaces another begins as its owner's alone and gets the other's permissions before it takes its place.
    """
    mode = 0o600 if path.exists() else 0o666
    for name in _names(_prefix(path)):
        try:
            return open_new(path.with_name(name), mode), path.with_name(name)
        except FileExistsError:
            continue
    raise FileExistsError(path)


def _names(prefix: str) -> Iterator[str]:
    for _ in range(TRIES):
        yield prefix + secrets.token_hex(4) + TEMPORARY_SUFFIX


def _prefix(path: Path) -> str:
    return f".{path.name}."


def _remove_leftovers(path: Path) -> None:
    """Remove what interrupted saves of the same file have left behind, but not what another save is writing now."""
    ours = re.compile(re.escape(_prefix(path)) + r"[a-z0-9_]{8}" + re.escape(TEMPORARY_SUFFIX))
    with suppress(OSError, ValueError):
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

    @contextmanager
    def _folder_lock(folder: Path) -> Iterator[None]:
        """Let one process at a time replace files of a folder, by a lock on a file that stands for the folder."""
        name = sha256(os.path.normcase(folder.resolve()).encode("utf-8", "surrogatepass")).hexdigest()
        with (Path(tempfile.gettempdir()) / f"xlperf-{name[:32]}.lock").open("a+b") as file:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _hold(stream: IO[bytes]) -> None:
        """Mark a file as being written; the mark goes with the process."""
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _in_use(path: Path) -> bool:
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False

    def _flush_folder(folder: Path) -> None:
        """Let the new name survive a power failure."""
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @contextmanager
    def _folder_lock(folder: Path) -> Iterator[None]:
        """Let one process at a time replace files of a folder, where the system locks folders."""
        handle = None
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if handle is not None:
                os.close(handle)


# Contents ---------------------------------------------------------------------------------------------------------


class _DatelessZip(ZipFile):
    """A package whose members bear no date of their own."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any) -> None:
        name = getattr(zinfo_or_arcname, "filename", zinfo_or_arcname)
        super().writestr(self._member(name), _with_ordered_fonts(data) if name == STYLES else data)

    def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:
        with open(filename, "rb") as source, self.open(self._member(arcname), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, 1 << 20)

    def _member(self, name: str) -> ZipInfo:
        member = ZipInfo(name, FIRST_ZIP_DATE)
        member.compress_type = self.compression
        member.create_system = 0  # as Excel does, wherever it is written
        member.external_attr = 0
        return member


def _with_ordered_fonts(styles: bytes | str) -> bytes:
    """Return the styles with what a font consists of in the order of the standard."""
    root = etree.fromstring(styles)
    for font in root.iter("{*}font"):
        font[:] = sorted(font, key=lambda each: ORDER_IN_FONTS.index(etree.QName(each).localname))
    return bytes(etree.tostring(root))


def packed(workbook: Workbook, without_columns: bool = False) -> bytes:
    """Return the workbook as the bytes of its file, the same whenever and wherever it is saved.

    ``without_columns`` leaves out the rows of column sheets: they give them to whoever asks.
    """
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
    writer = FrameWriter if without_columns else ExcelWriter
    with spelt(workbook, without_columns), _DatelessZip(file, "w", ZIP_DEFLATED, allowZip64=True) as package:
        writer(workbook, package).save()
    for picture, data in pictures:  # openpyxl closes what it has written, so that it could not be saved again
        picture.ref = BytesIO(data)
    results = cached_of(workbook, without_columns)
    return with_cached(file.getvalue(), results) if results else file.getvalue()
