"""The old name of :mod:`xlperf.addin.worker`, which older extensions of LibreOffice start."""

from xlperf.addin.worker import main

if __name__ == "__main__":
    main()
