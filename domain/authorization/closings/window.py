"""The time in which a dismissal may be vacated."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.case import AuthorizationCase
from domain.decisions.closings import Dismissal


def vacate_until(case: AuthorizationCase) -> datetime | None:
    """The last instant (UTC) at which the plan may vacate its dismissal; None where the case is not dismissed, or where its
    time has not begun, which the notice begins."""
    if not isinstance(case.closing, Dismissal):
        return None
    rules = case.require_context().closings
    if rules is None or rules.dismissal is None:
        return None
    found = (clock for clock in case.clocks if clock.rule_id == rules.dismissal.vacate_rule)
    return next((clock.due[0].at for clock in found), None)
