"""Workflow input of a callback."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.callbacks.case import CallbackCase, CallerKind
from domain.callbacks.policy import CallTopic
from domain.model import Model


class CallbackStart(Model):
    """A message for utilization staff. `case_id` begins with ``CB-``; `received_at` (UTC) is when it was left.

    The caller's name, number and words are in the stored document `message_document` and never go through Temporal.
    `language` and `tty` are what the caller asked for; None is not stated. `plan_id` names the plan for a caller who is no
    member. `about_case_id` is the case that the message is about, if known.
    """

    case_id: str
    received_at: AwareDatetime
    from_whom: CallerKind
    member_id: str | None = None
    about: CallTopic
    about_case_id: str | None = None
    language: str | None = None
    tty: bool | None = None
    message_document: str
    plan_id: str | None = None
    carried: CallbackCase | None = None
