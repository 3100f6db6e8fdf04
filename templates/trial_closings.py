"""Trial letters on what staff without a clinical license do: ends without a decision, and decisions on the plan's documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from domain.decisions.benefits import SignedBenefitDecision
from domain.decisions.reviewers import StaffCredential
from domain.decisions.signed import LineDecision
from domain.letters.orders import LetterFacts
from domain.letters.request_facts import (
    DismissalFacts,
    ImproperFilingFacts,
    MisdirectedFacts,
    NotCoveredFacts,
    RequestDetails,
)
from domain.vocabulary import LineOutcome, NoticeKind, StaffDuty

_SENT = datetime(2026, 3, 3, 16, 5, tzinfo=UTC)


def trial_closings(kind: NoticeKind, request: RequestDetails) -> Iterator[tuple[str, LetterFacts]]:
    """Every way in which a notice of this kind is ordered: its name in words, and its facts."""
    match kind:
        case NoticeKind.DISMISSAL:
            yield (
                "as dismissed",
                DismissalFacts(
                    request=request,
                    dismissal_reason="What we got was not a valid request for a decision.",
                    dismissal_explanation="We asked twice which care is wanted, and nobody told us",
                    dismissal_citation="42 CFR 1.1",
                ),
            )
        case NoticeKind.NOT_COVERED:
            yield "on no day", NotCoveredFacts(request=request)
            yield "with another payer", NotCoveredFacts(request=request, other_payer="Sample Mutual")
            yield "on some days", NotCoveredFacts(request=request, covered_until=date(2026, 4, 30))
        case NoticeKind.MISDIRECTED:
            yield (
                "as forwarded",
                MisdirectedFacts(
                    request=request,
                    forwarded_to="Sample Mutual",
                    forwarded_address="1-800-555-0170",
                    forwarded_by="fax",
                    forwarded_at=_SENT,
                ),
            )
        case NoticeKind.IMPROPER_FILING:
            yield (
                "as it came",
                ImproperFilingFacts(
                    request=request,
                    filing_missing="the plan of care; the signature of your doctor",
                    how_to_file="Send our form UM-1 by fax to 1-800-555-0101",
                ),
            )


def trial_benefit_decision(at: datetime) -> SignedBenefitDecision:
    """A decision on the plan's documents, as a letter holds it."""
    return SignedBenefitDecision(
        category="benefit",
        decision_id="D-2",
        case_id="SAMPLE",
        task_id="SAMPLE-T2",
        reviewer_id="sample",
        credential=StaffCredential(duty=StaffDuty.BENEFIT_DECISIONS, number="EX-1", expires=date(2030, 1, 1)),
        no_conflict_of_interest=True,
        provision_id="SAMPLE-1",
        lines=(LineDecision(line_id="1", outcome=LineOutcome.DENIED),),
        attestation="I looked it up.",
        signed_at=at,
    )
