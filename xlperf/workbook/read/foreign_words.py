"""What foreign words in columns of codes and choices mean: what the call says, and what HR keeps on a sheet.

A word of a choice that has no meaning is reported and never guessed. The words of a call that a file has are kept, and
so, if the call asks for it, are those without a meaning, for HR to complete.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xlperf.core.numbers import clean_key, clean_text
from xlperf.core.problems import Lang, Problem
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.schema import SHEETS, Column, Sheet
from xlperf.schema.coercion import SEPARATORS
from xlperf.schema.tables import Table, empty, table_of
from xlperf.workbook.read.headers import sheet_titled

Place = tuple[str, str, str]  # the code of a sheet, the code of a column, the folded word


@dataclass
class Words:
    """The meanings that are known, and what became of the words of the files.

    ``given`` are the words of the call, ``kept`` the sheet of foreign words. ``translated`` says which word of which
    column of which sheet was read as which of ours, ``unknown`` which words of choices have no meaning.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    kept: Table = field(default_factory=lambda: empty("foreign_words"))
    translated: dict[tuple[str, str, str], str] = field(default_factory=dict)
    unknown: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._of_call = {fold(word): meaning for word, meaning in self.given.items()}
        self._seen: set[str] = set()
        self._used: set[str] = set()
        self._on_sheet: dict[Place, tuple[str, int]] = {}
        self._wrong: list[Problem] = []
        columns = ("sheet", "column", "word", "meaning")
        rows = self.kept.frame[[*columns]].astype("object").itertuples(index=False, name=None)
        for position, row in enumerate(rows):
            title, heading, word, meaning = ("" if cell != cell or cell is None else str(cell) for cell in row)
            if title and heading and word and (place := self._place(position, title, heading)):
                self._on_sheet[(*place, fold(word))] = (meaning, position)

    def _place(self, position: int, title: str, heading: str) -> tuple[str, str] | None:
        sheet = sheet_titled(title)
        column = sheet.find(heading) if sheet else None
        if sheet is None or column is None:
            known = [each.title for each in SHEETS.values()] if sheet is None else [each.name for each in sheet]
            cell, where = (title, "sheet") if sheet is None else (heading, "column")
            near = similar(cell, [word for each in known for word in each])
            self._wrong.append(self._problem("foreign-word-place", where, position, cell=cell, near=near))
            return None
        return sheet.code, column.code

    def _problem(self, code: str, column: str, position: int, /, **details: object) -> Problem:
        return Problem(code, self.kept.title, self.kept.cells(column, [position]), details)

    def translate(self, sheet: Sheet, code: str, texts: Collection[str]) -> dict[str, str]:
        """Return the texts of a column that have a meaning, with it; remember those of a choice that have none."""
        self._seen.update(map(clean_text, texts))
        column, found = sheet.by_code[code], {}
        for text in texts:
            meaning = self._meaning(sheet, column, text)
            if meaning is None:
                found[text] = ""
            elif meaning:
                found[text] = meaning
                self.translated[sheet.code, code, clean_text(text)] = meaning
            elif not _is_known(column, text):
                self.unknown.append((sheet.code, code, clean_text(text)))
        return found

    def _meaning(self, sheet: Sheet, column: Column, text: str) -> str | None:
        """Return the meaning of a text, nothing where there is none, and None where that of the sheet is no word."""
        place = (sheet.code, column.code, fold(text))
        given, (kept, position) = self._of_call.get(fold(text), ""), self._on_sheet.get(place, ("", 0))
        if given:
            self._used.add(fold(text))
            if kept and fold(kept) != fold(given):
                self._wrong.append(
                    self._problem("foreign-word-two-meanings", "meaning", position, cell=kept, word=text, other=given)
                )
            return given
        if kept and not _is_known(column, kept):
            allowed = list(column.vocabulary.values())
            near = similar(kept, {word for each in allowed for word in each}, 1)
            self._wrong.append(
                self._problem(
                    "not-a-choice", "meaning", position, cell=kept, column=column.name, allowed=allowed, near=near
                )
            )
            return None
        return kept

    def of(self, sheet: str) -> dict[str, str]:
        """Return the words of a sheet that were read as others, with their meanings."""
        return {word: meaning for (code, _, word), meaning in self.translated.items() if code == sheet}

    def problems(self) -> Iterator[Problem]:
        """Report what is wrong on the sheet of foreign words, as far as it was asked."""
        yield from self._wrong

    def unused(self) -> Iterator[Problem]:
        """Report the words of the call that no column of codes or choices has."""
        for word in self.given:
            if fold(word) not in self._used:
                yield Problem("import-word-absent", details={"cell": word, "near": similar(word, self._seen)})

    def to_keep(self, lang: Lang, unknown: bool = False) -> Table | None:
        """Return the sheet of foreign words with those that are new on it, or None where none is.

        They are the words of the call that a file has or, for ``unknown``, those without a meaning.
        """
        found: Sequence[tuple[str, str, str]] = self.unknown if unknown else [*self.translated]
        rows = [
            {
                "sheet": SHEETS[sheet].title(lang),
                "column": SHEETS[sheet][code].name(lang),
                "word": word,
                "meaning": self.translated.get((sheet, code, word)),
            }
            for sheet, code, word in dict.fromkeys(found)
            if (sheet, code, fold(word)) not in self._on_sheet
        ]
        return self.kept.append(table_of("foreign_words", rows)) if rows else None


def _is_known(column: Column, text: str) -> bool:
    """Whether a column takes a text as it is: each of its words where it is one of choices, anything otherwise."""
    if column.kind not in ("choice", "choices"):
        return True
    parts = SEPARATORS.split(text) if column.kind == "choices" else [text]
    return all(column.vocabulary.find(clean_key(part)) is not None for part in parts if clean_key(part))
