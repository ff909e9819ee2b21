"""What is asked of a file before it is opened: that it is there, that it is a workbook, and that it is harmless.

Only the directory of the package and the first bytes of its members are read. Nothing is computed and no macro is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile
from zlib import error as ZlibError  # noqa: N812

from lxml import etree  # type: ignore[import-untyped]
from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]

from xlperf.core.problems import Problem, Text
from xlperf.xlsx.reader.relations import fold_part_name, read_relations, relations_part

MOST_BYTES_UNPACKED = 2 << 30
SMALL_MEMBER_BYTES = 1 << 20  # members up to this size may be packed as tightly as they like
MOST_TIMES_SMALLER = 200  # honest workbooks of a corpus of 1,900 stayed below 121
FIRST_BYTES = 4096
DAMAGED = (  # what reading a damaged package may end in
    BadZipFile, ZlibError, XMLSyntaxError, LookupError, ValueError, EOFError, NotImplementedError, OSError
)  # fmt: skip
_DOCUMENT_TYPE, _BLANKS_AND_MARKS = b"<!DOCTYPE", b" \t\r\n\xef\xbb\xbf\xff\xfe"
_PASSED_OVER = ((b"<!--", b"-->"), (b"<?", b"?>"))
_PACKAGE = b"PK\x03\x04"
_COMPOUND_FILE = bytes.fromhex("D0CF11E0A1B11AE1")
_LOCK_FILES = {  # beside a file that is open
    "~${name}": Text("Excel", "Excel"),
    ".~lock.{name}#": Text("LibreOffice", "LibreOffice"),
    ".~{name}": Text("WPS", "WPS"),
}


def check_package(path: Path) -> list[Problem]:
    """Return what keeps a file from being opened as a workbook without harm.

    Parameters
    ----------
    path : Path
        The .xlsx or .xlsm file; its contents are not trusted.

    Returns
    -------
    list of Problem
        An error where it must not be opened: missing, protected by a password, of another kind, damaged, or made to
        exhaust the memory. A warning where it is open elsewhere, so that unsaved changes are not seen.

    Examples
    --------
    >>> [problem.code for problem in check_package(Path("no such book.xlsx"))]
    ['file-missing']
    """
    if not path.is_file():
        return [Problem("file-missing", details={"file": path.name})]
    try:
        code = _trouble(path)
    except PermissionError:
        code = "file-locked"
    except DAMAGED:
        code = "book-damaged"
    found = [code] if code else []
    return [Problem(code, details={"file": path.name}) for code in found] + list(_open_elsewhere(path))


def _trouble(path: Path) -> str | None:
    """Return the code of what forbids opening the file."""
    with path.open("rb") as file:
        start = file.read(len(_COMPOUND_FILE))
    if start == _COMPOUND_FILE:
        return "book-protected" if "EncryptedPackage".encode("utf-16-le") in path.read_bytes() else "book-old-format"
    if not is_zipfile(path):  # what begins like a package, or does not begin at all, was cut off
        return "book-damaged" if start[: len(_PACKAGE)] in (_PACKAGE, b"") else "book-not-excel"
    with ZipFile(path) as package:
        members = package.infolist()
        if any(member.flag_bits & 1 for member in members):
            return "book-protected"
        if _is_bomb(members):
            return "book-too-large"
        if any(_declares_document_type(package, member) for member in members):
            return "book-entities"
        if not (any(_is_main(member) for member in members) or _main_is_workbook(package)):
            return "book-other-kind"
    return None


def _is_bomb(members: list[ZipInfo]) -> bool:
    return sum(member.file_size for member in members) > MOST_BYTES_UNPACKED or any(
        member.file_size > max(SMALL_MEMBER_BYTES, MOST_TIMES_SMALLER * member.compress_size) for member in members
    )


def _is_main(member: ZipInfo) -> bool:
    return member.filename.lower().endswith("workbook.xml")


def _main_is_workbook(package: ZipFile) -> bool:
    """Whether the main part is that of a workbook, whatever its name."""
    names = {fold_part_name(name): name for name in package.namelist()}

    def find(name: str) -> str | None:
        return names.get(fold_part_name(name))

    try:
        relations = read_relations("", package.read(names[relations_part("")]), find)
        main = next(each.target for each in relations if each.name == "officeDocument")
        root = etree.fromstring(package.read(main), etree.XMLParser(resolve_entities=False, no_network=True))
    except (*DAMAGED, StopIteration):
        return False
    return bool(etree.QName(root).localname == "workbook")


def _declares_document_type(package: ZipFile, member: ZipInfo) -> bool:
    """Whether a document type stands before the first element of a part, which no office program writes.

    Comments and instructions may stand before it, however long; they are passed over piece by piece.
    """
    with package.open(member) as stream:
        data = b""
        while piece := stream.read(FIRST_BYTES).replace(b"\0", b""):  # without the empty halves of UTF-16
            data = (data + piece).lstrip(_BLANKS_AND_MARKS)
            while end := next((end for start, end in _PASSED_OVER if data.startswith(start)), b""):
                body = data[2:]
                while end not in body:
                    if not (piece := stream.read(FIRST_BYTES).replace(b"\0", b"")):
                        return False
                    body = body[-len(end) :] + piece
                data = body.partition(end)[2].lstrip(_BLANKS_AND_MARKS)
            if len(data) >= len(_DOCUMENT_TYPE):
                break
        return data[: len(_DOCUMENT_TYPE)].upper() == _DOCUMENT_TYPE


def _open_elsewhere(path: Path) -> Iterator[Problem]:
    for pattern, program in _LOCK_FILES.items():
        if path.with_name(pattern.format(name=path.name)).exists():
            yield Problem("book-open", details={"file": path.name, "program": program})
