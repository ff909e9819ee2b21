"""Pivot tables over sheets that have changed are to be refreshed when Excel opens the workbook."""

from __future__ import annotations

from collections.abc import Collection

from xlperf.xlsx.package.opc import Workbook, child, tree, written


def refresh_pivots(book: Workbook, changed: Collection[str]) -> None:
    """Mark the caches of pivot tables whose source is one of some sheets, or a table on one."""
    tables = {
        tree(book.parts[part]).get("displayName")
        for title in changed
        for part in book.linked(book.sheet(title).part, "table")
    }
    for part in book.linked(book.main, "pivotCacheDefinition"):
        root = tree(book.parts[part])
        source = child(root, "cacheSource")
        cells = child(source, "worksheetSource") if source is not None else None
        if cells is not None and (cells.get("sheet") in changed or cells.get("name") in tables):
            root.set("refreshOnLoad", "1")
            book.parts[part] = written(root)
