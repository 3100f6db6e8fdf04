"""A sample case without Temporal, a store or a rulebook, for tests of the pure domain."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.authorization import intake_findings
from domain.authorization.assessment import Assessment, CoverageFinding, CriteriaFinding, LineAssessment, ReviewPolicy
from domain.authorization.case import AuthorizationCase
from domain.authorization.orders import ReviewContext
from domain.cases.escalation_ladders import EscalationAction, EscalationLadder, EscalationLadders, EscalationStep
from domain.cases.tasks import TaskStatus
from domain.clocks.engine import Clock, DueInstant
from domain.clocks.rules import Confidence, Consequence, DueKind, MissedClockEffect
from domain.coverage.requirements import Requirement
from domain.decisions.benefits import BenefitSignerRule
from domain.decisions.closings import ClosingRules, DismissalGround, DismissalReason, DismissalRule, FilingRule
from domain.decisions.determination import ApprovalBasis, CriterionAnswer, DeciderRule, LineDecision, SignedDecision
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.decisions.reviewers import License, Reviewer, StaffCredential
from domain.decisions.signed import RecordOpening
from domain.evidence.facts import EvidenceTier
from domain.vocabulary import AskedBy, LineOutcome, Lob, Role, ServiceKind, StaffDuty, Urgency

START = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
DUE = START + timedelta(days=7)
RULE = DeciderRule(
    rule_id="DEC-MA-OD",
    lob=Lob.MEDICARE_ADVANTAGE,
    roles=(Role.PHYSICIAN, Role.MEDICAL_DIRECTOR),
    professions=("physician",),
    unrestricted_licence=True,
    same_state=False,
    specialty=True,
    peer_to_peer_first=True,
    citations=("42 CFR 422.566(d)",),
    confidence="confirmed",
)
POLICY = ReviewPolicy(
    information_wait_share=0.6,
    peer_to_peer_share=0.4,
    missed_clock_task_hours=24,
    letter_repair_hours=4,
    expedite_decision_hours=4,
    coverage_question_hours=24,
    expedite_decision_role=Role.PHYSICIAN,
    nurse_professions=("registered_nurse",),
    evidence_floor=EvidenceTier.DOCUMENT,
)
LADDERS = EscalationLadders(
    ladders=(
        EscalationLadder(
            ladder_id="general",
            steps=(
                EscalationStep(
                    share_left=0.5, to=Role.SUPERVISOR, action=EscalationAction.ESCALATE, says="Half is gone."
                ),
                EscalationStep(
                    share_left=0.1, to=Role.MEDICAL_DIRECTOR, action=EscalationAction.TAKE_OVER, says="Nearly gone."
                ),
            ),
        ),
    )
)
CLOSINGS = ClosingRules(
    dismissal=DismissalRule(
        rule_id="DISMISS-MA-OD",
        lob=Lob.MEDICARE_ADVANTAGE,
        grounds=tuple(
            DismissalGround(
                reason=reason,
                least_efforts=1
                if reason in (DismissalReason.NO_REPRESENTATIVE_FORM, DismissalReason.INVALID_REQUEST)
                else 0,
                words="It is dismissed.",
                cite="42 CFR 422.568(g)",
                confidence=Confidence.KNOWN,
            )
            for reason in DismissalReason
        ),
        vacate_rule="MA-DISMISSAL-VACATE",
        cites=("42 CFR 422.568(g)",),
        confidence=Confidence.KNOWN,
    ),
    filing=FilingRule(
        rule_id="FILING-ERISA",
        lobs=(Lob.COMMERCIAL_ERISA,),
        cite="29 CFR 2560.503-1(c)(1)",
        confidence=Confidence.KNOWN,
    ),
)
BENEFIT_SIGNER = BenefitSignerRule(
    rule_id="BENEFIT-TEST",
    lob=Lob.MEDICARE_ADVANTAGE,
    roles=(Role.BENEFITS,),
    clinician_first_under=21,
    citations=("42 USC 1396d(r)(5)",),
    confidence=Confidence.KNOWN,
)
REASON = StructuredReason(
    asked="Fusion of one level of the lower spine.",
    records_read=("Clinic notes",),
    findings=(
        CriterionFinding(criterion="12 months of treatment", finding="6 months documented", citation="LCD L37848"),
    ),
    rule="Fusion is covered after 12 months of other treatment.",
    rule_citation="LCD L37848",
    gap="Six months are missing.",
    what_would_change="Records that show 12 months of treatment.",
    plain_words="Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "The records that your doctor sent show 6 months of physical therapy so far.",
)


BASIS = ApprovalBasis(
    rationale="The record shows that nothing less has helped.", why_none="No criteria are on file for this care."
)
"""A reviewer's account of an approval."""


def make_license(
    profession: str = "physician", expires: date = date(2028, 7, 31), unrestricted: bool | None = True
) -> License:
    return License(profession=profession, state="IL", number="EX-1", expires=expires, unrestricted=unrestricted)


def reviewer(reviewer_id: str, *roles: Role, **changes: object) -> Reviewer:
    content: dict[str, object] = {
        "reviewer_id": reviewer_id,
        "name": reviewer_id,
        "roles": roles,
        "licences": (make_license(),),
        "specialties": ("orthopedic_surgery",),
        "npi": None,
        "training_valid_through": date(2027, 12, 31),
    }
    return Reviewer.model_validate(content | changes)


def credential(duty: StaffDuty, expires: date = date(2028, 7, 31)) -> StaffCredential:
    return StaffCredential(duty=duty, number="EX-1", expires=expires)


PHYSICIAN = reviewer("md.fit", Role.PHYSICIAN)
STAFF = (
    PHYSICIAN,
    reviewer(
        "benefits", Role.BENEFITS, licences=(), specialties=(), credentials=(credential(StaffDuty.BENEFIT_DECISIONS),)
    ),
    reviewer("nurse", Role.NURSE, licences=(make_license("registered_nurse"),), specialties=()),
    reviewer("md.wrong.field", Role.PHYSICIAN, specialties=("dermatology",)),
    reviewer("md.expired", Role.PHYSICIAN, licences=(make_license(expires=date(2026, 1, 1)),)),
    reviewer("md.restricted", Role.PHYSICIAN, licences=(make_license(unrestricted=False),)),
    reviewer("md.unknown.restriction", Role.PHYSICIAN, licences=(make_license(unrestricted=None),)),
    reviewer("md.untrained", Role.PHYSICIAN, training_valid_through=date(2026, 1, 1)),
    reviewer("md.never.trained", Role.PHYSICIAN, training_valid_through=None),
    reviewer("md.tied", Role.PHYSICIAN, conflicts=("1999999984",)),
    reviewer("md.involved", Role.PHYSICIAN, npi="1999999984"),
    reviewer("md.gone", Role.PHYSICIAN, active=False),
    reviewer("nurse.as.physician", Role.PHYSICIAN, licences=(make_license("registered_nurse"),)),
    reviewer("director", Role.MEDICAL_DIRECTOR, specialties=("internal_medicine",)),
    reviewer("supervisor", Role.SUPERVISOR, licences=(), specialties=()),
    reviewer("intake", Role.INTAKE, licences=(), specialties=()),
    reviewer("compliance", Role.COMPLIANCE, licences=(), specialties=()),
    reviewer("appeals", Role.APPEALS, licences=(), specialties=(), credentials=(credential(StaffDuty.DISMISSALS),)),
    reviewer(
        "enrollment", Role.ENROLLMENT, licences=(), specialties=(), credentials=(credential(StaffDuty.ENROLLMENT),)
    ),
    reviewer("dismisser.expired", Role.APPEALS, credentials=(credential(StaffDuty.DISMISSALS, date(2026, 1, 1)),)),
)


def criteria(state: str, *, auto: bool = False) -> CriteriaFinding:
    return CriteriaFinding(
        guideline_id="FUS",
        guideline_version="1",
        citation="LCD L37848",
        state=state,
        verdict_id=f"V-{state}",
        auto_approvable=auto,
        missing_facts=("sp.nonop_months",) if state == "unknown" else (),
        open_criteria=("FUS-2b",) if state == "not_met" else (),
    )


def line(line_id: str, found: CriteriaFinding | None, required: bool | None = True) -> LineAssessment:
    return LineAssessment(
        line_id=line_id,
        code="0SG00A0",
        description="Fusion of one lumbar joint",
        quantity=Decimal(2),
        start=date(2026, 12, 1),
        end=date(2026, 12, 31),
        requirement=Requirement(required=required, because="on the list", citation="list"),
        benefit=None,
        criteria=found,
        fitting_specialties=("orthopedic_surgery", "neurosurgery"),
    )


def assessment(*lines: LineAssessment, coverage: CoverageFinding = CoverageFinding.ACTIVE) -> Assessment:
    return Assessment(
        request_version=1,
        coverage=coverage,
        coverage_note="note",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        plan_id="P",
        lines=lines,
        decider=RULE,
        policy=POLICY,
        ladders=LADDERS,
        evidence=("doc-1",),
        codes=("0SG00A0", "M41.26"),
        involved_npis=("1999999984",),
        rulebook_version="test",
        closings=CLOSINGS,
        benefit_signer=BENEFIT_SIGNER,
    )


def clock(due: datetime = DUE) -> Clock:
    return Clock(
        rule_id="MA-OD-STD-PA",
        title="Standard",
        citation="42 CFR 422.568(b)(1)(ii)",
        confidence=Confidence.CONFIRMED,
        starts_at=START,
        base_due=due,
        due=(DueInstant(kind=DueKind.DECISION, at=due, reason="test", citation="42 CFR 422.568"),),
        missed=Consequence(effect=MissedClockEffect.DEEMED_ADVERSE, note="It may be appealed."),
    )


def open_case(*lines: LineAssessment, urgency: Urgency = Urgency.STANDARD) -> AuthorizationCase:
    """A case after its lookups, with one clock of seven days and the staff known."""
    case = AuthorizationCase(case_id="PA-TEST", request_version=1, received_at=START)
    found = assessment(*lines)
    case.apply_assessment(found, (clock(),))
    look = ReviewContext(
        eligibility_answered=True,
        assessment=found,
        clocks=case.clocks,
        service_kind=ServiceKind.MEDICAL,
        urgency=urgency,
        urgency_asked_by=AskedBy.PROVIDER,
        physician_statement=None,
        member_id="M",
        requesting_npi="1999999984",
    )
    intake_findings.open_case(case, look, START)
    case.reviewers = {who.reviewer_id: who for who in STAFF}
    read_records(case)
    return case


def read_records(case: AuthorizationCase, *more: Reviewer) -> None:
    """Let everybody have opened every record of the case."""
    for who in (*STAFF, *more):
        for record in case.require_context().evidence:
            case.remember_opening(RecordOpening(document_id=record, reviewer_id=who.reviewer_id, opened_at=START))


def claimed(case: AuthorizationCase, task_id: str, who: str) -> AuthorizationCase:
    """The case, in which this task is claimed."""
    taken = {"status": TaskStatus.CLAIMED, "assignee": who}
    case.tasks[task_id] = case.tasks[task_id].model_copy(update=taken)
    return case


def denial(case: AuthorizationCase, on: str, who: Reviewer = PHYSICIAN, **changes: object) -> SignedDecision:
    """A complete and proper denial of the task's lines, but for `changes`; signed and sealed."""
    task = case.tasks[on]
    content: dict[str, object] = {
        "decision_id": "D-1",
        "case_id": case.case_id,
        "task_id": on,
        "reviewer_id": who.reviewer_id,
        "licence": who.licences[0] if who.licences else make_license(),
        "specialty": who.specialties[0] if who.specialties else "orthopedic_surgery",
        "no_conflict_of_interest": True,
        "evidence_opened": ("doc-1",),
        "criteria_answered": (CriterionAnswer(node_id="FUS-2b", answer="not_met", note="6 months"),),
        "lines": tuple(LineDecision(line_id=n, outcome=LineOutcome.DENIED, reason=REASON) for n in task.line_ids),
        "attestation": "I reviewed the record myself.",
        "signed_at": task.opened_at + timedelta(hours=1),
    }
    return SignedDecision.model_validate(content | changes).with_signature()
