"""People who are signed in, and what each role may do and see: data, read by pages, API and tests alike.

A right opens a kind of page or act. The case itself, and the commands, check every act again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import refusal
from domain.journal import Actor
from domain.vocabulary import Role


class Right(StrEnum):
    """Something that a signed-in person may do or see."""

    WORKLIST = "worklist"
    """Lists of tasks and cases, and the search over them."""
    CASES = "cases"
    """Case pages of the care team, with documents and letters."""
    TASKS = "tasks"
    """Claim, release and complete tasks."""
    STAYS = "stays"
    DISCHARGE_PLANS = "discharge_plans"
    CALLS = "calls"
    PEER_TO_PEER = "peer_to_peer"
    CRITERIA = "criteria"
    INBOX = "inbox"
    OVERSIGHT = "oversight"
    """Clocks at risk, capacity, reassignment, licenses and training."""
    ACCESS_LOG = "access_log"
    CONCERNS = "concerns"
    RETROSPECTIVE = "retrospective"
    PROVIDER = "provider"
    """A provider's own requests."""


_CLINICAL = frozenset(
    {Role.NURSE, Role.PHYSICIAN, Role.PHARMACIST, Role.PSYCHOLOGIST, Role.MEDICAL_DIRECTOR, Role.DISCHARGE_PLANNER}
)
_STAFF = frozenset(Role)
_LEADING = frozenset({Role.SUPERVISOR, Role.MEDICAL_DIRECTOR, Role.COMPLIANCE})

RIGHTS: Mapping[Right, frozenset[Role]] = {
    Right.WORKLIST: _STAFF,
    Right.CASES: _STAFF,
    Right.TASKS: _STAFF,
    Right.STAYS: _CLINICAL | {Role.INTAKE, Role.SUPERVISOR},
    Right.DISCHARGE_PLANS: _CLINICAL | {Role.SUPERVISOR},
    Right.CALLS: frozenset({Role.INTAKE, Role.NURSE, Role.PHYSICIAN, Role.SUPERVISOR}),
    Right.PEER_TO_PEER: _CLINICAL | {Role.INTAKE, Role.SUPERVISOR},
    Right.CRITERIA: _STAFF,
    Right.INBOX: frozenset({Role.INTAKE, Role.SUPERVISOR, Role.COMPLIANCE}),
    Right.OVERSIGHT: _LEADING,
    Right.ACCESS_LOG: frozenset({Role.COMPLIANCE, Role.SUPERVISOR}),
    Right.CONCERNS: _STAFF,
    Right.RETROSPECTIVE: _CLINICAL | {Role.CODER, Role.COMPLIANCE, Role.SUPERVISOR},
    Right.PROVIDER: frozenset(),
}
"""The roles that have each right; providers have PROVIDER alone."""


@dataclass(frozen=True)
class Principal:
    """The person who is signed in: a reviewer of the directory, or somebody at a provider's.

    Exactly one of `reviewer_id` and `npi` is set. `described` are the words beside the name: licenses, specialty.
    """

    account_id: str
    name: str
    described: str
    reviewer_id: str | None = None
    npi: str | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def rights(self) -> frozenset[Right]:
        """The rights of these roles."""
        if self.npi is not None:
            return frozenset({Right.PROVIDER})
        return frozenset(right for right, roles in RIGHTS.items() if roles & self.roles)

    @property
    def reviewer(self) -> str:
        """The reviewer's id. Raises Refused for a provider."""
        if self.reviewer_id is None:
            raise refusal("access.staff", "Only the plan's staff do this.", "Ask the plan.")
        return self.reviewer_id

    @property
    def actor(self) -> Actor:
        """The actor of what this person does."""
        return (
            Actor(kind="reviewer", id=self.reviewer_id)
            if self.reviewer_id
            else Actor(kind="provider", id=self.npi or "")
        )
