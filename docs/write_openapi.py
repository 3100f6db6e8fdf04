"""Writes docs/api/openapi.json from the routes: python docs/write_openapi.py"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from web.api.app import write_document  # noqa: E402


def render() -> str:
    """The document as it is stored."""
    return json.dumps(write_document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "api" / "openapi.json").write_text(render())
