"""Criteria that were asked for, each with whether and when they went to who asked."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from store.correspondence import standalone_letters
from store.correspondence.standalone_letters import StandaloneLetter
from store.disclosures import criteria_disclosures
from store.disclosures.criteria_disclosures import CriteriaDisclosure


class SendingStatus(StrEnum):
    """Whether criteria went out. `by_people`: people read them out or handed them over, and Umpire sends nothing."""

    BY_PEOPLE = "by_people"
    TO_BE_SENT = "to_be_sent"
    SENT = "sent"


class DisclosureRow(CriteriaDisclosure):
    """A disclosure with its sending. `sent_at` (UTC) and `receipt` are the carrier's; `attempts` counts failed ones."""

    sending: SendingStatus
    sent_at: AwareDatetime | None = None
    receipt: str | None = None
    attempts: int = 0


def list_disclosures(
    s: Session, limit: int, before: int | None = None, by: str | None = None
) -> tuple[DisclosureRow, ...]:
    """At most `limit` disclosures, the latest first; `before` is the number of the last one seen, `by` whose alone."""
    found = criteria_disclosures.list_latest(s, limit, before, by)
    letters = standalone_letters.among(s, [one.letter_id for one in found if one.letter_id])
    return tuple(_row(one, letters.get(one.letter_id or "")) for one in found)


def _row(one: CriteriaDisclosure, letter: StandaloneLetter | None) -> DisclosureRow:
    if letter is None:
        return DisclosureRow(**dict(one), sending=SendingStatus.BY_PEOPLE)
    sent = letter.handed_over_at is not None
    return DisclosureRow(
        **dict(one),
        sending=SendingStatus.SENT if sent else SendingStatus.TO_BE_SENT,
        sent_at=letter.handed_over_at,
        receipt=letter.receipt,
        attempts=letter.attempts,
    )
