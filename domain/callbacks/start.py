"""What starts a callback: a message that somebody left, at any hour."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.callbacks.case import CallbackDossier, FromWhom
from domain.callbacks.policy import CallTopic
from domain.model import Model


class CallbackStart(Model):
    """A message for utilization staff. `case_id` begins with ``CB-``; `received_at` (UTC) is when it was left.

    The name, the number and the words of whoever left it are in the stored document `message_document`: nothing of them goes
    through Temporal. `language` and `tty` are what they asked for; None means that nobody said. `plan_id` tells the plan where
    there is no member to tell it by. `about_case_id` is the dossier that the message is about, if one is known.
    """

    case_id: str
    received_at: AwareDatetime
    from_whom: FromWhom
    member_id: str | None = None
    about: CallTopic
    about_case_id: str | None = None
    language: str | None = None
    tty: bool | None = None
    message_document: str
    plan_id: str | None = None
    carried: CallbackDossier | None = None
