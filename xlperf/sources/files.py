"""Facts in files: Parquet through DuckDB, CSV the way ``xlperf import`` reads it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from xlperf.books.grids import Grid, read_csv
from xlperf.problems import Problem
from xlperf.raw import Cells
from xlperf.sources.addresses import Address, CannotRead
from xlperf.sources.rows import cells_of


def csv_grid(address: Address) -> Grid:
    """Read a CSV file, in UTF-8, UTF-16 or GB 18030, as raw cells."""
    path = existing(address)
    try:
        grid = read_csv(path)
    except PermissionError:
        raise CannotRead(Problem("file-locked", details={"file": path.name})) from None
    except csv.Error:
        grid = None
    if grid is None:
        raise CannotRead(Problem("csv-unreadable", details={"file": path.name}))
    return grid


def existing(address: Address) -> Path:
    """Return the path of a file that is there."""
    path = Path(address.place)
    if not path.is_file():
        raise CannotRead(Problem("file-missing", details={"file": path.name}))
    return path


def needs(library: str, extra: str) -> CannotRead:
    """Return the refusal where a library is not installed."""
    return CannotRead(Problem("facts-library", details={"library": library, "extra": extra}))


def quoted(name: str) -> str:
    """Return a name as SQL quotes identifiers, so that nothing in it is taken for SQL.

    >>> print(quoted('due "date'))
    "due ""date"
    """
    return '"' + name.replace('"', '""') + '"'


class ParquetFile:
    """A Parquet file; of its columns only those that are asked for are read."""

    def __init__(self, address: Address) -> None:
        try:
            import duckdb
        except ImportError:
            raise needs("duckdb", "duckdb") from None
        self._path, self.title = str(existing(address)), address.title
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        try:
            found = self._connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [self._path]).fetchall()
        except duckdb.Error:
            raise CannotRead(Problem("facts-damaged", details={"file": self.title})) from None
        self._zoned = {name for name, kind, *_ in found if kind == "TIMESTAMP WITH TIME ZONE"}
        self.headings: Sequence[str] = [name for name, *_ in found]

    def __enter__(self) -> ParquetFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def columns(self, chosen: Mapping[str, str], keys: Sequence[str]) -> dict[str, Cells]:
        """Fetch columns, in the order of the file."""
        refuse_zones(self.title, [heading for heading in chosen.values() if heading in self._zoned])
        names = ", ".join(quoted(heading) for heading in chosen.values())
        found = self._connection.execute(f"SELECT {names} FROM read_parquet(?)", [self._path]).fetchnumpy()
        return {code: cells_of(found[heading]) for code, heading in chosen.items()}


def refuse_zones(title: str, headings: Sequence[str]) -> None:
    """Refuse moments with a time zone: which day they are depends on where one stands."""
    if headings:
        raise CannotRead(Problem("facts-time-zone", title, details={"headings": list(headings)}))
