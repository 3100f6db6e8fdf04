"""Reminders of drafts as their owner reads of them: by which way the one letter goes, and whether it has gone."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.letters.standalone import LetterWay
from domain.model import Model
from services.destinations import reach_provider
from store import directory
from store.correspondence import standalone_letters
from store.portal.drafts import Draft


class DraftReminder(Model):
    """The reminder of one draft. `way` and `sent_to` are the provider's on file, or those of the letter once it is written;
    None and empty: only the page reminds. `handed_over_at` is UTC, None while no letter has gone. `is_written`: it waits for
    its carrier, or has gone."""

    way: LetterWay | None
    sent_to: str = ""
    is_written: bool = False
    handed_over_at: AwareDatetime | None = None


def reminders_of(s: Session, npi: str, drafts: Sequence[Draft]) -> dict[str, DraftReminder]:
    """The reminder of each of a provider's drafts, by the draft's id."""
    to = reach_provider(directory.provider(s, npi))
    on_file = DraftReminder(way=to.way, sent_to=to.sent_to) if to is not None else DraftReminder(way=None)
    letters = standalone_letters.among(s, [standalone_letters.draft_reminder_id(one.draft_id) for one in drafts])
    found: dict[str, DraftReminder] = {}
    for one in drafts:
        letter = letters.get(standalone_letters.draft_reminder_id(one.draft_id))
        if letter is None:
            # Marked without a letter: nothing was on file then, and no letter follows.
            found[one.draft_id] = on_file if one.reminded_at is None else DraftReminder(way=None)
            continue
        found[one.draft_id] = DraftReminder(
            way=letter.way, sent_to=letter.sent_to, is_written=True, handed_over_at=letter.handed_over_at
        )
    return found
