"""Runs in the Python of LibreOffice: opens a macro workbook in Calc, calculates cells, presses buttons, prints JSON.

python3 calc_runs_vba.py SOFFICE PROFILE BOOK FORMULAS.json
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue

ALWAYS_RUN_MACROS = 4
PIPE = "xlperf_vba"


def main(soffice, profile, book, asked):
    command = [soffice, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nologo"]
    office = subprocess.Popen([*command, f"--accept=pipe,name={PIPE};urp"])
    try:
        desktop = connected()
        document = desktop.loadComponentFromURL(
            f"file://{book}", "_blank", 0, (PropertyValue("MacroExecutionMode", 0, ALWAYS_RUN_MACROS, 0),)
        )
        wanted = json.loads(Path(asked).read_text("utf-8"))
        print(json.dumps({"cells": calculated(document, wanted), "buttons": pressed(document, wanted)}))
        document.close(True)
        desktop.terminate()
        office.wait(30)
    finally:
        office.kill()


def connected():
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(120):
        try:
            there = resolver.resolve(f"uno:pipe,name={PIPE};urp;StarOffice.ComponentContext")
        except Exception:  # the office is still starting
            time.sleep(0.5)
        else:
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
    raise SystemExit("LibreOffice does not start")


def calculated(document, wanted):
    """Put figures and formulas on a new sheet, and return what the formulas give."""
    sheets = document.Sheets
    sheets.insertNewByName("Trial", 0)
    sheet = sheets.getByName("Trial")
    for place, figure in wanted["figures"].items():
        cell = sheet.getCellRangeByName(place)
        if isinstance(figure, str):
            cell.String = figure
        else:
            cell.Value = figure
    cells = []
    for row, formula in enumerate(wanted["formulas"], start=20):
        cell = sheet.getCellByPosition(5, row)
        cell.Formula = formula
        cells.append(cell.String)
    return cells


def pressed(document, wanted):
    """Press the buttons of Home, then those of the ribbon; a macro that is reached writes its name to a file."""
    provider = document.ScriptProvider
    told = Path(wanted["told"])

    def press(procedure, arguments):
        told.write_text("", "utf-8")
        url = f"vnd.sun.star.script:VBAProject.PerfMacros.{procedure}?language=Basic&location=document"
        provider.getScript(url).invoke(arguments, (), ())
        return told.read_text("utf-8")

    button = document.createInstance("com.sun.star.form.component.CommandButton")
    reached = {}
    for macro, procedure in wanted["buttons"].items():
        button.Tag = macro
        reached[macro] = [press(procedure, ()), press("PerfRibbon", (button,))]
    return reached


main(*sys.argv[1:])
