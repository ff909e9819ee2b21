"""The commands that study a policy: whatif, weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    app,
    chosen_language,
    console,
    fail,
    guarded,
    print_rows,
    read,
    say,
    show_problems,
    show_results,
)
from xlperf.core.problems import Lang, Problem, Text, has_errors, in_order

if TYPE_CHECKING:
    from fractions import Fraction

    import pandas as pd

    from xlperf.analysis.whatif import Change, InAll, WhatIf
    from xlperf.policy.ahp import Floats
    from xlperf.policy.scheme import Scheme
    from xlperf.policy.weights import Proposal
    from xlperf.scoring.pipeline import Appraisal
    from xlperf.workbook.read.book import Book

    NewWeights = Mapping[str, Mapping[int, Fraction]]  # by sheet and row

# What if -------------------------------------------------------------------------------------------------------------


@app.command()
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
    from xlperf.analysis.whatif import what_if

    said = chosen_language(lang, "en")
    wanted = [_assignment(each, said) for each in assignments]
    ours = read(book, lang, as_json)
    said = chosen_language(lang, ours.lang)
    found = what_if(ours.tables, ours.scheme, wanted, normalise, period, ours.problems)
    if not found.done:
        fail(found.problems, said, as_json)
    if as_json:
        typer.echo(json.dumps(_whatif_data(found, said), ensure_ascii=False, indent=2))
    else:
        _show_whatif(found, said)


def _assignment(text: str, lang: Lang) -> tuple[str, str]:
    """Split ``KEY=VALUE``."""
    key, equals, value = text.replace("＝", "=", 1).partition("=")
    if not equals or not key.strip():
        fail([Problem("set-unreadable", details={"cell": text})], lang, as_json=False, status=2)
    return key.strip(), value.strip()


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
        rows = json.loads(results.to_json(orient="records", double_precision=15))
        return shared | {"results": rows, "before": None, "after": _in_all_data(in_all(results))}
    before, after = _results(found, lang)
    people = who_changes(before, after)
    moves = grade_moves(before, after, _grades(found))
    return shared | {
        "people": json.loads(people.to_json(orient="records", double_precision=15)),
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
        say(Text("\n为使权重合计仍为 100%，另有调整：", "\nSo that the weights total 100% again:"), lang)
        print_rows([_change_data(each, lang) for each in found.scaled], headings, lang, as_json=False)
    if found.compared:
        _show_comparison(found, lang)
    else:
        _show_after(found, lang)
    if any(each.level != "note" for each in found.problems):
        words = Text("改动带来的问题：", "What the change brings up:") if found.compared else REMAINING
        say(Text(f"\n{words.zh}", f"\n{words.en}"), lang)
        show_problems(found.problems, lang, brief=True)


def _show_comparison(found: WhatIf, lang: Lang) -> None:
    from xlperf.analysis.whatif import grade_moves, in_all, who_changes

    before, after = _results(found, lang)
    people = who_changes(before, after)
    say(Text(f"\n结果改变的人数：{len(people)}", f"\nPeople whose result changes: {len(people)}"), lang)
    if len(people):
        _show_people(people, found, lang)
        say(Text("\n人数按等级（行：原等级，列：新等级）：", "\nPeople by grade (rows: before, columns: after):"), lang)
        _show_moves(grade_moves(before, after, _grades(found)), lang)
    _show_cost(in_all(before), in_all(after), lang)


def _show_after(found: WhatIf, lang: Lang) -> None:
    """Print the results after the change, where there are none before it, and say why."""
    from xlperf.analysis.whatif import NOT_COMPARED

    assert found.after is not None
    say(Text("", ""), lang)
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
    say(Text("", ""), lang)
    for name, old, new, digits in figures:
        if old == old or new == new:
            change = "" if old != old or new != new else f"  ({new - old:+,.{digits}f})"
            words = f"{_cell(old, digits) or '–'}{ARROW}{_cell(new, digits) or '–'}{change}"
            say(Text(f"{name.zh}：{words}", f"{name.en}: {words}"), lang)


# Weights -------------------------------------------------------------------------------------------------------------


@app.command()
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
    from xlperf.policy.ahp import judge
    from xlperf.policy.weights import propose, unweighted
    from xlperf.schema import SHEETS
    from xlperf.scoring.pipeline import appraise

    ours = read(book, lang, as_json)
    said = chosen_language(lang, ours.lang)
    if scale:
        _normalise(ours, period, output or book if write else None, said, as_json)
        return
    judged, problems = judge(ours.scheme)
    proposals = propose(ours.scheme, judged)
    problems = [*problems, *_of_pairs(ours), *unweighted(ours.scheme, proposals)]
    if not any(each.found for each in judged):
        problems.append(Problem("pairs-none", SHEETS["pairs"].title(said), strictness="error" if write else None))
    appraisal = appraise(ours.tables, ours.scheme, period, ours.problems)
    sets = [_opinions(each, appraisal, said) for each in proposals if len(each.judged.compared.items) > 1]
    written = _write_weights(ours, proposals, problems, output or book, said, as_json) if write else []
    if as_json:
        shown = [each.as_dict(said) for each in in_order(problems)]
        data = {"sets": sets, "written": written, "problems": shown}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for each in sets:
            _show_set(each, said)
        if problems:
            show_problems(problems, said)
        if write:
            _show_written(written, str(output or book), said)
    raise typer.Exit(1 if has_errors(problems) else 0)


def _of_pairs(book: Book) -> list[Problem]:
    """Return what is wrong with the comparisons: how they are written, and which of them do not fit."""
    from xlperf.policy.validation.pairs import CHECKS

    title = book.scheme.table("pairs").title
    read_wrongly = [each for each in book.problems if each.sheet == title and each.level == "error"]
    return read_wrongly + [problem for check in CHECKS for problem in check(book.scheme)]


def _opinions(proposal: Proposal, appraisal: Appraisal, lang: Lang) -> dict[str, Any]:
    """Return what is to be said of one comparison set: every weight in the unit of the sheet."""
    from xlperf.policy.ahp import critic_weights, entropy_weights
    from xlperf.policy.validation.pairs import set_name

    judged, total = proposal.judged, float(proposal.total) if proposal.total is not None else 100.0
    points = _points_of(proposal, appraisal)
    by_judgement = proposal.weights if judged.found and proposal.weights else [None] * len(judged.compared.items)
    opinions = zip(judged.compared.items, by_judgement, entropy_weights(points), critic_weights(points), strict=True)
    return {
        "set": set_name(judged.compared)(lang),
        "total": total,
        "consistency_ratio": _number(judged.found.consistency_ratio) if judged.found else None,
        "consistent": judged.found.consistent if judged.found else None,
        "items": [
            {
                "code": item.code,
                "name": item.name(lang),
                "now": _number(item.weight),
                "judged": None if weight is None else float(weight),
                "entropy": _number(entropy * total),
                "critic": _number(critic * total),
            }
            for item, weight, entropy, critic in opinions
        ],
    }


def _points_of(proposal: Proposal, appraisal: Appraisal) -> Floats:
    """Return the points of people on the items of a set; of nobody where nothing could be scored."""
    import numpy as np

    from xlperf.policy.ahp import points_on

    compared = proposal.judged.compared
    if appraisal.points is None or appraisal.totals is None:
        return np.full((0, len(compared.items)), np.nan)
    scores = appraisal.points.points if compared.within else appraisal.totals.dimensions
    return points_on(compared, appraisal.indicators, appraisal.applies, scores)


def _number(value: float) -> float | None:
    return None if value != value else float(value)


def _show_set(opinions: dict[str, Any], lang: Lang) -> None:
    from rich.markup import escape

    console().print(f"[bold]{escape(opinions['set'])}[/bold]  {_total_in_words(opinions)(lang)}")
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
    say(Text("", ""), lang)


def _shown(value: str | float | None) -> str:
    """Write a code, a name or a weight; a dash where there is no weight."""
    from xlperf.core.numbers import show_number

    if isinstance(value, str):
        return value
    return "–" if value is None else show_number(value)


def _total_in_words(opinions: dict[str, Any]) -> Text:
    total = _shown(opinions["total"])
    return Text(f"合计 {total}", f"{total} in all")


def _consistency_in_words(opinions: dict[str, Any]) -> Text:
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


def _write_weights(
    book: Book, proposals: Sequence[Proposal], problems: list[Problem], target: Path, lang: Lang, as_json: bool
) -> list[dict[str, Any]]:
    """Write the judged weights and return what has changed; where they are not certain, say so and write nothing."""
    from dataclasses import replace

    from xlperf.policy.weights import changes

    wanted, shared = changes(book.scheme, proposals)
    certain = [replace(each, strictness="error") if each.code == "pairs-missing" else each for each in problems]
    if has_errors([*certain, *shared]):
        fail([*certain, *shared], lang, as_json)
    _put(book, target, wanted, lang, as_json)
    return _log(book.scheme, wanted, lang)


def _put(book: Book, target: Path, weights: NewWeights, lang: Lang, as_json: bool) -> None:
    """Write weights into the workbook; where the file cannot be written, say so and stop."""
    from xlperf.workbook.write.policy_cells import write_policy_cells

    cells = {(sheet, "weight"): {i: float(weight) for i, weight in column.items()} for sheet, column in weights.items()}
    guarded(lambda: write_policy_cells(book.path, target, book.tables, cells), lang, as_json)


def _log(scheme: Scheme, weights: NewWeights, lang: Lang) -> list[dict[str, Any]]:
    """Return the weight of each row before and after."""
    return [
        _written(scheme, sheet, position, float(weight), lang)
        for sheet, column in weights.items()
        for position, weight in column.items()
    ]


def _written(scheme: Scheme, sheet: str, position: int, weight: float, lang: Lang) -> dict[str, Any]:
    table = scheme.table(sheet)
    cell = Problem("", table.title, table.cells("weight", [position])).place
    item = (scheme.dimensions if sheet == "dimensions" else scheme.indicators)[position]
    return {"cell": cell, "code": item.code, "name": item.name(lang), "before": _number(item.weight), "after": weight}


def _show_written(written: list[dict[str, Any]], target: str, lang: Lang) -> None:
    _show_log([each for each in written if each["before"] != each["after"]], lang)
    say(Text(f"权重已写入 {target}；请重新运行考核。", f"The weights are in {target}; run the appraisal again."), lang)


def _show_log(log: list[dict[str, Any]], lang: Lang) -> None:
    rows = [each | {"before": _shown(each["before"]), "after": _shown(each["after"])} for each in log]
    headings = [Text("单元格", "Cell"), Text("编号", "Code"), Text("名称", "Name"), BEFORE, AFTER]
    if rows:
        print_rows(rows, headings, lang, as_json=False)


def _normalise(book: Book, period: str | None, target: Path | None, lang: Lang, as_json: bool) -> None:
    """Show the weights that total what they must, and write them where there is a target."""
    from xlperf.policy.weights import normalise

    new, problems = normalise(book.scheme, _groups_held(book, period))
    if has_errors(problems):
        fail(problems, lang, as_json)
    log = _log(book.scheme, new, lang)
    if log and target is not None:
        _put(book, target, new, lang, as_json)
    if as_json:
        written = str(target) if log and target is not None else None
        shown = [each.as_dict(lang) for each in in_order(problems)]
        typer.echo(json.dumps({"scaled": log, "written": written, "problems": shown}, ensure_ascii=False, indent=2))
        return
    if problems:
        show_problems(problems, lang)
    if not log:
        say(Text("权重合计已符合要求，无需调整。", "The weights total what they must; there is nothing to do."), lang)
    elif target is not None:
        _show_written(log, str(target), lang)
    else:
        _show_log(log, lang)
        say(Text("尚未写入；加 --write 写入工作簿。", "Not written yet; --write puts them into the workbook."), lang)


def _groups_held(book: Book, period: str | None) -> list[str]:
    """Return the position groups of the employees; none where the period is not known."""
    from xlperf.scoring.pipeline import appraise

    people = appraise(book.tables, book.scheme, period, book.problems).people
    return people.groups() if people is not None else []
