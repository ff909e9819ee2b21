"""The VBA project of a workbook: made, read and replaced without Excel. The only module that knows pyOpenVBA."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import error as StructError  # noqa: N812
from typing import Literal

from pyopenvba import ExcelFile, PyOpenVBAError, VBAModuleKind  # type: ignore[import-untyped]
from pyopenvba.cfb import CFB  # type: ignore[import-untyped]
from pyopenvba.vba import compress, parse_vba_project, serialize_dir_stream  # type: ignore[import-untyped]

from xlperf.xlsx.package.opc import Workbook, child
from xlperf.xlsx.package.zip_members import Parts

Kind = Literal["standard", "class", "document"]
NO_CACHE = b"\xcc\x61\xff\xff\x00\x01\x00"  # of the stream _VBA_PROJECT: every version compiles anew, MS-OVBA 2.3.4.1
STORAGE = "VBA"
_OF_WORKBOOKS = "{00020819-"  # begins what Excel calls the class of a workbook

_BROKEN = (PyOpenVBAError, ArithmeticError, EOFError, LookupError, OSError, StructError, ValueError)


class BrokenProject(Exception):  # noqa: N818 - a finding about the file
    """The VBA project of a file cannot be read."""


@dataclass(frozen=True)
class Module:
    """One module as text; ``document`` is the code of the workbook itself, which is always there."""

    name: str
    text: str
    kind: Kind = "standard"

    @property
    def lines(self) -> str:
        """The text as VBA keeps it: without the line that names the module, and each line ended as on Windows."""
        head, _, rest = self.text.partition("\n")
        text = rest if head.startswith("Attribute VB_Name") else self.text
        return "\r\n".join(text.splitlines()) + "\r\n"


def with_modules(package: bytes, modules: Iterable[Module], gone: Iterable[str] = ()) -> bytes:
    """Return a macro-enabled workbook with these modules in its VBA project, which is made where there is none.

    Modules of the same names are replaced, those named in ``gone`` leave, all others stay as they are. No compiled code
    stays: it is that of one version, and each Excel makes its own of the text.

    Raises
    ------
    BrokenProject
        Where the project cannot be read, or has no place for the code of the workbook.
    """
    with _opened(package) as (book, path):
        project = book.vba_project() if book.has_vba_project() else book.add_vba_project()
        for name in gone:
            project.delete_module(name)
        there = {name.casefold() for name in project.module_names()}
        for module in modules:
            if module.name.casefold() in there:
                book.set_module(module.name, module.lines)
            elif module.kind == "document":
                raise BrokenProject(f"no module {module.name} of the workbook")
            else:
                kind = VBAModuleKind.standard if module.kind == "standard" else VBAModuleKind.other
                project.add_module(module.name, module.lines, kind=kind)
        book.save(allow_invalidate_signature=True)
        return _without_caches(path.read_bytes())


def workbook_module(package: bytes, texts: Mapping[str, str]) -> str | None:
    """Return the module of the workbook itself, whose name depends on the language of Excel.

    Parameters
    ----------
    package : the file
    texts : its modules, as :func:`modules_of` returns them; without any, the name that its module will have
    """
    book = Workbook(Parts.read(package))
    properties = child(book.root, "workbookPr")
    named = properties.get("codeName", "") if properties is not None else ""
    if named and (not texts or named in texts):
        return str(named)
    return next((name for name, text in texts.items() if _OF_WORKBOOKS in text), None)


def _without_caches(file: bytes) -> bytes:
    """Return a workbook whose VBA project holds its text only."""
    parts = Parts.read(file)
    part = Workbook(parts).part_of("vbaProject")
    storage = CFB.from_bytes(parts[part])
    project = parse_vba_project(storage)
    for module in project.modules:
        if module.text_offset:
            text = storage.get_stream_in_storage(STORAGE, module.stream_name)[module.text_offset :]
            storage.write_stream_in_storage(STORAGE, module.stream_name, text)
            module.text_offset = 0
    storage.write_stream_in_storage(STORAGE, "dir", compress(serialize_dir_stream(project)))
    storage.write_stream_in_storage(STORAGE, "_VBA_PROJECT", NO_CACHE)
    parts[part] = storage.to_bytes()
    return parts.packed()


def modules_of(package: bytes) -> Mapping[str, str]:
    """Return the text of every VBA module of a workbook by its name.

    Raises
    ------
    BrokenProject
        Where the file has a project that cannot be read.
    """
    with _opened(package) as (book, _):
        return dict(book.vba_modules())


def faults_of(package: bytes) -> list[str]:
    """Return what does not fit together in the VBA project of a workbook."""
    with _opened(package) as (book, _):
        return list(book.validate())


@contextmanager
def _opened(package: bytes) -> Iterator[tuple[ExcelFile, Path]]:
    """Open a package, which the library knows only as a file with a name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsm"
        path.write_bytes(package)
        try:
            with ExcelFile(path) as book:
                yield book, path
        except _BROKEN as reason:
            raise BrokenProject(str(reason)) from reason
