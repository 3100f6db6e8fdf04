"""Letter contexts for tests: a full context for every notice, audience and line of business."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

from domain.clocks.consequences import Liability, LiableParty
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.decisions.reviewers import License
from domain.decisions.signed import SignedDecision
from domain.follow_ups.wording import cancelled_words
from domain.letters.context import (
    AskedFact,
    AskedGroup,
    ConsumerHelp,
    DecidedBy,
    ElementCondition,
    HearingOffice,
    LetterContext,
    LetterLine,
    NoticeElement,
    Party,
    PlanContact,
)
from domain.letters.notice_rules import NoticeRule
from domain.letters.request_facts import AnyRequestFacts, MissingInformation, RequestDetails
from domain.vocabulary import STAY_NOTICES, Audience, LineOutcome, Lob, NoticeKind, ServiceKind, Urgency
from templates.trial_closings import trial_benefit_decision
from tests.templates.stay_samples import FACILITY, PRACTICE, QIO, STAY_UNLESS, STAY_WHERE, stay_of

PLAN = PlanContact(
    plan_name="Prairie Health Plan",
    phone="1-800-555-0100",
    tty="711",
    fax="1-800-555-0101",
    address=("P.O. Box 4100", "Springfield, IL 62701"),
    hours="8 a.m. to 8 p.m., 7 days a week",
    website="www.prairiehealth.example",
    appeals_address=("Appeals, P.O. Box 4200", "Springfield, IL 62701"),
    appeals_phone="1-800-555-0103",
    appeals_fax="1-800-555-0104",
    peer_to_peer_phone="1-800-555-0102",
)
MEMBER = Party(name="Rosa Alvarez", address=("12 Elm Street, Apt 4", "Decatur, IL 62521"))
DOCTOR = Party(
    name="Dr. Daniel Lee",
    address=("Decatur Spine Clinic", "400 Lake Road", "Decatur, IL 62521"),
    phone="1-217-555-0177",
    fax="1-217-555-0178",
    npi="1234567893",
)
REASON = StructuredReason(
    asked=(
        "Dr. Lee asked us to cover an MRI of your lower back. An MRI is a test that takes pictures of the inside of the body."
    ),
    records_read=("Office note from Dr. Lee, February 20, 2026", "X-ray report, February 18, 2026"),
    findings=(
        CriterionFinding(
            criterion="At least 6 weeks of conservative care",
            finding="Pain began 2 weeks before the visit; no therapy or medication trial is recorded",
            source="Office note, February 20, 2026",
            citation="LCD L34220",
        ),
        CriterionFinding(
            criterion="A red flag such as weakness, cancer, infection or trauma",
            finding="Strength 5/5 in both legs; no red flag is recorded",
            source="Office note, February 20, 2026",
            citation="LCD L34220",
        ),
    ),
    rule="Magnetic resonance imaging of the lumbar spine, version 2026.1",
    rule_citation="LCD L34220",
    gap="The record shows neither 6 weeks of conservative care nor a red flag.",
    what_would_change=(
        "Dr. Lee can send us notes that show six weeks of care that did not help, or notes that show a warning sign."
    ),
    plain_words=(
        "The notes say that your back began to hurt two weeks before your visit. They do not show six weeks of care for the "
        "pain, such as exercise, physical therapy, or pain medicine. They also do not show a warning sign, such as weak legs, "
        "cancer, an infection, or a bad fall. Our rule covers this test when one of the two is shown."
    ),
    plan_provision="Evidence of Coverage, Chapter 4, Section 2",
)
ASKED = (
    AskedGroup(
        line_id="1",
        title="How the lower back pain was treated",
        any_one_of=True,
        options=(
            (AskedFact(fact_id="pt.weeks", ask="How long physical therapy lasted", unit="weeks"),),
            (
                AskedFact(fact_id="med.name", ask="Which pain medicine was tried"),
                AskedFact(fact_id="med.weeks", ask="How long it was taken", unit="weeks"),
            ),
        ),
    ),
    AskedGroup(
        line_id="1",
        title="The examination",
        any_one_of=False,
        options=((AskedFact(fact_id="exam.strength", ask="Strength of both legs, with the date of the examination"),),),
    ),
)
SIGNED = SignedDecision(
    decision_id="D-1",
    case_id="PA-2026-000417",
    task_id="T-1",
    reviewer_id="md.stone",
    licence=License(profession="physician", state="IL", number="EX-1", expires=date(2028, 7, 31), unrestricted=True),
    specialty="orthopedic_surgery",
    no_conflict_of_interest=True,
    evidence_opened=("doc-1",),
    criteria_answered=(),
    lines=(),
    attestation="I reviewed it.",
    signed_at=datetime(2026, 3, 4, 16, 40, tzinfo=UTC),
)
CONSEQUENCES = {
    Lob.MEDICARE_ADVANTAGE: "deemed_adverse",
    Lob.PART_D: "deemed_adverse_forward",
    Lob.MEDICAID: "deemed_denied",
    Lob.CHIP: "deemed_denied",
}


OF_EVERY_REQUEST = {
    "urgency": Urgency.STANDARD,
    "decision_due": datetime(2026, 3, 10, 4, 59, 59, tzinfo=UTC),
    "decision_due_citation": "42 CFR 422.568(b)(1)",
}
FACTS_OF = {facts.model_fields["kind"].default: facts for facts in get_args(AnyRequestFacts)}


def line(**changes: Any) -> LetterLine:
    """The MRI that the sample request asks for."""
    values: dict[str, Any] = {
        "line_id": "1",
        "description": "MRI of the lower back",
        "code": "72148",
        "quantity": Decimal(1),
        "unit": "test",
        "start": date(2026, 3, 9),
        "end": date(2026, 4, 8),
    }
    return LetterLine(**(values | changes))


def context(notice: NoticeKind, audience: Audience, lob: Lob, **changes: Any) -> LetterContext:
    """A context that fills every required element of the notice; `changes` replace fields."""
    values: dict[str, Any] = {
        "notice": notice,
        "audience": audience,
        "lob": lob,
        "zone": "America/Chicago",
        "issue_date": date(2026, 3, 4),
        "case_number": "PA-2026-000417",
        "letter_number": "L-2026-001288",
        "recipient": MEMBER if audience is Audience.MEMBER else DOCTOR,
        "plan": PLAN,
        "member_name": MEMBER.name,
        "member_id": "PHP4471902",
        "requesting_provider": DOCTOR,
        "servicing_provider": Party(name="Decatur Imaging Center"),
        "service_kind": ServiceKind.MEDICAL,
        "received_at": datetime(2026, 3, 2, 15, 12, tzinfo=UTC),
        "lines": (line(),),
        "diagnoses": ("M54.50",),
        "consumer_help": ConsumerHelp(name="the Illinois Office of Consumer Health Insurance", phone="1-877-527-9431"),
    }
    about_stay = notice in STAY_NOTICES
    more = _of_stay(notice, audience, lob) if about_stay else OF_EVERY_REQUEST | _of_kind(notice, audience, lob)
    return _arranged(notice, values | more | changes)


def _arranged(notice: NoticeKind, values: dict[str, Any]) -> LetterContext:
    """The context with each value in its place: beside the facts, in the facts, or in what all facts on a request have."""
    beside = {name: value for name, value in values.items() if name in LetterContext.model_fields}
    others = {name: value for name, value in values.items() if name not in beside}
    if notice in STAY_NOTICES:
        stay = others.pop("stay")
        return LetterContext(**beside, facts=stay.model_copy(update=others))
    of_all = {name: others.pop(name) for name in [*others] if name in RequestDetails.model_fields}
    request = RequestDetails(request_version=1, lines=(), **of_all)
    return LetterContext(**beside, facts=FACTS_OF[notice](request=request, **others))


def _of_stay(notice: NoticeKind, audience: Audience, lob: Lob) -> dict[str, Any]:
    """A letter about a stay has no request: neither provider nor lines nor clocks of one."""
    stay = stay_of(notice)
    return {
        "recipient": {Audience.MEMBER: MEMBER, Audience.PROVIDER: FACILITY, Audience.PCP: PRACTICE}[audience],
        "requesting_provider": None,
        "servicing_provider": None,
        "received_at": None,
        "lines": (),
        "diagnoses": (),
        "stay": stay,
        "qio": QIO if lob is Lob.MEDICARE_ADVANTAGE else None,
    }


def _of_kind(notice: NoticeKind, audience: Audience, lob: Lob) -> dict[str, Any]:
    match notice:
        case NoticeKind.ACKNOWLEDGMENT:
            return {}
        case NoticeKind.INFORMATION_REQUEST:
            due = datetime(2026, 3, 7, 5, 59, 59, tzinfo=UTC)
            return {"asked": ASKED, "missing": MissingInformation(), "respond_by": due}
        case NoticeKind.EXTENSION:
            return {
                "extension_reason": (
                    "We asked a clinic outside our network for your test results. They may help us approve the request, "
                    "and they have not come yet"
                ),
                "new_due": datetime(2026, 3, 24, 4, 59, 59, tzinfo=UTC),
                "asked": ASKED,
                "respond_by": datetime(2026, 4, 21, 4, 59, 59, tzinfo=UTC),
            }
        case NoticeKind.APPROVAL:
            approved = line(
                outcome=LineOutcome.APPROVED,
                approved_quantity=Decimal(1),
                approved_start=date(2026, 3, 9),
                approved_end=date(2026, 4, 8),
            )
            return {
                "lines": (approved,),
                "authorization_number": "A-77310-26",
                "approved_by_rule": "MRI of the lumbar spine, version 2026.1",
            }
        case NoticeKind.ADVERSE_DETERMINATION:
            return {
                "lines": (line(outcome=LineOutcome.DENIED, reason=REASON),),
                "signed": SIGNED,
                "decided_at": SIGNED.signed_at,
                "decided_by": DecidedBy(
                    name="Miriam Stone", credential="MD", specialty="Orthopaedic surgery", licence_state="IL"
                ),
                "peer_to_peer_until": datetime(2026, 3, 18, 22, 0, tzinfo=UTC),
            }
        case NoticeKind.NOT_REQUIRED:
            return {"not_required_because": "Your plan does not ask for approval before this test"}
        case NoticeKind.WITHDRAWN:
            return {"withdrawn_by": "Decatur Spine Clinic, on March 3, 2026"}
        case NoticeKind.CHANGE_NOTICE:
            return {"what_changed": cancelled_words(("MRI of the lower back",), rest_goes_on=True)}
        case NoticeKind.DISMISSAL:
            return {
                "dismissal_reason": "What we got was not a valid request for a decision.",
                "dismissal_explanation": "We asked the clinic twice which test is wanted, and nobody told us",
                "dismissal_citation": "42 CFR 422.568(g)(2)",
            }
        case NoticeKind.NOT_COVERED:
            return {}
        case NoticeKind.MISDIRECTED:
            return {
                "forwarded_to": "Prairie Health Plan",
                "forwarded_address": "1-800-555-0171",
                "forwarded_by": "fax",
                "forwarded_at": datetime(2026, 3, 3, 16, 5, tzinfo=UTC),
            }
        case NoticeKind.IMPROPER_FILING:
            return {
                "filing_missing": "the name of the test; the signature of the doctor",
                "how_to_file": "Send our form UM-1 by fax",
            }
        case NoticeKind.EXPEDITE_NOT_GRANTED:
            return {
                "expedite_refusal_reason": (
                    "The notes we have do not show that waiting seven days could seriously harm your health"
                )
            }
        case NoticeKind.TEMPORARY_SUPPLY:
            return {"supply_time": "30 days", "supply_citation": "42 CFR 423.120(b)(3)"}
        case NoticeKind.OTHER_BENEFIT:
            return {
                "paid_by": "Medicare Part D",
                "benefit_citation": "42 CFR 410.29",
                "same_plan": False,
                "moved": False,
            }
        case NoticeKind.PEER_TO_PEER_OFFER:
            return {"peer_to_peer_until": datetime(2026, 3, 6, 23, 0, tzinfo=UTC)}
        case NoticeKind.MISSED_DEADLINE:
            return {
                "missed_due": datetime(2026, 3, 10, 4, 59, 59, tzinfo=UTC),
                "missed_citation": "42 CFR 422.568(b)(1)",
                "consequence": CONSEQUENCES.get(lob, "deemed_exhausted"),
                "issue_date": date(2026, 3, 10),
            }
        case _:
            raise AssertionError(f"{notice} is no letter about a request")


APPROVED_LINE = line(
    line_id="2",
    description="X-ray of the lower back",
    code="72100",
    outcome=LineOutcome.APPROVED,
    approved_quantity=Decimal(1),
    approved_start=date(2026, 3, 4),
    approved_end=date(2026, 4, 8),
)
LATER_LINE = APPROVED_LINE.model_copy(update={"approved_start": date(2026, 3, 20)})
DENIED_LINE = line(outcome=LineOutcome.DENIED, reason=REASON)
MISSED_DEADLINE = {
    "missed_due": datetime(2026, 3, 10, 4, 59, 59, tzinfo=UTC),
    "missed_citation": "42 CFR 422.568(b)(1)",
}
LIABILITY = Liability(
    bearer=LiableParty.PLAN,
    pays_for="the care after the emergency was under control",
    until="the patient leaves the hospital",
    cite="42 CFR 422.113(c)(2)",
)

HEARING_OFFICE = HearingOffice(
    agency="the Bureau of Hearings", phone="1-800-555-0155", address=("69 Court Street", "Springfield, IL 62704")
)
MAKES_HOLD: dict[ElementCondition, dict[str, Any]] = {
    ElementCondition.ALWAYS: {},
    ElementCondition.NOTHING_APPROVED: {"lines": (DENIED_LINE,)},
    ElementCondition.SOMETHING_APPROVED: {"lines": (APPROVED_LINE, DENIED_LINE), "authorization_number": "A-77310-26"},
    ElementCondition.NO_DECISION_CLOCK: {"decision_due": None, "decision_due_citation": None},
    ElementCondition.STANDARD: {"urgency": Urgency.STANDARD},
    ElementCondition.BENEFIT_MOVED: {"same_plan": True, "moved": True},
    ElementCondition.BENEFIT_OF_SAME_PLAN: {"same_plan": True},
    ElementCondition.PAID_BY_PART_B: {"paid_by": "Medicare Part B"},
    ElementCondition.OTHER_PAYER: {"paid_by": "Medicare Part B"},
    ElementCondition.EXPEDITED: {"urgency": Urgency.EXPEDITED},
    ElementCondition.INFORMATION_ASKED: {"asked": ASKED},
    ElementCondition.PEER_TO_PEER_OPEN: {"peer_to_peer_until": datetime(2026, 3, 18, 22, 0, tzinfo=UTC)},
    ElementCondition.DECIDED_BY_RULE: {"approved_by_rule": "MRI of the lumbar spine, version 2026.1"},
    ElementCondition.FAIR_HEARING_OFFICE_KNOWN: {"fair_hearing": HEARING_OFFICE},
    ElementCondition.IN_CARE: {"in_care": True},
    ElementCondition.CARE_TO_COME: {"in_care": False},
    ElementCondition.CARE_LATER: {"lines": (LATER_LINE,)},
    ElementCondition.CHANGES_AUTHORIZATION: {"follows": "change"},
    ElementCondition.REOPENED: {"follows": "reopening"},
    ElementCondition.FIRST_DECISION: {"on_appeal": False},
    ElementCondition.ON_APPEAL: {"on_appeal": True},
    ElementCondition.APPEAL_UPHELD: {"on_appeal": True, "lines": (DENIED_LINE,)},
    ElementCondition.APPEAL_GRANTED_IN_PART: {
        "on_appeal": True,
        "lines": (APPROVED_LINE, DENIED_LINE),
        "authorization_number": "A-77310-26",
    },
    ElementCondition.HEARING_OFFICE_AFTER_APPEAL: {"on_appeal": True, "fair_hearing": HEARING_OFFICE},
    ElementCondition.APPEALABLE_CARE_GIVEN: {"care_given": True},
    ElementCondition.SERVICE_REDUCED: {"effective_on": date(2026, 3, 21)},
    ElementCondition.DECIDED_SINCE: {"decided_since": True},
    ElementCondition.EXCEPTION_GRANTED: {"exception_until": date(2026, 12, 31)},
    ElementCondition.LOWER_TIER_GRANTED: {"lower_tier": True},
    ElementCondition.ASKED_BEFORE: {"asked_before": True},
    ElementCondition.EMERGENCY_SUPPLY: {"emergency": True},
    ElementCondition.BENEFIT_DECISION: {"signed": trial_benefit_decision(SIGNED.signed_at), "peer_to_peer_until": None},
    ElementCondition.NO_DAY_COVERED: {"covered_until": None},
    ElementCondition.SOME_DAYS_COVERED: {"covered_until": date(2026, 3, 31)},
    ElementCondition.OTHER_PAYER_KNOWN: {"other_payer": "Prairie Health Plan"},
    ElementCondition.CARE_GIVEN: {"care_given": True},
    ElementCondition.ANSWERED_LATE: {"answered_late": True, **MISSED_DEADLINE},
    ElementCondition.APPROVED_BY_LAW: {"approved_by_law": True, **MISSED_DEADLINE},
    ElementCondition.DEEMED_ADVERSE: {"consequence": "deemed_adverse"},
    ElementCondition.PLAN_PAYS: {"liability": LIABILITY, "liable_since": datetime(2026, 3, 3, 15, 0, tzinfo=UTC)},
}
"""Changes that make each condition hold."""

MAKES_NOT_HOLD: dict[ElementCondition, dict[str, Any]] = {
    ElementCondition.NO_DECISION_CLOCK: {"decision_due": OF_EVERY_REQUEST["decision_due"]},
    ElementCondition.PEER_TO_PEER_OPEN: {"peer_to_peer_until": None},
    ElementCondition.DECIDED_BY_RULE: {"approved_by_rule": None},
    ElementCondition.INFORMATION_ASKED: {"asked": ()},
    ElementCondition.CARE_LATER: {"lines": (APPROVED_LINE,)},
    ElementCondition.HEARING_OFFICE_AFTER_APPEAL: {"fair_hearing": None},
}
"""Changes that make a condition not hold, where it holds in the full context."""


def context_for_rule(rule: NoticeRule, **changes: Any) -> LetterContext:
    """The full context for a rule."""
    kind = {"service_kind": ServiceKind.PHARMACY_DRUG} if rule.lob is Lob.PART_D else {}
    return context(rule.kind, rule.audience, rule.lob, **(kind | changes))


def context_that_needs(rule: NoticeRule, element: NoticeElement) -> LetterContext:
    """A context in which this very element is required, also where the rule has others of its key."""
    changes = dict(MAKES_HOLD.get(element.when, {}))
    of_stay = dict(STAY_WHERE.get(element.when, {}))
    for other in rule.elements:
        if other is element:
            break
        if other.key == element.key:
            changes = MAKES_NOT_HOLD.get(other.when, {}) | changes
            of_stay = STAY_UNLESS.get(other.when, {}) | of_stay
    if rule.kind in STAY_NOTICES:
        changes["stay"] = stay_of(rule.kind, **of_stay)
    found = context_for_rule(rule, **changes)
    assert element in rule.required(found), f"no context makes {element.key} ({element.when}) required"
    return found
