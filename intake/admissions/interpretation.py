"""From bytes in the inbox to what they mean for stays: one transaction, and the same answer however often it is asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import NotReadable, Problem
from domain.stays.adt import AdtKind, AdtMessage, StayEvent, changes, in_order, opens_stay
from domain.stays.numbers import facility_key
from domain.vocabulary import Lob
from intake.admissions import merges as stay_merging
from intake.admissions.meaning import UMPIRE, Settlement, Understood
from intake.admissions.member_match import Whose, whose
from intake.admissions.outcome import AdmissionKind
from intake.admissions.reading import read_message
from intake.admissions.stay_lookup import find, number_for, opened_by_a_request
from intake.requests.membership import not_served
from interop.hl7.adt import REJECTED, content_hash
from store import adt_messages, inbox, stays
from store.adt_messages import AdtStatus, StoredAdt
from store.dialect import hold
from store.inbox import InboxItem, InboxStatus
from store.session import Store
from store.stays import Stay

JOINING = frozenset(f"A{number}" for number in (18, 30, 34, 35, 36, 39, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51))
"""Triggers that join or move patients, accounts or visits in ways that are not carried out by software here."""
_ASK = "the message again with it, or the admission entered with 'umpire admit --by-hand'"


def understand(
    store: Store,
    inbox_id: int,
    now: datetime,
    lobs: frozenset[Lob] | None = None,
    settled: Settlement | None = None,
    again: bool = False,
) -> Understood:
    """What the item means. With `again`, or settled by a person, an item that waits for a person is looked at anew.

    Raises Refused (of domain.errors) for an unknown item, Unavailable when the store is away.
    """
    with store.begin() as s:
        hold(s, "adt")
        item, raw = inbox.get(s, inbox_id), inbox.raw(s, inbox_id)
        anew = item.status is InboxStatus.REFUSED and (again or settled is not None)
        if item.status is not InboxStatus.RECEIVED and not anew:
            return _settled_before(s, item)
        try:
            message = read_message(s, item, raw, None)
        except NotReadable as wrong:
            return _refused(s, item, None, wrong.problems, adt_messages.of_inbox(s, inbox_id))
        return _Reading(s, item, message, raw, now, lobs, settled).meaning()


def _settled_before(s: Session, item: InboxItem) -> Understood:
    stored = adt_messages.of_inbox(s, item.inbox_id)
    event_id = stored.event_id if stored is not None and stored.status is AdtStatus.PENDING else None
    stay_id = stored.stay_id if stored is not None else item.case_id
    if item.status is InboxStatus.REFUSED:
        return _must_look(item, None, item.problems)
    says = f"Stay {stay_id} has it." if item.status is InboxStatus.ACCEPTED else (item.note or "It was settled.")
    kind = AdmissionKind.JOINED if item.status is InboxStatus.ACCEPTED else AdmissionKind.NOTED
    return Understood(kind, item, says, stay_id=stay_id, event_id=event_id)


def _refused(
    s: Session, item: InboxItem, message: AdtMessage | None, problems: tuple[Problem, ...], stored: StoredAdt | None
) -> Understood:
    """Kept for a person. What is not even a whole ADT message is the sender's to send again."""
    item = inbox.refuse(s, item.inbox_id, problems)
    if stored is not None:
        adt_messages.decide(s, stored.event_id, AdtStatus.OPEN, stored.stay_id)
    return _must_look(item, message, problems)


def _must_look(item: InboxItem, message: AdtMessage | None, problems: tuple[Problem, ...]) -> Understood:
    rejected = any(problem.rule in REJECTED for problem in problems)
    kind = AdmissionKind.REJECTED if rejected else AdmissionKind.MUST_LOOK
    says = f"Not taken; it is kept as INBOX-{item.inbox_id} for intake to look at."
    return Understood(kind, item, says, message, problems=problems, notes=message.notes if message else ())


class _Reading:
    """One message within its transaction."""

    def __init__(
        self,
        s: Session,
        item: InboxItem,
        message: AdtMessage,
        raw: bytes,
        now: datetime,
        lobs: frozenset[Lob] | None,
        settled: Settlement | None,
    ) -> None:
        self.s, self.item, self.message, self.raw = s, item, message, raw
        self.now, self.lobs, self.settled = now, lobs, settled
        self.number = number_for(s, message)

    def meaning(self) -> Understood:
        known = adt_messages.get(self.s, self.message.event.event_id)
        if known is not None and known.inbox_id != self.item.inbox_id:
            return self._repeat(known)
        stay = find(self.s, self.message)
        kind = self.message.event.kind
        if kind is AdtKind.MERGE:
            return self._merge()
        if kind is AdtKind.OTHER:
            return self._other(stay)
        if stay is None and not opens_stay(self.message.event):
            return self._wait()
        who = self._whose(stay)
        if who.member_id is None:
            return self._refuse((who.problem,) if who.problem is not None else ())
        if self.message.lacks_zone:
            self.message = read_message(self.s, self.item, self.raw, who.member_id)
        if self.message.lacks_zone:
            text, wanted = "an instant has no offset and nobody knows its zone", "an offset, or the facility's zone"
            return self._refuse((Problem(path="EVN-2", rule="adt.zone_unknown", message=text, expected=wanted),))
        if stay is None and (stay := opened_by_a_request(self.s, self.message, who.member_id)) is not None:
            self._take_numbers(stay)
        return self._join(stay) if stay is not None else self._open(who.member_id)

    # -- what nothing is told of ---------------------------------------------------------------------------------------

    def _repeat(self, known: StoredAdt) -> Understood:
        note = f"The same message is here already as INBOX-{known.inbox_id}."
        inbox.resolve(self.s, self.item.inbox_id, UMPIRE, note, self.now)
        waits = known.status is AdtStatus.OPEN
        event_id = known.event_id if known.status is AdtStatus.PENDING else None
        first = known.inbox_id if waits else None
        return self._understood(AdmissionKind.REPEATED, note, known.stay_id, event_id, first)

    def _wait(self) -> Understood:
        event = self.message.event
        if event.kind is AdtKind.CANCEL_ADMIT:
            kind, note = AdmissionKind.WAITING, "It cancels an admission that was never announced here."
        else:
            kind, note = AdmissionKind.NOTED, f"A visit ({event.patient_class.value}), which is no hospital stay."
        if self.number is not None:
            note += " It is told to the stay if one becomes known."
        self._keep(AdtStatus.WAITING if self.number is not None else AdtStatus.NOTED, self.number)
        return self._note(kind, note)

    def _other(self, stay: Stay | None) -> Understood:
        trigger = self.message.trigger
        if trigger in JOINING and (stay is not None or stay_merging.touches(self.s, self.message)):
            text = f"{trigger} joins or moves patients, accounts or visits of stays that are known here"
            wanted = "somebody who sees what it does to them, and 'umpire inbox resolve' with what was done"
            return self._refuse((Problem(path="MSH-9.2", rule="stay.joining", message=text, expected=wanted),))
        if stay is not None:
            return self._tell(AdmissionKind.JOINED, f"Noted on stay {stay.stay_id}.", (stay.stay_id,))
        self._keep(AdtStatus.NOTED, self.number)
        return self._note(AdmissionKind.NOTED, f"{trigger} is kept; it is about no stay that is known here.")

    def _note(self, kind: AdmissionKind, note: str) -> Understood:
        inbox.resolve(self.s, self.item.inbox_id, UMPIRE, note, self.now)
        return self._understood(kind, note, self.number)

    # -- what a stay is told of ----------------------------------------------------------------------------------------

    def _merge(self) -> Understood:
        if not self.message.event.facility:
            return self._refuse((_no_facility(),))
        merged = stay_merging.merge(self.s, self.message)
        if merged.problem is not None:
            return self._refuse((merged.problem,))
        if not merged.tells:
            self._keep(AdtStatus.NOTED, None)
            return self._note(AdmissionKind.NOTED, "The merge is about no stay that is known here.")
        return self._tell(AdmissionKind.MERGED, f"Re-keyed, and told to {', '.join(merged.tells)}.", merged.tells)

    def _join(self, stay: Stay) -> Understood:
        message = self.message
        stays.learn(
            self.s,
            stay.stay_id,
            visit_number=message.event.visit_number,
            account_number=message.account_number,
            patient_key=message.patient_key,
            facility_npi=message.facility_npi,
        )
        says = f"Told to stay {stay.stay_id}: {message.event.kind.value.replace('_', ' ')}."
        return self._tell(AdmissionKind.JOINED, says + self._compared(stay.stay_id), (stay.stay_id,))

    def _take_numbers(self, stay: Stay) -> None:
        """A stay that a request made known goes by the hospital's own number of the patient, once it has one of the visit."""
        message = self.message
        if message.patient_key and (message.event.visit_number or message.account_number):
            stays.re_key(self.s, stay.stay_id, patient_key=message.patient_key)

    def _compared(self, stay_id: str) -> str:
        """What an update says otherwise than what was known when it happened."""
        event = self.message.event
        if event.kind is not AdtKind.UPDATE:
            return ""
        before = _last_before(tuple(one.event for one in adt_messages.of_stay(self.s, stay_id)), event)
        if before is None:
            return ""
        found = changes(before, event)
        return f" Changed: {', '.join(found)}." if found else " Nothing that is compared has changed."

    def _open(self, member_id: str) -> Understood:
        event = self.message.event
        if not event.facility:
            return self._refuse((_no_facility(),))
        if self.number is None:
            text = "neither a visit number nor an account, nor patient number with time of admission, says which stay it is"
            return self._refuse((Problem(path="PV1-19", rule="stay.no_identity", message=text, expected=_ASK),))
        day = (event.admitted_at or event.happened_at).date()
        problems = not_served(self.s, member_id, day, self.lobs)
        if problems:
            return self._refuse(problems)
        stay = Stay(
            stay_id=self.number,
            facility=facility_key(event.facility),
            facility_npi=self.message.facility_npi,
            visit_number=event.visit_number,
            account_number=self.message.account_number,
            patient_key=self.message.patient_key,
            member_id=member_id,
            opened_at=self.item.received_at,
        )
        stays.open_stay(self.s, stay)
        self._wake(stay)
        says = f"Stay {stay.stay_id} is known from now on."
        if event.kind not in (AdtKind.ADMIT, AdtKind.REGISTER, AdtKind.PREADMIT, AdtKind.TO_INPATIENT):
            says += f" Its admission was never announced here: a {event.kind.value.replace('_', ' ')} shows it."
        return self._tell(AdmissionKind.OPENED, says, (stay.stay_id,))

    def _wake(self, stay: Stay) -> None:
        """What waited for this stay is told to it, unless it is about somebody else, for whom it goes on waiting."""
        for row in adt_messages.of_stay(self.s, stay.stay_id):
            if row.status is not AdtStatus.WAITING:
                continue
            item, raw = inbox.get(self.s, row.inbox_id), inbox.raw(self.s, row.inbox_id)
            message = read_message(self.s, item, raw, stay.member_id)
            if whose(self.s, message, stay).member_id is not None:
                adt_messages.wake(self.s, row.event_id, stay.stay_id, message.event)

    def _tell(self, kind: AdmissionKind, says: str, tells: tuple[str, ...]) -> Understood:
        stay = stays.get(self.s, tells[0])
        if self.message.lacks_zone and stay is not None:
            self.message = read_message(self.s, self.item, self.raw, stay.member_id)
        self._keep(AdtStatus.PENDING, tells[0], tells)
        inbox.accept(self.s, self.item.inbox_id, tells[0], 1)
        return self._understood(kind, says, tells[0], self.message.event.event_id)

    # -- keeping -------------------------------------------------------------------------------------------------------

    def _whose(self, stay: Stay | None) -> Whose:
        if self.settled is None:
            return whose(self.s, self.message, stay)
        if stay is not None and stay.member_id != self.settled.member_id:
            text = f"stay {stay.stay_id} is another member's already"
            wanted = "the member of the stay, or 'umpire inbox resolve' with what was done"
            return Whose(None, Problem(path="PID-3", rule="stay.other_member", message=text, expected=wanted))
        return Whose(self.settled.member_id)

    def _refuse(self, problems: tuple[Problem, ...]) -> Understood:
        self._keep(AdtStatus.OPEN, self.number)
        stored = adt_messages.get(self.s, self.message.event.event_id)
        return _refused(self.s, self.item, self.message, problems, stored)

    def _keep(self, status: AdtStatus, stay_id: str | None, tells: tuple[str, ...] = ()) -> None:
        message, event = self.message, self.message.event
        row = StoredAdt(
            event_id=event.event_id,
            inbox_id=self.item.inbox_id,
            sender=f"{message.sending_application}|{message.sending_facility}",
            control_id=message.control_id,
            sha256=content_hash(self.raw),
            trigger=message.trigger,
            status=status,
            received_at=self.item.received_at,
            happened_at=event.happened_at,
            stay_id=stay_id,
            tells=tells,
            settled_by=self.settled.by if self.settled is not None else None,
            event=event,
        )
        if not adt_messages.keep(self.s, row):
            adt_messages.read_again(self.s, event.event_id, event)
            adt_messages.decide(self.s, event.event_id, status, stay_id, tells, row.settled_by)

    def _understood(
        self,
        kind: AdmissionKind,
        says: str,
        stay_id: str | None,
        event_id: str | None = None,
        first: int | None = None,
    ) -> Understood:
        item = inbox.get(self.s, self.item.inbox_id)
        return Understood(kind, item, says, self.message, stay_id, event_id, notes=self.message.notes, first=first)


def _last_before(known: tuple[StayEvent, ...], event: StayEvent) -> StayEvent | None:
    earlier = in_order((*known, event))
    place = earlier.index(event)
    return earlier[place - 1] if place else None


def _no_facility() -> Problem:
    text = "nobody says which facility speaks"
    return Problem(path="MSH-4", rule="stay.no_facility", message=text, expected="the sending facility in MSH-4")
