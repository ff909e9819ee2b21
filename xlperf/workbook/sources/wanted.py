"""Which columns of a source are needed: those of the steps, and those that the policy sheets name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlperf.core.vocabulary import fold
from xlperf.schema import Column, Sheet
from xlperf.schema.tables import Tables

OF_STEPS = {  # columns that the steps look at by themselves; of other sheets all columns are needed
    "clients": frozenset((
        "client_id", "client_name", "owner_id", "client_status", "created_date", "opened_date", "lost_date",
        "won_back_date", "last_contact_date", "r_level", "f_level", "m_level", "client_class", "service_group",
    )),
    "tasks": frozenset((
        "task_id", "task_kind", "rule_code", "client_id", "owner_id", "created_date", "due_date", "done_date", "status",
    )),
}  # fmt: skip


def wanted(sheet: Sheet, tables: Tables) -> Callable[[Column], bool]:
    """Return whether a column of a sheet is needed.

    A column that HR has added counts as needed where its heading stands anywhere in the text of a policy sheet.

    >>> from xlperf.schema import SHEETS
    >>> from xlperf.schema.tables import table_of
    >>> policy = {"indicators": table_of("indicators", {"where": ["amount > 0"]})}
    >>> needed = wanted(SHEETS["tasks"], policy)
    >>> needed(SHEETS["tasks"]["amount"]), needed(SHEETS["tasks"]["note"]), needed(SHEETS["tasks"]["owner_id"])
    (True, False, True)
    """
    always, is_named = OF_STEPS.get(sheet.code), named(tables)

    def needed(column: Column) -> bool:
        return (column.code in sheet.by_code and (always is None or column.code in always)) or is_named(column)

    return needed


def named(tables: Tables) -> Callable[[Column], bool]:
    """Return whether a column is named anywhere in the text of the policy sheets."""
    policy = "\n".join(fold(text) for text in policy_texts(tables))
    return lambda column: any(fold(name) in policy for name in (column.code, *column.name, *column.synonyms) if name)


def policy_texts(tables: Tables) -> Iterator[str]:
    """Return the texts of the policy sheets, those of a column once each."""
    return (
        text
        for table in tables.values()
        if table.sheet.role == "policy"
        for name in table.frame.columns
        for text in table.frame[name].dropna().unique()
        if isinstance(text, str)
    )
