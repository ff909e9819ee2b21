"""What the headings of columns of figures say: a month, a rater, or which of target and actual value stands below."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from xlperf.core.numbers import clean_text
from xlperf.core.periods import parse_period
from xlperf.core.vocabulary import fold
from xlperf.workbook.read.headers import BETWEEN_PARTS, simplified

Line = Literal["actual", "derived", ""]

_MONTH = re.compile(
    r"([0-9]{4}\s*[年./-]?\s*)?([0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*月份?"
    r"|[0-9]{4}[./-][0-9]{1,2}(-01 00:00:00)?"
    r"|[0-9]{4}\s*年?\s*(Q[1-4]|第?[一二三四1-4]\s*季度?)|Q[1-4]|第?[一二三四1-4]\s*季度"
    r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?( [0-9]{4})?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[0-9]{4}\s*年?度?")
_DERIVED = ("目标", "计划", "预算", "差异", "差额", "差距", "偏差", "完成率", "达成率", "完成比", "达成比",
            "完成度", "达成度", "target", "plan", "goal", "budget", "variance", "difference", "gap",
            # no actual value of the period itself, though it may say actual or done
            "去年", "上年", "上期", "同期", "同比", "环比", "累计", "预计", "预测", "预期", "剩余", "应完成", "应达",
            "未完成", "未达", "lastyear", "lastmonth", "lastquarter", "previous", "prior", "cumulative", "ytd",
            "todate", "sofar", "forecast", "expected", "remaining", "todo", "tobe", "notyet", "notdone",
            "notachieved", "undone")  # fmt: skip
_ACTUAL = ("实际", "实绩", "完成", "达成", "actual", "result", "done", "achieved")
_RATERS = (  # the first that is found counts
    ("indirect", ("间接上级", "隔级", "indirect")),
    ("self", ("自评", "自我", "本人", "员工评", "self")),
    ("subordinate", ("下属", "下级", "subordinate")),
    ("manager", ("上级", "主管", "领导", "经理", "superior", "supervisor", "manager")),
    ("peer", ("同事", "同级", "互评", "相关部门", "peer", "colleague")),
    ("client", ("客户", "client", "customer")),
)
_SCORE = re.compile("评分?|得?分数?|打分|score|rating|points|mark")
_WORDS_ABOUT = re.compile("说明|评语|备注|意见|依据|签|权重|满分|量表|comment|weight|note|sign|maximum|scale")
_ASIDE = re.compile(r"[(（\[【].*?[)）\]】]")


class Month(NamedTuple):
    """The period of a column of figures, which figures they are, and the part of the heading that is not understood."""

    period: str
    line: Line
    unclear: str = ""


def month_of(heading: str, year: int | None) -> Month | None:
    """Return what a heading such as 1月, 2026年/1月/实际 or Jan says, None where it names no part of a year.

    >>> month_of("1月/实际", 2026), month_of("2025年/3月", 2026), month_of("1", 2026)
    (Month(period='2026-01', line='actual', unclear=''), Month(period='2025-03', line='', unclear=''), None)
    """
    parts = [clean_text(part) for part in heading.split(BETWEEN_PARTS)]
    parts = [heading] if _MONTH.fullmatch(heading) else parts
    months = [part for part in parts if _MONTH.fullmatch(part)]
    if len(months) != 1:
        return None
    rest = [part for part in parts if part != months[0]]
    years = [part for part in rest if _YEAR.fullmatch(part)]
    in_year = parse_period(years[0]) if years else None
    period = parse_period(months[0].removesuffix("-01 00:00:00"), in_year.start.year if in_year else year)
    if period is None:
        return None
    words = [part for part in rest if part not in years]
    lines = {line_of(word) for word in words}
    unclear = "" if lines <= {"actual", "derived"} and len(lines) < 2 else BETWEEN_PARTS.join(words)
    return Month(period.code, lines.pop() if len(lines) == 1 else "", unclear)


def line_of(word: str) -> Line:
    """Return whether a word such as 目标金额 or Done names targets and what derives from them, or actual values.

    >>> line_of("实际金额"), line_of("完成率"), line_of("Plan"), line_of("去年实际"), line_of("甲")
    ('actual', 'derived', 'derived', 'derived', '')
    """
    text = fold(simplified(word))
    if any(stem in text for stem in _DERIVED):
        return "derived"
    return "actual" if any(stem in text for stem in _ACTUAL) else ""


def relation_of(heading: str) -> str | None:
    """Return who gave the scores below a heading, None where it does not say or is no heading of scores.

    >>> relation_of("直属上级评分（权重100%）"), relation_of("自评得分"), relation_of("上级评语"), relation_of("得分")
    ('manager', 'self', None, None)
    """
    text = fold(simplified(_ASIDE.sub("", heading)))
    if _WORDS_ABOUT.search(text) or not _SCORE.search(text):
        return None
    return next((code for code, stems in _RATERS if any(stem in text for stem in stems)), None)


def may_be_lines(words: Iterable[str]) -> bool:
    """Whether the words of a column may tell rows of targets from rows of actual values: few short ones.

    >>> may_be_lines(["目标", "实际", ""]), may_be_lines(["", ""]), may_be_lines(["目标是客户满意度达到九成以上"])
    (True, False, False)
    >>> may_be_lines(["2025目标", "2025实际"]), may_be_lines(["Target for the year"]), may_be_lines(["3", "4"])
    (True, True, False)
    """
    found = set(filter(None, words))
    return 0 < len(found) <= 12 and all(map(_may_be_line, found))


def _may_be_line(word: str) -> bool:
    is_short = len(word) <= (24 if word.isascii() else 12)  # letters say less than characters
    return is_short and (not word[0].isdecimal() or line_of(word) != "")
