"""The command line: everything that the buttons in Excel do, without Excel.

Each command reads what was typed, calls a workflow, and prints words for people or JSON for programs. Exit status: 0
done, 1 problems of level error and nothing written, 2 wrong call, 70 a mistake of xlperf's own, 130 and
143 interrupted.

Nouns: a command and its options. A command goes into the module of its verb; what several show alike into ``common``.
"""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer
from typer.models import CommandInfo

from xlperf.cli import (
    appeals as appealing,
)
from xlperf.cli import (
    appraise as appraising,
)
from xlperf.cli import (
    begin as beginning,
)
from xlperf.cli import (
    calibrate as calibrating,
)
from xlperf.cli import (
    compare as comparing,
)
from xlperf.cli import (
    create as making,
)
from xlperf.cli import (
    evaluate as evaluating,
)
from xlperf.cli import (
    excel,
)
from xlperf.cli import (
    forms as printing,
)
from xlperf.cli import (
    month_end as ending,
)
from xlperf.cli import (
    publish as publishing,
)
from xlperf.cli import (
    reminders as reminding,
)
from xlperf.cli import (
    reports as reporting,
)
from xlperf.cli import (
    sheets as cataloguing,
)
from xlperf.cli import (
    status as telling,
)
from xlperf.cli import (
    study as studying,
)
from xlperf.cli import (
    tasks as tasking,
)
from xlperf.cli.common import Terminated, app, telling_early_ends
from xlperf.cli.examples import EXAMPLES
from xlperf.core.version import __version__

__all__ = [
    "app",
    "appealing",
    "appraising",
    "beginning",
    "calibrating",
    "cataloguing",
    "comparing",
    "ending",
    "evaluating",
    "excel",
    "main",
    "making",
    "printing",
    "publishing",
    "reminding",
    "reporting",
    "studying",
    "tasking",
    "telling",
]


def _name(command: CommandInfo) -> str:
    return str(command.name or getattr(command.callback, "__name__", ""))


ORDER = (
    *("demo", "schemes", "rules", "sheets", "begin", "new", "add", "status", "import", "tasks"),
    *("check", "run", "explain", "calibrate", "appeals", "export", "forms", "reports"),
    *("publish", "collect", "reminders", "month-end"),
    *("roll", "diff", "evaluate", "weights", "whatif"),
)
app.registered_commands.sort(key=lambda each: ORDER.index(_name(each)))
for each in (*app.registered_commands, *excel.excel.registered_commands):
    each.epilog = f"Example / 例：{EXAMPLES[_name(each)]}"


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version. / 版本。")] = False) -> None:
    """Print the version where it is asked for."""
    if show:
        typer.echo(f"xlperf {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a file that cannot be used is a problem in words, not a trace."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may use another code page
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    with telling_early_ends(sys.argv[1:]):
        app()


def _terminate(*_: object) -> None:
    raise Terminated
