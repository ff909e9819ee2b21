"""Builds the macro workbook and the add-in without Excel: the workbook as ever, then buttons, VBA and ribbon.

The xlwings module inside must be that of the xlwings installed here, since both halves have to be of one version. So
the workbook is built where it is used, and ``with_macros`` renews it after an upgrade.
"""

from __future__ import annotations

import re
from importlib.resources import files

from openpyxl.workbook import Workbook as OpenWorkbook

from xlperf.binding import xlwings_conf as conf
from xlperf.binding.functions import functions
from xlperf.binding.home_buttons import put_buttons
from xlperf.binding.ribbon import put_ribbon
from xlperf.binding.vba_project import Module, modules_of, with_modules, workbook_module
from xlperf.binding.vba_wrappers import MODULE, functions_module
from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.schema import SHEETS
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.formula import put
from xlperf.xlsx.package.opc import CONTENT_TYPES, Workbook, tree, written
from xlperf.xlsx.package.zip_members import Parts

WORKBOOK_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
ADD_IN_TYPE = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
OWN_MODULES = ("PerfBridge", "PerfValues", "PerfMacros", "PerfOpening")
OPENING = "ThisWorkbook"  # our text of the module of the workbook itself, and what English Excel calls it
PROJECT = "xlperf"  # names the file and the sheet in which the xlwings module looks for settings
_LAST_OF_STEPS = 8  # the row of Home by which the steps have ended
CURRENT_ENGINE = 191029  # of Excel's calculation since 2019: an older number makes Excel recalculate on opening
HARDENED = (  # of the xlwings module, so that nothing which lies beside a workbook, or in somebody else's, is ever run
    ("FileExists(GetDirectoryConfigFilePath()) = True", "False"),  # settings in the folder of the workbook
    ('SheetExists(ActiveWorkbook, PROJECT_NAME & ".conf") = True', "False"),  # settings on a sheet, for the add-in
    ('" -B -c ""', '" -B -P -c ""'),  # modules in the current folder
)
BUTTONS: dict[str, Text] = {  # what Home says of a step that is still to come, where there are buttons
    "xlperf check": Text("按钮“检查”", "the button Check"),
    "xlperf run": Text("按钮“计算”", "the button Run"),
    "xlperf publish": Text("按钮“发布”", "the button Publish"),
    "xlperf collect": Text("按钮“收集”", "the button Collect"),
    "xlperf roll": Text("按钮“新周期”", "the button New period"),
}


def macro_workbook(workbook: OpenWorkbook, lang: Lang) -> bytes:
    """Make the file of a macro workbook.

    Parameters
    ----------
    workbook : Workbook
        As ``workbook.write.scheme_workbook.build`` makes it; its Home comes to speak of buttons.
    lang : "zh" or "en"
        The language of ribbon, buttons and function wizard.

    Returns
    -------
    bytes, the same for the same workbook

    Examples
    --------
    >>> from xlperf.policy import schemes
    >>> from xlperf.workbook.write.scheme_workbook import build
    >>> from xlperf.binding.vba_project import modules_of
    >>> package = macro_workbook(build(schemes.load("service-team"), lang="en"), "en")
    >>> "PerfBridge" in modules_of(package)
    True
    """
    _speak_of_buttons(workbook, lang)
    setattr(workbook.calculation, "calcId", CURRENT_ENGINE)  # noqa: B010 - unknown to the types of openpyxl
    return with_macros(packed(workbook), lang)


def with_macros(file: bytes, lang: Lang) -> bytes:
    """Give a workbook VBA, ribbon, buttons and texts in a language, or renew those that it has.

    The xlwings module becomes that of the xlwings installed here. Everything else stays as it is: data, looks, other
    modules, and the code of the sheets and of the workbook.

    Raises
    ------
    BrokenProject
        Where the file has a VBA project that cannot be read, or cannot be given one.
    """
    package = Workbook(Parts.read(file))
    if package.type_of(package.main) == ADD_IN_TYPE:
        return add_in(lang)  # which holds nothing of its owner's
    _retype(package, WORKBOOK_TYPE)
    for title in SHEETS["settings"].title:
        if title in _titles(package):
            put_buttons(package, package.sheet(title).part, lang)
    return _with_code(package, lang)


def add_in(lang: Lang) -> bytes:
    """Make the file of the add-in, for functions and ribbon in workbooks without macros."""
    workbook = OpenWorkbook()
    workbook.worksheets[0].title = conf.TITLE
    package = Workbook(Parts.read(packed(workbook)))
    _retype(package, WORKBOOK_TYPE)
    built = Workbook(Parts.read(_with_code(package, lang, add_in=True)))
    _retype(built, ADD_IN_TYPE)
    return built.parts.packed()


def is_macro_workbook(file: bytes) -> bool:
    """Whether a file is a macro workbook, or add-in, that was built here."""
    package = Workbook(Parts.read(file))
    return bool(package.part_of("vbaProject")) and (
        conf.TITLE in _titles(package) or OWN_MODULES[0] in modules_of(file)
    )


def ribbon_language(file: bytes) -> Lang | None:
    """Return the language in which ribbon and wizard of a macro workbook speak."""
    package = Workbook(Parts.read(file))
    if conf.TITLE not in _titles(package):
        return None
    words = package.parts[package.sheet(conf.TITLE).part].decode("utf-8")
    return next((lang for lang in LANGUAGES if conf.VBA_SENTENCES["no-python"](lang) in words), None)


def modules(add_in: bool = False) -> list[Module]:
    """Return the modules of a macro workbook: ours, those of xlwings, and the wrappers made from the registry."""
    ours = [Module(name, own_text(f"{name}.bas")) for name in OWN_MODULES]
    wrappers = Module(MODULE, functions_module(functions().values()))
    return [*xlwings_modules(add_in), *ours, wrappers]


def xlwings_modules(add_in: bool = False) -> list[Module]:
    """Return the modules that the installed xlwings gives to workbooks, licences and all; settings under our name.

    Settings are those of the user and of the workbook's own hidden sheet only: see ``HARDENED``.
    """
    here = files("xlwings")
    text = (here / ("xlwings_custom_addin.bas" if add_in else "xlwings.bas")).read_text("utf-8")
    ours = re.sub(r'(Const PROJECT_NAME As String = )"\w+"', rf'\1"{PROJECT}"', text)
    for given, hardened in HARDENED:
        ours = ours.replace(given, hardened)
    dictionary = (here / "addin" / "Dictionary.cls").read_text("utf-8")
    return [Module("xlwings", ours), Module("Dictionary", dictionary, "class")]


def own_text(name: str) -> str:
    """Return a module as it stands in this package."""
    return (files("xlperf.binding") / "vba" / name).read_text("utf-8")


def _with_code(package: Workbook, lang: Lang, add_in: bool = False) -> bytes:
    if conf.TITLE not in _titles(package):
        conf.add_sheet(package)
    conf.put_texts(package, functions().values(), lang)
    file = package.parts.packed()
    opening, stray = _opening(file)
    coded = Workbook(Parts.read(with_modules(file, [*modules(add_in), *opening], stray)))
    put_ribbon(coded, lang, add_in)
    return coded.parts.packed()


def _opening(file: bytes) -> tuple[list[Module], list[str]]:
    """Return what happens on opening, unless the workbook has code of its own there, and where it stands in vain."""
    texts = modules_of(file)
    name = workbook_module(file, texts) or OPENING
    ours = own_text(f"{OPENING}.cls")
    stray = [OPENING] if name != OPENING and _code(texts.get(OPENING, "")) == _code(ours) else []
    return [] if _code(texts.get(name, "")) else [Module(name, ours, "document")], stray


def _code(text: str) -> list[str]:
    """Return the lines of a module that somebody has typed."""
    return [line for line in text.splitlines() if line.strip() and not line.startswith("Attribute ")]


def _titles(package: Workbook) -> set[str]:
    return {sheet.title for sheet in package.sheets}


def _retype(package: Workbook, content_type: str) -> None:
    """Declare what kind of workbook the file is."""
    root = tree(package.parts[CONTENT_TYPES])
    for each in root:
        if each.get("PartName") == f"/{package.main}":
            each.set("ContentType", content_type)
    package.parts[CONTENT_TYPES] = written(root)


def _speak_of_buttons(workbook: OpenWorkbook, lang: Lang) -> None:
    """Let the steps on Home name the buttons instead of commands."""
    home = workbook[SHEETS["settings"].title(lang)]
    for row in home.iter_rows(max_row=_LAST_OF_STEPS):
        for cell in row:
            said = BUTTONS.get(str(cell.value))
            if said is not None:
                put(cell, said(lang))
