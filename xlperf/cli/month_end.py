"""The command that does the routine at the end of a period: month-end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    chosen_language,
    command,
    done,
    print_json,
    print_line,
    problems_data,
    progress,
    say,
    show_problems,
)
from xlperf.core.problems import Lang, Text, has_errors

if TYPE_CHECKING:
    from xlperf.workflows.book_status import StatusResult
    from xlperf.workflows.month_end import Decision, StepDone

YES, PASS = ("", "y", "yes", "是", "好"), ("s", "skip", "p", "跳过")


@command("month-end")
def month_end(
    book: BookPath,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing. / 不询问。")] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the steps that are left of a period, in order: collect, check, run, publish, roll. / 按顺序完成月末工作。"""
    from xlperf.reporting.home_page import STEP_NAMES
    from xlperf.workflows.month_end import go_on, month_end

    language = chosen_language(lang, None)

    def decide(now: StatusResult, can_be_done: bool) -> Decision:
        return _asked(now, can_be_done, chosen_language(lang, now.lang))

    def tell(step: StepDone) -> None:
        said = chosen_language(lang, step.lang)
        mark = "–" if step.passed_over else "✓"
        print_line(f"{mark} {STEP_NAMES[step.step](said)}  {step.said(said)}")
        if step.problems:
            show_problems(step.problems, said, brief=step.step == "run")

    with progress(language, 100) as on_step:
        quiet = yes or as_json
        result = month_end(
            book, decide=go_on if quiet else decide, on_done=None if as_json else tell,
            on_step=on_step if quiet else lambda _: None,
        )  # fmt: skip
    found, said = done(result, lang, as_json)
    following = found.status.next
    if as_json:
        steps = [
            {"step": each.step, "passed_over": each.passed_over, "text": each.said(said),
             "problems": problems_data(each.problems, said)}
            for each in found.steps
        ]  # fmt: skip
        data: dict[str, Any] = {
            "workbook": str(book),
            "period": found.status.period,
            "steps": steps,
            "ended": found.ended,
        }
        data |= {"next": {"text": following.what(said), "command": following.command}}
        print_json(data | {"problems": problems_data(found.problems, said)})
    else:
        if found.problems:
            show_problems(found.problems, said)
        say(Text(f"下一步：{following.what.zh}", f"Next: {following.what.en}"), said)
        print_line(f"  {following.command}")
        if not found.ended:
            say(Text("然后再运行  xlperf month-end ，从这里接着做。",
                     "Then run  xlperf month-end  again: it goes on from here."), said)  # fmt: skip
    raise typer.Exit(1 if has_errors(found.problems) else 0)


def _asked(now: StatusResult, can_be_done: bool, lang: Lang) -> Decision:
    """Ask about the next step; a line that nobody types stops."""
    from xlperf.workflows.month_end import MAY_BE_PASSED

    print_line()
    say(now.next.what, lang)
    if can_be_done:
        print_line(f"  {now.next.command}")
    choices = []
    if can_be_done:
        choices.append(Text("回车：做", "Return: do it"))
    if now.next.step in MAY_BE_PASSED:
        choices.append(Text("s：跳过", "s: pass over"))
    choices.append(Text("q：停", "q: stop"))
    between = Text("，", ", ")(lang)
    typer.echo(f"  [{between.join(each(lang) for each in choices)}] ", nl=False)
    try:
        typed = input().strip().lower()
    except EOFError:
        print_line()
        return "stop"
    if typed in PASS:
        return "pass"
    return "do" if typed in YES and can_be_done else "stop"
