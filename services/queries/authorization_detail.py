"""Everything on file about one authorization, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from domain.cases.views import LineView
from domain.follow_ups.terms import AuthorizationVersion
from domain.journal import EntryKind
from domain.requests.request import AuthorizationRequest
from services.queries.authorizations import FollowUpRow, follow_up_rows
from services.queries.case_detail import CaseDetail, load_common_parts
from services.request_versions import load_current_version, proposed_changes
from store import cases
from store import criteria_traces as verdicts
from store.criteria_traces import StoredCriteriaResult
from store.requests import StoredRequest


@dataclass(frozen=True, kw_only=True)
class AuthorizationDetail(CaseDetail):
    """Everything on file about an authorization."""

    request: AuthorizationRequest
    version: int
    lines: tuple[LineView, ...]
    verdicts: tuple[StoredCriteriaResult, ...]
    proposals: tuple[str, ...] = ()
    follow_ups: tuple[FollowUpRow, ...] = ()
    versions: tuple[AuthorizationVersion, ...] = ()
    coded_data: tuple[int, int, int] = (0, 0, 0)
    """The number of facts, coded statements and answers that came with the request and later records."""


def load_authorization_detail(s: Session, case_id: str) -> AuthorizationDetail:
    """Load everything on file about an authorization. Raises NotOnFile when there is no such case."""
    stored = load_current_version(s, case_id)
    return AuthorizationDetail(
        **load_common_parts(s, case_id),
        request=stored.request,
        version=stored.version,
        lines=cases.lines(s, case_id),
        verdicts=verdicts.of_case(s, case_id),
        proposals=proposed_changes(s, case_id),
        follow_ups=_follow_ups(s, case_id),
        versions=cases.authorization_versions(s, case_id) if stored.request.after is None else (),
        coded_data=count_data(stored),
    )


def _follow_ups(s: Session, case_id: str) -> tuple[FollowUpRow, ...]:
    view = cases.get(s, case_id)
    return follow_up_rows(s, view) if view is not None else ()


def count_data(stored: StoredRequest) -> tuple[int, int, int]:
    """The number of facts, coded statements and answers that came with a stored request."""
    kept: dict[str, Any] = stored.answers if isinstance(stored.answers, dict) else {}
    return len(stored.request.facts), len(kept.get("statements", ())), len(kept.get("answers", ()))


def missed_clock_effects(detail: AuthorizationDetail) -> list[dict[str, Any]]:
    """Legal effects of each missed decision clock, in order: effect, rule, the instant it counts from (ISO, UTC), citation,
    text, liability, and the recipient of the case file with the time it was sent. Older entries hold the effect alone."""
    sent = [entry for entry in detail.entries if entry.kind is EntryKind.CASE_FORWARDED]
    found = []
    for entry in detail.entries:
        if entry.kind is EntryKind.CONSEQUENCE_APPLIED:
            names = ("effect", "rule", "since", "citation", "words", "liability", "forward_to", "next_rule")
            known = {name: entry.data.get(name) for name in names}
            went = [one.data["forwarded_at"] for one in sent if known["next_rule"] == one.data["rule"]]
            found.append(known | {"forwarded_at": went[0] if went and known["forward_to"] else None})
    return found
