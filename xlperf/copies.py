"""What goes into one published workbook: plain figures and records, which travel to whoever writes the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Value = str | float | date | None
Record = tuple[Value, ...]


class Computed(float):
    """A figure that its native formula gives from the figures on the same page."""


@dataclass(frozen=True)
class Copy:
    """What one recipient gets: whom it is for, figures by name, and the records of each block."""

    recipient: str
    values: Mapping[str, Value]
    blocks: Mapping[str, Sequence[Record]]
