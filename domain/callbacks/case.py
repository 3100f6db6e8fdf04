"""A message that somebody left for utilization staff, and what becomes of it until the call is returned."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from domain.callbacks.forms import CallRecord, NotReachedForm
from domain.callbacks.policy import CallbackPolicy, CallTopic
from domain.cases.member_case import PersonalDossier, PersonLook
from domain.cases.views import CaseStatus
from domain.model import Model
from domain.office_hours import CallbackWindow

FromWhom = Literal["member", "provider", "representative", "other"]


class CallbackLook(Model):
    """What a callback has to know: the person if there is one, the plan's rules, its zone, and the first window."""

    person: PersonLook
    policy: CallbackPolicy
    plan_zone: str
    window: CallbackWindow


class Attempt(Model):
    """One call that was placed. `in_window` tells whether it was placed before its window ended."""

    at: AwareDatetime
    by: str
    window: CallbackWindow
    in_window: bool
    record: CallRecord


class CallbackDossier(PersonalDossier):
    """One message and the calls that return it. Who left it, with their number, stands in the document `message_document`
    and never here. `zone` is the plan's: its hours are where the window lies."""

    from_whom: FromWhom
    about: CallTopic
    about_case_id: str | None = None
    language: str | None = None
    tty: bool | None = None
    message_document: str
    plan_id: str | None = None

    policy: CallbackPolicy | None = None
    window: CallbackWindow | None = None
    window_late: bool = False
    attempts: list[Attempt] = []
    unanswered: int = 0
    needs_window: bool = False
    not_reached: NotReachedForm | None = None
    not_reached_by: str | None = None

    @property
    def rules(self) -> CallbackPolicy:
        """The plan's rules. Raises LookupError before the first look."""
        if self.policy is None:
            raise LookupError(f"{self.case_id}: the rules on calls are not looked up yet")
        return self.policy

    @property
    def status(self) -> CaseStatus:
        return CaseStatus.OPEN if self.is_open else CaseStatus.COMPLETED

    @property
    def is_answered(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].record.outcome == "answered"

    @property
    def needs(self) -> dict[str, str]:
        """What the caller needs of whoever calls back: what they said themselves, else what the directory says."""
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
