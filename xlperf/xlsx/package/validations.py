"""Conditional formats and lists to choose from on pages: ours are renewed, and HR's stay."""

from __future__ import annotations

from copy import copy
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.copy_sheet import SheetCopier
from xlperf.xlsx.package.opc import children, local
from xlperf.xlsx.package.styles import Key, key_of

_INCIDENTAL = ("priority", "sqref", "uid")


def renew_rules(copier: SheetCopier, root: Any, new: Any) -> None:
    """Give a sheet the conditional formats and lists of its new version; one that says the same only gets its cells."""
    for name, inside in (("conditionalFormatting", "cfRule"), ("dataValidations", "dataValidation")):
        known = {_meaning(rule): rule for each in children(root, name) for rule in children(each, inside)}
        for each in children(new, name):
            for rule in children(each, inside):
                there = known.get(_meaning(rule))
                if there is not None:
                    holder = there.getparent() if inside == "cfRule" else there
                    holder.set("sqref", (each if inside == "cfRule" else rule).get("sqref"))
                else:
                    _add(root, name, each, rule)
    _number_by_priority(root)


def _meaning(rule: Any) -> Key:
    bare = copy(rule)
    for name in list(bare.attrib):
        if etree.QName(name).localname in _INCIDENTAL:
            del bare.attrib[name]
    return key_of(bare)


def _add(root: Any, name: str, holder: Any, rule: Any) -> None:
    if name == "dataValidations":
        into = frame.ensure_list(root, name)
        into.append(_copied(root, rule))
        into.set("count", str(len(children(into, "dataValidation"))))
        return
    found = frame.new_element(root, name, sqref=holder.get("sqref"))
    found.append(_copied(root, rule))
    frame.put_in_order(root, found)


def _copied(root: Any, element: Any) -> Any:
    new = frame.new_element(root, local(element), **dict(element.attrib))
    new.text = element.text
    new.extend(_copied(root, each) for each in element if isinstance(each.tag, str))
    return new


def _number_by_priority(root: Any) -> None:
    """Let priorities differ, as Excel demands; the order of the rules stays."""
    rules = [rule for each in children(root, "conditionalFormatting") for rule in children(each, "cfRule")]
    if len({rule.get("priority") for rule in rules}) < len(rules):
        for number, rule in enumerate(sorted(rules, key=lambda rule: int(rule.get("priority", "1"))), start=1):
            rule.set("priority", str(number))
