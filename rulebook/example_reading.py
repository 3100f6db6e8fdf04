"""Parser of worked examples of clocks: the file's format, the names of events, the facts that an example omits.

Facts that an example omits are taken from its rule: an example of a California rule is about an insured Californian, one of
an appeal clock is in the appeal. A start event that is omitted happened when the example was received.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from domain.calendars import CalendarError, utc_of_local_time, zone_of
from domain.clocks.events import ClockEvent, EventKind, ExtensionReason
from domain.clocks.facts import ClockFacts, ContractLength
from domain.clocks.rules import ClockLength, ClockRule, StartChoice
from domain.model import Model
from domain.vocabulary import Circumstance, Lob, Proceeding, ReviewKind, ServiceKind, Urgency

ExampleValue = str | int | float | bool

DEFAULT_ZONE = "America/New_York"
_NOON = time(12)

# Commentary that an example may carry beside what is run.
COMMENTARY = ("why", "assumptions", "tags", "rule_confidence", "title", "note", "cites", "sources", "confidence")


class NotCovered(ValueError):
    """The runner cannot interpret the example: it neither passes nor fails."""


class ExampleEvent(Model):
    """One line under `events`, as written."""

    event: str
    at: str | None = None
    on: str | None = None
    reason: str | None = None
    days_given: int | None = Field(default=None, ge=0)
    hours_given: int | None = Field(default=None, ge=0)
    decision_by: date | None = None
    value: str | None = None


class Example(Model):
    """One worked example, as written; `facts` overrides the facts taken from the rule, `variant` selects a variant of it."""

    id: str
    rule_id: str
    variant: str | None = None
    lob: str = ""
    type: str = ""
    zone: str = DEFAULT_ZONE
    received: str
    events: tuple[ExampleEvent, ...] = ()
    facts: dict[str, Any] = {}
    expect: dict[str, ExampleValue | None]
    tags: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class ParsedExample(NamedTuple):
    """A worked example as interpreted: its rule, facts and events; `told` are the kinds of the stated events."""

    rule: ClockRule
    facts: ClockFacts
    events: tuple[ClockEvent, ...]
    told: tuple[EventKind, ...]


def parse_example(data: Any) -> Example:
    """Parse an example: commentary is dropped, unknown keys are set aside. Raises ValidationError."""
    if not isinstance(data, dict):
        return Example.model_validate(data)
    kept = {key: value for key, value in data.items() if key in Example.model_fields and key != "unknown"}
    strange = sorted(key for key in data if key not in Example.model_fields and key not in COMMENTARY)
    return Example.model_validate(kept | {"unknown": strange})


def interpret_example(example: Example, rules: tuple[ClockRule, ...]) -> ParsedExample:
    """Interpret an example by the rules. Raises NotCovered for an unknown rule, event or key."""
    if example.unknown:
        raise NotCovered(f"the example has a key that is not known: {', '.join(example.unknown)}")
    try:
        zone_of(example.zone)
    except CalendarError as problem:
        raise NotCovered(str(problem)) from problem
    rule = _rule_of(example, rules)
    events = [event for told in example.events for event in _events(told, example)]
    told = tuple(event.kind for event in events)
    return ParsedExample(rule, _facts(example, rule), (*events, *_implied_start(rule, example, told)), told)


# -- facts -----------------------------------------------------------------------------------------------------------------

_LOBS = {
    "medicaid_managed_care": Lob.MEDICAID,
    "medicaid_ffs": Lob.MEDICAID,
    "chip_managed_care": Lob.CHIP,
    "chip_ffs": Lob.CHIP,
    "dsnp_integrated": Lob.MEDICARE_ADVANTAGE,
    "qhp_ffe": Lob.QHP,
    "individual_market": Lob.COMMERCIAL_ACA,
}
_CIRCUMSTANCES = {
    "medicaid_ffs": Circumstance.FEE_FOR_SERVICE,
    "chip_ffs": Circumstance.FEE_FOR_SERVICE,
    "dsnp_integrated": Circumstance.INTEGRATED_DUAL_PLAN,
}
_EXPEDITED = {"pre_service_expedited", "drug_expedited", "urgent_concurrent", "expedited_appeal", "expedite_refused"}
_STANDARD = {"pre_service_standard", "drug_standard", "drug", "concurrent", "post_service", "appeal_level_1"}
_REVIEW_KINDS = {
    "pre_service_standard": ReviewKind.PROSPECTIVE,
    "pre_service_expedited": ReviewKind.PROSPECTIVE,
    "concurrent": ReviewKind.CONCURRENT,
    "urgent_concurrent": ReviewKind.CONCURRENT,
    "post_service": ReviewKind.RETROSPECTIVE,
}


def _rule_of(example: Example, rules: tuple[ClockRule, ...]) -> ClockRule:
    """The version or variant that the example is about: the one it names, else the first that fits its type."""
    found = [rule for rule in rules if rule.rule_id == example.rule_id]
    if example.variant is not None:
        found = [rule for rule in found if rule.variant == example.variant]
    if not found:
        name = f"{example.rule_id} {example.variant or ''}".strip()
        raise NotCovered(f"no rule is called {name}")
    urgency, kind = _urgency(example.type), _REVIEW_KINDS.get(example.type)
    fitting = [
        rule
        for rule in found
        if rule.applies.urgency in (None, urgency or rule.applies.urgency)
        and (kind is None or not rule.applies.review_kind or kind in rule.applies.review_kind)
    ]
    return min(fitting or found, key=lambda rule: bool(rule.variant))


def _urgency(kind: str) -> Urgency | None:
    if kind in _EXPEDITED:
        return Urgency.EXPEDITED
    return Urgency.STANDARD if kind in _STANDARD else None


def _facts(example: Example, rule: ClockRule) -> ClockFacts:
    applies, told = rule.applies, _facts_from_events(example, rule)
    kind = _REVIEW_KINDS.get(example.type)
    if kind is None or (applies.review_kind and kind not in applies.review_kind):
        kind = applies.review_kind[0] if applies.review_kind else ReviewKind.PROSPECTIVE
    lob = _lob(example, rule)
    stated = {*applies.circumstances[:1], *({_CIRCUMSTANCES[example.lob]} if example.lob in _CIRCUMSTANCES else ())}
    ordinary = ServiceKind.PHARMACY_DRUG if lob is Lob.PART_D else ServiceKind.MEDICAL
    facts: dict[str, Any] = {
        "lob": lob,
        "urgency": _urgency(example.type) or applies.urgency or Urgency.STANDARD,
        "received_at": _instant(example.received, example),
        "zone": example.zone,
        "proceeding": applies.proceeding[0] if applies.proceeding else Proceeding.AUTHORIZATION,
        "review_kind": kind,
        "service_kind": applies.service_kind[0] if applies.service_kind else ordinary,
        "requires_prior_authorization": applies.requires_prior_authorization is not False,
        "state": applies.state[0] if applies.state else None,
        "self_funded": applies.self_funded,
        "electronic": applies.electronic,
        "accreditations": (applies.accredited_by,) if applies.accredited_by else (),
        "circumstances": tuple(sorted(stated)),
        "noncontract_records_needed": applies.noncontract_records_needed,
        "clean_noncontract_claim": applies.clean_noncontract_claim,
    }
    try:
        return ClockFacts.model_validate(facts | told | example.facts)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise NotCovered(f"facts: {'.'.join(map(str, first['loc']))}: {first['msg']}") from problem


def _lob(example: Example, rule: ClockRule) -> Lob:
    """The line of business: the stated one; for a State's or an accreditor's clock the first that its rule binds."""
    if example.lob in _LOBS:
        return _LOBS[example.lob]
    if not example.lob or example.lob.startswith(("state_", "accreditation_")):
        return rule.applies.lob[0] if rule.applies.lob else Lob.COMMERCIAL_ERISA
    try:
        return Lob(example.lob)
    except ValueError as problem:
        raise NotCovered(f"no line of business is called {example.lob}") from problem


def _facts_from_events(example: Example, rule: ClockRule) -> dict[str, Any]:
    """Facts of the case that examples write as events."""
    facts: dict[str, Any] = {}
    for told in example.events:
        match _event_name(told.event):
            case "rating_period_start":
                facts["rating_period_start"] = told.on or told.at
            case "approved_course_ends":
                facts["course_ends_at"] = _instant(told.at or told.on or "", example)
                facts["review_kind"] = ReviewKind.CONCURRENT
            case "state_contract_time":
                facts["contract_times"] = (_contract_time(told, rule),)
    return facts


def _contract_time(told: ExampleEvent, rule: ClockRule) -> ContractLength:
    try:
        number, unit = (told.value or "").split(" ", 1)
        length = ClockLength.model_validate({"value": int(number), "unit": unit.replace(" ", "_")})
    except ValueError as problem:
        raise NotCovered(
            f"the value {told.value!r} of {told.event} is no length such as '5 calendar days'"
        ) from problem
    return ContractLength(rule_id=rule.rule_id, length=length, source="State contract")


_FACT_EVENTS = {"rating_period_start", "approved_course_ends", "state_contract_time"}

# -- events ----------------------------------------------------------------------------------------------------------------

_EVENT_ALIASES = {
    EventKind.REQUEST_RECEIVED: (
        "claim_received",
        "communication_received",
    ),
    EventKind.EXTENSION_NOTICE_SENT: ("extension_taken_with_written_notice",),
    EventKind.EXTENSION_DECIDED: ("extension_or_refusal_decided",),
    EventKind.INFORMATION_REQUESTED: ("missing_information_notice",),
    EventKind.COMPLETE_SUBMISSION: ("complete_electronic_submission",),
    EventKind.EXPEDITE_REFUSED: ("refusal_decided",),
    EventKind.DECISION_MADE: (
        "denial_decided",
        "determination",
        "decision",
        "action_affecting_claim",
    ),
    EventKind.ORAL_NOTICE_GIVEN: (
        "oral_notice",
        "oral_adverse_notice_given",
        "iro_oral_decision",
    ),
    EventKind.NOTICE_DATED: (
        "date_on_notice",
        "date_of_resolution_notice",
    ),
    EventKind.NOTICE_SENT: ("adverse_resolution_notice_sent",),
    EventKind.NOTICE_RECEIVED: (
        "denial_received",
        "final_denial_received",
        "denial_notice_received",
        "written_determination_received",
        "written_notice_received",
        "ire_notice_received",
        "adverse_or_final_notice_received",
    ),
    EventKind.EFFECTIVE_DATE_OF_ACTION: ("date_of_action",),
    EventKind.APPEAL_RECEIVED: ("enrollee_filed_plan_appeal",),
    EventKind.APPEAL_AFFIRMED: (
        "plan_affirms_denial",
        "affirmation",
    ),
    EventKind.TIME_EXPIRED: ("adjudication_timeframe_expires",),
    EventKind.CASE_FILE_RECEIVED: ("case_received_by_ire",),
    EventKind.REVERSAL_NOTICE_RECEIVED: (
        "ire_reversal_notice_received",
        "iro_decision_received",
    ),
    EventKind.EXTERNAL_REVIEW_REQUESTED: ("external_review_request_received",),
    EventKind.REVIEWER_RECEIVED_REQUEST: (
        "iro_receives_request",
        "request_received_by_ire",
    ),
    EventKind.REVIEWER_ASSIGNED: ("iro_assigned",),
    EventKind.PRESCRIBER_STATEMENT_RECEIVED: ("prescriber_supporting_statement_received",),
    EventKind.INPATIENT_ADMISSION: (
        "admission",
        "admitted",
    ),
    EventKind.OBSERVATION_BEGAN: ("observation_services_begin",),
    EventKind.COVERAGE_END: ("coverage_end_date",),
    EventKind.DISCHARGE: (
        "planned_discharge",
        "planned_discharge_date",
    ),
    EventKind.QIO_NOTIFIED: (
        "qio_notifies_plan",
        "qio_notifies_plan_or_hospital",
    ),
    EventKind.QIO_HAS_INFORMATION: ("qio_has_necessary_information",),
    EventKind.QIO_DECIDED: ("qio_decision_notice",),
    EventKind.ENROLLMENT_EFFECTIVE: ("enrollment_effective_date",),
}
"""The reference's own names of events, beside ours."""
_KINDS = {kind.value: kind for kind in EventKind} | {
    name: kind for kind, names in _EVENT_ALIASES.items() for name in names
}

_REASONS = {
    "enrollee asked": ExtensionReason.ENROLLEE_ASKED,
    "member asked": ExtensionReason.ENROLLEE_ASKED,
    "missing information": ExtensionReason.MISSING_INFORMATION,
    "plan justified": ExtensionReason.PLAN_JUSTIFIED,
    "matters beyond plan control, nothing missing from claimant": ExtensionReason.PLAN_JUSTIFIED,
}

# Prefixes that limit an event to the clocks of one law: ERISA_extension_notice_sent is about the clocks of ERISA alone.
_LAWS = ("erisa", "aca", "ma", "pd", "mcd", "chip", "qhp", "ca", "tx", "ny", "wa", "il", "ncqa", "urac")

_STARTED_BY_OTHERS = {
    EventKind.REQUEST_RECEIVED,
    EventKind.EXPEDITED_REQUEST_RECEIVED,
    EventKind.INFORMATION_REQUESTED,
    EventKind.INFORMATION_RECEIVED,
    EventKind.EXPEDITE_REFUSED,
    EventKind.TIME_EXPIRED,
}


def _event_name(event: str) -> str:
    return event.strip().lower().replace(" ", "_").replace("-", "_").removesuffix("_late")


def _events(told: ExampleEvent, example: Example) -> list[ClockEvent]:
    name, law = _event_name(told.event), ""
    if name in _FACT_EVENTS:
        return []
    for prefix in _LAWS:
        if name not in _KINDS and name.startswith(f"{prefix}_"):
            name, law = name.removeprefix(f"{prefix}_"), prefix.upper()
    if name not in _KINDS:
        raise NotCovered(f"no event is called {told.event}")
    at = told.at or told.on
    if at is None:
        raise NotCovered(f"the event {told.event} has neither at nor on")
    reason = _reason(told, bool(law))
    event = ClockEvent(
        kind=_KINDS[name],
        at=_instant(at, example),
        on=_day(told.on),
        reason=reason,
        days_given=told.days_given,
        hours_given=told.hours_given,
        decision_by=told.decision_by,
    )
    return [event.model_copy(update={"rules": _rules_of_law(law)})] if law else [event]


def _rules_of_law(law: str) -> tuple[str, ...]:
    """The rules that a law's own extension notice is about."""
    return tuple(f"{law}-{name}" for name in ("PRESERVICE", "POSTSERVICE", "STD", "RETRO", "OD-STD-PA", "SA-STD"))


def _reason(told: ExampleEvent, by_law: bool) -> ExtensionReason | None:
    """The stated reason; a law's own notice that gives time for an answer is about missing information."""
    if told.reason is None:
        return ExtensionReason.MISSING_INFORMATION if by_law and told.days_given is not None else None
    words = told.reason.strip().lower()
    named = words.replace(" ", "_")
    if words in _REASONS:
        return _REASONS[words]
    if named in set(ExtensionReason):
        return ExtensionReason(named)
    known = ", ".join(reason.value for reason in ExtensionReason)
    raise NotCovered(f"no reason for an extension is called {told.reason!r}; there are {known}")


def _implied_start(rule: ClockRule, example: Example, told: tuple[EventKind, ...]) -> list[ClockEvent]:
    """The start event that the example states only as its receipt."""
    if rule.starts is None or rule.starts.take is StartChoice.LATEST:
        return []
    kinds = [point.event for point in rule.starts.points]
    if any(kind in told or kind in _STARTED_BY_OTHERS for kind in kinds):
        return []
    kind = kinds[-1] if rule.starts.take is StartChoice.PREFERRED else kinds[0]
    return [ClockEvent(kind=kind, at=_instant(example.received, example), on=_day(example.received))]


def _day(text: str | None) -> date | None:
    """The date that the text names, when it names no time of day."""
    return date.fromisoformat(text) if text is not None and len(text) == len("2026-01-01") else None


def _instant(text: str, example: Example) -> datetime:
    """An instant with its offset; of a date alone, noon in the example's zone."""
    try:
        day = _day(text)
        at = datetime.fromisoformat(text) if day is None else utc_of_local_time(day, _NOON, zone_of(example.zone))
    except ValueError as problem:
        raise NotCovered(f"{text!r} is neither a date nor an instant") from problem
    if at.tzinfo is None:
        raise NotCovered(f"{text!r} has no offset: write one, such as 2026-11-03T09:15:00-05:00")
    return at
