"""Facts in files: Parquet through DuckDB, CSV the way ``xlperf import`` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlperf.core.column_store import Cells
from xlperf.core.problems import Problem, in_order
from xlperf.workbook.sources.addresses import Address, CannotRead
from xlperf.workbook.sources.rows import cells_of
from xlperf.workbook.sources.text_files import read_text_file
from xlperf.xlsx.reader.workbook import Grid


def csv_grid(address: Address) -> tuple[Grid, list[Problem]]:
    """Read a text file as raw cells, with what is to be reported about it; raises :class:`CannotRead`."""
    path = existing(address)
    try:
        found = read_text_file(path)
    except PermissionError:
        raise CannotRead(Problem("file-locked", details={"file": path.name})) from None
    if found.grid is None:
        raise CannotRead(in_order(found.problems)[0])
    return found.grid, found.problems


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
        self.path, self.title = str(existing(address)), address.title
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        self._lives_on = False
        try:
            found = self._connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [self.path]).fetchall()
            ((self.count,),) = self._connection.execute("SELECT count(*) FROM read_parquet(?)", [self.path]).fetchall()
        except duckdb.Error:
            raise CannotRead(Problem("facts-damaged", details={"file": self.title})) from None
        self.types = {name: kind for name, kind, *_ in found}
        self.headings: Sequence[str] = [name for name, *_ in found]

    def __enter__(self) -> ParquetFile:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._lives_on:
            self._connection.close()

    def columns(self, chosen: Mapping[str, str], keys: Sequence[str]) -> dict[str, Cells]:
        """Fetch columns, in the order of the file."""
        zoned = [heading for heading in chosen.values() if self.types[heading] == "TIMESTAMP WITH TIME ZONE"]
        refuse_zones(self.title, zoned)
        names = ", ".join(quoted(heading) for heading in chosen.values())
        found = self._connection.execute(f"SELECT {names} FROM read_parquet(?)", [self.path]).fetchnumpy()
        return {code: cells_of(found[heading]) for code, heading in chosen.items()}

    # Where the rows stay in the file

    def repeats(self, chosen: Mapping[str, str], key: Sequence[str]) -> bool:
        """Whether a key is blank, stands twice, or would be another one once it is typed."""
        names = [quoted(chosen[code]) for code in key if code in chosen]
        plain = " AND ".join(f"regexp_full_match({name}::VARCHAR, '[!-~]+')" for name in names)
        sound = f"SELECT count(DISTINCT ({', '.join(names)})) FILTER ({plain}) FROM read_parquet(?)"
        ((distinct,),) = self._connection.execute(sound, [self.path]).fetchall()
        return bool(distinct != self.count)

    def words(self, heading: str, most: int) -> list[str] | None:
        """Return the distinct texts of a column in their order; None where there are too many."""
        name = quoted(heading)
        query = f"SELECT DISTINCT {name} FROM read_parquet(?) WHERE {name} IS NOT NULL LIMIT {most + 1}"
        found = sorted(word for (word,) in self._connection.execute(query, [self.path]).fetchall())
        return found if len(found) <= most else None

    def has_plain_keys(self, heading: str) -> bool:
        """Whether typing would change no key of a column: they are letters and digits, with a digit at least."""
        plain = f"regexp_full_match({quoted(heading)}, '[0-9A-Za-z._/-]*[0-9][0-9A-Za-z._/-]*')"
        query = f"SELECT coalesce(bool_and({plain}), true) FROM read_parquet(?)"
        ((sound,),) = self._connection.execute(query, [self.path]).fetchall()
        return bool(sound)

    def beside(self, frame: Any) -> Any:
        """Return a data frame as one of the engine, to be joined with the rows of the file."""
        return self._connection.from_df(frame)

    def keep(self, name: str, frame: Any) -> None:
        """Put a table of words and what they mean beside the file; the name is quoted."""
        self._connection.register("made", frame)
        self._connection.execute(f"CREATE TABLE {name} AS SELECT word, CAST(typed AS VARCHAR) AS typed FROM made")
        self._connection.unregister("made")

    def lazy(self, columns: str, joins: str) -> Any:
        """Return a lazy frame of the file; it lives on when the file is closed."""
        self._lives_on = True
        rows = f"read_parquet('{_literal(self.path)}', file_row_number = true)"
        return self._connection.sql(f"SELECT {columns} FROM {rows} AS file {joins}")


def _literal(text: str) -> str:
    return text.replace("'", "''")


def refuse_zones(title: str, headings: Sequence[str]) -> None:
    """Refuse moments with a time zone: which day they are depends on where one stands."""
    if headings:
        raise CannotRead(Problem("facts-time-zone", title, details={"headings": list(headings)}))
