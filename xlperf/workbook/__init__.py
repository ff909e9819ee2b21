"""Between the appraisal and the workbook: reading, writing, native formulas, facts from outside."""
