"""The schemes that ship with xlperf, as text: one TOML file each.

A file has a ``[settings]`` table and one array of tables for each policy sheet. Its conditions are written in the
English form of the language; a workbook shows them in its own language.

Nouns: a file ``NAME.toml``. A new scheme is one more file; its sample goes into ``xlperf.samples``. ``BLANK`` has no
policy: a workbook can be made of it, but there is nothing in it to run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from xlperf.core.problems import Problem, has_errors
from xlperf.policy.scheme import Scheme, scheme_of
from xlperf.schema import sheets_of
from xlperf.schema.coercion import read_table

BLANK = "blank"


@cache
def names() -> tuple[str, ...]:
    """Return the codes of the schemes that ship with a policy, in alphabetical order."""
    found = {each.name.removesuffix(".toml") for each in files(__name__).iterdir() if each.name.endswith(".toml")}
    return tuple(sorted(found - {BLANK}))


def offered() -> tuple[str, ...]:
    """Return the codes of what a workbook can be made of: the blank scheme first, then those with a policy.

    >>> offered()[:2]
    ('blank', 'account-management')
    """
    return (BLANK, *names())


def text_of(name: str) -> str:
    """Return the TOML text of a scheme that ships; ``names`` lists them. Another name is a FileNotFoundError.

    >>> "[settings]" in text_of("service-team")
    True
    """
    return (files(__name__) / f"{name}.toml").read_text("utf-8")


@cache
def load(name: str) -> Scheme:
    """Return a scheme that ships; it is read once, and every later call returns the same object.

    Raises
    ------
    FileNotFoundError
        Where none has this name.
    ValueError
        Where the file has errors, with the address and the wording of each.

    Examples
    --------
    >>> load("service-team").settings.total_method
    'sum'
    """
    scheme, problems = from_toml(text_of(name), f"{name}.toml")
    if has_errors(problems):
        raise ValueError(f"{name}: " + "; ".join(f"{each.place} {each.found('en')}" for each in problems))
    return scheme


def from_toml(text: str, title: str = "TOML") -> tuple[Scheme, list[Problem]]:
    r"""Return the scheme that a TOML text holds, and the problems found in it.

    Parameters
    ----------
    text : a ``[settings]`` table and one array of tables for each policy sheet that has rows
    title : what addresses call the text; ``title[array]`` with the number of the entry and the column is an address

    Returns
    -------
    Scheme and list of Problem: with an error among them, the scheme lacks what could not be read.

    Raises
    ------
    tomllib.TOMLDecodeError
        Where the text is no TOML.

    Examples
    --------
    >>> scheme, problems = from_toml("[settings]\ntotal_method = 'guess'", "mine.toml")
    >>> problems[0].code, problems[0].place
    ('setting-value', "'mine.toml[settings]'!value 1")
    """
    return from_records(tomllib.loads(text), title)


def from_records(raw: Mapping[str, Any], title: str) -> tuple[Scheme, list[Problem]]:
    """Return the scheme that plain records hold, as a TOML file lays them out, and the problems found in them.

    Parameters
    ----------
    raw : ``settings``, a mapping of switches, and by the code of each policy sheet the list of its rows by column
    title : what addresses call the records

    Examples
    --------
    >>> raw = {"settings": {"grading": "bands"}, "grades": [{"code": "A", "name": "A", "lower": 0}]}
    >>> scheme, _ = from_records(raw, "mine")
    >>> scheme.grades[0].code
    'A'
    """
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
