"""Policy values that several rules ask for, each described once."""

from __future__ import annotations

from xlperf.core.problems import Text
from xlperf.policy.rules.definition import Parameter

CAP = Parameter(
    "cap",
    Text("封顶", "Cap"),
    "fraction",
    Text(
        "最高得分占满分的比例，例如 120%；空白表示不封顶",
        "Most points as a share of the full points, for example 120%. Blank: no cap",
    ),
    required=False,
    usual=1.0,
    above="floor",
    bound="not_negative",
)
FLOOR = Parameter(
    "floor",
    Text("保底", "Floor"),
    "fraction",
    Text(
        "最低得分占满分的比例，0% 即扣完为止；空白表示可以扣成负分",
        "Fewest points as a share of the full points; 0% stops at nothing. Blank: points may fall below zero",
    ),
    required=False,
    usual=0.0,
)
STEP = Parameter(
    "step",
    Text("步长", "Step"),
    "number",
    Text(
        "一步的大小，与指标同单位，大于 0；1 个百分点写 1%",
        "Size of one step in the unit of the indicator, above 0; a percentage point is written 1%",
    ),
    bound="positive",
    synonyms=("step_size",),
)
STEPS = Parameter(
    "steps",
    Text("步数计法", "Step counting"),
    "choice",
    Text("不足一步时怎么计", "How a step that is not complete counts"),
    usual="whole",
    choices={
        "whole": Text("满一步才计", "completed steps only"),
        "begun": Text("不足一步按一步计", "every step begun"),
        "linear": Text("按比例计", "in proportion"),
    },
)
POINTS_EACH = Parameter(
    "points_each",
    Text("每步分值", "Points each"),
    "points",
    Text("每一步扣或加的分数，写正数", "Points for each step, written without a minus sign"),
    bound="not_negative",
)
LOW = Parameter(
    "low",
    Text("区间下限", "Range from"),
    "number",
    Text("与指标同单位，含本数", "In the unit of the indicator; itself inside the range"),
)
HIGH = Parameter(
    "high",
    Text("区间上限", "Range to"),
    "number",
    Text("与指标同单位，含本数", "In the unit of the indicator; itself inside the range"),
    above="low",
)
OPERATOR = Parameter(
    "operator",
    Text("比较方式", "Comparison"),
    "choice",
    Text(
        "“以上”“不低于”“以下”“不超过”含本数，“高于”“超过”“低于”“不足”不含本数",
        '"At least" and "at most" include the number itself, "above" and "below" do not',
    ),
    choices={
        "at_least": Text("不低于（含）", "at least"),
        "above": Text("高于（不含）", "above"),
        "at_most": Text("不超过（含）", "at most"),
        "below": Text("低于（不含）", "below"),
    },
)
BAND_SET = Parameter(
    "band_set",
    Text("区间编号", "Band set"),
    "code",
    Text("“区间”表中的编号", "The name of a set of bands on the Bands sheet"),
)
LOWER_BY = Parameter(
    "lower_by",
    Text("越低越好算法", "Less is better as"),
    "choice",
    Text(
        "只用于反向指标：完成率怎样算；空白为 2 − 实际 ÷ 目标",
        "Only where less is better: how the attainment is computed. Blank: 2 − actual ÷ target",
    ),
    required=False,
    choices={
        "mirror": Text("2 − 实际 ÷ 目标", "2 − actual ÷ target"),
        "quotient": Text("目标 ÷ 实际", "target ÷ actual"),
    },
    synonyms=("less is better",),
)
