"""Whose stay it is. A member is known by a number that the plan gave, or by name and date of birth, and is never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.coverage.directory import Member
from domain.errors import Problem
from domain.requests.request import MemberReference
from domain.stays.adt import AdtMessage
from intake.requests.membership import contradictions, plain_name
from store import directory
from store.stays import Stay

SETTLE = "'umpire admit --inbox ITEM --member MEMBER-ID' by somebody who found the member"


@dataclass(frozen=True)
class Whose:
    """The member, or why nobody can say."""

    member_id: str | None
    problem: Problem | None = None


def whose(s: Session, message: AdtMessage, stay: Stay | None) -> Whose:
    """The member of the message; of a stay that is known, the message must not say that it is somebody else's."""
    found = _said(s, message)
    if stay is None:
        return found
    if found.member_id is not None and found.member_id != stay.member_id:
        return _nobody("PID-3", "stay.other_member", "the stay belongs to another member than the message names")
    if found.member_id is None and found.problem is not None and found.problem.rule != "intake.member_unknown":
        return found
    known = directory.member(s, stay.member_id)
    if known is not None and found.member_id is None and contradictions(_reference(message, stay.member_id), known):
        return _nobody("PID-5", "stay.other_member", "name or date of birth are not those of the stay's member")
    return Whose(stay.member_id)


def _said(s: Session, message: AdtMessage) -> Whose:
    numbers = dict.fromkeys(one.value for one in message.member_ids)
    known = [member for number in numbers if (member := directory.member(s, number)) is not None]
    fitting = [member for member in known if not contradictions(_reference(message, member.member_id), member)]
    if not known:
        fitting = _by_name(s, message)
    if len(fitting) == 1:
        return Whose(fitting[0].member_id)
    if len(fitting) > 1:
        return _nobody("PID-3", "intake.member_ambiguous", "the message fits more than one member")
    if known:
        return _nobody("PID-5", "intake.member_mismatch", "name or date of birth are not those of the number's member")
    return _nobody("PID-3", "intake.member_unknown", "no number, and no name with date of birth, is of a member")


def _by_name(s: Session, message: AdtMessage) -> list[Member]:
    """Everybody with the same family name, given name and date of birth; spelling with accents and capitals is the same."""
    if message.birth_date is None or not message.family_name or not message.given_name:
        return []
    said = (plain_name(message.family_name), plain_name(message.given_name))
    if not all(said):
        return []
    born = directory.members_born_on(s, message.birth_date)
    return [one for one in born if (plain_name(one.family_name), plain_name(one.given_name)) == said]


def _reference(message: AdtMessage, member_id: str) -> MemberReference:
    return MemberReference(member_id=member_id, family_name=message.family_name, birth_date=message.birth_date)


def _nobody(path: str, rule: str, text: str) -> Whose:
    return Whose(None, Problem(path=path, rule=rule, message=text, expected=SETTLE))
