"""Resumption of interrupted arrivals.

A crash, or an outage of Temporal, loses nothing and moves no receipt time.
"""

from __future__ import annotations

import asyncio
import logging

from domain.errors import UmpireError
from intake import claims
from intake.admissions.admissions import is_admission_notice
from intake.contacts.contacts import is_callback_or_concern
from intake.submission import process_item
from interop.plain.claim import is_claim
from services.context import ServiceContext, SubmissionResult
from store import inbox

log = logging.getLogger("umpire.intake")


async def resume_submissions(desk: ServiceContext) -> tuple[SubmissionResult, ...]:
    """Process every arrival that is unread or whose case was not started, oldest first; the result of each.

    An item that fails does not stop the others; it is tried again the next time. While Temporal is unavailable only the
    steps that do not need it are done.
    """
    done: list[SubmissionResult] = []
    left = await asyncio.to_thread(_unfinished_items, desk)
    of_claims = await asyncio.to_thread(_claim_items, desk, left)
    for inbox_id in left:
        try:
            outcome = await (claims.process_item if inbox_id in of_claims else process_item)(desk, inbox_id)
        except UmpireError as error:
            log.warning("inbox item %d stays: %s", inbox_id, error)
            continue
        except Exception as error:
            # An error in one arrival must not stop the others; its text may quote the document.
            log.error("inbox item %d stays: %s", inbox_id, type(error).__name__)
            continue
        done.append(outcome)
    return tuple(done)


def _unfinished_items(desk: ServiceContext) -> tuple[int, ...]:
    """Unfinished requests and claims; `admissions.resume` has admission notices, `contacts.resume` messages and concerns."""
    with desk.store.read() as s:
        items = {item.inbox_id: item for item in (*inbox.unread(s), *inbox.unstarted(s))}
        mine = (item for item in items.values() if not is_admission_notice(s, item))
        return tuple(sorted(item.inbox_id for item in mine if not is_callback_or_concern(inbox.raw(s, item.inbox_id))))


def _claim_items(desk: ServiceContext, left: tuple[int, ...]) -> frozenset[int]:
    """The items that are claims."""
    with desk.store.read() as s:
        return frozenset(inbox_id for inbox_id in left if is_claim(inbox.raw(s, inbox_id)))
