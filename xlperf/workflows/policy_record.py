"""What a run notes about the policy: which cells have changed since the last one, and who edited the workbook when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlperf.core.problems import Lang, Problem, Text
from xlperf.workflows.store import WorkbookStore

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.policy.scheme.cells import PolicyCells
    from xlperf.schema.tables import Table
    from xlperf.scoring.stages import Finished
    from xlperf.workbook.read.book import Book


KEPT_AT = Text("政策的留存", "Policy kept")  # an item of the sheet Run


@dataclass(frozen=True)
class PolicyRecord:
    """The entries that the policy log lacks, and the policy for the next run to compare with; None where it is kept.

    ``is_first`` tells that no run has seen the policy before.
    """

    log: Table
    entries: pd.DataFrame
    basis: pd.DataFrame | None
    is_first: bool

    def has_changed(self, sheet: str) -> bool:
        """Whether a policy sheet is not what the run before saw.

        Parameters
        ----------
        sheet : its code
        """
        from xlperf.schema import SHEETS

        return self.is_first or bool(self.entries["sheet"].isin([*SHEETS[sheet].title]).any())

    def noted(self, run: pd.DataFrame, lang: Lang) -> pd.DataFrame:
        """Return the rows of the sheet Run with one that says where the policy is kept: it tells if that is gone.

        Parameters
        ----------
        run : the rows
        lang : of the new one
        """
        import pandas as pd

        from xlperf.policy.policy_log import BASIS
        from xlperf.schema import SHEETS

        where = Text(f"隐藏的工作表“{SHEETS[BASIS].title.zh}”", f'the hidden sheet "{SHEETS[BASIS].title.en}"')
        row = pd.DataFrame([(KEPT_AT(lang), where(lang))], columns=["item", "value"])
        return pd.concat([run, row], ignore_index=True)

    def write(self, workbook: Any, lang: Lang) -> None:
        """Write both into a workbook of openpyxl that has the log in full.

        Parameters
        ----------
        lang : of new titles and headings
        """
        from xlperf.workbook.write.log_sheets import add_entries, write_basis

        if len(self.entries):
            add_entries(workbook, self.log, self.entries, lang)
        if self.basis is not None:
            write_basis(workbook, self.basis, lang)


def policy_record(
    store: WorkbookStore, ours: Book, appraisal: Finished, by: str | None = None, date: str | None = None
) -> PolicyRecord:
    """Return what a run is to note about the policy.

    Parameters
    ----------
    store, ours : the workbook, and what was read of it
    appraisal : of the run
    by, date : who has changed the policy, and on which day; without them who edited the workbook last, and when
    """
    from xlperf.policy.policy_log import BASIS, LOG, Edit, basis_rows, last_entry, new_entries

    scheme, lang = ours.scheme, ours.lang
    log, basis, cells = appraisal.table(LOG), appraisal.table(BASIS), _cells(ours)
    saved = store.last_saved()
    on = date or (f"{saved.at:%Y-%m-%d %H:%M} UTC" if saved.at is not None else "")
    edit = Edit(appraisal.period.code, scheme.settings.version, by or saved.by, on, lang)
    entries = new_entries(cells, log, basis, edit, bool(_record_gone(store, ours)))
    rows = basis_rows(cells, last_entry(log, basis) + len(entries), appraisal.period.code)
    return PolicyRecord(log, entries, None if _is_kept(basis, rows) else rows, is_first=not len(basis))


def check_record(store: WorkbookStore, ours: Book, period: str) -> list[Problem]:
    """Return what only the workbook as a whole tells of the record: that it is gone, or that the version stands still.

    Parameters
    ----------
    store, ours : the workbook, and what was read of it
    period : the code of the period now
    """
    from xlperf.policy.policy_log import BASIS, check_version

    basis = ours.tables.get(BASIS)
    return [
        *_record_gone(store, ours),
        *(check_version(_cells(ours), basis, ours.scheme, period) if basis is not None else ()),
    ]


def _cells(ours: Book) -> PolicyCells:
    """Return the cells of the policy in the words of the workbook."""
    from xlperf.policy.scheme.cells import policy_cells
    from xlperf.workbook.write.scheme_workbook import policy_frame

    return policy_cells(ours.scheme, ours.lang, lambda sheet: policy_frame(ours.scheme, sheet, ours.lang))


def _record_gone(store: WorkbookStore, ours: Book) -> list[Problem]:
    """Tell that both sheets of the record are gone where the sheet Run says that the last run kept them."""
    from xlperf.policy.policy_log import BASIS, LOG
    from xlperf.schema import SHEETS

    run = store.grid("run") if not {LOG, BASIS} & ours.tables.keys() else None
    if run is None or not any(cell in KEPT_AT for values in run.columns.values() for cell in values):
        return []
    return [Problem("policy-record-gone", run.title, "", {"log": SHEETS[LOG].title, "basis": SHEETS[BASIS].title})]


def _is_kept(basis: Table, rows: pd.DataFrame) -> bool:
    return len(basis) == len(rows) and bool((basis.frame[[*rows]].fillna("").to_numpy() == rows.to_numpy()).all())
