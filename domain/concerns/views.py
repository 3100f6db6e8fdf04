"""Summary and list row of a concern. Peer review content is marked, because not everybody may read it."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime

from domain.cases import journal_rows, waiting
from domain.cases.views import CaseStatusSummary, CaseSummary, CaseView, Waiting
from domain.concerns.case import QualityConcernCase
from domain.concerns.forms import (
    ClosureForm,
    CommitteeForm,
    PeerReviewForm,
    ReferralForm,
    ReferralOutcomeForm,
    TriageForm,
)
from domain.model import Model
from domain.vocabulary import ProcessKind

SECOND = timedelta(seconds=1)  # the due second itself is in time


class ConcernSummary(Model):
    """The summary of a concern. `acknowledge_by` is when triage is due, `acknowledged_at` when it was done (UTC)."""

    kind: str
    what: str
    raised_by: str
    raised_at: AwareDatetime
    about_dossier: str
    about_task: str | None
    member_id: str
    severity: int | None
    severity_means: str | None
    acknowledge_by: AwareDatetime | None
    acknowledged_at: AwareDatetime | None
    acknowledged_in_time: bool | None
    triage: TriageForm | None
    care_management: tuple[ReferralForm, ...]
    care_management_outcome: ReferralOutcomeForm | None
    closing: ClosureForm | None
    peer_review: PeerReviewForm | None
    committee: CommitteeForm | None


PEER_REVIEW_FIELDS = ("peer_review", "committee")
"""The confidential parts of the summary: only people who work on the peer review may see them."""


def concern_summary(concern: QualityConcernCase) -> ConcernSummary:
    level, due, done = concern.severity, concern.triage_due, concern.triaged_at
    return ConcernSummary(
        kind=concern.kind,
        what=concern.what,
        raised_by=concern.raised_by,
        raised_at=concern.received_at,
        about_dossier=concern.about_case_id,
        about_task=concern.about_task_id,
        member_id=concern.member_id,
        severity=level,
        severity_means=None if level is None else concern.rules.severity(level).means,
        acknowledge_by=due,
        acknowledged_at=done,
        acknowledged_in_time=None if done is None or due is None else done < due + SECOND,
        triage=concern.triage,
        care_management=tuple(concern.referrals),
        care_management_outcome=concern.referral_outcome,
        closing=concern.closure,
        peer_review=concern.peer_review,
        committee=concern.committee,
    )


def case_summary(concern: QualityConcernCase) -> CaseSummary:
    return CaseSummary(process=ProcessKind.CONCERN, content=concern_summary(concern).model_dump(mode="json"))


def case_view(concern: QualityConcernCase) -> CaseView:
    """The row of the concern for lists."""
    level = "" if concern.severity is None else f", severity {concern.severity}"
    title = (
        f"{concern.kind.replace('_', ' ')} concern{level}" if concern.kind != "care_management" else "care management"
    )
    return journal_rows.member_case_view(concern, ProcessKind.CONCERN, title, concern.status, current_wait(concern))


def current_wait(concern: QualityConcernCase) -> Waiting | None:
    """The current wait of the concern; None when it waits for nobody."""
    return waiting.task_wait(concern) if concern.is_open else None


def status_summary(concern: QualityConcernCase) -> CaseStatusSummary:
    """The status of the concern, with a sentence that names the zone of its times."""
    return waiting.status_summary(concern, concern.status, current_wait(concern))
