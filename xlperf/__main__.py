"""Lets ``python -m xlperf`` do what ``xlperf`` does."""

from xlperf.cli import main

main()
