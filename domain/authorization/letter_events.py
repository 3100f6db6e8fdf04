"""Letter events of an authorization: moot letters are dropped, and mailed letters are recorded for the clocks.

The handling of letters that all cases share is in `domain.cases.letter_tracking`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.authorization import missed_clock_effects
from domain.authorization.case import AuthorizationCase
from domain.authorization.information_requests import start_response_time
from domain.authorization.parts import CasePhase
from domain.cases import letter_tracking
from domain.cases.orders import RecordResult
from domain.cases.views import CaseLetter
from domain.clocks.engine import DueKind, EventKind, ExtensionReason
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind

DECISION_NOTICES = frozenset({NoticeKind.APPROVAL, NoticeKind.ADVERSE_DETERMINATION, NoticeKind.NOT_REQUIRED})
OFFER_DELAY = timedelta(minutes=5)
"""A peer-to-peer offer whose letter is mailed later than this is extended by the lost time."""


# -- writing ---------------------------------------------------------------------------------------------------------------


def drop_moot_letters(case: AuthorizationCase, now: datetime) -> None:
    """Drop letters that are moot, such as an information request that was answered before it was mailed."""
    _drop_moot_misses(case)
    case.owed_letters = [notice for notice in case.owed_letters if _is_needed(case, notice)]
    case.blocked_letters = [notice for notice in case.blocked_letters if _is_needed(case, notice)]
    letter_tracking.close_repair_tasks(case, now)


def record_written(
    case: AuthorizationCase, notices: tuple[NoticeKind, ...], recorded: RecordResult, now: datetime
) -> None:
    """Record the result of writing these notices."""
    record_mailed(case, letter_tracking.record_written(case, notices, recorded, now), now)
    if NoticeKind.CHANGE_NOTICE in notices and NoticeKind.CHANGE_NOTICE not in case.blocked_letters:
        case.to_tell = ()
    if NoticeKind.MISSED_DEADLINE in notices and NoticeKind.MISSED_DEADLINE not in case.blocked_letters:
        missed_clock_effects.queue_next_notice(case)


def record_mailed(case: AuthorizationCase, letter_ids: tuple[str, ...], at: datetime) -> None:
    """Record these letters as mailed at `at` (UTC). Clocks depend on mailing times and may have to be recomputed."""
    record_clock_events(case, letter_tracking.mark_mailed(case, letter_ids, at), at)
    letter_tracking.close_delivery_trouble(case, at)


def record_clock_events(case: AuthorizationCase, letters: Iterable[CaseLetter], at: datetime) -> None:
    """Record the clock events of letters mailed at `at`."""
    for letter in letters:
        _record_letter_event(case, letter, at)


def _drop_moot_misses(case: AuthorizationCase) -> None:
    """Skip the missed clocks whose notice is moot."""
    miss = NoticeKind.MISSED_DEADLINE
    while miss in (*case.owed_letters, *case.blocked_letters) and missed_clock_effects.is_notice_moot(case):
        case.owed_letters = [notice for notice in case.owed_letters if notice is not miss]
        case.blocked_letters = [notice for notice in case.blocked_letters if notice is not miss]
        missed_clock_effects.queue_next_notice(case)


def _is_needed(case: AuthorizationCase, notice: NoticeKind) -> bool:
    undecided = case.phase < CasePhase.CONCLUDED
    match notice:
        case NoticeKind.INFORMATION_REQUEST:
            return undecided and case.information is not None and case.information.is_open
        case NoticeKind.PEER_TO_PEER_OFFER:
            return undecided and case.peer_to_peer is not None and not case.peer_to_peer.is_settled
        case NoticeKind.EXTENSION:
            return undecided and case.extending.taken is not None
    return True


def is_extension_pending(case: AuthorizationCase) -> bool:
    """Whether the notice of the pending extension waits to be repaired or mailed."""
    return NoticeKind.EXTENSION in case.blocked_letters or bool(case.unsent_letters(NoticeKind.EXTENSION))


def give_up_extension(case: AuthorizationCase, why: str, now: datetime) -> None:
    """Give up an extension that would change nothing, before its notice is mailed."""
    taken = case.extending.taken
    if taken is not None:
        case.note(EntryKind.MESSAGE_REFUSED, now, f"The extension is not taken: {why}.", taken.actor)
    case.extending.end()


# -- clock events ----------------------------------------------------------------------------------------------------------


def _record_letter_event(case: AuthorizationCase, letter: CaseLetter, at: datetime) -> None:
    member = letter.audience is Audience.MEMBER
    match letter.notice:
        case notice if notice in DECISION_NOTICES:
            _on_decision_mailed(case, letter.audience, at)
        case NoticeKind.INFORMATION_REQUEST if not member:
            _on_information_request_mailed(case, at)
        case NoticeKind.EXPEDITE_NOT_GRANTED if member:
            case.mark_done(DueKind.EXPEDITE_REFUSAL_NOTICE, at)
            case.happened(EventKind.EXPEDITE_REFUSAL_NOTICE_SENT, at)
        case NoticeKind.TEMPORARY_SUPPLY if member:
            case.mark_done(DueKind.SUPPLY_NOTICE, at)
        case NoticeKind.OTHER_BENEFIT if member:
            case.mark_done(DueKind.OTHER_BENEFIT_NOTICE, at)
        case NoticeKind.MISSED_DEADLINE if member:
            case.mark_done(DueKind.DEEMED_NOTICE, at)
        case NoticeKind.DISMISSAL if member:
            case.happened(EventKind.DISMISSAL_NOTICE_SENT, at)
        case NoticeKind.IMPROPER_FILING if member:
            case.mark_done(DueKind.PROCEDURE_NOTICE, at)
        case NoticeKind.PEER_TO_PEER_OFFER:
            _on_offer_mailed(case, at)
        case NoticeKind.EXTENSION:
            _on_extension_mailed(case, at)


def _on_decision_mailed(case: AuthorizationCase, audience: Audience, at: datetime) -> None:
    """Mark the notice of the decision as done when the last letter about it to this audience is mailed."""
    owed = any(notice in DECISION_NOTICES for notice in (*case.owed_letters, *case.blocked_letters))
    in_the_house = any(case.letters[key].audience is audience for key in case.unsent_letters(*DECISION_NOTICES))
    if not owed and not in_the_house:
        case.mark_done(DueKind.WRITTEN_NOTICE if audience is Audience.MEMBER else DueKind.PROVIDER_NOTICE, at)
        if audience is Audience.MEMBER:
            case.happened_if_awaited(EventKind.NOTICE_SENT, at)


def _on_information_request_mailed(case: AuthorizationCase, at: datetime) -> None:
    """Record the mailed information request. One that was answered before mailing moves no clock, nor does a further round by
    rules: no member waits longer because the first question did not ask enough."""
    case.mark_done(DueKind.INFORMATION_REQUEST, at)
    if case.information is not None and case.information.is_open and case.information.round == 1:
        case.happened(EventKind.INFORMATION_REQUESTED, at, hours_given=start_response_time(case, at))


def _on_offer_mailed(case: AuthorizationCase, at: datetime) -> None:
    offer = case.peer_to_peer
    if offer is not None and not offer.is_settled and at - offer.offered_at > OFFER_DELAY:
        offer.until += at - offer.offered_at


def _on_extension_mailed(case: AuthorizationCase, at: datetime) -> None:
    """Record the extension for the clocks once the member has been notified; the clocks determine whether it counts."""
    taken = case.extending.taken
    members = (
        key for key in case.unsent_letters(NoticeKind.EXTENSION) if case.letters[key].audience is Audience.MEMBER
    )
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
        **({"ground": taken.ground.model_dump(mode="json")} if taken.ground is not None else {}),
        **({"second_person": taken.second_person} if taken.second_person is not None else {}),
    )
    case.extending.end()
