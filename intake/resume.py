"""Carrying on with arrivals that were interrupted.

A crash, or an engine that was away, loses nothing and moves no receipt instant.
"""

from __future__ import annotations

import asyncio
import logging

from domain.errors import UmpireError
from intake import claims
from intake.admissions.admissions import is_about_a_stay
from intake.contacts.contacts import is_contact
from intake.submission import carry_on
from interop.plain.claim import is_claim
from services.context import Desk, Outcome, OutcomeKind
from store import inbox

log = logging.getLogger("umpire.intake")


async def resume(desk: Desk) -> tuple[Outcome, ...]:
    """Carry on with every arrival that is unread or whose case was not started, oldest first; what became of each.

    One that fails does not stop the others; it stays, and is tried again the next time. While the engine is away only what
    needs no engine is done.
    """
    done: list[Outcome] = []
    left = await asyncio.to_thread(_left, desk)
    of_claims = await asyncio.to_thread(_claims, desk, left)
    for inbox_id in left:
        try:
            outcome = await (claims.carry_on if inbox_id in of_claims else carry_on)(desk, inbox_id)
        except UmpireError as error:
            log.warning("inbox item %d stays: %s", inbox_id, error)
            continue
        except Exception as error:
            # Whatever is wrong with one arrival must not keep the others from their cases; its text may quote the document.
            log.error("inbox item %d stays: %s", inbox_id, type(error).__name__)
            continue
        done.append(outcome)
    return tuple(done)


def _left(desk: Desk) -> tuple[int, ...]:
    """Arrivals of requests; what is about stays is `admissions.resume`'s, messages and concerns are `contacts.resume`'s."""
    with desk.store.read() as s:
        items = {item.inbox_id: item for item in (*inbox.unread(s), *inbox.unstarted(s))}
        mine = (item for item in items.values() if not is_about_a_stay(s, item))
        return tuple(sorted(item.inbox_id for item in mine if not is_contact(inbox.raw(s, item.inbox_id))))


def _claims(desk: Desk, left: tuple[int, ...]) -> frozenset[int]:
    """Those that are claims for care that was given."""
    with desk.store.read() as s:
        return frozenset(inbox_id for inbox_id in left if is_claim(inbox.raw(s, inbox_id)))


def still_waiting(outcomes: tuple[Outcome, ...]) -> bool:
    """Whether something waits for the engine."""
    return any(outcome.kind is OutcomeKind.KEPT for outcome in outcomes)
