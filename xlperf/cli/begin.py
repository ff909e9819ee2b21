"""The command that asks eight questions and makes a workbook of the answers: begin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import (
    JsonOption,
    LangOption,
    chosen_language,
    command,
    done,
    fail,
    print_json,
    print_line,
    print_rows,
    problems_data,
    say,
    show_problems,
    word_of,
)
from xlperf.core.problems import Lang, Problem, Text
from xlperf.core.vocabulary import unit_name

BACK = ("<", "back", "返回")
FORM = Text(
    "xlperf begin；xlperf begin --sheet 问题.xlsx；xlperf begin 问题.xlsx；xlperf begin --answers 回答.toml",
    "xlperf begin; xlperf begin --sheet START.xlsx; xlperf begin START.xlsx; xlperf begin --answers ANSWERS.toml",
)


@command()
def begin(
    filled: Annotated[
        Path | None, typer.Argument(help="The sheet of questions, filled in. / 填好的问题表。", show_default=False)
    ] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write the questions as a sheet. / 写出问题表。")] = None,
    answers: Annotated[Path | None, typer.Option(help="TOML with the answers. / 回答文件。")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a scheme of your own from eight questions. / 回答八个问题，建立自己的考核方案。"""
    from xlperf.workflows.begin_book import begin, write_questionnaire
    from xlperf.workflows.book_status import command_line

    language = chosen_language(lang, None)
    given = [each for each in (filled, sheet, answers) if each is not None]
    if len(given) > 1:
        wrong = Problem("option-idle", details={"option": str(given[-1]), "form": FORM})
        fail([wrong], language, as_json, status=2)
    if sheet is not None:
        written, said = done(write_questionnaire(sheet, lang=language), lang, as_json)
        if as_json:
            print_json({"questions": str(sheet), "problems": problems_data(written.problems, said)})
        else:
            following = command_line("begin", sheet)
            say(Text(f"问题在 {sheet}；填好后运行  {following}",
                     f"The questions are in {sheet}; when they are answered:  {following}"), said)  # fmt: skip
        return
    source = filled or answers
    result = begin(source, lang=language) if source is not None else begin(_asked(language, as_json), lang=language)
    found, said = done(result, lang, as_json)
    scheme, path = found.scheme, found.written[0]
    names = {each.code: each.name(said) for each in scheme.dimensions}
    rows = [
        {
            "indicator": each.name(said),
            "dimension": names[each.dimension],
            "weight": f"{each.weight:.10g}",
            "direction": word_of("direction", each.direction, said),
            "rule": each.card.name(said),
            "unit": unit_name(each.unit)(said),
        }
        for each in scheme.indicators
    ]
    if as_json:
        data = {"workbook": str(path), "period": scheme.settings.period, "indicators": rows}
        print_json(data | {"fill_in": list(found.to_fill), "problems": problems_data(found.problems, said)})
        return
    headings = [Text("指标", "Indicator"), Text("维度", "Dimension"), Text("权重", "Weight"), Text("方向", "Direction"),
                Text("评分规则", "Rule"), Text("单位", "Unit")]  # fmt: skip
    print_rows(rows, headings, said, as_json=False)
    print_line()
    say(Text(f"已建立 {path}。政策都在蓝色标签的工作表中，可以修改。",
             f"Made {path}. The policy is on the sheets with blue tabs, to be changed."), said)  # fmt: skip
    say(Text(f"请填写：{'、'.join(found.to_fill)}。", f"To fill in: {', '.join(found.to_fill)}."), said)
    following = command_line("check", path)
    say(Text(f"下一步：{following}", f"Next: {following}"), said)


def _asked(lang: Lang, as_json: bool) -> dict[str, str]:
    """Ask the questions one after the other until each answer can be read; go back where it is asked for."""
    from xlperf.policy.questionnaire import QUESTIONS, Answers, read_answer, usual_answer

    said: dict[str, str] = {}
    known = [Answers()]
    say(
        Text(
            "八个问题。回车采用方括号里的回答，< 回到上一题，Ctrl-C 中止（什么都不写入）。",
            "Eight questions. Return takes the answer in brackets, < goes back, Ctrl-C stops (nothing is written).",
        ),
        lang,
    )
    while len(known) <= len(QUESTIONS):
        question = QUESTIONS[len(known) - 1]
        usual = usual_answer(question, known[-1], lang)
        print_line()
        print_line(f"{len(known)}/{len(QUESTIONS)}  {question.asks(lang)}")
        print_line(f"     {question.how(lang)}")
        say(Text(f"     例如：{question.example.zh}", f"     For example: {question.example.en}"), lang)
        typed = _typed(f"  [{usual}] > " if usual else "  > ", lang, as_json)
        if typed.strip().lower() in BACK:
            known = known[:-1] or [Answers()]
            continue
        now, problem = read_answer(question.code, typed, known[-1], lang)
        if problem is not None:
            show_problems([problem], lang)
            continue
        said[question.code] = typed.strip() or usual
        known.append(now)
    return said


def _typed(prompt: str, lang: Lang, as_json: bool) -> str:
    """Return a line that somebody types; where nobody does, tell the other ways to answer."""
    try:
        typer.echo(prompt, nl=False, err=as_json)
        return input()
    except EOFError:
        fail([Problem("option-needs", details={"option": "--answers", "form": FORM})], lang, as_json, status=2)
