"""The words of the workbook: its sheets, headings and the words that may stand in a cell, in Chinese and English.

One table serves the reader, the templates, the condition language, the messages and the documentation. Headings are
accepted in either language, under any synonym listed here, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from xlperf.problems import Text
from xlperf.vocabulary import WORDS, Vocabulary, fold

Kind = Literal[
    "key",  # an identifier: text, leading zeros survive
    "text",
    "number",
    "fraction",  # stored as a fraction, shown as a percentage
    "money",
    "date",  # a day; a time of day is kept where the cell has one
    "choice",  # one word of a vocabulary
    "choices",  # several words of a vocabulary, separated by commas
    "condition",  # the condition language
    "expression",  # a column, or arithmetic on columns
    "parameters",  # name = value; name = value
    "period",
    "any",
]
Role = Literal["policy", "input", "output"]


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its code in Python, its headings, and what its cells hold."""

    code: str
    name: Text
    kind: Kind = "text"
    required: bool = False
    words: str = ""
    synonyms: tuple[str, ...] = ()
    note: Text = Text("", "")
    width: int = 0

    @property
    def vocabulary(self) -> Vocabulary:
        """The words allowed in the column (only for the kinds ``choice`` and ``choices``)."""
        return WORDS[self.words]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its titles, its columns in order, and whether HR decides, fills or reads it."""

    code: str
    title: Text
    role: Role
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    about: Text = Text("", "")
    by_code: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {column.code: column for column in self.columns})

    def __getitem__(self, code: str) -> Column:
        return self.by_code[code]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def find(self, heading: str) -> Column | None:
        """Return the column that a heading means, in either language or by a synonym.

        >>> SHEETS["employees"].find("员工编号").code
        'employee_id'
        """
        code = _headings(self.code).get(fold(heading))
        return self.by_code[code] if code else None


@cache
def _headings(sheet: str) -> dict[str, str]:
    listed = list(reversed(SHEETS[sheet].columns))
    names = {fold(word): column.code for column in listed for word in (*column.synonyms, column.code)}
    return names | {fold(word): column.code for column in listed for word in column.name}


def find_sheet(title: str) -> Sheet | None:
    """Return the sheet that a title means, in either language or by a synonym.

    >>> find_sheet("员工花名册").code
    'employees'
    """
    wanted = fold(title)
    return next(
        (sheet for sheet in SHEETS.values() if wanted in map(fold, (sheet.code, *sheet.title, *sheet.synonyms))), None
    )


def _c(
    code: str,
    zh: str,
    en: str,
    kind: Kind = "text",
    words: str = "",
    synonyms: str = "",
    note: tuple[str, str] = ("", ""),
    width: int = 0,
) -> Column:
    """Write one column in one line; a code that ends in ``*`` is required."""
    plain = code.rstrip("*")
    return Column(
        plain, Text(zh, en), kind, plain != code, words, tuple(filter(None, synonyms.split("/"))), Text(*note), width
    )


def _sheets(*sheets: Sheet) -> dict[str, Sheet]:
    return {sheet.code: sheet for sheet in sheets}


_EMPLOYEE_ID = "员工编号/员工ID/人员编号/职工编号/工号/staff id/employee no"
_DEPARTMENT = "部门编号/所属部门/部门名称/department id/depart/dept"
_NAMES = (_c("name*", "名称", "Name", width=22), _c("name_en", "英文名称", "English name", width=26))

SHEETS: dict[str, Sheet] = _sheets(
    Sheet(
        "settings",
        Text("首页", "Home"),
        "policy",
        (
            _c("setting*", "设置项", "Setting", width=26),
            _c("value", "取值", "Value", "any", width=30),
            _c("meaning", "说明", "Meaning", width=80),
        ),
        key=("setting",),
        synonyms=("考核方案", "Settings"),
        about=Text("标题、考核周期和全部政策开关。", "Title, period and every policy switch."),
    ),
    Sheet(
        "dimensions",
        Text("维度", "Dimensions"),
        "policy",
        (
            _c("code*", "维度编号", "Dimension code", "key", width=18),
            *_NAMES,
            _c(
                "weight*",
                "权重或分值",
                "Weight or points",
                "number",
                synonyms="权重/比重/占比/权重占比/分值/weight",
                note=(
                    "加权百分制填百分比，分值累加填分数。",
                    "A percentage in a weighted scheme, points where points are added up.",
                ),
            ),
        ),
        key=("code",),
        synonyms=("考核维度",),
        about=Text("考核分成哪几个方面，各占多少。", "The sides of the appraisal and what each counts for."),
    ),
    Sheet(
        "indicators",
        Text("指标", "Indicators"),
        "policy",
        (
            _c("code*", "指标编号", "Indicator code", "key", width=24),
            _c("name*", "指标名称", "Name", width=22),
            _c("name_en", "英文名称", "English name", width=26),
            _c("dimension*", "维度编号", "Dimension code", "key", synonyms="维度/考核维度/dimension"),
            _c("weight*", "权重或满分", "Weight or full points", "number", synonyms="权重/比重/占比/满分/weight"),
            _c(
                "group",
                "适用岗位",
                "Position group",
                "key",
                synonyms="岗位类别/position group",
                note=("空白表示所有岗位。", "Empty means every position."),
            ),
            _c(
                "levels",
                "考核层级",
                "Applies to",
                "choices",
                "level",
                note=("空白表示员工。", "Empty means employees."),
            ),
            _c("kind", "指标类型", "Type", "choice", "indicator_kind"),
            _c("unit", "单位", "Unit"),
            _c("direction*", "指标方向", "Direction", "choice", "direction"),
            _c("source*", "数据来源", "Source", "choice", "source"),
            _c("measure*", "计算口径", "Measure", "choice", "measure"),
            _c(
                "column",
                "统计列",
                "Column",
                "expression",
                width=26,
                note=(
                    "合计、平均、之比、完整率所用的列；可写 列1 - 列2、列1 / 列2。",
                    "The column that is summed, averaged, divided or checked; arithmetic such as a - b or a / b is allowed.",
                ),
            ),
            _c(
                "where",
                "统计范围",
                "Where",
                "condition",
                width=44,
                note=("哪些行计入（分母）。", "Which rows count at all (the denominator)."),
            ),
            _c(
                "hit",
                "达标条件",
                "Hit",
                "condition",
                width=44,
                note=("计入的行中哪些算达到（分子）。", "Which of those rows are hits (the numerator)."),
            ),
            _c("target", "目标值", "Target", "number", synonyms="目标/指标值/target value"),
            _c("rule*", "评分规则", "Rule", "key", width=18),
            _c(
                "parameters",
                "规则参数",
                "Rule parameters",
                "parameters",
                width=36,
                note=("参数 = 值；参数 = 值", "parameter = value; parameter = value"),
            ),
            _c("note", "说明", "Note", synonyms="备注", width=40),
        ),
        key=("code",),
        synonyms=("考核指标",),
        about=Text(
            "每行一个指标：数据从哪里来、怎样算、怎样计分。",
            "One indicator a row: where its figure comes from, how it is computed and scored.",
        ),
    ),
    Sheet(
        "bands",
        Text("区间", "Bands"),
        "policy",
        (
            _c("band_set*", "区间编号", "Band set", "key"),
            _c("low", "下限", "From", "number", note=("空白表示没有下限。", "Empty means no lower end.")),
            _c("low_included", "含下限", "From included", "choice", "yes_no"),
            _c("high", "上限", "To", "number", note=("空白表示没有上限。", "Empty means no upper end.")),
            _c("high_included", "含上限", "To included", "choice", "yes_no"),
            _c("points*", "得分", "Points", "number", synonyms="分数"),
            _c("note", "说明", "Note", synonyms="备注", width=40),
        ),
        key=("band_set", "low", "high"),
        synonyms=("评分区间",),
        about=Text("区间得分表；区间之间不得有空档或重叠。", "Intervals and their points; no holes, no overlaps."),
    ),
    Sheet(
        "grades",
        Text("等级", "Grades"),
        "policy",
        (
            _c("code*", "等级编号", "Grade code", "key"),
            *_NAMES,
            _c(
                "lower",
                "下限",
                "From",
                "number",
                note=(
                    "总分不低于此值（含）。空白：不按分数评等。",
                    "The total is at least this (included). Empty: not graded by score.",
                ),
            ),
            _c(
                "upper",
                "上限",
                "To",
                "number",
                note=(
                    "可空；填写时检查与上一等级之间有无空档。",
                    "Optional; when given, checked against the next better grade for holes.",
                ),
            ),
            _c(
                "share",
                "比例",
                "Share",
                "fraction",
                note=(
                    "强制分布中占人数的比例；各等级合计须为 100 %。",
                    "Share of the head-count under the forced distribution; all grades total 100 %.",
                ),
            ),
            _c("coefficient", "绩效系数", "Coefficient", "number"),
        ),
        key=("code",),
        synonyms=("等级标准", "强制分布"),
        about=Text("从最好到最差排列。", "Listed from best to worst."),
    ),
    Sheet(
        "targets",
        Text("目标值", "Targets"),
        "policy",
        (
            _c("indicator*", "指标编号", "Indicator code", "key"),
            _c("scope*", "适用范围", "Scope", "choice", "target_scope"),
            _c(
                "scope_id",
                "范围编号",
                "Scope code",
                "key",
                note=(
                    "部门编号、岗位编号或工号；公司留空。",
                    "The department, position group or employee; empty for the company.",
                ),
            ),
            _c("period", "周期", "Period", "period", note=("空白表示所有周期。", "Empty means every period.")),
            _c("target*", "目标值", "Target", "number"),
        ),
        key=("indicator", "scope", "scope_id", "period"),
        about=Text(
            "个别部门、岗位、员工或周期的目标；越具体越优先：员工、岗位、部门、公司。",
            "Targets of single departments, positions, employees or periods; the most specific wins: employee, position group, department, company.",
        ),
    ),
    Sheet(
        "outcomes",
        Text("结果应用", "Outcomes"),
        "policy",
        (
            _c("code*", "名单编号", "List code", "key"),
            *_NAMES,
            _c(
                "where*",
                "条件",
                "Condition",
                "condition",
                width=44,
                note=(
                    "例：前 5%；总分 > 100；等级 = A 且 前 10%。",
                    "For example: top 5%; total > 100; grade = A and top 10%.",
                ),
            ),
            _c(
                "staff_class",
                "人员类别",
                "Staff class",
                "choices",
                "staff_class",
                note=("空白表示所有类别。", "Empty means every class."),
            ),
            _c("note", "说明", "Note", synonyms="备注", width=40),
        ),
        key=("code",),
        synonyms=("结果应用规则",),
        about=Text(
            "加薪、晋升、培训等名单的条件。", "The conditions of the lists: raise, promotion, training and so on."
        ),
    ),
    Sheet(
        "periods",
        Text("考核周期", "Periods"),
        "policy",
        (
            _c("period*", "周期编号", "Period", "key"),
            _c("start*", "开始日期", "Start", "date"),
            _c("end*", "结束日期", "End", "date"),
            _c("parent", "上级周期", "Part of", "key"),
            _c("note", "说明", "Note", synonyms="季节标记", width=40),
        ),
        key=("period",),
        about=Text(
            "长短不一的自定义周期；普通的年、季、月、周不必列出。",
            "Custom periods of unequal length; years, quarters, months and weeks need no row.",
        ),
    ),
    Sheet(
        "calendar",
        Text("工作日历", "Calendar"),
        "policy",
        (
            _c("date*", "日期", "Date", "date"),
            _c("day_kind*", "类型", "Kind", "choice", "day_kind"),
            _c("note", "说明", "Note", width=40),
        ),
        key=("date",),
        about=Text(
            "法定节假日和调休上班日；其余按周一至周五。",
            "Holidays and make-up working days; otherwise Monday to Friday.",
        ),
    ),
    Sheet(
        "headings",
        Text("标题对照", "Headings"),
        "policy",
        (
            _c("sheet*", "工作表", "Sheet", "key"),
            _c("heading*", "外来标题", "Foreign heading", width=26),
            _c("column*", "对应列", "Our column", width=26),
        ),
        key=("sheet", "heading", "column"),
        about=Text(
            "导入其他系统的数据时，对方的列名对应本表哪一列。",
            "What the headings of other systems mean here, for importing.",
        ),
    ),
    Sheet(
        "choices",
        Text("选项", "Choices"),
        "policy",
        (
            _c("column*", "列", "Column", "key"),
            _c("value*", "取值", "Value", width=30),
            _c("note", "说明", "Note", width=40),
        ),
        key=("column", "value"),
        synonyms=("代码表",),
        about=Text(
            "自有列允许的取值；拼写相近的会列为问题。",
            "The values that a column of your own may hold; near spellings are reported.",
        ),
    ),
    Sheet(
        "departments",
        Text("部门", "Departments"),
        "input",
        (
            _c("department*", "部门编号", "Department", "key", synonyms="部门/department code/department id"),
            _c("department_name", "部门名称", "Department name", width=22),
            _c("parent", "上级部门编号", "Part of", "key", synonyms="上级部门/parent department"),
            _c("department_kind", "部门类型", "Kind", "choice", "department_kind"),
            _c("head_id", "负责人工号", "Head", "key"),
        ),
        key=("department",),
    ),
    Sheet(
        "employees",
        Text("员工", "Employees"),
        "input",
        (
            _c("employee_id*", "工号", "Employee ID", "key", synonyms=_EMPLOYEE_ID),
            _c("name", "姓名", "Name", synonyms="员工姓名/employee name", width=18),
            _c("department", "部门编号", "Department", "key", synonyms=f"部门/{_DEPARTMENT}"),
            _c("position", "岗位", "Position", synonyms="职位/岗位名称"),
            _c("group", "岗位类别", "Position group", "key", synonyms="岗位编号"),
            _c("staff_class", "人员类别", "Staff class", "choice", "staff_class"),
            _c("team", "团队", "Team", "key", synonyms="小组"),
            _c("manager_id", "直接上级工号", "Superior", "key", synonyms="直接上级"),
            _c("hire_date", "入职日期", "Hire date", "date", synonyms="入职时间/入司日期"),
            _c("leave_date", "离职日期", "Leave date", "date", synonyms="离职时间"),
            _c("status", "在职状态", "Status", "choice", "employee_status", synonyms="员工状态"),
            _c("note", "备注", "Note", width=30),
        ),
        key=("employee_id",),
        synonyms=("员工花名册", "花名册", "Roster"),
    ),
    Sheet(
        "clients",
        Text("客户", "Clients"),
        "input",
        (
            _c("client_id*", "客户编号", "Client ID", "key", synonyms="客户号/client no"),
            _c("client_name", "客户名称", "Client name", synonyms="客户姓名", width=20),
            _c("client_status", "客户状态", "Client status", "choice", "client_status"),
            _c("owner_id", "客户经理工号", "Client manager", "key", synonyms="客户经理/责任人工号/owner"),
            _c("client_type", "客户类型", "Client type", "choice", "client_type"),
            _c("origin", "客户来源", "Origin", synonyms="来源"),
            _c("created_date", "创建日期", "Created", "date"),
            _c("opened_date", "开户日期", "Opened", "date"),
            _c("lost_date", "流失日期", "Lost", "date"),
            _c("lost_reason", "流失原因", "Reason for loss"),
            _c("won_back_date", "挽回日期", "Won back", "date"),
            _c("opening_assets", "资产期初", "Opening assets", "money", synonyms="期初资产"),
            _c("closing_assets", "资产期末", "Closing assets", "money", synonyms="期末资产"),
            _c("trade_count", "交易次数", "Trades", "number"),
            _c("trade_amount", "交易金额", "Trade amount", "money"),
            _c("commission", "佣金收入", "Commission", "money"),
            _c("return_rate", "投资回报率", "Return", "fraction"),
            _c("last_contact_date", "最近联系日期", "Last contact", "date"),
            _c("last_trade_date", "最近交易日期", "Last trade", "date"),
            _c("risk_expiry_date", "风险测评到期日", "Risk assessment expires", "date"),
            _c("id_expiry_date", "证件到期日", "ID document expires", "date"),
            _c("birthday", "生日", "Birthday", "date"),
            _c("r_level", "R级", "R level", "choice", "r_level"),
            _c("f_level", "F级", "F level", "choice", "f_level"),
            _c("m_level", "M级", "M level", "choice", "m_level"),
            _c("client_class", "客户类别", "Client class", "key"),
            _c("phone", "电话", "Phone", "key", synonyms="手机/联系电话"),
            _c("address", "地址", "Address", width=20),
            _c("id_number", "证件号码", "ID number", "key"),
            _c("occupation", "职业", "Occupation"),
        ),
        key=("client_id",),
    ),
    Sheet(
        "tasks",
        Text("任务", "Tasks"),
        "input",
        (
            _c("task_id*", "任务编号", "Task ID", "key", synonyms="工单号/ticket"),
            _c("task_kind", "任务类型", "Task kind", "key"),
            _c("rule_code", "规则编号", "Rule code", "key"),
            _c("client_id", "客户编号", "Client ID", "key"),
            _c("owner_id", "责任人工号", "Owner", "key", synonyms="责任人/负责人/owner id"),
            _c("created_date", "创建日期", "Created", "date"),
            _c("due_date", "应完成日期", "Due", "date", synonyms="截止日期/due date"),
            _c("done_date", "完成日期", "Done", "date", synonyms="done date"),
            _c("status", "状态", "Status", "choice", "task_status"),
            _c("result", "完成结果", "Result"),
            _c("amount", "金额", "Amount", "money"),
            _c("valid", "是否有效", "Valid", "choice", "yes_no"),
            _c("note", "备注", "Note", width=30),
        ),
        key=("task_id",),
    ),
    Sheet(
        "ratings",
        Text("评分", "Ratings"),
        "input",
        (
            _c("period", "周期", "Period", "period", synonyms="周期编号/考核周期/月份"),
            _c("employee_id*", "被评人工号", "Appraisee", "key", synonyms="被考核人工号/工号"),
            _c("indicator*", "指标编号", "Indicator code", "key", synonyms="指标/指标名称"),
            _c("rater_id", "评价人工号", "Rater", "key", synonyms="考核人工号"),
            _c("relation", "评价关系", "Relation", "choice", "relation"),
            _c("score", "评分", "Score", "number", synonyms="得分/分数/考核得分/上级评分/直属上级评分/领导评分"),
            _c("scale", "量表满分", "Scale", "number", synonyms="量表"),
            _c("note", "评语", "Comment", synonyms="评分备注/得分批注/备注", width=30),
        ),
        key=("period", "employee_id", "indicator", "rater_id", "relation"),
        synonyms=("评分录入",),
    ),
    Sheet(
        "checks",
        Text("检查", "Checks"),
        "input",
        (
            _c("check_id*", "检查编号", "Check ID", "key"),
            _c("check_kind", "检查类型", "Kind", "choice", "check_kind"),
            _c("date", "日期", "Date", "date", synonyms="检查日期"),
            _c("employee_id*", "工号", "Employee ID", "key", synonyms=_EMPLOYEE_ID),
            _c("indicator", "指标编号", "Indicator code", "key", synonyms="检查项目/指标"),
            _c("deduction", "扣分", "Deduction", "number"),
            _c("score", "得分", "Score", "number"),
            _c("sampled", "抽检数", "Sampled", "number"),
            _c("faults", "差错数", "Faults", "number"),
            _c("clause", "依据条款", "Clause", width=24),
            _c("checker", "检查人", "Checker"),
            _c("note", "备注", "Note", width=30),
        ),
        key=("check_id",),
        synonyms=("检查记录",),
    ),
    Sheet(
        "actuals",
        Text("实际值", "Actuals"),
        "input",
        (
            _c("period", "周期", "Period", "period", synonyms="周期编号/考核周期/月份"),
            _c("employee_id*", "工号", "Employee ID", "key", synonyms=_EMPLOYEE_ID),
            _c("indicator*", "指标编号", "Indicator code", "key", synonyms="指标/指标名称"),
            _c("numerator", "分子", "Numerator", "number"),
            _c("denominator", "分母", "Denominator", "number"),
            _c("actual", "实际值", "Actual", "number", synonyms="实际/完成值/完成情况"),
            _c("not_applicable", "不适用", "Not applicable", "choice", "yes_no"),
            _c("note", "说明", "Note", synonyms="备注", width=30),
        ),
        key=("period", "employee_id", "indicator"),
        synonyms=("指标实际值",),
    ),
    Sheet(
        "adjustments",
        Text("加减分", "Adjustments"),
        "input",
        (
            _c("adjustment_id*", "编号", "Number", "key"),
            _c("period", "周期", "Period", "period", synonyms="周期编号/考核周期/月份"),
            _c("employee_id*", "工号", "Employee ID", "key", synonyms=_EMPLOYEE_ID),
            _c("adjustment_kind*", "类型", "Kind", "choice", "adjustment_kind"),
            _c("points", "分值", "Points", "number"),
            _c("indicator", "关联指标", "Indicator code", "key", synonyms="指标编号"),
            _c("clause*", "依据条款", "Clause", width=30),
            _c("approver*", "审批人", "Approver"),
        ),
        key=("adjustment_id",),
    ),
    Sheet(
        "history",
        Text("历史", "History"),
        "input",
        (
            _c("period*", "周期", "Period", "period", synonyms="周期编号/考核周期/月份"),
            _c("employee_id*", "工号", "Employee ID", "key", synonyms=_EMPLOYEE_ID),
            _c("name", "姓名", "Name", synonyms="员工姓名", width=18),
            _c("department", "部门编号", "Department", "key", synonyms=f"部门/{_DEPARTMENT}"),
            _c("total", "总分", "Total", "number", synonyms="绩效评分/得分/考核得分/评分"),
            _c("grade", "等级", "Grade", "key"),
            _c("place", "名次", "Place", "number", synonyms="排名"),
            _c("note", "备注", "Note", width=30),
        ),
        key=("period", "employee_id"),
    ),
    Sheet(
        "detail",
        Text("得分明细", "Detail"),
        "output",
        (
            _c("employee_id", "工号", "Employee ID", "key"),
            _c("name", "姓名", "Name", width=16),
            _c("dimension", "维度", "Dimension", width=16),
            _c("indicator", "指标编号", "Indicator code", "key", width=26),
            _c("indicator_name", "指标", "Indicator", width=26),
            _c("numerator", "分子", "Numerator", "number"),
            _c("denominator", "分母", "Denominator", "number"),
            _c("actual", "实际值", "Actual", "number"),
            _c("target", "目标值", "Target", "number"),
            _c("unit", "单位", "Unit"),
            _c("direction", "指标方向", "Direction", "choice", "direction"),
            _c("rule", "评分规则", "Rule", width=20),
            _c("fact_status", "状态", "State", "choice", "fact_status"),
            _c("points", "得分", "Points", "number"),
            _c("full", "满分", "Full points", "number"),
            _c("weight", "权重", "Weight", "fraction"),
            _c("contribution", "计入总分", "Contribution", "number"),
        ),
        key=("employee_id", "indicator"),
    ),
    Sheet(
        "results",
        Text("考核结果", "Results"),
        "output",
        (
            _c("employee_id", "工号", "Employee ID", "key"),
            _c("name", "姓名", "Name", width=16),
            _c("department_name", "部门", "Department name", width=16),
            _c("pool", "排名范围", "Pool", width=20),
            _c("place", "名次", "Place", "number"),
            _c("total", "总分", "Total", "number"),
            _c("grade_name", "等级", "Grade", width=12),
            _c("outcome", "结果应用", "Outcome", width=30),
            _c("remark", "说明", "Remark", width=36),
            _c("base", "基础得分", "Base score", "number"),
            _c("adjustment", "加减分", "Adjustments", "number"),
            _c("measured_weight", "已计分权重", "Weight measured", "fraction"),
            _c("pool_size", "范围人数", "Pool size", "number"),
            _c("department_place", "部门名次", "Place in department", "number"),
            _c("grade", "等级编号", "Grade code", "key"),
            _c("coefficient", "绩效系数", "Coefficient", "number"),
            _c("department", "部门编号", "Department", "key"),
            _c("group", "岗位类别", "Position group", "key"),
            _c("staff_class", "人员类别", "Staff class", "choice", "staff_class"),
        ),
        key=("employee_id",),
    ),
    Sheet(
        "ranking",
        Text("排名与分布", "Ranking"),
        "output",
        (
            _c("pool", "排名范围", "Pool", width=24),
            _c("pool_size", "范围人数", "Pool size", "number"),
            _c("grade", "等级编号", "Grade code", "key"),
            _c("grade_name", "等级", "Grade", width=14),
            _c("share", "比例", "Share", "fraction"),
            _c("exact", "应有人数", "Exact head-count", "number"),
            _c("quota", "名额", "Quota", "number"),
            _c("last_place", "末位名次", "Last place", "number"),
            _c("count", "实际人数", "Head-count", "number"),
            _c("difference", "超出", "Over quota", "number"),
        ),
        key=("pool", "grade"),
    ),
    Sheet(
        "lists",
        Text("结果应用名单", "Lists"),
        "output",
        (
            _c("outcome", "名单", "List", width=26),
            _c("employee_id", "工号", "Employee ID", "key"),
            _c("name", "姓名", "Name", width=16),
            _c("department_name", "部门", "Department name", width=16),
            _c("total", "总分", "Total", "number"),
            _c("place", "名次", "Place", "number"),
            _c("grade_name", "等级", "Grade", width=12),
            _c("evidence", "依据", "Evidence", width=70),
        ),
        key=("outcome", "employee_id"),
    ),
    Sheet(
        "problems",
        Text("数据问题", "Problems"),
        "output",
        (
            _c("level", "级别", "Level", "choice", "problem_level"),
            _c("sheet", "工作表", "Sheet", width=14),
            _c("cells", "单元格", "Cells", width=16),
            _c("found", "发现", "Found", width=56),
            _c("expected", "应为", "Expected", width=46),
            _c("remedy", "处理", "What to do", width=46),
            _c("code", "编号", "Code", width=24),
        ),
    ),
    Sheet(
        "run",
        Text("运行记录", "Run"),
        "output",
        (_c("item", "项目", "Item", width=34), _c("value", "内容", "Value", width=80)),
    ),
)

SOURCE_SHEETS: dict[str, str] = {
    "clients": "clients",
    "tasks": "tasks",
    "checks": "checks",
    "ratings": "ratings",
    "survey": "actuals",
    "finance": "actuals",
    "actuals": "actuals",
}
OWNER_COLUMNS: dict[str, str] = {
    "clients": "owner_id",
    "tasks": "owner_id",
    "checks": "employee_id",
    "ratings": "employee_id",
    "actuals": "employee_id",
    "adjustments": "employee_id",
    "history": "employee_id",
}


def sheets_of(role: Role) -> Iterable[Sheet]:
    """Return the sheets that HR decides (policy), fills (input) or reads (output), in workbook order."""
    return (sheet for sheet in SHEETS.values() if sheet.role == role)
