"""The case of a callback: a message left for UM staff, and the calls until it is returned."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from domain.callbacks.forms import CallRecord, NotReachedForm
from domain.callbacks.policy import CallbackPolicy, CallTopic
from domain.cases.member_case import MemberCase, MemberContext
from domain.cases.views import CaseStatus
from domain.errors import ImpossibleState
from domain.model import Model
from domain.office_hours import CallbackWindow

CallerKind = Literal["member", "provider", "representative", "other"]


class CallbackContext(Model):
    """The looked-up context of a callback: the member if any, the plan's rules, its zone, and the first window."""

    person: MemberContext
    policy: CallbackPolicy
    plan_zone: str
    window: CallbackWindow


class CallAttempt(Model):
    """One call that was placed. `in_window`: it was placed before its window ended."""

    at: AwareDatetime
    by: str
    window: CallbackWindow
    in_window: bool
    record: CallRecord


class CallbackCase(MemberCase):
    """One message and the calls that return it. The caller's name and number are in the document `message_document` and
    never here. `zone` is the plan's, whose office hours set the window."""

    from_whom: CallerKind
    about: CallTopic
    about_case_id: str | None = None
    language: str | None = None
    tty: bool | None = None
    message_document: str
    plan_id: str | None = None

    policy: CallbackPolicy | None = None
    window: CallbackWindow | None = None
    window_late: bool = False
    attempts: list[CallAttempt] = []
    unanswered: int = 0
    needs_window: bool = False
    not_reached: NotReachedForm | None = None
    not_reached_by: str | None = None

    @property
    def rules(self) -> CallbackPolicy:
        """The plan's rules. Raises ImpossibleState before the context is known."""
        if self.policy is None:
            raise ImpossibleState(f"{self.case_id}: the rules on calls are not looked up yet")
        return self.policy

    @property
    def status(self) -> CaseStatus:
        return CaseStatus.OPEN if self.is_open else CaseStatus.COMPLETED

    @property
    def is_answered(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].record.outcome == "answered"

    @property
    def needs(self) -> dict[str, str]:
        """The caller's communication needs: as stated in the message, else as in the member directory."""
        found = dict(self.person.needs) if self.person is not None and self.from_whom == "member" else {}
        if self.language is not None:
            found.pop("language", None)
            if self.language != "en":
                found["language"] = self.language
        if self.tty is not None:
            found.pop("tty", None)
            if self.tty:
                found["tty"] = "calls by TTY"
        return found
