"""What the reports on routine work tell."""

from __future__ import annotations

import numpy as np

from xlperf.analysis.task_guide import kind_names, shown_kind
from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.policy.conditions.tree import All, Not
from xlperf.reporting.reports.measures import Block, Measure, Topic
from xlperf.reporting.reports.row_counts import as_figures, hit_of, indicator_of, masks, parted, usual, whose_of
from xlperf.schema import SHEETS
from xlperf.scoring.stages import Gathered

COMPLETION, PUNCTUALITY = "task_completion_rate", "task_on_time_rate"  # the indicators that say what counts
ALL_TASKS, NO_KIND = Text("全部任务", "All tasks"), Text("无类型", "no kind")


def routine_work(appraisal: Gathered, lang: Lang) -> Topic | Text:
    """Which tasks were due, and what became of them: all of them, and by kind."""
    table = appraisal.table("tasks")
    if not len(table):
        return Text("没有任务数据", "there are no tasks")
    completion, punctuality = (indicator_of(appraisal, code, "tasks", "share") for code in (COMPLETION, PUNCTUALITY))
    found = masks(
        appraisal,
        table,
        {
            "due": completion.where if completion else usual("tasks", "due"),
            "done": hit_of(completion) or usual("tasks", "done"),
            "on_time": hit_of(punctuality) or usual("tasks", "on_time"),
            "cancelled": usual("tasks", "cancelled"),
            "finished": All((usual("tasks", "finished"), Not(usual("tasks", "cancelled")))),
        },
    )
    due = found["due"]
    done, on_time = due & found["done"], due & found["on_time"]
    figures = {
        "due": due,
        "done": done,
        "on_time": on_time,
        "late": done & ~on_time,
        "open": due & ~done,
        "cancelled": found["cancelled"],
        "finished": found["finished"],
    }
    measures = (
        Measure("due", Text("应完成", "Due")),
        Measure("done", Text("已完成", "Done")),
        Measure("on_time", Text("按期完成", "On time")),
        Measure("late", Text("逾期完成", "Late")),
        Measure("open", Text("未完成", "Open")),
        Measure("cancelled", Text("已取消", "Cancelled")),
        Measure("completion", Text("完成率", "Completion"), "share", ("done", "due")),
        Measure("punctuality", Text("及时率", "On-time rate"), "share", ("on_time", "due")),
        Measure("finished", Text("本期办结", "Finished in the period")),
    )
    tasks, names = as_figures(figures), kind_names(appraisal.scheme, appraisal.tables)
    title = SHEETS["tasks"]["task_kind"].name
    shown = {kind: Text(*(shown_kind(kind, names, tongue) for tongue in LANGUAGES)) for kind in names}
    defined = {code: punctuality if code == "on_time" else completion for code in ("due", "done", "on_time", "open")}
    everything = Block(ALL_TASKS, tasks, np.ones(len(table), bool), whose_of(defined))
    kinds = parted(everything, table["task_kind"], title, shown, NO_KIND)
    return Topic("tasks", measures, (everything, *kinds), "completion")
