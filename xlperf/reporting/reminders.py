"""Who has not answered yet, and what to write to them: a text, a mail and an entry for the calendar, nothing sent.

The same workbook gives the same bytes: no clock, no chance, no name of a computer goes into a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pandas as pd

from xlperf.core.numbers import parse_dates
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import fold, with_singulars
from xlperf.reporting.form_returns import Asked, questions
from xlperf.scoring.stages import Gathered

MAIL_HEADINGS = frozenset(map(fold, ("邮箱", "电子邮箱", "邮件", "邮箱地址", "email", "e-mail", "mail")))
_UNFIT = re.compile(r"[^\w.-]+")
_LONGEST_LINE = 73  # bytes of a line of an .ics file, less its end


@dataclass(frozen=True)
class Reminder:
    """What one person still owes: ratings of others, and figures of one's own; ``address`` is empty if not known."""

    employee_id: str
    name: str
    address: str
    subject: str
    text: str
    due: date | None

    @property
    def stem(self) -> str:
        """What its files are called, less their endings."""
        return _UNFIT.sub("_", self.employee_id).strip("._") or "_"


def reminders_of(appraisal: Gathered, lang: Lang) -> list[Reminder]:
    """Return a reminder for everybody who has not answered everything, by ID.

    Parameters
    ----------
    appraisal : one that knows the people of the period
    lang : of the texts
    """
    employees = appraisal.table("employees").frame
    names = dict(zip(employees["employee_id"], employees["name"], strict=True))
    addresses = _addresses(employees)
    due = due_day(appraisal.scheme.settings.return_by)
    ratings, figures = questions(appraisal, "raters"), questions(appraisal, "figures")
    made = []
    for who in sorted({*ratings, *figures}):
        name = str(names[who]) if isinstance(names.get(who), str) else ""
        lines = [*_ratings(ratings.get(who, []), names, lang), *_figures(figures.get(who, []), appraisal, lang)]
        subject = Text(
            f"提醒：{appraisal.period.label('zh')}考核待填",
            f"Reminder: still to fill in for {appraisal.period.label('en')}",
        )(lang)
        text = _letter(name or who, appraisal, lines, due, lang)
        made.append(Reminder(who, name, addresses.get(who, ""), subject, text, due))
    return made


def due_day(text: str) -> date | None:
    """Return the day that a setting names; None where it names none.

    >>> due_day("2026-11-05"), due_day("")
    (datetime.date(2026, 11, 5), None)
    """
    found = parse_dates([text or None])
    day = pd.Timestamp(found.dates[0])
    return None if pd.isna(day) else day.date()


def _addresses(employees: pd.DataFrame) -> dict[str, str]:
    """Return mail addresses from a column of HR's own, by employee ID."""
    column = next((str(name) for name in employees if fold(str(name)) in MAIL_HEADINGS), None)
    if column is None:
        return {}
    known = employees.dropna(subset=[column])
    return {who: str(mail) for who, mail in zip(known["employee_id"], known[column], strict=True) if "@" in str(mail)}


def _ratings(asked: Iterable[Asked], names: dict[str, object], lang: Lang) -> list[str]:
    about: dict[str, int] = {}
    for each in asked:
        about[each.employee_id] = about.get(each.employee_id, 0) + 1
    return [
        Text(f"- 评价 {_called(who, names)}：{count} 项", f"- rate {_called(who, names)}: {count} items")(lang)
        for who, count in sorted(about.items())
    ]


def _figures(asked: Iterable[Asked], appraisal: Gathered, lang: Lang) -> list[str]:
    known = {each.code: each.name(lang) for each in appraisal.scheme.indicators}
    return [Text("- 填报 ", "- report ")(lang) + known.get(each.indicator, each.indicator) for each in asked]


def _called(who: str, names: dict[str, object]) -> str:
    name = names.get(who)
    return f"{name} ({who})" if isinstance(name, str) else who


def _letter(name: str, appraisal: Gathered, lines: list[str], due: date | None, lang: Lang) -> str:
    period, scheme = appraisal.period.label(lang), appraisal.scheme.name(lang)
    until_zh = f"请在 {due:%Y-%m-%d} 前填好并交回。" if due else "请尽快填好并交回。"
    until_en = f"Please fill them in and return the form by {due:%Y-%m-%d}." if due else "Please return the form soon."
    if lang == "zh":
        parts = [f"{name}：", "", f"《{scheme}》{period}还有 {len(lines)} 件事待您填写：", "", *lines, "", until_zh]
    else:
        open_items = with_singulars(f"{len(lines)} things")
        parts = [f"Dear {name},", "", f"{scheme}, {period}: {open_items} to fill in.", "", *lines, "", until_en]
    return "\n".join(parts) + "\n"


def files_of(reminder: Reminder, scheme: str, period: str) -> dict[str, bytes]:
    """Return the files of a reminder by name: a text, a mail that is a draft, and an entry where a day is due.

    Parameters
    ----------
    reminder : what one person still owes
    scheme, period : their codes, from which the entry gets its identity

    Examples
    --------
    >>> one = Reminder("E1", "Ann", "ann@example.com", "Reminder", "Please.\\n", date(2026, 11, 5))
    >>> sorted(files_of(one, "small", "2026-10"))
    ['E1.eml', 'E1.ics', 'E1.txt']
    """
    files = {f"{reminder.stem}.txt": reminder.text.encode("utf-8"), f"{reminder.stem}.eml": _mail(reminder)}
    if reminder.due is not None:
        files[f"{reminder.stem}.ics"] = _entry(reminder, reminder.due, f"{scheme}-{period}-{reminder.employee_id}")
    return files


def _mail(reminder: Reminder) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = reminder.subject
    if reminder.address:
        mail["To"] = reminder.address
    mail["X-Unsent"] = "1"  # mail programs open it as a draft
    mail.set_content(reminder.text, charset="utf-8", cte="base64")
    return mail.as_bytes()


def _entry(reminder: Reminder, due: date, identity: str) -> bytes:
    """Return an all-day entry of a calendar with an alarm a day before (RFC 5545)."""
    text = reminder.text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    summary = reminder.subject.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//xlperf//reminders//EN", "BEGIN:VEVENT",
        f"UID:{_UNFIT.sub('_', identity)}@xlperf", f"DTSTAMP:{due:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{due:%Y%m%d}", f"DTEND;VALUE=DATE:{due + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{summary}", f"DESCRIPTION:{text}", "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{summary}",
        "TRIGGER:-P1D", "END:VALARM", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode("utf-8")


def _folded(line: str) -> list[str]:
    """Split a line of an .ics file that is too long, between characters; what goes on begins with a blank."""
    parts, current = [], ""
    for letter in line:
        if len((current + letter).encode("utf-8")) > _LONGEST_LINE:
            parts.append(current)
            current = " "
        current += letter
    return [*parts, current]
