"""The buttons of the ribbon and of Home: what each is called, what it says of itself, and which macro it runs."""

from __future__ import annotations

from dataclasses import dataclass

from xlperf.core.problems import Text


@dataclass(frozen=True)
class Action:
    """One button.

    ``macro`` is the function of ``xlperf.addin.macros`` that it runs, ``procedure`` the VBA procedure that the button
    on Home and the list of macros (Alt+F8) know, ``picture`` the name of an icon in
    Microsoft's list of the controls of Excel.
    """

    macro: str
    procedure: str
    label: Text
    tip: Text
    picture: str
    on_home: bool = False


@dataclass(frozen=True)
class Group:
    """Buttons that stand together on the ribbon."""

    code: str
    label: Text
    actions: tuple[Action, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "start",
        Text("开始", "Start"),
        (
            Action(
                "new_workbook",
                "PerfNewWorkbook",
                Text("新建", "New"),
                Text("在旁边建立一个空白的考核工作簿。", "Makes a blank workbook beside this one."),
                "FileNew",
            ),
            Action(
                "begin",
                "PerfBegin",
                Text("八个问题", "Begin"),
                Text("回答八个问题，建立自己的考核方案。", "Makes a scheme of your own from eight questions."),
                "FileNewDefault",
            ),
            Action(
                "add_sheets",
                "PerfAddSheets",
                Text("加工作表", "Add sheet"),
                Text(
                    "列出可加的工作表；选中其中几行再点一次即加入。",
                    "Lists the sheets that can be added; select some and press again.",
                ),
                "TableInsertExcel",
            ),
            Action(
                "import_folder",
                "PerfImport",
                Text("导入", "Import"),
                Text(
                    "导入旁边 NAME-import 文件夹中的文件。",
                    "Brings in the files of the folder NAME-import beside the workbook.",
                ),
                "GetExternalDataFromOtherSources",
            ),
        ),
    ),
    Group(
        "appraise",
        Text("考核", "Appraise"),
        (
            Action(
                "check",
                "PerfCheck",
                Text("检查", "Check"),
                Text("一次列出全部数据问题及其单元格。", "Lists every problem in the data, each with its cell."),
                "ErrorChecking",
                on_home=True,
            ),
            Action(
                "run",
                "PerfRun",
                Text("计算", "Run"),
                Text("计算得分、等级与排名，写入结果工作表。", "Computes scores, grades and ranks, and writes them."),
                "CalculateNow",
                on_home=True,
            ),
            Action(
                "calibrate",
                "PerfCalibrate",
                Text("校准", "Calibrate"),
                Text(
                    "记下校准表中的调整，说明名额与奖金；在一张表上签字或定稿。",
                    "Takes the changes on Calibration, tells quotas and bonuses; signs or closes by a sheet.",
                ),
                "SortDialog",
                on_home=True,
            ),
            Action(
                "appeals",
                "PerfAppeals",
                Text("申诉", "Appeals"),
                Text(
                    "在一张表上写决定，先看谁会变化，再作出；也可生成申诉表。",
                    "Shows whom a decision on an appeal would change, then takes it; or makes the forms.",
                ),
                "ReviewNewComment",
                on_home=True,
            ),
            Action(
                "generate_tasks",
                "PerfGenerateTasks",
                Text("生成任务", "Generate tasks"),
                Text("按任务规则生成本期任务。", "Makes the tasks of the period from the task rules."),
                "FormControlCheckBox",
            ),
            Action(
                "new_period",
                "PerfNewPeriod",
                Text("新周期", "New period"),
                Text("结果转入历史，清空本期数据，保留政策。", "Moves results to the history, starts the next period."),
                "SheetInsert",
                on_home=True,
            ),
            Action(
                "month_end",
                "PerfMonthEnd",
                Text("月末", "Month end"),
                Text(
                    "按顺序完成本期余下的工作，每一步先询问。",
                    "Takes the steps that are left of the period, asking before each.",
                ),
                "RefreshAll",
                on_home=True,
            ),
        ),
    ),
    Group(
        "understand",
        Text("查明", "Understand"),
        (
            Action(
                "explain_selection",
                "PerfExplain",
                Text("解释", "Explain"),
                Text("说明所选的人或指标的得分从何而来。", "Tells where the score of the selected person comes from."),
                "TracePrecedents",
                on_home=True,
            ),
            Action(
                "open_problem",
                "PerfOpenProblem",
                Text("打开问题", "Open problem"),
                Text("跳到所选问题所在的单元格。", "Goes to the cell of the selected problem."),
                "HyperlinkInsert",
            ),
            Action(
                "what_if",
                "PerfWhatIf",
                Text("假设", "What if"),
                Text(
                    "在一张表上写改动，再点一次看谁会变化。",
                    "Write changes on a sheet, then press again to see who would change.",
                ),
                "WhatIfAnalysisMenu",
            ),
            Action(
                "compare",
                "PerfCompare",
                Text("比较", "Compare"),
                Text(
                    "与另一个打开的工作簿或备份比较：谁变了。",
                    "Compares with the other open workbook, or the backup: who moved.",
                ),
                "ViewSideBySide",
            ),
        ),
    ),
    Group(
        "share",
        Text("分发", "Share"),
        (
            Action(
                "fill_forms",
                "PerfForms",
                Text("表单", "Forms"),
                Text("生成可打印的表单。", "Fills in the forms to print."),
                "FilePrint",
            ),
            Action(
                "publish",
                "PerfPublish",
                Text("发布", "Publish"),
                Text("为每个收件人生成只含其可见内容的文件。", "Makes a file for each recipient: what they may see."),
                "FileSendAsAttachment",
                on_home=True,
            ),
            Action(
                "collect",
                "PerfCollect",
                Text("收集", "Collect"),
                Text("把填好的表格收回工作簿。", "Brings filled forms back into the workbook."),
                "GetExternalDataFromText",
            ),
            Action(
                "reminders",
                "PerfReminders",
                Text("催办", "Reminders"),
                Text(
                    "为尚未填报的人生成提醒、邮件草稿和日历，不发送。",
                    "Writes texts, mail drafts and calendar entries to who has not answered. Nothing is sent.",
                ),
                "FileEmailAsPdfEmailAttachment",
                on_home=True,
            ),
            Action(
                "freeze_to_values",
                "PerfFreeze",
                Text("固定为数值", "Freeze to values"),
                Text("用数值替换公式，便于发给没有 Python 的同事。", "Replaces formulas by their values, to send on."),
                "PasteValues",
            ),
        ),
    ),
    Group(
        "help",
        Text("帮助", "Help"),
        (
            Action(
                "show_help",
                "PerfHelp",
                Text("帮助", "Help"),
                Text("打开使用指南，并说明每个按钮。", "Opens the guide, and says what each button does."),
                "Help",
                on_home=True,
            ),
        ),
    ),
)

ACTIONS: tuple[Action, ...] = tuple(action for group in GROUPS for action in group.actions)
