"""The badge of a provider's own request: what is due, and by when, in words of the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.queries.providers.provider_requests import OwnRequest, ProviderStep
from web.presentation.time_left import TimeLeft, time_left

_WORDS = {
    ProviderStep.ANSWER: "Answer by",
    ProviderStep.CALL: "Pick a time by",
    ProviderStep.PLAN: "Decision by",
}


def own_badge(one: OwnRequest, now: datetime) -> TimeLeft:
    """'Answer by Fri Dec 4', with the share of time left at `now` (UTC), for a request with something due; the sentence beside
    it has the hour and its zone."""
    due = one.due_at or now
    badge = time_left(due, now, one.received_at)
    there = due.astimezone(ZoneInfo(one.zone))
    words = f"{_WORDS.get(one.step, 'By')} {there:%a %b} {there.day}"
    return replace(badge, words=words if due >= now else badge.words)
