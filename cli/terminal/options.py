"""Options shared by many commands."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.journal import Actor

Reader = Annotated[
    str | None,
    typer.Option(
        "--as", envvar="UMPIRE_USER", show_envvar=True, help="Reader: a reviewer id, needed for restricted content."
    ),
]


Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables for people.")]
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
