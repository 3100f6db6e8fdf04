"""Early ends of approved care, as claims see them."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from activities.lookups.authorizations import _reduction_dates
from domain.cases.views import CaseStatus
from domain.requests.after_decision import AfterDecision, AfterDecisionKind
from domain.requests.request import StayPurpose, StayReference
from domain.vocabulary import AskedBy


def test_an_authorization_that_ended_early_is_cut_by_its_versions_alone_line_by_line() -> None:
    ends = StayReference(process_id="PA-FIRST", purpose=StayPurpose.REDUCTION, round=1, effective_on=date(2027, 1, 14))
    early = AfterDecision(case_id="PA-FIRST", kind=AfterDecisionKind.END_EARLY, asked_by=AskedBy.PLAN)
    views: list[Any] = [SimpleNamespace(case_id="PA-FIRST-F1", status=CaseStatus.APPROVED_IN_PART)]
    request: Any = SimpleNamespace(stay=ends, after=early)
    of_stay: Any = SimpleNamespace(stay=ends, after=None)
    assert _reduction_dates(views, {"PA-FIRST-F1": request}) == {}
    assert _reduction_dates(views, {"PA-FIRST-F1": of_stay}) == {"PA-FIRST": date(2027, 1, 14)}
