"""Makes the LibreOffice Calc extension with the worksheet functions, from the registry.

The extension holds the names and texts of the functions and a small component; the values come from the Python that
xlperf is installed in, which the component starts and asks. So LibreOffice's own Python needs neither xlperf nor its
libraries, nor the same version.

Nouns: the component (runs in LibreOffice's Python) and the client that asks a Python with xlperf.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlperf.binding.functions import functions
from xlperf.binding.functions.registry import PREFIX, Function
from xlperf.core.version import __version__

FIXED = (1980, 1, 1, 0, 0, 0)  # the date of every part: the same functions make the same bytes
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
  <manifest:file-entry manifest:full-path="XPerf.idl"
    manifest:media-type="application/vnd.sun.star.uno-typelibrary;type=RDB"/>
  <manifest:file-entry manifest:full-path="perf_addin.py"
    manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
</manifest:manifest>
"""
DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006" xmlns:xlink="http://www.w3.org/1999/xlink">
  <identifier value="org.xlperf.functions"/>
  <version value="{version}"/>
  <display-name>
    <name lang="en">xlperf: performance appraisal functions</name>
    <name lang="zh-CN">xlperf：绩效考核函数</name>
  </display-name>
  <extension-description>
    <src lang="en" xlink:href="about.en.txt"/>
    <src lang="zh-CN" xlink:href="about.zh.txt"/>
  </extension-description>
</description>
"""
ABOUT = {
    "en": "Worksheet functions for scores, totals, grades, forced distribution and pay: xlperf's numbers in Calc.\n",
    "zh": "计分、总分、等级、强制分布和奖金的工作表函数：Calc 中的数字与 xlperf 相同。\n",
}


def extension(python: str = sys.executable) -> bytes:
    """Return the extension as a file; ``python`` is the interpreter that it will ask."""
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        for name, text in parts(python):
            package.writestr(ZipInfo(name, FIXED), text.encode("utf-8"), ZIP_DEFLATED)
    return packed.getvalue()


def parts(python: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of the extension: their names and texts."""
    here = files(__name__)
    yield "META-INF/manifest.xml", MANIFEST
    yield "description.xml", DESCRIPTION.format(version=__version__)
    yield from ((f"about.{lang}.txt", text) for lang, text in ABOUT.items())
    yield "XPerf.idl", idl()
    yield "functions.json", json.dumps({"python": python, "functions": _texts()}, ensure_ascii=False, indent=1)
    yield "perf_addin.py", (here / "component.txt").read_text("utf-8")
    yield "pythonpath/xlperf_client.py", (here / "client.py").read_text("utf-8")


def idl() -> str:
    """Return the interface of the functions; an argument of type ``any`` may be a value, a range, or left out."""
    methods = "\n".join(f"    {_declared(each)}" for each in functions().values())
    return f"module org {{ module xlperf {{\ninterface XPerf {{\n{methods}\n}};\n}}; }};\n"


def _declared(function: Function) -> str:
    result = "any" if function.gives == "value" else "sequence<sequence<any> >"
    arguments = ", ".join(f"[in] any a{position}" for position, _ in enumerate(function.arguments, start=1))
    return f"{result} {method_name(function.name)}({arguments});"


def method_name(name: str) -> str:
    """Return the name of a function in the interface.

    >>> method_name("PERF_RANK_PERCENTILE"), method_name("PERF_ATTAINMENT_5432")
    ('perfRankPercentile', 'perfAttainment5432')
    """
    return "perf" + "".join(part.title() for part in name.removeprefix(PREFIX).split("_"))


def _texts() -> dict[str, dict[str, object]]:
    return {
        method_name(each.name): {
            "name": each.name,
            "gives": each.gives,
            **each.text._asdict(),
            "arguments": [{"name": argument.name, **argument.text._asdict()} for argument in each.arguments],
        }
        for each in functions().values()
    }
