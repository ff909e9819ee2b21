"""What goes into one published workbook: plain figures and records, which travel to whoever writes the file."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

Value = str | float | date | None
Record = tuple[Value, ...]
AS_IT_STANDS = 2  # the version of marshal that writes equal values alike, whether they are one object or two


class Computed(float):
    """A figure that its native formula gives from the figures on the same page."""


@dataclass(frozen=True)
class Copy:
    """What one recipient gets: whom it is for, figures by name, and the records of each block."""

    recipient: str
    values: Mapping[str, Value]
    blocks: Mapping[str, Sequence[Record]]


class Copies:
    """The copies of some recipients, made a few at a time: all of them at once may be more than memory holds.

    >>> copies = Copies.of([Copy("E1", {}, {})])
    >>> copies.recipients, len(copies), [each.recipient for each in copies]
    (['E1'], 1, ['E1'])
    """

    def __init__(self, recipients: Sequence[str], made: Callable[[], Iterator[Copy]]) -> None:
        self.recipients, self._made = recipients, made

    @classmethod
    def of(cls, copies: Sequence[Copy]) -> Copies:
        """Return copies that are there already."""
        return cls([each.recipient for each in copies], lambda: iter(copies))

    def __len__(self) -> int:
        return len(self.recipients)

    def __iter__(self) -> Iterator[Copy]:
        return self._made()


_PLAIN = {str, float, type(None), int}
_REVIVED: dict[str, Callable[[Any], Value]] = {
    "moment": datetime.fromisoformat, "day": date.fromisoformat, "computed": Computed, "float": float
}  # fmt: skip


def to_bytes(copy: Copy) -> bytes:
    """Return a copy as bytes, which travel and are compared sooner than it; equal copies give equal bytes.

    >>> copy = Copy("E1", {"total": Computed(88.5), "due": date(2026, 10, 31)}, {"item": [("Service", None, 95.0)]})
    >>> from_bytes(to_bytes(copy)) == copy
    True
    """
    blocks = [(name, *_said(records)) for name, records in sorted(copy.blocks.items())]
    said: Any = (copy.recipient, _said(sorted(copy.values.items())), blocks)
    return marshal.dumps(said, AS_IT_STANDS)


def from_bytes(data: bytes) -> Copy:
    """Return the copy that :func:`to_bytes` has told."""
    recipient, values, blocks = marshal.loads(data)
    return Copy(recipient, dict(_heard(*values)), {name: _heard(plain, records) for name, plain, records in blocks})


def _said(records: Sequence[tuple[Any, ...]]) -> tuple[bool, list[Any]]:
    """Tell whether records hold nothing but plain values, and give them as marshal takes them."""
    if _PLAIN.issuperset(map(type, chain.from_iterable(records))):
        return True, list(records)
    return False, [tuple(each if type(each) in _PLAIN else _told(each) for each in record) for record in records]


def _heard(plain: bool, records: list[Any]) -> list[Any]:
    return records if plain else [tuple(map(_revived, record)) for record in records]


def _told(value: Any) -> tuple[str, Any]:
    if isinstance(value, date):
        return ("moment" if isinstance(value, datetime) else "day"), value.isoformat()
    return ("computed" if isinstance(value, Computed) else "float"), float(value)


def _revived(value: Any) -> Value:
    return _REVIVED[value[0]](value[1]) if isinstance(value, tuple) else value
