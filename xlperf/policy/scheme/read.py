"""Reads the records of a scheme from its policy sheets; what cannot be read is a problem at its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd

from xlperf.core.curves import Anchor, Curve
from xlperf.core.intervals import Interval
from xlperf.core.money import CENTS
from xlperf.core.numbers import clean_text, fraction_of, parse_number
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import UNITS, fold
from xlperf.policy import conditions
from xlperf.policy.conditions import ALWAYS, Condition, Misread, Operand, Scope
from xlperf.policy.rules import RULES, Rule
from xlperf.policy.scheme.codec import (
    BOUND_EXAMPLES,
    PARAMETER_EXAMPLES,
    SETTING_LIMITS,
    find_parameter,
    find_rule,
    operands_text,
    parameter_value,
    parameters_text,
    read_operands,
    setting_form,
    setting_text,
    setting_value,
    split_parameters,
    usual_text,
)
from xlperf.policy.scheme.formula_scope import formula_scope
from xlperf.policy.scheme.rating_levels import RatingLabels, values_by_label
from xlperf.policy.scheme.records import (
    UNSCORED,
    Band,
    Box,
    BoxAxis,
    ClientClass,
    ClientLevel,
    CurveRows,
    Dimension,
    Grade,
    Indicator,
    Outcome,
    Pair,
    Part,
    PayItem,
    Position,
    QuotaLimit,
    RaterWeight,
    RatingLevel,
    TaskRule,
    dimension_column,
    results_scope,
)
from xlperf.policy.scheme.scheme import Scheme
from xlperf.schema import SHEETS, SOURCE_SHEETS, Column
from xlperf.schema.coercion import PLACEHOLDER, SEPARATORS
from xlperf.schema.settings import SETTINGS, Setting, Settings, find_setting, setting_names
from xlperf.schema.tables import Table, Tables

DEFINING = tuple(column.code for column in SHEETS["indicators"] if column.code not in ("name", "name_en", "note"))
AMOUNTS = re.compile(r"[、;；/]|[,，](?!\d{3}(?!\d))")  # a comma before three digits separates thousands
NEEDS_COLUMN = ("sum", "mean", "completeness", "ratio", "growth", "formula")


def scheme_of(tables: Tables, own: Mapping[str, tuple[Column, ...]] | None = None) -> tuple[Scheme, list[Problem]]:
    """Read the records of a scheme from its policy sheets.

    ``own`` are the columns that HR added to the input sheets, by sheet: conditions may name them. What cannot be read
    is a problem at its cell; its record keeps a harmless value, so that every other problem is found too, and the
    scheme knows that the cell was not understood.
    """
    reader = _Reader(tables, own or {})
    reader.check_words()
    settings = reader.settings()
    if settings.total_method == "weighted":
        reader.weights_in_percent("dimensions")
        reader.weights_in_percent("indicators")
    for sheet in ("parts", "raters"):
        reader.weights_in_percent(sheet)
    levels = tuple(reader.rating_levels())
    scheme = Scheme(
        tables=reader.tables,
        settings=settings,
        dimensions=tuple(reader.dimensions()),
        indicators=tuple(reader.indicators(levels)),
        bands=reader.bands(),
        curves=reader.curves(),
        grades=tuple(reader.grades()),
        outcomes=tuple(reader.outcomes()),
        raters=tuple(reader.raters()),
        parts=tuple(reader.parts()),
        pay=tuple(reader.pay()),
        positions=tuple(reader.positions()),
        pairs=tuple(reader.pairs()),
        client_levels=tuple(reader.client_levels("classes")),
        own_levels=tuple(reader.client_levels("own_levels")),
        client_classes=tuple(reader.client_classes()),
        task_rules=tuple(reader.task_rules()),
        quota_limits=tuple(reader.quota_limits()),
        box_axes=tuple(reader.box_axes()),
        boxes=tuple(reader.boxes()),
        rating_levels=levels,
    )
    unread = {
        sheet: {column: frozenset(rows) for column, rows in columns.items()} for sheet, columns in reader.unread.items()
    }
    return replace(scheme, tables=reader.tables, unread=unread), reader.problems


def rating_labels_of(tables: Tables) -> RatingLabels:
    """Return the labels that ratings may be typed by; these sheets are read first, since ratings are read by them.

    What is wrong with the sheets is a problem of the scheme, see ``scheme_of``.
    """
    reader = _Reader(tables, {})
    rated = [(row["code"], row.named()) for _, row in reader.rows("indicators") if row["source"] == "ratings"]
    return RatingLabels.of(reader.rating_levels(), rated)


def _with_own_levels(own: tuple[Column, ...], levels: Table | None) -> tuple[Column, ...]:
    """Add to HR's columns of Clients those that a run fills with levels of HR's own, so that conditions know them."""
    named = levels["axis"].dropna().unique().tolist() if levels is not None else []
    filled = {name: Column(name, Text(name, name), "text") for name in named}
    return (*(each for each in own if each.code not in filled), *filled.values())


class _Reader:
    """Reads records, collects problems, and puts the canonical form of every text back into the tables."""

    def __init__(self, tables: Tables, own: Mapping[str, tuple[Column, ...]]) -> None:
        self.tables = {sheet: table for sheet, table in tables.items() if SHEETS[sheet].role == "policy"}
        self.own = {**own, "clients": _with_own_levels(own.get("clients", ()), self.tables.get("own_levels"))}
        self.problems: list[Problem] = []
        self.unread = {
            sheet: {column: set(rows) for column, rows in table.unread.items()} for sheet, table in self.tables.items()
        }
        self.copied: set[str] = set()  # the sheets whose frames are the reader's own

    def rows(self, sheet: str) -> Iterator[tuple[int, Any]]:
        table = self.tables.get(sheet)
        if table is None:
            return
        for position, row in enumerate(table.frame.itertuples(index=False, name=None)):
            yield position, _Row(dict(zip(table.frame.columns, row, strict=True)))

    def report(self, code: str, sheet: str, position: int, column: str, /, **details: Any) -> None:
        table = self.tables[sheet]
        if position in table.unread.get(column, ()):
            return  # the cell has its error already
        problem = Problem(code, table.title, table.cells(column, [position]), details)
        self.problems.append(problem)
        if problem.level == "error":
            self.mark_unread(sheet, column, position)

    def mark_unread(self, sheet: str, column: str, position: int) -> None:
        """Remember that a cell was not understood."""
        self.unread[sheet].setdefault(column, set()).add(position)

    def is_read(self, sheet: str, position: int, *columns: str) -> bool:
        """Tell whether the cells of some columns were understood in a row."""
        return not any(position in self.unread[sheet].get(column, ()) for column in columns)

    def check_words(self) -> None:
        """Report words that a column does not have, in tables that were made otherwise than by reading a sheet."""
        for sheet, table in self.tables.items():
            for column in table.sheet:
                if column.kind != "choice":
                    continue
                words = column.vocabulary
                for position, word in enumerate(table[column.code]):
                    if isinstance(word, str) and word and word not in words:
                        allowed = {name for each in words.values() for name in each}
                        self.report("not-a-choice", sheet, position, column.code, cell=word, column=column.name,
                                    allowed=list(words.values()), near=similar(word, allowed, 1))  # fmt: skip

    def keep(self, sheet: str, position: int, column: str, text: str) -> None:
        """Put the canonical form of a text back where it came from; the frame is copied for the first one only."""
        table = self.tables[sheet]
        if table.frame.at[position, column] != text:
            if sheet not in self.copied:
                table = self.tables[sheet] = table.with_frame(table.frame.copy())
                self.copied.add(sheet)
            table.frame.at[position, column] = text

    def weights_in_percent(self, sheet: str) -> None:
        """Take weights such as 0.15 for 15 % where none of the column is above 1, as in a column formatted with %."""
        table = self.tables.get(sheet)
        if table is None:
            return
        weight = table["weight"]
        in_parts = ((weight > 0) & (weight < 1)).any() or weight.sum() == 1
        if not in_parts or (weight > 1).any():
            return
        limits = {code: table[code] * 100.0 for code in ("weight_least", "weight_most") if code in table.sheet.by_code}
        self.tables[sheet] = table.with_frame(table.frame.assign(weight=weight * 100.0, **limits))
        cells = table.cells("weight", range(len(table)))
        self.problems.append(
            Problem("weights-as-fractions", table.title, cells, {"column": table.sheet["weight"].name})
        )

    # Settings ---------------------------------------------------------------------------------------------------

    def settings(self) -> Settings:
        values: dict[str, Any] = {}
        meant: set[str] = set()  # settings whose name is misspelt
        for position, row in self.rows("settings"):
            name = clean_text(row["setting"])
            setting = find_setting(name)
            if setting is None:
                if name:
                    near = similar(name, setting_names(), 1)
                    meant |= {found.code for found in map(find_setting, near) if found is not None}
                    self.report("setting-unknown", "settings", position, "setting", cell=name, near=near)
            elif setting.code in values:
                self.report("setting-twice", "settings", position, "setting", setting=setting.name)
            else:
                values[setting.code] = self.setting(setting, position, row["value"])
                self.keep("settings", position, "setting", setting.code)
        for setting in SETTINGS.values():
            expected = setting.required and (not setting.needs or len(self.tables.get(setting.needs) or ()))
            if setting.code not in {*values, *meant} and expected and setting.code not in ("period", "language"):
                self.problems.append(
                    Problem("setting-missing", self.title("settings"), "",
                            {"setting": setting.name, "usual": setting_text(setting, setting.usual)})
                )  # fmt: skip
        if "settings" in self.tables:
            self.keep_settings(values)
        return Settings.of(values)

    def keep_settings(self, values: Mapping[str, Any]) -> None:
        table = self.tables["settings"]
        frame = table.frame.copy()
        frame["value"] = pd.Series([values.get(code) for code in frame["setting"]], dtype="object", index=frame.index)
        self.tables["settings"] = table.with_frame(frame)

    def title(self, sheet: str) -> str:
        return self.tables[sheet].title if sheet in self.tables else SHEETS[sheet].title("zh")

    def setting(self, setting: Setting, position: int, value: Any) -> Any:
        if value is None or value != value or clean_text(value) == "":
            if setting.required and setting.code != "period":
                usual = setting_text(setting, setting.usual)
                self.report("setting-empty", "settings", position, "value", setting=setting.name, usual=usual)
            return setting.usual if setting.required else type(setting.usual)()
        read = setting_value(setting, value)
        low, high, _ = SETTING_LIMITS.get(setting.code, (0, float("inf"), None))
        if read is None or (setting.code in SETTING_LIMITS and not low <= read <= high):
            allowed = list(setting.vocabulary.values()) if setting.words else setting_form(setting)
            self.report("setting-value", "settings", position, "value",
                        cell=clean_text(value), setting=setting.name, allowed=allowed)  # fmt: skip
            return setting.usual
        return self.gates(position, read) if setting.code == "gates" else read

    def gates(self, position: int, words: Sequence[str]) -> tuple[str, ...]:
        """Return the columns of the Employees sheet that the words mean."""
        columns = {word: self.employee_column(word) for word in words}
        for word, code in columns.items():
            if not code:
                headings = [heading for each in SHEETS["employees"] for heading in each.name]
                near = similar(word, [*headings, *(each.code for each in self.own.get("employees", ()))])
                self.report("gate-unknown", "settings", position, "value", cell=word, near=near)
        return tuple(dict.fromkeys(filter(None, columns.values())))

    def employee_column(self, word: str) -> str:
        """Return the column of the Employees sheet that a heading means; one of HR's own keeps its heading."""
        found = SHEETS["employees"].find(word)
        own = (each.code for each in self.own.get("employees", ()) if each.code == word)
        return found.code if found is not None else next(own, "")

    # Records ----------------------------------------------------------------------------------------------------

    def dimensions(self) -> Iterator[Dimension]:
        for _, row in self.rows("dimensions"):
            yield Dimension(row["code"], row.named(), row.number("weight"))

    def grades(self) -> Iterator[Grade]:
        for _, row in self.rows("grades"):
            bounds = (row.number(each) for each in ("lower", "upper", "share", "coefficient"))
            yield Grade(row["code"], row.named(), *bounds)

    def quota_limits(self) -> Iterator[QuotaLimit]:
        known = {fold(word): grade.code for grade in self.grades() for word in (grade.code, *grade.name)}
        order = list(dict.fromkeys(known.values()))
        for position, row in self.rows("distribution"):
            words = list(filter(None, map(str.strip, SEPARATORS.split(row["grades"]))))
            unknown = [word for word in words if fold(word) not in known]
            for word in unknown:
                self.report("code-unknown", "distribution", position, "grades", cell=word,
                            column=SHEETS["distribution"]["grades"].name, sheet=SHEETS["grades"].title,
                            near=similar(word, order))  # fmt: skip
            grades = tuple(sorted({known[fold(word)] for word in words if fold(word) in known}, key=order.index))
            if not unknown and grades:
                self.keep("distribution", position, "grades", "、".join(grades))
            unit_grade = row["unit_grade"]
            if unit_grade and fold(unit_grade) not in known:
                self.report("code-unknown", "distribution", position, "unit_grade", cell=unit_grade,
                            column=SHEETS["distribution"]["unit_grade"].name, sheet=SHEETS["grades"].title,
                            near=similar(unit_grade, order))  # fmt: skip
            share, tolerance = (
                fraction_of(number) if (number := row.number(each)) == number else Fraction(0)
                for each in ("share", "tolerance")
            )
            yield QuotaLimit(
                code=row["limit_id"],
                grades=grades,
                kind=row["limit"],
                share=share,
                tolerance=tolerance,
                rounding=row["rounding"],
                unit_grade=known.get(fold(unit_grade), ""),
                unit_from=row.number("unit_from"),
                unit_below=row.number("unit_below"),
            )

    def box_axes(self) -> Iterator[BoxAxis]:
        known = {"total": "total"}
        for sheet in ("dimensions", "indicators"):
            known |= {word: row["code"] for _, row in self.rows(sheet) for word in (row["code"], *row.named()) if word}
        for position, row in self.rows("box_axes"):
            score = known.get(row["score"], "")
            if row["score"] and not score:
                self.report("box-score-unknown", "box_axes", position, "score", cell=row["score"],
                            near=similar(row["score"], list(known)))  # fmt: skip
            yield BoxAxis(row["axis"], row.named(), score, row.number("middle_from"), row.number("high_from"))

    def boxes(self) -> Iterator[Box]:
        for _, row in self.rows("boxes"):
            shares = (row.number(each) for each in ("least", "most"))
            yield Box(row["across"], row["up"], row.named(), row.text("advice"), *shares)

    def bands(self) -> dict[str, tuple[Band, ...]]:
        sets: dict[str, list[Band]] = {}
        for _, row in self.rows("bands"):
            low, high = row.number("low"), row.number("high")
            interval = Interval(
                low if low == low else -float("inf"),
                row["low_included"] == "yes",
                high if high == high else float("inf"),
                row["high_included"] == "yes",
            )
            sets.setdefault(row["band_set"], []).append((interval, row.number("points")))
        return {name: tuple(bands) for name, bands in sets.items()}

    def curves(self) -> dict[str, CurveRows]:
        """Read each curve's anchors in the order of their rows; a reading that is empty is that of the row above."""
        sets: dict[str, list[tuple[int, Anchor, Any]]] = {}
        for position, row in self.rows("curves"):
            mine = sets.setdefault(row["curve"], [])
            reading = row["reading"] or (mine[-1][1].reading if mine else "")
            mine.append((position, Anchor(row.number("value"), row.number("points"), reading), row["beyond"]))
        return {
            name: CurveRows(
                Curve(tuple(anchor for _, anchor, _ in rows), rows[0][2], rows[-1][2] if len(rows) > 1 else ""),
                tuple(position for position, *_ in rows),
            )
            for name, rows in sets.items()
        }

    def outcomes(self) -> Iterator[Outcome]:
        scope = results_scope(self.dimension_columns())
        for position, row in self.rows("outcomes"):
            where = self.condition("outcomes", position, "where", row["where"], scope)
            eligible = self.condition("outcomes", position, "eligible", row["eligible"], scope)
            kind = row["period_kind"]
            yield Outcome(row["code"], row.named(), where or ALWAYS, eligible, row.words("staff_class"), kind)

    def raters(self) -> Iterator[RaterWeight]:
        for position, row in self.rows("raters"):
            dimension = self.dimension("raters", position, row["dimension"])
            yield RaterWeight(dimension, row["relation"], row.number("weight"), row.number("minimum"))

    def rating_levels(self) -> Iterator[RatingLevel]:
        known = {
            word: row["code"] for _, row in self.rows("indicators") for word in (*row.named(), row["code"]) if word
        }
        for position, row in self.rows("rating_levels"):
            words = list(filter(None, map(str.strip, SEPARATORS.split(row["indicators"]))))
            unknown = [word for word in words if word not in known]
            for word in unknown:
                self.report("code-unknown", "rating_levels", position, "indicators", cell=word,
                            column=SHEETS["rating_levels"]["indicators"].name, sheet=SHEETS["indicators"].title,
                            near=similar(word, list(known)))  # fmt: skip
            codes = tuple(dict.fromkeys(known.get(word, word) for word in words))
            if words and not unknown:
                self.keep("rating_levels", position, "indicators", "、".join(codes))
            yield RatingLevel(codes, row.text("label"), row.number("value"), row.text("anchor"))

    def parts(self) -> Iterator[Part]:
        for _, row in self.rows("parts"):
            yield Part(
                code=row["code"],
                name=row.named(),
                period_kind=row["period_kind"],
                source=row["source"],
                check_kinds=row.words("check_kinds"),
                part_kind=row["part_kind"],
                weight=row.number("weight"),
                inner=row["inner"] or "each",
                if_missing=row["if_missing"] or "redistribute",
            )

    def pay(self) -> Iterator[PayItem]:
        scope = results_scope(self.dimension_columns())
        for position, row in self.rows("pay"):
            amounts = self.amounts(position, row["amounts"])
            shares, remainder = self.shares(position, row["shares"]), row["remainder"]
            if row["way"] == "place_amounts" and sum(amounts):
                shares, remainder = tuple(each / sum(amounts) for each in amounts), "unallocated"
            limits = {
                code: limit if (limit := row.number(code)) == limit else None for code in ("least", "most", "budget")
            }
            yield PayItem(
                code=row["code"],
                name=row.named(),
                way=row["way"],
                base=self.base_column(position, row["base"]),
                band_set=row["band_set"],
                shares=shares,
                remainder=remainder,
                pool_by=row["pool_by"] or "company",
                where=self.condition("pay", position, "where", row["where"], scope) or ALWAYS,
                prorate=row["prorate"] == "yes",
                period_kind=row["period_kind"],
                unit=round(unit * CENTS) if (unit := row.number("rounding_unit")) > 0 else 1,
                curve=row["curve"],
                figure=row["figure"],
                amounts=amounts,
                **{code: fraction_of(limit) if limit is not None else None for code, limit in limits.items()},
            )

    def base_column(self, position: int, word: str) -> str:
        """Return the column of the Employees sheet that a heading means; one of HR's own keeps its heading."""
        if not word:
            return ""
        code = self.employee_column(word)
        if not code:
            amounts = [each for each in SHEETS["employees"] if each.kind == "money"]
            self.report("base-unknown", "pay", position, "base", cell=word, known=[each.name for each in amounts])
        self.keep("pay", position, "base", code or word)
        return code or word

    def shares(self, position: int, text: str) -> tuple[Fraction, ...]:
        """Read shares such as ``30%, 20%`` exactly."""
        shares = []
        for part in filter(None, map(str.strip, SEPARATORS.split(text))):
            share = _share(part)
            if share is None or not 0 <= share <= 1:
                self.report("shares-unreadable", "pay", position, "shares", cell=part)
            else:
                shares.append(share)
        return tuple(shares)

    def amounts(self, position: int, text: str) -> tuple[Fraction, ...]:
        """Read amounts such as ``3000、2000`` exactly; a comma stands between amounts, or between thousands."""
        amounts = []
        for part in filter(None, map(str.strip, AMOUNTS.split(text))):
            read = parse_number(part)
            if read.kind != "number" or read.value < 0:
                self.report("amounts-unreadable", "pay", position, "amounts", cell=part)
            else:
                amounts.append(fraction_of(read.value))
        return tuple(amounts)

    def positions(self) -> Iterator[Position]:
        for _, row in self.rows("positions"):
            yield Position(
                group=row["group"],
                name=row.named(),
                staff_class=row["staff_class"],
                tier=row["tier"],
                reports_to=row["reports_to"],
                duties=row.text("duties"),
                requirements=row.text("requirements"),
            )

    def pairs(self) -> Iterator[Pair]:
        for position, row in self.rows("pairs"):
            over, _, under = row["judgement"].partition("/")
            parts = [parse_number(each or "1") for each in (over, under)]
            if any(each.kind != "number" or not each.value > 0 for each in parts):
                self.report("judgement-unreadable", "pairs", position, "judgement", cell=row["judgement"])
                continue
            ratio = fraction_of(parts[0].value) / fraction_of(parts[1].value)
            yield Pair(row["within"], row["first"], row["second"], ratio)

    def client_levels(self, sheet: str) -> Iterator[ClientLevel]:
        scope = self.scope("clients")
        for position, row in self.rows(sheet):
            column = self.operand(sheet, position, "column", row["column"], scope)
            if column is not None:
                yield ClientLevel(row["axis"], row["level"], column, row["mode"], row.number("lower"))

    def client_classes(self) -> Iterator[ClientClass]:
        for _, row in self.rows("client_classes"):
            levels = (row["r_level"], row["f_level"], row["m_level"])
            yield ClientClass(row["code"], levels, row.text("service_group"), row.text("strategy"))

    def task_rules(self) -> Iterator[TaskRule]:
        scope = self.scope("clients")
        trigger = Column("trigger", SHEETS["task_rules"]["trigger"].name, "date")
        of_due = Scope.of_sheet("clients", (*self.own.get("clients", ()), trigger))
        for position, row in self.rows("task_rules"):
            scopes = {"where": scope, "done_when": of_due, "cancel_when": of_due}
            read = {name: self.condition("task_rules", position, name, row[name], scopes[name]) for name in scopes}
            due = self.operand("task_rules", position, "due", row["due"], of_due)
            if due is None:
                continue
            sample = row.number("sample")
            yield TaskRule(
                code=row["code"],
                name=row.named(),
                task_kind=row["task_kind"],
                per=row["per"],
                where=read["where"] or ALWAYS,
                trigger=self.operand("task_rules", position, "trigger", row["trigger"], scope),
                due=due,
                done_when=read["done_when"],
                cancel_when=read["cancel_when"],
                sample=fraction_of(sample) if sample == sample else Fraction(1),
                feeds=tuple(filter(None, map(str.strip, SEPARATORS.split(row["feeds"])))),
                active=row["active"] != "no",
            )

    def operand(self, sheet: str, position: int, column: str, text: str, scope: Scope | None) -> Operand | None:
        """Read one expression of a cell; without a scope it is not known what it may name."""
        if not text or scope is None:
            return None
        try:
            operand = conditions.read_expression(text, scope)
        except Misread as fault:
            self.report(fault.code, sheet, position, column, **fault.details)
            return None
        self.keep(sheet, position, column, conditions.to_text(operand, "en"))
        return operand

    def dimension_columns(self) -> list[Column]:
        return [dimension_column(each) for each in self.dimensions()]

    def indicators(self, levels: Sequence[RatingLevel]) -> Iterator[Indicator]:
        named = [(row["code"], row.named()) for _, row in self.rows("indicators")]
        codes = Scope(Column(code, name, "number") for code, name in named)
        for position, row in self.rows("indicators"):
            source, measure = (
                self.choice(position, row, "source", "actuals"),
                self.choice(position, row, "measure", "given"),
            )
            sheet = SOURCE_SHEETS[source]
            self.check_measure(position, row, sheet, measure)
            labels = {"score": values_by_label(levels, row["code"])} if source == "ratings" else {}
            scope = self.scope(sheet, labels) if self.is_read("indicators", position, "source") else None
            yield Indicator(
                code=row["code"],
                name=row.named(),
                dimension=self.dimension("indicators", position, row["dimension"]),
                weight=row.number("weight"),
                group=row["group"],
                levels=row.words("levels") or ("employee",),
                kind=row["kind"] or "quantitative",
                unit=self.unit(position, row["unit"]),
                direction=self.choice(position, row, "direction", "higher"),
                source=source,
                measure=measure,
                columns=self.columns(position, row, measure, formula_scope(named) if measure == "formula" else scope),
                where=self.condition("indicators", position, "where", row["where"], scope) or ALWAYS,
                hit=self.condition("indicators", position, "hit", row["hit"], scope),
                owner_at=self.operand("indicators", position, "owner_at", row["owner_at"], scope),
                target=row.number("target"),
                rule=self.rule(position, row["rule"]),
                parameters=self.parameters(position, row, codes),
                note=row["note"],
                is_understood=self.is_read("indicators", position, *DEFINING),
                sharing=row["sharing"] if self.is_read("indicators", position, "sharing") else "",
                proration=row["proration"] if self.is_read("indicators", position, "proration") else "",
            )

    def dimension(self, sheet: str, position: int, word: str) -> str:
        """Return the code of the dimension that a code or a name means; a word that means none as it stands."""
        rows = [row for _, row in self.rows("dimensions")]
        named = {row["code"] for row in rows if word and word in row.named()}
        if len(named) != 1 or any(word == row["code"] for row in rows):
            return word
        (code,) = named
        self.keep(sheet, position, "dimension", code)
        return str(code)

    def choice(self, position: int, row: _Row, column: str, usual: str) -> str:
        """Return the word of a row, a harmless one where it was not understood."""
        word = row[column]
        return word if word and self.is_read("indicators", position, column) else usual

    def check_measure(self, position: int, row: _Row, sheet: str, measure: str) -> None:
        """Report a measure that the rows of the source do not allow."""
        if measure != "given" or "actual" in SHEETS[sheet].by_code:
            return
        if not self.tables["indicators"].has("measure"):  # a heading is missing, which is reported already
            self.mark_unread("indicators", "measure", position)
        elif self.is_read("indicators", position, "source", "measure"):
            words = SHEETS["indicators"]["measure"].vocabulary
            self.report("measure-source", "indicators", position, "measure", measure=words["given"],
                        indicator=row.named(), sheet=SHEETS[sheet].title,
                        allowed=[word for code, word in words.items() if code != "given"])  # fmt: skip

    def scope(self, sheet: str, labels: Mapping[str, Mapping[str, float]] | None = None) -> Scope:
        return Scope.of_sheet(sheet, self.own.get(sheet, ()), self.own, labels)

    def condition(self, sheet: str, position: int, column: str, text: str, scope: Scope | None) -> Condition | None:
        if not text or scope is None:
            return None
        try:
            condition = conditions.read(text, scope)
        except Misread as fault:
            self.report(fault.code, sheet, position, column, **fault.details)
            return None
        self.keep(sheet, position, column, conditions.to_text(condition, "en"))
        return condition

    def columns(self, position: int, row: _Row, measure: str, scope: Scope | None) -> tuple[Operand, ...]:
        """Read what the measure works on: a list of columns, a quotient of two, or one figure per row."""
        text = row["column"]
        if scope is None or not self.is_read("indicators", position, "measure", "column"):
            return ()
        if measure in NEEDS_COLUMN and not text:
            self.report("indicator-needs-column", "indicators", position, "column",
                        indicator=row.named(), measure=SHEETS["indicators"]["measure"].vocabulary[measure])  # fmt: skip
        if measure == "share" and not row["hit"] and self.is_read("indicators", position, "hit"):
            self.report("indicator-needs-hit", "indicators", position, "hit", indicator=row.named())
        if not text:
            return ()
        try:
            operands = read_operands(text, measure, scope)
        except Misread as fault:
            self.report(fault.code, "indicators", position, "column", **fault.details)
            return ()
        self.keep("indicators", position, "column", operands_text(operands, measure, "en"))
        return operands

    def unit(self, position: int, word: str) -> str:
        """Keep a unit that is known by its code, so that it is shown in the reader's language."""
        code = UNITS.find(word) or word
        if code:
            self.keep("indicators", position, "unit", code)
        return code

    def rule(self, position: int, word: str) -> str:
        rule = find_rule(word)
        if rule is None:
            if word:
                near = similar(word, (each for rule in RULES.values() for each in (rule.code, *rule.name)), 3)
                self.report("rule-unknown", "indicators", position, "rule", cell=word, near=near)
            return UNSCORED
        self.keep("indicators", position, "rule", rule.code)
        return rule.code

    def parameters(self, position: int, row: _Row, codes: Scope) -> dict[str, Any]:
        """Read ``parameter = value; parameter = value`` by the card of the indicator's rule."""
        rule = find_rule(row["rule"])
        if rule is None:
            return {}
        values: dict[str, Any] = {}
        given: dict[str, str] = {}
        for name, text in split_parameters(row["parameters"]):
            parameter = find_parameter(rule, name)
            if parameter is None:
                self.report("parameter-unknown", "indicators", position, "parameters",
                            cell=name, rule=rule.name, known=[each.name for each in rule.parameters])  # fmt: skip
                continue
            if parameter.code in given:
                shown = [given[parameter.code], text]
                self.report(
                    "parameter-twice", "indicators", position, "parameters", parameter=parameter.name, cells=shown
                )
                continue
            given[parameter.code] = text
            if PLACEHOLDER.match(text):
                self.report("placeholder", "indicators", position, "parameters", cell=text, column=parameter.name)
                values[parameter.code] = None
                continue
            try:
                value = parameter_value(parameter, text, codes)
            except Misread as fault:
                self.report(fault.code, "indicators", position, "parameters", **fault.details)
                continue
            if value is None:
                allowed = list(parameter.choices.values()) or PARAMETER_EXAMPLES[parameter.kind]
                self.report("parameter-value", "indicators", position, "parameters",
                            cell=text, parameter=parameter.name, allowed=allowed)  # fmt: skip
            elif parameter.bound and not parameter.allows(value):
                self.report("parameter-value", "indicators", position, "parameters",
                            cell=text, parameter=parameter.name, allowed=BOUND_EXAMPLES[parameter.bound])  # fmt: skip
            values[parameter.code] = value
        self.check_reversed(position, rule, values, given)
        understood = self.is_read("indicators", position, "parameters")
        for parameter in rule.parameters:
            if understood and parameter.required and parameter.code not in values:
                self.report("parameter-missing", "indicators", position, "parameters", parameter=parameter.name,
                            rule=rule.name, usual=usual_text(parameter))  # fmt: skip
        known = {code: value for code, value in values.items() if value is not None}
        if len(known) == len(values) and values:
            self.keep("indicators", position, "parameters", parameters_text(rule, known, "en"))
        return known

    def check_reversed(self, position: int, rule: Rule, values: Mapping[str, Any], given: Mapping[str, str]) -> None:
        """Report two parameters of which the lower one is not below the upper one."""
        names = {each.code: each.name for each in rule.parameters}
        for each in rule.parameters:
            low, high = values.get(each.above), values.get(each.code)
            if each.above in names and low is not None and high is not None and low >= high:
                self.report("parameters-reversed", "indicators", position, "parameters", low=names[each.above],
                            high=each.name, low_value=given[each.above], high_value=given[each.code])  # fmt: skip


def _share(text: str) -> Fraction | None:
    """Read a share, also one that is written as a quotient.

    >>> _share("30%"), _share("1/3"), _share("one")
    (Fraction(3, 10), Fraction(1, 3), None)
    """
    parts = [parse_number(each) for each in text.split("/", 1)]
    if any(each.kind not in ("number", "percent") for each in parts) or not all(each.value for each in parts[1:]):
        return None
    first, *rest = (fraction_of(each.value) for each in parts)
    return first / rest[0] if rest else first


class _Row(dict[str, Any]):
    """One record; an empty cell of a text column reads as an empty text."""

    def __getitem__(self, column: str) -> Any:
        value = self.get(column)
        return "" if value is None or value != value else value

    def number(self, column: str) -> float:
        value = self.get(column)
        return float("nan") if value is None else float(value)

    def words(self, column: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self[column].split(",") if word.strip())

    def named(self) -> Text:
        return self.text("name")

    def text(self, column: str) -> Text:
        return Text(self[column], self[f"{column}_en"] or self[column])
