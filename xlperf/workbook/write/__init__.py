"""From results to sheets of a workbook; whatever else the workbook holds stays as it was."""
