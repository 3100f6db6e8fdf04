"""Command that stores the list of commands that workflows can issue: `python tests/workflows/store_fingerprints.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fingerprints import fingerprints  # noqa: E402

TARGET = Path(__file__).resolve().parents[1] / "histories" / "fingerprints" / "commands.json"

if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(fingerprints(), indent=1, sort_keys=True) + "\n")
