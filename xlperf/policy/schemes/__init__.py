"""The schemes that ship with xlperf, as text: one TOML file each, read and written without loss.

A file has a ``[settings]`` table and one array of tables for each policy sheet. Its conditions are written in the
English form of the language; a workbook shows them in its own language.

Nouns: a file ``NAME.toml``. A new scheme is one more file; its sample goes into ``xlperf.samples``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from xlperf.core.problems import Problem, has_errors
from xlperf.policy.scheme import Scheme, scheme_of
from xlperf.schema import Column, sheets_of
from xlperf.schema.coercion import read_table

WHOLE_KINDS = ("number", "money", "fraction")


@cache
def names() -> tuple[str, ...]:
    """Return the codes of the schemes that ship, in alphabetical order."""
    return tuple(
        sorted(each.name.removesuffix(".toml") for each in files(__name__).iterdir() if each.name.endswith(".toml"))
    )


def text_of(name: str) -> str:
    """Return the TOML text of a scheme that ships."""
    return (files(__name__) / f"{name}.toml").read_text("utf-8")


@cache
def load(name: str) -> Scheme:
    """Return a scheme that ships.

    >>> load("service-team").settings.total_method
    'sum'
    """
    scheme, problems = from_toml(text_of(name), f"{name}.toml")
    if has_errors(problems):
        raise ValueError(f"{name}: " + "; ".join(f"{each.place} {each.found('en')}" for each in problems))
    return scheme


def from_toml(text: str, title: str = "TOML") -> tuple[Scheme, list[Problem]]:
    """Read a scheme from TOML; an address names the array and the number of its entry."""
    raw = tomllib.loads(text)
    problems: list[Problem] = []
    tables = {}
    for sheet in sheets_of("policy"):
        records = _settings_rows(raw) if sheet.code == "settings" else raw.get(sheet.code, [])
        if not records:
            continue
        columns = {column.code: [record.get(column.code) for record in records] for column in sheet}
        letters = {column.code: f"{column.code} " for column in sheet}
        rows = range(1, len(records) + 1)
        tables[sheet.code], found = read_table(sheet, columns, rows, letters, f"{title}[{sheet.code}]")
        problems += found
    scheme, found = scheme_of(tables)
    return scheme, problems + found


def _settings_rows(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"setting": code, "value": ", ".join(value) if isinstance(value, list) else value}
        for code, value in raw.get("settings", {}).items()
    ]


def to_toml(scheme: Scheme) -> str:
    """Write a scheme as TOML, the inverse of :func:`from_toml`."""
    import tomli_w

    return tomli_w.dumps(as_data(scheme), multiline_strings=False)


def as_data(scheme: Scheme) -> dict[str, Any]:
    """Return a scheme as plain data: settings, and a list of records for each policy sheet that has any."""
    values = scheme.settings.values()
    settings = {
        each.code: list(values[each.code]) if isinstance(values[each.code], tuple) else values[each.code]
        for each in scheme.switches()
        if each.required or values[each.code] not in ("", (), each.usual)
    }
    for code in ("period", "language"):  # of a workbook, not of the scheme
        settings.pop(code, None)
    data: dict[str, Any] = {"settings": settings}
    for sheet in sheets_of("policy"):
        table = scheme.tables.get(sheet.code)
        if sheet.code != "settings" and table is not None and len(table):
            rows = table.frame.to_dict("records")
            data[sheet.code] = [_record(sheet.columns, row) for row in rows]
    return data


def _record(columns: tuple[Column, ...], row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        column.code: _plain(column, row[column.code])
        for column in columns
        if row[column.code] is not None and row[column.code] == row[column.code]
    }


def _plain(column: Column, value: Any) -> Any:
    if column.kind in WHOLE_KINDS:
        return int(value) if value == int(value) else float(value)
    if column.kind == "date":
        return value.date()
    return str(value)
