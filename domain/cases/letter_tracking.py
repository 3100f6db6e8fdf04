"""What becomes of a letter between being owed and being out of the house, whatever dossier it belongs to.

A letter that cannot be written, and one that the carrier does not take, become timed tasks.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.cases.case import Dossier
from domain.cases.orders import Recorded
from domain.cases.tasks import TaskKind
from domain.cases.views import LetterView
from domain.journal import EntryKind
from domain.letters.orders import BlockedLetter, WrittenLetter
from domain.plain_language.phrases import counted
from domain.vocabulary import Audience, NoticeKind, Role

TRY_AGAIN = timedelta(minutes=15)
"""How long a carrier in trouble is left alone before letters are offered again."""


def written(dossier: Dossier, notices: tuple[NoticeKind, ...], recorded: Recorded, now: datetime) -> tuple[str, ...]:
    """What came of ordering these notices; returns the letters that are out of the house already.

    A notice of which nothing came, because nobody gets it, is blocked too.
    """
    dossier.owed_letters = [notice for notice in dossier.owed_letters if notice not in notices]
    for blocked in recorded.blocked:
        _block(dossier, blocked, now)
    for letter in recorded.letters:
        _keep(dossier, letter, now)
    came = {letter.notice for letter in recorded.letters} | {blocked.notice for blocked in recorded.blocked}
    for notice in notices:
        if notice not in came:
            why = "The rulebook names nobody who gets it."
            _block(dossier, BlockedLetter(notice=notice, missing=("audience",), why=why), now)
    return tuple(key for key in recorded.handed_over if key in dossier.unsent())


def unwritten(notices: tuple[NoticeKind, ...]) -> Recorded:
    """What comes of letters to somebody whose plan is not known."""
    why = "Nobody knows which plan the member has, so no letter can be written: correct the coverage and try again."
    return Recorded(blocked=tuple(BlockedLetter(notice=one, missing=("coverage",), why=why) for one in notices))


def next_round(dossier: Dossier, notice: NoticeKind) -> int:
    """The number of the next letter of this notice; numbers count from 1 and tell repeated notices apart."""
    return 1 + dossier.last_letter_round(notice)


def ready(dossier: Dossier, now: datetime) -> tuple[str, ...]:
    """The letters that may go out now; none while a carrier in trouble is left alone."""
    paused = dossier.hand_over_again_at is not None and now < dossier.hand_over_again_at
    return () if paused else dossier.unsent()


def left(dossier: Dossier, letter_ids: tuple[str, ...], at: datetime) -> tuple[LetterView, ...]:
    """These letters left the house at `at` (UTC); the letters as they are now. `settle` follows, once it was told of them."""
    for letter_id in letter_ids:
        letter = dossier.letters[letter_id].model_copy(update={"handed_over_at": at})
        dossier.letters[letter_id] = letter
        dossier.note(
            EntryKind.LETTER_HANDED_OVER,
            at,
            f"Letter out: {said(letter.notice)} to the {letter.audience.value}.",
            letters=[letter.model_dump(mode="json")],
        )
    return tuple(dossier.letters[letter_id] for letter_id in letter_ids)


def settle(dossier: Dossier, at: datetime) -> None:
    """When nothing is left in the house the carrier is in no trouble any more, and nobody has anything to mend."""
    if not dossier.unsent():
        dossier.hand_over_again_at = None
    end_repairs(dossier, at)


def carrier_in_trouble(dossier: Dossier, now: datetime) -> None:
    """Letters could not leave: somebody is told, once, and it is tried again after a while."""
    dossier.hand_over_again_at = now + TRY_AGAIN
    if dossier.open_task(TaskKind.LETTER_REPAIR) is None:
        why = f"{counted(len(dossier.unsent()), 'letter')} could not be handed over: the carrier does not take them."
        dossier.note(EntryKind.LETTER_BLOCKED, now, why)
        _open_repair(dossier, why, now)


def try_again(dossier: Dossier, at: datetime) -> str:
    """Somebody mended what was wrong: everything that is not out is tried again at once."""
    for notice in dossier.blocked_letters:
        if notice is not NoticeKind.EXTENSION:
            dossier.owe(notice)
    dossier.blocked_letters.clear()
    dossier.hand_over_again_at = None
    dossier.cancel_tasks(at, "everything is tried again", *dossier.open_tasks(TaskKind.LETTER_REPAIR))
    return "The letters are tried again."


def end_repairs(dossier: Dossier, now: datetime) -> None:
    """Nobody has to mend letters when none is in trouble."""
    in_trouble = dossier.blocked_letters or dossier.hand_over_again_at is not None
    if not in_trouble:
        dossier.cancel_tasks(now, "no letter is in trouble any more", *dossier.open_tasks(TaskKind.LETTER_REPAIR))


def said(notice: NoticeKind) -> str:
    return notice.value.replace("_", " ")


def _block(dossier: Dossier, blocked: BlockedLetter, now: datetime) -> None:
    dossier.blocked_letters.append(blocked.notice)
    why = f"The {said(blocked.notice)} could not be written. {blocked.why}"
    dossier.note(EntryKind.LETTER_BLOCKED, now, why, missing=list(blocked.missing))
    _open_repair(dossier, why, now)


def _keep(dossier: Dossier, letter: WrittenLetter, now: datetime) -> None:
    if letter.letter_id in dossier.letters:
        return
    view = LetterView(
        letter_id=letter.letter_id,
        notice=letter.notice,
        audience=Audience(letter.audience),
        recipient=letter.recipient,
        subject=letter.subject,
        written_at=now,
    )
    dossier.letters[letter.letter_id] = view
    dossier.note(
        EntryKind.LETTER_WRITTEN,
        now,
        f"Letter written: {said(letter.notice)} to the {letter.audience}.",
        letters=[view.model_dump(mode="json")],
        sha256=letter.sha256,
    )


def _open_repair(dossier: Dossier, why: str, now: datetime) -> None:
    hours = timedelta(hours=dossier.letter_repair_hours)
    dossier.new_task(TaskKind.LETTER_REPAIR, Role.SUPERVISOR, why, now, now + hours)
