"""An example of each command, which its help shows."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "demo": "xlperf demo --output my-demo",
    "schemes": "xlperf schemes service-team",
    "rules": "xlperf rules rating_scale",
    "sheets": "xlperf sheets raters",
    "begin": "xlperf begin --sheet start.xlsx",
    "new": "xlperf new team.xlsx --from export.csv --total Sales=70,Absences=30 --less Absences --by Department",
    "add": "xlperf add team.xlsx raters pay",
    "status": "xlperf status team.xlsx",
    "import": "xlperf import team.xlsx export.csv --as actuals",
    "tasks": "xlperf tasks team.xlsx --period 2026-11",
    "check": "xlperf check team.xlsx",
    "run": "xlperf run team.xlsx",
    "explain": "xlperf explain team.xlsx 00101 sales",
    "calibrate": "xlperf calibrate team.xlsx --person 00101 --grade B --reason Market --by Li --date 2026-11-05",
    "appeals": "xlperf appeals team.xlsx",
    "export": "xlperf export team.xlsx --output team-tables",
    "forms": "xlperf forms team.xlsx --person 00101",
    "reports": "xlperf reports team.xlsx",
    "publish": "xlperf publish team.xlsx --to departments",
    "collect": "xlperf collect team.xlsx team-returned",
    "reminders": "xlperf reminders team.xlsx",
    "month-end": "xlperf month-end team.xlsx",
    "roll": "xlperf roll team.xlsx team-2026-12.xlsx",
    "diff": "xlperf diff team-2026-11.xlsx team-2026-12.xlsx",
    "evaluate": "xlperf evaluate team.xlsx",
    "weights": "xlperf weights team.xlsx --write",
    "whatif": "xlperf whatif team.xlsx --set grades.A.share=25% --set grades.B.share=65%",
    "functions": "xlperf excel functions",
    "oxt": "xlperf excel oxt xlperf.oxt",
    "install": "xlperf excel install",
    "doctor": "xlperf excel doctor team.xlsm",
    "rebind": "xlperf excel rebind team.xlsm",
}
