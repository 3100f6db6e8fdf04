"""`umpire callback`: take a message that was left, at any hour, by hand or from a telephone system; list what is owed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from cli.contacts.outcomes import tell
from cli.terminal import output
from cli.terminal.context import known_case, office
from cli.terminal.errors import told
from cli.terminal.files import content_of
from cli.terminal.options import Json
from cli.terminal.output import needs
from domain.callbacks.case import FromWhom
from domain.callbacks.policy import CallTopic
from domain.cases.views import CaseStatus, ProcessKind
from intake.contacts import contacts
from interop.plain.callbacks_and_concerns import CALLBACK, LeftMessage
from services.context import Desk, NotFound, Outcome
from store import cases, directory, sheets

group = typer.Typer(
    no_args_is_help=True, help="Messages that were left for utilization staff, and the calls that return them."
)


@group.command()
def take(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE...]", help="umpire-callback/1 documents of a telephone system; '-' is standard input."
        ),
    ] = None,
    sender: Annotated[str | None, typer.Option(help="The telephone system that the files come from.")] = None,
    from_whom: Annotated[FromWhom | None, typer.Option("--from", help="By hand: who left the message.")] = None,
    name: Annotated[str | None, typer.Option(help="By hand: the caller's name. It stays in the store.")] = None,
    phone: Annotated[str | None, typer.Option(help="By hand: the number to call. It stays in the store.")] = None,
    about: Annotated[CallTopic, typer.Option(help="By hand: what it is about, as short as that.")] = CallTopic.OTHER,
    message: Annotated[str | None, typer.Option(help="By hand: what was said. It stays in the store.")] = None,
    member: Annotated[str | None, typer.Option(metavar="MEMBER-ID", help="By hand: the member it is about.")] = None,
    case: Annotated[str | None, typer.Option(metavar="CASE", help="By hand: the case it is about.")] = None,
    language: Annotated[str | None, typer.Option(help="By hand: the language that was asked for, such as es.")] = None,
    tty: Annotated[bool | None, typer.Option("--tty/--no-tty", help="By hand: whether TTY was asked for.")] = None,
    left_at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="By hand: when, such as 2026-03-02T19:40-06:00; now unless given."),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN-ID", help="The plan, for callers who are no members.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--as", envvar="UMPIRE_USER", show_envvar=True, help="By hand: who takes the message.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take a message. It is called back in the next hours of business of the plan's zone; a repeat joins its callback."""
    if bool(files) == (from_whom is not None):
        raise typer.BadParameter("give either files, or --from with --name and --phone")
    with told():
        here = office(context)
        if files:
            contents = {name: content_of(name) for name in files}
            outcomes = here.desk(lambda desk: _take_all(desk, contents, sender), without_engine=True)
        else:
            if not name or not phone:
                raise typer.BadParameter(
                    "a message that is called back needs a name and a number", param_hint="--phone"
                )
            if user is None:
                raise typer.BadParameter("is needed here", param_hint="--as")
            with here.reading() as s:
                if directory.reviewer(s, user) is None:
                    raise NotFound(f"The directory has no reviewer {user}.", "Check --as, or the variable UMPIRE_USER.")
                if member is not None and directory.member(s, member) is None:
                    raise NotFound("The directory has no member of this id.", "Leave it out where nobody knows it.")
                about_case = known_case(s, case) if case is not None else None
            said = _message(
                left_at=_instant(left_at) or here.clock(),
                from_whom=from_whom,
                member_id=member,
                caller_name=name,
                phone=phone,
                about=about,
                about_case=about_case,
                message=message,
                language=language,
                tty=tty,
                plan_id=plan,
                taken_by=user,
            )
            outcomes = {"": here.desk(lambda desk: contacts.leave_message(desk, said), without_engine=True)}
        tell(outcomes, as_json)


@group.command("list")
def list_(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only callbacks of this status.")] = CaseStatus.OPEN,
    as_json: Json = False,
) -> None:
    """Calls that are owed, the least time left first; with --status completed those that were returned."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = cases.find(s, status=status, process=ProcessKind.CALLBACK)
            shown = {key: sheet.content for key, sheet in sheets.all_of(s, ProcessKind.CALLBACK).items()}
        found = tuple(
            sorted(found, key=lambda view: (view.waiting.until if view.waiting else None) or view.received_at)
        )
        if as_json:
            output.as_json(found)
            return
        if not found:
            output.say("No calls are owed." if status is CaseStatus.OPEN else "No callbacks.")
            return
        now = here.clock()
        rows = [
            (
                output.left(view.waiting.until, now) if view.waiting and view.waiting.until else "",
                view.case_id,
                view.title,
                output.instant(view.received_at, view.zone),
                output.instant(view.waiting.until, view.zone) if view.waiting else "",
                _needs_of(shown.get(view.case_id, {})),
                f"{view.waiting.what} from {view.waiting.owner}" if view.waiting else output.words(view.status.value),
            )
            for view in found
        ]
        output.table(("Time left", "Callback", "What", "Left", "Due", "Needs", "Waits for"), rows)


async def _take_all(desk: Desk, contents: dict[str, bytes], sender: str | None) -> dict[str, Outcome]:
    return {name: await contacts.take(desk, raw, sender) for name, raw in contents.items()}


def _message(**said: Any) -> LeftMessage:
    try:
        return LeftMessage.model_validate({"format": CALLBACK, **said})
    except ValueError:
        raise typer.BadParameter(
            "a language is written as a code such as es; a number has at least three digits", param_hint="--language"
        ) from None


def _instant(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter("expected date, time and offset: 2026-03-02T19:40-06:00", param_hint="--left-at")
    return at


def _needs_of(content: Any) -> str:
    said = content.get("needs") if isinstance(content, dict) else None
    return needs(said) if isinstance(said, dict) else ""
