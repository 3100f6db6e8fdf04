"""Changes that remove the source of a required element from a context: by a blank in its text, or by its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.letters.blanks import blanks_of
from domain.letters.context import LetterContext, NoticeElement, Party
from domain.letters.notice_rules import AppealRights
from domain.letters.request_facts import RequestDetails, RequestFacts
from domain.vocabulary import LineOutcome

Blanking = Callable[[LetterContext], LetterContext]


def field(name: str, value: Any = None) -> Blanking:
    """Changes a field where it stands: beside the facts, in the facts, or in what all facts on a request have."""

    def change(context: LetterContext) -> LetterContext:
        if name in LetterContext.model_fields:
            return context.model_copy(update={name: value})
        facts = context.facts
        if isinstance(facts, RequestFacts) and name in RequestDetails.model_fields:
            found = {"request": facts.request.model_copy(update={name: value})}
        else:
            found = {name: value} if name in type(facts).model_fields else {}
        return context.model_copy(update={"facts": facts.model_copy(update=found)})

    return change


def plan(**changes: Any) -> Blanking:
    return lambda context: field("plan", context.plan.model_copy(update=changes))(context)


def lines(*outcomes: LineOutcome, **changes: Any) -> Blanking:
    """Changes every line, or those with one of the outcomes."""

    def change(context: LetterContext) -> LetterContext:
        changed = (
            each.model_copy(update=changes) if not outcomes or each.outcome in outcomes else each
            for each in context.lines
        )
        return field("lines", tuple(changed))(context)

    return change


def reasons(**changes: Any) -> Blanking:
    """Changes the reason of every line that has one."""

    def change(context: LetterContext) -> LetterContext:
        changed = (
            each.model_copy(update={"reason": each.reason.model_copy(update=changes)}) if each.reason else each
            for each in context.lines
        )
        return field("lines", tuple(changed))(context)

    return change


def liability(**changes: str) -> Blanking:
    """Blank something of who pays."""
    return lambda context: field(
        "liability", context.liability.model_copy(update=changes) if context.liability is not None else None
    )(context)


def stay(**changes: Any) -> Blanking:
    def change(context: LetterContext) -> LetterContext:
        return context if context.stay is None else field("facts", context.stay.model_copy(update=changes))(context)

    return change


def visit(**changes: Any) -> Blanking:
    """Changes the appointment of the letter."""

    def change(context: LetterContext) -> LetterContext:
        assert context.stay is not None and context.stay.appointment is not None
        return stay(appointment=context.stay.appointment.model_copy(update=changes))(context)

    return change


def each(listed: str, **changes: Any) -> Blanking:
    """Changes the first of a list of the stay."""

    def change(context: LetterContext) -> LetterContext:
        first, *others = getattr(context.stay, listed)
        return stay(**{listed: (first.model_copy(update=changes), *others)})(context)

    return change


BY_BLANK: dict[str, Blanking] = {
    "plan_phone": plan(phone=""),
    "plan_tty": plan(tty=" "),
    "plan_fax": plan(fax=""),
    "plan_address": plan(address=()),
    "plan_hours": plan(hours=""),
    "plan_website": plan(website=""),
    "appeals_address": plan(appeals_address=(), address=()),
    "appeals_phone": plan(appeals_phone=None, phone=""),
    "appeals_fax": plan(appeals_fax=None, fax=""),
    "peer_to_peer_phone": plan(peer_to_peer_phone=None, phone=""),
    "member_name": field("member_name", ""),
    "case_number": field("case_number", " "),
    "requesting_provider": field("requesting_provider", Party(name="")),
    "asker": field("requesting_provider", Party(name="")),
    "services": lines(description=" "),
    "approved_services": lines(LineOutcome.APPROVED, description=""),
    "denied_services": lines(LineOutcome.DENIED, description=""),
    "decision_due": field("decision_due"),
    "decision_due_citation": field("decision_due_citation", ""),
    "respond_by": field("respond_by"),
    "new_due": field("new_due"),
    "peer_to_peer_until": field("peer_to_peer_until"),
    "missed_due": field("missed_due"),
    "missed_citation": field("missed_citation"),
    "liability_for": liability(pays_for=" "),
    "liability_until": liability(until=""),
    "liability_citation": liability(cite=""),
    "liable_since": field("liable_since"),
    "authorization_number": field("authorization_number"),
    "approved_by_rule": field("approved_by_rule", " "),
    "extension_reason": field("extension_reason", "  "),
    "not_required_because": field("not_required_because"),
    "withdrawn_by": field("withdrawn_by"),
    "what_changed": field("what_changed", " "),
    "expedite_refusal_reason": field("expedite_refusal_reason"),
    "exception_until": field("exception_until"),
    "supply_time": field("supply_time", " "),
    "supply_citation": field("supply_citation", " "),
    **{
        name: field(name, " ")
        for name in (
            "dismissal_reason",
            "dismissal_explanation",
            "other_payer",
            "forwarded_to",
            "forwarded_address",
            "forwarded_by",
            "filing_missing",
            "how_to_file",
        )
    },
    "paid_by": field("paid_by", " "),
    "benefit_citation": field("benefit_citation", " "),
    "consumer_help_name": field("consumer_help"),
    "consumer_help_phone": field("consumer_help"),
    **{
        name: stay(**{name: None})
        for name in (
            "admitted_on",
            "observation_began",
            "certified_through",
            "review_from",
            "last_covered_day",
            "discharge_on",
            "qio_request_by",
        )
    },
    **{
        name: stay(**{name: " "})
        for name in (
            "facility",
            "service",
            "setting",
            "reason",
            "basis",
            "plan_policy",
            "changed_since",
            "what_would_change",
            "advance_exception",
            "signed_by",
        )
    },
    "liability_from": stay(last_covered_day=None),
    "effective_on": lambda context: field("effective_on")(stay(last_covered_day=None)(context)),
    "call_number": lambda context: plan(phone="")(stay(call_number=None)(context)),
    "appointment_with": visit(with_whom=""),
    "appointment_purpose": visit(purpose=" "),
    "appointment_at": stay(appointment=None),
    "appointment_place": visit(place=""),
    "qio_name": field("qio"),
    "qio_phone": field("qio"),
    "qio_tty": field("qio"),
}

FROM_RIGHTS: dict[str, Callable[[AppealRights], AppealRights | None]] = {
    **dict.fromkeys(("appeal_by", "appeal_days", "appeal_time", "fast_appeal_time"), lambda rights: None),
    **dict.fromkeys(("continue_by", "continue_days"), lambda rights: rights.model_copy(update={"continuation": None})),
    **dict.fromkeys(("hearing_by", "hearing_days"), lambda rights: rights.model_copy(update={"hearing_within": None})),
    **dict.fromkeys(("help_name", "help_phone"), lambda rights: rights.model_copy(update={"outside_help": None})),
}

TYPED = frozenset({"received", "forwarded_at", "covered_until", "hearing_agency", "hearing_phone", "hearing_address"})
"""Blanks whose source a typed context always has, or which are only asked for where it has them."""

BY_KEY: dict[str, tuple[Blanking, ...]] = {
    "recipient_address": (
        field("recipient", Party(name="Somebody")),
        field("recipient", Party(name="", address=("1 Road",))),
    ),
    "member_name": (field("member_name", " "),),
    "member_id": (field("member_id", ""),),
    "request_id": (field("case_number", ""),),
    "requesting_provider": (field("requesting_provider", Party(name=" ")),),
    "service_lines": (field("lines", ()), lines(description=""), lines(code=" ")),
    "specific_reason": (lines(LineOutcome.DENIED, reason=None), reasons(asked=""), reasons(records_read=())),
    "criteria_reference": (lines(LineOutcome.DENIED, reason=None), reasons(rule=" "), reasons(rule_citation="")),
    "missing_info": (lines(LineOutcome.DENIED, reason=None), reasons(what_would_change="")),
    "plan_provision": (lines(LineOutcome.DENIED, reason=None), reasons(plan_provision=None, rule_citation="")),
    "info_needed": (field("asked", ()),),
    "auth_dates": (lines(approved_end=None, end=None, approved_quantity=None),),
    "denial_code": (field("lines", ()),),
    "reviewer_identity": (field("decided_by"), field("decided_at")),
    "facility": (stay(facility=None), stay(facility=" ")),
    "asked_items": (stay(asked=()), stay(asked=("Notes", ""))),
    "case_facts": (stay(facts_of_case=()), stay(facts_of_case=("A fact.", " "))),
    "gaps": (stay(gaps=()),),
    "warning_signs": (stay(warning_signs=()), stay(warning_signs=("",))),
    "teach_back": (stay(teaching=()),),
    "equipment": (stay(equipment=()),),
    "medicines": (
        stay(medicines=()),
        each("medicines", name=""),
        each("medicines", how=" "),
        each("medicines", action=""),
    ),
    "appointments": (stay(appointments=()), each("appointments", place=""), each("appointments", with_whom="")),
    "choices": (stay(choices=()), each("choices", name=" ")),
}

BY_RULE = frozenset({"notice_date", "taglines", "cms_form_ids"})
"""Laid-out elements whose source is the rule itself, or a field that a typed context always has."""


def blankings(element: NoticeElement) -> tuple[Blanking, ...]:
    """Every way to take the element's source out of the context. KeyError for a source that these tests do not know."""
    if element.words is None:
        return () if element.key in BY_RULE else BY_KEY[element.key]
    names = dict.fromkeys(blanks_of(element.words))
    return tuple(BY_BLANK[name] for name in names if name not in FROM_RIGHTS and name not in TYPED)
