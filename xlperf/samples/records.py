"""What every sample is made of: records whose words are known in both languages, days, and invented names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any, NamedTuple

from xlperf.core.periods import Period, WorkCalendar
from xlperf.core.problems import Lang, Text
from xlperf.policy.scheme import Scheme

Record = dict[str, Any]
Records = dict[str, list[Record]]


def _words(*lines: str) -> tuple[Text, ...]:
    """Read words written as Chinese, blank, English, with commas between."""
    return tuple(Text(*word.strip().split(" ", 1)) for line in lines for word in line.split(","))


SURNAMES = _words(
    "安 An, 柏 Bai, 岑 Cen, 程 Cheng, 戴 Dai, 范 Fan, 方 Fang, 冯 Feng, 傅 Fu, 葛 Ge",
    "顾 Gu, 韩 Han, 何 He, 洪 Hong, 姜 Jiang, 金 Jin, 康 Kang, 雷 Lei, 梁 Liang, 陆 Lu",
    "毛 Mao, 孟 Meng, 潘 Pan, 秦 Qin, 邵 Shao, 沈 Shen, 陶 Tao, 魏 Wei, 夏 Xia, 余 Yu",
)
GIVEN_NAMES = _words(
    "安然 Anran, 秉文 Bingwen, 采薇 Caiwei, 初晴 Chuqing, 道远 Daoyuan, 恩泽 Enze",
    "芳菲 Fangfei, 光启 Guangqi, 海宁 Haining, 弘毅 Hongyi, 嘉禾 Jiahe, 静姝 Jingshu",
    "可心 Kexin, 兰亭 Lanting, 立言 Liyan, 明远 Mingyuan, 沐阳 Muyang, 念慈 Nianci",
    "平安 Ping'an, 清和 Qinghe, 若水 Ruoshui, 书恒 Shuheng, 思齐 Siqi, 天佑 Tianyou",
    "婉清 Wanqing, 文彬 Wenbin, 晓棠 Xiaotang, 欣悦 Xinyue, 雅琴 Yaqin, 一鸣 Yiming",
    "雨桐 Yutong, 远航 Yuanhang, 云舒 Yunshu, 泽宇 Zeyu, 知行 Zhixing, 子衿 Zijin",
)
FULL_NAMES = tuple(product(SURNAMES, GIVEN_NAMES))
TRADES = _words(
    "商贸 Trading, 科技 Technology, 餐饮 Catering, 物流 Logistics, 建材 Building Materials, 文化 Culture",
)
STREETS = _words(
    "枫林路 Fenglin Road, 望江街 Wangjiang Street, 文昌巷 Wenchang Lane, 青石路 Qingshi Road, 云台道 Yuntai Avenue",
)
OCCUPATIONS = _words(
    "教师 teacher, 医生 doctor, 工程师 engineer, 个体经营 self-employed, 退休 retired",
    "公务员 civil servant, 会计 accountant",
)


class Case(NamedTuple):
    """A reason to add or to take points."""

    kind: str
    clause: Text
    points: float | None = None
    indicator: str | None = None


def adjustment(case: Case, employee_id: str, approver: Text, period: Period) -> Record:
    """Return a case as a row of the Adjustments sheet."""
    return {
        "period": period.code,
        "employee_id": employee_id,
        "adjustment_kind": case.kind,
        "points": case.points,
        "indicator": case.indicator,
        "clause": case.clause,
        "approver": approver,
    }


def in_language(records: Iterable[Record], lang: Lang) -> list[Record]:
    """Return the records with their words in one language."""
    return [
        {column: value(lang) if isinstance(value, Text) else value for column, value in record.items()}
        for record in records
    ]


def people(number: int, rng: Random) -> list[Text]:
    """Return the names of so many people, no two alike."""
    return [person(*pair) for pair in rng.sample(FULL_NAMES, number)]


def person(surname: Text, given: Text) -> Text:
    """Put a name together the way each language does.

    >>> person(SURNAMES[0], GIVEN_NAMES[0])
    Text(zh='安安然', en='Anran An')
    """
    return Text(surname.zh + given.zh, f"{given.en} {surname.en}")


def company(rng: Random) -> Text:
    """Return the name of a company."""
    name, trade = rng.choice(GIVEN_NAMES), rng.choice(TRADES)
    return Text(f"{name.zh}{trade.zh}有限公司", f"{name.en} {trade.en} Ltd")


def address(rng: Random) -> Text:
    """Return an address in no particular town."""
    street, number = rng.choice(STREETS), rng.randint(1, 260)
    return Text(f"{street.zh}{number}号", f"{number} {street.en}")


def phone(rng: Random) -> str:
    """Return eleven digits that no network uses."""
    return f"100{rng.randrange(10**8):08d}"


def id_number(birthday: date | None, rng: Random) -> str:
    """Return eighteen digits with the code of no region."""
    return f"000000{birthday or date(2001, 1, 1):%Y%m%d}{rng.randrange(10_000):04d}"


def work_calendar(scheme: Scheme) -> WorkCalendar:
    """Return the working days of a scheme."""
    days = scheme.table("calendar").frame
    named = {kind: frozenset(day.date() for day in rows["date"]) for kind, rows in days.groupby("day_kind")}
    return WorkCalendar(named.get("holiday", frozenset()), named.get("workday", frozenset()))


def workdays(start: date, end: date, calendar: WorkCalendar) -> list[date]:
    """Return the working days from start to end."""
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    return [day for day in days if calendar.is_workday(day)]


def day_at(period: Period, share: float) -> date:
    """Return the day that lies at a share of the period: 0 is the first day, 1 the last.

    >>> from xlperf.core.periods import parse_period
    >>> day_at(parse_period("2026-10"), 0.5)
    datetime.date(2026, 10, 16)
    """
    return period.start + timedelta(days=round(share * (period.days - 1)))


def before(day: date, least: int, most: int, rng: Random) -> date:
    """Return a day at least and at most so many days earlier."""
    return day - timedelta(days=rng.randint(least, most))


def numbered(records: Sequence[Record], column: str, prefix: str, digits: int) -> list[Record]:
    """Return the records with a running number in a column.

    >>> numbered([{"points": 3}], "adjustment_id", "A", 3)
    [{'adjustment_id': 'A001', 'points': 3}]
    """
    return [{column: f"{prefix}{number:0{digits}}"} | record for number, record in enumerate(records, start=1)]
