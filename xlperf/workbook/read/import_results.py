"""What an import found: what became of each table, cell by cell, the sheets with their new rows, and the problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from xlperf.core.problems import Lang, Problem, Text
from xlperf.schema.tables import Table


class ColumnRead(NamedTuple):
    """A column of a file: its heading, the column of ours that it fills, and the first value that is new.

    ``heading_cell`` and ``cell`` are addresses in the file; they are empty where there is no such cell.
    """

    heading: str
    heading_cell: str
    code: str
    name: Text
    value: str
    cell: str


@dataclass(frozen=True)
class FileSummary:
    """What became of one table of a file.

    ``part`` is the sheet of the file, ``skipped`` the rows that are no records by reason, with their row numbers;
    ``mapped`` tells which heading of the file was taken for which column, ``unused`` the headings of the others.
    ``words`` are foreign words with what they were read as.
    ``code`` is the code of our sheet, ``columns`` what each column brings, and ``first_new`` the position of the first
    new row among the rows of our sheet, None where none is new.
    """

    file: str
    part: str
    sheet: Text
    header_row: int
    rows: int
    added: int
    same: int
    blank: int
    skipped: tuple[tuple[Text, str], ...] = ()
    mapped: Mapping[str, Text] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    code: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ColumnRead, ...] = ()
    first_new: int | None = None

    def as_dict(self, lang: Lang) -> dict[str, Any]:
        """Return the summary as plain words and numbers."""
        return {
            "file": self.file,
            "part": self.part,
            "sheet": self.sheet(lang),
            "header_row": self.header_row,
            "rows": self.rows,
            "added": self.added,
            "same": self.same,
            "blank": self.blank,
            "skipped": {reason(lang): rows for reason, rows in self.skipped},
            "mapped": {heading: meaning(lang) for heading, meaning in self.mapped.items()},
            "unused": list(self.unused),
            "words": dict(self.words),
        }

    def in_words(self, lang: Lang) -> str:
        """Return the summary as one paragraph."""
        zh = lang == "zh"
        source = f"{self.file} {self.part}".strip()
        counts = (
            f"{source} → {self.sheet.zh}：读取 {self.rows} 行，新增 {self.added} 行，已有相同的 {self.same} 行"
            if zh
            else f"{source} → {self.sheet.en}: rows read {self.rows}, added {self.added}, already there {self.same}"
        )
        comma, between = ("；", "、") if zh else ("; ", ", ")
        parts = [f"{heading} → {meaning(lang)}" for heading, meaning in self.mapped.items()]
        words = [counts, between.join(parts)]
        if self.words:
            read_as = between.join(f"{word} = {meaning}" for word, meaning in self.words.items())
            words.append(Text("词语：", "words: ")(lang) + read_as)
        if self.unused:
            words.append(Text("没有使用：", "not used: ")(lang) + between.join(self.unused))
        words += [f"{Text('跳过', 'skipped')(lang)} {rows} ({reason(lang)})" for reason, rows in self.skipped]
        return comma.join(filter(None, words)) + ("。" if zh else ".")


@dataclass(frozen=True)
class Imported:
    """The sheets with the new rows, what became of each file, and what stood in the way.

    ``to_complete`` is the sheet of foreign words with those that have no meaning yet, None where there are none.
    """

    tables: dict[str, Table]
    done: list[FileSummary]
    problems: list[Problem]
    to_complete: Table | None = None
