"""A small scorecard of one's own, as an HR clerk types it into the blank workbook."""

import openpyxl

from xlperf.schema import SHEETS
from xlperf.schema.settings import SETTINGS

CHOSEN = {  # what an HR clerk types: by sheet, the rows by the columns' codes
    "dimensions": [{"code": "results", "name": "业绩", "weight": 60}, {"code": "attitude", "name": "态度", "weight": 40}],
    "indicators": [
        {"code": "sales", "name": "销售额", "dimension": "results", "weight": 60, "unit": "万元", "direction": "正向",
         "source": "手工", "measure": "填报值", "target": 50, "rule": "按比例得分", "parameters": "封顶 = 120%"},
        {"code": "service", "name": "服务", "dimension": "attitude", "weight": 40, "unit": "分", "direction": "正向",
         "source": "评分", "measure": "平均", "column": "评分", "rule": "评分折算", "parameters": "量表最低 = 1；量表最高 = 5"},
    ],
    "grades": [{"code": "A", "name": "优秀", "lower": 85}, {"code": "B", "name": "合格", "lower": 0}],
    "employees": [{"employee_id": "001", "name": "张伟", "status": "在职"}, {"employee_id": "002", "name": "李娜", "status": "在职"}],
    "actuals": [
        {"employee_id": "001", "indicator": "sales", "actual": 50},
        {"employee_id": "002", "indicator": "sales", "actual": 40},
    ],
    "ratings": [
        {"employee_id": "001", "indicator": "service", "score": 4},
        {"employee_id": "002", "indicator": "service", "score": 3},
    ],
}  # fmt: skip


def fill(path, rows, lang="zh", **settings):
    """Type rows below the headings of sheets, and settings on Home."""
    book = openpyxl.load_workbook(path)
    for code, records in rows.items():
        ws = book[SHEETS[code].title(lang)]
        places = {str(cell.value).rstrip(" *"): cell.column for cell in ws[1]}
        for row, record in enumerate(records, start=2):
            for column, value in record.items():
                ws.cell(row, places[SHEETS[code][column].name(lang)]).value = value
    home = book[SHEETS["settings"].title(lang)]
    for row in home.iter_rows():
        for code, value in settings.items():
            if row[1].value == SETTINGS[code].name(lang):
                row[2].value = value
    book.save(path)
    return path
