"""What a merge (A40) does: everything of one patient number goes to another one, and both sides' stays are told."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.errors import Problem
from domain.stays.adt import AdtMessage, MergedPatient
from domain.stays.numbers import facility_key, stay_id_for
from interop.hl7.patient import patient_key
from store import installation as settings
from store import stays
from store.stays import Stay

_SETTLE = "somebody who finds out whose the stays are, and 'umpire inbox resolve' with what was done"


@dataclass(frozen=True)
class Merged:
    """The stays that hear of it, the remaining one first; empty when no stay of either side is known here."""

    tells: tuple[str, ...] = ()
    problem: Problem | None = None


def merge(s: Session, message: AdtMessage) -> Merged:
    """Re-key the stays of every patient that was merged away. When the two sides belong to two members nothing is changed."""
    pairs = [_pair(s, message, one) for one in message.merges]
    if any(len({stay.member_id for stay in pair.all}) > 1 for pair in pairs):
        text = "the merge joins stays that belong to two members here, and was not carried out"
        return Merged(problem=Problem(path="MRG-1", rule="stay.two_members", message=text, expected=_SETTLE))
    told: dict[str, None] = {}
    for one, pair in zip(message.merges, pairs, strict=True):
        _carry_out(s, one, pair)
        for stay in pair.all:
            told[stay.stay_id] = None
    return Merged(tuple(told))


def touches(s: Session, message: AdtMessage) -> bool:
    """Whether any stay that is known here belongs to one of the patients, accounts or visits that the message joins."""
    return any(_pair(s, message, one).all for one in message.merges)


@dataclass(frozen=True)
class _Pair:
    """What is known of both sides: their patients' stays, and the very stay that a visit or account number names."""

    into: tuple[Stay, ...]
    into_named: Stay | None
    away: tuple[Stay, ...]
    away_named: Stay | None

    @property
    def all(self) -> tuple[Stay, ...]:
        named = tuple(stay for stay in (self.into_named, self.away_named) if stay is not None)
        return tuple({stay.stay_id: stay for stay in (*named[:1], *self.into, *self.away, *named)}.values())


def _pair(s: Session, message: AdtMessage, one: MergedPatient) -> _Pair:
    facility = facility_key(message.event.facility)
    visit = message.event.visit_number if len(message.merges) == 1 else None
    into, away = patient_key(one.into), patient_key(one.away)
    return _Pair(
        stays.of_patient(s, facility, into) if into else (),
        _named(s, facility, visit, one.into_account),
        stays.of_patient(s, facility, away) if away else (),
        _named(s, facility, one.away_visit, one.away_account),
    )


def _named(s: Session, facility: str, visit: str | None, account: str | None) -> Stay | None:
    """The stay of this visit; where no visit is named, the one that is known by its account alone."""
    if visit is not None:
        known = stays.get(s, stay_id_for(("visit", facility, visit), settings.installation_key(s)))
        return known or stays.of_visit(s, facility, None, visit)
    of_account = stays.of_account(s, facility, account) if account is not None else ()
    return of_account[0] if len(of_account) == 1 and of_account[0].visit_number is None else None


def _carry_out(s: Session, one: MergedPatient, pair: _Pair) -> None:
    remaining, gone, target = patient_key(one.into), pair.away_named, pair.into_named
    for stay in (*pair.away, *((gone,) if gone is not None else ())):
        if remaining is not None:
            stays.re_key(s, stay.stay_id, patient_key=remaining)
        if one.into_account is not None and one.away_account is not None and stay.account_number == one.away_account:
            stays.re_key(s, stay.stay_id, account_number=one.into_account)
    if gone is not None and target is not None and stays.standing(s, target).stay_id != gone.stay_id:
        stays.merge(s, gone.stay_id, into=stays.standing(s, target).stay_id)
