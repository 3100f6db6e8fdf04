"""Offers of a peer-to-peer: the case that makes one, and which physicians' free times fit it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.authorization.case import AuthorizationCase
from domain.authorization.start import AuthorizationStart
from domain.cases.tasks import TaskKind
from domain.decisions.reviewers import Reviewer
from domain.vocabulary import Role
from engine.workflow_names import PRIOR_AUTHORIZATION
from store import directory, journal, tasks
from store.portal import slots
from store.portal.slots import CallSlot

_TALKING = frozenset({Role.PHYSICIAN, Role.MEDICAL_DIRECTOR, Role.PSYCHOLOGIST, Role.PHARMACIST})
"""Roles of those who speak with a provider as a peer."""


def load_case_state(s: Session, case_id: str) -> AuthorizationCase | None:
    """The case as of its last journal entry; None before its workflow has opened it, and for a case of another process."""
    kept = journal.last_state(s, case_id)
    if kept is None or kept.workflow != PRIOR_AUTHORIZATION:
        return None
    return AuthorizationStart.model_validate_json(kept.start_json).carried


def peers(s: Session) -> tuple[Reviewer, ...]:
    """Those of the plan who speak with providers as peers, by id."""
    return tuple(who for who in directory.reviewers(s) if who.active and _TALKING & set(who.roles))


def fitting_peers(s: Session, case_id: str) -> tuple[Reviewer, ...]:
    """The peers whose specialty fits the physician review that is open; all of them where none is demanded."""
    reviews = [one for one in tasks.of_case(s, case_id) if one.is_open and one.kind is TaskKind.PHYSICIAN_REVIEW]
    wanted = {specialty for review in reviews for specialty in review.specialties}
    return tuple(who for who in peers(s) if not wanted or wanted & set(who.specialties))


def fitting_slots(s: Session, case_id: str, until: datetime, now: datetime) -> tuple[CallSlot, ...]:
    """The free times of fitting peers after `now` and before the offer ends (both UTC), the next one first."""
    return slots.free(s, [who.reviewer_id for who in fitting_peers(s, case_id)], now, until)
