"""Match of an ADT message to a member: by the plan's member number, or by name and date of birth; never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.coverage.directory import Member
from domain.errors import ValidationIssue
from domain.requests.request import MemberReference
from domain.stays.adt import AdtMessage
from intake.requests.membership import member_mismatches, normalize_name
from interop.plain.admission import BY_HAND
from store import directory
from store.stays import StayRecord

ASSIGN_MEMBER_REMEDY = "'umpire admit --inbox ITEM --member MEMBER-ID' by a person who found the member"


@dataclass(frozen=True)
class MemberMatch:
    """The matched member, or the issue that prevented a match."""

    member_id: str | None
    problem: ValidationIssue | None = None


def match_member(s: Session, message: AdtMessage, stay: StayRecord | None) -> MemberMatch:
    """Match the message to its member; for a stay on file the message must not name another member."""
    found = _match_by_message(s, message)
    if stay is None:
        return found
    if found.member_id is not None and found.member_id != stay.member_id:
        return _no_match("PID-3", "stay.other_member", "the message names another member than the stay's")
    unsure = ("intake.member_unknown", "intake.member_unsure")
    if found.member_id is None and found.problem is not None and found.problem.rule not in unsure:
        return found
    known = directory.member(s, stay.member_id)
    if known is not None and found.member_id is None and _contradicts(message, known):
        return _no_match("PID-5", "stay.other_member", "name or date of birth do not match the stay's member")
    return MemberMatch(stay.member_id)


def _match_by_message(s: Session, message: AdtMessage) -> MemberMatch:
    numbers = dict.fromkeys(one.value for one in message.member_ids)
    known = [member for number in numbers if (member := directory.member(s, number)) is not None]
    fitting = [member for member in known if not _contradicts(message, member)]
    if not known:
        fitting = _find_by_name(s, message)
    if len(fitting) == 1 and known and message.birth_date is None and message.sending_application != BY_HAND:
        return _no_match(
            "PID-7", "intake.member_unsure", "without a date of birth a relative on the same number could be meant"
        )
    if len(fitting) == 1:
        return MemberMatch(fitting[0].member_id)
    if len(fitting) > 1:
        return _no_match("PID-3", "intake.member_ambiguous", "the message fits more than one member")
    if known:
        return _no_match(
            "PID-5", "intake.member_mismatch", "name or date of birth do not match the member with this number"
        )
    return _no_match(
        "PID-3", "intake.member_unknown", "neither a number nor the name with date of birth matches a member"
    )


def _contradicts(message: AdtMessage, known: Member) -> bool:
    """Whether name or date of birth are another's. A given name may be shortened, or have others behind it."""
    if member_mismatches(_reference(message, known.member_id), known):
        return True
    said, own = normalize_name(message.given_name or ""), normalize_name(known.given_name)
    return bool(said and own) and not (said.startswith(own) or own.startswith(said))


def _find_by_name(s: Session, message: AdtMessage) -> list[Member]:
    """Members with the same family name, given name and date of birth, ignoring accents and case."""
    if message.birth_date is None or not message.family_name or not message.given_name:
        return []
    said = (normalize_name(message.family_name), normalize_name(message.given_name))
    if not all(said):
        return []
    born = directory.members_born_on(s, message.birth_date)
    return [one for one in born if (normalize_name(one.family_name), normalize_name(one.given_name)) == said]


def _reference(message: AdtMessage, member_id: str) -> MemberReference:
    return MemberReference(member_id=member_id, family_name=message.family_name, birth_date=message.birth_date)


def _no_match(path: str, rule: str, text: str) -> MemberMatch:
    return MemberMatch(None, ValidationIssue(path=path, rule=rule, message=text, expected=ASSIGN_MEMBER_REMEDY))
