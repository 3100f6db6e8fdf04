"""Which stay a message is about, among those that are known here."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.adt import AdtMessage
from domain.stay_identity import facility_key, identity_of, stay_id_for
from store import settings, stays
from store.stays import Stay


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
