"""A proper benefit decision and its circumstances, for the tests of who may sign one and on what."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import JsonValue

from domain.decisions.benefits import (
    BenefitCircumstances,
    NecessityAnswer,
    PlanProvision,
    ProvisionKind,
    SignedBenefitDecision,
)
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import LineDecision
from domain.vocabulary import LineOutcome, Lob
from tests.domain.authorization.casebook import BENEFIT_SIGNER, START, make_license
from tests.domain.authorization.casebook import STAFF as EVERYBODY

STAFF = next(one for one in EVERYBODY if one.reviewer_id == "benefits")
SIGNER = BENEFIT_SIGNER.model_copy(update={"rule_id": "BENEFIT-MCD", "lob": Lob.MEDICAID})
LIMIT = PlanProvision(
    provision_id="HANDBOOK-LIMIT",
    kind=ProvisionKind.LIMIT,
    lobs=(Lob.MEDICAID, Lob.MEDICARE_ADVANTAGE),
    codes=("0SG00A0",),
    document="Member Handbook",
    section="Section 5",
    words="We cover two of these devices in a calendar year.",
    needs_judgment=False,
    first_day=date(2024, 1, 1),
)
JUDGED = LIMIT.model_copy(update={"provision_id": "EXPERIMENTAL", "needs_judgment": True})
OF_PLAN = StructuredReason(
    asked="Your doctor asked us to cover two more devices this year.",
    records_read=("Member Handbook",),
    findings=(
        CriterionFinding(
            criterion=LIMIT.words, finding="You got two devices in March of this year.", citation=LIMIT.citation
        ),
    ),
    rule=LIMIT.words,
    rule_citation=LIMIT.citation,
    gap="Both devices of this year were used.",
    what_would_change="A record that one of the two devices was never given to you.",
    plain_words="Your handbook says that we cover two of these devices in a calendar year. "
    "Our records show that you got two of them in March of this year.",
    plan_provision=LIMIT.citation,
)
AT = BenefitCircumstances(
    case_id="PA-TEST",
    task_id="PA-TEST-T3",
    task_opened_at=START,
    line_id="1",
    lob=Lob.MEDICAID,
    zone="America/Chicago",
    involved_npis=("1999999984",),
    codes=("0SG00A0",),
    provisions=(LIMIT, JUDGED),
    clinician_first=False,
    need=None,
    criteria_settled=True,
    is_emergency=False,
    now=START + timedelta(hours=3),
)
NOT_NEEDED = NecessityAnswer(
    line_id="1",
    reviewer_id="md.fit",
    licence=make_license(),
    necessary=False,
    rationale="The growth chart shows that the device in use fits.",
    answered_at=START + timedelta(hours=1),
)


def line_of(reason: StructuredReason | None = OF_PLAN, **changes: object) -> LineDecision:
    content: dict[str, object] = {"line_id": "1", "outcome": LineOutcome.DENIED, "reason": reason}
    return LineDecision.model_validate(content | changes)


def benefit_decision(who: Reviewer = STAFF, **changes: object) -> SignedBenefitDecision:
    """A complete and proper decision, but for `changes`; signed and sealed."""
    content: dict[str, object] = {
        "category": "benefit",
        "decision_id": "D-1",
        "case_id": "PA-TEST",
        "task_id": "PA-TEST-T3",
        "reviewer_id": who.reviewer_id,
        "credential": STAFF.credentials[0],
        "no_conflict_of_interest": True,
        "provision_id": LIMIT.provision_id,
        "lines": (line_of(),),
        "attestation": "I looked it up myself.",
        "signed_at": START + timedelta(hours=2),
    }
    return SignedBenefitDecision.model_validate(content | changes).with_signature()


def need(necessary: bool) -> dict[str, JsonValue]:
    """The form by which a clinician answers whether the care is needed in spite of a limit."""
    return {"necessary": necessary, "rationale": "The growth chart of March shows how the device in use fits."}
