"""Plans for the schemes of the back office."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import Case, Department, Fund, History, Plan, Post, Span, TaskPlan

ENGINEER = Text("后台运维工程师", "Back-office engineer")
HEAD = Text("后台管理负责人", "Head of the back office")
LEAD = Text("后台运维组长", "Team lead of the back office")
CENTRE = {
    "200": Department(Text("信息技术部", "Information technology")),
    "210": Department(Text("系统运维组", "Systems"), parent="200"),
    "220": Department(Text("数据服务组", "Data and service"), parent="200"),
}
REDONE = ("right", "right", "right", "right", "redone")
RECORDS = (Text("字段录入有误", "Field entered wrongly"), Text("记录重复", "Record entered twice"))


def _posts() -> tuple[Post, ...]:
    """Return the people of the back office: the head, and two groups with a lead each."""
    return (
        Post("200", HEAD, 1, "it_operations", "manager"),
        Post("210", LEAD, 1, "it_operations", "manager", teams=("A",)),
        Post("210", ENGINEER, 8, "it_operations", "office", teams=("A", "B")),
        Post("220", LEAD, 1, "it_operations", "manager", teams=("C",)),
        Post("220", ENGINEER, 7, "it_operations", "office", teams=("C", "D")),
    )


def _work(months: int) -> tuple[TaskPlan, ...]:
    """Return what an engineer has to do in a period of so many months."""

    def number(weak: float, strong: float) -> Span:
        return Span(weak * months, strong * months)

    return (
        TaskPlan(
            "common_failure", number(3.0, 0.8), due_in_days=1, hours=Span(2.0, 0.3), done=Span(1.0, 1.0), cancelled=0
        ),
        TaskPlan("major_failure", number(0.7, 0.0), due_in_days=2, hours=Span(12, 5), cancelled=0),
        TaskPlan("ticket", number(14, 20), due_in_days=2, on_time=Span(0.8, 1.0)),
        TaskPlan("project", number(1.0, 1.6), due_in_days=12, on_time=Span(0.6, 1.0)),
    )


FIGURES = {
    "data_error_rate": Span(0.0016, 0.0001),
    "cost_control": Span(1.09, 0.93),
    "service_satisfaction": Span(3.3, 4.8),
    "data_security": Span(2, 5),
}

PLANS: dict[str, Plan] = {
    "it-operations": Plan(
        departments=CENTRE,
        posts=_posts(),
        tasks=_work(1),
        figures=FIGURES,
        clauses={"data_error_rate": RECORDS},
        cases={
            3: Case(
                "commendation",
                Text("深夜恢复核心系统（奖惩规程第六条）", "Restored the core system at night (rules of reward, 6)"),
                points=3,
            ),
        },
    ),
    "data-entry": Plan(
        departments={"200": Department(Text("数据管理部", "Data management"))},
        posts=(
            Post("200", Text("数据管理主管", "Supervisor of data"), 1, "data_entry", "manager"),
            Post("200", Text("数据录入员", "Data entry clerk"), 13, "data_entry", "office"),
        ),
        tasks=(
            TaskPlan("batch", Span(12, 18), due_in_days=1, on_time=Span(0.78, 1.0)),
            TaskPlan("correction", Span(8, 13), due_in_days=3, on_time=Span(0.75, 1.0), results=REDONE),
        ),
        figures={"records_per_day": Span(90, 124), "entry_accuracy": Span(0.972, 0.998)},
        clauses={"entry_accuracy": RECORDS},
    ),
    "it-incentives": Plan(
        departments=CENTRE,
        posts=_posts(),
        tasks=_work(3),
        figures=FIGURES | {"internal_collaboration": Span(3, 10)},
        clauses={"data_error_rate": RECORDS},
        history=(History("quarter", back=4),),
        funds=(
            Fund("rank_bonus", amount=60_000.0),
            *(Fund("team_building", unit=team, amount=3_000.0) for team in ("A", "B", "C", "D")),
        ),
    ),
}
