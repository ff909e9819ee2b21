"""How long the doors take to open: ``import xlperf`` and ``xlperf --help``, beside a bare interpreter.

python benchmarks/start_up.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python, nothing imported": ["-c", "pass"],
    "import xlperf": ["-c", "import xlperf"],
    "xlperf --help": ["-m", "xlperf", "--help"],
    "import pandas, to compare": ["-c", "import pandas"],
}


def main() -> None:
    """Print the median wall seconds of several fresh processes."""
    for name, arguments in COMMANDS.items():
        times = []
        for _ in range(7):
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        print(f"{name:<28}{statistics.median(times):7.3f} s")


if __name__ == "__main__":
    main()
