"""Options of the stay commands, and parsers of typed days."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import typer

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
