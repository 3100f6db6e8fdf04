"""`umpire inbox`: what arrived and no case has, because it could not be read or taken."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import Office, office
from cli.terminal.errors import told
from cli.terminal.options import Json, User
from domain.errors import Refusal, Refused
from intake.admissions import admissions
from intake.admissions.outcome import AdmissionOutcome
from intake.contacts import contacts
from intake.resume import resume
from services.context import Desk, NotFound, Outcome
from services.queries.access import MAY_RESOLVE
from store import directory, inbox
from store.inbox import InboxItem

group = typer.Typer(no_args_is_help=False, help="What arrived and is no case yet.")
_ZONE = "UTC"
Number = Annotated[str, typer.Argument(metavar="ITEM", help="INBOX-12, or just 12.")]


@group.callback(invoke_without_command=True)
def listing(context: typer.Context, as_json: Json = False) -> None:
    """List what waits for intake, the least time left first."""
    if context.invoked_subcommand is not None:
        return
    with told():
        here = office(context)
        with here.reading() as s:
            items = inbox.list_open(s)
        if as_json:
            output.as_json(items)
            return
        if not items:
            output.say("Everything that arrived has its case.")
            return
        rows = [
            (
                output.left(item.due_at, here.clock()),
                f"INBOX-{item.inbox_id}",
                item.status.value,
                output.instant(item.received_at, _ZONE),
                output.words(item.channel.value),
                item.sender or "",
                str(item.problems[0]) if item.problems else "not read yet",
            )
            for item in items
        ]
        output.table(("Time left", "Item", "Status", "Received", "By", "From", "First problem"), rows)


@group.command()
def show(
    context: typer.Context,
    item: Number,
    raw: Annotated[bool, typer.Option("--raw", help="Print the bytes as they arrived.")] = False,
    as_json: Json = False,
) -> None:
    """Show one arrival: when it came, what became of it, every problem with its place."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = _item(here, item)
            content = inbox.raw(s, found.inbox_id)
        if raw:
            typer.get_binary_stream("stdout").write(content)
            return
        if as_json:
            output.as_json(found)
            return
        output.say(
            f"INBOX-{found.inbox_id}: {found.status.value}" + (f", case {found.case_id}" if found.case_id else "")
        )
        output.say(f"Received {output.instant(found.received_at, _ZONE)} by {output.words(found.channel.value)}.")
        output.say(f"{found.size_bytes} bytes, sha256 {found.sha256}")
        for problem in found.problems:
            output.say(f"  {problem}")
        if found.resolved_by is not None:
            output.say(f"Resolved by {found.resolved_by}, {output.instant(found.resolved_at, _ZONE)}: {found.note}")


@group.command()
def resolve(
    context: typer.Context,
    item: Number,
    user: User,
    note: Annotated[str, typer.Option(help="What was done: asked to send it again, entered by hand as case ...")],
) -> None:
    """Close an arrival that a person has dealt with. Its bytes stay."""
    with told():
        here = office(context)
        found = _item(here, item)
        with here.reading() as s:
            who = directory.reviewer(s, user)
        if who is None:
            raise NotFound(f"The directory has no reviewer {user}.", "Check --as, or the variable UMPIRE_USER.")
        if not MAY_RESOLVE & set(who.roles) or not who.active:
            message = "Only intake or a supervisor settles what could not be read."
            raise Refused((Refusal(rule="inbox.role", message=message, way_out="Ask one of them."),))
        with here.store.begin() as s:
            inbox.resolve(s, found.inbox_id, user, note, here.clock())
        output.say(f"INBOX-{found.inbox_id} is resolved.")


@group.command("resume")
def carry_on(context: typer.Context, as_json: Json = False) -> None:
    """Carry on with arrivals that were interrupted. 'umpire up' does it by itself."""
    with told():
        outcomes = office(context).desk(_everything, without_engine=True)
        if as_json:
            output.as_json(outcomes)
            return
        for outcome in outcomes:
            output.say(f"INBOX-{outcome.inbox_id}: {outcome.says}")
        if not outcomes:
            output.say("Nothing was left.")


async def _everything(desk: Desk) -> tuple[Outcome | AdmissionOutcome, ...]:
    return (*await resume(desk), *await contacts.resume(desk), *await admissions.resume(desk))


def _item(here: Office, said: str) -> InboxItem:
    number = said.strip().upper().removeprefix("INBOX-")
    if not number.isdecimal():
        raise NotFound(f"There is no inbox item {said}.", "List the open ones with 'umpire inbox'.")
    try:
        with here.reading() as s:
            return inbox.get(s, int(number))
    except Refused as refused:
        if refused.refusals[0].rule != "inbox.known":
            raise
        raise NotFound(f"There is no inbox item {said}.", "List the open ones with 'umpire inbox'.") from None
