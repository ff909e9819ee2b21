"""Facts in databases: SQLite and PostgreSQL, read and never written.

A password is taken from where the database's own programs take it: ``PGPASSWORD``, ``~/.pgpass`` or a service file.
Names of tables and columns are quoted, never pasted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from xlperf.core.column_store import Cells
from xlperf.core.problems import Problem
from xlperf.core.spelling import similar
from xlperf.workbook.sources.addresses import Address, CannotRead
from xlperf.workbook.sources.files import existing, needs, quoted, refuse_zones
from xlperf.workbook.sources.rows import cells_of

TIMESTAMP_WITH_ZONE = 1184  # the number of the type in PostgreSQL


class SqliteTable:
    """A table or view of an SQLite file, opened for reading only."""

    def __init__(self, address: Address) -> None:
        self.title = address.title
        self._table = quoted(address.table[0])
        uri = existing(address).resolve().as_uri() + "?mode=ro"
        try:
            self._connection = sqlite3.connect(uri, uri=True)
            tables = self._connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            _check_table(address.table, [(name,) for (name,) in tables])
            self.headings: Sequence[str] = [
                name for _, name, *_ in self._connection.execute(f"PRAGMA table_info({self._table})")
            ]
        except sqlite3.DatabaseError:
            raise CannotRead(Problem("facts-damaged", details={"file": self.title})) from None

    def __enter__(self) -> SqliteTable:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def columns(self, chosen: Mapping[str, str], keys: Sequence[str]) -> dict[str, Cells]:
        """Fetch columns, in the order of the keys."""
        return _columns(chosen, self._connection.execute(_select(chosen, self._table, keys)))


class PostgresTable:
    """A table or view of a PostgreSQL database, in a transaction that can only read."""

    def __init__(self, address: Address) -> None:
        try:
            import psycopg
        except ImportError:
            raise needs("psycopg", "postgresql") from None
        self.title = address.title
        self._table = ".".join(map(quoted, address.table))
        try:
            self._connection = psycopg.connect(address.place, autocommit=False)
            self._connection.read_only = True
            listed = self._connection.execute(
                "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid) FROM pg_class c JOIN pg_namespace n"
                " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')"
            ).fetchall()
            tables = [(name,) for _, name, visible in listed if visible] + [(space, name) for space, name, _ in listed]
            _check_table(address.table, tables)
            described = self._connection.execute(f"SELECT * FROM {self._table} LIMIT 0".encode()).description or []
        except psycopg.Error as reason:
            raise CannotRead(_refused(self.title, reason)) from None
        self.headings: Sequence[str] = [column.name for column in described]
        self._zoned = {column.name for column in described if column.type_code == TIMESTAMP_WITH_ZONE}

    def __enter__(self) -> PostgresTable:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def columns(self, chosen: Mapping[str, str], keys: Sequence[str]) -> dict[str, Cells]:
        """Fetch columns, in the order of the keys."""
        import psycopg

        refuse_zones(self.title, [heading for heading in chosen.values() if heading in self._zoned])
        try:
            return _columns(chosen, self._connection.execute(_select(chosen, self._table, keys).encode()))
        except psycopg.Error as reason:
            raise CannotRead(_refused(self.title, reason)) from None


def _select(chosen: Mapping[str, str], table: str, keys: Sequence[str]) -> str:
    names = ", ".join(map(quoted, chosen.values()))
    order = f" ORDER BY {', '.join(map(quoted, keys))}" if keys else ""
    return f"SELECT {names} FROM {table}{order}"


def _columns(chosen: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> dict[str, Cells]:
    columns = list(zip(*rows, strict=True)) or [()] * len(chosen)
    return {code: cells_of(values) for code, values in zip(chosen, columns, strict=True)}


def _check_table(wanted: tuple[str, ...], tables: Sequence[tuple[str, ...]]) -> None:
    """Refuse a table that is not there, and name those that are alike."""
    if wanted not in tables:
        name = ".".join(wanted)
        near = similar(name, {".".join(each) for each in tables})
        raise CannotRead(Problem("facts-table-absent", details={"cell": name, "near": near}))


def _refused(title: str, reason: Exception) -> Problem:
    """Say what the database answered, in its own words and in one line."""
    said = " ".join(str(reason).split())
    with suppress(ValueError):
        said = said[: said.index(" LINE ")]
    return Problem("facts-refused", details={"name": title, "cell": said})
