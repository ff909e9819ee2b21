"""Asks a Python that has xlperf for the values of worksheet functions.

LibreOffice runs this file on a Python of its own, which need not have the version of the one that xlperf is installed
in: only the standard library is used, and the two talk through a pipe.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from typing import Any

MODULE = "xlperf.addin.worker"
NOT_FOUND = (
    "没有找到装有 xlperf 的 Python：{python}。请用 xlperf excel oxt 重新生成扩展，或设置环境变量 XLPERF_PYTHON。 / "
    "The Python that has xlperf was not found: {python}. Make the extension again with xlperf excel oxt, or set the "
    "environment variable XLPERF_PYTHON."
)


class NoPython(Exception):  # noqa: N818 - the state of the computer
    """The Python that has xlperf cannot be used; the text says why in both languages."""


class Client:
    """A connection to a Python that has xlperf, opened with the first call."""

    def __init__(self, python: str) -> None:
        self.python = os.environ.get("XLPERF_PYTHON") or python
        self.process: subprocess.Popen[str] | None = None
        self.lock = threading.Lock()

    def call(self, name: str, cells: list[Any]) -> Any:
        """Return what a worksheet function gives; an error is a mapping with the key ``error``."""
        with self.lock:
            try:
                return json.loads(self._ask(json.dumps([name, cells])))
            except (OSError, ValueError):
                self.close()
                raise NoPython(NOT_FOUND.format(python=self.python)) from None

    def _ask(self, request: str) -> str:
        if self.process is None or self.process.poll() is not None:
            self.process = self._start()
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request + "\n")
        process.stdin.flush()
        return process.stdout.readline()

    def _start(self) -> subprocess.Popen[str]:
        own = {"PYTHONPATH", "PYTHONHOME"}  # those that LibreOffice sets for its own Python
        return subprocess.Popen(
            [self.python, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={name: value for name, value in os.environ.items() if name not in own},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def close(self) -> None:
        """End the other Python."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process.wait(timeout=10)
        self.process = None
