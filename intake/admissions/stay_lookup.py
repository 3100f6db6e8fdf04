"""Lookup of the stay on file that an ADT message is about."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from domain.stays.adt import AdtMessage
from domain.stays.numbers import facility_key, identity_of, stay_id_for
from store import adt_messages, installation, stays
from store.stays import StayRecord

_ADMISSION_TOLERANCE = timedelta(days=2)
"""Tolerance between a request's admission time (often only a day, or the time of the order) and the hospital's."""


def stay_number_for(s: Session, message: AdtMessage) -> str | None:
    """The case number of the message's stay, open or not yet opened. None when the message does not identify a stay."""
    identity = identity_of(message)
    return stay_id_for(identity, installation.installation_key(s)) if identity is not None else None


def find_stay(s: Session, message: AdtMessage) -> StayRecord | None:
    """Find the message's stay on file, following merges.

    By its case number; by the visit at this facility or under its NPI; by the account, where the account has one stay and
    the message or that stay has no visit number: senders sometimes leave out either number.
    """
    found = _find_before_merges(s, message)
    return stays.resolve_merges(s, found) if found is not None else None


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
