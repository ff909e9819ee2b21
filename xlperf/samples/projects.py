"""Plan for the scheme of a project-management department."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import Case, Department, History, Plan, Post, Span, TaskPlan

PLANS: dict[str, Plan] = {
    "project-management": Plan(
        departments={"100": Department(Text("项目管理部", "Project management"))},
        posts=(
            Post("100", Text("项目管理部经理", "Head of project management"), 1, "project_head", "manager"),
            Post("100", Text("项目专员", "Project officer"), 15, "project_staff", "office", teams=("P1", "P2", "P3")),
        ),
        tasks=(
            TaskPlan("project", Span(3, 6), due_in_days=40, on_time=Span(0.6, 1.0)),
            TaskPlan("milestone", Span(8, 14), due_in_days=14, done=Span(0.84, 1.0)),
        ),
        figures={
            "cost_variance": Span(0.12, -0.03),
            "client_satisfaction": Span(7.4, 9.7),
            "delivery_quality": Span(0.78, 1.0),
        },
        clauses={
            "delivery_quality": (Text("交付件返工", "Delivery sent back"), Text("文档缺项", "Documents incomplete")),
            "risk_forecast": (Text("风险未列入清单", "Risk not on the list"), Text("应对延误", "Response too late")),
        },
        cases={
            3: Case(
                "commendation",
                Text("提前化解供应中断风险（奖惩规程第六条）", "Averted a failure of supply (rules of reward, 6)"),
                points=2,
            ),
        },
        history=(History("quarter", back=2, totals=Span(58, 97)),),
    ),
}
