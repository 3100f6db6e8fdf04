"""Lookup of the stay on file that an ADT message is about."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from domain.stays.adt import AdtKind, AdtMessage
from domain.stays.numbers import facility_key, identity_of, stay_id_for
from domain.stays.timeline import StayTimeline, build_timeline
from store import adt_messages, installation, stays
from store.stays import StayRecord

_CLASS_CHANGES = frozenset({AdtKind.ADMIT, AdtKind.TO_INPATIENT, AdtKind.TO_OUTPATIENT})
_ADMISSION_TOLERANCE = timedelta(days=2)
"""Tolerance between a request's admission time (often only a day, or the time of the order) and the hospital's."""


def stay_number_for(s: Session, message: AdtMessage) -> str | None:
    """The case number of the message's stay, open or not yet opened. None when the message does not identify a stay."""
    identity = identity_of(message)
    return stay_id_for(identity, installation.installation_key(s)) if identity is not None else None


def find_stay(s: Session, message: AdtMessage) -> StayRecord | None:
    """Find the message's stay on file, following merges.

    By its case number; by the visit at this facility or under its NPI; by the account, where the account has one stay and
    the message or that stay has no visit number: senders sometimes leave out either number. When the numbers change with the
    class: by the numbers that the message takes away, or by the account, where the patient is in a stay under it.
    """
    found = _find_before_merges(s, message) or find_prior_stay(s, message) or _find_open_of_account(s, message)
    found = found or _find_under_relay(s, message)
    return stays.resolve_merges(s, found) if found is not None else None


def find_prior_stay(s: Session, message: AdtMessage) -> StayRecord | None:
    """The stay under the numbers that a change of class takes away (MRG of A06 and A07), before merges."""
    if message.event.kind not in (AdtKind.TO_INPATIENT, AdtKind.TO_OUTPATIENT):
        return None
    facility, visit = facility_key(message.event.facility), message.event.prior_visit_number
    found = None
    if visit:
        found = stays.get(s, stay_id_for(("visit", facility, visit), installation.installation_key(s)))
        found = found or stays.of_visit(s, facility, message.facility_npi, visit)
    account = next((one.away_account for one in message.merges), None)
    if found is None and account:
        of_account = stays.of_account(s, facility, account)
        found = of_account[0] if len(of_account) == 1 else None
    return found


def find_overlapping_stay(s: Session, message: AdtMessage, member_id: str) -> StayRecord | None:
    """Another stay of the member at this facility that has not ended, for nobody is in two beds, or that is planned for these
    days, for it may be the one that has come about."""
    if message.event.kind is AdtKind.PREADMIT:
        return None
    for stay in stays.of_member(s, member_id):
        same = stay.facility == facility_key(message.event.facility) or (
            stay.facility_npi is not None and stay.facility_npi == message.facility_npi
        )
        if same and stay.merged_into is None and (_is_present(s, stay) or _is_planned_now(s, stay, message)):
            return stay
    return None


def _find_open_of_account(s: Session, message: AdtMessage) -> StayRecord | None:
    """The patient's stay under this account that has not ended, when the visit number changes with the class."""
    if not message.account_number or message.event.kind not in _CLASS_CHANGES:
        return None
    of_account = stays.of_account(s, facility_key(message.event.facility), message.account_number)
    open_now = [stay for stay in of_account if stay.patient_key == message.patient_key and _is_present(s, stay)]
    return open_now[0] if len(open_now) == 1 else None


def _find_under_relay(s: Session, message: AdtMessage) -> StayRecord | None:
    """A stay that an earlier release opened under the name of the relay that sends for the facility."""
    relay, visit = facility_key(message.sending_facility), message.event.visit_number
    if not visit or not relay or relay == facility_key(message.event.facility):
        return None
    found = stays.of_visit(s, relay, None, visit)
    return found if found is not None and found.patient_key == message.patient_key else None


def _is_present(s: Session, stay: StayRecord) -> bool:
    return _course(s, stay).is_present


def _is_planned_now(s: Session, stay: StayRecord, message: AdtMessage) -> bool:
    """Whether the stay was announced for about the time of the message's admission, and nobody has come."""
    course, began = _course(s, stay), message.event.admitted_at or message.event.happened_at
    if course.planned_for is None or course.phases or course.is_voided:
        return False
    return abs(course.planned_for - began) <= _ADMISSION_TOLERANCE


def _course(s: Session, stay: StayRecord) -> StayTimeline:
    return build_timeline([row.event for row in adt_messages.of_stay(s, stay.stay_id)], {})


def find_stay_opened_by_request(s: Session, message: AdtMessage, member_id: str) -> StayRecord | None:
    """Find a stay of the member that a request opened before the hospital reported it.

    It is at the same facility, has none of the facility's numbers yet, and began within two days of the message's admission.
    """
    event = message.event
    began = event.admitted_at or event.happened_at
    for stay in stays.of_member(s, member_id):
        numbers = stay.visit_number or stay.account_number or stay.merged_into
        same_place = stay.facility == facility_key(event.facility) or (
            stay.facility_npi is not None and stay.facility_npi == message.facility_npi
        )
        if numbers or not same_place or stay.patient_key != member_id:
            continue
        said = [row.event.admitted_at or row.event.happened_at for row in adt_messages.of_stay(s, stay.stay_id)]
        if any(abs(at - began) <= _ADMISSION_TOLERANCE for at in said):
            return stay
    return None


def _find_before_merges(s: Session, message: AdtMessage) -> StayRecord | None:
    facility, visit = facility_key(message.event.facility), message.event.visit_number
    number = stay_number_for(s, message)
    found = stays.get(s, number) if number is not None else None
    if found is None and visit:
        found = stays.of_visit(s, facility, message.facility_npi, visit)
    if found is None and message.account_number:
        of_account = stays.of_account(s, facility, message.account_number)
        if len(of_account) == 1 and not (visit and of_account[0].visit_number):
            found = of_account[0]
    return found
