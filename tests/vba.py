"""Runs the VBA of a macro workbook without Excel, with Python in the place of xlwings."""

from functools import cache

from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.interpreter import MISSING, VBAArray, VBAObject, member, method

from xlperf.binding.build import macro_workbook, modules
from xlperf.binding.xlwings_conf import TITLE
from xlperf.policy.schemes import load

STRANGERS = {"xlwings", "Dictionary"}  # declare libraries of Windows; the test stands in for them
STAND_INS = {
    "Application.MacroOptions": "MacroOptions",
    "Application.Caller": "Nothing",
    "Application.Run": "Server.Ask",
    "Environ(": "Server.Environment(",
    "ThisWorkbook.IsAddin": "Server.IsAddin",
    'CreateObject("WScript.Shell").Popup': "Server.Popup",
    "sheet.EnableCalculation = False": "Server.Freeze sheet.Name",
}
XLWINGS = """
Public Function XLPy() As Object
    Set XLPy = Server
End Function
Public Function GetConfig(ByVal key As String, Optional ByVal otherwise As String = "") As Variant
    GetConfig = Server.Setting(key)
    If GetConfig = "" Then GetConfig = otherwise
End Function
Public Function FileExists(ByVal path As String) As Boolean
    FileExists = Server.HasFile(path)
End Function
Public Function RunPython(ByVal command As String)
    Server.Run command
End Function
Public Sub MacroOptions(Macro As Variant, Description As Variant, Category As Variant, Optional ArgumentDescriptions As Variant)
    Server.Describe Macro, Description, Category, ArgumentDescriptions
End Sub
"""


class Server(VBAObject):
    """What xlwings is to the bridge: a Python to call, settings, and a look at the files of the computer."""

    vba_type_name = "Server"

    def __init__(self, settings=None, files=("C:\\Python\\python.exe",)):
        self.settings = {"INTERPRETER_WIN": "C:\\Python\\python.exe"} if settings is None else settings
        self.files = files
        self.calls, self.commands, self.described, self.frozen, self.said, self.lookups = [], [], {}, [], [], 0
        self.add_in, self.asked = False, []
        self.answer = lambda name, *arguments: None
        self.run_command = lambda command: None

    @method(name="CallUDF")
    def call(self, module, name, arguments, workbook, caller):
        given = list(python_of(arguments))
        while given and given[-1] is MISSING:
            given.pop()
        self.calls.append((module, name, given))
        return self.answer(name, *given)

    @method(name="Setting")
    def setting(self, key):
        self.lookups += 1
        return self.settings.get(key, "")

    @method(name="Environment")
    def environment(self, name):
        return "C:\\Windows;;C:\\Tools" if name == "PATH" else ""

    @member(name="IsAddin")
    def is_add_in(self):
        return self.add_in

    @method(name="Popup")
    def popup(self, words, seconds, title, style):
        self.said.append(str(words))

    @method(name="Freeze")
    def freeze(self, sheet):
        self.frozen.append(str(sheet))

    @method(name="HasFile")
    def has_file(self, path):
        return path in self.files

    @method(name="Run")
    def run(self, command):
        self.commands.append(command)
        self.run_command(command)

    @method(name="Ask")
    def ask(self, macro, argument):
        self.asked.append((str(macro), str(argument)))

    @method(name="Describe")
    def describe(self, macro, description, category, arguments):
        texts = [] if arguments is MISSING else [str(each) for each in python_of(arguments)]
        self.described[str(macro)] = (str(description), str(category), texts)


class Control(VBAObject):
    """A button of the ribbon that was clicked."""

    vba_type_name = "IRibbonControl"

    def __init__(self, tag):
        self.tag = tag

    @member(name="Tag")
    def its_tag(self):
        return self.tag


def python_of(value):
    """Return a VBA array as a list."""
    return [python_of(each) for each in value.elements()] if isinstance(value, VBAArray) else value


@cache
def package(lang="en", scheme="service-team"):
    """The bytes of a macro workbook."""
    from xlperf.workbook.write.scheme_workbook import build

    return macro_workbook(build(load(scheme).with_settings(language=lang), {}, lang), lang)


def started(folder, server, lang="en", mac=False, hidden_sheet=True):
    """Return the application with the macro workbook open and its VBA loaded, ready to be opened."""
    path = folder / "book.xlsm"
    path.write_bytes(package(lang))
    app = ExcelApplication.open(path, with_vba=False)
    host = app.interpreter.host
    known = host.global_object
    host.global_object = lambda name: server if name.lower() == "server" else known(name)
    app.add_module(XLWINGS, name="xlwings")
    for module in modules():
        if module.name not in STRANGERS:
            text = module.lines if hidden_sheet else module.lines.replace(TITLE, "removed")
            app.add_module(stood_in(text, mac), name=module.name)
    return app


def stood_in(text, mac=False):
    """Return VBA in which what the interpreter lacks is answered by the test."""
    for ours, stand_in in STAND_INS.items():
        text = text.replace(ours, stand_in)
    return f"#Const Mac = {mac}\r\n{text}"
