"""The steps from tables to results, and the pipeline that takes them in order: no files, no Excel, no clock."""
