"""Yearly affirmations that a reviewer's pay does not depend on what they decide."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.model import Model
from store.dialect import insert_new
from store.oversight.tables import affirmations


class Affirmation(Model):
    """The affirmation of one reviewer for one calendar year: its words, and when it was given (UTC)."""

    reviewer_id: str
    year: int
    words: str
    at: AwareDatetime


def affirm(s: Session, reviewer_id: str, year: int, words: str, at: datetime) -> bool:
    """Keep the affirmation; False where this year's was given before, which stays."""
    return insert_new(s, affirmations, {"reviewer_id": reviewer_id, "year": year, "words": words, "at": at})


def latest(s: Session) -> dict[str, Affirmation]:
    """The latest affirmation of each reviewer who has given one, by reviewer."""
    query = select(affirmations).order_by(affirmations.c.year)
    return {row.reviewer_id: Affirmation(**row._mapping) for row in s.execute(query)}
