"""The commands that study a policy: whatif, weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    asked_language,
    command,
    console,
    done,
    pairs_of,
    print_json,
    print_line,
    print_rows,
    printable,
    problems_data,
    records,
    say,
    show_problems,
    show_results,
)
from xlperf.core.problems import Lang, Text, has_errors

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.analysis.whatif import Change, InAll, WhatIf
    from xlperf.workflows.study_policy import ScaledWeightsResult

# What if -------------------------------------------------------------------------------------------------------------


@command()
def whatif(
    book: BookPath,
    assignments: Annotated[list[str], typer.Option("--set", help="KEY=VALUE, such as ties=worse. / 设置=取值。")],
    normalise: Annotated[
        bool, typer.Option("--normalise", help="Other weights make room. / 其余权重按比例调整，合计仍为 100%。")
    ] = False,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who would change grade under another policy, and what it costs; nothing is written. / 假如政策改变。

    A key is a setting, or a cell of a policy sheet: ties=worse, grades.A.share=20%, indicators.visits.weight=25.
    """
    from xlperf.workflows.study_policy import whatif

    wanted = pairs_of(assignments, "set-unreadable", lang, as_json, may_be_empty=True)
    result, said = done(whatif(book, wanted, normalise=normalise, period=period), lang, as_json)
    if as_json:
        print_json(_whatif_data(result.found, said))
    else:
        _show_whatif(result.found, said)


def _results(found: WhatIf, lang: Lang) -> tuple[pd.DataFrame, pd.DataFrame]:
    from xlperf.reporting.output_tables import outputs

    return outputs(found.before, lang)["results"], _results_after(found, lang)


def _results_after(found: WhatIf, lang: Lang) -> pd.DataFrame:
    from xlperf.reporting.output_tables import outputs

    assert found.after is not None
    return outputs(found.after, lang)["results"]


def _grades(found: WhatIf) -> list[str]:
    """Return the codes of the grades of both schemes, from best to worst."""
    assert found.after is not None
    both = (*found.before.scheme.grades, *found.after.scheme.grades)
    return list(dict.fromkeys(each.code for each in both))


def _whatif_data(found: WhatIf, lang: Lang) -> dict[str, Any]:
    from xlperf.analysis.whatif import grade_moves, in_all, who_changes

    shared = {
        "changes": [_change_data(each, lang) for each in found.changes],
        "scaled": [_change_data(each, lang) for each in found.scaled],
        "problems": [each.as_dict(lang) for each in found.problems],
    }
    if not found.compared:
        results = _results_after(found, lang)
        return shared | {"results": records(results), "before": None, "after": _in_all_data(in_all(results))}
    before, after = _results(found, lang)
    people = who_changes(before, after)
    moves = grade_moves(before, after, _grades(found))
    return shared | {
        "people": records(people),
        "grades": {old: {new: int(count) for new, count in row.items()} for old, row in moves.iterrows()},
        "before": _in_all_data(in_all(before)),
        "after": _in_all_data(in_all(after)),
    }


def _change_data(change: Change, lang: Lang) -> dict[str, str]:
    return {
        "cell": change.place,
        "name": change.name(lang),
        "before": change.before(lang),
        "after": change.after(lang),
    }


def _in_all_data(figures: InAll) -> dict[str, float | None]:
    return {name: None if value != value else value for name, value in vars(figures).items()}


def _show_whatif(found: WhatIf, lang: Lang) -> None:
    headings = [Text("单元格", "Cell"), Text("改动", "Change"), BEFORE, AFTER]
    print_rows([_change_data(each, lang) for each in found.changes], headings, lang, as_json=False)
    if found.scaled:
        print_line()
        say(Text("为使权重合计仍为 100%，另有调整：", "So that the weights total 100% again:"), lang)
        print_rows([_change_data(each, lang) for each in found.scaled], headings, lang, as_json=False)
    if found.compared:
        _show_comparison(found, lang)
    else:
        _show_after(found, lang)
    if any(each.level != "note" for each in found.problems):
        words = Text("改动带来的问题：", "What the change brings up:") if found.compared else REMAINING
        print_line()
        say(words, lang)
        show_problems(found.problems, lang, brief=True)


def _show_comparison(found: WhatIf, lang: Lang) -> None:
    from xlperf.analysis.whatif import grade_moves, in_all, who_changes

    before, after = _results(found, lang)
    people = who_changes(before, after)
    print_line()
    say(Text(f"结果改变的人数：{len(people)}", f"People whose result changes: {len(people)}"), lang)
    if len(people):
        _show_people(people, found, lang)
        print_line()
        say(Text("人数按等级（行：原等级，列：新等级）：", "People by grade (rows: before, columns: after):"), lang)
        _show_moves(grade_moves(before, after, _grades(found)), lang)
    _show_cost(in_all(before), in_all(after), lang)


def _show_after(found: WhatIf, lang: Lang) -> None:
    """Print the results after the change, where there are none before it, and say why."""
    from xlperf.analysis.whatif import NOT_COMPARED

    assert found.after is not None
    print_line()
    show_results(_results_after(found, lang), found.after.scheme, lang)
    for each in found.problems:
        if each.code == NOT_COMPARED:
            show_problems([each], lang)


REMAINING = Text("改动后仍有的问题：", "What remains after the change:")
BEFORE, AFTER = Text("原", "Before"), Text("新", "After")
NO_GRADE = Text("无等级", "no grade")
ARROW = " → "


def _show_people(people: pd.DataFrame, found: WhatIf, lang: Lang) -> None:
    """Print who changes; a figure that stays is shown once."""
    from xlperf.schema import SHEETS

    digits = found.before.scheme.settings.decimals
    sheet = SHEETS["results"]
    figures = {"grade_name": None, "place": 0, "total": digits, "outcome": None, "pay": 2}
    shown = {code: places for code, places in figures.items() if f"{code}_before" in people}
    rows = [
        {"employee_id": row["employee_id"], "name": row["name"]}
        | {code: _moved(row[f"{code}_before"], row[f"{code}_after"], places) for code, places in shown.items()}
        for row in people.to_dict("records")
    ]
    codes = ["employee_id", "name", *shown]
    kept = [code for code in codes if any(row[code] for row in rows)]
    lines = [{code: row[code] for code in kept} for row in rows]
    print_rows(lines, [sheet[code].name for code in kept], lang, as_json=False)


def _moved(before: Any, after: Any, digits: int | None) -> str:
    old, new = (_cell(each, digits) for each in (before, after))
    return old if old == new else f"{old or '–'}{ARROW}{new or '–'}"


def _cell(value: Any, digits: int | None) -> str:
    if value is None or value != value:
        return ""
    return str(value) if digits is None else f"{value:,.{digits}f}"


def _show_moves(moves: pd.DataFrame, lang: Lang) -> None:
    names = {code: Text(code, code) if code else NO_GRADE for code in moves.index}
    used = [code for code in moves.index if code or moves.loc[code].sum() or moves[code].sum()]
    rows = [
        {"before": names[old](lang)} | {f"to {new}": str(moves.at[old, new] or "·") for new in used} for old in used
    ]
    print_rows(rows, [Text("", ""), *(names[code] for code in used)], lang, as_json=False)


def _show_cost(before: InAll, after: InAll, lang: Lang) -> None:
    figures = (
        (Text("平均总分", "Mean total"), before.mean_total, after.mean_total, 2),
        (Text("绩效系数合计", "Coefficients in all"), before.coefficients, after.coefficients, 2),
        (Text("薪酬合计", "Pay in all"), before.pay, after.pay, 2),
    )
    print_line()
    for name, old, new, digits in figures:
        if old == old or new == new:
            change = "" if old != old or new != new else f"  ({new - old:+,.{digits}f})"
            words = f"{_cell(old, digits) or '–'}{ARROW}{_cell(new, digits) or '–'}{change}"
            say(Text(f"{name.zh}：{words}", f"{name.en}: {words}"), lang)


# Weights -------------------------------------------------------------------------------------------------------------


@command()
def weights(
    book: BookPath,
    scale: Annotated[
        bool, typer.Option("--normalise", help="Scale the weights to 100% instead. / 按比例调整权重，使合计为 100%。")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the weights found. / 写入得出的权重。")] = False,
    output: OutPath = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the weights that pairwise comparisons give, and what the spread of the points says. / 权重的依据。

    With --normalise: the weights that total 100 % in every position group, or the full points where points are added.
    """
    from xlperf.workflows.study_policy import normalise_weights, weights

    language = asked_language(lang)
    if scale:
        scaled = normalise_weights(book, output, write=write, period=period, lang=language)
        _show_scaled(*done(scaled, lang, as_json), as_json)
        return
    found, said = done(weights(book, output, write=write, period=period, lang=language), lang, as_json)
    if as_json:
        data = {"sets": list(found.sets), "written": list(found.changes)}
        print_json(data | {"problems": problems_data(found.problems, said)})
    else:
        for each in found.sets:
            _show_set(each, said)
        if found.problems:
            show_problems(found.problems, said)
        if found.written:
            _show_written(found.changes, str(found.written[0]), said)
    raise typer.Exit(1 if has_errors(found.problems) else 0)


def _show_set(opinions: Mapping[str, Any], lang: Lang) -> None:
    from rich.text import Text as Styled

    title, total = printable(opinions["set"]), _total_in_words(opinions)(lang)
    console().print(Styled.assemble((title, "bold"), f"  {total}"))
    headings = [
        Text("编号", "Code"),
        Text("名称", "Name"),
        Text("现权重", "Now"),
        Text("判断", "Judged (AHP)"),
        Text("熵权", "Entropy"),
        Text("CRITIC", "CRITIC"),
    ]
    rows = [{name: _shown(value) for name, value in item.items()} for item in opinions["items"]]
    print_rows(rows, headings, lang, as_json=False)
    say(_consistency_in_words(opinions), lang)
    print_line()


def _shown(value: str | float | None) -> str:
    """Write a code, a name or a weight; a dash where there is no weight."""
    from xlperf.core.numbers import show_number

    if isinstance(value, str):
        return value
    return "–" if value is None else show_number(value)


def _total_in_words(opinions: Mapping[str, Any]) -> Text:
    total = _shown(opinions["total"])
    return Text(f"合计 {total}", f"{total} in all")


def _consistency_in_words(opinions: Mapping[str, Any]) -> Text:
    from xlperf.policy.ahp import MOST_INCONSISTENT

    if opinions["consistent"] is None:
        return Text("没有完整的两两比较。", "Not compared in full.")
    if opinions["consistency_ratio"] is None:
        return Text("项目太多，无法判断一致性。", "Too many items to tell whether the judgements agree.")
    ratio, most = f"{opinions['consistency_ratio']:.2f}", f"{MOST_INCONSISTENT:.2f}"
    if opinions["consistent"]:
        verdict = Text(f"可用（不超过 {most}）。", f"usable (at most {most}).")
    else:
        verdict = Text(f"判断互相矛盾（应不超过 {most}）。", f"the judgements disagree (at most {most} is usable).")
    return Text(f"一致性比率 {ratio}：{verdict.zh}", f"Consistency ratio {ratio}: {verdict.en}")


def _show_written(written: Sequence[Mapping[str, Any]], target: str, lang: Lang) -> None:
    _show_log([each for each in written if each["before"] != each["after"]], lang)
    say(Text(f"权重已写入 {target}；请重新运行考核。", f"The weights are in {target}; run the appraisal again."), lang)


def _show_log(log: Sequence[Mapping[str, Any]], lang: Lang) -> None:
    rows = [{**each} | {"before": _shown(each["before"]), "after": _shown(each["after"])} for each in log]
    headings = [Text("单元格", "Cell"), Text("编号", "Code"), Text("名称", "Name"), BEFORE, AFTER]
    if rows:
        print_rows(rows, headings, lang, as_json=False)


def _show_scaled(found: ScaledWeightsResult, lang: Lang, as_json: bool) -> None:
    """Show the weights that total what they must, and whether they were written."""
    written = str(found.written[0]) if found.written else None
    if as_json:
        data = {"scaled": list(found.changes), "written": written}
        print_json(data | {"problems": problems_data(found.problems, lang)})
        return
    if found.problems:
        show_problems(found.problems, lang)
    if not found.changes:
        say(Text("权重合计已符合要求，无需调整。", "The weights total what they must; there is nothing to do."), lang)
    elif written is not None:
        _show_written(found.changes, written, lang)
    else:
        _show_log(found.changes, lang)
        say(Text("尚未写入；加 --write 写入工作簿。", "Not written yet; --write puts them into the workbook."), lang)
