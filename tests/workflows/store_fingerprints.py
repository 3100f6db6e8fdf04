"""Command that stores the list of commands that workflows can issue: `python -m tests.workflows.store_fingerprints`."""

from __future__ import annotations

import json

from tests.paths import ROOT
from tests.workflows.fingerprints import fingerprints

TARGET = ROOT / "tests" / "histories" / "fingerprints" / "commands.json"

if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(fingerprints(), indent=1, sort_keys=True) + "\n")
