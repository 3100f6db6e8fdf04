"""Options of `umpire complete`, and the answers of a form, however they were given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import ApprovalBasis
from services.context import CommandResult, ServiceContext


@dataclass(frozen=True)
class GivenOptions:
    """The options as typed. `file` is a completed form; without it, and without enough other options, prompts follow."""

    task_id: str
    user: str
    outcome: TaskOutcome | None
    recommendation: str | None
    facts: tuple[str, ...]
    note: str | None
    file: str | None
    rationale: str | None = None
    criteria: tuple[str, ...] = ()
    why_no_criteria: str | None = None

    @property
    def basis(self) -> ApprovalBasis | None:
        """The account of an approval; None while its rationale, or its criteria or why none, are not given."""
        if self.rationale is None or not (self.criteria or self.why_no_criteria):
            return None
        return ApprovalBasis(rationale=self.rationale, criteria=self.criteria, why_none=self.why_no_criteria)


@dataclass(frozen=True)
class Answers:
    """Answers that are ready to be sent; `text` is the form as a file, empty when there is nothing worth saving."""

    send: Callable[[ServiceContext], Awaitable[CommandResult]]
    text: str = ""


class TaskForm(Protocol):
    """The form of a kind of task."""

    def blank(self) -> dict[str, Any]:
        """The empty form."""

    def read(self) -> Answers | None:
        """The answers from a file or options; None when they must be prompted for."""

    def ask(self) -> Answers:
        """Prompt for the answers. Without a terminal, typer ends the command with a message."""
