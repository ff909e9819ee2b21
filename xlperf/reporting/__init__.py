"""The tables that people look at: output sheets, dashboards, scorecards, forms and reports; not yet files."""
