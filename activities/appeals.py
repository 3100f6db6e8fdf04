"""Activities of an appeal: the lookup of the determination that it is about, and the opening of the review that decides it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.members import MemberLookups
from domain.appeals.case import AppealContext, AppealedLine, AppealOrigin, AppealWindow
from domain.appeals.filing import AppealFiling
from domain.appeals.orders import AppealInput, AppealReviewInput, AppealReviewOpened
from domain.appeals.rules import AppealRule
from domain.cases.member_case import ClockInput, MemberContext, MemberInput
from domain.cases.views import CaseView
from domain.clocks.engine import ClockEvent, DueKind, EventKind
from domain.errors import Corrupt
from domain.follow_ups.denied_lines import denied_lines
from domain.requests.request import (
    AuthorizationRequest,
    RequestAction,
    StayPurpose,
    StayReference,
    UrgencyClaim,
)
from domain.vocabulary import ADVERSE_OUTCOMES, AskedBy, Audience, NoticeKind, Proceeding, Urgency
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import cases, documents, inbox, letters, requests
from store.session import Store


class AppealLookups:
    """Activities that read what an appeal is about and store its review. They decide nothing."""

    def __init__(self, store: Store, rulebook: Rulebook, people: MemberLookups) -> None:
        self._store, self._rulebook, self._people = store, rulebook, people

    @activity.defn(no_thread_cancel_exception=True)
    def look_into_appeal(self, order: AppealInput) -> AppealContext:
        """Look up what was said, the member, and the determination: its adverse lines, its notice and the time to appeal."""
        with translate_errors(), self._store.read() as s:
            filing = AppealFiling.model_validate_json(inbox.raw(s, order.inbox_id))
            view = _decided(s, order.appealed)
            request = requests.load(s, order.appealed).request
            asked = set(filing.line_ids)
            lines = tuple(
                AppealedLine(
                    line_id=line.line_id,
                    code=line.code,
                    description=line.description,
                    outcome=line.outcome,
                    decided_by=str(line.decided_by or ""),
                )
                for line in cases.lines(s, order.appealed)
                if line.outcome in ADVERSE_OUTCOMES and (not asked or line.line_id in asked)
            )
            noticed_on = _notice_date(s, view)
        person = self._people.look_up_person(MemberInput(member_id=view.member_id, now=order.now))
        rule = self._rule(person)
        origin = AppealOrigin(
            member_id=view.member_id,
            requesting_npi=view.requesting_npi,
            lines=lines,
            review_kind=request.review_kind,
            service_kind=request.service_kind,
            decided_at=view.decided_at,
            noticed_on=noticed_on,
            window=self._window(order, view, request, rule, noticed_on),
            rule=rule,
        )
        return AppealContext(filing=filing, person=person, origin=origin)

    @activity.defn(no_thread_cancel_exception=True)
    def open_appeal_review(self, order: AppealReviewInput) -> AppealReviewOpened:
        """Store the review as a request: the lines that were denied as they were asked, with every record of the decided case.
        A repeat changes nothing."""
        with translate_errors(), self._store.begin() as s:
            version = 1 if requests.is_on_file(s, order.review_id) else _store_review(s, order)
        return AppealReviewOpened(review_id=order.review_id, request_version=version)

    def _rule(self, person: MemberContext) -> AppealRule:
        if person.lob is None:
            raise Corrupt("an appeal was taken in for a member without any coverage on file")
        return self._rulebook.review.appeal_rule(person.lob)

    def _window(
        self,
        order: AppealInput,
        view: CaseView,
        request: AuthorizationRequest,
        rule: AppealRule,
        noticed_on: date | None,
    ) -> AppealWindow | None:
        """The time to file, by the same clock that the letter states; None where no notice has started it."""
        if noticed_on is None or view.decided_at is None:
            return None
        dated = ClockEvent(kind=EventKind.NOTICE_DATED, at=view.decided_at, on=noticed_on)
        clocks = self._people.compute_duties(
            ClockInput(
                member_id=view.member_id,
                proceedings=(Proceeding.APPEAL,),
                received_at=view.decided_at,
                review_kind=request.review_kind,
                service_kind=request.service_kind,
                urgency=request.urgency.urgency,
                events=(dated,),
                now=order.now,
            )
        ).clocks
        found = next((clock for clock in clocks if clock.rule_id == rule.window_rule), None)
        due = next((one for one in found.due if one.kind is DueKind.FILING), None) if found is not None else None
        return AppealWindow(rule_id=rule.window_rule, until=due.at, citation=due.citation) if due is not None else None


def _decided(s: Session, case_id: str) -> CaseView:
    view = cases.get(s, case_id)
    if view is None:
        raise Corrupt("an appeal was taken in of a case that is not on file")
    return view


def _notice_date(s: Session, view: CaseView) -> date | None:
    """The date of the last notice of the denial to the member: the date that is printed on it; None while none was sent."""
    sent = [
        letter
        for letter in letters.of_case(s, view.case_id)
        if letter.notice is NoticeKind.ADVERSE_DETERMINATION
        and letter.audience is Audience.MEMBER
        and letter.handed_over_at is not None
    ]
    return max((letter.written_at.astimezone(ZoneInfo(view.zone)).date() for letter in sent), default=None)


def _store_review(s: Session, order: AppealReviewInput) -> int:
    filing = AppealFiling.model_validate_json(inbox.raw(s, order.inbox_id))
    stored = requests.load(s, order.appealed)
    asked = stored.request
    left = tuple(
        line for line in denied_lines(asked.lines, cases.lines(s, order.appealed)) if line.line_id in order.line_ids
    )
    review = asked.model_copy(
        update={
            "submission_id": f"urn:umpire:appeal|{order.review_id}",
            "action": RequestAction.INITIAL,
            "prior_submission_id": None,
            "prior_authorization_number": None,
            "trace_numbers": (),
            "after": None,
            "received_at": order.received_at,
            "channel": filing.asked.channel,
            "urgency": _urgency(filing),
            "stay": StayReference(
                process_id=order.case_id, purpose=StayPurpose.APPEAL, round=order.level, appealed=order.appealed
            ),
            "lines": left,
        }
    )
    for document in documents.of_case(s, order.appealed):
        documents.attach(
            s,
            order.review_id,
            document.document_id,
            document.received_at,
            title=document.title,
            content_type=document.content_type,
            control_number=document.control_number,
        )
    said = documents.put(s, filing.said.encode(), "Appeal, as it was said", "text/plain", filing.asked.at)
    documents.attach(s, order.review_id, said.document_id, said.received_at, title=said.title)
    return requests.save(s, order.review_id, review, answers=stored.answers)


def _urgency(filing: AppealFiling) -> UrgencyClaim:
    return UrgencyClaim(
        urgency=Urgency.EXPEDITED if filing.expedited else Urgency.STANDARD,
        asked_by=filing.by if filing.by is not AskedBy.PLAN else AskedBy.MEMBER,
        physician_statement=filing.clinician_supports,
    )
