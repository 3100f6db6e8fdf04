"""Values of the blanks in letter texts: each blank of `domain.letters.blanks` as text, or None when not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from domain.letters.blanks import BLANKS
from domain.letters.context import LetterContext, LetterLine
from domain.letters.notice_rules import AppealRights
from domain.letters.orders import LetterFacts
from domain.letters.request_facts import RequestDetails, RequestFacts, WithdrawnFacts
from domain.plain_language.phrases import lower_in_sentence
from domain.vocabulary import ADVERSE_OUTCOMES, APPROVING_OUTCOMES, AskedBy, Audience, LineOutcome
from templates.amounts import amount_of_line
from templates.dates import date_range, format_instant, long_date, weekday_date, with_zone
from templates.stay_blank_values import values_of_stay_blanks

SHORTEST_NDC = 10
"""Digits of the shortest National Drug Code; other codes that are all digits are shorter."""
BOLD_BLANKS = frozenset(
    {
        "appeal_by", "hearing_by", "continue_by", "respond_by", "new_due", "peer_to_peer_until",
        "last_covered_day", "effective_on", "discharge_on", "qio_request_by", "qio_phone", "appointment_at",
    }
)  # fmt: skip
"""Blanks that are printed bold: the dates that the reader has to act on, and the number to call for it."""

_SENTENCES = frozenset(
    {
        "extension_reason", "not_required_because", "expedite_refusal_reason", "consequence_words",
        "dismissal_reason", "dismissal_explanation", "how_to_file", "what_changed",
        "reason", "changed_since", "what_would_change",
    }
)  # fmt: skip
"""Written texts that are printed as sentences of their own."""
_PARTS_OF_SENTENCES = frozenset({"filing_missing", "basis", "plan_policy", "advance_exception", "signed_by"})
"""Written texts that stand within one of our sentences, which has its own period."""

_OTHERS_DEADLINES = frozenset({"respond_by", "peer_to_peer_until"})
"""Deadlines that are printed in the zone of those for whom they are."""

BlankValues = dict[str, str | None]


def values_of_blanks(context: LetterContext, rights: AppealRights | None) -> BlankValues:
    """The text for every blank. Dates are in the case's zone; deadlines carry their weekday."""
    plan, liability = context.plan, context.liability
    values: BlankValues = {
        "plan_name": plan.plan_name,
        "plan_phone": plan.phone,
        "plan_tty": plan.tty,
        "plan_fax": plan.fax,
        "plan_address": ", ".join(plan.address),
        "plan_hours": with_zone(plan.hours, plan.zone or context.zone, context.issue_date),
        "plan_website": plan.website,
        "appeals_address": ", ".join(plan.appeals_address or plan.address),
        "appeals_phone": plan.appeals_phone or plan.phone,
        "appeals_fax": plan.appeals_fax or plan.fax,
        "peer_to_peer_phone": plan.peer_to_peer_phone or plan.phone,
        "member_name": context.member_name,
        "member_id": context.member_id,
        "case_number": context.case_number,
        "letter_number": context.letter_number,
        "requesting_provider": context.requesting_provider.name if context.requesting_provider else None,
        "asker": _asker(context),
        "servicing_provider": context.servicing_provider.name if context.servicing_provider else None,
        "services": _join(_named(line) for line in context.lines),
        "approved_services": _join(_approved(line) for line in context.lines if _is_approved(line)),
        "denied_services": _join(_denied(line) for line in context.lines if _is_denied(line)),
        "issue_date": long_date(context.issue_date),
        "received": format_instant(context.received_at, context.zone) if context.received_at else None,
        "liability_for": liability.pays_for if liability else None,
        "liability_until": liability.until if liability else None,
        "liability_citation": liability.cite if liability else None,
        "hearing_agency": context.fair_hearing.agency if context.fair_hearing else None,
        "hearing_phone": context.fair_hearing.phone if context.fair_hearing else None,
        "hearing_address": ", ".join(context.fair_hearing.address) if context.fair_hearing else None,
        "consumer_help_name": context.consumer_help.name if context.consumer_help else None,
        "consumer_help_phone": context.consumer_help.phone if context.consumer_help else None,
    }
    values.update(_values_of_facts(context.facts, context.zone))
    if isinstance(context.facts, WithdrawnFacts):
        values["withdrawn_by"] = _withdrawn_by(context, context.facts.withdrawn_by)
    values.update(_appeal_values(context, rights))
    values.update(values_of_stay_blanks(context))
    return {name: _clean(text) for name, text in values.items()}


def _values_of_facts(facts: LetterFacts, zone: str) -> BlankValues:
    """The facts whose names are blanks."""
    told: dict[str, Any] = {name: getattr(facts, name) for name in type(facts).model_fields}
    if isinstance(facts, RequestFacts):
        told |= {name: getattr(facts.request, name) for name in RequestDetails.model_fields}
    of_deadline = told.get("deadline_zone") or zone
    return {
        name: _value(name, told[name], of_deadline if name in _OTHERS_DEADLINES else zone)
        for name in told.keys() & BLANKS
    }


def _value(name: str, fact: datetime | date | str | None, zone: str) -> str | None:
    match fact:
        case datetime():
            return format_instant(fact, zone)
        case date():
            return weekday_date(fact)
        case str() if name in _SENTENCES:
            text = fact.strip()
            return text if not text or text.endswith((".", "!", "?")) else text + "."
        case str() if name in _PARTS_OF_SENTENCES:
            return fact.strip().removesuffix(".")
    return fact


def _appeal_values(context: LetterContext, rights: AppealRights | None) -> BlankValues:
    if rights is None:
        return {}
    facts: BlankValues = {}
    facts["appeal_by"] = weekday_date(rights.file_within.last_day(context.issue_date))
    facts["appeal_days"] = str(rights.file_within.days)
    appeal_time = rights.after_care_decision if context.care_given else rights.standard_decision
    facts["appeal_time"] = str(appeal_time) if appeal_time is not None else None
    facts["fast_appeal_time"] = str(rights.expedited_decision)
    if rights.continuation:
        facts["continue_by"] = weekday_date(context.issue_date + timedelta(days=rights.continuation.days))
        facts["continue_days"] = str(rights.continuation.days)
    if rights.hearing_within:
        facts["hearing_by"] = weekday_date(rights.hearing_within.last_day(context.issue_date))
        facts["hearing_days"] = str(rights.hearing_within.days)
    if rights.outside_help:
        facts["help_name"], facts["help_phone"] = rights.outside_help.name, rights.outside_help.phone
    return facts


def _is_approved(line: LetterLine) -> bool:
    return line.outcome in APPROVING_OUTCOMES


def _is_denied(line: LetterLine) -> bool:
    return line.outcome in ADVERSE_OUTCOMES


def _named(line: LetterLine) -> str:
    """The service as it stands within a sentence. A drug of a pharmacy keeps its capital: it may be a brand's."""
    is_package_code = line.code.isdigit() and len(line.code) >= SHORTEST_NDC
    return line.description if is_package_code else lower_in_sentence(line.description)


def _approved(line: LetterLine) -> str:
    if line.outcome is not LineOutcome.APPROVED_IN_PART:
        return _named(line)
    approved = amount_of_line(line, line.approved_quantity)
    what = f"{approved} of {_named(line)}" if approved else _named(line)
    days = date_range(line.approved_start, line.approved_end) if _denied_days(line) else None
    return f"{what} ({days})" if days else what


def _denied(line: LetterLine) -> str:
    """The part of a line that was not approved: all of it, or the part above the approval."""
    if line.outcome is LineOutcome.DENIED:
        return _named(line)
    if line.quantity is not None and line.approved_quantity is not None and line.quantity > line.approved_quantity:
        return f"the other {amount_of_line(line, line.quantity - line.approved_quantity)} of {_named(line)}"
    days = " and ".join(text for first, last in _denied_days(line) if (text := date_range(first, last)))
    return f"{_named(line)} ({days})" if days else f"the rest of {_named(line)}"


def _denied_days(line: LetterLine) -> tuple[tuple[date, date], ...]:
    """The days asked for that lie before or after those approved, each span with its first and last day."""
    found = []
    if line.start is not None and line.approved_start is not None and line.start < line.approved_start:
        found.append((line.start, line.approved_start - timedelta(days=1)))
    if line.end is not None and line.approved_end is not None and line.approved_end < line.end:
        found.append((line.approved_end + timedelta(days=1), line.end))
    return tuple(found)


def _join(names: Iterable[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``; each name once. Names that hold a comma are set apart by semicolons."""
    unique = list(dict.fromkeys(name.strip() for name in names))
    if any("," in name for name in unique) and len(unique) > 1:
        return "; ".join(unique[:-1]) + "; and " + unique[-1]
    return " and ".join(filter(None, [", ".join(unique[:-1]), unique[-1] if unique else ""]))


def _asker(context: LetterContext) -> str | None:
    """The one who asked, in words for the member and as a sentence begins; whether a representative may is left open."""
    match context.asked_by:
        case AskedBy.MEMBER:
            return "You"
        case AskedBy.REPRESENTATIVE:
            return "Somebody who says that they act for you"
        case AskedBy.PLAN:
            return context.plan.plan_name
    return context.requesting_provider.name if context.requesting_provider else None


def _withdrawn_by(context: LetterContext, who: str | None) -> str | None:
    """The person who withdrew the request, in the reader's terms; any text that is no kind of requester stays as it is."""
    member = context.audience is Audience.MEMBER
    spoken = {
        AskedBy.MEMBER: "you" if member else "the member",
        AskedBy.REPRESENTATIVE: "the person who acts for you" if member else "the member's representative",
        AskedBy.PROVIDER: context.requesting_provider.name if context.requesting_provider else None,
        AskedBy.PLAN: context.plan.plan_name,
    }
    text = (who or "").strip().rstrip(".")
    return spoken[AskedBy(text)] if text in set(AskedBy) else text


def _clean(text: str | None) -> str | None:
    """The text in one line, or None when it is blank."""
    return " ".join(text.split()) or None if text else None
