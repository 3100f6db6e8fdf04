"""Reviewers and their professional licenses."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from domain.model import Model
from domain.vocabulary import Role, StaffDuty


class License(Model):
    """A license to practice. `expires` is its last valid day; `unrestricted` is None when the source does not state it."""

    profession: str
    state: str
    number: str
    expires: date
    unrestricted: bool | None


class StaffCredential(Model):
    """The training and authority of a person without a clinical license for one duty, through `expires`, the last day."""

    duty: StaffDuty
    number: str
    expires: date


class Reviewer(Model):
    """A person who completes tasks. `training_valid_through` is the last day on which their UM training is valid.

    `credentials` are those of staff, for what no clinical license allows or forbids. `conflicts` are NPIs of practitioners and
    facilities with whom they have a financial or personal tie. `hours_per_week` are the hours that they have for tasks in a
    week; None: not stated.
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
    credentials: tuple[StaffCredential, ...] = Field(default=(), exclude_if=lambda held: not held)
    hours_per_week: float | None = Field(default=None, gt=0, le=168, exclude_if=lambda hours: hours is None)

    def credential_on(self, duty: StaffDuty, day: date) -> StaffCredential | None:
        """The credential for this duty that is valid on `day` (local); None where there is none."""
        return next((held for held in self.credentials if held.duty is duty and held.expires >= day), None)
