"""Notes mistakes of xlperf's own: the user is told in words, the details go to a log file."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from xlperf.core.problems import Problem, Text

LOG = "XLPERF_LOG"  # the variable that names another log file
LOG_BYTES = 1 << 20
WHOLE = Text(
    "没有写了一半的文件：每个文件要么是旧的，要么是新的。",
    "No file is half written: each is either the old one or the new one.",
)
HALF_WRITTEN = Text(
    "工作簿可能只写了一部分，请不要保存，重新打开后再试。",
    "Some of the sheets may be half written: please do not save, and open the workbook again.",
)


def log_path() -> Path:
    """Return where mistakes of xlperf's own are noted: in the home folder, unless a variable names another file."""
    return Path(os.environ.get(LOG) or Path.home() / ".xlperf" / "xlperf.log")


def mistake_problem(mistake: BaseException, doing: str, state: Text) -> Problem:
    """Note a mistake in the log, and return it as a problem.

    Parameters
    ----------
    mistake : what was raised
    doing : the command or the macro that stopped
    state : what has become of the workbook
    """
    return Problem("own-mistake", details={"doing": doing, "state": state, "log": note(mistake, doing)})


def note(mistake: BaseException, doing: str) -> str:
    """Note where in the code something went wrong, and return the name of the log file.

    ``doing`` is the command or the macro that stopped. What stands in the workbook is not written down. Where the log
    cannot be written, another one is in the folder of temporary files; where that cannot be written either, the name is
    empty.
    """
    for path in _places():
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, mistake, doing)
            return str(path)
    return ""


def _places() -> Iterator[Path]:
    with suppress(RuntimeError):  # nobody's home is known
        yield log_path()
    yield Path(tempfile.gettempdir()) / f"xlperf-{os.getpid()}.log"


def _write(path: Path, mistake: BaseException, doing: str) -> None:
    path.touch()  # a handler would print a trace where it cannot write
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.Logger("xlperf")
    logger.addHandler(handler)
    try:
        logger.error("%s stopped", doing, exc_info=mistake)
    finally:
        handler.close()
