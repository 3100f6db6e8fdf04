"""Patient merges (A40): the stays of one patient number move to another, and both sides' stays get the event."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.errors import ValidationIssue
from domain.stays.adt import AdtMessage, MergedPatient, PatientIdentifier
from domain.stays.numbers import facility_key, stay_id_for
from interop.hl7.patient import FACILITY_ID_TYPES, patient_key
from store import installation, stays
from store.stays import StayRecord

_TWO_MEMBERS_REMEDY = "a person who finds the right member of each stay, and 'umpire inbox resolve' with what was done"


@dataclass(frozen=True)
class PatientMerge:
    """Result of a merge: the stays to notify, the surviving stay first; empty when neither side has a stay on file."""

    tells: tuple[str, ...] = ()
    problem: ValidationIssue | None = None


def merge_patients(s: Session, message: AdtMessage) -> PatientMerge:
    """Move the stays of every merged patient to the surviving one. When the sides belong to two members nothing is changed."""
    pairs = [_find_pair(s, message, one) for one in message.merges]
    if any(len({stay.member_id for stay in pair.all}) > 1 for pair in pairs):
        text = "the merge joins stays of two members, and was not carried out"
        return PatientMerge(
            problem=ValidationIssue(path="MRG-1", rule="stay.two_members", message=text, expected=_TWO_MEMBERS_REMEDY)
        )
    told: dict[str, None] = {}
    for one, pair in zip(message.merges, pairs, strict=True):
        _rekey_stays(s, one, pair)
        for stay in pair.all:
            told[stay.stay_id] = None
    return PatientMerge(tuple(told))


def affected_stays(s: Session, message: AdtMessage) -> tuple[StayRecord, ...]:
    """The stays on file of every patient, account and visit that the message names, in its order."""
    facility = facility_key(message.event.facility)
    found = list(stays.of_patient(s, facility, message.patient_key)) if message.patient_key else []
    for one in message.merges:
        found.extend(_find_pair(s, message, one).all)
    for other in message.further_patients:
        named = _find_named_stay(s, facility, other.visit, other.account)
        found.extend((*((named,) if named is not None else ()), *_of_patient(s, facility, other.numbers)))
    return tuple({stay.stay_id: stay for stay in found}.values())


@dataclass(frozen=True)
class _Pair:
    """Stays on file of both sides of a merge, and the stay that a visit or account number names."""

    into: tuple[StayRecord, ...]
    into_named: StayRecord | None
    away: tuple[StayRecord, ...]
    away_named: StayRecord | None

    @property
    def all(self) -> tuple[StayRecord, ...]:
        named = tuple(stay for stay in (self.into_named, self.away_named) if stay is not None)
        return tuple({stay.stay_id: stay for stay in (*named[:1], *self.into, *self.away, *named)}.values())


def _find_pair(s: Session, message: AdtMessage, one: MergedPatient) -> _Pair:
    facility = facility_key(message.event.facility)
    visit = message.event.visit_number if len(message.merges) == 1 else None
    return _Pair(
        _of_patient(s, facility, one.into),
        _find_named_stay(s, facility, visit, one.into_account),
        _of_patient(s, facility, one.away),
        _find_named_stay(s, facility, one.away_visit, one.away_account),
    )


def _of_patient(s: Session, facility: str, numbers: tuple[PatientIdentifier, ...]) -> tuple[StayRecord, ...]:
    """The stays under any of the patient's numbers at the facility: a merge may name another one first."""
    own = dict.fromkeys(one.value for one in numbers if one.type is None or one.type in FACILITY_ID_TYPES)
    found = [stay for number in own for stay in stays.of_patient(s, facility, number)]
    return tuple({stay.stay_id: stay for stay in found}.values())


def _find_named_stay(s: Session, facility: str, visit: str | None, account: str | None) -> StayRecord | None:
    """The stay of this visit; without a visit number, the stay that has only this account number."""
    if visit is not None:
        known = stays.get(s, stay_id_for(("visit", facility, visit), installation.installation_key(s)))
        return known or stays.of_visit(s, facility, None, visit)
    of_account = stays.of_account(s, facility, account) if account is not None else ()
    return of_account[0] if len(of_account) == 1 and of_account[0].visit_number is None else None


def _rekey_stays(s: Session, one: MergedPatient, pair: _Pair) -> None:
    remaining, gone, target = patient_key(one.into), pair.away_named, pair.into_named
    for stay in (*pair.away, *((gone,) if gone is not None else ())):
        if remaining is not None:
            stays.replace_numbers(s, stay.stay_id, patient_key=remaining)
        if one.into_account is not None and one.away_account is not None and stay.account_number == one.away_account:
            stays.replace_numbers(s, stay.stay_id, account_number=one.into_account)
    if gone is not None and target is not None and stays.resolve_merges(s, target).stay_id != gone.stay_id:
        stays.merge(s, gone.stay_id, into=stays.resolve_merges(s, target).stay_id)
