"""Criteria that were told or sent to somebody who asked for them: who asked, which rule in which version, how, and by whom."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.model import Model
from store.disclosures import tables

_D = tables.criteria_disclosures


class DisclosureWay(StrEnum):
    """The way by which criteria went to who asked."""

    READ_OUT = "read_out"
    MAIL = "mail"
    EMAIL = "email"
    FAX = "fax"
    HANDED_OVER = "handed_over"


class CriteriaDisclosure(Model):
    """One disclosure. `act` is the number of its form, so that a form sent twice is one; `by` is a reviewer id, `at` UTC.

    `service` is what was looked for, `sent_to` the address, number or mailbox; both may be empty. `letter_id` is the letter
    that Umpire sends; None where people told or sent them. `disclosure_id` is None until it is kept.
    """

    disclosure_id: int | None = None
    act: str
    at: AwareDatetime
    by: str
    guideline_id: str
    version: str
    rulebook_version: str
    service: str = ""
    caller_kind: str
    caller_name: str = Field(min_length=1)
    caller_organization: str = ""
    way: DisclosureWay
    sent_to: str = ""
    letter_id: str | None = None


def keep(s: Session, one: CriteriaDisclosure) -> CriteriaDisclosure:
    """Keep a disclosure; one that was kept with this form before is returned as it was."""
    known = of_act(s, one.act)
    if known is not None:
        return known
    try:
        with s.begin_nested():
            s.execute(_D.insert().values(**one.model_dump(exclude={"disclosure_id"}, mode="python")))
    except IntegrityError:  # the same form at the same moment
        pass
    kept = of_act(s, one.act)
    assert kept is not None
    return kept


def list_latest(
    s: Session, limit: int, before: int | None = None, by: str | None = None
) -> tuple[CriteriaDisclosure, ...]:
    """At most `limit` disclosures, the latest first; `before` is the number of the last one seen, `by` whose alone."""
    query = select(_D).order_by(_D.c.disclosure_id.desc()).limit(limit)
    if before is not None:
        query = query.where(_D.c.disclosure_id < before)
    if by is not None:
        query = query.where(_D.c.by == by)
    return tuple(CriteriaDisclosure.model_validate(row._asdict()) for row in s.execute(query))


def of_act(s: Session, act: str) -> CriteriaDisclosure | None:
    """The disclosure that was kept with this form; None for none."""
    row = s.execute(select(_D).where(_D.c.act == act)).one_or_none()
    return None if row is None else CriteriaDisclosure.model_validate(row._asdict())
