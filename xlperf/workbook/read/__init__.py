"""From a workbook, or from foreign files, to tables that remember their cells."""
