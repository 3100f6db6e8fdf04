"""A concern as lists and screens show it. What a peer review found stands apart, because not everybody may read it."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime

from domain.cases import task_case_views as contact_rows
from domain.cases.views import CaseView, ProcessKind, Sheet
from domain.concerns.case import Concern
from domain.concerns.forms import (
    ClosureForm,
    CommitteeForm,
    PeerReviewForm,
    ReferralForm,
    ReferralOutcomeForm,
    TriageForm,
)
from domain.model import Model

SECOND = timedelta(seconds=1)  # the due second itself is in time


class ConcernView(Model):
    """The whole concern. `acknowledge_by` is when the first look is due, `acknowledged_at` when it was done (UTC)."""

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


CONFIDENTIAL = ("peer_review", "committee")
"""The parts of the view that are the peer review's: they are shown to whoever works with it, and to nobody else."""


def view(concern: Concern) -> ConcernView:
    level, due, done = concern.severity, concern.triage_due, concern.triaged_at
    return ConcernView(
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


def sheet(concern: Concern) -> Sheet:
    return Sheet(process=ProcessKind.CONCERN, content=view(concern).model_dump(mode="json"))


def row(concern: Concern) -> CaseView:
    """One row of the case list. Raises LookupError before the first look."""
    level = "" if concern.severity is None else f", severity {concern.severity}"
    title = (
        f"{concern.kind.replace('_', ' ')} concern{level}" if concern.kind != "care_management" else "care management"
    )
    return contact_rows.row(concern, ProcessKind.CONCERN, title, concern.status)
