"""A small scheme and small tables, for tests that need a whole appraisal on one screen."""

from functools import cache

from xlperf.core.periods import Periods, parse_period
from xlperf.core.problems import Text
from xlperf.policy.schemes import from_toml
from xlperf.schema.tables import table_of

SCHEME = """
[settings]
scheme = "small"
version = "1"
name = "小方案"
name_en = "Small scheme"
period = "2026-10"
period_kind = "month"
total_method = "weighted"
weight_basis = "total"
full_points = 100
cap_total = "no"
decimals = 2
if_not_applicable = "redistribute"
if_missing = "block"
minimum_weight = 0.5
grading = "quota"
rounding = "lines"
ties = "better"
pool_by = ["all"]
pool_minimum = 1
small_pool = "merge"
scored_status = ["active", "probation", "left"]
ranked_status = ["active"]
minimum_days = 15
movers = "days"
prorate_counts = "yes"
top_minimum_pool = 10
commendation_least = 1
commendation_most = 10
outlier = 5

[[dimensions]]
code = "work"
name = "工作"
name_en = "Work"
weight = 70

[[dimensions]]
code = "ability"
name = "能力"
name_en = "Ability"
weight = 30

[[indicators]]
code = "on_time"
name = "任务及时率"
name_en = "On-time rate"
dimension = "work"
weight = 40
unit = "%"
direction = "higher"
source = "tasks"
measure = "share"
where = "due_date in period and status <> cancelled"
hit = "done_date <= due_date"
target = 0.8
rule = "proportional"
parameters = "cap = 100%; floor = 0%"

[[indicators]]
code = "done"
name = "完成任务数"
name_en = "Tasks done"
dimension = "work"
weight = 30
unit = "项"
direction = "higher"
source = "tasks"
measure = "count"
where = "done_date in period"
target = 4
rule = "proportional"
parameters = "cap = 100%; floor = 0%"

[[indicators]]
code = "skill"
name = "业务能力"
name_en = "Skill"
dimension = "ability"
weight = 30
unit = "分"
direction = "higher"
source = "ratings"
measure = "mean"
column = "score"
rule = "rating_scale"
parameters = "low = 1; high = 5"

[[grades]]
code = "A"
name = "优秀"
name_en = "Excellent"
lower = 85
share = 0.2
coefficient = 1.2

[[grades]]
code = "B"
name = "良好"
name_en = "Good"
lower = 60
share = 0.6
coefficient = 1

[[grades]]
code = "C"
name = "合格"
name_en = "Fair"
lower = 0
share = 0.2
coefficient = 0.8

[[outcomes]]
code = "award"
name = "奖励"
name_en = "Award"
where = "top 20% and total >= 60"
"""
OCTOBER = parse_period("2026-10")
CALENDAR = Periods()


def scheme(replaced=None, **settings):
    """Return the small scheme, with texts replaced and settings changed; it must be readable."""
    text = SCHEME
    for old, new in (replaced or {}).items():
        assert old in text, old
        text = text.replace(old, new)
    read = readable(text)
    return read.with_settings(**settings) if settings else read


@cache
def readable(text):
    """Read a scheme; without errors."""
    read, problems = from_toml(text, "small")
    assert not [problem for problem in problems if problem.level == "error"], problems
    return read


def problems_of(replaced):
    """Return the scheme and its reading problems after replacing texts."""
    text = SCHEME
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return from_toml(text, "small")


def task(number, owner, due="2026-10-10", done="2026-10-09", status="done"):
    return {"task_id": f"T{number:03}", "owner_id": owner, "due_date": due, "done_date": done, "status": status}


def tables(employees=("E1", "E2", "E3", "E4", "E5"), tasks=None, ratings=None, **more):
    """Return tables of people with tasks and a rating each; E1 is best, then E2, and so on."""
    people = [each if isinstance(each, dict) else {"employee_id": each, "name": f"Name {each}"} for each in employees]
    ids = [each["employee_id"] for each in people]
    if tasks is None:
        tasks = [
            task(10 * rank + n, each, done="2026-10-09" if n >= rank else "2026-10-20")
            for rank, each in enumerate(ids)
            for n in range(5)
        ]
    if ratings is None:
        ratings = [
            {
                "period": "2026-10",
                "employee_id": each,
                "indicator": "skill",
                "rater_id": "B",
                "relation": "manager",
                "score": 4.0,
            }
            for each in ids
        ]
    made = {"employees": people, "tasks": tasks, "ratings": ratings, **more}
    return {sheet: table_of(sheet, rows) for sheet, rows in made.items()}


def text(word):
    """Return the same word for both languages."""
    return Text(word, word)
