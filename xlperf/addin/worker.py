"""Answers calls of worksheet functions for a program that cannot load xlperf itself: one JSON text a line.

A request is ``["PERF_RANK", [[[80], [95]]]]``: the name, and the cells of each argument. The answer is the result;
an error is ``{"error": "#N/A"}`` and a blank is null. The program ends with its input.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from xlperf.binding.functions import call
from xlperf.binding.functions.errors import ExcelError


def answer(request: str) -> str:
    """Answer one request.

    >>> answer('["PERF_RANK", [[[80], [95]]]]')
    '[[2.0], [1.0]]'
    >>> answer('["PERF_ROUND", ["many", 2]]')
    '{"error": "#VALUE!"}'
    """
    name, cells = json.loads(request)
    return json.dumps(call(name, *cells), default=_as_data, allow_nan=False)


def _as_data(value: Any) -> Any:
    if isinstance(value, ExcelError):
        return {"error": value.code}
    return value.item()  # one of NumPy's own numbers


def serve(requests: Iterable[str], answers: TextIO) -> None:
    """Answer requests until there are no more."""
    for request in requests:
        answers.write(answer(request) + "\n")
        answers.flush()


def main() -> None:
    """Serve standard input and output."""
    replies, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    serve(sys.stdin, replies)


if __name__ == "__main__":
    main()
