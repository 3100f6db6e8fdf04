"""Activity inputs of a callback."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model


class CallbackInput(Model):
    """Input of the lookup of a callback's context. `member_id` is empty for a caller who is no member; `left_at` is UTC."""

    member_id: str
    plan_id: str | None
    left_at: AwareDatetime
    now: AwareDatetime
