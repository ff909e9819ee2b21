"""Plans for an enterprise: the yearly appraisal of its staff, and the evaluation of its units."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import Department, History, Plan, Post, Span, TaskPlan

HEAD = Text("部门负责人", "Head of department")
CLERK = Text("职员", "Member of staff")
BUSINESS_HEAD = Text("事业部总经理", "Head of business")
DEPUTY = Text("事业部副总经理", "Deputy head of business")

PLANS: dict[str, Plan] = {
    "staff-annual": Plan(
        departments={
            "000": Department(Text("总经理办公室", "General office"), "head_office"),
            "100": Department(Text("综合部", "Administration"), parent="000"),
            "200": Department(Text("技术部", "Engineering"), parent="000"),
        },
        posts=(
            Post("000", Text("总经理", "General manager"), 1, "head", "manager"),
            Post("100", HEAD, 1, "head", "manager"),
            Post("100", CLERK, 6, "staff", "office"),
            Post("200", HEAD, 1, "head", "manager"),
            Post("200", CLERK, 8, "staff", "office"),
        ),
        tasks=(TaskPlan("work_item", Span(34, 48), due_in_days=10, on_time=Span(0.7, 1.0), done=Span(0.95, 1.0)),),
        figures={"social_responsibility": Span(6, 20)},
        history=(History("year", back=1),),
    ),
    "business-evaluation": Plan(
        departments={
            "100": Department(Text("制造事业部", "Manufacturing")),
            "200": Department(Text("零售事业部", "Retail")),
            "300": Department(Text("工程事业部", "Engineering works")),
            "400": Department(Text("海外事业部", "Overseas")),
        },
        posts=tuple(
            Post(code, position, 1, "business_head", "manager")
            for code in ("100", "200", "300", "400")
            for position in (BUSINESS_HEAD, DEPUTY)
        ),
        figures={
            "profit_margin": Span(0.02, 0.16),
            "debt_ratio": Span(0.78, 0.42),
            "cash_flow": Span(0.4, 1.1),
            "csat": Span(7.6, 9.6),
            "market_share": Span(0.06, 0.19),
            "measures_done": Span(0.5, 1.0),
        },
    ),
}
