"""Tasks of upkeep: what has to happen without anybody asking. Each is safe to repeat and finds what is so at its time; what
needs people becomes an item of the inbox, once.

The table is open: whoever builds another task adds a line to UPKEEP.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from domain.decisions.reviewers import Reviewer
from domain.errors import ValidationIssue
from domain.journal import ChainBreak
from domain.plain_language.phrases import count_phrase
from services.commands.reconciliation import reconcile
from services.context import ServiceContext
from services.queries.leading import record_integrity
from store import directory, inbox, journal, letters

Beat = Callable[[], None]
"""Called after each portion of work, as proof that it goes on."""
UNDELIVERED_AFTER = timedelta(hours=24)
"""The age at which a letter that is not handed over is put before people; its case tries again all the while."""
NOTICE_DAYS = 30
"""Days before a license, training or credential ends on which people are told."""
_STARTING = timedelta(hours=1)
_PORTION = 200
log = logging.getLogger("umpire.upkeep")


@dataclass(frozen=True)
class UpkeepTask:
    """A task and its times: every so often, or each day at `daily_at` (UTC, "02:30"). A time that was missed by more than
    `catch_up`, because the server was down, is left out: the next one finds the same."""

    name: str
    title: str
    run: Callable[[ServiceContext, Beat], Awaitable[str]]
    every: timedelta | None = None
    daily_at: str | None = None
    catch_up: timedelta = timedelta(minutes=10)


async def _reconcile(services: ServiceContext, beat: Beat) -> str:
    found = await reconcile(services, beat=beat)
    for one in found:
        log.warning("%s: %s", one.case_id, one.says)
    return f"{count_phrase(len(found), 'open case')} without a workflow that goes on."


async def _report_undelivered(services: ServiceContext, beat: Beat) -> str:
    before = services.clock() - UNDELIVERED_AFTER
    waiting = await services.read(letters.not_handed_over, before)
    for letter in waiting:
        day = letter.written_at.date()
        says = (
            f"The letter {letter.letter_id} was written on {day} (UTC) and is not handed over. Its case tries again; "
            "see to the carrier, and hand it over by other means if its time is short."
        )
        problem = ValidationIssue(
            path=letter.case_id, rule="letter.not_handed_over", message=says, expected="operations"
        )
        await services.write(inbox.alert, f"{letter.letter_id} is not handed over.", services.clock(), problem)
        beat()
    return (
        f"{count_phrase(len(waiting), 'letter')} not handed over for {UNDELIVERED_AFTER // timedelta(hours=1)} hours."
    )


async def _verify(services: ServiceContext, beat: Beat) -> str:
    names = await services.read(lambda s: tuple(journal.case_ids(s)))
    faults = []
    for at in range(0, len(names), _PORTION):
        faults += await services.read(_faults_of, names[at : at + _PORTION])
        beat()
    faults += await services.read(lambda s: list(record_integrity.missing_cases(s, services.clock() - _STARTING)))
    for fault in faults:
        problem = ValidationIssue(
            path=fault.case_id,
            rule="journal.verify",
            message=f"Entry {fault.seq}: {fault.problem}.",
            expected="compliance, with the output of 'umpire journal verify'",
        )
        await services.write(
            inbox.alert, f"{fault.case_id}, entry {fault.seq}: {fault.problem}", services.clock(), problem
        )
    return f"{count_phrase(len(names), 'journal')} verified, {count_phrase(len(faults), 'fault')}."


def _faults_of(s: Session, names: tuple[str, ...]) -> list[ChainBreak]:
    found: list[ChainBreak] = []
    for name in names:
        broken = journal.verify(s, name)
        found += [broken] if broken is not None else record_integrity.record_faults(s, name)
    return found


async def _report_expiring(services: ServiceContext, beat: Beat) -> str:
    now = services.clock()
    people = await services.read(directory.reviewers)
    ending = [(who, what, last) for who in people if who.active for what, last in _ends(who, now.date())]
    for who, what, last in ending:
        word = "expired on" if last < now.date() else "expires after"
        day = f"{last:%b} {last.day}, {last.year}"
        says = f"{what} of {who.reviewer_id} {word} {day}; work that needs it fits them no longer then."
        problem = ValidationIssue(
            path=who.reviewer_id, rule="reviewer.expiring", message=says, expected="credentialing, who renew it on file"
        )
        await services.write(inbox.alert, f"{who.reviewer_id}: {what} {word} {last}", now, problem)
        beat()
    return (
        f"{count_phrase(len(ending), 'license')}, trainings or credentials end within {NOTICE_DAYS} days or have ended."
    )


def _ends(who: Reviewer, today: date) -> list[tuple[str, date]]:
    """Ends within the days of notice, or in the last ones: older ends were told at their time."""
    held = [(f"The {one.profession.replace('_', ' ')} license ({one.state})", one.expires) for one in who.licences]
    held += [(f"The credential for {one.duty.value.replace('_', ' ')}", one.expires) for one in who.credentials]
    if who.training_valid_through is not None:
        held.append(("The UM training", who.training_valid_through))
    notice = timedelta(days=NOTICE_DAYS)
    return [(what, last) for what, last in held if today - notice <= last <= today + notice]


UPKEEP: tuple[UpkeepTask, ...] = (
    UpkeepTask(
        "reconcile",
        "Start cases again whose workflow is lost",
        _reconcile,
        every=timedelta(minutes=2),
        catch_up=timedelta(minutes=2),
    ),
    UpkeepTask("letters", "Report letters that are not handed over", _report_undelivered, every=timedelta(hours=1)),
    UpkeepTask("verify", "Verify every journal", _verify, daily_at="02:30", catch_up=timedelta(hours=6)),
    UpkeepTask(
        "expiring",
        "Report licenses and trainings that end",
        _report_expiring,
        daily_at="06:00",
        catch_up=timedelta(hours=12),
    ),
)
"""Every task. The names stand in schedules, so they never change."""
