"""Upkeep of drafts: reminders that are due are made and put into the mail, and drafts whose time is over are deleted with their
files."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from domain.letters.standalone import StandaloneKind, StandalonePrinter
from domain.plain_language.phrases import day_phrase, instant_phrase
from services import destinations
from services.commands.standalone_mail import put_on_file
from services.context import ServiceContext
from services.fitting_work import plan_zone
from store import directory
from store.correspondence.standalone_letters import draft_reminder_id
from store.portal import drafts
from store.portal.drafts import Draft

log = logging.getLogger("umpire.drafts")


class TendedDrafts(NamedTuple):
    """The number of drafts whose owner is reminded from now on, and of those deleted."""

    reminded: int
    deleted: int


async def tend_drafts(services: ServiceContext, print_reminder: StandalonePrinter) -> TendedDrafts:
    """Remind and delete as of now. Safe to repeat at any time, and in several processes at once."""
    now = services.clock()
    deleted = await services.write(drafts.remove_expired, now)
    reminded = 0
    for draft in await services.read(drafts.list_due, now):
        try:
            reminded += await services.write(_remind, draft, print_reminder, now)
        except Exception as error:
            # The others do not wait for it, and the next round tries again; the error's text may quote the draft.
            log.warning("a reminder waits for the next round: %s", type(error).__name__)
    return TendedDrafts(reminded, deleted)


def _remind(s: Session, draft: Draft, print_reminder: StandalonePrinter, now: datetime) -> bool:
    """Mark the draft and put its one letter on file, both or neither. Without a way to the provider the page alone reminds."""
    if not drafts.mark_reminded(s, draft.draft_id, now):
        return False
    office = directory.provider(s, draft.npi)
    to = destinations.reach_provider(office)
    member = draft.content.get("member")
    plan = destinations.first_plan(s, now, member if isinstance(member, str) else "")
    if to is not None and plan is not None:
        zone = (office.zone if office is not None else None) or plan.zone or plan_zone(s)
        title = draft.title(zone)
        facts = {
            "draft": title[0].lower() + title[1:],
            "saved_on": day_phrase(draft.saved_at, zone),
            "deleted_at": instant_phrase(draft.expires_at, zone),
        }
        kind, letter_id = StandaloneKind.DRAFT_REMINDER, draft_reminder_id(draft.draft_id)
        put_on_file(s, kind, letter_id, draft.draft_id, plan, to, print_reminder, facts, now)
    return True
