"""A workbook with what HR staff and Excel put into workbooks, and what libraries lose: made by hand where needed."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from census import members

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

FEATURES = {  # what, and where it can be counted: the kind of part (or "name:" of one that is no XML) and the element
    "cached results of formulas": ("worksheet", "f+v"),
    "shapes and text boxes": ("wsDr", "sp"),
    "pictures": ("wsDr", "pic"),
    "charts of HR": ("chartSpace", "ser"),
    "sparklines": ("worksheet", "sparkline"),
    "extended conditional formats": ("worksheet", "cfRule in ext"),
    "conditional formats": ("worksheet", "cfRule"),
    "lists to choose from": ("worksheet", "dataValidation"),
    "rich text": ("sst", "r"),
    "notes": ("comments", "comment"),
    "threaded comments": ("ThreadedComments", "threadedComment"),
    "persons in comments": ("personList", "person"),
    "slicers": ("slicers", "slicer"),
    "slicer caches": ("slicerCacheDefinition", "tabular"),
    "dynamic arrays": ("metadata", "cellMetadata"),
    "check boxes": ("FeaturePropertyBags", "bag"),
    "pivot caches": ("pivotCacheDefinition", "cacheField"),
    "ribbon": ("customUI", "button"),
    "macros": ("name:xl/vbaProject.bin", ""),
    "custom XML": ("department", "head"),
    "printer settings": ("name:xl/printerSettings/printerSettings1.bin", ""),
    "protected ranges": ("worksheet", "protectedRange"),
    "ignored errors": ("worksheet", "ignoredError"),
    "sheet protection": ("worksheet", "sheetProtection"),
    "header pictures": ("worksheet", "legacyDrawingHF"),
    "background pictures": ("worksheet", "picture"),
    "names": ("workbook", "definedName"),
    "hyperlinks": ("worksheet", "hyperlink"),
    "tables": ("table", "tableColumn"),
    "document properties": ("Properties", "property"),
}


def decorated() -> bytes:
    """Return the workbook."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    ws, red = book.add_worksheet("Our notes"), book.add_format({"bold": True, "color": "red"})
    ws.write_rich_string("A1", "plain ", red, "red")
    for row, figure in enumerate((3, 1, 2), start=1):
        ws.write_number(row, 0, figure)
    ws.write_formula("B1", "=SUM(A2:A4)", None, 6)
    ws.write_dynamic_array_formula("C2:C4", "=SORT(A2:A4)", None, 1)
    ws.insert_textbox("E2", "Run", {"object_position": 3})
    picture = BytesIO(_png())
    ws.insert_image("E9", "logo.png", {"image_data": picture})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='Our notes'!$A$2:$A$4"})
    ws.insert_chart("H2", chart)
    ws.add_sparkline("D2", {"range": "'Our notes'!A2:A4"})
    ws.conditional_format("A2:A4", {"type": "data_bar", "data_bar_2010": True})
    ws.conditional_format("A2:A4", {"type": "cell", "criteria": ">", "value": 2, "format": red})
    ws.data_validation("B9", {"validate": "list", "source": ["x", "y"]})
    ws.write_comment("A2", "check")
    ws.insert_checkbox("D4", True)
    ws.protect("", {"autofilter": True})
    ws.unprotect_range("A2:A4", "editable")
    ws.ignore_errors({"number_stored_as_text": "A2:A4"})
    ws.set_header("&L&G", {"image_left": "logo.png", "image_data_left": BytesIO(_png())})
    ws.set_background(BytesIO(_png()), is_byte_stream=True)
    ws.write_url("A9", "https://example.org")
    ws.add_table("K1:L3", {"columns": [{"header": "a"}, {"header": "b"}], "name": "Mine"})
    book.define_name("Limit", "='Our notes'!$A$2")
    book.set_custom_property("Checked by", "Ann")
    book.close()
    return _with_parts(file.getvalue())


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
        + chunk(b"IEND", b"")
    )


def _with_parts(data: bytes) -> bytes:
    """Add the parts that no writer makes, each linked from where Excel links it."""
    parts = members(data)
    spread = f"{MICROSOFT}/spreadsheetml"
    of_sheet, of_book, of_file = "xl/worksheets/_rels/sheet1.xml.rels", "xl/_rels/workbook.xml.rels", "_rels/.rels"
    added = [
        (of_sheet, "xl/threadedComments/threadedComment1.xml", "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
         f'<ThreadedComments xmlns="{spread}/2018/threadedcomments"><threadedComment ref="A2" personId="{{1}}" id="{{2}}"><text>why?</text></threadedComment></ThreadedComments>'),
        (of_book, "xl/persons/person.xml", "http://schemas.microsoft.com/office/2017/10/relationships/person",
         f'<personList xmlns="{spread}/2018/threadedcomments"><person displayName="Ann" id="{{1}}"/></personList>'),
        (of_sheet, "xl/slicers/slicer1.xml", "http://schemas.microsoft.com/office/2007/relationships/slicer",
         f'<slicers xmlns="{spread}/2009/9/main"><slicer name="a" cache="Slicer_a" rowHeight="241300"/></slicers>'),
        (of_book, "xl/slicerCaches/slicerCache1.xml", "http://schemas.microsoft.com/office/2007/relationships/slicerCache",
         f'<slicerCacheDefinition xmlns="{spread}/2009/9/main" name="Slicer_a" sourceName="a"><data><tabular pivotCacheId="1"/></data></slicerCacheDefinition>'),
        (of_book, "xl/pivotCache/pivotCacheDefinition1.xml", f"{OFFICE}/pivotCacheDefinition",
         f'<pivotCacheDefinition xmlns="{MAIN}"><cacheSource type="worksheet"><worksheetSource ref="A1:F4" sheet="Results"/></cacheSource><cacheFields count="1"><cacheField name="a"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>'),
        (of_file, "customUI/customUI14.xml", f"{MICROSOFT}/2007/relationships/ui/extensibility",
         f'<customUI xmlns="{MICROSOFT}/2009/07/customui"><ribbon><tabs><tab id="t"><group id="g"><button id="b"/></group></tab></tabs></ribbon></customUI>'),
        (of_file, "customXml/item1.xml", f"{OFFICE}/customXml", '<department xmlns="urn:hr"><head>Ann</head></department>'),
        (of_book, "xl/vbaProject.bin", f"{MICROSOFT}/2006/relationships/vbaProject", b"\xd0\xcf\x11\xe0 macros"),
        (of_sheet, "xl/printerSettings/printerSettings1.bin", f"{OFFICE}/printerSettings", b"\0printer"),
    ]  # fmt: skip
    for number, (links, name, kind, content) in enumerate(added, start=900):
        parts[name] = content if isinstance(content, bytes) else content.encode()
        link = f'<Relationship Id="rId{number}" Type="{kind}" Target="/{name}"/></Relationships>'
        parts[links] = parts[links].replace(b"</Relationships>", link.encode())
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
    )
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return file.getvalue()


def counted(source: bytes | Path) -> dict[str, int]:
    """Return how many there are of each feature."""
    from lxml import etree

    parts, found = members(source), dict.fromkeys(FEATURES, 0)
    for name, data in parts.items():
        try:
            root = etree.fromstring(data)
        except etree.XMLSyntaxError:
            root = None
        for feature, (kind, element) in FEATURES.items():
            if kind == f"name:{name}":
                found[feature] += 1
            elif root is not None and etree.QName(root).localname == kind:
                found[feature] += _number(root, element)
    return found


def _number(root, element: str) -> int:
    if element == "f+v":
        return sum(1 for cell in root.iter("{*}c") if cell.find("{*}f") is not None and cell.findtext("{*}v"))
    if element == "cfRule in ext":
        return sum(1 for each in root.iter("{*}ext") for _ in each.iter("{*}cfRule"))
    return sum(1 for _ in root.iter(f"{{*}}{element}"))
