"""The context of one published workbook: the figures and records that a template is rendered with.

Records are kept by column from where they are made to where they are rendered: a column is worded, encoded and rendered
at once, which is several times faster than record by record (docs/performance.md).
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
MARSHAL_VERSION = 2  # the version of marshal that writes equal values alike, whether they are one object or two


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
class Context:
    """What a template is rendered with for one recipient: figures by name, and the records of each block."""

    recipient: str
    values: Mapping[str, Value]
    blocks: Mapping[str, Block]


class Contexts:
    """The contexts of some recipients, made a few at a time: all of them at once may be more than memory holds.

    >>> copies = Contexts.of([Context("E1", {}, {})])
    >>> copies.recipients, len(copies), [each.recipient for each in copies]
    (['E1'], 1, ['E1'])
    """

    def __init__(self, recipients: Sequence[str], made: Callable[[], Iterator[Context]]) -> None:
        self.recipients, self._made = recipients, made

    @classmethod
    def of(cls, copies: Sequence[Context]) -> Contexts:
        """Return the contexts of a sequence."""
        return cls([each.recipient for each in copies], lambda: iter(copies))

    def __len__(self) -> int:
        return len(self.recipients)

    def __iter__(self) -> Iterator[Context]:
        return self._made()


_PLAIN = {str, float, NoneType, int}
_DATED = {datetime, NoneType}
_EncodedColumn = tuple[str, list[Any]]  # the encoding ("", "moments" or "each"), and values


def to_bytes(context: Context) -> bytes:
    """Encode a context as bytes; equal contexts give equal bytes.

    Bytes go to other processes and are compared several times faster than the context itself.

    >>> of = {"item": Block.of([("Service", None, 95.0)])}
    >>> context = Context("E1", {"total": Computed(88.5), "due": date(2026, 10, 31)}, of)
    >>> from_bytes(to_bytes(context)) == context
    True
    """
    names = sorted(context.values)
    columns = {name: block.columns if len(block) else () for name, block in sorted(context.blocks.items())}
    blocks = [(name, [*map(_encode_column, of_block)]) for name, of_block in columns.items()]
    encoded: Any = (context.recipient, names, _encode_column([context.values[name] for name in names]), blocks)
    return marshal.dumps(encoded, MARSHAL_VERSION)


def from_bytes(data: bytes) -> Context:
    """Decode a context from the bytes of :func:`to_bytes`."""
    recipient, names, values, blocks = marshal.loads(data)
    given = {name: Block([_decode_column(*column) for column in columns]) for name, columns in blocks}
    return Context(recipient, dict(zip(names, _decode_column(*values), strict=True)), given)


def _encode_column(values: Sequence[Value]) -> _EncodedColumn:
    kinds = {*map(type, values)}
    if kinds <= _PLAIN:
        return "", values if isinstance(values, list) else list(values)
    if kinds <= _DATED:
        return "moments", [value and _format_moment(cast(datetime, value)) for value in values]
    return "each", [value if type(value) in _PLAIN else _encode_value(value) for value in values]


def _decode_column(how: str, values: list[Any]) -> list[Value]:
    if not how:
        return values
    if how == "moments":
        return [value and _parse_moment(value) for value in values]
    return [_DECODERS[value[0]](value[1]) if isinstance(value, tuple) else value for value in values]


def _encode_value(value: Any) -> tuple[str, Any]:
    if isinstance(value, date):
        return ("moment" if isinstance(value, datetime) else "day"), value.isoformat()
    return ("computed" if isinstance(value, Computed) else "float"), float(value)


_format_moment = lru_cache(MOST_MOMENTS)(datetime.isoformat)
_parse_moment = lru_cache(MOST_MOMENTS)(datetime.fromisoformat)
_DECODERS: dict[str, Callable[[Any], Value]] = {
    "moment": _parse_moment, "day": date.fromisoformat, "computed": Computed, "float": float
}  # fmt: skip
