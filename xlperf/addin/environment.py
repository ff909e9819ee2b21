"""The computer on which Excel runs: where Excel looks for things, and which Python is to answer it."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

System = Literal["windows", "mac", "other"]
Registry = Mapping[tuple[str, str], str | int]  # what Windows remembers, by key and name

TRUST = r"Software\Microsoft\Office\16.0\Excel\Security"
TRUST_BY_POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
EXCEL_PATH = r"Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
CLICK_TO_RUN = r"Software\Microsoft\Office\ClickToRun\Configuration"
ASKED: tuple[tuple[str, str], ...] = (
    (TRUST, "VBAWarnings"),
    (TRUST_BY_POLICY, "VBAWarnings"),
    (EXCEL_PATH, ""),
    (CLICK_TO_RUN, "Platform"),
)


@dataclass(frozen=True)
class Computer:
    """What there is to know of a computer; a test makes one up."""

    system: System
    home: Path
    python: str  # the interpreter that runs xlperf
    prefix: Path  # the folder of its environment, where xlwings has put its library for Excel
    version: str
    bits: int
    environment: Mapping[str, str] = field(default_factory=dict)
    registry: Registry = field(default_factory=dict)

    @property
    def settings_file(self) -> Path:
        """Where the xlwings module of our workbooks looks for settings."""
        if self.system == "mac":
            return self.home / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / "xlperf.conf"
        return self.home / ".xlperf" / "xlperf.conf"

    @property
    def start_folder(self) -> Path:
        """What lies here is opened whenever Excel starts."""
        if self.system == "mac":
            office = self.home / "Library" / "Group Containers" / "UBF8T346G9.Office"
            return office / "User Content.localized" / "Startup.localized" / "Excel"
        roaming = Path(self.environment.get("APPDATA", str(self.home / "AppData" / "Roaming")))
        return roaming / "Microsoft" / "Excel" / "XLSTART"

    @property
    def script_folder(self) -> Path:
        """Where Excel on a Mac may run scripts from."""
        return self.home / "Library" / "Application Scripts" / "com.microsoft.Excel"

    @property
    def interpreter_setting(self) -> str:
        """The name of the setting that holds the path of Python."""
        return "INTERPRETER_MAC" if self.system == "mac" else "INTERPRETER_WIN"

    @property
    def encoding(self) -> str:
        """The character set in which VBA reads the settings."""
        return locale.getencoding() if self.system == "windows" else "utf-8"

    @property
    def excel_bits(self) -> int:
        """Whether Excel is made of 32 or 64 bits; 64 where it does not say."""
        return 32 if self.registry.get((CLICK_TO_RUN, "Platform")) == "x86" else 64

    @property
    def clouds(self) -> tuple[str, ...]:
        """The folders that are kept in step with OneDrive."""
        names = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
        return tuple(sorted({self.environment[name] for name in names if self.environment.get(name)}))


def this_computer() -> Computer:
    """Return what there is to know of this computer."""
    return Computer(
        "windows" if sys.platform == "win32" else "mac" if sys.platform == "darwin" else "other",
        Path.home(),
        sys.executable,
        Path(sys.prefix),
        ".".join(str(number) for number in sys.version_info[:3]),
        64 if sys.maxsize > 1 << 32 else 32,
        dict(os.environ),
        _registry(),
    )


if sys.platform == "win32":
    import winreg

    def _registry() -> Registry:
        found: dict[tuple[str, str], str | int] = {}
        for key, name in ASKED:
            for root in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
                try:
                    with winreg.OpenKey(root, key) as opened:
                        found[key, name] = winreg.QueryValueEx(opened, name)[0]
                except OSError:
                    continue
        return found

else:

    def _registry() -> Registry:
        return {}
