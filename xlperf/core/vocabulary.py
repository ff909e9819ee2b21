"""The words that may stand in a cell: what the code calls them, and what people write in Chinese and in English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from xlperf.core.problems import Text


@lru_cache(maxsize=65_536)  # the same few headings and words stand on sheet after sheet
def fold(word: str) -> str:
    """Reduce a heading or word to what identifies it: width, case, blanks and marks such as * do not count.

    >>> fold("Due  Date *") == fold("due_date") == fold("ＤｕｅＤａｔｅ")
    True
    """
    plain = unicodedata.normalize("NFKC", word).casefold()
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "*_-:\u200b\ufeff")


_DASHES = str.maketrans("‐‑–—−", "-----")


def label_key(label: str) -> str:
    """Reduce the label of a rating to what identifies it: width, case and blanks do not count, but A+ is not A-.

    >>> label_key(" Ａ＋ "), label_key("a −"), label_key("良 好")
    ('a+', 'a-', '良好')
    """
    plain = unicodedata.normalize("NFKC", label).casefold().translate(_DASHES)
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "\u200b\ufeff")


class Vocabulary(dict[str, Text]):
    """The words allowed in a cell: what the code calls them, and what people write."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__({code: Text(zh, en) for code, (zh, en, *_) in words.items()})
        self._codes = {fold(word): code for code, each in words.items() for word in (code, *each)}

    def find(self, word: str) -> str | None:
        """Return the code of a word in either language, or None.

        >>> WORDS["client_status"].find("流失")
        'lost'
        """
        return self._codes.get(fold(word))


WORDS: dict[str, Vocabulary] = {
    "yes_no": Vocabulary(
        {
            "yes": ("是", "yes", "Y", "√", "true", "1", "有", "有效"),
            "no": ("否", "no", "N", "×", "false", "0", "无", "无效"),
        }
    ),
    "quota_limit": Vocabulary(
        {
            "exactly": ("等于", "exactly", "固定", "=", "equal"),
            "at_most": ("不超过", "at most", "至多", "最多", "<=", "≤", "maximum"),
            "at_least": ("不低于", "at least", "至少", "不少于", ">=", "≥", "minimum"),
            "within": ("上下浮动", "within", "浮动", "±", "with a tolerance"),
        }
    ),
    "appeal_state": Vocabulary(
        {
            "filed": ("待处理", "filed", "open", "已提交"),
            "upheld": ("成立", "upheld", "支持"),
            "rejected": ("不成立", "rejected", "驳回"),
            "withdrawn": ("撤回", "withdrawn", "撤销申诉"),
        }
    ),
    "box_axis": Vocabulary({"across": ("横轴", "across", "x"), "up": ("纵轴", "up", "y")}),
    "box_level": Vocabulary(
        {
            "low": ("低", "low", "1"),
            "middle": ("中", "middle", "2", "medium"),
            "high": ("高", "high", "3"),
        }
    ),
    "calibration_action": Vocabulary(
        {
            "change": ("调整", "change"),
            "undo": ("撤销", "undo"),
            "sign": ("签字例外", "signed exception"),
            "finalise": ("定稿", "final"),
        }
    ),
    "place_figure": Vocabulary(
        {
            "dense_place": ("连续名次", "place without gaps", "dense"),
            "percent_rank": ("百分比排名", "percent rank"),
            "percentile": ("百分位", "percentile"),
        }
    ),
    "limit_rounding": Vocabulary(
        {
            "strict": ("不突破", "never beyond", "严格", "strict"),
            "either": ("上下均可", "either side", "进舍均可"),
            "half_up": ("四舍五入", "half up", "rounded"),
            "up": ("进一", "up", "向上取整", "round up"),
            "down": ("舍去", "down", "向下取整", "round down"),
        }
    ),
    "language": Vocabulary({"zh": ("中文", "Chinese"), "en": ("英文", "English")}),
    "period_kind": Vocabulary(
        {
            "week": ("周", "week"),
            "month": ("月", "month", "月度"),
            "quarter": ("季", "quarter", "季度"),
            "half": ("半年", "half-year"),
            "year": ("年", "year", "年度"),
            "custom": ("自定义", "custom"),
        }
    ),
    "level": Vocabulary(
        {
            "employee": ("员工", "employee"),
            "team": ("团队", "team"),
            "department": ("部门", "department"),
            "company": ("公司", "company"),
        }
    ),
    "indicator_kind": Vocabulary({"quantitative": ("定量", "quantitative"), "qualitative": ("定性", "qualitative")}),
    "direction": Vocabulary(
        {
            "higher": ("正向", "higher", "↑", "越高越好", "higher is better"),
            "lower": ("反向", "lower", "↓", "越低越好", "负向", "lower is better"),
            "range": ("区间", "range", "◎", "趋中"),
        }
    ),
    "source": Vocabulary(
        {
            "clients": ("客户", "clients"),
            "tasks": ("任务", "tasks"),
            "checks": ("检查", "checks"),
            "absences": ("考勤", "absences", "缺勤"),
            "survey": ("调查", "survey"),
            "finance": ("财务", "finance"),
            "ratings": ("评分", "ratings"),
            "actuals": ("手工", "actuals", "实际值", "manual"),
            "indicators": ("其他指标", "other indicators", "indicators", "指标"),
        }
    ),
    "measure": Vocabulary(
        {
            "count": ("计数", "count"),
            "sum": ("合计", "sum"),
            "mean": ("平均", "mean", "average"),
            "share": ("占比", "share"),
            "completeness": ("完整率", "completeness"),
            "ratio": ("合计之比", "ratio of sums", "ratio"),
            "growth": ("增长率", "growth"),
            "given": ("填报值", "given"),
            "formula": ("公式", "formula", "自定义公式"),
        }
    ),
    "sharing": Vocabulary(
        {
            "day": ("某一天的归属人", "owner on a day", "不分摊"),
            "days": ("按归属天数", "days of ownership", "按天数分摊"),
        }
    ),
    "proration": Vocabulary(
        {
            "none": ("不折算", "none", "否", "no"),
            "calendar": ("日历天数", "calendar days"),
            "workdays": ("工作日", "working days", "workdays"),
            "calendar_present": ("日历天数扣缺勤", "calendar days less absences"),
            "workdays_present": ("工作日扣缺勤", "working days less absences", "workdays less absences"),
        }
    ),
    "employee_status": Vocabulary(
        {
            "active": ("在职", "active", "正式"),
            "probation": ("试用", "probation", "试用期"),
            "intern": ("实习", "intern", "实习期"),
            "leave": ("长假", "long leave", "休假"),
            "left": ("离职", "left"),
        }
    ),
    "staff_class": Vocabulary(
        {
            "front_line": ("一线员工", "front-line staff", "front line"),
            "office": ("机关职员", "office staff", "office"),
            "manager": ("管理人员", "managers", "manager"),
        }
    ),
    "department_kind": Vocabulary(
        {
            "head_office": ("总部", "head office"),
            "branch": ("营业部", "branch"),
            "function": ("职能", "function", "职能部门"),
        }
    ),
    "client_status": Vocabulary(
        {
            "prospect": ("潜在", "prospect", "潜在客户"),
            "existing": ("现有", "existing", "现有客户"),
            "lost": ("流失", "lost", "流失客户"),
        }
    ),
    "client_type": Vocabulary({"corporate": ("法人", "corporate", "机构"), "personal": ("个人", "personal")}),
    "r_level": Vocabulary({"high": ("R↑", "R high", "高回报"), "low": ("R↓", "R low", "低回报")}),
    "f_level": Vocabulary({"high": ("F↑", "F high", "高周转"), "low": ("F↓", "F low", "低周转")}),
    "m_level": Vocabulary({"vip": ("VIP", "VIP"), "core": ("核心", "core"), "other": ("其它", "other", "其他")}),
    "task_status": Vocabulary(
        {
            "open": ("未开始", "open", "not started"),
            "doing": ("进行中", "in progress", "doing"),
            "done": ("已完成", "done"),
            "cancelled": ("已取消", "cancelled", "canceled"),
        }
    ),
    "check_kind": Vocabulary(
        {
            "weekly": ("周检", "weekly check", "weekly"),
            "monthly": ("月检", "monthly check", "monthly"),
            "spot": ("抽检", "spot check", "spot"),
        }
    ),
    "relation": Vocabulary(
        {
            "self": ("自评", "self", "本人", "自己", "自我评价"),
            "manager": ("直接上级", "direct superior", "直属上级", "上级", "领导"),
            "indirect": ("间接上级", "indirect superior"),
            "subordinate": ("下属", "subordinate", "direct reports"),
            "peer": (
                "同事（相关部门）",
                "peer (related department)",
                "同事",
                "peers",
                "相关部门",
                "related department",
            ),
            "client": ("客户", "client"),
        }
    ),
    "adjustment_kind": Vocabulary(
        {
            "commendation": ("嘉奖加分", "commendation"),
            "penalty": ("处罚", "penalty"),
            "zero_item": ("扣完该项", "zero the item"),
            "issue_reward": ("问题反馈奖励", "issue-reporting reward"),
        }
    ),
    "target_scope": Vocabulary(
        {
            "company": ("公司", "company"),
            "department": ("部门", "department"),
            "group": ("岗位", "position group"),
            "employee": ("员工", "employee"),
            "unit": ("单位本身", "the unit itself"),
        }
    ),
    "day_kind": Vocabulary(
        {"holiday": ("放假", "holiday", "休"), "workday": ("上班", "working day", "班", "调休上班")}
    ),
    "period_status": Vocabulary({"open": ("开放", "open"), "locked": ("锁定", "locked", "已锁定")}),
    "tier": Vocabulary({"operating": ("操作层", "operating level"), "management": ("管理层", "management level")}),
    "part_source": Vocabulary(
        {
            "checks": ("检查平均", "mean of checks"),
            "periods": ("下级周期总分", "totals of smaller periods"),
            "appraisal": ("本期考核", "this period's own appraisal"),
        }
    ),
    "inner_weight": Vocabulary(
        {
            "each": ("每次等权", "each one the same"),
            "kind": ("每类等权", "each kind the same"),
            "days": ("按天数", "by days"),
            "months": ("按月数", "by number of months", "by months"),
        }
    ),
    "part_gap": Vocabulary(
        {
            "redistribute": ("按其余部分计算", "the others count for it"),
            "zero": ("按零分", "zero"),
            "block": ("不允许，报错", "not allowed: stop"),
        }
    ),
    "rater_order": Vocabulary(
        {
            "raters_first": ("先合并评价人，再合并指标", "raters first, then items"),
            "items_first": ("先合并指标，再合并评价人", "items first, then raters"),
        }
    ),
    "leniency": Vocabulary(
        {
            "no": ("否", "no", "N", "×", "false", "0", "无"),
            "yes": ("按差值", "by difference", "是", "yes", "Y", "√", "true", "1", "有"),
            "quotient": ("按比值", "by quotient"),
            "standard": ("按标准分", "by standard score"),
        }
    ),
    "small_group": Vocabulary(
        {
            "merge": ("并入其他关系显示", "shown merged with other relations"),
            "total_only": ("只计入总分，不显示", "counted, but not shown"),
        }
    ),
    "movers": Vocabulary(
        {
            "days": ("按各岗位天数加权", "weighted by the days in each post"),
            "longest": ("按任职最长的岗位", "the post held longest"),
            "last": ("按期末的岗位", "the post at the end"),
        }
    ),
    "pay_way": Vocabulary(
        {
            "fixed": ("固定", "fixed"),
            "bands": ("按分数区间", "share by score band"),
            "coefficient": ("按等级系数", "base times the grade's coefficient"),
            "product": ("系数连乘", "base times personal times unit coefficient"),
            "total": ("按总分比例", "base times total"),
            "total_coefficient": ("按总分比例和等级系数", "base times total times coefficient"),
            "curve": ("按曲线", "by curve"),
            "place_amounts": ("按名次金额", "amounts by place"),
            "rank_pool": ("按名次分奖金池", "pool by place"),
            "share_pool": ("按系数份额分奖金池", "pool by share of coefficients"),
        }
    ),
    "pay_remainder": Vocabulary(
        {
            "unallocated": ("不分配", "left unallocated"),
            "equal": ("其余人平分", "in equal parts to the others"),
            "by_score": ("其余人按总分分", "to the others by their totals"),
        }
    ),
    "pay_pool": Vocabulary(
        {
            "company": ("公司", "company"),
            "department": ("部门", "department"),
            "team": ("团队", "team"),
            "staff_class": ("人员类别", "staff class"),
        }
    ),
    "curve_reading": Vocabulary(
        {
            "line": ("直线", "straight line", "线性", "lines"),
            "jump": ("台阶", "jump", "阶梯", "jumps", "step"),
            "slice": ("分段累进", "progressive slice", "累进", "slices"),
        }
    ),
    "curve_end": Vocabulary(
        {
            "hold": ("保持", "hold", "封住", "held"),
            "continue": ("延伸", "continue", "continued"),
            "none": ("不计分", "not scored", "none"),
        }
    ),
    "class_axis": Vocabulary(
        {
            "r": ("R 投资回报", "R return on investment", "R"),
            "f": ("F 交易频率", "F trading frequency", "F"),
            "m": ("M 价值贡献", "M value contribution", "M"),
        }
    ),
    "class_level": Vocabulary(
        {
            "high": ("高", "high", "↑"),
            "low": ("低", "low", "↓"),
            "vip": ("VIP", "VIP"),
            "core": ("核心", "core"),
            "other": ("其它", "other", "其他"),
        }
    ),
    "class_mode": Vocabulary({"cut": ("固定分界", "fixed cut"), "quantile": ("分位数", "quantile")}),
    "rule_per": Vocabulary(
        {
            "client": ("每个客户", "each client"),
            "employee": ("每名员工每个工作日", "each employee and working day"),
        }
    ),
    "business_kind": Vocabulary(
        {
            "result": ("经营成果", "business result"),
            "cost": ("考核成本", "cost of appraising"),
            "benefit": ("考核效益", "benefit of appraising"),
        }
    ),
    "problem_level": Vocabulary({"error": ("错误", "error"), "warning": ("警告", "warning"), "note": ("提示", "note")}),
    "total_method": Vocabulary(
        {"weighted": ("加权百分制", "weighted percentages"), "sum": ("分值累加", "points added up")}
    ),
    "weight_basis": Vocabulary(
        {"total": ("占总分", "share of the total"), "dimension": ("占维度", "share of the dimension")}
    ),
    "gap_policy": Vocabulary(
        {
            "redistribute": ("权重分给同维度其他指标", "weight goes to the rest of the dimension"),
            "equal": ("权重平均分给同维度其他指标", "weight goes in equal parts to the rest of the dimension"),
            "full": ("按满分", "full marks"),
            "zero": ("按零分", "zero"),
            "block": ("不允许，报错", "not allowed: stop"),
        }
    ),
    "grading": Vocabulary(
        {
            "bands": ("按分数", "by score"),
            "quota": ("按强制分布", "by quota"),
            "quota_not_better": ("强制分布，不高于分数等级", "by quota, not better than the score's grade"),
            "quota_not_worse": ("强制分布，不低于分数等级", "by quota, not worse than the score's grade"),
        }
    ),
    "rounding": Vocabulary(
        {
            "lines": ("累计比例四舍五入", "lines: cumulative shares rounded half up"),
            "largest_remainder": ("最大余数法", "largest remainder"),
            "floor": ("累计比例舍去", "cumulative shares rounded down"),
            "ceiling": ("累计比例进位", "cumulative shares rounded up"),
        }
    ),
    "rank_ties": Vocabulary(
        {
            "better": ("同分取较好名次", "equal totals share the better place", "同分取较好等级"),
            "worse": ("同分取较差名次", "equal totals share the worse place", "同分取较差等级"),
            "dense": ("名次连续，不留空", "no gaps behind equal totals", "连续", "without gaps"),
        }
    ),
    "ties": Vocabulary(
        {
            "better": ("同分取较好等级", "equal totals share the better grade"),
            "worse": ("同分取较差等级", "equal totals share the worse grade"),
            "chain": ("按依次比较的列区分", "told apart by a chain of columns"),
        }
    ),
    "pool_by": Vocabulary(
        {
            "all": ("全体", "everybody"),
            "staff_class": ("人员类别", "staff class"),
            "group": ("岗位类别", "position group"),
            "department": ("部门", "department"),
            "team": ("团队", "team"),
        }
    ),
    "small_pool": Vocabulary(
        {
            "merge": ("并入上一级", "merge with the parent"),
            "bands": ("改按分数评等", "grade by score"),
            "none": ("不评等并注明", "leave ungraded with a note"),
        }
    ),
    "fact_status": Vocabulary(
        {
            "measured": ("已计分", "scored"),
            "not_applicable": ("不适用", "not applicable"),
            "missing": ("未填报", "not reported"),
            "no_score": ("无法计分", "cannot be scored"),
            "not_for": ("不属于该岗位", "not for this position"),
        }
    ),
}


NOT_RANKED = Text("不排名", "not ranked")  # said where a place would stand
STATES: tuple[str, ...] = tuple(WORDS["fact_status"])
"""What a fact can be, in the order of its codes: measured, not applicable, missing, cannot be scored, not for this position."""

UNITS = Vocabulary(
    {
        "clients": ("户", "clients"),
        "times": ("次", "times"),
        "pieces": ("个", "pieces"),
        "people": ("人", "people"),
        "deals": ("单", "deals"),
        "tasks": ("项", "items"),
        "yuan": ("元", "yuan"),
        "points": ("分", "points"),
        "days": ("天", "days"),
        "hours": ("小时", "hours"),
        "minutes": ("分钟", "minutes"),
        "multiple": ("倍", "times over"),
    }
)


_ONE = re.compile(r"(?<![\d.,])1 (client|time|piece|deal|item|point|day|hour|minute|occurrence)s\b(?! over)")


def with_singulars(text: str) -> str:
    """Return an English sentence with the units of single things in the singular.

    >>> with_singulars("1 points off for each of 11 items, 0.1 days")
    '1 point off for each of 11 items, 0.1 days'
    """
    return _ONE.sub(r"1 \1", text)


def unit_name(unit: str) -> Text:
    """Return a unit in both languages; one that is not listed is shown as it is written.

    >>> unit_name("户").en, unit_name("kg").zh
    ('clients', 'kg')
    """
    code = UNITS.find(unit) if unit else None
    return UNITS[code] if code else Text(unit, unit)
