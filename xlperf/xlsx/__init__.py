"""A general toolkit for OOXML workbooks: reading, lossless editing, templates, saving. Knows no word of appraisal."""
