"""The buttons on Home: shapes with a macro, in the sheet's drawing. They do not print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.binding.actions import ACTIONS, Action
from xlperf.core.problems import Lang
from xlperf.workbook.write import style
from xlperf.xlsx.package.opc import DECLARATION, Workbook, child, local, tree, written

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
SHAPES = "http://schemas.openxmlformats.org/drawingml/2006/main"
DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
EMU_PER_POINT = 12700
LEFT, TOP, WIDTH, HEIGHT, GAP = 22, 76, 76, 26, 8  # points; below the title, from the second column on
ROW_OF_BUTTONS, HEIGHT_OF_ROW = "4", 40  # points
AFTER_DRAWING = (
    *("legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems"),
    *("tableParts", "extLst"),
)  # the elements of a sheet that come behind its drawing
_MACRO = "[0]!"

_SHAPE = f"""
<xdr:absoluteAnchor xmlns:xdr="{DRAWING}" xmlns:a="{SHAPES}">
  <xdr:pos x="{{x}}" y="{{y}}"/><xdr:ext cx="{{width}}" cy="{{height}}"/>
  <xdr:sp macro="" textlink="">
    <xdr:nvSpPr><xdr:cNvPr id="{{number}}" name="{{name}}" descr=""/><xdr:cNvSpPr/></xdr:nvSpPr>
    <xdr:spPr>
      <a:xfrm><a:off x="{{x}}" y="{{y}}"/><a:ext cx="{{width}}" cy="{{height}}"/></a:xfrm>
      <a:prstGeom prst="roundRect"><a:avLst/></a:prstGeom>
      <a:solidFill><a:srgbClr val="{{colour}}"/></a:solidFill><a:ln><a:noFill/></a:ln>
    </xdr:spPr>
    <xdr:txBody>
      <a:bodyPr vertOverflow="clip" horzOverflow="clip" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:lstStyle/>
      <a:p><a:pPr algn="ctr"/><a:r>
        <a:rPr sz="1000" b="1"><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>
          <a:latin typeface="{{font}}"/><a:ea typeface="{{font}}"/></a:rPr><a:t/>
      </a:r></a:p>
    </xdr:txBody>
  </xdr:sp>
  <xdr:clientData fPrintsWithSheet="0"/>
</xdr:absoluteAnchor>"""


def put_buttons(package: Workbook, part: str, lang: Lang) -> None:
    """Add the buttons that a sheet lacks, and say those that it has in another language where they are.

    An older workbook gets the newer buttons to the right of its own.
    """
    drawing = _drawing_of(package, part)
    root = tree(package.parts[drawing])
    there = dict(_buttons(root))
    for action in ACTIONS:
        if action.procedure in there:
            _label(there[action.procedure], action, lang)
    left, top = _free_place(there.values())
    for place, action in enumerate(each for each in ACTIONS if each.on_home and each.procedure not in there):
        root.append(_shape(action, left + place * (WIDTH + GAP), top, len(root) + 2, lang))
    if not there:
        _make_room(package, part)
    package.parts[drawing] = written(root)


def _free_place(there: Iterable[Any]) -> tuple[float, float]:
    """Return where the next button stands, in points: right of the last one that there is, on its line."""
    frames = [shape.find(f".//{{{SHAPES}}}xfrm") for shape in there]
    if not frames:
        return LEFT, TOP
    last = max(frames, key=lambda frame: int(frame[0].get("x")) + int(frame[1].get("cx")))
    right = int(last[0].get("x")) + int(last[1].get("cx"))
    return right / EMU_PER_POINT + GAP, int(last[0].get("y")) / EMU_PER_POINT


def _make_room(package: Workbook, part: str) -> None:
    """Make the empty row below the title as high as the buttons; a row that holds something stays as it is."""
    root = tree(package.parts[part])
    for row in child(root, "sheetData"):
        if row.get("r") == ROW_OF_BUTTONS and not any(len(cell) for cell in row):
            row.set("ht", str(HEIGHT_OF_ROW))
            row.set("customHeight", "1")
    package.parts[part] = written(root)


def _buttons(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield the shapes that run a macro of ours, by its procedure."""
    for shape in root.iter(f"{{{DRAWING}}}sp"):
        macro = shape.get("macro", "")
        if macro.startswith(f"{_MACRO}Perf"):
            yield macro.removeprefix(_MACRO), shape


def _shape(action: Action, left: float, top: float, number: int, lang: Lang) -> Any:
    measures = {"x": left, "y": top, "width": WIDTH, "height": HEIGHT}
    emus = {name: round(points * EMU_PER_POINT) for name, points in measures.items()}
    text = _SHAPE.format(**emus, number=number, name=action.procedure, colour=style.ACCENT, font=style.font_name(lang))
    anchor = etree.fromstring(text, etree.XMLParser(remove_blank_text=True))
    shape = anchor.find(f"{{{DRAWING}}}sp")
    shape.set("macro", f"{_MACRO}{action.procedure}")
    _label(shape, action, lang)
    return anchor


def _label(shape: Any, action: Action, lang: Lang) -> None:
    shape.find(f".//{{{SHAPES}}}t").text = action.label(lang)
    shape.find(f".//{{{DRAWING}}}cNvPr").set("descr", action.tip(lang))


def _drawing_of(package: Workbook, part: str) -> str:
    """Return the drawing of a sheet; an empty one is made where it has none."""
    found = next(package.linked(part, "drawing"), None)
    if found is not None:
        return found
    drawing = package.free("xl/drawings/drawing{}.xml")
    empty = etree.Element(f"{{{DRAWING}}}wsDr", nsmap={"xdr": DRAWING, "a": SHAPES})
    package.add(drawing, DECLARATION + bytes(etree.tostring(empty)), DRAWING_TYPE)
    link = package.link(part, f"{package.office}/drawing", drawing)
    root = tree(package.parts[part])
    element = etree.Element(f"{{{package.namespace}}}drawing", {f"{{{package.office}}}id": link})
    behind = next((each for each in root if local(each) in AFTER_DRAWING), None)
    if behind is None:
        root.append(element)
    else:
        behind.addprevious(element)
    package.parts[part] = written(root)
    return drawing
