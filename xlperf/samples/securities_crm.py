"""A securities house with three branches: client managers with their clients and tasks, heads, head-office staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from xlperf.periods import Period, WorkCalendar
from xlperf.problems import Text
from xlperf.samples.records import (
    OCCUPATIONS,
    TRADES,
    Record,
    Records,
    address,
    before,
    company,
    day_at,
    id_number,
    numbered,
    people,
    phone,
    work_calendar,
    workdays,
)
from xlperf.samples.records import SURNAMES, GIVEN_NAMES, person  # isort: skip
from xlperf.schemes import load

FIRST_ID = 1960
HEAD_OFFICE, SERVICE, TECHNOLOGY = "000", "010", "020"
DEPARTMENTS = {
    HEAD_OFFICE: (Text("总部", "Head office"), None, "head_office"),
    SERVICE: (Text("客户服务中心", "Client service centre"), HEAD_OFFICE, "function"),
    TECHNOLOGY: (Text("信息技术部", "Information technology"), HEAD_OFFICE, "function"),
    "101": (Text("滨江营业部", "Riverside branch"), HEAD_OFFICE, "branch"),
    "102": (Text("古城营业部", "Old Town branch"), HEAD_OFFICE, "branch"),
    "103": (Text("新区营业部", "New District branch"), HEAD_OFFICE, "branch"),
}
