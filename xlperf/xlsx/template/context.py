"""What goes into one published workbook: plain figures and records, which travel to whoever writes the file.

Records stand in columns, from where they are made to where they are written: what a column holds is worded, told and
written at once, which is several times sooner than record by record.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import NoneType
from typing import Any, cast, overload

Value = str | float | date | None
Record = tuple[Value, ...]
MOST_MOMENTS = 1 << 12  # different ones whose spelling is kept: due dates are few
AS_IT_STANDS = 2  # the version of marshal that writes equal values alike, whether they are one object or two


class Computed(float):
    """A figure that its native formula gives from the figures on the same page."""


class Block(Sequence[Record]):
    """Records of one kind, kept by column.

    >>> block = Block.of([("Service", 95.0), ("Sales", None)])
    >>> len(block), block[1], block.columns[0], list(Block())
    (2, ('Sales', None), ('Service', 'Sales'), [])
    """

    __slots__ = ("columns",)

    def __init__(self, columns: Sequence[Sequence[Value]] = ()) -> None:
        self.columns = columns

    @classmethod
    def of(cls, records: Iterable[Record]) -> Block:
        """Return records as a block; all of them are of one length."""
        return cls(list(zip(*records, strict=True)))

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __iter__(self) -> Iterator[Record]:
        return zip(*self.columns, strict=True)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> Block: ...
    def __getitem__(self, at: int | slice) -> Record | Block:
        """Return one record, or some as a block."""
        if isinstance(at, slice):
            return Block([column[at] for column in self.columns])
        return tuple([column[at] for column in self.columns])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Block) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Block.of({list(self)})"


@dataclass(frozen=True)
class Copy:
    """What one recipient gets: whom it is for, figures by name, and the records of each block."""

    recipient: str
    values: Mapping[str, Value]
    blocks: Mapping[str, Block]


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


_PLAIN = {str, float, NoneType, int}
_DATED = {datetime, NoneType}
_Told = tuple[str, list[Any]]  # whether values are told as they stand, as moments, or each in its own way


def to_bytes(copy: Copy) -> bytes:
    """Return a copy as bytes, which travel and are compared sooner than it; equal copies give equal bytes.

    >>> of = {"item": Block.of([("Service", None, 95.0)])}
    >>> copy = Copy("E1", {"total": Computed(88.5), "due": date(2026, 10, 31)}, of)
    >>> from_bytes(to_bytes(copy)) == copy
    True
    """
    names = sorted(copy.values)
    columns = {name: block.columns if len(block) else () for name, block in sorted(copy.blocks.items())}
    blocks = [(name, [*map(_told, of_block)]) for name, of_block in columns.items()]
    said: Any = (copy.recipient, names, _told([copy.values[name] for name in names]), blocks)
    return marshal.dumps(said, AS_IT_STANDS)


def from_bytes(data: bytes) -> Copy:
    """Return the copy that :func:`to_bytes` has told."""
    recipient, names, values, blocks = marshal.loads(data)
    given = {name: Block([_heard(*column) for column in columns]) for name, columns in blocks}
    return Copy(recipient, dict(zip(names, _heard(*values), strict=True)), given)


def _told(values: Sequence[Value]) -> _Told:
    kinds = {*map(type, values)}
    if kinds <= _PLAIN:
        return "", values if isinstance(values, list) else list(values)
    if kinds <= _DATED:
        return "moments", [value and _spelled(cast(datetime, value)) for value in values]
    return "each", [value if type(value) in _PLAIN else _one_told(value) for value in values]


def _heard(how: str, told: list[Any]) -> list[Value]:
    if not how:
        return told
    if how == "moments":
        return [value and _moment(value) for value in told]
    return [_REVIVED[value[0]](value[1]) if isinstance(value, tuple) else value for value in told]


def _one_told(value: Any) -> tuple[str, Any]:
    if isinstance(value, date):
        return ("moment" if isinstance(value, datetime) else "day"), value.isoformat()
    return ("computed" if isinstance(value, Computed) else "float"), float(value)


_spelled = lru_cache(MOST_MOMENTS)(datetime.isoformat)
_moment = lru_cache(MOST_MOMENTS)(datetime.fromisoformat)
_REVIVED: dict[str, Callable[[Any], Value]] = {
    "moment": _moment, "day": date.fromisoformat, "computed": Computed, "float": float
}  # fmt: skip
