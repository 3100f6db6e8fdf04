"""Context of letters on a request, built from the order, the stored request, its criteria traces and the directory."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from activities.letters.parties import load_member_and_plan, load_party
from domain.criteria.asked_groups import planned_questions
from domain.criteria.trace import FactGroup, FactNeed, NeedRule, provider_questions
from domain.decisions.determination import SignedBenefitDecision, SignedDecision
from domain.decisions.reasons import StructuredReason
from domain.evidence.facts import FactDictionary
from domain.letters.context import AskedBranch, AskedFact, AskedGroup, DecidedBy, LetterContext, LetterLine, Party
from domain.letters.orders import LetterOrder
from domain.letters.request_facts import (
    AdverseFacts,
    AnyRequestFacts,
    ChangeNoticeFacts,
    ExtensionFacts,
    InformationRequestFacts,
    LetterLineFacts,
    MissingInformation,
)
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Audience, ReviewKind
from rulebook.review_organizations import StateOffices
from store import criteria_traces, directory, requests

BENEFIT_STAFF = "benefit specialist"
"""The word of letters for who signed a decision on the plan's documents."""
_GROUPS: TypeAdapter[tuple[FactGroup, ...]] = TypeAdapter(tuple[FactGroup, ...])


def request_context(
    s: Session,
    order: LetterOrder,
    facts: AnyRequestFacts,
    audience: Audience,
    dictionary: FactDictionary,
    offices: StateOffices,
) -> LetterContext:
    """The complete context of one letter. Raises LetterIncomplete when the member or the plan is not known."""
    request = requests.load(s, order.case_id, facts.request.request_version).request
    member, plan = load_member_and_plan(s, order, request.member.member_id, audience)
    requesting = load_party(s, request.requesting_provider)
    full_name = f"{member.given_name} {member.family_name}"
    signed = facts.signed if isinstance(facts, AdverseFacts) else None
    reasons = {line.line_id: line.reason for line in signed.lines} if signed else {}
    return LetterContext(
        notice=order.notice,
        audience=audience,
        lob=order.lob,
        zone=order.zone,
        issue_date=order.now.astimezone(ZoneInfo(order.zone)).date(),
        case_number=order.case_id,
        letter_number=order.letter_id(audience),
        recipient=_recipient(s, request, audience, Party(name=full_name, address=member.address), requesting),
        plan=plan,
        member_name=full_name,
        member_id=member.member_id,
        facts=facts,
        service_kind=request.service_kind,
        requesting_provider=requesting,
        asked_by=request.urgency.asked_by,
        servicing_provider=load_party(s, request.servicing_provider) if request.servicing_provider else None,
        received_at=request.received_at,
        lines=tuple(_line(request, line, reasons.get(line.line_id)) for line in facts.request.lines),
        diagnoses=request.diagnoses,
        decided_by=_decided_by(s, signed) if signed else None,
        asked=_asked(s, facts, dictionary),
        care_given=request.review_kind is ReviewKind.RETROSPECTIVE,
        consumer_help=offices.consumer_help(order.state, plan),
        fair_hearing=offices.hearing_office(order.state, order.lob, plan),
        in_care=request.stay is not None and request.stay.purpose.is_care_under_way,
    )


def has_other_supplier(s: Session, order: LetterOrder, facts: AnyRequestFacts) -> bool:
    """Whether somebody else than the requester gives the service, and has to know: of a change, not of each first approval."""
    request = requests.load(s, order.case_id, facts.request.request_version).request
    given = request.servicing_provider
    is_change = isinstance(facts, ChangeNoticeFacts) or request.after is not None
    return is_change and given is not None and given.npi != request.requesting_provider.npi


def _recipient(
    s: Session, request: AuthorizationRequest, audience: Audience, member: Party, requesting: Party
) -> Party:
    """To whom the letter goes."""
    match audience:
        case Audience.MEMBER:
            return member
        case Audience.SUPPLIER if request.servicing_provider is not None:
            return load_party(s, request.servicing_provider)
        case _:
            return requesting


def _asked(s: Session, facts: AnyRequestFacts, dictionary: FactDictionary) -> tuple[AskedGroup, ...]:
    """The facts to ask for, in groups."""
    if not isinstance(facts, InformationRequestFacts | ExtensionFacts):
        return ()
    missing = facts.missing
    by_rule = (*asked_in_traces(s, missing.asked_verdicts, dictionary), *_about_limits(missing, dictionary))
    if by_rule or not missing.asked_facts:
        return by_rule
    options = (tuple(_dictionary_fact(fact, dictionary) for fact in missing.asked_facts),)
    line_id = missing.asked_lines[0] if missing.asked_lines else facts.request.lines[0].line_id
    return (AskedGroup(line_id=line_id, title="What the reviewer needs", any_one_of=False, options=options),)


def _about_limits(missing: MissingInformation, dictionary: FactDictionary) -> tuple[AskedGroup, ...]:
    """The facts that would settle a step therapy or quantity limit."""
    return tuple(
        AskedGroup(
            line_id=asked.line_id,
            title=asked.title,
            any_one_of=asked.any_one_of,
            options=tuple((_dictionary_fact(fact, dictionary),) for fact in asked.facts)
            if asked.any_one_of
            else (tuple(_dictionary_fact(fact, dictionary) for fact in asked.facts),),
        )
        for asked in missing.asked_limits
    )


def _dictionary_fact(fact: str, dictionary: FactDictionary) -> AskedFact:
    """A fact of the dictionary by its question, any other as it is written."""
    known = dictionary.by_id.get(fact)
    return AskedFact(fact_id=fact, ask=known.ask, unit=known.unit) if known else AskedFact(fact_id=fact, ask=fact)


def _line(request: AuthorizationRequest, facts: LetterLineFacts, reason: StructuredReason | None) -> LetterLine:
    line = request.line(facts.line_id)
    return LetterLine(
        line_id=line.line_id,
        description=line.description or f"{line.code_system.value.upper()} {line.code}",
        code=line.code,
        quantity=line.quantity,
        unit=line.unit,
        start=line.start,
        end=line.end,
        outcome=facts.outcome,
        approved_quantity=facts.approved_quantity,
        approved_start=facts.approved_start,
        approved_end=facts.approved_end,
        approved_level=facts.approved_level,
        reason=reason,
    )


def _decided_by(s: Session, signed: SignedDecision | SignedBenefitDecision) -> DecidedBy:
    reviewer = directory.reviewer(s, signed.reviewer_id)
    name = reviewer.name if reviewer else signed.reviewer_id
    if isinstance(signed, SignedBenefitDecision):
        return DecidedBy(name=name, credential=BENEFIT_STAFF)
    return DecidedBy(
        name=name,
        credential=signed.licence.profession,
        specialty=signed.specialty,
        licence_state=signed.licence.state,
    )


def asked_in_traces(s: Session, verdict_ids: tuple[str, ...], dictionary: FactDictionary) -> tuple[AskedGroup, ...]:
    """The questions planned with the stored criteria traces. A trace of an older release has none: there, everything that the
    provider can supply, grouped by branch."""
    found: list[AskedGroup] = []
    for verdict_id in verdict_ids:
        stored = criteria_traces.load(s, verdict_id)
        content = stored.verdict if isinstance(stored.verdict, dict) else {}
        planned = planned_questions(stored.line_id, stored.verdict)
        if planned is not None:
            found.extend(planned)
            continue
        groups = provider_questions(_GROUPS.validate_python(content.get("missing", [])))
        found.extend(_group(stored.line_id, group, dictionary) for group in groups)
    return tuple(found)


def _group(line_id: str, group: FactGroup, dictionary: FactDictionary) -> AskedGroup:
    return AskedGroup(
        line_id=line_id,
        title=group.title or group.criterion,
        any_one_of=group.rule.value == "any_one_of",
        options=tuple(tuple(_fact(need) for need in option) for option in group.options()),
        tree=asked_branch(group, dictionary),
    )


def asked_branch(group: FactGroup, dictionary: FactDictionary) -> AskedBranch:
    """The group as the rule has it. What it needs too and is asked elsewhere is asked here again: the branch must be whole."""
    items = tuple(_fact(item) if isinstance(item, FactNeed) else asked_branch(item, dictionary) for item in group.items)
    also = tuple(_dictionary_fact(fact, dictionary) for fact in group.also)
    enough = {NeedRule.ALL_OF: None, NeedRule.ANY_ONE_OF: 1, NeedRule.AT_LEAST: group.n}[group.rule]
    if not also or enough is None:
        return AskedBranch(title=group.title, enough=enough, items=(*items, *also))
    return AskedBranch(title=group.title, items=(AskedBranch(enough=enough, items=items), *also))


def _fact(need: FactNeed) -> AskedFact:
    return AskedFact(fact_id=need.fact, ask=need.ask, unit=need.unit)
