"""Interpretation of an ADT message: its meaning for stays, in one transaction, and the same result each time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import NotReadable, ValidationIssue
from domain.stays.adt import (
    OPENING_KINDS,
    AdtKind,
    AdtMessage,
    StayEvent,
    changed_fields,
    opens_stay,
    sort_events,
    tells_no_class,
)
from domain.stays.numbers import facility_key
from domain.vocabulary import Lob
from intake.admissions import merges, refusals
from intake.admissions.admission_result import AdmissionStatus
from intake.admissions.adt_outcome import UMPIRE, AdtOutcome, MemberAssignment
from intake.admissions.member_match import MemberMatch, match_member
from intake.admissions.message_reader import ArrivedAdt, parse_arrival, read_adt_message
from intake.admissions.stay_lookup import (
    find_overlapping_stay,
    find_prior_stay,
    find_stay,
    find_stay_opened_by_request,
    stay_number_for,
)
from intake.requests.membership import coverage_issues
from interop.hl7.adt import REJECTED
from store import adt_messages, inbox, stays
from store.adt_messages import AdtStatus, StoredAdt
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus
from store.stays import StayRecord

MERGE_OR_MOVE_TRIGGERS = frozenset(
    f"A{number}" for number in (17, 18, 23, 24, 29, 30, 34, 35, 36, 37, 39, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51)
)
"""Triggers that join, move, link or delete patients, accounts or visits and that a person has to carry out."""
KNOWN_TRIGGER = re.compile(r"A(0[1-9]|[1-5]\d|6[0-2])")
"""The events of HL7 v2 about patients and visits."""


def interpret(
    s: Session,
    inbox_id: int,
    now: datetime,
    lobs: frozenset[Lob] | None = None,
    settled: MemberAssignment | None = None,
    again: bool = False,
    parsed: Mapping[int, ArrivedAdt] | None = None,
    tests_live: bool = False,
    relays: frozenset[str] = frozenset(),
) -> AdtOutcome:
    """Interpret the item; `parsed` are items parsed beforehand: nothing parses foreign bytes while others wait. `relays` are
    senders that send for other facilities.

    With `again`, or with a member assigned by a person, an item that waits is interpreted anew.

    Raises NotOnFile for an unknown item.
    """
    acquire_named_lock(s, "adt")
    item = inbox.get(s, inbox_id)
    anew = item.status is InboxStatus.REFUSED and (again or settled is not None)
    if item.status is not InboxStatus.RECEIVED and not anew:
        return _earlier_outcome(s, item)
    try:
        arrivals = _Arrivals(s, parsed or {}, relays)
        message = read_adt_message(s, item, arrivals.of(inbox_id), None)
    except NotReadable as wrong:
        return _reject(s, item, None, wrong.problems, adt_messages.of_inbox(s, inbox_id))
    if message.is_test and not tests_live:
        note = "A test message, by its sender's own mark (MSH-11): it concerns no patient."
        return AdtOutcome(AdmissionStatus.NOTED, inbox.resolve(s, inbox_id, UMPIRE, note, now), note, message)
    return _AdtInterpretation(s, item, message, arrivals, now, lobs, settled).interpret_message()


class _Arrivals:
    """Parsed items; one that nobody parsed beforehand is parsed when it is needed."""

    def __init__(self, s: Session, parsed: Mapping[int, ArrivedAdt], relays: frozenset[str]) -> None:
        self._s, self._parsed, self._relays = s, dict(parsed), relays

    def of(self, inbox_id: int) -> ArrivedAdt:
        if inbox_id not in self._parsed:
            self._parsed[inbox_id] = parse_arrival(inbox.load(self._s, inbox_id)[1], self._relays)
        return self._parsed[inbox_id]


def waiting_for_stay(s: Session, item: InboxItem, arrived: ArrivedAdt) -> tuple[int, ...]:
    """Items that wait for the stay which this one may open: they are read again together with it."""
    try:
        number = stay_number_for(s, read_adt_message(s, item, arrived, None))
    except NotReadable:
        return ()
    rows = adt_messages.of_stay(s, number) if number is not None else ()
    return tuple(row.inbox_id for row in rows if row.status is AdtStatus.WAITING)


def _earlier_outcome(s: Session, item: InboxItem) -> AdtOutcome:
    stored = adt_messages.of_inbox(s, item.inbox_id)
    event_id = stored.event_id if stored is not None and stored.status is AdtStatus.PENDING else None
    stay_id = stored.stay_id if stored is not None else item.case_id
    if item.status is InboxStatus.REFUSED:
        return _held_outcome(item, None, item.problems)
    says = f"Recorded on stay {stay_id}." if item.status is InboxStatus.ACCEPTED else (item.note or "It was resolved.")
    kind = AdmissionStatus.JOINED if item.status is InboxStatus.ACCEPTED else AdmissionStatus.NOTED
    return AdtOutcome(kind, item, says, stay_id=stay_id, event_id=event_id)


def _reject(
    s: Session,
    item: InboxItem,
    message: AdtMessage | None,
    problems: tuple[ValidationIssue, ...],
    stored: StoredAdt | None,
) -> AdtOutcome:
    """Hold the item for a person. An incomplete or other message has to be sent again by the sender."""
    item = inbox.reject(s, item.inbox_id, problems)
    if stored is not None:
        adt_messages.set_status(s, stored.event_id, AdtStatus.OPEN, stored.stay_id)
    return _held_outcome(item, message, problems)


def _held_outcome(item: InboxItem, message: AdtMessage | None, problems: tuple[ValidationIssue, ...]) -> AdtOutcome:
    rejected = any(problem.rule in REJECTED for problem in problems)
    kind = AdmissionStatus.REJECTED if rejected else AdmissionStatus.NEEDS_PERSON
    says = f"Not accepted; it is stored as INBOX-{item.inbox_id} for intake to review."
    return AdtOutcome(kind, item, says, message, problems=problems, notes=message.notes if message else ())


class _AdtInterpretation:
    """Interpretation of one ADT message within its transaction."""

    def __init__(
        self,
        s: Session,
        item: InboxItem,
        message: AdtMessage,
        arrivals: _Arrivals,
        now: datetime,
        lobs: frozenset[Lob] | None,
        settled: MemberAssignment | None,
    ) -> None:
        self.s, self.item, self.message, self.arrivals = s, item, message, arrivals
        self.now, self.lobs, self.settled = now, lobs, settled
        self.number = stay_number_for(s, message)

    def interpret_message(self) -> AdtOutcome:
        known = adt_messages.get(self.s, self.message.event.event_id)
        if known is not None and known.inbox_id != self.item.inbox_id:
            return self._handle_repeat(known)
        stay = find_stay(self.s, self.message)
        kind = self.message.event.kind
        if kind is AdtKind.MERGE:
            return self._merge()
        if kind is AdtKind.OTHER:
            return self._handle_other(stay)
        if self.message.further_patients:
            return self._refuse((refusals.two_patients(),))
        if stay is None and not opens_stay(self.message.event):
            return self._hold_or_note()
        if stay is None and tells_no_class(self.message.event):
            return self._refuse((refusals.class_unknown(),))
        prior = find_prior_stay(self.s, self.message)
        if stay is not None and prior is not None and stays.resolve_merges(self.s, prior).stay_id != stay.stay_id:
            return self._refuse((refusals.number_of_another(prior.stay_id, stay.stay_id),))
        who = self._match_member(stay)
        if who.member_id is None:
            return self._refuse((who.problem,) if who.problem is not None else ())
        if self.message.lacks_zone:
            self.message = read_adt_message(self.s, self.item, self.arrivals.of(self.item.inbox_id), who.member_id)
        if self.message.lacks_zone:
            return self._refuse((refusals.zone_unknown(),))
        if stay is None and (stay := find_stay_opened_by_request(self.s, self.message, who.member_id)) is not None:
            self._adopt_patient_number(stay)
        return self._join(stay) if stay is not None else self._open(who.member_id)

    # -- messages that are not sent to a stay --------------------------------------------------------------------------

    def _handle_repeat(self, known: StoredAdt) -> AdtOutcome:
        note = f"The same message was received before as INBOX-{known.inbox_id}."
        inbox.resolve(self.s, self.item.inbox_id, UMPIRE, note, self.now)
        waits = known.status is AdtStatus.OPEN
        event_id = known.event_id if known.status is AdtStatus.PENDING else None
        first = known.inbox_id if waits else None
        return self._outcome(AdmissionStatus.REPEATED, note, known.stay_id, event_id, first)

    def _hold_or_note(self) -> AdtOutcome:
        event = self.message.event
        if event.kind is AdtKind.CANCEL_ADMIT:
            kind, note = AdmissionStatus.WAITING, "It cancels an admission that is not on file."
        else:
            kind, note = AdmissionStatus.NOTED, f"A visit ({event.patient_class.value}) that is no hospital stay."
        if self.number is not None:
            note += " It is sent to the stay if one is opened."
        self._keep(AdtStatus.WAITING if self.number is not None else AdtStatus.NOTED, self.number)
        return self._note(kind, note)

    def _handle_other(self, stay: StayRecord | None) -> AdtOutcome:
        trigger = self.message.trigger
        known = merges.affected_stays(self.s, self.message) if trigger in MERGE_OR_MOVE_TRIGGERS else ()
        named = dict.fromkeys(one.stay_id for one in (*((stay,) if stay is not None else ()), *known))
        if trigger in MERGE_OR_MOVE_TRIGGERS and named:
            return self._refuse((refusals.joining(trigger, tuple(named)),))
        if stay is not None and not KNOWN_TRIGGER.fullmatch(trigger):
            return self._refuse((refusals.event_unknown(trigger, stay.stay_id),))
        if stay is not None:
            return self._tell(AdmissionStatus.JOINED, f"Noted on stay {stay.stay_id}.", (stay.stay_id,))
        self._keep(AdtStatus.NOTED, self.number)
        return self._note(AdmissionStatus.NOTED, f"{trigger} is stored; it is about no stay on file.")

    def _note(self, kind: AdmissionStatus, note: str) -> AdtOutcome:
        inbox.resolve(self.s, self.item.inbox_id, UMPIRE, note, self.now)
        return self._outcome(kind, note, self.number)

    # -- messages that are sent to a stay ------------------------------------------------------------------------------

    def _merge(self) -> AdtOutcome:
        if not self.message.event.facility:
            return self._refuse((refusals.no_facility(),))
        merged = merges.merge_patients(self.s, self.message)
        if merged.problem is not None:
            return self._refuse((merged.problem,))
        if not merged.tells:
            self._keep(AdtStatus.NOTED, None)
            return self._note(AdmissionStatus.NOTED, "The merge is about no stay on file.")
        return self._tell(AdmissionStatus.MERGED, f"Merged, and sent to {', '.join(merged.tells)}.", merged.tells)

    def _join(self, stay: StayRecord) -> AdtOutcome:
        message = self.message
        stays.fill_in_missing(
            self.s,
            stay.stay_id,
            visit_number=message.event.visit_number,
            account_number=message.account_number,
            patient_key=message.patient_key,
            facility_npi=message.facility_npi,
        )
        visit, account = message.event.visit_number, message.account_number
        if visit and stay.visit_number and visit != stay.visit_number and message.event.kind in OPENING_KINDS:
            # The numbers changed with the class: later messages come under the new ones.
            renamed = {"visit_number": visit} | ({"account_number": account} if account else {})
            stays.replace_numbers(self.s, stay.stay_id, **renamed)
        says = f"Sent to stay {stay.stay_id}: {message.event.kind.value.replace('_', ' ')}."
        return self._tell(AdmissionStatus.JOINED, says + self._describe_changes(stay.stay_id), (stay.stay_id,))

    def _adopt_patient_number(self, stay: StayRecord) -> None:
        """Set the hospital's patient number on a stay that a request opened, once the visit or account number is known."""
        message = self.message
        if message.patient_key and (message.event.visit_number or message.account_number):
            stays.replace_numbers(self.s, stay.stay_id, patient_key=message.patient_key)

    def _describe_changes(self, stay_id: str) -> str:
        """Text with the differences between an update and the event before it."""
        event = self.message.event
        if event.kind is not AdtKind.UPDATE:
            return ""
        before = _previous_event(tuple(one.event for one in adt_messages.of_stay(self.s, stay_id)), event)
        if before is None:
            return ""
        found = changed_fields(before, event)
        return f" Changed: {', '.join(found)}." if found else " No compared field has changed."

    def _open(self, member_id: str) -> AdtOutcome:
        event = self.message.event
        if not event.facility:
            return self._refuse((refusals.no_facility(),))
        if self.number is None:
            return self._refuse((refusals.no_identity(),))
        day = (event.admitted_at or event.happened_at).date()
        problems = coverage_issues(self.s, member_id, day, self.lobs)
        if problems:
            return self._refuse(problems)
        stay = StayRecord(
            stay_id=self.number,
            facility=facility_key(event.facility),
            facility_npi=self.message.facility_npi,
            visit_number=event.visit_number,
            account_number=self.message.account_number,
            patient_key=self.message.patient_key,
            member_id=member_id,
            opened_at=self.item.received_at,
        )
        other = find_overlapping_stay(self.s, self.message, member_id)
        if other is not None:
            asked = event.model_copy(update={"overlaps": other.stay_id})
            self.message = self.message.model_copy(update={"event": asked})
        stays.open_stay(self.s, stay)
        self._wake(stay)
        says = f"Stay {stay.stay_id} is opened."
        if other is not None:
            says += f" Stay {other.stay_id} of the same member there has not ended or is planned: a person is asked."
        if event.kind not in (AdtKind.ADMIT, AdtKind.REGISTER, AdtKind.PREADMIT, AdtKind.TO_INPATIENT):
            says += f" Its admission was not reported before: this is a {event.kind.value.replace('_', ' ')}."
        return self._tell(AdmissionStatus.OPENED, says, (stay.stay_id,))

    def _wake(self, stay: StayRecord) -> None:
        """Release the messages that waited for this stay; those of another patient keep waiting."""
        for row in adt_messages.of_stay(self.s, stay.stay_id):
            if row.status is not AdtStatus.WAITING:
                continue
            item, arrived = inbox.get(self.s, row.inbox_id), self.arrivals.of(row.inbox_id)
            message = read_adt_message(self.s, item, arrived, stay.member_id)
            if match_member(self.s, message, stay).member_id is not None:
                adt_messages.release_waiting(self.s, row.event_id, stay.stay_id, message.event)

    def _tell(self, kind: AdmissionStatus, says: str, tells: tuple[str, ...]) -> AdtOutcome:
        stay = stays.get(self.s, tells[0])
        if self.message.lacks_zone and stay is not None:
            self.message = read_adt_message(self.s, self.item, self.arrivals.of(self.item.inbox_id), stay.member_id)
        self._keep(AdtStatus.PENDING, tells[0], tells)
        inbox.accept(self.s, self.item.inbox_id, tells[0], 1)
        return self._outcome(kind, says, tells[0], self.message.event.event_id)

    # -- storage -------------------------------------------------------------------------------------------------------

    def _match_member(self, stay: StayRecord | None) -> MemberMatch:
        if self.settled is None:
            return match_member(self.s, self.message, stay)
        if stay is not None and stay.member_id != self.settled.member_id:
            text = f"stay {stay.stay_id} belongs to another member"
            wanted = "the member of the stay, or 'umpire inbox resolve' with what was done"
            return MemberMatch(
                None, ValidationIssue(path="PID-3", rule="stay.other_member", message=text, expected=wanted)
            )
        return MemberMatch(self.settled.member_id)

    def _refuse(self, problems: tuple[ValidationIssue, ...]) -> AdtOutcome:
        self._keep(AdtStatus.OPEN, self.number)
        stored = adt_messages.get(self.s, self.message.event.event_id)
        return _reject(self.s, self.item, self.message, problems, stored)

    def _keep(self, status: AdtStatus, stay_id: str | None, tells: tuple[str, ...] = ()) -> None:
        message, event = self.message, self.message.event
        row = StoredAdt(
            event_id=event.event_id,
            inbox_id=self.item.inbox_id,
            sender=f"{message.sending_application}|{message.sending_facility}",
            control_id=message.control_id,
            sha256=self.arrivals.of(self.item.inbox_id).sha256,
            trigger=message.trigger,
            status=status,
            received_at=self.item.received_at,
            happened_at=event.happened_at,
            stay_id=stay_id,
            tells=tells,
            settled_by=self.settled.by if self.settled is not None else None,
            event=event,
        )
        if not adt_messages.save(self.s, row):
            adt_messages.replace_event(self.s, event.event_id, event)
            adt_messages.set_status(self.s, event.event_id, status, stay_id, tells, row.settled_by)

    def _outcome(
        self,
        kind: AdmissionStatus,
        says: str,
        stay_id: str | None,
        event_id: str | None = None,
        first: int | None = None,
    ) -> AdtOutcome:
        item = inbox.get(self.s, self.item.inbox_id)
        return AdtOutcome(kind, item, says, self.message, stay_id, event_id, notes=self.message.notes, first=first)


def _previous_event(known: tuple[StayEvent, ...], event: StayEvent) -> StayEvent | None:
    earlier = sort_events((*known, event))
    place = earlier.index(event)
    return earlier[place - 1] if place else None
