"""Which stay a message is about, among those that are known here."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from domain.stays.adt import AdtMessage
from domain.stays.numbers import facility_key, identity_of, stay_id_for
from store import adt_messages, stays
from store import installation as settings
from store.stays import Stay

_ABOUT = timedelta(days=2)
"""A request counts from the day of the admission, often without its hour, or from the order; the hospital from the door."""


def number_for(s: Session, message: AdtMessage) -> str | None:
    """The number that the stay has, or will have once it is known. None when the message does not say which stay it is."""
    identity = identity_of(message)
    return stay_id_for(identity, settings.installation_key(s)) if identity is not None else None


def find(s: Session, message: AdtMessage) -> Stay | None:
    """The known stay, through every merge.

    By its number; by the visit at this facility or under its NPI; by the account where no visit is named and the account has
    one stay, or where the account's only stay has no visit number yet: senders leave either number out now and then.
    """
    found = _find(s, message)
    return stays.standing(s, found) if found is not None else None


def opened_by_a_request(s: Session, message: AdtMessage, member_id: str) -> Stay | None:
    """A stay of the member that a request made known before the hospital announced it under numbers of its own.

    It is at the same facility, has none of the facility's numbers yet, and began within two days of what the message says.
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
        if any(abs(at - began) <= _ABOUT for at in said):
            return stay
    return None


def _find(s: Session, message: AdtMessage) -> Stay | None:
    facility, visit = facility_key(message.event.facility), message.event.visit_number
    number = number_for(s, message)
    found = stays.get(s, number) if number is not None else None
    if found is None and visit:
        found = stays.of_visit(s, facility, message.facility_npi, visit)
    if found is None and message.account_number:
        of_account = stays.of_account(s, facility, message.account_number)
        if len(of_account) == 1 and not (visit and of_account[0].visit_number):
            found = of_account[0]
    return found
