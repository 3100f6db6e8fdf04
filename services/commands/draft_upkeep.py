"""Upkeep of drafts: reminders that are due are made, and drafts whose time is over are deleted with their files."""

from __future__ import annotations

from typing import NamedTuple

from services.context import ServiceContext
from store.portal import drafts


class TendedDrafts(NamedTuple):
    """The number of drafts whose owner is reminded from now on, and of those deleted."""

    reminded: int
    deleted: int


async def tend_drafts(services: ServiceContext) -> TendedDrafts:
    """Remind and delete as of now. Safe to repeat at any time, and in several processes at once."""
    now = services.clock()
    deleted = await services.write(drafts.remove_expired, now)
    return TendedDrafts(await services.write(drafts.mark_reminded, now), deleted)
