"""Plans for the schemes of account management."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.samples.plan import (
    Business,
    Case,
    ClientPlan,
    Department,
    Feedback,
    History,
    Move,
    Plan,
    Post,
    Span,
    TaskPlan,
)

OPERATIONS = Department(Text("运营管理部", "Operations"), "head_office")
ACCOUNTS = Department(Text("账户管理部", "Account management"), parent="000")
STAFF = Text("账户管理专员", "Account administrator")
SUPERVISOR = Text("账户管理主管", "Supervisor of account management")

PASSWORDS = (Text("口令未按期更换", "Password not changed in time"), Text("口令过于简单", "Weak password"))
RECORDS = (Text("证件号码录入有误", "ID number entered wrongly"), Text("联系方式未更新", "Contact not updated"))
BREACHES = (Text("未核验客户身份", "Identity not verified"), Text("代客户签字", "Signed for a client"))
POLICIES = (Text("交接手续不全", "Incomplete hand-over"), Text("档案未归档", "File not archived"))

BACKUPS = TaskPlan("backup", Span(6, 6), due_in_days=0, on_time=Span(0.8, 1.0), done=Span(0.9, 1.0))
QUERIES = TaskPlan("query", Span(8, 12), due_in_days=1, hours=Span(1.1, 0.2), done=Span(1.0, 1.0))

PLANS: dict[str, Plan] = {
    "account-management": Plan(
        departments={"000": OPERATIONS, "100": ACCOUNTS},
        posts=(
            Post("100", SUPERVISOR, 1, "account_supervisor", "manager"),
            Post("100", STAFF, 15, "account_staff", "office", teams=("A", "B", "C")),
        ),
        tasks=(
            TaskPlan("open", Span(4, 7), due_in_days=2, hours=Span(14, 4), done=Span(1.0, 1.0)),
            TaskPlan("change", Span(5, 8), due_in_days=2, hours=Span(11, 3), done=Span(1.0, 1.0)),
            TaskPlan("close", Span(1, 3), due_in_days=2, hours=Span(12, 4), done=Span(1.0, 1.0)),
            QUERIES,
            BACKUPS,
        ),
        figures={"regulatory_violations": Span(3, 0)},
        clauses={
            "access_security": PASSWORDS,
            "account_info_accuracy": RECORDS,
            "regulatory_violations": BREACHES,
            "policy_compliance": POLICIES,
        },
        cases={
            4: Case(
                "commendation",
                Text(
                    "发现并阻止一起冒名开户（奖惩规程第八条）",
                    "Stopped an opening in a false name (rules of reward, 8)",
                ),
                points=3,
            ),
        },
    ),
    "account-positions": Plan(
        departments={
            "000": OPERATIONS,
            "110": Department(Text("开户组", "Account opening"), parent="000"),
            "120": Department(Text("账户维护组", "Account maintenance"), parent="000"),
            "130": Department(Text("安全审核组", "Security audit"), parent="000"),
        },
        posts=(
            Post("110", Text("开户专员", "Account opening officer"), 8, "account_opening", "office"),
            Post("120", Text("账户维护专员", "Account maintenance officer"), 7, "account_maintenance", "office"),
            Post("130", Text("账户安全审核员", "Account security auditor"), 6, "security_audit", "office"),
        ),
        moves={10: Move("account_opening", "110", until=0.5)},
        clients=(
            ClientPlan(
                standing=Span(4, 6),
                new=Span(5, 10),
                prospects=Span(1, 2),
                groups=("account_opening",),
                classes={"other": 1},
            ),
            ClientPlan(
                standing=Span(25, 30),
                new=Span(0, 1),
                groups=("account_maintenance",),
                active=Span(0.6, 0.98),
                classes={"required": 0.7, "other": 0.3},
            ),
        ),
        tasks=(
            TaskPlan("change", Span(14, 20), groups=("account_maintenance",), on_time=Span(0.8, 1.0), with_client=True),
            TaskPlan("incident", Span(3, 6), groups=("security_audit",), due_in_days=1, hours=Span(12, 4)),
        ),
        figures={"maintenance_errors": Span(6, 0), "opening_csat": Span(7.6, 9.6)},
        clauses={
            "opening_accuracy": RECORDS,
            "opening_process": BREACHES,
            "maintenance_errors": RECORDS,
            "vulnerabilities_found": (
                Text("测试账户未停用", "Test account still open"),
                Text("权限过大", "Rights too wide"),
            ),
        },
    ),
    "small-company-accounts": Plan(
        departments={"100": Department(Text("账务室", "Accounts office"))},
        posts=(Post("100", Text("账户管理员", "Account clerk"), 8, "account_clerk", "office"),),
        clients=(
            ClientPlan(
                standing=Span(24, 30),
                new=Span(0, 2),
                active=Span(0.82, 1.0),
                filled=Span(0.95, 1.0),
                classes={"revenue": 0.2, "core": 0.5, "other": 0.3},
            ),
        ),
        cases={
            2: Case(
                "issue_reward",
                Text(
                    "反馈对账差异并协助解决（方案第四条）",
                    "Reported and settled a difference in the books (4)",
                ),
                points=3,
            ),
            4: Case(
                "issue_reward",
                Text("指出重复付款（方案第四条）", "Pointed out a payment made twice (4)"),
                points=2,
            ),
        },
        history=(History("custom", back=2),),
    ),
    "scheme-review": Plan(
        departments={"000": OPERATIONS, "100": ACCOUNTS},
        posts=(
            Post("100", SUPERVISOR, 1, "account_supervisor", "manager"),
            Post("100", STAFF, 15, "account_staff", "office", teams=("A", "B", "C")),
        ),
        clauses={"account_info_accuracy": RECORDS, "policy_compliance": POLICIES},
        history=(History("quarter", back=4),),
        feedback=Feedback(
            questions=(
                Text("考核是公平的", "The appraisal is fair"),
                Text("指标是合理的", "The indicators are reasonable"),
                Text("考核没有带来不必要的压力", "It puts no undue pressure on me"),
            ),
            means=(0.78, 0.74, 0.6),
            suggestions=(
                Text("抽检时间提前告知", "Announce the checks earlier"),
                Text("疑难账户应单独计时", "Time difficult accounts separately"),
                Text("减少重复填表", "Fewer forms to fill twice"),
            ),
        ),
        business=(
            Business(Text("营业收入", "Revenue"), "result", (4_180_000, 4_250_000, 4_340_000, 4_310_000, 4_460_000)),
            Business(Text("资金流转次数", "Turnover of funds"), "result", (9.9, 10.1, 10.6, 10.5, 11.2)),
            Business(Text("统计评估人工", "Time for appraising"), "cost", (21_000, 20_400, 18_900, 18_500, 18_200)),
            Business(Text("软件费用", "Software"), "cost", (6_000, 6_000, 6_000, 6_000, 6_000)),
            Business(Text("减少的差错损失", "Losses avoided"), "benefit", (14_000, 17_500, 19_800, 21_300, 24_600)),
            Business(Text("提高的效率", "Efficiency gained"), "benefit", (5_000, 7_200, 8_100, 9_400, 11_000)),
        ),
    ),
}
