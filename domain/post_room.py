"""The post room: what becomes of a letter between being owed and being out of the house.

A letter that cannot be written, and one that the carrier does not take, become timed tasks; a letter that nobody needs any more
is dropped; what left when is what clocks are told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import consequences
from domain.asking import letter_left
from domain.case import Case
from domain.clocks import DueKind, EventKind, ExtensionReason
from domain.journal import EntryKind
from domain.orders import BlockedLetter, Recorded, WrittenLetter
from domain.tasks import TaskKind
from domain.views import LetterView
from domain.vocabulary import Audience, NoticeKind, Role
from domain.wording import counted

DECISIONS = frozenset({NoticeKind.APPROVAL, NoticeKind.ADVERSE_DETERMINATION, NoticeKind.NOT_REQUIRED})
TRY_AGAIN = timedelta(minutes=15)
"""How long a carrier in trouble is left alone before letters are offered again."""

DELAY = timedelta(minutes=5)
"""A peer-to-peer offer whose letter leaves later than this gets the lost time back."""


# -- writing ---------------------------------------------------------------------------------------------------------------


def drop_moot(case: Case, now: datetime) -> None:
    """Forget letters that nobody needs any more, such as a question that was answered before it left."""
    _drop_moot_misses(case)
    case.owed_letters = [notice for notice in case.owed_letters if _is_needed(case, notice)]
    case.blocked_letters = [notice for notice in case.blocked_letters if _is_needed(case, notice)]
    _end_repairs(case, now)


def written(case: Case, notices: tuple[NoticeKind, ...], recorded: Recorded, now: datetime) -> None:
    """What came of ordering these notices. One of which nothing came, because nobody gets it, is blocked too."""
    case.owed_letters = [notice for notice in case.owed_letters if notice not in notices]
    for blocked in recorded.blocked:
        _block(case, blocked, now)
    for letter in recorded.letters:
        _keep(case, letter, now)
    came = {letter.notice for letter in recorded.letters} | {blocked.notice for blocked in recorded.blocked}
    for notice in notices:
        if notice not in came:
            why = "The rulebook names nobody who gets it."
            _block(case, BlockedLetter(notice=notice, missing=("audience",), why=why), now)
    handed_over(case, tuple(key for key in recorded.handed_over if key in case.unsent()), now)
    if NoticeKind.MISSED_DEADLINE in notices and NoticeKind.MISSED_DEADLINE not in case.blocked_letters:
        consequences.tell_next(case)


def _drop_moot_misses(case: Case) -> None:
    """Go past the misses of which nobody needs to be told any more."""
    miss = NoticeKind.MISSED_DEADLINE
    while miss in (*case.owed_letters, *case.blocked_letters) and consequences.is_moot(case):
        case.owed_letters = [notice for notice in case.owed_letters if notice is not miss]
        case.blocked_letters = [notice for notice in case.blocked_letters if notice is not miss]
        consequences.tell_next(case)


def _is_needed(case: Case, notice: NoticeKind) -> bool:
    undecided = case.concluded is None
    match notice:
        case NoticeKind.INFORMATION_REQUEST:
            return undecided and case.information is not None and case.information.is_open
        case NoticeKind.PEER_TO_PEER_OFFER:
            return undecided and case.peer_to_peer is not None and not case.peer_to_peer.is_settled
        case NoticeKind.EXTENSION:
            return undecided and case.extension is not None
    return True


def _block(case: Case, blocked: BlockedLetter, now: datetime) -> None:
    case.blocked_letters.append(blocked.notice)
    why = f"The {_said(blocked.notice)} could not be written. {blocked.why}"
    case.note(EntryKind.LETTER_BLOCKED, now, why, missing=list(blocked.missing))
    _open_repair(case, why, now)


def _keep(case: Case, letter: WrittenLetter, now: datetime) -> None:
    if letter.letter_id in case.letters:
        return
    view = LetterView(
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
        f"Letter written: {_said(letter.notice)} to the {letter.audience}.",
        letters=[view.model_dump(mode="json")],
        sha256=letter.sha256,
    )


# -- handing over ----------------------------------------------------------------------------------------------------------


def ready(case: Case, now: datetime) -> tuple[str, ...]:
    """The letters that may go out now; none while a carrier in trouble is left alone."""
    paused = case.hand_over_again_at is not None and now < case.hand_over_again_at
    return () if paused else case.unsent()


def handed_over(case: Case, letter_ids: tuple[str, ...], at: datetime) -> None:
    """These letters left the house at `at` (UTC). Clocks look at what was sent when, so they may have to be computed anew."""
    for letter_id in letter_ids:
        letter = case.letters[letter_id].model_copy(update={"handed_over_at": at})
        case.letters[letter_id] = letter
        case.note(
            EntryKind.LETTER_HANDED_OVER,
            at,
            f"Letter out: {_said(letter.notice)} to the {letter.audience.value}.",
            letters=[letter.model_dump(mode="json")],
        )
    for letter_id in letter_ids:
        _tell(case, case.letters[letter_id], at)
    if not case.unsent():
        case.hand_over_again_at = None
    _end_repairs(case, at)


def carrier_in_trouble(case: Case, now: datetime) -> None:
    """Letters could not leave: somebody is told, once, and it is tried again after a while."""
    case.hand_over_again_at = now + TRY_AGAIN
    if case.open_task(TaskKind.LETTER_REPAIR) is None:
        why = f"{counted(len(case.unsent()), 'letter')} could not be handed over: the carrier does not take them."
        case.note(EntryKind.LETTER_BLOCKED, now, why)
        _open_repair(case, why, now)


def try_again(case: Case, at: datetime) -> str:
    """Somebody mended what was wrong: everything that is not out is tried again at once."""
    for notice in case.blocked_letters:
        if notice is not NoticeKind.EXTENSION:
            case.owe(notice)
    case.blocked_letters.clear()
    case.hand_over_again_at = None
    case.cancel_tasks(at, "everything is tried again", *case.open_tasks(TaskKind.LETTER_REPAIR))
    return "The letters are tried again."


def extension_is_under_way(case: Case) -> bool:
    """Whether the notice of the pending extension waits to be mended or to be handed over."""
    return NoticeKind.EXTENSION in case.blocked_letters or bool(case.unsent(NoticeKind.EXTENSION))


def give_up_extension(case: Case, why: str, now: datetime) -> None:
    """An extension that would change nothing is given up before anybody is told of it."""
    taken = case.extension
    if taken is not None:
        case.note(EntryKind.MESSAGE_REFUSED, now, f"The extension is not taken: {why}.", taken.actor)
    case.extension = case.extended_due = None


def _open_repair(case: Case, why: str, now: datetime) -> None:
    hours = timedelta(hours=case.looked_at().policy.letter_repair_hours)
    case.new_task(TaskKind.LETTER_REPAIR, Role.SUPERVISOR, why, now, now + hours)


def _end_repairs(case: Case, now: datetime) -> None:
    in_trouble = case.blocked_letters or case.hand_over_again_at is not None
    if not in_trouble:
        case.cancel_tasks(now, "no letter is in trouble any more", *case.open_tasks(TaskKind.LETTER_REPAIR))


# -- what clocks are told --------------------------------------------------------------------------------------------------


def _tell(case: Case, letter: LetterView, at: datetime) -> None:
    member = letter.audience is Audience.MEMBER
    match letter.notice:
        case notice if notice in DECISIONS:
            _decision_told(case, letter.audience, at)
        case NoticeKind.INFORMATION_REQUEST if not member:
            _question_left(case, at)
        case NoticeKind.EXPEDITE_NOT_GRANTED if member:
            case.done.setdefault(DueKind.EXPEDITE_REFUSAL_NOTICE, at)
            case.happened(EventKind.EXPEDITE_REFUSAL_NOTICE_SENT, at)
        case NoticeKind.MISSED_DEADLINE if member:
            case.done.setdefault(DueKind.DEEMED_NOTICE, at)
        case NoticeKind.PEER_TO_PEER_OFFER:
            _offer_left(case, at)
        case NoticeKind.EXTENSION:
            _extension_told(case, at)


def _decision_told(case: Case, audience: Audience, at: datetime) -> None:
    """Somebody is told of the decision when the last of the letters about it is out."""
    owed = any(notice in DECISIONS for notice in (*case.owed_letters, *case.blocked_letters))
    in_the_house = any(case.letters[key].audience is audience for key in case.unsent(*DECISIONS))
    if not owed and not in_the_house:
        case.done.setdefault(DueKind.WRITTEN_NOTICE if audience is Audience.MEMBER else DueKind.PROVIDER_NOTICE, at)


def _question_left(case: Case, at: datetime) -> None:
    """The question is out. One that was answered before it left moves no clock."""
    case.done.setdefault(DueKind.INFORMATION_REQUEST, at)
    if case.information is not None and case.information.is_open:
        case.happened(EventKind.INFORMATION_REQUESTED, at, hours_given=letter_left(case, at))


def _offer_left(case: Case, at: datetime) -> None:
    offer = case.peer_to_peer
    if offer is not None and not offer.is_settled and at - offer.offered_at > DELAY:
        offer.until += at - offer.offered_at


def _extension_told(case: Case, at: datetime) -> None:
    """The member knows: from now on the clocks know of the extension, and judge whether it counts."""
    taken = case.extension
    members = (key for key in case.unsent(NoticeKind.EXTENSION) if case.letters[key].audience is Audience.MEMBER)
    if taken is None or any(members):
        return
    case.happened(
        EventKind.EXTENSION_NOTICE_SENT, at, reason=ExtensionReason(taken.reason), days_given=taken.days_given
    )
    case.note(
        EntryKind.EXTENSION_TAKEN,
        at,
        f"More time is taken ({taken.reason.replace('_', ' ')}); the member has been told why.",
        taken.actor,
        justification=taken.justification,
    )
    case.extension = case.extended_due = None


def _said(notice: NoticeKind) -> str:
    return notice.value.replace("_", " ")
