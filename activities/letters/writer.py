"""Letter writer: turns a letter order into a complete context, and that into rendered pages in the outbox."""

from __future__ import annotations

import hashlib
import logging
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from activities.letters.parties import letter_id, load_member_and_plan, load_party
from activities.letters.stay_context import stay_audiences, stay_context
from domain.criteria.trace import FactGroup, FactNeed, provider_questions
from domain.decisions.determination import SignedDecision
from domain.decisions.reasons import StructuredReason
from domain.errors import LetterIncomplete, UmpireError
from domain.letters.context import AskedFact, AskedGroup, DecidedBy, LetterContext, LetterLine, Party, RenderedLetter
from domain.letters.notice_rules import NoNoticeRule
from domain.letters.orders import BlockedLetter, LetterLineFacts, LetterOrder, WrittenLetter
from domain.letters.stay_facts import StayLetterOrder
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Audience, ReviewKind
from engine.activity_errors import error_location
from rulebook.rulebook import Rulebook
from store import criteria_traces, directory, letters, requests
from templates.rendering import render_letter

log = logging.getLogger("umpire.letters")
_GROUPS: TypeAdapter[tuple[FactGroup, ...]] = TypeAdapter(tuple[FactGroup, ...])


class LetterWriter:
    """Writes every version of a notice, or none: a notice that lacks an element is blocked as a whole."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def write(self, s: Session, order: LetterOrder | StayLetterOrder) -> tuple[WrittenLetter, ...] | BlockedLetter:
        """Put the notice's letters into the outbox in the caller's transaction. A repeated order returns the same letters."""
        try:
            drafts = [self._draft(s, order, audience) for audience in self._audiences(order)]
        except LetterIncomplete as incomplete:
            return BlockedLetter(notice=order.notice, missing=incomplete.missing, why=str(incomplete))
        except NoNoticeRule as unknown:
            return BlockedLetter(notice=order.notice, missing=("notice_rule",), why=str(unknown))
        except (UmpireError, SQLAlchemyError):
            raise
        except Exception as error:
            # A bug in one letter must not block the journal. The error's text may quote the case.
            why = f"An unexpected {type(error).__name__} at {error_location(error)}."
            log.error("%s of %s: %s", order.notice.value, order.case_id, why)
            return BlockedLetter(notice=order.notice, missing=("page",), why=why)
        return tuple(self._put(s, order, audience, recipient, page) for audience, recipient, page in drafts)

    def _audiences(self, order: LetterOrder | StayLetterOrder) -> tuple[Audience, ...]:
        if isinstance(order, StayLetterOrder):
            return stay_audiences(order, self._rulebook.notices)
        return self._rulebook.notices.audiences(order.notice, order.lob)

    def _draft(
        self, s: Session, order: LetterOrder | StayLetterOrder, audience: Audience
    ) -> tuple[Audience, str, RenderedLetter]:
        if isinstance(order, StayLetterOrder):
            context = stay_context(s, order, audience, self._rulebook.notices)
        else:
            context = self._context(s, order, audience)
        rule = self._rulebook.notices.rule(order.notice, audience, order.lob)
        kind = context.service_kind
        rights = None if kind is None else self._rulebook.notices.rights(order.lob, kind)
        return audience, context.recipient.name, render_letter(context, rule, rights)

    def _put(
        self, s: Session, order: LetterOrder | StayLetterOrder, audience: Audience, recipient: str, page: RenderedLetter
    ) -> WrittenLetter:
        key = letter_id(order, audience)
        record, _ = letters.write(s, key, order.case_id, order.notice, audience, recipient, page, order.now)
        return WrittenLetter(
            letter_id=key,
            notice=order.notice,
            audience=audience.value,
            recipient=record.recipient,
            subject=record.rendered.subject,
            sha256=hashlib.sha256(record.rendered.html.encode()).hexdigest(),
        )

    def _asked_by_a_person(self, order: LetterOrder) -> tuple[AskedGroup, ...]:
        """The facts a reviewer asks for: those of the dictionary by their question, others in the reviewer's words."""
        if not order.asked_facts:
            return ()
        facts = tuple(self._fact(fact) for fact in order.asked_facts)
        line_id = order.asked_lines[0] if order.asked_lines else order.lines[0].line_id
        return (AskedGroup(line_id=line_id, title="What the reviewer needs", any_one_of=False, options=(facts,)),)

    def _about_limits(self, order: LetterOrder) -> tuple[AskedGroup, ...]:
        """The facts that would settle a step therapy or quantity limit."""
        return tuple(
            AskedGroup(
                line_id=asked.line_id,
                title=asked.title,
                any_one_of=asked.any_one_of,
                options=tuple((self._fact(fact),) for fact in asked.facts)
                if asked.any_one_of
                else (tuple(self._fact(fact) for fact in asked.facts),),
            )
            for asked in order.asked_limits
        )

    def _fact(self, fact: str) -> AskedFact:
        """A fact of the dictionary by its question, any other as it is written."""
        known = self._rulebook.criteria.dictionary.by_id.get(fact)
        return AskedFact(fact_id=fact, ask=known.ask, unit=known.unit) if known else AskedFact(fact_id=fact, ask=fact)

    def _context(self, s: Session, order: LetterOrder, audience: Audience) -> LetterContext:
        request = requests.load(s, order.case_id, order.request_version).request
        member, plan = load_member_and_plan(s, order, request.member.member_id, audience)
        requesting = load_party(s, request.requesting_provider)
        servicing = load_party(s, request.servicing_provider) if request.servicing_provider else None
        full_name = f"{member.given_name} {member.family_name}"
        recipient = Party(name=full_name, address=member.address) if audience is Audience.MEMBER else requesting
        reasons = {line.line_id: line.reason for line in order.signed.lines} if order.signed else {}
        return LetterContext(
            notice=order.notice,
            audience=audience,
            lob=order.lob,
            state=order.state,
            zone=order.zone,
            issue_date=order.now.astimezone(ZoneInfo(order.zone)).date(),
            case_number=order.case_id,
            letter_number=letter_id(order, audience),
            recipient=recipient,
            plan=plan,
            member_name=full_name,
            member_id=member.member_id,
            requesting_provider=requesting,
            servicing_provider=servicing,
            service_kind=request.service_kind,
            urgency=order.urgency,
            received_at=request.received_at,
            lines=tuple(_line(request, facts, reasons.get(facts.line_id)) for facts in order.lines),
            diagnoses=request.diagnoses,
            decision_due=order.decision_due,
            decision_due_citation=order.decision_due_citation,
            decided_at=order.decided_at,
            decided_by=_decided_by(s, order.signed) if order.signed else None,
            approved_by_rule=order.approved_by_rule,
            authorization_number=order.authorization_number,
            asked=(*_missing_facts_asked(s, order.asked_verdicts), *self._about_limits(order))
            or self._asked_by_a_person(order),
            respond_by=order.respond_by,
            extension_reason=order.extension_reason,
            new_due=order.new_due,
            peer_to_peer_until=order.peer_to_peer_until,
            not_required_because=order.not_required_because,
            withdrawn_by=order.withdrawn_by,
            expedite_refusal_reason=order.expedite_refusal_reason,
            consequence=order.consequence,
            consequence_words=order.consequence_words,
            missed_due=order.missed_due,
            missed_citation=order.missed_citation,
            decided_since=order.decided_since,
            care_given=request.review_kind is ReviewKind.RETROSPECTIVE,
            answered_late=order.answered_late,
            approved_by_law=order.approved_by_law,
            liability=order.liability,
            liable_since=order.liable_since,
            in_care=request.stay is not None and request.stay.purpose.is_care_under_way,
            reduces_current_service=order.effective_on is not None,
            effective_on=order.effective_on,
        )


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
        reason=reason,
    )


def _decided_by(s: Session, signed: SignedDecision) -> DecidedBy:
    reviewer = directory.reviewer(s, signed.reviewer_id)
    return DecidedBy(
        name=reviewer.name if reviewer else signed.reviewer_id,
        credential=signed.licence.profession,
        specialty=signed.specialty,
        licence_state=signed.licence.state,
    )


def _missing_facts_asked(s: Session, verdict_ids: tuple[str, ...]) -> tuple[AskedGroup, ...]:
    """The facts that the stored criteria traces still miss, grouped by branch, as far as the provider can supply them."""
    found: list[AskedGroup] = []
    for verdict_id in verdict_ids:
        stored = criteria_traces.load(s, verdict_id)
        content = stored.verdict if isinstance(stored.verdict, dict) else {}
        groups = provider_questions(_GROUPS.validate_python(content.get("missing", [])))
        found.extend(_group(stored.line_id, group) for group in groups)
    return tuple(found)


def _group(line_id: str, group: FactGroup) -> AskedGroup:
    return AskedGroup(
        line_id=line_id,
        title=group.title or group.criterion,
        any_one_of=group.rule.value == "any_one_of",
        options=tuple(tuple(_fact(need) for need in option) for option in group.options()),
    )


def _fact(need: FactNeed) -> AskedFact:
    return AskedFact(fact_id=need.fact, ask=need.ask, unit=need.unit)
