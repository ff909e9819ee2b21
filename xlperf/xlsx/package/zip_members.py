"""Zip packages whose members stay as they are: what is not replaced is copied with its compressed bytes.

Nothing in a package that is written depends on the clock or the machine: members keep their order, and all bear the
first date that the format knows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from struct import pack, unpack_from
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.reader.relations import fold_part_name

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LOCAL_BYTES, _FIRST_DATE = 30, 0x21
_UTF8 = 0x800
_LARGEST = 0xFFFFFFFF
_MOST_COUNTED = 0xFFFF  # a package with so many members says their number in a record of zip64


@dataclass(frozen=True)
class Member:
    """One member: its name as the file spells it, its compressed bytes, and what the directory says of them."""

    name: str
    packed: bytes
    method: int
    size: int
    checksum: int

    @classmethod
    def of(cls, name: str, data: bytes) -> Member:
        """Compress the contents of a member."""
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packer.compress(data) + packer.flush()
        return cls(name, packed, ZIP_DEFLATED, len(data), zlib.crc32(data))

    def unpacked(self) -> bytes:
        """Return the contents; never more than the directory says."""
        if self.method == ZIP_STORED:
            data = self.packed
        elif self.method == ZIP_DEFLATED:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(self.packed, self.size or 1)
        else:
            raise NotImplementedError(self.name)
        if len(data) != self.size or zlib.crc32(data) != self.checksum:
            raise BadZipFile(self.name)
        return data


class Parts:
    """The members of a package by name, in their order; of members with the same name the last one counts.

    Names are found as part names are compared: without regard to case, with either kind of slash.

    Examples
    --------
    >>> parts = Parts()
    >>> parts["xl/workbook.xml"] = b"<workbook/>"
    >>> again = Parts.read(parts.packed())
    >>> again["/XL/workbook.xml"], list(again), again.packed() == parts.packed()
    (b'<workbook/>', ['xl/workbook.xml'], True)
    """

    def __init__(self, members: Iterator[Member] | tuple[Member, ...] = ()) -> None:
        self._members: dict[str, Member] = {}
        for member in members:
            key = fold_part_name(member.name)
            known = self._members.get(key)
            self._members[key if known is None or known.name == member.name else f"/{member.name}"] = member

    @classmethod
    def read(cls, source: bytes | str | Path) -> Parts:
        """Read a package without unpacking it."""
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        with ZipFile(BytesIO(data)) as package:
            return cls(_member(data, info) for info in package.infolist() if not info.is_dir())

    def __iter__(self) -> Iterator[str]:
        return (member.name for member in self._members.values())

    def members(self) -> Iterator[Member]:
        """Return the members as they are packed, in their order."""
        return iter(self._members.values())

    def __contains__(self, name: str) -> bool:
        return fold_part_name(name) in self._members

    def __getitem__(self, name: str) -> bytes:
        return self.member(name).unpacked()

    def __setitem__(self, name: str, data: bytes) -> None:
        """Replace a member where it stands, or add one at the end; equal contents stay as they are packed."""
        old = self._members.get(fold_part_name(name))
        if old is None or old.size != len(data) or old.checksum != zlib.crc32(data):
            self._members[fold_part_name(name)] = Member.of(old.name if old else name.lstrip("/"), data)

    def __delitem__(self, name: str) -> None:
        del self._members[fold_part_name(name)]

    def find(self, name: str) -> str | None:
        """Return the name of a part as the package spells it, with slashes; None where there is no such part."""
        member = self._members.get(fold_part_name(name))
        return member.name.replace("\\", "/").lstrip("/") if member else None

    def member(self, name: str) -> Member:
        """Return a member as it is packed.

        Raises
        ------
        DamagedPart
            Where the package lacks it.
        """
        found = self._members.get(fold_part_name(name))
        if found is None:
            raise DamagedPart(name)
        return found

    def packed(self) -> bytes:
        """Return the package as one file."""
        body, directory = [], []
        offset = 0
        for member in self._members.values():
            name, flags = _encoded(member.name)
            sizes = (len(member.packed), member.size)
            if max(*sizes, offset) >= _LARGEST:
                raise OverflowError(member.name)
            about = pack("<HHHHHIIIHH", 20, flags, member.method, 0, _FIRST_DATE, member.checksum, *sizes, len(name), 0)
            body += [_LOCAL, about, name, member.packed]
            directory += [_CENTRAL, pack("<H", 20), about, pack("<HHHII", 0, 0, 0, 0, offset), name]
            offset += _LOCAL_BYTES + len(name) + len(member.packed)
        listed = b"".join(directory)
        return b"".join((*body, listed, _end(len(self._members), len(listed), offset)))


def _member(data: bytes, info: ZipInfo) -> Member:
    """Cut the compressed bytes of a member out of the file; the sizes are those of the directory."""
    start = info.header_offset
    if data[start : start + 4] != _LOCAL:
        raise BadZipFile(info.filename)
    name_bytes, extra_bytes = unpack_from("<HH", data, start + 26)
    start += _LOCAL_BYTES + name_bytes + extra_bytes
    packed = data[start : start + info.compress_size]
    return Member(info.orig_filename, packed, info.compress_type, info.file_size, info.CRC)


def _end(count: int, size: int, offset: int) -> bytes:
    """Return the end of a package: how many members it has, and where its directory of so many bytes begins."""
    shown = min(count, _MOST_COUNTED)
    end = _END + pack("<HHHHIIH", 0, 0, shown, shown, size, offset, 0)
    if count < _MOST_COUNTED:
        return end
    zip64 = pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    return zip64 + pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1) + end


def _encoded(name: str) -> tuple[bytes, int]:
    try:
        return name.encode("ascii"), 0
    except UnicodeEncodeError:
        return name.encode(), _UTF8
