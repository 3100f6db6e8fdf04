"""Options of the stay commands, and parsers of typed days, times and reviewers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import typer

from cli.terminal.context import CliContext
from domain.errors import Refused, RuleViolation
from domain.journal import Actor
from services.commands.case_actions import reviewer_actor
from services.context import NotOnFile
from store import directory

StayNumber = Annotated[str, typer.Argument(metavar="STAY", help="The stay, such as ST-7K3QX2MDVH5A.")]
YesNo = Literal["yes", "no"]


def parse_yes_no(said: YesNo | None) -> bool | None:
    """Parse yes or no; None (not given) means unknown, which is not no."""
    return None if said is None else said == "yes"


def parse_day(said: str | None, option: str) -> date | None:
    """Parse a typed calendar day in the stay's zone."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise typer.BadParameter("expected a day: 2026-03-05", param_hint=option) from None


def require_day(said: str | None, option: str) -> date:
    """Parse a typed calendar day. Raises BadParameter when it is missing."""
    found = parse_day(said, option)
    if found is None:
        raise typer.BadParameter("is needed here", param_hint=option)
    return found


def parse_instant(said: str | None, option: str) -> datetime | None:
    """Parse a typed date and time with offset."""
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter("expected date and time with offset: 2026-03-02T14:00-06:00", param_hint=option)
    return at


def resolve_actor(here: CliContext, user: str | None) -> Actor | None:
    """The acting reviewer, who must be active in the directory; None when the facility acts."""
    if user is None:
        return None
    with here.reading() as s:
        who = directory.reviewer(s, user)
    if who is None:
        raise NotOnFile(f"The directory has no reviewer {user}.", "Check --as, or the variable UMPIRE_USER.")
    if not who.active:
        message = f"{user} is not active in the directory."
        raise Refused((RuleViolation(rule="reviewer.active", message=message, way_out="Act under your own name."),))
    return reviewer_actor(user)
