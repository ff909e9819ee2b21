"""The ribbon tab: one group after another, one button a macro, labelled in the language of the workbook."""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.binding.actions import GROUPS, Action, Group
from xlperf.core.problems import Lang, Text
from xlperf.xlsx.package.opc import DECLARATION, Workbook

CALLBACK = "PerfRibbon"
TAB = Text("绩效考核", "Appraisal")
ADD_IN_TAB = Text("绩效考核（加载项）", "Appraisal (add-in)")
EDITIONS: tuple[tuple[str, str, str], ...] = (
    (
        "customUI/customUI14.xml",
        "http://schemas.microsoft.com/office/2009/07/customui",
        "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
    ),
    (
        "customUI/customUI.xml",
        "http://schemas.microsoft.com/office/2006/01/customui",
        "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
    ),
)  # part, namespace, kind of link: for Excel from 2010 on, and for Excel 2007


def put_ribbon(package: Workbook, lang: Lang, add_in: bool = False) -> None:
    """Give a workbook the tab, or replace the one it has."""
    for part, namespace, kind in EDITIONS:
        package.parts[part] = ribbon_xml(lang, namespace, add_in)
        if part not in package.linked("", "extensibility"):
            package.link("", kind, part)


def ribbon_xml(lang: Lang, namespace: str, add_in: bool = False) -> bytes:
    """Write the tab.

    Every button calls the one callback and carries the name of its macro as its tag.

    >>> "onAction" in ribbon_xml("en", EDITIONS[0][1]).decode()
    True
    """
    root = etree.Element(f"{{{namespace}}}customUI", nsmap={None: namespace})
    tabs = _inside(_inside(root, "ribbon"), "tabs")
    code, label = ("xlperf_addin", ADD_IN_TAB) if add_in else ("xlperf", TAB)
    tab = _inside(tabs, "tab", id=code, label=label(lang))
    for group in GROUPS:
        _put_group(tab, group, lang)
    return DECLARATION + bytes(etree.tostring(root, encoding="UTF-8", pretty_print=True))


def _put_group(tab: Any, group: Group, lang: Lang) -> None:
    box = _inside(tab, "group", id=f"{tab.get('id')}_{group.code}", label=group.label(lang))
    for action in group.actions:
        _put_button(box, action, lang)


def _put_button(group: Any, action: Action, lang: Lang) -> None:
    _inside(
        group,
        "button",
        id=f"{group.get('id')}_{action.macro}",
        label=action.label(lang),
        screentip=action.label(lang),
        supertip=action.tip(lang),
        imageMso=action.picture,
        size="large",
        tag=action.macro,
        onAction=CALLBACK,
    )


def _inside(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}", attributes)
