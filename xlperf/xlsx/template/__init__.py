"""Workbooks made from a template: compiled once, rendered for each recipient."""
