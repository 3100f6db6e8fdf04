"""Options of the commands on a stay, and how what was typed becomes days, instants and people."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import typer

from cli.terminal.context import Office
from domain.errors import Refusal, Refused
from domain.journal import Actor
from services.commands.case_actions import reviewer
from services.context import NotFound
from store import directory

Stay = Annotated[str, typer.Argument(metavar="STAY", help="The stay, such as ST-7K3QX2MDVH5A.")]
YesNo = Literal["yes", "no"]


def yes_no(said: YesNo | None) -> bool | None:
    """Nobody said: unknown, which is not no."""
    return None if said is None else said == "yes"


def day(said: str | None, option: str) -> date | None:
    """A calendar day in the stay's zone, as typed."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise typer.BadParameter("expected a day: 2026-03-05", param_hint=option) from None


def needed_day(said: str | None, option: str) -> date:
    found = day(said, option)
    if found is None:
        raise typer.BadParameter("is needed here", param_hint=option)
    return found


def instant(said: str | None, option: str) -> datetime | None:
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter("expected date and time with offset: 2026-03-02T14:00-06:00", param_hint=option)
    return at


def somebody(here: Office, user: str | None) -> Actor | None:
    """The person who acts, whom the directory has to know and who has to be active; None when the facility does."""
    if user is None:
        return None
    with here.reading() as s:
        who = directory.reviewer(s, user)
    if who is None:
        raise NotFound(f"The directory has no reviewer {user}.", "Check --as, or the variable UMPIRE_USER.")
    if not who.active:
        message = f"{user} is not active in the directory."
        raise Refused((Refusal(rule="reviewer.active", message=message, way_out="Act under your own name."),))
    return reviewer(user)
