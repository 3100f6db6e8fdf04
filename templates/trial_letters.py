"""Trial letters: sample facts by which every notice is written without a case, to prove that it can be written.

The people and services are invented. Each variant is a way in which a process orders the notice: nothing but the words of the
rulebook and the offices of the plan and the State decides whether the letter comes about.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.decisions.reviewers import License
from domain.decisions.signed import SignedDecision
from domain.follow_ups.wording import cancelled_words
from domain.letters.context import (
    AskedFact,
    AskedGroup,
    ConsumerHelp,
    DecidedBy,
    HearingOffice,
    LetterContext,
    LetterLine,
    Party,
    PlanContact,
)
from domain.letters.notice_rules import AppealRights, NoticeRule
from domain.letters.orders import LetterFacts
from domain.letters.request_facts import (
    AcknowledgmentFacts,
    AdverseFacts,
    ApprovalFacts,
    ChangeNoticeFacts,
    ExpediteRefusalFacts,
    ExtensionFacts,
    InformationRequestFacts,
    MissedDeadlineFacts,
    MissingInformation,
    NotRequiredFacts,
    OtherBenefitFacts,
    PeerToPeerOfferFacts,
    RequestDetails,
    TemporarySupplyFacts,
    WithdrawnFacts,
)
from domain.letters.stay_facts import ReviewOrganization
from domain.vocabulary import PART_B, PART_D, STAY_NOTICES, Audience, LineOutcome, NoticeKind, ServiceKind, Urgency
from templates.trial_closings import trial_benefit_decision, trial_closings
from templates.trial_stays import trial_stay

_DAY, _LAST = date(2026, 3, 9), date(2026, 6, 8)
_RECEIVED = datetime(2026, 3, 2, 15, 12, tzinfo=UTC)
_DUE = datetime(2026, 3, 10, 4, 59, 59, tzinfo=UTC)
_LATER = datetime(2026, 4, 21, 4, 59, 59, tzinfo=UTC)
_MEMBER = Party(name="Ada Sample", address=("1 Sample Street", "Springfield, IL 62701"))
_PROVIDER = Party(name="Sample Clinic", address=("2 Sample Street", "Springfield, IL 62701"), npi="1999999984")
_REASON = StructuredReason(
    asked="Your doctor asked us to cover twelve visits of physical therapy.",
    records_read=("Office note of March 1, 2026",),
    findings=(
        CriterionFinding(
            criterion="A plan of care with goals",
            finding="The note holds no plan of care",
            source="Office note of March 1, 2026",
            citation="Sample rule 1",
        ),
    ),
    rule="Physical therapy, version 1",
    rule_citation="Sample rule 1",
    gap="The record does not show a plan of care.",
    what_would_change="Your doctor can send us a plan of care that shows the goals of the visits.",
    plain_words="Your notes do not show a plan for the visits. Our rule asks for a plan with goals before we cover them.",
    plan_provision="Evidence of Coverage, Chapter 4",
)
_SIGNED = SignedDecision(
    decision_id="D-1",
    case_id="TRIAL",
    task_id="T-1",
    reviewer_id="reviewer",
    licence=License(profession="physician", state="IL", number="1", expires=date(2030, 1, 1), unrestricted=True),
    specialty="physical_medicine",
    no_conflict_of_interest=True,
    evidence_opened=("note",),
    criteria_answered=(),
    lines=(),
    attestation="I reviewed it.",
    signed_at=_RECEIVED,
)
_ASKED = (
    AskedGroup(
        line_id="1",
        title="The plan of care",
        any_one_of=False,
        options=((AskedFact(fact_id="plan.goals", ask="The goals of the visits"),),),
    ),
    AskedGroup(
        line_id="1",
        title="None of the reasons against visits",
        any_one_of=False,
        none_of=True,
        options=(
            (
                AskedFact(fact_id="plan.fracture", ask="Is there a fracture that has not healed?"),
                AskedFact(fact_id="plan.infection", ask="Is there an infection of the joint?"),
            ),
        ),
    ),
    AskedGroup(
        line_id="1",
        title="Limited movement",
        any_one_of=True,
        options=(
            (AskedFact(fact_id="plan.flexion", ask="Flexion of the knee", unit="deg"),),
            (AskedFact(fact_id="plan.walk", ask="Time of a walk of ten meters", unit="s"),),
        ),
        instead=("A fall within the last three months",),
    ),
)


class Variant(NamedTuple):
    """One way in which a notice is ordered: its name in words, its facts, and what differs in the context."""

    name: str
    facts: LetterFacts
    changes: dict[str, Any]


class TrialPlace(NamedTuple):
    """The plan and the offices of a State by which trial letters are written."""

    plan: PlanContact
    consumer_help: ConsumerHelp | None
    hearing_office: HearingOffice | None
    qio: ReviewOrganization | None


def trial_contexts(
    rule: NoticeRule, kind: ServiceKind, rights: AppealRights | None, place: TrialPlace
) -> Iterator[tuple[str, LetterContext]]:
    """Every variant of a notice for this kind of service, with its context."""
    for variant in _variants(rule, rights):
        values: dict[str, Any] = {
            "notice": rule.kind,
            "audience": rule.audience,
            "lob": rule.lob,
            "zone": "America/Chicago",
            "issue_date": date(2026, 3, 10),
            "case_number": "TRIAL",
            "letter_number": "TRIAL:1",
            "recipient": _MEMBER if rule.audience is Audience.MEMBER else _PROVIDER,
            "plan": place.plan,
            "member_name": _MEMBER.name,
            "member_id": "SAMPLE-1",
            "facts": variant.facts,
            "service_kind": kind,
            "consumer_help": place.consumer_help,
            "fair_hearing": place.hearing_office,
        }
        if rule.kind in STAY_NOTICES:
            values["qio"] = place.qio
        else:
            values |= {"requesting_provider": _PROVIDER, "received_at": _RECEIVED, "lines": (_line(),)}
        yield variant.name, LetterContext(**(values | variant.changes))


def _line(outcome: LineOutcome | None = None, **changes: Any) -> LetterLine:
    """The line that the sample request asks for, answered with this outcome."""
    values: dict[str, Any] = {
        "line_id": "1",
        "description": "Physical therapy",
        "code": "G0151",
        "quantity": Decimal(12),
        "unit": "visit",
        "start": _DAY,
        "end": _LAST,
        "outcome": outcome,
    }
    if outcome in (LineOutcome.DENIED, LineOutcome.APPROVED_IN_PART):
        values["reason"] = _REASON
    return LetterLine(**(values | changes))


_NEEDS_A_CLOCK = frozenset({NoticeKind.EXTENSION, NoticeKind.EXPEDITE_NOT_GRANTED})
_TELLS_THE_CLOCK = frozenset(
    {
        NoticeKind.ACKNOWLEDGMENT,
        NoticeKind.INFORMATION_REQUEST,
        NoticeKind.PEER_TO_PEER_OFFER,
        NoticeKind.TEMPORARY_SUPPLY,
        NoticeKind.OTHER_BENEFIT,
    }
)
_APPROVED = {"approved_quantity": Decimal(12), "approved_start": _DAY, "approved_end": _LAST}
_WITHOUT_DATES = {"start": None, "end": None}


def _variants(rule: NoticeRule, rights: AppealRights | None) -> Iterator[Variant]:
    if rule.kind in STAY_NOTICES:
        yield Variant("for a stay", trial_stay(rule), {})
        return
    for words, request in _requests(rule):
        yield from (one._replace(name=f"{one.name}, {words}") for one in _of_kind(rule, request, rights))


def _requests(rule: NoticeRule) -> Iterator[tuple[str, RequestDetails]]:
    """The request in its urgencies, and without a clock for its decision where the notice can be ordered without."""
    for urgency in Urgency:
        if urgency in rule.never_when:
            continue
        request = RequestDetails(
            request_version=1, urgency=urgency, lines=(), decision_due=_DUE, decision_due_citation="42 CFR 1.1"
        )
        yield urgency.value, request
        if rule.kind in _TELLS_THE_CLOCK or (urgency is Urgency.STANDARD and rule.kind not in _NEEDS_A_CLOCK):
            without = {"decision_due": None, "decision_due_citation": None}
            yield f"{urgency.value}, without a decision clock", request.model_copy(update=without)


def _of_kind(rule: NoticeRule, request: RequestDetails, rights: AppealRights | None) -> Iterator[Variant]:
    match rule.kind:
        case NoticeKind.ACKNOWLEDGMENT:
            yield Variant("as received", AcknowledgmentFacts(request=request), {})
            yield Variant("about a change", AcknowledgmentFacts(request=request, follows="change"), {})
            yield Variant("about a denial", AcknowledgmentFacts(request=request, follows="reopening"), {})
            yield Variant("of an appeal", AcknowledgmentFacts(request=_on_appeal(request)), {})
        case NoticeKind.INFORMATION_REQUEST:
            facts = InformationRequestFacts(request=request, missing=MissingInformation(), respond_by=_LATER)
            yield Variant("with a question", facts, {"asked": _ASKED})
            again = facts.model_copy(update={"asked_before": True})
            yield Variant("with a question after another", again, {"asked": _ASKED})
        case NoticeKind.EXTENSION:
            yield from _extensions(request)
        case NoticeKind.APPROVAL:
            yield from _approvals(request)
        case NoticeKind.ADVERSE_DETERMINATION:
            yield from _denials(request, rights)
        case NoticeKind.NOT_REQUIRED:
            why = "Your plan does not ask for approval before this care"
            yield Variant("as found", NotRequiredFacts(request=request, not_required_because=why), {})
        case NoticeKind.WITHDRAWN:
            for who in ("member", "provider", "plan"):
                yield Variant(f"by the {who}", WithdrawnFacts(request=request, withdrawn_by=who), {})
        case NoticeKind.CHANGE_NOTICE:
            what = cancelled_words(("Physical therapy",), rest_goes_on=True)
            yield Variant("of a request", ChangeNoticeFacts(request=request, what_changed=what), {})
        case NoticeKind.DISMISSAL | NoticeKind.NOT_COVERED | NoticeKind.MISDIRECTED | NoticeKind.IMPROPER_FILING:
            yield from (Variant(name, facts, {}) for name, facts in trial_closings(rule.kind, request))
        case NoticeKind.EXPEDITE_NOT_GRANTED:
            why = "Your notes do not show that waiting could harm your health"
            yield Variant("as refused", ExpediteRefusalFacts(request=request, expedite_refusal_reason=why), {})
        case NoticeKind.TEMPORARY_SUPPLY:
            for emergency, time in ((False, "30 days"), (True, "3 days")):
                supply = TemporarySupplyFacts(
                    request=request, supply_time=time, supply_citation="42 CFR 1.1", emergency=emergency
                )
                yield Variant("in an emergency" if emergency else "in transition", supply, {})
        case NoticeKind.OTHER_BENEFIT:
            yield from _benefits(request)
        case NoticeKind.PEER_TO_PEER_OFFER:
            yield Variant("as offered", PeerToPeerOfferFacts(request=request, peer_to_peer_until=_LATER), {})
        case NoticeKind.MISSED_DEADLINE:
            yield from _misses(rule, request)


def _on_appeal(request: RequestDetails) -> RequestDetails:
    return request.model_copy(update={"on_appeal": True})


def _benefits(request: RequestDetails) -> Iterator[Variant]:
    for payer in (PART_B, PART_D):
        for words, same_plan, moved in (
            ("elsewhere", False, False),
            ("to be moved", True, False),
            ("moved", True, True),
        ):
            facts = OtherBenefitFacts(
                request=request, paid_by=payer, benefit_citation="42 CFR 1.1", same_plan=same_plan, moved=moved
            )
            yield Variant(f"{payer}, {words}", facts, {})


def _extensions(request: RequestDetails) -> Iterator[Variant]:
    why = "We asked a clinic outside our network for your test results, and they have not come yet"
    yield Variant("asked for", ExtensionFacts(request=request, extension_reason=why, new_due=_LATER), {})
    waiting = ExtensionFacts(request=request, extension_reason=why, new_due=_LATER, respond_by=_LATER)
    yield Variant("for information", waiting, {"asked": _ASKED})


def _approvals(request: RequestDetails) -> Iterator[Variant]:
    base = ApprovalFacts(request=request, authorization_number="AUTH-1")
    whole = _line(LineOutcome.APPROVED, **_APPROVED)
    late = {"missed_due": _DUE, "missed_citation": "42 CFR 1.1"}
    yield Variant("by a clinician", base, {"lines": (whole,)})
    by_rule = base.model_copy(update={"approved_by_rule": "Physical therapy, version 1"})
    yield Variant("by rule", by_rule, {"lines": (whole,)})
    yield Variant("late", base.model_copy(update={"answered_late": True, **late}), {"lines": (whole,)})
    by_law = base.model_copy(update={"approved_by_law": True, **late})
    yield Variant("by law", by_law, {"lines": (whole,)})
    excepted = base.model_copy(update={"exception_until": _LAST, "lower_tier": True})
    yield Variant("of an exception", excepted, {"lines": (whole,)})
    later = _line(LineOutcome.APPROVED, **_APPROVED | {"approved_start": date(2026, 3, 20)})
    yield Variant("of care that begins later", base, {"lines": (later,)})
    yield Variant("of a change", base.model_copy(update={"follows": "change"}), {"lines": (whole,)})
    yield Variant("after a reopening", base.model_copy(update={"follows": "reopening"}), {"lines": (whole,)})
    yield Variant("on appeal", base.model_copy(update={"request": _on_appeal(request)}), {"lines": (whole,)})
    no_dates = _line(LineOutcome.APPROVED, approved_quantity=Decimal(12), **_WITHOUT_DATES)
    yield Variant("without dates", base, {"lines": (no_dates,)})


def _denials(request: RequestDetails, rights: AppealRights | None) -> Iterator[Variant]:
    base = AdverseFacts(request=request, signed=_SIGNED, decided_at=_RECEIVED)
    who = {"decided_by": DecidedBy(name="Miriam Sample", credential="MD", specialty="physical medicine")}
    part = base.model_copy(update={"authorization_number": "AUTH-1"})
    staff = {"decided_by": DecidedBy(name="Jonas Sample", credential="benefit specialist")}
    of_plan = base.model_copy(update={"signed": trial_benefit_decision(_RECEIVED)})
    yield Variant("by the plan's documents", of_plan, {"lines": (_line(LineOutcome.DENIED),), **staff})
    dated = _line(LineOutcome.APPROVED_IN_PART, approved_quantity=Decimal(6), approved_start=_DAY, approved_end=_LAST)
    units = _line(LineOutcome.APPROVED_IN_PART, approved_quantity=Decimal(6))
    bare = _line(LineOutcome.APPROVED_IN_PART, approved_quantity=Decimal(6), **_WITHOUT_DATES)
    other = _line(LineOutcome.APPROVED, line_id="2", description="A walker", code="E0130", **_APPROVED)
    denied = _line(LineOutcome.DENIED)
    yield Variant("denied", base, who | {"lines": (denied,)})
    yield Variant("in part, with dates", part, who | {"lines": (dated,)})
    yield Variant("in part, by units only", part, who | {"lines": (units,)})
    yield Variant("in part, by units only, of a request without dates", part, who | {"lines": (bare,)})
    yield Variant("one line of two", part, who | {"lines": (denied, other)})
    yield Variant(
        "with a talk open", base.model_copy(update={"peer_to_peer_until": _LATER}), who | {"lines": (denied,)}
    )
    for payer in (PART_B, PART_D):
        yield Variant(f"because {payer} pays", base.model_copy(update={"paid_by": payer}), who | {"lines": (denied,)})
    yield Variant("in care", base, who | {"lines": (denied,), "in_care": True})
    reduced = base.model_copy(update={"effective_on": date(2026, 4, 1)})
    yield Variant("of care that ends", reduced, who | {"lines": (denied,), "in_care": True})
    on_appeal = {"request": _on_appeal(request)}
    yield Variant("on appeal", base.model_copy(update=on_appeal), who | {"lines": (denied,)})
    yield Variant("on appeal, in part", part.model_copy(update=on_appeal), who | {"lines": (denied, other)})
    yield Variant(
        "on appeal, after the care", base.model_copy(update=on_appeal), who | {"lines": (denied,), "care_given": True}
    )
    if rights is not None and rights.after_care_decision is not None:
        yield Variant("after the care", base, who | {"lines": (denied,), "care_given": True})


def _misses(rule: NoticeRule, request: RequestDetails) -> Iterator[Variant]:
    for effect in rule.consequences or ("deemed_adverse", "deemed_exhausted"):
        base = MissedDeadlineFacts(
            request=request, consequence=str(effect), missed_due=_DUE, missed_citation="42 CFR 1.1"
        )
        yield Variant(f"{effect}", base, {})
        yield Variant(f"{effect}, decided since", base.model_copy(update={"decided_since": True}), {})
