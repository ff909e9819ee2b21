"""The bytes of a package's members, as they are packed and as they are meant; by ISA-L where it is installed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

PACKED_BYTES = 1 << 16  # read at a time; each may become a thousand times as many
_LOCAL_HEADER = 30


def read_packed(package: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    """Return the compressed bytes of a member, piece by piece."""
    file = package.fp
    assert file is not None
    file.seek(info.header_offset + _LOCAL_HEADER - 4)
    name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
    place, end = file.tell() + name + extra, file.tell() + name + extra + info.compress_size
    while place < end:
        file.seek(place)
        piece = file.read(min(end - place, PACKED_BYTES))
        if not piece:
            raise BadZipFile(info.filename)
        place += len(piece)
        yield piece


def inflate(package: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    """Return the bytes of a member, piece by piece; one that is not what the directory promises is damaged."""
    if info.compress_type != ZIP_DEFLATED:
        yield package.read(info)
        return
    library = deflate_library()
    inflater, check, size = library.decompressobj(-zlib.MAX_WBITS), 0, 0
    for piece in read_packed(package, info):
        try:
            found = inflater.decompress(piece)
        except (zlib.error, library.error) as trouble:
            raise BadZipFile(info.filename) from trouble
        size += len(found)
        if size > info.file_size:
            raise BadZipFile(info.filename)
        check = library.crc32(found, check)
        yield found
    try:
        rest = inflater.flush()
    except (zlib.error, library.error) as trouble:
        raise BadZipFile(info.filename) from trouble
    if size + len(rest) != info.file_size or library.crc32(rest, check) != info.CRC:
        raise BadZipFile(info.filename)
    if rest:
        yield rest


@cache
def deflate_library() -> ModuleType:
    """Return who packs and unpacks: both know the level 1, and what one has packed the other unpacks."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib
    return isal_zlib
