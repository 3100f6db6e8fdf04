"""Carried out of domain/contact_orders.py."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model


class CallbackOrder(Model):
    """Look up what a callback has to know. `member_id` is empty for a caller who is no member; `left_at` is UTC."""

    member_id: str
    plan_id: str | None
    left_at: AwareDatetime
    now: AwareDatetime
