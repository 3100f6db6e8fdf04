"""JSON data of an authorization."""

from __future__ import annotations

from typing import Any

from cli.cases.case_data import case_json
from cli.terminal.context import CliContext
from services.queries.authorization_detail import AuthorizationDetail, missed_clock_effects


def authorization_json(detail: AuthorizationDetail, here: CliContext) -> dict[str, Any]:
    """The authorization as JSON data, with its current criteria traces."""
    current_ids = {line.verdict_id for line in detail.lines}
    return case_json(detail, here) | {
        "lines": detail.lines,
        "remarks": detail.request.remarks,
        "follows": detail.request.after,
        "follow_ups": detail.follow_ups,
        "versions": detail.versions,
        "consequences": missed_clock_effects(detail),
        "criteria": [one for one in detail.verdicts if one.verdict_id in current_ids],
    }
