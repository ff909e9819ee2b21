"""A plan for the advisers of a securities house, whose clients are classed by return, turnover and value."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import Case, ClientPlan, Department, History, Plan, Post, Span, TaskPlan

ADVISER = Text("投资顾问", "Investment adviser")
LEADER = Text("投顾组长", "Leader of advisers")

PLANS: dict[str, Plan] = {
    "adviser-classes": Plan(
        departments={
            "000": Department(Text("经纪管理总部", "Brokerage head office"), "head_office"),
            "101": Department(Text("江北营业部", "North Bank branch"), "branch", parent="000"),
            "102": Department(Text("湖滨营业部", "Lakeside branch"), "branch", parent="000"),
        },
        posts=(
            Post("101", LEADER, 1, "adviser"),
            Post("101", ADVISER, 8, "adviser"),
            Post("102", LEADER, 1, "adviser"),
            Post("102", ADVISER, 7, "adviser"),
        ),
        clients=(
            ClientPlan(
                standing=Span(44, 52),
                new=Span(1, 4),
                lost=Span(6, 1),
                active=Span(0.65, 0.98),
                growth=Span(-0.005, 0.03),
                unclassified=Span(0.06, 0.0),
            ),
        ),
        tasks=(
            TaskPlan("vip_service", Span(9, 12), due_in_days=20, with_client=True, rule_code="R06"),
            TaskPlan("core_service", Span(5, 7), due_in_days=40, with_client=True, rule_code="R07"),
            TaskPlan("other_service", Span(3, 4), due_in_days=60, with_client=True, rule_code="R08"),
        ),
        cases={
            3: Case(
                "commendation",
                Text("挽留重要客户（奖惩规程第六条）", "Kept an important client (rules of reward, 6)"),
                points=2,
            ),
        },
        history=(History("quarter", back=3, totals=Span(58, 94)),),
    ),
}
