"""Everything that the store knows of one request's case, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from domain.cases.views import LineView
from domain.journal import EntryKind
from domain.requests.request import AuthorizationRequest
from services.queries.case_detail import DossierDetail, common
from services.request_versions import current
from store import cases
from store import criteria_traces as verdicts
from store.criteria_traces import StoredVerdict


@dataclass(frozen=True, kw_only=True)
class Detail(DossierDetail):
    """Everything that the store knows of a request's case."""

    request: AuthorizationRequest
    version: int
    lines: tuple[LineView, ...]
    verdicts: tuple[StoredVerdict, ...]


def detail_of(s: Session, case_id: str) -> Detail:
    """Raises LookupError when there is no such case."""
    stored = current(s, case_id)
    return Detail(
        **common(s, case_id),
        request=stored.request,
        version=stored.version,
        lines=cases.lines(s, case_id),
        verdicts=verdicts.of_case(s, case_id),
    )


def consequences(detail: Detail) -> list[dict[str, Any]]:
    """What the law made of each missed decision clock, in order: effect, rule, the instant it counts from (ISO, UTC), citation,
    words, who pays, and to whom the case file goes and went. Older entries hold the effect alone."""
    sent = [entry for entry in detail.entries if entry.kind is EntryKind.CASE_FORWARDED]
    found = []
    for entry in detail.entries:
        if entry.kind is EntryKind.CONSEQUENCE_APPLIED:
            names = ("effect", "rule", "since", "citation", "words", "liability", "forward_to", "next_rule")
            known = {name: entry.data.get(name) for name in names}
            went = [one.data["forwarded_at"] for one in sent if known["next_rule"] == one.data["rule"]]
            found.append(known | {"forwarded_at": went[0] if went and known["forward_to"] else None})
    return found
