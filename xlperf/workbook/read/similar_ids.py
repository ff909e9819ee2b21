"""Finds IDs that are other spellings of IDs that are there: without leading zeros, with a hyphen, in small letters.

They are never joined, since 1 and 01 may be two people; a warning names both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xlperf.core.numbers import clean_key
from xlperf.core.problems import Problem
from xlperf.schema.keys import identity_of
from xlperf.schema.tables import Table

PAIRS_LISTED = 20
_OF_EMPLOYEES = ("employee_id", "owner_id", "manager_id", "head_id", "rater_id")
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_DECIMALS = re.compile(r"(?<=[0-9])\.0*$")  # an ID that another program has taken for a number: 101.0

Spellings = Mapping[str, Sequence[str]]  # the IDs that have a plain spelling in common, by that


def plain_id(word: str) -> str:
    """Return what the spellings of an ID have in common.

    >>> [plain_id(word) for word in ("00703", "703", "７０３", "703.0", "E-007", "e7", "1.10")]
    ['703', '703', '703', '703', 'e7', 'e7', '1.10']
    """
    text = re.sub(r"[^\w.]|_", "", clean_key(word).casefold())
    return _LEADING_ZEROS.sub("", _DECIMALS.sub("", text))


def spellings_of(table: Table | None, column: str) -> Spellings:
    """Return the IDs of a column by what their spellings have in common."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in () if table is None else table.frame[column].dropna().unique():
        found[plain_id(word)].append(word)
    return found


def similar_ids(table: Table, new: np.ndarray, merged: Table, employees: Spellings) -> Iterator[Problem]:
    """Report IDs of new rows that look like others.

    ``table`` are rows of a file, ``new`` a mask of those that are new, ``merged`` their sheet with them, and
    ``employees`` the IDs of the roster. The ID of a row is compared with those of its sheet; one that refers to an
    employee with the roster, if it does not stand there.
    """
    identity = identity_of(table.sheet, table.letters) if len(table.sheet.key) == 1 else ""
    for column in table.letters:
        if column == identity:
            known = spellings_of(merged, column)
        elif column in _OF_EMPLOYEES:
            known = employees
        else:
            continue
        words = table.frame[column].where(new)
        near = {word: _others(word, known, column == identity) for word in words.dropna().unique()}
        similar = {word: others for word, others in near.items() if others}
        if similar:
            where = words.isin(list(similar)).to_numpy()
            pairs = [f"{word} / {others[0]}" for word, others in similar.items()][:PAIRS_LISTED]
            details = {"column": table.column(column).name, "words": pairs, "count": int(where.sum())}
            yield Problem("id-similar", table.title, table.cells(column, where), details)


def _others(word: str, known: Spellings, is_identity: bool) -> list[str]:
    """Return the other spellings of an ID; where it is known as it stands, a reference is right."""
    found = known.get(plain_id(word), ())
    return [] if word in found and not is_identity else [each for each in found if each != word]
