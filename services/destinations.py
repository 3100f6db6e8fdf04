"""Destinations of letters that belong to no case, as written down or as the directory has them, and the plan that writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.coverage.directory import Provider
from domain.errors import Refused, refusal
from domain.letters.context import PlanContact
from domain.letters.standalone import LetterWay
from services.fitting_work import plan_day
from store import directory

_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBERS = {LetterWay.FAX: "a fax number", LetterWay.MAIL: "an address", LetterWay.EMAIL: "a mailbox"}
_FORMS = {
    LetterWay.FAX: "Write the number with its area code, such as 312 555 0100.",
    LetterWay.MAIL: "Write street, city, State and ZIP code, such as 12 Main Street, Chicago, IL 60601.",
    LetterWay.EMAIL: "Write one mailbox, such as office@clinic.example.",
}


@dataclass(frozen=True)
class Destination:
    """The reader of a letter and the way to them; `lines` is the address, the fax number or the mailbox as it was written."""

    way: LetterWay
    name: str
    lines: tuple[str, ...]

    @property
    def sent_to(self) -> str:
        """The address, number or mailbox in one line."""
        return ", ".join(self.lines)

    @property
    def printed(self) -> tuple[str, ...]:
        """The lines below the reader's name on the letter."""
        return tuple(f"Fax {line}" for line in self.lines) if self.way is LetterWay.FAX else self.lines


def read_destination(way: LetterWay, name: str, written: str) -> Destination:
    """The destination as it was written down. Raises Refused (`criteria.sent_to`) for what is none by this way."""
    lines = tuple(line for part in written.splitlines() if (line := part.strip().rstrip(",")))
    if way is LetterWay.MAIL and len(lines) == 1:
        lines = tuple(line for part in lines[0].split(",", 1) if (line := part.strip()))
    if not lines:
        raise refusal("criteria.sent_to", f"{_NUMBERS[way].capitalize()} is missing.", _FORMS[way])
    digits = sum(sign.isdigit() for sign in written)
    is_one = {
        LetterWay.MAIL: len(lines) > 1 and digits > 0,
        LetterWay.FAX: len(lines) == 1 and 10 <= digits <= 15 and not any(sign.isalpha() for sign in written),
        LetterWay.EMAIL: len(lines) == 1 and _MAILBOX.fullmatch(lines[0]) is not None,
    }[way]
    if not is_one:
        raise refusal("criteria.sent_to", f"This is not {_NUMBERS[way]}.", _FORMS[way])
    return Destination(way, name, lines)


def find_destination(s: Session, way: LetterWay, number: str) -> Destination:
    """The destination on file for a member number or an NPI. Raises Refused (`criteria.on_file`) where there is none."""
    member, provider = directory.member(s, number.upper()), directory.provider(s, number)
    if member is not None and way is LetterWay.MAIL and member.address:
        return Destination(way, f"{member.given_name} {member.family_name}", member.address)
    if provider is not None:
        lines = {LetterWay.MAIL: provider.address, LetterWay.FAX: (provider.fax,) if provider.fax else ()}.get(way, ())
        if lines:
            return Destination(way, provider.name, lines)
    if member is None and provider is None:
        raise refusal("criteria.on_file", "The directory has nobody of this number.", "Write where to send it.")
    raise refusal(
        "criteria.on_file", f"{_NUMBERS[way].capitalize()} is not on file for them.", "Write where to send it."
    )


def reach_provider(provider: Provider | None) -> Destination | None:
    """The way to a provider on file, the fax first because it is there the same day; None where nothing is on file."""
    if provider is not None and provider.fax:
        return Destination(LetterWay.FAX, provider.name, (provider.fax,))
    if provider is not None and provider.address:
        return Destination(LetterWay.MAIL, provider.name, provider.address)
    return None


def find_plan(s: Session, now: datetime, plan_id: str = "", member_id: str = "") -> PlanContact:
    """The plan that writes: the one named, else the member's, else the only one. Raises Refused (`criteria.plan`)."""
    plans = directory.plans(s)
    coverage = directory.coverage_on(s, member_id.upper(), plan_day(s, now)) if member_id else None
    named = plan_id or (coverage.plan_id if coverage is not None else "")
    if named:
        if named not in plans:
            raise refusal("criteria.plan", "There is no such plan.", f"Write one of {', '.join(plans)}.")
        return plans[named]
    if len(plans) != 1:
        raise refusal("criteria.plan", "Which plan writes is not known.", f"Write one of {', '.join(plans) or 'none'}.")
    return next(iter(plans.values()))


def first_plan(s: Session, now: datetime, member_id: str) -> PlanContact | None:
    """The plan in whose name a draft's owner is reminded: that of the member named in it, else the first; None for none."""
    try:
        return find_plan(s, now, member_id=member_id)
    except Refused:
        return next(iter(directory.plans(s).values()), None)
