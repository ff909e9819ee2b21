"""Plans for client managers: of a region, and by team."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import Case, ClientPlan, Department, Fund, History, Plan, Post, Span, TaskPlan

REGION = Department(Text("分区销售部", "Regional sales"), "head_office")
MANAGER = Text("客户经理", "Client manager")
WON_LOST = ("won", "won", "lost")
OFTEN_WON = ("won",) * 4 + ("lost",)
SELDOM_WON = ("won",) + ("lost",) * 3
TENDER = Case(
    "commendation",
    Text("中标重点项目（奖惩规程第五条）", "Won a key tender (rules of reward, 5)"),
    points=3,
)

PLANS: dict[str, Plan] = {
    "regional-accounts": Plan(
        departments={
            "000": REGION,
            "110": Department(Text("东片区", "East area"), "branch", "000"),
            "120": Department(Text("西片区", "West area"), "branch", "000"),
            "130": Department(Text("南片区", "South area"), "branch", "000"),
        },
        posts=(
            Post("110", MANAGER, 6, "client_manager", base_pay=6000, performance_base=4000),
            Post("120", MANAGER, 6, "client_manager", base_pay=6000, performance_base=4000),
            Post("130", MANAGER, 7, "client_manager", base_pay=5500, performance_base=3500),
        ),
        tasks=(
            TaskPlan("visit", Span(15, 27), due_in_days=3, valid=0.95),
            TaskPlan("follow_up", Span(8, 12), on_time=Span(0.75, 1.0)),
            TaskPlan("sale", Span(4, 8), due_in_days=34, results=OFTEN_WON, amount=Span(70_000, 130_000)),
            TaskPlan("sale", Span(4, 8), due_in_days=34, results=SELDOM_WON, amount=Span(80_000, 180_000)),
        ),
        figures={
            "gross_margin": Span(0.05, 0.17),
            "expense_rate": Span(0.075, 0.03),
            "collection_rate": Span(0.6, 1.0),
        },
        cases={8: TENDER},
        history=(History("month", back=6, totals=Span(36, 99)),),
        funds=(
            Fund("profit_bonus", unit="110", amount=18_000.0),
            Fund("profit_bonus", unit="120", amount=12_000.0),
            Fund("profit_bonus", unit="130", amount=15_000.0),
        ),
    ),
    "team-accounts": Plan(
        departments={
            "000": REGION,
            "210": Department(Text("法人业务部", "Corporate business"), "branch", "000"),
            "220": Department(Text("个人业务部", "Personal business"), "branch", "000"),
        },
        posts=(
            Post(
                "210",
                Text("法人客户经理", "Corporate client manager"),
                10,
                "corporate_manager",
                teams=("C1", "C2"),
                performance_base=6000,
            ),
            Post(
                "220",
                Text("个人客户经理", "Personal client manager"),
                15,
                "personal_manager",
                teams=("P1", "P2", "P3"),
                performance_base=4000,
            ),
        ),
        clients=(
            ClientPlan(
                standing=Span(14, 18),
                new=Span(1.5, 5),
                lost=Span(2.2, 0.2),
                prospects=Span(1, 2),
                groups=("corporate_manager",),
                corporate=0.93,
            ),
            ClientPlan(
                standing=Span(30, 36),
                new=Span(6, 15),
                lost=Span(4.2, 0.6),
                prospects=Span(1, 3),
                groups=("personal_manager",),
                corporate=0.07,
            ),
        ),
        tasks=(
            TaskPlan(
                "sale",
                Span(5, 9),
                groups=("corporate_manager",),
                results=WON_LOST,
                amount=Span(100_000, 300_000),
                with_client=True,
            ),
            TaskPlan(
                "sale",
                Span(9, 16),
                groups=("personal_manager",),
                results=WON_LOST,
                amount=Span(12_000, 48_000),
                with_client=True,
            ),
            TaskPlan("service", Span(9, 13), on_time=Span(0.74, 1.0), with_client=True),
        ),
        figures={"team_csat": Span(6.4, 9.2)},
        cases={4: TENDER},
        funds=tuple(
            Fund("team_bonus", unit=team, amount=amount)
            for team, amount in (
                ("C1", 24_000.0),
                ("C2", 21_000.0),
                ("P1", 14_000.0),
                ("P2", 12_000.0),
                ("P3", 15_000.0),
            )
        ),
    ),
}
