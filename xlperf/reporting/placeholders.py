"""The marks that a template of a published workbook may use, with what they mean in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from xlperf.core.problems import Text
from xlperf.core.vocabulary import fold

FormAudience = Literal["raters", "figures"]
Audience = Literal["employees", "departments", "company"] | FormAudience
AUDIENCES: dict[Audience, Text] = {
    "employees": Text("员工成绩卡", "Scorecards"),
    "departments": Text("部门绩效报告", "Department reports"),
    "company": Text("公司绩效报告", "Company report"),
    "raters": Text("评分表", "Rating forms"),
    "figures": Text("指标填报表", "Forms for figures"),
}
FORMS: tuple[FormAudience, ...] = ("raters", "figures")  # audiences whose files come back
# What the hidden sheet of a form says, by which its answers find their way back, and the columns to fill in.
KEY_MARKS = ("sign", "form", "period_code", "scheme_code", "rater", "signature")
KEY_COLUMNS = ("no", "employee_id", "indicator", "relation_code")
ANSWERS: dict[FormAudience, tuple[Text, Text]] = {
    "raters": (Text("评分", "Score"), Text("评语", "Comment")),
    "figures": (Text("实际值", "Actual"), Text("说明", "Note")),
}


@dataclass(frozen=True)
class Marks:
    """The names that a template may use, with what they mean: figures, and blocks with their columns."""

    values: Mapping[str, Text]
    blocks: Mapping[str, tuple[Text, Mapping[str, Text]]]

    def column(self, block: str, name: str) -> int:
        """The position of a column in the records of a block."""
        return list(self.blocks[block][1]).index(name)


WHEN = {"scheme": Text("方案", "Scheme"), "period": Text("考核周期", "Period")}
PERSON = {
    "employee_id": Text("工号", "Employee ID"),
    "name": Text("姓名", "Name"),
    "department": Text("部门", "Department"),
    "position": Text("岗位", "Position"),
}
RESULT = {
    "total": Text("总分", "Total"),
    "grade": Text("等级", "Grade"),
    "place": Text("名次", "Place"),
    "pool_size": Text("范围人数", "Pool size"),
    "lists": Text("结果应用", "Lists"),
    "pay": Text("兑现金额", "Pay"),
}
DEPARTMENT_MEAN = Text("部门平均", "Department mean")
ITEM = {
    "dimension": Text("维度", "Dimension"),
    "indicator": Text("指标", "Indicator"),
    "unit": Text("单位", "Unit"),
    "target": Text("目标值", "Target"),
    "actual": Text("实际值", "Actual"),
    "points": Text("得分", "Points"),
    "full": Text("满分", "Full points"),
    "weight": Text("权重", "Weight"),
    "contribution": Text("计入总分", "Contribution"),
    "state": Text("状态", "State"),
    "how": Text("怎么得来", "How it came about"),
}
TASK = {
    "task_id": Text("任务编号", "Task ID"),
    "task_kind": Text("任务类型", "Task kind"),
    "client_id": Text("客户编号", "Client ID"),
    "due": Text("应完成日期", "Due"),
    "done": Text("完成日期", "Done"),
    "status": Text("任务状态", "Task status"),
    "on_time": Text("按时", "On time"),
}
UNIT = {
    "code": Text("单位编号", "Code"),
    "unit_name": Text("单位名称", "Unit name"),
    "people": Text("人数", "People"),
    "mean_total": Text("人均总分", "Mean total"),
    "total": Text("总分", "Total"),
    "grade": Text("等级", "Grade"),
}
OF_UNITS = {
    "unit": (Text("单位", "Units"), UNIT),
    "figure": (Text("单位指标", "Unit figures"), {"unit_name": UNIT["unit_name"], **ITEM}),
}
_FORM_VALUES = {
    "rater": Text("填表人", "Filled in by"),
    "rater_name": Text("填表人姓名", "Name of who fills in"),
    "due": Text("交回日期", "Due back"),
    "sign": Text("表类", "Kind of file"),
    "form": Text("表", "Form"),
    "period_code": Text("周期编号", "Code of the period"),
    "scheme_code": Text("方案编号", "Code of the scheme"),
    "signature": Text("校验码", "Signature"),
}
_QUESTION = {
    "no": Text("序号", "No."),
    "dimension": ITEM["dimension"],
    "indicator": Text("指标编号", "Indicator code"),
    "indicator_name": ITEM["indicator"],
    "employee_id": PERSON["employee_id"],
    "name": PERSON["name"],
    "department": PERSON["department"],
    "relation_code": Text("关系编号", "Code of the relation"),
}
_RATED = _QUESTION | {
    "relation": Text("评价关系", "Relation"),
    "low": Text("最低分", "Lowest"),
    "high": Text("最高分", "Highest"),
}
_LEVEL = {
    "indicator": _QUESTION["indicator"],
    "indicator_name": _QUESTION["indicator_name"],
    "label": Text("档次", "Level"),
    "value": Text("分值", "Value"),
    "anchor": Text("行为描述", "What it means"),
}
_REPORTED = _QUESTION | {"unit": ITEM["unit"], "target": ITEM["target"]}
OF_THE_TOTAL = ("counted", "item")  # blocks of a card whose contributions make the total
MARKS: dict[Audience, Marks] = {
    "employees": Marks(
        WHEN
        | PERSON
        | RESULT
        | {
            "base": Text("基础得分", "Base score"),
            "adjustment": Text("加减分", "Adjustments"),
            "remark": Text("说明", "Remark"),
            "place_change": Text("名次变化", "Change of place"),
        },
        {
            "score": (
                Text("维度得分", "Dimension scores"),
                {
                    "dimension": ITEM["dimension"],
                    "points": Text("得分", "Points"),
                    "percent": Text("占满分", "Of full points"),
                    "mean": DEPARTMENT_MEAN,
                },
            ),
            "trend": (
                Text("走势", "Trend"),
                {"period": WHEN["period"], "total": RESULT["total"], "mean": DEPARTMENT_MEAN},
            ),
            "item": (Text("指标", "Indicators"), ITEM),
            "counted": (Text("计分指标", "Indicators that count"), ITEM),
            "further": (Text("参考指标", "Further figures"), ITEM),
            "rated": (
                Text("评价汇总", "Ratings"),
                {
                    "dimension": ITEM["dimension"],
                    "relation": Text("评价关系", "Relation"),
                    "raters": Text("人数", "Raters"),
                    "mean": Text("平均", "Mean"),
                    "remark": Text("说明", "Remark"),
                },
            ),
            "change": (
                Text("加减分项", "Adjustment"),
                {"kind": Text("类型", "Kind"), "points": Text("分值", "Points"), "clause": Text("依据条款", "Clause")},
            ),
            "list": (Text("名单", "List"), {"list": Text("名单", "List"), "evidence": Text("依据", "Evidence")}),
            "pay": (
                Text("薪酬", "Pay items"),
                {"item": Text("薪酬项目", "Pay item"), "amount": Text("金额", "Amount")},
            ),
            "task": (Text("任务", "Tasks"), TASK),
            "row": (
                Text("明细", "Rows"),
                {
                    "indicator": ITEM["indicator"],
                    "hit": Text("计入", "Hit"),
                    "key": Text("编号", "Key"),
                    "details": Text("内容", "Details"),
                },
            ),
        },
    ),
    "departments": Marks(
        WHEN | UNIT,
        {
            **OF_UNITS,
            "person": (Text("人员", "People"), PERSON | RESULT),
            "item": (
                Text("指标", "Indicators"),
                {"employee_id": PERSON["employee_id"], "name": PERSON["name"], **ITEM},
            ),
            "task": (Text("任务", "Tasks"), {"employee_id": PERSON["employee_id"], "name": PERSON["name"], **TASK}),
        },
    ),
    "company": Marks(
        WHEN | {name: UNIT[name] for name in ("people", "mean_total", "total", "grade")},
        {
            **OF_UNITS,
            "pool": (
                Text("分布", "Distribution"),
                {
                    "pool": Text("排名范围", "Pool"),
                    "grade": Text("等级", "Grade"),
                    "share": Text("比例", "Share"),
                    "quota": Text("名额", "Quota"),
                    "count": Text("实际人数", "Head-count"),
                },
            ),
        },
    ),
    "raters": Marks(
        WHEN | _FORM_VALUES,
        {"ask": (Text("提问", "Questions"), _RATED), "level": (Text("评分档次", "Rating levels"), _LEVEL)},
    ),
    "figures": Marks(WHEN | _FORM_VALUES, {"ask": (Text("提问", "Questions"), _REPORTED)}),
}


def native_formulas(decimals: int) -> dict[str, tuple[str, ...]]:
    """Return the formulas that give a figure from others on the page, by the mark of the figure.

    Of several the first counts whose figures stand on the page: indicators that do not count add nothing to the total.
    """
    return {
        **{f"{block}.contribution": (f"{{{block}.points}}*{{{block}.weight}}",) for block in OF_THE_TOTAL},
        "total": tuple(f"ROUND(SUM({{{block}.contribution}})+{{adjustment}},{decimals})" for block in OF_THE_TOTAL),
    }


def meaning_in(marks: Marks) -> Callable[[str, str], tuple[str, str, int] | None]:
    """Return what tells which figure a mark of a template names, in either language.

    >>> find = meaning_in(MARKS["employees"])
    >>> find("", "总分"), find("指标", "实际值"), find("pay", ""), find("", "salary")
    (('', 'total', 0), ('item', 'actual', 4), ('pay', '', 0), None)
    """
    values = _words(marks.values)
    blocks = _words({code: name for code, (name, _) in marks.blocks.items()})
    columns = {code: _words(names) for code, (_, names) in marks.blocks.items()}

    def find(block: str, name: str) -> tuple[str, str, int] | None:
        if not block:
            found = values.get(fold(name))
            return ("", found, 0) if found else None
        whole = blocks.get(fold(block))
        if whole is None or not name:
            return (whole, "", 0) if whole else None
        column = columns[whole].get(fold(name))
        return (whole, column, marks.column(whole, column)) if column else None

    return find


def _words(names: Mapping[str, Text]) -> dict[str, str]:
    return {fold(word): code for code, name in reversed(list(names.items())) for word in (*name, code)}
