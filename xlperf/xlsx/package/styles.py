"""The formats of a workbook: those of another are entered once, however often it happens."""

from __future__ import annotations

from copy import copy
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.xlsx.package.opc import child, children, local, tree, written

_FIRST_OWN_FORMAT = 164
_POOLS = {"font": "fonts", "fill": "fills", "border": "borders"}
_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
MINIMAL = (
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    b'<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    b'</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    b'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    b'<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)

Key = tuple[Any, ...]


def key_of(element: Any) -> Key:
    """Return what an element says, whatever its prefix, its edition of the standard and the order of its attributes.

    What a font consists of counts in any order too: each programme has its own.

    >>> key_of(tree(b'<a xmlns="u"><b x="1" y="2"/></a>')) == key_of(tree(b'<p:a xmlns:p="v"><p:b y="2" x="1"/></p:a>'))
    True
    """
    inside = tuple(key_of(each) for each in element if isinstance(each.tag, str))
    if local(element) == "font":
        inside = tuple(sorted(inside))
    return (local(element), tuple(sorted(element.attrib.items())), (element.text or "").strip(), inside)


class Styles:
    """A styles part that formats of other workbooks are entered in.

    Examples
    --------
    >>> ours, theirs = Styles(MINIMAL), Styles(MINIMAL)
    >>> red = theirs.changed(0, quotePrefix="1")
    >>> [ours.entered(theirs, red), ours.entered(theirs, red), ours.entered(theirs, 0)]
    [1, 1, 0]
    """

    def __init__(self, data: bytes) -> None:
        self.root = tree(data)
        self.namespace = self.root.tag.partition("}")[0].lstrip("{")
        self.grown = False
        listed = child(self.root, "numFmts")
        self.formats = {
            _number(each, "numFmtId"): each.get("formatCode", "")
            for each in (children(listed, "numFmt") if listed is not None else ())
        }
        for name in ("fonts", "fills", "borders", "cellXfs"):
            if len(pool := self._list(name)) == 0:
                pool.extend(self._copy(each) for each in child(tree(MINIMAL), name))
        self._known: dict[str, dict[Key, int]] = {}
        self._entered: dict[tuple[int, int], int] = {}
        self._mixed: dict[tuple[int, int, frozenset[str]], int] = {}

    def written(self) -> bytes:
        """Return the part."""
        return written(self.root)

    @property
    def xfs(self) -> list[Any]:
        """The formats of cells, by number."""
        return children(self._list("cellXfs"), "xf")

    @property
    def conditional(self) -> list[Any]:
        """The looks that conditional formats give, by number."""
        return children(self._list("dxfs"), "dxf")

    def pieces(self, number: int) -> dict[str, Key]:
        """Return what a format of a cell consists of, to compare it with that of another workbook."""
        xfs = self.xfs
        xf = xfs[number] if number < len(xfs) else xfs[0]
        found = {pool: self._piece(pool, _number(xf, f"{pool}Id")) for pool in _POOLS}
        found_pieces = {pool: key_of(each) for pool, each in found.items() if each is not None}
        found_pieces["numFmt"] = (self.format_code(_number(xf, "numFmtId")),)
        for name in ("alignment", "protection"):
            each = child(xf, name)
            found_pieces[name] = key_of(each) if each is not None else ()
        return found_pieces

    def format_code(self, number: int) -> str:
        """Return a number format: the code where the workbook has one of its own, else the number of a built-in one."""
        return str(self.formats.get(number, number))

    def entered(self, other: Styles, number: int) -> int:
        """Return the number that a cell format of another workbook has here; a new one is entered at the end."""
        known = self._entered.get((id(other), number))
        if known is None:
            known = self._entered[id(other), number] = self._enter(other, other.xfs[number])
        return known

    def changed(self, number: int, **attributes: str) -> int:
        """Return the number of a format that differs in some attributes from another one."""
        xfs = self.xfs
        xf = copy(xfs[number] if number < len(xfs) else xfs[0])
        for name, value in attributes.items():
            xf.set(name, value)
        return self._xf(xf)

    def mixed(self, number: int, theirs: int, pieces: frozenset[str]) -> int:
        """Return a format with some pieces of another one: its font, its fill, its number format.

        The cells of a sheet ask for a few mixtures very often, and each goes through all formats of the workbook.
        """
        asked = (number, theirs, pieces)
        if asked not in self._mixed:
            self._mixed[asked] = self._mix(*asked)
        return self._mixed[asked]

    def _mix(self, number: int, theirs: int, pieces: frozenset[str]) -> int:
        xfs = self.xfs
        xf, source = copy(xfs[number]), xfs[theirs]
        for piece in sorted(pieces):
            name = {"alignment": "", "protection": ""}.get(piece, f"{piece}Id")
            if name:
                xf.set(name, source.get(name, "0"))
            else:
                for old in children(xf, piece):
                    xf.remove(old)
                if (new := child(source, piece)) is not None:
                    xf.insert(0 if piece == "alignment" else len(children(xf, "alignment")), copy(new))
            flag = {"numFmt": "applyNumberFormat"}.get(piece, f"apply{piece.title()}")
            xf.set(flag, "1")
        return self._xf(xf)

    def dxf(self, other: Styles, number: int) -> int:
        """Return the number that a conditional format of another workbook has here."""
        return self._add("dxfs", other.conditional[number])

    def number_format(self, code: str) -> int:
        """Return the number of a format code of the workbook's own."""
        for number, known in self.formats.items():
            if known == code:
                return number
        number = max([_FIRST_OWN_FORMAT - 1, *self.formats]) + 1
        self.formats[number], self.grown = code, True
        listed = self._list("numFmts")
        etree.SubElement(listed, self._tag("numFmt"), numFmtId=str(number), formatCode=code)
        listed.set("count", str(len(listed)))
        return number

    def _enter(self, other: Styles, xf: Any) -> int:
        new = self._copy(xf)
        for pool in _POOLS:
            piece = other._piece(pool, _number(xf, f"{pool}Id"))
            new.set(f"{pool}Id", str(self._add(_POOLS[pool], piece)) if piece is not None else "0")
        code = _number(xf, "numFmtId")
        new.set("numFmtId", str(self.number_format(other.formats[code]) if code in other.formats else code))
        new.set("xfId", "0")
        for flag, on in (
            ("applyNumberFormat", new.get("numFmtId") != "0"),
            ("applyFont", new.get("fontId") != "0"),
            ("applyFill", new.get("fillId") != "0"),
            ("applyBorder", new.get("borderId") != "0"),
        ):
            if on:
                new.set(flag, "1")
        return self._xf(new)

    def _xf(self, xf: Any) -> int:
        return self._add("cellXfs", xf)

    def _add(self, pool: str, element: Any) -> int:
        """Enter an element in one of the lists, unless it is there."""
        listed = self._list(pool)
        name = local(element)
        if pool not in self._known:
            known: dict[Key, int] = {}
            for number, each in enumerate(children(listed, name)):
                known.setdefault(key_of(each), number)
            self._known[pool] = known
        known, key = self._known[pool], key_of(element)
        if key not in known:
            self.grown = True
            known[key] = len(children(listed, name))
            listed.append(self._copy(element))
            listed.set("count", str(known[key] + 1))
        return known[key]

    def _piece(self, pool: str, number: int) -> Any:
        listed = children(self._list(_POOLS[pool]), pool)
        return listed[number] if number < len(listed) else None

    def _list(self, name: str) -> Any:
        """Return one of the lists; it is made, where it belongs, if the part does not have it."""
        found = child(self.root, name)
        if found is None:
            found = etree.Element(self._tag(name), nsmap=self.root.nsmap)
            later = _ORDER[_ORDER.index(name) + 1 :]
            before = next((each for each in self.root if isinstance(each.tag, str) and local(each) in later), None)
            if before is not None:
                before.addprevious(found)
            else:
                self.root.append(found)
        return found

    def number_format_of(self, number: int) -> str:
        """Return the number format that cells with a format have."""
        xfs = self.xfs
        return self.format_code(_number(xfs[number], "numFmtId")) if number < len(xfs) else ""

    def _tag(self, name: str) -> str:
        return f"{{{self.namespace}}}{name}" if self.namespace else name

    def _copy(self, element: Any) -> Any:
        """Return an element in the namespace of this part."""
        new = etree.Element(self._tag(local(element)), dict(element.attrib), nsmap=self.root.nsmap)
        new.text = element.text
        new.extend(self._copy(each) for each in element if isinstance(each.tag, str))
        return new


def _number(element: Any, name: str) -> int:
    """Return a number that an element gives; 0 for what is none."""
    given = element.get(name, "")
    return int(given) if given.isdecimal() else 0
