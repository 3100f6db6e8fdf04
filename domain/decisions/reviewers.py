"""Reviewers and their professional licenses."""

from __future__ import annotations

from datetime import date

from domain.model import Model
from domain.vocabulary import Role


class License(Model):
    """A license to practice. `expires` is its last valid day; `unrestricted` is None when the source does not state it."""

    profession: str
    state: str
    number: str
    expires: date
    unrestricted: bool | None


class Reviewer(Model):
    """A person who completes tasks. `training_valid_through` is the last day on which their UM training is valid.

    `conflicts` are NPIs of practitioners and facilities with whom they have a financial or personal tie.
    """

    reviewer_id: str
    name: str
    roles: tuple[Role, ...]
    licences: tuple[License, ...] = ()
    specialties: tuple[str, ...] = ()
    npi: str | None = None
    training_valid_through: date | None = None
    conflicts: tuple[str, ...] = ()
    reports_to: str | None = None
    active: bool = True
