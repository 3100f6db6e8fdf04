"""The letters of any case from pending notice to mailing.

A letter that cannot be written, and one that the carrier does not accept, become timed repair tasks.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.cases.case import Case
from domain.cases.orders import RecordResult
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseLetter
from domain.journal import EntryKind
from domain.letters.orders import BlockedLetter, WrittenLetter
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Audience, NoticeKind, Role

RETRY_INTERVAL = timedelta(minutes=15)
"""The time between attempts to hand letters to a carrier in trouble."""


def record_written(
    case: Case, notices: tuple[NoticeKind, ...], recorded: RecordResult, now: datetime
) -> tuple[str, ...]:
    """Record the result of writing these notices; returns the letters that are mailed already.

    A notice without any letter, because it has no recipient, is blocked too.
    """
    case.owed_letters = [notice for notice in case.owed_letters if notice not in notices]
    for blocked in recorded.blocked:
        _block_notice(case, blocked, now)
    for letter in recorded.letters:
        _add_letter(case, letter, now)
    handled = {letter.notice for letter in recorded.letters} | {blocked.notice for blocked in recorded.blocked}
    for notice in notices:
        if notice not in handled:
            why = "The rulebook names no recipient for it."
            _block_notice(case, BlockedLetter(notice=notice, missing=("audience",), why=why), now)
    return tuple(key for key in recorded.handed_over if key in case.unsent_letters())


def blocked_without_plan(notices: tuple[NoticeKind, ...]) -> RecordResult:
    """The result for notices to a member whose plan is not known: all of them are blocked."""
    why = "The member's plan is not known, so no letter can be written: correct the coverage and try again."
    return RecordResult(blocked=tuple(BlockedLetter(notice=one, missing=("coverage",), why=why) for one in notices))


def next_letter_sequence(case: Case, notice: NoticeKind) -> int:
    """The sequence number of the next letter of this notice, counted from 1."""
    return 1 + case.last_letter_sequence(notice)


def deliverable_letters(case: Case, now: datetime) -> tuple[str, ...]:
    """The letters that may be mailed now; none while the case waits for a carrier in trouble."""
    paused = case.hand_over_again_at is not None and now < case.hand_over_again_at
    return () if paused else case.unsent_letters()


def mark_mailed(case: Case, letter_ids: tuple[str, ...], at: datetime) -> tuple[CaseLetter, ...]:
    """Mark these letters as mailed at `at` (UTC) and return them. Call `close_delivery_trouble` afterwards."""
    for letter_id in letter_ids:
        letter = case.letters[letter_id].model_copy(update={"handed_over_at": at})
        case.letters[letter_id] = letter
        case.note(
            EntryKind.LETTER_HANDED_OVER,
            at,
            f"Letter mailed: {notice_name(letter.notice)} to the {letter.audience.value}.",
            letters=[letter.model_dump(mode="json")],
        )
    return tuple(case.letters[letter_id] for letter_id in letter_ids)


def recall_letters(case: Case, notice: NoticeKind, why: str, now: datetime) -> None:
    """Recall the letters of this notice that are written and not mailed: what they say is not so any more."""
    for key in case.unsent_letters(notice):
        case.letters[key] = letter = case.letters[key].model_copy(update={"recalled_at": now})
        case.note(
            EntryKind.LETTER_RECALLED,
            now,
            f"Letter not mailed: {notice_name(notice)} to the {letter.audience.value}; {why}.",
            letter_id=key,
            letters=[letter.model_dump(mode="json")],
        )


def close_delivery_trouble(case: Case, at: datetime) -> None:
    """End the wait for the carrier and the repair tasks once every letter is mailed."""
    if not case.unsent_letters():
        case.hand_over_again_at = None
    close_repair_tasks(case, at)


def report_delivery_trouble(case: Case, now: datetime) -> None:
    """Record that letters could not be mailed: open a repair task, once, and retry later."""
    case.hand_over_again_at = now + RETRY_INTERVAL
    if case.open_task(TaskKind.LETTER_REPAIR) is None:
        why = f"{count_phrase(len(case.unsent_letters()), 'letter')} could not be handed over: the carrier does not take them."
        case.note(EntryKind.LETTER_BLOCKED, now, why)
        _open_repair_task(case, why, now)


def retry_letters(case: Case, at: datetime) -> str:
    """Retry at once every letter that is not mailed, after someone repaired the cause."""
    for notice in case.blocked_letters:
        if notice is not NoticeKind.EXTENSION:
            case.queue_notice(notice)
    case.blocked_letters.clear()
    case.hand_over_again_at = None
    case.cancel_tasks(at, "everything is tried again", *case.open_tasks(TaskKind.LETTER_REPAIR))
    return "The letters are tried again."


def close_repair_tasks(case: Case, now: datetime) -> None:
    """Cancel the repair tasks when no letter is in trouble."""
    in_trouble = case.blocked_letters or case.hand_over_again_at is not None
    if not in_trouble:
        case.cancel_tasks(now, "no letter is in trouble any more", *case.open_tasks(TaskKind.LETTER_REPAIR))


def notice_name(notice: NoticeKind) -> str:
    return notice.value.replace("_", " ")


def _block_notice(case: Case, blocked: BlockedLetter, now: datetime) -> None:
    case.blocked_letters.append(blocked.notice)
    why = f"The {notice_name(blocked.notice)} could not be written. {blocked.why}"
    case.note(EntryKind.LETTER_BLOCKED, now, why, missing=list(blocked.missing))
    _open_repair_task(case, why, now)


def _add_letter(case: Case, letter: WrittenLetter, now: datetime) -> None:
    if letter.letter_id in case.letters:
        return
    view = CaseLetter(
        letter_id=letter.letter_id,
        notice=letter.notice,
        audience=Audience(letter.audience),
        recipient=letter.recipient,
        subject=letter.subject,
        written_at=now,
    )
    case.letters[letter.letter_id] = view
    case.note(
        EntryKind.LETTER_WRITTEN,
        now,
        f"Letter written: {notice_name(letter.notice)} to the {letter.audience}.",
        letters=[view.model_dump(mode="json")],
        sha256=letter.sha256,
    )


def _open_repair_task(case: Case, why: str, now: datetime) -> None:
    hours = timedelta(hours=case.letter_repair_hours)
    case.add_task(TaskKind.LETTER_REPAIR, Role.SUPERVISOR, why, now, now + hours)
