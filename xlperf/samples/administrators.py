"""Plans for the schemes of client administrators."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import Case, ClientPlan, Department, History, Plan, Post, Span, TaskPlan

CLIENT_CENTRE = Department(Text("客户中心", "Client centre"), "head_office")
FIRST_DESK = Department(Text("客户管理一组", "Client desk 1"), parent="000")
SECOND_DESK = Department(Text("客户管理二组", "Client desk 2"), parent="000")
DEPARTMENTS = {"000": CLIENT_CENTRE, "110": FIRST_DESK, "120": SECOND_DESK}
SENIOR = Text("高级客户管理员", "Senior client administrator")
ADMINISTRATOR = Text("客户管理员", "Client administrator")
GROUP = "client_administrator"

RECORDS = (
    Text("联系方式有误", "Wrong contact"),
    Text("证件号码有误", "Wrong ID number"),
    Text("地址未更新", "Old address"),
)
THANKED = Case(
    "commendation",
    Text(
        "挽留重要客户，客户来信表扬（奖惩规程第六条）", "Kept a key client, who wrote to thank us (rules of reward, 6)"
    ),
    points=3,
)

POSTS = (
    Post("000", SENIOR, 1, GROUP, "front_line", base_pay=8000, performance_base=4000),
    Post("110", ADMINISTRATOR, 7, GROUP, "front_line", base_pay=5500, performance_base=2500),
    Post("120", ADMINISTRATOR, 8, GROUP, "front_line", base_pay=5500, performance_base=2500),
)
FEEDBACK = TaskPlan(
    "feedback",
    Span(10, 14),
    due_in_days=3,
    on_time=Span(0.7, 1.0),
    done=Span(0.92, 1.0),
    results=("satisfied",) * 7 + ("dissatisfied",),
    with_client=True,
)

PLANS: dict[str, Plan] = {
    "client-administrator": Plan(
        departments=DEPARTMENTS,
        posts=POSTS,
        special={12: "leaver", 14: "joiner", 15: "intern"},
        clients=(ClientPlan(standing=Span(34, 40), new=Span(0.6, 4.4), lost=Span(4.4, 0), prospects=Span(1, 2)),),
        tasks=(FEEDBACK,),
        figures={"csat": Span(5.6, 9.3)},
        cases={5: THANKED},
        history=(History("month", back=6, totals=Span(52, 101)),),
    ),
    "client-administrator-factors": Plan(
        departments=DEPARTMENTS,
        posts=POSTS,
        clients=(
            ClientPlan(
                standing=Span(28, 34),
                new=Span(0.6, 3.6),
                lost=Span(3.6, 0),
                prospects=Span(1, 2),
                active=Span(0.35, 0.9),
            ),
        ),
        tasks=(TaskPlan("joint_project", Span(3, 5), due_in_days=20, results=("achieved", "achieved", "missed")),),
        figures={
            "service_attitude": Span(6.4, 9.4),
            "problem_speed": Span(6.0, 9.2),
            "recommendation": Span(5.6, 9.0),
            "training_attendance": Span(0.7, 1.0),
        },
        cases={3: THANKED},
    ),
    "client-administrator-quarter": Plan(
        departments=DEPARTMENTS,
        posts=POSTS,
        clients=(ClientPlan(standing=Span(34, 40), new=Span(2, 10), lost=Span(6.5, 0.8), prospects=Span(1, 2)),),
        tasks=(
            TaskPlan(
                "contact",
                Span(34, 78),
                due_in_days=1,
                on_time=Span(0.9, 1.0),
                results=("solved",) * 6 + ("positive",) * 3 + ("none",),
                with_client=True,
            ),
            TaskPlan("feedback", Span(10, 14), due_in_days=3, on_time=Span(0.78, 1.0), with_client=True),
        ),
        figures={"csat": Span(5.8, 9.2), "data_accuracy": Span(0.92, 1.0)},
        clauses={"data_accuracy": RECORDS},
        cases={6: THANKED},
        history=(History("quarter", back=3, totals=Span(55, 98)),),
    ),
}
