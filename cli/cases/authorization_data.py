"""Carried out of cli/case_detail.py."""

from __future__ import annotations

from typing import Any

from cli.cases.case_data import common_data
from cli.terminal.context import Office
from services.queries.authorization_detail import Detail, consequences


def as_data(detail: Detail, here: Office) -> dict[str, Any]:
    """The case as JSON data, with the traces that hold now."""
    current_ids = {line.verdict_id for line in detail.lines}
    return common_data(detail, here) | {
        "lines": detail.lines,
        "consequences": consequences(detail),
        "criteria": [one for one in detail.verdicts if one.verdict_id in current_ids],
    }
