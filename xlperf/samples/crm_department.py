"""A plan for client-relations departments, which are appraised as departments."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import ClientPlan, Department, Plan, Post, Span, TaskPlan

OFFICER = Text("客户关系专员", "Client relations officer")

PLANS: dict[str, Plan] = {
    "crm-department": Plan(
        departments={
            "110": Department(Text("客户关系管理一部", "Client relations, first department")),
            "120": Department(Text("客户关系管理二部", "Client relations, second department")),
            "130": Department(Text("客户关系管理三部", "Client relations, third department")),
        },
        posts=tuple(
            Post(code, OFFICER, number, "client_officer", "office")
            for code, number in (("110", 7), ("120", 6), ("130", 6))
        ),
        clients=(ClientPlan(standing=Span(24, 30), new=Span(3, 9), lost=Span(5, 1), active=Span(0.6, 0.95)),),
        tasks=(
            TaskPlan(
                "complaint",
                Span(14, 8),
                due_in_days=5,
                with_client=True,
                results=("resolved", "resolved", "unresolved"),
            ),
            TaskPlan("support", Span(10, 14), due_in_days=7),
            TaskPlan("training", Span(4, 4), due_in_days=30, done=Span(0.7, 1.0)),
        ),
        figures={
            "csat": Span(7, 9.8),
            "nps": Span(-0.1, 0.6),
            "sales": Span(1_500_000, 7_000_000),
            "sales_growth": Span(0.8, 1.25),
            "teamwork": Span(1, 5),
            "professional_skill": Span(1, 5),
        },
    ),
}
