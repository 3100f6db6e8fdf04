"""`umpire callback`: logs callback messages, typed or from a telephone system, and lists open callbacks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.contacts.submission_results import print_results
from cli.terminal import output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.files import read_content
from cli.terminal.instants import parse_instant
from cli.terminal.options import Json, Wide
from cli.terminal.output import format_needs
from domain.callbacks.case import CallerKind
from domain.callbacks.policy import CallTopic
from domain.cases.views import CaseStatus
from domain.errors import NotOnFile
from interop.plain.callbacks_and_concerns import CALLBACK, CallbackMessage
from services.context import ServiceContext, SubmissionResult
from services.queries.processes.call_desk import page_of_calls
from store import directory

_DEFAULT_LIMIT = 200
group = typer.Typer(no_args_is_help=True, help="Messages for utilization staff, and the calls that return them.")


@group.command()
def log(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE...]", help="umpire-callback/1 documents of a telephone system; '-' is standard input."
        ),
    ] = None,
    sender: Annotated[str | None, typer.Option(help="The telephone system that wrote the files.")] = None,
    from_whom: Annotated[CallerKind | None, typer.Option("--from", help="By hand: the caller.")] = None,
    name: Annotated[str | None, typer.Option(help="By hand: the caller's name. It stays in the store.")] = None,
    phone: Annotated[str | None, typer.Option(help="By hand: the number to call. It stays in the store.")] = None,
    organization: Annotated[
        str | None, typer.Option(help="By hand: the organization for which they call. It stays in the store.")
    ] = None,
    about: Annotated[CallTopic, typer.Option(help="By hand: the topic.")] = CallTopic.OTHER,
    message: Annotated[str | None, typer.Option(help="By hand: the message. It stays in the store.")] = None,
    member: Annotated[str | None, typer.Option(metavar="MEMBER-ID", help="By hand: the member it is about.")] = None,
    case: Annotated[str | None, typer.Option(metavar="CASE", help="By hand: the case it is about.")] = None,
    language: Annotated[str | None, typer.Option(help="By hand: the requested language, such as es.")] = None,
    tty: Annotated[bool | None, typer.Option("--tty/--no-tty", help="By hand: whether TTY was requested.")] = None,
    left_at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="By hand: time of the message, such as 2026-03-02T19:40-06:00; now unless given."
        ),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN-ID", help="The plan, for callers who are not members.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--as", envvar="UMPIRE_USER", show_envvar=True, help="By hand: the reviewer who logs it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Log a message. The call is returned in the plan's next business hours; a repeat joins its callback."""

    if bool(files) == (from_whom is not None):
        raise typer.BadParameter("give either files, or --from with --name and --phone")
    with handle_errors():
        from intake.contacts import contacts  # slow to import; the list of callbacks does not need it

        here = cli_context(context)
        if files:
            contents = {name: read_content(name) for name in files}

            async def receive_all(services: ServiceContext) -> dict[str, SubmissionResult]:
                return {name: await contacts.receive_document(services, raw, sender) for name, raw in contents.items()}

            outcomes = here.run_with_services(receive_all, without_temporal=True)
        else:
            if not name or not phone:
                raise typer.BadParameter("a callback needs a name and a phone number", param_hint="--phone")
            if user is None:
                raise typer.BadParameter("is needed here", param_hint="--as")
            with here.read_store() as s:
                if member is not None and directory.member(s, member) is None:
                    raise NotOnFile("The directory has no member of this id.", "Leave it out if it is not known.")
                about_case = resolve_case_number(s, case) if case is not None else None
            said = _build_message(
                left_at=parse_instant(left_at, "--left-at") or here.clock(),
                from_whom=from_whom,
                member_id=member,
                caller_name=name,
                caller_organization=organization,
                phone=phone,
                about=about,
                about_case=about_case,
                message=message,
                language=language,
                tty=tty,
                plan_id=plan,
                taken_by=user,
            )
            outcomes = {
                "": here.run_with_services(
                    lambda services: contacts.record_message(services, said), without_temporal=True
                )
            }
        print_results(outcomes, as_json)


@group.command("list")
def list_callbacks(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only callbacks of this status.")] = CaseStatus.OPEN,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = _DEFAULT_LIMIT,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List open callbacks, the least time left first; with --status completed the returned ones."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            page = page_of_calls(s, limit, is_open=None if status is None else status is CaseStatus.OPEN)
        found = [row.case for row in page.rows if status in (None, row.case.status)]
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("No open callbacks." if status is CaseStatus.OPEN else "No callbacks.")
            return
        now = here.clock()
        rows = [
            (
                view.case_id,
                output.format_time_left(view.waiting.until, now) if view.waiting and view.waiting.until else "",
                view.title,
                format_needs(row.needs),
                f"{view.waiting.what} from {view.waiting.holder}"
                if view.waiting
                else output.spell_out(view.status.value),
                output.format_instant(view.waiting.until, view.zone) if view.waiting else "",
                output.format_instant(view.received_at, view.zone),
            )
            for row in page.rows
            if (view := row.case) in found
        ]
        columns = ("Callback", "Time left", "Title", "Needs", "Waits for", "Due", "Received")
        output.print_table(columns, rows, wide=wide)
        if page.after is not None:
            output.print_lines(f"There are more; see them with --limit {limit * 10}.")


def _build_message(**said: Any) -> CallbackMessage:
    try:
        return CallbackMessage.model_validate({"format": CALLBACK, **said})
    except ValueError:
        raise typer.BadParameter(
            "a language is written as a code such as es; a number has at least three digits", param_hint="--language"
        ) from None
