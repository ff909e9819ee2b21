"""The LibreOffice extension: made from the registry, and the same numbers in Calc."""

import io
import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from zipfile import ZipFile

import numpy as np
import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from typer.testing import CliRunner

from xlperf.addin.oxt import extension, idl, method_name
from xlperf.addin.oxt.client import Client, NoPython
from xlperf.binding.functions import call, functions
from xlperf.binding.functions.errors import with_codes
from xlperf.binding.reference import examples
from xlperf.cli import app
from xlperf.core.numbers import round_half_up
from xlperf.policy.rules import RULES

SYSTEM = {**os.environ, "PATH": "/usr/bin:/bin"}  # LibreOffice's Python must not take another one for its own
RECALCULATE = """<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
oor:op="fuse"><value>0</value></prop></item></oor:items>"""


def long_name(name):
    """Return the name that every version of LibreOffice knows a function by in a file."""
    return "ORG.XLPERF.PERFADDIN." + method_name(name).upper()


def parts(data):
    with ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name).decode("utf-8") for name in package.namelist()}


def test_the_extension_is_complete_and_the_same_each_time():
    found = parts(extension("/opt/python"))
    assert extension("/opt/python") == extension("/opt/python")
    manifest = etree.fromstring(found["META-INF/manifest.xml"].encode())
    listed = [each.get(f"{{{manifest.nsmap['manifest']}}}full-path") for each in manifest]
    assert set(listed) <= set(found)
    description = etree.fromstring(found["description.xml"].encode())
    linked = [each.get("{http://www.w3.org/1999/xlink}href") for each in description.iter() if len(each.attrib) > 1]
    assert set(linked) <= set(found)
    for name in ("perf_addin.py", "pythonpath/xlperf_client.py"):
        compile(found[name], name, "exec")
    assert json.loads(found["functions.json"])["python"] == "/opt/python"


def test_the_interface_declares_every_function_of_the_registry():
    told = json.loads(parts(extension())["functions.json"])["functions"]
    assert [each["name"] for each in told.values()] == list(functions())
    for each in functions().values():
        arguments = ", ".join(f"[in] any a{n + 1}" for n in range(len(each.arguments)))
        assert f" {method_name(each.name)}({arguments});" in idl()
        assert [argument["name"] for argument in told[method_name(each.name)]["arguments"]] == [
            argument.name for argument in each.arguments
        ]


def test_the_command_writes_the_extension(tmp_path):
    told = CliRunner().invoke(
        app, ["excel", "oxt", str(tmp_path / "perf.oxt"), "--python", "/opt/python", "--lang", "en"]
    )
    assert told.exit_code == 0
    assert (tmp_path / "perf.oxt").read_bytes() == extension("/opt/python")
    told = CliRunner().invoke(app, ["excel", "oxt", str(tmp_path / "none" / "perf.oxt"), "--lang", "en"])
    assert told.exit_code == 1
    assert "cannot be written" in told.output


# The pipe between LibreOffice's Python and ours ----------------------------------------------------------------------


@pytest.fixture
def client():
    opened = Client(sys.executable)
    yield opened
    opened.close()


def plain(cell):
    """A result as the pipe writes it."""
    return json.loads(json.dumps(with_codes(cell)).replace('"#N/A"', '{"error": "#N/A"}'))


def test_another_python_gives_the_same_values(client):
    for cases in examples().values():
        for case in cases:
            if case.function != "PERF_LASTERROR":
                expected = call(case.function, *case.cells)
                assert client.call(case.function, list(case.cells)) == plain(expected)


def test_errors_come_through_with_their_reasons(client):
    assert client.call("PERF_ROUND", ["many", 2]) == {"error": "#VALUE!"}
    assert client.call("PERF_LASTERROR", ["en"]).startswith('The argument value holds "many"')


def test_a_python_that_is_not_there_is_told_in_words_and_can_be_replaced(monkeypatch):
    absent = Client("/no/such/python")
    with pytest.raises(NoPython, match="was not found: /no/such/python"):
        absent.call("PERF_ROUND", [2.675, 2])
    monkeypatch.setenv("XLPERF_PYTHON", sys.executable)
    replaced = Client("/no/such/python")
    assert replaced.call("PERF_ROUND", [2.675, 2]) == 2.68
    assert replaced.process is not None
    replaced.process.kill()
    replaced.process.wait()
    assert replaced.call("PERF_ROUND", [2.675, 2]) == 2.68  # it is started again
    replaced.close()


# The component, without LibreOffice -----------------------------------------------------------------------------------


@pytest.fixture
def component(monkeypatch, tmp_path):
    """The add-in as LibreOffice makes it, with the parts of LibreOffice that it names left empty."""

    class Locale:
        def __init__(self, language, *rest):
            self.Language = language

    empty = {
        name: type(name, (), {}) for name in ("XServiceInfo", "XServiceName", "XAddIn", "XCompatibilityNames", "XPerf")
    }
    names = empty | {"Locale": Locale, "LocalizedName": lambda locale, name: name, "Base": type("Base", (), {})}
    names["ImplementationHelper"] = lambda: SimpleNamespace(addImplementation=lambda *found: None)
    for module in ("unohelper", "com.sun.star.lang", "com.sun.star.sheet", "org.xlperf"):
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(**names))
    for name, text in parts(extension(sys.executable)).items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path / "pythonpath")
    made = {"__file__": str(tmp_path / "perf_addin.py"), "__name__": "perf_addin"}
    exec((tmp_path / "perf_addin.py").read_text("utf-8"), made)
    yield SimpleNamespace(**made)
    made["CLIENT"].close()
    sys.modules.pop("xlperf_client", None)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_wizard_speaks_the_language_of_the_office(component, lang):
    addin = component.PerfAddIn(None)
    addin.setLocale(component.LANGUAGES[lang])
    for each in functions().values():
        name = addin.getProgrammaticFuntionName(each.name)
        assert name == method_name(each.name)
        assert addin.getDisplayFunctionName(name) == each.name
        assert addin.getFunctionDescription(name) == each.text(lang)
        for position, argument in enumerate(each.arguments):
            assert addin.getDisplayArgumentName(name, position) == argument.name
            assert addin.getArgumentDescription(name, position) == argument.text(lang)


def test_cells_pass_in_and_out_as_calc_knows_them(component):
    addin = component.PerfAddIn(None)
    assert addin.perfRank(((80.0,), (95.0,), ("",)), None, None, None) == ((2.0,), (1.0,), ("",))
    assert addin.perfGrade(95.0, ((90.0,), (60.0,)), (("A",), ("B",)), None) == (("A",),)
    error = addin.perfRatingScale(6.0, 100.0, "higher", 1.0, 5.0)[0][0]
    assert struct.pack("<d", error)[:2] == (32767).to_bytes(2, "little")  # what Calc shows as #N/A
    assert error != error


def test_calc_is_told_when_there_is_no_python(component):
    component.CLIENT.python = "/no/such/python"
    addin = component.PerfAddIn(None)
    error = addin.perfRound(2.675, 2.0)[0][0]
    assert struct.pack("<d", error)[:2] == (519).to_bytes(2, "little")  # #VALUE!
    assert "was not found: /no/such/python" in addin.perfLasterror("en", None)


# LibreOffice ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calc():
    """LibreOffice with the extension: a function that computes a workbook and returns its values."""
    if not (shutil.which("soffice") and shutil.which("unopkg")):
        pytest.skip("LibreOffice is not installed")
    folder = Path(mkdtemp(prefix="calc"))
    folder.chmod(0o755)
    profile, package = folder / "profile", folder / "perf.oxt"
    package.write_bytes(extension(sys.executable))
    profile.mkdir()
    where = f"-env:UserInstallation={profile.as_uri()}"
    add = ["unopkg", "add", "-f", "-s", str(package), where]
    if os.geteuid() == 0:  # unopkg refuses to work for root
        shutil.chown(profile, "nobody")
        add = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", f"HOME={profile}", *add]
    done = subprocess.run(add, env=SYSTEM, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    settings = profile / "user" / "registrymodifications.xcu"
    settings.write_text(settings.read_text("utf-8").replace("</oor:items>", RECALCULATE), "utf-8")

    def compute(workbook):
        workbook.save(folder / "book.xlsx")
        convert = ["soffice", where, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
        subprocess.run([*convert, str(folder / "done"), str(folder / "book.xlsx")], env=SYSTEM, check=True,
                       capture_output=True, timeout=600)  # fmt: skip
        return load_workbook(folder / "done" / "book.xlsx", data_only=True).active

    yield compute
    shutil.rmtree(folder)


def long(formula, name):
    """The formula with the name that every version of LibreOffice knows."""
    return formula.replace(name, long_name(name))


@pytest.mark.slow
def test_the_worked_cases_in_calc(calc):
    """Values, spilled tables, blanks and error values are those of Python."""
    workbook, row, expected = Workbook(), 1, {}
    for name, cases in examples().items():
        for case in cases:
            if name == "PERF_LASTERROR":
                continue
            rows = case.result if isinstance(case.result, list) else [[case.result]]
            last = f"{get_column_letter(len(rows[0]))}{row + len(rows) - 1}"
            formula = long(case.formula(), name)
            workbook.active.cell(row, 1).value = ArrayFormula(f"A{row}:{last}", formula)
            expected |= {(row + i, j): cell for i, each in enumerate(rows) for j, cell in enumerate(each, start=1)}
            row += len(rows)
    sheet = calc(workbook)
    kept = {at: pytest.approx(cell, rel=1e-14) if isinstance(cell, float) else cell for at, cell in expected.items()}
    assert {at: "" if (cell := sheet.cell(*at).value) is None else cell for at in expected} == kept


@pytest.mark.slow
def test_ten_thousand_rows_in_calc_are_the_kernel_exactly(calc):
    rng = np.random.default_rng(11)
    size = 10_000
    actual, target = rng.uniform(0, 130, size).round(2), rng.choice([80.0, 100.0, 120.0], size)
    actual[rng.random(size) < 0.04] = np.nan
    workbook = Workbook()
    sheet = workbook.active
    score, rounded = long_name("PERF_PROPORTIONAL"), long_name("PERF_ROUND")
    for i, (figure, wanted) in enumerate(zip(actual.tolist(), target.tolist(), strict=True), start=1):
        formula = f'=IF(A{i}="","",{rounded}({score}(A{i},B{i},100,"higher",1.2,0),4))'
        sheet.append([None if figure != figure else figure, wanted, formula])
    rank = long(f"=PERF_RANK(C1:C{size})", "PERF_RANK")
    sheet["D1"] = ArrayFormula(f"D1:D{size}", rank)
    points = round_half_up(RULES["proportional"].function(actual, target, 100, "higher", cap=1.2, floor=0), 4)
    places = call("PERF_RANK", points[:, None].tolist())
    computed = list(calc(workbook).iter_rows(min_col=3, max_col=4, max_row=size, values_only=True))
    assert [None if cell == "" else cell for cell, _ in computed] == [None if p != p else p for p in points.tolist()]
    assert [place or None for _, place in computed] == [place for (place,) in places]
