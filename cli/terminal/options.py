"""Options shared by many commands."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.journal import Actor
from domain.vocabulary import Lob, Urgency

Reader = Annotated[
    str | None,
    typer.Option(
        "--as", envvar="UMPIRE_USER", show_envvar=True, help="Reader: a reviewer id, needed for restricted content."
    ),
]


Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables for people.")]
Wide = Annotated[bool, typer.Option("--wide", help="Keep every row on one line, however narrow the window is.")]
LobFilter = Annotated[Lob | None, typer.Option("--lob", help="Only this line of business.")]
UrgencyFilter = Annotated[Urgency | None, typer.Option("--urgency", help="Only requests of this urgency.")]
MemberFilter = Annotated[str | None, typer.Option("--member", metavar="ID", help="Only this member's.")]
ProviderFilter = Annotated[
    str | None,
    typer.Option(
        "--provider",
        metavar="NPI",
        help="Only where this provider requests, orders or gives the service, or is the facility.",
    ),
]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")]
DueBefore = Annotated[
    str | None,
    typer.Option(
        "--due-before", metavar="WHEN", help="Only what is due before then: 24h, 3d, or 2026-03-02T14:00-06:00."
    ),
]
User = Annotated[
    str,
    typer.Option(
        "--as", envvar="UMPIRE_USER", show_envvar=True, help="Acting reviewer: a reviewer id in the directory."
    ),
]
OptionalUser = Annotated[
    str | None,
    typer.Option(
        "--as", envvar="UMPIRE_USER", show_envvar=True, help="Acting reviewer; the requesting provider unless given."
    ),
]
CaseNumber = Annotated[str, typer.Argument(metavar="CASE", help="The case number, such as PA-7K3QX2MDVH5A.")]
TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The task, such as PA-7K3QX2MDVH5A-T1.")]


def actor_of(user: str | None) -> Actor | None:
    """The reviewer as actor; None for the requesting provider."""
    return Actor(kind="reviewer", id=user) if user else None
