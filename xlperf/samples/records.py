"""What every sample is made of: records whose words are known in both languages, days, and invented names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from xlperf.periods import Period, WorkCalendar
from xlperf.problems import Lang, Text
from xlperf.scheme import Scheme

Record = dict[str, Any]
Records = dict[str, list[Record]]

SURNAMES = (
    Text("安", "An"), Text("柏", "Bai"), Text("岑", "Cen"), Text("程", "Cheng"), Text("戴", "Dai"), Text("范", "Fan"),
    Text("方", "Fang"), Text("冯", "Feng"), Text("傅", "Fu"), Text("葛", "Ge"), Text("顾", "Gu"), Text("韩", "Han"),
    Text("何", "He"), Text("洪", "Hong"), Text("姜", "Jiang"), Text("金", "Jin"), Text("康", "Kang"), Text("雷", "Lei"),
    Text("梁", "Liang"), Text("陆", "Lu"), Text("毛", "Mao"), Text("孟", "Meng"), Text("潘", "Pan"), Text("秦", "Qin"),
    Text("邵", "Shao"), Text("沈", "Shen"), Text("陶", "Tao"), Text("魏", "Wei"), Text("夏", "Xia"), Text("余", "Yu"),
)  # fmt: skip
GIVEN_NAMES = (
    Text("安然", "Anran"), Text("秉文", "Bingwen"), Text("采薇", "Caiwei"), Text("初晴", "Chuqing"), Text("道远", "Daoyuan"),
    Text("恩泽", "Enze"), Text("芳菲", "Fangfei"), Text("光启", "Guangqi"), Text("海宁", "Haining"), Text("弘毅", "Hongyi"),
    Text("嘉禾", "Jiahe"), Text("静姝", "Jingshu"), Text("可心", "Kexin"), Text("兰亭", "Lanting"), Text("立言", "Liyan"),
    Text("明远", "Mingyuan"), Text("沐阳", "Muyang"), Text("念慈", "Nianci"), Text("平安", "Ping'an"), Text("清和", "Qinghe"),
    Text("若水", "Ruoshui"), Text("书恒", "Shuheng"), Text("思齐", "Siqi"), Text("天佑", "Tianyou"), Text("婉清", "Wanqing"),
    Text("文彬", "Wenbin"), Text("晓棠", "Xiaotang"), Text("欣悦", "Xinyue"), Text("雅琴", "Yaqin"), Text("一鸣", "Yiming"),
    Text("雨桐", "Yutong"), Text("远航", "Yuanhang"), Text("云舒", "Yunshu"), Text("泽宇", "Zeyu"), Text("知行", "Zhixing"),
    Text("子衿", "Zijin"),
)  # fmt: skip
TRADES = (
    Text("商贸", "Trading"), Text("科技", "Technology"), Text("餐饮", "Catering"), Text("物流", "Logistics"),
    Text("建材", "Building Materials"), Text("文化", "Culture"),
)  # fmt: skip
STREETS = (
    Text("枫林路", "Fenglin Road"), Text("望江街", "Wangjiang Street"), Text("文昌巷", "Wenchang Lane"),
    Text("青石路", "Qingshi Road"), Text("云台道", "Yuntai Avenue"),
)  # fmt: skip
OCCUPATIONS = (
    Text("教师", "teacher"), Text("医生", "doctor"), Text("工程师", "engineer"), Text("个体经营", "self-employed"),
    Text("退休", "retired"), Text("公务员", "civil servant"), Text("会计", "accountant"),
)  # fmt: skip


def in_language(records: Iterable[Record], lang: Lang) -> list[Record]:
    """Return the records with their words in one language."""
    return [
        {column: value(lang) if isinstance(value, Text) else value for column, value in record.items()}
        for record in records
    ]


def people(number: int, rng: Random) -> list[Text]:
    """Return the names of so many people, no two alike."""
    pairs = [(surname, given) for surname in SURNAMES for given in GIVEN_NAMES]
    return [person(*pair) for pair in rng.sample(pairs, number)]


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

    >>> from xlperf.periods import parse_period
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
