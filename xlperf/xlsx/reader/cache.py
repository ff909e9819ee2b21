"""Sheets that were read before: a folder of parsed cells, known again by what the file holds.

Reading a large sheet costs seconds, and most runs read the same one again. Where ``XLPERF_CACHE`` is set, the cells of
large sheets are kept as they were read, before any rule was applied to them, under a hash of the compressed bytes that
they came from. What is kept is personal data: nothing is kept unless it is asked for, the files can be read by their
owner only, never lie beside the workbook, and the oldest give way when the folder grows too large.

``XLPERF_CACHE`` is ``1`` for the user's own cache folder, or a folder; ``0`` or nothing keeps nothing.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, time, timedelta
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zipfile import ZipFile

import numpy as np

from xlperf.core.column_store import LISTED, UNCALCULATED, Cells
from xlperf.xlsx.reader.columnar import Scanned
from xlperf.xlsx.reader.deflate import read_packed

FORMAT = b"xlperf cells 1"  # counts on when anything about reading cells changes
SMALLEST = 1 << 18  # compressed bytes of a sheet that is worth keeping
MOST_BYTES = 2 << 30  # of the whole folder
VARIABLE = "XLPERF_CACHE"
_ENDING = ".npz"
_NO, _YES = ("", "0", "no", "off"), ("1", "yes", "on")
_WRITERS: dict[type, Callable[[Any], Any]] = {
    bool: bool, int: str, float: float.hex, datetime: datetime.isoformat, time: time.isoformat,
    timedelta: lambda value: value // timedelta(microseconds=1), type(UNCALCULATED): lambda _: None,
}  # fmt: skip
_READERS: dict[str, Callable[[Any], Any]] = {
    "bool": bool, "int": int, "float": float.fromhex, "datetime": datetime.fromisoformat,
    "time": time.fromisoformat, "timedelta": lambda value: timedelta(microseconds=value),
    "Uncalculated": lambda _: UNCALCULATED,
}  # fmt: skip


def folder() -> Path | None:
    """Return the folder that is to be used; None where nothing is to be kept."""
    wish = os.environ.get(VARIABLE, "").strip()
    if wish.lower() in _NO:
        return None
    if wish.lower() not in _YES:
        return Path(wish).expanduser()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "xlperf" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xlperf"


def key_of(package: ZipFile, members: Iterable[str]) -> str | None:
    """Return the hash of the compressed bytes of some members; None where they are too few to be worth it."""
    infos = [package.getinfo(member) for member in members]
    if folder() is None or infos[0].compress_size < SMALLEST:
        return None
    digest = blake2b(FORMAT, digest_size=32)
    for info in infos:
        digest.update(f"{info.filename} {info.compress_size} {info.CRC};".encode())
        for chunk in read_packed(package, info):
            digest.update(chunk)
    return digest.hexdigest()


def load_cells(key: str) -> Scanned | None:
    """Return the cells kept under a key; None where there are none, or where they cannot be trusted."""
    place = folder()
    if place is None or not _is_private(place):
        return None
    path = place / (key + _ENDING)
    try:
        content = path.read_bytes()
        digest, body = content[:32], content[32:]
        if blake2b(body, digest_size=32).digest() != digest:
            return None
        with np.load(BytesIO(body), allow_pickle=False) as arrays:
            found = _unpacked(arrays)
    except (OSError, ValueError, KeyError, EOFError, TypeError):
        return None
    with suppress(OSError):
        os.utime(path)  # used just now: it goes last
    return found


def store_cells(key: str, found: Scanned) -> None:
    """Keep the cells of a sheet; where that cannot be done, nothing is kept and nobody need know."""
    place = folder()
    if place is None:
        return
    body = BytesIO()
    np.savez(body, **_packed(found))  # type: ignore[arg-type]
    content = body.getvalue()
    with suppress(OSError):
        place.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        if not _is_private(place) or len(content) > MOST_BYTES:
            return
        with NamedTemporaryFile(dir=place, suffix=".part", delete=False) as file:  # readable by its owner only
            file.write(blake2b(content, digest_size=32).digest() + content)
        os.replace(file.name, place / (key + _ENDING))
        _evict_oldest(place)


def _is_private(place: Path) -> bool:
    """Whether a folder is the user's own, and nobody else may read or write in it."""
    if os.name == "nt" or not place.exists():
        return True
    about = place.stat()
    return about.st_uid == os.getuid() and not about.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _evict_oldest(place: Path) -> None:
    """Remove what was used longest ago until the rest is small enough."""
    kept = sorted(((about.st_mtime_ns, about.st_size, path) for path in place.iterdir()
                   if path.suffix in (_ENDING, ".part") and (about := path.stat())), reverse=True)  # fmt: skip
    size = 0
    for _, own, path in kept:
        size += own
        if size > MOST_BYTES:
            path.unlink(missing_ok=True)


def _packed(found: Scanned) -> dict[str, np.ndarray]:
    """Return the cells of a sheet as arrays of numbers and of bytes."""
    arrays = {
        "rows": np.array(found.rows, np.int32),
        "hidden": np.array(sorted(found.hidden), np.int32),
        "last": np.array(found.last),
        "around": np.frombuffer(found.around, np.uint8),
        "columns": np.array(list(found.columns), np.int32),
    }
    for number, cells in found.columns.items():
        listing = cells.listing
        arrays[f"{number} kinds"] = cells.kinds
        arrays[f"{number} figures"] = cells.figures
        if listing.values:
            arrays[f"{number} places"] = listing.codes.astype(np.int32)
            others = [
                [place, type(value).__name__, _WRITERS[type(value)](value)]
                for place, value in enumerate(listing.values)
                if not isinstance(value, str)
            ]
            texts = [value if isinstance(value, str) else "" for value in listing.values]
            arrays[f"{number} listed"] = np.frombuffer(json.dumps([texts, others]).encode(), np.uint8)
    return arrays


def _unpacked(arrays: Any) -> Scanned:
    columns = {}
    for number in arrays["columns"].tolist():
        kinds, figures = arrays[f"{number} kinds"], arrays[f"{number} figures"]
        places, listed = np.empty(0, np.int32), list[Any]()
        if f"{number} listed" in arrays:
            places = np.where(kinds == LISTED, arrays[f"{number} places"], 0)
            listed, others = json.loads(arrays[f"{number} listed"].tobytes())
            for place, kind, value in others:
                listed[place] = _READERS[kind](value)
        columns[number] = Cells(kinds, figures, places, listed)
    hidden = frozenset(arrays["hidden"].tolist())
    return Scanned(arrays["rows"].tolist(), columns, hidden, int(arrays["last"]), arrays["around"].tobytes())
