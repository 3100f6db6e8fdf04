"""Rules of who may do and read what, as data by role, and the checks that commands and queries make with them.

Every way in (command line, API, pages) gets the same answer, because the commands and queries check and not their callers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.cases.tasks import Task, TaskKind
from domain.decisions.reviewers import Reviewer
from domain.errors import NotOnFile, Refused, violation
from domain.journal import Actor
from domain.vocabulary import Role
from store import directory


@dataclass(frozen=True)
class ActionRule:
    """The roles that may act, and the violation for all others."""

    rule: str
    roles: frozenset[Role]
    message: str
    way_out: str = "Ask one of them."


@dataclass(frozen=True)
class ReadingRule:
    """The roles that may read restricted content; so may the assignee of a task of `task_kinds`. Others see `placeholder`."""

    roles: frozenset[Role]
    task_kinds: frozenset[TaskKind]
    placeholder: str


_INTAKE = frozenset({Role.INTAKE, Role.SUPERVISOR})
RESOLVE_INBOX = ActionRule("inbox.role", _INTAKE, "Only intake or a supervisor resolves inbox items.")
ENTER_ADMISSIONS = ActionRule(
    "inbox.role", _INTAKE, "Only intake or a supervisor enters admissions and assigns their member."
)
ENTER_REQUESTS = ActionRule(
    "submit.role",
    frozenset({Role.INTAKE, Role.NURSE, Role.SUPERVISOR}),
    "Only intake, nurses and supervisors enter requests by hand.",
)
REINSTATE_REQUESTS = ActionRule(
    "reinstate.role",
    frozenset({Role.INTAKE, Role.NURSE, Role.APPEALS, Role.SUPERVISOR}),
    "Only intake, nurses, appeals and supervisors enter that a withdrawal is taken back.",
)
ENTER_CHANGES = ActionRule(
    "change.role",
    frozenset({Role.INTAKE, Role.NURSE, Role.APPEALS, Role.SUPERVISOR, Role.PHYSICIAN, Role.MEDICAL_DIRECTOR}),
    "Only intake, nurses, appeals, physicians and supervisors enter what is asked after a decision.",
)
ENTER_APPEALS = ActionRule(
    "appeal.role",
    frozenset({Role.INTAKE, Role.NURSE, Role.APPEALS, Role.SUPERVISOR, Role.PHYSICIAN, Role.MEDICAL_DIRECTOR}),
    "Only intake, nurses, appeals, physicians and supervisors enter an appeal.",
)
CORRECT_AUTHORIZATIONS = ActionRule(
    "change.correct_role",
    frozenset({Role.NURSE, Role.PHYSICIAN, Role.MEDICAL_DIRECTOR}),
    "Only those who may approve correct an authorization.",
)
END_EARLY = ActionRule(
    "change.end_role",
    frozenset({Role.PHYSICIAN, Role.MEDICAL_DIRECTOR}),
    "Only a physician proposes that an authorization ends early.",
)
READ_PEER_REVIEW = ReadingRule(
    frozenset({Role.MEDICAL_DIRECTOR, Role.COMPLIANCE}),
    frozenset({TaskKind.CONCERN_PEER_REVIEW, TaskKind.CONCERN_COMMITTEE, TaskKind.CONCERN_CLOSURE}),
    "restricted to peer review",
)
# Intake logs calls; nurses, physicians and supervisors return them, and whoever has claimed one.
READ_CALLER_MESSAGE = ReadingRule(
    frozenset({Role.INTAKE, Role.NURSE, Role.PHYSICIAN, Role.SUPERVISOR}),
    frozenset({TaskKind.CALL_BACK, TaskKind.CALLER_NOT_REACHED}),
    "restricted to staff who return calls",
)


def require_on_file(s: Session, reviewer_id: str) -> Reviewer:
    """The reviewer's entry in the directory. Raises NotOnFile."""
    who = directory.reviewer(s, reviewer_id)
    if who is None:
        raise NotOnFile(f"The directory has no reviewer {reviewer_id}.", "Check --as, or the variable UMPIRE_USER.")
    return who


def require_active(s: Session, actor: Actor | None) -> None:
    """Raise NotOnFile or Refused unless an acting reviewer is active. None and other kinds of actors pass."""
    if actor is not None and actor.kind == "reviewer" and not require_on_file(s, actor.id).active:
        message = f"{actor.id} is not active in the directory."
        raise Refused((violation("reviewer.active", message, "Act under your own name."),))


def require_role(s: Session, rule: ActionRule, reviewer_id: str) -> None:
    """Raise NotOnFile or Refused unless the reviewer is active and has a role that the rule names."""
    who = require_on_file(s, reviewer_id)
    if not who.active or not rule.roles & set(who.roles):
        raise Refused((violation(rule.rule, rule.message, rule.way_out),))


def may_read(s: Session, rule: ReadingRule, reader: str | None, tasks: Iterable[Task]) -> bool:
    """Whether the reader (None: unnamed) may read restricted content of the case with these tasks."""
    who = directory.reviewer(s, reader) if reader is not None else None
    if who is None or not who.active:
        return False
    own = {task.kind for task in tasks if task.assignee == who.reviewer_id}
    return bool(rule.roles & set(who.roles) or rule.task_kinds & own)
