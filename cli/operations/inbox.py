"""`umpire inbox`: arrivals without a case, because they could not be read or accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.instants import as_utc
from cli.terminal.options import Json, User
from domain.decisions.closings import Misdirection
from domain.errors import NotOnFile
from domain.vocabulary import Channel
from services.commands import inbox_actions
from store import inbox
from store.inbox import InboxItem

group = typer.Typer(no_args_is_help=False, help="Arrivals that are no case yet.")
_ZONE = "UTC"
Number = Annotated[str, typer.Argument(metavar="ITEM", help="INBOX-12, or just 12.")]


@group.callback(invoke_without_command=True)
def list_items(context: typer.Context, as_json: Json = False) -> None:
    """List arrivals that wait for intake, the least time left first."""
    if context.invoked_subcommand is not None:
        return
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            items = inbox.list_open(s)
        if as_json:
            output.print_json(items)
            return
        if not items:
            output.print_lines("Everything that arrived has its case.")
            return
        rows = [
            (
                output.format_time_left(item.due_at, here.clock()),
                f"INBOX-{item.inbox_id}",
                item.status.value,
                output.format_instant(item.received_at, _ZONE),
                output.spell_out(item.channel.value),
                item.sender or "",
                _first_problem(item),
            )
            for item in items
        ]
        output.print_table(("Time left", "Item", "Status", "Received", "By", "From", "First problem"), rows)


@group.command()
def show(
    context: typer.Context,
    item: Number,
    raw: Annotated[bool, typer.Option("--raw", help="Print the bytes as they arrived.")] = False,
    as_json: Json = False,
) -> None:
    """Show an arrival: time of receipt, status, and every issue with its path."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = _find_item(here, item)
            content = inbox.raw(s, found.inbox_id)
        if raw:
            typer.get_binary_stream("stdout").write(content)
            return
        if as_json:
            output.print_json(found)
            return
        output.print_lines(
            f"INBOX-{found.inbox_id}: {found.status.value}" + (f", case {found.case_id}" if found.case_id else "")
        )
        output.print_lines(
            f"Received {output.say_instant(found.received_at, _ZONE)} by {output.spell_out(found.channel.value)}."
        )
        if found.times_received:
            output.print_lines(f"The same document came {found.times_received} times; it is one task.")
        output.print_lines(f"{found.size_bytes} bytes, sha256 {found.sha256}")
        for problem in found.problems:
            output.print_lines(f"  {problem}")
        if found.resolved_by is not None:
            output.print_lines(
                f"Resolved by {found.resolved_by}, {output.say_instant(found.resolved_at, _ZONE)}: {found.note}"
            )


@group.command()
def resolve(
    context: typer.Context,
    user: User,
    note: Annotated[str, typer.Option(help="Action taken: asked the sender to resend it, entered by hand as case ...")],
    items: Annotated[
        list[str] | None, typer.Argument(metavar="[ITEM...]", help="INBOX-12, or just 12; several at once.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="RULE", help="Every open item with this rule, such as json-syntax.")
    ] = None,
    sender: Annotated[str | None, typer.Option(help="Every open item from this sender.")] = None,
) -> None:
    """Resolve arrivals that a person has handled, all with one note. Their bytes stay on file."""
    if bool(items) == (rule is not None or sender is not None):
        raise typer.BadParameter("give either items, or --rule and --sender")
    with handle_errors():
        here = cli_context(context)
        numbers = [_find_item(here, item).inbox_id for item in items or ()]
        with here.store.begin() as s:
            chosen = numbers or [one.inbox_id for one in inbox_actions.select_items(s, rule, sender)]
            done = inbox_actions.resolve_items(s, chosen, user, note, here.clock())
        output.print_lines(*(f"INBOX-{one.inbox_id} is resolved." for one in done))
        if not done:
            output.print_lines("No open item is like that.")


@group.command()
def forward(
    context: typer.Context,
    item: Number,
    user: User,
    to: Annotated[str, typer.Option(help="The plan or payer that it is for.")],
    channel: Annotated[Channel, typer.Option(help="The channel by which it was forwarded.")],
    address: Annotated[str, typer.Option(help="The number or address to which it went.")],
    proof: Annotated[str, typer.Option(help="The number of the transmission, or a tracking number.")],
    sent_at: Annotated[datetime | None, typer.Option(help="When it was forwarded (UTC); now unless given.")] = None,
) -> None:
    """Resolve an arrival that is another plan's and was forwarded. Its first arrival stays the receipt."""
    with handle_errors():
        here = cli_context(context)
        found, now = _find_item(here, item), here.clock()
        sent = Misdirection(to=to, channel=channel, address=address, sent_at=as_utc(sent_at, now), proof=proof)
        with here.store.begin() as s:
            inbox_actions.forward_item(s, found.inbox_id, user, sent, now)
        output.print_lines(f"INBOX-{found.inbox_id} is resolved: forwarded to {to}.")


@group.command("retry")
def retry_items(context: typer.Context, as_json: Json = False) -> None:
    """Retry interrupted arrivals. 'umpire up' does it automatically."""
    with handle_errors():
        from intake.resume import resume_arrivals  # slow to import; the list of arrivals does not need it

        outcomes = cli_context(context).run_with_services(resume_arrivals, without_temporal=True)
        if as_json:
            output.print_json(outcomes)
            return
        for outcome in outcomes:
            output.print_lines(f"INBOX-{outcome.inbox_id}: {outcome.says}")
        if not outcomes:
            output.print_lines("Nothing to retry.")


def _first_problem(item: InboxItem) -> str:
    times = f" (received {item.times_received} times)" if item.times_received else ""
    return (str(item.problems[0]) if item.problems else "not read yet") + times


def _find_item(here: CliContext, said: str) -> InboxItem:
    number = said.strip().upper().removeprefix("INBOX-")
    if not number.isdecimal():
        raise NotOnFile(f"There is no inbox item {said}.", "List the open ones with 'umpire inbox'.")
    with here.read_store() as s:
        return inbox.get(s, int(number))
