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

Kind = Literal["standard", "class", "document"]


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


def with_modules(package: bytes, modules: Iterable[Module]) -> bytes:
    """Return a macro-enabled workbook with these modules in its VBA project, which is made where there is none.

    Modules of the same names are replaced, all others stay as they are.
    """
    with _opened(package) as (book, path):
        project = book.vba_project() if book.has_vba_project() else book.add_vba_project()
        there = {name.casefold() for name in project.module_names()}
        for module in modules:
            if module.name.casefold() in there:
                book.set_module(module.name, module.lines)
            else:
                kind = VBAModuleKind.standard if module.kind == "standard" else VBAModuleKind.other
                project.add_module(module.name, module.lines, kind=kind)
        book.save(allow_invalidate_signature=True)
        return path.read_bytes()


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
