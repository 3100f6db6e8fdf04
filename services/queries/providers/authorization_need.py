"""Look-up before a request: does this service need authorization for this member, on this day, in this place?

The answer is that of the rules which a case would meet. It is kept with its reason and rulebook under a number, so that it can
be shown later as it was given. A member is found by id or name together with the date of birth, and never listed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.coverage.directory import Coverage, Member
from domain.coverage.requirements import Requirement
from domain.errors import NotOnFile, refusal
from domain.model import Model
from domain.requests.request import (
    AuthorizationRequest,
    MemberReference,
    ProviderReference,
    ServiceLine,
    UrgencyClaim,
)
from domain.vocabulary import AskedBy, Channel, CodeSystem, Lob, ServiceKind, Urgency
from interop.service_codes import shape_mismatch
from store import directory
from store.dialect import acquire_named_lock
from store.portal import look_ups
from store.portal.look_ups import KeptLookUp

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_MOST_MISSES, _MISSES_WITHIN = 20, timedelta(hours=1)
_SYSTEMS = (CodeSystem.HCPCS, CodeSystem.ICD10PCS, CodeSystem.NDC)


class NeedState(StrEnum):
    """The answer to a look-up."""

    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    CANNOT_TELL = "cannot_tell"


class NeedQuestion(Model):
    """A look-up as it was asked: the member by id, or by both names, and the date of birth; the service by its code; the day;
    the place by CMS's two digits (None: not said); who gives the service by NPI, where it is not the asker."""

    member_id: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    birth_date: date
    code: str
    service_kind: ServiceKind
    day: date
    place_of_service: str | None = None
    servicing_npi: str | None = None


class LookUpAnswer(Model):
    """The answer: its state, the reason in words, and the rule with its citation. `covered`: coverage is active on the day."""

    state: NeedState
    because: str
    citation: str
    service: str
    member_name: str
    covered: bool
    plan_name: str = ""
    lob: Lob | None = None
    law_of: str = ""


class LookUp(Model):
    """A look-up as it is kept. `asked_at` is UTC. Without a member neither question nor answer is kept: it found none."""

    number: str
    asked_at: AwareDatetime
    rulebook_version: str
    question: NeedQuestion | None
    answer: LookUpAnswer | None


@dataclass(frozen=True)
class NeedSources:
    """The rules, which services do not read themselves: coverage and requirement of a line as a case would find them, titles of
    the service groups of a code, and the rulebook's version."""

    find: Callable[[Session, AuthorizationRequest, ServiceLine], tuple[Coverage, Requirement]]
    titles_of: Callable[[str], tuple[str, ...]]
    rulebook_version: str


def look_up(
    s: Session, sources: NeedSources, asked: NeedQuestion, npi: str, account_id: str, act: str, now: datetime
) -> LookUp:
    """Answer, and keep the answer under a new number; a form (`act`) that is sent again gets its first answer. `now` is UTC.

    Raises Refused for an account that has asked for too many people who are no members.
    """
    acquire_named_lock(s, f"look-up:{act}")
    known = look_ups.of_act(s, act)
    if known is not None and known.account_id == account_id:
        return _as_kept(known)
    if look_ups.count_misses(s, account_id, now - _MISSES_WITHIN) >= _MOST_MISSES:
        message = "Too many look-ups in the last hour were about nobody who is a member here."
        raise refusal(
            "look_up.limit", message, "Compare number and birth date with the card, and try again in an hour."
        )
    member = find_member(s, asked)
    kept = KeptLookUp(
        number=new_number(),
        act=act,
        npi=npi,
        account_id=account_id,
        member_id=member.member_id if member is not None else None,
        asked_at=now,
        question=asked.model_dump(mode="json") if member is not None else None,
        answer=answer(s, sources, asked, member, npi, now).model_dump(mode="json") if member is not None else None,
        rulebook_version=sources.rulebook_version,
    )
    look_ups.keep(s, kept)
    return _as_kept(kept)


def load_look_up(s: Session, number: str, npi: str) -> LookUp:
    """The answer that this provider was given under the number. Raises NotOnFile for another's, and for none."""
    kept = look_ups.get(s, number.strip().upper())
    if kept is None or kept.npi != npi or kept.answer is None:
        raise NotOnFile(f"There is no answer {number[:20]} to you.", "Check the number, or look it up anew.")
    return _as_kept(kept)


def find_member(s: Session, asked: NeedQuestion) -> Member | None:
    """The one member with this id or these names who was born on that day; None where nobody or more than one is meant."""
    if asked.member_id:
        found = directory.member(s, asked.member_id.strip().upper())
        return found if found is not None and found.birth_date == asked.birth_date else None
    names = _plain(asked.given_name), _plain(asked.family_name)
    if not all(names):
        return None
    born = directory.members_born_on(s, asked.birth_date)
    same = [one for one in born if (_plain(one.given_name), _plain(one.family_name)) == names]
    return same[0] if len(same) == 1 else None


def answer(
    s: Session, sources: NeedSources, asked: NeedQuestion, member: Member, npi: str, now: datetime
) -> LookUpAnswer:
    """The answer for a member. What no rule names, and what is asked of a day without coverage, is never 'not required'."""
    code = asked.code.strip().upper()
    service = "; ".join(sources.titles_of(code)) or f"Service {code}"
    about = {"service": service, "member_name": f"{member.given_name} {member.family_name}"}
    system = code_system_of(code)
    if system is None:
        says = "the code is none that a request can name"
        return LookUpAnswer(**about, state=NeedState.CANNOT_TELL, because=says, citation="", covered=False)
    if directory.coverage_on(s, member.member_id, asked.day) is None:
        says = "no coverage of this member is on file for that day"
        return LookUpAnswer(**about, state=NeedState.CANNOT_TELL, because=says, citation="", covered=False)
    request, line = _as_request(asked, member, npi, code, system, now)
    coverage, found = sources.find(s, request, line)
    states = {True: NeedState.REQUIRED, False: NeedState.NOT_REQUIRED, None: NeedState.CANNOT_TELL}
    return LookUpAnswer(
        **about,
        state=states[found.required],
        because=found.because,
        citation=found.citation,
        covered=coverage.covers(asked.day),
        plan_name=coverage.plan_name,
        lob=coverage.lob,
        law_of=coverage.state,
    )


def code_system_of(code: str) -> CodeSystem | None:
    """The system that a service code is written in, by its shape; None for none."""
    return next((system for system in _SYSTEMS if shape_mismatch(system, code) is None), None)


def new_number() -> str:
    """A number for an answer. It begins as no case and no authorization does, and has no letters that are read as digits."""
    return "LK-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


def _as_request(
    asked: NeedQuestion, member: Member, npi: str, code: str, system: CodeSystem, now: datetime
) -> tuple[AuthorizationRequest, ServiceLine]:
    """The request that would ask for the service."""
    line = ServiceLine(
        line_id="1", code_system=system, code=code, start=asked.day, place_of_service=asked.place_of_service
    )
    request = AuthorizationRequest(
        submission_id="look-up",
        received_at=now,
        channel=Channel.PORTAL,
        service_kind=asked.service_kind,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id=member.member_id),
        requesting_provider=ProviderReference(npi=npi),
        servicing_provider=ProviderReference(npi=asked.servicing_npi) if asked.servicing_npi else None,
        lines=(line,),
    )
    return request, line


def _as_kept(kept: KeptLookUp) -> LookUp:
    return LookUp(
        number=kept.number,
        asked_at=kept.asked_at,
        rulebook_version=kept.rulebook_version,
        question=NeedQuestion.model_validate(kept.question) if kept.question is not None else None,
        answer=LookUpAnswer.model_validate(kept.answer) if kept.answer is not None else None,
    )


def _plain(name: str | None) -> str:
    return " ".join((name or "").casefold().split())
