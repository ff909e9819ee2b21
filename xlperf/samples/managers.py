"""Plans for managers who are rated from all sides, and for consultants whose results become pay."""

from __future__ import annotations

from collections.abc import Iterator

from xlperf.core.problems import Text
from xlperf.samples.plan import Department, Fund, History, Plan, Post, Span, TaskPlan

MANAGER = Text("项目经理", "Project manager")
CONSULTANT = Text("咨询顾问", "Consultant")

PERFORMANCE = (
    "head_goals", "head_management", "head_key_work", "goal_completion", "goal_quality", "goal_timeliness",
)  # fmt: skip
ABILITY = ("talent", "innovation", "potential", "culture", "execution", "coordination")
HEAD = Text("部门负责人", "Head of department")
TEAM_MANAGER = Text("班组经理", "Team manager")
SUPERVISOR = Text("主管", "Supervisor")
DEPUTY = Text("分管副总经理", "Deputy general manager")
BUSINESS = {  # department and its team, both in the charge of the deputy before the first digit
    "110": (Text("酒店部", "Hotel"), "111", Text("前厅", "Front desk")),
    "120": (Text("餐饮部", "Restaurants"), "121", Text("宴会厅", "Banquets")),
    "210": (Text("游乐部", "Amusements"), "211", Text("水上乐园", "Water park")),
    "220": (Text("农庄部", "Farm"), "221", Text("采摘园", "Orchard")),
}
FUNCTIONS = {"310": Text("财务部", "Finance"), "320": Text("人力资源部", "Human resources")}
BRANCHES = {
    "100": Text("住宿餐饮分管", "Hospitality division"),
    "200": Text("游乐农庄分管", "Leisure division"),
    "300": Text("职能分管", "Functional division"),
}


def _manager_departments() -> dict[str, Department]:
    found = {"000": Department(Text("总经理室", "General manager's office"), "head_office")}
    found |= {code: Department(name, "head_office", "000") for code, name in BRANCHES.items()}
    for code, (name, team, team_name) in BUSINESS.items():
        found |= {code: Department(name, "branch", f"{code[0]}00"), team: Department(team_name, "branch", code)}
    return found | {code: Department(name, "function", f"{code[0]}00") for code, name in FUNCTIONS.items()}


def _manager_posts() -> Iterator[Post]:
    yield Post("000", Text("总经理", "General manager"), 1, "committee", "manager")
    for code in BRANCHES:
        yield Post(code, DEPUTY, 1, "committee", "manager")
    for code, (_, team, _) in BUSINESS.items():
        yield Post(code, HEAD, 1, "unit_head", "manager")
        yield Post(team, TEAM_MANAGER, 1, "manager", "manager")
        yield Post(team, SUPERVISOR, 3 if code in ("110", "210") else 2, "manager", "manager")
    for code in FUNCTIONS:
        yield Post(code, HEAD, 1, "unit_head", "manager")
        yield Post(code, SUPERVISOR, 3, "manager", "manager")


PLANS: dict[str, Plan] = {
    "managers-360": Plan(
        departments=_manager_departments(),
        posts=tuple(_manager_posts()),
        special={8: "leaver"},
        figures={
            "operating_goals": Span(0.75, 1.12),
            "department_result": Span(4, 9.4),
        }
        | {item: Span(4.4, 9.4) for item in PERFORMANCE}
        | {item: Span(4, 9.4) for item in ABILITY},
        history=(History("half", back=2, totals=Span(58, 94)),),
    ),
    "group-consulting": Plan(
        departments={
            "100": Department(Text("战略咨询公司", "Strategy consulting"), "branch"),
            "200": Department(Text("人力咨询公司", "People consulting"), "branch"),
        },
        posts=(
            Post("100", MANAGER, 1, "project_manager", "manager", base_pay=45_000, performance_base=24_000),
            Post("100", CONSULTANT, 9, "consultant", "office", base_pay=27_000, performance_base=12_000),
            Post("200", MANAGER, 1, "project_manager", "manager", base_pay=45_000, performance_base=24_000),
            Post("200", CONSULTANT, 6, "consultant", "office", base_pay=27_000, performance_base=12_000),
        ),
        tasks=(TaskPlan("project_task", Span(12, 16), due_in_days=8, on_time=Span(0.7, 1.0), done=Span(0.95, 1.0)),),
        special={8: "joiner", 9: "intern"},
        figures={
            "project_goals": Span(0.6, 1.1),
            "client_feedback": Span(6.4, 9.6),
            "project_review": Span(60, 98),
            "development_plan": Span(0.4, 1.0),
        },
        clauses={"project_review": (Text("成果须补充", "Results to be completed"),)},
        history=(History("quarter", back=2),),
        funds=(
            Fund("performance_pay", unit="100", coefficient=1.1),
            Fund("performance_pay", unit="200", coefficient=0.95),
            Fund("bonus", amount=120_000.0),
        ),
    ),
}
