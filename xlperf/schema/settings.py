"""Every policy switch of a scheme: its name and meaning in both languages, what it may hold, and the usual choice.

The switches stand on the Home sheet, one a row. The usual choice is only what a template writes down; a workbook
without the row is told so, and the run record lists the settings in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS, Vocabulary, fold

SettingKind = Literal["text", "key", "choice", "choices", "number", "whole", "fraction", "list", "day"]


@dataclass(frozen=True)
class Setting:
    """One switch: what HR calls it, what it means, and what it may hold."""

    code: str
    name: Text
    meaning: Text
    kind: SettingKind
    usual: Any
    words: str = ""
    required: bool = True
    needs: str = ""  # a policy sheet: without rows on it the switch has no meaning, and does not stand on Home
    extra: bool = False  # stands on Home only where HR has added it

    @property
    def vocabulary(self) -> Vocabulary:
        """The words it may hold (kinds ``choice`` and ``choices``)."""
        return WORDS[self.words]


def _s(
    code: str,
    zh: str,
    en: str,
    kind: SettingKind,
    usual: Any,
    meaning_zh: str,
    meaning_en: str,
    words: str = "",
    needs: str = "",
) -> Setting:
    """Describe one switch in one line.

    A code that ends in ``?`` may be left blank or out; one that ends in ``+`` too, and it stands on Home only where HR
    has added it.
    """
    plain = code.rstrip("?+")
    texts = Text(zh, en), Text(meaning_zh, meaning_en)
    return Setting(plain, *texts, kind, usual, words, plain == code, needs, extra=code.endswith("+"))


TITLES = frozenset({"name", "name_en", "basis"})  # settings that are written in one of the two languages
SETTINGS: dict[str, Setting] = {
    setting.code: setting
    for setting in (
        _s("scheme", "方案编号", "Scheme code", "key", "", "方案的唯一编号。", "What identifies the scheme."),
        _s("version", "方案版本", "Scheme version", "key", "1", "每次修改政策时递增。", "Counted up whenever the policy changes."),
        _s("name", "方案名称", "Scheme name", "text", "", "显示在标题上。", "Shown as the title."),
        _s("name_en?", "方案英文名称", "Scheme name in English", "text", "", "英文界面的标题。", "The title in English."),
        _s("basis?", "依据", "Based on", "text", "", "方案所依据的制度或文件。", "The regulation or paper that the scheme follows."),
        _s("position?", "适用岗位", "For positions", "list", (), "方案适用的岗位编号，应与岗位说明书一致；空白表示所有岗位。", "The position groups that the scheme is for, as in the job descriptions; empty: everybody."),
        _s("language", "语言", "Language", "choice", "zh", "输出工作表所用的语言。", "The language of the sheets that are written.", "language"),
        _s("period", "考核周期", "Period", "key", "", "本次考核的周期，例如 2026-10、2026Q4、2026。", "The period appraised, such as 2026-10, 2026Q4 or 2026."),
        _s("period_kind", "周期类型", "Kind of period", "choice", "month", "方案通常按什么周期考核。", "How often the scheme appraises.", "period_kind"),
        _s("collection_kind?", "数据采集周期", "Data are collected", "choice", "", "平时按什么周期采集数据（可比考核周期短）。", "How often data are collected, which may be more often than people are appraised.", "period_kind"),
        _s("total_method", "计分方式", "How points total", "choice", "weighted",
           "加权百分制：得分乘以权重；分值累加：各指标满分相加。", "Weighted: points times weight. Added up: each indicator has its own full points.", "total_method"),
        _s("weight_basis", "权重口径", "Weights are shares of", "choice", "total",
           "指标权重是占总分还是占所在维度。", "Whether an indicator's weight is a share of the total or of its dimension.", "weight_basis"),
        _s("full_points", "满分", "Full points", "number", 100.0, "每个指标与总分的满分。", "Full points of an indicator and of the total."),
        _s("cap_total", "总分封顶", "Cap the total", "choice", "no", "总分超过满分时是否只计满分。", "Whether a total above full points counts as full points.", "yes_no"),
        _s("decimals", "小数位数", "Decimals", "whole", 2, "总分在排名、评等之前四舍五入到几位小数（仅此一次）。", "Decimals of the total, rounded half up once, before ranking and grading."),
        _s("if_not_applicable", "不适用时", "Where not applicable", "choice", "redistribute",
           "没有分母或标为不适用的指标怎样处理。", "What happens to an indicator without a denominator or marked not applicable.", "gap_policy"),
        _s("if_missing", "未填报时", "Where not reported", "choice", "block", "应填而未填的指标怎样处理。", "What happens to a figure that should be there and is not.", "gap_policy"),
        _s("minimum_weight", "最低计分权重", "Least weight measured", "fraction", 0.5,
           "已计分指标的权重不足此比例的员工不排名。", "Who has less weight than this measured is not ranked."),
        _s("grading", "评等方式", "Grades are given", "choice", "bands", "按分数、按强制分布，或两者结合。", "By score, by quota, or by quota limited by the score's grade.", "grading"),
        _s("rounding", "名额取整", "Whole people", "choice", "lines", "强制分布的名额怎样取整为人数。", "How shares become whole people.", "rounding"),
        _s("ties", "并列处理", "Ties", "choice", "better", "同分的人跨越名额线时怎样处理。", "What happens when equal totals lie across a line.", "ties"),
        _s("tie_chain?", "并列比较顺序", "Tie-break chain", "list", (),
           "依次比较的维度或指标编号，或 hire_date（入职早者在前）；指标先比得分，得分相同再比数值。", "Dimension or indicator codes compared in turn, or hire_date (earlier first). An indicator compares points, and where they are equal figures."),
        _s("rest_grade?", "未覆盖比例归入", "The rest goes to", "key", "",
           "等级比例合计不足 100 % 时，其余归入哪个等级；空白表示不允许。", "Where shares total less than 100 %, the grade that takes the rest; empty: not allowed."),
        _s("pool_by", "排名范围划分", "Pools are", "choices", ("all",), "按什么划分排名范围；可写多项，由大到小。", "What pools are made by; several, from wide to narrow.", "pool_by"),
        _s("pool_minimum", "范围最少人数", "Smallest pool", "whole", 5, "人数不足时按下一项处理。", "Smaller pools are treated as the next setting says."),
        _s("small_pool", "人数不足时", "Small pools", "choice", "merge", "排名范围人数不足时怎样处理。", "What happens to a pool that is too small.", "small_pool"),
        _s("scored_status", "计分的在职状态", "Status scored", "choices", ("active", "probation", "left"),
           "哪些在职状态的员工计分。", "Which employees are scored.", "employee_status"),
        _s("ranked_status", "排名的在职状态", "Status ranked", "choices", ("active",), "哪些在职状态的员工参加排名和评等。", "Which employees enter the pools.", "employee_status"),
        _s("minimum_days", "最少在岗天数", "Least days of service", "whole", 15, "周期内在岗日历天数不足者不参评。", "Fewer calendar days of service in the period: not rated."),
        _s("gates?", "前提条件", "Gates", "list", (),
           "员工表中须为“是”的列，例如 onboarding_passed（入职培训合格）；未通过者不排名。", "Columns of the Employees sheet that must say yes, such as onboarding_passed; who fails one is not ranked."),
        _s("movers", "中途调岗", "Changing position", "choice", "days", "周期内换过岗位的员工怎样计分（见任职记录）。", "How somebody is scored who changed position in the period (see Assignments).", "movers"),
        _s("rater_order", "评分合并顺序", "Ratings are combined", "choice", "raters_first", "先合并评价人还是先合并指标；评价人漏评时结果不同。", "Raters first or items first; the results differ where a rater left items out.", "rater_order", "raters"),
        _s("small_group", "人数不足的关系", "Relations with few raters", "choice", "merge", "评价人不足最少人数的关系怎样显示（上级、自评除外）。", "What is shown of a relation with too few raters (superiors and self excepted).", "small_group", "raters"),
        _s("trim_from", "去掉最高最低的人数", "Trim from", "whole", 0, "一种关系的评价人达到此数时，去掉一个最高分和一个最低分；0 表示不去。", "From so many raters of a relation on, the highest and the lowest are dropped; 0: none are.", "", "raters"),
        _s("leniency", "校正宽严", "Correct leniency", "choice", "no", "评价人相对同一关系平均的宽严怎样校正：按差值、按比值、按标准分，或不校正。", "How a rater's distance from the mean of the relation is taken out: by difference, quotient or standard score, or not.", "leniency", "raters"),
        _s("trim_share+", "去掉最高最低的比例", "Trim share", "fraction", 0.0, "一种关系的评分从高到低、从低到高各去掉此比例的人数（舍去小数），例如 10%；0 表示不去。", "This share of the ratings of a relation is dropped at the top and at the bottom, whole raters rounded down, such as 10%; 0: none are.", "", "raters"),
        _s("leniency_from", "校正所需评分数", "Ratings needed to correct", "whole", 5, "评价人给出的评分达到此数才校正。", "A rater is corrected only with at least so many ratings.", "", "raters"),
        _s("paid_status", "计发的在职状态", "Status paid", "choices", ("active", "probation", "left"), "哪些在职状态的员工计发薪酬；实习不在其中则不计发。", "Which employees are paid; interns are not unless they are named.", "employee_status", "pay"),
        _s("prorate_counts", "数量目标折算", "Prorate targets of counts", "choice", "yes", "中途入职、离职者的数量类目标按在岗天数折算。", "Whether targets of counts and sums shrink with the days of service of joiners and leavers.", "yes_no"),
        _s("absence_kinds+", "扣除的缺勤类别", "Absences that count", "list", (),
           "目标折算扣缺勤时，扣除考勤表中的哪些类别；空白表示全部。", "Which kinds on the sheet Absences prorations take off; empty: all of them."),
        _s("top_minimum_pool", "至少一人的范围人数", "At least one from", "whole", 10, "“前 x %”四舍五入后不足一人时，范围达到此人数则至少取一人。", "A top share that rounds to nobody takes one person in pools of at least this size."),
        _s("commendation_least", "嘉奖最少加分", "Least commendation", "number", 1.0, "一次嘉奖至少加几分。", "The fewest points that a commendation adds."),
        _s("commendation_most", "嘉奖最多加分", "Most commendation", "number", 10.0, "一次嘉奖至多加几分。", "The most points that a commendation adds."),
        _s("outlier", "异常值界限", "Outlier limit", "fraction", 2.0, "实际值超过目标值的此倍数时提醒。", "An actual above this multiple of its target is pointed out."),
        _s("near_target?", "接近目标", "Close to target", "fraction", 0.95, "方案评估：达到目标值的此比例算接近目标。", "Evaluation: this share of a target attained is close to it."),
        _s("evaluation_minimum?", "评估最少人数", "Smallest group evaluated", "whole", 5, "方案评估：人数或答案少于此数的，不显示数值；空白按常用值。", "Evaluation: no figure is shown for fewer people or answers; empty means the usual value."),
        _s("evaluation_periods?", "评估最少周期数", "Fewest periods evaluated", "whole", 3, "方案评估：共同周期少于此数的，不计算与经营成果的相关。", "Evaluation: totals are compared with business results over at least so many periods."),
        _s("link_from?", "业务关联界限", "Moves with business from", "number", 0.5, "方案评估：平均总分与经营成果的相关系数达到此值，算同向变动。", "Evaluation: from this correlation on, mean totals move with a business result."),
        _s("response_from?", "问卷回收率要求", "Response rate wanted", "fraction", 0.6, "方案评估：回收率低于此值时提醒。", "Evaluation: a lower response rate is pointed out."),
        _s("approval_from?", "问卷得分要求", "Survey score wanted", "fraction", 0.6, "方案评估：平均得分占满分低于此值的题目会指出。", "Evaluation: questions with a lower mean share of the full score are pointed out."),
        _s("alike_from?", "得分扎堆界限", "Too many alike from", "fraction", 0.8, "方案评估：满分或零分的人超过此比例的指标，不能区分人。", "Evaluation: an indicator with more people than this at full points, or at zero, does not tell them apart."),
        _s("repeat_from?", "指标重复界限", "Indicators repeat from", "number", 0.9, "方案评估：两个指标得分的等级相关系数超过此值，算重复。", "Evaluation: two indicators whose points have a higher rank correlation say the same."),
        _s("agreement_from?", "评价一致界限", "Raters agree from", "number", 0.67, "方案评估：评价人一致性系数低于此值时提醒。", "Evaluation: a lower agreement of raters (alpha) is pointed out."),
        _s("stable_from?", "名次稳定界限", "Places are stable from", "number", 0.5, "方案评估：与上一周期总分的等级相关系数低于此值时提醒。", "Evaluation: a lower rank correlation with the totals of the period before is pointed out."),
        _s("weight_gap?", "权重作用差距", "Gap to the weight", "fraction", 0.1, "方案评估：指标对总分差异的作用与权重相差超过此值时指出。", "Evaluation: an indicator whose part in the differences of totals is further than this from its weight is pointed out."),
        _s("appeal_by+", "申诉截止日期", "Appeals are due by", "day", "", "最迟哪一天提出申诉，例如 2026-11-12；空白表示不限。", "The last day on which appeals are filed, such as 2026-11-12; empty: no limit."),
        _s("unusual_from+", "偏离界限", "Unusual from", "number", 0.5, "方案评估：管理者、评价人的均值与其他人相差达到几个标准差（且 95% 区间不含 0）才指出。", "Evaluation: managers and raters are pointed out whose mean is so many standard deviations from the others', and whose 95 % interval leaves out 0."),
        _s("calibration+", "校准", "Calibrate", "choice", "no", "工作簿是否带校准表，等级在定稿前可以校准。", "Whether the workbook has a sheet on which grades are calibrated before they are final.", "yes_no"),
        _s("calibration_budget+", "校准奖金预算", "Calibration budget", "number", 0.0, "校准后的奖金合计不超过多少元；0 表示不限。", "The most that bonuses may come to after calibration; 0: no limit."),
        _s("rows_listed+", "明细行数", "Rows listed behind a figure", "whole", 500, "每个数字背后最多列出多少行（工作表、成绩卡和 xlperf explain 的每页）。", "How many rows behind a figure are listed: on sheets, on cards, and on a page of xlperf explain."),
        _s("place_figures+", "名次指标", "Figures of places", "choices", (), "考核结果中除名次外还列出什么，可写多项：连续名次（同分之后不留空）、百分比排名（其他人中排在后面的比例）、百分位（全体中不高于本人的比例，含本人）；空白不列。", "What Results shows beside places, one or several: place without gaps (no gaps behind equal totals), percent rank (the share of the others who are behind), percentile (the share of all who are not ahead, oneself included); empty: none.", "place_figure"),
        _s("publish_place+", "公布名次", "Publish places", "choice", "no", "发布的成绩卡上是否显示名次。", "Whether published cards show places.", "yes_no"),
        _s("publish_pay+", "公布薪酬", "Publish pay", "choice", "no", "发布的成绩卡上是否显示薪酬。", "Whether published cards show pay.", "yes_no"),
        _s("return_by+", "回收截止日期", "Forms are due by", "day", "", "填好的表最迟哪一天交回，例如 2026-11-05；空白表示不限。", "The last day on which filled forms come back, such as 2026-11-05; empty: no limit."),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The switches in force, typed: a field for each entry of ``SETTINGS``, which is written here by hand for its type."""

    scheme: str
    version: str
    name: str
    name_en: str
    basis: str
    position: tuple[str, ...]
    language: Literal["zh", "en"]
    period: str
    period_kind: str
    collection_kind: str
    total_method: Literal["weighted", "sum"]
    weight_basis: Literal["total", "dimension"]
    full_points: float
    cap_total: Literal["yes", "no"]
    decimals: int
    if_not_applicable: Literal["redistribute", "equal", "full", "zero", "block"]
    if_missing: Literal["redistribute", "equal", "full", "zero", "block"]
    minimum_weight: float
    grading: Literal["bands", "quota", "quota_not_better", "quota_not_worse"]
    rounding: Literal["lines", "largest_remainder", "floor", "ceiling"]
    ties: Literal["better", "worse", "chain"]
    tie_chain: tuple[str, ...]
    rest_grade: str
    pool_by: tuple[str, ...]
    pool_minimum: int
    small_pool: Literal["merge", "bands", "none"]
    scored_status: tuple[str, ...]
    ranked_status: tuple[str, ...]
    minimum_days: int
    gates: tuple[str, ...]
    movers: Literal["days", "longest", "last"]
    rater_order: Literal["raters_first", "items_first"]
    small_group: Literal["merge", "total_only"]
    trim_from: int
    leniency: Literal["no", "yes", "quotient", "standard"]
    trim_share: float
    leniency_from: int
    paid_status: tuple[str, ...]
    prorate_counts: Literal["yes", "no"]
    absence_kinds: tuple[str, ...]
    top_minimum_pool: int
    commendation_least: float
    commendation_most: float
    outlier: float
    near_target: float
    evaluation_minimum: int
    evaluation_periods: int
    link_from: float
    response_from: float
    approval_from: float
    alike_from: float
    repeat_from: float
    agreement_from: float
    stable_from: float
    weight_gap: float
    appeal_by: str
    unusual_from: float
    calibration: Literal["yes", "no"]
    calibration_budget: float
    rows_listed: int
    place_figures: tuple[str, ...]
    publish_place: str
    publish_pay: str
    return_by: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Return the settings given, the usual choice for the others."""
        return cls(**{code: values.get(code, setting.usual) for code, setting in SETTINGS.items()})

    def values(self) -> dict[str, Any]:
        """Return the settings by code, in the order of the Home sheet."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def find_setting(word: str) -> Setting | None:
    """Return the setting that a name means, in either language.

    >>> find_setting("并列处理").code
    'ties'
    """
    return _by_name().get(fold(word))


@cache
def _by_name() -> dict[str, Setting]:
    settings = reversed(SETTINGS.values())  # of two with the same name the first one counts
    return {fold(word): each for each in settings for word in (each.code, *each.name)}


def setting_names() -> Iterable[str]:
    """Return every name of every setting, for near spellings."""
    return (name for setting in SETTINGS.values() for name in (setting.code, *setting.name))
