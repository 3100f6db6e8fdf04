"""`umpire concern`: raise a concern about quality or safety, or a referral to care management, from anything; list them."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.contacts.outcomes import tell
from cli.terminal import output
from cli.terminal.context import known_case, office
from cli.terminal.errors import told
from cli.terminal.options import Json, User
from domain.cases.views import CaseStatus, ProcessKind
from domain.errors import Refusal, Refused
from domain.vocabulary import ConcernKind
from intake.contacts import contacts
from interop.plain.callbacks_and_concerns import CONCERN, RaisedConcern
from services.context import NotFound
from store import cases, directory, sheets, tasks
from store.tasks import inbox_id_of

group = typer.Typer(no_args_is_help=True, help="Concerns about quality and safety, and referrals to care management.")


@group.command("raise")
def raise_(
    context: typer.Context,
    user: User,
    kind: Annotated[ConcernKind, typer.Option(help="What it is about.")],
    what: Annotated[
        str, typer.Option(help="What was seen, in words. It is kept with the concern and shown nowhere else.")
    ],
    case: Annotated[
        str | None, typer.Option(metavar="CASE", help="The case, stay, plan, review, call or concern it is about.")
    ] = None,
    task: Annotated[str | None, typer.Option(metavar="TASK", help="The task at which it was seen.")] = None,
    as_json: Json = False,
) -> None:
    """Raise a concern. The same words of the same person about the same thing join the concern that they raised before."""
    if (case is None) == (task is None):
        raise typer.BadParameter("give either --case or --task")
    if not what.strip():
        raise typer.BadParameter("say what was seen", param_hint="--what")
    with told():
        here = office(context)
        with here.reading() as s:
            if directory.reviewer(s, user) is None:
                raise NotFound(f"The directory has no reviewer {user}.", "Check --as, or the variable UMPIRE_USER.")
            if task is not None:
                found = tasks.get(s, task.strip())
                if found is None:
                    raise _no_task(task)
                about = found.case_id
            else:
                about = known_case(s, case or "")
        concern = RaisedConcern(
            format=CONCERN,
            kind=kind,
            what=what.strip(),
            raised_by=user,
            about_case=about,
            about_task=task.strip() if task is not None else None,
        )
        tell({"": here.desk(lambda desk: contacts.raise_concern(desk, concern), without_engine=True)}, as_json)


@group.command("list")
def list_(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only concerns of this status.")] = None,
    as_json: Json = False,
) -> None:
    """All concerns: what they are about, how far they are, and who owes what. Not what they say."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = cases.find(s, status=status, process=ProcessKind.CONCERN)
            about = {key: sheet.content for key, sheet in sheets.all_of(s, ProcessKind.CONCERN).items()}
        if as_json:
            output.as_json(found)
            return
        if not found:
            output.say("No concerns.")
            return
        rows = [
            (
                view.case_id,
                output.words(view.status.value),
                view.title,
                str(about.get(view.case_id, {}).get("about_dossier", "")),
                str(about.get(view.case_id, {}).get("raised_by", "")),
                output.instant(view.received_at, view.zone),
                output.instant(view.waiting.until, view.zone) if view.waiting else "",
                f"{view.waiting.what} from {view.waiting.owner}" if view.waiting else "",
            )
            for view in found
        ]
        output.table(("Concern", "Status", "What", "About", "Raised by", "Raised", "Due", "Waits for"), rows)


def _no_task(said: str) -> NotFound | Refused:
    if inbox_id_of(said) is None:
        return NotFound(f"There is no task {said}.", "List the open ones with 'umpire worklist'.")
    message, way_out = f"{said} is an arrival that has no case yet.", "Settle it first with 'umpire inbox resolve'."
    return Refused((Refusal(rule="task.inbox", message=message, way_out=way_out),))
