"""The post room of a request: a letter that nobody needs any more is dropped, and what left when is what clocks are told.

What every dossier does with its letters stands in `domain.mail`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.authorization import missed_clock_effects as consequences
from domain.authorization.case import Case
from domain.authorization.information_requests import letter_left
from domain.cases import letter_tracking as mail
from domain.cases.orders import Recorded
from domain.cases.views import LetterView
from domain.clocks.engine import DueKind, EventKind, ExtensionReason
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind

DECISIONS = frozenset({NoticeKind.APPROVAL, NoticeKind.ADVERSE_DETERMINATION, NoticeKind.NOT_REQUIRED})
DELAY = timedelta(minutes=5)
"""A peer-to-peer offer whose letter leaves later than this gets the lost time back."""


# -- writing ---------------------------------------------------------------------------------------------------------------


def drop_moot(case: Case, now: datetime) -> None:
    """Forget letters that nobody needs any more, such as a question that was answered before it left."""
    _drop_moot_misses(case)
    case.owed_letters = [notice for notice in case.owed_letters if _is_needed(case, notice)]
    case.blocked_letters = [notice for notice in case.blocked_letters if _is_needed(case, notice)]
    mail.end_repairs(case, now)


def written(case: Case, notices: tuple[NoticeKind, ...], recorded: Recorded, now: datetime) -> None:
    """What came of ordering these notices."""
    handed_over(case, mail.written(case, notices, recorded, now), now)
    if NoticeKind.MISSED_DEADLINE in notices and NoticeKind.MISSED_DEADLINE not in case.blocked_letters:
        consequences.tell_next(case)


def handed_over(case: Case, letter_ids: tuple[str, ...], at: datetime) -> None:
    """These letters left the house at `at` (UTC). Clocks look at what was sent when, so they may have to be computed anew."""
    told(case, mail.left(case, letter_ids, at), at)
    mail.settle(case, at)


def told(case: Case, letters: Iterable[LetterView], at: datetime) -> None:
    """What these letters, out since `at`, mean for the clocks."""
    for letter in letters:
        _tell(case, letter, at)


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


def extension_is_under_way(case: Case) -> bool:
    """Whether the notice of the pending extension waits to be mended or to be handed over."""
    return NoticeKind.EXTENSION in case.blocked_letters or bool(case.unsent(NoticeKind.EXTENSION))


def give_up_extension(case: Case, why: str, now: datetime) -> None:
    """An extension that would change nothing is given up before anybody is told of it."""
    taken = case.extension
    if taken is not None:
        case.note(EntryKind.MESSAGE_REFUSED, now, f"The extension is not taken: {why}.", taken.actor)
    case.extension = case.extended_due = None


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
