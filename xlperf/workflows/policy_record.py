"""What a run notes about the policy: which cells have changed since the last one, and who edited the workbook when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlperf.core.problems import Lang
from xlperf.workflows.store import WorkbookStore

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.schema.tables import Table
    from xlperf.scoring.stages import Finished
    from xlperf.workbook.read.book import Book


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
    from xlperf.policy.scheme.cells import policy_cells
    from xlperf.workbook.write.scheme_workbook import policy_frame

    scheme, lang = ours.scheme, ours.lang
    log, basis = appraisal.table(LOG), appraisal.table(BASIS)
    cells = policy_cells(scheme, lang, lambda sheet: policy_frame(scheme, sheet, lang))
    saved = store.last_saved()
    on = date or (f"{saved.at:%Y-%m-%d %H:%M} UTC" if saved.at is not None else "")
    edit = Edit(appraisal.period.code, scheme.settings.version, by or saved.by, on, lang)
    entries = new_entries(cells, log, basis, edit)
    rows = basis_rows(cells, last_entry(log, basis) + len(entries))
    return PolicyRecord(log, entries, None if _is_kept(basis, rows) else rows, is_first=not len(basis))


def _is_kept(basis: Table, rows: pd.DataFrame) -> bool:
    return len(basis) == len(rows) and bool((basis.frame[[*rows]].fillna("").to_numpy() == rows.to_numpy()).all())
