"""Plans for a securities house: the client-management team, and brokers whose goals are cascaded."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import Case, ClientPlan, Department, History, Plan, Post, Span, TaskPlan

BROKER = Text("证券经纪人", "Broker")
BRANCH_MANAGER = Text("营业部经理", "Branch manager")

PLANS: dict[str, Plan] = {
    "securities-team": Plan(
        departments={"100": Department(Text("客户管理部", "Client management"))},
        posts=(
            Post(
                "100",
                Text("客户管理部经理", "Head of client management"),
                1,
                "team_head",
                "manager",
                base_pay=12_000,
                performance_base=9_000,
            ),
            Post(
                "100",
                Text("客户经理", "Client manager"),
                14,
                "client_manager",
                teams=("A", "B"),
                base_pay=6_000,
                performance_base=5_000,
            ),
        ),
        clients=(
            ClientPlan(
                standing=Span(20, 30),
                new=Span(2, 6),
                lost=Span(3, 0.5),
                active=Span(0.6, 0.97),
            ),
        ),
        tasks=(TaskPlan("contact", Span(18, 32), due_in_days=3, done=Span(0.9, 1.0), with_client=True),),
        figures={"csat": Span(7.4, 9.6)},
        history=(History("quarter", back=2),),
    ),
    "broker-cascade": Plan(
        departments={
            "000": Department(Text("经纪业务总部", "Brokerage"), "head_office"),
            "110": Department(Text("城东营业部", "East branch"), "branch", parent="000"),
            "120": Department(Text("城西营业部", "West branch"), "branch", parent="000"),
        },
        posts=(
            Post(
                "000",
                Text("经纪业务总监", "Director of brokerage"),
                1,
                "branch_manager",
                "manager",
                base_pay=12_000,
                performance_base=9_000,
            ),
            Post("110", BRANCH_MANAGER, 1, "branch_manager", "manager", base_pay=12_000, performance_base=9_000),
            Post("110", BROKER, 8, "broker", base_pay=5_000, performance_base=4_500),
            Post("120", BRANCH_MANAGER, 1, "branch_manager", "manager", base_pay=12_000, performance_base=9_000),
            Post("120", BROKER, 7, "broker", base_pay=5_000, performance_base=4_500),
        ),
        special={8: "leaver", 9: "intern", 16: "joiner", 17: "intern"},
        clients=(ClientPlan(standing=Span(6, 14), new=Span(2, 9), groups=("broker",), active=Span(0.6, 0.97)),),
        tasks=(
            TaskPlan("service", Span(12, 18), groups=("broker",), with_client=True),
            TaskPlan("meeting", Span(7, 8), groups=("branch_manager",), due_in_days=10),
        ),
        figures={"violations": Span(3, 0), "department_goals": Span(0.75, 1.15), "goals_agreed": Span(0.7, 1.0)},
        clauses={
            "violations": (
                Text("未提示风险", "No warning of risk given"),
                Text("代客户操作", "Traded for a client"),
            ),
        },
        cases={
            5: Case("penalty", Text("客户投诉属实（经纪人守则第四条）", "Justified complaint (code of brokers, 4)"), 3),
        },
        history=(
            History("quarter", back=3, totals=Span(34, 97)),
            History("quarter", inside=True, totals=Span(34, 97)),
        ),
    ),
}
