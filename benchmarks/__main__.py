"""Run every benchmark, one after the other, and print what each prints.

    python -m benchmarks [--small] [NAME…]

``--small`` takes sizes that are done in minutes on a shared machine; without it they are those of the documentation.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
SMALL = {
    "reading": "500", "sources": "600000", "end_to_end": "500", "whole_book": "2000", "growth": "1000",
}  # fmt: skip
NOT_RUN = ("__init__", "__main__", "large", "colleague")


def main(arguments: list[str]) -> int:
    """Run the benchmarks that are named, or all."""
    small = "--small" in arguments
    names = [each for each in arguments if not each.startswith("-")]
    every = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NOT_RUN)
    status = 0
    for name in names or every:
        print(f"\n== {name} " + "=" * (76 - len(name)), flush=True)
        size = [SMALL[name]] if small and name in SMALL else []
        status |= subprocess.run([sys.executable, FOLDER / f"{name}.py", *size], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
