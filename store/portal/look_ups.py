"""Answers to 'does it need authorization', kept under the number that the asker was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, JsonValue
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from domain.model import Model
from store.portal import tables

_L = tables.look_ups


class KeptLookUp(Model):
    """One look-up of a provider: question and answer as JSON, by which rulebook, at which instant (UTC). Without a member it
    found none; then neither question nor answer is kept. `act` is the number of the form it was asked with."""

    number: str
    act: str
    npi: str
    account_id: str
    member_id: str | None
    asked_at: AwareDatetime
    question: JsonValue
    answer: JsonValue
    rulebook_version: str


def keep(s: Session, one: KeptLookUp) -> None:
    """Keep a look-up under its own number."""
    s.execute(_L.insert().values(**one.model_dump()))


def get(s: Session, number: str) -> KeptLookUp | None:
    """The look-up of this number."""
    row = s.execute(select(_L).where(_L.c.number == number)).one_or_none()
    return None if row is None else _kept(row)


def of_act(s: Session, act: str) -> KeptLookUp | None:
    """The look-up that was asked with this form; a form that is sent twice asks once."""
    row = s.execute(select(_L).where(_L.c.act == act)).one_or_none()
    return None if row is None else _kept(row)


def count_misses(s: Session, account_id: str, since: datetime) -> int:
    """The look-ups of this account since then (UTC) that found no member."""
    missed = (_L.c.account_id == account_id, _L.c.member_id.is_(None), _L.c.asked_at >= since)
    return int(s.execute(select(func.count()).where(*missed)).scalar_one())


def _kept(row: Row[Any]) -> KeptLookUp:
    return KeptLookUp.model_validate(row._asdict())
