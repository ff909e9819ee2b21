"""What the reports on clients tell: profiles, losses, prospects."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np

from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import in_words
from xlperf.policy.conditions.tree import Filled, Ref
from xlperf.policy.scheme import ClientClass, Indicator
from xlperf.reporting.reports.measures import Block, Measure, Topic
from xlperf.reporting.reports.row_counts import (
    as_figures,
    code_of,
    hits_of,
    indicator_of,
    masks,
    measures_so,
    parted,
    usual,
    values_of,
    whose_of,
)
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table, columns_of
from xlperf.scoring.clients import UNCLASSIFIED, UNCLASSIFIED_NAME, owner_column
from xlperf.scoring.stages import Gathered

ALL_CLIENTS, ALL_PROSPECTS = Text("全部客户", "All clients"), Text("全部潜在客户", "All prospects")
NOT_GIVEN = Text("未填写", "not given")
AXES = ("r_level", "f_level", "m_level")
CHURN, WIN_BACK, ASSETS = "churn_rate", "win_back_rate", "lost_assets"  # the indicators that say so
NEW, MET, CONVERSION = "new_clients", "new_prospects", "prospect_conversion_rate"


def profiles(appraisal: Gathered, lang: Lang) -> Topic | Text:
    """Which fields of the profiles are filled in: a block for each indicator that measures completeness."""
    indicators = [each for each in appraisal.scheme.indicators if measures_so(each, "clients", "completeness")]
    if not indicators:
        return Text("方案中没有衡量客户资料完整率的指标", "no indicator measures how complete profiles are")
    table, columns = appraisal.table("clients"), columns_of(appraisal.tables, "clients")
    fields = {code_of(each): each for indicator in indicators for each in indicator.columns}
    names = {
        code: columns[each.code].name if isinstance(each, Ref) and each.code in columns
        else Text(*(in_words(each, tongue, columns) for tongue in LANGUAGES))
        for code, each in fields.items()
    }  # fmt: skip
    measures = (
        Measure("clients", Text("户数", "Clients")),
        Measure("complete", Text("资料齐全户数", "Complete")),
        Measure("completion", Text("资料完成率", "Completed"), "share", ("complete", "clients")),
        Measure("required", Text("应填项数", "Fields required")),
        Measure("filled", Text("已填项数", "Fields filled")),
        Measure("completeness", Text("资料完整率", "Completeness"), "share", ("filled", "required")),
        *(
            Measure(f"{part} {code}", word, over=names[code])
            for code in fields
            for part, word in (("filled", Text("已填", "filled")), ("missing", Text("缺", "missing")))
        ),
    )
    return Topic("clients", measures, tuple(_profile(appraisal, table, each) for each in indicators), "completion")


def _profile(appraisal: Gathered, table: Table, each: Indicator) -> Block:
    """Return what each client adds to the figures of the profiles that an indicator is about."""
    found = masks(
        appraisal, table, {"inside": hits_of(each)} | {code_of(column): Filled((column,)) for column in each.columns}
    )
    inside, codes = found["inside"], [code_of(column) for column in each.columns]
    filled = np.column_stack([found[code] for code in codes])
    figures = {
        "clients": inside,
        "complete": inside & filled.all(axis=1),
        "required": inside * len(codes),
        "filled": inside * filled.sum(axis=1),
    }
    figures |= {f"filled {code}": inside & found[code] for code in codes}
    figures |= {f"missing {code}": inside & ~found[code] for code in codes}
    return Block(each.name, as_figures(figures), inside, dict.fromkeys(figures, owner_column(each)))


def lost_clients(appraisal: Gathered, lang: Lang) -> Topic | Text:
    """Who came, went and came back: all clients, by reason for the loss, and by class."""
    table = appraisal.table("clients")
    if not len(table):
        return Text("没有客户数据", "there are no clients")
    churn, back = (indicator_of(appraisal, code, "clients", "share") for code in (CHURN, WIN_BACK))
    new = indicator_of(appraisal, NEW, "clients", "count")
    found = masks(
        appraisal,
        table,
        {
            "opening": usual("clients", "opening"),
            "new": hits_of(new) if new else usual("clients", "new"),
            "lost": hits_of(churn) if churn else usual("clients", "lost"),
            "won_back": hits_of(back) if back else usual("clients", "won_back"),
            "base": churn.where if churn else usual("clients", "base"),
        },
    )
    all_clients = as_figures({**found, "lost_assets": _lost_assets(appraisal, table, found["lost"])})
    measures = (
        Measure("opening", Text("期初客户数", "Opening")),
        Measure("new", Text("新增客户数", "New")),
        Measure("lost", Text("流失客户数", "Lost")),
        Measure("won_back", Text("挽回客户数", "Won back")),
        Measure("base", Text("流失率基数", "Base of the rate")),
        Measure("churn_rate", Text("流失率", "Churn rate"), "share", ("lost", "base")),
        Measure("lost_assets", Text("流失资产（元）", "Assets lost (yuan)"), "money"),
    )
    reason = SHEETS["clients"]["lost_reason"].name
    gone = all_clients[["lost", "lost_assets"]]
    assets = indicator_of(appraisal, ASSETS, "clients", "sum")
    whose = whose_of({"new": new, "lost": churn, "base": churn, "won_back": back, "lost_assets": assets})
    everybody = Block(ALL_CLIENTS, all_clients, np.ones(len(table), bool), whose)
    reasons = parted(replace(everybody, figures=gone), table["lost_reason"], reason, {}, NOT_GIVEN)
    blocks = (everybody, *reasons, *_classes(appraisal, table, everybody))
    return Topic("clients", measures, blocks, "churn_rate", ("lost", reason(lang)))


def _lost_assets(appraisal: Gathered, table: Table, lost: np.ndarray) -> np.ndarray:
    """Return the assets that went with each client: as the scheme's indicator says, otherwise what they opened with."""
    each = indicator_of(appraisal, ASSETS, "clients", "sum")
    if each is None:
        return np.where(lost, table["opening_assets"].fillna(0.0), 0.0)
    rows = masks(appraisal, table, {"rows": hits_of(each)})["rows"]
    return np.where(rows, values_of(appraisal, table, each.columns[0]), 0.0)


def _classes(appraisal: Gathered, table: Table, everybody: Block) -> list[Block]:
    """Return the blocks of each class of clients; of each R, F and M level where nobody has a class."""
    columns = SHEETS["clients"]
    classes = table["client_class"].where(table["client_class"] != UNCLASSIFIED)
    if classes.notna().any():
        names = {each.code: _class_name(each) for each in appraisal.scheme.client_classes}
        return parted(everybody, classes, columns["client_class"].name, names, UNCLASSIFIED_NAME)
    known = [axis for axis in AXES if table[axis].notna().any()]
    parts = (parted(everybody, table[axis], columns[axis].name, WORDS[axis], UNCLASSIFIED_NAME) for axis in known)
    return [*chain.from_iterable(parts)]


def _class_name(each: ClientClass) -> Text:
    """Name a class by its code, its levels and its service group."""
    words = [WORDS[axis].get(level, Text(level, level)) for axis, level in zip(AXES, each.levels, strict=True)]
    return Text(*(" ".join(filter(None, [each.code, *(word(lang) for word in [*words, each.service_group])]))
                  for lang in LANGUAGES))  # fmt: skip


def prospects(appraisal: Gathered, lang: Lang) -> Topic | Text:
    """Who was a prospect, who opened an account, after how many days and with how much: all of them, and by origin."""
    table = appraisal.table("clients")
    if table["created_date"].isna().all():
        return Text("客户没有建档日期", "no client has the day on which it was entered")
    conversion = indicator_of(appraisal, CONVERSION, "clients", "share")
    met = indicator_of(appraisal, MET, "clients", "count")
    found = masks(
        appraisal,
        table,
        {
            "prospects": conversion.where if conversion else usual("clients", "worked_on"),
            "new": hits_of(met) if met else usual("clients", "met"),
            "converted": hits_of(conversion) if conversion else usual("clients", "converted"),
        },
    )
    days = (table["opened_date"] - table["created_date"]).dt.days.to_numpy(np.float64)
    timed = found["converted"] & np.isfinite(days)
    assets = table["closing_assets"].to_numpy(np.float64)
    figures = {
        **found,
        "timed": timed,
        "days": np.where(timed, days, 0.0),
        "assets": np.where(found["converted"], np.nan_to_num(assets), 0.0),
    }
    measures = (
        Measure("prospects", Text("潜在客户数", "Prospects")),
        Measure("new", Text("新增潜在客户数", "New")),
        Measure("converted", Text("转化户数", "Converted")),
        Measure("conversion", Text("转化率", "Conversion rate"), "share", ("converted", "prospects")),
        Measure("timed", Text("登记日期完整的转化户数", "Converted with both dates")),
        Measure("days", Text("转化天数合计", "Days to convert")),
        Measure("mean_days", Text("平均转化天数", "Mean days to convert"), "mean", ("days", "timed")),
        Measure("assets", Text("转化客户资产（元）", "Assets of converted (yuan)"), "money"),
    )
    whose = whose_of({"prospects": conversion, "converted": conversion, "new": met})
    whose |= {code: whose["converted"] for code in ("timed", "days", "assets") if "converted" in whose}
    everybody = Block(ALL_PROSPECTS, as_figures(figures), found["prospects"] | found["new"], whose)
    origin = SHEETS["clients"]["origin"].name
    origins = parted(everybody, table["origin"].where(everybody.rows), origin, {}, NOT_GIVEN)
    rows = [replace(each, rows=each.rows & everybody.rows) for each in origins]
    return Topic("clients", measures, (everybody, *rows), "conversion", ("prospects", origin(lang)))
