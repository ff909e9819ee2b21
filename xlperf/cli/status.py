"""The command that says how far the work is: status."""

from __future__ import annotations

from xlperf.cli.common import (
    BookPath,
    FactsOption,
    JsonOption,
    LangOption,
    chosen_language,
    command,
    done,
    facts_of,
    print_json,
    print_line,
    print_rows,
    progress,
    say,
)
from xlperf.core.problems import Text

MARKS = {True: "✓", False: "–", None: ""}


@command()
def status(book: BookPath, facts: FactsOption = None, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Say how far the work on the period is, and what comes next. / 说明本期做到哪一步、接着做什么。"""
    from xlperf.reporting.home_page import STEP_NAMES
    from xlperf.workflows.book_status import status

    sources = facts_of(facts, lang, as_json)
    with progress(chosen_language(lang, None), 2) as step:
        result = status(book, facts=sources, on_step=step)
    found, said = done(result, lang, as_json)
    following = {"text": found.next.what(said), "command": found.next.command}
    if as_json:
        steps = [{"step": each.code, "done": each.done, "text": each.seen(said)} for each in found.steps]
        print_json({"workbook": str(book), "period": found.period, "steps": steps, "next": following, "problems": []})
        return
    rows = [
        {"step": STEP_NAMES[each.code](said), "done": MARKS[each.done], "seen": each.seen(said)} for each in found.steps
    ]
    period = found.period or Text("尚未填写", "not given")(said)
    say(Text(f"考核周期：{period}", f"Period: {period}"), said)
    print_rows(rows, [Text("步骤", "Step"), Text("", ""), Text("情况", "Seen")], said, as_json=False)
    print_line()
    say(Text(f"下一步：{following['text']}", f"Next: {following['text']}"), said)
    print_line(f"  {following['command']}")
